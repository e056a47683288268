//! What was read of a text is kept for the next rule that asks: rules look at the same document one
//! after the other, and many documents hold the same texts.
use std::{cell::RefCell, collections::HashMap, rc::Rc, thread::LocalKey};

/// Results of a pure function by text, one per thread.
pub(in crate::domains::slo) type Memo<T> = RefCell<HashMap<String, Rc<T>>>;

/// Texts that are kept before all are dropped: memory stays bounded however large the catalog.
const TEXTS: usize = 512;

/// `read(text)`, perhaps from the memo.
pub(in crate::domains::slo) fn remembered<T>(
    memo: &'static LocalKey<Memo<T>>,
    text: &str,
    read: fn(&str) -> T,
) -> Rc<T> {
    if let Some(known) = memo.with_borrow(|memo| memo.get(text).cloned()) {
        return known;
    }
    let value = Rc::new(read(text));
    memo.with_borrow_mut(|memo| {
        if memo.len() == TEXTS {
            memo.clear();
        }
        memo.insert(text.to_owned(), Rc::clone(&value));
    });
    value
}
