//! Whoever runs a runbook: somebody at a terminal, or what was allowed beforehand.
use super::view::View;
use crate::{
    adapters::steps::{Signals, group_lives},
    cli::Session,
    domains::runbook::{
        answer::quoted,
        engine::{
            event::StepOutcome,
            plan::{Risk, Step},
            run::{Answer, Fate, News, Operator, Question, Remedy, Sight},
        },
    },
    kernel::report::{harmless, words},
};
use std::{
    collections::BTreeMap,
    io::Read,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

/// What is allowed and said beforehand.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    /// Steps up to this risk are run unasked.
    pub(super) yes_up_to: Option<Risk>,
    /// What shows that a person did a step.
    pub(super) evidence: BTreeMap<u16, String>,
    /// What became of steps whose end nobody saw.
    pub(super) fates: BTreeMap<u16, Fate>,
    /// Whether what was done is undone when a step fails, where nobody is there to ask.
    pub(super) undo: bool,
}

/// Whoever runs it.
pub(super) struct Terminal<'s, 'w, 'o> {
    session: &'s mut Session<'w, 'o>,
    policy: Policy,
    typed: Option<Typed>,
    signals: Arc<Signals>,
    interrupts: u32,
    total: usize,
    view: Option<View>,
}

/// Lines that are typed. They are read one at a time and only when one is asked for.
struct Typed {
    asks: Sender<()>,
    lines: Receiver<Option<String>>,
}

/// What came of a question.
enum Reply {
    Line(String),
    /// Ctrl-C, the end of input, or a terminal that is gone.
    Stop,
}

impl Typed {
    fn of(mut stdin: Box<dyn Read + Send>) -> Self {
        let (asks, asked) = channel::<()>();
        let (sender, lines) = channel();
        thread::spawn(move || {
            while asked.recv().is_ok() {
                let line = line_of(&mut stdin);
                let is_end = line.is_none();
                if sender.send(line).is_err() || is_end {
                    return;
                }
            }
        });
        Self { asks, lines }
    }
}

