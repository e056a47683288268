//! Lines of a transcript, each bound to the one before by a hash.
//!
//! A line is a JSON object that begins with `"hash"`, the SHA-256 in hexadecimal of the rest of the line (the
//! object without that field, as it stands there, byte by byte). The rest begins with `"previous"`, the hash of
//! the line before, or 64 zeros. So a line that was changed, taken out or moved breaks the chain there. Whoever
//! can write the file can write it anew from the beginning: only a hash that was noted elsewhere, such as the
//! one that a run prints at its end, shows that.
use crate::{
    domains::runbook::engine::event::Event,
    kernel::{
        time::{parse_instant, rfc3339},
        units::Instant,
    },
};
use ring::digest;
use serde::Deserialize;
use serde_json::{Value, json};

/// What stands for the hash of the line before the first.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How a line begins.
const OPENING: &str = r#"{"hash":""#;

/// An event with its place in the transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub sequence: u64,
    /// When it was written, by the clock of the machine.
    pub at: Instant,
    /// What happened.
    pub event: Event,
}

/// The end of a transcript, to which a line can be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    sequence: u64,
    head: String,
}

impl Default for Chain {
    fn default() -> Self {
        Self { sequence: 0, head: NOTHING.to_owned() }
    }
}

impl Chain {
    /// The hash of the last line.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The next line, with its line break. The chain goes on with it.
    pub fn line(&mut self, at: Instant, event: &Event) -> String {
        self.sequence += 1;
        let mut body = json!({
            "previous": self.head,
            "sequence": self.sequence,
            "at": rfc3339(at),
        });
        // An event is a plain struct of ours with a tag: serde_json makes an object of it.
        if let (Some(body), Ok(Value::Object(event))) =
            (body.as_object_mut(), serde_json::to_value(event))
        {
            body.extend(event);
        }
        let body = body.to_string();
        self.head = hash_of(body.as_bytes());
        format!("{OPENING}{}\",{}\n", self.head, body.strip_prefix('{').unwrap_or(&body))
    }
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

/// A transcript as far as it can be trusted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// The entries up to where the chain breaks.
    pub entries: Vec<Entry>,
    /// The end of what can be trusted.
    pub chain: Chain,
    /// Where the chain breaks; nothing behind that is read.
    pub broken: Option<Broken>,
    /// How many bytes at the end are a line that was never finished: the machine stopped while it was
    /// written, before anything came of it.
    pub torn: usize,
}

impl Transcript {
    /// The events.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.entries.iter().map(|entry| &entry.event)
    }
}

/// Reads a transcript and checks its chain. A last line without its line break is torn, and no part of it.
pub fn read(bytes: &[u8]) -> Transcript {
    let mut transcript = Transcript::default();
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    transcript.torn = bytes.len() - whole;
    let lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n');
    for (number, line) in (1..).zip(lines) {
        match entry(line.strip_suffix(b"\n").unwrap_or(line), &transcript.chain) {
            Ok((entry, hash)) => {
                transcript.chain = Chain { sequence: entry.sequence, head: hash };
                transcript.entries.push(entry);
            }
            Err(why) => {
                transcript.broken = Some(Broken { line: number, why });
                break;
            }
        }
    }
    transcript
}

/// What every line says of itself.
#[derive(Deserialize)]
struct Envelope {
    previous: String,
    sequence: u64,
    at: String,
}

