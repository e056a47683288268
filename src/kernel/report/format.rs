//! The formats that an answer can be printed in.
use super::{Report, Surface, renderers};
use std::{fmt, io, str::FromStr};

/// A form of a [`Report`], as `--format` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Tables and text for people.
    #[default]
    Table,
    /// JSON, described by a published schema.
    Json,
    /// The same as YAML.
    Yaml,
    /// The main table as comma-separated values.
    Csv,
    /// Tables and text for a pull request or a wiki.
    Markdown,
    /// Samples for a Prometheus-compatible server.
    OpenMetrics,
}

/// A text that names no [`Format`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format `{0}`; expected one of table, json, yaml, csv, markdown, openmetrics")]
pub struct UnknownFormat(pub String);

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::Table, Self::Json, Self::Yaml, Self::Csv, Self::Markdown, Self::OpenMetrics];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::OpenMetrics => "openmetrics",
        }
    }

    /// What the format is for, in one line of help.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Table => "tables and text for people",
            Self::Json => "JSON with a versioned schema",
            Self::Yaml => "the same as YAML",
            Self::Csv => "the main table as comma-separated values",
            Self::Markdown => "tables and text for a pull request or a wiki",
            Self::OpenMetrics => "samples for Prometheus and its kin",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let named = Self::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// Writes `report` to `out` in `format`. `surface` says what the terminal can show and concerns the
/// table form alone.
///
/// # Errors
/// What `out` fails with.
pub fn render(
    report: &Report,
    format: Format,
    surface: Surface,
    out: &mut impl io::Write,
) -> io::Result<()> {
    match format {
        Format::Table => renderers::terminal::write(report, surface, out),
        Format::Json => renderers::json::write(report, out),
        Format::Yaml => renderers::yaml::write(report, out),
        Format::Csv => renderers::csv::write(report, out),
        Format::Markdown => renderers::markdown::write(report, out),
        Format::OpenMetrics => renderers::openmetrics::write(report, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err().to_string();
        assert!(Format::ALL.iter().all(|format| error.contains(format.name())), "{error}");
    }
}
