//! A tier of alerts that never says anything new.
use crate::{
    domains::slo::{
        model::AlertTier,
        resolve::tier_of,
        rules::resolved::{own_policy, tiers},
        spec::TierSpec,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
        units::Duration,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ALR002",
    name: "alert-tier-implied",
    level: Level::Warning,
    fixable: false,
    page: include_str!("alert-tier-implied.md"),
    check: Check::Document(check),
};

/// Shares of a budget become burn rates by a period, the same for all of them, so that comparing them
/// does not depend on which; a share and a burn rate are not compared.
const ANY_PERIOD: Duration = Duration::from_days(30);

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((policy, _)) = own_policy(document) else { return };
    let tiers: Vec<(&TierSpec, AlertTier)> = tiers(policy)
        .filter_map(|written| Some((written, tier_of(written, ANY_PERIOD)?)))
        .collect();
    for (at, (written, tier)) in tiers.iter().enumerate() {
        let louder = tiers.iter().enumerate().find(|(other_at, (other_written, other))| {
            let comparable = written.burn_rate.is_some() == other_written.burn_rate.is_some();
            let tells_the_same = tier.implies(other) && other.severity <= tier.severity;
            // Of two that imply each other the first one stays.
            let stays = *other_at < at || !(other.implies(tier) && tier.severity <= other.severity);
            at != *other_at && comparable && tells_the_same && stays
        });
        if let Some((_, (other_written, other))) = louder {
            let message = format!(
                "`{}` adds nothing: whenever it fires, `{}` fires as well",
                tier.name, other.name
            );
            findings.push(
                Finding::new(&RULE, written.long.place(), message)
                    .related(
                        other_written.long.place(),
                        format!(
                            "same windows, burn rate {} instead of {}",
                            other.factor, tier.factor
                        ),
                    )
                    .help("remove it, or give it other windows"),
            );
        }
    }
}
