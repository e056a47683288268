//! When to alert, as alert policies of OpenSLO: one for each tier, for a policy has one condition there.
use super::{Raising, mapping, names::label, number};
use crate::{
    domains::slo::{
        model::{AlertTier, Severity},
        resolve::{self, ResolvedObjective},
        spec::{AlertPolicySpec, ServiceLevelObjective, TierSpec},
    },
    kernel::{
        source::Place,
        spec::{Document, Either, Field, Metadata, Optional as _},
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
        let catalog = self.catalog;
        let (policy, named, place) = match slo.alerting.pair() {
            Some((Either::Mapping(policy), place)) => (&**policy, None, place),
            Some((Either::Scalar(name), place)) => {
                let (document, policy) = catalog.get::<AlertPolicySpec>(name.name())?;
                (policy, Some(document), place)
            }
            // The settings may name one.
            None => {
                let (document, policy) =
                    catalog.get::<AlertPolicySpec>(objective.alerting_name?)?;
                let is_it = resolve::alert_policy(policy, objective.objective.window())
                    == objective.alerting;
                (is_it.then_some(policy)?, Some(document), objective.document.name_place())
            }
        };
        let prefix = named.unwrap_or(objective.document).name().to_owned();
        let root = if named.is_some() { "spec" } else { "spec.alerting" };
        if let Some(document) = named {
            self.lose_metadata(document);
        }
        self.lose_policy(policy, objective, (place, root));
        let tiers = policy.tiers.get().into_iter().flatten().enumerate();
        let tiers = tiers.filter_map(|(index, tier)| Some((index, tier.get()?)));
        let tiers = tiers.filter(|(_, it)| it.enabled.value() != Some(&false));
        let resolved = objective.alerting.tiers.iter();
        let policies: Vec<Value> = tiers
            .filter_map(|(index, tier)| {
                let resolved = resolved
                    .clone()
                    .find(|other| Some(&other.long) == tier.long.get() && same_name(other, tier))?;
                let path = format!("{root}.tiers[{index}]");
                self.lose_tier(tier, &path);
                self.policy(tier, resolved, objective.notices.sli_absent, (&prefix, &path))
            })
            .collect();
        if policies.is_empty() {
            let reason = "that there are no alerts is not said there: such an objective is read as one that \
                          leaves them to the default";
            self.lose(place, format!("{root}.tiers"), reason);
        }
        (!policies.is_empty()).then_some(Value::Sequence(policies))
    }

    /// What a policy's document says of itself: each tier is written as a policy of its own.
    fn lose_metadata(&mut self, document: &Document) {
        let Some(metadata) = document.metadata.as_deref() else { return };
        // The name is what those of the tiers begin with.
        let Metadata { name: _, display_name, description, owner, labels, annotations, links } =
            metadata;
        let lost = [
            ("display_name", display_name.as_ref().map(Field::place)),
            ("description", description.as_ref().map(Field::place)),
            ("owner", owner.as_ref().map(Field::place)),
            ("labels", labels.values().next().map(Field::place)),
            ("annotations", annotations.values().next().map(Field::place)),
            ("links", links.first().map(Field::place)),
        ];
        for (field, place) in lost {
            if let Some(place) = place {
                let reason = "each tier is a policy of its own there, with a name and nothing else";
                self.lose(place, format!("metadata.{field}"), reason);
            }
        }
    }

    /// What a policy says beside its tiers. `root` is the path of its fields.
    fn lose_policy(
        &mut self,
        policy: &AlertPolicySpec,
        objective: &ResolvedObjective<'_>,
        (place, root): (Place, &str),
    ) {
        let AlertPolicySpec {
            // Written one by one.
            tiers: _,
            labels,
            annotations,
            budget_exhausted,
            sli_absent,
        } = policy;
        let notices = objective.notices;
        if notices.budget_exhausted.is_some() {
            let at = budget_exhausted.as_ref().map_or(place, Field::place);
            let reason = "there are no alerts on a budget that is spent there";
            self.lose(at, format!("{root}.budget_exhausted"), reason);
        }
        if let Some(severity) = notices.sli_absent
            && !objective.alerting.tiers.iter().any(|tier| tier.severity == severity)
        {
            let at = sli_absent.as_ref().map_or(place, Field::place);
            let reason = format!(
                "that nothing is measured is told with a condition there, and none is a {}",
                severity.name()
            );
            self.lose(at, format!("{root}.sli_absent"), reason);
        }
        for (field, texts) in [("labels", labels), ("annotations", annotations)] {
            if let Some(first) = texts.values().next() {
                let reason = "alerts have no labels and annotations of their own there";
                self.lose(first.place(), format!("{root}.{field}"), reason);
            }
        }
    }

    fn policy(
        &mut self,
        tier: &TierSpec,
        resolved: &AlertTier,
        sli_absent: Option<Severity>,
        (prefix, path): (&str, &str),
    ) -> Option<Value> {
        let (long, long_place) = tier.long.pair()?;
        let severity = resolved.severity;
        let lookback = self.shorthand(*long, long_place, &format!("{path}.long"))?;
        let after = tier.hold.as_ref().and_then(|hold| {
            let (length, place) = hold.pair().filter(|(length, _)| !length.is_zero())?;
            self.shorthand(*length, place, &format!("{path}.for"))
        });
        let name = label(&format!("{prefix}-{}", resolved.name));
        let no_data = sli_absent == Some(severity);
        let condition = mapping([
            ("kind", Some("burnrate".into())),
            ("op", Some("gt".into())),
            ("threshold", Some(number(resolved.factor.as_f64()))),
            ("lookbackWindow", Some(lookback)),
            ("alertAfter", after),
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

    /// What a tier says that a policy there does not. `path` is that of the tier.
    fn lose_tier(&mut self, tier: &TierSpec, path: &str) {
        // What is not looked at here is written.
        let TierSpec {
            name: _,
            severity: _,
            long,
            short,
            burn_rate: _,
            budget_share: _,
            hold: _,
            minimum_events,
            minimum_bad_events,
            confidence,
            event_weighted,
            enabled: _,
            labels,
            annotations,
        } = tier;
        if let (Some(short), Some(long)) = (short, long.get())
            && short.get() != Some(long)
        {
            let reason = "an alert looks at one window there, the long one";
            self.lose(short.place(), format!("{path}.short"), reason);
        } else if short.is_none() {
            let reason =
                "an alert looks at one window there; the short one, which is added here, is not";
            self.lose(long.place(), format!("{path}.long"), reason);
        }
        let guards = [
            ("minimum_events", minimum_events.as_ref().map(Field::place)),
            ("minimum_bad_events", minimum_bad_events.as_ref().map(Field::place)),
            ("confidence", confidence.as_ref().map(Field::place)),
            ("event_weighted", event_weighted.as_ref().map(Field::place)),
            ("labels", labels.values().next().map(Field::place)),
            ("annotations", annotations.values().next().map(Field::place)),
        ];
        for (field, place) in guards {
            if let Some(place) = place {
                let reason = "an alert compares a burn rate with a number there, and nothing else";
                self.lose(place, format!("{path}.{field}"), reason);
            }
        }
    }
}

/// Whether a resolved tier is the one that is written so.
fn same_name(resolved: &AlertTier, written: &TierSpec) -> bool {
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
