//! Alerts in Sloth's language: switches, labels and annotations; the windows stand elsewhere.
use super::{Losing, Options, Texts, texts};
use crate::{
    domains::slo::{
        dialects::sloth::{
            level,
            windows::{AlertWindows, Tier, Windows},
        },
        model::{AlertTier, Severity},
        resolve::ResolvedObjective,
        spec::{AlertPolicySpec, Notice, ServiceLevelObjective},
    },
    kernel::{
        spec::{Catalog, Either, Field, Loss, Optional},
        units::{BurnFactor, Duration},
    },
};

/// Alerts of an objective.
#[derive(Debug, Default)]
pub(super) struct Alerting {
    pub(super) name: Option<String>,
    pub(super) labels: Texts,
    pub(super) annotations: Texts,
    pub(super) page: Alert,
    pub(super) ticket: Alert,
}

/// One of the two alerts.
#[derive(Debug, Default)]
pub(super) struct Alert {
    pub(super) disable: bool,
    pub(super) labels: Texts,
    pub(super) annotations: Texts,
}

impl Alerting {
    /// As a document of Sloth's has it.
    pub(super) fn of_sloth(alerting: &level::Alerting) -> Self {
        let alert = |alert: &level::Alert| Alert {
            disable: alert.disable,
            labels: texts(&alert.labels),
            annotations: texts(&alert.annotations),
        };
        Self {
            name: alerting.name.value().cloned(),
            labels: texts(&alerting.labels),
            annotations: texts(&alerting.annotations),
            page: alert(&alerting.page),
            ticket: alert(&alerting.ticket),
        }
    }

    /// The alerts of an objective of ours. Sloth's are on the windows of its period, whatever else is
    /// written.
    pub(super) fn of_ours(
        catalog: &Catalog,
        objective: &ResolvedObjective<'_>,
        options: &Options,
        losing: &mut Losing<'_>,
    ) -> Self {
        for (key, value) in objective.document.metadata.iter().flat_map(|it| &it.annotations) {
            let field = format!("metadata.annotations.{key}");
            losing.lose(Some(value.place()), &field, "Sloth has annotations of alerts only");
        }
        let [mut page, mut ticket] = [Severity::Page, Severity::Ticket].map(|severity| {
            let tiers = objective.alerting.tiers.iter().filter(|tier| tier.severity == severity);
            let tiers: Vec<&AlertTier> = tiers.collect();
            let Shared { labels, annotations } = Shared::of(&tiers);
            Alert { disable: tiers.is_empty(), labels, annotations }
        });
        let labels = take_common(&mut page.labels, &mut ticket.labels);
        let mut annotations = take_common(&mut page.annotations, &mut ticket.annotations);
        if let Some(runbook) = &objective.runbook {
            let is_told = level::RUNBOOK.iter().any(|key| annotations.get(*key) == Some(runbook));
            if !is_told {
                annotations.entry("runbook".to_owned()).or_insert_with(|| runbook.clone());
            }
        }
        lost_tiers(catalog, objective, losing);
        let silent = page.disable && ticket.disable;
        Self {
            name: (!silent).then(|| options.alert_name.clone()),
            labels,
            annotations,
            page,
            ticket,
        }
    }
}

/// What the alert of one severity says: what all its tiers say alike.
pub(crate) struct Shared {
    /// Labels.
    pub(crate) labels: Texts,
    /// Annotations.
    pub(crate) annotations: Texts,
}

impl Shared {
    /// What these tiers say alike. Sloth refuses names and texts that are empty.
    pub(crate) fn of(tiers: &[&AlertTier]) -> Self {
        let alike = |of: fn(&AlertTier) -> &Texts| {
            let (first, others) = tiers.split_first()?;
            let mut texts = of(first).clone();
            texts.retain(|key, text| {
                let in_all = others.iter().all(|other| of(other).get(key) == Some(text));
                in_all && !key.is_empty() && !text.is_empty()
            });
            Some(texts)
        };
        Self {
            labels: alike(|tier| &tier.labels).unwrap_or_default(),
            annotations: alike(|tier| &tier.annotations).unwrap_or_default(),
        }
    }

    /// What a tier says that the alert of its severity does not: fields, with reasons.
    pub(crate) fn lost(&self, tier: &AlertTier) -> Vec<(&'static str, &'static str)> {
        let is_said = |field: &&str| match *field {
            "labels" => tier.labels == self.labels,
            "annotations" => tier.annotations == self.annotations,
            _ => false,
        };
        let lost = tier.beyond_windows().into_iter().filter(|field| !is_said(field));
        lost.map(|field| (field, lost_of_tier(field))).collect()
    }
}

