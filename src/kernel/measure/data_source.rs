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
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// Where measurements come from.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct DataSource {
    /// Files on this machine.
    pub files: Option<Field<Files>>,
    /// A Prometheus-compatible server.
    pub prometheus: Option<Field<Prometheus>>,
    /// A program that prints measurements; it runs only where `--allow-command` is given.
    pub command: Option<Field<Command>>,
}

/// Files of measurements.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Comma-, semicolon- or tab-separated values with a line of headings.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Common or Combined Log Format, with or without the request's time at the end.
    AccessLog,
    /// OpenMetrics or the Prometheus text format, every sample with its timestamp.
    #[serde(rename = "openmetrics")]
    OpenMetrics,
}

/// What one record of a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Records {
    /// One event, such as a request.
    #[default]
    Events,
    /// How many events there were in one step of time.
    Counts,
}

/// Unit of a number that is a length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prometheus {
    /// Its address, without `/api/v1`.
    pub url: Field<String>,
    /// Name of a credential in the file of credentials of whoever runs `sre`; it must be bound to this
    /// server's host there. The one bound to the host unless said.
    pub credential: Option<Field<String>>,
    /// The tenant, sent as `X-Scope-OrgID` (Mimir, Cortex, Loki).
    pub tenant: Option<Field<String>>,
    /// Parameters of Thanos.
    pub thanos: Option<Field<Thanos>>,
    /// How long one query may take; `30s` unless said.
    pub timeout: Option<Field<Duration>>,
    /// Queries that are sent at a time; 8 unless said.
    #[schemars(range(min = 1, max = 64))]
    pub concurrency: Option<Field<u32>>,
    /// Most series that one query may give; 1000 unless said.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_series: Option<Field<u32>>,
}

/// Parameters of Thanos.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Thanos {
    /// Whether replicas are merged; yes unless said.
    pub dedup: Option<Field<bool>>,
    /// Whether an answer is taken of which a store is missing; no unless said, for it is a wrong number.
    pub partial_response: Option<Field<bool>>,
    /// Coarsest resolution of samples that may be used, such as `5m`; raw samples unless said.
    pub max_source_resolution: Option<Field<Duration>>,
}

/// A program that prints measurements.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = unit_needs_format)]
pub struct Command {
    /// The program and its arguments; no shell reads them. It is told what is asked in the variables
    /// `SRE_FROM` and `SRE_TO`, RFC 3339.
    #[schemars(length(min = 1))]
    pub run: Field<Vec<Field<String>>>,
    /// How long it may run; `1m` unless said.
    pub timeout: Option<Field<Duration>>,
    /// How its output is written; detected unless said.
    pub format: Option<Field<FileFormat>>,
    /// What one record is; `events` unless said otherwise.
    pub records: Option<Field<Records>>,
    /// The column that holds the time; detected unless said.
    pub time_column: Option<Field<String>>,
    /// How long one record of counts stands for; detected unless said.
    pub step: Option<Field<Duration>>,
    /// Names by which predicates call columns that the output calls otherwise.
    #[serde(default)]
    pub columns: BTreeMap<String, Field<String>>,
    /// The unit of durations in the output; seconds unless said otherwise. Needs `format`.
    pub duration_unit: Option<Field<DurationUnit>>,
    /// Lines that may be unreadable before the answer is refused; `1%` unless said otherwise.
    pub max_bad_lines: Option<Field<String>>,
}

const SOURCES: Alternatives =
    Alternatives { fields: &["files", "prometheus", "command"], count: Count::ExactlyOne };

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
            self.command.as_ref().map(|field| ("command", field.place())),
        ];
        SOURCES.check(&present, place, findings);
        if let Some(command) = self.command.as_ref().and_then(Field::get) {
            command.check(findings);
        }
        if let Some(server) = self.prometheus.as_ref().and_then(Field::get) {
            server.check(findings);
        }
        if let Some(files) = self.files.as_ref().and_then(Field::get)
            && let Some((paths, at)) = files.paths.pair()
            && paths.is_empty()
        {
            findings.push(
                Finding::new(&rules::INVALID_VALUE, at, "`paths` names no file")
                    .help("write the files' paths, such as `[\"data/*.csv\"]`"),
            );
        }
        if let Some(files) = self.files.as_ref().and_then(Field::get) {
            check_unit(at(files.duration_unit.as_ref()), files.format.is_some(), findings);
        }
    }
}

/// A field that is there, and where.
fn at<T>(field: Option<&Field<T>>) -> Option<Place> {
    field.map(Field::place)
}

/// Says that a unit of durations needs a format.
fn check_unit(unit: Option<Place>, has_format: bool, findings: &mut Vec<Finding>) {
    if let Some(place) = unit.filter(|_| !has_format) {
        findings.push(
            Finding::new(&rules::MISSING_FIELD, place, "`duration_unit` needs `format`")
                .help("say how the files are written, such as `format: csv`"),
        );
    }
}

impl Command {
    fn check(&self, findings: &mut Vec<Finding>) {
        if let Some((run, place)) = self.run.pair()
            && run
                .first()
                .is_none_or(|program| program.get().is_some_and(|name| name.trim().is_empty()))
        {
            findings.push(
                Finding::new(&rules::INVALID_VALUE, place, "`run` names no program").help(
                    "write the program and its arguments, such as `[\"./measure\", \"--json\"]`",
                ),
            );
        }
        check_unit(at(self.duration_unit.as_ref()), self.format.is_some(), findings);
    }

    /// How its output is read, as if it were a file.
    pub fn as_files(&self) -> Files {
        Files {
            paths: Field::new(Vec::new(), self.run.place()),
            format: self.format.clone(),
            records: self.records.clone(),
            time_column: self.time_column.clone(),
            step: self.step.clone(),
            columns: self.columns.clone(),
            duration_unit: self.duration_unit.clone(),
            max_bad_lines: self.max_bad_lines.clone(),
        }
    }
}

impl Prometheus {
    fn check(&self, findings: &mut Vec<Finding>) {
        let bounded = [
            (self.concurrency.as_ref(), "concurrency", 64),
            (self.max_series.as_ref(), "max_series", 100_000),
        ];
        for (field, name, most) in bounded {
            if let Some((number, place)) = field.and_then(Field::pair)
                && !(1..=most).contains(number)
            {
                let message = format!("`{name}` is between 1 and {most}");
                findings.push(Finding::new(&rules::INVALID_VALUE, place, message));
            }
        }
        if let Some((timeout, place)) = self.timeout.as_ref().and_then(Field::pair)
            && timeout.is_zero()
        {
            findings.push(
                Finding::new(&rules::INVALID_VALUE, place, "no query is answered in no time")
                    .help("write how long one may take, such as `timeout: 30s`"),
            );
        }
    }
}

/// The kind.
pub static KIND: Kind = Kind::of::<DataSource>(
    "where measurements come from: files, a Prometheus-compatible server, or a program",
    include_str!("data_source.yaml"),
)
.used_by_reference();
