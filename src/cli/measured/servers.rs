//! Objectives that a server measures: one server, asked once for all of them.
use super::{
    Measuring,
    routes::server_of,
    subjects::{Subject, whole_minute},
};
use crate::{
    adapters::{
        address::Address,
        cache::DiskCache,
        credentials::Credentials,
        http::{HttpServer, Options as HttpOptions, TENANT_HEADER},
    },
    cli::{Failure, Session, Workspace},
    domains::slo::{
        assess::{Measurements, Unknown},
        engine::exhaustion::BASES,
        queries,
        resolve::{Measurement, ResolvedObjective},
    },
    kernel::{
        measure::{
            data_source::Prometheus,
            server::{
                Answer, Cache, Effort, Group, NoCache, Options, PrometheusSource, Question,
                SampleSource as _, Steps, Unanswered,
            },
        },
        report::words,
        series::{EventCount, EventSeries},
        spec::Optional as _,
        time::rfc3339,
        units::{Duration, Instant},
    },
};
use std::collections::BTreeSet;

/// The most that a server is asked for: how a policy would have ruled years ago is a question for files.
const LONGEST_HISTORY: Duration = Duration::from_days(400);

/// How long a query may take unless its source says.
const TIMEOUT: Duration = Duration::from_seconds(30);

/// Asks one server for all objectives that it measures.
///
/// # Errors
/// If the server named on the command line cannot be asked at all.
pub(super) fn ask(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    source: Option<&str>,
    group: &[&Subject<'_>],
) -> Result<Vec<Result<Vec<Measurements>, Unknown>>, Failure> {
    let settings = source.and_then(|name| server_of(workspace, name));
    let name = source.filter(|_| arguments.prometheus.is_none());
    let server = match Server::open(arguments, session, settings) {
        Ok(server) => server,
        // What the command line names is the user's mistake, and ends the run.
        Err(unknown) if arguments.prometheus.is_some() => {
            return Err(Failure::input(unknown.reason));
        }
        Err(unknown) => return Ok(group.iter().map(|_| Err(unknown.clone())).collect()),
    };
    let name = name.map_or_else(|| server.address.clone(), str::to_owned);
    let at = whole_minute(arguments.at.or(arguments.to).unwrap_or_else(|| session.now()));
    let plans: Vec<Plan> = group.iter().map(|subject| Plan::new(arguments, subject, at)).collect();
    let questions: Vec<Question> = plans.iter().map(|plan| plan.question.clone()).collect();
    let (answers, effort) = server.ask(&questions);
    tell(session, &name, at, &effort);
    if arguments.show_queries {
        for ((subject, plan), answer) in group.iter().zip(&plans).zip(&answers) {
            show(session, subject.first(), plan, answer);
        }
    }
    Ok(plans.iter().zip(answers).map(|(plan, answer)| plan.measurements(answer?, &name)).collect())
}

/// A server that can be asked.
pub(super) struct Server {
    /// How it is reached.
    pub(super) http: HttpServer,
    cache: Box<dyn Cache>,
    /// How it wants to be asked.
    pub(super) options: Options,
    /// Its address.
    pub(super) address: String,
}

impl Server {
    /// The server that the command line names, else the declared one, with the credential for it.
    pub(super) fn open(
        arguments: &Measuring,
        session: &mut Session<'_, '_>,
        settings: Option<&Prometheus>,
    ) -> Result<Self, Unknown> {
        let declared = settings.and_then(|settings| settings.url.get());
        let url = arguments.prometheus.as_ref().or(declared);
        let url = url.ok_or_else(|| Unknown::input("the data source has no `url`"))?;
        let address: Address = url.parse().map_err(unknown)?;
        let credentials = Credentials::load(session.environment()).map_err(unknown)?;
        for warning in credentials.warnings() {
            session.warn(&format!("warning: {warning}"));
        }
        // A credential is named for the declared server; another one is looked up by its host.
        let named = settings.filter(|_| arguments.prometheus.is_none());
        let named = named.and_then(|settings| settings.credential.value());
        let access = credentials.choose(&address, named.map(String::as_str)).map_err(unknown)?;
        let mut http = HttpOptions::new(session.environment(), session.now());
        let timeout = settings.and_then(|settings| settings.timeout.value()).copied();
        http.timeout = timeout.unwrap_or(TIMEOUT);
        let tenant = settings.and_then(|settings| settings.tenant.value());
        http.tenant = tenant.map(|tenant| (TENANT_HEADER.to_owned(), tenant.clone()));
        let identity = format!("{address} {}", tenant.map_or("", String::as_str));
        let mut options = Options::new(identity, session.now());
        if let Some(settings) = settings {
            limit(&mut options, settings);
        }
        let name = address.to_string();
        let http = HttpServer::new(address, &access, &http).map_err(unknown)?;
        Ok(Self { http, cache: cache(arguments, session), options, address: name })
    }

    /// Asks it.
    pub(super) fn ask(&self, questions: &[Question]) -> (Vec<Result<Answer, Unanswered>>, Effort) {
        let options = self.options.clone();
        PrometheusSource { fetch: &self.http, cache: &*self.cache, options }.ask(questions)
    }
}

fn unknown(error: impl std::error::Error) -> Unknown {
    Unknown::input(super::inputs::chain(&error))
}

/// What the data source says of how it wants to be asked.
fn limit(options: &mut Options, settings: &Prometheus) {
    if let Some(number) = settings.concurrency.value() {
        options.concurrency = *number as usize;
    }
    if let Some(number) = settings.max_series.value() {
        options.max_series = *number as usize;
    }
    if let Some(thanos) = settings.thanos.value() {
        let flag = |value: Option<&bool>, usual: bool| value.unwrap_or(&usual).to_string();
        options.extra.push(("dedup", flag(thanos.dedup.value(), true)));
        options.extra.push(("partial_response", flag(thanos.partial_response.value(), false)));
        if let Some(resolution) = thanos.max_source_resolution.value() {
            options.extra.push(("max_source_resolution", resolution.to_string()));
        }
    }
}

fn cache(arguments: &Measuring, session: &mut Session<'_, '_>) -> Box<dyn Cache> {
    let folder = DiskCache::folder(session.environment()).filter(|_| !arguments.no_cache);
    let Some(folder) = folder else { return Box::new(NoCache) };
    let cache = DiskCache::open(&folder);
    if let Some(warning) = cache.warning() {
        session.warn(&format!("warning: {warning}"));
    }
    Box::new(cache)
}

/// What one objective asks, and what its answer is to become.
struct Plan {
    question: Question,
    grid: Steps,
    /// The end of the grid, where the time up to `at` is no whole step.
    rest: Option<(Instant, Instant)>,
    at: Instant,
    per_second: bool,
}

impl Plan {
    fn new(arguments: &Measuring, subject: &Subject<'_>, at: Instant) -> Self {
        let objective = subject.first();
        let mut windows = BTreeSet::new();
        if let Some((from, to)) = arguments.from.zip(arguments.to) {
            // The window that the answer speaks of: its beginning as it was asked for, its end where
            // measurements end, unless nothing would be left.
            windows.insert((from, if at > from { at } else { to }));
        }
        let back = |length: Duration| (at - length.to_chrono(), at);
        // Slices are counted one by one; what whole windows hold says nothing of them.
        if objective.budgeting.slice().is_none() {
            for one in &subject.windows {
                windows.extend(
                    one.alerting.tiers.iter().flat_map(|tier| [tier.long, tier.short]).map(back),
                );
                // Of a calendar window the burn rate is told over its usual length as well.
                windows.insert(back(one.objective.window()));
                if let Some(calendar) = one.window.calendar() {
                    // At the moment in which a period ends, that one is seen, and not the empty next one.
                    let last = at - chrono::TimeDelta::milliseconds(1);
                    windows.insert((calendar.period(last).from, at));
                }
            }
            let whole = objective.objective.window();
            windows.extend(BASES.into_iter().filter(|basis| *basis < whole).map(back));
            windows.retain(|(from, to)| from < to);
        }
        let step = step(subject, arguments);
        let lookback = match (arguments.from.zip(arguments.to), &arguments.replaying) {
            (Some((from, to)), _) => (to - from).max(subject.alerts_look_back().to_chrono()),
            (None, Some(replaying)) => {
                let window = objective.objective.window().max(subject.looks_back());
                replaying.read_from_server(window).min(LONGEST_HISTORY).to_chrono()
            }
            (None, None) => subject.needs_history(arguments).min(LONGEST_HISTORY).to_chrono(),
        };
        let (from, end) = (floor(at - lookback, step), floor(at, step));
        let steps = (end - from).num_milliseconds().unsigned_abs() / step.milliseconds();
        let grid = Steps { from, count: u32::try_from(steps).unwrap_or(u32::MAX), step };
        let rest = (end < at).then_some((end, at));
        let mut windows: Vec<_> = windows.into_iter().collect();
        windows.extend(rest);
        let asked = match objective.indicator.as_ref().and_then(|it| it.measurement.as_ref()) {
            Some(Measurement::Prometheus(question)) => Some(&**question),
            _ => None,
        };
        let empty = || (String::new(), crate::kernel::measure::server::Part::Bad(String::new()));
        let (total, part) = asked.map_or_else(empty, |asked| asked.promql(&objective.group_by));
        Self {
            question: Question {
                total,
                part,
                group_by: objective.group_by.iter().map(|label| (*label).to_owned()).collect(),
                windows,
                grid: Some(grid),
            },
            grid,
            rest,
            at,
            per_second: asked.is_some_and(queries::Question::per_second),
        }
    }

    /// The measurements of each group.
    fn measurements(&self, answer: Answer, name: &str) -> Result<Vec<Measurements>, Unknown> {
        let incomplete = (!answer.warnings.is_empty()).then(|| answer.warnings.join("; "));
        let nothing = |group: &Group| {
            group.windows.iter().all(Option::is_none) && group.steps.iter().all(Option::is_none)
        };
        let mut measured = Vec::new();
        for group in answer.groups {
            if nothing(&group) {
                continue;
            }
            let mut one = Measurements::new(self.series(&group), self.at, name);
            one.group = group.labels;
            one.incomplete.clone_from(&incomplete);
            one.extrapolated = true;
            measured.push(one);
        }
        if measured.is_empty() {
            return Err(Unknown::no_data(format!(
                "`{name}` has nothing for these queries; `sre doctor` looks for the reason"
            )));
        }
        Ok(measured)
    }

    fn series(&self, group: &Group) -> EventSeries {
        let step = self.grid.step.to_chrono();
        let mut counts: Vec<Option<EventCount>> =
            group.steps.iter().map(|count| count.map(|count| self.events(count, step))).collect();
        let windows: Vec<_> = self
            .question
            .windows
            .iter()
            .zip(&group.windows)
            .map(|((from, to), count)| {
                (*from, *to, count.map(|count| self.events(count, *to - *from)))
            })
            .collect();
        // The last step is not over: it holds what is known of it.
        let is_rest = |(from, to, _): &&(Instant, Instant, _)| self.rest == Some((*from, *to));
        counts.extend(windows.iter().find(is_rest).map(|(_, _, count)| *count));
        let series = EventSeries::new(self.grid.from, self.grid.step, counts);
        windows
            .into_iter()
            .fold(series, |series, (from, to, count)| series.with_counted(from, to, count))
    }

    /// Events, where the queries give events per second.
    fn events(&self, count: EventCount, length: chrono::TimeDelta) -> EventCount {
        if !self.per_second {
            return count;
        }
        let seconds = length.num_milliseconds() as f64 / 1000.0;
        EventCount { good: count.good * seconds, total: count.total * seconds }
    }
}

/// The steps in which a server is asked for the course of things. What is counted in slices needs them,
/// and short windows are few; of long ones hours are enough, for whole windows are counted as such.
fn step(subject: &Subject<'_>, arguments: &Measuring) -> Duration {
    const WEEK: Duration = Duration::from_days(7);
    let asked = arguments.from.zip(arguments.to).map(|(from, to)| to - from);
    let short = match asked {
        Some(asked) => asked <= WEEK.to_chrono(),
        None => subject.looks_back() <= WEEK,
    };
    let wanted = arguments.longest_steps.get(subject.first().document.name()).copied();
    let usual = match subject.slice() {
        // Slices are made of whole steps.
        Some(slice) => {
            let divides = |step: &Duration| {
                !step.is_zero() && slice.milliseconds().is_multiple_of(step.milliseconds())
            };
            return wanted.filter(divides).unwrap_or(slice);
        }
        None if arguments.replaying.is_some() => {
            return arguments.replaying.map_or(WEEK, |replaying| replaying.server_step);
        }
        None if short || subject.is_adjusted || subject.is_part() => Duration::from_minutes(5),
        None => Duration::from_hours(1),
    };
    wanted.map_or(usual, |wanted| wanted.min(usual))
}

/// The last multiple of `step` since the epoch.
fn floor(at: Instant, step: Duration) -> Instant {
    let step = i64::try_from(step.milliseconds()).unwrap_or(i64::MAX);
    at - chrono::TimeDelta::milliseconds(at.timestamp_millis().rem_euclid(step))
}

fn tell(session: &mut Session<'_, '_>, name: &str, at: Instant, effort: &Effort) {
    let cached = match effort.cached {
        0 => String::new(),
        cached => format!(", {} from the cache", words::number(cached as f64, 0)),
    };
    session.note(&format!("note: {name}: the window ends {}", rfc3339(at)));
    session.note(&format!(
        "  {}{cached}; {} and {} came back",
        words::plural(effort.requests, "request"),
        words::plural(effort.samples, "sample"),
        words::plural(effort.bytes, "byte"),
    ));
}

/// Shows what was asked for an objective, and what came back.
fn show(
    session: &mut Session<'_, '_>,
    objective: &ResolvedObjective<'_>,
    plan: &Plan,
    answer: &Result<Answer, Unanswered>,
) {
    use crate::kernel::measure::server::Part;
    let (part, text) = match &plan.question.part {
        Part::Good(text) => ("good", text),
        Part::Bad(text) => ("bad", text),
    };
    session.show(&format!("{}:", objective.document.name()));
    session.show(&format!("  total: {}", plan.question.total));
    session.show(&format!("  {part}: {text}"));
    for group in answer.iter().flat_map(|answer| &answer.groups) {
        if !group.labels.is_empty() {
            let labels: Vec<String> =
                group.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
            session.show(&format!("  {{{}}}", labels.join(", ")));
        }
        for ((from, to), count) in plan.question.windows.iter().zip(&group.windows) {
            let count = count.map_or_else(
                || "nothing".to_owned(),
                |count| format!("{} good of {}", count.good, count.total),
            );
            session.show(&format!("  {} to {}: {count}", rfc3339(*from), rfc3339(*to)));
        }
    }
}
