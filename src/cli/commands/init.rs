//! `sre init`: a new catalog that works.
use crate::{
    adapters::files::{self, PathKind, SETTINGS_FILE},
    cli::{Exit, Failure, Session},
};
use std::path::PathBuf;

/// Arguments of `sre init`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder of the catalog.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

/// What a new catalog consists of.
const FILES: [(&str, &str); 4] = [
    (SETTINGS_FILE, include_str!("init/sre.yaml")),
    ("specs/checkout.yaml", include_str!("init/checkout.yaml")),
    ("data/requests.csv", include_str!("init/requests.csv")),
    (".github/workflows/sre.yaml", include_str!("init/workflow.yaml")),
];

/// Makes a catalog.
///
/// # Errors
/// If the folder has a catalog, or a file exists: nothing is written then.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let folder = session.path(&arguments.folder);
    for (name, _) in FILES {
        let path = folder.join(name);
        if files::kind(&path) != PathKind::Missing {
            return Err(Failure::input(format!("`{}` exists already", session.shown(&path)))
                .hint("`sre init` makes new catalogs only; choose another folder"));
        }
    }
    for (name, text) in FILES {
        files::create(&folder.join(name), text)?;
        session.note(&format!("wrote {}", session.shown(&folder.join(name))));
    }
    let at = session.shown(&folder);
    let enter = if at == "." { String::new() } else { format!("cd {at} && ") };
    session.note(&format!("\nnow try: {enter}sre validate && sre budget"));
    Ok(Exit::Success)
}
