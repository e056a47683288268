//! A field that is there and says nothing.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Optional},
};

pub(super) static RULE: Rule = Rule {
    code: "GEN003",
    name: "empty-metadata",
    level: Level::Warning,
    fixable: false,
    page: include_str!("empty-metadata.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(metadata) = &document.metadata else { return };
    let fields = [
        ("display_name", &metadata.display_name),
        ("description", &metadata.description),
        ("owner", &metadata.owner),
    ];
    for (name, field) in fields {
        if let Some((_, place)) = field.pair().filter(|(text, _)| text.trim().is_empty()) {
            findings.push(
                Finding::new(&RULE, place, format!("`{name}` is empty"))
                    .help("fill it in, or leave the field out"),
            );
        }
    }
}
