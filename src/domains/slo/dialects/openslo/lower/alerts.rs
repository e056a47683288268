//! When to alert.
use super::{
    super::{
        Body,
        duration::Shorthand,
        metadata::Metadata,
        v1::{AlertConditionSpec, AlertPolicySpec as Theirs, ConditionItem, Op, TargetItem},
    },
    Losses, Objects, Outcome,
};
use crate::{
    domains::slo::{
        model::Severity,
        spec::{AlertPolicySpec, Notice, TierSpec},
    },
    kernel::{
        source::Place,
        spec::{Field, Optional as _},
        units::BurnFactor,
    },
};

/// The policy in our words; conditions for which there are none are lost.
pub(super) fn lowered(
    policy: &Theirs,
    name: Option<&Field<String>>,
    place: Place,
    path: &str,
    objects: &Objects<'_>,
    outcome: &mut Outcome,
) -> AlertPolicySpec {
    if let Some((true, at)) = policy.alert_when_resolved.pair() {
        let reason = "Alertmanager tells that an alert is over";
        outcome.losses.add(at, format!("{path}.alertWhenResolved"), reason);
    }
    let targets = policy.notification_targets.get().into_iter().flatten();
    for (at, item) in targets.enumerate() {
        let path = format!("{path}.notificationTargets[{at}]");
        target(item, &path, objects, outcome);
    }
    let breaching = policy.alert_when_breaching.value() == Some(&true);
    let mut tiers = Vec::new();
    let mut no_data = Notice::None;
    let conditions = policy.conditions.get().into_iter().flatten();
    for (at, item) in conditions.enumerate() {
        let path = format!("{path}.conditions[{at}]");
        let Some((condition, path)) = condition(item, &path, objects, outcome) else { continue };
        if policy.alert_when_no_data.value() == Some(&true) {
            no_data = match condition.severity.get().and_then(|word| severity_of(word)) {
                Some(Severity::Page) => Notice::Page,
                Some(Severity::Ticket) | None => Notice::Ticket,
            };
        }
        if !breaching {
            let reason = "the policy does not alert where its condition holds, for \
                          `alertWhenBreaching` is not `true`";
            let at = policy.alert_when_breaching.as_ref().map_or(item.place(), Field::place);
            outcome.losses.add(at, path, reason);
            continue;
        }
        tiers.extend(tier(condition, name, &path, &mut outcome.losses));
    }
    joined(tiers, no_data, place)
}

/// A policy of these tiers, with whom an alert reaches where nothing is measured. That a budget is spent
/// is no alert of its own there.
pub(super) fn joined(
    tiers: Vec<Field<TierSpec>>,
    no_data: Notice,
    place: Place,
) -> AlertPolicySpec {
    AlertPolicySpec {
        budget_exhausted: Some(Field::new(Notice::None, place)),
        sli_absent: Some(Field::new(no_data, place)),
        ..AlertPolicySpec::of(Field::new(tiers, place))
    }
}

/// Whom a policy tells is lost, but has to exist.
fn target(item: &Field<TargetItem>, path: &str, objects: &Objects<'_>, outcome: &mut Outcome) {
    if let Some(item) = item.get()
        && let Some(name) = &item.target_ref
    {
        objects.resolve("AlertNotificationTarget", name, &mut outcome.findings);
    }
    let reason = "whom an alert reaches is said by the routes of Alertmanager";
    outcome.losses.add(item.place(), path, reason);
}

