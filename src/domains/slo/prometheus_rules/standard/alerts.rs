//! Alerts: one for each tier, so that each can be routed, inhibited and silenced by itself; one on a
//! budget that is spent, and one on an indicator that is not there.
use super::{
    super::{
        Rule, RuleKind,
        names::{
            ABSENT_TIER, BUDGET_REMAINING, ERROR_RATIO, EXHAUSTED_TIER, MEAN, SEVERITY_LABEL,
            SLICES, TIER_LABEL, TOTAL, WINDOW_LABEL,
        },
    },
    BASE, Subject, annotations, decimal,
};
use crate::{
    domains::slo::{
        dialects::{pyrra, sloth},
        engine::confidence,
        model::{self, AlertTier, Severity},
        resolve::Incomplete,
    },
    kernel::units::Duration,
};
use std::collections::BTreeMap;

/// What alerts on burn rates are called unless said otherwise.
pub const NAME: &str = "SLOErrorBudgetBurn";
/// What alerts on spent budgets are called, and their tier.
pub const EXHAUSTED: (&str, &str) = ("SLOErrorBudgetExhausted", EXHAUSTED_TIER);
/// What alerts on absent indicators are called, and their tier.
pub const ABSENT: (&str, &str) = ("SLOIndicatorAbsent", ABSENT_TIER);
/// How long an indicator has to be absent: two windows of five minutes, for a server that restarts.
const ABSENT_FOR: Duration = Duration::from_minutes(10);

