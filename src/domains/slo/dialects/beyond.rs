//! What documents of other tools say of their rules and alerts, and our kinds have no fields for: so that a
//! change of it is seen.
use super::{
    pyrra::PyrraObjective,
    sloth::{
        self,
        level::{Plugin, Plugins},
    },
};
use crate::{
    domains::slo::prometheus_rules::names,
    kernel::spec::{Document, Optional as _},
};
use std::collections::BTreeMap;

/// Those fields by their paths; empty for documents of ours, and for those of tools that say no more.
pub fn of(document: &Document) -> BTreeMap<String, String> {
    if let Some(origin) = document.origin::<sloth::Origin>() {
        return of_sloth(origin);
    }
    document.origin::<PyrraObjective>().map(of_pyrra).unwrap_or_default()
}

fn of_sloth(origin: &sloth::Origin) -> BTreeMap<String, String> {
    let objective = origin.objective();
    let mut said = BTreeMap::new();
    if let Some(name) = objective.alerting.name.value() {
        said.insert("alerting.name".to_owned(), name.clone());
    }
    for (field, plugins) in
        [("slo_plugins", origin.level.plugins.as_ref()), ("plugins", objective.plugins.as_ref())]
    {
        said.extend(plugins.map(|plugins| (field.to_owned(), in_words(plugins))));
    }
    if let Some(sloth::level::Sli::Plugin { id, options }) = &objective.sli {
        let options: Vec<String> =
            sloth::level::read(options).map(|(key, value)| format!("{key}={value}")).collect();
        let id = id.get().map_or("", String::as_str);
        said.insert("sli.plugin".to_owned(), format!("{id} {}", options.join(", ")));
    }
    // Only those that an alert of ours cannot have stand nowhere else.
    let alerting = &objective.alerting;
    let labels = [
        ("alerting.labels", &alerting.labels),
        ("alerting.page_alert.labels", &alerting.page.labels),
        ("alerting.ticket_alert.labels", &alerting.ticket.labels),
    ];
    for (field, texts) in labels {
        for (key, value) in
            sloth::level::read(texts).filter(|(key, _)| names::wrong_label(key).is_some())
        {
            said.insert(format!("{field}.{key}"), value.to_owned());
        }
    }
    said
}

fn in_words(plugins: &Plugins) -> String {
    let plugin = |plugin: &Plugin| {
        let id = plugin.id.get().map_or("", String::as_str);
        let config = plugin.config.as_ref().map(|config| format!(" {config}")).unwrap_or_default();
        let priority = plugin.priority.map(|at| format!(" at {at}")).unwrap_or_default();
        format!("{id}{config}{priority}")
    };
    let chain: Vec<String> = plugins.chain.iter().map(plugin).collect();
    let alone = if plugins.override_previous { "instead of all others: " } else { "" };
    format!("{alone}{}", chain.join(", "))
}

fn of_pyrra(objective: &PyrraObjective) -> BTreeMap<String, String> {
    // By name, so that a field that is new is not forgotten.
    let PyrraObjective {
        name: _,
        namespace: _,
        labels: _,
        annotations: _,
        description: _,
        target: _,
        printed_target,
        window: _,
        indicator: _,
        grouping: _,
        alerting,
        partial_response,
        performance_over_accuracy,
        rule_output,
    } = objective;
    let mut said = BTreeMap::from([
        ("spec.target, as it is printed".to_owned(), printed_target.clone()),
        ("spec.performanceOverAccuracy".to_owned(), performance_over_accuracy.to_string()),
        (
            "spec.ruleOutput.descriptionAsLabel".to_owned(),
            rule_output.description_as_label.to_string(),
        ),
    ]);
    let texts = [
        ("spec.alerting.name", alerting.name.clone()),
        ("spec.alerting.absentName", alerting.absent_name.clone()),
        ("spec.alerting.severities.absent", alerting.absent_severity.clone()),
        (
            "spec.partial_response_strategy",
            partial_response.and_then(|strategy| strategy.name().map(str::to_owned)),
        ),
    ];
    said.extend(texts.into_iter().filter_map(|(field, text)| Some((field.to_owned(), text?))));
    for (burn, severity) in &alerting.severities {
        said.insert(format!("spec.alerting.severities.{}", burn.key()), severity.clone());
    }
    for (field, labels) in
        [("shortLabels", &rule_output.short_labels), ("longLabels", &rule_output.long_labels)]
    {
        for (key, value) in labels {
            said.insert(format!("spec.ruleOutput.{field}.{key}"), value.clone());
        }
    }
    said
}
