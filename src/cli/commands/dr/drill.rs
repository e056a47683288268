//! `sre dr drill`: a test of a plan with a stopwatch, written down as it goes.
use super::super::{new::catalog_folder, oncall::Opened};
use crate::{
    adapters::files::{self, PathKind},
    cli::{
        Exit, Failure, Session,
        arguments::{Selection, instant},
    },
    domains::recovery::{
        digest::digest,
        resolve::{self, ResolvedPlan, between},
        spec::{DisasterRecoveryPlan, DrillKind, DrillResult, RecoveryDrill},
    },
    kernel::{
        report::words,
        spec::{Document, Name, Optional as _, append, problem, values},
        time::rfc3339,
        units::Instant,
    },
};
use clap::{Subcommand, ValueEnum};
use std::collections::BTreeMap;

/// Arguments of `sre dr drill`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Begin a test of a plan: writes its record, and starts the clock
    Start(Start),
    /// Say that a step is done
    Done(Done),
    /// Say that it is over, and what came of it
    Finish(Finish),
}

#[derive(Debug, clap::Args)]
struct Start {
    /// The recovery plan.
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Which of its disruptions is played.
    #[arg(long, value_name = "NAME")]
    disruption: Option<String>,
    /// How far the test goes.
    #[arg(long, value_enum, default_value = "functional")]
    kind: Kind,
    /// When it began; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// What the record is called; the plan and the day unless said.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Done {
    /// The drill.
    #[arg(value_name = "DRILL")]
    drill: String,
    /// The step of the plan.
    #[arg(value_name = "STEP")]
    step: String,
    /// When it began; when the last that it waits for was done, unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    began: Option<Instant>,
    /// When it was done; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// What shows that it was.
    #[arg(long, value_name = "TEXT")]
    evidence: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Finish {
    /// The drill.
    #[arg(value_name = "DRILL")]
    drill: String,
    /// What came of it.
    #[arg(long, value_enum)]
    result: Outcome,
    /// When it was over; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// The youngest data that was there in the end.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    data_until: Option<Instant>,
    /// Where it went otherwise than the plan says; may be repeated.
    #[arg(long, value_name = "TEXT")]
    deviation: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// People talk it through
    TableTop,
    /// Parts are done for real, beside production
    Functional,
    /// Production itself goes over
    FullScale,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Outcome {
    /// It was back, with the data
    Passed,
    /// It was not
    Failed,
    /// It was broken off
    Stopped,
}

/// Does it.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::Start(arguments) => start(arguments, session),
        Action::Done(arguments) => done(arguments, session),
        Action::Finish(arguments) => finish(arguments, session),
    }
}

fn start(arguments: &Start, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &[], None)?;
    let names = [arguments.plan.clone()];
    let documents =
        opened.documents::<DisasterRecoveryPlan>(session, &names, &Selection::default())?;
    let [(document, spec)] = documents.as_slice() else {
        return Err(Failure::input(format!("several plans are called `{}`", arguments.plan)));
    };
    let plan = resolve::resolve(&opened.workspace.catalog, document, spec)
        .map_err(|wrong| opened.refuse(document, &wrong))?;
    if let Some(wanted) = &arguments.disruption {
        super::refuse_unknown(&plan, wanted)?;
    }
    let at = arguments.at.unwrap_or(session.now());
    let base = arguments
        .name
        .clone()
        .unwrap_or_else(|| format!("{}-{}", document.name(), at.date_naive()));
    Name::new(base.as_str()).map_err(Failure::input)?;
    let is_taken = |name: &str| opened.workspace.catalog.find("RecoveryDrill", name).is_some();
    let folder = catalog_folder(session).join("recoverydrill");
    let path = |name: &str| folder.join(format!("{name}.yaml"));
    let is_free = |name: &String| !is_taken(name) && files::kind(&path(name)) == PathKind::Missing;
    let numbered = (2..1000).map(|number| format!("{base}-{number}"));
    let name = std::iter::once(base.clone())
        .chain(numbered)
        .find(is_free)
        .ok_or_else(|| Failure::input(format!("there are too many drills `{base}`")))?;
    let kind = match arguments.kind {
        Kind::TableTop => DrillKind::TableTop,
        Kind::Functional => DrillKind::Functional,
        Kind::FullScale => DrillKind::FullScale,
    };
    let mut text = format!(
        "apiVersion: sre/v1\nkind: RecoveryDrill\nmetadata:\n  name: {}\nspec:\n  plan: {}\n",
        quoted(&name),
        quoted(document.name())
    );
    if let Some(disruption) = &arguments.disruption {
        text.push_str(&format!("  disruption: {}\n", quoted(disruption)));
    }
    text.push_str(&format!("  kind: {}\n  started: {}\n", kind.name(), rfc3339(at)));
    if let Some(digest) = digest(spec) {
        text.push_str(&format!("  plan_digest: \"{digest}\"\n"));
    }
    let path = path(&name);
    files::create(&path, &text)?;
    session.note(&format!("wrote {}", session.shown(&path)));
    let ready = ready(&plan, arguments.disruption.as_deref(), &BTreeMap::new());
    session.note(&format!("first: {}", listed(&ready)));
    Ok(Exit::Success)
}

