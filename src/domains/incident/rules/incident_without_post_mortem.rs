//! A severe incident of which nobody wrote what it taught.
use crate::{
    domains::incident::{answer::in_words, resolve, spec::Incident},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC015",
    name: "incident-without-post-mortem",
    level: Level::Warning,
    fixable: false,
    page: include_str!("incident-without-post-mortem.md"),
    check: Check::Document(check),
};

/// The kind of post-mortems, which stands above this domain.
const POST_MORTEM: &str = "PostMortem";

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(incident) = document.spec::<Incident>() else { return };
    let record = resolve::resolve(document, incident).record;
    let Some(resolved) = record.clocks.resolved.filter(|_| record.counts()) else { return };
    if incident.post_mortem.is_some() {
        return;
    }
    let severity = record.severity();
    let level = super::level_spec(context, incident, severity);
    let within = level.and_then(|level| super::time(level.post_mortem_within.as_ref()));
    let Some(within) = within.filter(|within| context.now - resolved > *within) else { return };
    let id = context.catalog.id_of(document.kind.name, document.name());
    let referrers = id.map(|id| context.catalog.referrers(id)).unwrap_or_default();
    let written = referrers
        .iter()
        .any(|(other, _)| context.catalog.document(*other).kind.name == POST_MORTEM);
    if !written {
        let message = format!(
            "it was resolved {} ago, and {} asks for a post-mortem within {}",
            in_words(context.now - resolved),
            severity.unwrap_or("its severity"),
            in_words(within)
        );
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("write one; if it stands elsewhere, `post_mortem: https://...` says where"),
        );
    }
}
