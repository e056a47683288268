//! A handoff at a time that clocks do not show, or show twice.
use crate::{
    domains::oncall::engine::{Handoffs, Rhythm},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
        time::{LocalInstants, Period},
        units::Instant,
    },
};
use chrono::TimeDelta;

pub(super) static RULE: Rule = Rule {
    code: "ONC006",
    name: "handoff-in-clock-change",
    level: Level::Warning,
    fixable: false,
    page: include_str!("handoff-in-clock-change.md"),
    check: Check::Document(check),
};

/// How far ahead to look: rules for clocks are rarely known for longer.
const AHEAD: TimeDelta = TimeDelta::days(2 * 366);

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    let rotation = resolved.spec;
    let Some(layer) = resolved.primary.schedule.layers.first() else { return };
    let Some((turn, told)) = first(&layer.handoffs, context.now) else { return };
    let civil = layer.handoffs.civil(turn).format("%Y-%m-%d %H:%M");
    let place = rotation
        .handoff_time
        .as_ref()
        .map_or(document.name_place(), crate::kernel::spec::Field::place);
    let zone = &resolved.zone;
    let message = format!("the handoff at {civil} is at a time that clocks in {zone} {told}");
    findings.push(
        Finding::new(&RULE, place, message)
            .help("choose a time of day at which clocks are not changed, such as 09:00"),
    );
}

/// The first handoff within two years at such a time.
fn first(handoffs: &Handoffs, now: Instant) -> Option<(i64, String)> {
    // Turns of a few hours pass every clock change, and are meant to.
    let short = handoffs.rhythm.nominal_minutes() < 24 * 60;
    if short || matches!(handoffs.rhythm, Rhythm::Elapsed(_)) {
        return None;
    }
    let ahead = Period { from: now, to: now + AHEAD };
    handoffs.turns(ahead).find_map(|turn| {
        let told = match handoffs.zone.instants_of(handoffs.civil(turn.number)) {
            LocalInstants::One(_) => return None,
            LocalInstants::None { .. } => {
                let local = handoffs.zone.local(turn.period.from).format("%H:%M");
                format!("are put forward over: it is at {local} then")
            }
            LocalInstants::Two { .. } => "show twice: it is at the first".to_owned(),
        };
        Some((turn.number, told))
    })
}
