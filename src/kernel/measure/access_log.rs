//! Access logs of web servers: Common Log Format, Combined, and either with the request's duration.
//!
//! ```text
//! host ident user [17/May/2015:10:05:03 +0000] "GET /path HTTP/1.1" 200 1234 "referer" "agent" 0.005
//! ```
//!
//! The columns have fixed names: `host`, `time`, `method`, `path`, `protocol`, `status`, `bytes`,
//! `referer`, `user_agent`, `duration`; a `-` is NULL. The duration is the first bare number behind
//! the known parts (or one written as `rt=` or `request_time=`), in seconds. A line whose time and
//! status can be read is a record even if another part is broken; it is then called repaired.
use super::{
    blocks::count_newlines,
    csv::trim_return,
    predicate::Field,
    record::{Line, RecordSink, TIME},
    request::DurationUnit,
    time::{TimeReader, to_instant},
};

/// Columns by name, in the order in which they stand in a line.
pub(super) const COLUMNS: [(&str, Column); 10] = [
    ("host", Column::Host),
    ("time", Column::Time),
    ("method", Column::Method),
    ("path", Column::Path),
    ("protocol", Column::Protocol),
    ("status", Column::Status),
    ("bytes", Column::Bytes),
    ("referer", Column::Referer),
    ("user_agent", Column::UserAgent),
    ("duration", Column::Duration),
];

/// A column of an access log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Host,
    Time,
    Method,
    Path,
    Protocol,
    Status,
    Bytes,
    Referer,
    UserAgent,
    Duration,
}

/// A line cut into its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts<'l> {
    pub(super) host: &'l [u8],
    pub(super) time: &'l [u8],
    pub(super) request: &'l [u8],
    pub(super) status: &'l [u8],
    pub(super) bytes: Field<'l>,
    pub(super) referer: Field<'l>,
    pub(super) user_agent: Field<'l>,
    pub(super) duration: Field<'l>,
    /// What is broken, if anything.
    pub(super) broken: Option<&'static str>,
}

/// Reads the records of blocks.
pub(super) struct Reader {
    /// The column of each slot.
    columns: Vec<Column>,
    unit: DurationUnit,
    times: TimeReader,
    seconds: Vec<u8>,
    written_time: String,
}

impl Reader {
    pub(super) fn new(columns: Vec<Column>, unit: DurationUnit) -> Self {
        Self {
            columns,
            unit,
            times: TimeReader::default(),
            seconds: Vec::new(),
            written_time: String::new(),
        }
    }

    /// Hands every record of a block to the sink.
    pub(super) fn read(&mut self, block: &[u8], sink: &mut impl RecordSink) {
        let rewrites_time = self.columns.iter().skip(TIME + 1).any(|c| *c == Column::Time);
        let mut fields: Vec<Field<'_>> = Vec::with_capacity(self.columns.len());
        let mut start = 0;
        while start < block.len() {
            let end = memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |n| start + n);
            let text = trim_return(&block[start..end]);
            let line = Line { block, start, text };
            start = end + 1;
            if text.is_empty() {
                continue;
            }
            match split(text) {
                Err(reason) => sink.bad(line, || reason.to_owned()),
                Ok(parts) if rewrites_time || self.unit != DurationUnit::Seconds => {
                    self.record_rewritten(line, &parts, sink);
                }
                Ok(parts) => {
                    let columns = self.columns.iter();
                    fields.clear();
                    fields.extend(columns.map(|column| parts.column(*column)));
                    if sink.record(line, &fields)
                        && let Some(reason) = parts.broken
                    {
                        sink.repaired(line, || reason.to_owned());
                    }
                }
            }
        }
    }

    /// A record whose duration is brought to seconds and whose time, where a predicate asks for it,
    /// to the form `2015-05-17T10:05:03Z`, in which the order of texts is that of times.
    fn record_rewritten(&mut self, line: Line<'_>, parts: &Parts<'_>, sink: &mut impl RecordSink) {
        self.seconds.clear();
        let digits = match self.unit {
            DurationUnit::Seconds => 0,
            DurationUnit::Milliseconds => 3,
            DurationUnit::Microseconds => 6,
        };
        let duration = parts.duration.map(|text| shift_point(text, digits, &mut self.seconds));
        let time = self.times.read(parts.time).map(|nanoseconds| {
            let instant = to_instant(nanoseconds);
            self.written_time = instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            self.written_time.as_bytes()
        });
        let fields: Vec<Field<'_>> = self
            .columns
            .iter()
            .enumerate()
            .map(|(slot, column)| match column {
                Column::Duration => duration,
                Column::Time if slot != TIME => time,
                column => parts.column(*column),
            })
            .collect();
        if sink.record(line, &fields)
            && let Some(reason) = parts.broken
        {
            sink.repaired(line, || reason.to_owned());
        }
    }
}

