//! The pairs of windows that Sloth alerts on: `AlertWindows`, and those that it knows by itself.
use super::{level::Object, resource::Metadata};
use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{Field, decode::Reading, rules},
    units::{Duration, Ratio},
};
use serde::{Deserialize, de::IgnoredAny};

/// Windows for objectives over one period.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertWindows {
    /// The whole document.
    pub place: Place,
    /// What it says of itself, where it says something.
    pub object: Option<Object>,
    /// Length of the objectives' window.
    pub period: Field<Duration>,
    /// The pair that pages soonest.
    pub page_quick: Field<Pair>,
    /// The other one that pages.
    pub page_slow: Field<Pair>,
    /// The pair that opens tickets soonest.
    pub ticket_quick: Field<Pair>,
    /// The other one that opens tickets.
    pub ticket_slow: Field<Pair>,
}

/// One pair of windows.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Share of the budget that is spent in the long window when the alert fires, in percent.
    pub budget_percent: Field<f64>,
    /// The short window.
    pub short: Field<Duration>,
    /// The long window.
    pub long: Field<Duration>,
}

/// The four pairs, with every number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Windows {
    /// Length of the objectives' window.
    pub period: Duration,
    /// Pages: quick, slow.
    pub page: [Tier; 2],
    /// Tickets: quick, slow.
    pub ticket: [Tier; 2],
}

/// One pair of windows, with every number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tier {
    /// Share of the budget that is spent in the long window when the alert fires, in percent.
    pub budget_percent: f64,
    /// The short window.
    pub short: Duration,
    /// The long window.
    pub long: Duration,
}

impl Tier {
    /// Share of the budget that is spent, as our language holds it; `None` above 100 %.
    pub fn budget_share(&self) -> Option<Ratio> {
        share_of(self.budget_percent)
    }
}

/// A percentage that was read as a number, as the decimal that it was written as.
pub(super) fn share_of(percent: f64) -> Option<Ratio> {
    format!("{percent}%").parse().ok()
}

impl Windows {
    /// The windows that Sloth knows by itself: for 30 and for 28 days those of the Site Reliability
    /// Workbook, "Alerting on SLOs".
    pub fn built_in(period: Duration) -> Option<Self> {
        if ![Duration::from_days(30), Duration::from_days(28)].contains(&period) {
            return None;
        }
        let tier = |budget_percent, short, long| Tier { budget_percent, short, long };
        let (minutes, hours) = (Duration::from_minutes, Duration::from_hours);
        Some(Self {
            period,
            page: [tier(2.0, minutes(5), hours(1)), tier(5.0, minutes(30), hours(6))],
            ticket: [tier(10.0, hours(2), hours(24)), tier(10.0, hours(6), hours(72))],
        })
    }

    /// All four pairs, the pages first.
    pub fn tiers(&self) -> [Tier; 4] {
        let [[a, b], [c, d]] = [self.page, self.ticket];
        [a, b, c, d]
    }
}

impl AlertWindows {
    /// All that it says; `None` where a part could not be read.
    pub fn complete(&self) -> Option<Windows> {
        let tier = |pair: &Field<Pair>| {
            let pair = pair.get()?;
            Some(Tier {
                budget_percent: *pair.budget_percent.get()?,
                short: *pair.short.get()?,
                long: *pair.long.get()?,
            })
        };
        Some(Windows {
            period: *self.period.get()?,
            page: [tier(&self.page_quick)?, tier(&self.page_slow)?],
            ticket: [tier(&self.ticket_quick)?, tier(&self.ticket_slow)?],
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "apiVersion")]
    _api_version: Field<IgnoredAny>,
    #[serde(rename = "kind")]
    _kind: Field<IgnoredAny>,
    metadata: Option<Field<Metadata>>,
    spec: Field<Spec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Spec {
    slo_period: Field<Duration>,
    page: Field<Speeds>,
    ticket: Field<Speeds>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Speeds {
    quick: Field<Window>,
    slow: Field<Window>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    #[serde(rename = "errorBudgetPercent")]
    budget_percent: Field<f64>,
    #[serde(rename = "shortWindow")]
    short: Field<Duration>,
    #[serde(rename = "longWindow")]
    long: Field<Duration>,
}

/// Reads a document.
pub(super) fn decode(reading: &Reading<'_>) -> Option<AlertWindows> {
    let root = reading.tree().root;
    let document: Document = reading.decode(root, None)?;
    let spec = document.spec.into_value()?;
    let object = document.metadata.and_then(Field::into_value).map(Metadata::object);
    let pair = |field: Field<Window>| {
        field.map(|window| Pair {
            budget_percent: window.budget_percent,
            short: window.short,
            long: window.long,
        })
    };
    let pairs = |field: Field<Speeds>| {
        let place = field.place();
        match field.into_value() {
            Some(Speeds { quick, slow }) => (pair(quick), pair(slow)),
            None => (Field::absent(place), Field::absent(place)),
        }
    };
    let (page_quick, page_slow) = pairs(spec.page);
    let (ticket_quick, ticket_slow) = pairs(spec.ticket);
    let windows = AlertWindows {
        place: reading.place(root),
        object,
        period: spec.slo_period,
        page_quick,
        page_slow,
        ticket_quick,
        ticket_slow,
    };
    check(&windows, reading);
    Some(windows)
}

fn check(windows: &AlertWindows, reading: &Reading<'_>) {
    let zero = |field: &Field<Duration>, name: &str| {
        if field.get().is_some_and(|length| length.is_zero()) {
            let message = format!("`{name}` has no length");
            reading.report(
                Finding::new(&rules::INVALID_VALUE, field.place(), message)
                    .help("write a duration such as `30d` or `5m`"),
            );
        }
    };
    zero(&windows.period, "sloPeriod");
    let pairs =
        [&windows.page_quick, &windows.page_slow, &windows.ticket_quick, &windows.ticket_slow];
    for pair in pairs.into_iter().filter_map(Field::get) {
        zero(&pair.short, "shortWindow");
        zero(&pair.long, "longWindow");
        if let Some((percent, place)) = pair.budget_percent.pair()
            && !(*percent > 0.0 && share_of(*percent).is_some())
        {
            let message = format!("an `errorBudgetPercent` of {percent} is no share of a budget");
            reading.report(
                Finding::new(&rules::INVALID_VALUE, place, message)
                    .help("it is above 0 and at most 100, with at most seven decimals"),
            );
        }
    }
}
