//! From an input to a stream of blocks and a reader that knows where the needed columns are.
use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::{
    access_log::{self, Variant},
    blocks::{BlockReader, Framing},
    csv,
    detect::{BYTE_ORDER_MARK, Detected, detect},
    json_lines,
    predicate::ColumnUse,
    record::{RecordSink, TIME},
    report::ScanError,
    request::{DurationUnit, Format, Input, ScanRequest},
};

/// Takes the number of bytes that were just read, compressed as they are; called from any thread.
pub type Progress<'p> = &'p (dyn Fn(u64) + Sync);

/// Names of columns that hold a time, the more certain ones first.
const TIME_NAMES: [&str; 18] = [
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "datetime",
    "date_time",
    "time_iso8601",
    "time_local",
    "msec",
    "event_time",
    "eventtime",
    "start_time",
    "created_at",
    "_time",
    "minute",
    "bucket",
    "date",
    "t",
];

/// Columns of access logs and what nginx calls them in JSON.
const NGINX_NAMES: [(&str, &str); 9] = [
    ("host", "remote_addr"),
    ("method", "request_method"),
    ("path", "uri"),
    ("path", "request_uri"),
    ("protocol", "server_protocol"),
    ("bytes", "body_bytes_sent"),
    ("referer", "http_referer"),
    ("user_agent", "http_user_agent"),
    ("duration", "request_time"),
];

/// The columns that a request needs, each in a slot; slot 0 is the time.
#[derive(Debug, Default)]
pub(super) struct Needed {
    columns: Vec<(ColumnUse, usize)>,
    /// Whether all other columns are wanted too, in the slots behind the needed ones.
    pub(super) others: bool,
}

impl Needed {
    /// The slot of a column that a measure uses.
    pub(super) fn slot(&mut self, used: &ColumnUse, measure: usize) -> u16 {
        let known = self.columns.iter().position(|(column, _)| column.name == used.name);
        let index = known.unwrap_or_else(|| {
            self.columns.push((used.clone(), measure));
            self.columns.len() - 1
        });
        // Predicates are short enough that no request comes near this many columns.
        u16::try_from(index + 1).unwrap_or(u16::MAX)
    }

    /// Gives a column a slot of its own, behind all others.
    pub(super) fn add(&mut self, used: &ColumnUse, measure: usize) {
        self.columns.push((used.clone(), measure));
    }

    /// The columns, from slot 1 on, with the measure that names each first.
    pub(super) fn columns(&self) -> &[(ColumnUse, usize)] {
        &self.columns
    }
}

/// An input that is ready to be read.
pub(super) struct Source<'p> {
    pub(super) name: String,
    pub(super) blocks: BlockReader<Box<dyn Read + Send + 'p>>,
    pub(super) gzip: bool,
    pub(super) layout: Layout,
    pub(super) assumptions: Vec<String>,
    /// The columns that it has, as far as that is known from its first lines.
    pub(super) columns: Vec<String>,
}

/// Where the needed columns are, in one of the formats.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    Empty,
    Csv(csv::Layout),
    JsonLines(json_lines::Layout),
    AccessLog(Vec<access_log::Column>, DurationUnit),
}

/// Reads the records of blocks, in one of the formats.
pub(super) enum Reader {
    Empty,
    Csv(csv::Reader),
    JsonLines(Box<json_lines::Reader>),
    AccessLog(Box<access_log::Reader>),
}

impl Layout {
    pub(super) fn format(&self) -> Option<Format> {
        match self {
            Self::Empty => None,
            Self::Csv(_) => Some(Format::Csv),
            Self::JsonLines(_) => Some(Format::JsonLines),
            Self::AccessLog(..) => Some(Format::AccessLog),
        }
    }

