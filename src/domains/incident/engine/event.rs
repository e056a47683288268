//! What may happen in an incident.
use crate::kernel::units::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// Users began to be touched; often found out later.
    Started,
    /// An alert fired, or somebody noticed.
    Detected,
    /// Somebody said that it is an incident.
    Declared,
    /// Somebody took it on.
    Acknowledged,
    /// The first of those who work on it began to.
    Engaged,
    /// It has another severity.
    Severity,
    /// Somebody took a role.
    Role,
    /// Those who are affected were told how it stands.
    Update,
    /// Anything else worth knowing later.
    Note,
    /// Users are not touched any more.
    Mitigated,
    /// It is mended, and stays so.
    Resolved,
    /// It came back: what was mitigated or resolved before is so no more.
    Reopened,
    /// There is nothing left to do, nor to write.
    Closed,
    /// It was no incident, and counts in no figure.
    Cancelled,
}

impl EventType {
    /// All of them, in the order in which they happen.
    pub const ALL: [Self; 14] = [
        Self::Started,
        Self::Detected,
        Self::Declared,
        Self::Acknowledged,
        Self::Engaged,
        Self::Severity,
        Self::Role,
        Self::Update,
        Self::Note,
        Self::Mitigated,
        Self::Resolved,
        Self::Reopened,
        Self::Closed,
        Self::Cancelled,
    ];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Detected => "detected",
            Self::Declared => "declared",
            Self::Acknowledged => "acknowledged",
            Self::Engaged => "engaged",
            Self::Severity => "severity",
            Self::Role => "role",
            Self::Update => "update",
            Self::Note => "note",
            Self::Mitigated => "mitigated",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether an incident has it at most once, unless it was reopened in between.
    pub const fn is_clock(self) -> bool {
        match self {
            Self::Started
            | Self::Detected
            | Self::Declared
            | Self::Acknowledged
            | Self::Engaged
            | Self::Mitigated
            | Self::Resolved
            | Self::Closed
            | Self::Cancelled => true,
            Self::Severity | Self::Role | Self::Update | Self::Note | Self::Reopened => false,
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub event: EventType,
    /// Who or what says so.
    pub by: Option<String>,
    /// What there is to say of it.
    pub note: Option<String>,
    /// The severity from now on; only of [`EventType::Severity`].
    pub severity: Option<String>,
    /// The role that somebody took, and who; only of [`EventType::Role`].
    pub role: Option<(String, String)>,
    /// Where there is more of it.
    pub link: Option<String>,
    /// When it was written down, if that was not when it happened.
    pub recorded_at: Option<Instant>,
    /// Its place in the file, from 0.
    pub position: usize,
}

impl Event {
    /// An event of which nothing else is known.
    pub fn new(at: Instant, event: EventType) -> Self {
        Self {
            at,
            event,
            by: None,
            note: None,
            severity: None,
            role: None,
            link: None,
            recorded_at: None,
            position: 0,
        }
    }
}
