//! An indicator of latency that an objective gives no limit.
use crate::{
    domains::slo::{
        rules::resolved::{indicator_of, judges_latency},
        spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO008",
    name: "latency-slo-without-threshold",
    level: Level::Error,
    fixable: false,
    page: include_str!("latency-slo-without-threshold.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some((_, place)) = slo.sli.pair() else { return };
    let compared = indicator_of(context.catalog, document, slo).and_then(judges_latency);
    if let (Some(compared), None) = (compared, &slo.threshold) {
        let message = format!("`{}` does not say how fast is fast enough", document.name());
        findings.push(
            Finding::new(&RULE, place, message)
                .related(compared, "this is compared with the objective's threshold")
                .help("write the longest time that is still good: `threshold: 300ms`"),
        );
    }
}
