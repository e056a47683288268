//! What running a runbook means, without a clock, a process or a file.
//!
//! | where | what |
//! |---|---|
//! | [`plan`] | what is to be done: steps, what is executed, risk, expectations |
//! | [`parameters`] | values of parameters against their types |
//! | [`variables`] | what steps know, and how it gets into arguments |
//! | [`run`] | the machine: which step next, when to ask, to try again, to undo |
//! | [`progress`] | how far a run came, from its events |
//! | [`judge`] | whether a step did what was expected of it |
//! | [`event`] | what is recorded of a run |
//! | [`redact`] | secrets taken out of a stream |
//! | [`clip`] | beginning and end of a stream that is too long to be kept |
//! | [`plain`] | bytes of a program as plain text |
pub mod clip;
pub mod event;
pub mod judge;
pub mod parameters;
pub mod plain;
pub mod plan;
pub mod progress;
pub mod redact;
pub mod run;
pub mod variables;
