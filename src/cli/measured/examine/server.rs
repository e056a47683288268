//! Servers: what they say of themselves, and of every query that objectives ask.
use super::{
    super::{routes::server_of, servers::Server, subjects::whole_minute},
    Measuring, Subject, examined,
};
use crate::{
    adapters::http::HttpServer,
    cli::{Failure, Session, Workspace},
    domains::slo::{
        assess::Unknown,
        doctor::{
            ExaminedSource, Finding, SOURCE, SourceKind,
            queries::{self, Absence, QueryFacts, Raw, Said, SelectorFacts, SideFacts},
            selector::{Probe, probes},
            server::{self, ServerFacts},
        },
        queries::{Question, Side},
        resolve::Measurement,
    },
    kernel::{
        measure::server::{self as api, Fault, Part, inspect},
        units::{Duration, Instant},
    },
};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// The stretch of time in which something that is scraped has a sample: longer than the five minutes that
/// a selector looks back by itself, for metrics that are scraped seldom.
const SCRAPED: Duration = Duration::from_minutes(10);

/// How often a window is halved to find where samples begin: to a sixty-fourth of it.
const HALVINGS: u32 = 6;

/// Questions of one server that the server itself fails to answer before the rest is not asked: each may
/// take as long as a query is allowed to.
const PATIENCE: usize = 3;

/// Windows that are counted, besides the whole one.
const WINDOWS: [Duration; 2] = [Duration::from_hours(1), Duration::from_days(1)];

/// A server, and what is asked of it.
struct Asked<'s, 'a> {
    server: &'s Server,
    at: Instant,
    chosen: Option<(Instant, Instant)>,
    /// How often the server itself failed.
    failures: AtomicUsize,
    group: &'s [&'s Subject<'a>],
}

/// Looks at servers, all at a time, and at the objectives that each measures.
///
/// # Errors
/// If the server that the command line names cannot be asked at all.
pub(super) fn look<'a>(
    arguments: &Measuring,
    session: &mut Session<'_, '_>,
    workspace: &'a Workspace,
    sources: Vec<(Option<&'a str>, Vec<&Subject<'a>>)>,
) -> Result<Vec<ExaminedSource<'a>>, Failure> {
    let at = whole_minute(arguments.at.or(arguments.to).unwrap_or_else(|| session.now()));
    let chosen = arguments.from.zip(arguments.to);
    let mut opened: Vec<(String, Result<Server, Unknown>, Vec<&Subject<'a>>)> = Vec::new();
    for (source, group) in sources {
        let settings = source.and_then(|name| server_of(workspace, name));
        let server = match Server::open(arguments, session, settings) {
            Err(unknown) if arguments.prometheus.is_some() => {
                return Err(Failure::input(unknown.reason));
            }
            server => server,
        };
        let address = server.as_ref().map_or("server", |server| server.address.as_str());
        let name = source.filter(|_| arguments.prometheus.is_none());
        let name = name.map_or_else(|| address.to_owned(), str::to_owned);
        if arguments.show_queries {
            for subject in &group {
                show(session, subject);
            }
        }
        opened.push((name, server, group));
    }
    let examined = thread::scope(|scope| {
        let threads: Vec<_> = opened
            .iter()
            .map(|(name, server, group)| {
                scope.spawn(move || match server {
                    Err(unknown) => closed(name, unknown, group),
                    Ok(server) => {
                        let failures = AtomicUsize::new(0);
                        Asked { server, at, chosen, failures, group }.all(name)
                    }
                })
            })
            .collect();
        // A thread that panicked has said so; what it looked at is lost, and the rest is not.
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    Ok(examined)
}

/// A server that cannot be asked: of its address or its credential something is wrong.
fn closed<'a>(name: &str, unknown: &Unknown, group: &[&Subject<'a>]) -> ExaminedSource<'a> {
    ExaminedSource {
        name: name.to_owned(),
        kind: SourceKind::Prometheus,
        place: None,
        findings: vec![Finding::unread("answer", unknown)],
        objectives: group.iter().map(|subject| examined(subject, vec![not_asked()])).collect(),
    }
}

fn not_asked() -> Finding {
    Finding::unknown(SOURCE, "not looked at, because its source does not answer")
}

