//! Measures at a server: plans the requests, runs them side by side, and puts the answers together.
use super::{
    answer,
    cache::Cache,
    chunks::{CHUNK_POINTS, Chunk},
    client::Client,
    failure::Failure,
    fetch::{Fetch, Method, Request},
    health::Health,
    plan::{Job, JobKey, Need, Plan, part_name},
    query::{PART, PART_LABEL, Query, TOTAL, seconds},
    question::{Answer, Effort, Question, SampleSource, Unanswered},
    reply::{Element, Envelope, QueryData},
    table::{Side, Table},
    text::excerpt,
};
use crate::kernel::units::{Duration, Instant};
use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// How a server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which server, and which tenant of it: part of the key of all that is kept, so that answers of one
    /// are never taken for those of another. No secret.
    pub identity: String,
    /// The present.
    pub now: Instant,
    /// Samples that are older than this do not change any more, and may be kept.
    pub settled_after: Duration,
    /// How many requests are under way at a time.
    pub concurrency: usize,
    /// The most series that a query may give.
    pub max_series: usize,
    /// The most numbers that one question may need.
    pub max_points: usize,
    /// How often a request that failed is sent again.
    pub retries: u32,
    /// Parameters that are sent with each query, such as `dedup=true` to Thanos.
    ///
    /// At first this is `nocache=1`: without it VictoriaMetrics answers for other times than it is asked
    /// for (it rounds to multiples of the step, and takes the present to be half a minute ago). Other
    /// servers leave alone what they do not know.
    pub extra: Vec<(&'static str, String)>,
}

impl Options {
    /// The defaults, for a server of that name, asked now.
    pub fn new(identity: impl Into<String>, now: Instant) -> Self {
        Self {
            identity: identity.into(),
            now,
            settled_after: Duration::from_hours(1),
            concurrency: 8,
            max_series: 1000,
            max_points: 5_000_000,
            retries: 3,
            extra: vec![("nocache", "1".to_owned())],
        }
    }
}

/// A server that speaks the Prometheus HTTP API.
///
/// Each window is one instant query at its end, so that the server counts it as a whole. The grid is
/// range queries, each step of which is a window of its own, in chunks that are the same from run to
/// run; of these, and of windows that ended long enough ago, the cache keeps what the server said.
pub struct PrometheusSource<'a> {
    /// How the server is reached.
    pub fetch: &'a dyn Fetch,
    /// Where answers are kept between runs.
    pub cache: &'a dyn Cache,
    /// How it is asked.
    pub options: Options,
}

impl SampleSource for PrometheusSource<'_> {
    fn ask(&self, questions: &[Question]) -> (Vec<Result<Answer, Unanswered>>, Effort) {
        let client = Client::new(self.fetch, self.options.retries);
        let plan = Plan::new(questions, &self.options);
        let outcomes = Run::new(self, &client, &plan, questions).all();
        let answers = questions
            .iter()
            .zip(&plan.needs)
            .map(|(question, needs)| {
                let needs = needs.as_ref().map_err(Clone::clone)?;
                let tables = tables(needs, &outcomes)?;
                answer::assemble(question, &tables, &self.options)
            })
            .collect();
        (answers, client.effort())
    }
}

/// What is wrong with an answer of the type `found`, where `expected` was asked for: a vector at a moment,
/// or a matrix, which is a vector at each of many.
pub(super) fn other_type(found: &str, expected: &str) -> Failure {
    if (found, expected) == ("vector", "matrix") {
        return Failure::environment(
            "the server answers a question about a range of time with a vector; expected a matrix",
            "is there a proxy in front of it that takes `/api/v1/query_range` for `/api/v1/query`?",
        );
    }
    let found =
        if found.is_empty() { "nothing".to_owned() } else { format!("a {}", excerpt(found)) };
    Failure::question(
        format!(
            "the queries give {found}; expected a {expected}: a count of events for each series"
        ),
        "each has to be an expression that gives an instant vector, such as \
         `sum(increase(...[{{.window}}]))`",
    )
}

/// What a job found.
pub(super) struct Found {
    pub(super) table: Table,
    pub(super) warnings: Vec<String>,
}

/// What became of each job; nothing of those that were not worth doing.
type Outcomes = Vec<OnceLock<Result<Found, Unanswered>>>;

/// The tables that a question needs, in the order of its needs.
fn tables<'o>(
    needs: &[Need],
    outcomes: &'o Outcomes,
) -> Result<Vec<(Need, &'o Found)>, Unanswered> {
    let mut tables = Vec::with_capacity(needs.len());
    let mut failed: Option<(usize, &Unanswered)> = None;
    for need in needs {
        match outcomes[need.job].get() {
            Some(Ok(found)) => tables.push((need.clone(), found)),
            Some(Err(unanswered)) if failed.is_none_or(|(first, _)| need.job < first) => {
                failed = Some((need.job, unanswered));
            }
            // What is left out is so because of a job that failed.
            Some(Err(_)) | None => {}
        }
    }
    failed.map_or(Ok(tables), |(_, unanswered)| Err(unanswered.clone()))
}

