//! Impact that ends before it begins.
use crate::{
    domains::incident::spec::Incident,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Optional as _},
        time::rfc3339,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC020",
    name: "incident-impact-reversed",
    level: Level::Error,
    fixable: false,
    page: include_str!("incident-impact-reversed.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    for impact in incident.impact.iter().filter_map(Field::get) {
        let (Some(from), Some((to, place))) = (impact.from.get(), impact.to.pair()) else {
            continue;
        };
        if to.0 <= from.0 {
            let message =
                format!("it ends at {}, and begins at {}", rfc3339(to.0), rfc3339(from.0));
            findings
                .push(Finding::new(&RULE, place, message).help(
                    "`from` is the beginning, `to` the end; leave `to` out while it goes on",
                ));
        }
    }
}
