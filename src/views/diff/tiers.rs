//! Alert tiers that came, went, or fire at something else than before.
use super::Level;
use crate::{
    domains::slo::model::{AlertTier, Objective},
    kernel::{
        report::words,
        units::{Duration, Ratio, compare_fractions},
    },
};
use std::cmp::Ordering;

/// A tier for an objective: where it stands in the workbook's terms.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Standing {
    pub(super) tier: AlertTier,
    pub(super) objective: Objective,
}

/// A tier that is not what it was.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TierChange {
    pub(super) name: String,
    pub(super) level: Level,
    pub(super) before: Option<Standing>,
    pub(super) after: Option<Standing>,
}

impl Standing {
    /// Error ratio above which it fires: `F · (1 − T)`. Shape: at 1 and above it never fires.
    pub(super) fn error_ratio(&self) -> f64 {
        let (numerator, denominator) = self.tier.factor.error_ratio(self.objective.target());
        numerator as f64 / denominator as f64
    }

    /// Share of the budget that is spent when it fires, traffic being even.
    pub(super) fn budget_share(&self) -> f64 {
        self.tier.budget_share_when_firing(self.objective.window())
    }

    /// How long a total outage goes on before it fires; `None` where it never does.
    pub(super) fn notices_outage_after(&self) -> Option<Duration> {
        self.tier.detection_time(self.objective.target(), Ratio::ONE)
    }

    /// What the tier itself says, part by part; parts that are not said are empty.
    fn own_parts(&self) -> Vec<String> {
        let tier = &self.tier;
        let maybe = |text: Option<String>| text.unwrap_or_default();
        let minimum = |count: u64, what: &str| format!("from {} on", words::plural(count, what));
        vec![
            tier.severity.name().to_owned(),
            format!("{}/{}", tier.long, tier.short),
            format!("burn rate above {}", tier.factor),
            if tier.hold.is_zero() { String::new() } else { format!("for {}", tier.hold) },
            format!("{} of the budget", words::percent(self.budget_share())),
            maybe(tier.minimum_events.map(|count| minimum(count, "event"))),
            maybe(tier.minimum_bad_events.map(|count| minimum(count, "bad event"))),
            maybe(tier.confidence.map(|level| format!("{} sure", level.percent()))),
            if tier.event_weighted { "weighted by events".to_owned() } else { String::new() },
            labels("labels", &tier.labels),
            labels("annotations", &tier.annotations),
        ]
    }

    /// What follows for the objective.
    fn derived_parts(&self) -> Vec<String> {
        match self.notices_outage_after() {
            None => vec!["never fires".to_owned()],
            Some(after) => {
                let after = Duration::from_seconds((after.milliseconds() + 500) / 1000);
                vec![
                    format!("errors above {}", words::percent(self.error_ratio())),
                    format!("outage noticed after {}", words::span_short(after)),
                ]
            }
        }
    }
}

fn labels(what: &str, labels: &std::collections::BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if pairs.is_empty() { String::new() } else { format!("{what} {}", pairs.join(", ")) }
}

impl TierChange {
    /// What the tier was and what it is, as far as they differ: what it says itself, or where that is the
    /// same, what follows for the objective.
    pub(super) fn texts(&self) -> (Option<String>, Option<String>) {
        let whole = |standing: &Standing| {
            let parts = [standing.own_parts(), standing.derived_parts()].concat();
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
        };
        let (Some(before), Some(after)) = (&self.before, &self.after) else {
            return (self.before.as_ref().map(whole), self.after.as_ref().map(whole));
        };
        let own = differing(&before.own_parts(), &after.own_parts());
        let (was, is) = own.unwrap_or_else(|| {
            (before.derived_parts().join(", "), after.derived_parts().join(", "))
        });
        let renamed = before.tier.name != after.tier.name;
        let named = |text: String, standing: &Standing| {
            if renamed { [standing.tier.name.as_str(), &text].join(" ") } else { text }
        };
        (Some(named(was, before)), Some(named(is, after)))
    }

