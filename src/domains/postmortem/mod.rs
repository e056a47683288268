//! What was learned from incidents, and what is done about it.
//!
//! | where | what |
//! |---|---|
//! | [`spec`] | what users write: post-mortems, and templates that say what has to be in them |
//! | [`sections`] | the sections that are shipped, and a template with its defaults applied |
//! | [`demand`] | the incident of a post-mortem; which incidents need one, and by when |
//! | [`filled`] | which sections of a post-mortem say something |
//! | [`timeline`] | order of events, and time of which nothing is said |
//! | [`actions`] | action items: open, overdue, how old |
//! | [`prose`] | the texts of a post-mortem, each with its place |
//! | [`language`] | sentences that blame, or tell of what did not happen |
//! | [`rules`] | what may be wrong |
//! | [`draft`] | what can be known without anybody writing it |
//! | [`page`] | a post-mortem as Markdown and as a web page |
//! | [`answer`] | answers as reports |
pub mod actions;
pub mod answer;
pub mod demand;
pub mod draft;
pub mod filled;
pub mod language;
pub mod page;
pub mod prose;
pub mod rules;
pub mod sections;
pub mod spec;
pub mod timeline;
