//! Cuts a stream into blocks that end where a record ends.
//!
//! Threads take turns at one reader: whoever holds it fills its own buffer, gives it back and parses
//! while the next one reads. So memory is bounded by the number of threads, and every block knows the
//! number of its first line.
use std::io::{self, Read};

/// Bytes that a block usually has.
const BLOCK: usize = 1 << 19;
/// Bytes that one record may have; a longer one is a bad line.
pub(super) const LONGEST_RECORD: usize = 8 << 20;
/// Bytes of the start of a file that are looked at to find out what it is.
const HEAD: usize = 64 << 10;

/// Where records end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// At every newline.
    Lines,
    /// At every newline outside quotes; a quote opens right behind this delimiter or a newline.
    Quoted(u8),
}

/// What was put into the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Whole records.
    Records(Place),
    /// The start of a record that is longer than [`LONGEST_RECORD`]; the rest of it is left out.
    TooLong(Place),
    /// A line with a quote that nothing closes; reading goes on with the next line.
    Unclosed(Place),
    /// Nothing: the stream is at its end.
    End,
}

/// Where a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Blocks before it.
    pub(super) sequence: u64,
    /// Number of its first line, from 1.
    pub(super) line: u64,
}

/// A stream and what was read from it but not yet given out.
pub(super) struct BlockReader<R> {
    reader: R,
    framing: Framing,
    carry: Vec<u8>,
    at_end: bool,
    sequence: u64,
    line: u64,
}

impl<R: Read> BlockReader<R> {
    /// A reader of lines; the framing can be set once the head has been seen.
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            framing: Framing::Lines,
            carry: Vec::new(),
            at_end: false,
            sequence: 0,
            line: 1,
        }
    }

    /// The start of the stream, and whether that is all of it.
    pub(super) fn head(&mut self) -> io::Result<(&[u8], bool)> {
        let mut carry = std::mem::take(&mut self.carry);
        let result = self.fill(&mut carry, HEAD);
        self.carry = carry;
        if let Err(error) = result {
            self.line += count_newlines(&self.carry);
            return Err(error);
        }
        Ok((&self.carry, self.at_end))
    }

    /// Leaves out the first bytes of the head and says how records are framed from there on.
    pub(super) fn start(&mut self, skip: usize, framing: Framing) {
        self.line += count_newlines(&self.carry[..skip]);
        self.carry.drain(..skip);
        self.framing = framing;
    }

    /// Number of the next line: where reading stands.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Fills `buffer` with whole records, or says why not.
    pub(super) fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<Cut> {
        buffer.clear();
        std::mem::swap(buffer, &mut self.carry);
        let mut scanner = Scanner::new(self.framing);
        let mut wanted = BLOCK;
        loop {
            if let Err(error) = self.fill(buffer, wanted) {
                self.line += count_newlines(buffer);
                return Err(error);
            }
            if let Some(end) = scanner.last_end(buffer) {
                self.carry.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
                return Ok(Cut::Records(self.advance(buffer)));
            }
            if self.at_end || buffer.len() > LONGEST_RECORD {
                break;
            }
            wanted = buffer.len() + BLOCK;
        }
        if buffer.is_empty() {
            return Ok(Cut::End);
        }
        // A quote at the very end has been met but not passed: it closes.
        if scanner.inside_quotes && scanner.seen == buffer.len() {
            let first = memchr::memchr(b'\n', buffer).map_or(buffer.len(), |newline| newline + 1);
            // A single unclosed line that is too long has no next line in sight.
            if first < buffer.len() || self.at_end {
                self.carry.extend_from_slice(&buffer[first..]);
                buffer.truncate(first);
                return Ok(Cut::Unclosed(self.advance(buffer)));
            }
        }
        if self.at_end {
            return Ok(Cut::Records(self.advance(buffer)));
        }
        let place = Place { sequence: self.sequence, line: self.line };
        buffer.truncate(1024);
        self.skip_line()?;
        self.sequence += 1;
        self.line += 1;
        Ok(Cut::TooLong(place))
    }

    /// Counts a block as given out.
    fn advance(&mut self, block: &[u8]) -> Place {
        let place = Place { sequence: self.sequence, line: self.line };
        self.sequence += 1;
        self.line += count_newlines(block);
        place
    }

    /// Reads until the buffer has that many bytes or the stream ends.
    fn fill(&mut self, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<()> {
        let mut length = buffer.len();
        if self.at_end || length >= wanted {
            return Ok(());
        }
        buffer.resize(wanted, 0);
        while length < wanted {
            match self.reader.read(&mut buffer[length..]) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    buffer.truncate(length);
                    return Err(error);
                }
            }
        }
        buffer.truncate(length);
        Ok(())
    }

    /// Reads past the next newline, keeping what follows it.
    fn skip_line(&mut self) -> io::Result<()> {
        let mut buffer = Vec::new();
        while !self.at_end {
            buffer.clear();
            self.fill(&mut buffer, BLOCK)?;
            if let Some(newline) = memchr::memchr(b'\n', &buffer) {
                self.carry.extend_from_slice(&buffer[newline + 1..]);
                break;
            }
        }
        Ok(())
    }
}

