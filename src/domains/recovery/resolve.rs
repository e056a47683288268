//! From a recovery plan as it is written to what the engine computes with: for each disruption the steps that
//! are done and the copies that are left, with what drills measured.
use super::{
    engine::{
        Estimate, Waits,
        loss::{Copied, Loss, failures_to_allow},
        path::Path,
    },
    rules,
    spec::{BackupSpec, DisasterRecoveryPlan, DisruptionSpec, DrillKind, RecoveryDrill, StepSpec},
};
use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{Catalog, Document, Either, Field, Name, Optional as _, problem, values},
    units::{Duration, Instant, Ratio},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How sure it is that no more runs of a backup fail in a row than are counted with.
pub const SURE: f64 = 0.999;

/// A plan with everything that it needs.
#[derive(Clone, Debug)]
pub struct ResolvedPlan<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a DisasterRecoveryPlan,
    /// What may happen, in the order in which it is written.
    pub disruptions: Vec<Disruption<'a>>,
    /// Its tests that are over, the oldest first.
    pub drills: Vec<Drill<'a>>,
}

/// One thing that may happen, and what the plan has for it.
#[derive(Clone, Debug)]
pub struct Disruption<'a> {
    /// What it is called; `None` where the plan does not tell any apart.
    pub name: Option<&'a str>,
    /// Within how long it has to be back.
    pub rto: Duration,
    /// How much of the youngest data may be lost.
    pub rpo: Duration,
    /// What is done.
    pub steps: Vec<Step<'a>>,
    /// For which each of them waits.
    pub waits: Vec<Waits>,
    /// The path through them; `None` where there are none, or one has no duration.
    pub path: Option<Path>,
    /// The copies that are left.
    pub copies: Vec<Copy<'a>>,
    /// How long spoiled data are not noticed, where it spoils them.
    pub unnoticed: Option<Duration>,
}

/// A step, and how long it takes.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// What it is called.
    pub id: &'a str,
    /// What is done.
    pub spec: &'a StepSpec,
    /// How long that takes; `None` where nothing says it.
    pub estimate: Option<Estimate>,
    /// How often drills measured it.
    pub measured: usize,
}

/// A copy that is left.
#[derive(Clone, Debug)]
pub struct Copy<'a> {
    /// What it is called.
    pub id: &'a str,
    /// What it is.
    pub spec: &'a BackupSpec,
    /// How much is lost.
    pub loss: Loss,
    /// How many runs in a row may fail in that.
    pub failures: u32,
}

/// A test that is over.
#[derive(Clone, Debug)]
pub struct Drill<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a RecoveryDrill,
    /// When it began.
    pub started: Instant,
    /// When it was over.
    pub ended: Instant,
}

impl Drill<'_> {
    /// How long it took.
    pub fn length(&self) -> Duration {
        between(self.started, self.ended)
    }

    /// Whether its time says something of the next time: things were done for real.
    pub fn is_real(&self) -> bool {
        self.spec.kind.value().copied().unwrap_or_default() != DrillKind::TableTop
    }

    /// How much data was lost in it.
    pub fn lost(&self) -> Option<Duration> {
        self.spec.data_until.value().map(|until| between(until.0, self.started))
    }
}

/// From one instant to a later one; nothing where it is not later.
pub fn between(from: Instant, to: Instant) -> Duration {
    Duration::from_milliseconds(u64::try_from((to - from).num_milliseconds()).unwrap_or(0))
}

