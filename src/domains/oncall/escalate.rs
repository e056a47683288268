//! From an escalation policy as it is written to what the engine computes with.
use super::{
    engine::escalation::{Contact, Escalation, Step, Who},
    resolve::{self, ResolvedRotation},
    rules,
    spec::{ContactSpec, EscalationPolicy, Role, Rotation, Team},
};
use crate::kernel::{
    diagnostic::Finding,
    spec::{Catalog, Document, Field, Optional as _, values},
    time::Zone,
    units::Duration,
};

/// An escalation policy with everything that it needs.
#[derive(Clone, Debug)]
pub struct ResolvedEscalation<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it says.
    pub spec: &'a EscalationPolicy,
    /// Whose clocks the hours of its steps go by.
    pub zone: Zone,
    /// Its steps.
    pub escalation: Escalation,
}

/// Resolves an escalation policy.
///
/// # Errors
/// Everything that is wrong with it or with a rotation that it names.
pub fn resolve<'a>(
    catalog: &'a Catalog,
    document: &'a Document,
    spec: &'a EscalationPolicy,
) -> Result<ResolvedEscalation<'a>, Vec<Finding>> {
    let zone = spec.time_zone.value().cloned().unwrap_or(Zone::UTC);
    let mut findings = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    for (step, place) in spec.steps.get().into_iter().flatten().filter_map(Field::pair) {
        let (Some(after), Some(notify)) = (step.after.get(), step.notify.get()) else { continue };
        if let Some(before) = steps.last().filter(|before| before.after >= *after) {
            let message = format!(
                "this step comes {after} after the page, and the one before it {}",
                before.after
            );
            findings.push(
                Finding::new(&rules::ESCALATION_ORDER, step.after.place(), message)
                    .help("write steps in the order of time, counted from the page, each later than the one before"),
            );
        }
        let mut contacts = Vec::new();
        for contact in notify.iter().filter_map(Field::get) {
            match resolve_contact(catalog, contact) {
                Ok(contact) => contacts.extend(contact),
                Err(wrong) => findings.extend(wrong),
            }
        }
        if contacts.is_empty() && notify.is_empty() {
            findings.push(
                Finding::new(&rules::ESCALATION_WITHOUT_ANYONE, place, "this step tells nobody")
                    .help(
                        "name a rotation, a person or a team under `notify`, or take the step out",
                    ),
            );
        }
        let windows: Vec<_> =
            values(&step.hours).filter_map(|spec| resolve::window(catalog, spec)).collect();
        let hours = (!step.hours.is_empty()).then(|| (zone.clone(), windows));
        steps.push(Step { after: *after, contacts, hours });
    }
    let (mut repeats, mut every) = (0, Duration::ZERO);
    if let Some(repeat) = spec.repeat.value() {
        repeats = repeat.times.get().copied().unwrap_or(0);
        every = repeat.every.get().copied().unwrap_or(Duration::ZERO);
        let last = steps.last().map_or(Duration::ZERO, |step| step.after);
        if every <= last {
            let message = format!(
                "a round begins every {every}, before the last step at {last} of the one before"
            );
            findings.push(
                Finding::new(&rules::ESCALATION_ORDER, repeat.every.place(), message)
                    .help(format!("let `every` be longer than {last}")),
            );
        }
    }
    if findings.is_empty() {
        let escalation = Escalation { steps, repeats, every };
        Ok(ResolvedEscalation { document, spec, zone, escalation })
    } else {
        Err(findings)
    }
}

/// Who is meant; nothing where the name leads nowhere, which is told where documents are linked.
fn resolve_contact(catalog: &Catalog, spec: &ContactSpec) -> Result<Option<Contact>, Vec<Finding>> {
    let contact = |name: &str, who| Some(Contact { name: name.to_owned(), who });
    if let Some(person) = spec.person.value() {
        return Ok(contact(person.as_str(), Who::People(vec![person.to_string()])));
    }
    if let Some(url) = spec.webhook.value() {
        return Ok(contact(url, Who::Program));
    }
    if let Some(team) = spec.team.value() {
        let Some((document, team)) = catalog.get::<Team>(team.name()) else { return Ok(None) };
        let members = team.members.get().into_iter().flat_map(|members| values(members));
        let people = members.filter_map(|person| person.name.get()).map(ToString::to_string);
        return Ok(contact(document.name(), Who::People(people.collect())));
    }
    let Some((name, place)) = spec.rotation.as_ref().and_then(Field::pair) else { return Ok(None) };
    let Some((document, rotation)) = catalog.get::<Rotation>(name.name()) else { return Ok(None) };
    let role = spec.role.value().copied().unwrap_or_default();
    let resolved = resolve::resolve(catalog, document, rotation)?;
    let Some(duty) = resolved.duty(role) else {
        let message = format!("`{}` has no {}", document.name(), role.name());
        return Err(vec![
            Finding::new(&rules::ESCALATION_WITHOUT_ANYONE, place, message)
                .help("write `secondary: {offset: -1}` in the rotation, or leave `role` out"),
        ]);
    };
    let name = match role {
        Role::Primary => document.name().to_owned(),
        Role::Secondary => format!("{}/{}", document.name(), role.name()),
    };
    Ok(contact(&name, Who::OnCall(duty.schedule.clone())))
}

/// All policies of a catalog that can be resolved.
pub fn all(catalog: &Catalog) -> Vec<ResolvedEscalation<'_>> {
    let policies = catalog.iter::<EscalationPolicy>();
    policies.filter_map(|(document, spec)| resolve(catalog, document, spec).ok()).collect()
}

/// The rotations that a policy tells, each with its role and step, from 0.
pub fn rotations<'a>(
    catalog: &'a Catalog,
    spec: &'a EscalationPolicy,
) -> Vec<(usize, Role, ResolvedRotation<'a>, crate::kernel::source::Place)> {
    let mut found = Vec::new();
    for (at, step) in spec.steps.get().into_iter().flatten().filter_map(Field::get).enumerate() {
        for contact in step.notify.get().into_iter().flat_map(|contacts| values(contacts)) {
            let Some((name, place)) = contact.rotation.as_ref().and_then(Field::pair) else {
                continue;
            };
            let Some((document, rotation)) = catalog.get::<Rotation>(name.name()) else { continue };
            let Ok(resolved) = resolve::resolve(catalog, document, rotation) else { continue };
            let role = contact.role.value().copied().unwrap_or_default();
            found.push((at, role, resolved, place));
        }
    }
    found
}

/// Everybody whom a policy names itself.
pub fn people(spec: &EscalationPolicy) -> Vec<(String, crate::kernel::source::Place)> {
    let steps = spec.steps.get().into_iter().flatten().filter_map(Field::get);
    let contacts = steps.filter_map(|step| step.notify.get()).flat_map(|contacts| values(contacts));
    contacts
        .filter_map(|contact| contact.person.as_ref().and_then(Field::pair))
        .map(|(name, place)| (name.to_string(), place))
        .collect()
}
