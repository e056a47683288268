//! From a rotation as it is written to what the engine computes with: names followed, civil times made
//! instants, defaults applied.
mod changes;
mod times;
mod turns;

pub use times::{days, instant, minutes, window};

use super::{
    engine::{Layer, Nested, Schedule, Temporary},
    rules,
    spec::{Role, Rotation},
};
use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{Catalog, Document, Either, Field, Optional as _, Ref},
    time::Zone,
};

/// A rotation with everything that it needs.
#[derive(Clone, Debug)]
pub struct ResolvedRotation<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a Rotation,
    /// Whose clocks it goes by.
    pub zone: Zone,
    /// Who is called first.
    pub primary: Duty,
    /// Who is called when they do not answer; `None` where the rotation has nobody for that.
    pub secondary: Option<Duty>,
}

impl ResolvedRotation<'_> {
    /// What it has for a role.
    pub fn duty(&self, role: Role) -> Option<&Duty> {
        match role {
            Role::Primary => Some(&self.primary),
            Role::Secondary => self.secondary.as_ref(),
        }
    }

    /// Its roles, the one that is called first first.
    pub fn duties(&self) -> impl Iterator<Item = (Role, &Duty)> {
        [Role::Primary, Role::Secondary]
            .into_iter()
            .filter_map(|role| Some((role, self.duty(role)?)))
    }
}

/// Who is on call in a role.
#[derive(Clone, Debug)]
pub struct Duty {
    /// Everything that says it.
    pub schedule: Schedule,
    /// Where its overrides stand, in their order; a swap stands there once for each of its sides.
    pub override_places: Vec<Place>,
}

/// Resolves a rotation.
///
/// # Errors
/// Everything that is wrong with it; or nothing, where it was told already when it was read.
pub fn resolve<'a>(
    catalog: &'a Catalog,
    document: &'a Document,
    spec: &'a Rotation,
) -> Result<ResolvedRotation<'a>, Vec<Finding>> {
    let mut resolving = Resolving { catalog, findings: Vec::new(), within: vec![document.name()] };
    let duties = resolving.duties(document.name(), spec, document.name_place());
    match (duties, spec.time_zone.get()) {
        (Some((primary, secondary)), Some(zone)) if resolving.findings.is_empty() => {
            let zone = zone.clone();
            Ok(ResolvedRotation { document, spec, zone, primary, secondary })
        }
        _ => Err(resolving.findings),
    }
}

/// All rotations of a catalog that can be resolved, by name.
pub fn all(catalog: &Catalog) -> Vec<ResolvedRotation<'_>> {
    let rotations = catalog.iter::<Rotation>();
    rotations.filter_map(|(document, spec)| resolve(catalog, document, spec).ok()).collect()
}

struct Resolving<'a> {
    catalog: &'a Catalog,
    findings: Vec<Finding>,
    /// Names of the rotations that are being resolved: one that is a layer of itself would have no end.
    within: Vec<&'a str>,
}

impl<'a> Resolving<'a> {
    /// Who is on call in a rotation, first and second.
    fn duties(
        &mut self,
        name: &'a str,
        rotation: &'a Rotation,
        at: Place,
    ) -> Option<(Duty, Option<Duty>)> {
        let zone = rotation.time_zone.get()?;
        let (layers, nested) = if rotation.layers.is_empty() {
            (self.turns(name, rotation, at).into_iter().collect(), Vec::new())
        } else {
            self.refuse_turns_beside_layers(rotation);
            (Vec::new(), self.nested(rotation))
        };
        let turns = Schedule { layers, nested, ..Schedule::default() };
        let secondary = rotation.secondary.value().and_then(|follow| {
            let offset = i64::from(*follow.offset.get()?);
            if offset == 0 {
                let message = "an offset of 0 is the primary itself";
                self.wrong(
                    &rules::ROTATION_SHAPE,
                    follow.offset.place(),
                    message,
                    "write `offset: -1` for whoever had the turn before",
                );
                return None;
            }
            Some(shifted(&turns, offset))
        });
        let temporary = self.temporary(zone, rotation);
        let mut overrides = self.overrides(zone, rotation);
        if let (None, Some((_, place, _))) =
            (&secondary, overrides.iter().find(|(role, ..)| *role == Role::Secondary))
        {
            let message = "the rotation has no secondary who could be replaced";
            self.wrong(
                &rules::ROTATION_SHAPE,
                *place,
                message,
                "write `secondary: {offset: -1}`, or leave the role out",
            );
        }
        overrides.extend(self.swaps(zone, rotation));
        let duty = |role: Role, turns: Schedule, temporary: Vec<Temporary>| {
            let own = overrides.iter().filter(|(of, ..)| *of == role);
            let (override_places, overrides) =
                own.map(|(_, place, change)| (*place, change.clone())).unzip();
            Duty { schedule: Schedule { temporary, overrides, ..turns }, override_places }
        };
        let primary = duty(Role::Primary, turns, temporary);
        Some((primary, secondary.map(|turns| duty(Role::Secondary, turns, Vec::new()))))
    }

