//! Where each objective is measured, and in which way.
use super::{Measuring, subjects::Subject};
use crate::{
    cli::Workspace,
    domains::slo::{queries::Question, resolve::Measurement},
    kernel::{
        measure::{
            DataSource, LONGEST_LOOKBACK,
            data_source::{Command, Files, Prometheus},
        },
        spec::{Document, Optional},
    },
};
use std::borrow::Cow;

/// Where an objective is measured, and in which way. What goes the same way is measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route<'a> {
    /// Name of the data source; `None` for what the command line names alone.
    pub(super) source: Option<&'a str>,
    /// In which way.
    pub(super) way: Way,
}

/// In which way an objective is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// Files of single events.
    Events,
    /// Files of counts.
    Counts,
    /// Files of samples of counters.
    Samples,
    /// Queries to a server.
    Server,
}

/// Where an objective is measured; `None` for one that is composed of others. The error says why it is
/// not.
pub(super) fn route<'a>(
    arguments: &Measuring,
    workspace: &'a Workspace,
    subject: &Subject<'a>,
) -> Result<Option<Route<'a>>, String> {
    let objective = subject.first();
    if !objective.composite.is_empty() {
        return Ok(None);
    }
    let indicator =
        objective.indicator.as_ref().ok_or("the objective names no indicator (`sli`)")?;
    let measurement =
        indicator.measurement.as_ref().ok_or("the indicator does not say how it is measured")?;
    let looks_back = subject.looks_back();
    if looks_back > LONGEST_LOOKBACK {
        return Err(format!(
            "a window of `{looks_back}` is too long: at most `{LONGEST_LOOKBACK}` are counted"
        ));
    }
    let way = match measurement {
        Measurement::Prometheus(question) => {
            return server_or_samples(arguments, workspace, indicator.source, question).map(Some);
        }
        Measurement::Counts { .. } => Way::Counts,
        Measurement::Events { .. } => Way::Events,
    };
    if !objective.group_by.is_empty() {
        return Err(
            "`group_by` needs an indicator of `prometheus`: events and counts have no labels"
                .to_owned(),
        );
    }
    if !arguments.data.is_empty() {
        // A file that is named instead of the declared ones is written as they are.
        let source = indicator.source.filter(|name| says_how_to_read(workspace, name));
        return Ok(Some(Route { source, way }));
    }
    match indicator.source {
        Some(source) => Ok(Some(Route { source: Some(source), way })),
        None => Err("no data source: add `source` to the indicator, a default to `sre.yaml`, or \
                     name a file with --data"
            .to_owned()),
    }
}

fn server_or_samples<'a>(
    arguments: &Measuring,
    workspace: &Workspace,
    source: Option<&'a str>,
    question: &Question,
) -> Result<Route<'a>, String> {
    let on_server = match (&arguments.prometheus, source) {
        (Some(_), _) => true,
        _ if !arguments.data.is_empty() => false,
        (None, Some(name)) => server_of(workspace, name).is_some(),
        (None, None) => {
            return Err(
                "no data source: add `source` to the indicator, a default to `sre.yaml`, or \
                        name a server with --prometheus"
                    .to_owned(),
            );
        }
    };
    if on_server {
        return Ok(Route { source, way: Way::Server });
    }
    if question.total.counters().is_none() || question.part.counters().is_none() {
        return Err(
            "a whole query needs a server, and this is to be measured on files: write the \
                    selector of a counter, or name a server with --prometheus"
                .to_owned(),
        );
    }
    let source =
        source.filter(|name| arguments.data.is_empty() || says_how_to_read(workspace, name));
    Ok(Route { source, way: Way::Samples })
}

/// The server of a data source, if it is one.
pub(super) fn server_of<'a>(workspace: &'a Workspace, name: &str) -> Option<&'a Prometheus> {
    workspace.catalog.get::<DataSource>(name)?.1.prometheus.value()
}

/// What a data source says of files, or of a program whose output is read as one.
pub(super) struct FileSource<'a> {
    /// Its document.
    pub(super) document: &'a Document,
    /// How the files are read.
    pub(super) files: Cow<'a, Files>,
    /// The program whose output is read.
    pub(super) command: Option<&'a Command>,
}

/// The files of a data source, or its program; the error says why there are none.
pub(super) fn files_of<'a>(workspace: &'a Workspace, name: &str) -> Result<FileSource<'a>, String> {
    let (document, source) = workspace
        .catalog
        .get::<DataSource>(name)
        .ok_or_else(|| format!("the data source `{name}` cannot be used"))?;
    if let Some(files) = source.files.value() {
        return Ok(FileSource { document, files: Cow::Borrowed(files), command: None });
    }
    match source.command.value() {
        Some(command) => {
            let files = Cow::Owned(command.as_files());
            Ok(FileSource { document, files, command: Some(command) })
        }
        None => Err(format!(
            "`{name}` is a Prometheus server, and the indicator is not written as `prometheus` \
             queries; name a file with --data"
        )),
    }
}

/// Whether a data source says more of its files than where they are.
fn says_how_to_read(workspace: &Workspace, name: &str) -> bool {
    files_of(workspace, name).is_ok_and(|FileSource { files, .. }| {
        !files.columns.is_empty()
            || files.time_column.value().is_some()
            || files.duration_unit.value().is_some()
            || files.max_bad_lines.value().is_some()
    })
}
