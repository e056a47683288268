//! Who is told of an alert, and when.
use super::{
    Configuration,
    config::{Inhibition, Receiver, Route},
    matcher::Labels,
    time_interval::joined,
};
use crate::kernel::{time::Period, units::Instant};
use chrono::TimeDelta;

/// How far ahead is looked for the end of a silence.
const HORIZON: TimeDelta = TimeDelta::days(400);

/// What becomes of an alert on one of its routes.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery<'c> {
    /// The route.
    pub route: &'c Route,
    /// Who is told by it.
    pub receiver: &'c Receiver,
    /// Names of the time intervals that mute the route when its first notification is due.
    pub muted_by: Vec<&'c str>,
    /// Whether the route is active at certain times only, and the first notification is due at another.
    pub inactive: bool,
    /// When somebody is told first, if the alert keeps firing. `None`: not within the next 400 days.
    pub first: Option<Instant>,
}

impl Delivery<'_> {
    /// Whether the route is silent when the first notification is due.
    pub fn is_silent(&self) -> bool {
        self.inactive || !self.muted_by.is_empty()
    }
}

/// What becomes of an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatch<'c, 'l> {
    /// Its routes, in their order.
    pub deliveries: Vec<Delivery<'c>>,
    /// The rule by which another alert keeps it silent on all of them, and that alert.
    pub inhibited: Option<(&'c Inhibition, &'l Labels)>,
}

/// What becomes of an alert that begins to fire at `at`, while the alerts `firing` do.
///
/// Supposed is that it is the first of its group, as the first of an outage is: the group then waits for
/// `group_wait`, and looks again every `group_interval` whether it may tell. Time intervals are held
/// against those moments, as Alertmanager does. Silences that people have set are not in a
/// configuration and not known here.
pub fn dispatch<'c, 'l>(
    configuration: &'c Configuration,
    alert: &Labels,
    firing: &'l [Labels],
    at: Instant,
) -> Dispatch<'c, 'l> {
    let deliveries = configuration
        .routes(alert)
        .into_iter()
        .filter_map(|route| {
            let receiver = configuration.receivers.get(&route.receiver)?;
            Some(deliver(configuration, route, receiver, at))
        })
        .collect();
    Dispatch { deliveries, inhibited: configuration.inhibition(alert, firing) }
}

fn deliver<'c>(
    configuration: &'c Configuration,
    route: &'c Route,
    receiver: &'c Receiver,
    at: Instant,
) -> Delivery<'c> {
    let due = later(at, route.group_wait.to_chrono());
    let is_in = |name: &&String| configuration.is_in(name, due);
    let muted_by: Vec<&str> = route.muted_in.iter().filter(is_in).map(String::as_str).collect();
    let inactive = !route.active_in.is_empty() && !route.active_in.iter().any(|name| is_in(&name));
    let silent = inactive || !muted_by.is_empty();
    let first = if silent { after_silence(configuration, route, due) } else { Some(due) };
    Delivery { route, receiver, muted_by, inactive, first }
}

fn later(at: Instant, by: TimeDelta) -> Instant {
    at.checked_add_signed(by).unwrap_or(at)
}

/// The first moment at which the group looks, from `due` on every group interval, and the route is not
/// silent.
fn after_silence(configuration: &Configuration, route: &Route, due: Instant) -> Option<Instant> {
    let step = route.group_interval.to_chrono().num_milliseconds().max(1);
    audible(configuration, route, due, later(due, HORIZON)).into_iter().find_map(|period| {
        let passed = (period.from - due).num_milliseconds();
        let steps = passed.div_euclid(step) + i64::from(passed.rem_euclid(step) > 0);
        let look = due.checked_add_signed(TimeDelta::milliseconds(steps.checked_mul(step)?))?;
        period.contains(look).then_some(look)
    })
}

/// The stretches of `[from, to)` in which a route tells, as far as its time intervals are concerned.
pub fn audible(
    configuration: &Configuration,
    route: &Route,
    from: Instant,
    to: Instant,
) -> Vec<Period> {
    let of = |names: &[String]| {
        let intervals = names.iter().filter_map(|name| configuration.intervals.get(name)).flatten();
        joined(intervals.flat_map(|interval| interval.periods(from, to)).collect())
    };
    let active =
        if route.active_in.is_empty() { vec![Period { from, to }] } else { of(&route.active_in) };
    without(&active, &of(&route.muted_in))
}

