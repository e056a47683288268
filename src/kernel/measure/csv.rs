//! Comma-separated values: one record per line, fields perhaps quoted, a header first.
//!
//! An empty field is NULL, quoted or not. Empty lines are skipped. A record with fewer or more fields
//! than the header is a bad line, for which column would be missing is a guess.
use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};

use super::{
    predicate::Field,
    record::{Line, RecordSink, nonempty},
};

/// Which fields of a record are needed.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    delimiter: u8,
    /// Number of fields in the header.
    width: usize,
    /// Needed fields as (position in the record, slot), by position.
    wanted: Vec<(usize, usize)>,
}

/// Reads the records of blocks.
pub(super) struct Reader {
    layout: Layout,
    unquoted: Vec<u8>,
    ends: Vec<usize>,
}

impl Layout {
    /// `positions[slot]` says which field of the record belongs into a slot.
    pub(super) fn new(delimiter: u8, width: usize, positions: &[usize]) -> Self {
        let mut wanted: Vec<(usize, usize)> =
            positions.iter().enumerate().map(|(slot, position)| (*position, slot)).collect();
        wanted.sort_unstable();
        Self { delimiter, width, wanted }
    }
}

impl Reader {
    pub(super) fn new(layout: Layout) -> Self {
        Self { layout, unquoted: Vec::new(), ends: Vec::new() }
    }

    /// Hands every record of a block to the sink.
    pub(super) fn read(&mut self, block: &[u8], sink: &mut impl RecordSink) {
        let mut fields: Vec<Field<'_>> = vec![None; self.layout.wanted.len()];
        let Some(mut next_quote) = memchr::memchr(b'"', block) else {
            return self.read_plain(block, &mut fields, sink);
        };
        let mut start = 0;
        while start < block.len() {
            let mut end = memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |n| start + n);
            if next_quote < end {
                end = quoted_end(block, start, self.layout.delimiter);
                let text = trim_return(&block[start..end]);
                self.read_quoted(Line { block, start, text }, &mut fields, sink);
                next_quote = memchr::memchr(b'"', &block[end..]).map_or(block.len(), |n| end + n);
            } else {
                let text = trim_return(&block[start..end]);
                if !text.is_empty() {
                    let line = Line { block, start, text };
                    match split_plain(&self.layout, text, &mut fields) {
                        Ok(()) => {
                            sink.record(line, &fields);
                        }
                        Err(found) => self.wrong_width(line, found, sink),
                    }
                }
            }
            start = end + 1;
        }
    }

    /// A block without quotes: lines and fields are found together, eight bytes at a time.
    fn read_plain<'b>(
        &self,
        block: &'b [u8],
        fields: &mut [Field<'b>],
        sink: &mut impl RecordSink,
    ) {
        let Layout { delimiter, width, wanted } = &self.layout;
        let mut start = 0;
        while start < block.len() {
            let (mut position, mut field_start, mut next) = (0, start, 0);
            let mut keep = |position: usize, field: &'b [u8]| {
                while let Some(&(_, slot)) =
                    wanted.get(next).filter(|(wanted, _)| *wanted == position)
                {
                    fields[slot] = nonempty(field);
                    next += 1;
                }
            };
            let mut at = start;
            let end = 'line: loop {
                let rest = &block[at..];
                if rest.is_empty() {
                    break block.len();
                }
                let mut found = separators(rest, *delimiter);
                while found != 0 {
                    let hit = at + (found.trailing_zeros() / 8) as usize;
                    if block[hit] == b'\n' {
                        break 'line hit;
                    }
                    keep(position, &block[field_start..hit]);
                    position += 1;
                    field_start = hit + 1;
                    found &= found - 1;
                }
                at += rest.len().min(8);
            };
            let text = trim_return(&block[start..end]);
            let text_end = start + text.len();
            keep(position, &block[field_start.min(text_end)..text_end]);
            let line = Line { block, start, text };
            if position + 1 == *width {
                if !text.is_empty() {
                    sink.record(line, fields);
                }
            } else if !text.is_empty() {
                self.wrong_width(line, position + 1, sink);
            }
            start = end + 1;
        }
    }

    /// A record with quotes: cut in place where the quotes only enclose, copied where they do more.
    fn read_quoted<'b>(
        &mut self,
        line: Line<'b>,
        fields: &mut [Field<'b>],
        sink: &mut impl RecordSink,
    ) {
        match split_enclosed(&self.layout, line.text, fields) {
            Some(Ok(())) => {
                sink.record(line, fields);
            }
            Some(Err(found)) => self.wrong_width(line, found, sink),
            None => {
                let delimiter = self.layout.delimiter;
                let found = unquote(delimiter, line.text, &mut self.unquoted, &mut self.ends);
                if found != self.layout.width {
                    return self.wrong_width(line, found, sink);
                }
                let mut copied: Vec<Field<'_>> = vec![None; fields.len()];
                for &(position, slot) in &self.layout.wanted {
                    let from = if position == 0 { 0 } else { self.ends[position - 1] };
                    copied[slot] = nonempty(&self.unquoted[from..self.ends[position]]);
                }
                sink.record(line, &copied);
            }
        }
    }

    fn wrong_width(&self, line: Line<'_>, found: usize, sink: &mut impl RecordSink) {
        let width = self.layout.width;
        let plural = if found == 1 { "" } else { "s" };
        sink.bad(line, || format!("has {found} field{plural}, the header has {width}"));
    }
}

