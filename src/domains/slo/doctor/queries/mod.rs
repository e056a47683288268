//! What a server says of the queries of one objective, judged.
#[cfg(test)]
mod tests;

use super::{Finding, Health, counts, selector::Probe};
use crate::kernel::{
    measure::server::{Answer, Fault, Unanswered},
    report::words,
    series::EventCount,
    units::{Duration, Instant},
};
use std::collections::BTreeSet;

/// What a server says, or why it does not.
pub type Said<T> = Result<T, Unanswered>;

/// How often a counter may fall within an hour before it is taken for something else: each fall is a
/// restart, and nothing restarts every ten minutes for long.
const FALLS: f64 = 6.0;

/// Series from which on one selector is said to be expensive: a month of ten thousand series, scraped
/// twice a minute, is close to a thousand million samples.
const MANY_SERIES: u64 = 10_000;

/// Values and names that are listed.
const LISTED: usize = 6;

/// What is known of the queries of an objective.
#[derive(Clone, Debug)]
pub struct QueryFacts {
    /// All events, then the good or the bad ones.
    pub sides: Vec<SideFacts>,
    /// The labels by which the objective is grouped.
    pub group_by: Vec<String>,
    /// The most groups that are answered.
    pub max_series: usize,
    /// The stretch of time that the objective looks back.
    pub from: Instant,
    /// Its end.
    pub at: Instant,
    /// What the queries as a whole give over some windows that end then, the shortest first.
    pub windows: Vec<(Duration, Said<Answer>)>,
    /// What the query of each side gives over the longest of them, where the windows hold nothing.
    pub raw: Vec<(&'static str, Said<Raw>)>,
}

impl QueryFacts {
    /// Whether there were events at the beginning of the stretch, of whatever kind.
    fn has_beginning(&self) -> bool {
        let all = self.sides.iter().filter(|side| side.which == "all");
        let mut before = all.flat_map(|side| &side.selectors).filter_map(|one| one.before.as_ref());
        before.any(|before| before.as_ref().is_ok_and(|count| *count > 0))
    }
}

/// What a query gives, as it comes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Raw {
    /// The numbers.
    pub numbers: Vec<f64>,
    /// Whether there are native histograms among what it gives, which are no numbers.
    pub histograms: bool,
}

/// What is known of one side of a ratio.
#[derive(Clone, Debug)]
pub struct SideFacts {
    /// Which events it counts: `all`, `good` or `bad`.
    pub which: &'static str,
    /// Whether it is a whole query, which may well name series that are not there.
    pub is_query: bool,
    /// What is known of its selectors.
    pub selectors: Vec<SelectorFacts>,
}

/// What is known of one selector.
#[derive(Clone, Debug)]
pub struct SelectorFacts {
    /// The selector.
    pub probe: Probe,
    /// How many of its series have samples now.
    pub now: Said<u64>,
    /// How many had some at the beginning of the stretch; not asked where none has any now, nor of bad
    /// events, which begin when they like.
    pub before: Option<Said<u64>>,
    /// About when its samples begin, where there are none at the beginning.
    pub since: Option<Instant>,
    /// Why none has any now.
    pub absence: Option<Said<Absence>>,
    /// Bounds of the buckets of its classic histogram, ascending, where it selects one that is not there.
    pub buckets: Option<Said<Vec<f64>>>,
    /// The type of its metric: `counter`, `gauge`. `None` where the server does not say.
    pub metric_type: Option<String>,
    /// How often the series that falls most often fell within the last hour.
    pub falls: Option<Said<f64>>,
    /// Of each label of `group_by`, the values in its series.
    pub labels: Vec<(String, Said<Vec<String>>)>,
}

/// Why a selector finds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// It did find something within the stretch.
    Stopped,
    /// There is no such metric.
    NoMetric {
        /// Metrics whose names are near.
        near: Vec<String>,
    },
    /// No series of the metric meets one of the conditions.
    NoValue {
        /// The condition.
        condition: String,
        /// The label.
        label: String,
        /// Values that the label has.
        values: Vec<String>,
    },
    /// Each condition is met, and no series meets all.
    Combination,
    /// The selector cannot be taken apart.
    Unexplained,
}

/// What a server says of the queries of one objective, judged.
pub fn judge(facts: &QueryFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for side in &facts.sides {
        for selector in &side.selectors {
            findings.push(series(facts, side, selector));
            findings.extend(beginning(facts, side, selector));
            findings.extend(counter(selector));
        }
    }
    findings.extend(buckets(facts));
    findings.extend(labels(facts));
    let cause_is_known = findings.iter().any(|finding| finding.health == Health::Bad);
    findings.extend(events(facts, cause_is_known));
    each_once(findings)
}

