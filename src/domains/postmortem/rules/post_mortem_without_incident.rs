//! A post-mortem of no incident.
use crate::{
    domains::postmortem::spec::PostMortem,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT015",
    name: "post-mortem-without-incident",
    level: Level::Note,
    fixable: false,
    page: include_str!("post-mortem-without-incident.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    if spec.incident.is_none() {
        let message = format!("`{}` does not say which incident it is about", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("name it: `incident: …`; `sre list Incident` shows what there is"),
        );
    }
}