/// One run over a plan.
struct Run<'r> {
    source: &'r PrometheusSource<'r>,
    client: &'r Client<'r>,
    plan: &'r Plan,
    questions: &'r [Question],
    outcomes: Outcomes,
    health: Health,
    /// For each question the first of its jobs that failed.
    failed: Vec<AtomicUsize>,
}

impl<'r> Run<'r> {
    fn new(
        source: &'r PrometheusSource<'r>,
        client: &'r Client<'r>,
        plan: &'r Plan,
        questions: &'r [Question],
    ) -> Self {
        Self {
            source,
            client,
            plan,
            outcomes: plan.jobs.iter().map(|_| OnceLock::new()).collect(),
            health: Health::default(),
            failed: questions.iter().map(|_| AtomicUsize::new(usize::MAX)).collect(),
            questions,
        }
    }

    /// Does all jobs, several at a time. They begin in their order, and one is left out only if for each
    /// question that needs it one before it failed; so what a question hears of does not hang on timing.
    fn all(self) -> Outcomes {
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = self.plan.jobs.get(index) else { return };
                let needed = |asker: &usize| self.failed[*asker].load(Ordering::Relaxed) > index;
                if job.askers.iter().any(needed) {
                    let outcome = self.job(job);
                    if outcome.is_err() {
                        for asker in &job.askers {
                            self.failed[*asker].fetch_min(index, Ordering::Relaxed);
                        }
                    }
                    let _ = self.outcomes[index].set(outcome);
                }
            }
        };
        let threads = self.source.options.concurrency.clamp(1, self.plan.jobs.len().max(1));
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        self.outcomes
    }

    /// Does one job: takes what the cache has, asks for the rest, and keeps what has settled.
    fn job(&self, job: &Job) -> Result<Found, Unanswered> {
        let options = &self.source.options;
        let chunk = Chunk {
            number: 0,
            origin: job.key.origin,
            step: job.key.step.max(1),
            points: 0..CHUNK_POINTS,
            first_step: 0,
        };
        let settled_after = i64::try_from(options.settled_after.milliseconds()).unwrap_or(i64::MAX);
        let settled_until = options.now.timestamp_millis().saturating_sub(settled_after);
        let settled = chunk.points_until(settled_until);
        let key = cache_key(&job.key, options);
        let may_be_kept = job.wanted.iter().any(|wanted| wanted.start < settled);
        let kept = may_be_kept.then(|| self.source.cache.get(&key)).flatten();
        let mut table = kept.and_then(|bytes| Table::from_bytes(&bytes, &key)).unwrap_or_default();
        let mut warnings = Vec::new();
        let mut asked = 0;
        for wanted in &job.wanted {
            for missing in table.missing(wanted) {
                asked += 1;
                let said = self.ask(job, &chunk, &missing, &mut table)?;
                warnings.extend(said);
            }
        }
        if asked == 0 {
            self.client.count_cached();
        } else if may_be_kept && warnings.is_empty() {
            // What came with a warning may be incomplete, and better tomorrow.
            let table = table.before(settled);
            // Nothing at all may be a gap in the server's own sources; it is cheap to ask again.
            if table.rows(Side::Total).next().is_some() {
                self.source.cache.put(&key, &table.to_bytes(&key));
            }
        }
        Ok(Found { table, warnings })
    }

    /// Asks the server for points, and gives its warnings.
    fn ask(
        &self,
        job: &Job,
        chunk: &Chunk,
        points: &Range<u32>,
        table: &mut Table,
    ) -> Result<Vec<String>, Unanswered> {
        if let Some(dead) = self.health.verdict() {
            return Err(dead);
        }
        let request = request(&job.key, chunk, points, &self.source.options);
        let hopeless = || self.health.verdict().is_some();
        let reply = self.client.ask::<QueryData>(&request, &hopeless);
        let asker = job.askers.first().copied().unwrap_or_default();
        match &reply {
            Err(failure) if failure.whole_server => {
                self.health.failed(asker, &failure.unanswered);
            }
            // It understood even what it refused.
            Ok(_) | Err(_) => self.health.answered(),
        }
        let learn = |envelope| self.learn(job, chunk, points, table, envelope);
        reply
            .and_then(learn)
            .map_err(|failure| blame(failure, &job.key.query, &self.questions[asker]))
    }

    /// Takes over what the server says.
    fn learn(
        &self,
        job: &Job,
        chunk: &Chunk,
        points: &Range<u32>,
        table: &mut Table,
        envelope: Envelope<QueryData>,
    ) -> Result<Vec<String>, Failure> {
        let data = envelope
            .data
            .map(|data| (data.result_type, data.result.unwrap_or_default()))
            .unwrap_or_default();
        let (result_type, elements) = data;
        let expected = if job.key.step == 0 { "vector" } else { "matrix" };
        if result_type != expected {
            return Err(other_type(&result_type, expected));
        }
        let points_of = |element: &Element| match element {
            Element::Series(series) => series.points.len(),
            Element::Half => 0,
        };
        let numbers = elements.iter().map(points_of).sum();
        self.client.count_samples(numbers);
        self.check_size(elements.len(), numbers)?;
        let mut series = BTreeMap::new();
        for element in elements {
            let Element::Series(mut found) = element else { continue };
            if found.histograms {
                return Err(Failure::question(
                    "the queries give native histograms, not numbers",
                    "count with `histogram_count(...)` for all events, and \
                     `histogram_fraction(-Inf, threshold, ...) * histogram_count(...) >= 0` for the \
                     good ones",
                ));
            }
            let side = match found.labels.remove(PART_LABEL).as_deref() {
                Some(TOTAL) => Side::Total,
                Some(PART) => Side::Part,
                _ => {
                    return Err(Failure::environment(
                        "the server leaves out a label that the query sets",
                        "is there a proxy in front of it that rewrites queries?",
                    ));
                }
            };
            let mut values = Vec::with_capacity(found.points.len());
            for (time, value) in found.points {
                values.push((point(job, chunk, time)?, value));
            }
            series.insert((side, found.labels), values);
        }
        table.learn(points, series);
        let mut warnings: Vec<String> =
            envelope.warnings.unwrap_or_default().iter().map(|text| excerpt(text)).collect();
        if envelope.is_partial {
            warnings.push("the server says that its answer is partial".to_owned());
        }
        Ok(warnings)
    }

    /// Refuses a reply of two queries that is too large.
    fn check_size(&self, series: usize, numbers: usize) -> Result<(), Failure> {
        let options = &self.source.options;
        if series > options.max_series.saturating_mul(2) {
            return Err(answer::too_many_series(options.max_series));
        }
        if numbers > options.max_points.saturating_mul(2) {
            return Err(answer::too_many_points(options.max_points));
        }
        Ok(())
    }
}

