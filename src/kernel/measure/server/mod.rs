//! Measurements of servers that speak the Prometheus HTTP API.
mod fetch;
mod question;

pub use fetch::{Fetch, FetchError, Method, Reply, Request};
pub use question::{Answer, Effort, Fault, Group, Part, Question, SampleSource, Steps, Unanswered};
