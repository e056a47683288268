//! What alerts are worth: fired intervals held against incidents.
use super::{AlertReplay, Firing, Judged, Replay, TierReplay, incidents::Incident, share};
use crate::kernel::{
    series::EventSeries,
    units::{Duration, Instant},
};
use chrono::TimeDelta;

/// How well something that fires tells of incidents.
///
/// Source of the four qualities: The Site Reliability Workbook, "Alerting on SLOs", "Alerting considerations".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// How often it fires.
    pub firings: usize,
    /// Of these, how often no incident is behind it.
    pub false_firings: usize,
    /// What it says of each incident, in their order.
    pub incidents: Vec<Verdict>,
}

/// What an alert says of an incident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// It is not known: nothing fires, and not all that could was judged when the incident began.
    NotJudged,
    /// It does not fire.
    Missed,
    /// It fires.
    Detected(Detection),
}

/// How an incident is noticed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// When the alert first fires; before the beginning of the incident where it fired already.
    pub at: Instant,
    /// From the beginning of the incident to the first firing; zero where it fired already. `None` where it fires
    /// at the first moment that is judged: when it began to is not known.
    pub after: Option<TimeDelta>,
    /// Share of the budget that the incident had spent by then; `None` where that is not known.
    pub spent: Option<f64>,
    /// From the end of the incident to the end of the last firing; below zero where that ended before. `None`
    /// where it still fires at the end.
    pub reset: Option<TimeDelta>,
    /// Whether all was judged when the incident began: silence would have been known as well.
    pub judged: bool,
}

/// The middle and the worst of several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    /// As many are shorter as are longer; of two in the middle, their mean.
    pub median: TimeDelta,
    /// The longest.
    pub worst: TimeDelta,
}

impl Score {
    /// Share of the firings that an incident is behind; `None` where nothing fires.
    pub fn precision(&self) -> Option<f64> {
        let right = self.firings - self.false_firings;
        (self.firings > 0).then(|| right as f64 / self.firings as f64)
    }

    /// Incidents of which it is known whether they are noticed.
    pub fn judged(&self) -> usize {
        self.incidents.iter().filter(|one| **one != Verdict::NotJudged).count()
    }

    /// Incidents that are noticed.
    pub fn detected(&self) -> usize {
        self.detections().count()
    }

    /// Incidents that are not.
    pub fn missed(&self) -> usize {
        self.incidents.iter().filter(|one| **one == Verdict::Missed).count()
    }

    /// Share of the incidents that are noticed; `None` without incidents. Where it is not known of all, of those
    /// at which silence would have been known as well: to count the others only where something fires would
    /// make the share greater than it is.
    pub fn recall(&self) -> Option<f64> {
        let is_known = self.judged() == self.incidents.len();
        let counts = |one: &&Detection| is_known || one.judged;
        let detected = self.detections().filter(counts).count();
        let all = detected + self.missed();
        (all > 0).then(|| detected as f64 / all as f64)
    }

    /// How long it takes to notice those that are.
    pub fn detection(&self) -> Option<Delays> {
        Delays::of(self.detections().filter_map(|one| one.after).collect())
    }

    /// How long it goes on after they have ended.
    pub fn reset(&self) -> Option<Delays> {
        Delays::of(self.detections().filter_map(|one| one.reset).collect())
    }

    /// The greatest share of the budget that an incident had spent when it was noticed.
    pub fn most_spent(&self) -> Option<f64> {
        self.detections().filter_map(|one| one.spent).reduce(f64::max)
    }

    fn detections(&self) -> impl Iterator<Item = &Detection> {
        self.incidents.iter().filter_map(|one| match one {
            Verdict::Detected(detection) => Some(detection),
            _ => None,
        })
    }
}

impl Delays {
    fn of(mut delays: Vec<TimeDelta>) -> Option<Self> {
        delays.sort_unstable();
        let worst = *delays.last()?;
        let middle = delays.len() / 2;
        let upper = *delays.get(middle)?;
        let median = match delays.len() % 2 {
            0 => (*delays.get(middle.checked_sub(1)?)? + upper) / 2,
            _ => upper,
        };
        Some(Self { median, worst })
    }
}

