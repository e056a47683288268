//! Nobody but its authors has read a post-mortem.
use crate::{
    domains::postmortem::spec::{PostMortem, Status},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional as _, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT016",
    name: "author-is-only-reviewer",
    level: Level::Warning,
    fixable: false,
    page: include_str!("author-is-only-reviewer.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let status = spec.status.value().copied().unwrap_or_default();
    if status == Status::Draft {
        return;
    }
    let others = values(&spec.reviewers)
        .any(|reviewer| !values(&spec.authors).any(|author| author == reviewer));
    if others {
        return;
    }
    let (place, message) = match spec.reviewers.first() {
        Some(reviewer) => (reviewer.place(), "whoever reviews this has written it"),
        None => (document.name_place(), "nobody reviews this"),
    };
    let message = format!("{message}, and it is {}", status.name());
    findings.push(
        Finding::new(&RULE, place, message)
            .help("let somebody read it who was not there: `reviewers: [bob]`"),
    );
}
