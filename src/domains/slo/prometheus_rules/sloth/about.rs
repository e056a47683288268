//! What is known of an objective without measuring, and what follows from its ratios.
use super::{
    super::{
        Rule,
        names::{
            BUDGET_REMAINING, CURRENT_BURN_RATE, ERROR_BUDGET, ERROR_RATIO, ID_LABEL, INFO,
            OBJECTIVE, PERIOD_BURN_RATE, PERIOD_DAYS, SERVICE_LABEL, SLO_LABEL,
        },
        number,
    },
    Options,
    recordings::labels,
    subject::{Subject, Texts, hours},
};

/// The rules of the second group.
pub(super) fn rules(subject: &Subject, options: &Options) -> Vec<Rule> {
    if !subject.parts.about {
        return Vec::new();
    }
    let objective = number::general(subject.objective / 100.0);
    let selector = subject.selector();
    let burn_rate = |window| {
        format!(
            "{ERROR_RATIO}{window}{selector}\n\
             / on({ID_LABEL}, {SLO_LABEL}, {SERVICE_LABEL}) group_left\n\
             {ERROR_BUDGET}{selector}\n"
        )
    };
    let days = number::general(hours(subject.period) / 24.0);
    let rule = |name: &str, expression: String, own: Texts| Rule {
        labels: labels(subject, options, own),
        ..Rule::record(name, expression)
    };
    let plain = |name: &str, expression: String| rule(name, expression, Texts::new());
    vec![
        plain(OBJECTIVE, format!("vector({objective})")),
        plain(ERROR_BUDGET, format!("vector(1-{objective})")),
        plain(PERIOD_DAYS, format!("vector({days})")),
        plain(CURRENT_BURN_RATE, burn_rate(subject.base)),
        plain(PERIOD_BURN_RATE, burn_rate(subject.period)),
        plain(BUDGET_REMAINING, format!("1 - {PERIOD_BURN_RATE}{selector}")),
        info(subject, options),
    ]
}

/// One series whose labels tell about the objective. These stand over those of documents.
fn info(subject: &Subject, options: &Options) -> Rule {
    let mut rule = Rule::record(INFO, "vector(1)");
    rule.labels = labels(subject, options, Texts::new());
    let objective = number::plain(subject.objective);
    for (key, value) in [
        ("sloth_version", options.version.as_str()),
        ("sloth_mode", subject.shape.mode()),
        ("sloth_spec", subject.spec),
        ("sloth_objective", &objective),
    ] {
        rule.labels.insert(key.to_owned(), value.to_owned());
    }
    rule
}