    fn wrong(
        &mut self,
        rule: &'static crate::kernel::diagnostic::Rule,
        place: Place,
        message: impl Into<String>,
        help: &str,
    ) {
        self.findings.push(Finding::new(rule, place, message).help(help));
    }

    /// Layers have turns of their own: what says something of turns beside them would say nothing.
    fn refuse_turns_beside_layers(&mut self, rotation: &Rotation) {
        let fields = [
            ("rotation_type", rotation.rotation_type.as_ref().map(Field::place)),
            ("handoff_time", rotation.handoff_time.as_ref().map(Field::place)),
            ("handoff_day", rotation.handoff_day.as_ref().map(Field::place)),
            ("start", rotation.start.as_ref().map(Field::place)),
            ("until", rotation.until.as_ref().map(Field::place)),
            ("coverage", rotation.coverage.first().map(Field::place)),
        ];
        for (field, place) in fields {
            let Some(place) = place else { continue };
            let message = format!("`{field}` says nothing beside `layers`, which have their own");
            let help = "write it in the rotation of a layer, or leave it out";
            self.wrong(&rules::ROTATION_SHAPE, place, message, help);
        }
    }

    /// The rotations that a rotation is made of.
    fn nested(&mut self, rotation: &'a Rotation) -> Vec<Nested> {
        let mut nested = Vec::new();
        for spec in rotation.layers.iter().filter_map(Field::get) {
            let Some((either, place)) = spec.rotation.pair() else { continue };
            let found = match either {
                Either::Mapping(inline) => {
                    let name = spec.name.value().map_or("layer", String::as_str);
                    self.duties(name, inline, place).map(|(primary, _)| (name, primary))
                }
                Either::Scalar(name) => self.named(name, place),
            };
            let Some((name, primary)) = found else { continue };
            nested.push(Nested {
                name: spec.name.value().map_or(name, String::as_str).to_owned(),
                priority: spec.priority.value().copied().unwrap_or(0).into(),
                schedule: primary.schedule,
            });
        }
        nested
    }

    fn named(&mut self, name: &'a Ref<Rotation>, place: Place) -> Option<(&'a str, Duty)> {
        // What does not exist was told when the documents were linked.
        let (document, rotation) = self.catalog.get::<Rotation>(name.name())?;
        let name = document.name();
        if self.within.contains(&name) {
            let message = format!("`{name}` is a layer of itself");
            let help = "a rotation that is a layer has turns of its own";
            self.wrong(&rules::ROTATION_SHAPE, place, message, help);
            return None;
        }
        self.within.push(name);
        let duties = self.duties(name, rotation, document.name_place());
        self.within.pop();
        Some((name, duties?.0))
    }
}

/// The same turns, each of whoever has it so many turns away.
fn shifted(turns: &Schedule, offset: i64) -> Schedule {
    let layers = turns.layers.iter().map(|layer| Layer { offset, ..layer.clone() });
    let nested = turns
        .nested
        .iter()
        .map(|nested| Nested { schedule: shifted(&nested.schedule, offset), ..nested.clone() });
    Schedule { layers: layers.collect(), nested: nested.collect(), ..Schedule::default() }
}
