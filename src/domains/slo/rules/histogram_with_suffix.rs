//! A histogram that is named by one of its series.
use crate::{
    domains::slo::{
        promql,
        rules::resolved::{histograms, own_indicator, part},
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
    code: "SLI016",
    name: "histogram-with-suffix",
    level: Level::Warning,
    fixable: true,
    page: include_str!("histogram-with-suffix.md"),
    check: Check::Values(check),
};

/// Endings of the series that a classic histogram consists of.
const SUFFIXES: [&str; 3] = ["_bucket", "_count", "_sum"];

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    for (field, text, place) in histograms(indicator) {
        let query = promql::read(text);
        let metric = query.selectors.first().filter(|_| query.plain);
        let Some(metric) = metric.and_then(|selector| selector.metric.as_deref()) else { continue };
        let Some((name, suffix)) = SUFFIXES
            .into_iter()
            .find_map(|suffix| Some((metric.strip_suffix(suffix)?, suffix)))
            .filter(|(name, _)| !name.is_empty())
        else {
            continue;
        };
        let message = format!("`{field}` names the histogram, not its series `{suffix}`");
        let finding = Finding::new(&RULE, place, message).help(format!("write `{name}`"));
        let at = text.find(metric).map(|at| part(place, text, at..at + metric.len()));
        // Where the text is written with escapes, its parts have no places.
        findings.push(match at.filter(|at| at.range().len() == metric.len()) {
            Some(at) => finding.fix(at, name),
            None => finding,
        });
    }
}
