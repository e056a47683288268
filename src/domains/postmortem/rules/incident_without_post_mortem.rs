//! An incident that needs a post-mortem and has none.
use crate::{
    domains::postmortem::demand,
    kernel::diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT014",
    name: "incident-without-post-mortem",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-without-post-mortem.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for demand in demand::all(context.catalog) {
        let document = demand.incident.document;
        let resolved = demand.incident.record.clocks.resolved;
        // While there is time left nothing is missing.
        if demand.answer.is_some() || demand.due.or(resolved).is_none_or(|at| at >= context.now) {
            continue;
        }
        let name = document.name();
        let message = match demand.due {
            Some(due) => format!(
                "`{name}` has no post-mortem, which was due by {}: {}",
                super::clock(due),
                demand.because
            ),
            None => format!("`{name}` has no post-mortem, and needs one: {}", demand.because),
        };
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help(format!("`sre postmortem new {name}` writes what is known already")),
        );
    }
}
