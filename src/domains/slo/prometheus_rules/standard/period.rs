//! The budget of the objective's window.
use super::{
    super::{
        Rule,
        names::{
            BAD, BUDGET_REMAINING, CURRENT_BURN_RATE, ERROR_RATIO, PERIOD_BURN_RATE, TOTAL,
            WINDOW_LABEL,
        },
    },
    BASE, Subject,
};
use crate::kernel::measure::server::window_text;

/// The share of bad events over the window, from the events that were recorded in it; how fast that
/// spends the budget, now and over the window; and what is left.
pub(super) fn rules(subject: &Subject<'_>) -> Vec<Rule> {
    let window = subject.objective.objective.window();
    let range = window_text(window);
    let sum = |name| format!("sum_over_time({}[{range}])", subject.of_window(name, BASE));
    let ratio = format!("{}\n/ ignoring ({WINDOW_LABEL})\n({} > 0)", sum(BAD), sum(TOTAL));
    let budget = subject.objective.objective.error_budget();
    let burn = |window| {
        let ratio = subject.of_window(ERROR_RATIO, window);
        format!("max without ({WINDOW_LABEL}) ({ratio})\n/\n{budget}")
    };
    vec![
        Rule::record(format!("{ERROR_RATIO}{window}"), ratio)
            .label(WINDOW_LABEL, window.to_string()),
        Rule::record(CURRENT_BURN_RATE, burn(BASE)),
        Rule::record(PERIOD_BURN_RATE, burn(window)),
        Rule::record(BUDGET_REMAINING, format!("1 - {}", subject.series(PERIOD_BURN_RATE))),
    ]
}
