//! A draft as a document: what is known filled in, what a human has to write marked as such.
use super::{Draft, cost::Cost, timeline::Line};
use crate::{
    domains::postmortem::{
        sections::Section,
        spec::{ActionType, Priority, Status},
    },
    kernel::{
        source::SourceId,
        spec::{API_VERSION, Kind, format::format_text},
        time::rfc3339,
        units::Instant,
    },
};
use serde_yaml::{Mapping, Value};

/// The text of a post-mortem called `name`; `kind` is that of post-mortems.
///
/// Sections stand in the order of the template, each below its guidance as a comment. Whatever is to be written
/// by a human begins with `TODO`, which `sre postmortem check` finds.
///
/// # Errors
/// If the text would not be read as what it is made of, which is a mistake of this program.
pub fn text(draft: &Draft<'_>, name: &str, kind: &'static Kind) -> Result<String, String> {
    let record = &draft.incident.record;
    let mut text = format!("apiVersion: {API_VERSION}\nkind: {}\nmetadata:\n", kind.name);
    text += &field(2, "name", name.into());
    text += &field(2, "display_name", record.title.clone().into());
    if let Some(owner) = draft.incident.document.owner() {
        text += &field(2, "owner", owner.into());
    }
    text += "spec:\n";
    text += &field(2, "incident", draft.incident.document.name().into());
    if let Some(template) = draft.template.name {
        text += &field(2, "template", template.into());
    }
    text += &field(2, "status", Status::Draft.key().into());
    let author = author(draft);
    if let Some(author) = author {
        text += &field(2, "authors", vec![Value::from(author)].into());
    }
    text += &field(2, "clocks", clocks(draft));
    let (mut own, mut optional) = (Vec::new(), Vec::new());
    for section in &draft.template.sections {
        match value(draft, section) {
            Some((name, value)) if section.required || is_known(name) => {
                text += &comment(2, section, name);
                text += &field(2, name, value);
            }
            None if section.required => own.push(section),
            _ => optional.push(section),
        }
    }
    if !own.is_empty() {
        text += "  sections:\n";
        for section in own {
            text += &comment(4, section, &section.name);
            text += &field(4, &section.name, todo(section).into());
        }
    }
    if !optional.is_empty() {
        text += "  # If there is something to say:\n";
        for section in optional {
            let place = if value(draft, section).is_some() { "" } else { "sections: " };
            let what = section.guidance.as_deref().unwrap_or(&section.title);
            text += &format!("  # {place}{}: {}\n", section.name, one_line(what));
        }
    }
    format_text(SourceId::default(), &text, &[kind])
        .map_err(|_| "the draft is no document".to_owned())
}

/// The field of a section and what is known of it; `None` for sections without a field of their own.
fn value(draft: &Draft<'_>, section: &Section) -> Option<(&'static str, Value)> {
    Some(match section.name.as_str() {
        "summary" => ("summary", todo(section).into()),
        "impact" => ("impact", impact(draft, section)),
        "trigger" => ("trigger", todo(section).into()),
        "causes" => ("causes", causes(draft, section)),
        "detection" => ("detection", detection(draft, section)),
        "resolution" => ("resolution", todo(section).into()),
        "timeline" => ("timeline", timeline(&draft.timeline)),
        "lessons" => ("lessons", lessons()),
        "action_items" => ("action_items", action_items(draft)),
        _ => return None,
    })
}

/// What is to be written in a section.
fn todo(section: &Section) -> String {
    match &section.guidance {
        Some(guidance) => format!("TODO: {guidance}"),
        None => format!("TODO: {}", section.title),
    }
}

/// Whether a section says something that nobody has to write.
fn is_known(name: &str) -> bool {
    matches!(name, "impact" | "timeline")
}

/// The heading of a section as a comment; and what is to be written there, unless that stands in its place.
fn comment(indent: usize, section: &Section, name: &str) -> String {
    let mut lines = vec![section.title.clone()];
    if matches!(name, "timeline" | "lessons" | "action_items") {
        lines.extend(section.guidance.iter().flat_map(|text| text.lines().map(str::to_owned)));
    }
    let pad = " ".repeat(indent);
    lines.iter().map(|line| format!("{pad}# {}\n", one_line(line))).collect()
}

/// A text without line breaks, for a comment.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A field with its value, each line behind so many spaces.
fn field(indent: usize, name: &str, value: Value) -> String {
    let mapping = Mapping::from_iter([(Value::from(name), value)]);
    // Plain values of ours: there is nothing in them that YAML has no words for.
    let text = serde_yaml::to_string(&mapping).unwrap_or_default();
    let pad = " ".repeat(indent);
    let line =
        |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") };
    text.lines().map(line).collect()
}

/// A mapping of what is said.
fn mapping<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let said = fields.into_iter().filter_map(|(name, value)| Some((Value::from(name), value?)));
    Value::Mapping(said.collect::<Mapping>())
}

