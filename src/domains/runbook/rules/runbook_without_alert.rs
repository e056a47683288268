//! A runbook that no alert leads to.
use crate::domains::runbook::coverage;
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::Document,
};

pub(super) static RULE: Rule = Rule {
    code: "RUN013",
    name: "runbook-without-alert",
    level: Level::Warning,
    fixable: false,
    page: include_str!("runbook-without-alert.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    if spec.alerts.is_empty()
        && spec.slos.is_empty()
        && !coverage::is_named(context.catalog, document.name())
    {
        let message = format!("no alert leads to `{}`", document.name());
        findings.push(Finding::new(&RULE, document.name_place(), message).help(
            "name the alerts that it is for under `alerts`, objectives under `slos`, or it in the `runbook` of an objective",
        ));
    }
}
