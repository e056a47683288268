//! Names and values, one under the other.
use super::{Surface, line::Line};
use crate::kernel::report::{Cell, Style, Text};

/// Columns between a name and its value.
const GAP: usize = 2;
/// Room that values need beside their names; with less they go below them.
const ROOM: usize = 16;

/// The lines of `facts`, all values at the same column.
pub(super) fn lines(facts: &[(Text, Cell)], surface: Surface) -> Vec<String> {
    let name = |text: &Text| Line::of(&text.clone().with_default(Style::Muted), surface.unicode);
    let names: Vec<Line> = facts.iter().map(|(text, _)| name(text)).collect();
    let indent = names.iter().map(Line::width).max().unwrap_or(0) + GAP;
    let beside = surface.limit().is_none_or(|limit| indent + ROOM <= limit);
    let indent = if beside { indent } else { GAP };
    let mut lines = Vec::with_capacity(facts.len());
    for (name, (_, value)) in names.into_iter().zip(facts) {
        let value = Line::of(&value.human(None), surface.unicode);
        let mut values = surface.wrapped_within(value, indent).into_iter();
        if beside {
            let padding = " ".repeat(indent - name.width());
            let first = values.next().unwrap_or_default();
            let line = format!("{}{padding}{first}", name.marked(surface.colour));
            lines.push(line.trim_end().to_owned());
        } else {
            lines.extend(surface.wrapped(name));
        }
        lines.extend(values.map(|value| format!("{:indent$}{value}", "")));
    }
    lines
}
