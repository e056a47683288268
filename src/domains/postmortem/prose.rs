//! The texts of a post-mortem, each with its place.
use super::spec::PostMortem;
use crate::kernel::{
    source::Place,
    spec::{Field, Optional as _},
};

/// A text that somebody wrote.
#[derive(Clone, Copy, Debug)]
pub struct Passage<'a> {
    /// The field that it is in, for messages: `causes`.
    pub part: &'a str,
    /// The text, Markdown.
    pub text: &'a str,
    /// Where it stands.
    pub place: Place,
    /// Whether it says why it happened.
    pub is_cause: bool,
}

/// All of them, in the order of the fields.
pub fn passages(spec: &PostMortem) -> Vec<Passage<'_>> {
    let mut found = Vec::new();
    add(&mut found, "summary", spec.summary.as_ref(), true);
    if let Some(impact) = spec.impact.value() {
        add(&mut found, "impact", impact.description.as_ref(), false);
    }
    add(&mut found, "trigger", spec.trigger.as_ref(), true);
    for cause in &spec.causes {
        add(&mut found, "causes", Some(cause), true);
    }
    add(&mut found, "detection", spec.detection.as_ref(), false);
    add(&mut found, "resolution", spec.resolution.as_ref(), false);
    for entry in spec.timeline.iter().filter_map(Field::get) {
        add(&mut found, "timeline", Some(&entry.event), false);
        add(&mut found, "timeline", entry.note.as_ref(), false);
    }
    if let Some(lessons) = spec.lessons.value() {
        let all = [&lessons.went_well, &lessons.went_wrong, &lessons.got_lucky];
        for lesson in all.into_iter().flatten() {
            add(&mut found, "lessons", Some(lesson), false);
        }
    }
    for item in spec.action_items.iter().filter_map(Field::get) {
        add(&mut found, "action_items", Some(&item.title), false);
        add(&mut found, "action_items", item.done_when.as_ref(), false);
    }
    for (name, text) in &spec.sections {
        add(&mut found, name, Some(text), name.contains("cause") || name.contains("trigger"));
    }
    found
}

fn add<'a>(
    found: &mut Vec<Passage<'a>>,
    part: &'a str,
    field: Option<&'a Field<String>>,
    is_cause: bool,
) {
    if let Some((text, place)) = field.and_then(Field::pair) {
        found.push(Passage { part, text: text.as_str(), place, is_cause });
    }
}
