//! Routing answers, and configurations of Alertmanager, held against Alertmanager's own `amtool`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "runs amtool over files, and says where it cannot"
)]
mod export;
mod golden;
mod intervals;
mod routes;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What amtool says of a configuration: its complaint, or `None` where it accepts it.
fn complaint(config: &Path) -> Option<String> {
    let output = Command::new("amtool").arg("check-config").arg(config).output().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The receivers that amtool finds for labels, in its order.
fn receivers(config: &Path, labels: &[(String, String)]) -> Vec<String> {
    let escape = |value: &str| value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n");
    let output = Command::new("amtool")
        .args(["config", "routes", "test", "--config.file"])
        .arg(config)
        .args(labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}{text}", String::from_utf8_lossy(&output.stderr));
    text.trim().split(',').map(str::to_owned).collect()
}

/// The folder of golden configurations, where it is at hand.
fn golden() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden/slo");
    let slo = std::env::var_os("SRE_GOLDEN_DIR").map_or(beside, PathBuf::from);
    let folder = slo.join("../probe/alertmanager");
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var_os("SRE_GOLDEN").is_some_and(|value| value == "required");
    assert!(!required, "{} does not exist", folder.display());
    println!("skipped: {} does not exist", folder.display());
    None
}
