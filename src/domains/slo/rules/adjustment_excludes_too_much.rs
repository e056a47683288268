//! A change of a budget that leaves little of it.
use crate::{
    domains::slo::{
        model::Window,
        resolve,
        rules::recurrence,
        spec::{AdjustmentMode, BudgetAdjustment, ServiceLevelObjective},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Optional, values},
        units::Duration,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ADJ007",
    name: "adjustment-excludes-too-much",
    level: Level::Warning,
    fixable: false,
    page: include_str!("adjustment-excludes-too-much.md"),
    check: Check::Document(check),
};

/// Share of a window that may be seen otherwise than it was measured before someone should look.
const LIMIT: f64 = 0.1;

const DAY: f64 = 86_400.0;

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(adjustment) = document.spec::<BudgetAdjustment>() else { return };
    // To count more as bad never flatters.
    if adjustment.mode.get() == Some(&AdjustmentMode::Bad) {
        return;
    }
    let slos = values(adjustment.slos.get().map_or(&[][..], Vec::as_slice));
    let windows = slos
        .filter_map(|slo| context.catalog.get::<ServiceLevelObjective>(slo.name()))
        .filter_map(|(document, slo)| {
            let windows = resolve::windows(document, slo, context.settings);
            Some((document.name(), windows.iter().map(Window::length).min()?))
        });
    let Some((name, window)) = windows.min_by_key(|(_, window)| *window) else { return };
    let Some((share, place)) = affected(adjustment, window) else { return };
    if share > LIMIT {
        let message = format!(
            "up to {:.0}% of every `{window}` of `{name}` is not counted as measured",
            (share * 100.0).min(100.0)
        );
        findings.push(
            Finding::new(&RULE, place, message)
                .help("shorten it, or promise less: users meet these failures all the same"),
        );
    }
}

/// The greatest share of a window that the adjustment touches, and where its length is written.
fn affected(adjustment: &BudgetAdjustment, window: Duration) -> Option<(f64, Place)> {
    if let Some(interval) = adjustment.interval.value() {
        let (from, (to, place)) = (interval.from.get()?, interval.to.pair()?);
        let seconds = (to.0 - from.0).num_milliseconds() as f64 / 1000.0;
        return Some((seconds / window.seconds(), place));
    }
    let recurrence = adjustment.recurrence.value()?;
    let (duration, place) = recurrence.duration.pair()?;
    let per_day = recurrence::parse(recurrence.rule.get()?).ok()?.per_day?;
    Some((duration.seconds() * per_day / DAY, place))
}
