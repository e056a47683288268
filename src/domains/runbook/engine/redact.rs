//! Secrets taken out of a stream, also where they come in pieces.
//!
//! Looked for are the secret itself and the forms in which programs print what they were given: base64 (all
//! three alignments, both alphabets), percent-encoded, hexadecimal, and as JSON writes it. What could be the
//! beginning of one is held back until the next piece comes.

use aho_corasick::{AhoCorasick, MatchKind};

/// What stands where a secret stood.
pub const MASK: &[u8] = b"[redacted]";

/// Takes secrets out of a stream.
#[derive(Clone, Debug)]
pub struct Redactor {
    needles: Vec<Vec<u8>>,
    /// Finds them, the longest first: a secret that holds another is taken out as a whole. Nothing where there are
    /// none.
    finder: Option<AhoCorasick>,
    held: Vec<u8>,
}

impl Redactor {
    /// For these secrets. Those shorter than four bytes are not looked for: parameters refuse them.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut needles: Vec<Vec<u8>> = Vec::new();
        for secret in secrets {
            let long = |form: &Vec<u8>| form.len() >= super::parameters::SHORTEST_SECRET;
            needles.extend(forms(secret.as_bytes()).into_iter().filter(long));
        }
        needles.sort();
        needles.dedup();
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&needles);
        // Values are short: the finder has room for all of them.
        let finder = finder.ok().filter(|_| !needles.is_empty());
        Self { needles, finder, held: Vec::new() }
    }

    /// What can be passed on once this piece has come.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        if self.finder.is_none() {
            return piece.to_vec();
        }
        self.held.extend_from_slice(piece);
        self.take(false)
    }

    /// The rest, once the stream has ended.
    pub fn finish(&mut self) -> Vec<u8> {
        self.take(true)
    }

    /// A whole text without secrets.
    pub fn text(&self, text: &str) -> String {
        let mut fresh = Self { held: Vec::new(), ..self.clone() };
        let mut bytes = fresh.push(text.as_bytes());
        bytes.extend(fresh.finish());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn take(&mut self, is_end: bool) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        let waits_from =
            |from: usize| if is_end { held.len() } else { self.waits_from(&held, from) };
        let mut passed = Vec::with_capacity(held.len());
        let (mut at, mut end) = (0, waits_from(0));
        for found in self.finder.iter().flat_map(|finder| finder.find_iter(&held)) {
            // What begins where something longer may yet come whole waits with it.
            if found.start() >= end {
                break;
            }
            passed.extend_from_slice(&held[at..found.start()]);
            passed.extend_from_slice(MASK);
            at = found.end();
            if at > end {
                end = waits_from(at);
            }
        }
        let end = end.max(at);
        passed.extend_from_slice(&held[at..end]);
        self.held = held[end..].to_vec();
        passed
    }

    /// From where on what is held may be the beginning of a secret, at `from` or later.
    fn waits_from(&self, held: &[u8], from: usize) -> usize {
        let longest = self.needles.iter().map(Vec::len).max().unwrap_or(0);
        let first = (held.len() + 1).saturating_sub(longest).max(from);
        let may_go_on = |at: &usize| {
            let rest = &held[*at..];
            self.needles.iter().any(|needle| needle.len() > rest.len() && needle.starts_with(rest))
        };
        (first..held.len()).find(may_go_on).unwrap_or(held.len().max(from))
    }
}

/// A secret in the forms in which it is printed.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![secret.to_vec()];
    // Programs print what they read of a file or a variable line by line.
    let lines = secret.split(|byte| *byte == b'\n').map(|line| line.trim_ascii().to_vec());
    forms.extend(lines.filter(|line| line.len() >= 8));
    // Below six bytes the middle of base64 is so short that it is found everywhere.
    if secret.len() >= 6 {
        for url in [false, true] {
            forms.extend((0..3).map(|shift| base64_middle(secret, shift, url)));
        }
        let hex = |upper: bool| {
            let digits: &[u8] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
            let pair = |byte: &u8| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
            secret.iter().flat_map(pair).collect::<Vec<u8>>()
        };
        forms.extend([hex(false), hex(true)]);
    }
    for upper in [false, true] {
        for plus in [false, true] {
            forms.push(percent(secret, upper, plus));
        }
    }
    if let Ok(text) = std::str::from_utf8(secret) {
        let quoted = serde_json::Value::from(text).to_string();
        let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        forms.extend(inside.map(|inside| inside.as_bytes().to_vec()));
    }
    forms.sort();
    forms.dedup();
    forms
}

