//! Adding to documents that people wrote: what is around it stays as it is, comments and order included.
use super::{
    tree::{Entry, Tree, Value},
    yaml,
};
use crate::kernel::source::Place;
use serde::Deserialize as _;
use serde_yaml::Value as Yaml;

/// Adds `item`, a value in one line of YAML, to the list `spec.<list>` of the document at `place`, which
/// gets that list where it has none. The result is read again by another parser: it says what it said, and
/// the item.
///
/// # Errors
/// Why it cannot be added, in words.
pub fn to_list(text: &str, place: Place, list: &str, item: &str) -> Result<String, String> {
    let stream = yaml::parse(text);
    let within = |at: u32| place.start <= at && at <= place.end;
    let found = stream
        .documents
        .iter()
        .enumerate()
        .find(|(_, document)| within(document.tree.node(document.tree.root).start));
    let Some((number, document)) = found else {
        return Err("the document is not there any more".to_owned());
    };
    let (at, added) = addition(text, &document.tree, list, item)?;
    let mut edited = String::with_capacity(text.len() + added.len());
    edited.push_str(&text[..at]);
    edited.push_str(&added);
    edited.push_str(&text[at..]);
    let (Some(mut expected), Some(values), Ok(item)) =
        (values(text), values(&edited), serde_yaml::from_str::<Yaml>(item))
    else {
        return Err("it could not be read any more".to_owned());
    };
    let spec = expected.get_mut(number).and_then(|document| document.get_mut("spec"));
    match spec.and_then(Yaml::as_mapping_mut) {
        Some(spec) => match spec.get_mut(list).and_then(Yaml::as_sequence_mut) {
            Some(items) => items.push(item),
            None => {
                spec.insert(list.into(), Yaml::Sequence(vec![item]));
            }
        },
        None => return Err("it has no `spec`".to_owned()),
    }
    if values == expected { Ok(edited) } else { Err("more than that would change".to_owned()) }
}

/// What is written, and before which byte.
fn addition(
    text: &str,
    tree: &Tree<'_>,
    field: &str,
    item: &str,
) -> Result<(usize, String), String> {
    let spec = tree.entry(tree.root, "spec").ok_or("it has no `spec`")?;
    let Some(entry) = tree.entry(spec.value, field) else {
        let entries = tree.map(spec.value).unwrap_or_default();
        let (first, end) = entries.first().zip(entries.last()).ok_or("its `spec` is empty")?;
        let column = block_column(text, tree, *first).ok_or("its `spec` is written in braces")?;
        let pad = " ".repeat(column);
        let at = end_of_line(text, last_byte(tree, end.value));
        return Ok((
            at,
            on_a_line_of_its_own(text, at, &format!("{pad}{field}:\n{pad}  - {item}\n")),
        ));
    };
    let node = tree.node(entry.value);
    let items = match &node.value {
        Value::List(..) => tree.list(entry.value).unwrap_or_default(),
        Value::Alias(_) => return Err(format!("`{field}` is an alias")),
        Value::Scalar(..) | Value::Map(..) => return Err(format!("`{field}` is not a list")),
    };
    if text.as_bytes().get(node.start as usize) == Some(&b'[') {
        let close = (node.end as usize).checked_sub(1).ok_or("its list does not end")?;
        let comma = if items.is_empty() { "" } else { ", " };
        return Ok((close, format!("{comma}{item}")));
    }
    let (first, end) = items.first().zip(items.last()).ok_or("its list is empty")?;
    let begin = tree.node(*first).start as usize;
    let line = text[..begin].rfind('\n').map_or(0, |end| end + 1);
    let dash = text[line..begin].find('-').ok_or("its items do not begin with `-`")?;
    let pad = &text[line..line + dash];
    if !pad.trim().is_empty() {
        return Err("its items do not begin with `-` on their own lines".to_owned());
    }
    let at = end_of_line(text, last_byte(tree, *end));
    Ok((at, on_a_line_of_its_own(text, at, &format!("{pad}- {item}\n"))))
}

/// The column of a mapping's keys; `None` where they share lines with braces.
fn block_column(text: &str, tree: &Tree<'_>, first: Entry) -> Option<usize> {
    let start = tree.node(first.key).start as usize;
    let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
    text[line..start].bytes().all(|byte| byte == b' ').then_some(start - line)
}

