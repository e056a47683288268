//! Programs that print measurements.
//!
//! A program is started with its arguments as they are, by no shell, and what it prints is a stream that
//! ends with an error unless the program ends well. So whoever reads it to its end without an error has
//! read everything.
//!
//! # What becomes of it
//!
//! On Unix the program leads a process group of its own. When its time is over, when it prints more
//! than it may, or when nobody reads it any more, the whole group is killed, so that what it started dies
//! with it. A grandchild that leaves the group (`setsid`) lives on; it is not waited for either. Elsewhere
//! only the program itself is killed. The program itself is always waited for and leaves no zombie.
//!
//! A group of its own also means that an interrupt from the terminal does not reach the program: it ends
//! when it next prints and finds its pipe closed.
#![expect(
    clippy::disallowed_methods,
    reason = "this adapter starts programs, waits for them and ends them in time"
)]
use super::printable::printable;
use crate::kernel::units::Duration;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration as StdDuration, Instant},
};

/// Bytes of one piece of output, and how many pieces wait to be read.
const PIECE: usize = 64 << 10;
const PIECES_WAITING: usize = 4;

/// Bytes of standard error that are kept, the last ones; and characters of them that are shown.
const STDERR_KEPT: usize = 4 << 10;
const STDERR_SHOWN: usize = 400;

/// How long standard error may stay open behind the end of a program: something that it started and left
/// behind may hold it.
const STDERR_WAIT: StdDuration = StdDuration::from_millis(200);

/// A program to be started.
#[derive(Clone, Debug)]
pub struct Program {
    /// Name or path, and arguments. A path is relative to the folder; a name is looked for in `PATH`.
    pub arguments: Vec<String>,
    /// The folder it works in.
    pub folder: PathBuf,
    /// Variables that are added to our own environment, which it gets as well.
    pub environment: BTreeMap<String, String>,
    /// How long it may run.
    pub timeout: Duration,
    /// The most that it may print, in bytes.
    pub output_limit: u64,
}

/// Why a program cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// Nothing is to be started.
    #[error("the command is empty; expected a program and its arguments")]
    Empty,
    /// The folder is not there.
    #[error("cannot start `{program}`: there is no folder `{}`", folder.display())]
    Folder {
        /// The program.
        program: String,
        /// The folder.
        folder: PathBuf,
    },
    /// There is no such program.
    #[error("cannot start `{program}`: there is no such program{}", if *.searched { " in `PATH`" } else { "" })]
    Missing {
        /// The program.
        program: String,
        /// Whether it was looked for in `PATH`.
        searched: bool,
    },
    /// It is a script for an interpreter that is not there.
    #[error("cannot start `{program}`: the program that its first line names does not exist")]
    Interpreter {
        /// The script.
        program: String,
    },
    /// The system says no.
    #[error("cannot start `{program}`: {cause}")]
    System {
        /// The program.
        program: String,
        /// Why not.
        cause: io::Error,
    },
}

