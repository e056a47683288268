//! Stretches of time that return by a recurrence rule of RFC 5545.
//!
//! The rule is resolved on the wall clock, as though its times were UTC, by the crate `rrule`; each time
//! is then placed in the zone by [`Zone`], so that the rules of zones are those of the bundled database
//! and not of the older copy which that crate brings.
use super::{Period, Zone};
use crate::kernel::units::{Duration, Instant};
use chrono::{
    Datelike as _, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _,
};
use rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};

/// Most times that a rule is followed, from where the answer begins: an hourly rule for eleven years.
const LIMIT: usize = 100_000;

/// Longer than any gap or overlap of a zone's clocks, which is a day where the date line was crossed.
const CLOCK_CHANGE: TimeDelta = TimeDelta::days(2);

/// Years have four digits in RFC 5545. The rest is room for what is looked at beyond an answer.
const LAST_YEAR: i32 = 9990;

/// A stretch of time that returns.
///
/// Wall-clock time decides when it begins: `FREQ=WEEKLY` from a Monday at 02:30 begins at 02:30 in
/// summer and in winter. A time that the clocks of the zone never show is moved forward by the gap, and
/// of one that they show twice the first counts (RFC 5545, section 3.3.5). Then `duration` passes, in
/// elapsed time: four hours are four hours also in the night in which clocks are changed.
///
/// The start itself counts only if the rule names it, as in python-dateutil: a rule for Sundays that
/// starts on a Monday first returns on the Sunday after. `COUNT` counts the times from there. An `UNTIL`
/// that ends in `Z` is an instant, one without is on the zone's clock, and a mere date is that whole day.
#[derive(Clone, Debug)]
pub struct Recurrence {
    start: Instant,
    /// The start as the zone's clocks show it, in whole seconds.
    begins: NaiveDateTime,
    rule: RRule<Unvalidated>,
    zone: Zone,
    duration: Duration,
    /// The last time of the rule on the wall clock.
    last: Option<NaiveDateTime>,
    /// When it ends for good.
    until: Option<Instant>,
}

