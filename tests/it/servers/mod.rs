//! Real servers: their answers against what is known to be in them.
//!
//! Each test starts the server's program, if it is installed, on a free port with data of its own. With
//! `SRE_SERVERS=required` in the environment a test fails where the program is missing.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "starts servers, waits for them, and says where it cannot"
)]
mod alertmanager;
mod backtest;
mod budgets;
mod dashboards;
mod data;
mod doctor;
mod history;
mod http;
mod native;
mod prometheus;
mod promises;
mod pyrra;
mod questions;
mod sloth;
mod victoria_metrics;

use http::Http;
use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A running server, which ends with its value.
pub(crate) struct Server {
    pub(crate) http: Http,
    child: Child,
    /// Where its data is; removed with the value.
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a program in a folder, and waits until `path` is answered with 200.
    fn start(folder: TempDir, command: impl Fn(u16) -> Command, path: &str) -> Self {
        let port = free_port();
        let child = command(port).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut server = Self { http: Http { port }, child, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline && server.child.try_wait().unwrap().is_none() {
            if matches!(server.http.send("GET", path, ""), Ok((200, ..))) {
                return server;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{} did not get ready", command(port).get_program().display());
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether programs are installed; says which is not, and fails if it has to be.
pub(crate) fn installed(programs: &[&str]) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let missing = programs.iter().find(|program| {
        !std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
    });
    if let Some(program) = missing {
        let required = std::env::var_os("SRE_SERVERS").is_some_and(|value| value == "required");
        assert!(!required, "{program} is not installed");
        println!("skipped: {program} is not installed");
    }
    missing.is_none()
}

/// Runs a program to its end.
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}
