//! A tier that looks at one window only.
use crate::{
    domains::slo::rules::resolved::{own_policy, tiers},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR011",
    name: "alert-one-window",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-one-window.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    // Other tools know alerts with one window: there it is meant.
    if document.dialect.is_some() {
        return;
    }
    let Some((policy, _)) = own_policy(document) else { return };
    for tier in tiers(policy) {
        if let (Some((short, place)), Some((long, long_place))) =
            (tier.short.pair(), tier.long.pair())
            && short == long
        {
            let message =
                format!("both windows are `{long}` long, so that the tier looks at one only");
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(long_place, "the long window")
                    .help("leave `short` out, and it is a twelfth of the long window"),
            );
        }
    }
}
