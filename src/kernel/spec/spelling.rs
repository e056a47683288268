//! Old spellings of fields, with the unit in the name.
//!
//! They mean exactly what the new spelling means. They are replaced in the tree before it is decoded,
//! so that nothing else knows of them; the schema, `sre fmt` and the rule that reports them read the
//! same table.
use super::{
    rules,
    tree::{Entry, Node, NodeId, Style, Tree, Value, index},
};
use crate::kernel::{
    diagnostic::Finding,
    source::{Place, SourceId},
    units::{Duration, Ratio},
};
use std::borrow::Cow;

/// One old spelling.
#[derive(Clone, Copy, Debug)]
pub struct Spelling {
    /// Keys from the document's root to the mapping that holds it; `*` stands for every item of a list.
    pub path: &'static [&'static str],
    /// The old field.
    pub old: &'static str,
    /// The field that means the same.
    pub new: &'static str,
    /// How the value becomes the new one.
    pub unit: Unit,
}

/// What a value without a unit means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The value stays as it is.
    Same,
    /// A ratio: 0.99 is 99 %.
    Ratio,
    /// A percentage: 20 is 20 %.
    Percent,
    /// Milliseconds.
    Milliseconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
}

impl Unit {
    /// The new form of an old value; `None` if it is not of that unit.
    pub fn convert(self, text: &str) -> Option<String> {
        let length = |unit: u64| {
            let whole = multiple(text, unit).filter(|length| *length < 1_000_000_000_000_000)?;
            Some(Duration::from_milliseconds(whole).to_string())
        };
        match self {
            Self::Same => Some(text.to_owned()),
            Self::Ratio => text.parse::<Ratio>().ok().map(Ratio::percent),
            Self::Percent => format!("{text}%").parse::<Ratio>().ok().map(Ratio::percent),
            Self::Milliseconds => length(1),
            Self::Minutes => length(60_000),
            Self::Hours => length(3_600_000),
        }
    }

    /// What the unit is, for messages.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Same => "a value",
            Self::Ratio => "a ratio such as `0.99`",
            Self::Percent => "a percentage without its sign, such as `20`",
            Self::Milliseconds => "a number of milliseconds",
            Self::Minutes => "a number of minutes",
            Self::Hours => "a number of hours",
        }
    }
}

