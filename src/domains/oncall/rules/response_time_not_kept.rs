//! A response time that an escalation cannot keep.
use crate::{
    domains::oncall::people::People,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ONC023",
    name: "response-time-not-kept",
    level: Level::Warning,
    fixable: false,
    page: include_str!("response-time-not-kept.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(policy) = super::policy_of(context, document) else { return };
    if policy.spec.respond_within.is_empty() {
        return;
    }
    let absences = People::of(context.catalog).absences(&policy.zone);
    let period = super::year_ahead(context);
    for (promise, place) in policy.spec.respond_within.iter().filter_map(Field::pair) {
        let (Some(severity), Some(within)) = (promise.severity.get(), promise.within.get()) else {
            continue;
        };
        let open = policy.escalation.unanswered(period, *within, &absences);
        let Some(first) = open.first() else { continue };
        let at = super::clock(&policy.zone, first.from);
        let message = format!("of a {severity} at {at} nobody is told within {within}");
        findings.push(Finding::new(&RULE, place, message).help(format!(
            "tell somebody earlier, or close the gap; `sre escalate prove {}` shows all such times",
            document.name()
        )));
    }
}
