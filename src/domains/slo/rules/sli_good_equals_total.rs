//! Two sides of a ratio that are the same.
use crate::{
    domains::slo::rules::resolved::{Sides, own_indicator, sides},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI005",
    name: "sli-good-equals-total",
    level: Level::Error,
    fixable: false,
    page: include_str!("sli-good-equals-total.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    for Sides { good, bad, total } in sides(indicator) {
        findings.extend(same(("good", good), ("total", total), "every event is good"));
        findings.extend(same(("bad", bad), ("total", total), "every event is bad"));
        findings.extend(same(("bad", bad), ("good", good), "every event is good and bad"));
    }
}

type Side<'d> = (&'static str, Option<(&'d str, Place)>);

fn same(one: Side<'_>, other: Side<'_>, so: &str) -> Option<Finding> {
    let ((text, place), (other_text, other_place)) = (one.1?, other.1?);
    let spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    (spaces(text) == spaces(other_text)).then(|| {
        Finding::new(&RULE, place, format!("`{}` and `{}` are the same: {so}", one.0, other.0))
            .related(other_place, format!("`{}`", other.0))
            .help("write what makes an event good on one side only")
    })
}
