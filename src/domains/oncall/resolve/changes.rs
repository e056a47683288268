//! What changes turns for some time: overrides, swaps, temporary schedules.
use super::Resolving;
use crate::domains::oncall::{
    engine::{Override, Shift, Temporary},
    spec::{NOBODY, Role, Rotation},
};
use crate::kernel::{
    source::Place,
    spec::{Field, Optional as _},
    time::Zone,
};

impl Resolving<'_> {
    /// Overrides, each with its role and where it stands.
    pub(super) fn overrides(
        &mut self,
        zone: &Zone,
        rotation: &Rotation,
    ) -> Vec<(Role, Place, Override)> {
        let mut found = Vec::new();
        for (spec, place) in rotation.overrides.iter().filter_map(Field::pair) {
            let Some(period) = self.period(zone, &spec.start, &spec.end) else { continue };
            let Some(user) = spec.user.get() else { continue };
            let change = Override {
                person: (user.as_str() != NOBODY).then(|| user.to_string()),
                replaces: spec.replaces.value().map(ToString::to_string),
                period,
            };
            found.push((spec.role.value().copied().unwrap_or_default(), place, change));
        }
        found
    }

    /// Both sides of each swap that somebody else has approved.
    pub(super) fn swaps(
        &mut self,
        zone: &Zone,
        rotation: &Rotation,
    ) -> Vec<(Role, Place, Override)> {
        let mut found = Vec::new();
        for (spec, place) in rotation.swaps.iter().filter_map(Field::pair) {
            let gives = spec.gives.get().and_then(|it| self.period(zone, &it.start, &it.end));
            let takes = spec.takes.value().map(|it| self.period(zone, &it.start, &it.end));
            let (Some(user), Some(with)) = (spec.user.get(), spec.with.get()) else { continue };
            if spec
                .approved_by
                .value()
                .is_none_or(|approver| approver == user || approver.as_str() == NOBODY)
            {
                continue;
            }
            let sides = [(gives, user, with), (takes.flatten(), with, user)];
            for (period, from, to) in sides {
                let Some(period) = period else { continue };
                let (person, replaces) = (Some(to.to_string()), Some(from.to_string()));
                found.push((Role::Primary, place, Override { person, replaces, period }));
            }
        }
        found
    }

    pub(super) fn temporary(&mut self, zone: &Zone, rotation: &Rotation) -> Vec<Temporary> {
        let mut found = Vec::new();
        for spec in rotation.temporary.iter().filter_map(Field::get) {
            let Some(period) = self.period(zone, &spec.start, &spec.end) else { continue };
            let mut shifts = Vec::new();
            for shift in spec.shifts.iter().filter_map(Field::get) {
                let Some(period) = self.period(zone, &shift.start, &shift.end) else { continue };
                let Some(user) = shift.user.get() else { continue };
                shifts.push(Shift { period, person: user.to_string() });
            }
            found.push(Temporary { period, shifts });
        }
        found
    }
}
