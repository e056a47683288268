//! Pictures of a made-up scene.
use super::*;

fn scene() -> Scene {
    let extent = |most: f64| Some(Extent { least: 0.0, most });
    let lane = |name: &str, severity, bars: &[(f64, f64)], unknown_until| Lane {
        name: name.to_owned(),
        severity,
        bars: bars.to_vec(),
        unknown_until,
    };
    let mut errors = vec![extent(0.0); 100];
    errors[50] = extent(1.0);
    errors[51] = extent(0.001);
    errors[70] = None;
    let mut long = vec![None; 10];
    long.extend(vec![extent(0.0); 90]);
    long[50] = extent(20.0);
    long[51] = extent(14.4);
    Scene {
        title: "checkout{path=\"<a&b>\"}".to_owned(),
        subtitle: "99.9% over 30d".to_owned(),
        columns: 100,
        errors: errors.clone(),
        budget: 0.001,
        tiers: vec![Track {
            name: "page-1h".to_owned(),
            windows: "1h/5m".to_owned(),
            threshold: 14.4,
            severity: Severity::Page,
            short: errors,
            long,
            lane: lane("page-1h", Some(Severity::Page), &[(0.5, 0.52)], 0.1),
        }],
        alerts: vec![lane("page", Some(Severity::Page), &[(0.5, 0.52)], 0.1)],
        incidents: lane("incidents", None, &[(0.495, 0.4951)], 0.0),
        ticks: vec![
            Tick { at: 0.0, label: "Mar 1".to_owned() },
            Tick { at: 0.02, label: "too near".to_owned() },
            Tick { at: 0.5, label: "Mar 2".to_owned() },
            Tick { at: 0.99, label: "no room".to_owned() },
        ],
    }
}

#[test]
fn a_terminal_shows_it_in_few_lines() {
    let lines = text(&scene(), 62, true);
    assert!(lines.lines().all(|line| line.chars().count() <= 62), "{lines}");
    let expected = [
        "errors 100%                          █",
        "                                     █",
        "                                     █",
        "      0.01%                          █",
        "page-1h     ?????                    █",
        "page        ?????····················█························",
        "incidents   ························█·························",
        "            └Mar 1                   └Mar 2",
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn plain_terminals_get_plain_characters() {
    let lines = text(&scene(), 62, false);
    assert!(lines.is_ascii(), "{lines}");
    assert!(
        lines.contains("page        ?????....................#........................"),
        "{lines}"
    );
}

#[test]
fn narrow_terminals_get_what_fits() {
    for width in [0, 40, 41, 80, 200] {
        let lines = text(&scene(), width, true);
        let most = lines.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(most <= width.max(40), "{width}: {lines}");
    }
}

#[test]
fn svg_is_well_formed_whatever_names_hold() {
    let picture = svg(&scene());
    assert!(picture.contains("checkout{path=&quot;&lt;a&amp;b&gt;&quot;}"), "{picture}");
    assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");
    // Each element is closed: what is opened without `/>` is closed by name.
    let opened = picture.matches("<text").count();
    assert_eq!(opened, picture.matches("</text>").count());
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
}

#[test]
#[expect(clippy::float_cmp, reason = "the values are exact")]
fn scales_are_logarithmic_with_nothing_at_the_bottom() {
    let scale = (0.01, 1.0);
    assert_eq!(logarithmic(0.0, scale), 0.0);
    assert_eq!(logarithmic(0.01, scale), 0.0);
    assert!((logarithmic(0.1, scale) - 0.5).abs() < 1e-12);
    assert_eq!(logarithmic(7.0, scale), 1.0);
}

#[test]
fn ticks_are_round_in_their_zone() {
    #[track_caller]
    fn check(from: &str, to: &str, zone: &Zone, expected: &[&str]) {
        let range = (from.parse().unwrap(), to.parse().unwrap());
        let labels: Vec<String> =
            ticks::ticks(range, zone).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, expected);
    }
    let berlin = Zone::get("Europe/Berlin").unwrap();
    check(
        "2026-03-01T00:00:00Z",
        "2026-03-31T00:00:00Z",
        &Zone::UTC,
        &["Mar 1", "Mar 6", "Mar 11", "Mar 16", "Mar 21", "Mar 26", "Mar 31"],
    );
    check(
        "2026-03-01T10:10:00Z",
        "2026-03-01T12:00:00Z",
        &Zone::UTC,
        &["10:15", "10:30", "10:45", "11:00", "11:15", "11:30", "11:45", "12:00"],
    );
    // The night in which clocks are put forward.
    check(
        "2026-03-28T22:30:00Z",
        "2026-03-29T14:00:00Z",
        &berlin,
        &["Mar 29", "03:00", "06:00", "09:00", "12:00", "15:00"],
    );
}