impl Recurrence {
    /// A stretch of `duration` that returns by `rule` (such as `FREQ=WEEKLY;BYDAY=SU`) on the clocks of
    /// `zone`, from `start` on and before `until`; what has begun before then ends then.
    ///
    /// # Errors
    /// Words that say what is wrong with the rule. Nothing returns more often than by the hour: such a
    /// rule is a mistake, and would take as long to resolve as it has times.
    pub fn new(
        start: Instant,
        rule: &str,
        zone: Zone,
        duration: Duration,
        until: Option<Instant>,
    ) -> Result<Self, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("the rule `{rule}` is wrong: {error}");
        let part = |key: &str| {
            let mut parts = rule.split(';').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
        };
        let last = match part("UNTIL") {
            Some(text) => {
                let expected =
                    format!("`UNTIL={text}`: expected a moment such as `20271231T235959Z`");
                Some(last_time(text, &zone).ok_or_else(|| wrong(&expected))?)
            }
            None => None,
        };
        // The crate would hold the end against a wall clock that it takes for UTC.
        let without_end: Vec<&str> = rule
            .split(';')
            .filter(|part| !part.get(..6).is_some_and(|key| key.eq_ignore_ascii_case("UNTIL=")))
            .collect();
        let parsed: RRule<Unvalidated> =
            without_end.join(";").parse().map_err(|error: rrule::RRuleError| wrong(&error))?;
        if matches!(parsed.get_freq(), Frequency::Secondly | Frequency::Minutely) {
            return Err(wrong(&"it returns more often than hourly; `FREQ=HOURLY` is the most"));
        }
        if parsed.get_interval() == 0 {
            return Err(wrong(&"`INTERVAL=0` never returns; expected 1 or more"));
        }
        let begins = zone.local(start).naive_local();
        let begins = begins.with_nanosecond(0).unwrap_or(begins);
        parsed.clone().validate(on_clock(begins)).map_err(|error| wrong(&error))?;
        Ok(Self { start, begins, rule: parsed, zone, duration, last, until })
    }

    /// The stretches that overlap `[from, to)`, by their beginning; they may overlap each other.
    ///
    /// # Errors
    /// Words, where the rule has more than a hundred thousand times up to `to`. Without a `COUNT`, only
    /// those near the answer are looked at, however long ago the start was.
    pub fn occurrences(&self, from: Instant, to: Instant) -> Result<Vec<Period>, String> {
        let to = self.until.map_or(to, |until| until.min(to));
        let duration = self.duration.to_chrono();
        let earliest = from.checked_sub_signed(duration).unwrap_or(Instant::MIN_UTC);
        let wall = self.zone.local(earliest).naive_local();
        let near = wall.checked_sub_signed(CLOCK_CHANGE).unwrap_or(NaiveDateTime::MIN);
        if to <= from || near.year() > LAST_YEAR || self.begins.year() > LAST_YEAR {
            return Ok(Vec::new());
        }
        let begins = on_clock(self.begin_near(near));
        let rule = self.rule.clone().validate(begins).map_err(|error| error.to_string())?;
        let set = RRuleSet::new(begins).rrule(rule).limit();
        let mut found = Vec::new();
        for (seen, wall) in (&set).into_iter().map(|time| time.naive_utc()).enumerate() {
            // A start at the second of two equal times is later than the first of them.
            let begin = self.zone.instants_of(wall).chosen().max(self.start);
            let is_last = self.last.is_some_and(|last| wall > last);
            if is_last || begin.checked_sub_signed(CLOCK_CHANGE).is_some_and(|begin| begin >= to) {
                break;
            }
            if seen >= LIMIT {
                return Err(format!("it returns more than {LIMIT} times before {to}"));
            }
            let end = begin.checked_add_signed(duration).unwrap_or(Instant::MAX_UTC);
            let end = self.until.map_or(end, |until| until.min(end));
            if begin < to && end > from && begin < end {
                found.push(Period { from: begin, to: end });
            }
        }
        found.sort_unstable();
        // Two times of the wall clock can be one instant, where clocks are put forward.
        found.dedup();
        Ok(found)
    }

    /// A time from which the rule can be followed as well as from its start, at or before `near`, and as
    /// late as possible: whole intervals after the start, so that the rule keeps its rhythm.
    fn begin_near(&self, near: NaiveDateTime) -> NaiveDateTime {
        if self.rule.get_count().is_some() || near <= self.begins {
            return self.begins;
        }
        let interval = self.rule.get_interval();
        let fixed = |unit: TimeDelta| {
            let whole = unit.num_seconds() * i64::from(interval);
            let passed = (near - self.begins).num_seconds();
            self.begins.checked_add_signed(TimeDelta::seconds(passed - passed % whole))
        };
        let begin = match self.rule.get_freq() {
            Frequency::Yearly => self.months_later(near, 12 * u32::from(interval)),
            Frequency::Monthly => self.months_later(near, interval.into()),
            Frequency::Weekly => fixed(TimeDelta::weeks(1)),
            Frequency::Daily => fixed(TimeDelta::days(1)),
            Frequency::Hourly => fixed(TimeDelta::hours(1)),
            Frequency::Minutely | Frequency::Secondly => None,
        };
        begin.unwrap_or(self.begins)
    }

    /// The start moved by the most multiples of so many months that are not after `near` and have its
    /// day, which a rule may take from it: after 31 January comes 31 March.
    fn months_later(&self, near: NaiveDateTime, months: u32) -> Option<NaiveDateTime> {
        let month = |date: NaiveDateTime| i64::from(date.year()) * 12 + i64::from(date.month0());
        let passed = u32::try_from(month(near) - month(self.begins)).ok()?;
        (0..=passed / months).rev().find_map(|times| {
            let begin = self.begins.checked_add_months(Months::new(times * months))?;
            (begin <= near && begin.day() == self.begins.day()).then_some(begin)
        })
    }
}

/// A time of the wall clock, as though it were UTC.
fn on_clock(wall: NaiveDateTime) -> chrono::DateTime<Tz> {
    wall.and_utc().with_timezone(&Tz::UTC)
}

