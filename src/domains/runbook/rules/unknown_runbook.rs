//! An objective names a runbook that is not there.
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Optional as _},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN021",
    name: "unknown-runbook",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unknown-runbook.md"),
    check: Check::Document(check),
};

use crate::{
    domains::{runbook::coverage::looks_like_a_name, slo::spec::ServiceLevelObjective},
    kernel::spec::problem,
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some((name, place)) = slo.runbook.pair() else { return };
    let catalog = context.catalog;
    // Whoever keeps no runbooks here names them as their wiki does.
    if !looks_like_a_name(name)
        || catalog.get::<Runbook>(name).is_some()
        || catalog.iter::<Runbook>().next().is_none()
    {
        return;
    }
    let names: Vec<&str> = catalog.iter::<Runbook>().map(|(document, _)| document.name()).collect();
    let finding = Finding::new(&RULE, place, format!("no Runbook is called `{name}`"));
    findings.push(match problem::closest(name, &names) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("write a Runbook with this name, or the address of one elsewhere"),
    });
}
