//! The machine with a made-up world: programs that end as told, an operator who answers as told.
use super::*;
use crate::domains::runbook::engine::{
    event::Output,
    judge::How,
    plan::{Capture, Condition, Confirm, Expectation},
    variables::Template,
};
use std::collections::VecDeque;

#[derive(Default)]
struct World {
    /// How each program ends, by its first argument; with status 0 where nothing is said.
    ends: BTreeMap<String, VecDeque<(How, &'static str)>>,
    /// What was run.
    ran: Vec<String>,
    /// Answers to questions, in order; yes where none is left.
    answers: VecDeque<Answer>,
    fates: VecDeque<Fate>,
    remedies: VecDeque<Remedy>,
    /// What was asked.
    asked: Vec<String>,
    events: Vec<Event>,
    /// Fails when so many events have been written.
    full_after: Option<usize>,
    elapsed: u64,
    hung_up: bool,
}

struct Runner<'w>(&'w std::cell::RefCell<World>);
struct Asks<'w>(&'w std::cell::RefCell<World>);
struct Writes<'w>(&'w std::cell::RefCell<World>);

impl StepRunner for Runner<'_> {
    fn run(&mut self, order: &Order, sees: &mut dyn FnMut(Sight<'_>)) -> Ended {
        sees(Sight::Started(7));
        let mut world = self.0.borrow_mut();
        world.ran.push(order.arguments.join(" "));
        world.elapsed += 60_000;
        let ends = world.ends.get_mut(&order.arguments[0]).and_then(VecDeque::pop_front);
        let (how, text) = ends.unwrap_or((How::Exited(0), ""));
        let stdout = Output { text: text.to_owned(), ..Output::default() };
        Ended { how, milliseconds: 5, stdout, stderr: Output::default() }
    }

    fn pause(&mut self, _: Duration) -> bool {
        true
    }

    fn elapsed(&self) -> Duration {
        Duration::from_milliseconds(self.0.borrow().elapsed)
    }

    fn hung_up(&self) -> bool {
        self.0.borrow().hung_up
    }
}

impl Operator for Asks<'_> {
    fn confirm(&mut self, question: &Question<'_>) -> Answer {
        if !question.asks {
            return Answer::Go("not asked".into());
        }
        let mut world = self.0.borrow_mut();
        let verb = if question.undo.is_some() { "undo" } else { "do" };
        world.asked.push(format!("{verb} {}", question.step.number));
        world.answers.pop_front().unwrap_or(Answer::Go("yes".into()))
    }

    fn manual(&mut self, question: &Question<'_>) -> Answer {
        self.confirm(question)
    }

    fn fate(&mut self, step: &Step, undo: bool, process: Option<u32>) -> Fate {
        let mut world = self.0.borrow_mut();
        world.asked.push(format!("fate {} {undo} {process:?}", step.number));
        world.fates.pop_front().unwrap_or(Fate::Refused)
    }

    fn remedy(&mut self, step: &Step, _: &str, may_retry: bool, undoable: &[u16]) -> Remedy {
        let mut world = self.0.borrow_mut();
        world.asked.push(format!("remedy {} {may_retry} {undoable:?}", step.number));
        world.remedies.pop_front().unwrap_or(Remedy::Stop)
    }

    fn tell(&mut self, _: News<'_>) {}
}

impl Log for Writes<'_> {
    fn write(&mut self, event: Event) -> io::Result<()> {
        let mut world = self.0.borrow_mut();
        if world.full_after.is_some_and(|most| world.events.len() >= most) {
            return Err(io::Error::other("disk full"));
        }
        world.events.push(event);
        Ok(())
    }
}

fn invocation(program: &str) -> Invocation {
    Invocation {
        arguments: program.split(' ').map(|word| Template::parse(word).unwrap()).collect(),
        stdin: None,
        environment: BTreeMap::new(),
        folder: PathBuf::new(),
        timeout: Duration::from_minutes(10),
        expect: Expectation::default(),
    }
}

