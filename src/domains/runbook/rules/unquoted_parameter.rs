//! A parameter stands in a shell's text without quotes.
use super::{commands, is_shell, runbook_of, shell, steps};
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::Document,
};

pub(super) static RULE: Rule = Rule {
    code: "RUN009",
    name: "unquoted-parameter",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unquoted-parameter.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let (Some(runbook), Some(spec)) = (runbook_of(document), document.spec::<Runbook>()) else {
        return;
    };
    let parameters = runbook.parameters.iter().map(|one| one.parameter.name.as_str());
    let captured = runbook.plan.steps.iter().filter_map(|step| step.capture.as_ref());
    let names: Vec<&str> = parameters.chain(captured.map(|one| one.name.as_str())).collect();
    for (step, _) in steps(spec).filter(|(step, _)| is_shell(spec, step)) {
        for (text, place) in commands(step) {
            let mut told = std::collections::BTreeSet::new();
            for (name, _) in shell::unquoted(text, &names) {
                if told.insert(name) {
                    let message = format!("`${name}` is not in quotes");
                    findings.push(Finding::new(&RULE, place, message).help(format!(
                        "write `\"${name}\"`: else a shell splits the value into words, and takes `*` in it for files"
                    )));
                }
            }
        }
    }
}
