//! From severities as they are written to what is computed with.
use crate::{
    domains::{
        incident::{
            engine::levels::{Criterion, Hours, Level, Levels},
            spec::{CriterionSpec, IncidentResponse, SeverityLevel},
        },
        oncall::resolve::window,
    },
    kernel::{
        spec::{Catalog, Field, Optional as _, values},
        time::Zone,
        units::Duration,
    },
};
use chrono::TimeDelta;

/// Resolves severities, the worst first; of the same rank, by name. One without a rank or a name was told of when
/// it was read, and is missing here.
pub fn levels(catalog: &Catalog, spec: &IncidentResponse) -> Levels {
    let zone = spec.time_zone.value().cloned().unwrap_or(Zone::UTC);
    let written = spec.severity_levels.get().map_or(&[][..], Vec::as_slice);
    let mut levels: Vec<Level> =
        values(written).filter_map(|level| resolved(catalog, &zone, level)).collect();
    levels.sort_by(|one, other| (one.rank, &one.name).cmp(&(other.rank, &other.name)));
    Levels {
        levels,
        counted_from: spec.response_counts_from.value().copied().unwrap_or_default(),
        severity_at: spec.response_severity.value().copied().unwrap_or_default(),
    }
}

fn resolved(catalog: &Catalog, zone: &Zone, spec: &SeverityLevel) -> Option<Level> {
    let windows: Vec<_> = values(&spec.hours).filter_map(|hours| window(catalog, hours)).collect();
    Some(Level {
        rank: *spec.level.get()?,
        name: spec.name.get()?.to_string(),
        response_time: time(spec.response_time.as_ref()),
        hours: (!spec.hours.is_empty()).then(|| Hours { zone: zone.clone(), windows }),
        update_every: time(spec.update_every.as_ref()).filter(|every| *every > TimeDelta::zero()),
        criteria: values(&spec.criteria).map(criterion).collect(),
    })
}

fn time(field: Option<&Field<Duration>>) -> Option<TimeDelta> {
    Some(field?.get()?.to_chrono())
}

fn criterion(spec: &CriterionSpec) -> Criterion {
    Criterion {
        effect: spec.effect.value().copied(),
        affected: spec.affected.value().copied(),
        tier: spec.tier.value().copied(),
        data_loss: spec.data_loss.value().copied(),
        security: spec.security.value().copied(),
    }
}