fn step(number: u16, program: &str) -> Step {
    Step {
        number,
        action: format!("run {program}"),
        work: Work::Program(invocation(program)),
        risk: Risk::Low,
        confirm: Confirm::Risky,
        when: None,
        retries: 0,
        delay: Duration::ZERO,
        idempotent: false,
        capture: None,
        undo: None,
        on_error: OnError::Abort,
        no_output: false,
    }
}

fn undone_by(step: Step, program: &str) -> Step {
    let undo = Undo {
        action: format!("undo with {program}"),
        work: Work::Program(invocation(program)),
        risk: Risk::Low,
    };
    Step { undo: Some(undo), ..step }
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan { runbook: "book".into(), target: "book".into(), steps, timeout: None }
}

fn go_on(plan: &Plan, world: World, progress: Progress) -> (World, io::Result<RunEnded>) {
    let world = std::cell::RefCell::new(world);
    let ended = Machine {
        plan,
        variables: Variables::new(),
        progress,
        runner: &mut Runner(&world),
        operator: &mut Asks(&world),
        log: &mut Writes(&world),
    }
    .run();
    (world.into_inner(), ended)
}

fn go(plan: &Plan, world: World) -> (World, RunEnded) {
    let (world, ended) = go_on(plan, world, Progress::default());
    (world, ended.unwrap())
}

fn ending(ends: &[(&str, &[How])]) -> World {
    let ends = ends.iter().map(|(program, hows)| {
        let hows = hows.iter().map(|how| (how.clone(), "")).collect();
        ((*program).to_owned(), hows)
    });
    World { ends: ends.collect(), ..World::default() }
}

#[test]
fn steps_run_in_their_order_each_confirmed_and_recorded_before_it_starts() {
    let plan = plan(vec![step(1, "a"), Step { risk: Risk::None, ..step(2, "b") }]);
    let (world, ended) = go(&plan, World::default());
    assert_eq!(ended.outcome, RunOutcome::Succeeded);
    assert_eq!(world.ran, ["a", "b"]);
    assert_eq!(world.asked, ["do 1"]);
    let names: Vec<&str> = world
        .events
        .iter()
        .map(|event| match event {
            Event::StepConfirmed(_) => "confirmed",
            Event::StepStarted(_) => "started",
            Event::StepRunning(_) => "running",
            Event::StepEnded(_) => "ended",
            Event::RunEnded(_) => "run ended",
            _ => "other",
        })
        .collect();
    let step = ["confirmed", "started", "running", "ended"];
    assert_eq!(names, [&step[..], &step[..], &["run ended"]].concat());
}

#[test]
fn nothing_runs_that_cannot_be_recorded() {
    let plan = plan(vec![step(1, "a")]);
    for full_after in 0..2 {
        let world = World { full_after: Some(full_after), ..World::default() };
        let (world, ended) = go_on(&plan, world, Progress::default());
        assert!(ended.is_err());
        assert!(world.ran.is_empty(), "{full_after}");
    }
}

#[test]
fn a_failing_step_stops_the_run_and_undoes_in_reverse_when_asked() {
    let steps =
        vec![undone_by(step(1, "a"), "un-a"), undone_by(step(2, "b"), "un-b"), step(3, "c")];
    let plan = plan(steps);
    let mut world = ending(&[("c", &[How::Exited(1)])]);
    world.remedies.push_back(Remedy::Undo);
    let (world, ended) = go(&plan, world);
    assert_eq!((ended.outcome, ended.step), (RunOutcome::Undone, Some(3)));
    assert_eq!(world.ran, ["a", "b", "c", "un-b", "un-a"]);
    assert_eq!(world.asked, ["do 1", "do 2", "do 3", "remedy 3 true [2, 1]", "undo 2", "undo 1"]);
}

