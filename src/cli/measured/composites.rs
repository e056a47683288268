//! Composites: their measurements, out of those of their parts.
use super::{Measured, adjustments, subjects::Subject, time};
use crate::{
    cli::{Failure, Workspace},
    domains::slo::{
        assess::{Measurements, Unknown},
        composed::{self, MeasuredPart},
        resolve::ResolvedObjective,
    },
    kernel::units::Instant,
};
use std::collections::BTreeMap;

/// Everything that was measured, for composites to choose their parts from.
pub(super) struct Composites<'s, 'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) subjects: &'s [Subject<'a>],
    pub(super) measured: &'s Measured,
    /// A stretch of time that was chosen instead of windows.
    pub(super) period: Option<(Instant, Instant)>,
}

/// How deep composites may be nested: more than anyone can explain, and far less than the stack holds.
const DEEPEST: usize = 32;

/// The way through composites of composites.
struct Walk<'a> {
    /// The composites that lead here.
    path: Vec<&'a str>,
    /// Those that were joined already: a part of several is joined once.
    known: BTreeMap<&'a str, Result<Measurements, Unknown>>,
}

impl<'a> Composites<'_, 'a> {
    /// The measurements of a composite over the window of `over`: its own, or that of the composite that
    /// it is a part of.
    ///
    /// # Errors
    /// If the adjustments of a part are incomplete.
    pub(super) fn measurements(
        &self,
        composite: &ResolvedObjective<'a>,
        over: &ResolvedObjective<'a>,
    ) -> Result<Result<Measurements, Unknown>, Failure> {
        let mut walk = Walk { path: vec![composite.document.name()], known: BTreeMap::new() };
        self.within(composite, over, &mut walk)
    }

    fn within(
        &self,
        composite: &ResolvedObjective<'a>,
        over: &ResolvedObjective<'a>,
        walk: &mut Walk<'a>,
    ) -> Result<Result<Measurements, Unknown>, Failure> {
        let mut parts = Vec::new();
        for (name, weight) in &composite.composite {
            let unknown = |reason: &str| {
                let message = format!("its part `{name}`: {reason}");
                Ok(Err(Unknown::input(message)))
            };
            let named = |subject: &Subject<'_>| subject.first().document.name() == *name;
            let Some(at) = self.subjects.iter().position(named) else {
                return unknown("there is no such objective");
            };
            let subject = &self.subjects[at];
            let objective = subject.first();
            let measured = if objective.composite.is_empty() {
                match &self.measured[at] {
                    Err(Unknown { reason, fault }) => {
                        let reason = format!("its part `{name}`: {reason}");
                        return Ok(Err(Unknown { reason, fault: *fault }));
                    }
                    Ok(groups) => match groups.as_slice() {
                        [only] if only.group.is_empty() => only.clone(),
                        _ => return unknown("an objective with `group_by` cannot be a part"),
                    },
                }
            } else {
                if walk.path.contains(name) {
                    return unknown("it contains itself");
                }
                if walk.path.len() == DEEPEST {
                    return unknown(
                        "composites are nested too deep; let one name the parts itself",
                    );
                }
                let inner = if let Some(known) = walk.known.get(name) {
                    known.clone()
                } else {
                    walk.path.push(name);
                    let inner = self.within(objective, over, walk)?;
                    walk.path.pop();
                    walk.known.insert(name, inner.clone());
                    inner
                };
                match inner {
                    Ok(measured) => measured,
                    Err(Unknown { reason, fault }) => {
                        let reason = format!("its part `{name}`: {reason}");
                        return Ok(Err(Unknown { reason, fault }));
                    }
                }
            };
            let adjustments = if subject.is_adjusted {
                adjustments(self.workspace, subject, time(&measured))?
            } else {
                Vec::new()
            };
            parts.push(MeasuredPart { weight: *weight, objective, measured, adjustments });
        }
        // What counts is the composite's method, over the window that was asked for.
        let asked = ResolvedObjective {
            window: over.window.clone(),
            objective: over.objective,
            ..composite.clone()
        };
        Ok(composed::compose(&asked, &parts, self.period))
    }
}
