//! Our indicators as Pyrra's.
use super::{
    super::objective::{Metric, PyrraIndicator, WHOLE_OR_POINT_ZERO},
    Raising,
};
use crate::{
    domains::slo::{
        promql::{Matcher, Operator},
        queries::{Question, Side},
        resolve::Measurement,
        spec::{Indicator, ServiceLevelObjective},
    },
    kernel::{
        measure::server::with_window,
        source::Place,
        spec::{Either, Field, Optional},
        units::Duration,
    },
};

impl Raising<'_, '_> {
    /// What is measured; `None` where Pyrra cannot measure it, which is a loss.
    pub(super) fn indicator(&mut self, slo: &ServiceLevelObjective) -> Option<PyrraIndicator> {
        let at = slo.sli.as_ref().map_or_else(|| self.document.name_place(), Field::place);
        if let Some(first) = slo.composite.first() {
            let reason = "Pyrra knows no objectives made of others; the objective is not written";
            self.lose(first.place(), "spec.composite", reason);
            return None;
        }
        if let Some(inline) = slo.sli.value().and_then(Either::mapping) {
            self.described(inline);
        }
        self.referred(at);
        let measurement =
            self.objective.indicator.as_ref().and_then(|indicator| indicator.measurement.as_ref());
        let refuse = |this: &mut Self, place, reason: &str| {
            this.lose(place, "spec.sli", format!("{reason}; the objective is not written"));
            None
        };
        let question = match measurement {
            Some(Measurement::Prometheus(question)) => question,
            Some(Measurement::Events { .. } | Measurement::Counts { .. }) => {
                return refuse(self, at, "Pyrra measures metrics of Prometheus only");
            }
            None => return refuse(self, at, "nothing says how it is measured"),
        };
        match pyrra_indicator(question, &self.objective.group_by) {
            Some(indicator) => Some(indicator),
            None => refuse(self, question.place, "Pyrra counts plain selectors, and this is more"),
        }
    }

    /// Whether a native histogram is measured.
    pub(super) fn is_native(&self) -> bool {
        let indicator = self.objective.indicator.as_ref();
        match indicator.and_then(|indicator| indicator.measurement.as_ref()) {
            Some(Measurement::Prometheus(question)) => {
                matches!(question.total, Side::NativeHistogram { .. })
            }
            _ => false,
        }
    }

    /// What an indicator of its own document says beyond its queries.
    fn referred(&mut self, at: Place) {
        let Some(indicator) = &self.objective.indicator else { return };
        if indicator.name.is_none() {
            return;
        }
        let (category, source) = (indicator.category, indicator.source);
        if category.is_some() {
            self.lose(at, "spec.sli.category", "Pyrra's indicators have no category");
        }
        if source.is_some() {
            let reason = "Pyrra asks the one server that it is started with";
            self.lose(at, "spec.sli.source", reason);
        }
    }

    /// What an indicator says of itself beyond its queries.
    fn described(&mut self, indicator: &Indicator) {
        let Indicator {
            category,
            indicator,
            measurement_method,
            source,
            // How it is measured is written, or the objective is not.
            events: _,
            counts: _,
            prometheus: _,
        } = indicator;
        let words = "Pyrra's indicators have no words for people";
        let server = "Pyrra asks the one server that it is started with";
        let lost: [(Option<Place>, &str, &str); 4] = [
            (
                category.as_ref().map(Field::place),
                "category",
                "Pyrra's indicators have no category",
            ),
            (indicator.as_ref().map(Field::place), "indicator", words),
            (measurement_method.as_ref().map(Field::place), "measurement_method", words),
            (source.as_ref().map(Field::place), "source", server),
        ];
        for (place, field, reason) in lost {
            if let Some(place) = place {
                self.lose(place, format!("spec.sli.{field}"), reason);
            }
        }
    }
}

/// The indicator that asks the same.
fn pyrra_indicator(question: &Question, group_by: &[&str]) -> Option<PyrraIndicator> {
    if let (
        Side::NativeHistogram { selector: total, up_to: None },
        Side::NativeHistogram { selector: part, up_to: Some(latency) },
    ) = (&question.total, &question.part)
    {
        let same = question.part_is_good && total == part;
        return same
            .then(|| {
                Some(PyrraIndicator::LatencyNative {
                    total: Metric::parse(total)?,
                    latency: *latency,
                })
            })
            .flatten();
    }
    if let Some(gauge) = gauge(question, group_by) {
        return Some(gauge);
    }
    let total = counter(&question.total, group_by)?;
    let part = counter(&question.part, group_by)?;
    if !question.part_is_good {
        return Some(PyrraIndicator::Ratio { errors: part, total });
    }
    if let Some(success) = with_one_bound(&part) {
        return Some(PyrraIndicator::Latency { success, total });
    }
    let errors = rest(&total, &part)?;
    Some(PyrraIndicator::Ratio { errors, total })
}

