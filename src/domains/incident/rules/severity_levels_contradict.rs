//! Severities that contradict each other.
use crate::{
    domains::incident::spec::IncidentResponse,
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "INC018",
    name: "severity-levels-contradict",
    level: Level::Error,
    fixable: false,
    page: include_str!("severity-levels-contradict.md"),
    check: Check::Document(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(response) = document.spec::<IncidentResponse>() else { return };
    let levels: Vec<_> =
        response.severity_levels.get().into_iter().flatten().filter_map(Field::get).collect();
    for (at, level) in levels.iter().enumerate() {
        let before = levels.iter().take(at);
        for other in before {
            let same = |what: &str, name: &dyn std::fmt::Display| {
                format!("two severities have the {what} {name}")
            };
            if let (Some((rank, place)), Some((other_rank, other_place))) =
                (level.level.pair(), other.level.pair())
                && rank == other_rank
            {
                findings.push(
                    Finding::new(&RULE, place, same("level", rank))
                        .related(other_place, "it stands here as well")
                        .help("give each severity its own: 1 is the worst"),
                );
            }
            if let (Some((name, place)), Some((other_name, other_place))) =
                (level.name.pair(), other.name.pair())
                && name == other_name
            {
                findings.push(
                    Finding::new(&RULE, place, same("name", &format!("`{name}`")))
                        .related(other_place, "it stands here as well")
                        .help("call them differently: incidents know severities by their names"),
                );
            }
        }
    }
    let mut ranked: Vec<_> = levels
        .iter()
        .filter_map(|level| {
            Some((*level.level.get()?, level.response_time.pair()?, level.name.get()?))
        })
        .collect();
    ranked.sort_by_key(|(rank, ..)| *rank);
    for pair in ranked.windows(2) {
        let [(rank, (worse, place), name), (other, (time, _), other_name)] = pair else { continue };
        if rank < other && worse > time {
            let message =
                format!("{name} has {worse}, and {other_name}, which is less severe, {time}");
            findings.push(
                Finding::new(&RULE, *place, message)
                    .help("the worse the severity, the shorter its response time; 1 is the worst"),
            );
        }
    }
}