    pub(super) fn reader(&self) -> Reader {
        match self {
            Self::Empty => Reader::Empty,
            Self::Csv(layout) => Reader::Csv(csv::Reader::new(layout.clone())),
            Self::JsonLines(layout) => {
                Reader::JsonLines(Box::new(json_lines::Reader::new(layout.clone())))
            }
            Self::AccessLog(columns, unit) => {
                Reader::AccessLog(Box::new(access_log::Reader::new(columns.clone(), *unit)))
            }
        }
    }
}

impl Reader {
    pub(super) fn read(&mut self, block: &[u8], sink: &mut impl RecordSink) {
        match self {
            Self::Empty => {}
            Self::Csv(reader) => reader.read(block, sink),
            Self::JsonLines(reader) => reader.read(block, sink),
            Self::AccessLog(reader) => reader.read(block, sink),
        }
    }

    /// Which slots had a column in any record; `None` where the format says it beforehand.
    pub(super) fn seen(&self) -> Option<&[bool]> {
        match self {
            Self::JsonLines(reader) => Some(reader.seen()),
            Self::Empty | Self::Csv(_) | Self::AccessLog(_) => None,
        }
    }
}

/// Tells how far reading has come.
struct Counted<'p> {
    inner: Box<dyn Read + Send>,
    progress: Progress<'p>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        (self.progress)(count as u64);
        Ok(count)
    }
}

/// Opens an input and finds out what it is and where its columns are.
pub(super) fn open<'p>(
    input: Input,
    needed: &Needed,
    request: &ScanRequest,
    progress: Progress<'p>,
) -> Result<Source<'p>, ScanError> {
    let Stream { name, mut blocks, gzip } = open_stream(input, progress)?;
    let failed = |source| read_failed(&name, 1, false, source);
    if let Err(source) = blocks.head() {
        return Err(read_failed(&name, blocks.line(), gzip, source));
    }
    let (head, complete) = blocks.head().map_err(failed)?;
    let mut setup =
        Setup { name: &name, needed, request, assumptions: Vec::new(), columns: Vec::new() };
    let (skip, framing, layout) = setup.layout(head, complete)?;
    let Setup { assumptions, columns, .. } = setup;
    blocks.start(skip, framing);
    Ok(Source { name, blocks, gzip, layout, assumptions, columns })
}

/// An input whose bytes are at hand, whatever they are.
pub(super) struct Stream<'p> {
    pub(super) name: String,
    pub(super) blocks: BlockReader<Box<dyn Read + Send + 'p>>,
    pub(super) gzip: bool,
}

/// Opens an input and undoes gzip.
pub(super) fn open_stream<'p>(
    input: Input,
    progress: Progress<'p>,
) -> Result<Stream<'p>, ScanError> {
    let name = input.name;
    let failed = |source| read_failed(&name, 1, false, source);
    let inner = (input.open)().map_err(failed)?;
    let mut reader = Counted { inner, progress };
    let mut magic = [0; 2];
    let length = read_some(&mut reader, &mut magic).map_err(failed)?;
    let gzip = length == 2 && magic == [0x1f, 0x8b];
    let stream = Cursor::new(magic[..length].to_vec()).chain(reader);
    let stream: Box<dyn Read + Send + 'p> =
        if gzip { Box::new(MultiGzDecoder::new(stream)) } else { Box::new(stream) };
    Ok(Stream { name, blocks: BlockReader::new(stream), gzip })
}

fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match reader.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// A failure to read, with its place.
pub(super) fn read_failed(input: &str, line: u64, gzip: bool, source: io::Error) -> ScanError {
    let input = input.to_owned();
    match source.kind() {
        io::ErrorKind::UnexpectedEof if gzip => ScanError::TruncatedGzip { input, line },
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if gzip => {
            ScanError::DamagedGzip { input, line, source }
        }
        _ => ScanError::Unreadable { input, line, source },
    }
}

/// Finds the columns in the head of an input.
struct Setup<'a> {
    name: &'a str,
    needed: &'a Needed,
    request: &'a ScanRequest,
    assumptions: Vec<String>,
    columns: Vec<String>,
}

