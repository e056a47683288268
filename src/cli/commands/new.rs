//! `sre new`: a document of a kind, ready to be filled in.
use crate::{
    adapters::files::{self, PathKind},
    cli::{Exit, Failure, Session},
    kernel::spec::problem,
    registry,
};
use std::path::PathBuf;

/// Arguments of `sre new`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The kind, such as `SLO`.
    kind: String,
    /// The document's name, such as `checkout-availability`.
    name: String,
    /// The file to write; else `KIND/NAME.yaml` in the catalog; `-` prints it.
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes a new document.
///
/// # Errors
/// If there is no such kind, or the file exists.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let names: Vec<&str> = registry::KINDS.iter().map(|kind| kind.name).collect();
    let kind = registry::KINDS
        .iter()
        .find(|kind| kind.name.eq_ignore_ascii_case(&arguments.kind))
        .ok_or_else(|| {
            let failure = Failure::input(format!("no kind is called `{}`", arguments.kind));
            match problem::closest(&arguments.kind, &names) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("the kinds are {}", problem::list(&names))),
            }
        })?;
    let portable =
        arguments.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !portable || arguments.name.is_empty() || arguments.name.starts_with('-') {
        return Err(Failure::input(format!("`{}` does not make a good name", arguments.name))
            .hint("use small letters, digits and dashes, such as `checkout-availability`"));
    }
    let text = kind.template.replace("{name}", &arguments.name);
    let path = match &arguments.output {
        Some(path) if path.as_os_str() == "-" => {
            session.print(text.as_bytes())?;
            return Ok(Exit::Success);
        }
        Some(path) => session.path(path),
        None => {
            let root = catalog_folder(session);
            root.join(kind.name.to_ascii_lowercase()).join(format!("{}.yaml", arguments.name))
        }
    };
    files::create(&path, &text)?;
    session.note(&format!("wrote {}", session.shown(&path)));
    Ok(Exit::Success)
}

/// Where new documents are written.
pub(super) fn catalog_folder(session: &Session<'_, '_>) -> PathBuf {
    if let Some(specs) = &session.global().specs {
        return session.path(specs);
    }
    // A catalog of `sre init` keeps its documents in a folder of its own below the settings.
    let root = files::catalog_root(session.folder()).unwrap_or_else(|| session.folder().to_owned());
    let specs = root.join("specs");
    if files::kind(&specs) == PathKind::Folder { specs } else { root }
}
