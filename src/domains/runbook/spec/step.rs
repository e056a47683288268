//! Steps of a runbook.
use super::{AnyText, VariableName};
use crate::{
    domains::runbook::engine::plan::{Confirm, OnError, Risk},
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Alternatives, Count, Either, Field, Link},
        units::Duration,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One step: what is done, and by which program where it is not a person who does it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct StepSpec {
    /// Its number: the first is 1, and each is one more than the one before.
    pub step: Field<u16>,
    /// What is done, in words.
    pub action: Field<String>,
    /// A text that a shell or another program reads, exactly as it stands here; which program says `shell` or
    /// `interpreter`. Parameters are variables in it.
    pub command: Option<Field<String>>,
    /// A program and its arguments, started by no shell. `${name}` in an argument is the value of a parameter.
    #[serde(default)]
    pub argv: Vec<Field<AnyText>>,
    /// The shell that reads `command`; that of the runbook unless said.
    pub shell: Option<Field<Shell>>,
    /// The program that reads `command`, with its arguments; the text becomes the last argument. That of the
    /// runbook unless said.
    #[serde(default)]
    pub interpreter: Vec<Field<AnyText>>,
    /// Whether the program reads `command` from its standard input instead.
    pub stdin: Option<Field<bool>>,
    /// Whether a person does it; so it is where there is neither `command` nor `argv`.
    pub manual: Option<Field<bool>>,
    /// How much it can destroy; `low` unless said.
    pub risk: Option<Field<Risk>>,
    /// When it is asked about; where it has a risk, unless said.
    pub confirm: Option<Field<Confirm>>,
    /// How long it may take; ten minutes unless said.
    pub timeout: Option<Field<Duration>>,
    /// Whether doing it twice does what doing it once does.
    pub idempotent: Option<Field<bool>>,
    /// How often it is tried again when it fails; only if it is idempotent.
    pub retries: Option<Field<u8>>,
    /// How long is waited before it is tried again; five seconds unless said.
    pub delay: Option<Field<Duration>>,
    /// Variables of its environment.
    #[serde(default)]
    pub env: BTreeMap<String, Field<AnyText>>,
    /// The folder that it works in, relative to that of the runbook.
    pub cwd: Option<Field<String>>,
    /// What later steps know of what it prints.
    pub capture: Option<Field<Either<VariableName, CaptureSpec>>>,
    /// What is expected of it; status 0 unless said.
    pub expect: Option<Field<ExpectSpec>>,
    /// Only then is it done.
    pub when: Option<Field<WhenSpec>>,
    /// How it is undone: a command for the same program, or words for a person where the step is a person's.
    pub undo: Option<Field<Either<AnyText, UndoSpec>>>,
    /// What happens when it fails; the run stops unless said.
    pub on_error: Option<Field<OnError>>,
    /// Whether what it prints is neither shown nor kept.
    pub no_output: Option<Field<bool>>,
    /// Further reading.
    #[serde(default)]
    pub links: Vec<Field<Link>>,
}

/// A shell. Its options are fixed: it ends at the first command that fails, and at a variable that is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shell {
    /// `sh -euc`: what every system has. In a pipe only the last command counts.
    Sh,
    /// `bash -euo pipefail -c`: in a pipe every command counts.
    Bash,
}

/// What is kept of what a step prints.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureSpec {
    /// The name under which later steps find it.
    pub name: Field<VariableName>,
    /// A regular expression: its first group, or all that it matches, is the value. All that is printed unless
    /// said.
    pub pattern: Option<Field<String>>,
}

/// What is expected of a step; everything that is said has to hold.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectSpec {
    /// Exit statuses that are fine; 0 unless said.
    #[serde(default)]
    pub exit: Vec<Field<u8>>,
    /// A regular expression that it has to print.
    pub stdout_matches: Option<Field<String>>,
    /// A regular expression that it must not print.
    pub stdout_lacks: Option<Field<String>>,
    /// A regular expression that it must not complain of.
    pub stderr_lacks: Option<Field<String>>,
}

/// When a step is done; everything that is said has to hold.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhenSpec {
    /// The parameter or captured value that decides.
    pub variable: Field<VariableName>,
    /// It is one of these.
    #[serde(default)]
    pub is: Vec<Field<AnyText>>,
    /// It is none of these; `""` for nothing.
    #[serde(default)]
    pub is_not: Vec<Field<AnyText>>,
    /// A regular expression that matches somewhere in it.
    pub matches: Option<Field<String>>,
}

/// How a step is undone.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct UndoSpec {
    /// What is done, in words.
    pub action: Option<Field<String>>,
    /// A text that the program of the step reads.
    pub command: Option<Field<String>>,
    /// A program and its arguments.
    #[serde(default)]
    pub argv: Vec<Field<AnyText>>,
    /// The shell that reads `command`; that of the step unless said.
    pub shell: Option<Field<Shell>>,
    /// The program that reads `command`; that of the step unless said.
    #[serde(default)]
    pub interpreter: Vec<Field<AnyText>>,
    /// How much it can destroy; as much as the step unless said.
    pub risk: Option<Field<Risk>>,
    /// How long it may take; as long as the step unless said.
    pub timeout: Option<Field<Duration>>,
    /// What is expected of it; status 0 unless said.
    pub expect: Option<Field<ExpectSpec>>,
}

/// What is executed.
pub(super) const WORK: Alternatives =
    Alternatives { fields: &["command", "argv"], count: Count::AtMostOne };
/// What reads a command.
pub(super) const READER: Alternatives =
    Alternatives { fields: &["shell", "interpreter"], count: Count::AtMostOne };

fn constrain(schema: &mut schemars::Schema) {
    let both = |one: &str, other: &str| {
        serde_json::json!({
            "required": [one, other],
            "properties": {one: {"not": {"type": "null"}}, other: {"not": {"type": "null"}, "minItems": 1}},
        })
    };
    let wrong = [both("command", "argv"), both("shell", "interpreter")];
    schema.insert("not".to_owned(), serde_json::json!({"anyOf": wrong}));
}

/// A field that stands there, for [`Alternatives::check`].
pub(super) type Present = Option<(&'static str, Place)>;

/// Where an optional field stands.
pub(super) fn stands<T>(name: &'static str, field: Option<&Field<T>>) -> Present {
    field.map(|field| (name, field.place()))
}

/// Finds steps that contradict themselves.
pub(super) fn check(steps: &[Field<StepSpec>], findings: &mut Vec<Finding>) {
    for (step, place) in steps.iter().filter_map(Field::pair) {
        let work = [stands("command", step.command.as_ref()), stands("argv", step.argv.first())];
        WORK.check(&work, place, findings);
        let reader =
            [stands("shell", step.shell.as_ref()), stands("interpreter", step.interpreter.first())];
        READER.check(&reader, place, findings);
        let undo = step.undo.as_ref().and_then(Field::pair);
        let Some((Either::Mapping(undo), place)) = undo else { continue };
        let work = [stands("command", undo.command.as_ref()), stands("argv", undo.argv.first())];
        WORK.check(&work, place, findings);
        let reader =
            [stands("shell", undo.shell.as_ref()), stands("interpreter", undo.interpreter.first())];
        READER.check(&reader, place, findings);
    }
}
