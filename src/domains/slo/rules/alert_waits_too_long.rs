//! Alerts that wait until the budget is gone.
use crate::{
    domains::slo::{
        model::AlertTier,
        resolve,
        rules::resolved::{policy_of, tiers},
        spec::{ServiceLevelObjective, TierSpec},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field},
        units::{Duration, Ratio},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR012",
    name: "alert-waits-too-long",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-waits-too-long.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let window = resolve::window(document, slo, context.settings);
    let (Some((target, place)), Some(window)) = (slo.target.pair(), window) else { return };
    // The tiers of the default policy do not wait.
    let Some(policy) = policy_of(context, document, slo) else { return };
    let fires = |written| {
        let tier = resolve::tier_of(written, window)?;
        Some(Waiting { written, after: tier.detection_time(*target, Ratio::ONE)?, tier })
    };
    let fires: Vec<Waiting<'_>> = tiers(policy).filter_map(fires).collect();
    let Some(urgent) = fires.iter().map(|one| one.tier.severity).min() else { return };
    let urgent = || fires.iter().filter(|one| one.tier.severity == urgent);
    let (Some(first), Some(at_once)) =
        (urgent().min_by_key(|one| one.after), urgent().map(Waiting::at_once).min())
    else {
        return;
    };
    let gone = outage(*target, window);
    if first.after < gone || at_once >= gone {
        return;
    }
    let message = format!(
        "in a total outage the budget of `{}` is spent after {}, and the first {} fires after {}",
        document.name(),
        whole_seconds(gone),
        first.tier.severity.name(),
        whole_seconds(first.after),
    );
    let at = first.written.hold.as_ref().map_or(first.written.severity.place(), Field::place);
    let least = gone.milliseconds().saturating_sub(first.at_once().milliseconds());
    let least = Duration::from_milliseconds(least);
    findings.push(
        Finding::new(&RULE, at, message)
            .label(format!("`{}` has to hold for `{}`", first.tier.name, first.tier.hold))
            .related(place, "the target")
            .help(format!("let it hold for less than `{}`, or not at all", whole_seconds(least))),
    );
}

/// A tier that fires in a total outage.
struct Waiting<'d> {
    written: &'d TierSpec,
    tier: AlertTier,
    /// After so long.
    after: Duration,
}

impl Waiting<'_> {
    /// After how long it would fire if it did not wait.
    fn at_once(&self) -> Duration {
        let waits = self.tier.hold.milliseconds();
        Duration::from_milliseconds(self.after.milliseconds().saturating_sub(waits))
    }
}

/// How long a total outage is that spends the budget, traffic being even: `(1 − T) · P`.
fn outage(target: Ratio, window: Duration) -> Duration {
    let share = u128::from(target.complement().parts());
    let milliseconds = u128::from(window.milliseconds()) * share / u128::from(Ratio::PARTS);
    Duration::from_milliseconds(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

fn whole_seconds(length: Duration) -> Duration {
    Duration::from_seconds((length.milliseconds() + 500) / 1000)
}