/// The point of the chunk that a time of a reply is; those outside of the chunk are beyond all points.
fn point(job: &Job, chunk: &Chunk, time: i64) -> Result<u32, Failure> {
    if job.key.step == 0 {
        return Ok(0);
    }
    let offset = time.saturating_sub(chunk.origin);
    if offset.rem_euclid(chunk.step) != 0 {
        return Err(Failure::environment(
            "the server answers for other times than it was asked for",
            "send it `nocache=1` if it is VictoriaMetrics; a proxy that aligns queries to their step has \
             to be told not to",
        ));
    }
    Ok(u32::try_from(offset / chunk.step).unwrap_or(u32::MAX))
}

/// The request for points of a job.
fn request(key: &JobKey, chunk: &Chunk, points: &Range<u32>, options: &Options) -> Request {
    let mut form = vec![("query", key.query.text.clone())];
    let path = if key.step == 0 {
        form.push(("time", seconds(key.origin)));
        "/api/v1/query"
    } else {
        form.push(("start", seconds(chunk.time(points.start))));
        form.push(("end", seconds(chunk.time(points.end.saturating_sub(1)))));
        form.push(("step", seconds(chunk.step)));
        "/api/v1/query_range"
    };
    form.extend(options.extra.iter().cloned());
    Request { method: Method::Post, path, form }
}

/// What an answer depends on. How long the server may take is not of it.
fn cache_key(key: &JobKey, options: &Options) -> String {
    let JobKey { query, origin, step } = key;
    let mut text = format!("{}\n{origin} {step}\n", options.identity);
    for (name, value) in options.extra.iter().filter(|(name, _)| *name != "timeout") {
        text += &format!("{name}={value}\n");
    }
    text + &query.text
}

/// Adds to what the server says against the query of a job which of its two queries is meant.
fn blame(failure: Failure, query: &Query, question: &Question) -> Unanswered {
    let Failure { mut unanswered, complaint, .. } = failure;
    if let Some((first, line)) = complaint.and_then(|complaint| query.blames(&complaint)) {
        let which = if first { "all" } else { part_name(&question.part) };
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        unanswered.message = format!("query for {which} events{line}: {}", unanswered.message);
    }
    unanswered
}
