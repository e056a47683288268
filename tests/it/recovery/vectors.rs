//! Vectors of the golden data: paths, losses, evidence and dates, computed with networkx, scipy and dateutil.
use serde_json::Value;
use sre::{
    domains::recovery::engine::{
        Path,
        due::{Due, Period, due},
        estimate, evidence,
        loss::{Copied, failures_to_allow},
    },
    kernel::units::{Duration, Ratio},
};
use std::{collections::BTreeMap, path::PathBuf};

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "looks for the golden data, and says where there are none"
)]
fn vectors() -> Option<Value> {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden/slo");
    let slo = std::env::var_os("SRE_GOLDEN_DIR").map_or(beside, PathBuf::from);
    let path = slo.join("../capacity/dr_cases.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        let required = std::env::var_os("SRE_GOLDEN").is_some_and(|value| value == "required");
        assert!(!required, "{} cannot be read", path.display());
        println!("skipped: {} cannot be read", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn list<'v>(value: &'v Value, key: &str) -> &'v Vec<Value> {
    value[key].as_array().unwrap()
}

/// To a tenth of a minute, as the vectors have them.
fn minutes(value: &Value) -> Duration {
    let tenths = format!("{:.0}", value.as_f64().unwrap() * 10.0);
    Duration::from_milliseconds(tenths.parse::<u64>().unwrap() * 6000)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn paths_are_as_long_as_they_should_be() {
    let Some(vectors) = vectors() else { return };
    let mut checked = 0;
    for case in list(&vectors, "recovery_path") {
        let steps = list(case, "steps");
        let index: BTreeMap<&str, usize> =
            steps.iter().enumerate().map(|(at, step)| (text(&step["id"]), at)).collect();
        let lengths: Vec<Duration> = steps.iter().map(|step| minutes(&step["minutes"])).collect();
        let waits: Vec<Vec<usize>> = steps
            .iter()
            .map(|step| {
                let before = list(step, "after").iter();
                // What does not exist is as far away as can be.
                before.map(|one| index.get(text(one)).copied().unwrap_or(usize::MAX)).collect()
            })
            .collect();
        let path = Path::of(&lengths, &waits);
        let expected = &case["expected"];
        checked += 1;
        if expected.get("error").is_some() {
            assert!(path.is_err(), "{}", case["name"]);
            continue;
        }
        let path = path.unwrap();
        assert_eq!(path.total, minutes(&expected["total_minutes"]), "{}", case["name"]);
        assert_eq!(path.serial, minutes(&expected["serial_sum_minutes"]), "{}", case["name"]);
        for (id, &at) in &index {
            assert_eq!(path.begins[at], minutes(&expected["earliest_start"][*id]), "{id}");
            assert_eq!(path.ends[at], minutes(&expected["earliest_finish"][*id]), "{id}");
            assert_eq!(path.slack[at], minutes(&expected["slack"][*id]), "{id}");
        }
        let critical: Vec<&str> =
            path.critical().iter().map(|step| text(&steps[*step]["id"])).collect();
        let wanted: Vec<&str> =
            list(expected, "critical_steps_in_order").iter().map(text).collect();
        assert_eq!(critical, wanted, "{}", case["name"]);
        let is_met = path.total <= minutes(&case["rto_minutes"]);
        assert_eq!(is_met, expected["meets_rto"].as_bool().unwrap(), "{}", case["name"]);
    }
    assert_eq!(checked, 9);
}

#[test]
fn data_is_lost_as_it_should_be() {
    let Some(vectors) = vectors() else { return };
    for case in list(&vectors, "rpo") {
        let disruption = &case["disruption"];
        let survives = |source: &&Value| list(source, "survives").contains(disruption);
        let loss = |source: &Value| {
            let copied = if source["kind"] == "stream" {
                Copied::Continuous { lag: minutes(&source["lag_minutes"]) }
            } else {
                Copied::Periodic {
                    interval: minutes(&source["interval_minutes"]),
                    duration: minutes(&source["duration_minutes"]),
                    lag: minutes(&source["copy_lag_minutes"]),
                }
            };
            (copied.loss(0), text(&source["id"]).to_owned())
        };
        let best = list(case, "sources").iter().filter(survives).map(loss).min();
        let expected = &case["expected"];
        let Some((loss, source)) = best else {
            assert!(expected["source"].is_null(), "{}", case["name"]);
            continue;
        };
        assert_eq!(source, text(&expected["source"]), "{}", case["name"]);
        assert_eq!(loss.worst, minutes(&expected["achieved_worst_minutes"]), "{}", case["name"]);
        assert_eq!(loss.mean, minutes(&expected["achieved_mean_minutes"]), "{}", case["name"]);
        let is_met = loss.worst <= minutes(&case["rpo_minutes"]);
        assert_eq!(is_met, expected["meets_rpo"].as_bool().unwrap(), "{}", case["name"]);
    }
    for case in list(&vectors, "rpo_with_failed_backups") {
        let fails: Ratio = case["p_run_fails"].to_string().parse().unwrap();
        let failures = failures_to_allow(fails, case["confidence"].as_f64().unwrap()).unwrap();
        assert_eq!(u64::from(failures), case["consecutive_failures_to_tolerate"], "{case}");
        let hourly = Copied::Periodic {
            interval: Duration::from_hours(1),
            duration: Duration::from_minutes(10),
            lag: Duration::ZERO,
        };
        let worst = &case["rpo_worst_minutes_interval60_dur10"];
        assert_eq!(hourly.loss(failures).worst, minutes(worst), "{case}");
    }
}

#[test]
fn drills_prove_what_they_should() {
    let Some(vectors) = vectors() else { return };
    let near = |ours: f64, theirs: &Value, case: &Value| {
        let theirs = theirs.as_f64().unwrap();
        assert!((ours / theirs - 1.0).abs() < 1e-9, "{ours} {theirs}: {case}");
    };
    for case in list(&vectors, "drill_evidence_rto") {
        let times: Vec<f64> =
            list(case, "drill_minutes").iter().map(|it| it.as_f64().unwrap()).collect();
        near(
            evidence::next_is_longest(times.len()),
            &case["prob_next_exceeds_max_exchangeable"],
            case,
        );
        for percent in [80, 90, 95] {
            let bound = evidence::prediction_bound(&times, f64::from(percent) / 100.0).unwrap();
            near(bound, &case[format!("lognormal_prediction_upper_{percent}")], case);
        }
    }
    for case in list(&vectors, "drill_success_bounds") {
        let (passed, drills) = (case["passed"].as_u64().unwrap(), case["drills"].as_u64().unwrap());
        let least = evidence::success_at_least(passed, drills, 0.95);
        near(least, &case["cp_lower_95_one_sided"], case);
    }
    for case in list(&vectors, "pert") {
        let point = |key: &str| case[key].as_f64().unwrap();
        let mean = estimate::mean(point("optimistic"), point("likely"), point("pessimistic"));
        near(mean, &case["mean"], case);
        let deviation = estimate::deviation(point("optimistic"), point("pessimistic"));
        assert!((deviation - point("sd")).abs() < 1e-9, "{case}");
    }
}

#[test]
fn drills_are_due_when_they_should_be() {
    let Some(vectors) = vectors() else { return };
    for case in list(&vectors, "test_overdue") {
        let period = match text(&case["frequency"]) {
            "monthly" => Period::Months(1),
            "quarterly" => Period::Months(3),
            "semiannual" => Period::Months(6),
            _ => Period::Months(12),
        };
        let day = |key: &str| case[key].as_str().map(|text| text.parse().unwrap());
        let today = day("today").unwrap();
        let ours = due(day("last_test"), period, today);
        let wanted = match text(&case["status"]) {
            "never_tested" => Due::Never,
            "in_future" => Due::InFuture(day("last_test").unwrap()),
            "overdue" => {
                Due::Overdue(day("next_due").unwrap(), case["days_overdue"].as_i64().unwrap())
            }
            _ => Due::On(day("next_due").unwrap()),
        };
        assert_eq!(ours, wanted, "{case}");
    }
}
