//! What goes where, in which colours, and how much of it.
use super::harness::Run;

#[test]
fn answers_go_to_standard_output_and_all_else_to_standard_error() {
    let ran = Run::new(&["budget", "--slo", "storefront-availability"]).go();
    assert!(!ran.stdout.contains("note:") && ran.stderr.starts_with("note: storefront-log: "));
    let quiet = Run::new(&["budget", "--slo", "storefront-availability", "-q"]).go();
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (ran.stdout, ""));
}

#[test]
fn colour_is_for_terminals_and_can_be_said() {
    let colours = |run: Run| run.go().stdout.contains('\u{1b}');
    let status = || Run::new(&["status", "-q"]);
    assert!(!colours(status()));
    assert!(colours(status().on_terminal(100)));
    assert!(!colours(status().on_terminal(100).env("NO_COLOR", "1")));
    assert!(!colours(status().on_terminal(100).env("TERM", "dumb")));
    assert!(!colours(status().on_terminal(100).args(["--color", "never"])));
    assert!(colours(status().args(["--color", "always"])));
    assert!(colours(status().args(["--color", "always"]).env("NO_COLOR", "1")));
}

#[test]
fn mistakes_on_the_command_line_are_input() {
    for arguments in [
        vec!["budgt"],
        vec!["budget", "--at", "yesterday"],
        vec!["budget", "--from", "2026-05-14T00:00:00Z"],
        vec!["budget", "--actual", "0.998", "--data", "x.csv"],
        vec!["list", "--tz", "Mars/Olympus"],
        vec![],
    ] {
        let ran = Run::new(&arguments).go();
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(!ran.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn nothing_from_outside_reaches_the_terminal_raw() {
    let ran = Run::new(&["explain", "\u{1b}[31mred"]).go();
    assert!(ran.code == 2 && !ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
}