/// The same selector may stand on both sides, and a server that fails does so for each question.
fn each_once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut once: Vec<Finding> = Vec::new();
    for finding in findings {
        let again = |known: &Finding| known.message == finding.message;
        if !once.iter().any(again) {
            once.push(finding);
        }
    }
    once
}

fn series(facts: &QueryFacts, side: &SideFacts, one: &SelectorFacts) -> Finding {
    const CHECK: &str = "series";
    let selector = &one.probe.selector;
    let which = side.which;
    match &one.now {
        Err(why) => Finding::unanswered(CHECK, why),
        Ok(0) => absent(facts, side, one),
        Ok(count) => {
            let text = format!("{which}: {} of `{selector}`", of_series(*count));
            if *count > MANY_SERIES {
                Finding::warning(CHECK, text).help(
                    "long windows over so many series are slow: write a recording rule that sums them, \
                     and measure that",
                )
            } else {
                Finding::ok(CHECK, text)
            }
        }
    }
}

/// A number of series: the word is its own plural.
fn of_series(count: u64) -> String {
    format!("{} series", words::thousands(count))
}

/// A selector without samples now.
fn absent(facts: &QueryFacts, side: &SideFacts, one: &SelectorFacts) -> Finding {
    const CHECK: &str = "series";
    let (which, selector) = (side.which, &one.probe.selector);
    if let Some(Err(why)) = &one.absence {
        return Finding::unanswered(CHECK, why);
    }
    if let (Some(bound), Some(Ok(bounds))) = (one.probe.bucket(), &one.buckets)
        && !bounds.is_empty()
    {
        return no_bucket(which, selector, bound, bounds);
    }
    let (message, help) = why_absent(one, which, selector);
    // Of what never happened there is no series; and queries may name what is not always there. Only a
    // name that is nearly that of another metric is no accident.
    let is_misspelled =
        matches!(&one.absence, Some(Ok(Absence::NoMetric { near })) if !near.is_empty());
    let may_be_right = side.is_query || (which == "bad" && !is_misspelled);
    let is_answered = facts.windows.iter().any(|(_, said)| said.as_ref().is_ok_and(has_events));
    if may_be_right && is_answered {
        let help = format!("right if there never was such an event; otherwise {help}");
        return Finding::warning(CHECK, message).help(help);
    }
    Finding::bad(CHECK, message).help(help)
}

fn why_absent(one: &SelectorFacts, which: &str, selector: &str) -> (String, String) {
    let nothing = format!("{which}: no series of `{selector}` has samples now");
    match &one.absence {
        Some(Ok(Absence::NoMetric { near })) => {
            let metric = one.probe.metric.as_deref().unwrap_or(selector);
            let help = match near.as_slice() {
                [] => "is it spelled as the server has it, and is it scraped?".to_owned(),
                near => format!("is one of these meant: {}?", listed(near)),
            };
            (format!("{which}: there is no metric `{metric}`"), help)
        }
        Some(Ok(Absence::NoValue { condition, label, values })) => {
            let metric = one.probe.metric.as_deref().unwrap_or(selector);
            let help = match values.as_slice() {
                [] => format!("no series of the metric has the label `{label}`; check its name"),
                values => format!("check the condition: `{label}` is {}", listed(values)),
            };
            (format!("{which}: no series of `{metric}` has {condition}"), help)
        }
        Some(Ok(Absence::Stopped)) => (
            format!("{nothing}; it had some earlier in the window"),
            "is it still scraped, or was it renamed?".to_owned(),
        ),
        Some(Ok(Absence::Combination)) => (
            nothing,
            "each condition on a label is met by some series, and all together by none: check which \
             belong together"
                .to_owned(),
        ),
        Some(Err(_) | Ok(Absence::Unexplained)) | None => {
            (nothing, "try the selector in the server's own page".to_owned())
        }
    }
}

/// A bound that no bucket of a classic histogram has.
fn no_bucket(which: &str, selector: &str, bound: f64, bounds: &[f64]) -> Finding {
    let message =
        format!("{which}: `{selector}` is no bucket: the histogram has none up to {bound}");
    let below = bounds.iter().rev().find(|known| **known < bound);
    let above = bounds.iter().find(|known| **known > bound);
    let near: Vec<String> =
        below.into_iter().chain(above).map(|near| format!("`{near}`")).collect();
    let all: Vec<String> = bounds.iter().map(f64::to_string).collect();
    let near = match near.as_slice() {
        [] => "the nearest is infinite".to_owned(),
        near => format!("the nearest are {}", near.join(" and ")),
    };
    let help = format!(
        "choose a threshold that is one of its bounds, or have the bucket added: {near}; it has {}",
        all.join(", ")
    );
    Finding::bad("bucket", message).help(help)
}

