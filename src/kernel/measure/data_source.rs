//! The kind `DataSource`: where measurements come from.
use crate::{
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Alternatives, Count, Field, Kind, Spec, rules},
        units::Duration,
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Where measurements come from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct DataSource {
    /// Files on this machine.
    pub files: Option<Field<Files>>,
    /// A Prometheus-compatible server.
    pub prometheus: Option<Field<Prometheus>>,
}

/// Files of measurements.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = unit_needs_format)]
pub struct Files {
    /// Paths, relative to the folder of this document; `*`, `?`, `[…]` and `**` stand for several.
    #[schemars(length(min = 1))]
    pub paths: Field<Vec<Field<String>>>,
    /// How the files are written; detected unless said.
    pub format: Option<Field<FileFormat>>,
    /// What one record is; `events` unless said otherwise.
    pub records: Option<Field<Records>>,
    /// The column that holds the time; detected unless said.
    pub time_column: Option<Field<String>>,
    /// How long one record of counts stands for; detected unless said.
    pub step: Option<Field<Duration>>,
    /// Names by which predicates call columns that the files call otherwise: `duration: request_ms`.
    #[serde(default)]
    pub columns: BTreeMap<String, Field<String>>,
    /// The unit of durations in the files; seconds unless said otherwise. Needs `format`.
    pub duration_unit: Option<Field<DurationUnit>>,
    /// Lines that may be unreadable before the answer is refused: a number such as `100` or a share
    /// such as `1%`; `1%` unless said otherwise.
    pub max_bad_lines: Option<Field<String>>,
}

/// How measurement files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Comma-, semicolon- or tab-separated values with a line of headings.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Common or Combined Log Format, with or without the request's time at the end.
    AccessLog,
}

/// What one record of a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Records {
    /// One event, such as a request.
    #[default]
    Events,
    /// How many events there were in one step of time.
    Counts,
}

/// Unit of a number that is a length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum DurationUnit {
    /// Seconds.
    #[default]
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
}

/// A server that speaks the Prometheus HTTP API.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prometheus {
    /// Its address, without `/api/v1`.
    pub url: Field<String>,
}

const SOURCES: Alternatives =
    Alternatives { fields: &["files", "prometheus"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    SOURCES.constrain(schema);
}

/// `duration_unit` needs `format`: the readers of access logs give seconds, other files hold what they
/// hold, so a unit without a format would be a guess.
fn unit_needs_format(schema: &mut schemars::Schema) {
    let present = |field: &str| json!({"required": [field], "properties": {field: {"not": {"type": "null"}}}});
    schema.insert("if".to_owned(), present("duration_unit"));
    schema.insert("then".to_owned(), present("format"));
}

reference_target!(DataSource, "DataSource");

impl Spec for DataSource {
    fn check(&self, place: Place, findings: &mut Vec<Finding>) {
        let present = [
            self.files.as_ref().map(|field| ("files", field.place())),
            self.prometheus.as_ref().map(|field| ("prometheus", field.place())),
        ];
        SOURCES.check(&present, place, findings);
        if let Some(files) = self.files.as_ref().and_then(Field::get)
            && let Some((paths, at)) = files.paths.pair()
            && paths.is_empty()
        {
            findings.push(
                Finding::new(&rules::INVALID_VALUE, at, "`paths` names no file")
                    .help("write the files' paths, such as `[\"data/*.csv\"]`"),
            );
        }
        if let Some(files) = self.files.as_ref().and_then(Field::get)
            && let Some(unit) = &files.duration_unit
            && files.format.is_none()
        {
            findings.push(
                Finding::new(&rules::MISSING_FIELD, unit.place(), "`duration_unit` needs `format`")
                    .help("say how the files are written, such as `format: csv`"),
            );
        }
    }
}

/// The kind.
pub static KIND: Kind = Kind::of::<DataSource>(
    "where measurements come from: files, or a Prometheus-compatible server",
    include_str!("data_source.yaml"),
)
.used_by_reference();
