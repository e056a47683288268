//! A condition on events that is not SQL.
use crate::{
    domains::slo::rules::{
        memo::{Memo, remembered},
        resolved::{own_indicator, part},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        measure::{Predicate, PredicateError},
        spec::{Document, Optional},
    },
};
use std::sync::Mutex;

pub(super) static RULE: Rule = Rule {
    code: "SLI004",
    name: "predicate-invalid",
    level: Level::Error,
    fixable: false,
    page: include_str!("predicate-invalid.md"),
    check: Check::Values(check),
};

static ERRORS: Memo<Option<PredicateError>> = Memo::new(Mutex::default);

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    let Some(events) = indicator.events.value() else { return };
    for (text, place) in
        [&events.total, &events.good, &events.bad].into_iter().filter_map(Optional::pair)
    {
        let error = remembered(&ERRORS, text, |text| Predicate::parse(text).err());
        if let Some(error) = error.as_ref() {
            let at = part(place, text, error.at.clone());
            findings.push(
                Finding::new(&RULE, at, error.message.clone()).maybe_help(error.help.clone()),
            );
        }
    }
}
