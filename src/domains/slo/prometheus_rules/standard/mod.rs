//! Our own rules: under the names that Sloth's dashboards know, and right where Sloth's are wrong.
//!
//! Each objective is one group, whose rules see what those before them recorded at the same moment:
//! events per window and the share of bad ones (`recordings`), the budget of the objective's window
//! (`period`), what is known without measuring (`about`), alerts (`alerts`). What the documents say
//! and rules cannot is in `losses`.
mod about;
mod alerts;
mod annotations;
mod calendar;
mod decimal;
mod identity;
mod losses;
mod period;
mod recordings;
mod sides;
mod unit_tests;

pub use alerts::{ABSENT, EXHAUSTED, NAME as ALERT_NAME};
pub use identity::Identity;
pub(super) use identity::quoted;
pub use unit_tests::{TestFile, UnitTests, tests};

use super::{Rule, RuleFile, RuleGroup};
use crate::{
    domains::slo::{
        model::{AlertTier, Budgeting},
        resolve::{Incomplete, Measurement, ResolvedObjective},
    },
    kernel::{
        spec::{Catalog, Loss},
        units::Duration,
    },
};
use rayon::prelude::*;
use sides::Sides;
use std::collections::{BTreeMap, BTreeSet};

/// The window over which events are recorded to be summed up over the objective's window, and which says
/// how fast the budget is spent now.
const BASE: Duration = Duration::from_minutes(5);

/// Longer windows are added up from hours.
const HOUR: Duration = Duration::from_hours(1);

/// How rules are written.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How often groups are evaluated; the server's default where not said.
    pub interval: Option<Duration>,
    /// Labels that all series and alerts get.
    pub labels: BTreeMap<String, String>,
    /// What alerts are called unless said otherwise: `SLOErrorBudgetBurn`.
    pub alert_name: Option<String>,
    /// What names of groups begin with; see [`GROUP_PREFIX`].
    pub group_prefix: Option<String>,
    /// Of how many combinations of the labels of `group_by` each has a budget of its own: those with the
    /// most events. All others have one together, with `other` for their labels. `None`: all.
    pub most_groups: Option<u32>,
    /// Tiers with guards that were chosen for an objective, by its name, instead of its own.
    pub tiers: BTreeMap<String, Vec<AlertTier>>,
    /// Why a guard was chosen, or none, by names of the objective and the tier.
    pub reasons: BTreeMap<(String, String), String>,
}

/// What names of groups begin with unless said otherwise.
pub const GROUP_PREFIX: &str = "slo-";

/// Rules, and what they do not say.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The rules.
    pub file: RuleFile,
    /// The objective of each of the groups.
    pub objectives: Vec<String>,
    /// What the documents say and the rules cannot.
    pub losses: Vec<Loss>,
}

/// Rules for objectives, each of which is given once for each of its windows.
///
/// # Errors
/// Every tier that can never fire, and every one whose alerts nothing tells from those of another.
pub fn rules(
    catalog: &Catalog,
    objectives: &[Vec<ResolvedObjective<'_>>],
    options: &Options,
) -> Result<Written, Vec<Incomplete>> {
    let of = |windows: &Vec<ResolvedObjective<'_>>| {
        let losses = losses::of(catalog, windows);
        let subject = Subject::of(catalog, windows, options);
        let name = |subject: &Subject<'_>| subject.objective.document.name().to_owned();
        (losses, subject.map(|subject| (name(&subject), subject.group())))
    };
    let each: Vec<_> = objectives.par_iter().map(of).collect();
    let (mut written, mut wrong) = (Written::default(), Vec::new());
    for (losses, group) in each {
        written.losses.extend(losses);
        match group {
            Some((objective, Ok(group))) => {
                written.file.groups.push(group);
                written.objectives.push(objective);
            }
            Some((_, Err(further))) => wrong.extend(further),
            None => {}
        }
    }
    if wrong.is_empty() { Ok(written) } else { Err(wrong) }
}

/// The queries of an objective; `None` where it is not measured by any.
fn sides(objective: &ResolvedObjective<'_>, options: &Options) -> Option<Sides> {
    match objective.indicator.as_ref()?.measurement.as_ref()? {
        Measurement::Prometheus(question) => {
            Some(Sides::of(question, &objective.group_by, options.most_groups))
        }
        Measurement::Events { .. } | Measurement::Counts { .. } => None,
    }
}

/// An objective whose rules are written.
struct Subject<'a> {
    identity: Identity,
    /// The objective over its first window.
    objective: &'a ResolvedObjective<'a>,
    /// The objective over each of its windows.
    windows: &'a [ResolvedObjective<'a>],
    tiers: &'a [AlertTier],
    sides: Sides,
    options: &'a Options,
}

impl<'a> Subject<'a> {
    /// An objective, given once for each of its windows; `None` where it has no rules.
    fn of(
        catalog: &Catalog,
        windows: &'a [ResolvedObjective<'a>],
        options: &'a Options,
    ) -> Option<Self> {
        let first = windows.first()?;
        let chosen = options.tiers.get(first.document.name());
        Some(Self {
            identity: Identity::of(catalog, first),
            objective: first,
            windows,
            tiers: chosen.unwrap_or(&first.alerting.tiers),
            sides: sides(first, options)?,
            options,
        })
    }
}

impl Subject<'_> {
    fn group(&self) -> Result<RuleGroup, Vec<Incomplete>> {
        let mut rules = recordings::rules(self);
        rules.extend(period::rules(self));
        rules.extend(about::rules(self));
        rules.extend(alerts::rules(self)?);
        let prefix = self.options.group_prefix.as_deref().unwrap_or(GROUP_PREFIX);
        Ok(RuleGroup {
            name: format!("{prefix}{}", self.identity.id),
            interval: self.options.interval,
            rules: rules.into_iter().map(|rule| self.finished(rule)).collect(),
            ..RuleGroup::default()
        })
    }

    /// A rule with the labels that all rules of the objective have.
    fn finished(&self, mut rule: Rule) -> Rule {
        for (key, value) in &self.options.labels {
            rule.labels.entry(key.clone()).or_insert_with(|| value.clone());
        }
        self.identity.on(rule)
    }

    /// A series of this objective: the metric with the labels of the objective.
    fn series(&self, metric: &str) -> String {
        format!("{metric}{}", self.identity.selector())
    }

    /// Whether the budget counts events, and not slices of time.
    fn counts_events(&self) -> bool {
        self.objective.budgeting == Budgeting::Occurrences
    }

    /// Windows whose bad events are recorded because they are added up over a longer time.
    fn summed_up(&self) -> BTreeSet<Duration> {
        let calendars = self.windows.iter().filter_map(|window| window.window.calendar());
        let steps = calendars.map(|calendar| calendar::step(calendar.unit, None));
        let mut rolling = self.windows.iter().filter(|window| window.window.calendar().is_none());
        let hours =
            rolling.any(|window| self.adds_hours(window.objective.window())).then_some(HOUR);
        steps.chain(hours).chain([BASE]).collect()
    }

    /// Whether a rolling window is added up from whole hours: where one more or less makes no difference,
    /// and slices fit into them.
    fn adds_hours(&self, window: Duration) -> bool {
        let slice = self.objective.budgeting.slice().unwrap_or(BASE);
        let fit = slice < HOUR && HOUR.milliseconds().is_multiple_of(slice.milliseconds());
        fit && window >= Duration::from_days(7)
    }

    /// The series of a window.
    fn of_window(&self, metric: &str, window: Duration) -> String {
        self.series(&format!("{metric}{window}"))
    }
}
