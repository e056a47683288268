//! Whether a plan keeps what it promises: for each disruption the time and the data, and for the whole
//! whether it was tested, and whether the services that it needs come back as soon.
use super::{
    digest::digest,
    engine::{
        self, Estimate,
        due::{Due, due},
        evidence,
        spread::Spread,
    },
    resolve::{Copy, Disruption, Drill, ResolvedPlan},
    spec::DrillResult,
};
use crate::{
    domains::service::{
        dependencies::{Dependencies, Follow},
        spec::Service,
    },
    kernel::{
        report::words,
        spec::{Catalog, Name, Optional as _, Ref, values},
        units::{Duration, Instant},
    },
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// With which probability a plan has to keep its time.
pub const KEPT: f64 = 0.95;

/// What is to be said of a promise; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It is kept.
    Met,
    /// Nobody can say.
    Unknown,
    /// It is kept mostly, which is not enough.
    AtRisk,
    /// It is not kept.
    Breached,
}

impl Standing {
    /// As machines read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unknown => "unknown",
            Self::AtRisk => "at_risk",
            Self::Breached => "breached",
        }
    }
}

/// What is to be said of a plan.
#[derive(Clone, Debug)]
pub struct Judged<'p, 'a> {
    /// The plan.
    pub plan: &'p ResolvedPlan<'a>,
    /// Disruptions, in the order of the plan.
    pub disruptions: Vec<JudgedDisruption<'p, 'a>>,
    /// Whether it was tested, and when it is to be again; `None` where it does not say how often.
    pub tested: Option<Due>,
    /// Of how many tests, how many were passed.
    pub passed: (usize, usize),
    /// Whether the plan is another than the one that was tested last.
    pub has_changed: bool,
    /// Copies whose restoring was never tried, or not for too long.
    pub unproven: Vec<(&'a str, Due)>,
    /// Services that it needs and that come back later, or of which nobody knows.
    pub needs: Vec<Need<'a>>,
}

/// What is to be said of one disruption.
#[derive(Clone, Debug)]
pub struct JudgedDisruption<'p, 'a> {
    /// The disruption.
    pub disruption: &'p Disruption<'a>,
    /// Of its time.
    pub time: Time,
    /// Of its data.
    pub data: Data<'p, 'a>,
}

/// How long it takes.
#[derive(Clone, Debug)]
pub struct Time {
    /// What is to be said.
    pub standing: Standing,
    /// Why, where that is not plain from the numbers.
    pub reason: Option<String>,
    /// What the steps add up to along the longest path; with as many people as the plan has.
    pub planned: Option<Duration>,
    /// As a distribution.
    pub spread: Option<Spread>,
    /// How long drills took: how many, and the longest.
    pub drilled: Option<(usize, Duration)>,
    /// Within which the next is in 95 of 100 cases, by drills alone; of two at least.
    pub bound: Option<Duration>,
}

/// How much data is lost.
#[derive(Clone, Debug)]
pub struct Data<'p, 'a> {
    /// What is to be said.
    pub standing: Standing,
    /// The copy from which least is lost; `None` where none is left.
    pub copy: Option<&'p Copy<'a>>,
    /// The most that was lost in a drill.
    pub drilled: Option<Duration>,
}

/// A service that is needed.
#[derive(Clone, Debug)]
pub struct Need<'a> {
    /// The ways to it, from a service of the plan on.
    pub chain: Vec<&'a str>,
    /// The plan that it has; `None` where it has none.
    pub plan: Option<&'a str>,
    /// Within how long it is back by its plan.
    pub rto: Option<Duration>,
    /// How much of its data may be lost by its plan.
    pub rpo: Option<Duration>,
    /// What is to be said.
    pub standing: Standing,
}

impl Judged<'_, '_> {
    /// The worst that is to be said of anything in it.
    pub fn standing(&self) -> Standing {
        let promises = self
            .disruptions
            .iter()
            .flat_map(|one| [one.time.standing, one.data.standing])
            .chain(self.needs.iter().map(|need| need.standing));
        let tested = match self.tested {
            Some(Due::Overdue(..) | Due::Never | Due::InFuture(_)) => Standing::AtRisk,
            Some(Due::On(_)) | None => Standing::Met,
        };
        let restored = if self.unproven.is_empty() { Standing::Met } else { Standing::AtRisk };
        promises.chain([tested, restored]).max().unwrap_or(Standing::Unknown)
    }
}

