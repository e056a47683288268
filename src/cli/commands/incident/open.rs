//! `sre incident open`.
use super::store;
use crate::{
    cli::{Exit, Failure, Session, Workspace, arguments::instant},
    domains::{
        incident::{
            change::{self, NewEvent, NewIncident},
            engine::suggest::Facts,
            resolve,
            spec::{Effect, EventType, IncidentResponse},
        },
        oncall::change::name,
        service::spec::Service,
        slo::spec::ServiceLevelObjective,
    },
    kernel::{
        spec::{Document, Name, Optional as _, Spec, problem},
        units::{Instant, Ratio},
    },
};

/// Arguments of `sre incident open`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Arguments {
    /// What it is, in a line.
    #[arg(value_name = "TITLE")]
    title: String,
    /// Its severity; else the worst that what is known does not exclude, by the criteria of the catalog.
    #[arg(long, value_name = "NAME")]
    severity: Option<String>,
    /// What users see of it: `outage`, `degradation` or `none`.
    #[arg(long, value_name = "EFFECT", value_parser = effect)]
    effect: Option<Effect>,
    /// The share of users or requests that it touches: `20%`.
    #[arg(long, value_name = "SHARE")]
    affected: Option<Ratio>,
    /// Data are lost or wrong.
    #[arg(long)]
    data_loss: bool,
    /// Somebody could see or do what they must not.
    #[arg(long)]
    security: bool,
    /// A service that it touches; may be repeated.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// An objective that it touches, and with it its service; may be repeated.
    #[arg(long = "slo", value_name = "NAME")]
    slos: Vec<String>,
    /// What it comes from, if that is known: `deploy`; may be repeated.
    #[arg(long = "cause", value_name = "WORD", value_parser = name)]
    causes: Vec<Name>,
    /// When users began to be touched; unknown unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    started: Option<Instant>,
    /// When it was detected; now unless said.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    detected: Option<Instant>,
    /// Takes it on as well.
    #[arg(long)]
    ack: bool,
    /// Who commands.
    #[arg(long, value_name = "PERSON")]
    commander: Option<String>,
    /// What there is to say of it.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Who says all this; whoever git says works here unless said.
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Its name; made of the day and the title unless said.
    #[arg(long, value_name = "NAME", value_parser = file_name)]
    id: Option<String>,
    /// What the severities mean, where the catalog says it more than once.
    #[arg(long, value_name = "NAME")]
    response: Option<String>,
    /// Prints the file, and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

fn effect(text: &str) -> Result<Effect, String> {
    let names = Effect::ALL.map(Effect::name);
    let found = Effect::ALL.into_iter().find(|effect| effect.name() == text);
    found.ok_or_else(|| format!("expected {}", problem::one_of(&names)))
}

fn file_name(text: &str) -> Result<String, String> {
    let portable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let fine = text.chars().all(portable) && text.starts_with(|c: char| c.is_ascii_alphanumeric());
    let message = "use letters, digits and dashes, such as `2026-05-14-payments`";
    fine.then(|| text.to_owned()).ok_or_else(|| message.to_owned())
}

/// Opens an incident.
pub(super) fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let title = arguments.title.trim();
    if title.is_empty() {
        return Err(Failure::input("an incident has a title").hint("say in a line what it is"));
    }
    let workspace = Workspace::open(session, &[])?;
    let now = store::now(session);
    let services = services(arguments, &workspace)?;
    let severity = severity(arguments, session, &workspace, &services)?;
    let first = arguments.detected.or(arguments.started).unwrap_or(now);
    let incident = NewIncident {
        id: arguments.id.clone().unwrap_or_else(|| change::id(first, title)),
        owner: None,
        title: title.to_owned(),
        severity: Some(severity),
        response: arguments.response.clone(),
        services,
        slos: arguments.slos.clone(),
        causes: arguments.causes.iter().map(ToString::to_string).collect(),
        events: events(arguments, session, now)?,
        link: None,
    };
    if arguments.dry_run {
        session.print(incident.text().as_bytes())?;
        return Ok(Exit::Success);
    }
    let (id, path) = store::create(&workspace, &incident, arguments.id.is_some())?;
    let shown = session.shown(&path);
    session.note(&format!("wrote {shown}; `sre incident ack {id}` takes it on"));
    session.print(format!("{id}\n").as_bytes())?;
    Ok(Exit::Success)
}

