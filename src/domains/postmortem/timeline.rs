//! The timeline of a post-mortem: its order, and time of which nothing is said.
use super::spec::PostMortem;
use crate::kernel::{
    source::Place,
    spec::{Field, Optional as _},
    time::Period,
    units::{Duration, Instant},
};

/// An event with its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it was, or began.
    pub at: Instant,
    /// When it ended; its beginning where that is not said.
    pub until: Instant,
    /// Where it stands.
    pub place: Place,
    /// Where its end stands.
    pub until_place: Option<Place>,
}

/// The events of a post-mortem whose times could be read, as they are written.
pub fn events(spec: &PostMortem) -> Vec<Event> {
    let entries = spec.timeline.iter().filter_map(Field::get);
    let event = |entry: &super::spec::TimelineEntry| {
        let (at, place) = entry.at.pair()?;
        let until = entry.until.pair();
        Some(Event {
            at: at.0,
            until: until.map_or(at.0, |(until, _)| until.0),
            place,
            until_place: until.map(|(_, place)| place),
        })
    };
    entries.filter_map(event).collect()
}

/// Events that are earlier than the one before them, each with that one.
pub fn out_of_order(events: &[Event]) -> Vec<(Event, Event)> {
    let pairs = events.iter().zip(events.iter().skip(1));
    pairs.filter(|(one, next)| next.at < one.at).map(|(one, next)| (*one, *next)).collect()
}

/// Events that end before they begin.
pub fn reversed(events: &[Event]) -> Vec<Event> {
    events.iter().copied().filter(|event| event.until < event.at).collect()
}

/// Time of which nothing is said, longer than `longest`, each with the event at its end. What begins at
/// `end` or later, when the incident was over, is not looked at.
pub fn gaps(events: &[Event], longest: Duration, end: Option<Instant>) -> Vec<(Period, Event)> {
    let mut sorted = events.to_vec();
    sorted.sort_by_key(|event| (event.at, event.until));
    let mut gaps = Vec::new();
    let mut known_until: Option<Instant> = None;
    for event in sorted {
        if let Some(from) = known_until
            && event.at - from > longest.to_chrono()
            && end.is_none_or(|end| from < end)
        {
            gaps.push((Period { from, to: event.at }, event));
        }
        known_until = known_until.max(Some(event.at.max(event.until)));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::source::SourceId;
    use chrono::{TimeDelta, TimeZone as _, Utc};

    fn at(minute: i64) -> Instant {
        Utc.with_ymd_and_hms(2026, 5, 14, 9, 0, 0).unwrap() + TimeDelta::minutes(minute)
    }

    /// Events from and until these minutes.
    fn of(times: &[(i64, i64)]) -> Vec<Event> {
        let place = Place { source: SourceId(0), start: 0, end: 0 };
        let event = |(from, until): &(i64, i64)| Event {
            at: at(*from),
            until: at(*until),
            place,
            until_place: None,
        };
        times.iter().map(event).collect()
    }

    #[track_caller]
    fn check(times: &[(i64, i64)], end: Option<i64>, expected: &[(i64, i64)]) {
        let found = gaps(&of(times), Duration::from_minutes(30), end.map(at));
        let found: Vec<Period> = found.into_iter().map(|(gap, _)| gap).collect();
        let expected: Vec<Period> =
            expected.iter().map(|(from, to)| Period { from: at(*from), to: at(*to) }).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn gaps_are_longer_than_what_is_put_up_with() {
        check(&[(0, 0), (30, 30), (61, 61)], None, &[(30, 61)]);
        check(&[], None, &[]);
        check(&[(0, 0)], None, &[]);
    }

    #[test]
    fn what_goes_on_is_no_gap_and_order_does_not_matter() {
        check(&[(0, 50), (5, 5), (70, 70)], None, &[]);
        check(&[(100, 100), (0, 0), (40, 90)], None, &[(0, 40)]);
    }

    #[test]
    fn what_comes_when_it_is_over_may_take_its_time() {
        check(&[(0, 0), (20, 20), (600, 600)], Some(20), &[]);
        check(&[(0, 0), (20, 20), (600, 600)], Some(21), &[(20, 600)]);
    }

    #[test]
    fn order_is_that_of_the_list() {
        let events = of(&[(0, 0), (10, 5), (9, 9), (9, 20)]);
        assert_eq!(out_of_order(&events), [(events[1], events[2])]);
        assert_eq!(reversed(&events), [events[1]]);
    }
}
