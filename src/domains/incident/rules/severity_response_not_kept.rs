//! A response time of a severity that its escalation cannot keep.
use crate::{
    domains::{
        incident::spec::IncidentResponse,
        oncall::{escalate, people::People, spec::EscalationPolicy},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Optional as _},
        time::Period,
    },
};
use chrono::TimeDelta;

pub(super) static RULE: Rule = Rule {
    code: "INC017",
    name: "severity-response-not-kept",
    level: Level::Warning,
    fixable: false,
    page: include_str!("severity-response-not-kept.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(response) = document.spec::<IncidentResponse>() else { return };
    let period = Period { from: context.now, to: context.now + TimeDelta::days(365) };
    for level in response.severity_levels.get().into_iter().flatten().filter_map(Field::get) {
        // Within hours a promise is not one about every page.
        if !level.hours.is_empty() {
            continue;
        }
        let (Some(name), Some((within, place)), Some(escalation)) =
            (level.name.get(), level.response_time.pair(), level.escalation.value())
        else {
            continue;
        };
        let found = context.catalog.get::<EscalationPolicy>(escalation.name());
        let Some(policy) = found
            .and_then(|(document, spec)| escalate::resolve(context.catalog, document, spec).ok())
        else {
            continue;
        };
        let absences = People::of(context.catalog).absences(&policy.zone);
        let open = policy.escalation.unanswered(period, *within, &absences);
        let Some(first) = open.first() else { continue };
        let at = policy.zone.local(first.from).format("%Y-%m-%d %H:%M");
        let message = format!(
            "of {name} at {at} {} nobody is told within {within} by `{}`",
            policy.zone,
            escalation.name()
        );
        findings.push(Finding::new(&RULE, place, message).help(format!(
            "tell somebody earlier, or promise less; `sre escalate prove {}` shows all such times",
            escalation.name()
        )));
    }
}
