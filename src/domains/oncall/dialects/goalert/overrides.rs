//! GoAlert's overrides, of which each counts by whom the rules have, as a list of ours, of which each counts
//! by what those before it have made.
use super::form::Override;

/// Brings those that remove or replace somebody into an order in which none is undone by another: what takes
/// somebody away goes before what brings them in. The second are those that no order can carry: two people
/// who replace each other, or two who replace the same at once.
pub(super) fn ordered(overrides: &[Override]) -> (Vec<&Override>, Vec<&Override>) {
    let mut left: Vec<&Override> = overrides.iter().filter(|it| it.removes.is_some()).collect();
    let (mut ordered, mut lost) = (Vec::new(), Vec::new());
    // Where one removes and another replaces the same person, GoAlert replaces them.
    left.sort_by_key(|change| change.adds.is_none());
    let replaced_twice = |change: &Override, before: &[&Override]| {
        let same = |it: &&Override| it.removes == change.removes && meet(it, change);
        change.adds.is_some() && before.iter().any(|it| same(it) && it.adds.is_some())
    };
    let mut kept: Vec<&Override> = Vec::new();
    for change in left {
        if replaced_twice(change, &kept) {
            lost.push(change);
        } else {
            kept.push(change);
        }
    }
    while !kept.is_empty() {
        // Nobody who is left may still take away whom this one brings in.
        let free = kept.iter().position(|change| {
            let takes_away = |it: &&Override| {
                it.removes == change.adds && change.adds.is_some() && meet(it, change)
            };
            // Nor may one who is to be replaced be removed before.
            let replaces = |it: &&Override| {
                change.adds.is_none()
                    && it.adds.is_some()
                    && it.removes == change.removes
                    && meet(it, change)
            };
            !kept.iter().any(|it| takes_away(it) || replaces(it))
        });
        match free {
            Some(at) => ordered.push(kept.remove(at)),
            None => lost.push(kept.remove(0)),
        }
    }
    (ordered, lost)
}

/// Whether both hold at some instant.
fn meet(one: &Override, other: &Override) -> bool {
    one.period.from < other.period.to && other.period.from < one.period.to
}
