//! Whether it is worth asking on.
use super::question::Unanswered;
use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Questions in a row that fail because of the server before the others are not asked any more: one dead
/// server among many must not take minutes.
const ENOUGH: usize = 3;

/// What is known of a server from the questions so far.
#[derive(Default)]
pub(super) struct Health(Mutex<State>);

#[derive(Default)]
struct State {
    /// Questions that failed since the last answer.
    failed: BTreeSet<usize>,
    verdict: Option<Unanswered>,
}

impl Health {
    /// Why nothing more is asked, if so.
    pub(super) fn verdict(&self) -> Option<Unanswered> {
        self.state().verdict.clone()
    }

    /// The server answered, even if it refused the query.
    pub(super) fn answered(&self) {
        self.state().failed.clear();
    }

    /// The server was asked in vain for that question.
    pub(super) fn failed(&self, question: usize, why: &Unanswered) {
        let mut state = self.state();
        state.failed.insert(question);
        if state.failed.len() >= ENOUGH && state.verdict.is_none() {
            state.verdict = Some(why.clone());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is held is whole after each statement, whatever became of who held it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
