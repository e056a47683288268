//! An escalation reaches nobody at some time.
use crate::{
    domains::oncall::{escalate, people::People, spec::EscalationPolicy},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
        time::Period,
    },
};
use chrono::TimeDelta;

pub(super) static RULE: Rule = Rule {
    code: "ONC018",
    name: "escalation-to-gap",
    level: Level::Warning,
    fixable: false,
    page: include_str!("escalation-to-gap.md"),
    check: Check::Document(check),
};

/// How far ahead to look.
const AHEAD: TimeDelta = TimeDelta::days(365);

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<EscalationPolicy>() else { return };
    let Ok(policy) = escalate::resolve(context.catalog, document, spec) else { return };
    let absences = People::of(context.catalog).absences(&policy.zone);
    let period = Period { from: context.now, to: context.now + AHEAD };
    let whole = policy.escalation.longest();
    let open = policy.escalation.unanswered(period, whole, &absences);
    let Some(first) = open.first() else { return };
    let at = policy.zone.local(first.from).format("%Y-%m-%d %H:%M");
    let message = format!("of a page at {at} {} nobody is ever told", policy.zone);
    findings.push(Finding::new(&RULE, document.name_place(), message).help(format!(
        "end with a step that always has somebody; `sre escalate prove {}` shows all such times",
        document.name()
    )));
}
