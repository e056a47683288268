//! Alert policies held against the measured past of an objective.
use super::{
    assess::{Assessment, Reading},
    engine::backtest::{
        self, Firing, Options, Replay,
        expectation::{FalsePages, false_pages},
        incidents::{Definition, Incident, find},
        score::Score,
    },
    incidents::GivenIncident,
    model::{AlertPolicy, AlertTier},
};
use crate::kernel::{
    time::Zone,
    units::{Duration, Instant},
};
use chrono::{NaiveTime, Timelike as _};
use std::str::FromStr;

/// An objective, and what alert policies would have said of its past.
#[derive(Clone, Debug)]
pub struct Backtested<'x, 'a> {
    /// The objective, and what was measured.
    pub assessment: &'x Assessment<'a>,
    /// When something was wrong, in order of time; those that lie in the history.
    pub incidents: Vec<Incident>,
    /// What each policy would have said: the objective's own first. Nothing where nothing was measured.
    pub policies: Vec<Backtest>,
}

/// What a policy would have said.
#[derive(Clone, Debug)]
pub struct Backtest {
    /// Name of the policy.
    pub name: String,
    /// When it fires.
    pub replay: Replay,
    /// How well each tier tells of the incidents, in the replay's order.
    pub tiers: Vec<Score>,
    /// How well each alert does, in the replay's order.
    pub alerts: Vec<Score>,
    /// The pages that chance makes likely; `None` where no page can be judged, or for less than a day.
    pub false_pages: Option<FalsePages>,
}

/// A policy that is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What it is called.
    pub name: String,
    /// Its tiers.
    pub policy: AlertPolicy,
}

/// Where incidents come from.
#[derive(Clone, Copy, Debug)]
pub enum Truth<'t> {
    /// Somebody wrote them down.
    Given(&'t [GivenIncident]),
    /// They are found in what was measured.
    Found(Definition),
}

/// Replays policies over what was measured of an objective.
pub fn backtest<'x, 'a>(
    assessment: &'x Assessment<'a>,
    candidates: &[Candidate],
    truth: Truth<'_>,
    options: &Options,
) -> Backtested<'x, 'a> {
    let Some(reading) = assessment.reading() else {
        return Backtested { assessment, incidents: Vec::new(), policies: Vec::new() };
    };
    let (objective, series) = (assessment.objective.objective, &*reading.series);
    // A step that is not over is not evaluated.
    let to = options.to.map_or(reading.at, |to| to.min(reading.at));
    let options = &Options { to: Some(to), ..*options };
    let incidents = match truth {
        Truth::Given(given) => given_of(given, assessment, reading, options),
        Truth::Found(definition) => {
            let mut found = find(objective, series, definition);
            found.retain(|one| {
                options.from.is_none_or(|from| one.to > from)
                    && options.to.is_none_or(|to| one.from < to)
            });
            found
        }
    };
    let policies = candidates.iter().map(|candidate| {
        let replay = backtest::replay(objective, &candidate.policy, series, options);
        let tiers = replay.tiers.iter().map(|one| one.score(&replay, series, &incidents)).collect();
        let alerts = replay.alerts.iter();
        let alerts = alerts.map(|one| one.score(&replay, series, &incidents)).collect();
        let false_pages = false_pages(objective, &candidate.policy, series, options);
        Backtest { name: candidate.name.clone(), replay, tiers, alerts, false_pages }
    });
    Backtested { policies: policies.collect(), assessment, incidents }
}

/// The incidents that are about an objective and overlap what was measured of it.
fn given_of(
    given: &[GivenIncident],
    assessment: &Assessment<'_>,
    reading: &Reading,
    options: &Options,
) -> Vec<Incident> {
    let name = assessment.objective.document.name();
    let (start, end) = (reading.series.start(), reading.series.end());
    let (start, end) = (options.from.unwrap_or(start), options.to.unwrap_or(end));
    let failed = |one: &GivenIncident| {
        reading.series.window(one.from, one.to.unwrap_or(end)).events.bad() > 0.0
    };
    let about = given.iter().filter(|one| match one.slo.as_deref() {
        Some(slo) => slo == name,
        // What did not touch the objective at all is not for its alerts to tell.
        None => failed(one),
    });
    let incidents = about.map(|one| Incident {
        from: one.from,
        to: one.to.unwrap_or(end.max(one.from)),
        name: one.name.clone(),
    });
    incidents.filter(|one| one.from < end && one.to > start).collect()
}

/// Hours of the day in which nobody wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Night {
    from: NaiveTime,
    to: NaiveTime,
}

impl Default for Night {
    fn default() -> Self {
        let clock = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        Self { from: clock(22), to: clock(6) }
    }
}

impl Night {
    /// Whether it is night at `at` where clocks show the time of `zone`.
    pub fn holds(self, at: Instant, zone: &Zone) -> bool {
        let now = zone.local(at).time();
        if self.from <= self.to {
            self.from <= now && now < self.to
        } else {
            now >= self.from || now < self.to
        }
    }

    /// How many of the firings begin at night.
    pub fn count(self, firings: &[Firing], zone: &Zone) -> usize {
        firings.iter().filter(|firing| self.holds(firing.from, zone)).count()
    }
}

impl std::fmt::Display for Night {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clock = |time: NaiveTime| format!("{:02}:{:02}", time.hour(), time.minute());
        write!(f, "{}-{}", clock(self.from), clock(self.to))
    }
}

impl FromStr for Night {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let clock = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let (from, to) = text.split_once('-').unwrap_or_default();
        match (clock(from), clock(to)) {
            (Some(from), Some(to)) if from != to => Ok(Self { from, to }),
            _ => Err("expected the hours of the night, such as `22:00-06:00`".to_owned()),
        }
    }
}

/// The longest time that one of the policies looks back: its windows, and for as long as it has to hold.
pub fn looks_back(candidates: &[Candidate], hold: Option<Duration>) -> Duration {
    let tiers = candidates.iter().flat_map(|one| &one.policy.tiers);
    let holding = |tier: &AlertTier| AlertTier { hold: hold.unwrap_or(tier.hold), ..tier.clone() };
    tiers.map(|tier| holding(tier).looks_back()).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_go_over_midnight_in_their_zone() {
        let berlin = Zone::get("Europe/Berlin").unwrap();
        let night = Night::default();
        assert_eq!(night.to_string(), "22:00-06:00");
        for (at, utc, local) in [
            ("2026-03-03T20:59:00Z", false, false),
            ("2026-03-03T21:00:00Z", false, true),
            ("2026-03-03T22:00:00Z", true, true),
            ("2026-03-04T05:00:00Z", true, false),
            ("2026-03-04T06:00:00Z", false, false),
            // Summer time: six o'clock is at four.
            ("2026-07-04T03:59:00Z", true, true),
            ("2026-07-04T04:00:00Z", true, false),
        ] {
            let at: Instant = at.parse().unwrap();
            assert_eq!(
                (night.holds(at, &Zone::UTC), night.holds(at, &berlin)),
                (utc, local),
                "{at}"
            );
        }
        let siesta: Night = "13:00-15:30".parse().unwrap();
        assert!(siesta.holds("2026-03-03T15:29:00Z".parse().unwrap(), &Zone::UTC));
        assert!(!siesta.holds("2026-03-03T15:30:00Z".parse().unwrap(), &Zone::UTC));
        for wrong in ["", "22-6", "22:00", "25:00-06:00", "06:00-06:00"] {
            assert!(wrong.parse::<Night>().is_err(), "{wrong}");
        }
    }
}