fn show(session: &mut Session<'_, '_>, subject: &Subject<'_>) {
    let objective = subject.first();
    session.show(&format!("{}:", objective.document.name()));
    for (which, query) in question(subject).map(|it| texts(it, subject)).into_iter().flatten() {
        session.show(&format!("  {which}: {query}"));
    }
}

/// What an objective asks of a server.
fn question<'s>(subject: &'s Subject<'_>) -> Option<&'s Question> {
    match subject.first().indicator.as_ref()?.measurement.as_ref()? {
        Measurement::Prometheus(question) => Some(question),
        Measurement::Events { .. } | Measurement::Counts { .. } => None,
    }
}

/// The query of each side, and which events it counts.
fn texts(question: &Question, subject: &Subject<'_>) -> [(&'static str, String); 2] {
    let (total, part) = question.promql(&subject.first().group_by);
    let part = match part {
        Part::Good(text) => ("good", text),
        Part::Bad(text) => ("bad", text),
    };
    [("all", total), part]
}

impl<'a> Asked<'_, 'a> {
    fn http(&self) -> &HttpServer {
        &self.server.http
    }

    /// The server, and all that is asked of it, several objectives at a time.
    fn all(&self, name: &str) -> ExaminedSource<'a> {
        let facts = self.server_facts();
        let findings = server::judge(&facts);
        let objectives = if facts.answers.is_err() {
            self.group.iter().map(|subject| examined(subject, vec![not_asked()])).collect()
        } else {
            self.objectives()
        };
        let address = self.server.address.clone();
        ExaminedSource {
            name: name.to_owned(),
            kind: SourceKind::Prometheus,
            place: Some(address),
            findings,
            objectives,
        }
    }

    fn server_facts(&self) -> ServerFacts {
        let answers = inspect::answers(self.http(), self.at);
        let nothing = || (Ok(None), Ok(None));
        let (build, retention) = if answers.is_ok() {
            (inspect::build_info(self.http()), inspect::retention(self.http()))
        } else {
            nothing()
        };
        // Of several the first.
        let longest = self.group.iter().rev().map(|subject| (self.length(subject), subject));
        let longest = longest
            .max_by_key(|(length, _)| *length)
            .map(|(length, subject)| (length, subject.first().document.name().to_owned()));
        ServerFacts { answers, build, retention, longest }
    }

    fn objectives(&self) -> Vec<super::ExaminedObjective<'a>> {
        let next = AtomicUsize::new(0);
        let workers = self.server.options.concurrency.clamp(1, self.group.len().max(1));
        let work = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(subject) = self.group.get(at) else { return done };
                done.push((at, self.objective(subject)));
            }
        };
        let mut done: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
        });
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, objective)| objective).collect()
    }

    /// How far back an objective looks.
    fn length(&self, subject: &Subject<'_>) -> Duration {
        match self.chosen {
            Some((from, to)) => span(from, to),
            None => subject.looks_back(),
        }
    }

    fn objective(&self, subject: &Subject<'a>) -> super::ExaminedObjective<'a> {
        let findings = match question(subject) {
            None => vec![Finding::bad("query", "the indicator has no queries for a server")],
            Some(_) if self.has_given_up() => vec![gave_up()],
            Some(question) => {
                let mut findings = queries::judge(&self.facts(subject, question));
                if self.has_given_up() {
                    findings.push(gave_up());
                }
                findings
            }
        };
        examined(subject, findings)
    }

    fn has_given_up(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= PATIENCE
    }

    /// Asks something, unless the server has failed too often.
    fn ask<T>(&self, ask: impl FnOnce(&HttpServer) -> Said<T>) -> Said<T> {
        if self.has_given_up() {
            return Err(api::Unanswered {
                message: "not asked: the server failed before".to_owned(),
                help: None,
                fault: Fault::Environment,
            });
        }
        let said = ask(self.http());
        if said.as_ref().is_err_and(|why| why.fault == Fault::Environment) {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        said
    }

    fn facts(&self, subject: &Subject<'_>, question: &Question) -> QueryFacts {
        let length = self.length(subject);
        let from = self.at - length.to_chrono();
        let part = if question.part_is_good { "good" } else { "bad" };
        let [mut all, of_part] = [&question.total, &question.part].map(probes);
        if matches!(question.total, Side::Sum(..)) {
            // All events are the good and the bad ones, which are looked at as such.
            all.retain(|probe| !of_part.contains(probe));
        }
        let sides = vec![
            self.side(subject, "all", &question.total, all, from),
            self.side(subject, part, &question.part, of_part, from),
        ];
        let windows = self.windows(subject, question, length);
        let group_by = subject.first().group_by.iter().map(|label| (*label).to_owned()).collect();
        let is_silent = windows.iter().all(|(_, said)| {
            said.as_ref().is_ok_and(|answer| {
                answer.groups.iter().all(|group| group.windows.iter().all(Option::is_none))
            })
        });
        let raw = if is_silent { self.raw(subject, question, length) } else { Vec::new() };
        let max_series = self.server.options.max_series;
        QueryFacts { sides, group_by, max_series, from, at: self.at, windows, raw }
    }

    fn side(
        &self,
        subject: &Subject<'_>,
        which: &'static str,
        side: &Side,
        probes: Vec<Probe>,
        from: Instant,
    ) -> SideFacts {
        let is_query = matches!(side, Side::Query { .. });
        let group_by = if is_query { &[][..] } else { &subject.first().group_by };
        // Nobody can tell when something bad should have begun.
        let since = (which != "bad").then_some(from);
        let look = |probe| self.selector(probe, group_by, from, since);
        let selectors = probes.into_iter().map(look).collect();
        SideFacts { which, is_query, selectors }
    }

    /// What is known of one selector; `since` is when its samples should begin at the latest.
    fn selector(
        &self,
        probe: Probe,
        group_by: &[&str],
        from: Instant,
        since: Option<Instant>,
    ) -> SelectorFacts {
        let selector = probe.selector.as_str();
        let within =
            |stretch, at| self.ask(|http| inspect::series_within(http, selector, stretch, at));
        let now = within(SCRAPED, self.at);
        let is_there = now.as_ref().is_ok_and(|count| *count > 0);
        let is_absent = now == Ok(0);
        let before =
            since.filter(|_| is_there).map(|since| within(SCRAPED, since + SCRAPED.to_chrono()));
        let since = (before == Some(Ok(0))).then(|| self.since(selector, from)).flatten();
        let absence = is_absent.then(|| self.absence(&probe, from));
        let buckets = (is_absent && probe.bucket().is_some()).then(|| self.buckets(&probe));
        let counter = probe.metric.as_deref().filter(|_| probe.is_counter && is_there);
        let metric_type = counter.and_then(|metric| {
            self.ask(|http| inspect::metric_type(http, metric)).unwrap_or_default()
        });
        let falls = counter.map(|_| self.ask(|http| inspect::falls(http, selector, self.at)));
        let labels = if is_there { group_by } else { &[] };
        let labels = labels
            .iter()
            .map(|label| {
                let values = self.ask(|http| inspect::label_values(http, selector, label, self.at));
                ((*label).to_owned(), values)
            })
            .collect();
        SelectorFacts { probe, now, before, since, absence, buckets, metric_type, falls, labels }
    }

    /// About when the samples of a selector begin that has some now and none then.
    fn since(&self, selector: &str, from: Instant) -> Option<Instant> {
        let (mut without, mut with) = (from, self.at);
        for _ in 0..HALVINGS {
            let middle = without + (with - without) / 2;
            let has = self.ask(|http| inspect::series_within(http, selector, SCRAPED, middle));
            if has.ok()? > 0 { with = middle } else { without = middle }
        }
        Some(with)
    }

    /// Why a selector finds nothing.
    fn absence(&self, probe: &Probe, from: Instant) -> Said<Absence> {
        let window = span(from, self.at);
        let in_window = |selector: &str| {
            self.ask(|http| inspect::series_within(http, selector, window, self.at))
        };
        if in_window(&probe.selector)? > 0 {
            return Ok(Absence::Stopped);
        }
        let Some(metric) = &probe.metric else { return Ok(Absence::Unexplained) };
        let series = |selector: &str| {
            self.ask(|http| inspect::series_within(http, selector, SCRAPED, self.at))
        };
        if series(metric)? == 0 {
            // Of a metric without samples now nothing more can be said than whether it had some.
            if in_window(metric)? > 0 {
                return Ok(Absence::Stopped);
            }
            return Ok(Absence::NoMetric { near: self.near(metric, from)? });
        }
        for condition in &probe.conditions {
            let Some(under) = probe.under(Some(condition)) else { continue };
            if series(&under)? == 0 {
                let values =
                    self.ask(|http| inspect::label_values(http, metric, &condition.label, self.at));
                return Ok(Absence::NoValue {
                    condition: condition.text.clone(),
                    label: condition.label.clone(),
                    values: values?.into_iter().filter(|value| !value.is_empty()).collect(),
                });
            }
        }
        Ok(Absence::Combination)
    }

    /// Metrics whose names are near to that of one that is not there.
    fn near(&self, metric: &str, from: Instant) -> Said<Vec<String>> {
        const NEAR: f64 = 0.85;
        const SHOWN: usize = 3;
        // Misspelled is most often what comes after the beginning, and all names may be very many.
        let beginning: String =
            metric.chars().take_while(char::is_ascii_alphanumeric).take(4).collect();
        let names = self.ask(|http| inspect::metric_names(http, &beginning, from, self.at))?;
        let mut near: Vec<(f64, String)> = names
            .into_iter()
            .map(|name| (strsim::jaro_winkler(&name, metric), name))
            .filter(|(likeness, _)| *likeness > NEAR)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(near.into_iter().take(SHOWN).map(|(_, name)| name).collect())
    }

    /// The bounds that the buckets have of which a selector selects one.
    fn buckets(&self, probe: &Probe) -> Said<Vec<f64>> {
        let Some(all) = probe.without("le") else { return Ok(Vec::new()) };
        let values = self.ask(|http| inspect::label_values(http, &all, "le", self.at))?;
        let mut bounds: Vec<f64> = values
            .iter()
            .filter_map(|value| value.parse().ok())
            .filter(|bound: &f64| bound.is_finite())
            .collect();
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        Ok(bounds)
    }

    /// What the queries give over each window that is no longer than the objective looks back.
    fn windows(
        &self,
        subject: &Subject<'_>,
        question: &Question,
        length: Duration,
    ) -> Vec<(Duration, Said<api::Answer>)> {
        let (total, part) = question.promql(&subject.first().group_by);
        let group_by: Vec<String> =
            subject.first().group_by.iter().map(|label| (*label).to_owned()).collect();
        let shorter = WINDOWS.into_iter().filter(|window| *window < length);
        let mut windows = Vec::new();
        for window in shorter.chain([length]) {
            let asked = api::Question {
                total: total.clone(),
                part: part.clone(),
                group_by: group_by.clone(),
                windows: vec![(self.at - window.to_chrono(), self.at)],
                grid: None,
            };
            let said = self.ask(|_| {
                let (mut answers, _) = self.server.ask(&[asked]);
                answers.pop().unwrap_or_else(|| Ok(api::Answer::default()))
            });
            // What fails for a short window fails for a long one, and takes longer.
            let has_failed = said.is_err();
            windows.push((window, said));
            if has_failed {
                break;
            }
        }
        windows
    }

    /// What each query gives by itself.
    fn raw(
        &self,
        subject: &Subject<'_>,
        question: &Question,
        length: Duration,
    ) -> Vec<(&'static str, Said<Raw>)> {
        texts(question, subject)
            .into_iter()
            .map(|(which, query)| {
                let said = self.ask(|http| inspect::numbers(http, &query, length, self.at));
                (which, said.map(|(numbers, histograms)| Raw { numbers, histograms }))
            })
            .collect()
    }
}

fn gave_up() -> Finding {
    let finding =
        Finding::unknown("answer", "not looked at to the end: the server failed too often");
    Finding { unanswered: true, ..finding }
}

/// The time between two moments.
fn span(from: Instant, to: Instant) -> Duration {
    Duration::from_milliseconds(u64::try_from((to - from).num_milliseconds()).unwrap_or_default())
}
