//! The kind `DisasterRecoveryPlan`.
use crate::{
    domains::{
        oncall::spec::{Rotation, Team},
        recovery::engine::due::Period,
        service::spec::Service,
    },
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{
            Alternatives, Count, Day, Either, Field, Name, Ref, Spec, Spelling, Unit,
            rules as reading,
        },
        units::{Duration, Ratio},
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How services come back from a disaster.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisasterRecoveryPlan {
    /// The services that it is for.
    #[serde(default)]
    pub services: Vec<Field<Ref<Service>>>,
    /// Recovery point objective: how much of the youngest data may be lost.
    pub rpo: Field<Duration>,
    /// Recovery time objective: within how long it has to be back.
    pub rto: Field<Duration>,
    /// The longest that the business can be without it; longer than `rto`.
    pub maximum_downtime: Option<Field<Duration>>,
    /// What may happen; unless said one thing, of which nothing more is known.
    #[serde(default)]
    pub disruptions: Vec<Field<DisruptionSpec>>,
    /// What is done, from noticing it to the end.
    #[serde(default)]
    pub steps: Vec<Field<StepSpec>>,
    /// How many people can work on it at once; as many as are needed unless said.
    pub people: Option<Field<u16>>,
    /// The copies of the data.
    #[serde(default)]
    pub backups: Vec<Field<BackupSpec>>,
    /// How often it is tested.
    pub test_frequency: Option<Field<Frequency>>,
    /// Who declares a disaster, and by what.
    pub activation: Option<Field<String>>,
    /// Who is told what, when and how.
    pub communication: Option<Field<String>>,
    /// How one goes back to normal, and what is checked before.
    pub reconstitution: Option<Field<String>>,
    /// Who is needed.
    #[serde(default)]
    pub contacts: Vec<Field<ContactSpec>>,
}

/// Something that may happen.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisruptionSpec {
    /// What steps and backups call it: `region`, `zone`, `hardware`, `software`, `corruption`.
    pub name: Field<Name>,
    /// Its own recovery point objective; that of the plan unless said.
    pub rpo: Option<Field<Duration>>,
    /// Its own recovery time objective; that of the plan unless said.
    pub rto: Option<Field<Duration>>,
    /// Whether it spoils the data, and with them every copy that follows at once.
    pub corrupts_data: Option<Field<bool>>,
    /// Within how long it is noticed that data are spoiled; copies have to be older than that.
    pub detected_within: Option<Field<Duration>>,
}

/// Something that is done.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// What other steps call it.
    pub id: Field<Name>,
    /// What is done.
    pub action: Field<String>,
    /// How long it takes: one length, or three. What drills measured counts before it.
    pub duration: Option<Field<DurationSpec>>,
    /// The steps that have to be done before.
    #[serde(default)]
    pub after: Vec<Field<Name>>,
    /// The disruptions in which it is done; all of them unless said.
    #[serde(default)]
    pub disruptions: Vec<Field<Name>>,
    /// Who does it, as a role of `contacts`.
    pub role: Option<Field<Name>>,
    /// Where to read how: a name of a runbook, or an address.
    pub runbook: Option<Field<String>>,
}

/// One length of time, or three points.
pub type DurationSpec = Either<Duration, ThreePointSpec>;

/// How long something takes when all goes well, mostly, and when much goes wrong.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreePointSpec {
    /// At least.
    pub optimistic: Field<Duration>,
    /// Mostly.
    pub likely: Field<Duration>,
    /// At most.
    pub pessimistic: Field<Duration>,
}

/// A copy of the data: one that is made now and then, or one that follows.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct BackupSpec {
    /// What it is called.
    pub id: Field<Name>,
    /// Of what.
    pub of: Option<Field<String>>,
    /// From the beginning of one run to that of the next.
    pub interval: Option<Field<Duration>>,
    /// How long a run takes.
    pub duration: Option<Field<Duration>>,
    /// How long the copy is on its way to where it is needed; none unless said.
    pub copy_lag: Option<Field<Duration>>,
    /// How far a copy that follows is behind, instead of `interval`.
    pub replication_lag: Option<Field<Duration>>,
    /// The share of runs that fail.
    pub runs_fail: Option<Field<Ratio>>,
    /// For how long copies are kept.
    pub retention: Option<Field<Duration>>,
    /// Whether data can be brought back as they were at any time within `retention`.
    pub point_in_time: Option<Field<bool>>,
    /// The disruptions after which it is still there; all of them unless said.
    #[serde(default)]
    pub survives: Vec<Field<Name>>,
    /// How often it is restored to see whether it can be.
    pub restore_test: Option<Field<RestoreTestSpec>>,
}

