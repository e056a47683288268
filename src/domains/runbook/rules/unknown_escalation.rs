//! An escalation path that leads to nobody.
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Field},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN018",
    name: "unknown-escalation",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unknown-escalation.md"),
    check: Check::Document(check),
};

use crate::{
    domains::oncall::{
        people::People,
        spec::{EscalationPolicy, Rotation, Team},
    },
    kernel::spec::problem,
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<Runbook>() else { return };
    let catalog = context.catalog;
    let people = People::of(catalog);
    for (name, place) in spec.escalation_path.iter().filter_map(Field::pair) {
        let name = name.as_str();
        let known = catalog.get::<Rotation>(name).is_some()
            || catalog.get::<EscalationPolicy>(name).is_some()
            || catalog.get::<Team>(name).is_some()
            || people.place(name).is_some();
        if known {
            continue;
        }
        let mut names: Vec<&str> = people.names().collect();
        names.extend(catalog.iter::<Rotation>().map(|(document, _)| document.name()));
        names.extend(catalog.iter::<Team>().map(|(document, _)| document.name()));
        let message =
            format!("`{name}` is no rotation, no escalation policy, no team and no person");
        let finding = Finding::new(&RULE, place, message);
        findings.push(match problem::closest(name, &names) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("write a Rotation, a Team or a person of that name"),
        });
    }
}
