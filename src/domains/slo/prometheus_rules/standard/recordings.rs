//! Events per window, and the share of bad ones.
use super::{
    super::{
        Rule,
        names::{BAD, ERROR_RATIO, TOTAL, WINDOW_LABEL},
    },
    BASE, Subject,
};
use crate::kernel::units::Duration;
use std::collections::BTreeSet;

/// The window of the dashboards' chart of a month.
const CHARTED: Duration = Duration::from_hours(1);

/// The windows over which the share of bad events is recorded, shortest first: those of the alerts, and
/// those that dashboards show.
pub(super) fn windows(subject: &Subject<'_>) -> BTreeSet<Duration> {
    let tiers = subject.objective.alerting.tiers.iter();
    tiers.flat_map(|tier| [tier.long, tier.short]).chain([BASE, CHARTED]).collect()
}

/// The rules. Of each window all events come first, then what is counted against them.
pub(super) fn rules(subject: &Subject<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    for window in windows(subject) {
        let record = |name: &str, expression: String| {
            Rule::record(format!("{name}{window}"), expression)
                .label(WINDOW_LABEL, window.to_string())
        };
        rules.push(record(TOTAL, subject.sides.total(window)));
        let bad = subject.sides.bad(window, &subject.identity);
        let total = subject.of_window(TOTAL, window);
        if window == BASE {
            rules.push(record(BAD, bad));
            let bad = subject.of_window(BAD, window);
            rules.push(record(ERROR_RATIO, format!("{bad}\n/\n({total} > 0)")));
        } else {
            let on = subject.sides.matching();
            rules.push(record(ERROR_RATIO, format!("(\n{bad}\n)\n/ {on}\n({total} > 0)")));
        }
    }
    rules
}
