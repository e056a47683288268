//! A tier of alerts that stays silent in a total outage.
use crate::{
    domains::slo::{
        dialects::pyrra,
        model::{self, AlertPolicy, AlertTier},
        resolve,
        rules::resolved::{factor_place, policy_of, tiers},
        spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::Document,
        units::Ratio,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR001",
    name: "alert-tier-never-fires",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-tier-never-fires.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let window = resolve::window(document, slo, context.settings);
    let (Some((target, place)), Some(window)) = (slo.target.pair(), window) else { return };
    let Some(policy) = policy_of(context, document, slo) else {
        // A policy that is named and not found is reported as such.
        if slo.alerting.is_some() {
            return;
        }
        for tier in AlertPolicy::workbook(window).tiers {
            findings.extend(finding(&tier, *target, place).map(|finding| {
                finding.help(format!(
                    "raise the target above {}, or write an `alerting` with a lower burn rate; \
                     this is the default one",
                    bound(&tier)
                ))
            }));
        }
        return;
    };
    for written in tiers(policy) {
        let Some(tier) = resolve::tier_of(written, window) else { continue };
        findings.extend(finding(&tier, *target, place).map(|finding| {
            finding.related(factor_place(written), format!("burn rate of `{}`", tier.name)).help(
                if has_fixed_tiers(document) {
                    format!(
                        "raise the target above {}: the burn rates of Pyrra are what they are",
                        bound(&tier)
                    )
                } else {
                    format!(
                        "raise the target above {}, or alert on a burn rate below {}",
                        bound(&tier),
                        model::max_burn_rate_text(*target)
                    )
                },
            )
        }));
    }
}

/// Whether nobody can write another burn rate into the document.
fn has_fixed_tiers(document: &Document) -> bool {
    document.dialect.is_some_and(|dialect| dialect.name == pyrra::DIALECT.name)
}

fn finding(tier: &AlertTier, target: Ratio, place: Place) -> Option<Finding> {
    if tier.can_fire(target) {
        return None;
    }
    let (numerator, denominator) = tier.factor.error_ratio(target);
    let needed = 100.0 * numerator as f64 / denominator as f64;
    let message =
        format!("`{}` can never fire: not even a total outage burns that fast", tier.name);
    Some(Finding::new(&RULE, place, message).label(format!(
        "burn rate {} × error budget {} = {}% of events, which would have to be exceeded",
        decimal(tier.factor.as_f64()),
        target.complement().percent(),
        decimal(needed)
    )))
}

/// The target above which the tier can fire.
fn bound(tier: &AlertTier) -> String {
    model::target_bound_percent(tier.factor)
}

/// At most four decimals, without trailing zeros.
fn decimal(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
