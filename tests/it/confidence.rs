//! Limits of proportions against tables that others computed, where a copy lies beside the repository:
//! `statsmodels` 0.15.0 (`proportion_confint`), and sample sizes by enumeration with exact binomials.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "the tables are known, and read from outside of the repository"
)]
use sre::{
    domains::slo::engine::confidence::{Method, events_to_certify, one_sided, two_sided},
    kernel::{series::EventCount, units::Ratio},
};
use std::collections::HashMap;

/// Rows of a table by column; empty where there is no copy of it. Tests run in the repository.
fn table(name: &str) -> Vec<HashMap<String, String>> {
    let Ok(text) = std::fs::read_to_string(format!("../shared/golden/capacity/{name}")) else {
        return Vec::new();
    };
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let header: Vec<_> = lines.next().unwrap().collect();
    lines.map(|line| header.iter().cloned().zip(line).collect()).collect()
}

fn complement(text: &str) -> Ratio {
    text.parse::<Ratio>().unwrap().complement()
}

/// Tolerance: 1e-9, relative and absolute at once.
#[test]
fn limits_of_proportions() {
    let rows = table("proportion_confint.csv");
    assert!(rows.is_empty() || rows.len() == 375);
    for row in &rows {
        let number = |column: &str| row[column].parse::<f64>().unwrap();
        let count = EventCount { good: number("k"), total: number("n") };
        let level = complement(&row["alpha"]);
        let wilson = two_sided(count, level, Method::Wilson);
        let exact = two_sided(count, level, Method::ClopperPearson);
        let one = one_sided(count, level, Method::ClopperPearson);
        for (column, ours) in [
            ("wilson_lo", wilson.lower),
            ("wilson_hi", wilson.upper),
            ("beta_lo", exact.lower),
            ("beta_hi", exact.upper),
            ("cp_onesided_lower", one.lower),
            ("cp_onesided_upper", one.upper),
        ] {
            let theirs = number(column);
            let difference = (ours - theirs).abs();
            assert!(
                difference <= 1e-9 * theirs.abs() || (theirs.abs() < 1e-12 && difference < 1e-12),
                "{column} of {} in {} at {}: {ours} is not {theirs}",
                row["k"],
                row["n"],
                row["alpha"],
            );
        }
    }
}

/// Tolerance: none.
#[test]
fn events_to_certify_an_objective() {
    let rows = table("slo_certification_sample_size.csv");
    assert!(rows.is_empty() || rows.len() == 128);
    for row in &rows {
        let (target, level) = (row["slo"].parse().unwrap(), row["confidence"].parse().unwrap());
        let ours = events_to_certify(target, row["failures"].parse().unwrap(), level);
        assert_eq!(ours, Some(row["n_required"].parse().unwrap()), "{row:?}");
    }
}

/// Closed forms, so that something is compared where there is no copy: with no failure the lower limit
/// is `α^(1/n)`, with nothing but failures the upper one is `1 − α^(1/n)`; with one failure the lower
/// limit solves `pⁿ + n pⁿ⁻¹ (1 − p) = α`.
#[test]
fn closed_forms() {
    let level: Ratio = "95%".parse().unwrap();
    for n in [1.0f64, 12.0, 299.0, 2995.0, 1e6, 1e9] {
        let perfect = one_sided(EventCount { good: n, total: n }, level, Method::ClopperPearson);
        assert!((perfect.lower - 0.05f64.powf(1.0 / n)).abs() < 1e-13);
        let broken = one_sided(EventCount { good: 0.0, total: n }, level, Method::ClopperPearson);
        assert!((broken.upper - (1.0 - 0.05f64.powf(1.0 / n))).abs() < 1e-13);
        if n > 1.0 {
            let one =
                one_sided(EventCount { good: n - 1.0, total: n }, level, Method::ClopperPearson);
            let p = one.lower;
            let probability = p.powf(n) + n * p.powf(n - 1.0) * (1.0 - p);
            assert!((probability - 0.05).abs() < 1e-7, "{n}: {probability}");
        }
    }
}
