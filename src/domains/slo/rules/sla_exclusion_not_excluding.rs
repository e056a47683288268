//! An exclusion that leaves nothing out.
use crate::{
    domains::slo::spec::{AdjustmentMode, BudgetAdjustment, ServiceLevelAgreement},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLA007",
    name: "sla-exclusion-not-excluding",
    level: Level::Warning,
    fixable: false,
    page: include_str!("sla-exclusion-not-excluding.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(sla) = document.spec::<ServiceLevelAgreement>() else { return };
    for (name, place) in sla.exclusions_by.iter().filter_map(Field::pair) {
        let found = context.catalog.get::<BudgetAdjustment>(name.name());
        let Some((mode, at)) = found.and_then(|(_, adjustment)| adjustment.mode.pair()) else {
            continue;
        };
        if *mode != AdjustmentMode::Exclude {
            let message = format!("`{}` leaves no time out", name.name());
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(at, "it changes what the events of that time count as")
                    .help("name adjustments of `mode: exclude`"),
            );
        }
    }
}
