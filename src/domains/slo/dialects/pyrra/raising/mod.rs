//! From our objectives to Pyrra's, with what cannot be said there.
//!
//! Pyrra knows one rolling window, one budget by occurrences, four fixed alerts, and indicators made of
//! plain selectors. What an objective of ours says beyond that is lost, field by field; where the
//! indicator itself cannot be said, there is no objective to write.
mod indicator;

use super::{
    alerting::{Burn, SHORTEST_WINDOW, Windows},
    lowering::{OBJECT_LABEL, RUNBOOK, usual_severity},
    objective::{ABSENT_SEVERITY, PROPAGATED, PyrraAlerting, PyrraObjective, PyrraRuleOutput},
    reading::is_label_name,
};
use crate::{
    domains::slo::{
        model::{AlertPolicy, Budgeting, NoData, Severity, Window},
        resolve::ResolvedObjective,
        spec::ServiceLevelObjective,
    },
    kernel::{
        source::Place,
        spec::{Document, Field, Loss, Metadata, Optional},
        units::Duration,
    },
};
use std::collections::BTreeMap;

/// What an objective of ours is as one of Pyrra's.
#[derive(Clone, Debug)]
pub(in crate::domains::slo) struct Raised {
    /// The objective; `None` where it cannot be said at all, which is among the losses.
    pub(in crate::domains::slo) objective: Option<PyrraObjective>,
    /// What is lost.
    pub(in crate::domains::slo) losses: Vec<Loss>,
}

/// Says what an objective, over its first window, is in Pyrra's language. One that came from there is what
/// it was.
pub(in crate::domains::slo) fn raise(objective: &ResolvedObjective<'_>) -> Raised {
    if let Some(origin) = objective.document.origin::<PyrraObjective>() {
        return Raised { objective: Some(origin.clone()), losses: Vec::new() };
    }
    let mut raising = Raising { objective, document: objective.document, losses: Vec::new() };
    let raised = raising.objective();
    let mut losses = raising.losses;
    losses.sort();
    losses.dedup();
    Raised { objective: raised, losses }
}

/// One objective on its way.
struct Raising<'o, 'd> {
    objective: &'o ResolvedObjective<'d>,
    document: &'d Document,
    losses: Vec<Loss>,
}

impl Raising<'_, '_> {
    fn lose(&mut self, place: Place, field: impl Into<String>, reason: impl Into<String>) {
        self.losses.push(Loss::new(place, field, reason));
    }

    fn objective(&mut self) -> Option<PyrraObjective> {
        let name = self.name();
        let (namespace, labels) = self.labels();
        let annotations = self.annotations();
        let slo = self.document.spec::<ServiceLevelObjective>()?;
        let window = self.window(slo);
        self.counting(slo);
        let alerting = self.alerting(slo);
        let indicator = self.indicator(slo);
        let grouping = self.grouping(slo);
        let metadata = self.document.metadata.as_ref();
        let target = self.objective.objective.target();
        Some(PyrraObjective {
            name: name?,
            namespace,
            labels,
            annotations,
            description: metadata
                .and_then(|metadata| metadata.description.value())
                .cloned()
                .unwrap_or_default(),
            target,
            printed_target: target.to_string(),
            window: window?,
            indicator: indicator?,
            grouping: grouping?,
            alerting,
            partial_response: None,
            performance_over_accuracy: false,
            rule_output: PyrraRuleOutput::default(),
        })
    }

    fn name(&mut self) -> Option<String> {
        let name = self.document.name();
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if !name.is_empty() && name.chars().all(fine) {
            return Some(name.to_owned());
        }
        let reason = "an object of Kubernetes cannot have that name; the objective is not written";
        self.lose(self.document.name_place(), "metadata.name", reason);
        None
    }

    /// The namespace, and labels that go on Pyrra's rules or on the object alone.
    fn labels(&mut self) -> (Option<String>, BTreeMap<String, String>) {
        let (mut namespace, mut labels) = (None, BTreeMap::new());
        let Some(metadata) = self.document.metadata.as_ref() else { return (namespace, labels) };
        let service = self.objective.service.map(str::to_owned);
        let owner = self.objective.owner.map(str::to_owned);
        for (key, value) in [("owner", owner), ("service", service)] {
            let Some(value) = value else { continue };
            if is_label_value(&value) {
                labels.insert(format!("{PROPAGATED}{key}"), value);
            } else {
                let reason = format!("Kubernetes has no labels of the value `{value}`");
                self.lose(self.document.name_place(), key, reason);
            }
        }
        for (key, field) in &metadata.labels {
            let Some((value, place)) = field.pair() else { continue };
            if key == "namespace" {
                namespace = Some(value.clone());
            } else if !is_label_name(key) {
                let reason = "Prometheus has no labels of that name";
                self.lose(place, format!("metadata.labels.{key}"), reason);
            } else if !is_label_value(value) {
                let reason = "Kubernetes has no labels of that value";
                self.lose(place, format!("metadata.labels.{key}"), reason);
            } else if labels.insert(format!("{PROPAGATED}{key}"), value.clone()).is_some() {
                let reason = format!("the objective's {key} is written as the label of that name");
                self.lose(place, format!("metadata.labels.{key}"), reason);
            }
        }
        for (key, value) in &metadata.annotations {
            if let (Some(label), Some(value)) = (key.strip_prefix(OBJECT_LABEL), value.get()) {
                labels.insert(label.to_owned(), value.clone());
            }
        }
        (namespace, labels)
    }

