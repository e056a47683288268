//! Changes of who is on call, as they are written into a rotation, and whether they change anything.
use super::{
    resolve::{self, ResolvedRotation},
    spec::{LocalTime, OverrideSpec, Rotation, SpanSpec, SwapSpec},
};
use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{Catalog, Field, Name, write},
    units::Instant,
};

/// An item of a rotation's lists.
#[derive(Clone, Debug)]
pub enum Change {
    /// Of `overrides`.
    Override(OverrideSpec),
    /// Of `swaps`.
    Swap(SwapSpec),
}

/// What a change does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Whether who is on call differs in each stretch of time that it is about, once it counts.
    pub changes_all: bool,
    /// Whether any of them begins in the past.
    pub in_the_past: bool,
    /// Whether it counts only when somebody has approved it.
    pub is_pending: bool,
}

/// A value at a place of a file in which it does not stand yet.
pub fn field<T>(value: T, at: Place) -> Field<T> {
    Field::new(value, at)
}

/// A stretch of time.
pub fn span((start, end): (LocalTime, LocalTime), at: Place) -> SpanSpec {
    SpanSpec { start: field(start, at), end: field(end, at) }
}

impl Change {
    /// Whom it names.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        let names = match self {
            Self::Override(spec) => [Some(&spec.user), spec.replaces.as_ref(), None],
            Self::Swap(spec) => [Some(&spec.user), Some(&spec.with), spec.approved_by.as_ref()],
        };
        names.into_iter().flatten().filter_map(|name| name.get()).map(Name::as_str)
    }

    /// The list that it stands in.
    pub fn list(&self) -> &'static str {
        match self {
            Self::Override(_) => "overrides",
            Self::Swap(_) => "swaps",
        }
    }

    /// The item as one line of YAML.
    pub fn line(&self) -> String {
        match self {
            Self::Override(spec) => write::one_line(spec),
            Self::Swap(spec) => write::one_line(spec),
        }
    }

    /// Whether somebody has still to approve it.
    fn is_pending(&self) -> bool {
        matches!(self, Self::Swap(spec) if spec.approved_by.is_none())
    }

    /// The same as if somebody had approved it.
    fn approved(&self, at: Place) -> Self {
        let mut approved = self.clone();
        if let Self::Swap(spec) = &mut approved
            && spec.approved_by.is_none()
        {
            // Whoever takes over agrees, so that what it would do can be seen.
            spec.approved_by = spec.with.get().cloned().map(|name| field(name, at));
        }
        approved
    }

    /// What a rotation says with it.
    fn added_to(&self, rotation: &Rotation, at: Place) -> Rotation {
        let mut changed = rotation.clone();
        match self {
            Self::Override(spec) => changed.overrides.push(field(spec.clone(), at)),
            Self::Swap(spec) => changed.swaps.push(field(spec.clone(), at)),
        }
        changed
    }

    /// What it does to a rotation.
    ///
    /// # Errors
    /// What is wrong with it, such as that it ends before it begins.
    pub fn effect(
        &self,
        catalog: &Catalog,
        rotation: &ResolvedRotation<'_>,
        now: Instant,
    ) -> Result<Effect, Vec<Finding>> {
        let document = rotation.document;
        let place = document.name_place();
        let changed = self.approved(place).added_to(rotation.spec, place);
        let after = resolve::resolve(catalog, document, &changed)?;
        let is_pending = self.is_pending();
        let mut effect = Effect { changes_all: true, in_the_past: false, is_pending };
        for ((_, before), (_, after)) in rotation.duties().zip(after.duties()) {
            let added = after.schedule.overrides.iter().filter(|change| {
                let count = |all: &[super::engine::Override]| {
                    all.iter().filter(|other| other == change).count()
                };
                count(&after.schedule.overrides) > count(&before.schedule.overrides)
            });
            for period in added.map(|change| change.period) {
                let differs = before.schedule.shifts(period) != after.schedule.shifts(period);
                effect.changes_all &= differs;
                effect.in_the_past |= period.from < now;
            }
        }
        Ok(effect)
    }
}

/// A name.
///
/// # Errors
/// What a name must not be.
pub fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(str::to_owned)
}
