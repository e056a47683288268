//! What is to be done: everything is resolved but what earlier steps have yet to find out.
use super::variables::Template;
use crate::kernel::units::Duration;
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// How much a step can destroy.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// It only looks.
    None,
    /// It changes something that is easily put back. What is taken of a step that does not say.
    #[default]
    Low,
    /// Users can feel it.
    High,
    /// What it removes is gone.
    Destructive,
}

impl Risk {
    /// All of them, least first.
    pub const ALL: [Self; 4] = [Self::None, Self::Low, Self::High, Self::Destructive];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::High => "high",
            Self::Destructive => "destructive",
        }
    }
}

/// When the operator is asked before a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// Always.
    Always,
    /// Where it can change something: before every step with a risk other than `none`.
    #[default]
    Risky,
    /// Never; a risk of `high` or `destructive` is asked about nevertheless.
    Never,
}

/// What happens when a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The run stops; undoing is offered.
    #[default]
    Abort,
    /// The next step follows.
    Continue,
    /// The steps before it are undone.
    Undo,
}

/// A runbook that can be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name.
    pub runbook: String,
    /// What it works on, which is typed to confirm what destroys; the name of the runbook where nothing is said.
    pub target: String,
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// How long all of it may take.
    pub timeout: Option<Duration>,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number.
    pub number: u16,
    /// What is done, in words.
    pub action: String,
    /// Who does it.
    pub work: Work,
    /// How much it can destroy.
    pub risk: Risk,
    /// When the operator is asked.
    pub confirm: Confirm,
    /// Only then is it done.
    pub when: Option<Condition>,
    /// How often it is tried again.
    pub retries: u8,
    /// How long is waited before that.
    pub delay: Duration,
    /// Whether doing it twice does what doing it once does.
    pub idempotent: bool,
    /// What is kept of what it prints.
    pub capture: Option<Capture>,
    /// How it is undone.
    pub undo: Option<Undo>,
    /// What happens when it fails.
    pub on_error: OnError,
    /// Whether nothing that it prints is kept or shown.
    pub no_output: bool,
}

impl Step {
    /// Whether the operator is asked before it.
    pub fn asks(&self) -> bool {
        match self.confirm {
            Confirm::Always => true,
            Confirm::Risky => self.risk > Risk::None,
            Confirm::Never => self.risk >= Risk::High,
        }
    }
}

/// Who does something.
#[derive(Clone, Debug)]
pub enum Work {
    /// The operator.
    Manual,
    /// A program.
    Program(Invocation),
    /// Nobody knows: there is a text and nothing says which program reads it.
    Unclear {
        /// The text.
        text: String,
        /// What is missing.
        why: String,
    },
}

/// A program with all that it is given.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The program and its arguments.
    pub arguments: Vec<Template>,
    /// What it reads from standard input; nothing unless said.
    pub stdin: Option<String>,
    /// Variables of its environment beside those that all programs get.
    pub environment: BTreeMap<String, Template>,
    /// The folder that it works in.
    pub folder: PathBuf,
    /// How long it may run.
    pub timeout: Duration,
    /// What is expected of it.
    pub expect: Expectation,
}

/// What is expected of a program; everything that is said has to hold.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Exit statuses that are fine.
    pub exit: Vec<u8>,
    /// What it has to print.
    pub stdout_matches: Option<Regex>,
    /// What it must not print.
    pub stdout_lacks: Option<Regex>,
    /// What it must not complain of.
    pub stderr_lacks: Option<Regex>,
}

impl Default for Expectation {
    fn default() -> Self {
        Self { exit: vec![0], stdout_matches: None, stdout_lacks: None, stderr_lacks: None }
    }
}

/// When a step is done.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The parameter or captured value that decides.
    pub variable: String,
    /// It is one of these.
    pub is: Vec<String>,
    /// It is none of these.
    pub is_not: Vec<String>,
    /// It matches.
    pub matches: Option<Regex>,
}

impl Condition {
    /// Whether a value fulfils it.
    pub fn holds(&self, value: &str) -> bool {
        (self.is.is_empty() || self.is.iter().any(|one| one == value))
            && !self.is_not.iter().any(|one| one == value)
            && self.matches.as_ref().is_none_or(|regex| regex.is_match(value))
    }

    /// In words: ``` `pid` is not `` ```.
    pub fn sentence(&self) -> String {
        let quoted = |values: &[String]| {
            values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ")
        };
        let mut parts = Vec::new();
        if !self.is.is_empty() {
            parts.push(format!("is {}", quoted(&self.is)));
        }
        if !self.is_not.is_empty() {
            parts.push(format!("is not {}", quoted(&self.is_not)));
        }
        if let Some(regex) = &self.matches {
            parts.push(format!("matches `{regex}`"));
        }
        format!("`{}` {}", self.variable, parts.join(" and "))
    }
}

/// What is kept of what a step prints.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The name of the value.
    pub name: String,
    /// What of the output: the first group, or all that matches; the whole output unless said.
    pub pattern: Option<Regex>,
}

/// How a step is undone.
#[derive(Clone, Debug)]
pub struct Undo {
    /// In words.
    pub action: String,
    /// Who does it.
    pub work: Work,
    /// How much that can destroy.
    pub risk: Risk,
}
