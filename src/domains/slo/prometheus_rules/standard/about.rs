//! What is known of an objective without measuring: its target, its window, and who it is about.
use super::{
    super::{
        Rule,
        names::{ERROR_BUDGET, INFO, OBJECTIVE, PERIOD_DAYS},
    },
    Subject, calendar,
};

/// The rules.
pub(super) fn rules(subject: &Subject<'_>) -> Vec<Rule> {
    let objective = subject.objective.objective;
    let vector = |name, value: String| Rule::record(name, format!("vector({value})"));
    vec![
        vector(OBJECTIVE, objective.target().to_string()),
        vector(ERROR_BUDGET, objective.error_budget().to_string()),
        Rule::record(PERIOD_DAYS, calendar::length_in_days(&subject.objective.window)),
        info(subject),
    ]
}

fn info(subject: &Subject<'_>) -> Rule {
    let target = subject.objective.objective.target().percent();
    let owner = subject.objective.owner.map(|owner| ("owner", owner));
    let labels = [
        ("sloth_mode", "sre"),
        ("sloth_spec", "sre/v1"),
        ("sloth_objective", target.trim_end_matches('%')),
    ];
    let rule = Rule::record(INFO, "vector(1)");
    labels.into_iter().chain(owner).fold(rule, |rule, (key, value)| rule.label(key, value))
}
