//! Incidents as people write them down: when something was wrong, in a file.
//!
//! Three ways of writing are read, all with the same fields. CSV has them in its header; JSON Lines has an object
//! on each line; YAML has a list of mappings, or a mapping whose `incidents` is one.
//!
//! | field | is |
//! |---|---|
//! | `from` | when it began, RFC 3339 |
//! | `to` | when it ended; empty or null while it goes on |
//! | `name` | what it is called; may be left out |
//! | `slo` | the objective that it is about; where left out, each of which an event was bad in that time |
//!
//! Other fields are left alone: whoever exports incidents has more to say of them.
use crate::kernel::{
    spec::{
        problem,
        tree::{NodeId, Tree},
        yaml,
    },
    time::parse_instant,
    units::Instant,
};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// An incident that somebody wrote down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenIncident {
    /// When it began.
    pub from: Instant,
    /// When it ended; `None` while it goes on.
    pub to: Option<Instant>,
    /// What it is called; empty where it has no name.
    pub name: String,
    /// The objective that it is about; `None` for each that it touched.
    pub slo: Option<String>,
}

/// Something in a file of incidents that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// The fields that are read.
const FIELDS: [&str; 4] = ["from", "to", "name", "slo"];

/// A way of writing incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
    Yaml,
}

impl Format {
    /// By the ending of the path, else by how the text begins.
    fn of(path: &Path, text: &str) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => return Self::Csv,
            Some("jsonl" | "ndjson") => return Self::JsonLines,
            Some("yaml" | "yml") => return Self::Yaml,
            _ => {}
        }
        let mut lines = text.lines().map(str::trim);
        match lines.find(|line| !line.is_empty() && !line.starts_with('#')) {
            Some(line) if line.starts_with('{') => Self::JsonLines,
            Some(line) if line.starts_with(['-', '[']) || line.starts_with("incidents:") => {
                Self::Yaml
            }
            _ => Self::Csv,
        }
    }
}

/// What a record says: each field that it has, `None` for a null.
type Record = BTreeMap<String, Option<String>>;

/// Reads the incidents of a file, in order of time.
///
/// # Errors
/// All that is wrong with it.
pub fn read(path: &Path, text: &str) -> Result<Vec<GivenIncident>, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Vec::new();
    let records = match Format::of(path, text) {
        Format::Csv => csv(text, &mut problems),
        Format::JsonLines => json_lines(text, &mut problems),
        Format::Yaml => yaml(text, &mut problems),
    };
    let mut incidents: Vec<GivenIncident> = records
        .into_iter()
        .filter_map(|(line, record)| incident(line, &record, &mut problems))
        .collect();
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.line);
        return Err(problems);
    }
    incidents.sort_by_key(|incident| (incident.from, incident.to));
    Ok(incidents)
}

fn problem(line: usize, message: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem { line, message: message.into(), help: help.into() }
}

/// The incident that a record describes.
fn incident(line: usize, record: &Record, problems: &mut Vec<Problem>) -> Option<GivenIncident> {
    let mut instant = |field: &str| -> Option<Option<Instant>> {
        let Some(text) = record.get(field) else {
            let keys: Vec<&str> = record.keys().map(String::as_str).collect();
            let help = match problem::closest(field, &keys) {
                Some(near) => format!("did you mean `{near}` by it?"),
                None => format!("write it like `{field}: 2026-05-14T09:20:00Z`"),
            };
            problems.push(problem(line, format!("an incident without `{field}`"), help));
            return None;
        };
        let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
            return Some(None);
        };
        match parse_instant(text) {
            Ok(at) => Some(Some(at)),
            Err(message) => {
                let message = format!("`{field}`: {message}");
                problems.push(problem(line, message, "write it like `2026-05-14T09:20:00Z`"));
                None
            }
        }
    };
    let (from, to) = (instant("from"), instant("to"));
    let (from, to) = (from?, to?);
    let Some(from) = from else {
        let help = "say when it began, like `2026-05-14T09:20:00Z`";
        problems.push(problem(line, "`from` is empty", help));
        return None;
    };
    if to.is_some_and(|to| to <= from) {
        let help = "`from` is the beginning, `to` the end";
        problems.push(problem(line, "an incident that ends before it has begun", help));
        return None;
    }
    let text = |field: &str| {
        let text = record.get(field)?.as_deref()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    Some(GivenIncident { from, to, name: text("name").unwrap_or_default(), slo: text("slo") })
}

