//! What an alert tells whoever it reaches.
use super::{Subject, decimal};
use crate::domains::slo::model::AlertTier;
use std::collections::BTreeMap;

/// The annotations of an alert on a burn rate: a title, a summary and a sentence with the arithmetic,
/// and where to look.
pub(super) fn of_tier(subject: &Subject<'_>, tier: &AlertTier) -> BTreeMap<String, String> {
    let objective = subject.objective.objective;
    let (target, window) = (objective.target().percent(), &subject.objective.window);
    let share = tier.budget_share_when_firing(objective.window()) * 100.0;
    let name = "{{ $labels.sloth_service }} {{ $labels.sloth_slo }}";
    let (numerator, denominator) = tier.factor.error_ratio(objective.target());
    let threshold = decimal::fraction(numerator * 100, denominator);
    let mut annotations = links(subject);
    annotations.insert(
        "title".to_owned(),
        format!("({}) {name} SLO error budget burn rate is too fast.", tier.severity.name()),
    );
    annotations.insert(
        "summary".to_owned(),
        format!("{name} SLO error budget burn rate is over expected."),
    );
    annotations.insert(
        "description".to_owned(),
        format!(
            "{{{{ $value | humanizePercentage }}}} of the events of the last {long} were bad, and \
             more than {threshold}% of the last {short} are; the target of {target} over {window} \
             allows {budget}. A burn rate of {factor} spends {share:.3}% of the budget in {long}.",
            long = tier.long,
            short = tier.short,
            budget = objective.error_budget().percent(),
            factor = tier.factor,
        ),
    );
    annotations
}

/// Where to read what to do.
fn links(subject: &Subject<'_>) -> BTreeMap<String, String> {
    let mut links = BTreeMap::new();
    if let Some(runbook) = &subject.objective.runbook {
        links.insert("runbook_url".to_owned(), runbook.clone());
    }
    links
}
