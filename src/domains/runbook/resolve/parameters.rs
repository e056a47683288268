//! Parameters: what they can be, and their values.
use super::{ResolvedParameter, ResolvedRunbook, SecretSource, texts};
use crate::{
    domains::runbook::{
        engine::{
            parameters::{Parameter, Type},
            variables::{Value, Variables, is_reserved},
        },
        rules,
        spec::{ParameterSpec, ParameterType, Runbook},
    },
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Field, Optional as _, problem},
    },
};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn resolve(spec: &Runbook, findings: &mut Vec<Finding>) -> Vec<ResolvedParameter> {
    let mut names = BTreeSet::new();
    let mut resolved = Vec::new();
    for (parameter, place) in spec.params.iter().filter_map(Field::pair) {
        let Some((name, name_place)) = parameter.name.pair() else { continue };
        if !names.insert(name.clone()) {
            let message = format!("another parameter is called `{name}`");
            findings.push(Finding::new(&rules::RUNBOOK_SHAPE, name_place, message));
        }
        if is_reserved(name.as_str()) {
            let message = format!("`{name}` is a variable that programs take for something else");
            findings.push(
                Finding::new(&rules::RUNBOOK_SHAPE, name_place, message).help(
                    "choose another name: programs find the value in the variable of that name",
                ),
            );
        }
        resolved.push(one(parameter, place, name.as_str(), findings));
    }
    resolved
}

fn one(
    spec: &ParameterSpec,
    place: Place,
    name: &str,
    findings: &mut Vec<Finding>,
) -> ResolvedParameter {
    let mut wrong = |place: Place, message: String, help: &str| {
        findings.push(Finding::new(&rules::RUNBOOK_SHAPE, place, message).help(help));
    };
    let choices = texts(&spec.choices);
    let (min, max) = (spec.min.value().copied(), spec.max.value().copied());
    let asked = spec.kind.value().copied();
    let implied = if choices.is_empty() { ParameterType::Text } else { ParameterType::Choice };
    let kind = asked.unwrap_or(implied);
    if kind == ParameterType::Choice && choices.is_empty() {
        wrong(place, format!("`{name}` has nothing to choose from"), "list `choices`");
    }
    if kind != ParameterType::Choice && !choices.is_empty() {
        wrong(
            place,
            format!("`{name}` has `choices` and is of another type"),
            "take one of the two out",
        );
    }
    if kind != ParameterType::Integer && (min.is_some() || max.is_some()) {
        wrong(
            place,
            format!("`{name}` has a least or greatest value and is no number"),
            "say `type: integer`",
        );
    }
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        wrong(
            place,
            format!("no number is both at least and at most that of `{name}`"),
            "swap `min` and `max`",
        );
    }
    let lines = spec.lines.value().copied().unwrap_or(false);
    if lines && kind != ParameterType::Text {
        wrong(place, format!("`{name}` has several lines and is no text"), "take `lines` out");
    }
    let kind = match kind {
        ParameterType::Text => Type::Text { lines },
        ParameterType::Integer => Type::Integer { min, max },
        ParameterType::Boolean => Type::Boolean,
        ParameterType::Choice => Type::Choice(choices),
        ParameterType::Duration => Type::Duration,
    };
    let mut pattern = None;
    if let Some((text, place)) = spec.pattern.pair() {
        pattern = Regex::new(text).ok();
        if pattern.is_none() {
            let message = format!("`{text}` is no regular expression");
            findings.push(Finding::new(&rules::UNREADABLE_PATTERN, place, message));
        }
    }
    let secret = spec.secret.value().and_then(SecretSource::of);
    let default = spec.default.pair().map(|(text, place)| (text.0.clone(), place));
    let parameter = Parameter {
        name: name.to_owned(),
        kind,
        pattern,
        default: default.as_ref().map(|(text, _)| text.clone()),
        secret: spec.secret.is_some(),
    };
    if let Some((text, place)) = default {
        if parameter.secret {
            let message = format!("the secret `{name}` has a value that everybody can read here");
            findings.push(
                Finding::new(&rules::RUNBOOK_SHAPE, place, message).help("take `default` out"),
            );
        } else if let Err(message) = parameter.check(&text) {
            findings.push(
                Finding::new(&rules::RUNBOOK_SHAPE, place, message)
                    .help("a default has to be a value that could be given"),
            );
        }
    }
    let description = spec.description.value().cloned();
    ResolvedParameter { parameter, description, secret }
}

/// Values that are given, and where secrets are read.
pub struct Given<'g> {
    /// Values by the names of parameters.
    pub values: &'g BTreeMap<String, String>,
    /// Reads a secret.
    pub read: &'g dyn Fn(&SecretSource) -> Result<String, String>,
}

/// The values of all parameters, each checked against its type.
///
/// # Errors
/// Everything that is wrong with them, at once.
pub fn bind(runbook: &ResolvedRunbook<'_>, given: &Given<'_>) -> Result<Variables, Vec<String>> {
    let (mut variables, mut wrong) = (Variables::new(), Vec::new());
    let names: Vec<&str> =
        runbook.parameters.iter().map(|one| one.parameter.name.as_str()).collect();
    for name in given.values.keys().filter(|name| !names.contains(&name.as_str())) {
        let near = problem::closest(name, &names);
        wrong.push(match near {
            Some(near) => format!("no parameter is called `{name}`; did you mean `{near}`?"),
            None if names.is_empty() => format!("no parameter is called `{name}`; there are none"),
            None => format!("no parameter is called `{name}`; there are {}", names.join(", ")),
        });
    }
    for ResolvedParameter { parameter, secret, .. } in &runbook.parameters {
        let name = &parameter.name;
        let value = match (given.values.get(name), secret) {
            (Some(_), Some(source)) => {
                wrong.push(format!(
                    "the secret `{name}` is not given on the command line, where everybody can see it; it is taken from {}",
                    source.sentence()
                ));
                continue;
            }
            (Some(value), None) => value.clone(),
            (None, Some(source)) => match (given.read)(source) {
                Ok(value) => value,
                Err(why) => {
                    wrong.push(format!("the secret `{name}`: {why}"));
                    continue;
                }
            },
            (None, None) => {
                let Some(default) = &parameter.default else {
                    wrong.push(format!("`{name}` has no value"));
                    continue;
                };
                default.clone()
            }
        };
        match parameter.check(&value) {
            Ok(()) => {
                variables.insert(name.clone(), Value { text: value, secret: parameter.secret });
            }
            Err(why) => wrong.push(why),
        }
    }
    if wrong.is_empty() { Ok(variables) } else { Err(wrong) }
}
