//! What may be wrong with services and what they need.
use crate::kernel::diagnostic::Rule;

mod dependency_cycle;
mod depends_on_itself;
mod duplicate_dependency;
mod redundancy_of_zero;
mod service_tier_inversion;
mod service_without_owner;

/// All of them.
pub static RULES: &[&Rule] = &[
    &depends_on_itself::RULE,
    &dependency_cycle::RULE,
    &duplicate_dependency::RULE,
    &service_without_owner::RULE,
    &service_tier_inversion::RULE,
    &redundancy_of_zero::RULE,
];
