//! What should or could have been: a world that did not exist cannot explain what happened in this one.
//!
//! The patterns are those that Sidney Dekker lists (The Field Guide to Understanding "Human Error"): should
//! have, could have, failed to, did not, if only.
use super::{Flaw, People, Remark, words::Word};

const SHOULD: &str = "say what happened and why it made sense: `X did not …, because …`; what ought to be is an action item";
const COULD: &str = "say what happened, and make an action item of what would have helped";
const FAILED: &str =
    "say what the person did instead, and what they knew: `X looked at …, which showed …`";
const ONLY: &str = "say what was true at the time; a wish is an action item";

/// Participles that do not end in `-ed`.
const PARTICIPLES: &[&str] = &[
    "been",
    "had",
    "known",
    "seen",
    "done",
    "gone",
    "caught",
    "made",
    "taken",
    "found",
    "told",
    "written",
    "kept",
    "thought",
    "sent",
    "given",
    "begun",
    "brought",
    "built",
    "bought",
    "chosen",
    "come",
    "gotten",
    "got",
    "grown",
    "heard",
    "held",
    "left",
    "lost",
    "met",
    "paid",
    "said",
    "shown",
    "spoken",
    "spent",
    "stood",
    "thrown",
    "understood",
    "understood",
    "woken",
    "won",
    "withdrawn",
    "led",
    "become",
];

/// Participles that look like the verb, or like a noun: they count before what they would act on.
const PLAIN: &[&str] =
    &["read", "run", "set", "put", "cut", "let", "hit", "shut", "split", "reset"];

/// Words in `-ed` that describe what follows: "should have dedicated pools".
const DESCRIBING: &[&str] = &[
    "dedicated",
    "automated",
    "increased",
    "reduced",
    "limited",
    "unlimited",
    "shared",
    "isolated",
    "encrypted",
    "replicated",
    "managed",
    "scheduled",
    "defined",
    "documented",
    "detailed",
    "named",
    "required",
    "bounded",
    "unbounded",
    "fixed",
    "separated",
    "integrated",
    "distributed",
    "centralized",
    "centralised",
    "standardized",
    "unified",
    "tested",
    "signed",
    "pinned",
    "versioned",
    "structured",
    "weighted",
    "cached",
    "mixed",
    "related",
    "restricted",
    "elevated",
    "finished",
    "completed",
    "closed",
    "expired",
    "updated",
    "failed",
    "deleted",
    "loaded",
    "red",
];

/// Words that follow a verb and no adjective.
const FUNCTION: &[&str] = &[
    "the",
    "a",
    "an",
    "this",
    "that",
    "these",
    "those",
    "it",
    "them",
    "him",
    "her",
    "us",
    "by",
    "in",
    "on",
    "at",
    "to",
    "for",
    "with",
    "from",
    "when",
    "before",
    "after",
    "as",
    "earlier",
    "sooner",
    "and",
    "or",
    "but",
    "because",
    "if",
    "all",
    "any",
    "our",
    "their",
    "his",
    "its",
    "my",
    "your",
    "within",
    "into",
    "during",
    "until",
    "while",
    "so",
    "then",
    "here",
    "there",
    "first",
    "immediately",
    "about",
    "against",
    "through",
    "out",
    "up",
    "off",
    "down",
    "over",
    "both",
    "each",
    "every",
    "more",
];

/// Nouns and verbs of what would have been better.
const BETTER: &[&str] = &[
    "prevented",
    "avoided",
    "caught",
    "detected",
    "mitigated",
    "noticed",
    "found",
    "averted",
    "stopped",
    "shortened",
    "faster",
    "quicker",
    "earlier",
    "sooner",
    "better",
    "spotted",
];

/// Verbs of attention and duty: of these alone "did not" is a judgement.
const ATTENTION: &[&str] = &[
    "notice",
    "check",
    "follow",
    "verify",
    "realize",
    "realise",
    "think",
    "bother",
    "communicate",
    "escalate",
    "respond",
    "pay",
    "ask",
    "test",
    "validate",
    "look",
    "understand",
    "consider",
    "care",
    "inform",
    "tell",
    "review",
    "recognize",
    "recognise",
    "anticipate",
    "remember",
    "double-check",
    "listen",
    "consult",
    "question",
];

/// After "failed to" these tell the result of trying.
const TRIED: &[&str] = &[
    "reproduce",
    "replicate",
    "connect",
    "reach",
    "log",
    "login",
    "authenticate",
    "ssh",
    "join",
    "restore",
    "restart",
    "recover",
    "load",
    "dial",
];

