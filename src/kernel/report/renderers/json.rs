//! JSON: the machine form, two spaces deep, with a line break at the end.
use crate::kernel::report::{Report, number::rounded};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io;

/// Writes the machine form of `report`.
pub(in crate::kernel::report) fn write(
    report: &Report,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Quiet(PrettyFormatter::new()));
    rounded(report.data()).serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Pretty printing that also escapes the control characters which JSON permits and terminals obey.
struct Quiet(PrettyFormatter<'static>);

impl Formatter for Quiet {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(char::is_control) {
            let (before, from) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut letters = from.chars();
            if let Some(letter) = letters.next() {
                write!(writer, "\\u{:04x}", u32::from(letter))?;
            }
            rest = letters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::report::testing::{any_value, printed};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn is_pretty_and_ordered_and_rounded() {
        let report = Report::new(
            "sre/budget@1",
            json!({"sli": 0.1 + 0.2, "good": 9997, "spent": -0.0, "at": null, "tags": [], "b": ["x"]}),
        );
        assert_eq!(
            printed(|out| write(&report, out)),
            r#"{
  "schema": "sre/budget@1",
  "sli": 0.3,
  "good": 9997,
  "spent": 0,
  "at": null,
  "tags": [],
  "b": [
    "x"
  ]
}
"#
        );
    }

    #[test]
    fn terminals_have_nothing_to_obey() {
        let report = Report::new("sre/x@1", json!({"name": "a\u{1b}[2J\u{9b}2J\u{7f}\"é"}));
        let text = printed(|out| write(&report, out));
        assert!(text.contains(r#""a\u001b[2J\u009b2J\u007f\"é""#), "{text}");
    }

    proptest! {
        #[test]
        fn reads_back(value in any_value()) {
            let report = Report::new("sre/x@1", json!({"value": value}));
            let text = printed(|out| write(&report, out));
            let back: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(back, rounded(report.data()));
        }
    }
}
