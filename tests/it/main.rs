//! The one integration-test binary: every file beside this one is a topic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod alertmanager;
mod answers;
mod architecture;
mod cli;
mod confidence;
mod conformance;
mod decode;
mod edges;
mod measure;
mod measure_counts;
mod measure_openmetrics;
mod measure_oracle;
mod measure_properties;
mod misbehaving;
mod reference;
mod rules;
mod schema;
mod servers;
mod sloth;
mod smoke;
mod specs;
mod statistics;
mod transcripts;
mod transport;
mod transport_tls;
mod written;
