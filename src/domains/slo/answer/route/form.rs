//! The machine form `sre/route@1`. Fields are never left out: what is not known is null.
use super::{Origin, Routed, state_name};
use crate::{
    domains::slo::alertmanager::{
        config::GroupBy,
        delivery::Delivery,
        matcher::{Labels, Matcher},
    },
    kernel::{report::Form, time::rfc3339, units::Instant},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Who is told of alerts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RouteAnswer {
    /// When the alerts begin to fire, RFC 3339.
    at: String,
    /// The file of the configuration; null for the one that follows from the catalog.
    configuration: Option<String>,
    /// The alerts.
    items: Vec<RoutedItem>,
}

impl Form for RouteAnswer {
    const SCHEMA: &'static str = "sre/route@1";
}

/// One alert.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RoutedAlert")]
struct RoutedItem {
    /// The objective that it is about; null where labels were asked about.
    slo: Option<String>,
    /// The tier of its alert policy; null where labels were asked about.
    tier: Option<String>,
    /// Its labels.
    labels: Labels,
    /// The alert that keeps it silent, and by which rule; null where none does.
    inhibited_by: Option<InhibitedBy>,
    /// Its routes, in their order.
    deliveries: Vec<DeliveryForm>,
}

/// Why an alert is kept silent.
#[derive(Debug, Serialize, JsonSchema)]
struct InhibitedBy {
    /// Where the rule is: `inhibit_rules[0]`.
    rule: String,
    /// The line on which it stands; null without a file.
    line: Option<usize>,
    /// Labels that are the same in both alerts.
    equal: Vec<String>,
    /// Labels of the other alert.
    labels: Labels,
}

/// What becomes of an alert on one route.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
struct DeliveryForm {
    /// `told`; `nobody`: the receiver has no notifiers; `muted`, `inactive`: by time intervals when it is
    /// due; `inhibited`: by another alert.
    state: &'static str,
    /// Who is told.
    receiver: String,
    /// By which means, and by how many of each.
    notifiers: BTreeMap<String, usize>,
    /// Where the route is: `route.routes[0]`.
    route: String,
    /// The line on which it stands; null without a file.
    line: Option<usize>,
    /// What an alert must be to come to it.
    matchers: Vec<String>,
    /// Labels by which alerts are told together; null where each is told alone.
    group_by: Option<Vec<String>>,
    /// How long a new group waits, such as `30s`.
    group_wait: String,
    /// How often it tells what is new in it.
    group_interval: String,
    /// After how long it tells the same again.
    repeat_interval: String,
    /// Time intervals that mute it when it is due.
    muted_by: Vec<String>,
    /// Time intervals in which alone it tells.
    active_in: Vec<String>,
    /// When somebody is told first, RFC 3339, if the alert is the first of its group and keeps firing;
    /// null while it is inhibited, and where that is not within 400 days.
    told_at: Option<String>,
}

impl RouteAnswer {
    /// The form of these alerts.
    pub(super) fn of(routed: &[Routed<'_>], origin: &Origin<'_>, at: Instant) -> Self {
        Self {
            at: rfc3339(at),
            configuration: origin.file.map(str::to_owned),
            items: routed.iter().map(|one| RoutedItem::of(one, origin)).collect(),
        }
    }
}

impl RoutedItem {
    fn of(routed: &Routed<'_>, origin: &Origin<'_>) -> Self {
        let of = routed.alert.of.clone();
        let (slo, tier) = of.map_or((None, None), |(slo, tier)| (Some(slo), Some(tier)));
        let inhibited_by = routed.dispatch.inhibited.map(|(rule, by)| InhibitedBy {
            rule: rule.path.clone(),
            line: origin.line(rule.place),
            equal: rule.equal.clone(),
            labels: by.clone(),
        });
        let deliveries = routed.dispatch.deliveries.iter();
        Self {
            slo,
            tier,
            labels: routed.alert.labels.clone(),
            inhibited_by,
            deliveries: deliveries.map(|one| DeliveryForm::of(routed, one, origin)).collect(),
        }
    }
}

impl DeliveryForm {
    fn of(routed: &Routed<'_>, delivery: &Delivery<'_>, origin: &Origin<'_>) -> Self {
        let route = delivery.route;
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let first = delivery.first.filter(|_| routed.dispatch.inhibited.is_none());
        Self {
            state: state_name(routed, delivery, origin),
            receiver: delivery.receiver.name.clone(),
            notifiers: delivery.receiver.notifiers.clone(),
            route: route.path.clone(),
            line: origin.line(route.place),
            matchers: route.matchers.iter().map(Matcher::to_string).collect(),
            group_by: match &route.group_by {
                GroupBy::All => None,
                GroupBy::Labels(labels) => Some(labels.clone()),
            },
            group_wait: route.group_wait.to_string(),
            group_interval: route.group_interval.to_string(),
            repeat_interval: route.repeat_interval.to_string(),
            muted_by: owned(&delivery.muted_by),
            active_in: route.active_in.clone(),
            told_at: first.map(rfc3339),
        }
    }
}
