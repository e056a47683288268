//! The kind `PostMortem`.
use super::{BudgetShare, PostMortemTemplate};
use crate::{
    domains::{incident::spec::Incident, slo::spec::ServiceLevelObjective},
    kernel::{
        spec::{Day, Field, Moment, Name, Ref, Spec},
        units::Duration,
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an incident was, why it happened, and what is done about it. Texts are Markdown.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostMortem {
    /// The incident that it is about.
    pub incident: Option<Field<Ref<Incident>>>,
    /// What it has to say; the one template of the catalog, or the sections of `standard`, unless said.
    pub template: Option<Field<Ref<PostMortemTemplate>>>,
    /// How far it is; a draft unless said.
    pub status: Option<Field<Status>>,
    /// Who writes it.
    #[serde(default)]
    pub authors: Vec<Field<Name>>,
    /// Who reads it before it is final.
    #[serde(default)]
    pub reviewers: Vec<Field<Name>>,
    /// What happened, in a few sentences for somebody who was not there.
    pub summary: Option<Field<String>>,
    /// When what was known and done.
    pub clocks: Option<Field<ClocksSpec>>,
    /// What it cost, in numbers.
    pub impact: Option<Field<Impact>>,
    /// What set it off.
    pub trigger: Option<Field<String>>,
    /// What made it possible, each on its own: there is rarely one.
    #[serde(default)]
    pub causes: Vec<Field<String>>,
    /// How it was noticed.
    pub detection: Option<Field<String>>,
    /// What ended it.
    pub resolution: Option<Field<String>>,
    /// What happened when, in order.
    #[serde(default)]
    pub timeline: Vec<Field<TimelineEntry>>,
    /// What it taught.
    pub lessons: Option<Field<Lessons>>,
    /// What is done about it.
    #[serde(default)]
    pub action_items: Vec<Field<ActionItem>>,
    /// Further sections, by their names in the template.
    #[serde(default)]
    pub sections: BTreeMap<String, Field<String>>,
}

/// How far a post-mortem is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written: nothing need be complete.
    #[default]
    Draft,
    /// Complete, and being read by others.
    InReview,
    /// Done.
    Final,
}

impl Status {
    /// As people read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in review",
            Self::Final => "final",
        }
    }

    /// As it is written.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Final => "final",
        }
    }
}

/// The clocks of an incident.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClocksSpec {
    /// When users began to be affected.
    pub started: Option<Field<Moment>>,
    /// When an alert fired, or somebody noticed.
    pub detected: Option<Field<Moment>>,
    /// When somebody said that it is an incident.
    pub declared: Option<Field<Moment>>,
    /// When somebody took it on.
    pub acknowledged: Option<Field<Moment>>,
    /// When users were affected no more.
    pub mitigated: Option<Field<Moment>>,
    /// When it was over.
    pub resolved: Option<Field<Moment>>,
}

/// What an incident cost.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Impact {
    /// What users saw.
    pub description: Option<Field<String>>,
    /// How many users were affected.
    pub users: Option<Field<u64>>,
    /// How many requests failed.
    pub requests: Option<Field<u64>>,
    /// How many requests for support it caused.
    pub support_requests: Option<Field<u64>>,
    /// Whether data was lost.
    pub data_loss: Option<Field<bool>>,
    /// What it spent of error budgets.
    #[serde(default)]
    pub budget: Vec<Field<BudgetSpent>>,
    /// Further numbers.
    #[serde(default)]
    pub figures: Vec<Field<Figure>>,
}

/// What an incident spent of an error budget.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetSpent {
    /// Whose budget.
    pub slo: Field<Ref<ServiceLevelObjective>>,
    /// The share of the whole budget of the objective's window.
    pub share: Option<Field<BudgetShare>>,
    /// The time without service to which it amounts.
    pub spent: Option<Field<Duration>>,
    /// The bad events.
    pub bad_events: Option<Field<u64>>,
}

/// A number with what it counts.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What is counted: `orders lost`.
    pub name: Field<String>,
    /// How much, with its unit: `1,200`, `$34k`.
    pub value: Field<String>,
}

/// Something that happened.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimelineEntry {
    /// When, or since when.
    pub at: Field<Moment>,
    /// Until when, where it went on.
    pub until: Option<Field<Moment>>,
    /// What.
    pub event: Field<String>,
    /// Where that can be seen: a link, a query, a log.
    pub evidence: Option<Field<String>>,
    /// What is to be known about it.
    pub note: Option<Field<String>>,
}

/// What an incident taught.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lessons {
    /// What went well.
    #[serde(default)]
    pub went_well: Vec<Field<String>>,
    /// What went wrong.
    #[serde(default)]
    pub went_wrong: Vec<Field<String>>,
    /// Where it could have been worse, and was not by luck.
    #[serde(default)]
    pub got_lucky: Vec<Field<String>>,
}

/// Something that is done about it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionItem {
    /// By what it is called in this post-mortem: `AI-1`.
    pub id: Field<Name>,
    /// What is done.
    pub title: Field<String>,
    /// What that is good for.
    #[serde(rename = "type")]
    pub action_type: Option<Field<ActionType>>,
    /// How soon; P0 before anything else.
    pub priority: Option<Field<Priority>>,
    /// The one person or team that answers for it.
    pub owner: Option<Field<String>>,
    /// The last day on which it is in time.
    pub due: Option<Field<Day>>,
    /// How far it is; open unless said.
    pub status: Option<Field<ActionStatus>>,
    /// Where it is worked on: an address, or its number there.
    pub ticket: Option<Field<String>>,
    /// How anybody can see that it is done.
    pub done_when: Option<Field<String>>,
    /// The day on which it was written; the one on which the incident was resolved unless said.
    pub opened: Option<Field<Day>>,
    /// The day on which it was done or given up.
    pub closed: Option<Field<Day>>,
}

/// What an action is good for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ActionType {
    /// It does not happen again.
    Prevent,
    /// It is noticed sooner.
    Detect,
    /// It does less harm, or ends sooner.
    Mitigate,
    /// People work together in another way.
    Process,
    /// Anything else.
    Other,
}

impl ActionType {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prevent => "prevent",
            Self::Detect => "detect",
            Self::Mitigate => "mitigate",
            Self::Process => "process",
            Self::Other => "other",
        }
    }
}

/// How soon something is done.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
pub enum Priority {
    /// Before anything else.
    P0,
    /// Next.
    P1,
    /// Soon.
    P2,
    /// When there is time.
    P3,
    /// Some day.
    P4,
}

impl Priority {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
        }
    }
}

/// How far an action is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ActionStatus {
    /// Not begun.
    #[default]
    Open,
    /// Begun.
    InProgress,
    /// Done.
    Done,
    /// Given up.
    WontDo,
}

impl ActionStatus {
    /// As people read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in progress",
            Self::Done => "done",
            Self::WontDo => "will not be done",
        }
    }

    /// Whether somebody still has to do it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::InProgress)
    }
}

reference_target!(PostMortem, "PostMortem");

impl Spec for PostMortem {}
