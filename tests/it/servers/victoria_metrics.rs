//! VictoriaMetrics, which speaks the same interface and counts in its own way.
use super::{Server, data, doctor, installed, promises, questions};
use std::process::Command;

pub(super) const PROGRAM: &str = "victoria-metrics";

/// A server that was given samples in the Prometheus text format.
pub(super) fn start(history: &str) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let storage = folder.path().join("data");
    let command = |port: u16| {
        let mut command = Command::new(PROGRAM);
        command
            .arg(format!("-storageDataPath={}", storage.display()))
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .args(["-retentionPeriod=90y", "-loggerLevel=ERROR"]);
        command
    };
    let server = Server::start(folder, command, "/health");
    let sent = server.http.send("POST", "/api/v1/import/prometheus", history);
    assert_eq!(sent.unwrap().0, 204);
    // What was imported can be searched from here on.
    assert_eq!(server.http.send("GET", "/internal/force_flush", "").unwrap().0, 200);
    server
}

#[test]
fn victoria_metrics_answers() {
    if !installed(&[PROGRAM]) {
        return;
    }
    let server = start(&data::text(|at| at.to_string()));
    questions::counts_are_true(&server.http);
    questions::gaps_and_silence_differ(&server.http, true);
    questions::errors_that_never_were_are_none(&server.http);
    questions::histograms_are_counted(&server.http);
    questions::groups_are_told_apart(&server.http);
    questions::a_cache_changes_nothing(&server.http);
    questions::grids_begin_anywhere(&server.http);
    questions::long_grids_are_whole(&server.http);
    promises::downtime_is_counted_by_the_minute(&server.http);
    promises::events_of_a_month_are_true(&server.http);
    questions::refusals_are_explained(
        &server.http,
        &[("sum(x) +", "unexpected token", "try the query in the server's own page")],
    );
    questions::servers_tell_of_themselves(&server.http, |build, retention| {
        assert_eq!((build, retention), (None, None));
    });
}

#[test]
fn the_doctor_finds_what_is_wrong_with_victoria_metrics() {
    if !installed(&[PROGRAM]) {
        return;
    }
    let server = start(&data::text(|at| at.to_string()));
    // It leaves out what is no number.
    doctor::finds_what_is_wrong(
        &server,
        "histogram_fraction",
        "bad events: all: the query gives nothing",
    );
    doctor::finds_where_the_data_begin(&server);
}
