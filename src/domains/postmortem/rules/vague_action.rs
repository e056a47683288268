//! An action that is a wish.
use crate::{
    domains::postmortem::{actions, spec::PostMortem},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, rules::part},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT018",
    name: "vague-action",
    level: Level::Warning,
    fixable: false,
    page: include_str!("vague-action.md"),
    check: Check::Document(check),
};

/// How titles of wishes begin.
const WISHES: [(&str, &str); 15] = [
    ("be more", "what would make care unnecessary"),
    ("be careful", "what would make care unnecessary"),
    ("pay attention", "what would ask for attention, such as an alert or a check"),
    ("pay more attention", "what would ask for attention, such as an alert or a check"),
    ("remember to", "what does it without being remembered"),
    ("don't forget", "what does it without being remembered"),
    ("do not forget", "what does it without being remembered"),
    ("try to", "the first step that is done for certain"),
    ("consider", "the decision that is to be made, and by when"),
    ("think about", "the decision that is to be made, and by when"),
    ("look into", "the question that is to be answered"),
    ("make sure", "the check that makes sure"),
    ("improve", "what is different when it is better, with a number"),
    ("investigate", "the question that is to be answered"),
    ("avoid", "what keeps it from happening"),
];

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    for action in actions::of(document, spec).filter(actions::Action::is_open) {
        let Some((title, place)) = action.item.title.pair() else { continue };
        // What anybody can check is no wish, whatever it is called.
        if action.item.done_when.is_some() {
            continue;
        }
        let small = title.trim_start().to_lowercase();
        let wish = WISHES.iter().find(|(beginning, _)| {
            small
                .strip_prefix(beginning)
                .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        });
        let Some((beginning, better)) = wish else { continue };
        let start = title.len() - title.trim_start().len();
        let at = part(place, title, start..start + beginning.len());
        findings.push(
            Finding::new(&RULE, at, format!("{} is a wish: `{beginning}`", super::called(&action)))
                .help(format!("write {better}, and `done_when`")),
        );
    }
}
