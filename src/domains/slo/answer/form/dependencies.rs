//! The machine form of what dependencies left for an objective.
use crate::{
    domains::{
        service::attainability::Availability,
        slo::behind::{Attainable, Left, LeftBy},
    },
    kernel::units::Ratio,
};
use schemars::JsonSchema;
use serde::Serialize;

/// What the services that a service cannot do without left for an objective of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Dependencies")]
pub(super) struct DependenciesForm {
    /// Whether the objective's target is attainable with what was measured: `yes`; `perhaps`, where losses
    /// would have to overlap enough within a step; `no`; `unknown`, where nothing was measured.
    attainable: &'static str,
    /// Whether the product of the declared targets permits it; null where nothing is declared.
    attainable_as_declared: Option<bool>,
    /// The product of the declared targets; null where nothing is declared.
    declared: Option<f64>,
    /// How good a service could be that fails with all that were measured; null where none was.
    measured: Option<CeilingForm>,
    /// The dependencies, near ones first.
    items: Vec<DependencyForm>,
}

/// How good a service could be that fails whenever one of its dependencies does.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Ceiling")]
struct CeilingForm {
    /// If losses do not overlap within a step.
    at_least: f64,
    /// If losses overlap as much as they can.
    at_most: f64,
    /// If failures were independent: the product of what each had.
    independent: f64,
    /// The steps in which losses are compared.
    step: String,
    /// In how many of them at least one dependency was measured.
    steps: u64,
}

/// One dependency.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Dependency")]
struct DependencyForm {
    /// The service.
    service: String,
    /// Its strictest objective of availability.
    objective: Option<String>,
    /// The target of that.
    target: Option<f64>,
    /// Independent copies of it, any one of which is enough.
    copies: u8,
    /// Share of its good events in the window.
    sli: Option<f64>,
    /// What it lost, in minutes of a total outage.
    lost_minutes: Option<f64>,
    /// What nothing else lost at the same time.
    alone_minutes: Option<f64>,
    /// What others lost as well.
    shared_minutes: Option<f64>,
    /// Share of the steps in which it was measured.
    coverage: Option<f64>,
    /// Why nothing is known, where that is so.
    reason: Option<String>,
}

impl DependenciesForm {
    pub(super) fn of(left: &Left) -> Self {
        Self {
            attainable: match left.attainable() {
                Attainable::Yes => "yes",
                Attainable::Perhaps => "perhaps",
                Attainable::No => "no",
                Attainable::Unknown => "unknown",
            },
            attainable_as_declared: left.attainable_as_declared(),
            declared: left.declared.map(Availability::as_f64),
            measured: left.ceiling.as_ref().map(|ceiling| CeilingForm {
                at_least: ceiling.at_least,
                at_most: ceiling.at_most,
                independent: ceiling.independent,
                step: ceiling.slice.to_string(),
                steps: ceiling.slices,
            }),
            items: left.dependencies.iter().map(DependencyForm::of).collect(),
        }
    }
}

impl DependencyForm {
    fn of(one: &LeftBy) -> Self {
        let lost = one.measured.as_ref().ok();
        Self {
            service: one.service.clone(),
            objective: one.objective.clone(),
            target: one.target.map(Ratio::as_f64),
            copies: one.copies,
            sli: lost.and_then(|lost| Some(1.0 - lost.events.error_ratio()?)),
            lost_minutes: lost.map(|lost| lost.part.lost_minutes),
            alone_minutes: lost.map(|lost| lost.part.exclusive_minutes),
            shared_minutes: lost.map(|lost| lost.part.shared_minutes),
            coverage: lost.map(|lost| lost.part.coverage),
            reason: one.measured.as_ref().err().cloned(),
        }
    }
}
