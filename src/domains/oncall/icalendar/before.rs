//! A file that was written before, and what becomes of its events.
use super::{Calendar, Event, OF, PRODUCER, text};
use crate::kernel::{time::Period, units::Instant};
use std::collections::BTreeMap;

/// A file that was written before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before(Calendar);

impl Before {
    /// Reads a file that [`Calendar::text`] wrote; `None` where another program did, or somebody changed it
    /// so that it is not understood.
    pub fn read(file: &str) -> Option<Self> {
        let lines = text::lines(file);
        let (mut lines, mut calendar) = (lines.into_iter(), Calendar::nameless());
        if lines.next()? != "BEGIN:VCALENDAR" {
            return None;
        }
        let mut is_ours = false;
        while let Some(line) = lines.next() {
            let (property, value) = line.split_once(':')?;
            match property {
                "PRODID" => is_ours = value == PRODUCER,
                "NAME" => calendar.name = text::unescape(value),
                OF => calendar.of = text::unescape(value),
                "BEGIN" if value == "VEVENT" && is_ours => {
                    calendar.events.push(event(&mut lines)?);
                }
                "BEGIN" => return None,
                "END" => {
                    let is_whole = is_ours && value == "VCALENDAR" && !calendar.of.is_empty();
                    return is_whole.then_some(Self(calendar));
                }
                _ => {}
            }
        }
        None
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is of; see [`Calendar::of`].
    pub fn of(&self) -> &str {
        &self.0.of
    }
}

impl Calendar {
    /// A calendar of these events of that name.
    fn nameless() -> Self {
        Self { name: String::new(), of: String::new(), events: Vec::new() }
    }

