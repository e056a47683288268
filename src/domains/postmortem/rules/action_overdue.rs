//! An action whose last day is over.
use crate::{
    domains::postmortem::{actions, spec::PostMortem},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        report::words,
        spec::{Document, Field},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT006",
    name: "action-overdue",
    level: Level::Warning,
    fixable: false,
    page: include_str!("action-overdue.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    for action in actions::of(document, spec) {
        let Some(days) = action.days_overdue(context.now) else { continue };
        let owner = action.item.owner.as_ref().and_then(Field::get);
        let whose = owner.map(|owner| format!(" of `{owner}`")).unwrap_or_default();
        let message =
            format!("{}{whose} is {} overdue", super::called(&action), words::plural(days, "day"));
        let place = action.item.due.as_ref().map_or(action.place, Field::place);
        findings.push(Finding::new(&RULE, place, message).help(
            "do it and write `status: done`, agree on another day, or give it up with `status: wont_do`",
        ));
    }
}
