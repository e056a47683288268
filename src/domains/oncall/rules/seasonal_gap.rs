//! Nobody is on call at some hours of a part of the year.
use crate::{
    domains::oncall::engine::schedule::gaps,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        report::words,
        spec::Document,
    },
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    code: "ONC015",
    name: "seasonal-gap",
    level: Level::Warning,
    fixable: false,
    page: include_str!("seasonal-gap.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    let layers = resolved.primary.schedule.all_layers();
    let zones: BTreeSet<String> =
        layers.iter().map(|layer| layer.handoffs.zone.to_string()).collect();
    // What is open all year round is meant; what is so for a part of it comes of clocks that are changed
    // on different days.
    if zones.len() < 2 {
        return;
    }
    let begun = layers.iter().map(|layer| layer.handoffs.begin(0)).max();
    let from = begun.map_or(context.now, |begun| begun.max(context.now));
    let period = super::year_ahead(&Context { now: from, ..*context });
    // What was changed for some time was changed on purpose.
    let open = gaps(&resolved.primary.schedule.turns_alone().shifts(period), period);
    let days: BTreeSet<_> =
        open.iter().map(|gap| resolved.zone.local(gap.from).date_naive()).collect();
    let weeks: BTreeSet<_> = days.iter().map(chrono::Datelike::iso_week).collect();
    let Some(first) = open.first().filter(|_| weeks.len() < MOST) else { return };
    let at = super::clock(&resolved.zone, first.from);
    let message = format!(
        "nobody is on call at some hours of {} in the year ahead, first at {at}",
        words::plural(weeks.len() as u64, "week")
    );
    findings.push(
        Finding::new(&RULE, document.name_place(), message)
            .help("let hours of layers in different zones overlap by an hour, for clocks are changed on different days")
    );
}

/// Weeks with gaps from which on they are not a matter of the season.
const MOST: usize = 50;