    /// The same calendar in the place of one that was written before.
    ///
    /// Events that say what they said before stay as they are. Those that say something else get the next
    /// SEQUENCE. Those of before that are not there any more stay as cancelled, as far as they touch the
    /// period over which events were looked for; others go. `changed_at` is when the files were changed.
    #[must_use]
    pub fn following(self, before: &Before, period: Period, changed_at: Instant) -> Self {
        let mut earlier: BTreeMap<&str, &Event> =
            before.0.events.iter().map(|event| (event.uid.as_str(), event)).collect();
        let mut events: Vec<Event> = Vec::new();
        for event in self.events {
            events.push(match earlier.remove(event.uid.as_str()) {
                None => event,
                Some(same) if same.says_the_same(&event) => same.clone(),
                Some(other) => Event {
                    sequence: other.sequence.saturating_add(1),
                    changed_at: event.changed_at.max(other.changed_at),
                    ..event
                },
            });
        }
        let touches =
            |event: &&Event| event.period.from < period.to && period.from < event.period.to;
        for event in earlier.into_values().filter(touches) {
            events.push(if event.is_cancelled {
                event.clone()
            } else {
                event.cancelled(changed_at)
            });
        }
        Self { events, ..self }
    }
}

impl Event {
    fn cancelled(&self, at: Instant) -> Self {
        let mut content = self.content.clone();
        // Nobody is to be reminded of it.
        if let Some(alarms) = content.iter().position(|line| line == "BEGIN:VALARM") {
            content.truncate(alarms);
        }
        Self {
            sequence: self.sequence.saturating_add(1),
            changed_at: at.max(self.changed_at),
            is_cancelled: true,
            content,
            ..self.clone()
        }
    }
}

/// Reads an event whose first line was read, as [`Event::write`] writes it.
fn event(lines: &mut impl Iterator<Item = String>) -> Option<Event> {
    let (mut uid, mut from, mut to, mut sequence) = (None, None, None, None);
    let (mut changed_at, mut is_cancelled, mut content) = (None, None, Vec::new());
    for line in lines {
        let (property, value) = line.split_once(':')?;
        if line == "END:VEVENT" {
            return Some(Event {
                uid: uid?,
                period: Period { from: from?, to: to? },
                sequence: sequence?,
                changed_at: changed_at?,
                is_cancelled: is_cancelled?,
                content,
            });
        }
        match property {
            "UID" => uid = Some(value.to_owned()),
            "DTSTAMP" => {}
            "LAST-MODIFIED" => changed_at = text::read_instant(value),
            "SEQUENCE" => sequence = value.parse().ok(),
            "STATUS" => is_cancelled = Some(value == "CANCELLED"),
            "DTSTART" => from = text::read_instant(value),
            "DTEND" => to = text::read_instant(value),
            _ => content.push(line),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(day: i64) -> Instant {
        text::read_instant("20260101T080000Z").unwrap() + TimeDelta::days(day)
    }

    fn shift(uid: &str, from: i64, to: i64) -> Event {
        Event {
            uid: uid.to_owned(),
            period: Period { from: at(from), to: at(to) },
            sequence: 0,
            changed_at: at(-9),
            is_cancelled: false,
            content: [
                "SUMMARY:Zoë\\, on call: payments",
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                "TRIGGER:-PT15M",
                "END:VALARM",
            ]
            .map(str::to_owned)
            .to_vec(),
        }
    }

    fn calendar(events: Vec<Event>) -> Calendar {
        let (name, of) = ("On call; all".to_owned(), "all rotations".to_owned());
        Calendar { name, of, events }
    }

    fn all() -> Period {
        Period { from: at(0), to: at(100) }
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let written = calendar(vec![shift("a", 0, 7), shift("b", 7, 14)]);
        let text = written.text().unwrap();
        assert_eq!(written.text().as_deref(), Some(text.as_str()), "the same bytes again");
        let before = Before::read(&text).unwrap();
        assert_eq!(before, Before(written.clone()));
        assert_eq!(Before::read(&text.replace("\r\n", "\n")), Some(before.clone()));
        assert_eq!(written.clone().following(&before, all(), at(3)), written);
        for foreign in [
            "",
            "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
            &text.replace("sre//on call", "Other//Program"),
            &text.replace("END:VCALENDAR", ""),
            &text.replace("SEQUENCE:0", "SEQUENCE:x"),
            &text.replace("BEGIN:VEVENT", "BEGIN:VTODO"),
            &text.replace("X-SRE-OF", "X-OTHER"),
        ] {
            assert_eq!(Before::read(foreign), None, "{foreign}");
        }
        assert_eq!(calendar(Vec::new()).text(), None, "a calendar has at least one event");
    }

    #[test]
    fn what_changed_is_numbered_and_what_is_gone_is_cancelled() {
        let before = [
            shift("over", -7, 0),
            shift("kept", 0, 7),
            shift("longer", 7, 14),
            shift("gone", 14, 21),
            shift("beyond", 100, 107),
        ];
        let before = Before::read(&calendar(before.to_vec()).text().unwrap()).unwrap();
        let now = calendar(vec![
            shift("kept", 0, 7),
            Event { changed_at: at(1), ..shift("longer", 7, 15) },
            shift("new", 15, 21),
        ]);
        let after = now.clone().following(&before, all(), at(1));
        let said = |calendar: &Calendar| {
            let mut said: Vec<(String, u32, bool, Instant)> = calendar
                .events
                .iter()
                .map(|it| (it.uid.clone(), it.sequence, it.is_cancelled, it.changed_at))
                .collect();
            said.sort();
            said
        };
        let expected = [
            ("gone".to_owned(), 1, true, at(1)),
            ("kept".to_owned(), 0, false, at(-9)),
            ("longer".to_owned(), 1, false, at(1)),
            ("new".to_owned(), 0, false, at(-9)),
        ];
        assert_eq!(said(&after), expected);
        let text = after.text().unwrap();
        assert!(text.contains("STATUS:CANCELLED"), "{text}");
        let gone = after.events.iter().find(|it| it.uid == "gone").unwrap();
        assert_eq!(gone.content, ["SUMMARY:Zoë\\, on call: payments"], "nobody is reminded of it");
        // Once more, nothing changes; and what comes back gets another number.
        let again = now.following(&Before::read(&text).unwrap(), all(), at(2));
        assert_eq!(again.text().unwrap(), text);
        let back = calendar(vec![shift("gone", 14, 21)]);
        let back = back.following(&Before::read(&text).unwrap(), all(), at(3));
        let back: Vec<&Event> = back.events.iter().filter(|it| it.uid == "gone").collect();
        assert_eq!((back[0].sequence, back[0].is_cancelled), (2, false));
        // A cancelled event stays until it would have been over.
        let later = Period { from: at(21), to: at(100) };
        let text = calendar(vec![shift("gone", 14, 21), shift("x", 20, 30)]).text().unwrap();
        let after = calendar(Vec::new()).following(&Before::read(&text).unwrap(), later, at(4));
        assert_eq!(said(&after), [("x".to_owned(), 1, true, at(4))]);
    }
}
