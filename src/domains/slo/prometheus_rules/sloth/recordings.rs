//! Ratios of errors over the windows of the alerts, and over the period.
use super::{
    super::{
        Rule,
        names::{ERROR_RATIO, WINDOW_LABEL},
    },
    Options,
    subject::{Measured, Subject, Texts},
};
use crate::{domains::slo::dialects::sloth::with_window, kernel::units::Duration};

/// The rules of the first group.
pub(super) fn rules(subject: &Subject, options: &Options) -> Vec<Rule> {
    if !subject.parts.ratios {
        return Vec::new();
    }
    let windows = subject.windows.iter().chain([&subject.period]);
    windows.map(|window| rule(subject, *window, options)).collect()
}

fn rule(subject: &Subject, window: Duration, options: &Options) -> Rule {
    let expression = if window == subject.period && subject.parts.optimized {
        over_period(subject)
    } else {
        measured(&subject.measured, window)
    };
    let mut rule = Rule::record(format!("{ERROR_RATIO}{window}"), expression);
    let own = [(WINDOW_LABEL.to_owned(), window.to_string())];
    rule.labels = labels(subject, options, own.into());
    rule
}

/// Labels of a series: the identity and what is said of it, under those of the document, under those that
/// are asked for.
pub(super) fn labels(subject: &Subject, options: &Options, own: Texts) -> Texts {
    let mut labels = subject.identity();
    labels.extend(own);
    labels.extend(options.labels.clone());
    labels.extend(subject.labels.clone());
    labels
}

/// The share of bad events over a window, asked for itself.
fn measured(measured: &Measured, window: Duration) -> String {
    let fill = |query: &str| with_window(query, &window.to_string());
    match measured {
        Measured::Events { error, total } => format!("({})\n/\n({})\n", fill(error), fill(total)),
        Measured::Ratio(query) => format!("({})", fill(query)),
    }
}

/// The mean of the shares over the shortest window: less to compute than the share itself, and not the
/// same where traffic is uneven.
fn over_period(subject: &Subject) -> String {
    let series = format!("{ERROR_RATIO}{}{}", subject.base, subject.selector());
    let period = subject.period;
    format!(
        "sum_over_time({series}[{period}])\n/ ignoring ({WINDOW_LABEL})\n\
         count_over_time({series}[{period}])\n"
    )
}
