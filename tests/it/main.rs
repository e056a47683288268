//! The one integration-test binary: every file beside this one is a topic.
mod architecture;
mod cli;
mod conformance;
mod measure;
mod measure_counts;
mod measure_oracle;
mod measure_properties;
mod rules;
mod schema;
mod specs;
mod transcripts;
