//! A step would print a secret.
use super::{commands, is_shell, runbook_of, shell, steps};
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Optional as _},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN011",
    name: "secret-printed",
    level: Level::Warning,
    fixable: false,
    page: include_str!("secret-printed.md"),
    check: Check::Document(check),
};

use regex::Regex;
use std::sync::LazyLock;

/// Commands that print the whole environment, or everything that a shell does.
static PRINTS_ALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)(^|[;&|(]\s*|\s)(set\s+-[a-z]*x|printenv(\s*$|\s*[;|&])|env\s*($|[;|&])|export\s+-p)",
    )
    .ok()
});

/// Commands that print their arguments.
static PRINTS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)(^|[;&|({]\s*)(echo|printf)\s[^;&|\n]*").ok());

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let (Some(runbook), Some(spec)) = (runbook_of(document), document.spec::<Runbook>()) else {
        return;
    };
    let secrets: Vec<&str> = runbook
        .parameters
        .iter()
        .filter(|one| one.parameter.secret)
        .map(|one| one.parameter.name.as_str())
        .collect();
    if secrets.is_empty() {
        return;
    }
    for (step, _) in steps(spec).filter(|(step, _)| is_shell(spec, step)) {
        if step.no_output.value() == Some(&true) {
            continue;
        }
        for (text, place) in commands(step) {
            let all = PRINTS_ALL.as_ref().is_some_and(|regex| regex.is_match(text));
            let printed = PRINTS.iter().flat_map(|regex| regex.find_iter(text)).find_map(|one| {
                // What is piped on is read by another program and not printed.
                let piped = text.get(one.end()..).is_some_and(|rest| rest.starts_with('|'));
                let named = secrets.iter().find(|name| shell::mentions(one.as_str(), name));
                named.filter(|_| !piped && !one.as_str().contains('>'))
            });
            let message = match (printed, all) {
                (Some(name), _) => format!("this prints the secret `{name}`"),
                (None, true) => "this prints all variables, and secrets are among them".to_owned(),
                (None, false) => continue,
            };
            findings.push(Finding::new(&RULE, place, message).help(
                "take it out, or say `no_output: true`; secrets are taken out of what is shown, \
                 but only in the forms that are known",
            ));
        }
    }
}