    fn annotations(&mut self) -> BTreeMap<String, String> {
        let mut annotations = BTreeMap::new();
        let Some(metadata) = self.document.metadata.as_ref() else { return annotations };
        let Metadata {
            name: _,
            display_name,
            description: _,
            owner: _,
            labels: _,
            annotations: written,
            links,
        } = &**metadata;
        for (key, value) in written {
            if let Some(value) = value.get().filter(|_| !key.starts_with(OBJECT_LABEL)) {
                annotations.insert(key.clone(), value.clone());
            }
        }
        if let Some(runbook) = &self.objective.runbook {
            annotations.insert(RUNBOOK.to_owned(), runbook.clone());
        }
        if let Some(field) = display_name {
            self.lose(field.place(), "metadata.display_name", "Pyrra shows the name");
        }
        if let Some(first) = links.first() {
            let reason = "Pyrra's objectives have no links but the runbook's";
            self.lose(first.place(), "metadata.links", reason);
        }
        annotations
    }

    fn window(&mut self, slo: &ServiceLevelObjective) -> Option<Duration> {
        let written: Vec<Place> = slo.written_windows().map(|(_, place)| place).collect();
        let at = written.first().copied().unwrap_or(self.document.name_place());
        for place in written.iter().skip(1) {
            self.lose(*place, "spec.windows", "Pyrra knows one window; the first one is written");
        }
        let length = self.objective.objective.window();
        if let Window::Calendar(calendar) = &self.objective.window {
            let reason = format!(
                "Pyrra knows rolling windows only: a calendar {} is written as the last {length}",
                calendar.unit.name()
            );
            self.lose(at, "spec.window", reason);
        }
        if length < SHORTEST_WINDOW {
            let reason = format!(
                "Pyrra's alerts have no windows for less than {SHORTEST_WINDOW}; the objective is not \
                 written"
            );
            self.lose(at, "spec.window", reason);
            return None;
        }
        Some(length)
    }

    /// How budgets are counted, and what follows from them.
    fn counting(&mut self, slo: &ServiceLevelObjective) {
        // What is not looked at here is written, or is a loss where it is to be written.
        let ServiceLevelObjective {
            service: _,
            sli: _,
            target: _,
            window: _,
            windows: _,
            slice,
            slice_target,
            no_traffic,
            method,
            no_data,
            minimum_coverage,
            group_by: _,
            composite: _,
            threshold: _,
            alerting: _,
            policy,
            runbook: _,
            tests,
        } = slo;
        let at = |field: Option<Place>, document: &Document| field.unwrap_or(document.name_place());
        if self.objective.budgeting != Budgeting::Occurrences {
            let place = at(method.as_ref().map(Field::place), self.document);
            let reason = "Pyrra counts events, not slices of time";
            self.lose(place, "spec.method", reason);
        }
        let slices = [
            ("slice", slice.as_ref().map(Field::place)),
            ("slice_target", slice_target.as_ref().map(Field::place)),
            ("no_traffic", no_traffic.as_ref().map(Field::place)),
        ];
        for (field, place) in slices {
            if let Some(place) = place {
                let reason = "Pyrra counts events, not slices of time";
                self.lose(place, format!("spec.{field}"), reason);
            }
        }
        if self.objective.no_data != NoData::Unknown {
            let place = at(no_data.as_ref().map(Field::place), self.document);
            self.lose(place, "spec.no_data", "to Pyrra, time that was not measured does not count");
        }
        if let Some(field) = minimum_coverage {
            let reason = "Pyrra does not ask how much of the window was measured";
            self.lose(field.place(), "spec.minimum_coverage", reason);
        }
        if let Some(field) = policy {
            let reason = "Pyrra knows no policy for what follows when the budget runs out";
            self.lose(field.place(), "spec.policy", reason);
        }
        if let Some(first) = tests.first() {
            let reason = "Pyrra does not say what is expected of an objective";
            self.lose(first.place(), "spec.tests", reason);
        }
    }