/// The whole number `text` divided by that power of ten; what is not one stays as it is.
fn shift_point<'s>(text: &'s [u8], digits: usize, buffer: &'s mut Vec<u8>) -> &'s [u8] {
    if digits == 0 || !text.iter().all(u8::is_ascii_digit) {
        return text;
    }
    buffer.extend(std::iter::repeat_n(b'0', (digits + 1).saturating_sub(text.len())));
    buffer.extend_from_slice(text);
    buffer.insert(buffer.len() - digits, b'.');
    buffer
}

impl<'l> Parts<'l> {
    fn column(&self, column: Column) -> Field<'l> {
        let known = |text: &'l [u8]| (text != b"-" && !text.is_empty()).then_some(text);
        match column {
            Column::Host => known(self.host),
            Column::Time => known(self.time),
            Column::Status => known(self.status),
            Column::Bytes => self.bytes.and_then(known),
            Column::Referer => self.referer.and_then(known),
            Column::UserAgent => self.user_agent.and_then(known),
            Column::Duration => self.duration.and_then(known),
            Column::Method => self.request_parts().0,
            Column::Path => self.request_parts().1,
            Column::Protocol => self.request_parts().2,
        }
    }

    /// Method, path and protocol of a request line; all NULL where it is none.
    fn request_parts(&self) -> (Field<'l>, Field<'l>, Field<'l>) {
        let Some(blank) = memchr::memchr(b' ', self.request) else { return (None, None, None) };
        let (method, rest) = (&self.request[..blank], &self.request[blank + 1..]);
        if method.is_empty()
            || !method.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        {
            return (None, None, None);
        }
        let (path, protocol) = match memchr::memrchr(b' ', rest) {
            Some(blank) if rest[blank + 1..].starts_with(b"HTTP/") => {
                (&rest[..blank], Some(&rest[blank + 1..]))
            }
            // HTTP/0.9, or a path with blanks.
            _ => (rest, None),
        };
        (Some(method), (!path.is_empty()).then_some(path), protocol)
    }
}

/// Cuts a line; the reason where its time or status cannot be found.
pub(super) fn split(line: &[u8]) -> Result<Parts<'_>, &'static str> {
    let host_end =
        memchr::memchr(b' ', line).ok_or("is not an access log line: it has no blanks")?;
    let open = find_time(line, host_end).ok_or("has no time in brackets")?;
    let close = memchr::memchr(b']', &line[open..]).ok_or("has a time without closing bracket")?;
    let time = &line[open + 1..open + close];
    let after_time = open + close + 1;
    let rest = &line[after_time..];
    let mut parts = Parts { host: &line[..host_end], time, ..Parts::default() };
    let Some(rest) = rest.strip_prefix(b" \"") else {
        return Err("has no request in quotes behind its time");
    };
    let (request_end, status_at) = find_status(rest, &mut parts.broken)?;
    parts.request = &rest[..request_end];
    parts.status = &rest[status_at..status_at + 3];
    read_bytes(&rest[status_at + 3..], &mut parts);
    Ok(parts)
}

/// The bracket before `DD/`.
fn find_time(line: &[u8], from: usize) -> Option<usize> {
    memchr::memchr_iter(b'[', &line[from..])
        .map(|at| from + at)
        .find(|at| line.get(at + 3) == Some(&b'/'))
}

/// Whether ` ddd` stands there, followed by a blank or the end.
fn is_status(text: &[u8]) -> bool {
    matches!(text, [b' ', a, b, c, rest @ ..]
        if a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit()
            && matches!(rest, [] | [b' ', ..]))
}

/// End of the request and start of the status, searched past quotes that the request should not have.
fn find_status(
    rest: &[u8],
    broken: &mut Option<&'static str>,
) -> Result<(usize, usize), &'static str> {
    let mut first = true;
    for quote in memchr::memchr_iter(b'"', rest) {
        if is_status(&rest[quote + 1..]) {
            if !first {
                *broken = Some("the request has a quote that is not escaped");
            }
            return Ok((quote, quote + 2));
        }
        first = first && is_escaped(rest, quote);
    }
    let protocol = memchr::memmem::find(rest, b" HTTP/").ok_or("has no status")?;
    let blank =
        protocol + 1 + memchr::memchr(b' ', &rest[protocol + 1..]).ok_or("has no status")?;
    if !is_status(&rest[blank..]) {
        return Err("has no status");
    }
    *broken = Some("the quote of the request is not closed");
    Ok((blank, blank + 1))
}