/// The characters of base64 that a secret alone decides when `shift` bytes stand before it.
fn base64_middle(secret: &[u8], shift: usize, url: bool) -> Vec<u8> {
    const STANDARD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let alphabet = if url { URL } else { STANDARD };
    let bit = |at: usize| (secret[at / 8] >> (7 - at % 8)) & 1;
    // Character c covers bits 6c..6c+6 of the whole; the secret's bits begin at 8·shift.
    let first = (8 * shift).div_ceil(6);
    let last = (8 * (shift + secret.len())) / 6;
    (first..last)
        .map(|character| {
            let start = 6 * character - 8 * shift;
            let value = (start..start + 6).fold(0, |value, at| (value << 1) | bit(at));
            alphabet[usize::from(value)]
        })
        .collect()
}

fn percent(secret: &[u8], upper: bool, plus: bool) -> Vec<u8> {
    let mut text = Vec::new();
    for &byte in secret {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(byte);
        } else if byte == b' ' && plus {
            text.push(b'+');
        } else {
            let hex = if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
            text.extend(hex.bytes());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redact(secrets: &[&str], pieces: &[&[u8]]) -> String {
        let mut redactor = Redactor::new(secrets.iter().copied());
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(redactor.push(piece));
        }
        out.extend(redactor.finish());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn secrets_in_pieces_are_taken_out() {
        assert_eq!(redact(&["hunter2!"], &[b"a hun", b"t", b"er2! b"]), "a [redacted] b");
        assert_eq!(redact(&["hunter2!"], &[b"hunter hunt"]), "hunter hunt");
        assert_eq!(redact(&["hunt", "hunter2!"], &[b"hunter", b"2!"]), "[redacted]");
        assert_eq!(redact(&["aaab"], &[b"aa", b"aaab"]), "aa[redacted]");
        assert_eq!(redact(&[], &[b"hunter2"]), "hunter2");
    }

    #[test]
    fn other_forms_are_taken_out() {
        let secret = "p\u{e4}ss w\"rd/1";
        for form in [
            "p%C3%A4ss%20w%22rd%2F1",
            "p%c3%a4ss+w%22rd%2f1",
            "p\u{e4}ss w\\\"rd/1",
            "70c3a4737320772272642f31",
        ] {
            assert_eq!(redact(&[secret], &[form.as_bytes()]), "[redacted]", "{form}");
        }
        // `printf 'user:hunter2!' | base64`, and the secret alone; its last characters also tell of what follows.
        for (form, left) in
            [("dXNlcjpodW50ZXIyIQ==", "dXNlcjp[redacted]Q=="), ("aHVudGVyMiE=", "[redacted]E=")]
        {
            assert_eq!(redact(&["hunter2!"], &[form.as_bytes()]), left);
        }
    }

    #[test]
    fn lines_of_a_key_are_taken_out_alone() {
        let key = "-----BEGIN KEY-----\nAbCdEfGhIjKl\n-----END KEY-----";
        assert_eq!(redact(&[key], &[b"> AbCdEfGhIjKl\n"]), "> [redacted]\n");
    }

    proptest! {
        #[test]
        fn however_it_is_cut_nothing_of_it_is_left(
            before in "[a-c]{0,6}", secret in "[a-c]{4,8}", after in "[a-c]{0,6}",
            cuts in proptest::collection::vec(0usize..24, 0..6),
        ) {
            let whole = format!("{before}{secret}{after}").into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(whole.len())).collect();
            cuts.extend([0, whole.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &whole[pair[0]..pair[1]]).collect();
            let out = redact(&[&secret], &pieces);
            prop_assert!(!out.contains(&secret));
            prop_assert_eq!(out, redact(&[&secret], &[&whole]));
        }

        #[test]
        fn what_holds_no_secret_stays_as_it_is(text in any::<Vec<u8>>()) {
            let mut redactor = Redactor::new(["a secret that is nowhere"]);
            let mut out = redactor.push(&text);
            out.extend(redactor.finish());
            prop_assert_eq!(out, text);
        }
    }
}
