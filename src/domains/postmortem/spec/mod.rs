//! What users write about what they learned.
mod post_mortem;
mod scalars;
mod template;

pub use post_mortem::{
    ActionItem, ActionStatus, ActionType, BudgetSpent, ClocksSpec, Figure, Impact, Lessons,
    PostMortem, Priority, Status, TimelineEntry,
};
pub use scalars::BudgetShare;
pub use template::{PostMortemTemplate, SectionSet, SectionSpec, TriggerSpec};

use crate::kernel::spec::Kind;

/// The kinds, in the order in which they are listed.
pub static KINDS: [&Kind; 2] = [&TEMPLATE, &POST_MORTEM];

/// The kind `PostMortemTemplate`.
pub static TEMPLATE: Kind = Kind::of::<PostMortemTemplate>(
    "what a post-mortem has to say, when one is required, and by when",
    include_str!("template.yaml"),
);

/// The kind `PostMortem`.
pub static POST_MORTEM: Kind = Kind::of::<PostMortem>(
    "what an incident was, why it happened, and what is done about it",
    include_str!("post_mortem.yaml"),
)
.also_called(&["Postmortem"]);
