//! Trees: every line behind the branches that lead to it.
use super::{Surface, line::Line};
use crate::kernel::report::Branch;

/// What branches are drawn with: past a line, to a line, to the last line, past nothing.
type Strokes = [&'static str; 4];

const UNICODE: Strokes = ["│  ", "├─ ", "└─ ", "   "];
const ASCII: Strokes = ["|  ", "|- ", "`- ", "   "];

/// Columns that the text of a line keeps, however deep it stands.
const NARROWEST: usize = 24;

/// The lines of a tree.
pub(super) fn lines(branches: &[Branch], surface: Surface) -> Vec<String> {
    let strokes = if surface.unicode { UNICODE } else { ASCII };
    let is_last = last_of_their_kind(branches);
    // For each depth above the line, whether something follows there.
    let mut follows: Vec<bool> = Vec::new();
    let mut lines = Vec::new();
    for (at, branch) in branches.iter().enumerate() {
        follows.truncate(branch.depth);
        let above = follows.get(1..).unwrap_or_default();
        let base: String =
            above.iter().map(|goes_on| strokes[if *goes_on { 0 } else { 3 }]).collect();
        follows.resize(branch.depth, false);
        follows.push(!is_last[at]);
        let has_more = branches.get(at + 1).is_some_and(|next| next.depth > branch.depth);
        let (first, later) = match branch.depth {
            0 => ("", ""),
            _ if is_last[at] => (strokes[2], strokes[3]),
            _ => (strokes[1], strokes[0]),
        };
        let below = strokes[if has_more { 0 } else { 3 }];
        let line = Line::of(&branch.text, surface.unicode);
        for (part, text) in wrapped(line, 3 * branch.depth, surface).into_iter().enumerate() {
            lines.push(match part {
                0 => format!("{base}{first}{text}"),
                _ => format!("{base}{later}{below}{text}"),
            });
        }
    }
    lines
}

/// The line in parts that fit behind its branches; those after the first stand three columns further in.
fn wrapped(line: Line, indent: usize, surface: Surface) -> Vec<String> {
    let width = line.width();
    let parts = match surface.limit() {
        Some(limit) if indent + width > limit => {
            line.wrapped(limit.saturating_sub(indent + 3).max(NARROWEST))
        }
        _ => vec![line],
    };
    parts.iter().map(|part| part.marked(surface.colour)).collect()
}

/// For each line, whether no other of its depth follows below the same line.
fn last_of_their_kind(branches: &[Branch]) -> Vec<bool> {
    let mut last = vec![false; branches.len()];
    let mut seen: Vec<bool> = Vec::new();
    for (at, branch) in branches.iter().enumerate().rev() {
        seen.resize(branch.depth + 1, false);
        last[at] = !std::mem::replace(&mut seen[branch.depth], true);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(branches: &[(usize, &str)], surface: Surface) -> String {
        let branches: Vec<Branch> = branches
            .iter()
            .map(|(depth, text)| Branch { depth: *depth, text: (*text).into() })
            .collect();
        lines(&branches, surface).join("\n")
    }

    #[test]
    fn branches_lead_to_every_line() {
        let tree = [(0, "a"), (1, "b"), (2, "c"), (3, "d"), (1, "e"), (2, "f"), (2, "g"), (0, "h")];
        let expected = "a\n├─ b\n│  └─ c\n│     └─ d\n└─ e\n   ├─ f\n   └─ g\nh";
        assert_eq!(drawn(&tree, Surface::PIPE), expected);
        let ascii = "a\n|- b\n|  `- c\n|     `- d\n`- e\n   |- f\n   `- g\nh";
        assert_eq!(drawn(&tree, Surface::plain(None)), ascii);
        assert_eq!(drawn(&[], Surface::PIPE), "");
    }

    #[test]
    fn long_lines_go_on_beside_the_branches() {
        let long = "one two three four five six seven eight";
        let tree = [(0, long), (1, long), (2, "x"), (1, long)];
        let expected = "\
one two three four five
|  six seven eight
|- one two three four five
|  |  six seven eight
|  `- x
`- one two three four five
      six seven eight";
        assert_eq!(drawn(&tree, Surface::plain(Some(27))), expected);
    }

    #[test]
    fn what_stands_deeper_than_the_terminal_is_wide_is_still_shown() {
        let tree: Vec<(usize, &str)> = (0..40).map(|depth| (depth, "name")).collect();
        assert!(drawn(&tree, Surface::plain(Some(20))).lines().all(|line| line.ends_with("name")));
    }
}
