//! Adding to documents that people wrote: what is around it stays as it is, comments and order included.
use super::{
    tree::{Entry, NodeId, Tree, Value},
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
    let added = |tree: &Tree<'_>| addition(text, tree, list, item);
    changed(text, place, added, item, |spec, item| {
        match spec.get_mut(list).and_then(Yaml::as_sequence_mut) {
            Some(items) => items.push(item),
            None => {
                spec.insert(list.into(), Yaml::Sequence(vec![item]));
            }
        }
    })
}

/// Adds `field`, with `value` in one line of YAML, to the `spec` of the document at `place`, which does not have
/// it. The result is read again by another parser, as that of [`to_list`].
///
/// # Errors
/// Why it cannot be added, in words.
pub fn field(text: &str, place: Place, field: &str, value: &str) -> Result<String, String> {
    let added = |tree: &Tree<'_>| {
        let spec = tree.entry(tree.root, "spec").ok_or("it has no `spec`")?;
        if tree.entry(spec.value, field).is_some() {
            return Err(format!("`{field}` stands there already"));
        }
        line(text, tree, spec, |pad| format!("{pad}{field}: {value}\n"))
    };
    changed(text, place, added, value, |spec, value| {
        spec.insert(field.into(), value);
    })
}

/// The text with an addition to the document at `place`, if that adds nothing else to what the text says.
fn changed(
    text: &str,
    place: Place,
    added: impl FnOnce(&Tree<'_>) -> Result<(usize, String), String>,
    value: &str,
    add: impl FnOnce(&mut serde_yaml::Mapping, Yaml),
) -> Result<String, String> {
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
    let (at, added) = added(&document.tree)?;
    let mut edited = String::with_capacity(text.len() + added.len());
    edited.push_str(&text[..at]);
    edited.push_str(&added);
    edited.push_str(&text[at..]);
    let (Some(mut expected), Some(values), Ok(value)) =
        (values(text), values(&edited), serde_yaml::from_str::<Yaml>(value))
    else {
        return Err("it could not be read any more".to_owned());
    };
    let spec = expected.get_mut(number).and_then(|document| document.get_mut("spec"));
    match spec.and_then(Yaml::as_mapping_mut) {
        Some(spec) => add(spec, value),
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
        return line(text, tree, spec, |pad| format!("{pad}{field}:\n{pad}  - {item}\n"));
    };
    let node = tree.node(entry.value);
    let items = match &node.value {
        Value::List(..) => tree.list(entry.value).unwrap_or_default(),
        Value::Alias(_) => return Err(format!("`{field}` is an alias")),
        Value::Scalar(..) | Value::Map(..) => return Err(format!("`{field}` is not a list")),
    };
    if text.as_bytes().get(node.start as usize) == Some(&b'[') {
        let close = (node.end as usize).checked_sub(1).ok_or("its list does not end")?;
        let before = text[..close].trim_end();
        // Behind the last item, or the comma behind it.
        let comma = if before.ends_with(['[', ',']) { "" } else { "," };
        let space = if before.ends_with('[') { "" } else { " " };
        return Ok((before.len(), format!("{comma}{space}{item}")));
    }
    let (first, end) = items.first().zip(items.last()).ok_or("its list is empty")?;
    // The dash may stand on a line before its item.
    let before = text[..tree.node(*first).start as usize].trim_end();
    let pad = before
        .strip_suffix('-')
        .map(|before| &before[before.rfind('\n').map_or(0, |end| end + 1)..]);
    let pad = pad
        .filter(|pad| pad.bytes().all(|byte| byte == b' '))
        .ok_or("its items do not begin with `-` on their own lines")?;
    let at = end_of_line(text, last_byte(text, tree, *end));
    Ok((at, on_a_line_of_its_own(text, at, &format!("{pad}- {item}\n"))))
}

/// Lines behind the last field of a `spec`, which are written for how far its fields are indented.
fn line(
    text: &str,
    tree: &Tree<'_>,
    spec: Entry,
    lines: impl FnOnce(&str) -> String,
) -> Result<(usize, String), String> {
    let entries = tree.map(spec.value).unwrap_or_default();
    let (first, end) = entries.first().zip(entries.last()).ok_or("its `spec` is empty")?;
    let column = block_column(text, tree, *first).ok_or("its `spec` is written in braces")?;
    let at = end_of_line(text, last_byte(text, tree, end.value));
    Ok((at, on_a_line_of_its_own(text, at, &lines(&" ".repeat(column)))))
}

/// The column of a mapping's keys; `None` where they share lines with braces.
fn block_column(text: &str, tree: &Tree<'_>, first: Entry) -> Option<usize> {
    let start = tree.node(first.key).start as usize;
    let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
    text[line..start].bytes().all(|byte| byte == b' ').then_some(start - line)
}

/// The byte behind a node and everything that stands in it. That of a block is not known from its own end,
/// which is where the next thing begins, and what is merged into a mapping stands elsewhere.
fn last_byte(text: &str, tree: &Tree<'_>, id: NodeId) -> usize {
    let node = tree.node(id);
    let in_brackets = matches!(text.as_bytes().get(node.start as usize), Some(b'[' | b'{'));
    let inner: Vec<NodeId> = match &node.value {
        Value::List(..) if !in_brackets => tree.list(id).unwrap_or_default().to_vec(),
        Value::Map(..) if !in_brackets => {
            tree.map(id).unwrap_or_default().iter().map(|entry| entry.value).collect()
        }
        Value::List(..) | Value::Map(..) | Value::Scalar(..) | Value::Alias(_) => Vec::new(),
    };
    let stands_here = |id: &NodeId| (node.start..=node.end).contains(&tree.node(*id).start);
    let last = inner.into_iter().filter(stands_here).map(|id| last_byte(text, tree, id)).max();
    last.unwrap_or(node.end as usize)
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
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
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
        check(
            "spec:\n  overrides: [\n    {a: 1},\n  ]\n",
            "spec:\n  overrides: [\n    {a: 1}, {user: bob}\n  ]\n",
        );
        check(
            "spec:\n  overrides:\n    -\n      a: 1\n",
            "spec:\n  overrides:\n    -\n      a: 1\n    - {user: bob}\n",
        );
        check(
            "x: &x {a: 1}\nspec:\n  overrides:\n    - <<: *x\n      b: 2\n",
            "x: &x {a: 1}\nspec:\n  overrides:\n    - <<: *x\n      b: 2\n    - {user: bob}\n",
        );
        check(
            "\u{feff}spec:\n  a: {b: [1,\n    2]\n  }\n",
            "\u{feff}spec:\n  a: {b: [1,\n    2]\n  }\n  overrides:\n    - {user: bob}\n",
        );
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
    fn fields_are_added_behind_the_last() {
        let place = |text: &str| Place {
            source: SourceId(0),
            start: 0,
            end: u32::try_from(text.len()).unwrap(),
        };
        let add = |text: &str| field(text, place(text), "ended", "2026-01-02T10:00:00Z");
        assert_eq!(
            add("spec:\n  a: 1 # b\n\n# end\n").as_deref(),
            Ok("spec:\n  a: 1 # b\n  ended: 2026-01-02T10:00:00Z\n\n# end\n")
        );
        assert_eq!(
            add("spec:\n  steps:\n    - {id: a}").as_deref(),
            Ok("spec:\n  steps:\n    - {id: a}\n  ended: 2026-01-02T10:00:00Z\n")
        );
        assert!(add("spec:\n  ended: x\n").is_err());
        assert!(add("spec: {a: 1}\n").is_err());
    }

    #[test]
    fn what_cannot_be_added_to_is_refused() {
        for text in [
            "spec: {a: 1}\n",
            "spec:\n  overrides: bob\n",
            "spec:\n  a: &x [1]\n  overrides: *x\n",
            "kind: R\n",
            "spec:\n  overrides:\n",
            "spec:\n  overrides: [\n    {a: 1},  # a comment\n  ]\n",
        ] {
            let end = u32::try_from(text.len()).unwrap();
            let place = Place { source: SourceId(0), start: 0, end };
            assert!(to_list(text, place, "overrides", "{user: bob}").is_err(), "{text}");
        }
    }
}
