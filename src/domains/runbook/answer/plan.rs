//! The answer of `sre runbook plan`: exactly what a run would execute.
use super::step::{Known, StepForm};
use crate::{
    domains::runbook::{
        engine::{plan::Work, variables::Variables},
        resolve::ResolvedRunbook,
    },
    kernel::report::{Block, Cell, Form, Report, Text, Verdict, words},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};

/// Exactly what a run would execute.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanAnswer {
    /// The runbook.
    runbook: String,
    /// What it works on.
    target: String,
    /// Values of parameters; null for secrets.
    parameters: BTreeMap<String, Option<String>>,
    /// The steps in their order.
    items: Vec<StepForm>,
    /// What keeps it from being run; empty where nothing does.
    missing: Vec<String>,
}

impl Form for PlanAnswer {
    const SCHEMA: &'static str = "sre/runbook-plan@1";
}

/// What keeps a runbook from being run, beside values of parameters.
pub fn unclear(runbook: &ResolvedRunbook<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    for step in &runbook.plan.steps {
        if let Work::Unclear { why, .. } = &step.work {
            missing.push(format!("step {}: {why}", step.number));
        }
        if let Some(Work::Unclear { why, .. }) = step.undo.as_ref().map(|undo| &undo.work) {
            missing.push(format!("undoing step {}: {why}", step.number));
        }
    }
    missing
}

/// The answer; a runbook that cannot be run makes the command fail. `missing` is what is wrong with parameters.
pub fn report(
    runbook: &ResolvedRunbook<'_>,
    variables: &Variables,
    missing: Vec<String>,
    folder: &dyn Fn(&Path) -> String,
) -> Report {
    let known = Known { plan: &runbook.plan, variables, folder };
    let missing: Vec<String> = missing.into_iter().chain(unclear(runbook)).collect();
    let parameters: BTreeMap<String, Option<String>> = variables
        .iter()
        .map(|(name, value)| (name.clone(), (!value.secret).then(|| value.text.clone())))
        .collect();
    let target = runbook.target.shown(variables, |name| format!("<{name}>"));
    let answer = PlanAnswer {
        runbook: runbook.document.name().to_owned(),
        target: target.clone(),
        parameters: parameters.clone(),
        items: runbook.plan.steps.iter().map(|step| known.form(step)).collect(),
        missing: missing.clone(),
    };
    let mut facts: Vec<(Text, Cell)> = vec![
        ("runbook".into(), Cell::name(runbook.document.display_name())),
        ("works on".into(), Cell::text(target)),
    ];
    facts.extend(parameters.into_iter().map(|(name, value)| {
        let value = value.map_or_else(|| Cell::muted("secret"), Cell::text);
        (Text::from(name), value)
    }));
    let mut report = Report::of(&answer).block(Block::Facts(facts));
    for step in &runbook.plan.steps {
        report = report.blocks(known.blocks(step));
    }
    if missing.is_empty() {
        let steps = words::plural(runbook.plan.steps.len() as u64, "step");
        return report
            .block(Block::paragraph(Text::new().good(format!("{steps}, all can be run."))));
    }
    report
        .block(Block::paragraph(Text::new().bad("This cannot be run yet:")))
        .block(Block::list(missing))
        .verdict(Verdict::Found)
}
