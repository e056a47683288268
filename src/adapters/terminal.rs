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

/// Whether standard error is a terminal.
pub fn stderr_is_terminal() -> bool {
    #[expect(clippy::disallowed_methods, reason = "asks what the stream is, writes nothing")]
    std::io::stderr().is_terminal()
}
