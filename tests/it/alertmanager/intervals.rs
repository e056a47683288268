//! Time intervals: which ranges amtool accepts, and instants against what Python's `zoneinfo` says.
use super::complaint;
use crate::servers::installed;
use sre::{
    domains::slo::alertmanager::Configuration,
    kernel::{source::SourceId, time::parse_instant},
};

fn with_interval(interval: &str) -> String {
    format!(
        "route: {{receiver: r}}\nreceivers: [{{name: r}}]\ntime_intervals:\n- name: t\n  \
         time_intervals:\n  - {interval}\n"
    )
}

#[test]
fn a_range_is_one_where_amtool_says_so() {
    if !installed(&["amtool"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alertmanager.yml");
    for interval in [
        "weekdays: ['monday:friday']",
        "weekdays: ['Monday']",
        "weekdays: ['friday:monday']",
        "weekdays: ['mon']",
        "weekdays: ['1']",
        "weekdays: []",
        "weekdays: ['monday:tuesday:friday']",
        "months: ['january:3']",
        "months: ['0']",
        "months: ['13']",
        "months: ['5:4']",
        "months: ['JUNE']",
        "days_of_month: ['1:-1']",
        "days_of_month: ['-1:1']",
        "days_of_month: ['27:-1']",
        "days_of_month: ['28:-1']",
        "days_of_month: ['29:-1']",
        "days_of_month: ['0']",
        "days_of_month: ['31:31']",
        "days_of_month: ['32']",
        "days_of_month: ['-31:-28']",
        "days_of_month: ['-1:-5']",
        "days_of_month: ['+3']",
        "days_of_month: [3]",
        "years: ['2026:2025']",
        "years: ['2026']",
        "years: [2026]",
        "years: ['x']",
        "location: Europe/Berlin",
        "location: Nowhere/At",
        "location: UTC",
        "times: [{start_time: '09:00', end_time: '24:00'}]",
        "times: [{start_time: '09:00', end_time: '09:00'}]",
        "times: [{start_time: '22:00', end_time: '06:00'}]",
        "times: [{start_time: '9:00', end_time: '10:00'}]",
        "times: [{start_time: '09:00', end_time: '24:01'}]",
        "times: [{start_time: '09:00'}]",
        "times: [{start_time: '09:60', end_time: '10:00'}]",
    ] {
        let text = with_interval(interval);
        std::fs::write(&path, &text).unwrap();
        let ours = Configuration::read(SourceId(0), &text, None).errors;
        let theirs = complaint(&path);
        assert_eq!(ours.is_empty(), theirs.is_none(), "{interval}: {ours:?} {theirs:?}");
    }
}

/// Made by `tests/oracle/time_intervals.py`: an interval, an instant, and whether it lies in it.
#[test]
fn instants_lie_where_zoneinfo_says() {
    let table = include_str!("../../data/conformance/time_intervals.csv");
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(';').collect();
        let [interval, at, expected] = cells.as_slice() else { panic!("{row}") };
        let read = Configuration::read(SourceId(0), &with_interval(interval), None);
        assert_eq!(read.errors, [], "{row}");
        let found = read.configuration.unwrap().is_in("t", parse_instant(at).unwrap());
        assert_eq!(found.to_string(), *expected, "{row}");
        rows += 1;
    }
    assert!(rows > 500, "{rows}");
}