/// Takes out what both have alike.
fn take_common(one: &mut Texts, other: &mut Texts) -> Texts {
    let mut common = one.clone();
    common.retain(|key, text| other.get(key) == Some(text));
    for texts in [one, other] {
        texts.retain(|key, _| !common.contains_key(key));
    }
    common
}

/// What the tiers of an objective say that Sloth's windows do not.
fn lost_tiers(catalog: &Catalog, objective: &ResolvedObjective<'_>, losing: &mut Losing<'_>) {
    let slo = objective.document.spec::<ServiceLevelObjective>();
    let written = slo.and_then(|slo| slo.alerting.as_ref());
    let place = written.map_or(losing.document.name_place(), Field::place);
    let period = objective.objective.window();
    let known = known(catalog, period);
    for severity in [Severity::Page, Severity::Ticket] {
        let tiers: Vec<&AlertTier> =
            objective.alerting.tiers.iter().filter(|tier| tier.severity == severity).collect();
        if tiers.is_empty() {
            continue;
        }
        let pairs = known.as_ref().map(|windows| match severity {
            Severity::Page => windows.page,
            Severity::Ticket => windows.ticket,
        });
        let same = pairs.as_ref().is_some_and(|pairs| {
            tiers.len() == pairs.len()
                && pairs.iter().all(|pair| tiers.iter().any(|tier| is_pair(tier, pair, period)))
        });
        if !same {
            let field = format!("spec.alerting ({})", severity.name());
            let reason =
                "Sloth alerts on the windows of its period; write `AlertWindows` for others";
            losing.lose(Some(place), &field, reason);
        }
        let shared = Shared::of(&tiers);
        for tier in tiers {
            for (field, reason) in shared.lost(tier) {
                let named = format!("spec.alerting ({}).{field}", tier.name);
                losing.lose(Some(place), &named, reason);
            }
        }
    }
    losing.losses.extend(lost_notices(catalog, objective));
    // A policy of its own is not lost where it says what Sloth knows.
    let Some(policy) = written.and_then(Field::get).and_then(Either::mapping) else { return };
    // Labels and annotations of a policy are those of its tiers.
    let AlertPolicySpec { tiers, labels: _, annotations: _, budget_exhausted: _, sli_absent: _ } =
        policy;
    for tier in tiers.get().into_iter().flatten().filter_map(Field::get) {
        if let Some((name, at)) = tier.name.pair() {
            let field = format!("spec.alerting ({name}).name");
            losing.lose(Some(at), &field, "Sloth's pairs of windows have no names");
        }
    }
}

/// The alerts of a policy that are about no burn rate, which Sloth does not have: those that somebody asked for.
pub(crate) fn lost_notices(catalog: &Catalog, objective: &ResolvedObjective<'_>) -> Vec<Loss> {
    let slo = objective.document.spec::<ServiceLevelObjective>();
    let written = slo.and_then(|slo| slo.alerting.value());
    let named = |name| catalog.get::<AlertPolicySpec>(name).map(|(_, spec)| (spec, "spec"));
    let found = match written {
        Some(Either::Mapping(policy)) => Some((&**policy, "spec.alerting")),
        Some(Either::Scalar(name)) => named(name.name()),
        // The settings may name one.
        None => objective.alerting_name.and_then(named),
    };
    let Some((policy, root)) = found else { return Vec::new() };
    let notices =
        [("budget_exhausted", &policy.budget_exhausted), ("sli_absent", &policy.sli_absent)];
    let asked_for = notices.into_iter().filter_map(|(field, notice)| {
        let notice = notice.as_ref().filter(|notice| notice.get() != Some(&Notice::None))?;
        let reason = "Sloth has alerts on burn rates only";
        Some(Loss::new(notice.place(), format!("{root}.{field}"), reason))
    });
    asked_for.collect()
}

/// Why Sloth's alerts do not say a field of a tier.
fn lost_of_tier(field: &str) -> &'static str {
    match field {
        "for" => "Sloth's alerts fire at once",
        "labels" | "annotations" => {
            "Sloth's alerts are of a severity: what its tiers do not all say is said of none"
        }
        _ => "Sloth does not look at how many events there are",
    }
}

/// The windows that Sloth alerts on for a period.
fn known(catalog: &Catalog, period: Duration) -> Option<Windows> {
    let custom = catalog
        .iter::<AlertPolicySpec>()
        .filter_map(|(document, _)| document.origin::<AlertWindows>()?.complete())
        .find(|windows| windows.period == period);
    custom.or_else(|| Windows::built_in(period))
}

fn is_pair(tier: &AlertTier, pair: &Tier, period: Duration) -> bool {
    let factor =
        pair.budget_share().and_then(|share| BurnFactor::from_share(share, period, pair.long));
    tier.short == pair.short && tier.long == pair.long && Some(tier.factor) == factor
}