    /// Whether the tier itself says the same, and only what follows differs.
    pub(super) fn is_derived(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => before.tier == after.tier,
            _ => false,
        }
    }
}

/// The parts that differ on each side; `None` where none does.
fn differing(before: &[String], after: &[String]) -> Option<(String, String)> {
    let pairs = before.iter().zip(after).filter(|(before, after)| before != after);
    let said = |part: &String| if part.is_empty() { "-".to_owned() } else { part.clone() };
    let (before, after): (Vec<String>, Vec<String>) =
        pairs.map(|(before, after)| (said(before), said(after))).unzip();
    (!before.is_empty()).then(|| (before.join(", "), after.join(", ")))
}

/// What became of the tiers, in the order of the new policy, those that are gone last.
pub(super) fn changes(
    (before, old): (Objective, &[AlertTier]),
    (after, new): (Objective, &[AlertTier]),
) -> Vec<TierChange> {
    let mut left: Vec<&AlertTier> = old.iter().collect();
    let mut take = |matches: &dyn Fn(&AlertTier) -> bool| {
        let at = left.iter().position(|tier| matches(tier))?;
        Some(left.remove(at))
    };
    // By name first, for all of them: a tier is not the heir of one that still has its name.
    let mut pairs: Vec<(Option<&AlertTier>, &AlertTier)> =
        new.iter().map(|tier| (take(&|one| one.name == tier.name), tier)).collect();
    for (old, tier) in pairs.iter_mut().filter(|(old, _)| old.is_none()) {
        *old = take(&|one| {
            (one.severity, one.long, one.short) == (tier.severity, tier.long, tier.short)
        });
    }
    let standing = |tier: &AlertTier, objective| Standing { tier: tier.clone(), objective };
    let pairs = pairs.into_iter().map(|(old, new)| (old, Some(new)));
    let gone = left.into_iter().map(|old| (Some(old), None));
    let changes = pairs.chain(gone).filter_map(|(old, new)| {
        let (old, new) =
            (old.map(|tier| standing(tier, before)), new.map(|tier| standing(tier, after)));
        let name = new.as_ref().or(old.as_ref())?.tier.name.clone();
        let level = level(old.as_ref(), new.as_ref());
        let change = TierChange { name, level, before: old, after: new };
        let (was, is) = change.texts();
        (was != is).then_some(change)
    });
    changes.collect()
}

/// Whether alerts come sooner or later.
fn level(before: Option<&Standing>, after: Option<&Standing>) -> Level {
    let (before, after) = match (before, after) {
        (None, None) => return Level::Cosmetic,
        (None, Some(_)) => return Level::Tightened,
        (Some(_), None) => return Level::Loosened,
        (Some(before), Some(after)) => (before, after),
    };
    let (old, new) = (&before.tier, &after.tier);
    let threshold = compare_fractions(
        new.factor.error_ratio(after.objective.target()),
        old.factor.error_ratio(before.objective.target()),
    );
    // Whatever holds a tier back: more of it, and it fires later.
    let held_back = [
        threshold,
        // A page is the lesser one, and a ticket is what reaches people later.
        new.severity.cmp(&old.severity),
        new.hold.cmp(&old.hold),
        new.minimum_events.cmp(&old.minimum_events),
        new.minimum_bad_events.cmp(&old.minimum_bad_events),
        new.confidence.cmp(&old.confidence),
        new.event_weighted.cmp(&old.event_weighted),
    ];
    let by_order = |order: Ordering| Level::by_order(order, Level::Loosened, Level::Tightened);
    let other = (old.long, old.short) != (new.long, new.short)
        || (&old.name, &old.labels) != (&new.name, &new.labels);
    let other = if other { Level::Changed } else { Level::Cosmetic };
    held_back.into_iter().map(by_order).fold(other, Level::max)
}
