//! A test of an objective that cannot pass, whatever the objective says.
use crate::{
    domains::slo::{
        resolve,
        spec::{ObjectiveTest, ServiceLevelObjective},
        tested,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Field, Optional as _, problem},
        units::Duration,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "TST001",
    name: "test-cannot-pass",
    level: Level::Warning,
    fixable: false,
    page: include_str!("test-cannot-pass.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    if slo.tests.is_empty() {
        return;
    }
    let Ok(windows) = resolve::resolve(context.catalog, context.settings, document, slo) else {
        return;
    };
    let Some(resolved) = windows.first() else { return };
    let tiers: Vec<(&str, &str)> = resolved
        .alerting
        .tiers
        .iter()
        .map(|tier| (tier.name.as_str(), tier.severity.name()))
        .collect();
    for (test, place) in slo.tests.iter().filter_map(Field::pair) {
        if !resolved.composite.is_empty() {
            let message = "a composite has no measurements of its own to be tested with";
            findings.push(
                Finding::new(&RULE, place, message).help("test the objectives that it is made of"),
            );
            continue;
        }
        match tested::series(test) {
            Err(message) => {
                let place = test.given.pair().map_or(place, |(_, place)| place);
                findings.push(Finding::new(&RULE, place, message));
            }
            Ok(series) => {
                let length = (series.end() - series.start()).num_milliseconds();
                let length = Duration::from_milliseconds(u64::try_from(length).unwrap_or(0));
                expectations(test, place, length, &tiers, findings);
            }
        }
    }
}

fn expectations(
    test: &ObjectiveTest,
    place: Place,
    length: Duration,
    tiers: &[(&str, &str)],
    findings: &mut Vec<Finding>,
) {
    let mut count = 0;
    for expectation in test.then.get().into_iter().flatten().filter_map(Field::get) {
        if let Some((at, at_place)) = expectation.at.pair().filter(|(at, _)| **at > length) {
            let message = format!("`at: {at}` is after the measurements, which end after {length}");
            findings.push(
                Finding::new(&RULE, at_place, message)
                    .help("look earlier, or let the last stretch of `given` go on for longer"),
            );
        }
        let budget = [&expectation.remaining_at_least, &expectation.remaining_at_most];
        count += expectation.fires.len() + expectation.quiet.len();
        count += budget.into_iter().flatten().count();
        let names = expectation.fires.iter().chain(&expectation.quiet);
        for (name, at) in names.filter_map(Field::pair) {
            if !tiers.iter().any(|(tier, severity)| name == tier || name == severity) {
                let known: Vec<&str> = tiers.iter().map(|(tier, _)| *tier).collect();
                let help = match problem::closest(name, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there is {}", problem::list(&known)),
                };
                let message = format!("no tier of the alert policy is called `{name}`");
                findings.push(Finding::new(&RULE, at, message).help(help));
            }
        }
        if let (Some((least, at)), Some((most, most_at))) =
            (expectation.remaining_at_least.pair(), expectation.remaining_at_most.pair())
            && least > most
        {
            let message = format!(
                "at least {} and at most {} of the budget cannot be left at once",
                least.percent(),
                most.percent()
            );
            findings.push(Finding::new(&RULE, at, message).related(most_at, "at most this"));
        }
        for (name, at) in expectation.quiet.iter().filter_map(Field::pair) {
            let firing = expectation.fires.iter().find(|other| other.get() == Some(name));
            if let Some(firing) = firing {
                let message = format!("`{name}` is to fire and not to fire at the same time");
                findings.push(
                    Finding::new(&RULE, at, message).related(firing.place(), "it is to fire here"),
                );
            }
        }
    }
    if count == 0 {
        let message = "a test that expects nothing cannot fail, and counts as failed";
        findings.push(
            Finding::new(&RULE, place, message)
                .help("write what is expected: `then: [{at: 5m, fires: [page]}]`"),
        );
    }
}
