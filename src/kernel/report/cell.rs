//! One value of a table or a fact, in its human and its machine form.
use super::{Bar, State, Style, Text, number::significant, words};
use crate::kernel::units::{Duration, Instant, Ratio};
use chrono::{FixedOffset, SecondsFormat, Utc};

/// One value. Numbers are numbers until they are printed, so that CSV gets all digits that count.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not measured or not applicable: `–` for people, empty for machines.
    Missing,
    /// Words.
    Text(Text),
    /// A count, exact, with thousands separators for people.
    Count(u64),
    /// A number, with that many digits after the point for people.
    Number {
        /// The number; what is not finite is shown as missing.
        value: f64,
        /// Digits after the point.
        digits: usize,
    },
    /// A share that somebody wrote, exact in both forms: `99.9%`, `0.999`.
    Ratio(Ratio),
    /// A measured share, as a percentage for people. All percentages of a column get the digits of the one that
    /// needs most.
    Percent {
        /// The share; 1.0 is 100 %.
        share: f64,
        /// Digits after the point, from [`words::percent_digits`].
        digits: usize,
    },
    /// A bar for a share; the share itself for machines.
    Bar(Bar),
    /// A state; its word for machines.
    State(State),
    /// A span of time; seconds for machines.
    Span(Duration),
    /// A moment in a zone; RFC 3339 in UTC for machines.
    Instant(Instant, FixedOffset),
    /// A value with a meaning for people, from [`styled`](Self::styled).
    Styled(Style, Box<Cell>),
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// The name of something.
    pub fn name(name: impl Into<String>) -> Self {
        Self::Text(Text::new().name(name))
    }

    /// Words of less importance.
    pub fn muted(text: impl Into<String>) -> Self {
        Self::Text(Text::new().muted(text))
    }

    /// A count of something.
    pub fn count(count: u64) -> Self {
        Self::Count(count)
    }

    /// A number with that many digits after the point.
    pub fn number(value: f64, digits: usize) -> Self {
        Self::Number { value, digits }
    }

    /// As [`number`](Self::number), with more digits where it takes them to print the number on the same
    /// side of each boundary (a factor, say) as it lies.
    pub fn number_against(value: f64, digits: usize, boundaries: &[f64]) -> Self {
        Self::number(value, words::honest_digits(value, digits, boundaries))
    }

    /// A share that somebody wrote.
    pub fn ratio(ratio: Ratio) -> Self {
        Self::Ratio(ratio)
    }

    /// A measured share as a percentage, with two digits or as many as it takes not to round up to 100 % or
    /// down to 0 %.
    pub fn percent(share: f64) -> Self {
        Self::percent_against(share, &[])
    }

    /// As [`percent`](Self::percent), with enough digits that it is printed on the same side of each
    /// boundary (a target, say) as it lies.
    pub fn percent_against(share: f64, boundaries: &[f64]) -> Self {
        let digits = words::percent_digits(share, boundaries);
        Self::Percent { share, digits }
    }

    /// A bar for what remains.
    pub fn bar(share: impl Into<Option<f64>>, width: usize) -> Self {
        Self::Bar(Bar { share: share.into(), width, style: Style::Plain })
    }

    /// `✓ word`
    pub fn good(word: impl Into<String>) -> Self {
        Self::State(State::good(word))
    }

    /// `! word`
    pub fn warning(word: impl Into<String>) -> Self {
        Self::State(State::warning(word))
    }

    /// `✗ word`
    pub fn bad(word: impl Into<String>) -> Self {
        Self::State(State::bad(word))
    }

    /// `? word`
    pub fn unknown(word: impl Into<String>) -> Self {
        Self::State(State::unknown(word))
    }

    /// A span of time.
    pub fn span(span: Duration) -> Self {
        Self::Span(span)
    }

    /// A moment, shown in UTC.
    pub fn instant(at: Instant) -> Self {
        Self::instant_in(at, words::UTC)
    }

    /// A moment, shown in a zone's offset.
    pub fn instant_in(at: Instant, offset: FixedOffset) -> Self {
        Self::Instant(at, offset)
    }

    /// The same value with a meaning for people; a state keeps its own.
    #[must_use]
    pub fn styled(self, style: Style) -> Self {
        Self::Styled(style, Box::new(self))
    }

    /// The value without a meaning added to it.
    pub(super) fn bare(&self) -> &Self {
        match self {
            Self::Styled(_, cell) => cell.bare(),
            cell => cell,
        }
    }

    /// Whether the value is a quantity, which is aligned to the right.
    pub(super) fn is_number(&self) -> bool {
        matches!(
            self.bare(),
            Self::Count(_) | Self::Number { .. } | Self::Ratio(_) | Self::Percent { .. }
        )
    }

    /// The form for people; `percent_digits` overrides the digits of a percentage with more.
    pub(super) fn human(&self, percent_digits: Option<usize>) -> Text {
        match self {
            Self::Missing => missing(),
            Self::Text(text) => text.clone(),
            Self::Count(count) => words::thousands(*count).into(),
            Self::Number { value, .. } if !value.is_finite() => missing(),
            Self::Number { value, digits } => words::number(*value, *digits).into(),
            Self::Ratio(ratio) => ratio.percent().into(),
            Self::Percent { share, .. } if !share.is_finite() => missing(),
            Self::Percent { share, digits } => {
                words::percent_with(*share, percent_digits.unwrap_or(0).max(*digits)).into()
            }
            Self::Bar(bar) => Text::new().bar(*bar),
            Self::State(state) => Text::new().state(state.clone()),
            Self::Span(span) => words::span_short(*span).into(),
            Self::Instant(at, offset) => words::instant_in(*at, *offset).into(),
            Self::Styled(style, cell) => cell.human(percent_digits).with_default(*style),
        }
    }

    /// The form for machines.
    pub(super) fn machine(&self) -> String {
        let number = |value: f64| match significant(value) {
            serde_json::Value::Null => String::new(),
            number => number.to_string(),
        };
        match self {
            Self::Missing => String::new(),
            Self::Text(text) => text.machine(),
            Self::Count(count) => count.to_string(),
            Self::Number { value, .. } => number(*value),
            Self::Ratio(ratio) => ratio.to_string(),
            Self::Percent { share, .. } => number(*share),
            Self::Bar(bar) => bar.share.map(number).unwrap_or_default(),
            Self::State(state) => state.word.clone(),
            Self::Span(span) => number(span.seconds()),
            Self::Instant(at, _) => {
                at.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::AutoSi, true)
            }
            Self::Styled(_, cell) => cell.machine(),
        }
    }
}

