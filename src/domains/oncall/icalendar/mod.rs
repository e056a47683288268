//! Shifts as iCalendar files, for the calendars of people.
//!
//! Each shift is an event of its own, in UTC, which every calendar shows in the zone of whoever looks.
//! The same shift has the same UID in every file and for ever, so that calendars replace an event and do
//! not add another: the UID is made of the rotation, the role, the person and when the shift begins. What
//! changes gets a higher SEQUENCE; what is gone stays as a cancelled event until it would have been over,
//! for that is how calendars learn of it. Files carry names, and nothing by which people can be reached.
//!
//! Sources: RFC 5545; RFC 5546, section 2.1.4 (SEQUENCE) and 3.2.1 (PUBLISH); RFC 7986 (NAME,
//! REFRESH-INTERVAL).
//!
//! | where | what |
//! |---|---|
//! | `shifts` | from shifts to events |
//! | `before` | a file that was written before, and what becomes of its events |
//! | `text` | lines, escapes, times |
mod before;
mod shifts;
mod text;

pub use before::Before;
pub use shifts::{Asked, events};

use crate::kernel::{time::Period, units::Instant};

/// Who writes these files: so they are told from those of others.
const PRODUCER: &str = "-//sre//on call//EN";
/// The property that says what a file is of.
const OF: &str = "X-SRE-OF";

/// A file of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// What calendars call it.
    pub name: String,
    /// What it is of: `rotation payments`, `all rotations for alice`. A file is brought up to date with the
    /// events of the same only.
    pub of: String,
    /// The events.
    pub events: Vec<Event>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it is told by, in all files.
    pub uid: String,
    /// From when to when it is.
    pub period: Period,
    /// How often it was changed.
    pub sequence: u32,
    /// When it was changed last.
    pub changed_at: Instant,
    /// Whether it does not take place after all.
    pub is_cancelled: bool,
    /// Lines that say what it is.
    content: Vec<String>,
}

impl Event {
    /// Whether another event says the same.
    fn says_the_same(&self, other: &Self) -> bool {
        (self.period, self.is_cancelled, &self.content)
            == (other.period, other.is_cancelled, &other.content)
    }

    fn write(&self, out: &mut String) {
        let changed_at = text::instant(self.changed_at);
        let mut line = |line: &str| text::push(out, line);
        line("BEGIN:VEVENT");
        line(&format!("UID:{}", self.uid));
        line(&format!("DTSTAMP:{changed_at}"));
        line(&format!("LAST-MODIFIED:{changed_at}"));
        line(&format!("SEQUENCE:{}", self.sequence));
        line(if self.is_cancelled { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
        line(&format!("DTSTART:{}", text::instant(self.period.from)));
        line(&format!("DTEND:{}", text::instant(self.period.to)));
        self.content.iter().for_each(|content| line(content));
        line("END:VEVENT");
    }
}

impl Calendar {
    /// The file; `None` where there is no event, for a calendar has at least one (RFC 5545, section 3.6).
    pub fn text(&self) -> Option<String> {
        let mut events: Vec<&Event> = self.events.iter().collect();
        events.sort_by(|one, other| (one.period, &one.uid).cmp(&(other.period, &other.uid)));
        let mut out = String::new();
        let name = text::escape(&self.name);
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            &format!("PRODID:{PRODUCER}"),
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            &format!("NAME:{name}"),
            &format!("X-WR-CALNAME:{name}"),
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
            &format!("{OF}:{}", text::escape(&self.of)),
        ] {
            text::push(&mut out, line);
        }
        for event in &events {
            event.write(&mut out);
        }
        text::push(&mut out, "END:VCALENDAR");
        (!events.is_empty()).then_some(out)
    }
}
