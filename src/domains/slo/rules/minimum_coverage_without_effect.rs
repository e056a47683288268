//! A least coverage where all that is missing is filled.
use crate::{
    domains::slo::{model::NoData, spec::ServiceLevelObjective},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO023",
    name: "minimum-coverage-without-effect",
    level: Level::Warning,
    fixable: false,
    page: include_str!("minimum-coverage-without-effect.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some((no_data, no_data_place)) = slo.no_data.pair() else { return };
    let Some((_, place)) = slo.minimum_coverage.pair() else { return };
    let filled = match no_data {
        NoData::Unknown => return,
        NoData::Good => "good",
        NoData::Bad => "bad",
    };
    let message = format!(
        "this has no effect: what was not measured counts as {filled}, so that all is covered"
    );
    findings.push(
        Finding::new(&RULE, place, message)
            .related(no_data_place, "counted here")
            .help("remove one of the two"),
    );
}