/// The counter whose increase a side is.
fn counter(side: &Side, group_by: &[&str]) -> Option<Metric> {
    match side {
        Side::Counter(selector) => Metric::parse(selector),
        Side::Query { text, .. } => {
            ["increase", "rate"].into_iter().find_map(|function| summed(text, function, group_by))
        }
        Side::Sum(..) | Side::NativeHistogram { .. } => None,
    }
}

/// A gauge whose samples are summed up and counted.
fn gauge(question: &Question, group_by: &[&str]) -> Option<PyrraIndicator> {
    let (Side::Query { text: total, .. }, Side::Query { text: part, .. }) =
        (&question.total, &question.part)
    else {
        return None;
    };
    let metric = summed(total, "count_over_time", group_by)?;
    let up = summed(part, "sum_over_time", group_by)?;
    (question.part_is_good && metric == up).then_some(PyrraIndicator::BoolGauge { metric })
}

/// The metric of `sum(function(metric[{{.window}}]))`, grouped by these labels.
fn summed(text: &str, function: &str, group_by: &[&str]) -> Option<Metric> {
    let rest = text.trim().strip_prefix("sum")?.trim_start();
    let (labels, rest) = match rest.strip_prefix("by") {
        None => (Vec::new(), rest),
        Some(rest) => {
            let (labels, rest) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
            let labels = labels.split(',').map(str::trim).filter(|label| !label.is_empty());
            (labels.collect(), rest.trim_start())
        }
    };
    let mut expected: Vec<&str> = group_by.to_vec();
    let mut found: Vec<&str> = labels;
    for list in [&mut expected, &mut found] {
        list.sort_unstable();
        list.dedup();
    }
    let call = rest.strip_prefix('(')?.strip_suffix(')')?.trim();
    let ranged = call.strip_prefix(function)?.trim().strip_prefix('(')?.strip_suffix(')')?.trim();
    let selector = ranged.strip_suffix(']')?.trim_end().strip_suffix("}}")?.trim_end();
    let selector = selector.strip_suffix(".window")?.trim_end().strip_suffix("{{")?;
    let selector = selector.trim_end().strip_suffix('[')?;
    // A selector that depends on the window itself is no metric of Pyrra's.
    let is_plain =
        expected == found && with_window(selector, Duration::from_minutes(5)) == selector;
    is_plain.then(|| Metric::parse(selector)).flatten()
}

/// A bucket as Pyrra wants it: with one bound, which is a number. Whole bounds that match as both versions
/// of Prometheus write them become plain ones, of which Pyrra makes the same.
fn with_one_bound(metric: &Metric) -> Option<Metric> {
    let mut metric = metric.clone();
    let bound = metric.matchers.iter_mut().find(|matcher| matcher.label == "le")?;
    if bound.operator == Operator::Matches {
        let whole = bound.value.strip_suffix(WHOLE_OR_POINT_ZERO)?.to_owned();
        *bound = Matcher { operator: Operator::Equal, value: whole, ..bound.clone() };
    }
    let fine = bound.operator == Operator::Equal && bound.value.parse::<f64>().is_ok();
    fine.then_some(metric)
}

/// The bad events, where the good ones are those of all that meet one more condition: those that do not.
fn rest(total: &Metric, good: &Metric) -> Option<Metric> {
    let more: Vec<&Matcher> =
        good.matchers.iter().filter(|matcher| !total.matchers.contains(matcher)).collect();
    let [condition] = more[..] else { return None };
    let same = total.name == good.name
        && total.matchers.iter().all(|matcher| good.matchers.contains(matcher));
    let operator = match condition.operator {
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
        Operator::Matches => Operator::MatchesNot,
        Operator::MatchesNot => Operator::Matches,
    };
    let mut errors = total.clone();
    errors.matchers.push(Matcher { operator, ..condition.clone() });
    same.then_some(errors)
}
