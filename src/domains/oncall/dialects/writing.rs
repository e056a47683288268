//! Writes what was read of a pager as a document of ours.
use super::pager::Exported;
use crate::{
    domains::oncall::spec::{self, LocalTime, OverrideSpec, Rotation},
    kernel::{
        source::Place,
        spec::{Document, Field, ForeignDocument, Metadata, Name},
        time::Zone,
        units::Instant,
    },
};
use std::sync::Arc;

/// The document of a rotation that a schedule is. It has the schedule's name as far as names go, and knows
/// the schedule by an annotation.
pub(super) fn document(
    foreign: &ForeignDocument,
    exported: Exported,
    description: Option<&Field<String>>,
    rotation: Rotation,
) -> Option<Document> {
    let (called, place) = exported.name.pair()?;
    let name = Name::new(portable(called)).ok()?;
    let mut metadata = Metadata::named(Field::new(name, place));
    if portable(called) != *called {
        metadata.display_name = Some(exported.name.clone());
    }
    metadata.description =
        description.filter(|text| text.get().is_some_and(|it| !it.is_empty())).cloned();
    if let Some(id) = &exported.id {
        metadata.annotations.insert(exported.pager.annotation.to_owned(), id.clone());
    }
    let document = Document::lowered(&spec::ROTATION, foreign, metadata, Vec::new(), rotation);
    Some(document.with_origin(Arc::new(exported)))
}

/// A change of who is on call.
pub(super) fn change(
    user: &str,
    replaces: Option<&str>,
    (from, to): (Instant, Instant),
    reason: Option<&str>,
    place: Place,
) -> Option<Field<OverrideSpec>> {
    let change = OverrideSpec {
        user: Field::new(Name::new(user).ok()?, place),
        replaces: replaces.and_then(|name| Some(Field::new(Name::new(name).ok()?, place))),
        role: None,
        start: Field::new(LocalTime::Instant(from), place),
        end: Field::new(LocalTime::Instant(to), place),
        reason: reason.map(|reason| Field::new(reason.to_owned(), place)),
    };
    Some(Field::new(change, place))
}

/// A rotation that says nothing but its zone.
pub(super) fn empty(zone: &Field<Zone>) -> Rotation {
    Rotation {
        time_zone: zone.clone(),
        rotation_type: None,
        every: None,
        handoff_day: None,
        handoff_time: None,
        handoffs: Vec::new(),
        start: None,
        until: None,
        clock: None,
        dst_gap: None,
        advance: None,
        members: Vec::new(),
        rosters: Vec::new(),
        coverage: Vec::new(),
        handoff_on_holiday: None,
        layers: Vec::new(),
        secondary: None,
        overrides: Vec::new(),
        swaps: Vec::new(),
        temporary: Vec::new(),
        limits: None,
        never: Vec::new(),
        expect: Vec::new(),
    }
}

/// A name that other tools take too: `Payments (EU)` is `payments-eu`.
fn portable(text: &str) -> String {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<String> =
        words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    let joined: String = words.join("-").chars().take(63).collect();
    let joined = joined.trim_end_matches('-');
    // Where nothing of it can be kept, it stays as it is.
    if joined.is_empty() { text.trim().to_owned() } else { joined.to_owned() }
}