/// The high bits of those of the first eight bytes that are a newline or the delimiter.
fn separators(text: &[u8], delimiter: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let word = if let Some(chunk) = text.first_chunk::<8>() {
        u64::from_le_bytes(*chunk)
    } else {
        let mut chunk = [0; 8];
        chunk[..text.len()].copy_from_slice(text);
        u64::from_le_bytes(chunk)
    };
    // The high bit of a byte of the result is set exactly where the byte is zero: the addition
    // carries into it for any other value of the low seven bits, and never beyond.
    let zeros = |word: u64| !(((word & LOW) + LOW) | word | LOW);
    zeros(word ^ (ONES * u64::from(delimiter))) | zeros(word ^ (ONES * u64::from(b'\n')))
}

/// Cuts a record without quotes; the number of its fields where it is wrong.
fn split_plain<'b>(
    layout: &Layout,
    record: &'b [u8],
    fields: &mut [Field<'b>],
) -> Result<(), usize> {
    let mut wanted = layout.wanted.iter().peekable();
    let mut position = 0;
    let mut start = 0;
    while let Some(&&(next, _)) = wanted.peek() {
        let end = memchr::memchr(layout.delimiter, &record[start..]).map(|n| start + n);
        if next == position {
            let field = nonempty(&record[start..end.unwrap_or(record.len())]);
            while let Some(&(_, slot)) = wanted.next_if(|(next, _)| *next == position) {
                fields[slot] = field;
            }
        }
        let Some(end) = end else {
            return if position + 1 == layout.width { Ok(()) } else { Err(position + 1) };
        };
        position += 1;
        start = end + 1;
    }
    let found = position + 1 + memchr::memchr_iter(layout.delimiter, &record[start..]).count();
    if found == layout.width { Ok(()) } else { Err(found) }
}

