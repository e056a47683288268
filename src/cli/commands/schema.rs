//! `sre schema`: JSON Schemas for editors and for readers of answers.
use crate::{
    cli::{Exit, Failure, Session},
    kernel::{
        settings::Settings,
        spec::{problem, schema},
    },
    registry,
};

/// Arguments of `sre schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A kind, or `settings` for `sre.yaml`; the whole language unless said.
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
        Some(word) => {
            let kind = registry::KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(word));
            let Some(kind) = kind else {
                let names: Vec<&str> = registry::KINDS.iter().map(|kind| kind.name).collect();
                let failure = Failure::input(format!("no kind is called `{word}`"));
                return Err(
                    failure.hint(format!("there is: {}, `settings`", problem::list(&names)))
                );
            };
            schema::kind_schema(kind)
        }
    };
    session.print(format!("{value:#}\n").as_bytes())?;
    Ok(Exit::Success)
}
