//! Alerts on burn rates: one that pages and one that opens tickets, each on two pairs of windows.
use super::{
    super::{
        Rule, RuleKind,
        names::{ERROR_RATIO, SERVICE_LABEL, SEVERITY_LABEL, SLO_LABEL, WINDOW_LABEL},
        number,
    },
    subject::{Alert, Subject, Texts, Tier},
};
use crate::{domains::slo::model::Severity, kernel::units::Duration};

/// The rules of the third group.
pub(super) fn rules(subject: &Subject) -> Vec<Rule> {
    if !subject.parts.alerts {
        return Vec::new();
    }
    let alerts = [(Severity::Page, &subject.page), (Severity::Ticket, &subject.ticket)];
    let alerts =
        alerts.into_iter().filter_map(|(severity, alert)| Some((severity, alert.as_ref()?)));
    alerts.map(|(severity, alert)| rule(subject, severity.name(), alert)).collect()
}

fn rule(subject: &Subject, severity: &str, alert: &Alert) -> Rule {
    let [quick, slow] = alert.tiers.map(|tier| condition(subject, &tier));
    let objective = format!("{{{{$labels.{SERVICE_LABEL}}}}} {{{{$labels.{SLO_LABEL}}}}}");
    let mut annotations = Texts::from(
        [
            ("title", format!("({severity}) {objective} SLO error budget burn rate is too fast.")),
            ("summary", format!("{objective} SLO error budget burn rate is over expected.")),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    annotations.extend(alert.annotations.clone());
    let mut labels = Texts::from([(SEVERITY_LABEL.to_owned(), severity.to_owned())]);
    labels.extend(alert.labels.clone());
    Rule {
        kind: RuleKind::Alert { name: alert.name.clone(), hold: None, annotations },
        expression: format!("{quick}or\n{slow}"),
        labels,
    }
}

/// Both windows of a pair burn faster than its factor.
fn condition(subject: &Subject, tier: &Tier) -> String {
    let selector = subject.selector();
    let factor = number::general(tier.factor);
    let budget = number::general((100.0 - subject.objective) / 100.0);
    let above = |window: Duration| {
        format!(
            "    max({ERROR_RATIO}{window}{selector} > ({factor} * {budget})) without ({WINDOW_LABEL})\n"
        )
    };
    format!("(\n{}    and\n{})\n", above(tier.short), above(tier.long))
}
