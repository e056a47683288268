//! What is asked of a source.
use super::{
    Measuring, max_bad_lines,
    routes::Way,
    subjects::{Subject, whole_minute},
};
use crate::{
    cli::Workspace,
    domains::slo::resolve::{Good, Measurement, ResolvedObjective},
    kernel::{
        measure::{
            Bound, CountMeasure, CountShape, EventMeasure, Format, LONGEST_LOOKBACK, MOST_STEPS,
            MaxBadLines, Predicate, PredicateError, ScanRequest, Shape,
            data_source::{self, Files},
        },
        source::Place,
        spec::{Optional, problem::shorten},
        units::{Duration, Instant},
    },
};

/// What is asked of the files, for all objectives of a group.
///
/// # Errors
/// The members of the group whose conditions cannot be read.
pub(super) fn request(
    arguments: &Measuring,
    now: Instant,
    files: Option<&Files>,
    way: Way,
    group: &[&Subject<'_>],
) -> Result<ScanRequest, Vec<(usize, BadCondition)>> {
    let unit = files.and_then(|files| files.duration_unit.value()).copied();
    let format = files.and_then(|files| files.format.value()).copied();
    let shape = if way == Way::Samples {
        Shape::Events(Vec::new())
    } else if way == Way::Counts {
        Shape::Counts(CountShape {
            measures: group.iter().map(|subject| count_measure(subject.first())).collect(),
            labels: None,
        })
    } else {
        let (mut measures, mut wrong) = (Vec::new(), Vec::new());
        for (member, subject) in group.iter().enumerate() {
            match event_measure(subject.first(), format, unit) {
                Ok(measure) => measures.push(measure),
                Err(error) => wrong.push((member, error)),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Shape::Events(measures)
    };
    let mut request = ScanRequest::new(shape, now);
    request.at = arguments.at.or(arguments.to);
    request.from = arguments.from;
    if arguments.from.is_none() && group.iter().any(|subject| subject.needs_whole_minutes()) {
        request.at = request.at.map(whole_minute);
        request.whole_steps = true;
    }
    request.lookback = lookback(arguments, group);
    if let Some(step) = arguments.replaying.and_then(|replaying| replaying.step) {
        // What is made of minutes can still be made of these.
        if request.step.milliseconds().is_multiple_of(step.milliseconds()) {
            request.step = step;
            let most = step.milliseconds().saturating_mul(MOST_STEPS);
            request.lookback = request.lookback.min(Duration::from_milliseconds(most));
        }
    }
    if let Some(files) = files {
        // Named files may be of another format, unless the unit of their durations depends on it.
        let known = arguments.data.is_empty() || unit.is_some();
        request.format = format.filter(|_| known).map(scan_format);
        request.time = files.time_column.value().cloned();
        request.columns = files
            .columns
            .iter()
            .filter_map(|(name, column)| Some((name.clone(), column.get()?.clone())))
            .collect();
        request.duration_unit = unit.map(scan_unit);
    }
    let declared = files.and_then(|files| files.max_bad_lines.value());
    let declared = declared.and_then(|text| max_bad_lines(text).ok());
    // One line in a hundred: more is hardly the file that the document means.
    let usual = MaxBadLines::Share(crate::kernel::units::Ratio::ONE_PERCENT);
    request.max_bad_lines = arguments.max_bad_lines.or(declared).unwrap_or(usual);
    Ok(request)
}

/// How far back the group looks: its longest window.
fn lookback(arguments: &Measuring, group: &[&Subject<'_>]) -> Duration {
    let longest = group
        .iter()
        .map(|subject| subject.needs_history(arguments))
        .max()
        .unwrap_or(Duration::ZERO);
    let asked = match (arguments.from, arguments.to) {
        (Some(from), Some(to)) => {
            Duration::from_milliseconds(u64::try_from((to - from).num_milliseconds()).unwrap_or(0))
        }
        _ => Duration::ZERO,
    };
    let replayed =
        arguments.replaying.map_or(Duration::ZERO, |replaying| replaying.read_from_files());
    longest.max(asked).max(replayed).min(LONGEST_LOOKBACK)
}

fn count_measure(objective: &ResolvedObjective<'_>) -> CountMeasure {
    match objective.indicator.as_ref().and_then(|indicator| indicator.measurement.as_ref()) {
        Some(Measurement::Counts { good, bad, total }) => {
            CountMeasure { good: good.clone(), bad: bad.clone(), total: total.clone() }
        }
        _ => CountMeasure::default(),
    }
}

fn event_measure(
    objective: &ResolvedObjective<'_>,
    format: Option<data_source::FileFormat>,
    unit: Option<data_source::DurationUnit>,
) -> Result<EventMeasure, BadCondition> {
    let measurement = objective.indicator.as_ref().and_then(|i| i.measurement.as_ref());
    let Some(Measurement::Events { total, good, place }) = measurement else {
        return Ok(EventMeasure {
            total: None,
            good: Predicate::threshold("", Bound::AtMost, 0.0),
        });
    };
    let explain = |text: &str, error: PredicateError| BadCondition {
        message: format!("`{}` is not a condition: {}", shorten(text), error.message),
        help: error.help,
        place: *place,
    };
    let parse = |text: &String| Predicate::parse(text).map_err(|error| explain(text, error));
    let good = match good {
        Good::If(text) => parse(text)?,
        Good::Unless(text) => {
            Predicate::parse_opposite(text).map_err(|error| explain(text, error))?
        }
        Good::Within(column, threshold) => {
            let limit = limit(*threshold, format, unit);
            Predicate::threshold(column, Bound::AtMost, limit)
        }
    };
    Ok(EventMeasure { total: total.as_ref().map(parse).transpose()?, good })
}

/// A threshold in the unit of the column: the readers of access logs give seconds, other files hold
/// what they hold.
fn limit(
    threshold: Duration,
    format: Option<data_source::FileFormat>,
    unit: Option<data_source::DurationUnit>,
) -> f64 {
    use data_source::{DurationUnit as Unit, FileFormat as Format};
    let milliseconds = threshold.milliseconds() as f64;
    match (format, unit.unwrap_or_default()) {
        (Some(Format::AccessLog), _) | (_, Unit::Seconds) => milliseconds / 1e3,
        (_, Unit::Milliseconds) => milliseconds,
        (_, Unit::Microseconds) => milliseconds * 1e3,
    }
}

fn scan_format(format: data_source::FileFormat) -> Format {
    match format {
        data_source::FileFormat::Csv => Format::Csv,
        data_source::FileFormat::Jsonl => Format::JsonLines,
        data_source::FileFormat::AccessLog => Format::AccessLog,
        data_source::FileFormat::OpenMetrics => Format::OpenMetrics,
    }
}

fn scan_unit(unit: data_source::DurationUnit) -> crate::kernel::measure::DurationUnit {
    use crate::kernel::measure::DurationUnit as Unit;
    match unit {
        data_source::DurationUnit::Seconds => Unit::Seconds,
        data_source::DurationUnit::Milliseconds => Unit::Milliseconds,
        data_source::DurationUnit::Microseconds => Unit::Microseconds,
    }
}

/// Why a request cannot be made.
pub(super) struct BadCondition {
    message: String,
    help: Option<String>,
    place: Place,
}

impl BadCondition {
    pub(super) fn reason(self, workspace: &Workspace) -> String {
        let position = workspace.sources.position(self.place);
        let name = workspace.sources.name(self.place.source);
        let reason = format!("{name}:{}:{}: {}", position.line, position.column, self.message);
        match self.help {
            Some(help) => format!("{reason}; {help}"),
            None => reason,
        }
    }
}
