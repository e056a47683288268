//! A runbook as a Markdown page.
use crate::{
    domains::runbook::spec::{Runbook, SectionsSpec, StepSpec, UndoSpec},
    kernel::spec::{Document, Either, Field, Optional as _, values},
};

/// The page of a runbook.
pub fn page(document: &Document, spec: &Runbook) -> String {
    let mut parts = vec![format!("# {}", line(document.display_name()))];
    let metadata = document.metadata.as_ref();
    if let Some(text) = metadata.and_then(|metadata| metadata.description.value()) {
        parts.push(text.trim().to_owned());
    }
    parts.extend(facts(document, spec));
    let sections = spec.sections.value();
    let section = |title: &str, read: fn(&SectionsSpec) -> Option<&String>| {
        let text = sections.and_then(read).map(|text| text.trim()).filter(|text| !text.is_empty());
        text.map(|text| format!("## {title}\n\n{text}"))
    };
    parts.extend(section("Meaning", |sections| sections.meaning.value()));
    parts.extend(section("Impact", |sections| sections.impact.value()));
    parts.extend(section("Diagnosis", |sections| sections.diagnosis.value()));
    parts.extend(section("Mitigation", |sections| sections.mitigation.value()));
    if !spec.params.is_empty() {
        parts.push(parameters(spec));
    }
    parts.push("## Steps".to_owned());
    for step in spec.steps.get().into_iter().flatten().filter_map(Field::get) {
        parts.push(self::step(step));
    }
    if !spec.escalation_path.is_empty() {
        let names = values(&spec.escalation_path).enumerate();
        let items: Vec<String> = names.map(|(at, name)| format!("{}. {name}", at + 1)).collect();
        parts.push(format!("## Escalation\n\n{}", items.join("\n")));
    }
    parts.join("\n\n") + "\n"
}

fn facts(document: &Document, spec: &Runbook) -> Option<String> {
    let mut facts = Vec::new();
    let alerts: Vec<String> = values(&spec.alerts).map(|name| format!("`{name}`")).collect();
    if !alerts.is_empty() {
        facts.push(format!("- Alerts: {}", alerts.join(", ")));
    }
    let slos: Vec<String> = values(&spec.slos).map(|slo| format!("`{}`", slo.name())).collect();
    if !slos.is_empty() {
        facts.push(format!("- Objectives: {}", slos.join(", ")));
    }
    if let Some(owner) = document.owner() {
        facts.push(format!("- Owner: {}", line(owner)));
    }
    if let Some(duration) = spec.expected_duration.value() {
        facts.push(format!("- Takes about: {duration}"));
    }
    if let Some(day) = spec.reviewed.value() {
        facts.push(format!("- Reviewed: {}", day.0));
    }
    (!facts.is_empty()).then(|| facts.join("\n"))
}

fn parameters(spec: &Runbook) -> String {
    let rows = values(&spec.params).filter_map(|parameter| {
        let name = parameter.name.get()?;
        let what = parameter.description.value().map_or("", String::as_str);
        let default = match (&parameter.secret, parameter.default.value()) {
            (Some(_), _) => "secret".to_owned(),
            (None, Some(text)) => format!("`{}`", text.0.replace('|', "\\|")),
            (None, None) => String::new(),
        };
        Some(format!("| `{name}` | {} | {default} |", line(what).replace('|', "\\|")))
    });
    let rows: Vec<String> = rows.collect();
    format!("## Parameters\n\n| name | what | default |\n| --- | --- | --- |\n{}", rows.join("\n"))
}

fn step(step: &StepSpec) -> String {
    let number = step.step.get().copied().unwrap_or(0);
    let action = step.action.get().map_or("", String::as_str);
    let mut parts = vec![format!("### {number}. {}", line(action))];
    if let Some(risk) = step.risk.value() {
        parts.push(format!("Risk: {}.", risk.name()));
    }
    if let Some(command) = step.command.value() {
        parts.push(fenced("sh", command));
    } else if !step.argv.is_empty() {
        let words: Vec<&str> = values(&step.argv).map(|word| word.0.as_str()).collect();
        parts.push(fenced("sh", &super::super::answer::quoted(&words)));
    }
    match step.undo.value() {
        Some(Either::Scalar(text)) if step.command.is_some() || !step.argv.is_empty() => {
            parts.push("Undo:".to_owned());
            parts.push(fenced("sh", &text.0));
        }
        Some(Either::Scalar(text)) => parts.push(format!("Undo: {}", line(&text.0))),
        Some(Either::Mapping(undo)) => parts.extend(self::undo(undo)),
        None => {}
    }
    parts.join("\n\n")
}

fn undo(undo: &UndoSpec) -> Vec<String> {
    let action = undo.action.value().map_or(String::new(), |text| format!(" {}", line(text)));
    let mut parts = vec![format!("Undo:{action}")];
    if let Some(command) = undo.command.value() {
        parts.push(fenced("sh", command));
    } else if !undo.argv.is_empty() {
        let words: Vec<&str> = values(&undo.argv).map(|word| word.0.as_str()).collect();
        parts.push(fenced("sh", &super::super::answer::quoted(&words)));
    }
    parts
}

/// A text on one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A block of code, with a fence that is longer than any in it.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}
