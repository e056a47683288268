//! What is measured, as metrics of OpenSLO.
use super::{
    super::{
        lower::{INDICATOR_NAME, queries as read},
        v1::Op,
    },
    Raising, mapping,
    names::label,
};
use crate::{
    domains::slo::{
        queries::{Question, Side},
        resolve::{self, Measurement, ResolvedObjective},
        spec::{Indicator, ServiceLevelObjective},
    },
    kernel::{
        measure::{DataSource, server::Part},
        source::Place,
        spec::{Field, Target as _},
    },
};
use serde_yaml::Value;
use std::collections::BTreeMap;

/// An indicator of an objective.
pub(super) struct Raised {
    /// Written in place.
    pub(super) inline: Option<Value>,
    /// By its name.
    pub(super) by_name: Option<Value>,
    /// How a threshold is compared, and with what.
    pub(super) compared: Option<(&'static str, f64)>,
}

/// Indicators that are documents of their own.
#[derive(Debug, Default)]
pub(super) struct Indicators {
    pub(super) by_name: BTreeMap<String, Value>,
}

impl Raising<'_> {
    /// The indicator of an objective; `None` where there are no words for it, which is told.
    pub(super) fn indicator(
        &mut self,
        objective: &ResolvedObjective<'_>,
        slo: &ServiceLevelObjective,
        at: Place,
    ) -> Option<Raised> {
        let at = slo.sli.as_ref().map_or(at, Field::place);
        let not_written = "and without an indicator, the objective is not written";
        let Some(indicator) = &objective.indicator else {
            self.lose(at, "spec.sli", format!("the objective measures nothing, {not_written}"));
            return None;
        };
        let question = match &indicator.measurement {
            Some(Measurement::Prometheus(question)) => question,
            Some(Measurement::Events { .. } | Measurement::Counts { .. }) => {
                let reason = format!("no tool would know how to read files for it, {not_written}");
                self.lose(at, "spec.sli", reason);
                return None;
            }
            None => {
                self.lose(
                    at,
                    "spec.sli",
                    format!("it is not said how it is measured, {not_written}"),
                );
                return None;
            }
        };
        self.lose_indicator(objective, slo);
        let source = indicator.source.and_then(|name| {
            let (document, source) = self.catalog.get::<DataSource>(name)?;
            source.prometheus.as_ref()?;
            let written = self.name(DataSource::KIND, name, document.name_place());
            self.sources.insert(name.to_owned());
            Some(written)
        });
        let (spec, compared) = metrics(question, source.as_deref());
        // A threshold with what it is compared with belongs to the objective, and so do histograms.
        let shared = indicator.name.filter(|_| compared.is_none() && slo.threshold.is_none());
        if let Some(name) = shared {
            let written = self.name("SLI", name, at);
            self.indicators.by_name.insert(name.to_owned(), spec);
            return Some(Raised { inline: None, by_name: Some(written.into()), compared });
        }
        let metadata = objective.document.metadata.as_ref();
        let kept = metadata.and_then(|it| it.annotations.get(INDICATOR_NAME)?.get());
        let name = kept.map(String::as_str).or(indicator.name);
        let name = name.map_or_else(|| label(objective.document.name()), label);
        let inline = mapping([
            ("metadata", Some(mapping([("name", Some(name.into()))]))),
            ("spec", Some(spec)),
        ]);
        Some(Raised { inline: Some(inline), by_name: None, compared })
    }

    /// What an indicator says beside its queries and the server that is asked.
    fn lose_indicator(&mut self, objective: &ResolvedObjective<'_>, slo: &ServiceLevelObjective) {
        let found = resolve::indicator_of(self.catalog, objective.document, slo);
        let Some((_, indicator)) = found else { return };
        // How it is measured is written, or the objective is not.
        let Indicator {
            category,
            indicator,
            measurement_method,
            source: _,
            events: _,
            counts: _,
            prometheus: _,
        } = indicator;
        let lost = [
            ("category", category.as_ref().map(Field::place)),
            ("indicator", indicator.as_ref().map(Field::place)),
            ("measurement_method", measurement_method.as_ref().map(Field::place)),
        ];
        for (field, place) in lost {
            if let Some(place) = place {
                let reason = "an indicator is its queries there, without words for people";
                self.lose(place, format!("spec.sli.{field}"), reason);
            }
        }
    }
}

/// A metric that asks a query.
fn metric(query: &str, source: Option<&str>) -> Value {
    let source = mapping([
        ("metricSourceRef", source.map(Into::into)),
        ("type", Some("Prometheus".into())),
        ("spec", Some(mapping([("query", Some(query.into()))]))),
    ]);
    mapping([("metricSource", Some(source))])
}

/// The metrics of a question. What was read from a threshold or a ratio is written as one again.
fn metrics(question: &Question, source: Option<&str>) -> (Value, Option<(&'static str, f64)>) {
    let (total, part) = question.promql(&[]);
    let (part, part_is_good) = match &part {
        Part::Good(text) => (text, true),
        Part::Bad(text) => (text, false),
    };
    if part_is_good && let Some((query, op, value)) = read::threshold_of(part, &total) {
        let metric = mapping([("thresholdMetric", Some(metric(query, source)))]);
        return (metric, Some((Op::name(op), value)));
    }
    if let Some(query) = read::raw_of(part, &total) {
        let share = if part_is_good { "success" } else { "failure" };
        let ratio =
            mapping([("rawType", Some(share.into())), ("raw", Some(metric(query, source)))]);
        return (mapping([("ratioMetric", Some(ratio))]), None);
    }
    let text = |side: &Side, whole: &str| match side {
        Side::Counter(selector) => selector.clone(),
        _ => whole.to_owned(),
    };
    let (name, part) = (if part_is_good { "good" } else { "bad" }, text(&question.part, part));
    let ratio = mapping([
        ("counter", Some(true.into())),
        (name, Some(metric(&part, source))),
        ("total", Some(metric(&text(&question.total, &total), source))),
    ]);
    (mapping([("ratioMetric", Some(ratio))]), None)
}
