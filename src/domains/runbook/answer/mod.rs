//! Answers of this domain as reports.
pub mod coverage;
pub mod list;
pub mod plan;
pub mod run;
pub mod show;
mod step;

pub use coverage::CoverageAnswer;
pub use list::RunbookListAnswer;
pub use plan::PlanAnswer;
pub use run::RunAnswer;
pub use show::RunbookAnswer;

/// A program and its arguments as a shell would be given them.
pub fn quoted<T: AsRef<str>>(arguments: &[T]) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+<>".contains(letter);
    let word = |word: &T| {
        let word = word.as_ref();
        if !word.is_empty() && word.chars().all(plain) && !word.starts_with(['<', '>']) {
            return word.to_owned();
        }
        format!("'{}'", word.replace('\'', r"'\''"))
    };
    arguments.iter().map(word).collect::<Vec<_>>().join(" ")
}
