//! Results as data. A command returns a [`Report`]; one renderer per [`Format`] turns it into bytes,
//! and its [`Verdict`] decides the exit code. Nothing here knows a terminal, a stream or a domain.
//!
//! | where | what |
//! |---|---|
//! | this file | [`Report`], [`Verdict`] |
//! | [`block`](Block) | what a report for people is made of: headings, tables, facts, lists, trees, folds, code |
//! | [`table`](Table) | tables and their columns, without any width yet |
//! | [`cell`](Cell) | one value of a table, for people and for machines |
//! | [`text`](Text) | inline text with meaning: good, bad, a name, a state, a bar |
//! | [`metric`](MetricFamily) | the same results as OpenMetrics samples |
//! | [`harmless()`] | control characters of other people's text made visible |
//! | [`without_secrets()`] | credentials in addresses hidden |
//! | [`significant()`] | numbers of the machine forms: twelve significant digits |
//! | [`xml`] | text in XML |
//! | [`words`] | counts, percentages, spans and instants as people read them |
//! | [`render()`] | a report to bytes; `renderers` has one file per format |
//!
//! # Example: an error budget
//! ```
//! use serde_json::json;
//! use sre::kernel::report::{Cell, Column, Format, Report, Surface, Table, Verdict, render};
//!
//! let table = Table::new()
//!     .column(Column::new("SLO"))
//!     .column(Column::new("SLI"))
//!     .column(Column::new("Remaining"))
//!     .column(Column::new("State"))
//!     .row([
//!         Cell::name("checkout-availability"),
//!         Cell::percent(0.9997),
//!         Cell::bar(0.7, 10),
//!         Cell::good("ok"),
//!     ]);
//! let report = Report::new("sre/budget@1", json!({"items": [{"sli": 0.9997}]}))
//!     .block(table)
//!     .verdict(Verdict::Pass);
//!
//! let mut out = Vec::new();
//! render(&report, Format::Table, Surface::plain(Some(80)), &mut out)?;
//! assert_eq!(
//!     String::from_utf8_lossy(&out),
//!     "SLO                       SLI  REMAINING   STATE\n\
//!      checkout-availability  99.97%  #######...  + ok\n"
//! );
//! # Ok::<(), std::io::Error>(())
//! ```
mod block;
mod cell;
mod form;
mod format;
mod harmless;
mod metric;
mod number;
mod renderers;
mod secret;
mod table;
#[cfg(test)]
mod testing;
mod text;
pub mod words;
pub mod xml;

pub use block::{Block, Branch};
pub use cell::Cell;
pub use form::{Form, FormKind};
pub use format::{Format, UnknownFormat, render};
pub use harmless::harmless;
pub use metric::{MetricFamily, MetricKind, Sample};
pub use number::{significant, significant_number};
pub use renderers::Surface;
pub use secret::without_secrets;
pub use table::{Align, Audience, Column, Overflow, Table};
pub use text::{Bar, Inline, Mark, State, Style, Text};

use serde_json::{Map, Value};

/// What an answer means for whoever waits for the exit code. The order is that of precedence: of
/// several verdicts the greatest stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing to act on.
    #[default]
    Pass,
    /// A verdict was asked for and the measurements do not allow one.
    Undecided,
    /// Something was found that somebody has to act on.
    Found,
}

impl Verdict {
    /// The verdict over both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl FromIterator<Verdict> for Verdict {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        verdicts.into_iter().fold(Self::Pass, Self::and)
    }
}

/// The answer of a command: one machine form, one human form, one verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    schema: String,
    data: Value,
    blocks: Vec<Block>,
    metrics: Vec<MetricFamily>,
    verdict: Verdict,
}

