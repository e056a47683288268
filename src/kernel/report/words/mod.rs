//! Counts, shares, spans and instants in the words that people use.
mod percent;
mod time;

pub use percent::{honest_digits, percent, percent_against, percent_digits, percent_with};
pub use time::{UTC, instant, instant_in, span, span_short};

/// A count with its noun: `1 event`, `9,997 events`, `2 policies`.
///
/// ```
/// use sre::kernel::report::words::plural;
/// assert_eq!(plural(1, "event"), "1 event");
/// assert_eq!(plural(9997, "event"), "9,997 events");
/// assert_eq!(plural(0, "policy"), "0 policies");
/// ```
pub fn plural(count: u64, noun: &str) -> String {
    format!("{} {}", thousands(count), noun_for(count, noun))
}

/// The noun alone, in the number that `count` asks for.
pub fn noun_for(count: u64, noun: &str) -> String {
    if count == 1 {
        return noun.to_owned();
    }
    let ends_with = |endings: &[&str]| endings.iter().any(|ending| noun.ends_with(ending));
    match noun.strip_suffix('y') {
        Some(stem) if !ends_with(&["ay", "ey", "oy", "uy"]) => format!("{stem}ies"),
        _ if ends_with(&["s", "x", "ch", "sh"]) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// A count with a comma between thousands: `10,000`.
pub fn thousands(count: u64) -> String {
    grouped(&count.to_string())
}

/// A number with that many digits after the point and a comma between thousands: `1,234.50`. What
/// rounds to zero has no sign.
pub fn number(value: f64, digits: usize) -> String {
    let printed = format!("{:.digits$}", value.abs());
    let (whole, fraction) = match printed.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (printed.as_str(), None),
    };
    let negative = value < 0.0 && printed.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    let mut text = String::from(if negative { "-" } else { "" });
    text.push_str(&grouped(whole));
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Digits with a comma before every third from the right.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_count() {
        assert_eq!(plural(1, "policy"), "1 policy");
        assert_eq!(plural(2, "policy"), "2 policies");
        assert_eq!(plural(2, "day"), "2 days");
        assert_eq!(plural(2, "breach"), "2 breaches");
        assert_eq!(plural(2, "status"), "2 statuses");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(9997), "9,997");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(number(1234.5, 2), "1,234.50");
        assert_eq!(number(-1234.0, 0), "-1,234");
        assert_eq!(number(-0.04, 1), "0.0");
        assert_eq!(number(14.4, 1), "14.4");
    }
}
