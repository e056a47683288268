//! Parameters of a runbook.
use super::{AnyText, VariableName};
use crate::kernel::{
    diagnostic::Finding,
    spec::{Alternatives, Count, Field},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that is different each time. Steps find its value in the variable of the same name; an argument
/// holds it as `${name}`. The text of a command is never changed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterSpec {
    /// Its name, which is that of the variable.
    pub name: Field<VariableName>,
    /// What it is.
    pub description: Option<Field<String>>,
    /// What it can be; any text unless said.
    #[serde(rename = "type")]
    pub kind: Option<Field<ParameterType>>,
    /// Whether the text may have several lines; it may not unless said.
    pub lines: Option<Field<bool>>,
    /// The least that a whole number may be.
    pub min: Option<Field<i64>>,
    /// The greatest that a whole number may be.
    pub max: Option<Field<i64>>,
    /// What there is to choose from.
    #[serde(default)]
    pub choices: Vec<Field<AnyText>>,
    /// A regular expression that all of it has to match.
    pub pattern: Option<Field<String>>,
    /// Its value where none is given; one has to be given unless said.
    pub default: Option<Field<AnyText>>,
    /// Where its value is taken from, instead of being given: it is shown nowhere, and taken out of
    /// everything that programs print.
    pub secret: Option<Field<SecretSpec>>,
}

/// What a parameter can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// Any text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of `choices`.
    Choice,
    /// A length of time such as `5m`.
    Duration,
}

/// Where a secret is taken from: one of these.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct SecretSpec {
    /// A variable of the environment of whoever runs it.
    pub env: Option<Field<VariableName>>,
    /// A file, without its last line break; `~/` is the home of whoever runs it.
    pub file: Option<Field<String>>,
}

/// Where a secret is taken from.
const SOURCE: Alternatives = Alternatives { fields: &["env", "file"], count: Count::ExactlyOne };

fn constrain(schema: &mut schemars::Schema) {
    SOURCE.constrain(schema);
}

/// Finds parameters that contradict themselves.
pub(super) fn check(parameters: &[Field<ParameterSpec>], findings: &mut Vec<Finding>) {
    for parameter in parameters.iter().filter_map(Field::get) {
        let Some((secret, place)) = parameter.secret.as_ref().and_then(Field::pair) else {
            continue;
        };
        let fields = [
            secret.env.as_ref().map(|field| ("env", field.place())),
            secret.file.as_ref().map(|field| ("file", field.place())),
        ];
        SOURCE.check(&fields, place, findings);
    }
}
