//! `sre runbook run` and `sre runbook resume`.
use super::{
    given::{self, Values},
    history::{Kept, Known},
    operator::{Policy, Terminal, allows},
    requirements,
};
use crate::{
    adapters::{
        steps::{Lock, Locked, Signals, Steps, host},
        transcripts::{self, TranscriptFile},
    },
    cli::{Exit, Failure, Session, arguments::choices, commands::oncall::Opened},
    domains::runbook::{
        answer::{
            plan::unclear,
            run::{Told, report},
        },
        engine::{
            event::{Event, RunEnded, RunOutcome, RunResumed, RunStarted, StepName},
            plan::{Plan, Risk, Work},
            progress::Progress,
            run::{Fate, Log as _, Machine},
            variables::{Variables, inherited},
        },
        resolve::ResolvedRunbook,
        transcript::{ENDING, RunSummary, hash_of},
    },
    kernel::report::words,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What is allowed and said beforehand.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Without questions")]
struct Beforehand {
    /// Runs steps up to this risk unasked.
    #[arg(long, value_name = "RISK", value_parser = choices(Risk::ALL.map(Risk::name)))]
    yes_up_to: Option<String>,
    /// What shows that a person has done a manual step; may be repeated.
    #[arg(long, value_name = "STEP=TEXT", value_parser = of_step)]
    evidence: Vec<(u16, String)>,
    /// What is done when a step fails and nobody is there to ask.
    #[arg(long, value_name = "WHAT", default_value = "stop", value_parser = choices(["stop", "undo"]))]
    on_failure: String,
    /// Asks nothing, also at a terminal.
    #[arg(long)]
    no_input: bool,
    /// Who runs it; the user of this machine unless said.
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
}

/// Reads `3=text`.
fn of_step(text: &str) -> Result<(u16, String), String> {
    let wrong = || "write it like `3=looked at the graph`".to_owned();
    let (step, text) = text.split_once('=').ok_or_else(wrong)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong());
    }
    Ok((step.trim().parse().map_err(|_| wrong())?, text.to_owned()))
}

/// Arguments of `sre runbook run`.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// The runbook, or a file that holds one.
    #[arg(value_name = "NAME|FILE")]
    runbook: String,
    #[command(flatten)]
    values: Values,
    #[command(flatten)]
    beforehand: Beforehand,
    /// The incident that it is run for.
    #[arg(long, value_name = "NAME")]
    incident: Option<String>,
    /// Begins anew although a run on the same target did not end.
    #[arg(long)]
    abandon: bool,
    #[command(flatten)]
    kept: Kept,
}

/// Arguments of `sre runbook resume`.
#[derive(Debug, clap::Args)]
pub(super) struct Resume {
    /// The run, or the file of its transcript.
    #[arg(value_name = "RUN|FILE")]
    run: String,
    #[command(flatten)]
    beforehand: Beforehand,
    /// What became of a step whose end nobody saw: `2=again`, or `2=` and what shows that it is done.
    #[arg(long, value_name = "STEP=again|TEXT", value_parser = of_step)]
    unknown: Vec<(u16, String)>,
    /// Goes on with the runbook as it is now, although it was changed.
    #[arg(long)]
    accept_changes: bool,
    #[command(flatten)]
    kept: Kept,
}

impl Beforehand {
    fn policy(&self, unknown: &[(u16, String)]) -> Policy {
        let fate = |text: &String| {
            if text == "again" { Fate::Again } else { Fate::Done(text.clone()) }
        };
        Policy {
            yes_up_to: Risk::ALL
                .into_iter()
                .find(|risk| self.yes_up_to.as_deref() == Some(risk.name())),
            evidence: self.evidence.iter().cloned().collect(),
            fates: unknown.iter().map(|(step, text)| (*step, fate(text))).collect(),
            undo: self.on_failure == "undo",
        }
    }

    fn is_interactive(&self, session: &Session<'_, '_>) -> bool {
        session.is_interactive() && !self.no_input
    }

    fn operator(&self, session: &Session<'_, '_>) -> String {
        let environment = session.environment();
        let user =
            ["SRE_OPERATOR", "USER", "LOGNAME"].iter().find_map(|name| environment.get(*name));
        let said = self.operator.as_ref().or(user);
        said.filter(|name| !name.trim().is_empty()).cloned().unwrap_or_else(|| "unknown".to_owned())
    }
}