/// Judges a plan among all plans of its catalog.
pub fn judge<'p, 'a>(
    catalog: &'a Catalog,
    plan: &'p ResolvedPlan<'a>,
    all: &[ResolvedPlan<'a>],
    now: Instant,
) -> Judged<'p, 'a> {
    let today = now.date_naive();
    let disruptions = plan.disruptions.iter().map(|one| JudgedDisruption {
        disruption: one,
        time: time(plan, one),
        data: data(plan, one),
    });
    let real = || plan.drills.iter().filter(|drill| is_evidence(drill));
    let last = real().map(|drill| drill.ended.date_naive()).max();
    let tested = real().next_back().and_then(|drill| drill.spec.plan_digest.value());
    let has_changed = tested.is_some_and(|tested| Some(tested) != digest(plan.spec).as_ref());
    let passed = real().filter(|it| it.spec.result.value() == Some(&DrillResult::Passed)).count();
    Judged {
        plan,
        disruptions: disruptions.collect(),
        tested: plan.spec.test_frequency.value().map(|often| due(last, often.period(), today)),
        passed: (passed, real().count()),
        has_changed,
        unproven: unproven(plan, today),
        needs: needs(catalog, plan, all),
    }
}

/// Whether a test says anything: it was not broken off.
fn is_evidence(drill: &Drill<'_>) -> bool {
    drill.spec.result.value() != Some(&DrillResult::Stopped)
}

/// Whether a test was one of a disruption, or of none in particular.
fn is_of(drill: &Drill<'_>, disruption: &Disruption<'_>) -> bool {
    let played = drill.spec.disruption.value().map(Name::as_str);
    played.is_none() || played == disruption.name
}

fn time(plan: &ResolvedPlan<'_>, disruption: &Disruption<'_>) -> Time {
    let drills: Vec<&Drill<'_>> = plan
        .drills
        .iter()
        .filter(|drill| drill.is_real() && is_evidence(drill) && is_of(drill, disruption))
        .collect();
    let passed = |drill: &&&Drill<'_>| drill.spec.result.value() == Some(&DrillResult::Passed);
    let lengths: Vec<Duration> = drills.iter().filter(passed).map(|drill| drill.length()).collect();
    let seconds: Vec<f64> = lengths.iter().map(|length| length.seconds()).collect();
    let bound = evidence::prediction_bound(&seconds, KEPT)
        .map(|bound| engine::milliseconds(bound * 1000.0));
    let drilled = lengths.iter().max().map(|longest| (lengths.len(), *longest));
    let mut time = Time {
        standing: Standing::Unknown,
        reason: None,
        planned: None,
        spread: None,
        drilled,
        bound,
    };
    if let Some(path) = &disruption.path {
        let estimates: Vec<_> =
            disruption.steps.iter().filter_map(|step| step.estimate.clone()).collect();
        let lengths: Vec<Duration> = estimates.iter().map(Estimate::typical).collect();
        let people = plan.spec.people.value().map(|people| usize::from(*people));
        time.planned = Some(match people {
            Some(people) => path.with_people(&lengths, &disruption.waits, people),
            None => path.total,
        });
        // Where there is somebody for each step, the paths alone say the same.
        let people = people.filter(|people| *people < lengths.len());
        time.spread = Some(Spread::of(&estimates, &disruption.waits, path, people));
    }
    (time.standing, time.reason) = standing_of_time(disruption, &drills, &time);
    time
}

fn standing_of_time(
    disruption: &Disruption<'_>,
    drills: &[&Drill<'_>],
    time: &Time,
) -> (Standing, Option<String>) {
    let rto = disruption.rto;
    if let Some(last) = drills.last() {
        let name = last.document.name();
        if last.spec.result.value() == Some(&DrillResult::Failed) {
            return (Standing::Breached, Some(format!("the last drill, `{name}`, failed")));
        }
        if last.length() > rto {
            let said = format!("the last drill, `{name}`, took {}", words::span(last.length()));
            return (Standing::Breached, Some(said));
        }
    }
    let (Some(planned), Some(spread)) = (time.planned, &time.spread) else {
        let open: Vec<&str> = disruption
            .steps
            .iter()
            .filter(|step| step.estimate.is_none())
            .map(|step| step.id)
            .take(4)
            .collect();
        let said = if disruption.steps.is_empty() {
            "the plan has no steps for it".to_owned()
        } else {
            format!("no duration is known of {}", open.join(", "))
        };
        return (Standing::Unknown, Some(said));
    };
    if planned > rto {
        return (Standing::Breached, None);
    }
    let (kept, _) = spread.within(rto);
    if kept < KEPT {
        return (Standing::AtRisk, None);
    }
    match time.bound {
        Some(bound) if bound > rto => {
            let said = format!("drills allow up to {} in 95 of 100 cases", words::span(bound));
            (Standing::AtRisk, Some(said))
        }
        _ => (Standing::Met, None),
    }
}

fn data<'p, 'a>(plan: &ResolvedPlan<'a>, disruption: &'p Disruption<'a>) -> Data<'p, 'a> {
    let copy = disruption.copies.iter().min_by_key(|copy| (copy.loss, copy.id));
    let drilled = plan
        .drills
        .iter()
        .filter(|drill| drill.is_real() && is_evidence(drill) && is_of(drill, disruption))
        .filter_map(Drill::lost)
        .max();
    let standing = match copy {
        _ if drilled.is_some_and(|lost| lost > disruption.rpo) => Standing::Breached,
        Some(copy) if copy.loss.worst <= disruption.rpo => Standing::Met,
        None if plan.spec.backups.is_empty() => Standing::Unknown,
        Some(_) | None => Standing::Breached,
    };
    Data { standing, copy, drilled }
}

/// Copies of which it is said how often they are restored, and that were not.
fn unproven<'a>(plan: &ResolvedPlan<'a>, today: NaiveDate) -> Vec<(&'a str, Due)> {
    let mut found = Vec::new();
    for backup in values(&plan.spec.backups) {
        let (Some(id), Some(test)) = (backup.id.get(), backup.restore_test.value()) else {
            continue;
        };
        let Some(every) = test.every.get() else { continue };
        match due(test.last.value().map(|day| day.0), every.period(), today) {
            Due::On(_) => {}
            late => found.push((id.as_str(), late)),
        }
    }
    found
}

/// The services that those of a plan cannot do without, by the plans that they have.
pub(super) fn needs<'a>(
    catalog: &'a Catalog,
    plan: &ResolvedPlan<'a>,
    all: &[ResolvedPlan<'a>],
) -> Vec<Need<'a>> {
    let own: Vec<&str> = values(&plan.spec.services).map(Ref::name).collect();
    if own.is_empty() {
        return Vec::new();
    }
    let graph = Dependencies::of(catalog);
    let mut follow = Follow::new(&graph);
    let mut found: BTreeMap<&'a str, Need<'a>> = BTreeMap::new();
    for service in &own {
        let Some(node) = graph.node(service) else { continue };
        let reached = follow.from(node);
        for one in &reached {
            let name = graph.name(one.node);
            if own.contains(&name) || found.contains_key(name) {
                continue;
            }
            let mut chain = vec![name];
            let mut through = one.through;
            while let Some(before) = through {
                chain.push(graph.name(reached[before].node));
                through = reached[before].through;
            }
            chain.push(graph.name(node));
            chain.reverse();
            found.insert(name, need(plan, all, chain, name));
        }
    }
    found.into_values().collect()
}

