//! Where things are measured.
use super::{
    super::{
        Body, Object,
        any::Any,
        v1::{DataSourceSpec, MetricSource},
    },
    Losses, Objects,
};
use crate::kernel::{
    measure::{DataSource, data_source::Prometheus},
    source::Place,
    spec::{Field, Optional as _},
};

/// What answers PromQL, by the names that people give it.
const PROMQL: [&str; 7] =
    ["prometheus", "thanos", "mimir", "cortex", "victoriametrics", "m3", "amp"];

fn speaks_promql(type_: &str) -> bool {
    PROMQL.iter().any(|name| type_.eq_ignore_ascii_case(name))
}

/// The source in our words, if it is a server that speaks PromQL.
pub(super) fn lowered(spec: &DataSourceSpec, losses: &mut Losses) -> Option<DataSource> {
    let (type_, type_place) = spec.type_.pair()?;
    let (details, details_place) = spec.connection_details.pair()?;
    if !speaks_promql(type_) {
        losses.add(
            type_place,
            "spec.type",
            format!(
                "`{type_}` is no source of measurements here; what it measures is not carried over"
            ),
        );
        return None;
    }
    let mut url = None;
    for (key, value) in entries(details) {
        match (key, value.pair()) {
            ("url", Some((Any::Text(text), place))) if url.is_none() => {
                url = Some(Field::new(text.clone(), place));
            }
            _ => losses.add(
                value.place(),
                format!("spec.connectionDetails.{key}"),
                "how a server is reached is its `url` here, and credentials stand outside of documents",
            ),
        }
    }
    let Some(url) = url else {
        losses.add(
            details_place,
            "spec.connectionDetails",
            "there is no `url`, without which no server is reached",
        );
        return None;
    };
    let server = Prometheus {
        url,
        credential: None,
        tenant: None,
        thanos: None,
        timeout: None,
        concurrency: None,
        max_series: None,
    };
    let prometheus = Some(Field::new(server, details_place));
    Some(DataSource { files: None, prometheus, command: None })
}

/// The fields of connection details: a mapping, or a list of mappings.
fn entries(details: &Any) -> Vec<(&str, &Field<Any>)> {
    match details {
        Any::Map(fields) => fields.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        Any::List(items) => items.iter().filter_map(Field::get).flat_map(entries).collect(),
        _ => Vec::new(),
    }
}

/// A question in PromQL.
pub(super) struct Asked<'a> {
    /// The query.
    pub(super) query: &'a str,
    /// Where it stands.
    pub(super) place: Place,
    /// The name of its source, and whether a document of that name is among ours.
    pub(super) source: Option<(&'a Field<String>, bool)>,
}

/// The question of a metric, if it is one in PromQL; else what is asked is lost.
pub(super) fn asked<'a>(
    metric: &'a Field<MetricSource>,
    path: &str,
    objects: &Objects<'a>,
    losses: &mut Losses,
) -> Option<Asked<'a>> {
    let (source, place) = metric.pair()?;
    let named = source.metric_source_ref.value().and_then(|name| objects.find("DataSource", name));
    let named = named.and_then(|object: &Object| match &object.body {
        Body::DataSource(spec) => Some(spec),
        _ => None,
    });
    let type_ = source.type_.value().or_else(|| named.and_then(|spec| spec.type_.get()));
    match type_ {
        Some(type_) if speaks_promql(type_) => {}
        Some(type_) => {
            let reason = format!("`{type_}` is no source of measurements here");
            losses.add(place, path, reason);
            return None;
        }
        None => {
            let reason = match source.metric_source_ref.value() {
                Some(name) => {
                    format!("no DataSource is called `{name}`, and no `type` says what is asked")
                }
                None => {
                    "nothing says what is asked: there is no `type`, and no data source".to_owned()
                }
            };
            losses.add(place, path, reason);
            return None;
        }
    }
    if let Some(details) = &source.connection_details {
        losses.add(
            details.place(),
            format!("{path}.dataSourceSpec.connectionDetails"),
            "a server is described by a document of kind `DataSource` here",
        );
    }
    let mut query = None;
    for (key, value) in source.spec.get()? {
        match (key.as_str(), value.pair()) {
            ("query" | "promql", Some((Any::Text(text), place))) if query.is_none() => {
                query = Some((text, place));
            }
            _ => losses.add(
                value.place(),
                format!("{path}.spec.{key}"),
                "a server is asked a `query` here, and nothing else",
            ),
        }
    }
    let Some((query, place)) = query else {
        losses.add(source.spec.place(), format!("{path}.spec"), "there is no `query`");
        return None;
    };
    let name = source.metric_source_ref.as_ref();
    let usable = named.is_some_and(|spec| lowered(spec, &mut Losses::default()).is_some());
    if let Some((text, place)) = name.and_then(Field::pair).filter(|_| !usable) {
        let reason = format!(
            "no server that answers PromQL is called `{text}`: write a `DataSource` of that name beside it, \
             and name it as the `source`"
        );
        losses.add(place, format!("{path}.metricSourceRef"), reason);
    }
    Some(Asked { query, place, source: name.map(|name| (name, usable)) })
}

/// What a metric asks, for people to read.
pub(super) fn in_words(metric: &MetricSource) -> String {
    let type_ = metric.type_.value().map_or("", String::as_str);
    let texts: Vec<&str> = metric
        .spec
        .get()
        .into_iter()
        .flatten()
        .filter_map(|(_, value)| value.get()?.text())
        .map(str::trim)
        .collect();
    format!("{type_}: {}", texts.join("; ")).trim_start_matches(": ").to_owned()
}