/// The last time that an `UNTIL` allows, on the wall clock of the zone.
fn last_time(text: &str, zone: &Zone) -> Option<NaiveDateTime> {
    const LAST_SECOND: NaiveTime = NaiveTime::from_hms_opt(23, 59, 59).expect("a time of day");
    let (text, is_utc) = text.strip_suffix('Z').map_or((text, false), |text| (text, true));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match (text.len(), digits) {
        (8, 8) => {
            NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(|day| day.and_time(LAST_SECOND))
        }
        (15, 14) => {
            let time = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok()?;
            Some(if is_utc { zone.local(time.and_utc()).naive_local() } else { time })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::{parse_instant, rfc3339};
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        parse_instant(text).unwrap()
    }

    fn recurrence(start: &str, rule: &str, zone: &str, duration: &str) -> Recurrence {
        let (zone, duration) = (Zone::get(zone).unwrap(), duration.parse().unwrap());
        Recurrence::new(at(start), rule, zone, duration, None).unwrap()
    }

    /// Start, rule, from, to, and the times of it that python-dateutil 2.9.0 finds between.
    const DATEUTIL: &[(&str, &str, &str, &str, &str)] = &[
        (
            "2026-01-05T02:30:00",
            "FREQ=WEEKLY;BYDAY=SU",
            "2026-03-01",
            "2026-04-10",
            "2026-03-01T02:30 2026-03-08T02:30 2026-03-15T02:30 2026-03-22T02:30 2026-03-29T02:30 2026-04-05T02:30",
        ),
        (
            "2026-01-05T02:30:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
            "2026-05-01",
            "2026-06-01",
            "2026-05-10T02:30 2026-05-11T02:30 2026-05-24T02:30 2026-05-25T02:30",
        ),
        (
            "2026-01-05T02:30:00",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO",
            "2026-05-01",
            "2026-06-01",
            "2026-05-03T02:30 2026-05-11T02:30 2026-05-17T02:30 2026-05-25T02:30 2026-05-31T02:30",
        ),
        (
            "2020-01-31T22:00:00",
            "FREQ=MONTHLY",
            "2026-01-01",
            "2026-09-01",
            "2026-01-31T22:00 2026-03-31T22:00 2026-05-31T22:00 2026-07-31T22:00 2026-08-31T22:00",
        ),
        (
            "2020-01-31T22:00:00",
            "FREQ=MONTHLY;INTERVAL=5",
            "2026-01-01",
            "2029-01-01",
            "2027-07-31T22:00 2027-12-31T22:00 2028-05-31T22:00 2028-10-31T22:00",
        ),
        (
            "2020-02-29T22:00:00",
            "FREQ=YEARLY",
            "2020-01-01",
            "2037-01-01",
            "2020-02-29T22:00 2024-02-29T22:00 2028-02-29T22:00 2032-02-29T22:00 2036-02-29T22:00",
        ),
        (
            "2020-02-29T22:00:00",
            "FREQ=YEARLY;INTERVAL=3",
            "2020-01-01",
            "2060-01-01",
            "2020-02-29T22:00 2032-02-29T22:00 2044-02-29T22:00 2056-02-29T22:00",
        ),
        (
            "2019-09-30T09:00:00",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "2026-01-01",
            "2026-06-01",
            "2026-01-30T09:00 2026-02-27T09:00 2026-03-31T09:00 2026-04-30T09:00 2026-05-29T09:00",
        ),
        (
            "2019-09-30T09:00:00",
            "FREQ=MONTHLY;BYDAY=1SU,-1FR",
            "2026-01-01",
            "2026-04-01",
            "2026-01-04T09:00 2026-01-30T09:00 2026-02-01T09:00 2026-02-27T09:00 2026-03-01T09:00 2026-03-27T09:00",
        ),
        (
            "2019-09-30T09:00:00",
            "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
            "2024-01-01",
            "2028-01-01",
            "2024-05-13T09:00 2025-05-12T09:00 2026-05-11T09:00 2027-05-17T09:00",
        ),
        (
            "2019-09-30T09:00:00",
            "FREQ=YEARLY;BYYEARDAY=1,-1",
            "2024-01-01",
            "2026-01-10",
            "2024-01-01T09:00 2024-12-31T09:00 2025-01-01T09:00 2025-12-31T09:00 2026-01-01T09:00",
        ),
        (
            "2019-09-30T09:00:00",
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=1;BYDAY=SU;BYHOUR=8,9;BYMINUTE=30",
            "2023-01-01",
            "2025-01-20",
            "2023-01-01T08:30 2023-01-01T09:30 2023-01-08T08:30 2023-01-08T09:30 2023-01-15T08:30 2023-01-15T09:30 2023-01-22T08:30 2023-01-22T09:30 2023-01-29T08:30 2023-01-29T09:30 2025-01-05T08:30 2025-01-05T09:30 2025-01-12T08:30 2025-01-12T09:30 2025-01-19T08:30 2025-01-19T09:30",
        ),
        (
            "2019-09-30T09:15:00",
            "FREQ=HOURLY;INTERVAL=7",
            "2026-01-01",
            "2026-01-02",
            "2026-01-01T00:15 2026-01-01T07:15 2026-01-01T14:15 2026-01-01T21:15",
        ),
        (
            "2019-09-30T09:15:00",
            "FREQ=HOURLY;INTERVAL=5;BYHOUR=2,3,14",
            "2026-01-01",
            "2026-01-06",
            "2026-01-01T14:15 2026-01-04T02:15 2026-01-05T03:15",
        ),
        (
            "2019-09-30T09:15:00",
            "FREQ=DAILY;INTERVAL=10;COUNT=4",
            "2019-01-01",
            "2026-01-06",
            "2019-09-30T09:15 2019-10-10T09:15 2019-10-20T09:15 2019-10-30T09:15",
        ),
        (
            "2019-09-30T09:15:00",
            "FREQ=DAILY;INTERVAL=45;BYMONTH=1,2,7",
            "2019-01-01",
            "2027-01-06",
            "2020-02-12T09:15 2021-02-06T09:15 2022-02-01T09:15 2022-07-31T09:15 2023-01-27T09:15 2023-07-26T09:15 2024-01-22T09:15 2024-07-20T09:15 2025-01-16T09:15 2025-07-15T09:15 2026-01-11T09:15 2026-02-25T09:15 2026-07-10T09:15",
        ),
        (
            "2019-09-30T09:15:00",
            "FREQ=HOURLY;BYDAY=SA;BYMONTH=3;BYHOUR=1,2;BYMINUTE=0,30",
            "2026-03-10",
            "2026-03-22",
            "2026-03-14T01:00 2026-03-14T01:30 2026-03-14T02:00 2026-03-14T02:30 2026-03-21T01:00 2026-03-21T01:30 2026-03-21T02:00 2026-03-21T02:30",
        ),
        (
            "2019-09-30T09:15:00",
            "FREQ=MONTHLY;BYMONTHDAY=-1,15",
            "2026-01-01",
            "2026-03-31",
            "2026-01-15T09:15 2026-01-31T09:15 2026-02-15T09:15 2026-02-28T09:15 2026-03-15T09:15",
        ),
    ];

    #[test]
    fn times_are_those_of_dateutil() {
        for (start, rule, from, to, expected) in DATEUTIL {
            let recurrence = recurrence(&format!("{start}Z"), rule, "UTC", "1m");
            let (from, to) = (at(&format!("{from}T00:00Z")), at(&format!("{to}T00:00Z")));
            let found = recurrence.occurrences(from, to).unwrap();
            let found: Vec<String> = found
                .iter()
                .map(|period| period.from.format("%Y-%m-%dT%H:%M").to_string())
                .collect();
            assert_eq!(found.join(" "), *expected, "{rule} from {start}");
        }
    }

    #[track_caller]
    fn check(recurrence: &Recurrence, from: &str, to: &str, expected: &[(&str, &str)]) {
        let found = recurrence.occurrences(at(from), at(to)).unwrap();
        let found: Vec<_> =
            found.iter().map(|period| (rfc3339(period.from), rfc3339(period.to))).collect();
        let expected: Vec<_> =
            expected.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn times_are_on_the_clock_of_the_zone_and_durations_are_not() {
        let sundays = recurrence("2026-01-04T01:30:00Z", "FREQ=WEEKLY", "Europe/Berlin", "4h");
        // 02:30 is 01:30 UTC in winter and 00:30 in summer. On 29 March there is no 02:30, and 03:30 is
        // an hour from the change; four hours later it is 07:30.
        check(
            &sundays,
            "2026-03-20T00:00Z",
            "2026-04-06T00:00Z",
            &[
                ("2026-03-22T01:30:00Z", "2026-03-22T05:30:00Z"),
                ("2026-03-29T01:30:00Z", "2026-03-29T05:30:00Z"),
                ("2026-04-05T00:30:00Z", "2026-04-05T04:30:00Z"),
            ],
        );
        // On 25 October there are two 02:30, and the first counts.
        check(
            &sundays,
            "2026-10-24T00:00Z",
            "2026-11-02T00:00Z",
            &[
                ("2026-10-25T00:30:00Z", "2026-10-25T04:30:00Z"),
                ("2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z"),
            ],
        );
        // Hours that become one instant count once; a start at the second of two equal times stays.
        let hourly = recurrence("2026-03-29T00:30:00Z", "FREQ=HOURLY", "Europe/Berlin", "1m");
        let hours = hourly.occurrences(at("2026-03-29T00:00Z"), at("2026-03-29T03:00Z")).unwrap();
        let begins: Vec<String> = hours.iter().map(|period| rfc3339(period.from)).collect();
        assert_eq!(
            begins,
            ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"]
        );
        let second =
            recurrence("2026-10-25T01:30:00Z", "FREQ=DAILY;COUNT=2", "Europe/Berlin", "1m");
        check(
            &second,
            "2026-01-01T00:00Z",
            "2027-01-01T00:00Z",
            &[
                ("2026-10-25T01:30:00Z", "2026-10-25T01:31:00Z"),
                ("2026-10-26T01:30:00Z", "2026-10-26T01:31:00Z"),
            ],
        );
    }

    #[test]
    fn what_has_begun_before_counts_and_what_only_touches_does_not() {
        let daily = recurrence("2020-01-01T22:00:00Z", "FREQ=DAILY", "UTC", "36h");
        check(
            &daily,
            "2026-05-03T10:00Z",
            "2026-05-03T22:00Z",
            &[("2026-05-02T22:00:00Z", "2026-05-04T10:00:00Z")],
        );
        check(&daily, "2019-05-03T10:00Z", "2020-01-01T22:00Z", &[]);
        check(&daily, "2026-05-03T22:00Z", "2026-05-03T10:00Z", &[]);
        let nothing = recurrence("2020-01-01T22:00:00Z", "FREQ=DAILY", "UTC", "0");
        check(&nothing, "2026-05-03T10:00Z", "2026-05-05T22:00Z", &[]);
    }

    #[test]
    fn a_rule_ends_with_its_last_time_and_until_ends_for_good() {
        let times = |rule: &str, until: Option<&str>| {
            let zone = Zone::get("America/New_York").unwrap();
            let (start, hour) = (at("2026-05-01T03:00:00Z"), Duration::from_hours(1));
            let recurrence = Recurrence::new(start, rule, zone, hour, until.map(at)).unwrap();
            let found =
                recurrence.occurrences(at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")).unwrap();
            (found.len(), rfc3339(found.last().unwrap().to))
        };
        // 23:00 of 30 April in New York. A time of the rule is its last if it is at `UNTIL`.
        let four = (4, "2026-05-04T04:00:00Z".to_owned());
        assert_eq!(times("FREQ=DAILY;COUNT=4", None), four);
        assert_eq!(times("FREQ=DAILY;UNTIL=20260504T030000Z", None), four);
        assert_eq!(times("FREQ=DAILY;UNTIL=20260503T230000", None), four);
        assert_eq!(times("UNTIL=20260503;FREQ=DAILY", None), four);
        assert_eq!(times("FREQ=DAILY;UNTIL=20260503T225959", None).0, 3);
        assert_eq!(times("FREQ=DAILY", Some("2026-05-04T04:00Z")), four);
        assert_eq!(
            times("FREQ=DAILY", Some("2026-05-04T03:30Z")),
            (4, "2026-05-04T03:30:00Z".into())
        );
        assert_eq!(times("FREQ=DAILY", Some("2026-05-04T03:00Z")).0, 3);
    }

    #[track_caller]
    fn check_error(rule: &str, expected: &str) {
        let error = Recurrence::new(
            at("2026-01-01T00:00Z"),
            rule,
            Zone::UTC,
            Duration::from_hours(1),
            None,
        );
        let error = error.unwrap_err();
        assert!(error.contains(expected) && error.contains(rule), "{error}");
    }

    #[test]
    fn rules_that_cannot_be_followed_are_refused_with_words() {
        check_error("FREQ=SECONDLY", "more often than hourly");
        check_error("FREQ=MINUTELY;INTERVAL=90", "more often than hourly");
        check_error("FREQ=DAILY;INTERVAL=0", "never returns");
        check_error("FREQ=DAILY;UNTIL=tomorrow", "`UNTIL=tomorrow`: expected a moment");
        check_error("FREQ=DAILY;UNTIL=20261332", "expected a moment");
        check_error("BYDAY=SU", "FREQ");
        check_error("every sunday", "is wrong");
        check_error("", "is wrong");
        check_error("FREQ=WEEKLY;BYMONTHDAY=3", "is wrong");
        check_error("FREQ=WEEKLY\nEXDATE:20260101", "is wrong");
    }

    #[test]
    fn a_start_long_ago_is_no_work_and_too_many_times_are_refused() {
        let (from, to) = (at("2026-01-01T00:00Z"), at("2026-01-08T00:00Z"));
        for (rule, expected) in [("FREQ=HOURLY", 168), ("FREQ=DAILY", 7), ("FREQ=WEEKLY", 1)] {
            let old = recurrence("0001-01-01T00:30:00Z", rule, "UTC", "1m");
            assert_eq!(old.occurrences(from, to).unwrap().len(), expected, "{rule}");
        }
        let counted = recurrence("0001-01-01T00:30:00Z", "FREQ=HOURLY;COUNT=4000000", "UTC", "1m");
        assert!(counted.occurrences(from, to).unwrap_err().contains("more than 100000 times"));
        let endless = recurrence("2026-01-01T00:30:00Z", "FREQ=HOURLY", "UTC", "1m");
        assert!(endless.occurrences(from, Instant::MAX_UTC).is_err());
        let never =
            recurrence("2026-01-01T00:30:00Z", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "UTC", "1m");
        assert_eq!(never.occurrences(from, Instant::MAX_UTC), Ok(vec![]));
        assert_eq!(never.occurrences(at("9995-01-01T00:00Z"), Instant::MAX_UTC), Ok(vec![]));
    }

    proptest! {
        /// Following the rule from near the answer finds what following it from its start finds.
        #[test]
        fn a_later_beginning_keeps_the_rhythm(
            start in 1_577_836_800i64..1_640_995_200,
            (frequency, interval) in (
                prop::sample::select(vec!["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), 1u32..9,
            ),
            part in prop::sample::select(vec!["", ";BYDAY=MO,FR", ";BYHOUR=2,15", ";BYMONTH=2,7;WKST=SU"]),
            (days, zone) in (0i64..1200, prop::sample::select(vec!["UTC", "America/Santiago"])),
        ) {
            let start = chrono::DateTime::from_timestamp(start, 0).unwrap();
            let rule = format!("FREQ={frequency};INTERVAL={interval}{part}");
            let (zone, hour) = (Zone::get(zone).unwrap(), Duration::from_hours(1));
            let free = Recurrence::new(start, &rule, zone.clone(), hour, None).unwrap();
            let counted = format!("{rule};COUNT=90000");
            let counted = Recurrence::new(start, &counted, zone, hour, None).unwrap();
            let from = start + TimeDelta::days(days);
            let to = from + TimeDelta::days(100);
            prop_assert_eq!(free.occurrences(from, to), counted.occurrences(from, to));
        }

        #[test]
        fn no_rule_panics(
            parts in prop::collection::vec("(FREQ=(DAILY|HOURLY|WEEKLY|MONTHLY|YEARLY)|INTERVAL=[0-9]{1,5}|COUNT=[0-9]{1,3}|BY(DAY=(-?[1-5])?(MO|SU)|MONTHDAY=-?[0-9]{1,2}|YEARDAY=-?[0-9]{1,3}|WEEKNO=-?[0-9]{1,2}|MONTH=[0-9]{1,2}|SETPOS=-?[0-9]{1,2}|HOUR=[0-9]{1,2}|MINUTE=[0-9]{1,2})|UNTIL=[0-9]{8}(T[0-9]{6}Z?)?|.{0,9})", 0..5),
            (start, days) in (-60_000_000_000i64..250_000_000_000, -5000i64..5000),
        ) {
            let start = chrono::DateTime::from_timestamp(start, 0).unwrap();
            let rule = format!("FREQ=WEEKLY;{}", parts.join(";"));
            for rule in [&rule, &parts.join(";")] {
                let zone = Zone::get("Europe/Berlin").unwrap();
                let Ok(found) = Recurrence::new(start, rule, zone, Duration::from_hours(3), None) else {
                    continue;
                };
                let from = start + TimeDelta::days(days);
                let to = from + TimeDelta::days(30);
                for period in found.occurrences(from, to).unwrap_or_default() {
                    prop_assert!(period.from < to && period.to > from && period.from >= start);
                }
            }
        }
    }
}
