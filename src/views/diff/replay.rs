//! What a change would have meant for alerts on a measured history.
//!
//! The alerts before and after are replayed at the same moments. Incidents are looked for once, by the
//! stricter of the two targets in what is measured after the change, so that both are held against the
//! same: what the old alerts told of and the new ones miss is what a reviewer wants to know, even where the
//! new target calls it no incident.
use crate::{
    domains::slo::{
        assess::Assessment,
        engine::backtest::{
            self, Options, Replay,
            incidents::{Definition, Incident, find},
            score::{Score, Verdict},
        },
        model::{AlertPolicy, AlertTier, Objective, Severity},
        resolve::ResolvedObjective,
    },
    kernel::{
        series::EventSeries,
        units::{Duration, Instant},
    },
};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// What the alerts of an objective would have said before and after a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// The objective.
    pub(super) name: String,
    /// Values of the labels by which it is grouped.
    pub(super) group: BTreeMap<String, String>,
    /// What is known, or why nothing is.
    pub(super) outcome: Result<Outcome, String>,
}

/// What alerts would have said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    /// First and last moment at which they were evaluated.
    pub(super) evaluated: (Instant, Instant),
    /// Incidents in that time.
    pub(super) incidents: usize,
    pub(super) before: Said,
    pub(super) after: Said,
}

/// What the alerts of one side would have said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// Bad events that the window allows at the measured traffic.
    pub(super) budget_events: f64,
    /// Pages, and how many that is in 30 days; `None` where pages cannot be judged, or there are none.
    pub(super) pages: Option<(usize, f64)>,
    /// Tickets, and how many that is in 30 days.
    pub(super) tickets: Option<(usize, f64)>,
    /// Firings that no incident is behind.
    pub(super) false_alerts: usize,
    /// Incidents that no alert tells of.
    pub(super) missed: usize,
    /// Incidents of which that is not known.
    pub(super) not_judged: usize,
    /// From the beginning of an incident to the first alert: the middle one and the longest.
    pub(super) detection: Option<(TimeDelta, TimeDelta)>,
}

/// One side of a comparison: what is promised, when to alert, and what was measured.
struct Side<'s> {
    objective: Objective,
    policy: &'s AlertPolicy,
    series: &'s EventSeries,
}

impl Replayed {
    /// What would have been said of an objective that is called `name` now. `before` is what it was
    /// promised to be; `measured_before` what was measured then, where that is something else.
    pub fn of(
        before: &ResolvedObjective<'_>,
        after: &Assessment<'_>,
        measured_before: Option<&Assessment<'_>>,
    ) -> Self {
        let (name, group) = (
            after.objective.document.name().to_owned(),
            after.reading().map(|reading| reading.group.clone()).unwrap_or_default(),
        );
        let reading = |one: &Assessment<'_>| match (one.reading(), &one.outcome) {
            (Some(reading), _) => Ok((reading.series.clone(), reading.at)),
            (None, Err(unknown)) => Err(unknown.reason.clone()),
            (None, Ok(_)) => Err("nothing was measured".to_owned()),
        };
        let outcome = reading(after).and_then(|(series, at)| {
            let (old_series, at) = match measured_before {
                None => (series.clone(), at),
                Some(one) => reading(one).map(|(series, end)| (series, at.min(end)))?,
            };
            let was =
                Side { objective: before.objective, policy: &before.alerting, series: &old_series };
            let is = Side {
                objective: after.objective.objective,
                policy: &after.objective.alerting,
                series: &series,
            };
            replay(&was, &is, at)
        });
        Self { name, group, outcome }
    }

    /// The name, with the labels of its group.
    pub(super) fn title(&self) -> String {
        let labels: Vec<String> =
            self.group.iter().map(|(key, value)| format!("{key}={value}")).collect();
        if labels.is_empty() {
            self.name.clone()
        } else {
            format!("{} {}", self.name, labels.join(","))
        }
    }

    /// That an objective could not be measured.
    pub fn unknown(name: &str, reason: impl Into<String>) -> Self {
        Self { name: name.to_owned(), group: BTreeMap::new(), outcome: Err(reason.into()) }
    }
}

fn replay(before: &Side<'_>, after: &Side<'_>, at: Instant) -> Result<Outcome, String> {
    let start = before.series.start().max(after.series.start());
    let history =
        Duration::from_milliseconds(u64::try_from((at - start).num_milliseconds()).unwrap_or(0));
    let tiers = before.policy.tiers.iter().chain(&after.policy.tiers);
    let looks_back = tiers.map(AlertTier::looks_back).filter(|length| *length < history).max();
    // Both from the moment on at which all that can be judged is.
    let from = start + looks_back.unwrap_or_default().to_chrono();
    let options = Options { from: Some(from), to: Some(at), ..Options::default() };
    let run =
        |side: &Side<'_>| backtest::replay(side.objective, side.policy, side.series, &options);
    let (was, is) = (run(before), run(after));
    let evaluated = was.evaluated.or(is.evaluated).ok_or_else(|| {
        format!("the history of {history} is too short for any window of the alerts")
    })?;
    let strict = if before.objective.target() > after.objective.target() { before } else { after };
    let mut incidents = find(strict.objective, after.series, Definition::default());
    incidents.retain(|one| one.to > evaluated.0 && one.from < evaluated.1);
    Ok(Outcome {
        evaluated,
        incidents: incidents.len(),
        before: said(before, &was, &incidents),
        after: said(after, &is, &incidents),
    })
}

