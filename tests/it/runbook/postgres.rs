//! The runbook of a busy database, against a real one.
use super::{Catalog, send, wait_for};
use crate::servers::installed;
use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A PostgreSQL of its own, on a socket in a folder of its own. It ends with the value.
struct Postgres {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

/// Where the programs of PostgreSQL are: in `PATH`, or where Debian has them.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// It refuses to run as root.
fn as_nobody(path: &Path) -> Command {
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if !is_root {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(path);
    command
}

impl Postgres {
    fn start() -> Option<Self> {
        let (Some(server), Some(initdb)) = (program("postgres"), program("initdb")) else {
            assert!(!installed(&["postgres"]), "it is there, or this fails where it has to be");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let data = folder.path().join("data");
        let made = as_nobody(&initdb)
            .args(["--username=sre", "--auth=trust", "--no-sync", "--encoding=UTF8", "-D"])
            .arg(&data)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = as_nobody(&server)
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-p", &port.to_string(), "-k"])
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, folder, port };
        wait_for("the database", || server.query("select 1").is_ok());
        Some(server)
    }

    fn psql(&self) -> Command {
        let mut command = Command::new("psql");
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", "postgres"])
            .envs(self.environment());
        command
    }

    fn environment(&self) -> [(&'static str, String); 3] {
        let folder = self.folder.path().to_string_lossy().into_owned();
        [("PGHOST", folder), ("PGPORT", self.port.to_string()), ("PGUSER", "sre".to_owned())]
    }

    fn query(&self, sql: &str) -> Result<String, String> {
        let output = self.psql().args(["-c", sql]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// A session that holds a lock for long, and one that waits for it.
    fn blocked(&self) -> [Child; 2] {
        self.query("create table if not exists orders (id int)").unwrap();
        let session = |sql: &str| {
            self.psql()
                .args(["-c", sql])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let holds =
            session("begin; lock table orders in access exclusive mode; select pg_sleep(120)");
        let count = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'orders'::regclass";
        wait_for("the lock", || self.query(count).is_ok_and(|count| count == "1"));
        let waits = session("select count(*) from orders");
        let waiting =
            "select count(*) from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0";
        wait_for("the session that waits", || self.query(waiting).is_ok_and(|count| count == "1"));
        [holds, waits]
    }

    fn run(&self, catalog: &Catalog, arguments: &[&str]) -> (String, String, Option<i32>) {
        let output = catalog.command(arguments).envs(self.environment()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr), output.status.code())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A fast shutdown: sessions are ended, and the server waits for its children.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// The first example's runbook, with queries of PostgreSQL.
const HIGH_CPU: &str = r#"  requires: {commands: [psql], env: [PGHOST, PGPORT, PGUSER]}
  interpreter: [psql, -X, -q, -A, -t, -v, ON_ERROR_STOP=1, -d, postgres, -c]
  steps:
    - step: 1
      action: Check current connections
      command: select count(*) from pg_stat_activity where backend_type = 'client backend'
      risk: none
      expect: {stdout_matches: "^[0-9]+\n$"}
    - step: 2
      action: Identify slow queries
      command: >-
        select coalesce(min(blocker)::text, '') from pg_stat_activity, unnest(pg_blocking_pids(pid)) as blocker
      risk: none
      capture: {name: blocker, pattern: "[0-9]*"}
    - step: 3
      action: Kill blocking queries if needed
      when: {variable: blocker, is_not: [""]}
      interpreter: [psql, -X, -q, -A, -t, -v, ON_ERROR_STOP=1, -d, postgres, -v, "pid=${blocker}"]
      stdin: true
      command: select pg_terminate_backend(:'pid'::int)
      risk: high
      timeout: 1m
      expect: {stdout_matches: "^t"}
    - step: 4
      action: Restart database if unresponsive
"#;

#[test]
fn a_busy_database_is_freed_by_its_runbook() {
    let Some(database) = Postgres::start() else { return };
    let catalog = Catalog::new(HIGH_CPU);
    let sessions = database.blocked();
    let arguments =
        ["runbook", "run", "book", "--yes-up-to", "high", "--evidence", "4=it answers again"];
    let (stdout, stderr, code) = database.run(&catalog, &arguments);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    for mut session in sessions {
        session.wait().unwrap();
    }
    assert_eq!(catalog.events("step_ended").len(), 3);
    let waiting =
        "select count(*) from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0";
    assert_eq!(database.query(waiting).unwrap(), "0");
    // Where nobody blocks anybody, nobody is ended.
    fs::remove_dir_all(catalog.path().join("specs/runs")).unwrap();
    let (_, stderr, code) = database.run(&catalog, &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("step 3 is passed over: only when `blocker` is not ``"), "{stderr}");
}

#[test]
fn a_failing_step_is_undone_in_the_database() {
    let Some(database) = Postgres::start() else { return };
    let catalog = Catalog::new(
        r"  requires: {env: [PGHOST, PGPORT, PGUSER]}
  interpreter: [psql, -X, -q, -A, -t, -v, ON_ERROR_STOP=1, -d, postgres, -c]
  steps:
    - {step: 1, action: Let in fewer, command: create table gate (open bool), undo: drop table gate}
    - {step: 2, action: Close it, command: insert into gate values (false), undo: delete from gate, risk: high, timeout: 1m}
    - {step: 3, action: Fail, command: select 1/0}
",
    );
    let arguments = [
        "runbook",
        "run",
        "book",
        "--yes-up-to",
        "high",
        "--on-failure",
        "undo",
        "--format",
        "json",
    ];
    let (stdout, stderr, code) = database.run(&catalog, &arguments);
    assert_eq!(code, Some(14), "{stdout}{stderr}");
    assert!(stderr.contains("division by zero"), "{stderr}");
    let undone: Vec<_> = catalog
        .events("step_ended")
        .into_iter()
        .filter(|event| event["undo"] == true)
        .map(|event| event["step"].as_u64().unwrap())
        .collect();
    assert_eq!(undone, [2, 1]);
    assert_eq!(database.query("select to_regclass('gate') is null").unwrap(), "t");
}

#[test]
fn killed_in_the_middle_of_a_query_it_is_resumed() {
    let Some(database) = Postgres::start() else { return };
    let catalog = Catalog::new(
        r"  requires: {env: [PGHOST, PGPORT, PGUSER]}
  interpreter: [psql, -X, -q, -A, -t, -v, ON_ERROR_STOP=1, -d, postgres, -c]
  steps:
    - {step: 1, action: Make room, command: create table if not exists log (what text), idempotent: true}
    - {step: 2, action: Write slowly, command: 'begin; insert into log select $$two$$; select pg_sleep(3); commit'}
    - {step: 3, action: Write, command: insert into log select $$three$$}
",
    );
    let mut child = catalog
        .command(&["runbook", "run", "book", "--yes-up-to", "low"])
        .envs(database.environment())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let sleeping = "select count(*) from pg_stat_activity where query like 'begin; insert%' and state = 'active'";
    wait_for("the query", || database.query(sleeping).is_ok_and(|count| count == "1"));
    send("-KILL", child.id());
    child.wait().unwrap();
    let run = catalog.run_name();
    let resume = |more: &[&str]| {
        let arguments = [&["runbook", "resume", &run, "--yes-up-to", "low"], more].concat();
        database.run(&catalog, &arguments)
    };
    assert_eq!(resume(&[]).2, Some(13), "what became of step 2 is not known");
    // The database knows: the orphan went on, and its transaction was committed.
    wait_for("the end of the query", || {
        database.query("select count(*) from log").is_ok_and(|count| count == "1")
    });
    let (stdout, stderr, code) = resume(&["--unknown", "2=the row is there"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert_eq!(database.query("select string_agg(what, ',') from log").unwrap(), "two,three");
    assert_eq!(catalog.sre(&["runbook", "verify", &run]).code, Some(0));
}
