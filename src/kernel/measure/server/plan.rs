//! Which queries have to be asked for some questions, at which times.
use super::{
    chunks::{Chunk, chunks},
    query::Query,
    question::{Fault, Part, Question, Unanswered},
    source::Options,
};
use crate::kernel::units::Duration;
use std::{collections::BTreeMap, ops::Range};

/// What of a job a question needs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Need {
    /// Index of the job.
    pub(super) job: usize,
    pub(super) what: Needed,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Needed {
    /// The window of that index.
    Window(usize),
    /// The steps from the first one on, which are the points of the chunk.
    Steps { first: u32, points: Range<u32> },
}

/// What is asked for with one query at one place in time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JobKey {
    pub(super) query: Query,
    /// Time of point 0 and what is between points, in milliseconds; 0 for an instant.
    pub(super) origin: i64,
    pub(super) step: i64,
}

/// A job: points of one query, for all questions that need them.
pub(super) struct Job {
    pub(super) key: JobKey,
    pub(super) wanted: Vec<Range<u32>>,
    /// Indices of the questions.
    pub(super) askers: Vec<usize>,
}

/// All that is to be asked, each once.
pub(super) struct Plan {
    pub(super) jobs: Vec<Job>,
    /// For each question the jobs that it needs, or why it cannot be asked.
    pub(super) needs: Vec<Result<Vec<Need>, Unanswered>>,
}

impl Plan {
    /// Plans the first need of each question before the second of any: a server that is dead is found out
    /// by different questions, and one whose questions are slow answers some of each.
    pub(super) fn new(questions: &[Question], options: &Options) -> Self {
        let mut jobs: Vec<Job> = Vec::new();
        let mut known = BTreeMap::new();
        let needs: Vec<Result<_, Unanswered>> =
            questions.iter().map(|question| needs(question, options)).collect();
        let rounds = needs.iter().flatten().map(Vec::len).max().unwrap_or(0);
        let mut planned: Vec<Vec<Need>> = vec![Vec::new(); needs.len()];
        for round in 0..rounds {
            for (asker, needs) in needs.iter().enumerate() {
                let Some((key, wanted, what)) =
                    needs.as_ref().ok().and_then(|needs| needs.get(round))
                else {
                    continue;
                };
                let job = *known.entry(key).or_insert_with(|| {
                    jobs.push(Job { key: key.clone(), wanted: Vec::new(), askers: Vec::new() });
                    jobs.len() - 1
                });
                if !jobs[job].wanted.contains(wanted) {
                    jobs[job].wanted.push(wanted.clone());
                }
                if !jobs[job].askers.contains(&asker) {
                    jobs[job].askers.push(asker);
                }
                planned[asker].push(Need { job, what: what.clone() });
            }
        }
        let needs = needs
            .iter()
            .zip(planned)
            .map(|(needs, planned)| needs.as_ref().map(|_| planned).map_err(Clone::clone))
            .collect();
        Self { jobs, needs }
    }
}

/// What a question needs, or why it cannot be asked.
fn needs(
    question: &Question,
    options: &Options,
) -> Result<Vec<(JobKey, Range<u32>, Needed)>, Unanswered> {
    let refuse = |message: String, help: Option<String>| {
        Err(Unanswered { message, help, fault: Fault::Question })
    };
    let (Part::Good(part) | Part::Bad(part)) = &question.part;
    for (query, which) in [(&question.total, "all"), (part, part_name(&question.part))] {
        let says_something = |line: &str| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        };
        if !query.lines().any(says_something) {
            return refuse(format!("the query for {which} events is empty"), None);
        }
    }
    let mut needs = Vec::new();
    for (index, (from, to)) in question.windows.iter().enumerate() {
        let length = (*to - *from).num_milliseconds();
        // A window without a length holds nothing, and PromQL has no word for it.
        let Some(length) = u64::try_from(length).ok().filter(|length| *length > 0) else {
            continue;
        };
        let query = Query::new(&question.total, part, Duration::from_milliseconds(length));
        let key = JobKey { query, origin: to.timestamp_millis(), step: 0 };
        needs.push((key, 0..1, Needed::Window(index)));
    }
    let Some(grid) = &question.grid else { return Ok(needs) };
    if grid.count as usize > options.max_points {
        return refuse(
            format!(
                "{} steps are more than the {} that one question may ask for",
                grid.count, options.max_points
            ),
            Some("ask for longer steps or a shorter time".to_owned()),
        );
    }
    let Some(chunks) = chunks(grid) else {
        return refuse(format!("no clock reaches {} steps of {}", grid.count, grid.step), None);
    };
    let query = Query::new(&question.total, part, grid.step);
    for Chunk { origin, step, points, first_step, .. } in chunks {
        let key = JobKey { query: query.clone(), origin, step };
        let what = Needed::Steps { first: first_step, points: points.clone() };
        needs.push((key, points, what));
    }
    Ok(needs)
}

/// The word for which events a part counts.
pub(super) fn part_name(part: &Part) -> &'static str {
    match part {
        Part::Good(_) => "good",
        Part::Bad(_) => "bad",
    }
}
