//! Steps: what is executed, and what becomes of it.
use super::{Reading, Use, texts};
use crate::{
    domains::runbook::{
        engine::{
            plan::{
                Capture, Condition, Confirm, Expectation, Invocation, OnError, Risk, Step, Undo,
                Work,
            },
            variables::Template,
        },
        rules,
        spec::{AnyText, ExpectSpec, Runbook, Shell, StepSpec, UndoSpec},
    },
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{Either, Field, Optional as _, values},
        units::Duration,
    },
};
use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

/// How long a step may take where nothing is said.
const TIMEOUT: Duration = Duration::from_minutes(10);

/// How long is waited before a step is tried again where nothing is said.
const DELAY: Duration = Duration::from_seconds(5);

/// Which program reads a text.
#[derive(Clone, Debug)]
enum Reader {
    Shell(Shell),
    Interpreter { arguments: Vec<Template>, stdin: bool },
}

/// Texts that become a program with its arguments.
struct Wording<'s> {
    command: Option<&'s Field<String>>,
    argv: &'s [Field<AnyText>],
    reader: Option<Reader>,
    place: Place,
}

pub(super) fn resolve(spec: &Runbook, folder: &Path, reading: &mut Reading) -> Vec<Step> {
    let whole = reader(spec.shell.value(), &spec.interpreter, spec.stdin.value(), reading);
    let environment = environment(&spec.env, reading);
    let base = folder_of(folder, spec.cwd.pair(), reading);
    let mut steps = Vec::new();
    for (at, (step, place)) in
        (1..).zip(spec.steps.get().into_iter().flatten().filter_map(Field::pair))
    {
        let Some((number, number_place)) = step.step.pair() else { continue };
        if *number != at {
            let message = format!("this is step {at}, and its number is {number}");
            reading.findings.push(
                Finding::new(&rules::STEP_NUMBERS, number_place, message)
                    .help(format!("write `step: {at}`: the numbers are 1, 2, 3…")),
            );
        }
        let shared = Shared { reader: whole.as_ref(), environment: &environment, folder: &base };
        steps.push(one(step, place, *number, &shared, reading));
    }
    if let Some((list, place)) = spec.steps.pair()
        && list.is_empty()
    {
        reading.wrong(place, "there is nothing to do", "write at least one step");
    }
    steps
}

/// What the steps of a runbook share.
struct Shared<'s> {
    reader: Option<&'s Reader>,
    environment: &'s BTreeMap<String, Template>,
    folder: &'s Path,
}

