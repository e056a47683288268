//! Events that were counted, judged.
use super::Finding;
use crate::{
    domains::slo::{assess::Measurements, resolve::ResolvedObjective},
    kernel::{
        report::words,
        series::{EventCount, WindowCount},
        time::Period,
        units::Instant,
    },
};

/// Share of a window below which so little of it is known that it is said, where the objective does not
/// say how much has to be.
const KNOWN: f64 = 0.9;

/// Events of a stretch of time, judged: whether there are any, and whether some are good. `part` says which
/// ones the indicator names: `good` or `bad`.
pub fn events(
    check: &'static str,
    count: EventCount,
    stretch: &str,
    part: &str,
) -> Option<Finding> {
    let total = number(count.total);
    if count.total <= 0.0 {
        let message = format!("no events in {stretch}");
        return Some(
            Finding::warning(check, message).help(
                "right if nothing happened; otherwise check what counts as an event (`total`)",
            ),
        );
    }
    if count.good <= 0.0 {
        let message = format!("not one of {total} events in {stretch} is good");
        return Some(
            Finding::warning(check, message)
                .help(format!("right if everything failed; otherwise check what counts as {part}")),
        );
    }
    Some(Finding::ok(
        check,
        format!("{} of {total} events in {stretch} are good", number(count.good)),
    ))
}

fn number(count: f64) -> String {
    words::number(count, usize::from(count.fract() != 0.0 && count < 100.0))
}

/// Measurements of an objective over one of its windows, judged.
pub fn measured(
    objective: &ResolvedObjective<'_>,
    groups: &[Measurements],
    chosen: Option<(Instant, Instant)>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut sum = EventCount::default();
    let mut worst: Option<(f64, &Measurements, Period)> = None;
    let mut unjudged = 0.0;
    for group in groups {
        let period = period(objective, group.at, chosen);
        let count: WindowCount = group.series.window(period.from, period.to);
        sum += count.events;
        let coverage = count.coverage();
        if worst.is_none_or(|(least, ..)| coverage < least) {
            worst = Some((coverage, group, period));
        }
        if let Some(judged) = &group.judged {
            let judged = judged.window(period.from, period.to).events;
            unjudged += judged.total - judged.good;
        }
    }
    let Some((coverage, group, period)) = worst else { return findings };
    findings.extend(events("events", sum, &format!("its window ({})", objective.window), "good"));
    if unjudged > 0.0 {
        let message = format!(
            "the condition is neither true nor false for {} events, which count as bad",
            number(unjudged)
        );
        findings.push(Finding::warning("condition", message).help(
            "a column is empty there: write what that means, such as `coalesce(status, 0)`, or leave such \
             events out of `total`",
        ));
    }
    findings.push(known(objective, coverage, group, period));
    findings
}

/// The stretch of time that an objective is about.
fn period(
    objective: &ResolvedObjective<'_>,
    at: Instant,
    chosen: Option<(Instant, Instant)>,
) -> Period {
    let from = match (chosen, objective.window.calendar()) {
        (Some((from, to)), _) => return Period { from, to },
        (None, Some(calendar)) => calendar.period(at).from,
        (None, None) => at - objective.objective.window().to_chrono(),
    };
    Period { from, to: at }
}

/// How much of the window is known.
fn known(
    objective: &ResolvedObjective<'_>,
    coverage: f64,
    group: &Measurements,
    period: Period,
) -> Finding {
    const CHECK: &str = "coverage";
    let share = words::percent_against(coverage, &[1.0]);
    let of_group: Vec<String> =
        group.group.iter().map(|(label, value)| format!("{label}={value}")).collect();
    let of_group =
        if of_group.is_empty() { String::new() } else { format!(" ({})", of_group.join(", ")) };
    let text = format!(
        "{share} of its window is known{of_group}: {} to {}",
        words::instant(period.from),
        words::instant(period.to)
    );
    let begins = group.series.counts().iter().position(Option::is_some).map(|step| {
        group.series.start()
            + group.series.step().to_chrono() * i32::try_from(step).unwrap_or(i32::MAX)
    });
    let late = begins.filter(|begins| *begins > period.from);
    let help = match late {
        Some(late) => format!("the data begin {}: add older files, or wait", words::instant(late)),
        None => {
            "there are gaps in the data: are files missing, or records of some time?".to_owned()
        }
    };
    match objective.minimum_coverage {
        Some(least) if coverage < least.as_f64() => {
            let message = format!("{text}; the objective asks for {}", least.percent());
            Finding::bad(CHECK, message).help(help)
        }
        None if coverage < KNOWN => Finding::warning(CHECK, text).help(help),
        _ => Finding::ok(CHECK, text),
    }
}
