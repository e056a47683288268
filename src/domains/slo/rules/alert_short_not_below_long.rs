//! A pair of windows in the wrong order.
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
    code: "ALR003",
    name: "alert-short-not-below-long",
    level: Level::Error,
    fixable: false,
    page: include_str!("alert-short-not-below-long.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((policy, _)) = own_policy(document) else { return };
    for tier in tiers(policy) {
        let (Some((short, place)), Some((long, long_place))) =
            (tier.short.pair(), tier.long.pair())
        else {
            continue;
        };
        // Equal ones are one window, which is another rule's subject.
        if short > long {
            let message =
                format!("the short window of `{short}` is longer than the long one of `{long}`");
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(long_place, "the long window")
                    .help("a twelfth of the long window is usual: `5m` for `1h`"),
            );
        }
    }
}
