//! When to alert, as alert policies of OpenSLO: one for each tier, for a policy has one condition there.
use super::{Raising, mapping, names::label, number};
use crate::{
    domains::slo::{
        resolve::ResolvedObjective,
        spec::{AlertPolicySpec, Notice, ServiceLevelObjective, TierSpec},
    },
    kernel::{
        source::Place,
        spec::{Either, Field, Optional as _},
    },
};
use serde_yaml::Value;

impl Raising<'_> {
    /// The alert policies that the objective says: nothing for one that leaves it to the defaults.
    pub(super) fn policies(
        &mut self,
        objective: &ResolvedObjective<'_>,
        slo: &ServiceLevelObjective,
    ) -> Option<Value> {
        let (alerting, place) = slo.alerting.pair()?;
        let (policy, named) = match alerting {
            Either::Mapping(policy) => (&**policy, None),
            Either::Scalar(name) => {
                let (document, policy) = self.catalog.get::<AlertPolicySpec>(name.name())?;
                (policy, Some(document.name()))
            }
        };
        let prefix = named.unwrap_or(objective.document.name()).to_owned();
        self.lose_policy(policy, place);
        let tiers = policy.tiers.get().into_iter().flatten();
        let tiers = tiers.filter_map(Field::get).filter(|it| it.enabled.value() != Some(&false));
        let resolved = objective.alerting.tiers.iter();
        let policies: Vec<Value> = tiers
            .filter_map(|tier| {
                let factor = resolved
                    .clone()
                    .find(|other| Some(&other.long) == tier.long.get() && same_name(other, tier))?;
                self.policy(tier, factor.factor.as_f64(), &factor.name, policy, &prefix)
            })
            .collect();
        (!policies.is_empty()).then_some(Value::Sequence(policies))
    }

    fn lose_policy(&mut self, policy: &AlertPolicySpec, place: Place) {
        if let Some((notice, at)) = policy.budget_exhausted.pair()
            && *notice != Notice::None
        {
            let reason = "there are no alerts on a budget that is spent there";
            self.lose(at, "alerting.budget_exhausted", reason);
        }
        if !policy.labels.is_empty() || !policy.annotations.is_empty() {
            let reason = "alerts have no labels and annotations of their own there";
            self.lose(place, "alerting.labels", reason);
        }
    }

    fn policy(
        &mut self,
        tier: &TierSpec,
        factor: f64,
        name: &str,
        policy: &AlertPolicySpec,
        prefix: &str,
    ) -> Option<Value> {
        let (long, long_place) = tier.long.pair()?;
        let severity = *tier.severity.get()?;
        self.lose_tier(tier);
        let lookback = self.shorthand(*long, long_place, "alerting.tiers.long")?;
        let name = label(&format!("{prefix}-{name}"));
        let no_data = policy.sli_absent.value().is_some_and(|notice| {
            matches!((notice, severity.name()), (Notice::Page, "page") | (Notice::Ticket, "ticket"))
        });
        let condition = mapping([
            ("kind", Some("burnrate".into())),
            ("op", Some("gt".into())),
            ("threshold", Some(number(factor))),
            ("lookbackWindow", Some(lookback)),
        ]);
        let condition = item(
            "AlertCondition",
            &name,
            mapping([("severity", Some(severity.name().into())), ("condition", Some(condition))]),
        );
        // A policy tells somebody there; whom is said by the routes of alerts, by severity.
        let target = item(
            "AlertNotificationTarget",
            severity.name(),
            mapping([("target", Some(severity.name().into()))]),
        );
        let spec = mapping([
            ("alertWhenNoData", Some(no_data.into())),
            ("alertWhenBreaching", Some(true.into())),
            ("conditions", Some(Value::Sequence(vec![condition]))),
            ("notificationTargets", Some(Value::Sequence(vec![target]))),
        ]);
        Some(item("AlertPolicy", &name, spec))
    }

    fn lose_tier(&mut self, tier: &TierSpec) {
        if let (Some(short), Some(long)) = (&tier.short, tier.long.get())
            && short.get() != Some(long)
        {
            let reason = "an alert looks at one window there, the long one";
            self.lose(short.place(), "alerting.tiers.short", reason);
        } else if tier.short.is_none() {
            let reason =
                "an alert looks at one window there; the short one, which is added here, is not";
            self.lose(tier.long.place(), "alerting.tiers.long", reason);
        }
        let guards = [
            ("minimum_events", tier.minimum_events.as_ref().map(Field::place)),
            ("minimum_bad_events", tier.minimum_bad_events.as_ref().map(Field::place)),
            ("confidence", tier.confidence.as_ref().map(Field::place)),
            ("event_weighted", tier.event_weighted.as_ref().map(Field::place)),
            ("labels", tier.labels.values().next().map(Field::place)),
            ("annotations", tier.annotations.values().next().map(Field::place)),
        ];
        for (field, place) in guards {
            if let Some(place) = place {
                let reason = "an alert compares a burn rate with a number there, and nothing else";
                self.lose(place, format!("alerting.tiers.{field}"), reason);
            }
        }
    }
}

/// Whether a resolved tier is the one that is written so.
fn same_name(resolved: &crate::domains::slo::model::AlertTier, written: &TierSpec) -> bool {
    written.severity.get() == Some(&resolved.severity)
        && written.name.value().is_none_or(|name| *name == resolved.name)
}

/// Something that is written in place.
fn item(kind: &str, name: &str, spec: Value) -> Value {
    mapping([
        ("kind", Some(kind.into())),
        ("metadata", Some(mapping([("name", Some(name.into()))]))),
        ("spec", Some(spec)),
    ])
}
