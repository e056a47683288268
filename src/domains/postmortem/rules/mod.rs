//! What may be wrong with post-mortems.
use super::{
    actions::Action,
    demand,
    language::{self, Flaw, People, Remark},
    prose::{self, Passage},
    spec::PostMortem,
};
use crate::{
    domains::oncall::{people, spec::Rotation},
    kernel::{
        diagnostic::{Finding, Rule, rule::Context},
        source::Place,
        spec::{Document, Field, Moment, Optional as _, problem, rules::part, values},
        units::Instant,
    },
};
use std::collections::BTreeSet;

mod action_overdue;
mod action_without_due_date;
mod action_without_end;
mod action_without_owner;
mod author_is_only_reviewer;
mod blaming_sentence;
mod clocks_differ;
mod clocks_out_of_order;
mod counterfactual_sentence;
mod human_error_as_cause;
mod incident_without_post_mortem;
mod no_preventing_action;
mod post_mortem_late;
mod post_mortem_without_incident;
mod repeated_action;
mod section_not_filled;
mod section_not_in_template;
mod section_placeholder_left;
mod timeline_gap;
mod timeline_out_of_order;
mod unknown_action_owner;
mod vague_action;

/// All of them.
pub static RULES: &[&Rule] = &[
    &timeline_out_of_order::RULE,
    &timeline_gap::RULE,
    &action_without_owner::RULE,
    &action_without_due_date::RULE,
    &action_without_end::RULE,
    &action_overdue::RULE,
    &no_preventing_action::RULE,
    &blaming_sentence::RULE,
    &counterfactual_sentence::RULE,
    &human_error_as_cause::RULE,
    &section_not_filled::RULE,
    &section_placeholder_left::RULE,
    &post_mortem_late::RULE,
    &author_is_only_reviewer::RULE,
    &repeated_action::RULE,
    &vague_action::RULE,
    &clocks_out_of_order::RULE,
    &section_not_in_template::RULE,
    &unknown_action_owner::RULE,
    &incident_without_post_mortem::RULE,
    &post_mortem_without_incident::RULE,
    &clocks_differ::RULE,
];

/// An instant as messages show it.
fn clock(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// `` `AI-1` `` of an action, or a word for it.
fn called(action: &Action<'_>) -> String {
    action.item.id.get().map_or_else(|| "this action".to_owned(), |id| format!("`{id}`"))
}

/// When the incident was over: as the post-mortem says, else as the incident does.
fn resolved_at(context: &Context<'_>, spec: &PostMortem) -> Option<Instant> {
    let own = spec.clocks.value().and_then(|clocks| clocks.resolved.value());
    own.map(|Moment(at)| *at)
        .or_else(|| demand::incident_of(context.catalog, spec)?.record.clocks.resolved)
}

/// What could be worded better in a post-mortem, of one kind of flaw.
fn remarks<'a>(
    context: &Context<'_>,
    document: &'a Document,
    flaw: Flaw,
) -> Vec<(Passage<'a>, Remark)> {
    let Some(spec) = document.spec::<PostMortem>() else { return Vec::new() };
    let people = people_of(context, spec);
    let passages = prose::passages(spec).into_iter();
    let found = passages.flat_map(|passage| {
        let remarks = language::remarks(passage.text, &people);
        remarks.into_iter().map(move |remark| (passage, remark))
    });
    found.filter(|(_, remark)| remark.flaw == flaw).collect()
}

/// Whose names a text may hold: members of teams and rotations, and whoever the post-mortem names.
fn people_of(context: &Context<'_>, spec: &PostMortem) -> People {
    let listed = people::People::of(context.catalog);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for name in listed.names() {
        names.insert(name.to_owned());
        names.insert(listed.shown(name).to_owned());
    }
    for (_, rotation) in context.catalog.iter::<Rotation>() {
        names.extend(people::members(rotation));
    }
    names.extend(values(&spec.authors).chain(values(&spec.reviewers)).map(ToString::to_string));
    // An owner of an action may be a team: those are in no text as a person is.
    let owners = values(&spec.action_items).filter_map(|item| item.owner.as_ref());
    let owners = owners.filter_map(Field::get).filter(|owner| listed.place(owner).is_some());
    names.extend(owners.cloned());
    if let Some(incident) = demand::incident_of(context.catalog, spec) {
        names.extend(incident.record.roles().values().map(ToString::to_string));
    }
    People::named(names.iter().map(String::as_str))
}

/// The words of a remark as messages quote them.
fn excerpt(remark: &Remark) -> String {
    format!("`{}`", problem::shorten(&remark.found))
}

/// A finding at the words of a remark, where their place is known: a block of several lines is one place.
fn at_words(
    rule: &'static Rule,
    passage: &Passage<'_>,
    remark: &Remark,
    message: String,
) -> Finding {
    let place: Place = part(passage.place, passage.text, remark.at.clone());
    Finding::new(rule, place, message)
}