    fn grouping(&mut self, slo: &ServiceLevelObjective) -> Option<Vec<String>> {
        let mut labels: Vec<String> = Vec::new();
        let mut clean = true;
        for (label, place) in slo.group_by.iter().filter_map(Field::pair) {
            if !is_label_name(label) {
                let reason = "that is no label; the objective is not written";
                self.lose(place, "spec.group_by", reason);
                clean = false;
            } else if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
        clean.then_some(labels)
    }

    fn alerting(&mut self, slo: &ServiceLevelObjective) -> PyrraAlerting {
        let place = slo.alerting.as_ref().map_or_else(|| self.document.name_place(), Field::place);
        let notices = self.objective.notices;
        if notices.budget_exhausted.is_some() {
            let reason = "Pyrra has no alert on a budget that is spent";
            self.lose(place, "spec.alerting.budget_exhausted", reason);
        }
        let mut alerting = PyrraAlerting::default();
        let native = self.is_native();
        match notices.sli_absent {
            None if native => {}
            None => alerting.absent = false,
            Some(_) if native => {
                let reason = "Pyrra has no alert on native histograms that are absent";
                self.lose(place, "spec.alerting.sli_absent", reason);
            }
            Some(severity) => {
                alerting.absent_severity =
                    Some(word(severity)).filter(|word| *word != ABSENT_SEVERITY).map(str::to_owned);
            }
        }
        self.tiers(place, &mut alerting);
        alerting
    }

    fn tiers(&mut self, place: Place, alerting: &mut PyrraAlerting) {
        let policy = &self.objective.alerting;
        if policy.tiers.is_empty() {
            alerting.burnrates = false;
            return;
        }
        let window = self.objective.objective.window();
        let labelled =
            policy.tiers.iter().any(|tier| !tier.labels.is_empty() || !tier.annotations.is_empty());
        if let Some(severities) = same_tiers(policy, window) {
            alerting.severities = severities
                .into_iter()
                .filter(|(burn, own)| *own != usual_severity(*burn))
                .map(|(burn, own)| (burn, word(own).to_owned()))
                .collect();
        } else {
            self.lose(place, "spec.alerting.tiers", differs(policy, window));
        }
        if labelled {
            let reason = "Pyrra's labels and annotations are those of the whole objective";
            self.lose(place, "spec.alerting.labels", reason);
        }
    }
}

/// Pyrra's word for a severity.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Page => "critical",
        Severity::Ticket => "warning",
    }
}

/// An alert in a few words.
fn alert(long: Duration, short: Duration, factor: f64, hold: Duration) -> String {
    let hold = if hold.is_zero() { String::new() } else { format!(" for {hold}") };
    format!("{long}/{short} above {factor}{hold}")
}

/// How a policy differs from Pyrra's alerts.
fn differs(policy: &AlertPolicy, window: Duration) -> String {
    let own = policy.tiers.iter().map(|tier| {
        let guarded = if tier.is_guarded() { " with enough events" } else { "" };
        alert(tier.long, tier.short, tier.factor.as_f64(), tier.hold) + guarded
    });
    let theirs = Burn::ALL.map(|burn| {
        let Windows { long, short, hold } = burn.windows(window);
        alert(long, short, f64::from(burn.factor()), hold)
    });
    let own: Vec<String> = own.collect();
    format!("Pyrra's alerts cannot be changed: {} instead of {}", theirs.join(", "), own.join(", "))
}

/// The severities of a policy whose tiers are Pyrra's four; `None` for another one.
fn same_tiers(policy: &AlertPolicy, window: Duration) -> Option<BTreeMap<Burn, Severity>> {
    let mut severities = BTreeMap::new();
    for tier in &policy.tiers {
        let burn = Burn::ALL.into_iter().find(|burn| {
            let Windows { long, short, hold } = burn.windows(window);
            let (numerator, denominator) = tier.factor.fraction();
            tier.long == long
                && tier.short == short
                && tier.hold == hold
                && numerator == u128::from(burn.factor()) * denominator
        })?;
        // The four have names, severities, windows, factors and a time to hold; labels are told by themselves.
        let more = tier.beyond_windows();
        let is_known = |field: &&str| matches!(*field, "for" | "labels" | "annotations");
        if !more.iter().all(is_known) || severities.insert(burn, tier.severity).is_some() {
            return None;
        }
    }
    (severities.len() == Burn::ALL.len()).then_some(severities)
}

/// Whether Kubernetes takes the text for the value of a label: at most 63 characters, in a row, with a
/// letter or a digit at both ends.
fn is_label_value(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let outer = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.chars().all(inner)
        && text.chars().next().is_none_or(outer)
        && text.chars().next_back().is_none_or(outer)
}
