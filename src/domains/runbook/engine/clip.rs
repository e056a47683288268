//! Beginning and end of a stream that is too long to be kept.
use std::collections::VecDeque;

/// Keeps the first and the last bytes of a stream, and counts all of them.
#[derive(Clone, Debug)]
pub struct Clip {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    kept: usize,
    bytes: u64,
}

/// What is left of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clipped {
    /// Its beginning, or all of it.
    pub head: Vec<u8>,
    /// Its end, where something is left out between the two.
    pub tail: Option<Vec<u8>>,
    /// How many bytes are left out.
    pub omitted: u64,
}

impl Clip {
    /// Keeps at most so many bytes of the beginning, and as many of the end.
    pub const fn new(kept: usize) -> Self {
        Self { head: Vec::new(), tail: VecDeque::new(), kept, bytes: 0 }
    }

    /// Takes a piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        let first = piece.len().min(self.kept - self.head.len());
        let (head, rest) = piece.split_at(first);
        self.head.extend_from_slice(head);
        let rest = &rest[rest.len().saturating_sub(self.kept)..];
        let excess = (self.tail.len() + rest.len()).saturating_sub(self.kept);
        self.tail.drain(..excess);
        self.tail.extend(rest);
    }

    /// What is left.
    pub fn finish(self) -> Clipped {
        let tail: Vec<u8> = self.tail.into();
        let omitted = self.bytes - (self.head.len() + tail.len()) as u64;
        if omitted == 0 {
            let head = [self.head, tail].concat();
            return Clipped { head, tail: None, omitted };
        }
        Clipped { head: self.head, tail: Some(tail), omitted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_lost_but_the_middle(
            pieces in proptest::collection::vec(any::<Vec<u8>>(), 0..12), kept in 1usize..200,
        ) {
            let mut clip = Clip::new(kept);
            for piece in &pieces {
                clip.push(piece);
            }
            let whole = pieces.concat();
            let clipped = clip.finish();
            match clipped.tail {
                None => prop_assert_eq!(clipped.head, whole),
                Some(tail) => {
                    prop_assert!(whole.starts_with(&clipped.head) && whole.ends_with(&tail));
                    prop_assert_eq!((clipped.head.len(), tail.len()), (kept, kept));
                    prop_assert_eq!(clipped.omitted, (whole.len() - 2 * kept) as u64);
                }
            }
        }
    }
}
