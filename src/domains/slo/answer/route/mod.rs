//! The answer of `sre route`: who is told of alerts, by which route, and when.
mod form;

pub use form::RouteAnswer;

use crate::{
    domains::slo::alertmanager::{
        config::{GroupBy, Receiver},
        delivery::{Delivery, Dispatch},
        matcher::{Labels, shown},
    },
    kernel::{
        report::{Block, Cell, Column, Report, State, Table, Text, Verdict, words},
        source::{Place, SourceMap},
        time::Zone,
        units::Instant,
    },
};
use std::{collections::BTreeSet, str::FromStr};

/// An alert that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedAlert {
    /// The objective that it is about, and the tier; `None` where only labels were given.
    pub of: Option<(String, String)>,
    /// Its labels.
    pub labels: Labels,
}

/// Where a configuration came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The file; `None` for the one that follows from the catalog.
    pub file: Option<&'a str>,
    /// Its text.
    pub sources: &'a SourceMap,
}

impl Origin<'_> {
    /// Whether a receiver tells somebody. Those that follow from the catalog get their notifiers later.
    fn tells(&self, receiver: &Receiver) -> bool {
        self.file.is_none() || !receiver.notifiers.is_empty()
    }

    /// The line on which something stands, where there is a file.
    fn line(&self, place: Place) -> Option<usize> {
        self.file.map(|_| self.sources.position(place).line)
    }

    /// A path with its place: `route.routes[0] (alertmanager.yml:12)`.
    fn shown(&self, path: &str, place: Place) -> String {
        match self.file {
            Some(file) => format!("{path} ({file}:{})", self.sources.position(place).line),
            None => path.to_owned(),
        }
    }
}

/// What becomes of one alert.
#[derive(Debug)]
pub struct Routed<'a> {
    /// The alert.
    pub alert: &'a AskedAlert,
    /// What becomes of it.
    pub dispatch: Dispatch<'a, 'a>,
}

/// What of the answer makes the run fail.
#[derive(Clone, Debug, Default)]
pub struct RouteFailOn {
    /// The receivers that every alert is expected to have; not looked at where there are none.
    pub expected: BTreeSet<String>,
    /// How little is too little.
    pub least: RouteLeast,
}

/// How little is too little.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RouteLeast {
    /// Nobody is told: no receiver has a notifier.
    Nobody,
    /// Nobody is told when the alert fires: muted, inhibited, or no receiver has a notifier.
    Silent,
    /// Nothing is.
    #[default]
    Never,
}

impl RouteLeast {
    /// The words, as flags have them.
    pub const NAMES: [&'static str; 3] = ["nobody", "silent", "never"];
}

impl FromStr for RouteLeast {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "nobody" => Ok(Self::Nobody),
            "silent" => Ok(Self::Silent),
            "never" => Ok(Self::Never),
            _ => Err(format!("`{text}` is not one of {}", Self::NAMES.join(", "))),
        }
    }
}

impl Routed<'_> {
    /// How the alert is called: its objective and tier, else its labels.
    fn name(&self) -> String {
        match &self.alert.of {
            Some((objective, tier)) => format!("{objective} {tier}"),
            None => shown(&self.alert.labels),
        }
    }

    fn receivers(&self) -> BTreeSet<&str> {
        let deliveries = self.dispatch.deliveries.iter();
        deliveries.map(|delivery| delivery.receiver.name.as_str()).collect()
    }

    /// Whether a notifier is reached, by a route that tells when the first notification is due.
    fn tells(&self, origin: &Origin<'_>, also_later: bool) -> bool {
        let deliveries = &self.dispatch.deliveries;
        (also_later || self.dispatch.inhibited.is_none())
            && deliveries.iter().any(|delivery| {
                origin.tells(delivery.receiver) && (also_later || !delivery.is_silent())
            })
    }

    fn verdict(&self, origin: &Origin<'_>, fail_on: &RouteFailOn) -> Verdict {
        let expected: BTreeSet<&str> = fail_on.expected.iter().map(String::as_str).collect();
        let enough = match fail_on.least {
            RouteLeast::Nobody => self.tells(origin, true),
            RouteLeast::Silent => self.tells(origin, false),
            RouteLeast::Never => true,
        };
        let as_expected = expected.is_empty() || expected == self.receivers();
        if enough && as_expected { Verdict::Pass } else { Verdict::Found }
    }
}

