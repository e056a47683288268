//! What tells the series of one objective from those of all others.
use super::super::{
    Rule,
    names::{ID_LABEL, SERVICE_LABEL, SLO_LABEL},
};
use crate::domains::slo::{
    resolve::{Incomplete, ResolvedObjective},
    spec::ServiceLevelObjective,
};
use crate::kernel::spec::{Catalog, Optional as _, Ref};
use std::collections::BTreeMap;

/// The three labels that all series of an objective have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Service and name: unique.
    pub id: String,
    /// The service.
    pub service: String,
    /// The name within the service.
    pub slo: String,
}

impl Identity {
    /// The identity of an objective.
    ///
    /// The service stands in its name once: `checkout-availability` of `checkout` is `availability` of
    /// `checkout`, and its id is `checkout-availability`. Where the service has an objective of the
    /// shorter name already, the longer one is kept. Objectives without a service are their own.
    pub fn of(catalog: &Catalog, objective: &ResolvedObjective<'_>) -> Self {
        let name = objective.document.name();
        let service = objective.service.unwrap_or(name);
        let shorter = name.strip_prefix(service).and_then(|rest| rest.strip_prefix('-'));
        let taken = |shorter: &str| {
            catalog
                .get::<ServiceLevelObjective>(shorter)
                .is_some_and(|(_, other)| other.service.value().map(Ref::name) == objective.service)
        };
        let slo = shorter.filter(|slo| !slo.is_empty() && !taken(slo)).unwrap_or(name);
        let id =
            if objective.service.is_none() { name.to_owned() } else { format!("{service}-{slo}") };
        Self { id, service: service.to_owned(), slo: slo.to_owned() }
    }

    /// What is wrong where two objectives would have the same series: their ids are put together from
    /// service and name, and `web-a` and `b` are `web` and `a-b` then.
    pub fn clash(
        catalog: &Catalog,
        objectives: &[Vec<ResolvedObjective<'_>>],
    ) -> Option<Incomplete> {
        let mut seen: BTreeMap<String, &ResolvedObjective<'_>> = BTreeMap::new();
        for objective in objectives.iter().filter_map(|windows| windows.first()) {
            let identity = Self::of(catalog, objective);
            let Some(before) = seen.insert(identity.id.clone(), objective) else { continue };
            let name = |one: &ResolvedObjective<'_>| match one.service {
                Some(service) => format!("`{}` of `{service}`", one.document.name()),
                None => format!("`{}`", one.document.name()),
            };
            return Some(Incomplete {
                message: format!(
                    "{} and {} would both be `{ID_LABEL}=\"{}\"`, and their series one",
                    name(before),
                    name(objective),
                    identity.id
                ),
                help: "rename one of them".to_owned(),
                place: objective.document.name_place(),
            });
        }
        None
    }

    /// The labels in braces, as a selector has them.
    pub fn selector(&self) -> String {
        let [id, service, slo] = [&self.id, &self.service, &self.slo].map(|text| quoted(text));
        format!("{{{ID_LABEL}={id}, {SERVICE_LABEL}={service}, {SLO_LABEL}={slo}}}")
    }

    /// A rule with these labels.
    pub fn on(&self, rule: Rule) -> Rule {
        rule.label(ID_LABEL, &self.id)
            .label(SERVICE_LABEL, &self.service)
            .label(SLO_LABEL, &self.slo)
    }
}

/// A text in quotes, as PromQL reads it.
pub(in super::super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_within_a_text_do_not_end_it() {
        assert_eq!(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    }
}
