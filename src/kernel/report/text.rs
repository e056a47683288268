//! Inline text with meaning. What a meaning looks like is the renderer's business.

/// What a piece of text means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// Nothing in particular.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Not yet bad.
    Warning,
    /// Needs somebody.
    Bad,
    /// Not known, which is neither good nor bad.
    Unknown,
    /// Less important than what stands around it.
    Muted,
    /// More important than what stands around it.
    Strong,
    /// The name of a document, file, person or command.
    Name,
}

/// The sign in front of a state, so that meaning never hangs on colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// `✓`, in ASCII `+`.
    Check,
    /// `!`.
    Exclamation,
    /// `✗`, in ASCII `x`.
    Cross,
    /// `?`.
    Question,
    /// `–`, in ASCII `-`.
    Dash,
}

impl Mark {
    /// The sign itself.
    pub(super) fn glyph(self, unicode: bool) -> &'static str {
        match (self, unicode) {
            (Self::Check, true) => "✓",
            (Self::Check, false) => "+",
            (Self::Exclamation, _) => "!",
            (Self::Cross, true) => "✗",
            (Self::Cross, false) => "x",
            (Self::Question, _) => "?",
            (Self::Dash, true) => "–",
            (Self::Dash, false) => "-",
        }
    }
}

/// A state in one word: `✓ ok`, `! burning`, `✗ exhausted`, `? unknown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// What the state means.
    pub style: Style,
    /// The sign before the word.
    pub mark: Mark,
    /// The word; it alone stands in the machine forms.
    pub word: String,
}

impl State {
    /// `✓ word`
    pub fn good(word: impl Into<String>) -> Self {
        Self { style: Style::Good, mark: Mark::Check, word: word.into() }
    }

    /// `! word`
    pub fn warning(word: impl Into<String>) -> Self {
        Self { style: Style::Warning, mark: Mark::Exclamation, word: word.into() }
    }

    /// `✗ word`
    pub fn bad(word: impl Into<String>) -> Self {
        Self { style: Style::Bad, mark: Mark::Cross, word: word.into() }
    }

    /// `? word`
    pub fn unknown(word: impl Into<String>) -> Self {
        Self { style: Style::Unknown, mark: Mark::Question, word: word.into() }
    }

    /// `– word`: does not apply.
    pub fn muted(word: impl Into<String>) -> Self {
        Self { style: Style::Muted, mark: Mark::Dash, word: word.into() }
    }
}

/// A small bar for a share: `███████░░░`, in ASCII `#######...`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The share that is filled, cut to `0..=1`; `None` where it is not known.
    pub share: Option<f64>,
    /// Length in characters.
    pub width: usize,
    /// What the filled part means.
    pub style: Style,
}

impl Bar {
    /// Filled characters. Only a whole is drawn full and only nothing is drawn empty; `None` where the
    /// share is not known.
    pub(super) fn filled(self) -> Option<usize> {
        let share = self.share.filter(|share| !share.is_nan())?;
        if share >= 1.0 {
            return Some(self.width);
        }
        if share <= 0.0 || self.width == 0 {
            return Some(0);
        }
        let nearest = (1..self.width)
            .rev()
            .find(|cells| *cells as f64 - 0.5 <= share * self.width as f64)
            .unwrap_or(1);
        Some(nearest)
    }
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Inline {
    /// Text with one meaning. Line breaks and control characters in it are shown, not obeyed.
    Span(Style, String),
    /// A state with its mark.
    State(State),
    /// A bar.
    Bar(Bar),
}

/// A line of pieces.
///
/// ```
/// use sre::kernel::report::{State, Text};
/// let text = Text::new().name("checkout").plain(" is ").state(State::good("ok"));
/// assert_eq!(text.machine(), "checkout is ok");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    pieces: Vec<Inline>,
}

impl Text {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a piece.
    #[must_use]
    pub fn piece(mut self, piece: Inline) -> Self {
        self.pieces.push(piece);
        self
    }

    /// Appends text with a meaning.
    #[must_use]
    pub fn styled(self, style: Style, text: impl Into<String>) -> Self {
        self.piece(Inline::Span(style, text.into()))
    }