fn done(arguments: &Done, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &[], None)?;
    let (document, drill) = drill(&opened, session, &arguments.drill)?;
    let plan = plan_of(&opened, drill)?;
    let played = drill.disruption.value().map(Name::as_str);
    let steps = steps(&plan, played);
    if !steps.iter().any(|(id, _)| *id == arguments.step) {
        let known: Vec<&str> = steps.iter().map(|(id, _)| *id).collect();
        let failure = Failure::input(format!("the plan has no step `{}`", arguments.step));
        return Err(match problem::closest(&arguments.step, &known) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("its steps are {}", known.join(", "))),
        });
    }
    let mut ended = ended(drill);
    if ended.contains_key(arguments.step.as_str()) {
        return Err(Failure::input(format!("`{}` is done already", arguments.step))
            .hint(format!("it stands in {}", shown(&opened, session, document))));
    }
    let started = drill.started.get().map_or(session.now(), |at| at.0);
    let waits = steps.iter().find(|(id, _)| *id == arguments.step).map(|(_, waits)| waits);
    let free = waits.into_iter().flatten().filter_map(|before| ended.get(*before)).max();
    let began = arguments.began.unwrap_or(free.copied().unwrap_or(started));
    let at = arguments.at.unwrap_or(session.now());
    if at < began {
        return Err(Failure::input("the step ends before it begins")
            .hint(format!("it began at {}; --began says otherwise", rfc3339(began))));
    }
    let evidence = arguments
        .evidence
        .as_ref()
        .map_or_else(String::new, |text| format!(", evidence: {}", quoted(text)));
    let item = format!(
        "{{id: {}, started: {}, ended: {}{evidence}}}",
        quoted(&arguments.step),
        rfc3339(began),
        rfc3339(at)
    );
    edit(&opened, session, document, |text| append::to_list(text, document.place, "steps", &item))?;
    ended.insert(&arguments.step, at);
    session.note(&format!(
        "{}: done in {}, {} after the beginning",
        arguments.step,
        words::span(between(began, at)),
        words::span(between(started, at))
    ));
    let ready = ready(&plan, played, &ended);
    if ready.is_empty() {
        session.note(&format!(
            "everything is done: `sre dr drill finish {} --result passed`",
            document.name()
        ));
    } else {
        session.note(&format!("next: {}", listed(&ready)));
    }
    Ok(Exit::Success)
}

fn finish(arguments: &Finish, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let opened = Opened::of(session, &[], None)?;
    let (document, drill) = drill(&opened, session, &arguments.drill)?;
    let started = drill.started.get().map_or(session.now(), |at| at.0);
    let at = arguments.at.unwrap_or(session.now());
    if at < started {
        return Err(Failure::input("the drill ends before it begins")
            .hint(format!("it began at {}", rfc3339(started))));
    }
    let result = match arguments.result {
        Outcome::Passed => DrillResult::Passed,
        Outcome::Failed => DrillResult::Failed,
        Outcome::Stopped => DrillResult::Stopped,
    };
    let mut fields = vec![("ended", rfc3339(at)), ("result", result.name().to_owned())];
    fields.extend(arguments.data_until.map(|until| ("data_until", rfc3339(until))));
    edit(&opened, session, document, |text| {
        let mut text = text.to_owned();
        for (name, value) in &fields {
            text = append::field(&text, document.place, name, value)?;
        }
        for deviation in &arguments.deviation {
            text = append::to_list(&text, document.place, "deviations", &quoted(deviation))?;
        }
        Ok(text)
    })?;
    session.note(&format!(
        "{}: {}, after {}",
        document.name(),
        result.name(),
        words::span(between(started, at))
    ));
    Ok(Exit::Success)
}

