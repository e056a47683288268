//! A response time that an escalation cannot keep.
use crate::{
    domains::oncall::{escalate, people::People, spec::EscalationPolicy},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
        time::Period,
    },
};
use chrono::TimeDelta;

pub(super) static RULE: Rule = Rule {
    code: "ONC023",
    name: "response-time-not-kept",
    level: Level::Warning,
    fixable: false,
    page: include_str!("response-time-not-kept.md"),
    check: Check::Document(check),
};

/// How far ahead to look.
const AHEAD: TimeDelta = TimeDelta::days(365);

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<EscalationPolicy>().filter(|it| !it.respond_within.is_empty())
    else {
        return;
    };
    let Ok(policy) = escalate::resolve(context.catalog, document, spec) else { return };
    let absences = People::of(context.catalog).absences(&policy.zone);
    let period = Period { from: context.now, to: context.now + AHEAD };
    for (promise, place) in spec.respond_within.iter().filter_map(Field::pair) {
        let (Some(severity), Some(within)) = (promise.severity.get(), promise.within.get()) else {
            continue;
        };
        let open = policy.escalation.unanswered(period, *within, &absences);
        let Some(first) = open.first() else { continue };
        let at = policy.zone.local(first.from).format("%Y-%m-%d %H:%M");
        let message =
            format!("of a {severity} at {at} {} nobody is told within {within}", policy.zone);
        findings.push(Finding::new(&RULE, place, message).help(format!(
            "tell somebody earlier, or close the gap; `sre escalate prove {}` shows all such times",
            document.name()
        )));
    }
}
