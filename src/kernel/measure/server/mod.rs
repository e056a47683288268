//! Measurements of servers that speak the Prometheus HTTP API.
mod cache;
mod fetch;
mod question;

pub use cache::{Cache, NoCache};
pub use fetch::{Fetch, FetchError, Method, Reply, Request};
pub use fetch::{Fetch, FetchError, Reply, Request};
pub use question::{Answer, Effort, Fault, Group, Part, Question, SampleSource, Steps, Unanswered};
