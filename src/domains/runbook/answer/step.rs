//! A step as plans and pages show it.
use super::quoted;
use crate::{
    domains::runbook::engine::{
        plan::{Expectation, Invocation, OnError, Plan, Risk, Step, Work},
        variables::Variables,
    },
    kernel::report::{Block, Cell, Text, words},
};
use schemars::JsonSchema;
use serde::Serialize;

/// A step.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunbookStep")]
pub(super) struct StepForm {
    /// Its number.
    step: u16,
    /// What is done, in words.
    action: String,
    /// How much it can destroy.
    risk: Risk,
    /// Whether a person does it.
    manual: bool,
    /// Whether it is asked about where somebody is there.
    asks: bool,
    /// What is executed.
    program: Option<ProgramForm>,
    /// Only then is it done.
    when: Option<String>,
    /// How often it is tried again.
    retries: u8,
    /// The value that it finds out.
    captures: Option<String>,
    /// How it is undone; null where it cannot be.
    undo: Option<UndoForm>,
    /// What happens when it fails.
    on_error: OnError,
    /// Why it cannot be run; null where it can.
    unclear: Option<String>,
}

/// A program that is executed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunbookProgram")]
struct ProgramForm {
    /// The program and its arguments, as they are given to it.
    arguments: Vec<String>,
    /// What it reads from standard input.
    stdin: Option<String>,
    /// The folder that it works in.
    folder: String,
    /// Names of the variables that it gets beside those that all programs get.
    environment: Vec<String>,
    /// How long it may run. Unit: seconds.
    timeout: f64,
    /// What is expected of it, in words.
    expects: String,
}

/// How a step is undone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunbookUndo")]
struct UndoForm {
    /// In words.
    action: String,
    /// How much that can destroy.
    risk: Risk,
    /// What is executed; null where a person does it.
    program: Option<ProgramForm>,
    /// Why it cannot be run; null where it can.
    unclear: Option<String>,
}

/// What is known when steps are shown.
pub(super) struct Known<'k> {
    pub(super) plan: &'k Plan,
    pub(super) variables: &'k Variables,
    /// How folders are shown.
    pub(super) folder: &'k dyn Fn(&std::path::Path) -> String,
}

impl Known<'_> {
    /// What stands for a value that is not known yet: `<pid from step 2>`.
    fn waiting(&self, name: &str) -> String {
        let captures = |step: &&Step| step.capture.as_ref().is_some_and(|one| one.name == name);
        match self.plan.steps.iter().find(captures) {
            Some(step) => format!("<{name} from step {}>", step.number),
            None => format!("<{name}>"),
        }
    }

    pub(super) fn form(&self, step: &Step) -> StepForm {
        let (program, unclear) = self.work(&step.work);
        StepForm {
            step: step.number,
            action: step.action.clone(),
            risk: step.risk,
            manual: matches!(step.work, Work::Manual),
            asks: step.asks() || matches!(step.work, Work::Manual),
            program,
            when: step.when.as_ref().map(super::super::engine::plan::Condition::sentence),
            retries: step.retries,
            captures: step.capture.as_ref().map(|capture| capture.name.clone()),
            undo: step.undo.as_ref().map(|undo| {
                let (program, unclear) = self.work(&undo.work);
                UndoForm { action: undo.action.clone(), risk: undo.risk, program, unclear }
            }),
            on_error: step.on_error,
            unclear,
        }
    }

    fn work(&self, work: &Work) -> (Option<ProgramForm>, Option<String>) {
        match work {
            Work::Manual => (None, None),
            Work::Program(invocation) => (Some(self.program(invocation)), None),
            Work::Unclear { why, .. } => (None, Some(why.clone())),
        }
    }

    fn arguments(&self, invocation: &Invocation) -> Vec<String> {
        let shown = |name: &str| self.waiting(name);
        invocation.arguments.iter().map(|one| one.shown(self.variables, shown)).collect()
    }

    fn program(&self, invocation: &Invocation) -> ProgramForm {
        let mut environment: Vec<String> = self.variables.keys().cloned().collect();
        environment.extend(invocation.environment.keys().cloned());
        environment.sort();
        environment.dedup();
        ProgramForm {
            arguments: self.arguments(invocation),
            stdin: invocation.stdin.clone(),
            folder: (self.folder)(&invocation.folder),
            environment,
            timeout: invocation.timeout.seconds(),
            expects: expects(&invocation.expect),
        }
    }

    /// The step for people: what, how risky, what is executed.
    pub(super) fn blocks(&self, step: &Step) -> Vec<Block> {
        let heading = Text::new()
            .strong(format!("{}. {}", step.number, step.action))
            .plain("  ")
            .text(risk(step.risk));
        let mut blocks = vec![Block::Heading(heading)];
        blocks.extend(self.work_blocks(&step.work));
        let mut facts: Vec<(Text, Cell)> = Vec::new();
        let mut fact = |name: &str, value: String| {
            facts.push((name.into(), Cell::text(value)));
        };
        if let Work::Program(invocation) = &step.work {
            let span = words::span(invocation.timeout);
            fact("takes at most", span);
            fact("expects", expects(&invocation.expect));
        }
        if let Some(condition) = &step.when {
            fact("only when", condition.sentence());
        }
        if step.retries > 0 {
            let times = words::plural(u64::from(step.retries), "time");
            fact("tried again", format!("{times}, after {}", words::span(step.delay)));
        }
        if let Some(capture) = &step.capture {
            fact("finds out", capture.name.clone());
        }
        match step.on_error {
            OnError::Abort => {}
            OnError::Continue => fact("if it fails", "the next step follows".to_owned()),
            OnError::Undo => fact("if it fails", "the steps before it are undone".to_owned()),
        }
        if let Some(undo) = &step.undo {
            let text = match &undo.work {
                Work::Program(invocation) => quoted(&self.arguments(invocation)),
                Work::Manual => undo.action.clone(),
                Work::Unclear { text, why } => format!("{text} ({why})"),
            };
            fact("is undone by", text);
        }
        if !facts.is_empty() {
            blocks.push(Block::Facts(facts));
        }
        blocks
    }

    fn work_blocks(&self, work: &Work) -> Vec<Block> {
        match work {
            Work::Manual => vec![Block::paragraph("A person does this.")],
            Work::Program(invocation) => {
                let mut blocks = vec![Block::code("sh", quoted(&self.arguments(invocation)))];
                if let Some(stdin) = &invocation.stdin {
                    blocks.push(Block::paragraph("It reads:"));
                    blocks.push(Block::code("", stdin.clone()));
                }
                blocks
            }
            Work::Unclear { text, why } => {
                vec![Block::code("", text.clone()), Block::paragraph(Text::new().bad(why.clone()))]
            }
        }
    }
}

/// A risk with its meaning.
pub(super) fn risk(risk: Risk) -> Text {
    let name = format!("risk {}", risk.name());
    match risk {
        Risk::None => Text::new().muted(name),
        Risk::Low => Text::new().plain(name),
        Risk::High => Text::new().warning(name),
        Risk::Destructive => Text::new().bad(name),
    }
}

fn expects(expect: &Expectation) -> String {
    let statuses: Vec<String> = expect.exit.iter().map(ToString::to_string).collect();
    let mut text = format!("status {}", statuses.join(" or "));
    for (what, regex) in [
        ("prints", &expect.stdout_matches),
        ("does not print", &expect.stdout_lacks),
        ("does not complain of", &expect.stderr_lacks),
    ] {
        if let Some(regex) = regex {
            text.push_str(&format!(", {what} `{regex}`"));
        }
    }
    text
}