/// The last byte of a node and of everything in it.
fn last_byte(tree: &Tree<'_>, id: super::tree::NodeId) -> usize {
    let node = tree.node(id);
    let inner = match &node.value {
        Value::List(..) => {
            tree.list(id).and_then(|items| items.last()).map(|id| last_byte(tree, *id))
        }
        Value::Map(..) => tree
            .map(id)
            .and_then(|entries| entries.last())
            .map(|entry| last_byte(tree, entry.value)),
        Value::Scalar(..) | Value::Alias(_) => None,
    };
    // The end of a block is where the next thing begins, that of a bracket behind it.
    match inner {
        Some(inner) => inner.max(trimmed_end(node.end, inner)),
        None => node.end as usize,
    }
}

/// The end of a collection, unless that is only the beginning of what follows.
fn trimmed_end(end: u32, inner: usize) -> usize {
    let end = end as usize;
    if end <= inner + 2 { end } else { inner }
}

/// Behind the line break of the line in which a byte lies.
fn end_of_line(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    // A block scalar ends with its line break.
    if at > 0 && text.as_bytes().get(at - 1) == Some(&b'\n') {
        return at;
    }
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// Lines to be added before a byte; with the line break that the file's last line may lack, and with the
/// file's own line ends.
fn on_a_line_of_its_own(text: &str, at: usize, lines: &str) -> String {
    let begun = at > 0 && text.as_bytes().get(at - 1) != Some(&b'\n');
    let lines = if begun { format!("\n{lines}") } else { lines.to_owned() };
    if text.contains("\r\n") { lines.replace('\n', "\r\n") } else { lines }
}

/// The documents of a text as plain values.
fn values(text: &str) -> Option<Vec<Yaml>> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|document| Yaml::deserialize(document).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::source::SourceId;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let place =
            Place { source: SourceId(0), start: 0, end: u32::try_from(text.len()).unwrap() };
        assert_eq!(to_list(text, place, "overrides", "{user: bob}").as_deref(), Ok(expected));
    }

    #[test]
    fn lists_are_made_and_lengthened_where_they_stand() {
        check(
            "kind: R # a\nspec:\n  a: 1 # b\n\n# end\n",
            "kind: R # a\nspec:\n  a: 1 # b\n  overrides:\n    - {user: bob}\n\n# end\n",
        );
        check(
            "spec:\n  overrides:\n  - user: eve # why\n    x: 1\n\n  b: 2\n",
            "spec:\n  overrides:\n  - user: eve # why\n    x: 1\n  - {user: bob}\n\n  b: 2\n",
        );
        check("spec:\n  overrides: [{a: 1}]\n", "spec:\n  overrides: [{a: 1}, {user: bob}]\n");
        check("spec:\n  overrides: []\n", "spec:\n  overrides: [{user: bob}]\n");
        check("spec:\n  a: 1", "spec:\n  a: 1\n  overrides:\n    - {user: bob}\n");
        check(
            "spec:\r\n  a: [1,\r\n    2]\r\nmore: 1\r\n",
            "spec:\r\n  a: [1,\r\n    2]\r\n  overrides:\r\n    - {user: bob}\r\nmore: 1\r\n",
        );
        check(
            "spec:\n  overrides:\n    - {user: eve}\n---\nspec: {}\n",
            "spec:\n  overrides:\n    - {user: eve}\n    - {user: bob}\n---\nspec: {}\n",
        );
        check(
            "spec:\n  text: |\n    a\n    b\nkind: R\n",
            "spec:\n  text: |\n    a\n    b\n  overrides:\n    - {user: bob}\nkind: R\n",
        );
    }

    #[test]
    fn what_cannot_be_added_to_is_refused() {
        for text in [
            "spec: {a: 1}\n",
            "spec:\n  overrides: bob\n",
            "spec:\n  a: &x [1]\n  overrides: *x\n",
            "kind: R\n",
            "spec:\n  overrides:\n",
        ] {
            let end = u32::try_from(text.len()).unwrap();
            let place = Place { source: SourceId(0), start: 0, end };
            assert!(to_list(text, place, "overrides", "{user: bob}").is_err(), "{text}");
        }
    }
}
