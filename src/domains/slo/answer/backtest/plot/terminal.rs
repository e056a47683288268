//! The picture as lines of text.
use super::{Extent, Lane, Scene, Tick, Track, logarithmic};
use crate::kernel::report::words;

/// Columns before the time begins.
const GUTTER: usize = 12;
/// Lines of the error ratio.
const HEIGHT: usize = 4;

/// What lines are drawn with.
struct Pens {
    /// From nothing to a full cell.
    levels: &'static [char],
    fires: char,
    quiet: char,
    unknown: char,
    tick: char,
}

const UNICODE: Pens = Pens {
    levels: &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
    fires: '█',
    quiet: '·',
    unknown: '?',
    tick: '└',
};

const ASCII: Pens = Pens {
    levels: &[' ', '.', ':', '-', '=', '+', '*', '%', '#'],
    fires: '#',
    quiet: '.',
    unknown: '?',
    tick: '|',
};

/// The scene in lines that are at most `width` wide; at least 40.
pub fn text(scene: &Scene, width: usize, unicode: bool) -> String {
    let pens = if unicode { &UNICODE } else { &ASCII };
    let cells = width.max(40) - GUTTER;
    let mut lines = errors(scene, cells, pens);
    lines.extend(scene.tiers.iter().map(|track| line(&track.name, &burn(track, cells, pens))));
    let rows = scene.alerts.iter().chain([&scene.incidents]);
    lines.extend(rows.map(|one| line(&one.name, &lane(one, cells, pens))));
    lines.push(line("", &axis(&scene.ticks, cells, pens)));
    lines.join("\n")
}

/// A line with its name in the gutter.
fn line(name: &str, cells: &str) -> String {
    let name: String = name.chars().take(GUTTER - 1).collect();
    format!("{name:<GUTTER$}{cells}").trim_end().to_owned()
}

/// The values of the columns that a cell stands for.
fn of_cell(values: &[Option<Extent>], cell: usize, cells: usize) -> Option<f64> {
    let from = cell * values.len() / cells;
    let to = ((cell + 1) * values.len()).div_ceil(cells).max(from + 1).min(values.len());
    let found = values.get(from..to)?.iter().flatten().map(|one| one.most);
    found.reduce(f64::max)
}

fn errors(scene: &Scene, cells: usize, pens: &Pens) -> Vec<String> {
    let scale = (scene.budget / 10.0, 1.0);
    let steps = pens.levels.len() - 1;
    let heights: Vec<Option<usize>> = (0..cells)
        .map(|cell| {
            of_cell(&scene.errors, cell, cells).map(|ratio| height(ratio, scale, HEIGHT * steps))
        })
        .collect();
    let rows = (0..HEIGHT).rev().map(|row| {
        let pen = |height: &Option<usize>| match height {
            None => ' ',
            Some(height) => level(height.saturating_sub(row * steps), pens),
        };
        let label = match row {
            0 => words::percent(scale.0),
            row if row == HEIGHT - 1 => "errors 100%".to_owned(),
            _ => String::new(),
        };
        let label = if row == 0 { format!("{label:>11}") } else { label };
        line(&label, &heights.iter().map(pen).collect::<String>())
    });
    rows.collect()
}

/// Long windows: full above the factor, lower below it.
fn burn(track: &Track, cells: usize, pens: &Pens) -> String {
    let most = pens.levels.len() - 1;
    let scale = (track.threshold / 50.0, track.threshold);
    let each = (0..cells).map(|cell| match of_cell(&track.long, cell, cells) {
        None => pens.unknown,
        Some(rate) if rate > track.threshold => level(most, pens),
        Some(rate) => level(height(rate, scale, most - 1), pens),
    });
    each.collect()
}

/// How many of so many steps a value is high; one at least where it is above nothing.
fn height(value: f64, scale: (f64, f64), steps: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a small whole number"
    )]
    let height = (logarithmic(value, scale) * steps as f64).round() as usize;
    if value > 0.0 { height.max(1) } else { 0 }
}

fn level(height: usize, pens: &Pens) -> char {
    let most = pens.levels.len() - 1;
    pens.levels.get(height.min(most)).copied().unwrap_or(' ')
}

fn lane(lane: &Lane, cells: usize, pens: &Pens) -> String {
    let each = (0..cells).map(|cell| {
        let (from, to) = (cell as f64 / cells as f64, (cell as f64 + 1.0) / cells as f64);
        // What is shorter than a cell is seen nevertheless.
        let fires = |bar: &&(f64, f64)| bar.0 < to && (bar.1 > from || bar.0 >= from);
        if lane.bars.iter().any(|bar| fires(&bar)) {
            pens.fires
        } else if from < lane.unknown_until {
            pens.unknown
        } else {
            pens.quiet
        }
    });
    each.collect()
}

fn axis(ticks: &[Tick], cells: usize, pens: &Pens) -> String {
    let mut axis: Vec<char> = Vec::with_capacity(cells);
    for tick in ticks {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a small whole number"
        )]
        let at = (tick.at * cells as f64).floor() as usize;
        let is_free = axis.is_empty() || at > axis.len();
        if is_free && at + 1 + tick.label.chars().count() <= cells {
            axis.resize(at, ' ');
            axis.push(pens.tick);
            axis.extend(tick.label.chars());
        }
    }
    axis.into_iter().collect()
}
