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
        spec::{Catalog, Either, Field, Optional},
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
        let mut annotations = Texts::new();
        for (key, value) in objective.document.metadata.iter().flat_map(|it| &it.annotations) {
            let Some((text, place)) = value.pair() else { continue };
            if key.is_empty() || text.is_empty() {
                let field = format!("metadata.annotations.{key}");
                losing.lose(Some(place), &field, "an annotation has a name and a text");
            } else {
                annotations.insert(key.clone(), text.clone());
            }
        }
        if let Some(runbook) = &objective.runbook {
            let known = ["runbook", "runbook_url", "runbookUrl"];
            if !known.iter().any(|key| annotations.get(*key) == Some(runbook)) {
                annotations.insert("runbook".to_owned(), runbook.clone());
            }
        }
        let [page, ticket] = [Severity::Page, Severity::Ticket].map(|severity| {
            let tiers = objective.alerting.tiers.iter();
            let disable = !tiers.clone().any(|tier| tier.severity == severity);
            Alert { disable, ..Alert::default() }
        });
        lost_tiers(catalog, objective, losing);
        let silent = page.disable && ticket.disable;
        Self {
            name: (!silent).then(|| options.alert_name.clone()),
            labels: Texts::new(),
            annotations,
            page,
            ticket,
        }
    }
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
        for tier in tiers {
            for field in tier.beyond_windows() {
                let named = format!("spec.alerting ({}).{field}", tier.name);
                losing.lose(Some(place), &named, lost_of_tier(field));
            }
        }
    }
    let Some(policy) = written.and_then(Field::get) else { return };
    let policy = match policy {
        Either::Mapping(policy) => Some(&**policy),
        Either::Scalar(name) => catalog.get::<AlertPolicySpec>(name.name()).map(|(_, spec)| spec),
    };
    let Some(policy) = policy else { return };
    // Labels and annotations of a policy are those of its tiers.
    let AlertPolicySpec { tiers, labels: _, annotations: _, budget_exhausted, sli_absent } = policy;
    let notices = [("budget_exhausted", budget_exhausted), ("sli_absent", sli_absent)];
    for (field, notice) in notices {
        if notice.value().is_some_and(|notice| *notice != Notice::None) {
            let field = format!("spec.alerting.{field}");
            losing.lose(Some(place), &field, "Sloth has alerts on burn rates only");
        }
    }
    // A policy of its own is not lost where it says what Sloth knows.
    if written.and_then(Field::get).and_then(Either::mapping).is_none() {
        return;
    }
    for tier in tiers.get().into_iter().flatten().filter_map(Field::get) {
        if let Some((name, at)) = tier.name.pair() {
            let field = format!("spec.alerting ({name}).name");
            losing.lose(Some(at), &field, "Sloth's pairs of windows have no names");
        }
    }
}

/// Why Sloth's alerts do not say a field of a tier.
pub(crate) fn lost_of_tier(field: &str) -> &'static str {
    match field {
        "for" => "Sloth's alerts fire at once",
        "labels" | "annotations" => {
            "Sloth's alerts are of a severity: one pair of windows has none of its own"
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
