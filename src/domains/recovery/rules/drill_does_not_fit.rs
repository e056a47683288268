//! A drill that does not fit its plan.
use crate::{
    domains::recovery::spec::{DisasterRecoveryPlan, RecoveryDrill},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        spec::{Document, Field, Name, Optional as _, problem, values},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "REC014",
    name: "drill-does-not-fit",
    level: Level::Warning,
    fixable: false,
    page: include_str!("drill-does-not-fit.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(drill) = document.spec::<RecoveryDrill>() else { return };
    let mut tell = |place, message: String, help: String| {
        findings.push(Finding::new(&RULE, place, message).help(help));
    };
    if let (Some(started), Some((ended, place))) = (drill.started.get(), drill.ended.pair())
        && ended < started
    {
        tell(
            place,
            "the drill ends before it begins".to_owned(),
            "let `ended` be later than `started`".to_owned(),
        );
    }
    let plan =
        drill.plan.get().and_then(|it| context.catalog.get::<DisasterRecoveryPlan>(it.name()));
    let Some((_, plan)) = plan else { return };
    let steps: Vec<&str> =
        values(&plan.steps).filter_map(|step| step.id.get().map(Name::as_str)).collect();
    let disruptions: Vec<&str> =
        values(&plan.disruptions).filter_map(|one| one.name.get().map(Name::as_str)).collect();
    let near = |name: &str, known: &[&str]| match problem::closest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name one that the plan has".to_owned(),
    };
    if let Some((name, place)) = drill.disruption.pair()
        && !disruptions.contains(&name.as_str())
    {
        let message = format!("the plan has no disruption `{name}`");
        tell(place, message, near(name.as_str(), &disruptions));
    }
    for step in drill.steps.iter().filter_map(Field::get) {
        if let Some((id, place)) = step.id.pair()
            && !steps.contains(&id.as_str())
        {
            tell(place, format!("the plan has no step `{id}`"), near(id.as_str(), &steps));
        }
        if let (Some(started), Some((ended, place))) = (step.started.get(), step.ended.pair())
            && ended < started
        {
            tell(
                place,
                "the step ends before it begins".to_owned(),
                "let `ended` be later than `started`".to_owned(),
            );
        }
    }
}
