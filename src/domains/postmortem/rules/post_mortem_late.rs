//! A post-mortem that is not done by the day that its template sets.
use crate::{
    domains::postmortem::{
        sections::ResolvedTemplate,
        spec::{PostMortem, Status},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        report::words,
        spec::{Document, Field, Optional as _},
        units::Duration,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT013",
    name: "post-mortem-late",
    level: Level::Warning,
    fixable: false,
    page: include_str!("post-mortem-late.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let status = spec.status.value().copied().unwrap_or_default();
    let template = ResolvedTemplate::for_document(context.catalog, spec);
    let (Some(deadline), Some(resolved)) = (template.deadline, super::resolved_at(context, spec))
    else {
        return;
    };
    let due = resolved + deadline.to_chrono();
    let Ok(late) = u64::try_from((context.now - due).num_milliseconds()) else { return };
    if status == Status::Final || late == 0 {
        return;
    }
    let message = format!(
        "this is {}, and was to be final {} ago",
        status.name(),
        words::span_short(Duration::from_milliseconds(late))
    );
    let place = spec.status.as_ref().map_or(document.name_place(), Field::place);
    findings.push(Finding::new(&RULE, place, message).help(format!(
        "finish it: it is due {} after the incident was resolved, by {}",
        words::span(deadline),
        super::clock(due)
    )));
}
