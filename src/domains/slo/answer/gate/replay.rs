//! The answer of `sre gate --replay`: what a gate would have said of the past.
use super::{Apart, form::group, objectives, shared, why};
use crate::{
    domains::slo::{
        assess::Reading,
        engine::gate::{
            Decision,
            replay::{ENOUGH, Stretch},
        },
        gated::Replayed,
    },
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, words},
        time::{Zone, rfc3339},
        units::Duration,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The answer for these objectives, in their order. Nothing in it fails a run: the past is over.
pub fn report(replayed: &[Replayed<'_, '_>], every: Duration, zone: &Zone) -> Report {
    let apart = Apart::of(replayed.iter().map(|one| one.assessment));
    let mut table = Table::new().main().columns(apart.columns()).columns([
        Column::new("Policy").priority(2).middle(),
        Column::new("Judged"),
        Column::new("Allow").priority(1),
        Column::new("Warn").priority(1),
        Column::new("Unknown").priority(1),
        Column::new("Freeze"),
        Column::new("Too little history").key("not_enough_history").priority(3),
    ]);
    for one in replayed {
        table.push(row(one));
    }
    let mut stretches = Table::new().columns(apart.columns()).columns([
        Column::new("Frozen from"),
        Column::new("Until"),
        Column::new("Times"),
        Column::new("State"),
        Column::new("Why"),
    ]);
    for one in replayed {
        for stretch in one.replay.freezes() {
            stretches.push(stretch_row(one, &stretch, zone));
        }
    }
    let none = stretches.is_empty();
    let report = Report::of(&GateReplayAnswer::of(replayed, every, zone))
        .block(Block::paragraph(headline(replayed, every, zone)))
        .block(table);
    let report = if none { report } else { report.block(stretches) };
    report.blocks(remarks(replayed, apart))
}

fn headline(replayed: &[Replayed<'_, '_>], every: Duration, zone: &Zone) -> Text {
    let when = if every == Duration::from_days(1) {
        format!("at the end of every day in {zone}")
    } else {
        format!("every {every}, by the days of {zone}")
    };
    let frozen = replayed.iter().filter(|one| one.replay.count(Decision::Freeze) > 0);
    let frozen: BTreeSet<&str> =
        frozen.map(|one| one.assessment.objective.document.name()).collect();
    let frozen = frozen.len();
    let of = objectives(replayed.iter().map(|one| one.assessment));
    Text::new().plain(format!("{when}, changes would have waited for {frozen} of {of}"))
}

fn row(one: &Replayed<'_, '_>) -> Vec<Cell> {
    let count = |decision| Cell::count(one.replay.count(decision) as u64);
    let mut cells = Vec::from(Apart::cells(one.assessment));
    cells.extend([
        Cell::text(one.policy.name),
        Cell::count(one.replay.judged.len() as u64),
        count(Decision::Allow),
        count(Decision::Warn),
        count(Decision::Unknown),
        count(Decision::Freeze),
        Cell::count(one.replay.uncovered as u64),
    ]);
    cells
}

fn stretch_row(one: &Replayed<'_, '_>, stretch: &Stretch<'_>, zone: &Zone) -> Vec<Cell> {
    let mut cells = Vec::from(Apart::cells(one.assessment));
    cells.extend([
        Cell::text(shared::moment(stretch.first.at, zone)),
        stretch.until.map_or(Cell::Missing, |until| Cell::text(shared::moment(until, zone))),
        Cell::count(stretch.moments as u64),
        Cell::text(state(stretch).unwrap_or_default()),
        Cell::text(reasons(stretch, zone).join("; ")),
    ]);
    cells
}

/// The state that began a stretch.
fn state(stretch: &Stretch<'_>) -> Option<String> {
    stretch.first.ruling.state().map(|state| state.name.clone())
}

/// Why it began.
fn reasons(stretch: &Stretch<'_>, zone: &Zone) -> Vec<String> {
    match stretch.first.ruling.state() {
        Some(state) if !stretch.first.ruling.in_doubt() => why(state, zone),
        _ => vec!["cannot be judged, and the policy says `on_unknown: freeze`".to_owned()],
    }
}

fn remarks(replayed: &[Replayed<'_, '_>], apart: Apart) -> Vec<Block> {
    let mut lines: Vec<Text> = Vec::new();
    for one in replayed {
        lines.extend(shared::why_unknown_of(one.assessment, apart.name(one.assessment)));
        if one.replay.judged.is_empty() && one.assessment.reading().is_some() {
            let name = apart.name(one.assessment);
            let window = &one.assessment.objective.window;
            let share = words::number(ENOUGH * 100.0, 0);
            lines.push(Text::new().name(name).plain(format!(
                ": nothing can be judged, for no moment has {share}% of the {window} before it measured"
            )));
        }
    }
    if lines.is_empty() { Vec::new() } else { vec![Block::list(lines)] }
}

