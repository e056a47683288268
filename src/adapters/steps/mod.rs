//! Programs that steps of runbooks run.
//!
//! # What becomes of them
//!
//! A program leads a process group of its own, so that it and what it started can be ended together. When its
//! time is over or the operator interrupts it, the group is told to end (`TERM`), and what is still there after
//! five seconds is killed. Something that it leaves behind when it ends by itself is ended with it: a step is over
//! when its program is. Only what leaves the group (`setsid`, a service manager) lives on; it is not waited for, and
//! where it holds a stream open that is given up.
//!
//! Its standard input is empty, or holds what the runbook says. A program that asks the terminal for something would
//! be stopped by the system for ever; that is seen, and it is ended.
//!
//! It gets no environment but what is listed: what it needs to find programs and its user's files, what the runbook
//! names, and the values of parameters.
#![expect(
    clippy::disallowed_methods,
    reason = "this adapter starts programs, waits for them and ends them in time"
)]
mod lock;
mod signals;
mod sink;

pub use lock::{Lock, Locked};
pub use signals::Signals;

use crate::{
    domains::runbook::engine::{
        event::Output,
        judge::{Ended, How},
        run::{Order, Sight, StepRunner, Stream},
    },
    kernel::units::Duration,
};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use sink::Sink;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io::{self, Read, Write as _},
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration as StdDuration, Instant},
};

/// How long a group has to end by itself once it was told to.
const GRACE: StdDuration = StdDuration::from_secs(5);

/// How long streams may stay open behind the end of their program.
const DRAIN: StdDuration = StdDuration::from_secs(1);

/// How long is waited for a program that was killed: the system may hold it in a call that cannot be interrupted.
const REAP: StdDuration = StdDuration::from_secs(5);

/// How often signals, deadlines and the program are looked at.
const TICK: StdDuration = StdDuration::from_millis(50);

/// Bytes of a piece of output, and how many pieces wait.
const PIECE: usize = 64 << 10;
const PIECES_WAITING: usize = 8;

/// Runs the programs of one run.
pub struct Steps {
    environment: BTreeMap<String, String>,
    signals: Arc<Signals>,
    started: Instant,
}

impl Steps {
    /// Programs get this environment, and what their steps add.
    pub fn new(environment: BTreeMap<String, String>, signals: Arc<Signals>) -> Self {
        // What programs leave behind is left to us rather than to the first process of the machine, which need not
        // take note of its end.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        Self { environment, signals, started: Instant::now() }
    }

    fn command(&self, order: &Order) -> Result<Command, String> {
        let Some((name, arguments)) =
            order.arguments.split_first().filter(|(name, _)| !name.is_empty())
        else {
            return Err("there is no program to run".to_owned());
        };
        let is_path = Path::new(name).components().count() > 1;
        let executable = if is_path { order.folder.join(name) } else { name.into() };
        let mut command = Command::new(executable);
        command
            .args(arguments)
            .current_dir(&order.folder)
            .env_clear()
            .envs(&self.environment)
            .envs(&order.environment)
            .stdin(if order.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        Ok(command)
    }

    fn start(&self, order: &Order) -> Result<Child, String> {
        let name = order.arguments.first().map_or("", String::as_str);
        self.command(order)?.spawn().map_err(|cause| match cause.kind() {
            _ if !order.folder.is_dir() => {
                format!("there is no folder `{}` to work in", order.folder.display())
            }
            io::ErrorKind::NotFound => format!("there is no program `{name}`"),
            _ => format!("`{name}` cannot be started: {cause}"),
        })
    }
}

impl StepRunner for Steps {
    fn run(&mut self, order: &Order, sees: &mut dyn FnMut(Sight<'_>)) -> Ended {
        let began = Instant::now();
        let mut child = match self.start(order) {
            Ok(child) => child,
            Err(why) => {
                let (stdout, stderr) = (Output::default(), Output::default());
                return Ended { how: How::NotStarted(why), milliseconds: 0, stdout, stderr };
            }
        };
        sees(Sight::Started(child.id()));
        let (sender, pieces) = sync_channel(PIECES_WAITING);
        feed(&mut child, order.stdin.as_deref());
        let error_sender = sender.clone();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || pump(Stream::Output, stdout, &sender));
        }
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || pump(Stream::Error, stderr, &error_sender));
        }
        let running = Running {
            group: Pid::from_child(&child),
            child,
            status: None,
            ending: None,
            pieces,
            out: Sink::new(&order.secrets),
            err: Sink::new(&order.secrets),
            began,
            deadline: began.checked_add(StdDuration::from_millis(order.timeout.milliseconds())),
            signals: &self.signals,
            interrupts_before: self.signals.interrupts(),
        };
        running.finish(sees)
    }

    fn pause(&mut self, length: Duration) -> bool {
        let (began, before) = (Instant::now(), self.signals.interrupts());
        let length = StdDuration::from_millis(length.milliseconds());
        while began.elapsed() < length {
            if self.signals.interrupts() > before || self.signals.is_to_end() {
                return false;
            }
            thread::sleep(TICK.min(length.saturating_sub(began.elapsed())));
        }
        true
    }

    fn elapsed(&self) -> Duration {
        span(self.started.elapsed())
    }

    fn hung_up(&self) -> bool {
        self.signals.is_to_end()
    }
}

