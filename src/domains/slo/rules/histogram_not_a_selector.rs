//! A histogram that is named by more than its name and labels.
use crate::{
    domains::slo::{
        promql,
        rules::resolved::{histograms, own_indicator},
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
    code: "SLI015",
    name: "histogram-not-a-selector",
    level: Level::Error,
    fixable: false,
    page: include_str!("histogram-not-a-selector.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    for (name, text, place) in histograms(indicator) {
        let query = promql::read(text);
        // What does not parse is reported as such.
        if query.refusal.is_some() {
            continue;
        }
        let selector = query.selectors.first().filter(|_| query.plain);
        let message = match selector {
            None => format!("`{name}` is a selector, and this is a whole query"),
            Some(selector) if selector.metric.is_none() => {
                format!("`{name}` needs the name of a metric")
            }
            Some(selector) if selector.matchers.iter().any(|matcher| matcher.label == "le") => {
                "the objective's threshold chooses the bucket, not `le`".to_owned()
            }
            Some(_) => continue,
        };
        findings.push(Finding::new(&RULE, place, message).help(format!(
            "write the metric and its labels, such as \
             `{name}: http_request_duration_seconds{{job=\"api\"}}`; rates and buckets are added"
        )));
    }
}
