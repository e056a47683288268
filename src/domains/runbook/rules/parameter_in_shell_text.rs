//! A value would become part of the text that a shell reads.
use super::{runbook_of, steps};
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::Document,
};

pub(super) static RULE: Rule = Rule {
    code: "RUN010",
    name: "parameter-in-shell-text",
    level: Level::Error,
    fixable: false,
    page: include_str!("parameter-in-shell-text.md"),
    check: Check::Document(check),
};

use crate::domains::runbook::engine::{
    plan::{Invocation, Work},
    variables::Template,
};

/// Programs that read one of their arguments as a text to be carried out, and the option before it.
const READERS: [(&str, &[&str]); 12] = [
    ("sh", &["-c", "-ec", "-euc"]),
    ("bash", &["-c", "-ec", "-euc", "-lc"]),
    ("dash", &["-c"]),
    ("zsh", &["-c"]),
    ("ksh", &["-c"]),
    ("python", &["-c"]),
    ("python3", &["-c"]),
    ("perl", &["-e"]),
    ("ruby", &["-e"]),
    ("node", &["-e"]),
    ("psql", &["-c", "--command"]),
    ("mysql", &["-e", "--execute"]),
];

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let (Some(runbook), Some(spec)) = (runbook_of(document), document.spec::<Runbook>()) else {
        return;
    };
    for ((_, place), step) in steps(spec).zip(&runbook.plan.steps) {
        let undo = step.undo.as_ref().map(|undo| &undo.work);
        for work in [Some(&step.work), undo].into_iter().flatten() {
            let Work::Program(invocation) = work else { continue };
            if let Some(name) = pasted(invocation) {
                let message =
                    format!("`${{{name}}}` would become part of a text that is carried out");
                findings.push(Finding::new(&RULE, place, message).help(
                    "programs find the value in the variable of that name: a shell as `\"$name\"`, \
                     psql as a variable of `-v` when it reads from standard input",
                ));
            }
        }
    }
}

/// A name in an argument that is read as a text to be carried out.
fn pasted(invocation: &Invocation) -> Option<&str> {
    let arguments = &invocation.arguments;
    let literals: Vec<&str> = arguments.iter().map(|one| one.as_literal().unwrap_or("")).collect();
    let program = literals.iter().position(|word| {
        let base = word.rsplit('/').next().unwrap_or(word);
        READERS.iter().any(|(name, _)| *name == base)
    })?;
    let base = literals.get(program)?.rsplit('/').next()?;
    let (_, options) = READERS.iter().find(|(name, _)| *name == base)?;
    let after = arguments.get(program + 1..)?;
    let option = after
        .iter()
        .position(|one| one.as_literal().is_some_and(|word| options.contains(&word)))?;
    after.get(option + 1).and_then(|text: &Template| text.names().next())
}