impl Setup<'_> {
    fn layout(
        &mut self,
        head: &[u8],
        complete: bool,
    ) -> Result<(usize, Framing, Layout), ScanError> {
        let mark = if head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let detected = detect(self.name, head, complete, self.request.format)
            .map_err(|unknown| self.format_error(unknown.message, unknown.help))?;
        match detected {
            Detected::Empty => Ok((head.len(), Framing::Lines, Layout::Empty)),
            Detected::Csv(delimiter) => {
                let (header, layout) = self.csv(&head[mark..], complete, delimiter)?;
                Ok((mark + header, Framing::Quoted(delimiter), Layout::Csv(layout)))
            }
            Detected::AccessLog(variant) => Ok((mark, Framing::Lines, self.access_log(variant)?)),
            Detected::JsonLines => {
                Ok((mark, Framing::Lines, self.json_lines(&head[mark..], complete)?))
            }
        }
    }

    fn format_error(&self, message: String, help: String) -> ScanError {
        ScanError::Format { input: self.name.to_owned(), message, help }
    }

    /// The name that a column has in the file.
    fn file_name<'n>(&'n self, name: &'n str) -> &'n str {
        self.request.columns.get(name).map_or(name, String::as_str)
    }

    fn csv(
        &mut self,
        head: &[u8],
        complete: bool,
        delimiter: u8,
    ) -> Result<(usize, csv::Layout), ScanError> {
        // Lines before the header, if any, are empty.
        let start = head.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let end = csv::quoted_end(head, start, delimiter);
        if end == head.len() && !complete {
            return Err(self.format_error(
                "begins with a line of more than 64 KiB, which is no header".to_owned(),
                "the first line of a CSV file names its columns".to_owned(),
            ));
        }
        let record = csv::trim_return(&head[start..end]);
        let (mut text, mut ends) = (Vec::new(), Vec::new());
        let width = csv::unquote(delimiter, record, &mut text, &mut ends);
        let names: Vec<String> = (0..width)
            .map(|at| if at == 0 { 0 } else { ends[at - 1] }..ends[at])
            .map(|range| String::from_utf8_lossy(&text[range]).trim().to_owned())
            .collect();
        let time = self.time_column(&names)?;
        let mut positions = vec![time];
        for (column, measure) in self.needed.columns() {
            let position = find_column(&names, self.file_name(&column.name));
            positions.push(position.ok_or_else(|| self.unknown(column, *measure, &names))?);
        }
        if self.needed.others {
            let others: Vec<usize> = (0..width).filter(|at| !positions.contains(at)).collect();
            positions.extend(others);
        }
        let shown = if delimiter == b'\t' {
            "tabs".to_owned()
        } else {
            format!("`{}`", char::from(delimiter))
        };
        self.assumptions.push(format!("read as CSV with {shown} between the fields"));
        self.columns = names;
        Ok(((end + 1).min(head.len()), csv::Layout::new(delimiter, width, &positions)))
    }

    /// The column of the time, as asked for or by its name.
    fn time_column(&mut self, names: &[String]) -> Result<usize, ScanError> {
        if let Some(asked) = &self.request.time {
            return find_column(names, self.file_name(asked)).ok_or_else(|| {
                ScanError::UnknownTime {
                    input: self.name.to_owned(),
                    column: asked.clone(),
                    available: names.to_vec(),
                }
            });
        }
        let found = TIME_NAMES
            .iter()
            .find_map(|known| find_column(names, self.file_name(known)))
            .ok_or_else(|| ScanError::NoTime {
            input: self.name.to_owned(),
            available: names.to_vec(),
        })?;
        self.assumptions.push(format!("the time is in column `{}`", names[found]));
        Ok(found)
    }

    fn json_lines(&mut self, head: &[u8], complete: bool) -> Result<Layout, ScanError> {
        let names = json_lines::sample_keys(head, complete);
        if names.is_empty() {
            return Err(self.format_error(
                "is not JSON Lines: none of its first lines is an object with keys".to_owned(),
                "write one object per line, such as with `jq -c`".to_owned(),
            ));
        }
        let time = self.time_column(&names)?;
        let mut positions = vec![time];
        let mut keys = vec![names[time].clone()];
        for (column, _) in self.needed.columns() {
            let wanted = self.file_name(&column.name).to_owned();
            let position = find_column(&names, &wanted).or_else(|| {
                let mut nginx = NGINX_NAMES.iter().filter(|(name, _)| *name == wanted);
                let found = nginx.find_map(|(_, key)| find_column(&names, key))?;
                self.assumptions.push(format!("`{wanted}` is in key `{}`", names[found]));
                Some(found)
            });
            positions.extend(position);
            // A key that is rare may come later; that it never came is seen at the end.
            keys.push(position.map_or(wanted, |position| names[position].clone()));
        }
        if self.needed.others {
            let others = names.iter().enumerate().filter(|(at, _)| !positions.contains(at));
            keys.extend(others.map(|(_, name)| name.clone()));
        }
        self.assumptions.push("read as JSON Lines".to_owned());
        self.columns = names;
        Ok(Layout::JsonLines(json_lines::Layout::new(keys)))
    }

    fn unknown(&self, column: &ColumnUse, measure: usize, available: &[String]) -> ScanError {
        ScanError::UnknownColumn {
            input: self.name.to_owned(),
            column: column.clone(),
            measure,
            available: available.to_vec(),
        }
    }

    fn access_log(&mut self, variant: Variant) -> Result<Layout, ScanError> {
        if self.needed.others {
            return Err(self.format_error(
                "is an access log, whose lines are events and not counts".to_owned(),
                "measure it by `events`".to_owned(),
            ));
        }
        let available = variant.columns();
        let mut columns = vec![access_log::Column::Time];
        for (used, measure) in self.needed.columns() {
            let position = find_column(&available, self.file_name(&used.name))
                .ok_or_else(|| self.unknown(used, *measure, &available))?;
            let column = access_log::COLUMNS
                .iter()
                .find(|(name, _)| *name == available[position])
                .map_or(access_log::Column::Time, |(_, column)| *column);
            columns.push(column);
        }
        debug_assert_eq!(columns[TIME], access_log::Column::Time);
        self.assumptions.push(format!("read as an access log in {}", variant.name()));
        let mut unit = DurationUnit::Seconds;
        if columns.contains(&access_log::Column::Duration) {
            unit = match self.request.duration_unit {
                Some(unit) => unit,
                None if variant.whole_durations => {
                    return Err(self.format_error(
                        "has durations in whole numbers, whose unit is not known".to_owned(),
                        "say which unit they are in: seconds (`%T`, `$request_time`), \
                         milliseconds (`%{ms}T`) or microseconds (`%D`)"
                            .to_owned(),
                    ));
                }
                None => DurationUnit::Seconds,
            };
            let name = match unit {
                DurationUnit::Seconds => "seconds",
                DurationUnit::Milliseconds => "milliseconds",
                DurationUnit::Microseconds => "microseconds",
            };
            self.assumptions
                .push(format!("`duration` is the first number at the end of a line, in {name}"));
        }
        Ok(Layout::AccessLog(columns, unit))
    }
}

/// Position of a name, without regard to case only where no other name differs in case alone.
fn find_column(names: &[String], wanted: &str) -> Option<usize> {
    names.iter().position(|name| name == wanted).or_else(|| {
        let mut alike = names
            .iter()
            .enumerate()
            .filter(|(_, name)| name.to_lowercase() == wanted.to_lowercase());
        match (alike.next(), alike.next()) {
            (Some((position, _)), None) => Some(position),
            _ => None,
        }
    })
}