/// The drill that is meant, which has to be going on.
fn drill<'o>(
    opened: &'o Opened,
    session: &mut Session<'_, '_>,
    name: &str,
) -> Result<(&'o Document, &'o RecoveryDrill), Failure> {
    let names = [name.to_owned()];
    let documents = opened.documents::<RecoveryDrill>(session, &names, &Selection::default())?;
    let [(document, drill)] = documents.as_slice() else {
        return Err(Failure::input(format!("several drills are called `{name}`")));
    };
    match drill.ended.value() {
        Some(ended) => Err(Failure::input(format!("`{name}` was over at {}", rfc3339(ended.0)))
            .hint("`sre dr drill start PLAN` begins another one")),
        None => Ok((document, drill)),
    }
}

fn plan_of<'o>(opened: &'o Opened, drill: &RecoveryDrill) -> Result<ResolvedPlan<'o>, Failure> {
    let catalog = &opened.workspace.catalog;
    let name = drill.plan.get().map_or("", |plan| plan.name());
    let Some((document, spec)) = catalog.get::<DisasterRecoveryPlan>(name) else {
        return Err(Failure::input(format!("there is no recovery plan `{name}`")));
    };
    resolve::resolve(catalog, document, spec).map_err(|wrong| opened.refuse(document, &wrong))
}

/// The steps of what is played, and for which each waits; of a test of no disruption those of all.
fn steps<'p>(plan: &'p ResolvedPlan<'_>, played: Option<&str>) -> Vec<(&'p str, Vec<&'p str>)> {
    let mut steps: Vec<(&str, Vec<&str>)> = Vec::new();
    let meant = plan.disruptions.iter().filter(|one| played.is_none() || one.name == played);
    for disruption in meant {
        for (step, waits) in disruption.steps.iter().zip(&disruption.waits) {
            let before = waits.iter().filter_map(|at| disruption.steps.get(*at));
            let before: Vec<&str> = before.map(|step| step.id).collect();
            match steps.iter_mut().find(|(id, _)| *id == step.id) {
                Some((_, known)) => {
                    let new: Vec<&str> =
                        before.into_iter().filter(|one| !known.contains(one)).collect();
                    known.extend(new);
                }
                None => steps.push((step.id, before)),
            }
        }
    }
    steps
}

/// When the steps of a drill were done.
fn ended(drill: &RecoveryDrill) -> BTreeMap<&str, Instant> {
    let end = |step| {
        let step: &crate::domains::recovery::spec::DrillStepSpec = step;
        Some((step.id.get()?.as_str(), step.ended.value()?.0))
    };
    values(&drill.steps).filter_map(end).collect()
}

/// The steps that can be done now.
fn ready<'p>(
    plan: &'p ResolvedPlan<'_>,
    played: Option<&str>,
    ended: &BTreeMap<&str, Instant>,
) -> Vec<&'p str> {
    steps(plan, played)
        .into_iter()
        .filter(|(id, waits)| {
            !ended.contains_key(id) && waits.iter().all(|one| ended.contains_key(one))
        })
        .map(|(id, _)| id)
        .collect()
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

fn shown(opened: &Opened, session: &Session<'_, '_>, document: &Document) -> String {
    let path = opened.workspace.path(document.place.source);
    path.map_or_else(|| document.name().to_owned(), |path| session.shown(path))
}

/// Changes the file of a document, if it still is what was read.
fn edit(
    opened: &Opened,
    session: &Session<'_, '_>,
    document: &Document,
    change: impl FnOnce(&str) -> Result<String, String>,
) -> Result<(), Failure> {
    let source = document.place.source;
    let Some(path) = opened.workspace.path(source) else {
        return Err(Failure::input(format!("`{}` stands in no file", document.name())));
    };
    let text = &opened.workspace.sources.get(source).text;
    let edited = change(text).map_err(|reason| {
        Failure::input(format!("`{}` in {}: {reason}", document.name(), session.shown(path)))
            .hint("write it by hand")
    })?;
    files::replace(path, text, &edited)?;
    Ok(())
}

/// A text as one scalar of YAML in one line. JSON is YAML.
fn quoted(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(&text);
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
