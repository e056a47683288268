//! The kind `Service`.
use crate::{
    kernel::spec::{Field, Kind, Link, Ref, Spec},
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that is run for others: what objectives speak of, and what other services need.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// How much depends on it: 1 for what must not fail, larger numbers for less.
    pub tier: Option<Field<u8>>,
    /// The services it needs.
    #[serde(default)]
    pub depends_on: Vec<Field<Dependency>>,
    /// Where to read what to do when it fails.
    #[serde(default)]
    pub runbooks: Vec<Field<Link>>,
    /// Where to look at it.
    #[serde(default)]
    pub dashboards: Vec<Field<Link>>,
}

/// One service that another needs.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// The service that is needed.
    pub service: Field<Ref<Service>>,
    /// What happens when it fails; `hard` unless said otherwise.
    pub criticality: Option<Field<Criticality>>,
    /// How many independent copies of it there are, any one of which is enough; 1 unless said otherwise.
    pub redundancy: Option<Field<u8>>,
}

/// What happens to a service when one that it needs fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Criticality {
    /// It fails too.
    #[default]
    Hard,
    /// It goes on, perhaps worse.
    Soft,
}

reference_target!(Service, "Service");

impl Spec for Service {}

/// The kind.
pub static KIND: Kind = Kind::of::<Service>(
    "something that is run for others: what objectives speak of, and what other services need",
    include_str!("template.yaml"),
)
.may_be_elsewhere();
