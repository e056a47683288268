//! A limit that nothing can be compared with.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    measure::DataSource,
    spec::{Document, Optional},
    units::Ratio,
};

pub(super) static RULE: Rule = Rule {
    code: "SRC006",
    name: "source-bad-lines-limit",
    level: Level::Error,
    fixable: false,
    page: include_str!("source-bad-lines-limit.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(source) = document.spec::<DataSource>() else { return };
    let files = source.files.value().map(|files| &files.max_bad_lines);
    let command = source.command.value().map(|command| &command.max_bad_lines);
    let Some((limit, place)) = files.or(command).and_then(Optional::pair) else { return };
    let share = limit.ends_with('%') && limit.parse::<Ratio>().is_ok();
    if !share && limit.parse::<u64>().is_err() {
        findings.push(
            Finding::new(&RULE, place, "a limit is a number of lines or a share of them")
                .help("write it like `100` or `1%`"),
        );
    }
}
