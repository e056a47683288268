//! Credits that do not grow with the failure.
use crate::{
    domains::slo::spec::ServiceLevelAgreement,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLA003",
    name: "sla-credit-tiers-unordered",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sla-credit-tiers-unordered.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(sla) = document.spec::<ServiceLevelAgreement>() else { return };
    let tiers: Vec<_> = values(&sla.credit_tiers)
        .filter_map(|tier| Some((tier.below.pair()?, tier.credit.pair()?)))
        .collect();
    for pair in tiers.windows(2) {
        let [
            ((below, below_at), (credit, credit_at)),
            ((next_below, next_at), (next_credit, next_credit_at)),
        ] = pair
        else {
            continue;
        };
        if next_below >= below {
            let message = format!(
                "the tier below {} stands after the one below {}",
                next_below.percent(),
                below.percent()
            );
            findings.push(
                Finding::new(&RULE, *next_at, message)
                    .related(*below_at, "the tier before")
                    .help("list the tiers from the mildest to the worst"),
            );
        } else if next_credit < credit {
            let message = format!(
                "below {} less is paid back ({}) than above it ({})",
                next_below.percent(),
                next_credit.percent(),
                credit.percent()
            );
            findings.push(
                Finding::new(&RULE, *next_credit_at, message)
                    .related(*credit_at, "the tier before")
                    .help("let the credit grow with the failure"),
            );
        }
    }
}
