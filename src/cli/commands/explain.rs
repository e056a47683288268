//! `sre explain`: the page on a rule, a kind or a term.
use crate::{
    cli::{Exit, Failure, Session},
    kernel::{
        diagnostic::{Rule, engine::find_rule},
        report::{Format, harmless},
        spec::{Kind, problem},
    },
    registry,
};
use serde_json::json;
use std::fmt::Write as _;

/// Arguments of `sre explain`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A rule's name or code, a kind, or a term of the glossary; without it, the list of them.
    word: Option<String>,
}

/// The glossary: each `## ` heading is a term.
const GLOSSARY: &str = include_str!("../../../docs/glossary.md");

/// Prints the page.
///
/// # Errors
/// If nothing is called so.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let json = matches!(session.format()?, Format::Json);
    let text = match arguments.word.as_deref() {
        None => index(),
        Some(word) => {
            if let Some(rule) = find_rule(&registry::RULES, word) {
                if json { rule_json(rule) } else { rule_page(rule) }
            } else if let Some(kind) =
                registry::KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(word))
            {
                kind_page(kind)
            } else if let Some(page) = term(word) {
                page
            } else {
                return Err(unknown(word));
            }
        }
    };
    let text = if json { text } else { unfenced(&text) };
    session.print(text.as_bytes())?;
    Ok(Exit::Success)
}

/// Code between fences, indented instead: easier to read where Markdown is not rendered, and easier to
/// quote where it is.
fn unfenced(page: &str) -> String {
    let (mut text, mut code) = (String::with_capacity(page.len()), false);
    for line in page.lines() {
        if line.starts_with("```") {
            code = !code;
            continue;
        }
        if code && !line.is_empty() {
            text.push_str("    ");
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn rule_page(rule: &Rule) -> String {
    let fixable = if rule.fixable { ", `sre validate --fix` mends what is certain" } else { "" };
    let (heading, rest) = rule.page.split_once('\n').unwrap_or((rule.page, ""));
    format!("{heading}\n\n{} · {}{fixable}\n{rest}", rule.code, rule.level)
}

fn rule_json(rule: &Rule) -> String {
    let value = json!({
        "schema": "sre/rule@1",
        "code": rule.code,
        "name": rule.name,
        "level": rule.level.name(),
        "fixable": rule.fixable,
        "summary": rule.summary(),
        "page": rule.page,
    });
    format!("{value:#}\n")
}

fn kind_page(kind: &Kind) -> String {
    let example = kind.template.replace("{name}", "example");
    format!(
        "# {}\n\n{}.\n\n```yaml\n{example}```\n\n`sre new {} NAME` writes one; `sre schema {}` prints its JSON Schema.\n",
        kind.name, kind.summary, kind.name, kind.name
    )
}

/// The glossary's entry for a term, in any case, with spaces or dashes.
fn term(word: &str) -> Option<String> {
    let wanted = word.to_ascii_lowercase().replace('-', " ");
    terms()
        .into_iter()
        .find(|(name, _)| name.to_ascii_lowercase().replace('-', " ") == wanted)
        .map(|(name, text)| format!("# {name}\n\n{}\n", text.trim()))
}

fn terms() -> Vec<(&'static str, &'static str)> {
    GLOSSARY.split("\n## ").skip(1).filter_map(|section| section.split_once('\n')).collect()
}

fn index() -> String {
    let mut text = String::from("Rules:\n");
    for rule in registry::RULES.iter() {
        let _ = writeln!(text, "  {}  {:<8} {}", rule.code, rule.level.name(), rule.name);
    }
    text.push_str("\nKinds:\n");
    for kind in registry::KINDS.iter() {
        let _ = writeln!(text, "  {:<18} {}", kind.name, kind.summary);
    }
    text.push_str("\nTerms:\n");
    for (name, _) in terms() {
        let _ = writeln!(text, "  {name}");
    }
    text
}

fn unknown(word: &str) -> Failure {
    let mut names: Vec<&str> = registry::RULES.iter().map(|rule| rule.name).collect();
    names.extend(registry::RULES.iter().map(|rule| rule.code));
    names.extend(registry::KINDS.iter().map(|kind| kind.name));
    names.extend(terms().into_iter().map(|(name, _)| name));
    let failure = Failure::input(format!("no rule, kind or term is called `{}`", harmless(word)));
    match problem::closest(word, &names) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`sre explain` lists what there is"),
    }
}
