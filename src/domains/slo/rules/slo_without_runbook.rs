//! An objective whose miss nobody is told how to handle.
use crate::{
    domains::{
        service::spec::Service,
        slo::{
            rules::resolved::{default_of, text},
            spec::ServiceLevelObjective,
        },
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO004",
    name: "slo-without-runbook",
    level: Level::Warning,
    fixable: false,
    page: include_str!("slo-without-runbook.md"),
    check: Check::Document(check),
};

/// The kind of runbooks, which stands above this domain: one may name the objectives that it is for.
const RUNBOOK: &str = "Runbook";

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let service = slo.service.value().and_then(|name| context.catalog.get::<Service>(name.name()));
    let default = default_of(context, document, |defaults| defaults.runbook.value());
    let inherited =
        default.is_some() || service.is_some_and(|(_, service)| !service.runbooks.is_empty());
    let id = context.catalog.id(document);
    let named = id.map(|id| context.catalog.referrers(id)).unwrap_or_default();
    let mut named = named.iter().map(|(other, _)| context.catalog.document(*other).kind.name);
    if text(slo.runbook.as_ref()).is_none() && !inherited && named.all(|kind| kind != RUNBOOK) {
        let message = format!("`{}` has no runbook", document.name());
        findings.push(
            Finding::new(&RULE, document.name_place(), message).help(
                "say where to read what to do: `runbook: …` here, or `runbooks` of the service",
            ),
        );
    }
}