/// Runs a runbook.
pub(super) fn run(arguments: &Run, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, std::slice::from_ref(&arguments.runbook), None)?;
    let mut runbook = given::runbook(session, &opened, &arguments.runbook)?;
    refuse_errors(session, &opened, &runbook)?;
    let values = arguments.values.by_name()?;
    let variables = given::bind(session, &runbook, &values).map_err(|wrong| {
        listed(Exit::Input, "the parameters are not right; nothing was run", &wrong)
    })?;
    let interactive = arguments.beforehand.is_interactive(session);
    let policy = arguments.beforehand.policy(&[]);
    if !interactive {
        let needed = not_allowed(&runbook.plan, &policy, &Progress::default());
        if !needed.is_empty() {
            let what =
                "nobody is there to answer, and this is not allowed beforehand; nothing was run";
            return Err(listed(Exit::RunRefused, what, &needed).hint(
                "--yes-up-to RISK allows steps, --evidence STEP=TEXT says that a person has done one",
            ));
        }
    }
    require(session, &opened, &runbook)?;
    set_target(&mut runbook, &variables)?;
    let folder = arguments.kept.folder(session, &opened.workspace.root);
    let operator = arguments.beforehand.operator(session);
    let (mut lock, left_by) = lock(session, &folder, &runbook.plan)?;
    if let Some(run) = left_by.filter(|_| !arguments.abandon) {
        return Err(Failure::ending(
            Exit::RunLocked,
            format!("the run `{run}` on `{}` did not end", runbook.plan.target),
        )
        .hint(format!("go on with it: `sre runbook resume {run}`"))
        .hint("or begin anew with --abandon, once you know what it has done"));
    }
    let text = given::text(&opened, runbook.document);
    let hash = hash_of(text.as_bytes());
    let (name, path, mut file) = create(session, &folder, &runbook.plan)?;
    let written = lock.say(&name, &operator);
    written.map_err(|cause| cannot_write(session, &folder, &cause))?;
    let steps = runbook.plan.steps.iter();
    let started = RunStarted {
        run: name.clone(),
        runbook: runbook.plan.runbook.clone(),
        target: runbook.plan.target.clone(),
        runbook_hash: hash,
        runbook_text: text.to_owned(),
        parameters: variables
            .iter()
            .map(|(name, value)| (name.clone(), (!value.secret).then(|| value.text.clone())))
            .collect(),
        steps: steps
            .map(|step| StepName { step: step.number, action: step.action.clone() })
            .collect(),
        operator,
        host: host(),
        revision: opened.spoken_for.revision.clone(),
        interactive,
        incident: arguments.incident.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    session.shout(&format!(
        "{} on {}: {}",
        runbook.document.display_name(),
        runbook.plan.target,
        words::plural(runbook.plan.steps.len() as u64, "step")
    ));
    session.shout(&format!("transcript: {}", session.shown(&path)));
    file.write(Event::RunStarted(Box::new(started)))
        .map_err(|cause| cannot_write(session, &path, &cause))?;
    let progress = Progress::default();
    let stdin = interactive.then(|| session.take_stdin()).transpose()?;
    let work = Going { runbook: &runbook, variables, progress, policy, path: &path };
    let ended = work.go(session, &mut file, stdin)?;
    finish(session, &path, lock, &ended, &name)
}