/// Resolves a plan.
///
/// # Errors
/// Everything that contradicts itself in it.
pub fn resolve<'a>(
    catalog: &'a Catalog,
    document: &'a Document,
    spec: &'a DisasterRecoveryPlan,
) -> Result<ResolvedPlan<'a>, Vec<Finding>> {
    let mut findings = Vec::new();
    let names = disruptions(spec, &mut findings);
    let ids = ids(spec, &mut findings);
    let all_waits = all_waits(spec, &ids, &mut findings);
    for (at, place) in spec
        .steps
        .iter()
        .filter_map(Field::get)
        .flat_map(|step| &step.disruptions)
        .chain(spec.backups.iter().filter_map(Field::get).flat_map(|backup| &backup.survives))
        .filter_map(Field::pair)
    {
        if names.contains(at.as_str()) {
            continue;
        }
        let known: Vec<&str> = names.iter().copied().collect();
        let message = format!("the plan has no disruption `{at}`");
        let help = match problem::closest(at.as_str(), &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it to `disruptions`: `- {{name: {at}}}`"),
        };
        findings.push(Finding::new(&rules::UNKNOWN_DISRUPTION, place, message).help(help));
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let drills = drills(catalog, document.name());
    let (Some(rto), Some(rpo)) = (spec.rto.get().copied(), spec.rpo.get().copied()) else {
        return Err(Vec::new());
    };
    let resolving = Resolving { spec, all_waits: &all_waits, drills: &drills, rto, rpo };
    let mut resolved: Vec<Disruption<'a>> =
        values(&spec.disruptions).filter_map(|one| resolving.disruption(Some(one))).collect();
    if resolved.is_empty() {
        resolved.extend(resolving.disruption(None));
    }
    Ok(ResolvedPlan { document, spec, disruptions: resolved, drills })
}

/// All plans of a catalog that can be resolved, by name.
pub fn all(catalog: &Catalog) -> Vec<ResolvedPlan<'_>> {
    let plans = catalog.iter::<DisasterRecoveryPlan>();
    plans.filter_map(|(document, spec)| resolve(catalog, document, spec).ok()).collect()
}

/// The tests of a plan that are over, the oldest first.
fn drills<'a>(catalog: &'a Catalog, plan: &str) -> Vec<Drill<'a>> {
    let of = |(document, spec): (&'a Document, &'a RecoveryDrill)| {
        let is_meant = spec.plan.get().is_some_and(|it| it.name() == plan);
        let (started, ended) = (spec.started.get()?.0, spec.ended.value()?.0);
        (is_meant && started <= ended).then_some(Drill { document, spec, started, ended })
    };
    let mut drills: Vec<Drill<'_>> = catalog.iter::<RecoveryDrill>().filter_map(of).collect();
    drills.sort_by_key(|drill| (drill.started, drill.document.name().to_owned()));
    drills
}

/// The names of disruptions; one that is there twice is told.
fn disruptions<'a>(
    spec: &'a DisasterRecoveryPlan,
    findings: &mut Vec<Finding>,
) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for (name, place) in values(&spec.disruptions).filter_map(|one| one.name.pair()) {
        if !names.insert(name.as_str()) {
            findings.push(twice("disruption", name.as_str(), place));
        }
    }
    names
}

fn twice(what: &str, name: &str, place: Place) -> Finding {
    Finding::new(&rules::RECOVERY_NAME_TAKEN, place, format!("there are two {what}s `{name}`"))
        .help("give one of them another name")
}

/// Where each step is, by its name; one that is there twice is told.
fn ids<'a>(spec: &'a DisasterRecoveryPlan, findings: &mut Vec<Finding>) -> HashMap<&'a str, usize> {
    let mut ids = HashMap::new();
    for (at, (id, place)) in steps(spec).filter_map(|(at, step)| Some((at, step.id.pair()?))) {
        if ids.insert(id.as_str(), at).is_some() {
            findings.push(twice("step", id.as_str(), place));
        }
    }
    let mut backups = BTreeSet::new();
    for (id, place) in values(&spec.backups).filter_map(|one| one.id.pair()) {
        if !backups.insert(id.as_str()) {
            findings.push(twice("backup", id.as_str(), place));
        }
    }
    ids
}

/// The steps that could be read, with their places in the list of all.
fn steps(spec: &DisasterRecoveryPlan) -> impl Iterator<Item = (usize, &StepSpec)> {
    values(&spec.steps).enumerate()
}

