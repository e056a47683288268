//! Which runbook is meant, and the values of its parameters.
use crate::{
    adapters::files,
    cli::{Failure, Session, arguments::Selection, commands::oncall::Opened},
    domains::runbook::{
        engine::variables::Variables,
        resolve::{self, Given, ResolvedRunbook, SecretSource},
        spec::Runbook,
    },
    kernel::spec::Document,
};
use std::{collections::BTreeMap, path::PathBuf};

/// Values of parameters on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Values {
    /// The value of a parameter; may be repeated.
    #[arg(short = 'p', long = "param", value_name = "NAME=VALUE", value_parser = value)]
    values: Vec<(String, String)>,
}

/// Reads `name=value`; the value may be empty and hold anything.
fn value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it like `database=orders`".to_owned()),
    }
}

impl Values {
    /// The values by name.
    ///
    /// # Errors
    /// If one is given twice.
    pub(super) fn by_name(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut values = BTreeMap::new();
        for (name, value) in &self.values {
            if values.insert(name.clone(), value.clone()).is_some() {
                return Err(Failure::input(format!("`{name}` is given twice")));
            }
        }
        Ok(values)
    }
}

/// The runbook of that name, or the one in that file.
///
/// # Errors
/// If there is none, or several, or it has errors.
pub(super) fn runbook<'o>(
    session: &mut Session<'_, '_>,
    opened: &'o Opened,
    name: &str,
) -> Result<ResolvedRunbook<'o>, Failure> {
    let named = [name.to_owned()];
    let found = opened.documents::<Runbook>(session, &named, &Selection::default())?;
    let [(document, spec)] = found.as_slice() else {
        return Err(Failure::input(format!("several runbooks are meant by `{name}`"))
            .hint("name one by its name"));
    };
    let folder = folder(opened, document);
    resolve::resolve(document, spec, &folder).map_err(|wrong| opened.refuse(document, &wrong))
}

/// The folder of the file of a runbook.
pub(super) fn folder(opened: &Opened, document: &Document) -> PathBuf {
    let path = opened.workspace.path(document.place.source);
    let folder = path.and_then(|path| path.parent()).unwrap_or(&opened.workspace.root);
    files::canonical(folder)
}

/// The text of a runbook, as it stands in its file: what is hashed, reviewed and run.
pub(super) fn text<'o>(opened: &'o Opened, document: &Document) -> &'o str {
    let text = &opened.workspace.sources.get(document.place.source).text;
    let range = document.place.start as usize..document.place.end as usize;
    text.get(range).unwrap_or(text).trim()
}

/// The values of all parameters: those given, else defaults, secrets from where they are.
///
/// # Errors
/// Everything that is wrong with them.
pub(super) fn bind(
    session: &Session<'_, '_>,
    runbook: &ResolvedRunbook<'_>,
    values: &BTreeMap<String, String>,
) -> Result<Variables, Vec<String>> {
    let environment = session.environment();
    let read = |source: &SecretSource| secret(environment, source);
    resolve::bind(runbook, &Given { values, read: &read })
}

fn secret(environment: &BTreeMap<String, String>, source: &SecretSource) -> Result<String, String> {
    match source {
        SecretSource::Environment(name) => {
            environment.get(name).cloned().ok_or_else(|| format!("the variable {name} is not set"))
        }
        SecretSource::File(name) => {
            let path = match name.strip_prefix("~/") {
                Some(rest) => {
                    let home = environment.get("HOME").ok_or("HOME is not set")?;
                    PathBuf::from(home).join(rest)
                }
                None => PathBuf::from(name),
            };
            let text = files::read_document(&path).map_err(|error| error.to_string())?;
            let text = text.strip_suffix('\n').unwrap_or(&text);
            Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
        }
    }
}