fn csv(text: &str, problems: &mut Vec<Problem>) -> Vec<(usize, Record)> {
    let mut rows = csv_rows(text).into_iter();
    let Some((line, header)) = rows.next() else { return Vec::new() };
    for field in ["from", "to"] {
        if !header.iter().any(|name| name.trim() == field) {
            let names: Vec<&str> = header.iter().map(|name| name.trim()).collect();
            let help = match problem::closest(field, &names) {
                Some(near) => format!("did you mean `{near}` by it?"),
                None => "the first line names the columns: `from,to,name`".to_owned(),
            };
            problems.push(problem(line, format!("no column is called `{field}`"), help));
        }
    }
    if !problems.is_empty() {
        return Vec::new();
    }
    let mut records = Vec::new();
    for (line, row) in rows {
        if row.len() != header.len() {
            let message = format!("{} fields, where the header has {}", row.len(), header.len());
            problems.push(problem(line, message, "put fields with a comma between quotes"));
            continue;
        }
        let fields = header.iter().map(|name| name.trim().to_owned());
        records.push((line, fields.zip(row.into_iter().map(Some)).collect()));
    }
    records
}

/// The rows of a CSV text with the lines on which they begin; empty lines are none.
fn csv_rows(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut reader = csv_core::Reader::new();
    let (mut input, mut rows) = (text.as_bytes(), Vec::new());
    let (mut field, mut row) = (Vec::new(), Vec::new());
    let mut buffer = [0; 256];
    let mut line = 1;
    loop {
        let (result, read, written) = reader.read_field(input, &mut buffer);
        input = &input[read..];
        field.extend_from_slice(&buffer[..written]);
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                row.push(String::from_utf8_lossy(&std::mem::take(&mut field)).into_owned());
                if record_end {
                    rows.push((line, std::mem::take(&mut row)));
                    line = usize::try_from(reader.line()).unwrap_or(usize::MAX);
                }
            }
            csv_core::ReadFieldResult::End => return rows,
            // An empty input says that there is no more of it.
            csv_core::ReadFieldResult::InputEmpty | csv_core::ReadFieldResult::OutputFull => {}
        }
    }
}

fn json_lines(text: &str, problems: &mut Vec<Problem>) -> Vec<(usize, Record)> {
    let mut records = Vec::new();
    for (line, content) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let help = r#"write one object on each line, like `{"from": "...", "to": "..."}`"#;
        let object = match serde_json::from_str(content) {
            Ok(Value::Object(object)) => object,
            Ok(_) => {
                problems.push(problem(line, "expected an object", help));
                continue;
            }
            Err(error) => {
                problems.push(problem(line, format!("not JSON: {error}"), help));
                continue;
            }
        };
        let mut record = Record::new();
        for field in FIELDS {
            match object.get(field) {
                None => {}
                Some(Value::Null) => drop(record.insert(field.to_owned(), None)),
                Some(Value::String(text)) => {
                    record.insert(field.to_owned(), Some(text.clone()));
                }
                Some(_) => {
                    problems.push(problem(line, format!("`{field}` is not text"), "write a text"));
                    record.insert(field.to_owned(), None);
                }
            }
        }
        records.push((line, record));
    }
    records
}

fn yaml(text: &str, problems: &mut Vec<Problem>) -> Vec<(usize, Record)> {
    let stream = yaml::parse(text);
    let line = |at: u32| {
        let before = text.get(..at as usize).unwrap_or_default();
        1 + before.matches('\n').count()
    };
    for error in &stream.errors {
        let help = error.help.clone().unwrap_or_else(|| "write a list of incidents".to_owned());
        problems.push(problem(line(error.at), error.message.clone(), help));
    }
    let mut records = Vec::new();
    for document in &stream.documents {
        let tree = &document.tree;
        if tree.is_null(tree.root) {
            continue;
        }
        let list = tree.get(tree.root, "incidents").unwrap_or(tree.root);
        let Some(items) = tree.list(list) else {
            let help = "write `incidents:` and below it an item `- from: ...` for each";
            let at = line(tree.node(list).start);
            problems.push(problem(at, "expected a list of incidents", help));
            continue;
        };
        for item in items {
            let at = line(tree.node(*item).start);
            match yaml_record(tree, *item) {
                Ok(record) => records.push((at, record)),
                Err(message) => {
                    problems.push(problem(at, message, "write `from`, `to` and `name`"));
                }
            }
        }
    }
    records
}

