//! Verbs and nouns that judge a person.
use super::{Flaw, People, Remark, words::Word};

const SAW: &str = "say what the person saw and why it made sense: `the page came among 140 others and looked like the flapping one`";
const STEP: &str = "say how the step could be left out: `nothing in the checklist or the pipeline asks for the step`";
const CONDITION: &str =
    "say what made it possible, not who did it: `a merge was enough to reach production`";
const TRAIT: &str =
    "describe what happened and under which conditions; what somebody is like explains nothing";
const FAULT: &str = "take the sentence out, or name the condition that could be changed: no person is at fault here";

/// Words that judge whoever they are said of.
const TRAITS: &[&str] = &[
    "careless",
    "carelessly",
    "carelessness",
    "negligent",
    "negligently",
    "negligence",
    "incompetent",
    "incompetence",
    "reckless",
    "recklessly",
    "sloppy",
    "sloppily",
    "sloppiness",
    "stupid",
    "stupidly",
];

/// Verbs that judge the person who is their subject.
const JUDGING: &[&str] = &[
    "ignored",
    "ignores",
    "neglected",
    "neglects",
    "overlooked",
    "disregarded",
    "botched",
    "bungled",
    "fumbled",
    "bothered",
    "panicked",
];

pub(super) fn find(text: &str, sentence: &[Word<'_>], people: &People, found: &mut Vec<Remark>) {
    for (at, word) in sentence.iter().enumerate() {
        let next = sentence.get(at + 1).filter(|next| !next.after_pause);
        let remark = |first: usize, last: usize, better| {
            Remark::new(Flaw::Blame, text, (&sentence[first], &sentence[last]), better)
        };
        let reach = |words: usize| (at + words).min(sentence.len() - 1);
        if word.is_one_of(TRAITS) {
            found.push(remark(at, at, TRAIT));
        } else if word.is_one_of(&["forgot", "forgets"]) {
            let first = people.subject(sentence, at).unwrap_or(at);
            found.push(remark(first, reach(2), STEP));
        } else if word.is("forgotten") && by_person(sentence, at, people).is_some() {
            found.push(remark(at, by_person(sentence, at, people).unwrap_or(at), STEP));
        } else if word.is_one_of(JUDGING) {
            // "We ignored 4xx" tells how something was counted.
            let subject = people
                .subject(sentence, at)
                .filter(|subject| !sentence[*subject].is_one_of(&["we", "i", "you"]));
            // "Nobody bothered": what is meant is somebody all the same.
            match (subject, by_person(sentence, at, people)) {
                (Some(first), _) => found.push(remark(first, reach(2), SAW)),
                (None, Some(last)) => found.push(remark(at, last, SAW)),
                (None, None) => {}
            }
        } else if word.is_one_of(&["messed", "screwed", "slipped"])
            && next.is_some_and(|next| next.is("up"))
        {
            if let Some(first) = people.subject(sentence, at) {
                found.push(remark(first, at + 1, CONDITION));
            }
        } else if word.is("broke") && breaks_something(sentence, at) {
            if let Some(first) = people.subject(sentence, at) {
                found.push(remark(first, reach(2), CONDITION));
            }
        } else if word.is("caused") {
            caused(sentence, at, people, &remark, found);
        } else {
            fault(sentence, at, people, &remark, found);
        }
    }
}

/// The person by whom something was done: `ignored by the on-call engineer`.
fn by_person(sentence: &[Word<'_>], at: usize, people: &People) -> Option<usize> {
    let by = at + 1;
    if !sentence.get(by)?.is("by") {
        return None;
    }
    people.object(sentence, by + 1, 4)
}

/// Whether what was broken is what users need: to break a task into parts is fine.
fn breaks_something(sentence: &[Word<'_>], at: usize) -> bool {
    let after = sentence.iter().skip(at + 1).take(5);
    !after.clone().any(|word| word.is_one_of(&["into", "down", "out", "even", "apart", "ground"]))
        && after.count() > 0
}

fn caused(
    sentence: &[Word<'_>],
    at: usize,
    people: &People,
    remark: &dyn Fn(usize, usize, &'static str) -> Remark,
    found: &mut Vec<Remark>,
) {
    if let Some(last) = by_person(sentence, at, people) {
        found.push(remark(at, last, CONDITION));
        return;
    }
    // "The team caused" as well, but not "we caused extra load to test it".
    let subject = people.subject(sentence, at);
    let helped = at.checked_sub(1).is_some_and(|before| sentence[before].is_auxiliary());
    if let Some(first) =
        subject.filter(|first| !helped && !sentence[*first].is_one_of(&["we", "i"]))
    {
        found.push(remark(first, (at + 2).min(sentence.len() - 1), CONDITION));
    }
}

/// Fault, blame, mistakes: nouns that go with a person.
fn fault(
    sentence: &[Word<'_>],
    at: usize,
    people: &People,
    remark: &dyn Fn(usize, usize, &'static str) -> Remark,
    found: &mut Vec<Remark>,
) {
    const NOUNS: &[&str] = &["fault", "mistake", "mistakes", "carelessness", "error", "blunder"];
    let word = &sentence[at];
    let before = at.checked_sub(1).map(|before| &sentence[before]);
    let next = sentence.get(at + 1);
    if word.is_one_of(NOUNS) {
        if before.is_some_and(|before| people.is_possessive(before)) && !word.is("error") {
            found.push(remark(at - 1, at, FAULT));
        } else if word.is("fault") && before.is_some_and(|before| before.is("at")) {
            if let Some(first) = people.subject(sentence, at - 1) {
                found.push(remark(first, at, FAULT));
            }
        } else if next.is_some_and(|next| next.is_one_of(&["by", "of"]))
            && !word.is("error")
            && let Some(last) = people.object(sentence, at + 2, 4)
        {
            found.push(remark(at, last, FAULT));
        } else if !next.is_some_and(|next| next.is_one_of(super::MEASURED))
            && let Some(made) = made(sentence, at)
            && let Some(first) = people.subject(sentence, made)
        {
            found.push(remark(first, at, SAW));
        }
    } else if word.is("blame") && before.is_some_and(|before| before.is("to")) {
        if let Some(first) = at.checked_sub(1).and_then(|to| people.subject(sentence, to)) {
            found.push(remark(first, at, FAULT));
        }
    } else if word.is_one_of(&["blame", "blames", "blamed"])
        && !before
            .is_some_and(|before| before.is_one_of(&["git", "svn", "hg", "no", "without", "not"]))
        && let Some(last) = people.object(sentence, at + 1, 3)
    {
        found.push(remark(at, last, FAULT));
    }
}

/// The verb of "made a mistake", up to three words before the noun.
fn made(sentence: &[Word<'_>], at: usize) -> Option<usize> {
    (at.saturating_sub(3)..at)
        .rev()
        .find(|before| sentence[*before].is_one_of(&["made", "makes", "making"]))
}
