//! CSV as in RFC 4180: the report's main table (`Report::main_table`), a header in `snake_case`, one
//! record per row. Values are those for machines: all digits, no bars, seconds, RFC 3339.
//!
//! Lines end with a line feed alone, as shell tools expect; readers of RFC 4180 accept both ends.
use crate::kernel::report::{Audience, Report, Table, harmless};
use std::{borrow::Cow, io};

/// Writes the main table of `report`; nothing if it has none.
pub(in crate::kernel::report) fn write(
    report: &Report,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let Some(table) = report.main_table() else { return Ok(()) };
    let columns = table.seen_by(Audience::Machines);
    write_record(columns.iter().map(|at| table.columns[*at].key.clone()), out)?;
    for row in &table.rows {
        write_record(columns.iter().map(|at| Table::cell(row, *at).machine()), out)?;
    }
    Ok(())
}

fn write_record(
    fields: impl ExactSizeIterator<Item = String>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let alone = fields.len() == 1;
    for (at, field) in fields.enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(quoted(&harmless(&field), alone).as_bytes())?;
    }
    out.write_all(b"\n")
}

/// The field in quotes where it needs them. An empty field alone needs them too: an empty line is no
/// record.
fn quoted(field: &str, alone: bool) -> Cow<'_, str> {
    if field.contains([',', '"', '\n', '\r']) || (alone && field.is_empty()) {
        Cow::Owned(format!("\"{}\"", field.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::report::testing::{budget_report, printed};
    use crate::kernel::report::{Cell, Column};
    use proptest::prelude::*;

    #[test]
    fn has_the_values_and_not_the_looks() {
        assert_eq!(
            printed(|out| write(&budget_report(), out)),
            "\
slo,service,target,sli,bad,remaining_ratio,burn_rate,exhausts_in,state
checkout-availability,checkout,0.999,0.9997,3,0.7,0.3,,ok
checkout-latency-eu-west-1,checkout,0.99,0.985312,12345,-0.4688,1.47,,exhausted
search-availability,search,0.995,0.99612,88,0.224,14.4,1051200,burning
billing-freshness,billing,0.99,,,,,,unknown
"
        );
    }

    #[test]
    fn a_report_without_table_writes_nothing() {
        let report = Report::new("sre/x@1", serde_json::Value::Null);
        assert_eq!(printed(|out| write(&report, out)), "");
    }

    /// The records of `text`, as an independent reader sees them.
    fn read(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv_core::Reader::new();
        let (mut output, mut ends) = (vec![0; text.len() + 1], vec![0; text.len() + 2]);
        let (mut input, mut records) = (text.as_bytes(), Vec::new());
        loop {
            let (result, consumed, _, fields) = reader.read_record(input, &mut output, &mut ends);
            input = &input[consumed..];
            if !matches!(result, csv_core::ReadRecordResult::Record) {
                return records;
            }
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let fields = starts.zip(&ends[..fields]).map(|(start, end)| &output[start..*end]);
            records.push(fields.map(|field| String::from_utf8(field.to_vec()).unwrap()).collect());
        }
    }

    proptest! {
        #[test]
        fn reads_back(rows in prop::collection::vec(prop::collection::vec(any::<String>(), 3), 0..5), columns in 1_usize..=3) {
            let names = ["a", "b", "c"];
            let table = Table::new()
                .columns(names[..columns].iter().map(|name| Column::new(*name)))
                .rows(rows.iter().map(|row| row[..columns].iter().map(|text| Cell::from(text.as_str()))));
            let report = Report::new("sre/x@1", serde_json::Value::Null).block(table);
            let mut expected = vec![names[..columns].iter().map(ToString::to_string).collect::<Vec<_>>()];
            expected.extend(rows.iter().map(|row| row[..columns].iter().map(|text| harmless(text).into_owned()).collect()));
            prop_assert_eq!(read(&printed(|out| write(&report, out))), expected);
        }
    }
}
