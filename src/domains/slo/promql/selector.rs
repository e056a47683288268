//! Series selectors: `http_requests_total{job="api", code!~"5.."}`.

/// A metric and what its labels must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::domains::slo) struct Selector {
    /// The metric's name; `None` where only labels say it.
    pub(in crate::domains::slo) metric: Option<String>,
    /// Conditions on labels, sorted, each once.
    pub(in crate::domains::slo) matchers: Vec<Matcher>,
}

/// A condition on one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domains::slo) struct Matcher {
    /// The label.
    pub(in crate::domains::slo) label: String,
    /// How it is compared.
    pub(in crate::domains::slo) operator: Operator,
    /// With what.
    pub(in crate::domains::slo) value: String,
}

/// How a label is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domains::slo) enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}

impl Selector {
    /// A selector with its matchers in order.
    pub(super) fn new(metric: Option<String>, mut matchers: Vec<Matcher>) -> Self {
        matchers.sort();
        matchers.dedup();
        Self { metric, matchers }
    }

    /// The value that a label must equal.
    pub(in crate::domains::slo) fn fixed(&self, label: &str) -> Option<&str> {
        self.matchers
            .iter()
            .find(|matcher| matcher.label == label && matcher.operator == Operator::Equal)
            .map(|matcher| matcher.value.as_str())
    }

    /// Whether it asks for the same metric under more conditions than `other`.
    pub(in crate::domains::slo) fn is_narrower_than(&self, other: &Self) -> bool {
        self.metric == other.metric
            && self.matchers.len() > other.matchers.len()
            && other.matchers.iter().all(|matcher| self.matchers.contains(matcher))
    }
}

/// Reads a plain selector without escapes and without difficult regular expressions; `None` for all
/// else, which may be right and is left to the parser.
pub(super) fn parse(text: &str) -> Option<Selector> {
    let text = text.trim();
    let (metric, rest) = text.split_at(name_length(text, true));
    let metric = (!metric.is_empty()).then(|| metric.to_owned());
    let rest = rest.trim_start();
    if rest.is_empty() {
        return metric.map(|metric| Selector::new(Some(metric), Vec::new()));
    }
    let mut rest = rest.strip_prefix('{')?.strip_suffix('}')?.trim_start();
    let mut matchers = Vec::new();
    while !rest.is_empty() {
        let (matcher, tail) = matcher(rest)?;
        matchers.push(matcher);
        rest = match tail.strip_prefix(',') {
            Some(tail) => tail.trim_start(),
            None if tail.is_empty() => tail,
            None => return None,
        };
    }
    // `{}` alone selects nothing that Prometheus would accept.
    (metric.is_some() || !matchers.is_empty()).then(|| Selector::new(metric, matchers))
}

/// Bytes of the name at the beginning of a text.
fn name_length(text: &str, colons: bool) -> usize {
    let part = |byte: u8, first: bool| {
        byte.is_ascii_alphabetic()
            || byte == b'_'
            || (colons && byte == b':')
            || (!first && byte.is_ascii_digit())
    };
    text.bytes().enumerate().take_while(|(at, byte)| part(*byte, *at == 0)).count()
}

/// `label="value"` and what follows, spaces left out.
fn matcher(text: &str) -> Option<(Matcher, &str)> {
    let (label, rest) = text.split_at(name_length(text, false));
    let rest = rest.trim_start();
    let operators = [
        ("=~", Operator::Matches),
        ("!~", Operator::MatchesNot),
        ("!=", Operator::NotEqual),
        ("=", Operator::Equal),
    ];
    let (rest, operator) = operators
        .into_iter()
        .find_map(|(sign, operator)| Some((rest.strip_prefix(sign)?, operator)))?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, rest) = rest[1..].split_once(quote)?;
    let expression = matches!(operator, Operator::Matches | Operator::MatchesNot);
    if label.is_empty() || value.contains('\\') || (expression && !is_easy(value)) {
        return None;
    }
    let matcher = Matcher { label: label.to_owned(), operator, value: value.to_owned() };
    Some((matcher, rest.trim_start()))
}

/// Whether a regular expression is valid at a glance.
fn is_easy(expression: &str) -> bool {
    let mut before = ' ';
    expression.chars().all(|character| {
        let fine = character.is_ascii_alphanumeric()
            || matches!(character, '_' | '-' | '/' | '.' | '|')
            || (matches!(character, '*' | '+') && before == '.');
        before = character;
        fine
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_as_the_parser_reads_them() {
        for text in [
            "up",
            "job:errors:rate5m",
            r#"a{b="c"}"#,
            r#" a { b = "c" , d!~'5..|4.+', e=~"x.*" ,} "#,
            r#"{__name__="a", b!=""}"#,
            "a{}",
        ] {
            let own = parse(text).unwrap_or_else(|| panic!("{text}"));
            let theirs = super::super::query::read(text);
            assert!(theirs.plain, "{text}: {theirs:?}");
            assert_eq!(theirs.selectors, [own], "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_parser() {
        for text in [
            "",
            "{}",
            "a[5m]",
            "sum(a)",
            r#"a{b="c"} + d{e="f"}"#,
            r#"a{b="\n"}"#,
            r#"a{b=~"("}"#,
            r#"a{b=~"*"}"#,
            r#"a{b="c" d="e"}"#,
            r#"a{"b"="c"}"#,
            "a offset 5m",
            "5",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