/// A service that is needed, judged by the plan that brings it back soonest.
fn need<'a>(
    plan: &ResolvedPlan<'a>,
    all: &[ResolvedPlan<'a>],
    chain: Vec<&'a str>,
    name: &str,
) -> Need<'a> {
    let has = |other: &&ResolvedPlan<'a>| {
        values(&other.spec.services).any(|service| service.name() == name)
    };
    let times =
        |other: &ResolvedPlan<'a>| (other.spec.rto.get().copied(), other.spec.rpo.get().copied());
    let Some(other) = all.iter().filter(has).min_by_key(|other| times(other)) else {
        return Need { chain, plan: None, rto: None, rpo: None, standing: Standing::Unknown };
    };
    let (rto, rpo) = times(other);
    // Every disruption that both know by name has its own promise; the plan's stands for the others.
    let breaks = plan.disruptions.iter().any(|ours| {
        let theirs = other.disruptions.iter().find(|theirs| theirs.name == ours.name);
        let (time, data) = theirs.map_or((rto, rpo), |it| (Some(it.rto), Some(it.rpo)));
        time > Some(ours.rto) || data > Some(ours.rpo)
    });
    let standing = if breaks { Standing::Breached } else { Standing::Met };
    Need { chain, plan: Some(other.document.name()), rto, rpo, standing }
}

/// Services that no plan is for, by name.
pub fn without_plan<'a>(catalog: &'a Catalog, all: &[ResolvedPlan<'a>]) -> Vec<&'a str> {
    let has = |name: &str| {
        all.iter().flat_map(|plan| values(&plan.spec.services)).any(|it| it.name() == name)
    };
    let mut names: Vec<&str> = catalog
        .iter::<Service>()
        .map(|(document, _)| document.name())
        .filter(|it| !has(it))
        .collect();
    names.sort_unstable();
    names
}