/// The answer about alerts that begin to fire at `at`.
pub fn report(
    routed: &[Routed<'_>],
    origin: &Origin<'_>,
    at: Instant,
    fail_on: &RouteFailOn,
    zone: &Zone,
) -> Report {
    let mut table = Table::new().main().columns([
        Column::new("Alert").middle().min_width(24),
        Column::new("Receiver"),
        Column::new("By").key("notifiers").priority(3),
        Column::new("Told at").key("told_at"),
        Column::new("Again after").key("repeat_interval").priority(1),
        Column::new("Route").priority(2),
        Column::new("State"),
    ]);
    for one in routed {
        for delivery in &one.dispatch.deliveries {
            let told = one.dispatch.inhibited.is_none().then_some(delivery.first).flatten();
            table.push(vec![
                Cell::name(one.name()),
                Cell::name(&delivery.receiver.name),
                Cell::text(notifiers(delivery.receiver)),
                told.map_or(Cell::Missing, |at| moment(at, zone)),
                Cell::from(delivery.route.repeat_interval),
                Cell::text(&*delivery.route.path),
                Cell::from(state(one, delivery, origin)),
            ]);
        }
    }
    let verdict = routed.iter().map(|one| one.verdict(origin, fail_on)).collect();
    let report = Report::of(&RouteAnswer::of(routed, origin, at)).verdict(verdict);
    report.block(table).block(Block::list(sentences(routed, origin, fail_on, zone)))
}

fn moment(at: Instant, zone: &Zone) -> Cell {
    Cell::instant_in(at, *zone.local(at).offset())
}

fn notifiers(receiver: &Receiver) -> String {
    let one = |(kind, count): (&String, &usize)| match count {
        1 => kind.clone(),
        count => format!("{count} {kind}"),
    };
    receiver.notifiers.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The word for what becomes of an alert on a route.
fn state_name(routed: &Routed<'_>, delivery: &Delivery<'_>, origin: &Origin<'_>) -> &'static str {
    if routed.dispatch.inhibited.is_some() {
        "inhibited"
    } else if !delivery.muted_by.is_empty() {
        "muted"
    } else if delivery.inactive {
        "inactive"
    } else if !origin.tells(delivery.receiver) {
        "nobody"
    } else {
        "told"
    }
}

fn state(routed: &Routed<'_>, delivery: &Delivery<'_>, origin: &Origin<'_>) -> State {
    let name = state_name(routed, delivery, origin);
    match name {
        "told" => State::good(name),
        "nobody" => State::bad(name),
        _ => State::warning(name),
    }
}

/// How many alerts are spoken of one by one whatever becomes of them.
const FEW: usize = 4;

/// What there is to say: all of a few alerts; of many, only where nobody is told at once, or somebody
/// else than was expected.
fn sentences(
    routed: &[Routed<'_>],
    origin: &Origin<'_>,
    fail_on: &RouteFailOn,
    zone: &Zone,
) -> Vec<Text> {
    let mut lines = Vec::new();
    for one in routed {
        let found: Vec<&str> = one.receivers().into_iter().collect();
        let expected: Vec<&str> = fail_on.expected.iter().map(String::as_str).collect();
        if !expected.is_empty() && found != expected {
            lines.push(Text::new().name(one.name()).bad(format!(
                ": expected {}, and it reaches {}",
                expected.join(", "),
                found.join(", ")
            )));
        }
        if let Some((rule, by)) = one.dispatch.inhibited {
            let equal = if rule.equal.is_empty() {
                "whatever their labels".to_owned()
            } else {
                format!("as their {} are the same", rule.equal.join(", "))
            };
            lines.push(Text::new().name(one.name()).plain(format!(
                ": kept silent by {} while that fires, {equal}: {}",
                shown(by),
                origin.shown(&rule.path, rule.place)
            )));
            continue;
        }
        for delivery in &one.dispatch.deliveries {
            let told = state_name(one, delivery, origin) == "told";
            if told && routed.len() > FEW {
                continue;
            }
            lines.push(
                Text::new().name(one.name()).plain(": ").plain(sentence(delivery, origin, zone)),
            );
        }
    }
    if lines.is_empty() {
        let alerts = words::plural(routed.len() as u64, "alert");
        lines.push(Text::new().muted(format!("somebody is told at once of each of {alerts}")));
    }
    lines
}

fn sentence(delivery: &Delivery<'_>, origin: &Origin<'_>, zone: &Zone) -> String {
    let Delivery { route, receiver, muted_by, inactive, first } = delivery;
    let at = |at: Instant| {
        let local = zone.local(at);
        format!("{} {}", local.format("%Y-%m-%d %H:%M:%S"), zone.abbreviation(at))
    };
    let name = &receiver.name;
    let mut text = match (muted_by.is_empty(), inactive) {
        (false, _) => format!("`{name}` is muted by {}", muted_by.join(", ")),
        (true, true) => format!("`{name}` is told only within {}", route.active_in.join(", ")),
        (true, false) if !origin.tells(receiver) => {
            format!("nobody is told: `{name}` has no notifiers")
        }
        (true, false) => format!("`{name}` is told"),
    };
    match first {
        Some(first) if delivery.is_silent() => {
            text += &format!("; if it still fires, first told at {}", at(*first));
        }
        Some(first) if origin.tells(receiver) => text += &format!(" at {}", at(*first)),
        Some(_) => {}
        None => text += "; not within the next 400 days",
    }
    let group = match &route.group_by {
        GroupBy::All => "alone".to_owned(),
        GroupBy::Labels(labels) if labels.is_empty() => "with all others of the route".to_owned(),
        GroupBy::Labels(labels) => format!("with others of the same {}", labels.join(", ")),
    };
    text += &format!(
        ", {group}, after a wait of {}; what is new every {}, the same again after {}: {}",
        route.group_wait,
        route.group_interval,
        route.repeat_interval,
        origin.shown(&route.path, route.place)
    );
    text
}
