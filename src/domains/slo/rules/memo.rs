//! What was read of a text is kept for whoever asks next: rules look at the same document one after the
//! other, what is resolved and exported is read once more, and many documents hold the same texts.
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// Results of a pure function by text, shared by all threads.
pub(in crate::domains::slo) type Memo<T> = LazyLock<Mutex<HashMap<String, Arc<T>>>>;

/// Texts that are kept before all are dropped: memory stays bounded however large the catalog. Two for each
/// of two thousand objectives.
const TEXTS: usize = 4096;

/// `read(text)`, perhaps from the memo. Two threads that ask at once may both read.
pub(in crate::domains::slo) fn remembered<T>(
    memo: &Memo<T>,
    text: &str,
    read: fn(&str) -> T,
) -> Arc<T> {
    // No panic can leave a map half changed here: nothing is called while it is locked.
    let lock = || memo.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(text).cloned() {
        return known;
    }
    let value = Arc::new(read(text));
    let mut known = lock();
    if known.len() >= TEXTS {
        known.clear();
    }
    known.insert(text.to_owned(), Arc::clone(&value));
    value
}