/// The condition, followed to where it is written, and its path there.
fn condition<'a>(
    item: &'a Field<ConditionItem>,
    path: &str,
    objects: &Objects<'a>,
    outcome: &mut Outcome,
) -> Option<(&'a AlertConditionSpec, String)> {
    let item = item.get()?;
    let (spec, metadata, root) = if let Some(name) = &item.condition_ref {
        let object = objects.resolve("AlertCondition", name, &mut outcome.findings)?;
        let Body::AlertCondition(spec) = &object.body else { return None };
        (&**spec, Some(&object.metadata), String::new())
    } else {
        (item.spec.value()?, item.metadata.value(), format!("{path}."))
    };
    if let Some(metadata) = metadata {
        lose_metadata(metadata, &root, "a condition is a tier here", &mut outcome.losses);
    }
    if let Some(description) = &spec.description {
        let reason = "a condition is a tier here, which has no description";
        outcome.losses.add(description.place(), format!("{root}spec.description"), reason);
    }
    Some((spec, format!("{root}spec")))
}

/// What an object says of itself beside its name, where it is no document here. `root` is what stands before
/// its fields.
pub(super) fn lose_metadata(metadata: &Metadata, root: &str, reason: &str, losses: &mut Losses) {
    // A tier has a name, where it is called otherwise than by its windows.
    let Metadata { name: _, display_name, labels, annotations } = metadata;
    let lost = [
        ("displayName", display_name.as_ref().map(Field::place)),
        ("labels", labels.values().next().map(Field::place)),
        ("annotations", annotations.values().next().map(Field::place)),
    ];
    for (field, place) in lost {
        if let Some(place) = place {
            losses.add(place, format!("{root}metadata.{field}"), reason);
        }
    }
}

/// The tier that a condition is. Both of its windows are the one that is looked back on.
fn tier(
    spec: &AlertConditionSpec,
    name: Option<&Field<String>>,
    path: &str,
    losses: &mut Losses,
) -> Option<Field<TierSpec>> {
    let (condition, place) = spec.condition.pair()?;
    let (op, op_place) = condition.op.pair()?;
    match op {
        Op::Gt => {}
        Op::Gte => losses.add(
            op_place,
            format!("{path}.condition.op"),
            "a tier fires above its burn rate, and not where it is just reached",
        ),
        Op::Lt | Op::Lte => {
            losses.add(
                op_place,
                format!("{path}.condition.op"),
                "a tier fires where the burn rate is high, and never where it is low",
            );
            return None;
        }
    }
    let (threshold, threshold_place) = condition.threshold.pair()?;
    let Ok(factor) = threshold.to_string().parse::<BurnFactor>() else {
        let reason = format!("{threshold} is no burn rate that a tier can have");
        losses.add(threshold_place, format!("{path}.condition.threshold"), reason);
        return None;
    };
    let (lookback, lookback_place) = condition.lookback_window.pair()?;
    let lookback = lookback.length()?;
    let hold = condition.alert_after.pair().filter(|(after, _)| **after != Shorthand::Nothing);
    let hold = hold.and_then(|(after, at)| {
        let length = after.length();
        if length.is_none() {
            let reason = format!("`{after}` is no length of time");
            losses.add(at, format!("{path}.condition.alertAfter"), reason);
        }
        length.map(|length| Field::new(length, at))
    });
    let (severity, severity_place) = spec.severity.pair()?;
    let meant = severity_of(severity).unwrap_or(Severity::Ticket);
    if !severity.eq_ignore_ascii_case(meant.name()) {
        let reason = format!(
            "a tier is a `page` or a `ticket`; `{severity}` is taken for a {}",
            meant.name()
        );
        losses.add(severity_place, format!("{path}.severity"), reason);
    }
    let severity = meant;
    let long = Field::new(lookback, lookback_place);
    let tier = TierSpec {
        name: name.cloned(),
        short: Some(long.clone()),
        burn_rate: Some(Field::new(factor, threshold_place)),
        hold,
        ..TierSpec::new(Field::new(severity, severity_place), long)
    };
    Some(Field::new(tier, place))
}

/// The severity that a word means beyond doubt.
fn severity_of(word: &str) -> Option<Severity> {
    match word.to_ascii_lowercase().as_str() {
        "page" | "pager" | "critical" | "urgent" | "high" => Some(Severity::Page),
        "ticket" | "warning" | "medium" | "low" | "info" => Some(Severity::Ticket),
        _ => None,
    }
}
