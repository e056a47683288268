//! What the services of objectives need, measured with them.
use super::{Measuring, errors_in_need, subjects::Subject};
use crate::{
    cli::Workspace,
    domains::slo::{
        assess::{Assessment, Measurements, Outcome, Unknown},
        behind::{Behind, Left, Need},
        promises, resolve,
        spec::ServiceLevelObjective,
    },
    kernel::{
        series::EventSeries,
        spec::{Document, Optional as _},
    },
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The objectives of what the chosen ones need.
pub(super) struct Needed<'a> {
    /// What each objective needs, by the objective's name; empty unless it was asked for.
    needs: BTreeMap<&'a str, Vec<Need<'a>>>,
    /// The objectives that can be measured, each once.
    objectives: Vec<(&'a Document, &'a ServiceLevelObjective)>,
}

impl<'a> Needed<'a> {
    /// Of the chosen objectives those that speak of the availability of a service.
    pub(super) fn of(
        arguments: &Measuring,
        workspace: &'a Workspace,
        chosen: &[(&'a Document, &'a ServiceLevelObjective)],
    ) -> Self {
        let mut needed = Self { needs: BTreeMap::new(), objectives: Vec::new() };
        if !arguments.dependencies {
            return needed;
        }
        let behind = Behind::of(&workspace.catalog);
        let mut seen = BTreeSet::new();
        for (document, slo) in chosen {
            let Some(service) = slo.service.value() else { continue };
            if !promises::promises_availability(&workspace.catalog, document, slo) {
                continue;
            }
            let needs = behind.needs(service.name());
            for (objective, _) in needs.iter().filter_map(|need| need.objective) {
                if seen.insert(objective.name())
                    && let Some(slo) = objective.spec()
                    && is_whole(workspace, objective, slo)
                {
                    needed.objectives.push((objective, slo));
                }
            }
            needed.needs.insert(document.name(), needs);
        }
        needed
    }

    /// The objectives that have to be measured too.
    pub(super) fn objectives(&self) -> &[(&'a Document, &'a ServiceLevelObjective)] {
        &self.objectives
    }

    /// How to measure: as far back as the chosen objectives look, for it is their windows that count.
    pub(super) fn measuring<'m>(
        &self,
        arguments: &'m Measuring,
        chosen: impl Iterator<Item = &'m Subject<'a>>,
    ) -> Cow<'m, Measuring>
    where
        'a: 'm,
    {
        if self.objectives.is_empty() {
            return Cow::Borrowed(arguments);
        }
        let furthest = chosen.map(Subject::looks_back).max().unwrap_or_default();
        let lookback = arguments.lookback.max(furthest);
        Cow::Owned(Measuring { lookback, ..arguments.clone() })
    }

    /// With what became of them: `at` says which of `all` belong to the objectives.
    pub(super) fn measured<'m>(
        self,
        at: &[usize],
        all: &'m [Result<Vec<Measurements>, Unknown>],
    ) -> NeededMeasured<'a, 'm> {
        let names = self.objectives.iter().map(|(document, _)| document.name());
        let found = names.zip(at.iter().map(|at| &all[*at])).collect();
        NeededMeasured { needs: self.needs, found }
    }
}

/// Whether an objective can be measured.
fn is_whole(workspace: &Workspace, document: &Document, slo: &ServiceLevelObjective) -> bool {
    let resolved = resolve::resolve(&workspace.catalog, &workspace.settings, document, slo);
    let id = workspace.catalog.id(document);
    resolved.is_ok() && id.is_some_and(|id| errors_in_need(workspace, &[id].into()).is_empty())
}

/// What became of measuring the objectives of what the chosen ones need.
pub(super) struct NeededMeasured<'a, 'm> {
    needs: BTreeMap<&'a str, Vec<Need<'a>>>,
    found: BTreeMap<&'a str, &'m Result<Vec<Measurements>, Unknown>>,
}

impl NeededMeasured<'_, '_> {
    /// Says in an assessment what was left for its objective.
    pub(super) fn tell(&self, assessment: &mut Assessment<'_>) {
        let Some(needs) = self.needs.get(assessment.objective.document.name()) else { return };
        let Ok(Outcome::Measured(reading)) = &mut assessment.outcome else { return };
        let window = (reading.window.from, reading.window.to.min(reading.at));
        let target = assessment.objective.objective.target();
        reading.dependencies = Some(Left::of(needs, target, window, |need| self.series(need)));
    }

    fn series(&self, need: &Need<'_>) -> Result<Vec<&EventSeries>, String> {
        let found = need.objective.and_then(|(document, _)| self.found.get(document.name()));
        match found {
            Some(Ok(groups)) => Ok(groups.iter().map(|group| &*group.series).collect()),
            Some(Err(unknown)) => Err(unknown.reason.clone()),
            None => Err("its objective has errors, or lacks something".to_owned()),
        }
    }
}
