//! `sre man`: the manual pages.
use crate::{
    adapters::files,
    cli::{Exit, Failure, Session, command},
};
use std::path::PathBuf;

/// Arguments of `sre man`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Writes one page per command into this folder instead of printing the main page.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints or writes the manual pages.
///
/// # Errors
/// If they cannot be written.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let command = command();
    let Some(folder) = &arguments.out else {
        let page = page(command)?;
        session.print(&page)?;
        return Ok(Exit::Success);
    };
    let folder = session.path(folder);
    let mut pages = vec![("sre.1".to_owned(), page(command.clone())?)];
    for subcommand in command.get_subcommands() {
        let name = format!("sre-{}", subcommand.get_name());
        for below in subcommand.get_subcommands() {
            let name = format!("{name}-{}", below.get_name());
            pages.push((format!("{name}.1"), page(below.clone().name(name))?));
        }
        pages.push((format!("{name}.1"), page(subcommand.clone().name(name))?));
    }
    for (name, page) in &pages {
        files::create(&folder.join(name), &String::from_utf8_lossy(page))?;
    }
    session.note(&format!("wrote {} pages into {}", pages.len(), session.shown(&folder)));
    Ok(Exit::Success)
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command).render(&mut bytes)?;
    Ok(bytes)
}