/// What is known to have happened.
fn events(
    arguments: &Arguments,
    session: &Session<'_, '_>,
    now: Instant,
) -> Result<Vec<NewEvent>, Failure> {
    let by = store::author(arguments.by.as_deref(), session);
    let event = |at: Instant, event: EventType| NewEvent {
        by: by.clone(),
        recorded_at: (at != now).then_some(now),
        ..NewEvent::new(at, event)
    };
    let detected = arguments.detected.unwrap_or(now);
    let mut events = Vec::new();
    events.extend(arguments.started.map(|at| event(at, EventType::Started)));
    events.push(event(detected, EventType::Detected));
    events.push(NewEvent { note: arguments.note.clone(), ..event(now, EventType::Declared) });
    if arguments.ack {
        events.push(event(now, EventType::Acknowledged));
    }
    if let Some(person) = &arguments.commander {
        let role = name("commander").map_err(Failure::input)?;
        events.push(NewEvent { role: Some((role, person.clone())), ..event(now, EventType::Role) });
    }
    for (flag, at) in [("--started", arguments.started), ("--detected", arguments.detected)] {
        if at.is_some_and(|at| at > session.now()) {
            return Err(Failure::input(format!("{flag} lies ahead"))
                .hint("say when it was; or is this machine's clock wrong?"));
        }
    }
    if arguments.started.is_some_and(|started| started > detected) {
        return Err(Failure::input("--started is later than --detected")
            .hint("nothing is detected before it has begun"));
    }
    Ok(events)
}

/// The services that were named, and those of the objectives.
fn services(arguments: &Arguments, workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let mut services = Vec::new();
    for service in &arguments.services {
        known::<Service>(workspace, service)?;
        services.push(service.clone());
    }
    for slo in &arguments.slos {
        known::<ServiceLevelObjective>(workspace, slo)?;
        let spec = workspace.catalog.get::<ServiceLevelObjective>(slo);
        services.extend(spec.and_then(|(_, slo)| Some(slo.service.value()?.name().to_owned())));
    }
    let mut seen = std::collections::BTreeSet::new();
    services.retain(|service| seen.insert(service.clone()));
    Ok(services)
}

/// Refuses a name that nothing of a kind has.
fn known<T: Spec>(workspace: &Workspace, name: &str) -> Result<(), Failure> {
    if workspace.catalog.find(T::KIND, name).is_some() {
        return Ok(());
    }
    let documents = workspace.catalog.documents().iter();
    let names: Vec<&str> =
        documents.filter(|one| one.kind.name == T::KIND).map(Document::name).collect();
    let failure = Failure::input(format!("no {} is called `{name}`", T::KIND));
    Err(match problem::closest(name, &names) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("`sre list {}` shows what there is", T::KIND)),
    })
}

/// The severity that was said, else the one that the criteria suggest.
fn severity(
    arguments: &Arguments,
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    services: &[String],
) -> Result<String, Failure> {
    let catalog = &workspace.catalog;
    let mut responses = catalog.iter::<IncidentResponse>();
    let response = match &arguments.response {
        Some(name) => {
            known::<IncidentResponse>(workspace, name)?;
            catalog.get::<IncidentResponse>(name)
        }
        None => responses.next().filter(|_| responses.next().is_none()),
    };
    let Some((document, response)) = response else {
        let several = catalog.iter::<IncidentResponse>().count() > 1;
        return match &arguments.severity {
            Some(severity) if !several => Ok(severity.clone()),
            _ if several => {
                Err(Failure::input("the catalog says more than once what severities mean")
                    .hint("say which counts: --response NAME"))
            }
            _ => Err(Failure::input("the catalog does not say what severities there are")
                .hint("say which it has: --severity SEV-2")
                .hint("`sre new IncidentResponse NAME` writes a document that does")),
        };
    };
    let levels = resolve::levels(catalog, response);
    let names: Vec<&str> = levels.levels.iter().map(|level| level.name.as_str()).collect();
    if let Some(severity) = &arguments.severity {
        if levels.get(severity).is_some() {
            return Ok(severity.clone());
        }
        let failure = Failure::input(format!("`{}` has no severity `{severity}`", document.name()));
        return Err(failure.hint(format!("the severities are {}", problem::list(&names))));
    }
    let tiers = services.iter().filter_map(|name| catalog.get::<Service>(name));
    let facts = Facts {
        effect: arguments.effect,
        affected: arguments.affected,
        tier: tiers.filter_map(|(_, service)| service.tier.value().copied()).min(),
        data_loss: arguments.data_loss,
        security: arguments.security,
    };
    let Some(suggestion) = facts.suggest(&levels) else {
        return Err(Failure::input("no severity follows from what is known")
            .hint(format!("say which it has, --severity: {}", problem::one_of(&names))));
    };
    let severity = suggestion.severity.to_owned();
    if suggestion.unknown.is_empty() {
        session.note(&format!("{severity}, by the criteria of `{}`", document.name()));
    } else {
        let flags = suggestion.unknown.iter().map(|what| match *what {
            "tier" => "--service".to_owned(),
            what => format!("--{what}"),
        });
        let flags = flags.collect::<Vec<_>>().join(" and ");
        session.warn(&format!(
            "{severity}, the worst that is not excluded: say more with {flags}, or --severity"
        ));
    }
    Ok(severity)
}
