//! Much of a budget was spent, and nothing keeps it from being spent again.
use crate::{
    domains::postmortem::{
        actions,
        sections::ResolvedTemplate,
        spec::{ActionStatus, ActionType, PostMortem, Priority},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Optional as _, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "PMT007",
    name: "no-preventing-action",
    level: Level::Warning,
    fixable: false,
    page: include_str!("no-preventing-action.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(spec) = document.spec::<PostMortem>() else { return };
    let template = ResolvedTemplate::for_document(context.catalog, spec);
    let limit = template.preventing_above;
    let spent = spec.impact.value().into_iter().flat_map(|impact| values(&impact.budget));
    let greatest = spent
        .filter_map(|one| Some((one.share.pair()?, one.slo.get()?.name())))
        .max_by_key(|((share, _), _)| **share);
    let Some(((share, place), slo)) =
        greatest.filter(|((share, _), _)| share.share() > limit.as_f64())
    else {
        return;
    };
    let prevents = actions::of(document, spec).any(|action| {
        action.status() != ActionStatus::WontDo
            && (action.item.action_type.as_ref().and_then(Field::get) == Some(&ActionType::Prevent)
                || action.item.priority.as_ref().and_then(Field::get) == Some(&Priority::P0))
    });
    if !prevents {
        let message = format!(
            "it spent {share} of the budget of `{slo}`, and no action prevents the next one"
        );
        findings.push(Finding::new(&RULE, place, message).help(format!(
            "above {} one action has `type: prevent` or `priority: P0`",
            limit.percent()
        )));
    }
}
