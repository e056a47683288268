//! The secondary is the primary.
use crate::{
    domains::oncall::{
        engine::{Shift, load::by_person, periods},
        escalate, resolve,
        spec::{EscalationPolicy, Role, Rotation},
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        source::Place,
        spec::{Document, Field},
        time::Zone,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "ONC014",
    name: "secondary-meets-primary",
    level: Level::Warning,
    fixable: false,
    page: include_str!("secondary-meets-primary.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let period = super::year_ahead(context);
    if let Some(rotation) = document.spec::<Rotation>() {
        let Some(resolved) = super::rotation_of(context, document) else { return };
        let Some(secondary) = &resolved.secondary else { return };
        let (first, second) =
            (resolved.primary.schedule.shifts(period), secondary.schedule.shifts(period));
        let place = rotation.secondary.as_ref().map_or(document.name_place(), Field::place);
        tell((&first, &second), ("primary", "secondary"), place, &resolved.zone, findings);
    }
    let Some(policy) = document.spec::<EscalationPolicy>() else { return };
    let told = escalate::rotations(context.catalog, policy);
    for (step, role, one, place) in &told {
        let Some((_, role_before, before, _)) =
            told.iter().find(|(earlier, ..)| earlier + 1 == *step)
        else {
            continue;
        };
        if one.document.name() == before.document.name() && role != role_before {
            // Of that the rotation itself is told.
            continue;
        }
        let shifts = |rotation: &resolve::ResolvedRotation<'_>, role: Role| {
            rotation.duty(role).map(|duty| duty.schedule.shifts(period)).unwrap_or_default()
        };
        let (first, second) = (shifts(before, *role_before), shifts(one, *role));
        let names = (before.document.name(), one.document.name());
        tell((&first, &second), names, *place, &one.zone, findings);
    }
}

fn tell(
    (first, second): (&[Shift], &[Shift]),
    (one, other): (&str, &str),
    place: Place,
    zone: &Zone,
    findings: &mut Vec<Finding>,
) {
    let seconds = by_person(second);
    let meets = by_person(first).into_iter().filter_map(|(person, times)| {
        let both = periods::intersection(
            &periods::union(times),
            &periods::union(seconds.get(person)?.clone()),
        );
        Some((person.to_owned(), *both.first()?))
    });
    let Some((person, when)) = meets.min_by_key(|(_, when)| when.from) else { return };
    let at = super::clock(zone, when.from);
    let message = format!("`{person}` is `{one}` and `{other}` at once, first at {at}");
    findings.push(
        Finding::new(&RULE, place, message)
            .help("let the secondary follow the same roster (`secondary: {offset: -1}`), and give overrides to a third person"),
    );
}
