//! Any text files of counters: reading ends, counts are possible, and a file that is cut in two between
//! lines says the same as the whole one where it is in order.
#![no_main]
use std::sync::LazyLock;

use sre::kernel::measure::{
    Input,
    openmetrics::{CounterMeasure, CounterPart, CounterRequest, Selector, scan_openmetrics},
};

/// What is asked for, parsed once.
static REQUEST: LazyLock<CounterRequest> = LazyLock::new(|| {
    let select = |text| Selector::parse(text).expect("a fixed text");
    let measure = |part, group_by: &[&str]| CounterMeasure {
        total: select("a_total"),
        part,
        group_by: group_by.iter().map(|label| (*label).to_owned()).collect(),
    };
    let measures = vec![
        measure(CounterPart::Bad(select("a_total{code=~\"5..\"}")), &["code", "b"]),
        measure(CounterPart::Good(select("{__name__=~\"a_.*\",le=\"1\"}")), &[]),
    ];
    CounterRequest::new(measures, "2026-06-01T00:00:00Z".parse().expect("a fixed instant"))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let read = |files: &[&[u8]]| {
        let input = |bytes: &&[u8]| Input::from_bytes("input", *bytes);
        scan_openmetrics(files.iter().map(input).collect(), &REQUEST, &|_| {})
    };
    let Ok(outcome) = read(&[bytes]) else { return };
    for group in outcome.measures.iter().flatten().flatten() {
        for count in group.series.counts().iter().flatten() {
            assert!(0.0 <= count.good && count.good <= count.total, "{count:?}");
        }
    }
    // Cut behind the newline that is nearest to the middle.
    let cut = bytes[bytes.len() / 2..].iter().position(|byte| *byte == b'\n');
    let (one, two) = bytes.split_at(cut.map_or(bytes.len(), |at| bytes.len() / 2 + at + 1));
    let halves = read(&[one, two]);
    if outcome.report.bad_lines.count == 0
        && let Ok(halves) = halves
        && halves.report.bad_lines.count == 0
        && !bytes.starts_with(&[0x1f, 0x8b])
    {
        for (whole, halves) in outcome.measures.iter().zip(&halves.measures) {
            if let (Ok(whole), Ok(halves)) = (whole, halves) {
                assert_eq!(whole, halves);
            }
        }
    }
});
