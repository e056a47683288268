//! Names as OpenSLO takes them: DNS labels, each for one document.
use super::super::metadata::is_dns_label;
use std::collections::{BTreeMap, BTreeSet};

/// Names that were given, by kind.
#[derive(Debug, Default)]
pub(super) struct Names {
    written: BTreeMap<(&'static str, String), String>,
    taken: BTreeSet<(&'static str, String)>,
}

impl Names {
    /// The name of a document of that kind, and whether it was asked for the first time.
    pub(super) fn of(&mut self, kind: &'static str, name: &str) -> (String, bool) {
        let key = (kind, name.to_owned());
        if let Some(written) = self.written.get(&key) {
            return (written.clone(), false);
        }
        let label = label(name);
        let mut written = label.clone();
        let mut number = 1;
        while !self.taken.insert((kind, written.clone())) {
            number += 1;
            written = format!("{}-{number}", label.chars().take(55).collect::<String>());
        }
        self.written.insert(key, written.clone());
        (written, true)
    }
}

/// The nearest DNS label.
pub(super) fn label(name: &str) -> String {
    if is_dns_label(name) {
        return name.to_owned();
    }
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<String> =
        words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    let joined: String = words.join("-").chars().take(63).collect();
    let label = joined.trim_end_matches('-');
    if label.is_empty() { "unnamed".to_owned() } else { label.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels_and_differ() {
        let mut names = Names::default();
        assert_eq!(names.of("SLO", "a-b"), ("a-b".to_owned(), true));
        assert_eq!(names.of("SLO", "A b"), ("a-b-2".to_owned(), true));
        assert_eq!(names.of("SLO", "A b"), ("a-b-2".to_owned(), false));
        assert_eq!(names.of("Service", "A b"), ("a-b".to_owned(), true));
        assert!(is_dns_label(&label(&"日本 ".repeat(90))));
        assert!(is_dns_label(&label(&"long name ".repeat(90))));
    }
}
