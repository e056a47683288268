//! Sloth's own test data, where it is at hand.
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of Sloth's data; `None` where it is absent, which is a failure if it has to be there.
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden/slo");
    let root = std::env::var_os("SRE_GOLDEN_DIR").map_or(beside, PathBuf::from);
    // Worktrees lie one folder deeper.
    let deeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/golden/slo");
    let found = [root, deeper].into_iter().find(|folder| folder.join("sloth").is_dir());
    let required = std::env::var_os("SRE_GOLDEN").is_some_and(|value| value == "required");
    assert!(found.is_some() || !required, "there is no golden data");
    found
}

/// A file of Sloth's data.
pub(super) fn read(folder: &Path, path: &str) -> String {
    let path = folder.join("sloth").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A table of cases of Sloth's data.
pub(crate) fn cases(folder: &Path, path: &str) -> serde_yaml::Value {
    serde_yaml::from_str(&read(folder, path)).unwrap()
}
