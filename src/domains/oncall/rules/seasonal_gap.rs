//! Nobody is on call at some hours of a part of the year.
use crate::{
    domains::oncall::{engine::schedule::gaps, resolve, spec::Rotation},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
        time::Period,
    },
};
use chrono::TimeDelta;
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    code: "ONC015",
    name: "seasonal-gap",
    level: Level::Warning,
    fixable: false,
    page: include_str!("seasonal-gap.md"),
    check: Check::Document(check),
};

/// How far ahead to look.
const AHEAD: TimeDelta = TimeDelta::days(365);

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(rotation) = document.spec::<Rotation>().filter(|it| !it.layers.is_empty()) else {
        return;
    };
    let Ok(resolved) = resolve::resolve(context.catalog, document, rotation) else { return };
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
    let period = Period { from, to: from + AHEAD };
    let open = gaps(&resolved.primary.schedule.shifts(period), period);
    let days: BTreeSet<_> =
        open.iter().map(|gap| resolved.zone.local(gap.from).date_naive()).collect();
    let weeks: BTreeSet<_> = days.iter().map(chrono::Datelike::iso_week).collect();
    let Some(first) = open.first().filter(|_| weeks.len() < MOST) else { return };
    let at = resolved.zone.local(first.from).format("%Y-%m-%d %H:%M");
    let message = format!(
        "nobody is on call in {} weeks of the year ahead, first at {at} {}",
        weeks.len(),
        resolved.zone
    );
    findings.push(
        Finding::new(&RULE, document.name_place(), message)
            .help("let hours of layers in different zones overlap by an hour, for clocks are changed on different days")
    );
}

/// Weeks with gaps from which on they are not a matter of the season.
const MOST: usize = 50;
