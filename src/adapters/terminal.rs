//! What the standard streams are.
use std::io::IsTerminal;

/// Columns of the terminal that standard output is; `None` where it is a file or a pipe.
pub fn stdout_width() -> Option<usize> {
    #[expect(clippy::disallowed_methods, reason = "asks what the stream is, writes nothing")]
    let is_terminal = std::io::stdout().is_terminal();
    if !is_terminal {
        return None;
    }
    Some(terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)))
}

/// Columns of the terminal that standard error is; `None` where it is a file or a pipe.
pub fn stderr_width() -> Option<usize> {
    #[expect(clippy::disallowed_methods, reason = "asks what the stream is, writes nothing")]
    let stderr = std::io::stderr();
    if !stderr.is_terminal() {
        return None;
    }
    Some(terminal_size::terminal_size_of(stderr).map_or(80, |(width, _)| usize::from(width.0)))
}

/// Whether standard input is a terminal.
pub fn stdin_is_terminal() -> bool {
    #[expect(clippy::disallowed_methods, reason = "asks what the stream is, reads nothing")]
    std::io::stdin().is_terminal()
}
