//! Measuring as much of the past as is to be replayed.
use super::{Measuring, Replaying, assess, check_period};
use crate::{
    cli::{Failure, Session, Workspace},
    domains::slo::{assess::Assessment, spec::ServiceLevelObjective},
    kernel::{
        spec::Document,
        units::{Duration, Instant},
    },
};

/// The steps in which servers are asked, and those in which they are asked where the first are too short for
/// how often they scrape.
const SERVER_STEPS: [Duration; 2] = [Duration::from_minutes(1), Duration::from_minutes(5)];

/// Below this share of the history, steps are too short.
const MOSTLY: f64 = 0.5;

/// Measures the objectives over all the time that is to be replayed, and so much before it as policies look back.
///
/// # Errors
/// As [`assess`](super::assess); and where the time that is looked at has no length.
pub(in crate::cli) fn replayable<'a>(
    arguments: &Measuring,
    interval: Option<Duration>,
    history: Duration,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
    chosen: &[(&'a Document, &'a ServiceLevelObjective)],
) -> Result<Vec<Assessment<'a>>, Failure> {
    // What is looked at is a stretch of time, but alerts look back beyond it.
    check_period(arguments)?;
    let range = arguments.from.zip(arguments.to);
    let measuring = |server_step: Duration| Measuring {
        from: None,
        to: None,
        at: range.map(|(_, to)| to).or(arguments.at),
        replaying: Some(Replaying {
            step: interval,
            server_step,
            length: range.map(|(from, to)| between(from, to)),
            history,
        }),
        ..arguments.clone()
    };
    let [usual, longer] = SERVER_STEPS;
    let step = interval.unwrap_or(usual);
    let mut found = assess(&measuring(step), session, workspace, chosen)?;
    if interval.is_none() && found.iter().any(is_too_fine) {
        session.note(&format!(
            "note: a server knows too little of steps of {usual}, and is asked for {longer}; --interval says \
             otherwise"
        ));
        found = assess(&measuring(longer), session, workspace, chosen)?;
    }
    // Alerts are about the first window of an objective.
    found.retain(|assessment| assessment.objective.first_window);
    Ok(found)
}

/// Whether a server knows too little of steps that are so short: it scrapes less often.
fn is_too_fine(assessment: &Assessment<'_>) -> bool {
    let Some(reading) = assessment.reading().filter(|reading| reading.extrapolated) else {
        return false;
    };
    // Not counting time before there was anything at all.
    let counts = reading.series.counts();
    let known = counts.iter().skip_while(|count| count.is_none());
    let (known, measured) = known
        .fold((0_u64, 0_u64), |(all, some), count| (all + 1, some + u64::from(count.is_some())));
    (measured as f64) < MOSTLY * known as f64
}

fn between(from: Instant, to: Instant) -> Duration {
    Duration::from_milliseconds(u64::try_from((to - from).num_milliseconds()).unwrap_or(0))
}