/// The rules.
///
/// # Errors
/// Every tier that can never fire: a rule that looks as if somebody watched, and nobody does; and every tier
/// whose alerts nothing tells from those of another one.
pub(super) fn rules(subject: &Subject<'_>) -> Result<Vec<Rule>, Vec<Incomplete>> {
    let (mut rules, mut wrong) = (Vec::new(), Vec::new());
    for (at, tier) in subject.tiers.iter().enumerate() {
        match burn_rate(subject, tier) {
            Ok(rule) => rules.push(rule),
            Err(never) => wrong.push(never),
        }
        let before = subject.tiers.get(..at).unwrap_or_default();
        if before.iter().any(|other| other.name == tier.name) {
            wrong.push(same_name(subject, tier));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let (notices, labels) = (subject.objective.notices, &subject.objective.notice_labels);
    if let Some(severity) = notices.budget_exhausted {
        let expression = format!("{} < 0", subject.series(BUDGET_REMAINING));
        let told = annotations::of_exhausted(subject);
        rules.push(notice(EXHAUSTED, severity, labels, expression, None, told));
    }
    if let Some(severity) = notices.sli_absent {
        let counted = subject.objective.budgeting.slice().unwrap_or(BASE);
        let expression = format!("absent({})", subject.of_window(TOTAL, counted));
        let told = annotations::of_absent(subject);
        rules.push(notice(ABSENT, severity, labels, expression, Some(ABSENT_FOR), told));
    }
    Ok(rules)
}

fn notice(
    (name, tier): (&str, &str),
    severity: Severity,
    labels: &BTreeMap<String, String>,
    expression: String,
    hold: Option<Duration>,
    annotations: BTreeMap<String, String>,
) -> Rule {
    let kind = RuleKind::Alert { name: name.to_owned(), hold, annotations };
    Rule { kind, labels: labels.clone(), ..Rule::alert(name, expression) }
        .label(SEVERITY_LABEL, severity.name())
        .label(TIER_LABEL, tier)
}

fn burn_rate(subject: &Subject<'_>, tier: &AlertTier) -> Result<Rule, Incomplete> {
    let target = subject.objective.objective.target();
    if !tier.can_fire(target) {
        return Err(never_fires(subject, tier));
    }
    let (numerator, denominator) = tier.factor.error_ratio(target);
    let threshold = decimal::fraction(numerator, denominator);
    let mut conditions: Vec<String> = [tier.long, tier.short]
        .into_iter()
        .map(|window| format!("{} > {threshold}", subject.of_window(ERROR_RATIO, window)))
        .chain(guards(subject, tier, &threshold))
        .map(|condition| format!("max without ({WINDOW_LABEL}) ({condition})"))
        .collect();
    conditions.extend(weight(subject, tier));
    let name = subject.options.alert_name.as_deref().unwrap_or(NAME);
    let mut rule = Rule::alert(name, conditions.join("\nand\n"));
    rule.labels.clone_from(&tier.labels);
    if let RuleKind::Alert { annotations, hold, .. } = &mut rule.kind {
        *annotations = annotations::of_tier(subject, tier);
        *hold = (!tier.hold.is_zero()).then_some(tier.hold);
    }
    Ok(rule.label(SEVERITY_LABEL, tier.severity.name()).label(TIER_LABEL, &tier.name))
}

/// What else must hold in the long window of a tier, as its burn rate is above.
fn guards(subject: &Subject<'_>, tier: &AlertTier, threshold: &str) -> Vec<String> {
    let ratio = subject.of_window(ERROR_RATIO, tier.long);
    let counted = if subject.counts_events() { TOTAL } else { SLICES };
    let count = subject.of_window(counted, tier.long);
    let mut guards = Vec::new();
    if let Some(fewest) = tier.minimum_events {
        guards.push(format!("{count} >= {fewest}"));
    }
    if let Some(fewest) = tier.minimum_bad_events {
        // A product of a quotient is not whole to the last digit.
        guards.push(format!("round({ratio} * {count}, 0.001) >= {fewest}"));
    }
    if let Some(level) = tier.confidence {
        let z = confidence::one_sided_quantile(level);
        let square = z * z;
        guards.push(format!(
            "(\n{ratio} + {} / {count}\n- {z} * sqrt(\n{ratio} * (1 - {ratio}) / {count} + {} / {count} ^ 2\n)\n)\n\
             / (1 + {square} / {count}) > {threshold}",
            square / 2.0,
            square / 4.0,
        ));
    }
    guards
}

/// That the bad events of the long window are as much of the budget as the factor spends at even
/// traffic: more than the threshold allows of the events that such a window has on average.
fn weight(subject: &Subject<'_>, tier: &AlertTier) -> Option<String> {
    if !tier.event_weighted || !subject.counts_events() {
        return None;
    }
    let ratio = subject.of_window(ERROR_RATIO, tier.long);
    let count = subject.of_window(TOTAL, tier.long);
    let (numerator, denominator) = tier.factor.error_ratio(subject.objective.objective.target());
    let times = decimal::fraction(
        numerator.saturating_mul(u128::from(tier.long.milliseconds())),
        denominator.saturating_mul(u128::from(BASE.milliseconds())),
    );
    let mean = subject.series(MEAN);
    Some(format!("max without ({WINDOW_LABEL}) ({ratio} * {count})\n> {times} * {mean}"))
}

/// Two tiers of one name, whose alerts would have the same labels.
fn same_name(subject: &Subject<'_>, tier: &AlertTier) -> Incomplete {
    let document = subject.objective.document;
    let foreign = document.dialect.is_some();
    Incomplete {
        message: format!(
            "two tiers of `{}` are called `{}`: nothing would tell their alerts apart",
            document.name(),
            tier.name
        ),
        help: if foreign {
            "give one of the two another long window".to_owned()
        } else {
            "give one of the two a `name` of its own".to_owned()
        },
        place: document.name_place(),
    }
}

/// The arithmetic of a tier that not even a total outage would set off.
fn never_fires(subject: &Subject<'_>, tier: &AlertTier) -> Incomplete {
    let objective = subject.objective;
    let target = objective.objective.target();
    let (numerator, denominator) = tier.factor.error_ratio(target);
    let needed = decimal::fraction(numerator.saturating_mul(100), denominator);
    Incomplete {
        message: format!(
            "`{}` of `{}` can never fire: burn rate {} × error budget {} = {needed}% of events, which \
             would have to be exceeded",
            tier.name,
            objective.document.name(),
            tier.factor,
            target.complement().percent(),
        ),
        help: remedy(subject, tier),
        place: objective.document.name_place(),
    }
}

/// What makes such a tier fire, or go, in the language of the document.
fn remedy(subject: &Subject<'_>, tier: &AlertTier) -> String {
    let objective = subject.objective;
    let target = objective.objective.target();
    let bound = model::target_bound_percent(tier.factor);
    let dialect = objective.document.dialect.map(|dialect| dialect.name);
    if dialect == Some(pyrra::DIALECT.name) {
        return format!(
            "raise the target above {bound}, or switch all alerts on burn rates off with \
             `alerting: {{burnrates: false}}`: those of Pyrra are what they are"
        );
    }
    if dialect == Some(sloth::DIALECT.name) {
        return format!(
            "raise the target above {bound}, switch the alert of this severity off with `disable: true`, or \
             write `AlertWindows` with a lower share of the budget"
        );
    }
    format!(
        "alert on a burn rate below {}, raise the target above {bound}, or switch the tier off with \
         `enabled: false`",
        model::max_burn_rate_text(target),
    )
}
