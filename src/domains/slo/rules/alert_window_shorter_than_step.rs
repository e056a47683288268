//! An alert that looks at less than one step.
use crate::{
    domains::slo::{
        model::AlertPolicy,
        resolve,
        rules::resolved::{longest_step, policy_of, tiers},
        spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
        units::Duration,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR010",
    name: "alert-window-shorter-than-step",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-window-shorter-than-step.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some(window) = resolve::window(document, slo, context.settings) else { return };
    let Some(step) = longest_step(context, document, slo) else { return };
    let blind = |name: &str, short: Duration| {
        let message = format!(
            "`{name}` of `{}` looks at `{short}`, less than {} of `{}`: it can never fire",
            document.name(),
            step.what,
            step.length
        );
        Finding::new(&RULE, step.place, message)
    };
    let Some(policy) = policy_of(context, document, slo) else {
        // A policy that is named and not found is reported as such.
        let workbook = AlertPolicy::workbook(window).tiers.into_iter();
        let shorter = workbook.filter(|tier| slo.alerting.is_none() && tier.short < step.length);
        findings.extend(shorter.map(|tier| {
            blind(&tier.name, tier.short)
                .help("write an `alerting` with longer windows; this is the default one")
        }));
        return;
    };
    for written in tiers(policy) {
        let Some(tier) = resolve::tier_of(written, window) else { continue };
        if tier.short < step.length {
            let place = written.short.as_ref().map_or(written.long.place(), Field::place);
            findings.push(
                blind(&tier.name, tier.short)
                    .related(place, "the alert's short window")
                    .help(format!("make it `{}` or longer", step.length)),
            );
        }
    }
}