/// Cuts a record whose quotes only enclose whole fields; `None` where they do anything else.
fn split_enclosed<'b>(
    layout: &Layout,
    record: &'b [u8],
    fields: &mut [Field<'b>],
) -> Option<Result<(), usize>> {
    let mut wanted = layout.wanted.iter().peekable();
    let mut position = 0;
    let mut start = 0;
    loop {
        let (field, end) = if record.get(start) == Some(&b'"') {
            let close = start + 1 + memchr::memchr(b'"', &record[start + 1..])?;
            let end = close + 1;
            if record.get(end).is_some_and(|byte| *byte != layout.delimiter) {
                return None;
            }
            (&record[start + 1..close], end)
        } else {
            let end = memchr::memchr(layout.delimiter, &record[start..])
                .map_or(record.len(), |n| start + n);
            (&record[start..end], end)
        };
        while let Some(&(_, slot)) = wanted.next_if(|(next, _)| *next == position) {
            fields[slot] = nonempty(field);
        }
        position += 1;
        if end == record.len() {
            break;
        }
        start = end + 1;
    }
    Some(if position == layout.width { Ok(()) } else { Err(position) })
}

/// Copies the fields of a record without their quotes; gives their number.
pub(super) fn unquote(
    delimiter: u8,
    record: &[u8],
    output: &mut Vec<u8>,
    ends: &mut Vec<usize>,
) -> usize {
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
    output.resize(record.len() + 1, 0);
    // A record has at most one field more than bytes.
    ends.resize(record.len() + 2, 0);
    let (mut read, mut written, mut fields) = (0, 0, 0);
    loop {
        let (result, consumed, wrote, ended) =
            reader.read_record(&record[read..], &mut output[written..], &mut ends[fields..]);
        read += consumed;
        written += wrote;
        fields += ended;
        match result {
            // The empty input that follows the last byte ends the record.
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::Record
            | ReadRecordResult::End
            | ReadRecordResult::OutputFull
            | ReadRecordResult::OutputEndsFull => return fields,
        }
    }
}

