//! A Pyrra objective as YAML.
use super::{
    alerting::Burn,
    objective::{PyrraIndicator, PyrraObjective},
    percent,
    reading::{API_VERSION, KIND},
};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

/// One document. What is Pyrra's default is left out.
pub(in crate::domains::slo) fn write(objective: &PyrraObjective) -> String {
    let mut metadata = Mapping::new();
    put(&mut metadata, "name", objective.name.as_str());
    if let Some(namespace) = &objective.namespace {
        put(&mut metadata, "namespace", namespace.as_str());
    }
    put_texts(&mut metadata, "labels", &objective.labels);
    put_texts(&mut metadata, "annotations", &objective.annotations);
    let mut document = Mapping::new();
    put(&mut document, "apiVersion", API_VERSION);
    put(&mut document, "kind", KIND);
    put(&mut document, "metadata", metadata);
    put(&mut document, "spec", spec(objective));
    // A mapping of texts, numbers and booleans has no value that YAML lacks.
    serde_yaml::to_string(&Value::Mapping(document)).unwrap_or_default()
}

fn put(mapping: &mut Mapping, key: &str, value: impl Into<Value>) {
    mapping.insert(key.into(), value.into());
}

fn put_texts(mapping: &mut Mapping, key: &str, texts: &BTreeMap<String, String>) {
    if !texts.is_empty() {
        let texts = texts.iter().map(|(key, value)| (key.clone().into(), value.clone().into()));
        put(mapping, key, texts.collect::<Mapping>());
    }
}

fn spec(objective: &PyrraObjective) -> Mapping {
    let mut spec = Mapping::new();
    if !objective.description.is_empty() {
        put(&mut spec, "description", objective.description.as_str());
    }
    // A text, for Kubernetes refuses a number.
    put(&mut spec, "target", percent::write(objective.target));
    put(&mut spec, "window", objective.window.to_string());
    put(&mut spec, "indicator", indicator(objective));
    let alerting = alerting(objective);
    if !alerting.is_empty() {
        put(&mut spec, "alerting", alerting);
    }
    if let Some(strategy) = objective.partial_response {
        put(&mut spec, "partial_response_strategy", strategy.name().unwrap_or(""));
    }
    if objective.performance_over_accuracy {
        put(&mut spec, "performanceOverAccuracy", true);
    }
    let output = &objective.rule_output;
    let mut written = Mapping::new();
    put_texts(&mut written, "shortRulesLabels", &output.short_labels);
    put_texts(&mut written, "longRulesLabels", &output.long_labels);
    if output.description_as_label {
        put(&mut written, "enableDescriptionAsLabel", true);
    }
    if !written.is_empty() {
        put(&mut spec, "ruleOutput", written);
    }
    spec
}

fn indicator(objective: &PyrraObjective) -> Mapping {
    let query = |metric: &dyn ToString| {
        let mut query = Mapping::new();
        put(&mut query, "metric", metric.to_string());
        query
    };
    let mut written = Mapping::new();
    let name = match &objective.indicator {
        PyrraIndicator::Ratio { errors, total } => {
            put(&mut written, "errors", query(errors));
            put(&mut written, "total", query(total));
            "ratio"
        }
        PyrraIndicator::Latency { success, total } => {
            put(&mut written, "success", query(success));
            put(&mut written, "total", query(total));
            "latency"
        }
        PyrraIndicator::LatencyNative { total, latency } => {
            put(&mut written, "latency", latency.to_string());
            put(&mut written, "total", query(total));
            "latencyNative"
        }
        PyrraIndicator::BoolGauge { metric } => {
            written = query(metric);
            "bool_gauge"
        }
    };
    if !objective.grouping.is_empty() {
        put(&mut written, "grouping", objective.grouping.clone());
    }
    let mut indicator = Mapping::new();
    put(&mut indicator, name, written);
    indicator
}

fn alerting(objective: &PyrraObjective) -> Mapping {
    let alerting = &objective.alerting;
    let mut written = Mapping::new();
    for (key, on) in [("burnrates", alerting.burnrates), ("absent", alerting.absent)] {
        if !on {
            put(&mut written, key, false);
        }
    }
    let names = [("name", &alerting.name), ("absentName", &alerting.absent_name)];
    for (key, name) in names {
        if let Some(name) = name {
            put(&mut written, key, name.as_str());
        }
    }
    let mut severities = Mapping::new();
    if let Some(severity) = &alerting.absent_severity {
        put(&mut severities, "absent", severity.as_str());
    }
    for burn in Burn::ALL {
        if let Some(severity) = alerting.severities.get(&burn) {
            put(&mut severities, burn.key(), severity.as_str());
        }
    }
    if !severities.is_empty() {
        put(&mut written, "severities", severities);
    }
    written
}