/// Whether a copy can be restored.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreTestSpec {
    /// How often it is tried.
    pub every: Field<Frequency>,
    /// When it was last restored; never unless said.
    pub last: Option<Field<Day>>,
    /// What showed that it was whole.
    pub evidence: Option<Field<String>>,
}

/// How often something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Each week.
    Weekly,
    /// Each month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    Semiannual,
    /// Each year.
    Annual,
}

impl Frequency {
    /// From one time to the next.
    pub const fn period(self) -> Period {
        match self {
            Self::Weekly => Period::Days(7),
            Self::Monthly => Period::Months(1),
            Self::Quarterly => Period::Months(3),
            Self::Semiannual => Period::Months(6),
            Self::Annual => Period::Months(12),
        }
    }

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Semiannual => "semiannual",
            Self::Annual => "annual",
        }
    }
}

/// Somebody who is needed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain_contact)]
pub struct ContactSpec {
    /// For what: `decides`, `restores`, `tells customers`.
    pub role: Field<String>,
    /// Whoever is on call in this rotation.
    pub rotation: Option<Field<Ref<Rotation>>>,
    /// A person.
    pub person: Option<Field<Name>>,
    /// Everybody in a team.
    pub team: Option<Field<Ref<Team>>>,
    /// Somebody outside: a provider, with an address or a number.
    pub external: Option<Field<String>>,
}

reference_target!(DisasterRecoveryPlan, "DisasterRecoveryPlan");

/// How a copy is made.
const COPIED: Alternatives =
    Alternatives { fields: &["interval", "replication_lag"], count: Count::ExactlyOne };
/// Who is needed.
const CONTACT: Alternatives =
    Alternatives { fields: &["rotation", "person", "team", "external"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    COPIED.constrain(schema);
}

fn constrain_contact(schema: &mut schemars::Schema) {
    CONTACT.constrain(schema);
}

impl Spec for DisasterRecoveryPlan {
    const SPELLINGS: &'static [Spelling] = &[
        Spelling { path: &["spec"], old: "rpo_hours", new: "rpo", unit: Unit::Hours },
        Spelling { path: &["spec"], old: "rto_hours", new: "rto", unit: Unit::Hours },
    ];

    fn check(&self, _: Place, findings: &mut Vec<Finding>) {
        for (backup, place) in self.backups.iter().filter_map(Field::pair) {
            let fields = [
                backup.interval.as_ref().map(|field| ("interval", field.place())),
                backup.replication_lag.as_ref().map(|field| ("replication_lag", field.place())),
            ];
            COPIED.check(&fields, place, findings);
        }
        for (contact, place) in self.contacts.iter().filter_map(Field::pair) {
            let fields = [
                contact.rotation.as_ref().map(|field| ("rotation", field.place())),
                contact.person.as_ref().map(|field| ("person", field.place())),
                contact.team.as_ref().map(|field| ("team", field.place())),
                contact.external.as_ref().map(|field| ("external", field.place())),
            ];
            CONTACT.check(&fields, place, findings);
        }
        for step in self.steps.iter().filter_map(Field::get) {
            let Some((duration, place)) = step.duration.as_ref().and_then(Field::pair) else {
                continue;
            };
            let Some(points) = duration.mapping() else { continue };
            let (Some(low), Some(mode), Some(high)) =
                (points.optimistic.get(), points.likely.get(), points.pessimistic.get())
            else {
                continue;
            };
            if low > mode || mode > high {
                let message = format!("{low}, {mode} and {high} are not in ascending order");
                findings.push(
                    Finding::new(&reading::INVALID_VALUE, place, message)
                        .help("`optimistic` is at most `likely`, and that at most `pessimistic`"),
                );
            }
        }
    }
}
