//! What may be wrong with logs of toil.
mod entry_without_time;
mod in_future;
mod over_cap;
mod unknown_person;
mod unknown_task;
mod without_hours;

use crate::kernel::diagnostic::Rule;

/// All of them.
pub static RULES: &[&Rule] = &[
    &entry_without_time::RULE,
    &unknown_task::RULE,
    &unknown_person::RULE,
    &without_hours::RULE,
    &over_cap::RULE,
    &in_future::RULE,
];
