//! Which sections of a post-mortem say something.
use super::{
    sections::{ResolvedTemplate, Section, canonical},
    spec::{Impact, Lessons, PostMortem},
};
use crate::kernel::spec::{Field, Optional};

/// Whether a section says something.
pub fn is_filled(spec: &PostMortem, section: &str) -> bool {
    match canonical(section) {
        "summary" => text(&spec.summary),
        "impact" => spec.impact.value().is_some_and(impact),
        "trigger" => text(&spec.trigger),
        "causes" => spec.causes.iter().any(says),
        "detection" => text(&spec.detection),
        "resolution" => text(&spec.resolution),
        "timeline" => !spec.timeline.is_empty(),
        "lessons" => spec.lessons.value().is_some_and(lessons),
        "action_items" => !spec.action_items.is_empty(),
        other => own(spec, other).is_some_and(says),
    }
}

/// The text of a section that has no field of its own, by whichever name it goes.
pub fn own<'a>(spec: &'a PostMortem, section: &str) -> Option<&'a Field<String>> {
    let mut texts = spec.sections.iter();
    texts.find(|(name, _)| canonical(name) == section).map(|(_, text)| text)
}

/// The sections of a template that have to be filled and are not.
pub fn missing<'t>(spec: &PostMortem, template: &'t ResolvedTemplate<'_>) -> Vec<&'t Section> {
    let required = template.sections.iter().filter(|section| section.required);
    required.filter(|section| !is_filled(spec, &section.name)).collect()
}

fn text(field: &impl Optional<String>) -> bool {
    field.value().is_some_and(|text| !text.trim().is_empty())
}

fn says(field: &Field<String>) -> bool {
    field.get().is_some_and(|text| !text.trim().is_empty())
}

fn impact(impact: &Impact) -> bool {
    text(&impact.description)
        || impact.users.is_some()
        || impact.requests.is_some()
        || impact.support_requests.is_some()
        || impact.data_loss.is_some()
        || !impact.budget.is_empty()
        || !impact.figures.is_empty()
}

fn lessons(lessons: &Lessons) -> bool {
    let all = [&lessons.went_well, &lessons.went_wrong, &lessons.got_lucky];
    all.into_iter().flatten().any(says)
}