fn span(length: StdDuration) -> Duration {
    Duration::from_milliseconds(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
}

/// Gives a program what it reads. One that does not read it is none the worse.
fn feed(child: &mut Child, text: Option<&str>) {
    if let (Some(mut stdin), Some(text)) = (child.stdin.take(), text) {
        let text = text.to_owned();
        thread::spawn(move || {
            let _ = stdin.write_all(text.as_bytes());
        });
    }
}

/// Passes on what a program prints; nothing more comes after an empty piece.
fn pump(stream: Stream, mut pipe: impl Read, pieces: &SyncSender<(Stream, Vec<u8>)>) {
    let mut buffer = vec![0; PIECE];
    loop {
        let piece = match pipe.read(&mut buffer) {
            Ok(count) => buffer.get(..count).unwrap_or_default().to_vec(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => Vec::new(),
        };
        let is_last = piece.is_empty();
        if pieces.send((stream, piece)).is_err() || is_last {
            return;
        }
    }
}

/// A group that was told to end.
struct Ending {
    how: How,
    since: Instant,
    killed: Option<Instant>,
}

struct Running<'s> {
    child: Child,
    group: Pid,
    status: Option<(ExitStatus, Instant)>,
    ending: Option<Ending>,
    pieces: Receiver<(Stream, Vec<u8>)>,
    out: Sink,
    err: Sink,
    began: Instant,
    /// `None` beyond what the clock can count.
    deadline: Option<Instant>,
    signals: &'s Signals,
    interrupts_before: u32,
}

impl Running<'_> {
    fn finish(mut self, sees: &mut dyn FnMut(Sight<'_>)) -> Ended {
        let mut ticked = Instant::now();
        let lost = loop {
            match self.pieces.recv_timeout(TICK) {
                Ok((stream, piece)) => self.take(stream, &piece, sees),
                Err(RecvTimeoutError::Timeout) => {}
                // Both streams are over; only the program is still waited for.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(StdDuration::from_millis(1)),
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                self.out.tick();
                self.err.tick();
                sees(Sight::Tick(span(self.began.elapsed())));
            }
            if let Err(cause) = self.look() {
                break Some(format!("how it ended cannot be learned: {cause}"));
            }
            if self.is_over() {
                break None;
            }
            if self.is_stuck() {
                break Some("it cannot be ended: the system holds it".to_owned());
            }
        };
        // The number of the group is not given to another while somebody is in it.
        self.end_group();
        while let Ok((stream, piece)) = self.pieces.recv_timeout(StdDuration::from_millis(10)) {
            self.take(stream, &piece, sees);
            if self.out.ended && self.err.ended {
                break;
            }
        }
        let milliseconds = span(self.began.elapsed()).milliseconds();
        let how = match (lost, self.ending.take(), self.status) {
            (Some(why), ..) => How::Lost(why),
            (None, Some(ending), _) => ending.how,
            (None, None, Some((status, _))) => match (status.code(), status.signal()) {
                (Some(code), _) => How::Exited(code),
                (None, Some(signal)) => How::Signalled(signal),
                (None, None) => How::Lost("how it ended is not known".to_owned()),
            },
            (None, None, None) => How::Lost("how it ended is not known".to_owned()),
        };
        let (shown, stdout) = self.out.finish();
        if let Some(text) = shown {
            sees(Sight::Printed(Stream::Output, &text));
        }
        let (shown, stderr) = self.err.finish();
        if let Some(text) = shown {
            sees(Sight::Printed(Stream::Error, &text));
        }
        Ended { how, milliseconds, stdout, stderr }
    }

    fn take(&mut self, stream: Stream, piece: &[u8], sees: &mut dyn FnMut(Sight<'_>)) {
        let sink = match stream {
            Stream::Output => &mut self.out,
            Stream::Error => &mut self.err,
        };
        if piece.is_empty() {
            sink.ended = true;
        } else if let Some(text) = sink.take(piece) {
            sees(Sight::Printed(stream, &text));
        }
    }

    /// Looks at the program, the clock and the operator, and ends the group where one of them wants it.
    fn look(&mut self) -> io::Result<()> {
        if self.status.is_none() {
            self.status = self.child.try_wait()?.map(|status| (status, Instant::now()));
        }
        let interrupts = self.signals.interrupts().saturating_sub(self.interrupts_before);
        match &mut self.ending {
            None if self.status.is_some() => {}
            None => {
                let how = if interrupts > 0 || self.signals.is_to_end() {
                    How::Interrupted
                } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    How::TimedOut
                } else if self.waits_for_terminal() {
                    How::AskedTerminal
                } else {
                    return Ok(());
                };
                self.ending = Some(Ending { how, since: Instant::now(), killed: None });
                signal(self.group, Signal::TERM);
                // What is stopped hears nothing before it goes on.
                signal(self.group, Signal::CONT);
            }
            Some(ending) if ending.killed.is_none() => {
                if interrupts > 1 || ending.since.elapsed() >= GRACE {
                    ending.killed = Some(Instant::now());
                    signal(self.group, Signal::KILL);
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Whether the system has stopped the program because it asked its terminal, which is not its own, for input.
    fn waits_for_terminal(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            let stopped = waitid(WaitId::Pid(self.group), options).ok().flatten();
            let terminal = [Signal::TTIN.as_raw(), Signal::TTOU.as_raw()];
            stopped
                .and_then(|status| status.stopping_signal())
                .is_some_and(|signal| terminal.contains(&signal))
        }
        #[cfg(not(target_os = "linux"))]
        false
    }

    /// Whether nothing more is waited for.
    fn is_over(&self) -> bool {
        let Some((_, at)) = self.status else { return false };
        (self.out.ended && self.err.ended) || at.elapsed() >= DRAIN
    }

    fn is_stuck(&self) -> bool {
        let killed = self.ending.as_ref().and_then(|ending| ending.killed);
        self.status.is_none() && killed.is_some_and(|at| at.elapsed() >= REAP)
    }

    /// Ends what the program has left behind in its group.
    fn end_group(&mut self) {
        let is_killed = self.ending.as_ref().is_some_and(|ending| ending.killed.is_some());
        if !is_killed && !self.is_empty() {
            signal(self.group, Signal::TERM);
            signal(self.group, Signal::CONT);
            let before = self.signals.interrupts();
            self.wait_until_empty(GRACE, || self.signals.interrupts() > before);
        }
        if !self.is_empty() {
            signal(self.group, Signal::KILL);
            self.wait_until_empty(DRAIN, || false);
        }
    }

    fn wait_until_empty(&self, most: StdDuration, is_enough: impl Fn() -> bool) {
        let began = Instant::now();
        while began.elapsed() < most && !is_enough() && !self.is_empty() {
            thread::sleep(StdDuration::from_millis(5));
        }
    }

    /// Whether nobody is in the group any more. Whoever has ended and was left to us is taken note of: until then
    /// it would count.
    fn is_empty(&self) -> bool {
        if self.status.is_some() {
            use rustix::process::{WaitOptions, waitpgid};
            while let Ok(Some(_)) = waitpgid(self.group, WaitOptions::NOHANG) {}
        }
        test_kill_process_group(self.group).is_err()
    }
}

impl Drop for Running<'_> {
    /// Nothing is left running, whatever happened.
    fn drop(&mut self) {
        if self.status.is_none() && matches!(self.child.try_wait(), Ok(None)) {
            signal(self.group, Signal::KILL);
        }
    }
}

/// Sends a signal to a group. Where nobody is in it any more, that is what was wanted.
fn signal(group: Pid, signal: Signal) {
    let _ = kill_process_group(group, signal);
}

/// Whether somebody is in a process group of this machine.
pub fn group_lives(group: u32) -> bool {
    let group = i32::try_from(group).ok().and_then(Pid::from_raw);
    group.is_some_and(|group| test_kill_process_group(group).is_ok())
}

/// The name of this machine.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Whether a program of that name is found in the folders of `PATH`.
pub fn is_program(name: &str, path: Option<&str>) -> bool {
    let folders = std::env::split_paths(OsStr::new(path.unwrap_or_default()));
    let candidates: Vec<_> = if name.contains('/') {
        vec![name.into()]
    } else {
        folders.map(|folder| folder.join(name)).collect()
    };
    let can_run = |path: &Path| {
        rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
    };
    candidates.iter().any(|candidate: &std::path::PathBuf| can_run(candidate))
}
