//! Action items: which are open, which are overdue, how old they are.
use super::spec::{ActionItem, ActionStatus, PostMortem};
use crate::kernel::{
    source::Place,
    spec::{Catalog, Document, Field, Moment, Optional as _},
    units::Instant,
};
use chrono::NaiveDate;

/// An action item with the post-mortem that it is in.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// The post-mortem.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a PostMortem,
    /// The action.
    pub item: &'a ActionItem,
    /// Where it stands.
    pub place: Place,
}

/// The actions of a post-mortem.
pub fn of<'a>(document: &'a Document, spec: &'a PostMortem) -> impl Iterator<Item = Action<'a>> {
    let items = spec.action_items.iter().filter_map(Field::pair);
    items.map(move |(item, place)| Action { document, spec, item, place })
}

/// All actions of a catalog.
pub fn all(catalog: &Catalog) -> impl Iterator<Item = Action<'_>> {
    catalog.iter::<PostMortem>().flat_map(|(document, spec)| of(document, spec))
}

impl Action<'_> {
    /// How far it is.
    pub fn status(&self) -> ActionStatus {
        self.item.status.value().copied().unwrap_or_default()
    }

    /// Whether somebody still has to do it.
    pub fn is_open(&self) -> bool {
        self.status().is_open()
    }

    /// The last day on which it is in time.
    pub fn due(&self) -> Option<NaiveDate> {
        self.item.due.value().map(|day| day.0)
    }

    /// Whether it is open and its last day is over. Days are those of UTC.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.is_open() && self.due().is_some_and(|due| due < now.date_naive())
    }

    /// How many days behind its last day; `None` unless it is overdue.
    pub fn days_overdue(&self, now: Instant) -> Option<u64> {
        let late = now.date_naive() - self.due().filter(|_| self.is_overdue(now))?;
        u64::try_from(late.num_days()).ok()
    }

    /// The day on which it was written: the one that it says, else the one on which the incident was
    /// resolved.
    pub fn opened(&self) -> Option<NaiveDate> {
        let said = self.item.opened.value().map(|day| day.0);
        let resolved = || {
            let clocks = self.spec.clocks.value()?;
            clocks.resolved.value().map(|Moment(at)| at.date_naive())
        };
        said.or_else(resolved)
    }

    /// How many days it has been open, or was until it was closed. `None` where no day says when it was
    /// written or closed.
    pub fn age_days(&self, now: Instant) -> Option<u64> {
        let end = if self.is_open() {
            now.date_naive()
        } else {
            self.item.closed.value().map(|day| day.0)?
        };
        u64::try_from((end - self.opened()?).num_days()).ok()
    }
}
