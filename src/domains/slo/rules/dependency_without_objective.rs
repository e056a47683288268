//! A service that another cannot do without, and that promises it nothing.
use crate::{
    domains::{
        service::{dependencies::is_hard, spec::Service},
        slo::rules::resolved::availability_promises,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::values,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SVC008",
    name: "dependency-without-objective",
    level: Level::Note,
    fixable: false,
    page: include_str!("dependency-without-objective.md"),
    check: Check::Catalog(check),
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let promises = availability_promises(context.catalog);
    for (document, service) in context.catalog.iter::<Service>() {
        let Some(promise) = promises.get(document.name()).filter(|_| document.clean) else {
            continue;
        };
        for dependency in values(&service.depends_on).filter(|dependency| is_hard(dependency)) {
            let Some((on, place)) = dependency.service.pair() else { continue };
            let on = on.name();
            // One that is not described has a finding of its own.
            if context.catalog.get::<Service>(on).is_none() || promises.contains_key(on) {
                continue;
            }
            let message = format!(
                "`{on}` promises nothing for its availability, `{}` {} with it",
                document.name(),
                promise.target.percent()
            );
            findings.push(
                Finding::new(&RULE, place, message)
                    .related(promise.place, format!("promised by `{}`", promise.document.name()))
                    .help(format!("write an SLO for `{on}`, one nine stricter than this")),
            );
        }
    }
}
