//! From shifts to events.
use super::{Event, text};
use crate::{
    domains::oncall::{
        engine::whole::WholeShift, people::People, resolve::ResolvedRotation, spec::Role,
    },
    kernel::{
        time::{Period, Zone},
        units::{Duration, Instant},
    },
};
use ring::digest;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which shifts: all that touch it.
    pub period: Period,
    /// Only those of this person.
    pub person: Option<String>,
    /// How long before a shift calendars remind of it.
    pub alarms: Vec<Duration>,
    /// What UIDs end with, so that no other's are the same.
    pub domain: String,
    /// When events were changed, that is: when the files were.
    pub changed_at: Instant,
}

/// The events of rotations, each with its rotation and person.
pub fn events(
    rotations: &[ResolvedRotation<'_>],
    people: &People,
    asked: &Asked,
) -> Vec<(String, String, Event)> {
    let mut found = Vec::new();
    for rotation in rotations {
        let name = rotation.document.name();
        for (role, duty) in rotation.duties() {
            for whole in duty.schedule.whole_shifts(asked.period) {
                let person = whole.shift.person.clone();
                if asked.person.as_ref().is_none_or(|asked| *asked == person) {
                    let event = event(name, &rotation.zone, role, &whole, people, asked);
                    found.push((name.to_owned(), person, event));
                }
            }
        }
    }
    found
}

fn event(
    rotation: &str,
    zone: &Zone,
    role: Role,
    WholeShift { shift, goes_on }: &WholeShift,
    people: &People,
    asked: &Asked,
) -> Event {
    let period = shift.period;
    let person = people.shown(&shift.person);
    let duty = match role {
        Role::Primary => rotation.to_owned(),
        Role::Secondary => format!("{rotation} ({})", role.name()),
    };
    let summary = text::escape(&format!("{person} on call: {duty}"));
    let local = |at| zone.local(at).format("%a %Y-%m-%d %H:%M");
    let from = local(period.from);
    let when = if *goes_on {
        format!("from {from} in {zone}, without an end in sight")
    } else {
        format!("from {from} to {} in {zone}", local(period.to))
    };
    let description = text::escape(&format!("{} of {rotation}, {when}.", capital(role.name())));
    let mut content = vec![
        format!("SUMMARY:{summary}"),
        format!("DESCRIPTION:{description}"),
        format!("CATEGORIES:On call,{}", capital(role.name())),
        // A week on call is no week without meetings.
        "TRANSP:TRANSPARENT".to_owned(),
    ];
    let mut alarms = asked.alarms.clone();
    alarms.sort_unstable();
    alarms.dedup();
    for alarm in alarms {
        content.extend([
            "BEGIN:VALARM".to_owned(),
            "ACTION:DISPLAY".to_owned(),
            format!("DESCRIPTION:{summary}"),
            format!("TRIGGER:{}", text::before(alarm)),
            "END:VALARM".to_owned(),
        ]);
    }
    Event {
        uid: uid([rotation, role.name(), &shift.person], period.from, &asked.domain),
        period,
        sequence: 0,
        changed_at: asked.changed_at,
        is_cancelled: false,
        content,
    }
}

/// The UID of a shift. Its end is no part of it: a shift that becomes longer is the same shift.
fn uid(parts: [&str; 3], begin: Instant, domain: &str) -> String {
    let mut hashed = digest::Context::new(&digest::SHA256);
    for part in parts {
        hashed.update(part.as_bytes());
        // What no name holds: so that `a`, `bc` is not `ab`, `c`.
        hashed.update(b"\0");
    }
    hashed.update(text::instant(begin).as_bytes());
    let hash = hashed.finish();
    // Sixteen octets: no two of a million shifts are the same by chance.
    let hex: String = hash.as_ref().iter().take(16).map(|octet| format!("{octet:02x}")).collect();
    format!("sre-{hex}@{domain}")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
