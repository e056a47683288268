//! What becomes of a stream of a program: secrets are taken out, all of it is hashed, its beginning and its end
//! are kept, and what is new of it is shown.
use crate::domains::runbook::{
    engine::{clip::Clip, event::Output, plain::plain, redact::Redactor},
    transcript::hex,
};
use ring::digest;

/// Bytes that are kept of the beginning of a stream, and as many of its end.
pub(super) const KEPT: usize = 256 << 10;

/// Bytes of a line that are shown at once: a line that is longer is shown in parts.
const LINE: usize = 8 << 10;

/// Bytes that are shown between two looks at the clock: who prints faster is not read by anybody, and what is
/// skipped here is in the transcript all the same.
const SHOWN: usize = 64 << 10;

pub(super) struct Sink {
    redactor: Redactor,
    hashed: digest::Context,
    clip: Clip,
    bytes: u64,
    /// The end of what came, up to where its line begins.
    line: Vec<u8>,
    shown: usize,
    /// Whether the stream has ended.
    pub(super) ended: bool,
}

impl Sink {
    pub(super) fn new(secrets: &[String]) -> Self {
        Self {
            redactor: Redactor::new(secrets.iter().map(String::as_str)),
            hashed: digest::Context::new(&digest::SHA256),
            clip: Clip::new(KEPT),
            bytes: 0,
            line: Vec::new(),
            shown: 0,
            ended: false,
        }
    }

    /// Takes a piece; what can be shown of it now.
    pub(super) fn take(&mut self, piece: &[u8]) -> Option<String> {
        self.bytes += piece.len() as u64;
        let passed = self.redactor.push(piece);
        self.keep(&passed)
    }

    /// Time has passed: more may be shown.
    pub(super) fn tick(&mut self) {
        self.shown = 0;
    }

    fn keep(&mut self, passed: &[u8]) -> Option<String> {
        self.hashed.update(passed);
        self.clip.push(passed);
        if self.shown >= SHOWN {
            // The line that is shown next begins where lines are shown again.
            self.line.clear();
            return None;
        }
        self.line.extend_from_slice(passed);
        let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let whole = self.line.iter().rposition(is_break).map(|at| at + 1);
        let whole = whole.or((self.line.len() > LINE).then_some(self.line.len()))?;
        self.shown += whole;
        let rest = self.line.split_off(whole);
        let lines = std::mem::replace(&mut self.line, rest);
        Some(plain(&lines))
    }

    /// The stream is over, or given up. What is left to be shown, and what is kept of all of it.
    pub(super) fn finish(&mut self) -> (Option<String>, Output) {
        let rest = self.redactor.finish();
        let shown = self.keep(&rest);
        let last = Some(plain(&self.line)).filter(|text| !text.is_empty());
        let shown = match (shown, last) {
            (Some(one), Some(other)) => Some(one + &other),
            (one, other) => one.or(other),
        };
        let clipped = std::mem::replace(&mut self.clip, Clip::new(0)).finish();
        let output = Output {
            bytes: self.bytes,
            sha256: hex(self.hashed.clone().finish().as_ref()),
            text: plain(&clipped.head),
            tail: clipped.tail.map(|tail| plain(&tail)),
            omitted: clipped.omitted,
            held_open: !self.ended,
        };
        (shown, output)
    }
}
