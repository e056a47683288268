//! The lines that iCalendar files are made of.
//!
//! Source: RFC 5545, sections 3.1 (lines), 3.3.5 (times), 3.3.6 (lengths of time) and 3.3.11 (texts).
use crate::kernel::units::{Duration, Instant};
use chrono::NaiveDateTime;

/// Octets of a line, without its end.
const LINE: usize = 75;

/// How instants are written: `20260327T120000Z`.
const INSTANT: &str = "%Y%m%dT%H%M%SZ";

/// A text as the value of a property. What is no character of a text is left out.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' => escaped.push_str("\\n"),
            control if control.is_control() && control != '\t' => {}
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// The text that a value says.
pub(super) fn unescape(value: &str) -> String {
    let (mut text, mut characters) = (String::with_capacity(value.len()), value.chars());
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(plain) => text.push(plain),
                None => text.push('\\'),
            },
            plain => text.push(plain),
        }
    }
    text
}

/// Adds a line, folded: each piece has at most 75 octets, and no character is cut in two.
pub(super) fn push(out: &mut String, line: &str) {
    let mut used = 0;
    for character in line.chars() {
        let octets = character.len_utf8();
        if used + octets > LINE {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(character);
        used += octets;
    }
    out.push_str("\r\n");
}

/// The lines of a file, unfolded. Line ends may have been changed by whatever keeps the file.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in text.lines() {
        match (piece.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(line)) => line.push_str(rest),
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
}

/// An instant, in UTC.
pub(super) fn instant(at: Instant) -> String {
    at.format(INSTANT).to_string()
}

/// The instant that a value says.
pub(super) fn read_instant(value: &str) -> Option<Instant> {
    NaiveDateTime::parse_from_str(value, INSTANT).ok().map(|time| time.and_utc())
}

/// A length of time before something: `-PT15M`.
pub(super) fn before(length: Duration) -> String {
    let seconds = length.whole_seconds();
    match (seconds / 60, seconds % 60) {
        (minutes, 0) => format!("-PT{minutes}M"),
        (minutes, rest) => format!("-PT{minutes}M{rest}S"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_characters_and_come_back() {
        for line in [
            "SUMMARY:short".to_owned(),
            format!("SUMMARY:{}", "a".repeat(67)),
            format!("SUMMARY:{}", "a".repeat(68)),
            format!("SUMMARY:{}", "Jürgen Ωμέγα 山田太郎 🚒 ".repeat(20)),
            format!("SUMMARY:a{}", "🚒".repeat(100)),
            String::new(),
        ] {
            let mut folded = String::new();
            push(&mut folded, &line);
            assert!(folded.ends_with("\r\n"));
            let pieces: Vec<&str> = folded.trim_end_matches("\r\n").split("\r\n").collect();
            assert!(pieces.iter().all(|piece| piece.len() <= LINE), "{folded}");
            assert!(pieces[1..].iter().all(|piece| piece.starts_with(' ')), "{folded}");
            if line.len() <= LINE {
                assert_eq!(pieces.len(), 1, "{folded}");
            }
            assert_eq!(lines(&folded.replace("\r\n", "\n")), lines(&folded));
            assert_eq!(lines(&folded), [line]);
        }
    }

    #[test]
    fn texts_are_escaped_and_come_back() {
        let text = "a; b, c\\d\nÜber: \"e\"";
        assert_eq!(escape(text), "a\\; b\\, c\\\\d\\nÜber: \"e\"");
        assert_eq!(unescape(&escape(text)), text);
        assert_eq!(escape("bell\u{7}\r"), "bell");
        assert_eq!(unescape("\\N\\"), "\n\\");
    }

    #[test]
    fn instants_and_lengths_are_as_calendars_write_them() {
        let at = read_instant("20260327T120000Z").unwrap();
        assert_eq!(instant(at), "20260327T120000Z");
        assert_eq!(read_instant("20260327T120000"), None);
        assert_eq!(before(Duration::from_minutes(15)), "-PT15M");
        assert_eq!(before(Duration::from_days(1)), "-PT1440M");
        assert_eq!(before(Duration::from_seconds(90)), "-PT1M30S");
    }
}