/// What a gate would have decided in the past: one item for each objective, window and group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GateReplayAnswer {
    /// The latest moment that an item speaks of, RFC 3339.
    as_of: Option<String>,
    /// How often the gate was asked: `1d` is at the end of every day.
    every: String,
    /// The zone whose days these are.
    time_zone: String,
    /// The objectives.
    items: Vec<ReplayItem>,
}

impl Form for GateReplayAnswer {
    const SCHEMA: &'static str = "sre/gate-replay@1";
}

impl GateReplayAnswer {
    fn of(replayed: &[Replayed<'_, '_>], every: Duration, zone: &Zone) -> Self {
        let last = replayed.iter().filter_map(|one| one.assessment.reading());
        Self {
            as_of: last.map(Reading::at).max().map(rfc3339),
            every: every.to_string(),
            time_zone: zone.name().to_owned(),
            items: replayed.iter().map(|one| ReplayItem::of(one, zone)).collect(),
        }
    }
}

/// What would have been decided about one objective.
#[derive(Debug, Serialize, JsonSchema)]
struct ReplayItem {
    /// Name of the objective.
    name: String,
    /// Its name as people read it.
    display_name: String,
    /// Name of its error budget policy; `default` where it names none.
    policy: String,
    /// Its window: the length, or the calendar's unit, `week`, `month`, `quarter` or `year`.
    window: String,
    /// Values of the labels by which the objective is grouped; null where it is not.
    group: Option<BTreeMap<String, String>>,
    /// The first moment that was judged, RFC 3339.
    from: Option<String>,
    /// The last moment that was judged, RFC 3339.
    to: Option<String>,
    /// How many moments were judged.
    judged: u64,
    /// At how many of them changes may go out.
    allow: u64,
    /// At how many somebody has to look at them.
    warn: u64,
    /// At how many it is not known.
    unknown: u64,
    /// At how many changes wait.
    freeze: u64,
    /// Moments that were not judged, because too little of the window before them was measured.
    not_enough_history: u64,
    /// The stretches of time in which changes wait.
    freezes: Vec<FreezeForm>,
    /// Why nothing is known, where that is so.
    reason: Option<String>,
    /// Name of the data source, or path of the file.
    source: Option<String>,
}

impl ReplayItem {
    fn of(one: &Replayed<'_, '_>, zone: &Zone) -> Self {
        let document = one.assessment.objective.document;
        let judged = &one.replay.judged;
        let count = |decision| one.replay.count(decision) as u64;
        Self {
            name: document.name().to_owned(),
            display_name: document.display_name().to_owned(),
            policy: one.policy.name.to_owned(),
            window: one.assessment.objective.window.to_string(),
            group: group(one.assessment),
            from: judged.first().map(|judged| rfc3339(judged.at)),
            to: judged.last().map(|judged| rfc3339(judged.at)),
            judged: judged.len() as u64,
            allow: count(Decision::Allow),
            warn: count(Decision::Warn),
            unknown: count(Decision::Unknown),
            freeze: count(Decision::Freeze),
            not_enough_history: one.replay.uncovered as u64,
            freezes: one.replay.freezes().iter().map(|one| FreezeForm::of(one, zone)).collect(),
            reason: one.assessment.outcome.as_ref().err().map(|unknown| unknown.reason.clone()),
            source: one.assessment.reading().map(|reading| reading.source.clone()),
        }
    }
}

/// A stretch of time in which changes wait.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Freeze")]
struct FreezeForm {
    /// The first moment at which they do, RFC 3339.
    from: String,
    /// The first moment after it at which they do not, RFC 3339; null where none is known.
    until: Option<String>,
    /// At how many moments they do.
    moments: u64,
    /// The state of the policy that began it.
    state: Option<String>,
    /// Why it began, in sentences.
    reasons: Vec<String>,
}

impl FreezeForm {
    fn of(stretch: &Stretch<'_>, zone: &Zone) -> Self {
        Self {
            from: rfc3339(stretch.first.at),
            until: stretch.until.map(rfc3339),
            moments: stretch.moments as u64,
            state: state(stretch),
            reasons: reasons(stretch, zone),
        }
    }
}
