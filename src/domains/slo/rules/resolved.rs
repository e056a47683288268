//! What the rules of this folder read through references.
use crate::{
    domains::slo::{
        resolve,
        spec::{AlertPolicySpec, Indicator, ServiceLevelObjective as Objective, TierSpec},
    },
    kernel::{
        diagnostic::rule::Context,
        settings::Defaults,
        source::Place,
        spec::{Catalog, Document, Either, Field, Optional, values},
    },
};

pub(super) use crate::{
    domains::slo::promises::{
        Promise, availability_promises, judges_latency, promises_availability,
    },
    kernel::spec::rules::part,
};

/// A text that is not blank.
pub(super) fn text(field: Option<&Field<String>>) -> Option<(&str, Place)> {
    let (text, place) = field?.pair()?;
    let text = text.trim();
    (!text.is_empty()).then_some((text, place))
}

/// The indicator of a document: an `SLI`, or the one written inside an `SLO`, and where to point at.
pub(super) fn own_indicator(document: &Document) -> Option<(&Indicator, Place)> {
    if let Some(indicator) = document.spec::<Indicator>() {
        return Some((indicator, document.name_place()));
    }
    let (sli, place) = document.spec::<Objective>()?.sli.pair()?;
    Some((sli.mapping()?, place))
}

/// The sides of a ratio, each as written and where.
#[derive(Clone, Copy)]
pub(super) struct Sides<'d> {
    /// Good events.
    pub(super) good: Option<(&'d str, Place)>,
    /// Bad events.
    pub(super) bad: Option<(&'d str, Place)>,
    /// All events.
    pub(super) total: Option<(&'d str, Place)>,
}

/// The sides of an indicator's ratio, in whichever way it is measured.
pub(super) fn sides(indicator: &Indicator) -> impl Iterator<Item = Sides<'_>> {
    type Side = Option<Field<String>>;
    fn of<'d>(good: &'d Side, bad: &'d Side, total: &'d Side) -> Sides<'d> {
        let [good, bad, total] = [good, bad, total].map(|side| text(side.as_ref()));
        Sides { good, bad, total }
    }
    let events = indicator.events.value().map(|way| of(&way.good, &way.bad, &way.total));
    let counts = indicator.counts.value().map(|way| of(&way.good, &way.bad, &way.total));
    let queries = indicator.prometheus.value().map(|way| of(&way.good, &way.bad, &way.total));
    [events, counts, queries].into_iter().flatten()
}

/// The PromQL texts of a document.
pub(super) fn queries(document: &Document) -> impl Iterator<Item = (&str, Place)> {
    let queries = own_indicator(document).and_then(|(indicator, _)| indicator.prometheus.value());
    let sides = queries.into_iter().flat_map(|way| [&way.good, &way.bad, &way.total]);
    sides.filter_map(|field| field.pair().map(|(text, place)| (text.as_str(), place)))
}

/// The indicator of an objective, wherever it is written.
pub(super) fn indicator_of<'c>(
    catalog: &'c Catalog,
    document: &'c Document,
    slo: &'c Objective,
) -> Option<&'c Indicator> {
    resolve::indicator_of(catalog, document, slo).map(|(_, indicator)| indicator)
}

/// What the settings say where a document does not.
pub(super) fn default_of<'c, T>(
    context: &Context<'c>,
    document: &'c Document,
    read: impl Fn(&'c Defaults) -> Option<&'c T>,
) -> Option<&'c T> {
    context.settings.default_for(&|key| document.label(key), read)
}

/// The policy of a document: an `AlertPolicy`, or the one written inside an `SLO`.
pub(super) fn own_policy(document: &Document) -> Option<(&AlertPolicySpec, Place)> {
    if let Some(policy) = document.spec::<AlertPolicySpec>() {
        return Some((policy, document.name_place()));
    }
    let (alerting, place) = document.spec::<Objective>()?.alerting.pair()?;
    Some((alerting.mapping()?, place))
}

/// The policy that an objective holds, or that it or the settings name; `None` for the default one.
pub(super) fn policy_of<'c>(
    context: &Context<'c>,
    document: &'c Document,
    slo: &'c Objective,
) -> Option<&'c AlertPolicySpec> {
    let name = match slo.alerting.value() {
        Some(Either::Mapping(policy)) => return Some(policy),
        Some(Either::Scalar(name)) => name.name(),
        None => default_of(context, document, |defaults| defaults.alerting.value())?,
    };
    context.catalog.get::<AlertPolicySpec>(name).map(|(_, spec)| spec)
}

/// Tiers that are looked at: far more than anyone reads, few enough to compare all pairs.
pub(super) const TIERS: usize = 64;

/// The tiers of a policy that could be read.
pub(super) fn tiers(policy: &AlertPolicySpec) -> impl Iterator<Item = &TierSpec> {
    values(policy.tiers.get().map_or(&[][..], Vec::as_slice)).take(TIERS)
}

/// Where the factor of a tier is written.
pub(super) fn factor_place(tier: &TierSpec) -> Place {
    let written =
        tier.burn_rate.as_ref().map(Field::place).or(tier.budget_share.as_ref().map(Field::place));
    written.unwrap_or(tier.severity.place())
}
