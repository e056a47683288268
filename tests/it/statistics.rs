//! The figures in the pages on confidence and forecasts, from the measurements of the example catalog.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "reads files of the repository that are known"
)]
use sre::{
    domains::slo::{
        engine::{
            confidence::{self, Confidence, Method},
            outlook::{self, Course, Outlook},
            returns,
        },
        model::Objective,
    },
    kernel::{
        series::{EventCount, EventSeries},
        units::{Duration, Instant, Ratio},
    },
};

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn objective(target: &str) -> Objective {
    Objective::new(ratio(target), Duration::from_days(30)).unwrap()
}

/// A table of `specs/data`, of which `count` makes events of the numbers of a row.
fn series(file: &str, step: Duration, count: impl Fn(&[f64]) -> EventCount) -> EventSeries {
    let text = std::fs::read_to_string(format!("specs/data/{file}")).unwrap();
    let rows: Vec<(&str, Vec<f64>)> = text
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap())
        .map(|(time, rest)| (time, rest.split(',').map(|cell| cell.parse().unwrap()).collect()))
        .collect();
    let start: Instant = rows[0].0.parse().unwrap();
    EventSeries::new(start, step, rows.iter().map(|(_, row)| Some(count(row))).collect())
}

/// Orders of the checkout, every five minutes.
fn orders() -> EventSeries {
    series("orders.csv", Duration::from_minutes(5), |row| EventCount {
        good: row[0] - row[1],
        total: row[0],
    })
}

/// Payments, every hour.
fn payments() -> EventSeries {
    series("platform.csv", Duration::from_hours(1), |row| EventCount {
        good: row[1],
        total: row[0],
    })
}

/// Queries of the database, every hour.
fn queries() -> EventSeries {
    series("platform.csv", Duration::from_hours(1), |row| EventCount {
        good: row[2] - row[3],
        total: row[2],
    })
}

/// Holds that `page` has that text in it.
#[track_caller]
fn assert_shown(page: &str, text: &str) {
    let found = std::fs::read_to_string(format!("docs/concepts/{page}.md")).unwrap();
    assert!(found.contains(text.trim_end()), "docs/concepts/{page}.md should show\n\n{text}");
}

fn minute(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

fn limits(name: &str, target: &str, series: &EventSeries) -> String {
    let (to, level) = (series.end(), ratio("95%"));
    let window = (to - chrono::TimeDelta::days(30), to);
    let events = series.window(window.0, window.1).events;
    let line = |found: &Confidence| {
        format!(
            "{:>7.1} {:>10.0} {:>9.4}% {:>9.4}%  {}{}\n",
            found.dispersion.factor,
            found.effective_events,
            100.0 * found.lower,
            100.0 * found.upper,
            found.verdict.name(),
            found.events_enough.map(|events| format!(", {events} would do")).unwrap_or_default(),
        )
    };
    let method = Method::ClopperPearson;
    let raw = confidence::Dispersion::NONE;
    let raw = confidence::verdict(ratio(target), events, raw, level, method);
    let found = confidence::between(objective(target), series, window, level, method);
    format!(
        "{name}, {target}: {} bad of {}\n{}{}",
        events.bad(),
        events.total,
        line(&raw),
        line(&found)
    )
}

#[test]
fn limits_of_the_example() {
    let text = format!(
        "      φ   events n/φ      lower      upper\n{}{}{}",
        limits("orders", "99.9%", &orders()),
        limits("payments", "99.95%", &payments()),
        limits("queries", "99.99%", &queries()),
    );
    assert_shown("confidence", &text);
}

fn show(found: &Outlook) -> String {
    let share = |ratio: f64| format!("{:.1}%", 100.0 * ratio);
    let at = |at: Option<Instant>| at.map_or_else(|| "–".to_owned(), minute);
    let mut text = format!(
        "{} of {} paths by {}\n",
        share(found.probability),
        found.paths,
        minute(found.until)
    );
    for days in [1, 2, 3, 7, 14, 30] {
        let Some(chance) = found.curve.get(days - 1) else { continue };
        text += &format!("  by {}  {:>6}\n", minute(chance.by), share(chance.probability));
    }
    let (times, left) = (found.exhausted, found.remaining_ratio);
    text += &format!(
        "empty at 10%/50%/90%: {} / {} / {}\n",
        at(times.p10),
        at(times.p50),
        at(times.p90)
    );
    text += &format!(
        "left at the end: {} / {} / {}\n",
        share(left.p10),
        share(left.p50),
        share(left.p90)
    );
    text += &match found.score {
        Ok(score) => format!(
            "score: {} origins, {} ahead; pinball {:.3} (held rate {:.3}), Brier {:.3} ({:.3}), {} within 80%\n",
            score.origins,
            score.ahead,
            score.outlook.pinball,
            score.naive.pinball,
            score.outlook.brier,
            score.naive.brier,
            share(score.coverage_of_80),
        ),
        Err(none) => format!("no score: {none}\n"),
    };
    text
}

#[test]
fn outlook_of_the_example() {
    let settings = outlook::Settings::default();
    let look = |target, course, series: &EventSeries| {
        let found =
            outlook::outlook(objective(target), course, series, series.end(), &settings).unwrap();
        show(&found)
    };
    assert_shown("forecast", &look("99.9%", Course::Rolling, &orders()));
    assert_shown("forecast", &look("99.95%", Course::Rolling, &payments()));
    let quarter = Course::Calendar {
        from: "2025-04-01T00:00:00Z".parse().unwrap(),
        end: "2025-07-01T00:00:00Z".parse().unwrap(),
    };
    assert_shown("forecast", &look("99.9%", quarter, &orders()));
}

#[test]
fn returns_of_the_example() {
    let series = orders();
    let found =
        returns::returns(objective("99.9%"), &series, series.end(), returns::Settings::default());
    let mut text = String::new();
    for one in &found.returns {
        text += &format!(
            "+{:.1}%  from {} to {}: {} bad, {} to {}\n",
            100.0 * one.spent.share,
            minute(one.begins),
            minute(one.done),
            one.spent.bad,
            minute(one.from),
            minute(one.to),
        );
    }
    text += &format!(
        "+{:.1}%  {} others\n+{:.1}%  background\n",
        100.0 * found.of_others.share,
        found.others,
        100.0 * found.of_background.share,
    );
    assert_shown("forecast", &text);
}
