//! Tiers that are not listed from the urgent to the patient.
use crate::{
    domains::slo::{
        model::Severity,
        rules::resolved::{own_policy, tiers},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR008",
    name: "alert-tiers-unordered",
    level: Level::Note,
    fixable: false,
    page: include_str!("alert-tiers-unordered.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((policy, _)) = own_policy(document) else { return };
    let mut ticket = None;
    for (severity, place) in tiers(policy).filter_map(|tier| tier.severity.pair()) {
        match (severity, ticket) {
            (Severity::Ticket, None) => ticket = Some(place),
            (Severity::Page, Some(ticket)) => {
                findings.push(
                    Finding::new(&RULE, place, "a tier that pages stands below one that does not")
                        .related(ticket, "the less urgent tier")
                        .help("list the tiers from the most to the least urgent"),
                );
                return;
            }
            _ => {}
        }
    }
}
