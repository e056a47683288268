//! The types of `openslo.com/v2alpha` that differ from those of `v1`, and what they are there.
use super::{
    any::Any,
    duration::Shorthand,
    metadata::MetadataV2Alpha,
    v1::{
        self, BudgetingMethod, InlineSli, Metric, MetricSource, Op, PolicyItem, RatioMetric,
        RawType, TimeWindow,
    },
};
use crate::kernel::{source::Place, spec::Field};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The `spec` of an `SLI`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SliSpec {
    description: Option<Field<String>>,
    threshold_metric: Option<Field<MetricSpec>>,
    ratio_metric: Option<Field<Ratio>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ratio {
    counter: Option<Field<bool>>,
    good: Option<Field<MetricSpec>>,
    bad: Option<Field<MetricSpec>>,
    total: Option<Field<MetricSpec>>,
    raw: Option<Field<MetricSpec>>,
    raw_type: Option<Field<RawType>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MetricSpec {
    data_source_ref: Option<Field<String>>,
    data_source_spec: Option<Field<DataSourceSpec>>,
    spec: Field<BTreeMap<String, Field<Any>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DataSourceSpec {
    #[serde(rename = "description")]
    _description: Option<Field<String>>,
    #[serde(rename = "type")]
    type_: Field<String>,
    connection_details: Option<Field<Any>>,
}

/// The `spec` of an `SLO`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SloSpec {
    description: Option<Field<String>>,
    service_ref: Option<Field<String>>,
    /// How the text of the language calls it.
    service: Option<Field<String>>,
    sli: Option<Field<Inline>>,
    sli_ref: Option<Field<String>>,
    time_window: Option<Field<Vec<Field<TimeWindow>>>>,
    budgeting_method: Field<BudgetingMethod>,
    objectives: Option<Field<Vec<Field<Objective>>>>,
    alert_policies: Option<Field<Vec<Field<PolicyItem>>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inline {
    metadata: Option<Field<MetadataV2Alpha>>,
    spec: Field<SliSpec>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Objective {
    display_name: Option<Field<String>>,
    op: Option<Field<Op>>,
    value: Option<Field<f64>>,
    target: Option<Field<f64>>,
    target_percent: Option<Field<f64>>,
    time_slice_target: Option<Field<f64>>,
    time_slice_window: Option<Field<Shorthand>>,
    sli: Option<Field<Inline>>,
    sli_ref: Option<Field<String>>,
    composite_weight: Option<Field<f64>>,
}

fn each<T, U>(
    list: Option<Field<Vec<Field<T>>>>,
    into: impl Fn(T) -> U,
) -> Option<Field<Vec<Field<U>>>> {
    list.map(|list| list.map(|items| items.into_iter().map(|item| item.map(&into)).collect()))
}

impl From<SliSpec> for v1::SliSpec {
    fn from(spec: SliSpec) -> Self {
        Self {
            description: spec.description,
            threshold_metric: spec.threshold_metric.map(metric),
            ratio_metric: spec.ratio_metric.map(|ratio| {
                ratio.map(|ratio| RatioMetric {
                    counter: ratio.counter,
                    good: ratio.good.map(metric),
                    bad: ratio.bad.map(metric),
                    total: ratio.total.map(metric),
                    raw: ratio.raw.map(metric),
                    raw_type: ratio.raw_type,
                })
            }),
        }
    }
}

fn metric(field: Field<MetricSpec>) -> Field<Metric> {
    let place = field.place();
    field.map(|metric| {
        let (mut type_, mut connection_details) = (None, None);
        if let Some(source) = metric.data_source_spec.and_then(Field::into_value) {
            (type_, connection_details) = (Some(source.type_), source.connection_details);
        }
        let source = MetricSource {
            metric_source_ref: metric.data_source_ref,
            type_,
            spec: metric.spec,
            connection_details,
        };
        Metric { metric_source: Field::new(source, place) }
    })
}

fn inline(field: Field<Inline>) -> Field<InlineSli> {
    field.map(|inline| InlineSli {
        metadata: inline.metadata.map(|metadata| metadata.map(Into::into)),
        spec: inline.spec.map(Into::into),
    })
}

impl From<SloSpec> for v1::SloSpec {
    fn from(spec: SloSpec) -> Self {
        Self {
            description: spec.description,
            // That there is one has been looked at where it stands.
            service: (spec.service_ref.or(spec.service))
                .unwrap_or_else(|| Field::absent(Place::default())),
            indicator: spec.sli.map(inline),
            indicator_ref: spec.sli_ref,
            time_window: spec.time_window,
            budgeting_method: spec.budgeting_method,
            objectives: each(spec.objectives, |objective| v1::Objective {
                display_name: objective.display_name,
                op: objective.op,
                value: objective.value,
                target: objective.target,
                target_percent: objective.target_percent,
                time_slice_target: objective.time_slice_target,
                time_slice_window: objective.time_slice_window,
                indicator: objective.sli.map(inline),
                indicator_ref: objective.sli_ref,
                composite_weight: objective.composite_weight,
            }),
            alert_policies: spec.alert_policies,
            separate: false,
        }
    }
}