/// What of `periods` is not in `others`; both in order, and none touching the next.
pub fn without(periods: &[Period], others: &[Period]) -> Vec<Period> {
    let mut left = Vec::new();
    for period in periods {
        let mut begin = period.from;
        let first = others.partition_point(|other| other.to <= period.from);
        let overlapping = others.iter().skip(first).take_while(|other| other.from < period.to);
        for other in overlapping {
            if begin < other.from {
                left.push(Period { from: begin, to: other.from });
            }
            begin = begin.max(other.to);
        }
        if begin < period.to {
            left.push(Period { from: begin, to: period.to });
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{source::SourceId, time::parse_instant};

    const NIGHTS: &str = r#"
route:
  receiver: root
  routes:
    - {matchers: [mute="n"], mute_time_intervals: [nights, always], receiver: muted, group_interval: 7m}
    - {matchers: [mute="d"], active_time_intervals: [days], receiver: active}
    - {matchers: [mute="both"], active_time_intervals: [days], mute_time_intervals: [noon], group_wait: 0s}
    - {matchers: [mute="never"], active_time_intervals: [never]}
receivers: [{name: root}, {name: muted}, {name: active}]
time_intervals:
  - name: nights
    time_intervals:
      - {times: [{start_time: "22:00", end_time: "24:00"}, {start_time: "00:00", end_time: "06:00"}], location: Europe/Berlin}
  - {name: always, time_intervals: [{years: ["2020"]}]}
  - {name: days, time_intervals: [{weekdays: ["monday:friday"], times: [{start_time: "09:00", end_time: "17:00"}]}]}
  - {name: noon, time_intervals: [{times: [{start_time: "09:00", end_time: "13:00"}]}]}
  - {name: never, time_intervals: []}
"#;

    fn at(text: &str) -> Instant {
        parse_instant(text).unwrap()
    }

    #[track_caller]
    fn check(mute: &str, from: &str, muted_by: &[&str], inactive: bool, first: Option<&str>) {
        let read = Configuration::read(SourceId(0), NIGHTS, None);
        let configuration = read.configuration.unwrap();
        let labels = [("mute".to_owned(), mute.to_owned())].into();
        let found = dispatch(&configuration, &labels, &[], at(from));
        let [delivery] = found.deliveries.as_slice() else { panic!("{found:?}") };
        assert_eq!((&delivery.muted_by[..], delivery.inactive), (muted_by, inactive));
        assert_eq!(delivery.first, first.map(at));
    }

    #[test]
    fn a_group_waits_and_then_looks_every_interval() {
        check("n", "2026-07-01T12:00:00Z", &[], false, Some("2026-07-01T12:00:30Z"));
        // Berlin is two hours ahead: 22:00 is 20:00 UTC, and the wait of the group counts.
        check("n", "2026-07-01T19:59:29Z", &[], false, Some("2026-07-01T19:59:59Z"));
        // The night ends at 04:00 UTC; the first look after that is 69 times 7 minutes later.
        check("n", "2026-07-01T19:59:30Z", &["nights"], false, Some("2026-07-02T04:03:00Z"));
    }

    #[test]
    fn a_route_tells_when_it_is_active_and_not_muted() {
        check("d", "2026-07-03T16:59:30Z", &[], true, Some("2026-07-06T09:00:00Z"));
        check("both", "2026-07-03T17:00:00Z", &[], true, Some("2026-07-06T13:00:00Z"));
        check("both", "2026-07-06T09:00:00Z", &["noon"], false, Some("2026-07-06T13:00:00Z"));
        check("never", "2026-07-06T09:00:00Z", &[], true, None);
        check("other", "2026-07-06T09:00:00Z", &[], false, Some("2026-07-06T09:00:30Z"));
    }

    #[test]
    fn what_is_left_lies_between() {
        let period = |from: i64, to: i64| Period {
            from: Instant::UNIX_EPOCH + TimeDelta::hours(from),
            to: Instant::UNIX_EPOCH + TimeDelta::hours(to),
        };
        let left = without(
            &[period(0, 10), period(20, 30), period(40, 50)],
            &[period(-5, 2), period(4, 5), period(8, 22), period(35, 60)],
        );
        assert_eq!(left, [period(2, 4), period(5, 8), period(22, 30)]);
    }
}