/// For which each step waits, in a plan in which all are done. Names of nothing and circles are told.
fn all_waits(
    spec: &DisasterRecoveryPlan,
    ids: &HashMap<&str, usize>,
    findings: &mut Vec<Finding>,
) -> Vec<Waits> {
    let mut waits: Vec<Waits> = Vec::new();
    for (_, step) in steps(spec) {
        let mut before = Vec::new();
        for (name, place) in step.after.iter().filter_map(Field::pair) {
            if let Some(&at) = ids.get(name.as_str()) {
                before.push(at);
                continue;
            }
            let known: Vec<&str> =
                steps(spec).filter_map(|(_, step)| step.id.get().map(Name::as_str)).collect();
            let message = format!("there is no step `{name}` to wait for");
            let help = match problem::closest(name.as_str(), &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name the `id` of a step of this plan".to_owned(),
            };
            findings.push(Finding::new(&rules::UNKNOWN_STEP, place, message).help(help));
        }
        before.sort_unstable();
        before.dedup();
        waits.push(before);
    }
    circles(spec, ids, &waits, findings);
    waits
}

/// Tells circles of steps, each once, beginning with its first step.
fn circles(
    spec: &DisasterRecoveryPlan,
    ids: &HashMap<&str, usize>,
    waits: &[Waits],
    findings: &mut Vec<Finding>,
) {
    use crate::kernel::circles::{Edge, chain, circles};
    let names: Vec<&str> =
        steps(spec).map(|(_, step)| step.id.get().map_or("", Name::as_str)).collect();
    let places: Vec<BTreeMap<usize, Place>> = steps(spec)
        .map(|(_, step)| {
            let before = step.after.iter().filter_map(Field::pair);
            before.filter_map(|(name, place)| Some((*ids.get(name.as_str())?, place))).collect()
        })
        .collect();
    let edges: Vec<Vec<Edge>> = waits
        .iter()
        .zip(&places)
        .map(|(before, places)| {
            let edge = |to: &usize| Some(Edge { to: *to, place: *places.get(to)? });
            before.iter().filter_map(edge).collect()
        })
        .collect();
    for circle in circles(&names, &edges) {
        let Some(first) = circle.first() else { continue };
        let message = format!("these steps wait for each other: {}", chain(&names, &circle));
        findings.push(
            Finding::new(&rules::RECOVERY_CIRCLE, first.edge.place, message)
                .help("take one of them out of `after`: nothing on a circle can ever begin"),
        );
    }
}

struct Resolving<'a, 'r> {
    spec: &'a DisasterRecoveryPlan,
    all_waits: &'r [Waits],
    drills: &'r [Drill<'a>],
    rto: Duration,
    rpo: Duration,
}

