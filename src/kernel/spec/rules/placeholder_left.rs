//! A text that was to be replaced.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Optional},
};

pub(super) static RULE: Rule = Rule {
    code: "GEN004",
    name: "placeholder-left",
    level: Level::Note,
    fixable: false,
    page: include_str!("placeholder-left.md"),
    check: Check::Document(check),
};

/// What templates write for the owner.
const TEMPLATE_OWNER: &str = "team-name";

/// Words by which people mark what is still to be done.
const MARKS: [&str; 4] = ["TODO", "FIXME", "TBD", "XXX"];

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(metadata) = &document.metadata else { return };
    let fields = [&metadata.display_name, &metadata.description, &metadata.owner];
    for (text, place) in fields.into_iter().filter_map(Optional::pair) {
        let message = match mark_in(text) {
            Some((_, mark)) => format!("`{mark}` was never done"),
            None if text == TEMPLATE_OWNER => "this is the template's text".to_owned(),
            None => continue,
        };
        findings.push(
            Finding::new(&RULE, place, message).help("write what is true here, or leave it out"),
        );
    }
}

/// The first of the marks by which people say what is still to be done that stands in a text as a word of its
/// own, and the byte at which it begins.
pub fn mark_in(text: &str) -> Option<(usize, &'static str)> {
    let found = MARKS.iter().filter_map(|mark| {
        let whole = |at: &usize| {
            let before = text.get(..*at).and_then(|before| before.chars().next_back());
            let after = text.get(at + mark.len()..).and_then(|after| after.chars().next());
            let free = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
            free(before) && free(after)
        };
        let at = text.match_indices(mark).map(|(at, _)| at).find(whole)?;
        Some((at, *mark))
    });
    found.min()
}
