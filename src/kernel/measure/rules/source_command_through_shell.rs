//! A program that is started by a shell.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    measure::DataSource,
    spec::{Document, Field, Optional},
};

pub(super) static RULE: Rule = Rule {
    code: "SRC007",
    name: "source-command-through-shell",
    level: Level::Warning,
    fixable: false,
    page: include_str!("source-command-through-shell.md"),
    check: Check::Document(check),
};

/// Shells, by the names of their programs.
const SHELLS: [&str; 11] =
    ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "cmd", "powershell", "pwsh"];

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(source) = document.spec::<DataSource>() else { return };
    let Some(command) = source.command.value() else { return };
    let Some((words, place)) = command.run.pair() else { return };
    let words: Vec<&str> = words.iter().filter_map(Field::get).map(String::as_str).collect();
    if let Some(shell) = shell_with_text(&words) {
        let message = format!("the measurements go through a shell, `{shell}`");
        findings.push(Finding::new(&RULE, place, message).help(
            "write the program and its arguments as they are, or put the text into a file of its \
             own and run that",
        ));
    }
}

/// The shell that is given a program as a text, if the command is such a one.
fn shell_with_text<'w>(words: &[&'w str]) -> Option<&'w str> {
    let (program, arguments) = words.split_first()?;
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    if name == "env" {
        // Settings of variables and options come before the program.
        let rest =
            arguments.iter().position(|word| !word.starts_with('-') && !word.contains('='))?;
        return shell_with_text(&arguments[rest..]);
    }
    let mut options = true;
    let mut before = "";
    let text = arguments.iter().any(|word| {
        // Behind the first word that is no option stand the arguments of a script.
        let value = matches!(before, "-o" | "+o" | "-O" | "+O");
        options &= value || word.starts_with(['-', '+', '/']);
        before = word;
        options && takes_text(word)
    });
    (SHELLS.contains(&name) && text).then_some(*program)
}

/// Whether an option of a shell says that its argument is what to run.
fn takes_text(option: &str) -> bool {
    let option = option.to_ascii_lowercase();
    let letters = option.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
    let bundled = letters.is_some_and(|letters| letters.len() <= 4 && letters.ends_with('c'));
    bundled || matches!(option.as_str(), "/c" | "/k" | "-command" | "-encodedcommand")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_known_by_what_they_are_given() {
        for words in [
            &["sh", "-c", "curl x | jq"][..],
            &["/bin/bash", "-euc", "a"],
            &["bash", "-o", "pipefail", "-c", "a"],
            &["env", "-i", "A=b", "/bin/sh", "-c", "a"],
            &["C:\\Windows\\cmd.exe", "/C", "a"],
            &["pwsh", "-Command", "a"],
        ] {
            assert!(shell_with_text(words).is_some(), "{words:?}");
        }
        for words in [
            &["sh", "./measure.sh"][..],
            &["./measure", "-c", "settings.yaml"],
            &["env", "A=b", "./measure", "-c"],
            &["bash", "--rcfile", "c"],
            &["sh", "./measure.sh", "-c"],
            &["env"],
            &[],
        ] {
            assert_eq!(shell_with_text(words), None, "{words:?}");
        }
    }
}
