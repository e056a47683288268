//! The kind `EscalationPolicy`.
use super::{CoverageSpec, Rotation, Team};
use crate::{
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Alternatives, Count, Field, Name, Ref, Spec},
        time::Zone,
        units::Duration,
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who is told of a page, and who when nobody answers.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationPolicy {
    /// Whose clocks the hours of steps go by; UTC unless said.
    pub time_zone: Option<Field<Zone>>,
    /// What happens until somebody acknowledges the page, in the order of time.
    pub steps: Field<Vec<Field<StepSpec>>>,
    /// Within how long somebody is to be told of a page, by severity: what `sre escalate prove` proves.
    #[serde(default)]
    pub respond_within: Vec<Field<ResponseTime>>,
    /// Whether it all happens again when nobody has answered; it does not unless said.
    pub repeat: Option<Field<RepeatSpec>>,
}

/// What happens at some time after the page.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// How long after the page, counted from the page and not from the step before.
    pub after: Field<Duration>,
    /// Who is told.
    pub notify: Field<Vec<Field<ContactSpec>>>,
    /// The hours in which they are; at all hours unless said.
    #[serde(default)]
    pub hours: Vec<Field<CoverageSpec>>,
}

/// Who is told: one of these.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct ContactSpec {
    /// Whoever is on call in this rotation.
    pub rotation: Option<Field<Ref<Rotation>>>,
    /// In which role; `primary` unless said.
    pub role: Option<Field<Role>>,
    /// A person.
    pub person: Option<Field<Name>>,
    /// Everybody in a team.
    pub team: Option<Field<Ref<Team>>>,
    /// A program, which is nobody.
    pub webhook: Option<Field<String>>,
}

/// What somebody is on call as.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Called first.
    #[default]
    Primary,
    /// Called when the primary does not answer.
    Secondary,
}

impl Role {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// A response time that is promised.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseTime {
    /// For what: `SEV-1`.
    pub severity: Field<String>,
    /// Within how long somebody is told.
    pub within: Field<Duration>,
}

/// How often it all happens again.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepeatSpec {
    /// How many times more.
    pub times: Field<u8>,
    /// How long after the beginning of the round before it.
    pub every: Field<Duration>,
}

reference_target!(EscalationPolicy, "EscalationPolicy");

/// Who is told.
const CONTACT: Alternatives =
    Alternatives { fields: &["rotation", "person", "team", "webhook"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    CONTACT.constrain(schema);
}

impl Spec for EscalationPolicy {
    fn check(&self, _: Place, findings: &mut Vec<Finding>) {
        let steps = self.steps.get().into_iter().flatten().filter_map(Field::get);
        let contacts = steps.filter_map(|step| step.notify.get()).flatten();
        for (contact, place) in contacts.filter_map(Field::pair) {
            let fields = [
                contact.rotation.as_ref().map(|field| ("rotation", field.place())),
                contact.person.as_ref().map(|field| ("person", field.place())),
                contact.team.as_ref().map(|field| ("team", field.place())),
                contact.webhook.as_ref().map(|field| ("webhook", field.place())),
            ];
            CONTACT.check(&fields, place, findings);
        }
    }
}
