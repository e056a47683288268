//! From a runbook as it is written to a plan that can be run.
mod parameters;
mod steps;

use super::{
    engine::{
        parameters::Parameter,
        plan::Plan,
        variables::{self, Template},
    },
    rules,
    spec::{AnyText, Runbook, SecretSpec},
};
use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{Document, Field, Optional as _, values},
};
use regex::Regex;
use std::{collections::BTreeSet, path::Path};

pub use parameters::{Given, bind};

/// A runbook with everything that can be known before its parameters have values.
#[derive(Clone, Debug)]
pub struct ResolvedRunbook<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a Runbook,
    /// Its parameters, in their order.
    pub parameters: Vec<ResolvedParameter>,
    /// What it works on; the name of the runbook where nothing is said.
    pub target: Template,
    /// What is done. Its target is set once parameters have values.
    pub plan: Plan,
    /// Variables of the environment that steps get from whoever runs it.
    pub inherited: Vec<String>,
}

/// A parameter, and where its value comes from.
#[derive(Clone, Debug)]
pub struct ResolvedParameter {
    /// What it can be.
    pub parameter: Parameter,
    /// What it is, in words.
    pub description: Option<String>,
    /// Where its value is taken from.
    pub secret: Option<SecretSource>,
}

/// Where a secret is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A variable of the environment.
    Environment(String),
    /// A file.
    File(String),
}

impl SecretSource {
    fn of(spec: &SecretSpec) -> Option<Self> {
        let env = spec.env.value().map(|name| Self::Environment(name.as_str().to_owned()));
        env.or_else(|| spec.file.value().cloned().map(Self::File))
    }

    /// In words: `the variable PGPASSWORD`.
    pub fn sentence(&self) -> String {
        match self {
            Self::Environment(name) => format!("the variable {name}"),
            Self::File(path) => format!("the file {path}"),
        }
    }
}

/// Resolves a runbook whose file stands in `folder`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn resolve<'a>(
    document: &'a Document,
    spec: &'a Runbook,
    folder: &Path,
) -> Result<ResolvedRunbook<'a>, Vec<Finding>> {
    let mut findings = Vec::new();
    let parameters = parameters::resolve(spec, &mut findings);
    let known: BTreeSet<String> = parameters.iter().map(|one| one.parameter.name.clone()).collect();
    let secrets: BTreeSet<String> = parameters
        .iter()
        .filter(|one| one.parameter.secret)
        .map(|one| one.parameter.name.clone())
        .collect();
    let mut reading = Reading { findings, known, secrets };
    let target = match spec.target.pair() {
        None => Template::literal(document.name()),
        Some((text, place)) => reading.template(text, place, Use::Shown),
    };
    let steps = steps::resolve(spec, folder, &mut reading);
    let inherited: Vec<String> = spec.requires.value().map_or_else(Vec::new, |requires| {
        let names = requires.env.iter().filter_map(Field::pair);
        names.filter_map(|(name, place)| reading.environment_name(name, place)).collect()
    });
    if !reading.findings.is_empty() {
        return Err(reading.findings);
    }
    let plan = Plan {
        runbook: document.name().to_owned(),
        target: document.name().to_owned(),
        steps,
        timeout: spec.timeout.value().copied(),
    };
    Ok(ResolvedRunbook { document, spec, parameters, target, plan, inherited })
}

/// What is known while a runbook is resolved.
struct Reading {
    findings: Vec<Finding>,
    /// Parameters, and values that the steps so far have captured.
    known: BTreeSet<String>,
    /// Those of them that must not be shown.
    secrets: BTreeSet<String>,
}

/// Where a text with names goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Into an argument, which everybody on the machine can see, or into what is shown.
    Shown,
    /// Into the environment of a program.
    Environment,
}

impl Reading {
    fn template(&mut self, text: &str, place: Place, goes: Use) -> Template {
        match Template::parse(text) {
            Ok(template) => {
                for name in template.names() {
                    self.use_of(name, place, goes);
                }
                template
            }
            Err(message) => {
                self.findings.push(
                    Finding::new(&rules::UNKNOWN_VARIABLE, place, message)
                        .help("write `$${` for `${` itself"),
                );
                Template::literal(text)
            }
        }
    }

    fn use_of(&mut self, name: &str, place: Place, goes: Use) {
        if !self.known.contains(name) {
            let message = format!("nothing is called `{name}` here");
            self.findings.push(Finding::new(&rules::UNKNOWN_VARIABLE, place, message).help(format!(
                "declare it under `params`, capture it in a step before, or write `$${{{name}}}` for the text itself"
            )));
        } else if goes == Use::Shown && self.secrets.contains(name) {
            let message = format!("the secret `{name}` would be seen by everybody on the machine");
            self.findings.push(Finding::new(&rules::SECRET_IN_ARGUMENTS, place, message).help(
                "programs find it in the variable of the same name; most also read it from a file or standard input",
            ));
        }
    }

    fn regex(&mut self, field: Option<&Field<String>>) -> Option<Regex> {
        let (text, place) = field?.pair()?;
        match Regex::new(text) {
            Ok(regex) => Some(regex),
            Err(error) => {
                let reason = error.to_string();
                let reason =
                    reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let message = format!("this is no regular expression: {reason}");
                self.findings.push(Finding::new(&rules::UNREADABLE_PATTERN, place, message));
                None
            }
        }
    }

    /// The name of a variable that a program may be given.
    fn environment_name(&mut self, name: &str, place: Place) -> Option<String> {
        let wrong = if !variables::is_name(name) {
            format!("`{name}` cannot be the name of a variable")
        } else if variables::is_reserved(name) {
            format!(
                "`{name}` decides what programs do behind the back of whoever reads the runbook"
            )
        } else {
            return Some(name.to_owned());
        };
        self.findings.push(Finding::new(&rules::RUNBOOK_SHAPE, place, wrong).help(
            "steps get PATH, HOME and what is needed to reach a terminal's user; choose another name for the rest",
        ));
        None
    }

    fn wrong(&mut self, place: Place, message: impl Into<String>, help: &str) {
        self.findings.push(Finding::new(&rules::RUNBOOK_SHAPE, place, message).help(help));
    }
}

/// Texts of a list.
fn texts(list: &[Field<AnyText>]) -> Vec<String> {
    values(list).map(|text| text.0.clone()).collect()
}
