//! A tier of alerts that looks further back than the budget.
use crate::{
    domains::slo::{
        resolve,
        rules::resolved::{policy_of, tiers},
        spec::ServiceLevelObjective,
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
    code: "ALR004",
    name: "alert-window-longer-than-slo-window",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-window-longer-than-slo-window.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some((window, place)) = slo.written_windows().next() else { return };
    let Some(window) = resolve::window_of(window) else { return };
    let length = window.length();
    for tier in policy_of(context, document, slo).into_iter().flat_map(tiers) {
        let Some((long, long_place)) = tier.long.pair() else { continue };
        if *long > length {
            let message = format!(
                "an alert looks back `{long}`, the budget of `{}` only `{window}`",
                document.name()
            );
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(long_place, "the alert's long window")
                    .help("shorten the alert's window, or lengthen that of the objective"),
            );
        }
    }
}
