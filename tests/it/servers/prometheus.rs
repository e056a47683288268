//! Prometheus itself.
use super::{Server, data, doctor, installed, promises, questions, run, write};
use std::process::Command;
use tempfile::TempDir;

/// The programs that it takes.
pub(super) const PROGRAMS: &[&str] = &["prometheus", "promtool"];

/// How OpenMetrics writes a time.
pub(super) fn time(at: i64) -> String {
    format!("{}.{:03}", at / 1000, at % 1000)
}

/// A Prometheus whose history `promtool` made of samples in OpenMetrics, and which keeps everything.
pub(super) fn start(history: &str, options: &[&str]) -> Server {
    start_keeping("90y", history, options)
}

/// The same, which keeps its history for that long.
pub(super) fn start_keeping(retention: &str, history: &str, options: &[&str]) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write(&path("history.txt"), &format!("{history}# EOF\n"));
    run(Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "--max-block-duration=486h", "openmetrics", "--quiet"])
        .args([path("history.txt"), path("data")]));
    start_in(folder, retention, "global: {}\n", options)
}

/// The same, which evaluates rules every second.
pub(super) fn start_evaluating(history: &str, rules: &str) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write(&path("rules.yml"), rules);
    write(&path("history.txt"), &format!("{history}# EOF\n"));
    run(Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "--max-block-duration=486h", "openmetrics", "--quiet"])
        .args([path("history.txt"), path("data")]));
    let settings = "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n";
    start_in(folder, "90y", settings, &[])
}

/// A Prometheus that has nothing yet, and takes native histograms from whoever sends them.
pub(super) fn start_empty() -> Server {
    let options = ["--enable-feature=native-histograms", "--web.enable-remote-write-receiver"];
    start_in(tempfile::tempdir().unwrap(), "90y", "global: {}\n", &options)
}

/// Starts it in a folder, with what is in the folder's `data`.
fn start_in(folder: TempDir, retention: &str, settings: &str, options: &[&str]) -> Server {
    let path = |name: &str| folder.path().join(name);
    write(&path("prometheus.yml"), settings);
    let (settings, storage) = (path("prometheus.yml"), path("data"));
    let command = |port: u16| {
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", settings.display()))
            .arg(format!("--storage.tsdb.path={}", storage.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg(format!("--storage.tsdb.retention.time={retention}"))
            .args(options);
        command
    };
    Server::start(folder, command, "/-/ready")
}

#[test]
fn prometheus_answers() {
    if !installed(PROGRAMS) {
        return;
    }
    let server = start(&data::text(time), &["--query.max-samples=200000"]);
    questions::counts_are_true(&server.http);
    questions::gaps_and_silence_differ(&server.http, false);
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
        &[
            ("sum(x) +", "unexpected", "try the query in the server's own page"),
            ("1 + 1", "got scalar", "take away `scalar(...)`"),
            ("http_requests_total[5m]", "got range vector", "sum(increase("),
            ("sum(increase({job=~'.+'}[{{.window}}:1s]))", "too many samples", "reads too much"),
        ],
    );
    questions::servers_tell_of_themselves(&server.http, |build, retention| {
        assert!(build.unwrap().version.is_some());
        let retention = retention.unwrap();
        assert_eq!((retention.text.as_str(), retention.time), ("90y", "90y".parse().ok()));
    });
}

#[test]
fn the_doctor_finds_what_is_wrong_with_prometheus() {
    if !installed(&["prometheus", "promtool"]) {
        return;
    }
    let server = start_keeping("90d", &data::text(time), &["--query.max-samples=200000"]);
    doctor::finds_what_is_wrong(
        &server,
        "is the metric one",
        "bad events: all: the query gives no number (NaN)",
    );
    doctor::finds_where_the_data_begin(&server);
    doctor::finds_short_retention(&server);
    doctor::bad_days_hide_nothing(&server);
}