pub(super) fn find(text: &str, sentence: &[Word<'_>], people: &People, found: &mut Vec<Remark>) {
    for at in 0..sentence.len() {
        let pattern = should(sentence, at)
            .or_else(|| could(sentence, at, people))
            .or_else(|| failed(sentence, at, people))
            .or_else(|| did_not(sentence, at, people))
            .or_else(|| if_only(sentence, at, people))
            .or_else(|| had(sentence, at));
        if let Some((first, last, better)) = pattern {
            let words = (&sentence[first], &sentence[last.min(sentence.len() - 1)]);
            found.push(Remark::new(Flaw::Counterfactual, text, words, better));
        }
    }
}

/// From which word to which, and what would be better.
type Pattern = (usize, usize, &'static str);

/// The participle behind `have`: `should have [also] checked`; the index of the word `have` is `at`.
fn participle(sentence: &[Word<'_>], have: usize) -> Option<usize> {
    let mut at = have + 1;
    while sentence.get(at)?.is_adverb() && !sentence[at].is("all") {
        at += 1;
    }
    let word = &sentence[at];
    if word.after_pause {
        return None;
    }
    let next = sentence.get(at + 1).filter(|next| !next.after_pause);
    let acts = next.is_none_or(|next| next.is_one_of(FUNCTION) || next.is_adverb());
    let is_one = word.is_one_of(PARTICIPLES)
        || (word.is_one_of(PLAIN) && next.is_some_and(|next| next.is_one_of(FUNCTION)))
        || (word.text.len() > 3
            && word.text.ends_with("ed")
            && !["need", "speed", "feed", "seed"].contains(&word.text.as_str())
            && (acts || !word.is_one_of(DESCRIBING)));
    // "Should have been" has its verb behind it.
    is_one.then_some(at)
}

/// The word `have` behind a modal verb at `at`, which may be contracted or denied.
fn have(sentence: &[Word<'_>], at: usize, modal: &str) -> Option<usize> {
    let word = &sentence[at].text;
    if *word == format!("{modal}'ve") || *word == format!("{modal}n't've") {
        return Some(at);
    }
    if word != modal && *word != format!("{modal}n't") {
        return None;
    }
    let mut next = at + 1;
    while sentence.get(next)?.is_adverb() && next < at + 3 {
        next += 1;
    }
    sentence[next].is("have").then_some(next)
}

fn should(sentence: &[Word<'_>], at: usize) -> Option<Pattern> {
    let ought = sentence[at].is("ought")
        && sentence.get(at + 1).is_some_and(|next| next.is("to"))
        && sentence.get(at + 2).is_some_and(|next| next.is("have"));
    let have = if ought { at + 2 } else { have(sentence, at, "should")? };
    let mut verb = participle(sentence, have)?;
    if sentence[verb].is("been") {
        verb += 1;
    }
    Some((at, verb, SHOULD))
}

fn could(sentence: &[Word<'_>], at: usize, people: &People) -> Option<Pattern> {
    /// What nearly happened is worth telling.
    const NEARLY: &[&str] = &["lost", "had", "ended", "caused", "gone", "led", "become", "seen"];
    let would = have(sentence, at, "would");
    let have = have(sentence, at, "could").or(would)?;
    let verb = participle(sentence, have)?;
    let denied = sentence[at..verb].iter().any(|word| word.is("not") || word.text.ends_with("n't"));
    if denied {
        return None;
    }
    if sentence[verb].is("been") {
        let mut next = verb + 1;
        while sentence.get(next)?.is_adverb() {
            next += 1;
        }
        return sentence[next].is_one_of(BETTER).then_some((at, next, COULD));
    }
    let better =
        sentence[verb].is_one_of(&["prevented", "avoided", "caught", "averted", "spotted"]);
    let person = would.is_none()
        && !sentence[verb].is_one_of(NEARLY)
        && people.subject(sentence, at).is_some();
    (better || person).then_some((at, verb, COULD))
}

fn failed(sentence: &[Word<'_>], at: usize, people: &People) -> Option<Pattern> {
    if !sentence[at].is_one_of(&["failed", "fails"]) || !sentence.get(at + 1)?.is("to") {
        return None;
    }
    let verb = sentence.get(at + 2)?;
    if verb.is_one_of(TRIED) {
        return None;
    }
    let subject = people.subject(sentence, at)?;
    Some((subject, at + 2, FAILED))
}

fn did_not(sentence: &[Word<'_>], at: usize, people: &People) -> Option<Pattern> {
    let verb = if sentence[at].is("didn't") {
        at + 1
    } else if sentence[at].is("did") && sentence.get(at + 1)?.is("not") {
        at + 2
    } else if sentence[at].is_one_of(&["was", "were"]) && sentence.get(at + 1)?.is("supposed") {
        let subject = people.subject(sentence, at)?;
        return Some((subject, at + 3, SHOULD));
    } else {
        return None;
    };
    let mut verb = verb;
    while sentence.get(verb)?.is_adverb() {
        verb += 1;
    }
    if !sentence[verb].is_one_of(ATTENTION) {
        return None;
    }
    let subject = people.subject(sentence, at)?;
    // "We did not test the failover" tells a fact about oneself.
    let facts = ["test", "validate", "review", "ask", "tell", "inform", "communicate"];
    if sentence[subject].is_one_of(&["we", "i"]) && sentence[verb].is_one_of(&facts) {
        return None;
    }
    Some((subject, verb, FAILED))
}

fn if_only(sentence: &[Word<'_>], at: usize, people: &People) -> Option<Pattern> {
    if !sentence[at].is("if") || !sentence.get(at + 1)?.is("only") {
        return None;
    }
    let mut after = sentence.iter().skip(at + 2).take(8);
    let wish = after.any(|word| word.is_one_of(&["had", "would", "could", "hadn't"]));
    let person = people.is_person(sentence.get(at + 2)?);
    (wish || person).then_some((at, at + 3, ONLY))
}

/// "Had the alert fired, we would have …".
fn had(sentence: &[Word<'_>], at: usize) -> Option<Pattern> {
    if at != 0 || !sentence[0].is("had") {
        return None;
    }
    let modal = sentence.iter().position(|word| {
        word.is_one_of(&["would", "could", "might", "would've", "could've", "wouldn't"])
    })?;
    Some((0, modal + 2, COULD))
}