/// Whoever had a role in the incident, the commander first: somebody who was there begins to write.
fn author<'d>(draft: &'d Draft<'_>) -> Option<&'d str> {
    let roles = draft.incident.record.roles();
    roles.get("commander").or_else(|| roles.values().next()).copied()
}

fn moment(at: Option<Instant>) -> Option<Value> {
    at.map(|at| rfc3339(at).into())
}

fn clocks(draft: &Draft<'_>) -> Value {
    let clocks = &draft.incident.record.clocks;
    mapping([
        ("started", moment(clocks.started)),
        ("detected", moment(clocks.detected)),
        ("declared", moment(clocks.declared)),
        ("acknowledged", moment(clocks.acknowledged)),
        ("mitigated", moment(clocks.mitigated)),
        ("resolved", moment(clocks.resolved)),
    ])
}

fn impact(draft: &Draft<'_>, section: &Section) -> Value {
    let notes = crate::kernel::spec::values(&draft.incident.spec.impact);
    let notes: Vec<&str> = notes
        .filter_map(|impact| impact.note.as_ref()?.get())
        .map(|note| note.trim())
        .filter(|note| !note.is_empty())
        .collect();
    let mut description = notes.join("\n\n");
    if description.is_empty() {
        description = todo(section);
    }
    for (slo, why) in &draft.unknown {
        description +=
            &format!("\n\nTODO: what was spent of the budget of {slo}, which is not known: {why}");
    }
    let bad = draft.incident.record.impact.iter().filter_map(|impact| impact.bad_events);
    let requests = bad.reduce(u64::saturating_add);
    let budget: Vec<Value> = draft.costs.iter().map(cost).collect();
    let left_out = draft.costs.iter().filter_map(|cost| {
        let before = cost.before_adjustments?;
        let name = format!("bad events of {} before adjustments", cost.slo);
        Some(mapping([("name", Some(name.into())), ("value", Some(before.to_string().into()))]))
    });
    let figures: Vec<Value> = left_out.collect();
    mapping([
        ("description", Some(description.into())),
        ("requests", requests.map(Value::from)),
        ("budget", (!budget.is_empty()).then(|| budget.into())),
        ("figures", (!figures.is_empty()).then(|| figures.into())),
    ])
}

fn cost(cost: &Cost) -> Value {
    mapping([
        ("slo", Some(cost.slo.clone().into())),
        ("share", Some(cost.share.to_string().into())),
        ("spent", Some(cost.spent.to_string().into())),
        ("bad_events", cost.bad_events.map(Value::from)),
    ])
}

fn causes(draft: &Draft<'_>, section: &Section) -> Value {
    let known = &draft.incident.record.causes;
    let mut causes: Vec<Value> = known
        .iter()
        .map(|cause| Value::from(format!("TODO: how {cause} made it possible")))
        .collect();
    if causes.is_empty() {
        causes.push(todo(section).into());
    }
    causes.into()
}

fn detection(draft: &Draft<'_>, section: &Section) -> Value {
    let clocks = &draft.incident.record.clocks;
    let late = clocks.started.zip(clocks.detected);
    let late = late.map(|(started, detected)| (detected - started).num_minutes());
    match late.filter(|minutes| *minutes >= 0) {
        Some(minutes) => {
            format!("It was detected {minutes} minutes after it started. {}", todo(section)).into()
        }
        None => todo(section).into(),
    }
}

fn timeline(lines: &[Line]) -> Value {
    let line = |line: &Line| {
        mapping([
            ("at", moment(Some(line.at))),
            ("until", moment(line.until)),
            ("event", Some(line.event.clone().into())),
            ("evidence", line.evidence.clone().map(Value::from)),
            ("note", line.note.clone().map(Value::from)),
        ])
    };
    lines.iter().map(line).collect::<Vec<_>>().into()
}

fn lessons() -> Value {
    let one = |text: &str| Some(Value::from(vec![Value::from(text)]));
    mapping([
        ("went_well", one("TODO: what went well, and is to stay so")),
        ("went_wrong", one("TODO: what went wrong")),
        ("got_lucky", one("TODO: where it could have ended worse")),
    ])
}

/// Stubs: what is to prevent the next one, and what is to notice or end it sooner.
fn action_items(draft: &Draft<'_>) -> Value {
    let much = draft
        .costs
        .iter()
        .any(|cost| cost.share.share() > draft.template.preventing_above.as_f64());
    let priority = if much { Priority::P0 } else { Priority::P1 };
    let stub = |number: usize, kind: ActionType, priority: Priority, what: &str| {
        mapping([
            ("id", Some(format!("AI-{number}").into())),
            ("title", Some(format!("TODO: {what}").into())),
            ("type", Some(kind.name().into())),
            ("priority", Some(priority.name().into())),
        ])
    };
    vec![
        stub(1, ActionType::Prevent, priority, "what makes this impossible"),
        stub(2, ActionType::Detect, Priority::P2, "what notices it sooner"),
        stub(3, ActionType::Mitigate, Priority::P2, "what ends it sooner, or makes it hurt less"),
    ]
    .into()
}
