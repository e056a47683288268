//! The types of `openslo/v1alpha`, and what they are in `v1`.
use super::{
    any::Any,
    duration::{Shorthand, Unit},
    v1::{
        self, BudgetingMethod, Calendar, InlineSli, Metric, MetricSource, Op, RatioMetric, SliSpec,
    },
};
use crate::kernel::{source::Place, spec::Field};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The `spec` of an `SLO`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SloSpec {
    description: Option<Field<String>>,
    service: Field<String>,
    indicator: Option<Field<Indicator>>,
    time_windows: Option<Field<Vec<Field<TimeWindow>>>>,
    budgeting_method: Field<OldMethod>,
    objectives: Option<Field<Vec<Field<Objective>>>>,
}

/// There were two methods.
#[derive(Clone, Copy, Debug, Deserialize)]
enum OldMethod {
    Occurrences,
    Timeslices,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Indicator {
    threshold_metric: Field<Query>,
}

/// A question.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    source: Field<String>,
    #[serde(rename = "queryType")]
    language: Field<String>,
    #[serde(rename = "query")]
    text: Field<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TimeWindow {
    unit: Field<WindowUnit>,
    count: Field<u32>,
    is_rolling: Option<Field<bool>>,
    calendar: Option<Field<Calendar>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum WindowUnit {
    Second,
    Day,
    Week,
    Month,
    Quarter,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Objective {
    display_name: Option<Field<String>>,
    value: Option<Field<f64>>,
    op: Option<Field<Op>>,
    target: Option<Field<f64>>,
    time_slice_target: Option<Field<f64>>,
    ratio_metrics: Option<Field<RatioMetrics>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RatioMetrics {
    good: Field<Query>,
    total: Field<Query>,
    incremental: Option<Field<bool>>,
}

fn metric(query: Field<Query>) -> Field<Metric> {
    let place = query.place();
    query.map(|query| {
        let text = query.text.map(Any::Text);
        let spec = BTreeMap::from([("query".to_owned(), text)]);
        let source = MetricSource {
            metric_source_ref: None,
            type_: Some(of(query.source, &query.language)),
            spec: Field::new(spec, place),
            connection_details: None,
        };
        Metric { metric_source: Field::new(source, place) }
    })
}

/// What is asked. Where the language of the question is PromQL, that is certain, whatever the server is
/// called.
fn of(source: Field<String>, language: &Field<String>) -> Field<String> {
    let promql = language.get().is_some_and(|text| text.eq_ignore_ascii_case("promql"));
    if promql { source.map(|_| "Prometheus".to_owned()) } else { source }
}

/// The window as `v1` writes it; seconds that are no whole minutes are what it has no word for.
fn duration(unit: Field<WindowUnit>, count: &Field<u32>) -> Field<Shorthand> {
    let Some(count) = count.get().copied() else { return Field::absent(unit.place()) };
    if count == 0 {
        return unit.map(|_| Shorthand::Nothing);
    }
    unit.map(|unit| match unit {
        WindowUnit::Second => Shorthand::Bare(f64::from(count) / 60.0),
        WindowUnit::Day => Shorthand::Of(count, Unit::Day),
        WindowUnit::Week => Shorthand::Of(count, Unit::Week),
        WindowUnit::Month => Shorthand::Of(count, Unit::Month),
        WindowUnit::Quarter => Shorthand::Of(count, Unit::Quarter),
    })
}

fn window(window: TimeWindow) -> v1::TimeWindow {
    let duration = match duration(window.unit, &window.count) {
        // Seconds have a unit, and are not to be told to have none.
        field if matches!(field.get(), Some(Shorthand::Bare(_))) => field.map(|bare| match bare {
            Shorthand::Bare(minutes)
                if minutes.fract() == 0.0 && minutes <= f64::from(u32::MAX) =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole, and within the range"
                )]
                Shorthand::Of(minutes as u32, Unit::Minute)
            }
            other => other,
        }),
        field => field,
    };
    v1::TimeWindow { duration, is_rolling: window.is_rolling, calendar: window.calendar }
}

fn threshold(indicator: Field<Indicator>) -> Field<InlineSli> {
    let place = indicator.place();
    indicator.map(|indicator| inline(place, Some(metric(indicator.threshold_metric)), None))
}

fn ratio(metrics: Field<RatioMetrics>) -> Field<InlineSli> {
    let place = metrics.place();
    metrics.map(|metrics| {
        let ratio = RatioMetric {
            counter: metrics.incremental,
            good: Some(metric(metrics.good)),
            bad: None,
            total: Some(metric(metrics.total)),
            raw: None,
            raw_type: None,
        };
        inline(place, None, Some(Field::new(ratio, place)))
    })
}

fn inline(
    place: Place,
    threshold_metric: Option<Field<Metric>>,
    ratio_metric: Option<Field<RatioMetric>>,
) -> InlineSli {
    let spec = SliSpec { description: None, threshold_metric, ratio_metric };
    InlineSli { metadata: None, spec: Field::new(spec, place) }
}

impl From<SloSpec> for v1::SloSpec {
    fn from(spec: SloSpec) -> Self {
        Self {
            description: spec.description,
            service: spec.service,
            indicator: spec.indicator.map(threshold),
            indicator_ref: None,
            time_window: spec.time_windows.map(|list| {
                list.map(|items| items.into_iter().map(|item| item.map(window)).collect())
            }),
            budgeting_method: spec.budgeting_method.map(|method| match method {
                OldMethod::Occurrences => BudgetingMethod::Occurrences,
                OldMethod::Timeslices => BudgetingMethod::Timeslices,
            }),
            objectives: spec.objectives.map(|list| {
                list.map(|items| items.into_iter().map(|item| item.map(objective)).collect())
            }),
            alert_policies: None,
            separate: true,
        }
    }
}

fn objective(objective: Objective) -> v1::Objective {
    v1::Objective {
        display_name: objective.display_name,
        op: objective.op,
        value: objective.value,
        target: objective.target,
        target_percent: None,
        time_slice_target: objective.time_slice_target,
        time_slice_window: None,
        indicator: objective.ratio_metrics.map(ratio),
        indicator_ref: None,
        composite_weight: None,
    }
}
