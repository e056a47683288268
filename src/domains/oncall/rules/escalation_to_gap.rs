//! An escalation reaches nobody at some time.
use crate::{
    domains::oncall::people::People,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ONC018",
    name: "escalation-to-gap",
    level: Level::Warning,
    fixable: false,
    page: include_str!("escalation-to-gap.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = super::policy_of(context, document) else { return };
    let absences = People::of(context.catalog).absences(&policy.zone);
    let period = super::year_ahead(context);
    let whole = policy.escalation.longest();
    let open = policy.escalation.unanswered(period, whole, &absences);
    let Some(first) = open.first() else { return };
    let at = super::clock(&policy.zone, first.from);
    let message = format!("of a page at {at} nobody is ever told");
    findings.push(Finding::new(&RULE, document.name_place(), message).help(format!(
        "end with a step that always has somebody; `sre escalate prove {}` shows all such times",
        document.name()
    )));
}