/// `–`
fn missing() -> Text {
    Text::new().state(State::muted(""))
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

impl From<Text> for Cell {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<State> for Cell {
    fn from(state: State) -> Self {
        Self::State(state)
    }
}

impl From<Bar> for Cell {
    fn from(bar: Bar) -> Self {
        Self::Bar(bar)
    }
}

impl From<Ratio> for Cell {
    fn from(ratio: Ratio) -> Self {
        Self::Ratio(ratio)
    }
}

impl From<Duration> for Cell {
    fn from(span: Duration) -> Self {
        Self::Span(span)
    }
}

impl From<Instant> for Cell {
    fn from(at: Instant) -> Self {
        Self::instant(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `cell` for people and for machines, with and without a style.
    #[track_caller]
    fn check(cell: Cell, human: &str, machine: &str) {
        for cell in [cell.clone(), cell.styled(Style::Bad)] {
            assert_eq!(cell.human(None).machine(), human);
            assert_eq!(cell.machine(), machine);
        }
    }

    #[test]
    fn people_read_words_and_machines_values() {
        check(Cell::count(12_345), "12,345", "12345");
        check(Cell::number(1234.567, 1), "1,234.6", "1234.567");
        check(Cell::number(f64::NAN, 1), "", "");
        check(Cell::number_against(14.38, 1, &[14.4]), "14.38", "14.38");
        check(Cell::percent(1.0 - 0.000_3), "99.97%", "0.9997");
        check(Cell::percent_against(0.998_996, &[0.999]), "99.8996%", "0.998996");
        check(Cell::percent(f64::INFINITY), "", "");
        check(Cell::ratio("99.9%".parse().unwrap()), "99.9%", "0.999");
        check(Cell::bar(0.25, 10), "", "0.25");
        check(Cell::bad("exhausted"), "exhausted", "exhausted");
        check(Cell::span(Duration::from_minutes(90)), "1h 30m", "5400");
        let at: Instant = "2026-05-14T09:20:30Z".parse().unwrap();
        check(Cell::instant(at), "2026-05-14 09:20 UTC", "2026-05-14T09:20:30Z");
        check(Cell::from(None::<u64>), "", "");
        check(Cell::from(Some(7)), "7", "7");
    }
}