fn entry(line: &[u8], chain: &Chain) -> Result<(Entry, String), String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    let no_line = || "it is no line of a transcript".to_owned();
    let rest = text.strip_prefix(OPENING).ok_or_else(no_line)?;
    let (hash, rest) = rest.split_once("\",").ok_or_else(no_line)?;
    let body = format!("{{{rest}");
    if hash_of(body.as_bytes()) != hash {
        return Err("it was changed: its hash is that of another text".to_owned());
    }
    let envelope: Envelope = serde_json::from_str(&body).map_err(|_| no_line())?;
    if envelope.previous != chain.head {
        return Err("it does not follow the line before it: lines are missing, or moved".to_owned());
    }
    if envelope.sequence != chain.sequence + 1 {
        return Err(format!("its number is {}, not {}", envelope.sequence, chain.sequence + 1));
    }
    let event: Event = serde_json::from_str(&body).map_err(|error| {
        format!("what it says is not known here ({error}); a newer `sre` may have written it")
    })?;
    let at = parse_instant(&envelope.at)?;
    Ok((Entry { sequence: envelope.sequence, at, event }, hash.to_owned()))
}

/// SHA-256 in hexadecimal.
pub fn hash_of(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::runbook::engine::event::{StepAttested, StepSkipped};
    use proptest::prelude::*;

    fn at(second: i64) -> Instant {
        chrono::DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn events() -> Vec<Event> {
        vec![
            Event::StepSkipped(StepSkipped { step: 1, undo: false, reason: "not today".into() }),
            Event::StepAttested(StepAttested {
                step: 2,
                undo: true,
                evidence: "a \"quote\"\nand a line".into(),
            }),
            Event::StepSkipped(StepSkipped { step: 3, undo: false, reason: "{}".into() }),
        ]
    }

    fn text() -> String {
        let mut chain = Chain::default();
        (0..).zip(events()).map(|(second, event)| chain.line(at(second), &event)).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let transcript = read(text().as_bytes());
        assert_eq!(transcript.broken, None);
        assert_eq!(transcript.events().cloned().collect::<Vec<_>>(), events());
        assert_eq!(transcript.entries[2].sequence, 3);
        assert_eq!(transcript.entries[2].at, at(2));
    }

    #[test]
    fn a_chain_goes_on_where_it_was_read_to() {
        let first: String = text().split_inclusive('\n').take(2).collect();
        let mut transcript = read(first.as_bytes());
        let third = transcript.chain.line(at(2), &events()[2]);
        assert_eq!(first + &third, text());
    }

    #[test]
    fn every_change_of_a_line_is_found() {
        let text = text();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let broken = |text: String| read(text.as_bytes()).broken.map(|broken| broken.line);
        assert_eq!(broken(text.replace("not today", "tomorrow")), Some(1));
        assert_eq!(broken([lines[0], lines[2]].concat()), Some(2));
        assert_eq!(broken([lines[1], lines[0], lines[2]].concat()), Some(1));
        assert_eq!(broken([lines[0], lines[1], lines[1]].concat()), Some(3));
        assert_eq!(broken(lines[0].to_owned() + "{}\n"), Some(2));
        assert_eq!(broken("\n".to_owned()), Some(1));
        assert_eq!(broken(String::new()), None);
    }

    #[test]
    fn a_torn_last_line_is_no_part_of_it() {
        let text = text();
        let cut = text.len() - 5;
        let transcript = read(&text.as_bytes()[..cut]);
        assert_eq!((transcript.entries.len(), transcript.broken), (2, None));
        assert!(transcript.torn > 0);
    }

    proptest! {
        #[test]
        fn cut_anywhere_it_holds_whole_lines_and_is_not_broken(cut in 0usize..2000) {
            let text = text();
            let cut = cut.min(text.len());
            let transcript = read(&text.as_bytes()[..cut]);
            prop_assert_eq!(&transcript.broken, &None);
            let whole = text[..cut].matches('\n').count();
            prop_assert_eq!(transcript.entries.len(), whole);
        }

        #[test]
        fn no_byte_can_be_changed_unnoticed(at in 0usize..2000, by in 1u8..255) {
            let mut bytes = text().into_bytes();
            let at = at % bytes.len();
            bytes[at] = bytes[at].wrapping_add(by);
            let transcript = read(&bytes);
            prop_assert!(transcript.broken.is_some() || transcript.torn > 0);
        }
    }
}
