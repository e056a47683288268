//! Reliability as code: the library behind the `sre` program.
//!
//! # Where to start reading
//!
//! Dependencies point down this list; `tests/it/architecture.rs` holds them to it.
//!
//! | layer | what it is |
//! |---|---|
//! | [`cli`] | the shell: arguments, one file per command, exit codes; the only code that prints |
//! | [`adapters`] | the only code that touches the world: files, servers, programs, the clock, git, the terminal |
//! | [`views`] | answers and pages that look across domains |
//! | [`registry`] | joins what the domains declare: kinds and rules |
//! | [`domains`] | one folder per subject: what users write, what engines compute with, engines, rules |
//! | [`kernel`] | the shared base: units, places, problems, documents, measurements, series, reports |
//!
//! How `sre budget` runs: [`cli::main`] reads the command line; `cli::Workspace` finds and reads the
//! catalog ([`kernel::spec::load_text`], [`kernel::spec::Catalog`]); [`domains::slo::resolve`] turns what
//! was written into what is computed with; [`kernel::measure::scan`] reads the measurements of files,
//! [`kernel::measure::server`] asks servers for theirs; [`domains::slo::assess`] holds the one against the
//! other through the pure engines in
//! [`domains::slo::engine`]; [`domains::slo::answer`] makes a [`kernel::report::Report`] of it, and a
//! renderer prints that.
//!
//! # Where to change what
//!
//! - a kind of document: its `spec` in a domain, one line in that domain's list of kinds;
//! - a rule: one `.rs`, one `.md` and one line in a domain's `rules/`; the page is its test;
//! - a formula: `domains/*/engine`, with its source and a row in `tests/it/conformance.rs`;
//! - a format of measurements: `kernel/measure`;
//! - a command: one file in `cli/commands`, one line in `cli/arguments.rs` and in its `mod.rs`.
pub mod adapters;
pub mod cli;
pub mod domains;
pub mod kernel;
pub mod registry;
pub mod views;