/// Goes on with a run.
pub(super) fn resume(arguments: &Resume, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &[], None)?;
    let known = arguments.kept.run(session, &opened.workspace.root, &arguments.run)?;
    let Known { path, transcript, summary } = known;
    let name = summary.started.run.clone();
    if let Some(broken) = &transcript.broken {
        return Err(Failure::ending(
            Exit::RunRefused,
            format!("the transcript was changed at line {}: {}", broken.line, broken.why),
        )
        .hint("what was done cannot be known from it; begin anew with `sre runbook run`"));
    }
    if let Some(outcome @ (RunOutcome::Succeeded | RunOutcome::Undone)) = summary.outcome {
        return Err(Failure::input(format!("the run `{name}` has ended: {}", outcome.name()))
            .hint("`sre runbook run` begins a new one"));
    }
    let mut runbook = given::runbook(session, &opened, &summary.started.runbook)?;
    refuse_errors(session, &opened, &runbook)?;
    let text = given::text(&opened, runbook.document);
    let hash = hash_of(text.as_bytes());
    let before = text_before(&transcript, &summary);
    let is_changed = hash_of(before.as_bytes()) != hash;
    if is_changed {
        session.shout(&difference(before, text));
        if !arguments.accept_changes {
            return Err(Failure::ending(
                Exit::RunRefused,
                format!("the runbook `{}` was changed since the run began", summary.started.runbook),
            )
            .hint("read the changes above, then go on with --accept-changes; steps are known by their numbers"));
        }
    }
    let values: BTreeMap<String, String> = summary
        .started
        .parameters
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
        .collect();
    let variables = given::bind(session, &runbook, &values).map_err(|wrong| {
        listed(
            Exit::Input,
            "the parameters of the run do not fit the runbook; nothing was run",
            &wrong,
        )
    })?;
    let progress = Progress::of(transcript.events());
    let interactive = arguments.beforehand.is_interactive(session);
    let policy = arguments.beforehand.policy(&arguments.unknown);
    if !interactive {
        let needed = not_allowed(&runbook.plan, &policy, &progress);
        if !needed.is_empty() {
            let what =
                "nobody is there to answer, and this is not allowed beforehand; nothing was run";
            return Err(listed(Exit::RunRefused, what, &needed).hint(
                "--yes-up-to RISK allows steps, --evidence STEP=TEXT says that a person has done one, --unknown STEP=again that one may be done again",
            ));
        }
    }
    require(session, &opened, &runbook)?;
    set_target(&mut runbook, &variables)?;
    let folder = arguments.kept.folder(session, &opened.workspace.root);
    let operator = arguments.beforehand.operator(session);
    let (mut lock, left_by) = lock(session, &folder, &runbook.plan)?;
    if let Some(other) = left_by.filter(|other| *other != name) {
        return Err(Failure::ending(
            Exit::RunLocked,
            format!("another run on `{}`, `{other}`, did not end", runbook.plan.target),
        )
        .hint(format!("go on with that one: `sre runbook resume {other}`")));
    }
    lock.say(&name, &operator).map_err(|cause| cannot_write(session, &folder, &cause))?;
    if transcript.torn > 0 {
        session.note("note: the last line of the transcript was never finished and is taken off");
    }
    let mut file = TranscriptFile::resume(&path, &transcript)
        .map_err(|cause| cannot_write(session, &path, &cause))?;
    let resumed = RunResumed {
        operator,
        host: host(),
        interactive,
        runbook_hash: hash,
        changed_text: is_changed.then(|| text.to_owned()),
    };
    file.write(Event::RunResumed(Box::new(resumed)))
        .map_err(|cause| cannot_write(session, &path, &cause))?;
    let stdin = interactive.then(|| session.take_stdin()).transpose()?;
    let work = Going { runbook: &runbook, variables, progress, policy, path: &path };
    let ended = work.go(session, &mut file, stdin)?;
    finish(session, &path, lock, &ended, &name)
}

/// A run that is under way.
struct Going<'g> {
    runbook: &'g ResolvedRunbook<'g>,
    variables: Variables,
    progress: Progress,
    policy: Policy,
    path: &'g Path,
}

impl Going<'_> {
    fn go(
        self,
        session: &mut Session<'_, '_>,
        file: &mut TranscriptFile,
        stdin: Option<Box<dyn std::io::Read + Send>>,
    ) -> Result<RunEnded, Failure> {
        let signals = Signals::watch()
            .map_err(|cause| Failure::environment(format!("signals cannot be watched: {cause}")))?;
        let signals = Arc::new(signals);
        let environment = inherited(session.environment(), &self.runbook.inherited);
        let mut runner = Steps::new(environment, Arc::clone(&signals));
        let total = self.runbook.plan.steps.len();
        let shown = session.shown(self.path);
        let mut operator = Terminal::new(session, self.policy, stdin, signals, total);
        let machine = Machine {
            plan: &self.runbook.plan,
            variables: self.variables,
            progress: self.progress,
            runner: &mut runner,
            operator: &mut operator,
            log: file,
        };
        machine.run().map_err(|cause| {
            Failure::environment(format!("the transcript `{shown}` cannot be written: {cause}"))
                .hint("nothing is done that is not recorded: make space, then `sre runbook resume`")
        })
    }
}

