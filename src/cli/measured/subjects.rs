//! What is measured: the objectives that were asked for, and those that they are composed of.
use super::{Measuring, refuse};
use crate::{
    cli::{Failure, Workspace},
    domains::slo::{
        resolve::{self, ResolvedObjective},
        spec::{BudgetAdjustment, ServiceLevelObjective},
    },
    kernel::{
        measure::LONGEST_LOOKBACK,
        spec::{Document, values},
        units::{Duration, Instant},
    },
};
use std::collections::BTreeMap;

/// One objective with all its windows; its measurements serve them all.
pub(super) struct Subject<'a> {
    /// The objective over each of its windows, at least one.
    pub(super) windows: Vec<ResolvedObjective<'a>>,
    /// Whether some time is to be seen otherwise than it was measured.
    pub(super) is_adjusted: bool,
    /// What the composites that it is a part of need of it.
    part: Option<PartNeeds>,
}

/// What composites need of a part.
#[derive(Clone, Copy, PartialEq, Eq)]
struct PartNeeds {
    /// How far they look back.
    lookback: Duration,
    /// The shortest slice that they count.
    slice: Option<Duration>,
}

impl<'a> Subject<'a> {
    /// The objective over its first window, the one that alerts are about.
    pub(super) fn first(&self) -> &ResolvedObjective<'a> {
        &self.windows[0]
    }

    /// The longest time that it looks back: over its windows and those of its alerts.
    pub(super) fn looks_back(&self) -> Duration {
        let part = self.part.map_or(Duration::ZERO, |part| part.lookback);
        Self::longest(&self.windows).max(part)
    }

    /// How much of the past its forecast is drawn from, whatever else is asked for.
    pub(super) fn own_history(&self) -> Duration {
        // A forecast is drawn from the past, and held against the past of the past.
        const FORECASTS_FROM: Duration = Duration::from_days(60);
        let own = Self::longest(&self.windows).milliseconds() + FORECASTS_FROM.milliseconds();
        Duration::from_milliseconds(own)
    }

    /// The longest time that these windows and their alerts look back.
    fn longest(windows: &[ResolvedObjective<'_>]) -> Duration {
        let tiers = windows.iter().flat_map(|window| &window.alerting.tiers);
        let tiers = tiers.map(|tier| tier.long.max(tier.short));
        let lengths = windows.iter().map(|window| window.window.longest());
        tiers.chain(lengths).max().unwrap_or(Duration::ZERO)
    }

    /// The shortest slice that is made of its measurements; `None` where events are counted.
    pub(super) fn slice(&self) -> Option<Duration> {
        let part = self.part.and_then(|part| part.slice);
        self.first().budgeting.slice().into_iter().chain(part).min()
    }

    /// A composite needs so much of it; whether that is more than was known.
    fn is_needed(&mut self, needs: PartNeeds) -> bool {
        let known = self.part.unwrap_or(needs);
        let all = PartNeeds {
            lookback: known.lookback.max(needs.lookback),
            slice: known.slice.into_iter().chain(needs.slice).min(),
        };
        self.part.replace(all) != Some(all)
    }

    /// Whether a composite needs it.
    pub(super) fn is_part(&self) -> bool {
        self.part.is_some()
    }

    /// The longest time that its alerts look back.
    pub(super) fn alerts_look_back(&self) -> Duration {
        let tiers = &self.first().alerting.tiers;
        tiers.iter().map(|tier| tier.long.max(tier.short)).max().unwrap_or(Duration::ZERO)
    }

    /// The time of which something should be known: a calendar window that runs expects of the rest what
    /// the last weeks had.
    pub(super) fn needs_history(&self, arguments: &Measuring) -> Duration {
        const EXPECTS_FROM: Duration = Duration::from_days(28);
        let calendar = self.windows.iter().any(|window| window.window.calendar().is_some());
        let expects = if calendar { EXPECTS_FROM } else { Duration::ZERO };
        let own = self.looks_back();
        let forecasts = if arguments.forecast { self.own_history() } else { Duration::ZERO };
        own.max(expects).max(forecasts).max(arguments.lookback).min(LONGEST_LOOKBACK)
    }

    /// Whether its steps have to begin on whole minutes: some window or slice does.
    pub(super) fn needs_whole_minutes(&self) -> bool {
        let calendar = |window: &ResolvedObjective<'_>| window.window.calendar().is_some();
        self.slice().is_some() || self.windows.iter().any(calendar)
    }
}

/// The subjects that have to be measured for these objectives, and which of them were asked for, in
/// their order.
///
/// # Errors
/// If an objective is incomplete.
pub(super) fn collect<'a>(
    workspace: &'a Workspace,
    chosen: &[(&'a Document, &'a ServiceLevelObjective)],
) -> Result<(Vec<Subject<'a>>, Vec<usize>), Failure> {
    let mut subjects: Vec<Subject<'a>> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut asked_for = Vec::new();
    for (document, slo) in chosen {
        asked_for.push(add(workspace, document, slo, &mut subjects, &mut known)?);
    }
    pass_on_needs(&mut subjects, &known);
    Ok((subjects, asked_for))
}

/// Tells parts what their composites need of them, and parts of parts.
fn pass_on_needs(subjects: &mut [Subject<'_>], known: &BTreeMap<&str, usize>) {
    let mut changed = true;
    while changed {
        changed = false;
        for at in 0..subjects.len() {
            let needs =
                PartNeeds { lookback: subjects[at].looks_back(), slice: subjects[at].slice() };
            let parts = subjects[at].first().composite.iter();
            let parts: Vec<usize> =
                parts.filter_map(|(name, _)| known.get(name).copied()).collect();
            for part in parts {
                changed |= subjects[part].is_needed(needs);
            }
        }
    }
}

/// Adds an objective and all that it is composed of; where it is among the subjects.
fn add<'a>(
    workspace: &'a Workspace,
    document: &'a Document,
    slo: &'a ServiceLevelObjective,
    subjects: &mut Vec<Subject<'a>>,
    known: &mut BTreeMap<&'a str, usize>,
) -> Result<usize, Failure> {
    let mut open = vec![(document, slo)];
    while let Some((document, slo)) = open.pop() {
        if known.contains_key(document.name()) {
            continue;
        }
        let windows = resolve::resolve(&workspace.catalog, &workspace.settings, document, slo)
            .map_err(|incomplete| refuse(workspace, &incomplete))?;
        known.insert(document.name(), subjects.len());
        let parts = windows[0].composite.iter();
        open.extend(
            parts.filter_map(|(name, _)| workspace.catalog.get::<ServiceLevelObjective>(name)),
        );
        let is_adjusted = workspace.catalog.iter::<BudgetAdjustment>().any(|(_, adjustment)| {
            let slos = adjustment.slos.get().map_or(&[][..], Vec::as_slice);
            values(slos).any(|slo| slo.name() == document.name())
        });
        subjects.push(Subject { windows, is_adjusted, part: None });
    }
    Ok(known[document.name()])
}

/// A moment without its part of a minute.
pub(super) fn whole_minute(at: Instant) -> Instant {
    let rest = at.timestamp_millis().rem_euclid(60_000);
    let nanoseconds = i64::from(at.timestamp_subsec_nanos() % 1_000_000);
    at - chrono::TimeDelta::milliseconds(rest) - chrono::TimeDelta::nanoseconds(nanoseconds)
}
