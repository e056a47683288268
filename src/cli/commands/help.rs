//! `sre help`: the commands in groups, one command, or a topic.
use crate::cli::{Exit, Failure, Session, command};
use std::fmt::Write as _;

/// Arguments of `sre help`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A command, such as `budget` or `export prometheus`, or the topic `exit-codes`.
    topic: Vec<String>,
}

/// The commands in the groups in which help lists them.
pub const GROUPS: [(&str, &[&str]); 9] = [
    ("Write", &["init", "new", "fmt"]),
    ("Check", &["validate", "test", "diff", "doctor", "explain", "schema"]),
    ("Compute", &["budget", "burn", "backtest", "route", "status"]),
    ("Decide", &["gate", "sla"]),
    ("Be on call", &["oncall", "escalate"]),
    ("Recover", &["dr"]),
    ("Respond and learn", &["incident", "runbook", "postmortem", "toil"]),
    ("Exchange", &["import", "export"]),
    ("Look", &["list", "show", "graph"]),
];

/// The rest, which every command-line program has.
const OTHERS: (&str, &[&str]) = ("Other", &["completions", "man", "version", "help"]);

/// Lists the subcommands in groups instead of in one long list.
pub fn with_groups(command: clap::Command) -> clap::Command {
    let mut text = String::new();
    for (group, names) in GROUPS.into_iter().chain([OTHERS]) {
        let _ = writeln!(text, "{group}:");
        for name in names {
            let about = command
                .find_subcommand(name)
                .and_then(clap::Command::get_about)
                .map(ToString::to_string)
                .unwrap_or_default();
            let _ = writeln!(text, "  {name:<12} {about}");
        }
        text.push('\n');
    }
    text.push_str(
        "`sre help COMMAND` says more of a command, `sre help exit-codes` what exit codes mean.\n",
    );
    command
        .help_template("{about}\n\n{usage-heading} sre <COMMAND> [OPTIONS]{after-help}")
        .after_help(text)
}

/// Prints help.
///
/// # Errors
/// If there is no such command or topic.
pub fn run(arguments: &Arguments, session: &mut Session<'_, '_>) -> Result<Exit, Failure> {
    let mut command = command();
    let topic: Vec<&str> = arguments.topic.iter().map(String::as_str).collect();
    let text = match topic.as_slice() {
        [] => command.render_help().to_string(),
        ["exit-codes"] => exit_codes(),
        words => help_on(command, words)?,
    };
    session.print(text.as_bytes())?;
    Ok(Exit::Success)
}

/// The help of the command that the words name, one below the other.
fn help_on(mut command: clap::Command, words: &[&str]) -> Result<String, Failure> {
    let mut name = "sre".to_owned();
    for word in words {
        let Some(subcommand) = command.find_subcommand(word) else {
            let mut names: Vec<&str> =
                command.get_subcommands().map(clap::Command::get_name).collect();
            if name == "sre" {
                names.push("exit-codes");
            }
            let failure = Failure::input(format!("no command or topic is called `{word}`"));
            return Err(if names.is_empty() {
                failure.hint(format!("`{name}` has no commands of its own"))
            } else {
                failure.hint(format!("there is: {}", names.join(", ")))
            });
        };
        command = subcommand.clone();
        name = format!("{name} {word}");
    }
    Ok(command.bin_name(name).render_long_help().to_string())
}

/// What the exit codes mean.
pub fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n\n");
    for (exit, meaning) in Exit::ALL {
        let _ = writeln!(text, "  {:>2}  {meaning}", exit.code());
    }
    text.push_str(
        "\nWhen several apply, the first of 2, 3, 1, 4, 0 stands. A closed pipe (`sre list | head`) is 0.\n",
    );
    text
}
