//! `sre postmortem render`: a post-mortem as people read it.
use super::paths;
use crate::{
    adapters::files,
    cli::{Exit, Failure, Session, Workspace},
    domains::postmortem::page::{self, html, markdown},
};
use std::path::PathBuf;

/// Arguments of `sre postmortem render`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The post-mortem: its name, or a file that holds it.
    #[arg(value_name = "NAME|FILE")]
    name: String,
    /// As what; as the file's ending says, else Markdown.
    #[arg(long = "as", value_name = "FORM", value_parser = ["markdown", "html"])]
    form: Option<String>,
    /// The file to write, instead of printing it. It is replaced where it exists.
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Renders a post-mortem.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let names = std::slice::from_ref(&arguments.name);
    let workspace = Workspace::open(session, &paths(names, session))?;
    let chosen = super::chosen(names, true, session, &workspace)?;
    let [(document, spec)] = chosen.as_slice() else {
        let count = chosen.len();
        return Err(Failure::input(format!("{count} post-mortems are meant by this, not one"))
            .hint("`sre list PostMortem` shows what there is"));
    };
    let page = page::page(&workspace.catalog, document, spec, session.now());
    let ending = arguments.output.as_ref().and_then(|path| path.extension());
    let by_ending = ending.is_some_and(|ending| ending == "html" || ending == "htm");
    let as_html = arguments.form.as_deref().map_or(by_ending, |form| form == "html");
    let text = if as_html { html::text(&page) } else { markdown::text(&page) };
    match arguments.output.as_ref().filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            let path = session.path(path);
            files::write_atomically(&path, &text)?;
            session.note(&format!("wrote {}", session.shown(&path)));
        }
        None => session.print(text.as_bytes())?,
    }
    Ok(Exit::Success)
}
