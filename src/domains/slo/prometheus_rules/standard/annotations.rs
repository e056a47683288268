//! What an alert tells whoever it reaches.
use super::{Subject, decimal};
use crate::domains::slo::model::{AlertTier, Window};
use crate::kernel::{
    report::{significant, without_secrets},
    spec::Field,
};
use std::collections::BTreeMap;

/// Whom an alert is about, as its labels say.
const NAME: &str = "{{ $labels.sloth_service }} {{ $labels.sloth_slo }}";

/// The annotations of an alert on a burn rate: a title, a summary and a sentence with the arithmetic,
/// and where to look.
pub(super) fn of_tier(subject: &Subject<'_>, tier: &AlertTier) -> BTreeMap<String, String> {
    let objective = subject.objective.objective;
    let share = significant(tier.budget_share_when_firing(objective.window()) * 100.0);
    let (numerator, denominator) = tier.factor.error_ratio(objective.target());
    let threshold = decimal::fraction(numerator.saturating_mul(100), denominator);
    let counted = if subject.counts_events() { "events" } else { "slices of time" };
    let title =
        format!("({}) {NAME} SLO error budget burn rate is too fast.", tier.severity.name());
    let summary = format!("{NAME} SLO error budget burn rate is over expected.");
    let description = format!(
        "{NAME}: {{{{ $value | humanizePercentage }}}} of the {counted} of the last {long} are bad, and more \
         than {threshold}% of those of the last {short}. {target} over {window} allows {budget}: a burn rate \
         of {factor} spends {share}% of the error budget in {long}.",
        long = tier.long,
        short = tier.short,
        target = objective.target().percent(),
        window = spoken(&subject.objective.window),
        budget = objective.error_budget().percent(),
        factor = tier.factor,
    );
    let mut told = with(subject, &title, &summary, &description);
    if let Some(guard) = guard(subject, tier) {
        told.insert("guard".to_owned(), guard);
    }
    told.extend(tier.annotations.clone());
    told
}

/// The annotations of an alert on a budget that is spent.
pub(super) fn of_exhausted(subject: &Subject<'_>) -> BTreeMap<String, String> {
    let objective = &subject.objective;
    let title = format!("{NAME} SLO error budget is spent.");
    let summary = format!("{NAME} has less than nothing left of its error budget.");
    let description = format!(
        "{NAME}: {{{{ $value | humanizePercentage }}}} of the error budget is left: more was bad than {} over \
         {} allows.",
        objective.objective.target().percent(),
        spoken(&objective.window),
    );
    with(subject, &title, &summary, &description)
}

/// The annotations of an alert on an indicator that is not there.
pub(super) fn of_absent(subject: &Subject<'_>) -> BTreeMap<String, String> {
    let title = format!("{NAME} SLO has no indicator.");
    let summary = format!("{NAME} is not measured.");
    let description = format!(
        "{NAME}: the series whose events are counted are gone: a scrape that fails, a metric or a label that \
         is called otherwise now. Nobody is told of errors meanwhile."
    );
    with(subject, &title, &summary, &description)
}

/// Those three, and where to look.
fn with(
    subject: &Subject<'_>,
    title: &str,
    summary: &str,
    description: &str,
) -> BTreeMap<String, String> {
    let told = [("title", title), ("summary", summary), ("description", description)];
    let told = told.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    told.chain(links(subject)).collect()
}

/// Where to read what to do, and what is going on.
fn links(subject: &Subject<'_>) -> Vec<(String, String)> {
    let runbook = subject.objective.runbook.clone();
    let metadata = subject.objective.document.metadata.as_deref();
    let mut links =
        metadata.into_iter().flat_map(|metadata| &metadata.links).filter_map(Field::get);
    let dashboard = links.find_map(|link| {
        let name = link.name.get()?.to_ascii_lowercase();
        name.contains("dashboard").then(|| link.url.get().cloned()).flatten()
    });
    let dashboard = dashboard.map(|address| without_secrets(&address).into_owned());
    [("runbook_url", runbook), ("dashboard_url", dashboard)]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}

/// Why the tier looks at more than burn rates.
fn guard(subject: &Subject<'_>, tier: &AlertTier) -> Option<String> {
    let mut needs = Vec::new();
    let counted = if subject.counts_events() { "events" } else { "slices" };
    if let Some(fewest) = tier.minimum_events {
        needs.push(format!("has at least {fewest} {counted}"));
    }
    if let Some(fewest) = tier.minimum_bad_events {
        needs.push(format!("has at least {fewest} bad {counted}"));
    }
    if let Some(level) = tier.confidence {
        needs.push(format!(
            "is above by more than chance, with a confidence of {}",
            level.percent()
        ));
    }
    if tier.event_weighted && subject.counts_events() {
        needs.push("spent as much of the budget as that burn rate does at mean traffic".to_owned());
    }
    let slo = subject.objective.document.name().to_owned();
    let reason = subject.options.reasons.get(&(slo, tier.name.clone())).cloned();
    if needs.is_empty() {
        return reason;
    }
    let guard = format!("Fires only where the last {} {}.", tier.long, needs.join(", and "));
    Some(reason.into_iter().fold(guard, |guard, reason| format!("{guard} {reason}")))
}

/// A window as a sentence has it.
fn spoken(window: &Window) -> String {
    match window {
        Window::Rolling(length) => length.to_string(),
        Window::Calendar(calendar) => format!("a {}", calendar.unit.name()),
    }
}