/// End of the record that starts there: the next newline outside quotes, or the end of the block.
pub(super) fn quoted_end(block: &[u8], start: usize, delimiter: u8) -> usize {
    let mut at = start;
    loop {
        let Some(found) = memchr::memchr2(b'"', b'\n', &block[at..]) else { return block.len() };
        let found = at + found;
        if block[found] == b'\n' {
            return found;
        }
        at = found + 1;
        if found > start && block[found - 1] != delimiter {
            continue;
        }
        loop {
            let Some(quote) = memchr::memchr(b'"', &block[at..]) else { return block.len() };
            at += quote + 1;
            if block.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
    }
}

/// The line without the carriage return of a CRLF.
pub(super) fn trim_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The delimiter of a file: the one that cuts its first lines most often into equal numbers of fields.
pub(super) fn detect_delimiter(head: &[u8]) -> u8 {
    let mut best = (b',', 0);
    for delimiter in [b',', b';', b'\t', b'|'] {
        let (mut output, mut ends) = (Vec::new(), Vec::new());
        let mut start = 0;
        let mut widths = Vec::new();
        while start < head.len() && widths.len() < 10 {
            let end = quoted_end(head, start, delimiter);
            // The last line of the head may be cut off.
            if end == head.len() && !widths.is_empty() {
                break;
            }
            let record = trim_return(&head[start..end]);
            if !record.is_empty() {
                widths.push(unquote(delimiter, record, &mut output, &mut ends));
            }
            start = end + 1;
        }
        let width = widths.first().copied().unwrap_or(0);
        let alike = widths.iter().filter(|other| **other == width).count();
        let score = if width < 2 { 0 } else { alike * 1000 + width.min(999) };
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::measure::blocks::{BlockReader, Cut, Framing, Place};
    use proptest::prelude::*;

    /// Collects the records as texts.
    #[derive(Default)]
    struct Collected {
        records: Vec<Vec<String>>,
        bad: u64,
    }

    impl RecordSink for Collected {
        fn begin(&mut self, _place: Place) {}
        fn end(&mut self) {}
        fn record(&mut self, _line: Line<'_>, fields: &[Field<'_>]) -> bool {
            let text =
                |field: &Field<'_>| String::from_utf8_lossy(field.unwrap_or_default()).into_owned();
            self.records.push(fields.iter().map(text).collect());
            true
        }
        fn bad(&mut self, _line: Line<'_>, _reason: impl FnOnce() -> String) {
            self.bad += 1;
        }
        fn repaired(&mut self, _line: Line<'_>, _reason: impl FnOnce() -> String) {}
    }

    fn read_in_pieces(text: &[u8], piece: usize) -> Collected {
        struct Pieces<'t>(&'t [u8], usize);
        impl std::io::Read for Pieces<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let length = self.0.len().min(self.1).min(buffer.len());
                let (now, later) = self.0.split_at(length);
                buffer[..length].copy_from_slice(now);
                self.0 = later;
                Ok(length)
            }
        }
        let mut blocks = BlockReader::new(Pieces(text, piece));
        blocks.start(0, Framing::Quoted(b','));
        let mut reader = Reader::new(Layout::new(b',', 3, &[0, 1, 2]));
        let mut collected = Collected::default();
        let mut buffer = Vec::new();
        loop {
            match blocks.next(&mut buffer).unwrap() {
                Cut::End => return collected,
                Cut::Records(_) => reader.read(&buffer, &mut collected),
                Cut::TooLong(_) | Cut::Unclosed(_) => collected.bad += 1,
            }
        }
    }

    /// The whole text at once through csv-core.
    fn read_by_csv_core(text: &[u8]) -> (Vec<Vec<String>>, u64) {
        let mut reader = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        let (mut output, mut ends) = (vec![0; text.len() + 1], vec![0; text.len() + 2]);
        let (mut at, mut records, mut bad) = (0, Vec::new(), 0);
        loop {
            let (mut written, mut fields) = (0, 0);
            loop {
                let (result, consumed, wrote, ended) =
                    reader.read_record(&text[at..], &mut output[written..], &mut ends[fields..]);
                at += consumed;
                written += wrote;
                fields += ended;
                match result {
                    ReadRecordResult::InputEmpty => {}
                    ReadRecordResult::Record => break,
                    _ => return (records, bad),
                }
            }
            let mut start = 0;
            let record: Vec<String> = ends[..fields]
                .iter()
                .map(|end| {
                    let field = String::from_utf8_lossy(&output[start..*end]).into_owned();
                    start = *end;
                    field
                })
                .collect();
            if fields == 3 { records.push(record) } else { bad += 1 }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn quoting_is_that_of_csv_core(
            pieces in prop::collection::vec(prop::sample::select(vec![
                ",", ",", "\n", "\"", "\"\"", "a", "bc", " ", "\"x\"", "\"y\nz\"", "\"p,q\"", "\n\n",
                "1,2,3\n", "\"q\"r,", "é",
            ]), 0..30),
            piece in 1usize..40,
        ) {
            // An unclosed quote is a bad line here and swallows the rest there.
            let mut text = pieces.concat();
            if !text.ends_with('\n') {
                text.push('\n');
            }
            let mut open = false;
            let mut at = 0;
            while at < text.len() {
                let end = quoted_end(text.as_bytes(), at, b',');
                open = end == text.len();
                at = end + 1;
            }
            prop_assume!(!open);
            let read = read_in_pieces(text.as_bytes(), piece);
            prop_assert_eq!((read.records, read.bad), read_by_csv_core(text.as_bytes()), "{:?}", text);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>, piece in 1usize..40) {
            read_in_pieces(&bytes, piece);
            detect_delimiter(&bytes);
        }
    }

    #[test]
    fn the_delimiter_is_the_one_that_cuts_lines_alike() {
        for (text, expected) in [
            ("time,status\n1,2\n", b','),
            ("time;status;note\n1;2;a,b\n1;2;\"x;y\"\n", b';'),
            ("time\tstatus\n1\t2\n", b'\t'),
            ("time|status\n1|2\n", b'|'),
            ("alone\n1\n", b','),
        ] {
            assert_eq!(detect_delimiter(text.as_bytes()), expected, "{text}");
        }
    }
}