/// Tells how it ended.
fn finish(
    session: &mut Session<'_, '_>,
    path: &Path,
    lock: Lock,
    ended: &RunEnded,
    name: &str,
) -> Result<Exit, Failure> {
    lock.release().map_err(|cause| cannot_write(session, path, &cause))?;
    let transcript = transcripts::read(path).map_err(|cause| {
        Failure::environment(format!("`{}` cannot be read: {cause}", session.shown(path)))
    })?;
    session.shout("");
    if !ended.left.is_empty() {
        let numbers: Vec<String> = ended.left.iter().map(ToString::to_string).collect();
        let noun = words::noun_for(ended.left.len() as u64, "step");
        session.shout(&format!("what {noun} {} did is still so", numbers.join(", ")));
    }
    if !matches!(ended.outcome, RunOutcome::Succeeded | RunOutcome::Undone) {
        session.shout(&format!("`sre runbook resume {name}` goes on"));
    }
    let exit = match RunSummary::of(&transcript) {
        Some(summary) => {
            let path = session.shown(path);
            session.answer(&report(&Told {
                summary: &summary,
                transcript: &transcript,
                path: &path,
            }))?
        }
        None => Exit::Success,
    };
    Ok(exit.and(ended.outcome.into()))
}

/// Refuses a runbook that rules find errors in, or of which nobody knows what it executes.
fn refuse_errors(
    session: &mut Session<'_, '_>,
    opened: &Opened,
    runbook: &ResolvedRunbook<'_>,
) -> Result<(), Failure> {
    let errors = opened.workspace.rule_errors_in(session, &[runbook.document.place]);
    if !errors.is_empty() {
        opened.workspace.tell(session, &errors)?;
        let count = words::plural(errors.len() as u64, "error");
        return Err(Failure::input(format!("{count} in this runbook; nothing was run")));
    }
    let unclear = unclear(runbook);
    if unclear.is_empty() {
        return Ok(());
    }
    Err(listed(Exit::Input, "this runbook cannot be run yet", &unclear).hint(format!(
        "`sre runbook plan {}` shows what would be executed",
        runbook.document.name()
    )))
}

fn require(
    session: &Session<'_, '_>,
    opened: &Opened,
    runbook: &ResolvedRunbook<'_>,
) -> Result<(), Failure> {
    let folder = given::folder(opened, runbook.document);
    let unmet = requirements::unmet(session, opened, runbook, &folder);
    if unmet.is_empty() {
        return Ok(());
    }
    Err(listed(
        Exit::RunRequirement,
        "what this runbook requires is not so; nothing was run",
        &unmet,
    ))
}

fn set_target(runbook: &mut ResolvedRunbook<'_>, variables: &Variables) -> Result<(), Failure> {
    let target = runbook.target.fill(variables);
    runbook.plan.target = target.map_err(|error| Failure::input(format!("`target`: {error}")))?;
    Ok(())
}

/// What would have to be answered, where nobody is there to.
fn not_allowed(plan: &Plan, policy: &Policy, progress: &Progress) -> Vec<String> {
    use crate::domains::runbook::engine::progress::State;
    let mut needed = Vec::new();
    if progress.undoing {
        return needed;
    }
    for step in &plan.steps {
        let number = step.number;
        match progress.steps.get(&number) {
            Some(State::Done | State::Skipped | State::Tolerated) => continue,
            Some(State::Unknown { .. }) => match policy.fates.get(&number) {
                Some(Fate::Done(_)) => continue,
                Some(_) => {}
                None => needed.push(format!("what became of step {number} is not known")),
            },
            Some(State::Failed) | None => {}
        }
        match &step.work {
            Work::Manual if !policy.evidence.contains_key(&number) => {
                needed.push(format!("step {number} is done by a person: {}", step.action));
            }
            Work::Program(_) if !allows(policy, step.risk) => {
                needed.push(format!(
                    "step {number} has the risk `{}`: {}",
                    step.risk.name(),
                    step.action
                ));
            }
            _ => {}
        }
    }
    needed
}