impl AlertReplay {
    /// Holds the alert against incidents, which are in order of time.
    ///
    /// A firing tells of an incident that it overlaps, or that ended no longer before it than
    /// [`rests_on`](AlertReplay::rests_on): it still rests on the errors of that. All others are false.
    pub fn score(&self, replay: &Replay, series: &EventSeries, incidents: &[Incident]) -> Score {
        let known_from = |judged: Judged| (!self.silence_is_doubtful).then_some(judged.first);
        let judged = self.judged.map(|judged| (known_from(judged), judged.last));
        score(&self.firings, judged, self.rests_on, replay, series, incidents)
    }

    /// How often it fires in 30 days, of the time in which all of its tiers are judged that are at all; `None`
    /// where that is less than a week.
    pub fn per_month(&self, replay: &Replay) -> Option<f64> {
        let judged = self.judged?;
        let in_it = |firing: &&Firing| firing.to.is_none_or(|to| to > judged.first);
        per_month(self.firings.iter().filter(in_it).count(), judged, replay.interval)
    }
}

impl TierReplay {
    /// Holds the tier against incidents, as [`AlertReplay::score`] does.
    pub fn score(&self, replay: &Replay, series: &EventSeries, incidents: &[Incident]) -> Score {
        let rests_on = self.tier.short.min(self.tier.long);
        let judged = self.judged.ok().map(|judged| (Some(judged.first), judged.last));
        score(&self.firings, judged, rests_on, replay, series, incidents)
    }

    /// How often it fires in 30 days; `None` where less than a week is judged.
    pub fn per_month(&self, replay: &Replay) -> Option<f64> {
        per_month(self.firings.len(), self.judged.ok()?, replay.interval)
    }
}

/// Thirty days, which is what `per month` means here.
pub const MONTH: Duration = Duration::from_days(30);

/// Less time than this says nothing of a month: one page in an hour is not 720 a month.
const ENOUGH: Duration = Duration::from_days(7);

fn per_month(count: usize, judged: Judged, interval: Duration) -> Option<f64> {
    let length = judged.length(interval);
    (length >= ENOUGH).then(|| count as f64 * MONTH.ratio(length))
}

/// Which of the incidents a firing tells of, by [`AlertReplay::score`].
pub fn behind(
    firing: &Firing,
    last: Instant,
    rests_on: Duration,
    incidents: &[Incident],
) -> impl Iterator<Item = usize> {
    let (from, to) = (firing.from, firing.to);
    let tells = move |incident: &Incident| {
        to.map_or(incident.from <= last, |to| incident.from < to)
            && from <= incident.to + rests_on.to_chrono()
    };
    incidents.iter().enumerate().filter(move |(_, incident)| tells(incident)).map(|(at, _)| at)
}

