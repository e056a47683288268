//! Which severity an incident has, by what is known of it.
use super::levels::{Criterion, Effect, Level, Levels};
use crate::kernel::units::Ratio;

/// What is known of an incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What users see of it; `None` where nobody has said.
    pub effect: Option<Effect>,
    /// The share of users or requests that it touches; `None` where nobody has said.
    pub affected: Option<Ratio>,
    /// The most important tier that it touches; `None` where no service with a tier was named.
    pub tier: Option<u8>,
    /// Whether data are lost or wrong.
    pub data_loss: bool,
    /// Whether somebody could see or do what they must not.
    pub security: bool,
}

/// A severity, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion<'l> {
    /// What the severity is called.
    pub severity: &'l str,
    /// The criterion that says so.
    pub criterion: &'l Criterion,
    /// What nobody has said, and would have to be said to exclude it; empty where it is certain.
    pub unknown: Vec<&'static str>,
}

impl Facts {
    /// The worst severity that what is known does not exclude: when in doubt, the worse. `None` where none has
    /// criteria, or where all are excluded.
    pub fn suggest<'l>(&self, levels: &'l Levels) -> Option<Suggestion<'l>> {
        levels.levels.iter().find_map(|level| self.of_level(level))
    }

    /// Whether the incident is, or may be, of a severity.
    fn of_level<'l>(&self, level: &'l Level) -> Option<Suggestion<'l>> {
        let found = level.criteria.iter().filter_map(|criterion| {
            let unknown = self.unknown_of(criterion)?;
            Some(Suggestion { severity: &level.name, criterion, unknown })
        });
        // What is certain goes before what is not.
        found.min_by_key(|suggestion| suggestion.unknown.len())
    }

    /// What would have to be known to exclude a criterion; `None` where it is excluded.
    fn unknown_of(&self, criterion: &Criterion) -> Option<Vec<&'static str>> {
        let mut unknown = Vec::new();
        let mut holds = |name, holds: Option<Option<bool>>| match holds {
            None | Some(Some(true)) => true,
            Some(None) => {
                unknown.push(name);
                true
            }
            Some(Some(false)) => false,
        };
        let certain =
            holds("effect", criterion.effect.map(|least| self.effect.map(|own| own >= least)))
                && holds(
                    "affected",
                    criterion.affected.map(|least| self.affected.map(|own| own >= least)),
                )
                && holds("tier", criterion.tier.map(|most| self.tier.map(|own| own <= most)))
                && holds(
                    "data_loss",
                    criterion.data_loss.map(|asked| Some(asked == self.data_loss)),
                )
                && holds("security", criterion.security.map(|asked| Some(asked == self.security)));
        certain.then_some(unknown)
    }
}
