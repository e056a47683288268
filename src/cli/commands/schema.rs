//! `sre schema`: JSON Schemas for editors and for readers of answers.
use crate::{
    cli::{Exit, Failure, Session},
    kernel::{
        report::FormKind,
        settings::Settings,
        spec::{problem, schema},
    },
    registry,
};
use serde_json::Value;

/// Arguments of `sre schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A kind, `settings` for `sre.yaml`, or the name of an answer such as `budget`; the whole language
    /// of documents unless said.
    what: Option<String>,
}

/// Prints a JSON Schema.
///
/// # Errors
/// If there is no such kind.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let value = match arguments.what.as_deref() {
        None => schema::document_schema(&registry::KINDS),
        Some("settings") => schema::file_schema::<Settings>("Settings of a catalog: sre.yaml"),
        Some(word) => named(word)?,
    };
    session.print(format!("{value:#}\n").as_bytes())?;
    Ok(Exit::Success)
}

/// The schema of a kind or of an answer.
fn named(word: &str) -> Result<Value, Failure> {
    if let Some(kind) = registry::KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(word)) {
        return Ok(schema::kind_schema(kind));
    }
    let forms = crate::cli::forms();
    if let Some(form) = forms.iter().find(|form| form.name() == word || form.schema == word) {
        return Ok((form.json_schema)());
    }
    let kinds: Vec<&str> = registry::KINDS.iter().map(|kind| kind.name).collect();
    let answers: Vec<&str> = forms.iter().map(FormKind::name).collect();
    Err(Failure::input(format!("no kind or answer is called `{word}`"))
        .hint(format!("the kinds are {}", problem::list(&kinds)))
        .hint(format!("the answers are {}; and there is `settings`", problem::list(&answers))))
}