fn yaml_record(tree: &Tree<'_>, item: NodeId) -> Result<Record, String> {
    if tree.map(item).is_none() {
        return Err("expected a mapping".to_owned());
    }
    let mut record = Record::new();
    for field in FIELDS {
        let Some(value) = tree.get(item, field) else { continue };
        let text = match tree.scalar(value) {
            _ if tree.is_null(value) => None,
            Some((text, _)) => Some(text.to_owned()),
            None => return Err(format!("`{field}` is not text")),
        };
        record.insert(field.to_owned(), text);
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Vec<GivenIncident> {
        vec![
            GivenIncident {
                from: "2026-03-03T10:00:00Z".parse().unwrap(),
                to: Some("2026-03-03T10:40:00Z".parse().unwrap()),
                name: "INC-1, the long one".to_owned(),
                slo: None,
            },
            GivenIncident {
                from: "2026-03-05T02:00:00Z".parse().unwrap(),
                to: None,
                name: String::new(),
                slo: Some("checkout".to_owned()),
            },
        ]
    }

    #[test]
    fn three_ways_of_writing_say_the_same() {
        let csv = "severity,from,to,name,slo\n\
                   SEV1,2026-03-05T03:00:00+01:00,,,checkout\n\
                   SEV2,2026-03-03T10:00:00Z,2026-03-03T10:40Z,\"INC-1, the long one\",\n\n";
        assert_eq!(read(Path::new("a.csv"), csv), Ok(expected()));
        assert_eq!(read(Path::new("-"), csv), Ok(expected()));
        let lines = r#"{"from": "2026-03-05T02:00:00Z", "to": null, "slo": "checkout", "cost": [1]}

{"name": "INC-1, the long one", "from": "2026-03-03T10:00:00Z", "to": "2026-03-03T10:40:00Z"}
"#;
        assert_eq!(read(Path::new("a.jsonl"), lines), Ok(expected()));
        assert_eq!(read(Path::new("incidents"), lines), Ok(expected()));
        let yaml = "# what happened\nincidents:\n  - {from: 2026-03-05T02:00:00Z, to: , slo: checkout}\n  \
                    - name: INC-1, the long one\n    from: 2026-03-03T10:00:00Z\n    to: '2026-03-03T10:40:00Z'\n";
        assert_eq!(read(Path::new("a.yaml"), yaml), Ok(expected()));
        assert_eq!(read(Path::new("-"), yaml), Ok(expected()));
        for empty in ["", "from,to\n", "[]", "incidents: []"] {
            assert_eq!(read(Path::new("-"), empty), Ok(vec![]), "{empty}");
        }
    }

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[(usize, &str, &str)]) {
        let problems = read(Path::new(path), text).unwrap_err();
        let found: Vec<_> = problems
            .iter()
            .map(|one| (one.line, one.message.as_str(), one.help.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let write = "write it like `2026-05-14T09:20:00Z`";
        check(
            "a.csv",
            "from,to\n2026-03-03,2026-03-03T10:40:00Z\n,\n2026-03-04T10:00:00Z,2026-03-04T10:00:00Z\n1,2,3\n",
            &[
                (2, "`from`: `2026-03-03` is a day, not an instant", write),
                (3, "`from` is empty", "say when it began, like `2026-05-14T09:20:00Z`"),
                (
                    4,
                    "an incident that ends before it has begun",
                    "`from` is the beginning, `to` the end",
                ),
                (5, "3 fields, where the header has 2", "put fields with a comma between quotes"),
            ],
        );
        check(
            "a.csv",
            "from,too\n",
            &[(1, "no column is called `to`", "did you mean `too` by it?")],
        );
        check(
            "a.yaml",
            "- form: 2026-03-03T10:00:00Z\n  to: x\n- 3\n",
            &[
                (1, "an incident without `from`", "write it like `from: 2026-05-14T09:20:00Z`"),
                (1, "`to`: `x` is not an instant", write),
                (3, "expected a mapping", "write `from`, `to` and `name`"),
            ],
        );
        check(
            "a.yaml",
            "incidents: 3",
            &[(
                1,
                "expected a list of incidents",
                "write `incidents:` and below it an item `- from: ...` for each",
            )],
        );
        let lines = read(Path::new("a.jsonl"), "{\"from\": 3, \"to\": null}\n[]\n{\n").unwrap_err();
        let messages: Vec<_> = lines.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(messages[..3], ["`from` is not text", "`from` is empty", "expected an object"]);
        assert!(messages[3].starts_with("not JSON"), "{messages:?}");
    }
}
