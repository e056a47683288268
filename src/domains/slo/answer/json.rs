//! The machine form: `sre/budget@1` and `sre/burn@1`.
use crate::{
    domains::slo::{
        assess::{Assessment, Outcome, Reading},
        engine::{
            alert::TierReading,
            budget::{Amounts, Budget, BudgetUnit},
            burn::Burn,
            exhaustion::{Exhaustion, Forecast},
        },
        spec::Method,
    },
    kernel::{
        report::significant,
        series::WindowCount,
        time::rfc3339,
        units::{Instant, Ratio},
    },
};
use serde_json::{Map, Value, json};

/// A measured number, or null.
fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Null, significant)
}

/// What a user wrote, exactly.
fn exact(ratio: Ratio) -> Value {
    significant(ratio.as_f64())
}

fn instant(at: Instant) -> Value {
    Value::String(rfc3339(at))
}

fn unit(unit: BudgetUnit) -> &'static str {
    match unit {
        BudgetUnit::Events => "events",
        BudgetUnit::Minutes => "minutes",
        BudgetUnit::Ratio => "ratio",
    }
}

fn amounts(amounts: &Amounts, remaining_ratio: Option<f64>) -> Value {
    json!({
        "allowed": significant(amounts.allowed),
        "spent": significant(amounts.spent),
        "remaining": significant(amounts.remaining),
        "remaining_ratio": number(remaining_ratio),
    })
}

/// Fields that say which objective an item is about.
fn head(assessment: &Assessment<'_>) -> Map<String, Value> {
    let objective = &assessment.objective;
    let mut item = Map::new();
    let mut put = |key: &str, value: Value| item.insert(key.to_owned(), value);
    put("name", objective.document.name().into());
    put("display_name", objective.document.display_name().into());
    put("service", objective.service.into());
    put("owner", objective.owner.into());
    put("runbook", objective.runbook.clone().into());
    put("state", assessment.state().key().into());
    put("reason", assessment.outcome.as_ref().err().map(|u| u.reason.clone()).into());
    put("target", exact(objective.objective.target()));
    item
}

fn window(assessment: &Assessment<'_>) -> Value {
    let chosen = assessment.reading().filter(|reading| reading.forecast.is_none());
    let kind = if chosen.is_some() { "chosen" } else { "rolling" };
    let objective = chosen.map_or(assessment.objective.objective, |r| r.window.budget.objective);
    let length = objective.window().to_string();
    let (from, to) = match assessment.reading() {
        Some(reading) => (instant(reading.window.from), instant(reading.window.to)),
        None => (Value::Null, Value::Null),
    };
    json!({"length": length, "type": kind, "from": from, "to": to})
}

/// One item of `sre/budget@1`.
pub(super) fn budget_item(assessment: &Assessment<'_>) -> Value {
    let mut item = head(assessment);
    let mut put = |key: &str, value: Value| item.insert(key.to_owned(), value);
    put("window", window(assessment));
    put("method", method(Method::Occurrences).into());
    let reading = assessment.reading();
    let budget = assessment.budget();
    let stated = matches!(assessment.outcome, Ok(Outcome::Stated(_)));
    put("unit", unit(budget.map_or(BudgetUnit::Events, |budget| budget.amounts.unit)).into());
    let count = reading.map(|reading| reading.window.count);
    put("good", number(count.map(|count| count.events.good)));
    put("bad", number(count.map(|count| count.events.bad())));
    put("total", number(count.map(|count| count.events.total)));
    put("sli", number(budget.and_then(|budget| budget.sli)));
    put("budget", budget.map_or(Value::Null, |b| amounts(&b.amounts, b.remaining_ratio)));
    put(
        "minutes",
        budget.and_then(Budget::minutes).map_or(Value::Null, |minutes| {
            amounts(&minutes, budget.and_then(|budget| budget.remaining_ratio))
        }),
    );
    put("burn_rate", number(budget.and_then(|budget| budget.burn_rate).map(|rate| rate.0)));
    put("burn_rates", reading.map_or(json!([]), burn_rates));
    put("alerts", reading.map_or(json!([]), |r| r.tiers.iter().map(tier).collect()));
    put(
        "exhausts_at",
        reading.and_then(|reading| reading.forecast?.exhaustion.at()).map_or(Value::Null, instant),
    );
    let forecast = reading.and_then(|reading| reading.forecast.as_ref());
    put("exhaustion", forecast.map_or(Value::Null, exhaustion));
    put("coverage", if stated { Value::Null } else { number(count.map(WindowCount::coverage)) });
    put("unjudged", reading.map_or(Value::Null, |reading| reading.unjudged.into()));
    put("source", reading.map_or(Value::Null, |reading| reading.source.clone().into()));
    // Reserved: always there, so that readers need no second case when they are filled.
    for key in ["adjusted", "confidence", "forecast", "group"] {
        put(key, Value::Null);
    }
    Value::Object(item)
}

/// One item of `sre/burn@1`.
pub(super) fn burn_item(assessment: &Assessment<'_>) -> Value {
    let mut item = head(assessment);
    let mut put = |key: &str, value: Value| item.insert(key.to_owned(), value);
    let reading = assessment.reading();
    put("as_of", reading.map_or(Value::Null, |reading| instant(reading.at())));
    put("alert_policy", assessment.objective.alerting_name.into());
    put("burn_rates", reading.map_or(json!([]), burn_rates));
    put("alerts", reading.map_or(json!([]), |r| r.tiers.iter().map(tier).collect()));
    put("source", reading.map_or(Value::Null, |reading| reading.source.clone().into()));
    put("group", Value::Null);
    Value::Object(item)
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Occurrences => "occurrences",
    }
}

fn burn_rates(reading: &Reading) -> Value {
    reading.burns.iter().map(burn).collect()
}

fn burn(burn: &Burn) -> Value {
    json!({
        "window": burn.window.to_string(),
        "from": rfc3339(burn.from),
        "to": rfc3339(burn.to),
        "burn_rate": number(burn.rate.ok().map(|rate| rate.0)),
        "reason": burn.rate.err().map(|reason| reason.to_string()),
        "good": significant(burn.count.events.good),
        "bad": significant(burn.count.events.bad()),
        "total": significant(burn.count.events.total),
        "error_ratio": number(burn.count.events.error_ratio()),
        "coverage": significant(burn.count.coverage()),
    })
}

fn tier(reading: &TierReading) -> Value {
    json!({
        "name": reading.tier.name,
        "severity": reading.tier.severity.name(),
        "long": reading.tier.long.to_string(),
        "short": reading.tier.short.to_string(),
        "threshold": significant(reading.tier.factor.as_f64()),
        "state": reading.state.name(),
        "long_burn_rate": number(reading.long.rate.ok().map(|rate| rate.0)),
        "short_burn_rate": number(reading.short.rate.ok().map(|rate| rate.0)),
        "budget_share": number(reading.budget_share),
        "sentence": reading.sentence(),
    })
}

fn exhaustion(forecast: &Forecast) -> Value {
    let state = match forecast.exhaustion {
        Exhaustion::Overspent => "overspent",
        Exhaustion::At(_) => "at",
        Exhaustion::Never => "never",
        Exhaustion::Unknown(_) => "unknown",
    };
    let basis = forecast.basis.as_ref();
    json!({
        "state": state,
        "at": forecast.exhaustion.at().map(rfc3339),
        "basis": basis.map(|basis| format!("burn rate of the last {} holds", basis.window)),
        "burn_rate": number(basis.and_then(|basis| basis.rate.ok()).map(|rate| rate.0)),
        "coverage": significant(forecast.coverage),
    })
}
