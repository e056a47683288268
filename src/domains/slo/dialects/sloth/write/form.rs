//! The text of documents.
use super::{Measured, Options, SlothObjective, Texts, alerting::Alert};
use crate::domains::slo::dialects::sloth::{
    FILE_VERSION, RESOURCE_KIND, RESOURCE_VERSION, level::Form,
};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

/// One document for each service.
pub(super) fn documents(
    services: BTreeMap<String, Vec<SlothObjective>>,
    options: &Options,
) -> String {
    let documents = services.into_iter().filter_map(|(service, slos)| {
        serde_yaml::to_string(&document(&service, slos, options)).ok()
    });
    documents.collect::<Vec<_>>().join("---\n")
}

fn document(service: &str, slos: Vec<SlothObjective>, options: &Options) -> Value {
    let form = options.form;
    let mut level = Mapping::new();
    if form == Form::File {
        level.insert("version".into(), FILE_VERSION.into());
    }
    level.insert("service".into(), service.into());
    let slos = slos.into_iter().map(|slo| objective(slo, form));
    level.insert("slos".into(), Value::Sequence(slos.collect()));
    if form == Form::File {
        return Value::Mapping(level);
    }
    let mut metadata = Mapping::new();
    metadata.insert("name".into(), object_name(service).into());
    if let Some(namespace) = &options.namespace {
        metadata.insert("namespace".into(), namespace.as_str().into());
    }
    let mut resource = Mapping::new();
    resource.insert("apiVersion".into(), RESOURCE_VERSION.into());
    resource.insert("kind".into(), RESOURCE_KIND.into());
    resource.insert("metadata".into(), Value::Mapping(metadata));
    resource.insert("spec".into(), Value::Mapping(level));
    Value::Mapping(resource)
}

/// A name as Kubernetes takes it: lower case, with dashes and dots.
pub(super) fn object_name(service: &str) -> String {
    service.to_ascii_lowercase().replace('_', "-")
}

fn objective(slo: SlothObjective, form: Form) -> Value {
    let mut fields = Fields { fields: Mapping::new(), form };
    fields.text("name", slo.name);
    if let Some(description) = slo.description {
        fields.text("description", description);
    }
    fields.put("objective", number(slo.objective));
    if let Some(plugins) = slo.plugins {
        fields.put("plugins", self::plugins(plugins));
    }
    fields.texts("labels", slo.labels);
    let mut ways = Fields { fields: Mapping::new(), form };
    let mut way = Fields { fields: Mapping::new(), form };
    let name = match slo.sli {
        Measured::Events { error, total } => {
            way.text("error_query", error);
            way.text("total_query", total);
            "events"
        }
        Measured::Raw(query) => {
            way.text("error_ratio_query", query);
            "raw"
        }
        Measured::Plugin { id, options } => {
            way.text("id", id);
            way.texts("options", options);
            "plugin"
        }
    };
    ways.put(name, way.value());
    fields.put("sli", ways.value());
    let mut alerting = Fields { fields: Mapping::new(), form };
    if let Some(name) = slo.alerting.name {
        alerting.text("name", name);
    }
    alerting.texts("labels", slo.alerting.labels);
    alerting.texts("annotations", slo.alerting.annotations);
    for (name, alert) in [("page_alert", slo.alerting.page), ("ticket_alert", slo.alerting.ticket)]
    {
        let alert = self::alert(alert, form);
        if alert.as_mapping().is_some_and(|alert| !alert.is_empty()) {
            alerting.put(name, alert);
        }
    }
    fields.put("alerting", alerting.value());
    fields.value()
}

fn alert(alert: Alert, form: Form) -> Value {
    let mut fields = Fields { fields: Mapping::new(), form };
    if alert.disable {
        fields.put("disable", true.into());
    }
    fields.texts("labels", alert.labels);
    fields.texts("annotations", alert.annotations);
    fields.value()
}

fn plugins(list: super::PluginList) -> Value {
    let mut fields = Mapping::new();
    if list.override_previous {
        fields.insert("overridePrevious".into(), true.into());
    }
    let chain = list.chain.into_iter().map(|(id, config, priority)| {
        let mut plugin = Mapping::new();
        plugin.insert("id".into(), id.into());
        if let Some(config) = config.and_then(|config| serde_yaml::to_value(config).ok()) {
            plugin.insert("config".into(), config);
        }
        if let Some(priority) = priority {
            plugin.insert("priority".into(), priority.into());
        }
        Value::Mapping(plugin)
    });
    fields.insert("chain".into(), Value::Sequence(chain.collect()));
    Value::Mapping(fields)
}

/// A number, whole ones without a point.
fn number(number: f64) -> Value {
    if number.fract() == 0.0 && (0.0..=100.0).contains(&number) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 0 to 100"
        )]
        return (number as u64).into();
    }
    number.into()
}

/// Fields of one mapping, named in snake case.
struct Fields {
    fields: Mapping,
    form: Form,
}

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        self.fields.insert(self.form.field(name).into(), value);
    }

    fn text(&mut self, name: &str, text: String) {
        self.put(name, text.into());
    }

    fn texts(&mut self, name: &str, texts: Texts) {
        if !texts.is_empty() {
            let texts = texts.into_iter().map(|(key, value)| (key.into(), value.into()));
            self.put(name, Value::Mapping(texts.collect()));
        }
    }

    fn value(self) -> Value {
        Value::Mapping(self.fields)
    }
}