/// A line, read byte by byte: what is behind it belongs to the next question.
fn line_of(stdin: &mut dyn Read) -> Option<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    loop {
        match stdin.read(&mut byte) {
            Ok(0) if line.is_empty() => return None,
            Ok(0) => break,
            Ok(_) if byte == [b'\n'] => break,
            Ok(_) => line.extend(byte),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(String::from_utf8_lossy(&line).trim().to_owned())
}

impl<'s, 'w, 'o> Terminal<'s, 'w, 'o> {
    /// Somebody who types, if `stdin` is given; else what `policy` says.
    pub(super) fn new(
        session: &'s mut Session<'w, 'o>,
        policy: Policy,
        stdin: Option<Box<dyn Read + Send>>,
        signals: Arc<Signals>,
        total: usize,
    ) -> Self {
        let typed = stdin.map(Typed::of);
        let interrupts = signals.interrupts();
        Self { session, policy, typed, signals, interrupts, total, view: None }
    }

    fn is_interactive(&self) -> bool {
        self.typed.is_some()
    }

    /// Asks, and waits for a line, for Ctrl-C, or for the end.
    fn ask(&mut self, question: &str) -> Reply {
        self.interrupts = self.signals.interrupts();
        self.session.ask(question);
        let Some(typed) = &self.typed else { return Reply::Stop };
        if typed.asks.send(()).is_err() {
            return Reply::Stop;
        }
        let reply = loop {
            if self.signals.interrupts() > self.interrupts || self.signals.is_to_end() {
                break None;
            }
            match typed.lines.recv_timeout(Duration::from_millis(50)) {
                Ok(line) => break line,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        let Some(line) = reply else {
            self.session.shout("");
            return Reply::Stop;
        };
        Reply::Line(line)
    }

    fn ask_text(&mut self, question: &str) -> Option<String> {
        match self.ask(question) {
            Reply::Line(line) => Some(line),
            Reply::Stop => None,
        }
    }

    /// What is about to happen.
    fn introduce(&mut self, question: &Question<'_>) {
        let step = question.step;
        let what = match question.undo {
            Some(undo) => format!("Undo step {} · {}", step.number, harmless(&undo.action)),
            None => format!("Step {} of {} · {}", step.number, self.total, harmless(&step.action)),
        };
        let risk = match question.risk {
            Risk::None => String::new(),
            risk => format!(" · risk {}", risk.name()),
        };
        self.session.shout(&format!("\n{what}{risk}"));
        if let Some(arguments) = question.arguments {
            for line in quoted(arguments).lines() {
                self.session.shout(&format!("    {}", harmless(line)));
            }
        }
    }

    /// A reason, which has to be said.
    fn reason(&mut self) -> Option<String> {
        loop {
            let reason = self.ask_text("  why? ")?;
            if !reason.is_empty() {
                return Some(reason);
            }
        }
    }
}

/// Whether a risk is allowed beforehand.
pub(super) fn allows(policy: &Policy, risk: Risk) -> bool {
    policy.yes_up_to.is_some_and(|most| risk <= most)
}

impl Operator for Terminal<'_, '_, '_> {
    fn confirm(&mut self, question: &Question<'_>) -> Answer {
        if self.signals.is_to_end() {
            return Answer::Abort;
        }
        self.introduce(question);
        if let Some(most) = self.policy.yes_up_to.filter(|most| question.risk <= *most) {
            return Answer::Go(format!("allowed by --yes-up-to {}", most.name()));
        }
        if !self.is_interactive() {
            return Answer::Refused;
        }
        if !question.asks {
            return Answer::Go("not asked about".to_owned());
        }
        // What cannot be put back is not confirmed by a key that is pressed out of habit.
        let word = match question.risk {
            Risk::None | Risk::Low => "y",
            Risk::High => "yes",
            Risk::Destructive => question.target,
        };
        loop {
            let asked = format!("  `{}` runs it, s skips it, q stops: ", harmless(word));
            let Some(line) = self.ask_text(&asked) else { return Answer::Abort };
            match line.as_str() {
                line if line == word => return Answer::Go(format!("typed `{word}`")),
                "yes" if word == "y" => return Answer::Go("typed `yes`".to_owned()),
                "s" | "skip" => {
                    let Some(reason) = self.reason() else { return Answer::Abort };
                    return Answer::Skip(reason);
                }
                "q" | "quit" => return Answer::Abort,
                _ => {}
            }
        }
    }

    fn manual(&mut self, question: &Question<'_>) -> Answer {
        if self.signals.is_to_end() {
            return Answer::Abort;
        }
        self.introduce(question);
        let said = self.policy.evidence.get(&question.step.number).cloned();
        if let Some(evidence) = said.filter(|_| question.undo.is_none()) {
            return Answer::Go(evidence);
        }
        if !self.is_interactive() {
            return Answer::Refused;
        }
        loop {
            let asked = "  do this, then type what shows that it is done; s skips it, q stops: ";
            let Some(line) = self.ask_text(asked) else { return Answer::Abort };
            match line.as_str() {
                "" => {}
                "s" | "skip" => {
                    let Some(reason) = self.reason() else { return Answer::Abort };
                    return Answer::Skip(reason);
                }
                "q" | "quit" => return Answer::Abort,
                evidence => return Answer::Go(evidence.to_owned()),
            }
        }
    }

    fn fate(&mut self, step: &Step, undo: bool, process: Option<u32>) -> Fate {
        let lives = process.filter(|group| group_lives(*group));
        let what = if undo { "undoing step" } else { "step" };
        let said = format!(
            "\nWhat became of {what} {} is not known: {}",
            step.number,
            harmless(&step.action)
        );
        self.session.shout(&said);
        if let Some(group) = lives {
            let text =
                format!("  a process group with its number, {group}, is running on this machine");
            self.session.shout(&text);
        }
        if let Some(fate) = self.policy.fates.get(&step.number) {
            return fate.clone();
        }
        if !self.is_interactive() || self.signals.is_to_end() {
            return Fate::Refused;
        }
        loop {
            let asked = "  look, then type `done` or `again`; q stops: ";
            let Some(line) = self.ask_text(asked) else { return Fate::Abort };
            match line.as_str() {
                "done" => {
                    let Some(evidence) = self.ask_text("  what shows that it is done? ") else {
                        return Fate::Abort;
                    };
                    if !evidence.is_empty() {
                        return Fate::Done(evidence);
                    }
                }
                "again" => return Fate::Again,
                "q" | "quit" => return Fate::Abort,
                _ => {}
            }
        }
    }

    fn remedy(&mut self, _: &Step, reason: &str, may_retry: bool, undoable: &[u16]) -> Remedy {
        if !self.is_interactive() {
            return if self.policy.undo && !undoable.is_empty() {
                Remedy::Undo
            } else {
                Remedy::Stop
            };
        }
        self.session.shout(&format!("\n{}", harmless(reason)));
        let numbers: Vec<String> = undoable.iter().map(ToString::to_string).collect();
        let mut choices = Vec::new();
        if may_retry {
            choices.push("r tries it again".to_owned());
        }
        if !undoable.is_empty() {
            choices.push(format!(
                "u undoes {} {}",
                words::noun_for(undoable.len() as u64, "step"),
                numbers.join(", ")
            ));
        }
        choices.push("q stops".to_owned());
        loop {
            let asked = format!("  {}: ", choices.join(", "));
            let Some(line) = self.ask_text(&asked) else { return Remedy::Stop };
            match line.as_str() {
                "r" | "retry" if may_retry => return Remedy::Retry,
                "u" | "undo" if !undoable.is_empty() => return Remedy::Undo,
                "q" | "quit" => return Remedy::Stop,
                _ => {}
            }
        }
    }

    fn tell(&mut self, news: News<'_>) {
        match news {
            News::Starts { attempt, .. } => {
                if attempt > 1 {
                    self.session.shout(&format!("  attempt {attempt}"));
                }
                let all_is_shown = self.session.global().verbose > 0;
                self.view = Some(View::new(self.session.may_draw_progress() && !all_is_shown));
            }
            News::Sees(Sight::Printed(_, text)) => {
                if self.session.global().verbose > 0 {
                    for line in text.lines() {
                        self.session.shout(&format!("  | {line}"));
                    }
                }
                if let Some(view) = &mut self.view {
                    view.printed(text);
                }
            }
            News::Sees(_) => {}
            News::Ended { outcome, reason, took, .. } => {
                let (before, last) = self.view.take().map(View::finish).unwrap_or_default();
                if self.session.global().verbose == 0 {
                    if before > 0 {
                        let lines = words::plural(before, "line");
                        self.session.shout(&format!("  | … {lines} more in the transcript"));
                    }
                    for line in last {
                        self.session.shout(&format!("  | {line}"));
                    }
                }
                let reason =
                    reason.map_or(String::new(), |reason| format!(": {}", harmless(reason)));
                let mark = if outcome == StepOutcome::Done { "✓" } else { "✗" };
                let took = words::span(took);
                self.session.shout(&format!("  {mark} {} after {took}{reason}", outcome.name()));
            }
            News::Skipped { step, reason } => {
                let text = format!("  step {} is passed over: {}", step.number, harmless(reason));
                self.session.shout(&text);
            }
            News::Waits(delay) => {
                self.session.shout(&format!("  again in {}", words::span(delay)));
            }
            News::Undoing => self.session.shout("\nUndoing what was done, the last first"),
        }
    }
}