fn said(side: &Side<'_>, replay: &Replay, incidents: &[Incident]) -> Said {
    let scores: Vec<Score> =
        replay.alerts.iter().map(|one| one.score(replay, side.series, incidents)).collect();
    let of = |severity| {
        let alert = replay.alerts.iter().find(|one| one.severity == severity)?;
        Some((alert.firings.len(), alert.per_month(replay)?))
    };
    let mut said = Said {
        budget_events: replay.allowed,
        pages: of(Severity::Page),
        tickets: of(Severity::Ticket),
        false_alerts: scores.iter().map(|score| score.false_firings).sum(),
        ..Said::default()
    };
    let mut delays = Vec::new();
    for at in 0..incidents.len() {
        let verdicts = || scores.iter().filter_map(|score| score.incidents.get(at));
        let detected = || {
            verdicts().filter_map(|verdict| match verdict {
                Verdict::Detected(detection) => Some(detection.after),
                Verdict::NotJudged | Verdict::Missed => None,
            })
        };
        // An alert that may have fired before says nothing of when it was.
        let is_known = detected().all(|after| after.is_some());
        match detected().flatten().min() {
            Some(after) if is_known => delays.push(after),
            _ if detected().next().is_some() => {}
            _ if verdicts().any(|one| *one == Verdict::NotJudged) => said.not_judged += 1,
            _ => said.missed += 1,
        }
    }
    delays.sort_unstable();
    said.detection = delays.get(delays.len() / 2).copied().zip(delays.last().copied());
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domains::slo::model::AlertTier,
        kernel::{series::EventCount, units::Ratio},
    };

    const MINUTE: Duration = Duration::from_minutes(1);

    /// Ten days of a hundred events a minute, with two hours of 20 % errors on the fifth day and ten
    /// minutes of nothing but errors on the eighth.
    fn series() -> EventSeries {
        let bad = |minute: u64| match minute {
            5760..5880 => 20.0,
            10_080..10_090 => 100.0,
            _ => 0.0,
        };
        let counts =
            (0..14_400).map(|minute| Some(EventCount { good: 100.0 - bad(minute), total: 100.0 }));
        EventSeries::new("2026-03-01T00:00:00Z".parse().unwrap(), MINUTE, counts.collect())
    }

    fn policy(factor: &str) -> AlertPolicy {
        let tier = AlertTier::new(
            Severity::Page,
            Duration::from_hours(1),
            Duration::from_minutes(5),
            factor.parse().unwrap(),
        );
        AlertPolicy { tiers: vec![tier] }
    }

    fn objective(target: &str) -> Objective {
        Objective::new(target.parse::<Ratio>().unwrap(), Duration::from_days(30)).unwrap()
    }

    #[test]
    fn what_the_old_alerts_told_of_and_the_new_ones_miss() {
        let series = series();
        let (strict, lax) = (policy("14.4"), policy("250"));
        let side = |objective, policy| Side { objective, policy, series: &series };
        let (before, after) = (side(objective("99.9%"), &strict), side(objective("99.9%"), &lax));
        let end = series.end();
        let outcome = replay(&before, &after, end).unwrap();
        // A fifth of the events failed for two hours: a budget of 4,320 events lost 2,400 of them; ten
        // minutes of everything lost 1,000.
        assert_eq!(outcome.incidents, 2);
        assert!((outcome.before.budget_events - 4320.0).abs() < 1e-6);
        assert_eq!((outcome.before.pages.unwrap().0, outcome.before.missed), (2, 0));
        // 25 % of an hour is more than ten minutes of it, and more than a fifth.
        assert_eq!((outcome.after.pages.unwrap().0, outcome.after.missed), (0, 2));
        assert_eq!(outcome.after.detection, None);
        // Above 14.4 · 0.1 % of an hour's 6,000 events are 86.4: five minutes of 20, one of 100.
        assert_eq!(outcome.before.detection, Some((TimeDelta::minutes(5), TimeDelta::minutes(5))));
        let per_month = outcome.before.pages.unwrap().1;
        assert!((per_month - 2.0 * 30.0 / (10.0 - 1.0 / 24.0)).abs() < 0.01, "{per_month}");
    }

    #[test]
    fn incidents_are_those_of_the_stricter_target() {
        let series = series();
        let workbook = policy("14.4");
        let side =
            |target| Side { objective: objective(target), policy: &workbook, series: &series };
        let outcome = replay(&side("99.9%"), &side("90%"), series.end()).unwrap();
        assert_eq!(outcome.incidents, 2);
        assert_eq!((outcome.before.missed, outcome.after.missed), (0, 2));
        assert!((outcome.after.budget_events - 432_000.0).abs() < 1e-3);
        let back = replay(&side("90%"), &side("99.9%"), series.end()).unwrap();
        assert_eq!((back.before, back.after), (outcome.after, outcome.before));
    }

    #[test]
    fn a_history_that_is_too_short_says_so() {
        let series = EventSeries::new("2026-03-01T00:00:00Z".parse().unwrap(), MINUTE, vec![]);
        let workbook = policy("14.4");
        let side = || Side { objective: objective("99%"), policy: &workbook, series: &series };
        assert!(replay(&side(), &side(), series.end()).unwrap_err().contains("too short"));
    }
}