/// `judged` is the moment from which on silence is known, where there is one, and the last moment.
fn score(
    firings: &[Firing],
    judged: Option<(Option<Instant>, Instant)>,
    rests_on: Duration,
    replay: &Replay,
    series: &EventSeries,
    incidents: &[Incident],
) -> Score {
    let Some((known_from, last)) = judged else {
        return Score { incidents: vec![Verdict::NotJudged; incidents.len()], ..Score::default() };
    };
    // First and last firing of each incident.
    let mut told: Vec<Option<(&Firing, &Firing)>> = vec![None; incidents.len()];
    let mut false_firings = 0;
    for firing in firings {
        let mut is_false = true;
        for at in behind(firing, last, rests_on, incidents) {
            is_false = false;
            if let Some(told) = told.get_mut(at) {
                *told = Some((told.map_or(firing, |(first, _)| first), firing));
            }
        }
        false_firings += usize::from(is_false);
    }
    let verdict = |(incident, told): (&Incident, Option<(&Firing, &Firing)>)| {
        let judged = known_from.is_some_and(|from| from <= incident.from) && incident.from <= last;
        let Some((first, end)) = told else {
            return if judged { Verdict::Missed } else { Verdict::NotJudged };
        };
        let at = first.from.max(incident.from);
        let is_known = !first.since_before || first.from <= incident.from;
        let spent = || share(series.window(incident.from, at).events.bad(), replay.allowed);
        Verdict::Detected(Detection {
            at: first.from,
            after: is_known.then(|| at - incident.from),
            spent: is_known.then(spent).flatten(),
            reset: end.to.map(|end| end - incident.to),
            judged,
        })
    };
    Score {
        firings: firings.len(),
        false_firings,
        incidents: incidents.iter().zip(told).map(verdict).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::slo::{
        engine::{
            backtest::{Options, replay},
            testing::{objective, series},
        },
        model::{AlertPolicy, Severity},
    };

    /// Ten days of a hundred events a minute; in these minutes half of them fail.
    fn history(outages: &[(usize, usize)]) -> EventSeries {
        let failing =
            |minute: usize| outages.iter().any(|(from, to)| (*from..*to).contains(&minute));
        series(
            Duration::from_minutes(1),
            (0..14_400).map(|minute| if failing(minute) { (50, 50) } else { (100, 0) }),
        )
    }

    fn incident(series: &EventSeries, from: i64, to: i64) -> Incident {
        let at = |minute| series.start() + TimeDelta::minutes(minute);
        Incident { from: at(from), to: at(to), name: String::new() }
    }

    fn page(series: &EventSeries, incidents: &[Incident]) -> (Score, AlertReplay) {
        let policy = AlertPolicy::workbook(Duration::from_days(30));
        let replay = replay(objective("99.9%", "30d"), &policy, series, &Options::default());
        let page = replay.alerts.iter().find(|one| one.severity == Severity::Page).unwrap();
        (page.score(&replay, series, incidents), page.clone())
    }

    #[test]
    fn an_outage_is_detected_when_the_workbook_says() {
        let series = history(&[(5000, 5060)]);
        let (score, page) = page(&series, &[incident(&series, 5000, 5060)]);
        // `long · F · (1 − T) / e` = 60 · 0.0144 / 0.5 = 1.7 minutes for the hour, 360 · 0.006 / 0.5 = 4.3
        // for six; and more than that of the short window. The first whole minute after it is the second.
        let Verdict::Detected(found) = score.incidents[0] else { panic!("{score:?}") };
        assert_eq!(found.after, Some(TimeDelta::minutes(2)));
        // Two minutes of 50 bad events, of 0.1 % of 30 days of 100 a minute.
        assert_eq!(found.spent, Some(100.0 / 4320.0));
        // Of six hours, half a minute's worth is above until the last bad minute leaves the short window.
        assert_eq!(found.reset, Some(TimeDelta::minutes(30)));
        assert_eq!((score.precision(), score.recall()), (Some(1.0), Some(1.0)));
        assert_eq!(page.firings.len(), 1);
    }

    #[test]
    fn what_no_incident_is_behind_is_false_and_what_nothing_fires_for_is_missed() {
        let series = history(&[(2000, 2010), (7000, 7010), (9000, 9001)]);
        let incidents = [incident(&series, 7000, 7010), incident(&series, 9000, 9001)];
        let (score, _) = page(&series, &incidents);
        assert_eq!((score.firings, score.false_firings), (2, 1));
        assert_eq!((score.detected(), score.missed(), score.judged()), (1, 1, 2));
        assert_eq!((score.precision(), score.recall()), (Some(0.5), Some(0.5)));
        assert_eq!(score.detection().unwrap().worst, TimeDelta::minutes(2));
    }

    #[test]
    fn what_is_not_judged_is_neither_found_nor_missed() {
        // Six hours have to pass before the second tier can be judged, and in half a minute's outage the first
        // says nothing.
        let series = history(&[(100, 101)]);
        let (score, page) = page(&series, &[incident(&series, 100, 101)]);
        assert_eq!(score.incidents, [Verdict::NotJudged]);
        assert_eq!((score.recall(), score.precision()), (None, None));
        assert_eq!(page.judged.unwrap().first, series.start() + TimeDelta::hours(6));
        let after = [incident(&series, 20_000, 20_010)];
        assert_eq!(super::tests::page(&series, &after).0.incidents, [Verdict::NotJudged]);
    }

    #[test]
    fn an_alert_fires_as_soon_as_one_of_its_tiers_does() {
        // The first tier can be judged for an hour by then, the second not for four more.
        let series = history(&[(100, 110), (5000, 5001)]);
        let incidents = [incident(&series, 100, 110), incident(&series, 5000, 5001)];
        let (score, page) = page(&series, &incidents);
        let Verdict::Detected(found) = score.incidents[0] else { panic!("{score:?}") };
        assert_eq!((found.after, found.judged), (Some(TimeDelta::minutes(2)), false));
        assert_eq!(score.incidents[1], Verdict::Missed);
        assert_eq!((score.firings, score.recall()), (1, Some(0.5)));
        // It fires before the time of which all is known.
        assert!(page.firings[0].from < page.judged.unwrap().first);
        let policy = AlertPolicy::workbook(Duration::from_days(30));
        let replay = replay(objective("99.9%", "30d"), &policy, &series, &Options::default());
        assert_eq!(page.per_month(&replay), Some(0.0));
    }

    #[test]
    fn silence_says_nothing_while_a_tier_cannot_be_judged() {
        let series = history(&[(5000, 5010), (9000, 9001)]);
        let mut policy = AlertPolicy::workbook(Duration::from_days(30));
        policy.tiers.retain(|tier| tier.severity == Severity::Page);
        // Longer than the history.
        policy.tiers[1].long = Duration::from_days(20);
        let incidents = [incident(&series, 5000, 5010), incident(&series, 9000, 9001)];
        let score = |policy: &AlertPolicy, target: &str| {
            let replay = replay(objective(target, "30d"), policy, &series, &Options::default());
            replay.alerts[0].score(&replay, &series, &incidents)
        };
        let found = score(&policy, "99.9%");
        assert!(
            matches!(found.incidents[..], [Verdict::Detected(_), Verdict::NotJudged]),
            "{found:?}"
        );
        // One of one would be more than is known.
        assert_eq!((found.firings, found.recall()), (1, None));
        // A tier that can never fire leaves nothing in doubt: 14.4 and 6 times 20 % are more than all.
        let found = score(&policy, "80%");
        assert_eq!(found.incidents, [Verdict::Missed, Verdict::Missed]);
    }

    #[test]
    fn since_when_an_alert_fires_is_not_known_of_the_first_moment() {
        let series = history(&[(5000, 5060)]);
        let policy = AlertPolicy::workbook(Duration::from_days(30));
        let at = |minute| Some(series.start() + TimeDelta::minutes(minute));
        let options = Options { from: at(5030), to: at(5040), ..Options::default() };
        let replay = replay(objective("99.9%", "30d"), &policy, &series, &options);
        let score = replay.alerts[0].score(&replay, &series, &[incident(&series, 5000, 5060)]);
        let Verdict::Detected(found) = score.incidents[0] else { panic!("{score:?}") };
        assert_eq!((Some(found.at), found.after, found.spent), (at(5030), None, None));
        assert_eq!((score.recall(), score.detection()), (Some(1.0), None));
    }

    #[test]
    fn a_firing_that_still_rests_on_an_incident_is_not_false() {
        let series = history(&[(5000, 5010)]);
        // As somebody wrote it down: over long before the alert comes.
        let early = |minutes: i64| [incident(&series, 4900, 5002 - minutes)];
        assert_eq!(page(&series, &early(30)).0.false_firings, 0);
        assert_eq!(page(&series, &early(31)).0.false_firings, 1);
        // An alert that fires when the incident begins has detected it at once.
        let (score, _) = page(&series, &[incident(&series, 5005, 5010)]);
        let Verdict::Detected(found) = score.incidents[0] else { panic!("{score:?}") };
        assert_eq!((found.after, found.spent), (Some(TimeDelta::zero()), Some(0.0)));
    }

    #[test]
    fn the_median_lies_in_the_middle() {
        let delays = |minutes: &[i64]| {
            let of = Delays::of(minutes.iter().copied().map(TimeDelta::minutes).collect());
            of.map(|one| (one.median.num_seconds(), one.worst.num_seconds()))
        };
        assert_eq!(delays(&[]), None);
        assert_eq!(delays(&[3]), Some((180, 180)));
        assert_eq!(delays(&[4, 1]), Some((150, 240)));
        assert_eq!(delays(&[9, 1, 2]), Some((120, 540)));
    }

    #[test]
    fn a_month_has_thirty_days() {
        let series = history(&[(5000, 5010), (8000, 8010)]);
        let policy = AlertPolicy::workbook(Duration::from_days(30));
        let replay = replay(objective("99.9%", "30d"), &policy, &series, &Options::default());
        let page = &replay.alerts[0];
        // Judged from the sixth hour to the end of the tenth day: 9.75 days, and a moment.
        let days = 9.75 + 1.0 / 1440.0;
        assert_eq!(page.per_month(&replay), Some(2.0 * 30.0 / days));
    }
}