/// Whether a backslash, not itself escaped, stands before a quote.
fn is_escaped(text: &[u8], quote: usize) -> bool {
    text[..quote].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// What follows the status: the bytes, then the rest.
fn read_bytes<'l>(rest: &'l [u8], parts: &mut Parts<'l>) {
    let Some(rest) = rest.strip_prefix(b" ") else {
        parts.broken = parts.broken.or(Some("the line ends behind the status"));
        return;
    };
    let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    let bytes = &rest[..end];
    if bytes == b"-" || (!bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)) {
        parts.bytes = Some(bytes);
    } else {
        parts.broken = parts.broken.or(Some("the number of bytes is not a number"));
    }
    read_tail(&rest[end..], parts);
}

/// Quoted referer and user agent, then bare fields, the first number of which is the duration.
fn read_tail<'l>(mut rest: &'l [u8], parts: &mut Parts<'l>) {
    let mut quoted = 0;
    while let Some(next) = rest.strip_prefix(b" ") {
        if let Some(inner) = next.strip_prefix(b"\"") {
            let Some(close) = closing_quote(inner) else {
                parts.broken = parts.broken.or(Some(match quoted {
                    0 => "the quote of the referer is not closed",
                    1 => "the quote of the user agent is not closed",
                    _ => "a quote is not closed",
                }));
                set_quoted(parts, quoted, inner);
                return;
            };
            set_quoted(parts, quoted, &inner[..close]);
            quoted += 1;
            rest = &inner[close + 1..];
        } else {
            let end = memchr::memchr(b' ', next).unwrap_or(next.len());
            let value = [b"rt=".as_slice(), b"request_time="]
                .iter()
                .find_map(|key| next[..end].strip_prefix(*key))
                .unwrap_or(&next[..end]);
            if parts.duration.is_none() && is_decimal(value) {
                parts.duration = Some(value);
            }
            rest = &next[end..];
        }
    }
    if !rest.is_empty() {
        parts.broken = parts.broken.or(Some("something follows a closing quote"));
    }
}

fn set_quoted<'l>(parts: &mut Parts<'l>, index: usize, text: &'l [u8]) {
    match index {
        0 => parts.referer = Some(text),
        1 => parts.user_agent = Some(text),
        _ => {}
    }
}

/// The next quote that is not escaped and is followed by a blank or the end.
fn closing_quote(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'"', text)
        .find(|quote| matches!(text.get(quote + 1), None | Some(b' ')) && !is_escaped(text, *quote))
}

/// Digits, perhaps with a point among them.
pub(super) fn is_decimal(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
        && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && memchr::memchr_iter(b'.', text).count() <= 1
}

/// What the first lines of a log have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Variant {
    /// Lines looked at.
    pub(super) lines: u64,
    /// How many of them are access log lines.
    pub(super) fitting: u64,
    /// Whether any has a referer and a user agent.
    pub(super) combined: bool,
    /// Whether any has a duration.
    pub(super) duration: bool,
    /// Whether all durations are whole numbers, whose unit is then not known.
    pub(super) whole_durations: bool,
}

impl Variant {
    /// Looks at the whole lines of the start of a file.
    pub(super) fn of(head: &[u8], complete: bool) -> Self {
        let mut variant = Self { whole_durations: true, ..Self::default() };
        let lines = head.split(|byte| *byte == b'\n');
        let whole = count_newlines(head) + u64::from(complete);
        for line in lines.take(usize::try_from(whole).unwrap_or(usize::MAX)) {
            let line = trim_return(line);
            if line.is_empty() {
                continue;
            }
            variant.lines += 1;
            let Ok(parts) = split(line) else { continue };
            variant.fitting += 1;
            variant.combined |= parts.user_agent.is_some();
            if let Some(duration) = parts.duration {
                variant.duration = true;
                variant.whole_durations &= duration.iter().all(u8::is_ascii_digit);
            }
        }
        variant.whole_durations &= variant.duration;
        variant
    }

    /// The names of the columns that such lines have.
    pub(super) fn columns(self) -> Vec<String> {
        COLUMNS
            .iter()
            .filter(|(_, column)| match column {
                Column::Referer | Column::UserAgent => self.combined,
                Column::Duration => self.duration,
                _ => true,
            })
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    /// What such a log is called.
    pub(super) fn name(self) -> &'static str {
        match (self.combined, self.duration) {
            (true, true) => "Combined Log Format with durations",
            (true, false) => "Combined Log Format",
            (false, true) => "Common Log Format with durations",
            (false, false) => "Common Log Format",
        }
    }
}
