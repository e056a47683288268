//! `sre import` of Markdown pages: each becomes a runbook.
use crate::{
    adapters::files,
    cli::{Exit, Failure, Session},
    domains::runbook::markdown::{self, Page},
    kernel::{report::words, source::SourceId, spec::load_text},
    registry,
};
use serde_yaml::{Mapping, Value};
use std::path::{Path, PathBuf};

/// Whether a path is that of a Markdown page.
pub fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "md" || ending == "markdown")
}

/// Writes pages as runbooks: to standard output, or each into a file of a folder.
///
/// # Errors
/// If a page cannot be read or is no runbook, or a file cannot be written.
pub fn run(
    session: &mut Session<'_, '_>,
    paths: &[PathBuf],
    out: Option<&Path>,
    force: bool,
) -> Result<Exit, Failure> {
    let mut documents = Vec::new();
    for path in paths {
        let text = files::read_document(&session.path(path))?;
        let shown = path.display();
        let page = markdown::read(&text).map_err(|error| {
            Failure::input(format!("`{shown}` is no runbook: {error}"))
                .hint("a page has the name of the alert as its heading, and the sections Meaning, Impact, Diagnosis and Mitigation")
        })?;
        for (line, what) in &page.others {
            session.warn(&format!("{shown}:{line}: not carried over: {what}"));
        }
        let text = document(&page)?;
        let loaded = load_text(SourceId::default(), &text, &registry::KINDS, &[]);
        if let Some(finding) = loaded
            .findings
            .iter()
            .find(|finding| finding.rule.level == crate::kernel::diagnostic::Level::Error)
        {
            return Err(Failure::input(format!(
                "`{shown}` cannot be written as a runbook: {}",
                finding.message
            )));
        }
        documents.push((slug(&page.title), text));
    }
    let Some(folder) = out else {
        let texts: Vec<String> = documents.into_iter().map(|(_, text)| text).collect();
        session.print(texts.join("---\n").as_bytes())?;
        return Ok(Exit::Success);
    };
    let folder = session.path(folder);
    for (name, text) in &documents {
        let path = folder.join("runbook").join(format!("{name}.yaml"));
        if force {
            files::create_folder(path.parent().unwrap_or(&folder))?;
        }
        if force { files::write_atomically(&path, text)? } else { files::create(&path, text)? }
    }
    let count = words::plural(documents.len() as u64, "file");
    session.note(&format!("wrote {count} into {}", session.shown(&folder)));
    Ok(Exit::Success)
}

/// A page as a document. Nothing says which program reads its commands before somebody has looked at them.
fn document(page: &Page) -> Result<String, Failure> {
    let map = |pairs: Vec<(&str, Value)>| {
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_null());
        Value::Mapping(pairs.map(|(key, value)| (Value::from(key), value)).collect::<Mapping>())
    };
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::from);
    let steps = (1_u64..).zip(&page.steps).map(|(number, (action, command))| {
        let command = command.as_ref().map(|command| without_prompts(command));
        map(vec![
            ("step", Value::from(number)),
            ("action", Value::from(action.clone())),
            ("command", text(&command)),
        ])
    });
    let sections = map(vec![
        ("meaning", text(&page.meaning)),
        ("impact", text(&page.impact)),
        ("diagnosis", text(&page.diagnosis)),
        ("mitigation", text(&page.mitigation)),
    ]);
    let whole = map(vec![
        ("apiVersion", Value::from("sre/v1")),
        ("kind", Value::from("Runbook")),
        (
            "metadata",
            map(vec![
                ("name", Value::from(slug(&page.title))),
                ("display_name", Value::from(page.title.clone())),
            ]),
        ),
        (
            "spec",
            map(vec![
                ("alerts", Value::from(vec![page.title.clone()])),
                ("sections", sections),
                ("steps", Value::from(steps.collect::<Vec<_>>())),
            ]),
        ),
    ]);
    serde_yaml::to_string(&whole)
        .map_err(|error| Failure::input(format!("`{}` cannot be written: {error}", page.title)))
}

/// Commands as they are typed, without the prompt that pages show before them.
fn without_prompts(code: &str) -> String {
    let lines: Vec<&str> = code.lines().collect();
    let prompted = lines.iter().any(|line| line.starts_with("$ "));
    let typed: Vec<&str> = if prompted {
        lines.iter().filter_map(|line| line.strip_prefix("$ ")).collect()
    } else {
        lines
    };
    typed.join("\n").trim_end().to_owned()
}

/// A title as the name of a document: `KubePodCrashLooping` stays, spaces become dashes.
fn slug(title: &str) -> String {
    let plain = |letter: char| {
        if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '-' }
    };
    let name: String = title.trim().chars().map(plain).take(200).collect();
    name.trim_matches('-').to_owned()
}
