//! The kind `Runbook`.
use super::{
    AnyText, ParameterSpec, Shell, StepSpec, parameter,
    step::{self, READER, stands},
};
use crate::{
    domains::slo::spec::ServiceLevelObjective,
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Day, Field, Name, Ref, Spec, Spelling, Unit},
        units::Duration,
    },
    reference_target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to do when something is wrong.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = constrain)]
pub struct Runbook {
    /// What is done, in this order.
    pub steps: Field<Vec<Field<StepSpec>>>,
    /// Who is asked when that does not help, in this order: rotations, teams or people.
    #[serde(default)]
    pub escalation_path: Vec<Field<Name>>,
    /// The alerts that it is for, by the names that the monitoring gives them.
    #[serde(default)]
    pub alerts: Vec<Field<Name>>,
    /// The objectives whose alerts it is for.
    #[serde(default)]
    pub slos: Vec<Field<Ref<ServiceLevelObjective>>>,
    /// What is different each time.
    #[serde(default)]
    pub params: Vec<Field<ParameterSpec>>,
    /// What has to be so before the first step.
    pub requires: Option<Field<RequiresSpec>>,
    /// What it works on, such as `${database}`: one run at a time for each, and what is typed to confirm what
    /// destroys. The runbook itself unless said.
    pub target: Option<Field<String>>,
    /// The shell that reads the commands of steps.
    pub shell: Option<Field<Shell>>,
    /// The program that reads the commands of steps, with its arguments: `[psql, -X, -v, ON_ERROR_STOP=1, -c]`. The
    /// command becomes the last one.
    #[serde(default)]
    pub interpreter: Vec<Field<AnyText>>,
    /// Whether that program reads commands from its standard input instead.
    pub stdin: Option<Field<bool>>,
    /// Variables of the environment of all steps.
    #[serde(default)]
    pub env: BTreeMap<String, Field<AnyText>>,
    /// The folder that steps work in, relative to that of the runbook; that folder unless said.
    pub cwd: Option<Field<String>>,
    /// How long all of it may take; as long as it takes unless said.
    pub timeout: Option<Field<Duration>>,
    /// How long it takes as a rule.
    pub expected_duration: Option<Field<Duration>>,
    /// When somebody last looked whether it is still right.
    pub reviewed: Option<Field<Day>>,
    /// How often somebody is to do that.
    pub review_every: Option<Field<Duration>>,
    /// When it was last tried out.
    pub drilled: Option<Field<Day>>,
    /// How often it is to be tried out.
    pub drill_every: Option<Field<Duration>>,
    /// What it says to people.
    pub sections: Option<Field<SectionsSpec>>,
}

/// What has to be so before the first step.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequiresSpec {
    /// Programs that have to be there.
    #[serde(default)]
    pub commands: Vec<Field<String>>,
    /// Variables of the environment that have to be set; steps get them.
    #[serde(default)]
    pub env: Vec<Field<String>>,
    /// A pattern such as `prod-*` that the current context of `kubectl` has to match.
    pub kube_context: Option<Field<String>>,
    /// Whether the runbook has to be as it is in the commit, without changes.
    pub git_clean: Option<Field<bool>>,
}

/// What a runbook says to people, as the runbooks of the Prometheus operator are divided.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionsSpec {
    /// What the alert means.
    pub meaning: Option<Field<String>>,
    /// What users feel of it.
    pub impact: Option<Field<String>>,
    /// How to find out why.
    pub diagnosis: Option<Field<String>>,
    /// How to end it.
    pub mitigation: Option<Field<String>>,
}

reference_target!(Runbook, "Runbook");

fn constrain(schema: &mut schemars::Schema) {
    let both = serde_json::json!({
        "required": ["shell", "interpreter"],
        "properties": {
            "shell": {"not": {"type": "null"}},
            "interpreter": {"not": {"type": "null"}, "minItems": 1},
        },
    });
    schema.insert("not".to_owned(), both);
}

impl Spec for Runbook {
    const SPELLINGS: &'static [Spelling] = &[Spelling {
        path: &["spec"],
        old: "est_minutes",
        new: "expected_duration",
        unit: Unit::Minutes,
    }];

    fn check(&self, place: Place, findings: &mut Vec<Finding>) {
        let reader =
            [stands("shell", self.shell.as_ref()), stands("interpreter", self.interpreter.first())];
        READER.check(&reader, place, findings);
        parameter::check(&self.params, findings);
        step::check(self.steps.get().map(Vec::as_slice).unwrap_or_default(), findings);
    }
}
