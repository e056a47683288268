//! Alerts: one for each tier, so that each can be routed, inhibited and silenced by itself.
use super::{
    super::{
        Rule, RuleKind,
        names::{ERROR_RATIO, SEVERITY_LABEL, TIER_LABEL, TOTAL, WINDOW_LABEL},
    },
    Subject, annotations, decimal,
};
use crate::domains::slo::{
    model::{self, AlertTier},
    resolve::Incomplete,
};

/// What alerts on burn rates are called unless said otherwise.
pub(super) const NAME: &str = "SLOErrorBudgetBurn";

/// The rules.
///
/// # Errors
/// A tier that can never fire: a rule that looks as if somebody watched, and nobody does.
pub(super) fn rules(subject: &Subject<'_>) -> Result<Vec<Rule>, Incomplete> {
    subject.objective.alerting.tiers.iter().map(|tier| burn_rate(subject, tier)).collect()
}

fn burn_rate(subject: &Subject<'_>, tier: &AlertTier) -> Result<Rule, Incomplete> {
    let target = subject.objective.objective.target();
    if !tier.can_fire(target) {
        return Err(never_fires(subject, tier));
    }
    let (numerator, denominator) = tier.factor.error_ratio(target);
    let threshold = decimal::fraction(numerator, denominator);
    let mut conditions = vec![
        format!("{} > {threshold}", subject.of_window(ERROR_RATIO, tier.long)),
        format!("{} > {threshold}", subject.of_window(ERROR_RATIO, tier.short)),
    ];
    if let Some(minimum) = tier.minimum_events {
        conditions.push(format!("{} >= {minimum}", subject.of_window(TOTAL, tier.long)));
    }
    let conditions = conditions
        .into_iter()
        .map(|condition| format!("max without ({WINDOW_LABEL}) ({condition})"));
    let expression = conditions.collect::<Vec<_>>().join("\nand\n");
    let name = subject.options.alert_name.as_deref().unwrap_or(NAME);
    let mut rule = Rule::alert(name, expression)
        .label(SEVERITY_LABEL, tier.severity.name())
        .label(TIER_LABEL, &tier.name);
    if let RuleKind::Alert { annotations, .. } = &mut rule.kind {
        *annotations = annotations::of_tier(subject, tier);
    }
    Ok(rule)
}

/// The arithmetic of a tier that not even a total outage would set off.
fn never_fires(subject: &Subject<'_>, tier: &AlertTier) -> Incomplete {
    let objective = subject.objective;
    let target = objective.objective.target();
    let (numerator, denominator) = tier.factor.error_ratio(target);
    let needed = decimal::fraction(numerator * 100, denominator);
    Incomplete {
        message: format!(
            "`{}` of `{}` can never fire: burn rate {} × error budget {} = {needed}% of events, which \
             would have to be exceeded",
            tier.name,
            objective.document.name(),
            tier.factor,
            target.complement().percent(),
        ),
        help: format!(
            "alert on a burn rate below {:.4}, raise the target above {:.4}%, or switch the tier off",
            model::max_burn_rate(target).0,
            model::target_bound(tier.factor) * 100.0,
        ),
        place: objective.document.name_place(),
    }
}
