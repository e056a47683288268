//! The example catalog is right, whole, and says what the documentation says it does.
use crate::cli::harness::Run;
use serde_json::Value;
use sre::registry::KINDS;

fn json(arguments: &[&str]) -> Value {
    let run = Run::new(arguments).args(["--format", "json"]).go();
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn has_nothing_to_mend() {
    let run = Run::new(&["validate", "specs/", "--fail-on", "note"]).go();
    assert_eq!((run.stdout.as_str(), run.code), ("", 0), "{}", run.stderr);
}

#[test]
fn shows_every_kind() {
    let list = json(&["list"]);
    for kind in KINDS.iter() {
        let shown = list["items"].as_array().unwrap().iter().any(|item| item["kind"] == kind.name);
        assert!(shown, "specs/ holds no {}", kind.name);
    }
}

/// Good and total events of an objective's window.
#[track_caller]
fn check(name: &str, counts: (u64, u64), state: &str) {
    let answer = json(&["budget", "--slo", name, "--fail-on", "never"]);
    let item = &answer["items"][0];
    let found = (item["good"].as_f64().unwrap(), item["total"].as_f64().unwrap());
    assert_eq!(found, (counts.0 as f64, counts.1 as f64), "{name}");
    assert_eq!(item["state"], state, "{name}");
}

/// The numbers are those of awk over the files, as `docs/guides/budgets-from-access-logs.md` shows it.
#[test]
fn budgets_are_those_of_plain_counting() {
    check("storefront-availability", (2422, 2426), "ok");
    check("storefront-latency", (2328, 2426), "burning");
    check("checkout-availability", (1_650_438, 1_651_241), "burning");
    check("search-freshness", (2108, 2160), "exhausted");
    check("payments-correctness", (178, 180), "ok");
}

/// Orders and failed ones of the last rows of `orders.csv`, five minutes each, added up one by one,
/// without the fifty minutes that the catalog excludes.
fn orders(rows: usize) -> (f64, f64) {
    let text = include_str!("../../specs/data/orders.csv");
    let excluded =
        |row: &&str| ("2025-04-24T10:00:00Z".."2025-04-24T10:50:00Z").contains(&&row[..20]);
    let last = text.lines().rev().take(rows).filter(|row| !excluded(row));
    last.map(|line| line.split(',').skip(1).map(|cell| cell.parse::<f64>().unwrap()).collect())
        .fold((0.0, 0.0), |(orders, failed), row: Vec<f64>| (orders + row[0], failed + row[1]))
}

/// Every row of `orders.csv` in the last 30 days is a slice of its own.
#[test]
fn slices_are_those_of_plain_counting() {
    let text = include_str!("../../specs/data/orders.csv");
    let rows = text.lines().rev().take(8640).map(|line| {
        let mut cells = line.split(',').skip(1).map(|cell| cell.parse::<u64>().unwrap());
        (cells.next().unwrap(), cells.next().unwrap())
    });
    let (with_orders, good) = rows.fold((0, 0), |(total, good), (orders, failed)| {
        let met = 100 * (orders - failed) >= 95 * orders;
        (total + u64::from(orders > 0), good + u64::from(orders > 0 && met))
    });
    check("checkout-uptime", (good, with_orders), "ok");
}

/// The weighted mean of what was lost in each part.
#[test]
fn the_composite_is_that_of_plain_counting() {
    let platform = include_str!("../../specs/data/platform.csv").lines().rev().take(720);
    let (payments, accepted) = platform.fold((0.0, 0.0), |(payments, accepted), row| {
        let mut cells = row.split(',').skip(1).map(|cell| cell.parse::<f64>().unwrap());
        (payments + cells.next().unwrap(), accepted + cells.next().unwrap())
    });
    let (orders, failed) = orders(8640);
    let storefront = 4.0 / 2426.0;
    let lost = storefront + 2.0 * failed / orders + 2.0 * (payments - accepted) / payments;
    let answer = json(&["budget", "--slo", "shopping"]);
    // The fifty minutes that are excluded of a part are so of the whole, and it says so.
    let adjusted = &answer["items"][0]["adjusted"];
    let sli = adjusted["sli"].as_f64().unwrap();
    assert!((sli - (1.0 - lost / 5.0)).abs() < 1e-9, "{sli} {lost}");
    assert_eq!(adjusted["adjustments"][0]["name"], "provider-outage-april");
    assert!(answer["items"][0]["sli"].as_f64().unwrap() < sli);
}

#[test]
fn each_window_has_a_budget_of_its_own() {
    let answer = json(&["budget", "--slo", "database-availability"]);
    let items = answer["items"].as_array().unwrap();
    let text = include_str!("../../specs/data/platform.csv");
    // May begins in Berlin two hours before it does in UTC.
    let since = |from: &str| {
        let rows = text.lines().skip(1).filter(|row| &row[..20] >= from);
        let cells = rows.map(|row| row.split(',').skip(3).map(|cell| cell.parse::<f64>().unwrap()));
        cells.fold((0.0, 0.0), |(good, total), mut cells| {
            let (queries, failed) = (cells.next().unwrap(), cells.next().unwrap());
            (good + queries - failed, total + queries)
        })
    };
    for (item, from) in items.iter().zip(["2025-04-14T15:00:00Z", "2025-04-30T22:00:00Z"]) {
        let found = (item["good"].as_f64().unwrap(), item["total"].as_f64().unwrap());
        assert_eq!(found, since(from), "{from}");
    }
    assert_eq!(items.len(), 2);
}

#[test]
fn burn_rates_are_those_of_plain_counting() {
    let answer = json(&["burn", "checkout-availability"]);
    let burns = answer["items"][0]["burn_rates"].as_array().unwrap();
    let windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"];
    assert_eq!(burns.len(), windows.len());
    for (burn, (window, rows)) in
        burns.iter().zip(windows.into_iter().zip([1, 6, 12, 24, 72, 288, 864, 8640]))
    {
        let (orders, failed) = orders(rows);
        assert_eq!(burn["window"], window);
        let found = burn["burn_rate"].as_f64().unwrap();
        assert!((found - failed / orders * 1000.0).abs() < 1e-9, "{window}: {found}");
    }
}
