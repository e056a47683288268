//! A command that destroys something, and the step does not say so.
use super::steps;
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Field, Optional as _},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN008",
    name: "destructive-command",
    level: Level::Warning,
    fixable: false,
    page: include_str!("destructive-command.md"),
    check: Check::Document(check),
};

use crate::domains::runbook::engine::plan::Risk;
use regex::Regex;
use std::sync::LazyLock;

/// Commands that remove what cannot be had again, or take away what users need.
static DESTROYS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let verbs = [
        r"\brm\s+(-\S+\s+)*-\S*[rf]",
        r"\b(mkfs|wipefs|shred|dropdb|dropuser)\b",
        r"\bdd\s+.*\bof=",
        r"\bdrop\s+(table|database|schema|index|view|role|user|collection)\b",
        r"\btruncate\s+(table\s+)?[a-z_]",
        r"\bdelete\s+from\b",
        r"\bkubectl\s+(.*\s)?(delete|drain)\b",
        r"\bhelm\s+(.*\s)?(uninstall|delete)\b",
        r"\bterraform\s+(.*\s)?(destroy\b|apply\s.*-auto-approve)",
        r"\bdocker\s+(volume\s+rm|system\s+prune|rm\s+-f)\b",
        r"\bgit\s+(push\s+.*(--force\b|-f\b)|reset\s+--hard|clean\s+-\S*f)",
        r"\baws\s+\S+\s+(delete|terminate|deregister)-",
        r"\b(gcloud|az)\s+.*\sdelete\b",
        r"\bredis-cli\s+.*\bflush(all|db)\b",
        r"\b(shutdown|reboot|poweroff)\b",
    ];
    Regex::new(&format!("(?i){}", verbs.join("|"))).ok()
});

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let (Some(spec), Some(destroys)) = (document.spec::<Runbook>(), DESTROYS.as_ref()) else {
        return;
    };
    for (step, _) in steps(spec) {
        let argv: Vec<&str> =
            step.argv.iter().filter_map(Field::get).map(|text| text.0.as_str()).collect();
        let joined = argv.join(" ");
        let command = step.command.pair().map(|(text, place)| (text.as_str(), place));
        let argv = step.argv.first().map(|field| (joined.as_str(), field.place()));
        let Some((text, place)) = command.or(argv) else { continue };
        let Some(verb) = destroys.find(text) else { continue };
        let verb = verb.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
        let risk = step.risk.value().copied();
        if risk.is_none_or(|risk| risk < Risk::High) {
            let message = format!("`{verb}` destroys something, and the step does not say so");
            findings.push(Finding::new(&RULE, place, message).help(
                "say `risk: destructive`, or `risk: high` where it can be undone: it is confirmed accordingly",
            ));
        } else if risk == Some(Risk::High) && step.undo.is_none() {
            let message =
                format!("`{verb}` destroys something, and nothing says how that is undone");
            findings.push(
                Finding::new(&RULE, place, message)
                    .help("add `undo`, or say `risk: destructive` where it cannot be"),
            );
        }
    }
}
