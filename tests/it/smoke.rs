//! The program itself: what only a process can show.
#![expect(clippy::disallowed_methods, reason = "starts the program")]
use std::{
    fs::{self, File},
    io::Write as _,
    process::{Command, Output, Stdio},
};

fn sre(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sre"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("SRE_NOW", "2026-12-01T12:00:00Z");
    command
}

fn text(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

#[test]
fn ends_with_the_codes_it_documents() {
    for (arguments, code) in [
        (vec!["validate"], 0),
        (vec!["budget", "--slo", "search-freshness"], 1),
        (vec!["budget", "--slo", "nothing"], 2),
        (vec!["budget", "--slo", "search-freshness", "--at", "2020-01-01T00:00:00Z"], 4),
    ] {
        assert_eq!(sre(&arguments).output().unwrap().status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn reads_standard_input() {
    let mut child =
        sre(&["budget", "--slo", "storefront-availability", "--data", "-", "--format", "csv"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
    let log =
        fs::read(format!("{}/specs/data/storefront.log", env!("CARGO_MANIFEST_DIR"))).unwrap();
    child.stdin.take().unwrap().write_all(&log).unwrap();
    let (stdout, _, code) = text(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("storefront-availability,,storefront,0.995,30d,0.998351195383"),
        "{stdout}"
    );
}

/// `sre schema | head -1`: whoever read the answer has read enough.
#[test]
fn a_closed_pipe_is_no_failure() {
    let mut child = sre(&["schema"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let (_, stderr, code) = text(&child.wait_with_output().unwrap());
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_the_environments_failure() {
    for arguments in
        [vec!["list"], vec!["schema"], vec!["validate", "--format", "json"], vec!["--help"]]
    {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (_, stderr, code) = text(&sre(&arguments).stdout(full).output().unwrap());
        assert_eq!(code, Some(3), "{arguments:?}: {stderr}");
        assert!(stderr.contains("cannot write the answer"), "{arguments:?}: {stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn paths_need_not_be_utf8() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(OsStr::from_bytes(b"caf\xe9.yaml"));
    fs::write(&path, "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: x}\nspec: {target: 7}\n")
        .unwrap();
    let output = sre(&["validate", "--format", "concise"]).arg(&path).output().unwrap();
    let (stdout, stderr, code) = text(&output);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("caf\u{fffd}.yaml:4:16: error[DOC006]"), "{stdout}");
}

/// Drawing progress once hung the program: it took standard error from a thread while another held it.
#[cfg(target_os = "linux")]
#[test]
fn progress_is_drawn_on_a_terminal_and_the_answer_follows() {
    let log = "specs/data/storefront.log";
    let pipeline = format!(
        "{{ cat {log}; sleep 0.8; cat {log}; }} | timeout 60 {} budget --slo storefront-availability --data -",
        env!("CARGO_BIN_EXE_sre")
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &pipeline, "/dev/null"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CI")
        .env("TERM", "xterm")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (shown, _, code) = text(&output);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("reading <stdin>"), "{shown}");
    assert!(shown.contains("storefront-availability"), "{shown}");
}