    /// Appends text without a particular meaning.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.styled(Style::Plain, text)
    }

    /// Appends what is as it should be.
    #[must_use]
    pub fn good(self, text: impl Into<String>) -> Self {
        self.styled(Style::Good, text)
    }

    /// Appends what is not yet bad.
    #[must_use]
    pub fn warning(self, text: impl Into<String>) -> Self {
        self.styled(Style::Warning, text)
    }

    /// Appends what needs somebody.
    #[must_use]
    pub fn bad(self, text: impl Into<String>) -> Self {
        self.styled(Style::Bad, text)
    }

    /// Appends what is not known.
    #[must_use]
    pub fn unknown(self, text: impl Into<String>) -> Self {
        self.styled(Style::Unknown, text)
    }

    /// Appends what is less important.
    #[must_use]
    pub fn muted(self, text: impl Into<String>) -> Self {
        self.styled(Style::Muted, text)
    }

    /// Appends what is more important.
    #[must_use]
    pub fn strong(self, text: impl Into<String>) -> Self {
        self.styled(Style::Strong, text)
    }

    /// Appends the name of something.
    #[must_use]
    pub fn name(self, text: impl Into<String>) -> Self {
        self.styled(Style::Name, text)
    }

    /// Appends a state.
    #[must_use]
    pub fn state(self, state: State) -> Self {
        self.piece(Inline::State(state))
    }

    /// Appends a bar.
    #[must_use]
    pub fn bar(self, bar: Bar) -> Self {
        self.piece(Inline::Bar(bar))
    }

    /// Appends the pieces of `other`.
    #[must_use]
    pub fn text(mut self, other: impl Into<Text>) -> Self {
        self.pieces.extend(other.into().pieces);
        self
    }

    /// The same text with `style` wherever it has none.
    #[must_use]
    pub fn with_default(mut self, style: Style) -> Self {
        for piece in &mut self.pieces {
            match piece {
                Inline::Span(own, _) if *own == Style::Plain => *own = style,
                Inline::Bar(bar) if bar.style == Style::Plain => bar.style = style,
                Inline::Span(..) | Inline::State(_) | Inline::Bar(_) => {}
            }
        }
        self
    }

    /// The pieces.
    pub fn pieces(&self) -> &[Inline] {
        &self.pieces
    }

    /// Whether nothing would be seen.
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Inline::Span(_, text) => text.is_empty(),
            Inline::State(_) => false,
            Inline::Bar(bar) => bar.width == 0,
        })
    }

    /// The words alone: states without their mark, bars left out.
    pub fn machine(&self) -> String {
        let mut words = String::new();
        for piece in &self.pieces {
            match piece {
                Inline::Span(_, text) => words.push_str(text),
                Inline::State(state) => words.push_str(&state.word),
                Inline::Bar(_) => {}
            }
        }
        words
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new().plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new().plain(text)
    }
}

impl From<State> for Text {
    fn from(state: State) -> Self {
        Self::new().state(state)
    }
}

impl From<Bar> for Text {
    fn from(bar: Bar) -> Self {
        Self::new().bar(bar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_or_empty_only_where_that_is_true() {
        let filled = |share| Bar { share, width: 10, style: Style::Good }.filled();
        assert_eq!(filled(Some(0.69)), Some(7));
        assert_eq!(filled(Some(0.999_99)), Some(9));
        assert_eq!(filled(Some(1.0)), Some(10));
        assert_eq!(filled(Some(0.000_01)), Some(1));
        assert_eq!(filled(Some(0.0)), Some(0));
        assert_eq!(filled(Some(-3.0)), Some(0));
        assert_eq!(filled(Some(7.0)), Some(10));
        assert_eq!(filled(None), None);
        assert_eq!(filled(Some(f64::NAN)), None);
        assert_eq!(Bar { share: Some(0.5), width: 1, style: Style::Good }.filled(), Some(1));
        assert_eq!(Bar { share: Some(0.5), width: 0, style: Style::Good }.filled(), Some(0));
    }
}
