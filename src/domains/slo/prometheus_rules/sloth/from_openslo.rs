//! Objectives from documents of OpenSLO `v1alpha`, the version that Sloth reads.
//!
//! Each objective of a document is one, told apart by its number; none has alerts. What Sloth refuses, such
//! as a window that is not in days, is read as any other document.
use super::{
    subject::{self, Measured, Parts, Shape, Subject, Texts},
    windows,
};
use crate::{
    domains::slo::{
        dialects::openslo::{
            Body, Object, Version,
            any::Any,
            v1::{Metric, Objective, SloSpec},
        },
        resolve::{Incomplete, ResolvedObjective},
        spec::ServiceLevelObjective,
    },
    kernel::{
        source::Place,
        spec::{Catalog, Field, Optional as _},
        units::Duration,
    },
};

/// What Sloth knows of an objective of OpenSLO's; `None` where it would not read it.
pub(super) fn subject(
    catalog: &Catalog,
    resolved: &ResolvedObjective<'_>,
) -> Result<Option<Subject>, Incomplete> {
    let Some(object) = resolved.document.origin::<Object>() else { return Ok(None) };
    let Body::Slo(slo) = &object.body else { return Ok(None) };
    let Some(found) = of_version(object, slo, resolved) else { return Ok(None) };
    let Found { service, name, index, ratio, target } = found;
    let period = resolved.objective.window();
    let windows = windows(catalog, period, resolved.document.name_place())?;
    let name = format!("{name}-{index}");
    Ok(Some(Subject {
        document: object.place,
        index,
        shape: Shape::RuleFile { mode: "cli-gen-openslo" },
        id: format!("{service}-{name}"),
        service: service.to_owned(),
        name,
        objective: target * 100.0,
        period,
        labels: Texts::new(),
        measured: Measured::Ratio(ratio),
        windows: subject::recorded(&windows),
        base: windows.page[0].short,
        page: None,
        ticket: None,
        parts: Parts::ALL,
        spec: "openslo/v1alpha",
    }))
}

/// What is looked for in a document.
struct Found<'a> {
    service: &'a str,
    name: &'a str,
    index: usize,
    ratio: String,
    target: f64,
}

fn of_version<'a>(
    object: &'a Object,
    slo: &'a SloSpec,
    resolved: &ResolvedObjective<'_>,
) -> Option<Found<'a>> {
    let days = resolved.objective.window().milliseconds() % Duration::from_days(1).milliseconds();
    let readable =
        object.version == Version::V1Alpha && resolved.window.calendar().is_none() && days == 0;
    if !readable {
        return None;
    }
    let at = resolved.document.spec::<ServiceLevelObjective>()?.target.place();
    let (index, objective) = objectives(slo).find(|(_, it)| place(it) == Some(at))?;
    Some(Found {
        service: slo.service.get()?,
        name: object.metadata.name.get()?,
        index,
        ratio: ratio(objective)?,
        target: *objective.target.value()?,
    })
}

fn objectives(slo: &SloSpec) -> impl Iterator<Item = (usize, &Objective)> {
    let all = slo.objectives.value().into_iter().flatten().enumerate();
    all.filter_map(|(index, field)| Some((index, field.get()?)))
}

/// Where the target of an objective stands.
fn place(objective: &Objective) -> Option<Place> {
    objective.target.as_ref().map(Field::place)
}

/// The share of bad events, as Sloth lays it out.
fn ratio(objective: &Objective) -> Option<String> {
    let metrics = objective.indicator.value()?.spec.get()?.ratio_metric.value()?;
    let (good, total) = (query(metrics.good.value()?)?, query(metrics.total.value()?)?);
    Some(format!(
        "\n  1 - (\n    (\n      {good}\n    )\n    /\n    (\n      {total}\n    )\n  )\n"
    ))
}

fn query(metric: &Metric) -> Option<&str> {
    match metric.metric_source.get()?.spec.get()?.get("query")?.get()? {
        Any::Text(text) => Some(text),
        _ => None,
    }
}