fn one(
    spec: &StepSpec,
    place: Place,
    number: u16,
    shared: &Shared<'_>,
    reading: &mut Reading,
) -> Step {
    let own = reader(spec.shell.value(), &spec.interpreter, spec.stdin.value(), reading);
    let reader = own.or_else(|| shared.reader.cloned());
    let timeout = spec.timeout.value().copied().unwrap_or(TIMEOUT);
    let is_program = spec.command.is_some() || !spec.argv.is_empty();
    let is_manual = spec.manual.value().copied().unwrap_or(!is_program);
    if !is_manual && !is_program {
        reading.wrong(
            place,
            "nobody does this step",
            "write a `command`, or take `manual: false` out",
        );
    }
    let condition = spec.when.value().and_then(|when| {
        let (variable, place) = when.variable.pair()?;
        reading.use_of(variable.as_str(), place, Use::Environment);
        let matches = reading.regex(when.matches.as_ref());
        let (is, is_not) = (texts(&when.is), texts(&when.is_not));
        if is.is_empty() && is_not.is_empty() && when.matches.is_none() {
            reading.wrong(place, "this condition says nothing", "add `is`, `is_not` or `matches`");
        }
        Some(Condition { variable: variable.as_str().to_owned(), is, is_not, matches })
    });
    let environment = shared
        .environment
        .iter()
        .map(|(name, template)| (name.clone(), template.clone()))
        .chain(self::environment(&spec.env, reading))
        .collect();
    let program = Invocation {
        arguments: Vec::new(),
        stdin: None,
        environment,
        folder: folder_of(shared.folder, spec.cwd.pair(), reading),
        timeout,
        expect: expectation(spec.expect.value(), reading),
    };
    let wording =
        Wording { command: spec.command.as_ref(), argv: &spec.argv, reader: reader.clone(), place };
    let work = if is_manual { Work::Manual } else { work(&wording, &program, reading) };
    let risk = spec.risk.value().copied().unwrap_or_default();
    let undo = spec.undo.pair().map(|(undo, place)| {
        let step = Undoing { is_manual, reader: reader.as_ref(), program: &program, risk };
        step.undo(undo, place, reading)
    });
    let idempotent = spec.idempotent.value().copied().unwrap_or(false);
    let retries = spec.retries.value().copied().unwrap_or(0);
    if retries > 0 && !idempotent {
        let place = spec.retries.as_ref().map_or(place, Field::place);
        reading.findings.push(
            Finding::new(
                &rules::RETRY_NOT_IDEMPOTENT,
                place,
                "this would be done again although it may have been done",
            )
            .help("say `idempotent: true` if doing it twice does what doing it once does, else take `retries` out"),
        );
    }
    let no_output = spec.no_output.value().copied().unwrap_or(false);
    let capture = capture(spec, place, reading);
    if no_output && capture.is_some() {
        reading.wrong(
            place,
            "nothing is kept of what it prints, so nothing can be captured",
            "take `capture` or `no_output` out",
        );
    }
    if let Some(capture) = &capture
        && !reading.known.insert(capture.name.clone())
    {
        let message = format!("`{}` is known before this step", capture.name);
        reading.wrong(place, message, "capture it under another name");
    }
    Step {
        number,
        action: spec.action.get().cloned().unwrap_or_default(),
        work,
        risk,
        confirm: spec.confirm.value().copied().unwrap_or(Confirm::Risky),
        when: condition,
        retries,
        delay: spec.delay.value().copied().unwrap_or(DELAY),
        idempotent,
        capture,
        undo,
        on_error: spec.on_error.value().copied().unwrap_or(OnError::Abort),
        no_output,
    }
}

fn reader(
    shell: Option<&Shell>,
    interpreter: &[Field<AnyText>],
    stdin: Option<&bool>,
    reading: &mut Reading,
) -> Option<Reader> {
    if let Some(shell) = shell {
        return Some(Reader::Shell(*shell));
    }
    let arguments = arguments(interpreter, reading);
    let stdin = stdin.copied().unwrap_or(false);
    (!arguments.is_empty()).then_some(Reader::Interpreter { arguments, stdin })
}

fn arguments(list: &[Field<AnyText>], reading: &mut Reading) -> Vec<Template> {
    let pairs = list.iter().filter_map(Field::pair);
    pairs.map(|(text, place)| reading.template(&text.0, place, Use::Shown)).collect()
}

fn work(wording: &Wording<'_>, program: &Invocation, reading: &mut Reading) -> Work {
    if !wording.argv.is_empty() {
        let arguments = arguments(wording.argv, reading);
        return Work::Program(Invocation { arguments, ..program.clone() });
    }
    let Some(text) = wording.command.and_then(Field::get).cloned() else { return Work::Manual };
    if text.contains('\0') {
        reading.wrong(wording.place, "the command has a NUL in it", "no program can be given that");
    }
    match &wording.reader {
        Some(reader) => Work::Program(reader.invocation(&text, program)),
        None => Work::Unclear {
            text,
            why: "nothing says which program reads this: `shell: sh`, or `interpreter: [psql, -c]`"
                .to_owned(),
        },
    }
}

impl Reader {
    fn invocation(&self, text: &str, program: &Invocation) -> Invocation {
        let shell = |words: &[&str]| words.iter().copied().map(Template::literal).collect();
        let (mut arguments, stdin): (Vec<Template>, bool) = match self {
            Self::Shell(Shell::Sh) => (shell(&["sh", "-euc"]), false),
            Self::Shell(Shell::Bash) => {
                (shell(&["bash", "--noprofile", "--norc", "-euo", "pipefail", "-c"]), false)
            }
            Self::Interpreter { arguments, stdin } => (arguments.clone(), *stdin),
        };
        if stdin {
            return Invocation { arguments, stdin: Some(text.to_owned()), ..program.clone() };
        }
        arguments.push(Template::literal(text));
        Invocation { arguments, ..program.clone() }
    }
}

