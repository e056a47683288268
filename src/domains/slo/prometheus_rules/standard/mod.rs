//! Our own rules: under the names that Sloth's dashboards know, and right where Sloth's are wrong.
//!
//! Each objective is one group, whose rules see what those before them recorded at the same moment:
//! events per window and the share of bad ones ([`recordings`]), the budget of the objective's window
//! ([`period`]), what is known without measuring ([`about`]), alerts ([`alerts`]). What the documents say
//! and rules cannot is in [`losses`]. `docs/design/prometheus-rules.md` says where and why this differs
//! from Sloth.
mod about;
mod alerts;
mod annotations;
mod decimal;
mod identity;
mod losses;
mod period;
mod recordings;
mod sides;

pub use identity::Identity;

use super::{Rule, RuleFile, RuleGroup};
use crate::{
    domains::slo::resolve::{Incomplete, Measurement, ResolvedObjective},
    kernel::{
        spec::{Catalog, Loss},
        units::Duration,
    },
};
use sides::Sides;
use std::collections::BTreeMap;

/// The window over which events are recorded to be summed up over the objective's window, and which says
/// how fast the budget is spent now.
const BASE: Duration = Duration::from_minutes(5);

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
}

/// What names of groups begin with unless said otherwise.
pub const GROUP_PREFIX: &str = "slo-";

/// Rules, and what they do not say.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The rules.
    pub file: RuleFile,
    /// What the documents say and the rules cannot.
    pub losses: Vec<Loss>,
}

/// Rules for objectives, each of which is given once for each of its windows.
///
/// # Errors
/// A tier that can never fire.
pub fn rules(
    catalog: &Catalog,
    objectives: &[Vec<ResolvedObjective<'_>>],
    options: &Options,
) -> Result<Written, Incomplete> {
    let mut written = Written::default();
    for windows in objectives {
        let Some(first) = windows.first() else { continue };
        written.losses.extend(losses::of(catalog, windows));
        let Some(sides) = sides(first) else { continue };
        let subject =
            Subject { identity: Identity::of(catalog, first), objective: first, sides, options };
        written.file.groups.push(subject.group()?);
    }
    Ok(written)
}

/// The queries of an objective; `None` where it is not measured by any.
fn sides(objective: &ResolvedObjective<'_>) -> Option<Sides> {
    match objective.indicator.as_ref()?.measurement.as_ref()? {
        Measurement::Prometheus(question) => Some(Sides::of(question, &objective.group_by)),
        Measurement::Events { .. } | Measurement::Counts { .. } => None,
    }
}

/// An objective whose rules are written.
struct Subject<'a> {
    identity: Identity,
    objective: &'a ResolvedObjective<'a>,
    sides: Sides,
    options: &'a Options,
}

impl Subject<'_> {
    fn group(&self) -> Result<RuleGroup, Incomplete> {
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

    /// The series of a window.
    fn of_window(&self, metric: &str, window: Duration) -> String {
        self.series(&format!("{metric}{window}"))
    }
}