impl Report {
    /// A report whose machine form is `data` under the name and version `schema`, such as
    /// `sre/budget@1`. The machine form is always an object that begins with `"schema"`: the fields of
    /// `data` follow it, and what is not an object becomes its field `items`.
    pub fn new(schema: impl Into<String>, data: Value) -> Self {
        let schema = schema.into();
        let mut object = Map::new();
        object.insert("schema".to_owned(), Value::String(schema.clone()));
        match data {
            Value::Object(fields) => {
                object.extend(fields.into_iter().filter(|(key, _)| key != "schema"));
            }
            Value::Null => {}
            other => {
                object.insert("items".to_owned(), other);
            }
        }
        Self {
            schema,
            data: Value::Object(object),
            blocks: Vec::new(),
            metrics: Vec::new(),
            verdict: Verdict::Pass,
        }
    }

    /// Adds a block to the human form.
    #[must_use]
    pub fn block(mut self, block: impl Into<Block>) -> Self {
        self.blocks.push(block.into());
        self
    }

    /// Adds several blocks to the human form.
    #[must_use]
    pub fn blocks(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.blocks.extend(blocks);
        self
    }

    /// Adds the family to the OpenMetrics form; samples of a name that is there already join it, because
    /// a family must stand in one piece.
    #[must_use]
    pub fn metric(mut self, family: MetricFamily) -> Self {
        match self.metrics.iter_mut().find(|known| known.name == family.name) {
            Some(known) => known.samples.extend(family.samples),
            None => self.metrics.push(family),
        }
        self
    }

    /// Sets what the answer means; [`Verdict::Pass`] where it is not said.
    #[must_use]
    pub fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        self
    }

    /// Name and version of the machine form.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The machine form: an object that begins with `"schema"`.
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// The human form.
    pub fn human(&self) -> &[Block] {
        &self.blocks
    }

    /// The OpenMetrics form.
    pub fn metrics(&self) -> &[MetricFamily] {
        &self.metrics
    }

    /// What the answer means.
    pub fn outcome(&self) -> Verdict {
        self.verdict
    }

    /// The table that the CSV form consists of: the one marked with [`Table::main`], else the first.
    /// One, because a CSV file has one header.
    pub fn main_table(&self) -> Option<&Table> {
        let mut tables = self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        });
        let first = tables.next()?;
        if first.is_main() { Some(first) } else { tables.find(|t| t.is_main()).or(Some(first)) }
    }

    /// Whether the report has anything to say in `format`: CSV needs a table, OpenMetrics samples.
    pub fn offers(&self, format: Format) -> bool {
        match format {
            Format::Csv => self.main_table().is_some(),
            Format::OpenMetrics => !self.metrics.is_empty(),
            Format::Table | Format::Json | Format::Yaml | Format::Markdown => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_machine_form_begins_with_its_schema() {
        let report = Report::new("sre/x@1", json!({"b": 1, "schema": "other", "a": 2}));
        assert_eq!(report.data().to_string(), r#"{"schema":"sre/x@1","b":1,"a":2}"#);
        let report = Report::new("sre/x@1", json!([1, 2]));
        assert_eq!(report.data().to_string(), r#"{"schema":"sre/x@1","items":[1,2]}"#);
    }

    #[test]
    fn found_outweighs_undecided_outweighs_pass() {
        use Verdict::{Found, Pass, Undecided};
        assert_eq!([Pass, Found, Undecided].into_iter().collect::<Verdict>(), Found);
        assert_eq!([Pass, Undecided].into_iter().collect::<Verdict>(), Undecided);
        assert_eq!([].into_iter().collect::<Verdict>(), Pass);
    }

    #[test]
    fn the_csv_table_is_the_marked_one_else_the_first() {
        let first = Table::new().title("first");
        let second = Table::new().title("second");
        let report = Report::new("sre/x@1", Value::Null);
        assert!(!report.offers(Format::Csv));
        let report = report.block(first.clone()).block(second.clone());
        assert_eq!(report.main_table(), Some(&first));
        let report = report.block(second.clone().main());
        assert_eq!(report.main_table(), Some(&second.main()));
    }
}