impl<'a> Resolving<'a, '_> {
    fn disruption(&self, spec: Option<&'a DisruptionSpec>) -> Option<Disruption<'a>> {
        let name: Option<&'a str> = match spec {
            Some(spec) => Some(spec.name.get()?.as_str()),
            None => None,
        };
        let is_done = |step: &StepSpec| {
            step.disruptions.is_empty()
                || values(&step.disruptions).any(|one| Some(one.as_str()) == name)
        };
        let done: Vec<bool> = steps(self.spec).map(|(_, step)| is_done(step)).collect();
        let waits = self.waits(&done);
        let steps: Vec<Step<'a>> = steps(self.spec)
            .filter(|(at, _)| done[*at])
            .filter_map(|(_, step)| self.step(step))
            .collect();
        let lengths: Option<Vec<Duration>> =
            steps.iter().map(|step| step.estimate.as_ref().map(Estimate::typical)).collect();
        let path = lengths
            .filter(|lengths| !lengths.is_empty())
            .and_then(|lengths| Path::of(&lengths, &waits).ok());
        let corrupts = spec.is_some_and(|spec| spec.corrupts_data.value() == Some(&true));
        let noticed = spec.and_then(|spec| spec.detected_within.value().copied());
        let unnoticed = corrupts.then(|| noticed.unwrap_or(Duration::ZERO));
        let copies =
            values(&self.spec.backups).filter_map(|backup| copy(backup, name, unnoticed)).collect();
        Some(Disruption {
            name,
            rto: spec.and_then(|spec| spec.rto.value().copied()).unwrap_or(self.rto),
            rpo: spec.and_then(|spec| spec.rpo.value().copied()).unwrap_or(self.rpo),
            steps,
            waits,
            path,
            copies,
            unnoticed,
        })
    }

    /// For which steps that are done those that are done wait: through one that is not done for what
    /// that one waits for.
    fn waits(&self, done: &[bool]) -> Vec<Waits> {
        let mut index = vec![0; done.len()];
        let mut count = 0;
        for (at, is_done) in done.iter().enumerate() {
            index[at] = count;
            count += usize::from(*is_done);
        }
        let through = |step: usize| -> Waits {
            let mut found = BTreeSet::new();
            let mut seen = BTreeSet::new();
            let mut open = self.all_waits[step].clone();
            while let Some(before) = open.pop() {
                if !seen.insert(before) {
                    continue;
                }
                if done[before] {
                    found.insert(index[before]);
                } else {
                    open.extend(&self.all_waits[before]);
                }
            }
            found.into_iter().collect()
        };
        (0..done.len()).filter(|step| done[*step]).map(through).collect()
    }

    /// A step with how long it takes: as measured where drills did so at least twice, else as written, else as
    /// measured once.
    fn step(&self, spec: &'a StepSpec) -> Option<Step<'a>> {
        let id: &'a str = spec.id.get()?.as_str();
        let mut measured = Vec::new();
        for drill in self.drills.iter().filter(|drill| drill.is_real()) {
            // A drill of another disruption had other steps around it, not another length of this one.
            for step in values(&drill.spec.steps) {
                let (Some(began), Some(ended)) = (step.started.get(), step.ended.value()) else {
                    continue;
                };
                if step.id.get().is_some_and(|it| it.as_str() == id) && began.0 <= ended.0 {
                    measured.push(between(began.0, ended.0));
                }
            }
        }
        let written = spec.duration.value().and_then(|duration| match duration {
            Either::Scalar(length) => Some(Estimate::Fixed(*length)),
            Either::Mapping(points) => Some(Estimate::ThreePoint {
                optimistic: *points.optimistic.get()?,
                likely: *points.likely.get()?,
                pessimistic: *points.pessimistic.get()?,
            }),
        });
        let count = measured.len();
        let estimate = match count {
            0 => written,
            1 => written.or(Some(Estimate::Measured(measured))),
            _ => Some(Estimate::Measured(measured)),
        };
        Some(Step { id, spec, estimate, measured: count })
    }
}

/// A copy that is left after a disruption. Where data were spoiled, what follows at once is spoiled too
/// unless it can be brought back as it was before, and what is not kept until it is noticed is gone.
fn copy<'a>(
    spec: &'a BackupSpec,
    disruption: Option<&str>,
    unnoticed: Option<Duration>,
) -> Option<Copy<'a>> {
    let id: &'a str = spec.id.get()?.as_str();
    let survives = spec.survives.is_empty()
        || values(&spec.survives).any(|one| Some(one.as_str()) == disruption);
    let is_point_in_time = spec.point_in_time.value() == Some(&true);
    let retention = spec.retention.value().copied();
    let lag = spec.copy_lag.value().copied().unwrap_or(Duration::ZERO);
    let copied = match (spec.interval.value(), spec.replication_lag.value()) {
        (Some(interval), _) => Copied::Periodic {
            interval: *interval,
            duration: spec.duration.value().copied().unwrap_or(Duration::ZERO),
            lag,
        },
        (None, Some(replication)) => Copied::Continuous { lag: *replication },
        (None, None) => return None,
    };
    let is_clean = match (unnoticed, copied) {
        (None, _) => true,
        (Some(unnoticed), Copied::Continuous { .. }) => {
            is_point_in_time && retention.is_none_or(|kept| kept >= unnoticed)
        }
        // The youngest clean copy may be one interval older than the moment at which they were spoiled.
        (Some(unnoticed), Copied::Periodic { interval, .. }) => retention.is_none_or(|kept| {
            kept.milliseconds() >= unnoticed.milliseconds().saturating_add(interval.milliseconds())
        }),
    };
    let fails = spec.runs_fail.value().copied().filter(|share| *share != Ratio::ZERO);
    let failures = match fails {
        Some(share) => failures_to_allow(share, SURE)?,
        None => 0,
    };
    (survives && is_clean).then(|| Copy { id, spec, loss: copied.loss(failures), failures })
}