/// What is known of a step when it is said how it is undone.
struct Undoing<'s> {
    is_manual: bool,
    reader: Option<&'s Reader>,
    program: &'s Invocation,
    risk: Risk,
}

impl Undoing<'_> {
    fn undo(&self, undo: &Either<AnyText, UndoSpec>, place: Place, reading: &mut Reading) -> Undo {
        let expect = Expectation::default();
        match undo {
            Either::Scalar(text) if self.is_manual => {
                Undo { action: text.0.clone(), work: Work::Manual, risk: self.risk }
            }
            Either::Scalar(text) => {
                let program = Invocation { expect, ..self.program.clone() };
                let command = Field::new(text.0.clone(), place);
                let reader = self.reader.cloned();
                let wording = Wording { command: Some(&command), argv: &[], reader, place };
                let work = work(&wording, &program, reading);
                Undo { action: "undo it".to_owned(), work, risk: self.risk }
            }
            Either::Mapping(spec) => {
                let own = reader(spec.shell.value(), &spec.interpreter, None, reading);
                let program = Invocation {
                    timeout: spec.timeout.value().copied().unwrap_or(self.program.timeout),
                    expect: expectation(spec.expect.value(), reading),
                    ..self.program.clone()
                };
                let wording = Wording {
                    command: spec.command.as_ref(),
                    argv: &spec.argv,
                    reader: own.or_else(|| self.reader.cloned()),
                    place,
                };
                let action = spec.action.value().cloned();
                if action.is_none() && spec.command.is_none() && spec.argv.is_empty() {
                    reading.wrong(
                        place,
                        "this says nothing",
                        "write an `action`, a `command` or `argv`",
                    );
                }
                Undo {
                    action: action.unwrap_or_else(|| "undo it".to_owned()),
                    work: work(&wording, &program, reading),
                    risk: spec.risk.value().copied().unwrap_or(self.risk),
                }
            }
        }
    }
}

fn environment(
    variables: &BTreeMap<String, Field<AnyText>>,
    reading: &mut Reading,
) -> BTreeMap<String, Template> {
    let mut environment = BTreeMap::new();
    for (name, value) in variables {
        let Some((text, place)) = value.pair() else { continue };
        if let Some(name) = reading.environment_name(name, place) {
            environment.insert(name, reading.template(&text.0, place, Use::Environment));
        }
    }
    environment
}

fn expectation(spec: Option<&ExpectSpec>, reading: &mut Reading) -> Expectation {
    let Some(spec) = spec else { return Expectation::default() };
    let exit: Vec<u8> = values(&spec.exit).copied().collect();
    Expectation {
        exit: if exit.is_empty() { vec![0] } else { exit },
        stdout_matches: reading.regex(spec.stdout_matches.as_ref()),
        stdout_lacks: reading.regex(spec.stdout_lacks.as_ref()),
        stderr_lacks: reading.regex(spec.stderr_lacks.as_ref()),
    }
}

fn capture(spec: &StepSpec, place: Place, reading: &mut Reading) -> Option<Capture> {
    let (capture, _) = spec.capture.pair()?;
    let capture = match capture {
        Either::Scalar(name) => Capture { name: name.as_str().to_owned(), pattern: None },
        Either::Mapping(capture) => Capture {
            name: capture.name.get()?.as_str().to_owned(),
            pattern: reading.regex(capture.pattern.as_ref()),
        },
    };
    if crate::domains::runbook::engine::variables::is_reserved(&capture.name) {
        let message =
            format!("`{}` is a variable that programs take for something else", capture.name);
        reading.wrong(place, message, "capture it under another name");
    }
    Some(capture)
}

/// A folder below that of the runbook.
fn folder_of(base: &Path, cwd: Option<(&String, Place)>, reading: &mut Reading) -> PathBuf {
    let Some((cwd, place)) = cwd else { return base.to_owned() };
    let path = Path::new(cwd);
    if path.components().any(|part| part == Component::ParentDir) {
        let help = "name a folder below that of the runbook, or a whole path";
        reading.wrong(place, format!("`{cwd}` leads out of the folder of the runbook"), help);
    }
    base.join(path)
}