/// Whether all series of a classic histogram have the bucket that counts.
fn buckets(facts: &QueryFacts) -> Option<Finding> {
    let [all, part] = facts.sides.as_slice() else { return None };
    let ([all], [part]) = (all.selectors.as_slice(), part.selectors.as_slice()) else {
        return None;
    };
    let bound = part.probe.bucket()?;
    let (Ok(all), Ok(part)) = (&all.now, &part.now) else { return None };
    if *part == 0 || *all == 0 {
        return None;
    }
    let series = of_series(*all);
    Some(if part < all {
        let message = format!("{part} of {series} of the histogram have a bucket up to {bound}");
        Finding::warning("bucket", message)
            .help("what the others count is never good: have all instances use the same buckets")
    } else {
        Finding::ok("bucket", format!("the histogram has a bucket up to {bound}"))
    })
}

/// Whether there were samples at the beginning of the window.
fn beginning(facts: &QueryFacts, side: &SideFacts, one: &SelectorFacts) -> Option<Finding> {
    const CHECK: &str = "beginning";
    let selector = &one.probe.selector;
    let from = words::instant(facts.from);
    match one.before.as_ref()? {
        Err(why) => Some(Finding::unanswered(CHECK, why)),
        Ok(0) => {
            let since = match one.since {
                Some(since) => format!("; they begin about {}", words::instant(since)),
                None => String::new(),
            };
            let message =
                format!("no samples of `{selector}` at the beginning of the window, {from}{since}");
            let help = if side.which == "all" {
                "the window is known in part until it is full: is the metric new, or does the server keep \
                 samples for less?"
            } else if facts.has_beginning() {
                "until they begin, all events count as bad"
            } else {
                return None;
            };
            Some(Finding::warning(CHECK, message).help(help))
        }
        Ok(_) => {
            let message =
                format!("`{selector}` has samples at the beginning of the window, {from}");
            Some(Finding::ok(CHECK, message))
        }
    }
}

/// Whether what is counted is a counter.
fn counter(one: &SelectorFacts) -> Option<Finding> {
    const CHECK: &str = "type";
    const HELP: &str =
        "count a counter, or write a whole query with `{{.window}}` that suits the metric";
    if !one.probe.is_counter {
        return None;
    }
    let metric = one.probe.metric.as_deref().unwrap_or(&one.probe.selector);
    let kind = one.metric_type.as_deref().filter(|kind| *kind != "unknown");
    let falls = one.falls.as_ref().and_then(|falls| falls.as_ref().ok()).copied().unwrap_or(0.0);
    match kind {
        Some("gauge") => {
            let message = format!("`{metric}` is a gauge, and `increase` is for counters");
            Some(Finding::bad(CHECK, message).help(HELP))
        }
        _ if falls > FALLS => {
            let message = format!(
                "a series of `{metric}` fell {} in an hour: each fall counts as a restart",
                words::plural(whole(falls), "time")
            );
            Some(Finding::warning(CHECK, message).help(format!("is it a gauge? {HELP}")))
        }
        Some(kind) => Some(Finding::ok(CHECK, format!("`{metric}` is of type {kind}"))),
        None => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count; a cast of anything else saturates"
)]
fn whole(count: f64) -> u64 {
    count.round() as u64
}

/// Whether the labels of `group_by` are there, on both sides.
fn labels(facts: &QueryFacts) -> Vec<Finding> {
    const CHECK: &str = "labels";
    let mut findings = Vec::new();
    for label in &facts.group_by {
        let mut sides: Vec<(&SideFacts, BTreeSet<&String>)> = Vec::new();
        let selectors =
            facts.sides.iter().flat_map(|side| side.selectors.iter().map(move |one| (side, one)));
        for (side, one) in selectors {
            match one.labels.iter().find(|(name, _)| name == label) {
                None => {}
                Some((_, Err(why))) => findings.push(Finding::unanswered(CHECK, why)),
                // Asked of selectors that have series alone: they lack the label.
                Some((_, Ok(values))) if values.is_empty() => {
                    let (which, selector) = (side.which, &one.probe.selector);
                    let message =
                        format!("{which}: no series of `{selector}` has the label `{label}`");
                    let help = format!("take `{label}` out of `group_by`, or check its name");
                    findings.push(Finding::bad(CHECK, message).help(help));
                }
                Some((_, Ok(values))) => sides.push((side, values.iter().collect())),
            }
        }
        if let [(_, all), (part, values)] = sides.as_slice() {
            let strange: Vec<String> =
                values.difference(all).map(|value| (*value).clone()).collect();
            if !strange.is_empty() {
                let (which, values) = (part.which, listed(&strange));
                let message =
                    format!("{which} events have `{label}` {values}, which all events do not have");
                let help = "they are left out: write both selectors for the same series";
                findings.push(Finding::warning(CHECK, message).help(help));
            }
        }
        if let Some((_, all)) = sides.first() {
            let values = words::plural(all.len() as u64, "value");
            findings.push(Finding::ok(CHECK, format!("`{label}` has {values}")));
        }
    }
    findings
}

