//! What is seen of a program while it runs: that it does, for how long, and the last that it printed.
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{collections::VecDeque, time::Duration};

/// Lines of output that are shown of a step; the rest is in the transcript.
const LINES: usize = 5;

/// Characters of a line that are shown.
const COLUMNS: usize = 160;

/// A program that runs.
pub(super) struct View {
    bar: Option<ProgressBar>,
    last: VecDeque<String>,
    lines: u64,
}

impl View {
    /// Draws on a terminal; elsewhere keeps the last lines and draws nothing.
    pub(super) fn new(draws: bool) -> Self {
        let bar = draws.then(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar, last: VecDeque::new(), lines: 0 }
    }

    /// Takes what it printed: whole lines, or a part of a long one.
    pub(super) fn printed(&mut self, text: &str) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.lines += 1;
            if self.last.len() == LINES {
                self.last.pop_front();
            }
            self.last.push_back(short(line));
        }
        if let (Some(bar), Some(line)) = (&self.bar, self.last.back()) {
            bar.set_message(line.clone());
        }
    }

    /// The program has ended: the last lines that it printed, and how many there were before them.
    pub(super) fn finish(self) -> (u64, Vec<String>) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        (self.lines - self.last.len() as u64, self.last.into())
    }
}

/// A line, with its end cut off where it is long.
fn short(line: &str) -> String {
    match line.char_indices().nth(COLUMNS) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
