//! What the rules of this folder read through references.
use crate::{
    domains::slo::{
        model::Budgeting,
        resolve,
        spec::{AlertPolicySpec, Indicator, ServiceLevelObjective as Objective, TierSpec},
    },
    kernel::{
        diagnostic::rule::Context,
        measure::DataSource,
        settings::Defaults,
        source::Place,
        spec::{Catalog, Document, Either, Field, Optional, values},
        units::Duration,
    },
};

pub(super) use crate::{
    domains::slo::promises::{
        Promise, availability_promises, histograms, judges_latency, promises_availability,
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

/// The PromQL texts of an indicator's ratio: which side, as written, and where.
pub(super) fn query_sides(indicator: &Indicator) -> impl Iterator<Item = (&str, &str, Place)> {
    let queries = indicator.prometheus.value().into_iter();
    let sides =
        queries.flat_map(|way| [("good", &way.good), ("bad", &way.bad), ("total", &way.total)]);
    sides.filter_map(|(side, field)| field.pair().map(|(text, place)| (side, text.as_str(), place)))
}

/// The PromQL texts of a document that may be whole queries.
pub(super) fn queries(document: &Document) -> impl Iterator<Item = (&str, Place)> {
    let indicator = own_indicator(document).map(|(indicator, _)| indicator);
    indicator.into_iter().flat_map(query_sides).map(|(_, text, place)| (text, place))
}

/// All PromQL texts of a document, histograms included.
pub(super) fn promql_texts(document: &Document) -> impl Iterator<Item = (&str, Place)> {
    let indicator = own_indicator(document).map(|(indicator, _)| indicator);
    let histograms = indicator.into_iter().flat_map(histograms);
    queries(document).chain(histograms.map(|(_, text, place)| (text, place)))
}

/// A part of a composite.
#[derive(Clone, Copy)]
pub(super) struct Part<'d> {
    /// Name of the objective.
    pub(super) name: &'d str,
    /// Where that stands.
    pub(super) place: Place,
    /// Its weight, where one is written.
    pub(super) weight: Option<(f64, Place)>,
}

/// The parts of a composite; of other objectives there are none.
pub(super) fn composite_parts(slo: &Objective) -> impl Iterator<Item = Part<'_>> {
    values(&slo.composite).filter_map(|part| {
        let (name, place) = part.slo.pair()?;
        let weight = part.weight.pair().map(|(weight, place)| (*weight, place));
        Some(Part { name: name.name(), place, weight })
    })
}

/// The step that the data source of an objective declares, of counts; and where.
pub(super) fn declared_step<'c>(
    context: &Context<'c>,
    document: &'c Document,
    slo: &'c Objective,
) -> Option<(Duration, Place)> {
    let (owner, indicator) = resolve::indicator_of(context.catalog, document, slo)?;
    if indicator.events.is_some() || indicator.prometheus.is_some() {
        return None;
    }
    let name = resolve::source(owner, indicator, context.settings)
        .or_else(|| resolve::source(document, indicator, context.settings))?;
    let (_, source) = context.catalog.get::<DataSource>(name)?;
    let files = source.files.value().and_then(|files| files.step.pair());
    let command = source.command.value().and_then(|command| command.step.pair());
    files.or(command).map(|(step, place)| (*step, place))
}

/// The shortest time in which something can be seen of an objective.
#[derive(Clone, Copy)]
pub(super) struct LongestStep {
    /// Its length.
    pub(super) length: Duration,
    /// What says so.
    pub(super) place: Place,
    /// What it is, with its article.
    pub(super) what: &'static str,
}

/// The step of an objective's series, as far as documents say: its slices, or what its data source
/// counts in; of a composite the longest of its parts.
pub(super) fn longest_step<'c>(
    context: &Context<'c>,
    document: &'c Document,
    slo: &'c Objective,
) -> Option<LongestStep> {
    if let Some(length) = resolve::budgeting(slo).ok().and_then(Budgeting::slice) {
        let place =
            slo.slice.as_ref().map(Field::place).or(slo.method.as_ref().map(Field::place))?;
        return Some(LongestStep { length, place, what: "a slice" });
    }
    let measured = |document, slo| {
        let (length, place) = declared_step(context, document, slo)?;
        Some(LongestStep { length, place, what: "a step" })
    };
    let of_parts = composite_parts(slo).filter_map(|part| {
        let (document, slo) = context.catalog.get::<Objective>(part.name)?;
        measured(document, slo)
    });
    of_parts.max_by_key(|step| step.length).or_else(|| measured(document, slo))
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