fn listed(exit: Exit, what: &str, items: &[String]) -> Failure {
    let items: Vec<String> = items.iter().map(|item| format!("\n  - {item}")).collect();
    Failure::ending(exit, format!("{what}:{}", items.concat()))
}

fn cannot_write(session: &Session<'_, '_>, path: &Path, cause: &std::io::Error) -> Failure {
    Failure::environment(format!("`{}` cannot be written: {cause}", session.shown(path)))
        .hint("nothing is run that is not recorded; --transcripts names another folder")
}

fn lock(
    session: &Session<'_, '_>,
    folder: &Path,
    plan: &Plan,
) -> Result<(Lock, Option<String>), Failure> {
    let taken = Lock::take(folder, &plan.runbook, &plan.target)
        .map_err(|cause| cannot_write(session, folder, &cause))?;
    match taken {
        Locked::Ours { lock, left_by } => Ok((lock, left_by)),
        Locked::Held { by } => {
            let (runbook, target) = (&plan.runbook, &plan.target);
            let by = if by.is_empty() { String::new() } else { format!(": {by}") };
            Err(Failure::ending(
                Exit::RunLocked,
                format!("`{runbook}` is being run on `{target}`{by}"),
            )
            .hint("wait for its end, or ask whoever runs it"))
        }
    }
}

/// The name of a run and its new transcript: `database-high-cpu-20270514T092000Z`.
fn create(
    session: &Session<'_, '_>,
    folder: &Path,
    plan: &Plan,
) -> Result<(String, PathBuf, TranscriptFile), Failure> {
    let as_name =
        |letter: char| if letter.is_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let slug: String = plan.runbook.chars().map(as_name).take(80).collect();
    let stamp = session.now().format("%Y%m%dT%H%M%SZ");
    for number in 1..1000 {
        let name = match number {
            1 => format!("{slug}-{stamp}"),
            number => format!("{slug}-{stamp}-{number}"),
        };
        let path = folder.join(&slug).join(format!("{name}.{ENDING}"));
        match TranscriptFile::create(&path) {
            Ok(file) => return Ok((name, path, file)),
            Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(cannot_write(session, &path, &cause)),
        }
    }
    Err(Failure::environment("a thousand runs began in this second"))
}

/// The text of the runbook as it was accepted last.
fn text_before<'t>(
    transcript: &'t crate::domains::runbook::transcript::Transcript,
    summary: &'t RunSummary,
) -> &'t str {
    let accepted = transcript.events().filter_map(|event| match event {
        Event::RunResumed(resumed) => resumed.changed_text.as_deref(),
        _ => None,
    });
    accepted.last().unwrap_or(&summary.started.runbook_text)
}

/// What was changed, line by line, with a line before and after.
fn difference(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // Lengths of the longest common part of what is behind each pair of lines.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for (row, one) in old.iter().enumerate().rev() {
        for (column, other) in new.iter().enumerate().rev() {
            common[row][column] = if one == other {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut row, mut column, mut lines) = (0, 0, Vec::new());
    while row < old.len() || column < new.len() {
        let (one, other) = (old.get(row), new.get(column));
        match (one, other) {
            (Some(one), Some(other)) if one == other => {
                lines.push(format!("  {one}"));
                (row, column) = (row + 1, column + 1);
            }
            (Some(one), other)
                if other.is_none() || common[row + 1][column] >= common[row][column + 1] =>
            {
                lines.push(format!("- {one}"));
                row += 1;
            }
            (_, Some(other)) => {
                lines.push(format!("+ {other}"));
                column += 1;
            }
            (_, None) => break,
        }
    }
    let near = |at: usize| {
        let around = lines.get(at.saturating_sub(1)..(at + 2).min(lines.len())).unwrap_or_default();
        around.iter().any(|line| line.starts_with(['-', '+']))
    };
    let kept = lines.iter().enumerate().filter(|(at, _)| near(*at));
    kept.map(|(_, line)| crate::kernel::report::harmless(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_was_changed() {
        let text = difference("a\nb\nc\nd\ne", "a\nb\nx\nd\ne\nf");
        assert_eq!(text, "  b\n- c\n+ x\n  d\n  e\n+ f");
        assert_eq!(difference("a", "a"), "");
        assert_eq!(difference("", "a"), "+ a");
        assert_eq!(difference("a\n", ""), "- a");
    }
}