/// What the queries give as a whole.
fn events(facts: &QueryFacts, cause_is_known: bool) -> Vec<Finding> {
    const CHECK: &str = "events";
    let mut findings = Vec::new();
    let part = facts.sides.get(1).map_or("good", |side| side.which);
    let mut longest = None;
    for (length, said) in &facts.windows {
        match said {
            // A longer window fails for the same reason.
            Err(why) => {
                // Selectors without series are told in full already.
                if !cause_is_known || why.fault == Fault::Environment {
                    let finding = Finding::unanswered(CHECK, why);
                    let message = format!("over the last {length}: {}", finding.message);
                    findings.push(Finding { message, ..finding });
                }
                break;
            }
            Ok(answer) => longest = Some((*length, answer)),
        }
    }
    let Some((length, answer)) = longest else { return findings };
    let counted = answer.groups.iter().flat_map(|group| group.windows.iter().flatten());
    let mut sum = EventCount::default();
    let mut found = false;
    for count in counted {
        sum += *count;
        found = true;
    }
    if found {
        findings.extend(counts::events(CHECK, sum, &format!("the last {length}"), part));
    } else if !cause_is_known && findings.is_empty() {
        findings.extend(nothing(facts, length));
    }
    for note in &answer.notes {
        let finding = Finding::warning(CHECK, note.clone());
        findings.push(if note.starts_with("more ") {
            finding.help(format!(
                "if that is more than a few events, check that what counts as {part} is a part of all, and \
                 that the two are not swapped"
            ))
        } else {
            finding
        });
    }
    for warning in &answer.warnings {
        let message = format!("the server warns: {warning}");
        findings.push(Finding::warning(CHECK, message).help("its answer may be incomplete"));
    }
    findings.extend(groups(facts, answer));
    findings
}

fn has_events(answer: &Answer) -> bool {
    let mut counts = answer.groups.iter().flat_map(|group| group.windows.iter().flatten());
    counts.any(|count| count.total > 0.0)
}

/// The queries find nothing, though their selectors do.
fn nothing(facts: &QueryFacts, length: Duration) -> Vec<Finding> {
    const CHECK: &str = "events";
    let mut findings = Vec::new();
    for (which, said) in &facts.raw {
        let finding = match said {
            Err(why) => Finding::unanswered(CHECK, why),
            Ok(raw) if raw.numbers.iter().any(|number| number.is_nan()) => {
                Finding::bad(CHECK, format!("{which}: the query gives no number (NaN)")).help(
                    "does it divide by zero? Give both sides as counts, not as a ratio, and leave the \
                     division to `sre`",
                )
            }
            Ok(raw) if raw.histograms => Finding::bad(
                CHECK,
                format!("{which}: the query gives native histograms, not numbers"),
            )
            .help("name it as `native_histogram`, or put `histogram_count(...)` around it"),
            Ok(raw) if raw.numbers.is_empty() => Finding::bad(
                CHECK,
                format!("{which}: the query gives nothing for the last {length}, though its series have samples"),
            )
            .help(
                "try it in the server's own page: does it divide by zero? For a native histogram, is the \
                 metric one, and does the server keep them?",
            ),
            Ok(_) => continue,
        };
        findings.push(finding);
    }
    if findings.is_empty() {
        let message = format!("the queries give nothing for the last {length}");
        findings.push(Finding::bad(CHECK, message).help("try them in the server's own page"));
    }
    findings
}

/// How many groups there are.
fn groups(facts: &QueryFacts, answer: &Answer) -> Option<Finding> {
    const CHECK: &str = "groups";
    if facts.group_by.is_empty() || answer.groups.is_empty() {
        return None;
    }
    let (count, most) = (answer.groups.len(), facts.max_series);
    let by = facts.group_by.join(", ");
    let text = format!("{} by {by}", words::plural(count as u64, "group"));
    // Four in five: there is time to act before the answer is refused.
    Some(if count.saturating_mul(5) >= most.saturating_mul(4) {
        Finding::warning(CHECK, format!("{text}, of at most {most}"))
            .help("group by fewer labels, or raise `max_series` of the data source")
    } else {
        Finding::ok(CHECK, text)
    })
}

/// Some names between backquotes.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