/// Starts a program; its standard input is empty.
///
/// # Errors
/// If it cannot be started.
pub fn start(program: &Program) -> Result<Output, ProcessError> {
    let Some((name, arguments)) =
        program.arguments.split_first().filter(|(name, _)| !name.is_empty())
    else {
        return Err(ProcessError::Empty);
    };
    let shown = printable(name, 100);
    // Where a path is looked for before or after the change of folder depends on the system.
    let is_path = Path::new(name).components().count() > 1;
    let executable = if is_path { program.folder.join(name) } else { PathBuf::from(name) };
    let mut command = Command::new(&executable);
    command
        .args(arguments)
        .current_dir(&program.folder)
        .envs(&program.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|cause| {
        if cause.kind() != io::ErrorKind::NotFound {
            ProcessError::System { program: shown.clone(), cause }
        } else if !program.folder.is_dir() {
            ProcessError::Folder { program: shown.clone(), folder: program.folder.clone() }
        } else if is_path && executable.exists() {
            ProcessError::Interpreter { program: shown.clone() }
        } else {
            ProcessError::Missing { program: shown.clone(), searched: !is_path }
        }
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let running = Running { child, ended: None };
    let (sender, pieces) = sync_channel(PIECES_WAITING);
    if let Some(stdout) = stdout {
        thread::spawn(move || pump(stdout, &sender));
    }
    let complaints = Complaints::default();
    let (closing, closed) = sync_channel(1);
    if let Some(stderr) = stderr {
        let complaints = complaints.clone();
        thread::spawn(move || {
            complaints.collect(stderr);
            let _ = closing.send(());
        });
    }
    Ok(Output {
        name: shown,
        running,
        pieces,
        piece: Vec::new(),
        taken: 0,
        complaints,
        closed,
        deadline: Instant::now()
            .checked_add(StdDuration::from_millis(program.timeout.milliseconds())),
        timeout: program.timeout,
        left: program.output_limit,
        limit: program.output_limit,
        end: None,
    })
}

/// What a program prints.
///
/// [`Read::read`] gives `Ok(0)` only after the program ended with status 0; everything else is an error,
/// again and again: [`io::ErrorKind::TimedOut`] when its time was over, [`io::ErrorKind::FileTooLarge`]
/// when it printed too much, [`io::ErrorKind::Other`] with its status and the end of what it wrote to
/// standard error when it failed. Dropping it ends the program.
pub struct Output {
    name: String,
    running: Running,
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// The piece that is being read, and how much of it has been.
    piece: Vec<u8>,
    taken: usize,
    complaints: Complaints,
    /// Says once that standard error has ended.
    closed: Receiver<()>,
    /// `None` beyond what the clock can count.
    deadline: Option<Instant>,
    timeout: Duration,
    left: u64,
    limit: u64,
    end: Option<Result<(), (io::ErrorKind, String)>>,
}

impl Output {
    /// Time until the deadline.
    fn time_left(&self) -> StdDuration {
        self.deadline
            .map_or(StdDuration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn next_piece(&mut self) -> Result<Option<Vec<u8>>, (io::ErrorKind, String)> {
        match self.pieces.recv_timeout(self.time_left()) {
            Ok(Ok(piece)) => {
                let length = piece.len() as u64;
                if length > self.left {
                    self.running.kill();
                    let message = format!("`{}` printed more than {} bytes", self.name, self.limit);
                    return Err((io::ErrorKind::FileTooLarge, message));
                }
                self.left -= length;
                Ok(Some(piece))
            }
            Ok(Err(cause)) => {
                self.running.kill();
                let message = format!("cannot read what `{}` prints: {cause}", self.name);
                Err((cause.kind(), message))
            }
            Err(RecvTimeoutError::Timeout) => Err(self.too_slow()),
            Err(RecvTimeoutError::Disconnected) => self.wait().map(|()| None),
        }
    }

    fn too_slow(&mut self) -> (io::ErrorKind, String) {
        self.running.kill();
        let message = format!("`{}` ran longer than {}", self.name, self.timeout);
        (io::ErrorKind::TimedOut, self.with_complaints(message))
    }

    /// Waits for the end of a program that has closed its standard output.
    fn wait(&mut self) -> Result<(), (io::ErrorKind, String)> {
        let mut nap = StdDuration::from_micros(200);
        let status = loop {
            match self.running.status() {
                Ok(Some(status)) => break status,
                Ok(None) if self.time_left().is_zero() => return Err(self.too_slow()),
                Ok(None) => {
                    thread::sleep(nap.min(self.time_left()));
                    nap = (nap * 2).min(StdDuration::from_millis(20));
                }
                Err(cause) => {
                    self.running.kill();
                    let message = format!("cannot learn how `{}` ended: {cause}", self.name);
                    return Err((cause.kind(), message));
                }
            }
        };
        if status.success() {
            return Ok(());
        }
        let message = format!("`{}` {}", self.name, how(status));
        Err((io::ErrorKind::Other, self.with_complaints(message)))
    }

    fn with_complaints(&self, message: String) -> String {
        let _ = self.closed.recv_timeout(STDERR_WAIT);
        let complaints = self.complaints.last();
        if complaints.is_empty() { message } else { format!("{message}: {complaints}") }
    }
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.taken == self.piece.len() {
            match &self.end {
                Some(Ok(())) => return Ok(0),
                Some(Err((kind, message))) => return Err(io::Error::new(*kind, message.clone())),
                None => {}
            }
            match self.next_piece() {
                Ok(Some(piece)) => (self.piece, self.taken) = (piece, 0),
                Ok(None) => self.end = Some(Ok(())),
                Err(failure) => self.end = Some(Err(failure)),
            }
        }
        let rest = &self.piece[self.taken..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        Ok(count)
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Output").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A program that has been started; killed and waited for when dropped.
struct Running {
    child: Child,
    ended: Option<ExitStatus>,
}

impl Running {
    fn status(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?;
        }
        Ok(self.ended)
    }

    /// Ends it and what it started.
    fn kill(&mut self) {
        if self.ended.is_some() {
            return;
        }
        // The number of the group is not given to another before its leader was waited for.
        kill_group(self.child.id());
        let _ = self.child.kill();
        self.ended = self.child.wait().ok();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kills a process group. There is no safe call for it, so the `kill` program is asked, which POSIX
/// demands, or the shell, which has it built in.
#[cfg(unix)]
fn kill_group(leader: u32) {
    let quiet = |command: &mut Command| {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let group = format!("-{leader}");
    let _ = quiet(Command::new("kill").args(["-KILL", "--", &group]))
        || quiet(Command::new("/bin/sh").args(["-c", "kill -KILL -- \"$1\"", "kill", &group]));
}

#[cfg(not(unix))]
fn kill_group(_leader: u32) {}

/// Passes on what a program prints, until it ends or nobody reads any more.
fn pump(mut stdout: ChildStdout, pieces: &SyncSender<io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; PIECE];
    loop {
        let piece = match stdout.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => Ok(buffer[..count].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let is_last = piece.is_err();
        if pieces.send(piece).is_err() || is_last {
            return;
        }
    }
}

/// The last that a program wrote to standard error.
#[derive(Clone, Default)]
struct Complaints(Arc<Mutex<VecDeque<u8>>>);

impl Complaints {
    fn collect(&self, mut stderr: ChildStderr) {
        let mut buffer = [0; 4096];
        loop {
            match stderr.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.extend(&buffer[..count]);
                    let excess = kept.len().saturating_sub(STDERR_KEPT);
                    kept.drain(..excess);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    /// The last of it that fits into a message.
    fn last(&self) -> String {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = printable(&String::from_utf8_lossy(kept.make_contiguous()), STDERR_KEPT);
        let excess = text.chars().count().saturating_sub(STDERR_SHOWN);
        match text.char_indices().nth(excess) {
            Some((at, _)) if excess > 0 => format!("…{}", &text[at..]),
            _ => text,
        }
    }
}

/// How a program ended that did not end well.
fn how(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was ended by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "did not end well".to_owned(),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program {
            arguments: ["sh", "-c", script].map(str::to_owned).to_vec(),
            folder: std::env::temp_dir(),
            environment: BTreeMap::new(),
            // Long for what ends by itself, on a busy machine too.
            timeout: Duration::from_seconds(60),
            output_limit: 1 << 20,
        }
    }

    fn run(program: &Program) -> Result<String, io::Error> {
        let mut text = String::new();
        let mut output = start(program).unwrap();
        match output.read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => {
                // An end is an end: it is told again, and never becomes a good one.
                let again = output.read(&mut [0]).unwrap_err();
                assert_eq!((again.kind(), again.to_string()), (error.kind(), error.to_string()));
                assert!(!error.to_string().contains(char::is_control), "{error:?}");
                Err(error)
            }
        }
    }

    /// Whether a process exists, or is a zombie.
    fn exists(process: &str) -> bool {
        Command::new("kill").args(["-0", process]).stderr(Stdio::null()).status().unwrap().success()
    }

    /// Waits for a process to go, as long as it may take on a busy machine.
    fn has_gone(process: &str) -> bool {
        let mut gone = false;
        for _ in 0..2000 {
            gone = !exists(process);
            if gone {
                break;
            }
            thread::sleep(StdDuration::from_millis(5));
        }
        gone
    }

    #[test]
    fn what_a_program_prints() {
        assert_eq!(run(&shell("printf 'a\\nb'")).unwrap(), "a\nb");
        assert_eq!(run(&shell("exit 0")).unwrap(), "");
        assert_eq!(run(&shell("echo fine; echo note >&2")).unwrap(), "fine\n");
        assert_eq!(run(&shell("cat")).unwrap(), "", "standard input is empty");
        let large = run(&shell("head -c 1048576 /dev/zero | tr '\\0' x")).unwrap();
        assert_eq!(large.len(), 1 << 20);
    }

    #[test]
    fn where_and_with_what_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let mut program = shell("pwd -P; echo \"$ADDED\"; echo \"${PATH:+inherited}\"");
        program.folder = folder.path().canonicalize().unwrap();
        program.environment.insert("ADDED".into(), "a b;c".into());
        let expected = format!("{}\na b;c\ninherited\n", program.folder.display());
        assert_eq!(run(&program).unwrap(), expected);
        // A path is relative to the folder; arguments are not read by a shell.
        std::os::unix::fs::symlink("/bin/sh", folder.path().join("own")).unwrap();
        let arguments = ["./own", "-c", "printf '%s|' \"$@\"", "own", "$HOME", "a b", "; exit 3"];
        program.arguments = arguments.map(str::to_owned).to_vec();
        assert_eq!(run(&program).unwrap(), "$HOME|a b|; exit 3|");
    }

    #[test]
    fn failure_is_told_with_its_reason() {
        for (script, message) in [
            ("echo data; exit 3", "`sh` ended with status 3"),
            ("echo no table >&2; exit 3", "`sh` ended with status 3: no table"),
            (
                "printf 'a\\377\\033[31mb\\n\\tc' >&2; exit 1",
                "ended with status 1: a\u{fffd} [31mb c",
            ),
            ("kill -TERM $$", "`sh` was ended by signal 15"),
            ("exec >&-; exit 4", "`sh` ended with status 4"),
        ] {
            let error = run(&shell(script)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Other);
            assert!(error.to_string().contains(message), "{script}: {error}");
        }
        let long = run(&shell("yes 0123456789 | head -n 9999 >&2; echo the reason >&2; exit 1"));
        let message = long.unwrap_err().to_string();
        assert!(message.ends_with("the reason") && message.len() < 500, "{message}");
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        for script in [
            "sleep 1000",
            "trap '' TERM INT HUP; sleep 1000; sleep 1000",
            "exec >&-; sleep 1000",
            "exec >&- 2>&-; sleep 1000",
        ] {
            let mut program = shell(script);
            program.timeout = Duration::from_milliseconds(300);
            let error = run(&program).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{script}");
            assert_eq!(error.to_string(), "`sh` ran longer than 300ms");
        }
    }

    /// The first lines of a program that goes on.
    fn first_lines(output: &mut Output, count: usize) -> Vec<String> {
        let mut text = String::new();
        while text.lines().count() < count || !text.ends_with('\n') {
            let mut byte = [0];
            assert_eq!(output.read(&mut byte).unwrap(), 1);
            text.push(byte[0].into());
        }
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_it_said_before_its_time_was_over() {
        let mut output = start(&shell("echo waiting >&2; echo go; sleep 1000")).unwrap();
        assert_eq!(first_lines(&mut output, 1), ["go"]);
        output.deadline = Some(Instant::now());
        let error = output.read(&mut [0]).unwrap_err();
        assert_eq!(error.to_string(), "`sh` ran longer than 1m: waiting");
    }

    #[test]
    fn what_it_started_ends_with_it() {
        let mut output = start(&shell("sleep 1000 & echo $!; echo $$; wait")).unwrap();
        let numbers = first_lines(&mut output, 2);
        output.deadline = Some(Instant::now());
        assert_eq!(output.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(numbers.iter().all(|number| has_gone(number)), "{numbers:?}");
    }

    #[test]
    fn a_program_that_nobody_reads_is_ended() {
        let mut output = start(&shell("echo $$; yes")).unwrap();
        let numbers = first_lines(&mut output, 1);
        drop(output);
        assert!(has_gone(&numbers[0]), "{numbers:?} still runs, or is a zombie");
    }

    #[test]
    fn a_program_that_prints_forever_is_ended() {
        let mut program = shell("yes");
        program.output_limit = 100_000;
        let error = run(&program).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "`sh` printed more than 100000 bytes");
        program = shell("head -c 100000 /dev/zero");
        program.output_limit = 100_000;
        assert_eq!(run(&program).unwrap().len(), 100_000);
    }

    #[test]
    fn programs_that_cannot_be_started() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plain"), "text").unwrap();
        // Written by another process: none of ours has it open, so that it can be executed.
        let mut write = shell("printf '#!/no/such/interpreter\\n' > script; chmod +x script");
        write.folder = folder.path().to_owned();
        run(&write).unwrap();
        let error = |arguments: &[&str], folder: &Path| {
            let arguments = arguments.iter().map(|&text| text.to_owned()).collect();
            let program = Program { arguments, folder: folder.to_owned(), ..shell("") };
            start(&program).unwrap_err().to_string()
        };
        let here = folder.path();
        assert!(error(&[], here).contains("the command is empty"));
        assert!(error(&["", "x"], here).contains("the command is empty"));
        let missing = error(&["no-such-program-at-all"], here);
        assert_eq!(
            missing,
            "cannot start `no-such-program-at-all`: there is no such program in `PATH`"
        );
        assert!(error(&["./none"], here).ends_with("there is no such program"));
        assert!(error(&["./plain"], here).contains("cannot start `./plain`: "));
        assert!(error(&["./script"], here).contains("that its first line names"));
        assert!(error(&["sh"], &here.join("gone")).contains("there is no folder"));
        assert!(error(&["a\0b"], here).contains("cannot start `a b`"));
    }
}