/// A plain decimal such as `1.5` times `unit`, if that is a whole number.
fn multiple(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{}", fraction.trim_end_matches('0'));
    let has_digits = !(whole.is_empty() && fraction.is_empty());
    if !has_digits || !(whole.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let scale = 10_u128.checked_pow(u32::try_from(digits.len() - whole.len()).ok()?)?;
    let product = format!("0{digits}").parse::<u128>().ok()?.checked_mul(u128::from(unit))?;
    if product % scale == 0 { u64::try_from(product / scale).ok() } else { None }
}

/// Replaces old spellings in the tree, and reports each.
///
/// Returns the values that could not be converted: they stand under the new spelling, and what is
/// wrong with them is told.
pub fn replace(
    tree: &mut Tree<'_>,
    spellings: &[Spelling],
    source: SourceId,
    findings: &mut Vec<Finding>,
) -> Vec<NodeId> {
    let mut reported = Vec::new();
    for spelling in spellings {
        for map in maps_at(tree, spelling.path) {
            reported.extend(replace_in(tree, map, spelling, source, findings));
        }
    }
    reported
}

/// The nodes at a path, each once however many aliases lead there.
fn maps_at(tree: &Tree<'_>, path: &[&str]) -> Vec<NodeId> {
    let mut nodes = vec![tree.resolve(tree.root)];
    for key in path {
        let next = nodes.into_iter().flat_map(|node| step(tree, node, key));
        nodes = next.map(|node| tree.resolve(node)).collect();
        nodes.sort_unstable();
        nodes.dedup();
    }
    nodes
}

fn step(tree: &Tree<'_>, node: NodeId, key: &str) -> Vec<NodeId> {
    if key == "*" {
        return tree.list(node).map(<[NodeId]>::to_vec).unwrap_or_default();
    }
    tree.get(node, key).into_iter().collect()
}

fn replace_in(
    tree: &mut Tree<'_>,
    map: NodeId,
    spelling: &Spelling,
    source: SourceId,
    findings: &mut Vec<Finding>,
) -> Option<NodeId> {
    let old = tree.entry(map, spelling.old)?;
    let place = |tree: &Tree<'_>, node: NodeId| {
        let node = tree.node(node);
        Place { source, start: node.start, end: node.end }
    };
    let (old_name, new_name) = (spelling.old, spelling.new);
    let (key_place, value_place) = (place(tree, old.key), place(tree, old.value));
    if let Some(new) = tree.entry(map, new_name) {
        let message = format!("`{old_name}` and `{new_name}` mean the same");
        findings.push(
            Finding::new(&rules::INVALID_VALUE, key_place, message)
                .related(place(tree, new.key), format!("`{new_name}` stands here"))
                .help(format!("remove `{old_name}`")),
        );
        remove_entry(tree, map, old);
        return None;
    }
    let key = add_node(tree, old.key, Cow::Borrowed(new_name));
    let finding = Finding::new(
        &rules::DEPRECATED_SPELLING,
        key_place,
        format!("`{old_name}` is an old spelling of `{new_name}`"),
    );
    if spelling.unit == Unit::Same {
        let finding = finding.help(format!("write `{new_name}`"));
        findings.push(finding.fix(key_place, new_name));
        set_entry(tree, map, old, Entry { key, value: old.value });
        return None;
    }
    let converted = tree.scalar(old.value).and_then(|(text, _)| spelling.unit.convert(text));
    let Some(text) = converted else {
        let message = format!("`{old_name}` is {}", spelling.unit.expected());
        findings.push(
            Finding::new(&rules::INVALID_VALUE, value_place, message)
                .help(format!("write `{new_name}` with its unit instead")),
        );
        // A node of its own: an alias may use the same value where it is right.
        let value = add_node(tree, old.value, Cow::Borrowed("?"));
        set_entry(tree, map, old, Entry { key, value });
        return Some(value);
    };
    let whole = Place { end: value_place.end, ..key_place };
    let line = format!("{new_name}: {text}");
    findings.push(finding.help(format!("write `{line}`")).fix(whole, line));
    let value = add_node(tree, old.value, Cow::Owned(text));
    set_entry(tree, map, old, Entry { key, value });
    None
}

/// A scalar with other text in the same place.
fn add_node(tree: &mut Tree<'_>, at: NodeId, text: Cow<'static, str>) -> NodeId {
    let (start, end) = (tree.node(at).start, tree.node(at).end);
    let id = index(tree.nodes.len());
    tree.nodes.push(Node { start, end, value: Value::Scalar(text, Style::Plain) });
    id
}

fn set_entry(tree: &mut Tree<'_>, map: NodeId, old: Entry, new: Entry) {
    let Value::Map(start, end) = tree.node(map).value else { return };
    let entries = &mut tree.entries[start as usize..end as usize];
    if let Some(entry) = entries.iter_mut().find(|entry| entry.key == old.key) {
        *entry = new;
    }
}

/// Takes an entry out of its mapping: the ranges of other mappings stay as they are.
fn remove_entry(tree: &mut Tree<'_>, map: NodeId, old: Entry) {
    let Value::Map(start, end) = tree.node(map).value else { return };
    let range = start as usize..end as usize;
    let Some(at) = tree.entries[range.clone()].iter().position(|entry| entry.key == old.key) else {
        return;
    };
    tree.entries[range].get_mut(at..).map(|tail| tail.rotate_left(1)).unwrap_or_default();
    tree.nodes[map as usize].value = Value::Map(start, end - 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_never_guess() {
        assert_eq!(Unit::Ratio.convert("0.99").as_deref(), Some("99%"));
        assert_eq!(Unit::Ratio.convert("99.9"), None);
        assert_eq!(Unit::Percent.convert("20").as_deref(), Some("20%"));
        assert_eq!(Unit::Milliseconds.convert("200").as_deref(), Some("200ms"));
        assert_eq!(Unit::Hours.convert("1.5").as_deref(), Some("1h30m"));
        assert_eq!(Unit::Hours.convert(".5").as_deref(), Some("30m"));
        assert_eq!(Unit::Milliseconds.convert("007.00").as_deref(), Some("7ms"));
        for bad in ["five", "", ".", "-1", "+1", "1e3", "1.2.3", "999999999.999999999"] {
            assert_eq!(Unit::Minutes.convert(bad), None, "{bad}");
        }
    }
}
