//! An exchange that nobody has approved.
use crate::{
    domains::oncall::spec::Rotation,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ONC019",
    name: "swap-not-approved",
    level: Level::Warning,
    fixable: false,
    page: include_str!("swap-not-approved.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(rotation) = document.spec::<Rotation>() else { return };
    for (swap, place) in rotation.swaps.iter().filter_map(Field::pair) {
        let Some(user) = swap.user.get() else { continue };
        match swap.approved_by.value() {
            Some(approver) if approver != user => {}
            Some(_) => {
                let message =
                    format!("`{user}` has asked for this swap and approved it: it has no effect");
                findings
                    .push(Finding::new(&RULE, place, message).help("let somebody else approve it"));
            }
            None => {
                findings.push(
                    Finding::new(&RULE, place, "nobody has approved this swap: it has no effect")
                        .help("write who has in `approved_by`, or take it out"),
                );
            }
        }
    }
}