pub(super) fn count_newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Finds where records end, going on where it stopped as a buffer grows.
struct Scanner {
    framing: Framing,
    seen: usize,
    inside_quotes: bool,
    end: Option<usize>,
}

impl Scanner {
    fn new(framing: Framing) -> Self {
        Self { framing, seen: 0, inside_quotes: false, end: None }
    }

    /// End of the last whole record, if there is one.
    fn last_end(&mut self, buffer: &[u8]) -> Option<usize> {
        match self.framing {
            Framing::Lines => {
                let newline = memchr::memrchr(b'\n', &buffer[self.seen..]);
                let end = newline.map(|at| self.seen + at + 1);
                self.seen = buffer.len();
                end
            }
            Framing::Quoted(delimiter) => {
                self.scan_quotes(buffer, delimiter);
                self.end
            }
        }
    }

    /// The rules of csv-core: a quote opens at the start of a field only, two inside are one, and
    /// after the closing one the field goes on unquoted.
    fn scan_quotes(&mut self, buffer: &[u8], delimiter: u8) {
        while self.seen < buffer.len() {
            let quote = memchr::memchr(b'"', &buffer[self.seen..]).map(|at| self.seen + at);
            let stop = quote.unwrap_or(buffer.len());
            if !self.inside_quotes
                && let Some(newline) = memchr::memrchr(b'\n', &buffer[self.seen..stop])
            {
                self.end = Some(self.seen + newline + 1);
            }
            let Some(quote) = quote else {
                self.seen = buffer.len();
                return;
            };
            if self.inside_quotes {
                match buffer.get(quote + 1) {
                    Some(b'"') => self.seen = quote + 2,
                    // Whether it closes is seen when there is more.
                    None => {
                        self.seen = quote;
                        return;
                    }
                    Some(_) => {
                        self.inside_quotes = false;
                        self.seen = quote + 1;
                    }
                }
            } else {
                self.inside_quotes =
                    quote == 0 || buffer[quote - 1] == delimiter || buffer[quote - 1] == b'\n';
                self.seen = quote + 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cuts of a text: line number and bytes of each.
    fn cuts(text: &[u8], framing: Framing) -> Vec<(&'static str, u64, usize)> {
        let mut reader = BlockReader::new(text);
        reader.start(0, framing);
        let mut buffer = Vec::new();
        let mut cuts = Vec::new();
        loop {
            let (kind, place) = match reader.next(&mut buffer).unwrap() {
                Cut::End => return cuts,
                Cut::Records(place) => ("records", place),
                Cut::TooLong(place) => ("too long", place),
                Cut::Unclosed(place) => ("unclosed", place),
            };
            assert_eq!(place.sequence, cuts.len() as u64);
            cuts.push((kind, place.line, buffer.len()));
        }
    }

    #[test]
    fn blocks_end_where_a_record_ends() {
        assert_eq!(cuts(b"", Framing::Lines), []);
        assert_eq!(cuts(b"a\nb", Framing::Lines), [("records", 1, 2), ("records", 2, 1)]);
        let quoted = Framing::Quoted(b',');
        assert_eq!(cuts(b"\"a\nb\",c\nd", quoted), [("records", 1, 8), ("records", 3, 1)]);
        assert_eq!(cuts(b"a\n\"b\"", quoted), [("records", 1, 2), ("records", 2, 3)]);
        assert_eq!(cuts(b"5\" disk\nb\n", quoted), [("records", 1, 10)]);
    }

    #[test]
    fn an_unclosed_quote_costs_one_line() {
        assert_eq!(
            cuts(b"a\nb,\"c\nd\ne\n", Framing::Quoted(b',')),
            [("records", 1, 2), ("unclosed", 2, 5), ("records", 3, 4)]
        );
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut text = b"a\n".to_vec();
        text.resize(text.len() + 3 * LONGEST_RECORD, b'x');
        text.extend_from_slice(b"\nb\nc\n");
        for framing in [Framing::Lines, Framing::Quoted(b',')] {
            let cuts = cuts(&text, framing);
            assert_eq!(
                cuts,
                [("records", 1, 2), ("too long", 2, 1024), ("records", 3, 4)],
                "{framing:?}"
            );
        }
        text[2] = b'"';
        let cuts = cuts(&text, Framing::Quoted(b','));
        assert_eq!(cuts[1], ("too long", 2, 1024));
    }
}
