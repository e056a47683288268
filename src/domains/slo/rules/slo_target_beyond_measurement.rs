//! A target that leaves less time than anyone needs to react.
use crate::{
    domains::slo::{
        model::{Objective, Window},
        resolve,
        spec::ServiceLevelObjective,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::Document,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLO013",
    name: "slo-target-beyond-measurement",
    level: Level::Note,
    fixable: false,
    page: include_str!("slo-target-beyond-measurement.md"),
    check: Check::Document(check),
};

/// A total outage of this many minutes is over before a person has read the alert.
const REACTION_MINUTES: f64 = 1.0;

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(slo) = document.spec::<ServiceLevelObjective>() else { return };
    let Some((target, place)) = slo.target.pair() else { return };
    // What the settings say is not this document's fault.
    if slo.written_windows().next().is_none() {
        return;
    }
    let windows = resolve::windows(document, slo, context.settings);
    // In a window of less than an hour that says nothing of the target.
    let lengths = windows.iter().map(Window::length).filter(|window| window.minutes() >= 60.0);
    let Some(window) = lengths.min() else { return };
    let Ok(objective) = Objective::new(*target, window) else { return };
    let minutes = objective.allowed_minutes();
    if minutes < REACTION_MINUTES {
        let seconds = minutes * 60.0;
        let message = format!(
            "{} of `{window}` allows {seconds:.1} seconds of outage: nobody can react in that time",
            target.percent()
        );
        findings.push(
            Finding::new(&RULE, place, message)
                .help("choose what people can keep, or make sure that repair needs no person"),
        );
    }
}
