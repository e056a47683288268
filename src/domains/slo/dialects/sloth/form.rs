//! The two forms in which Sloth's objectives are written: fields in snake case in files, in camel case
//! in resources of Kubernetes. Everything else is the same, and declared once.
use super::{
    FILE_VERSION, check, expect_version,
    level::{Alert, Alerting, Form, Objective, Plugin, Plugins, ServiceLevel, Sli, Texts},
    outermost,
};
use crate::{
    domains::slo::rules::sloth_field_ignored,
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{
            Alternatives, Count, Field, Optional,
            decode::Reading,
            problem::Explained,
            rules,
            scalar::{self, Scalar},
            tree::{Entry, NodeId, Tree, Value},
        },
    },
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use std::collections::BTreeMap;

/// A text of a file: Sloth takes numbers and booleans as the texts that they are written as.
struct AnyScalar(String);

impl Scalar for AnyScalar {
    const EXPECTED: &'static str = "text";

    fn read(text: &str) -> Result<Self, Explained> {
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for AnyScalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}

impl From<AnyScalar> for String {
    fn from(text: AnyScalar) -> Self {
        text.0
    }
}

/// Declares the fields of one form.
macro_rules! written {
    ($form:ident, $text:ty, $case:literal) => {
        pub(super) mod $form {
            use super::*;

            type Text = $text;
            type TextMap = Option<Field<BTreeMap<String, Field<Text>>>>;

            fn text(field: Field<Text>) -> Field<String> {
                field.map(String::from)
            }

            fn texts(map: TextMap) -> Texts {
                let map = map.and_then(Field::into_value).unwrap_or_default();
                map.into_iter().map(|(key, value)| (key, text(value))).collect()
            }

            /// The outermost fields.
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            pub(in super::super) struct Level {
                service: Field<Text>,
                labels: TextMap,
                slo_plugins: Option<Field<PluginList>>,
                slos: Field<Vec<Field<Slo>>>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct Slo {
                name: Field<Text>,
                description: Option<Field<Text>>,
                objective: Field<f64>,
                plugins: Option<Field<PluginList>>,
                labels: TextMap,
                sli: Field<Indicator>,
                alerting: Option<Field<Alerts>>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct Indicator {
                raw: Option<Field<Raw>>,
                events: Option<Field<Events>>,
                plugin: Option<Field<SliPlugin>>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct Raw {
                error_ratio_query: Field<Text>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct Events {
                error_query: Field<Text>,
                total_query: Field<Text>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct SliPlugin {
                id: Field<Text>,
                options: TextMap,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct Alerts {
                name: Option<Field<Text>>,
                labels: TextMap,
                annotations: TextMap,
                page_alert: Option<Field<OneAlert>>,
                ticket_alert: Option<Field<OneAlert>>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct OneAlert {
                disable: Option<Field<bool>>,
                labels: TextMap,
                annotations: TextMap,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct PluginList {
                #[serde(rename = "overridePrevious")]
                override_previous: Option<Field<bool>>,
                chain: Option<Field<Vec<Field<OnePlugin>>>>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = $case)]
            struct OnePlugin {
                id: Field<Text>,
                config: Option<Field<serde_json::Value>>,
                priority: Option<Field<i64>>,
            }

            impl Level {
                /// What the fields say; what they must not say is reported.
                pub(in super::super) fn read(
                    self,
                    form: Form,
                    place: Place,
                    reading: &Reading<'_>,
                ) -> ServiceLevel {
                    let slos = self.slos.into_value().unwrap_or_default();
                    ServiceLevel {
                        form,
                        place,
                        object: None,
                        service: text(self.service),
                        labels: texts(self.labels),
                        plugins: self.slo_plugins.and_then(plugins),
                        slos: slos.into_iter().filter_map(|slo| objective(slo, reading)).collect(),
                    }
                }
            }

            fn objective(field: Field<Slo>, reading: &Reading<'_>) -> Option<Objective> {
                let place = field.place();
                let slo = field.into_value()?;
                let mut ways = indicator(slo.sli, reading);
                // Of several, which are refused, each is looked at for what is wrong with it.
                let sli = if ways.len() == 1 { ways.pop() } else { None };
                Some(Objective {
                    place,
                    name: text(slo.name),
                    description: slo.description.map(text),
                    objective: slo.objective,
                    plugins: slo.plugins.and_then(plugins),
                    labels: texts(slo.labels),
                    sli,
                    others: ways,
                    alerting: slo.alerting.map(alerting).unwrap_or_default(),
                })
            }

            /// The ways in which it is measured; that they are not one is reported.
            fn indicator(field: Field<Indicator>, reading: &Reading<'_>) -> Vec<Sli> {
                let place = field.place();
                let Some(Indicator { raw, events, plugin }) = field.into_value() else {
                    return Vec::new();
                };
                let present = [
                    raw.as_ref().map(|field| ("raw", field.place())),
                    events.as_ref().map(|field| ("events", field.place())),
                    plugin.as_ref().map(|field| ("plugin", field.place())),
                ];
                check_ways(&present, place, reading);
                let raw = raw.and_then(Field::into_value);
                let events = events.and_then(Field::into_value);
                let plugin = plugin.and_then(Field::into_value);
                let raw =
                    raw.map(|raw| Sli::Raw { error_ratio_query: text(raw.error_ratio_query) });
                let events = events.map(|events| Sli::Events {
                    error_query: text(events.error_query),
                    total_query: text(events.total_query),
                });
                let plugin = plugin.map(|plugin| Sli::Plugin {
                    id: text(plugin.id),
                    options: texts(plugin.options),
                });
                [raw, events, plugin].into_iter().flatten().collect()
            }

            fn alerting(field: Field<Alerts>) -> Alerting {
                let place = Some(field.place());
                let Some(alerts) = field.into_value() else {
                    return Alerting { place, ..Alerting::default() };
                };
                Alerting {
                    place,
                    name: alerts.name.map(text),
                    labels: texts(alerts.labels),
                    annotations: texts(alerts.annotations),
                    page: alerts.page_alert.map(alert).unwrap_or_default(),
                    ticket: alerts.ticket_alert.map(alert).unwrap_or_default(),
                }
            }

            fn alert(field: Field<OneAlert>) -> Alert {
                let place = Some(field.place());
                let Some(alert) = field.into_value() else {
                    return Alert { place, ..Alert::default() };
                };
                Alert {
                    place,
                    disable: alert.disable.value().copied().unwrap_or_default(),
                    labels: texts(alert.labels),
                    annotations: texts(alert.annotations),
                }
            }

            fn plugins(field: Field<PluginList>) -> Option<Plugins> {
                let place = field.place();
                let list = field.into_value()?;
                let chain = list.chain.and_then(Field::into_value).unwrap_or_default();
                let chain = chain.into_iter().filter_map(Field::into_value);
                Some(Plugins {
                    place,
                    override_previous: list.override_previous.value().copied().unwrap_or_default(),
                    chain: chain
                        .map(|plugin| Plugin {
                            id: text(plugin.id),
                            config: plugin.config.and_then(Field::into_value),
                            priority: plugin.priority.value().copied(),
                        })
                        .collect(),
                })
            }
        }
    };
}

written!(snake, AnyScalar, "snake_case");
written!(camel, String, "camelCase");

const WAYS: Alternatives =
    Alternatives { fields: &["raw", "events", "plugin"], count: Count::AtMostOne };

/// Reports an indicator that is not measured in exactly one way.
fn check_ways(present: &[Option<(&str, Place)>], place: Place, reading: &Reading<'_>) {
    let count = present.iter().flatten().count();
    if count == 0 {
        reading.report(
            Finding::new(&rules::MISSING_FIELD, place, "`sli` says nothing of what is measured")
                .help("write one of `events`, `raw` and `plugin` in it"),
        );
    }
    let mut findings = Vec::new();
    WAYS.check(present, place, &mut findings);
    for finding in findings {
        reading.report(finding);
    }
}

/// Reads a file.
pub(super) fn file(reading: &Reading<'_>) -> Option<ServiceLevel> {
    let root = reading.tree().root;
    match outermost(reading.tree(), "version") {
        Some(version) => expect_version(reading, "version", version, FILE_VERSION),
        None => reading.report(
            Finding::new(&rules::MISSING_FIELD, reading.place(root), "missing field `version`")
                .help(format!("write `version: {FILE_VERSION}`")),
        ),
    }
    let level = decoded::<snake::Level>(reading, root, Form::File)?;
    let mut level = level.read(Form::File, reading.place(root), reading);
    check::check(&mut level, reading);
    Some(level)
}

/// Reads the outermost fields at `node` without those that Sloth passes over: `version`, which has been
/// looked at, and the alerts in the other form's spelling, which are reported.
pub(super) fn decoded<T: DeserializeOwned>(
    reading: &Reading<'_>,
    node: NodeId,
    form: Form,
) -> Option<T> {
    let mut tree = reading.tree().clone();
    if form == Form::File {
        remove(&mut tree, node, &["version"]);
    }
    let (wrong, right) = match form {
        Form::File => (["pageAlert", "ticketAlert"], ["page_alert", "ticket_alert"]),
        Form::Resource => (["page_alert", "ticket_alert"], ["pageAlert", "ticketAlert"]),
    };
    let slos = tree.get(node, "slos").and_then(|slos| tree.list(slos)).unwrap_or_default().to_vec();
    for alerting in slos.into_iter().filter_map(|slo| reading.tree().get(slo, "alerting")) {
        for key in remove(&mut tree, alerting, &wrong) {
            let place = reading.place(key);
            let written = reading.tree().scalar(key).map_or("", |(text, _)| text);
            let meant = if written == wrong[0] { right[0] } else { right[1] };
            let message = format!("Sloth passes over `{written}` here, and so does `sre`");
            reading.report(
                Finding::new(&sloth_field_ignored::RULE, place, message)
                    .help(format!("write `{meant}` if it is meant to hold, or remove it")),
            );
        }
    }
    let inner = Reading::new(&tree, reading.place(node).source);
    let value = inner.decode(node, None);
    for finding in inner.into_sink().findings {
        reading.report(finding);
    }
    value
}

/// Takes keys out of a mapping, and gives those that were there.
fn remove(tree: &mut Tree<'_>, map: NodeId, keys: &[&str]) -> Vec<NodeId> {
    let map = tree.resolve(map);
    let Value::Map(start, end) = tree.node(map).value else { return Vec::new() };
    let Some(entries) = tree.entries.get(start as usize..end as usize) else { return Vec::new() };
    let is_one = |entry: &Entry| tree.scalar(entry.key).is_some_and(|(key, _)| keys.contains(&key));
    let (removed, kept): (Vec<Entry>, Vec<Entry>) = entries.iter().copied().partition(is_one);
    let mut last = start;
    for (entry, at) in kept.into_iter().zip(start..) {
        tree.entries[at as usize] = entry;
        last = at + 1;
    }
    tree.nodes[map as usize].value = Value::Map(start, last);
    removed.into_iter().map(|entry| entry.key).collect()
}
