//! Objectives from documents of our language, and of other tools than Sloth.
use super::{
    Options, is_reserved,
    subject::{self, Alert, Measured, Parts, Shape, Subject, Texts, Tier},
};
use crate::{
    domains::slo::{
        dialects::sloth::{
            windows::Windows,
            write::{
                alerting::{Shared, lost_notices},
                bad_and_total, percent,
            },
        },
        model::{AlertTier, NoData, Severity},
        prometheus_rules::standard::Identity,
        resolve::{Measurement, ResolvedObjective},
    },
    kernel::{
        source::Place,
        spec::{API_VERSION, Catalog, Loss},
        units::Duration,
    },
};

/// What alerts are called where nothing says it.
const ALERT_NAME: &str = "SLOErrorBudgetBurn";

/// What Sloth would know of an objective, given once for each of its windows; `None` where it can have no
/// rules.
pub(super) fn subject(
    catalog: &Catalog,
    windows: &[ResolvedObjective<'_>],
    options: &Options,
    losses: &mut Vec<Loss>,
) -> Option<Subject> {
    let objective = windows.first()?;
    let at = objective.document.name_place();
    let mut lose = |field: &str, reason: &str| losses.push(Loss::new(at, field, reason));
    let measured = match measured(objective) {
        Ok(measured) => measured,
        Err((field, reason)) => {
            lose(field, reason);
            return None;
        }
    };
    if windows.len() > 1 {
        lose("spec.windows", "Sloth has one window: rules are about the first");
    }
    if objective.window.calendar().is_some() {
        lose(
            "spec.window",
            "Sloth has no calendar: the window rolls, as long as the period usually is",
        );
    }
    if objective.budgeting.slice().is_some() {
        lose("spec.method", "Sloth does not count slices of time this way: events are alerted on");
    }
    if objective.no_data != NoData::Unknown {
        lose("spec.no_data", "to Sloth's rules, time that was not measured does not count");
    }
    if objective.minimum_coverage.is_some() {
        lose("spec.minimum_coverage", "the rules do not know how much of a window was measured");
    }
    let period = objective.objective.window();
    losses.extend(lost_notices(catalog, objective));
    let (page, ticket) = {
        let name = options.alert_name.as_deref().unwrap_or(ALERT_NAME);
        let mut alert = |severity| alert(objective, severity, name, at, losses);
        (alert(Severity::Page), alert(Severity::Ticket))
    };
    let tiers: Vec<Tier> = page.iter().chain(&ticket).flat_map(|alert| alert.tiers).collect();
    let built_in = Windows::built_in(period).map(|windows| subject::recorded(&windows));
    let alerted = tiers.iter().flat_map(|tier| [tier.short, tier.long]);
    let recorded = subject::distinct(alerted.chain(built_in.unwrap_or_default()));
    let base = recorded.first().copied().unwrap_or(Duration::from_minutes(5));
    let mut recorded = recorded;
    recorded.retain(|window| *window != period);
    let identity = Identity::of(catalog, objective);
    Some(Subject {
        document: objective.document.place,
        index: 0,
        shape: Shape::RuleFile { mode: "cli-gen-prom" },
        id: identity.id,
        service: identity.service,
        name: identity.slo,
        objective: percent(objective),
        period,
        labels: labels(objective, losses),
        measured,
        windows: if recorded.is_empty() { vec![base] } else { recorded },
        base,
        page,
        ticket,
        parts: Parts::ALL,
        spec: API_VERSION,
    })
}

fn measured(objective: &ResolvedObjective<'_>) -> Result<Measured, (&'static str, &'static str)> {
    if !objective.composite.is_empty() {
        return Err(("spec.composite", "it is composed of other objectives: it gets no rules"));
    }
    if !objective.group_by.is_empty() {
        let reason = "Sloth has one budget per objective: one for each label gets no rules";
        return Err(("spec.group_by", reason));
    }
    let measurement = objective.indicator.as_ref().and_then(|it| it.measurement.as_ref());
    let Some(Measurement::Prometheus(question)) = measurement else {
        return Err(("spec.sli", "it is not measured by Prometheus: it gets no rules"));
    };
    let (error, total) = bad_and_total(question);
    Ok(Measured::Events { error, total })
}

/// Labels of the document that Prometheus can carry.
fn labels(objective: &ResolvedObjective<'_>, losses: &mut Vec<Loss>) -> Texts {
    let mut labels = Texts::new();
    let written = objective.document.metadata.iter().flat_map(|metadata| &metadata.labels);
    for (key, value) in written {
        let Some((text, place)) = value.pair() else { continue };
        let letters = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_name = letters && !key.starts_with(|c: char| c.is_ascii_digit());
        if is_name && !is_reserved(key) && !text.is_empty() {
            labels.insert(key.clone(), text.clone());
        } else {
            let reason = "Prometheus cannot carry such a label";
            losses.push(Loss::new(place, format!("metadata.labels.{key}"), reason));
        }
    }
    labels
}

/// The alert of a severity: Sloth's have two pairs of windows, which may be the same.
fn alert(
    objective: &ResolvedObjective<'_>,
    severity: Severity,
    name: &str,
    at: Place,
    losses: &mut Vec<Loss>,
) -> Option<Alert> {
    let tiers = objective.alerting.tiers.iter().filter(|tier| tier.severity == severity);
    let tiers: Vec<&AlertTier> = tiers.collect();
    let mut lose = |tier: &AlertTier, field: &str, reason: &str| {
        losses.push(Loss::new(at, format!("spec.alerting ({}){field}", tier.name), reason));
    };
    for tier in tiers.iter().skip(2) {
        lose(tier, "", "Sloth has two pairs of windows for a severity");
    }
    let written: Vec<&AlertTier> = tiers.iter().copied().take(2).collect();
    let shared = Shared::of(&written);
    for tier in &written {
        for (field, reason) in shared.lost(tier) {
            lose(tier, &format!(".{field}"), reason);
        }
    }
    let pair = |tier: &AlertTier| Tier {
        short: tier.short,
        long: tier.long,
        factor: tier.factor.as_f64(),
    };
    let first = tiers.first()?;
    let second = tiers.get(1).unwrap_or(first);
    let runbook = objective.runbook.clone().map(|address| ("runbook_url".to_owned(), address));
    Some(Alert {
        name: name.to_owned(),
        labels: shared.labels,
        annotations: runbook.into_iter().chain(shared.annotations).collect(),
        tiers: [pair(first), pair(second)],
    })
}
