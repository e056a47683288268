//! What has to be so before the first step.
use crate::{
    adapters::{
        git,
        process::{self, Program},
        steps,
    },
    cli::{Session, commands::oncall::Opened},
    domains::runbook::resolve::ResolvedRunbook,
    kernel::{
        report::harmless,
        spec::{Optional as _, values},
        units::Duration,
    },
};
use std::{collections::BTreeMap, io::Read as _, path::Path};

/// What is not so, each with what to do.
pub(super) fn unmet(
    session: &Session<'_, '_>,
    opened: &Opened,
    runbook: &ResolvedRunbook<'_>,
    folder: &Path,
) -> Vec<String> {
    let mut unmet = Vec::new();
    let Some(requires) = runbook.spec.requires.value() else { return unmet };
    let environment = session.environment();
    let path = environment.get("PATH").map(String::as_str);
    for name in values(&requires.commands).filter(|name| !steps::is_program(name, path)) {
        unmet.push(format!("the program `{name}` is not in PATH"));
    }
    for name in &runbook.inherited {
        if environment.get(name).is_none_or(String::is_empty) {
            unmet.push(format!("the variable {name} is not set"));
        }
    }
    if let Some(pattern) = requires.kube_context.value() {
        unmet.extend(wrong_context(pattern, folder));
    }
    if requires.git_clean.value() == Some(&true) {
        unmet.extend(changed(opened, runbook));
    }
    unmet
}

/// Whether `kubectl` works on another cluster.
fn wrong_context(pattern: &str, folder: &Path) -> Option<String> {
    let glob = match globset::Glob::new(pattern) {
        Ok(glob) => glob.compile_matcher(),
        Err(_) => return Some(format!("`{pattern}` is no pattern of contexts")),
    };
    let program = Program {
        arguments: ["kubectl", "config", "current-context"].map(str::to_owned).to_vec(),
        folder: folder.to_owned(),
        environment: BTreeMap::new(),
        timeout: Duration::from_seconds(10),
        output_limit: 64 << 10,
    };
    let mut context = String::new();
    let asked =
        process::start(&program).map_err(|error| error.to_string()).and_then(|mut output| {
            output.read_to_string(&mut context).map_err(|error| error.to_string())
        });
    if let Err(why) = asked {
        return Some(format!("the context of kubectl cannot be learned: {why}"));
    }
    let context = context.trim();
    (!glob.is_match(context)).then(|| {
        format!("kubectl works on `{}`, which does not match `{pattern}`", harmless(context))
    })
}

/// Whether the runbook is not what is committed.
fn changed(opened: &Opened, runbook: &ResolvedRunbook<'_>) -> Option<String> {
    let path = opened.workspace.path(runbook.document.place.source)?;
    let folder = path.parent().unwrap_or(&opened.workspace.root);
    match git::changed_since(folder, "HEAD") {
        Ok(changed) => changed
            .iter()
            .any(|other| crate::adapters::files::canonical(other) == crate::adapters::files::canonical(path))
            .then(|| "the file of the runbook is not as it is committed: commit it, or take the changes back".to_owned()),
        Err(error) => Some(format!("whether the runbook is as it is committed cannot be learned: {error}")),
    }
}