#[test]
fn a_dangerous_step_that_failed_is_named() {
    let mut plan = plan(vec![undone_by(step(1, "a"), "un-a"), step(2, "b")]);
    plan.steps[1].risk = Risk::High;
    let mut world = ending(&[("b", &[How::Exited(1)])]);
    world.remedies.push_back(Remedy::Undo);
    let (_, ended) = go(&plan, world);
    assert_eq!((ended.outcome, ended.left), (RunOutcome::Failed, vec![2]));
}

#[test]
fn what_cannot_be_undone_is_named() {
    let mut plan = plan(vec![undone_by(step(1, "a"), "un-a"), step(2, "b"), step(3, "c")]);
    plan.steps[2].on_error = OnError::Undo;
    let (world, ended) = go(&plan, ending(&[("c", &[How::Exited(1)])]));
    assert_eq!((ended.outcome, ended.left), (RunOutcome::Failed, vec![2]));
    assert_eq!(world.ran, ["a", "b", "c", "un-a"]);
}

#[test]
fn a_failing_undo_stops_undoing() {
    let mut plan =
        plan(vec![undone_by(step(1, "a"), "un-a"), undone_by(step(2, "b"), "un-b"), step(3, "c")]);
    plan.steps[2].on_error = OnError::Undo;
    let world = ending(&[("c", &[How::Exited(1)]), ("un-b", &[How::Exited(1)])]);
    let (world, ended) = go(&plan, world);
    assert_eq!((ended.outcome, ended.step), (RunOutcome::UndoFailed, Some(2)));
    assert_eq!(ended.left, [1, 2]);
    assert!(!world.ran.contains(&"un-a".to_owned()));
}

#[test]
fn only_what_is_idempotent_is_tried_again() {
    let fails = || ending(&[("a", &[How::Exited(1), How::TimedOut])]);
    let again = Step { retries: 2, idempotent: true, ..step(1, "a") };
    let (world, ended) = go(&plan(vec![again.clone()]), fails());
    assert_eq!((world.ran.len(), ended.outcome), (3, RunOutcome::Succeeded));
    let once = Step { idempotent: false, ..again };
    let (world, ended) = go(&plan(vec![once]), fails());
    assert_eq!((world.ran.len(), ended.outcome), (1, RunOutcome::Failed));
}

#[test]
fn a_run_goes_on_after_a_failure_that_may_be() {
    let tolerant = Step { on_error: OnError::Continue, ..step(1, "a") };
    let (world, ended) =
        go(&plan(vec![tolerant, step(2, "b")]), ending(&[("a", &[How::Exited(1)])]));
    assert_eq!((world.ran.len(), ended.outcome), (2, RunOutcome::Succeeded));
}

#[test]
fn values_are_captured_and_decide() {
    let capture = Capture { name: "pid".into(), pattern: None };
    let when = Condition {
        variable: "pid".into(),
        is: vec![],
        is_not: vec![String::new()],
        matches: None,
    };
    let plan = plan(vec![
        Step { capture: Some(capture), ..step(1, "a") },
        Step { when: Some(when), ..step(2, "kill ${pid}") },
    ]);
    let printing = |text: &'static str| {
        let mut world = World::default();
        world.ends.insert("a".into(), VecDeque::from([(How::Exited(0), text)]));
        world
    };
    assert_eq!(go(&plan, printing("42\n")).0.ran, ["a", "kill 42"]);
    assert_eq!(go(&plan, printing("\n")).0.ran, ["a"]);
    // What was found out must not become an option.
    let (world, ended) = go(&plan, printing("-9\n"));
    assert_eq!((world.ran.len(), ended.outcome), (1, RunOutcome::Failed));
}

