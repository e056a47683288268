//! Overrides that speak of the same time.
use crate::{
    domains::oncall::{engine::Override, spec::OverrideSpec},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Field, Optional as _},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ONC020",
    name: "overlapping-overrides",
    level: Level::Warning,
    fixable: false,
    page: include_str!("overlapping-overrides.md"),
    check: Check::Document(check),
};

/// Findings of one rotation: a thousand overrides of the same time are one mistake.
const MOST: usize = 20;

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(resolved) = super::rotation_of(context, document) else { return };
    let rotation = resolved.spec;
    if rotation.overrides.len() < 2 {
        return;
    }
    let mut found = 0;
    for (role, duty) in resolved.duties() {
        let own = |spec: &&Field<OverrideSpec>| {
            let of = spec.get().and_then(|spec| spec.role.value().copied()).unwrap_or_default();
            of == role
        };
        // Swaps stand behind overrides, and are agreed on.
        let count = rotation.overrides.iter().filter(own).count();
        let mut spans: Vec<_> =
            duty.schedule.overrides.iter().zip(&duty.override_places).take(count).collect();
        spans.sort_by_key(|(change, _)| (change.period.from, change.period.to));
        let mut last: Option<(&Override, Place)> = None;
        for (change, place) in spans {
            if let Some((before, before_place)) = last
                && change.period.from < before.period.to
                && (change.replaces == before.replaces
                    || change.replaces.is_none()
                    || before.replaces.is_none())
                && found < MOST
            {
                found += 1;
                let message = "this override and another one speak of the same time: the one that is written later counts";
                findings.push(
                    Finding::new(&RULE, *place, message)
                        .related(before_place, "the other one")
                        .help("let the one end where the other begins, or take one out"),
                );
            }
            if last.is_none_or(|(before, _)| before.period.to < change.period.to) {
                last = Some((change, *place));
            }
        }
    }
}
