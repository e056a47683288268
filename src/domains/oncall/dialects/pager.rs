//! What all pagers have: schedules that are known by an id, and say who is on call after all.
use crate::kernel::{source::Place, spec::Field, time::Period};

/// A pager whose schedules can be compared with the files.
#[derive(Debug)]
pub struct Pager {
    /// What it is called.
    pub name: &'static str,
    /// The annotation by which a rotation knows the schedule that it was made of.
    pub annotation: &'static str,
    /// What its export is.
    pub answer: &'static str,
    /// How it is asked for the shifts of a period, which is given as two instants (RFC 3339).
    pub period: fn(&str, &str) -> String,
}

/// A schedule of a pager, beside the rotation that was made of it.
#[derive(Debug)]
pub struct Exported {
    /// Whose it is.
    pub pager: &'static Pager,
    /// How the pager knows it.
    pub id: Option<Field<String>>,
    /// What people call it.
    pub name: Field<String>,
    /// Who is on call when after all; `None` where no period was asked for.
    pub last: Option<Vec<Entry>>,
}

/// Somebody is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// When.
    pub period: Period,
    /// Who.
    pub user: String,
}
