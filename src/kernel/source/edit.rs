//! Changes of texts, as bytes to be replaced: comments, order and layout around them stay.
use super::{Place, SourceId, SourceMap};
use std::collections::BTreeMap;

/// A change of a text that mends a problem: replace the bytes of `place` by `text`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is replaced.
    pub place: Place,
    /// By what.
    pub text: String,
}

/// What changes have made of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edited {
    /// The texts that have changed, as they are now.
    pub texts: BTreeMap<SourceId, String>,
    /// How many changes were made; equal ones count once.
    pub applied: usize,
    /// Changes that were not made: they overlap an earlier one, or do not fit their text.
    pub skipped: Vec<Edit>,
}

/// Makes all changes that do not overlap; of two that do, the one that comes first in `edits`.
///
/// Whoever writes the result back reads it again first: two changes may be right each and wrong
/// together.
pub fn apply<'e>(texts: &SourceMap, edits: impl IntoIterator<Item = &'e Edit>) -> Edited {
    let mut edited = Edited::default();
    let mut by_text: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
    for edit in edits {
        by_text.entry(edit.place.source).or_default().push(edit);
    }
    for (source, edits) in by_text {
        let (text, applied) = apply_to(&texts.get(source).text, edits, &mut edited.skipped);
        edited.applied += applied;
        if applied > 0 {
            edited.texts.insert(source, text);
        }
    }
    edited
}

/// The text with the changes made, and how many were; those that were not join `skipped`.
pub fn apply_to<'e>(
    text: &str,
    edits: impl IntoIterator<Item = &'e Edit>,
    skipped: &mut Vec<Edit>,
) -> (String, usize) {
    let mut accepted: BTreeMap<(u32, u32), &Edit> = BTreeMap::new();
    for edit in edits {
        let range = (edit.place.start, edit.place.end);
        if accepted.get(&range) == Some(&edit) {
            continue;
        }
        if text.get(edit.place.range()).is_some() && !overlaps(&accepted, range) {
            accepted.insert(range, edit);
        } else {
            skipped.push(edit.clone());
        }
    }
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for edit in accepted.values() {
        result.push_str(&text[end..edit.place.start as usize]);
        result.push_str(&edit.text);
        end = edit.place.end as usize;
    }
    result.push_str(&text[end..]);
    (result, accepted.len())
}

/// Whether a change of these bytes would meet one that was accepted. They do not overlap each other,
/// so that only the nearest on both sides can.
fn overlaps(accepted: &BTreeMap<(u32, u32), &Edit>, (start, end): (u32, u32)) -> bool {
    let before = accepted.range(..(start, end)).next_back();
    let from = accepted.range((start, end)..).next();
    before.into_iter().chain(from).any(|(&(other_start, other_end), _)| {
        (other_start, other_end) == (start, end) || (start < other_end && other_start < end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit { place: Place { source: SourceId(0), start, end }, text: text.to_owned() }
    }

    #[track_caller]
    fn check(text: &str, edits: &[Edit], expected: &str, expected_skipped: &[Edit]) {
        let mut skipped = Vec::new();
        assert_eq!(apply_to(text, edits, &mut skipped).0, expected);
        assert_eq!(skipped, expected_skipped);
    }

    #[test]
    fn changes_keep_what_is_around_them() {
        check("a: 1 # x\nb: 2\n", &[edit(12, 13, "3"), edit(0, 1, "ä")], "ä: 1 # x\nb: 3\n", &[]);
    }

    #[test]
    fn of_overlapping_changes_the_first_is_made() {
        let (first, second) = (edit(2, 5, "x"), edit(4, 6, "y"));
        check("0123456789", &[first.clone(), second.clone()], "01x56789", &[second]);
        let inside = edit(3, 3, "y");
        check("0123456789", &[first.clone(), inside.clone()], "01x56789", &[inside]);
        check("0123456789", &[first.clone(), first.clone()], "01x56789", &[]);
        check("0123", &[edit(2, 2, "a"), edit(2, 2, "b")], "01a23", &[edit(2, 2, "b")]);
    }

    #[test]
    fn neighbours_do_not_overlap() {
        check("0123", &[edit(2, 4, "b"), edit(0, 2, "a"), edit(2, 2, "-")], "a-b", &[]);
    }

    #[test]
    fn what_does_not_fit_is_skipped() {
        let bad = [edit(1, 2, "x"), edit(4, 9, "x"), edit(3, 2, "x")];
        check("ü12", &bad, "ü12", &bad);
    }

    #[test]
    fn only_changed_texts_are_returned() {
        let mut map = SourceMap::default();
        map.add("a.yaml", "a: 1\n");
        map.add("b.yaml", "b: 1\n");
        let edited = apply(&map, &[edit(3, 4, "2"), edit(3, 4, "3")]);
        assert_eq!(edited.texts, BTreeMap::from([(SourceId(0), "a: 2\n".to_owned())]));
        assert_eq!((edited.applied, edited.skipped.len()), (1, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_change_is_made_or_skipped(
            ranges in proptest::collection::vec((0_u32..12, 0_u32..4), 0..8),
        ) {
            // Each change deletes its bytes and leaves a mark, so that what was made can be counted.
            let edits: Vec<Edit> = ranges
                .iter()
                .enumerate()
                .map(|(at, (start, length))| edit(*start, start + length, &format!("<{at}>")))
                .collect();
            let mut skipped = Vec::new();
            let (text, applied) = apply_to("0123456789", &edits, &mut skipped);
            prop_assert_eq!(applied + skipped.len(), edits.len());
            prop_assert_eq!(text.matches('<').count(), applied);
            let deleted: u32 = edits
                .iter()
                .filter(|edit| text.contains(&edit.text))
                .map(|edit| edit.place.end - edit.place.start)
                .sum();
            let marks: usize =
                edits.iter().filter(|e| text.contains(&e.text)).map(|e| e.text.len()).sum();
            prop_assert_eq!(text.len() + deleted as usize, 10 + marks);
        }
    }
}
