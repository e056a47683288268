//! `{{.window}}` in Sloth's queries, which are templates of Go.
use std::ops::Range;

/// What a query holds between double braces.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Template {
    /// Whether `{{.window}}` is among it.
    pub(super) windowed: bool,
    /// The first that is something else.
    pub(super) unknown: Option<Range<usize>>,
}

/// Looks at all double braces of a query.
pub(super) fn read(query: &str) -> Template {
    let mut template = Template::default();
    for (range, inside) in braces(query) {
        if inside == ".window" {
            template.windowed = true;
        } else if template.unknown.is_none() {
            template.unknown = Some(range);
        }
    }
    template
}

/// The query with every `{{ .window }}` as `{{.window}}`.
pub(super) fn normal(query: &str) -> String {
    replaced(query, "{{.window}}")
}

/// The query with a text in place of every `{{.window}}`.
pub fn replaced(query: &str, window: &str) -> String {
    let mut text = String::with_capacity(query.len());
    let mut from = 0;
    for (range, inside) in braces(query) {
        if inside == ".window" {
            text.push_str(&query[from..range.start]);
            text.push_str(window);
            from = range.end;
        }
    }
    text + &query[from..]
}

/// Why a text is no template that Prometheus could fill in; `None` where nothing is wrong with its braces.
pub(super) fn unclosed(text: &str) -> Option<&'static str> {
    let after_last = braces(text).last().map_or(0, |(range, _)| range.end);
    text[after_last..].contains("{{").then_some("`{{` without `}}`")
}

/// Each pair of double braces, with what stands between them.
fn braces(query: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + query[from..].find("{{")?;
        let length = query[start..].find("}}")?;
        from = start + length + 2;
        Some((start..from, query[start + 2..start + length].trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_found_with_and_without_spaces() {
        assert!(read("a[{{.window}}]").windowed && read("a[{{  .window }}]").windowed);
        assert_eq!(normal("a[{{ .window }}] / b[{{.window}}]"), "a[{{.window}}] / b[{{.window}}]");
        assert_eq!(replaced("a[{{ .window }}:1m]{{", "5m"), "a[5m:1m]{{");
        assert_eq!(read("a[5m]"), Template::default());
    }

    #[test]
    fn braces_of_templates_are_closed() {
        assert_eq!(unclosed("{{ $value }} of {{ $labels.a }}"), None);
        assert_eq!(unclosed("{ and }"), None);
        assert_eq!(unclosed("{{ $value }} of {{ .x"), Some("`{{` without `}}`"));
    }

    #[test]
    fn other_variables_are_found() {
        let template = read("a{b=\"{{.service}}\"}[{{.window}}]");
        assert_eq!(template, Template { windowed: true, unknown: Some(5..17) });
    }
}
