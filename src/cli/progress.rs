//! A progress bar on a terminal, for what takes longer than half a second.
use super::Session;
use crate::adapters::clock::Stopwatch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicU64, Ordering};

/// How long a command may be silent before it says what it is doing.
const PATIENCE_MILLISECONDS: u64 = 500;

/// Progress through a number of bytes.
pub(super) struct Progress {
    bar: ProgressBar,
    started: Stopwatch,
    done: AtomicU64,
    wanted: bool,
}

impl Progress {
    /// Progress towards `total` bytes; draws nothing where standard error is no terminal.
    pub(super) fn new(session: &Session<'_, '_>, what: &str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total.max(1)), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template(
            "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        );
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        let wanted = session.may_draw_progress();
        Self { bar, started: Stopwatch::start(), done: AtomicU64::new(0), wanted }
    }

    /// That many more bytes are done. May be called from several threads.
    pub(super) fn advance(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if !self.wanted || !self.started.has_run(PATIENCE_MILLISECONDS) {
            return;
        }
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        self.bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
