//! What is measured, as far as Prometheus is asked.
use super::form::{Fields, Objective};
use crate::{
    domains::slo::{dialects::openslo::any::Any, promql, spec::Queries},
    kernel::{
        source::Place,
        spec::{Field, Loss},
    },
};

/// The window in PromQL.
const WINDOW: &str = "{{.window}}";

/// The queries of an objective that asks Prometheus; where there are no words for it, that is lost.
pub(super) fn queries(objective: &Objective, losses: &mut Vec<Loss>) -> Option<Field<Queries>> {
    let (backend, backend_place) = objective.backend.pair()?;
    if !is_prometheus(backend) {
        let reason = format!("`{backend}` is no source of measurements here; nothing is measured");
        losses.push(Loss::new(backend_place, "spec.backend", reason));
        return None;
    }
    let (method, method_place) = objective.method.pair()?;
    let (fields, place) = objective.indicator.pair()?;
    let mut fields = Taken { fields, place, used: Vec::new() };
    let made = match method.as_str() {
        "good_bad_ratio" => good_bad_ratio(&mut fields),
        "query_sli" => {
            let made = query_sli(&mut fields);
            if let Ok(Queries { total: Some(total), .. }) = &made {
                let field = "spec.service_level_indicator.expression";
                let reason = "a ratio does not say how many events there are: slices of five minutes are \
                              counted instead, all alike";
                losses.push(Loss::new(total.place(), field, reason));
            }
            made
        }
        "distribution_cut" => distribution_cut(&mut fields),
        other => {
            let reason = format!("`{other}` is no method of its backend for Prometheus");
            losses.push(Loss::new(method_place, "spec.method", reason));
            return None;
        }
    };
    fields.rest(losses);
    match made {
        Ok(queries) => Some(Field::new(queries, place)),
        Err((place, field, reason)) => {
            losses.push(Loss::new(place, format!("spec.service_level_indicator{field}"), reason));
            None
        }
    }
}

/// Whether a backend asks Prometheus: `prometheus`, `prometheus/eu`.
pub(super) fn is_prometheus(backend: &str) -> bool {
    backend.split('/').next() == Some("prometheus")
}

/// Why there is no query: where, the field's path, the reason.
type Refusal = (Place, String, String);

/// Fields of an indicator, each of which has to be used.
struct Taken<'f> {
    fields: &'f Fields,
    place: Place,
    used: Vec<&'static str>,
}

impl<'f> Taken<'f> {
    fn text(&mut self, key: &'static str) -> Option<(&'f str, Place)> {
        self.used.push(key);
        let (value, place) = self.fields.get(key)?.pair()?;
        Some((value.text()?.trim(), place))
    }

    fn number(&mut self, key: &'static str) -> Option<(f64, Place)> {
        self.used.push(key);
        let (value, place) = self.fields.get(key)?.pair()?;
        match value {
            Any::Number(number) => Some((*number, place)),
            Any::Text(text) => Some((text.parse().ok()?, place)),
            _ => None,
        }
    }

    fn need(&mut self, key: &'static str) -> Result<(&'f str, Place), Refusal> {
        let reason = || (self.place, format!(".{key}"), format!("there is no `{key}`"));
        let missing = reason();
        self.text(key).ok_or(missing)
    }

    /// Fields that nothing asked for.
    fn rest(&self, losses: &mut Vec<Loss>) {
        for (key, value) in self.fields {
            if !self.used.contains(&key.as_str()) {
                let field = format!("spec.service_level_indicator.{key}");
                losses.push(Loss::new(value.place(), field, "the method does not use it"));
            }
        }
    }
}

fn none() -> Queries {
    Queries { good: None, bad: None, total: None, histogram: None, native_histogram: None }
}

fn side((text, place): (String, Place)) -> Field<String> {
    Field::new(text, place)
}

