//! What the renderers' tests share.
use super::{Align, Bar, Block, Cell, Column, Report, State, Style, Table, Text, Verdict};
use crate::kernel::units::{Duration, Ratio};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io;

/// What `write` writes, as text.
pub(super) fn printed(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A report with every kind of block.
pub(super) fn budget_report() -> Report {
    Report::new("sre/budget@1", json!({"items": []}))
        .block(Block::heading("Error budgets"))
        .block(Block::paragraph(
            Text::new()
                .plain("30 days to 2026-05-14 09:20 UTC, from ")
                .name("access.log")
                .plain(": 9,997 of 10,000 requests were good; 84 of 4,981 minutes had traffic."),
        ))
        .block(budget_table())
        .block(Block::facts([
            (
                "worst",
                Cell::text(
                    Text::new().state(State::bad("exhausted")).plain(" since ").strong("12 May"),
                ),
            ),
            (
                "left",
                Cell::text(
                    Text::new()
                        .bar(Bar { share: Some(0.224), width: 10, style: Style::Warning })
                        .plain(" 22.40%"),
                ),
            ),
            ("empty in", Cell::span(Duration::from_hours(292))),
        ]))
        .block(Block::list([
            "add a runbook to search-availability",
            "billing-freshness has no data",
        ]))
        .block(Block::code("console", "sre burn --slo search.yaml\nsre gate"))
        .verdict(Verdict::Found)
}

/// The table of [`budget_report`].
pub(super) fn budget_table() -> Table {
    let percent = |share, target| Cell::percent_against(share, &[target]);
    Table::new()
        .columns([
            Column::new("SLO").middle(),
            Column::new("Service").priority(3),
            Column::new("Target").priority(1),
            Column::new("SLI"),
            Column::new("Bad").priority(2),
            Column::new("Remaining").for_people(),
            Column::new("Left").key("remaining_ratio"),
            Column::new("Burn rate").priority(1).align(Align::Right),
            Column::new("Exhausts in").key("exhausts_in").for_machines(),
            Column::new("State"),
        ])
        .row([
            Cell::name("checkout-availability"),
            "checkout".into(),
            Cell::ratio(Ratio::from_parts(999_000_000).unwrap()),
            percent(0.9997, 0.999),
            Cell::count(3),
            Cell::bar(0.7, 10).styled(Style::Good),
            Cell::percent(0.7),
            Cell::number(0.3, 1),
            Cell::Missing,
            Cell::good("ok"),
        ])
        .row([
            Cell::name("checkout-latency-eu-west-1"),
            "checkout".into(),
            Cell::ratio(Ratio::from_parts(990_000_000).unwrap()),
            percent(0.985_312, 0.99),
            Cell::count(12_345),
            Cell::bar(-0.4688, 10).styled(Style::Bad),
            Cell::percent(-0.4688),
            Cell::number(1.47, 1),
            Cell::Missing,
            Cell::bad("exhausted"),
        ])
        .row([
            Cell::name("search-availability"),
            "search".into(),
            Cell::ratio(Ratio::from_parts(995_000_000).unwrap()),
            percent(0.996_12, 0.995),
            Cell::count(88),
            Cell::bar(0.224, 10).styled(Style::Warning),
            Cell::percent(0.224),
            Cell::number(14.4, 1),
            Cell::span(Duration::from_hours(292)),
            Cell::warning("burning"),
        ])
        .row([
            Cell::name("billing-freshness"),
            "billing".into(),
            Cell::ratio(Ratio::from_parts(990_000_000).unwrap()),
            Cell::Missing,
            Cell::Missing,
            Cell::bar(None, 10),
            Cell::Missing,
            Cell::Missing,
            Cell::Missing,
            Cell::unknown("unknown"),
        ])
}

/// Any JSON document of reasonable size.
pub(super) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~\n\t]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}
