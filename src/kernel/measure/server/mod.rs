//! Measurements of servers that speak the Prometheus HTTP API.
//!
//! [`PrometheusSource`] is asked [`Question`]s and reaches its server through [`Fetch`]. The way of a
//! question: `plan` says which queries (`query`) are asked over which windows and chunks of the grid
//! (`chunks`), each once; `source` runs them side by side; `client` asks, and asks again where that can help; `reply` reads what comes
//! back, `failure` says why nothing did, `health` gives up on a dead server; `table` holds the numbers
//! and their form in the [`Cache`]; `answer` puts them together, by the rules in `counts`. `inspect`
//! asks a server about itself.
mod answer;
mod cache;
mod chunks;
mod client;
mod counts;
mod failure;
mod fetch;
mod health;
pub mod inspect;
mod plan;
mod query;
mod question;
mod reply;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod text;

pub use cache::{Cache, NoCache};
pub use fetch::{Fetch, FetchError, Method, Reply, Request};
pub use query::{length as window_text, with_window};
pub use question::{Answer, Effort, Fault, Group, Part, Question, SampleSource, Steps, Unanswered};
pub use source::{Options, PrometheusSource};