/// Counters of good and of bad or all events. `operators` wrap them from the inside out; by default their
/// increase is summed up, which is what a selector means here.
fn good_bad_ratio(fields: &mut Taken<'_>) -> Result<Queries, Refusal> {
    fields.used.push("operators");
    let operators = match fields.fields.get("operators").and_then(Field::pair) {
        None => vec!["increase", "sum"],
        Some((Any::List(items), _)) => items.iter().filter_map(|item| item.get()?.text()).collect(),
        Some((_, place)) => {
            return Err((place, ".operators".into(), "it is no list of functions".to_owned()));
        }
    };
    let asked = |(text, place): (&str, Place)| {
        if operators == ["increase", "sum"] && promql::read(text).plain {
            return (text.to_owned(), place);
        }
        let mut query = windowed(text);
        for operator in &operators {
            query = format!("{operator}({query})");
        }
        (query, place)
    };
    let good = asked(fields.need("filter_good")?);
    let (bad, valid) = (fields.text("filter_bad"), fields.text("filter_valid"));
    let good = Some(side(good));
    if let Some(valid) = valid {
        return Ok(Queries { good, total: Some(side(asked(valid))), ..none() });
    }
    let Some(bad) = bad else {
        let reason = "there is neither `filter_bad` nor `filter_valid`".to_owned();
        return Err((fields.place, String::new(), reason));
    };
    Ok(Queries { good, bad: Some(side(asked(bad))), ..none() })
}

/// The query over the window: where it has no word for it, the window follows it.
fn windowed(text: &str) -> String {
    let named = with_window(text);
    if named == text { format!("{text}[{WINDOW}]") } else { named }
}

/// The query with our word for the window.
fn with_window(text: &str) -> String {
    text.replace("[window]", &format!("[{WINDOW}]"))
}

/// A ratio that is computed by the query. Every five minutes count alike, whatever their traffic.
fn query_sli(fields: &mut Taken<'_>) -> Result<Queries, Refusal> {
    let (text, place) = fields.need("expression")?;
    let named = with_window(text);
    // A query without the window is asked for it as a whole, which is a range of what it selects.
    let ranged = if named == text && promql::read(text).plain {
        format!("{text}[5m]")
    } else {
        text.replace("[window]", "[5m]")
    };
    if ranged.contains("[window") {
        let reason = "the window stands beside something that is not understood".to_owned();
        return Err((place, ".expression".into(), reason));
    }
    let counted = |function: &str| {
        Some(side((format!("{function}(((\n{ranged}\n) >= 0)[{WINDOW}:5m])"), place)))
    };
    Ok(Queries { good: counted("sum_over_time"), total: counted("count_over_time"), ..none() })
}

/// Buckets of a histogram up to a bound, over its count.
fn distribution_cut(fields: &mut Taken<'_>) -> Result<Queries, Refusal> {
    let (text, place) = fields.need("expression")?;
    let Some((threshold, _)) = fields.number("threshold_bucket") else {
        let reason = "there is no `threshold_bucket`, or it is no number".to_owned();
        return Err((fields.place, ".threshold_bucket".into(), reason));
    };
    let query = promql::read(text);
    let refused = |reason: &str| (place, ".expression".to_owned(), reason.to_owned());
    if !query.plain {
        return Err(refused("it is no selector of buckets"));
    }
    let (name, matchers) = text.split_once('{').map_or((text, ""), |(name, rest)| {
        (name, rest.trim_end().strip_suffix('}').unwrap_or(rest))
    });
    let Some(base) = name.trim().strip_suffix("_bucket") else {
        return Err(refused("it is no selector of buckets, which end in `_bucket`"));
    };
    let matchers = matchers.trim().trim_end_matches(',').trim_end();
    // Prometheus 3 writes whole bounds with a decimal point, earlier ones as they came.
    let bound = if threshold.fract() == 0.0 {
        format!("le=~\"{threshold}(\\\\.0)?\"")
    } else {
        format!("le=\"{threshold}\"")
    };
    let bucket = if matchers.is_empty() { bound } else { format!("{matchers},{bound}") };
    let all = if matchers.is_empty() { String::new() } else { format!("{{{matchers}}}") };
    Ok(Queries {
        good: Some(side((format!("{base}_bucket{{{bucket}}}"), place))),
        total: Some(side((format!("{base}_count{all}"), place))),
        ..none()
    })
}