#[test]
fn an_interrupted_step_is_unknown_and_asked_about_when_resumed() {
    let plan = plan(vec![undone_by(step(1, "a"), "un-a"), step(2, "b"), step(3, "c")]);
    let (world, ended) = go(&plan, ending(&[("b", &[How::Interrupted])]));
    assert_eq!((ended.outcome, ended.left), (RunOutcome::Aborted, vec![1, 2]));
    let progress = Progress::of(&world.events);
    let resume = |fate| {
        let world = World { fates: VecDeque::from([fate]), ..World::default() };
        let (world, ended) = go_on(&plan, world, progress.clone());
        assert_eq!(world.asked[0], "fate 2 false Some(7)");
        (world.ran, ended.unwrap().outcome)
    };
    assert_eq!(resume(Fate::Again), (vec!["b".into(), "c".into()], RunOutcome::Succeeded));
    assert_eq!(resume(Fate::Done("looked".into())), (vec!["c".into()], RunOutcome::Succeeded));
    assert_eq!(resume(Fate::Refused), (vec![], RunOutcome::Refused));
    assert_eq!(resume(Fate::Abort), (vec![], RunOutcome::Aborted));
}

#[test]
fn cut_anywhere_a_run_is_resumed_and_no_step_is_done_twice_unasked() {
    let plan = plan(vec![step(1, "a"), step(2, "b"), step(3, "c")]);
    let (whole, _) = go(&plan, World::default());
    for cut in 0..whole.events.len() {
        let before = &whole.events[..cut];
        let started = before.iter().filter(|event| matches!(event, Event::StepStarted(_))).count();
        let ended = before.iter().filter(|event| matches!(event, Event::StepEnded(_))).count();
        let world = World { fates: VecDeque::from([Fate::Again]), ..World::default() };
        let (world, outcome) = go_on(&plan, world, Progress::of(before));
        assert_eq!(outcome.unwrap().outcome, RunOutcome::Succeeded);
        let asked = world.asked.iter().any(|question| question.starts_with("fate"));
        assert_eq!(asked, started > ended, "cut after {cut}");
        assert_eq!(world.ran.len(), 3 - ended, "cut after {cut}");
    }
}

#[test]
fn undoing_is_resumed_where_it_was() {
    let mut plan =
        plan(vec![undone_by(step(1, "a"), "un-a"), undone_by(step(2, "b"), "un-b"), step(3, "c")]);
    plan.steps[2].on_error = OnError::Undo;
    let (whole, _) = go(&plan, ending(&[("c", &[How::Exited(1)])]));
    let undone = whole
        .events
        .iter()
        .position(|event| matches!(event, Event::StepEnded(one) if one.undo))
        .unwrap();
    let progress = Progress::of(&whole.events[..=undone]);
    let (world, ended) = go_on(&plan, World::default(), progress);
    assert_eq!(world.ran, ["un-a"]);
    assert_eq!(ended.unwrap().outcome, RunOutcome::Undone);
}

#[test]
fn nobody_there_means_refused_and_a_closed_terminal_asks_nothing() {
    let plan = plan(vec![undone_by(step(1, "a"), "un-a"), step(2, "b")]);
    let answers = VecDeque::from([Answer::Go("allowed".into()), Answer::Refused]);
    let (world, ended) = go(&plan, World { answers, hung_up: true, ..World::default() });
    assert_eq!((ended.outcome, ended.step), (RunOutcome::Refused, Some(2)));
    assert_eq!((world.ran, ended.left), (vec!["a".to_owned()], vec![1]));
    assert!(!world.asked.iter().any(|question| question.starts_with("remedy")));
}

#[test]
fn the_whole_run_has_its_time() {
    let mut plan = plan(vec![step(1, "a"), step(2, "b")]);
    plan.timeout = Some(Duration::from_seconds(30));
    let (world, ended) = go(&plan, World::default());
    assert_eq!((world.ran.len(), ended.outcome), (1, RunOutcome::TimedOut));
}

#[test]
fn steps_are_passed_over_with_a_reason() {
    let answers = VecDeque::from([Answer::Skip("done already".into()), Answer::Abort]);
    let plan = plan(vec![step(1, "a"), step(2, "b")]);
    let (world, ended) = go(&plan, World { answers, ..World::default() });
    assert!(world.ran.is_empty());
    assert_eq!((ended.outcome, ended.left), (RunOutcome::Aborted, vec![]));
}
