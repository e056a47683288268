//! Every console block of the README and of `docs/` is run and compared; `UPDATE=1` writes them anew.
//!
//! A block whose opening line is three or more backticks and `console` holds lines `$ command`, each followed by what it prints on both
//! streams, and by `[exit 1]` where it does not end with 0. `cargo run --release -- …` stands for
//! `sre …`. The README's commands run in the repository. Those of a page share a new folder that begins
//! with a copy of `specs/`, and that of the tutorial is empty. A block whose opening line ends in
//! `file=PATH` is written to that path of the folder when its turn comes.
#![expect(clippy::disallowed_methods, reason = "runs what documents say one can run")]
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The moment of all transcripts; later than all measurements of the example catalogs.
const NOW: &str = "2026-12-01T12:00:00Z";

/// What documents may run.
const PROGRAMS: [&str; 9] = ["sre", "cat", "head", "sed", "git", "mkdir", "gzip", "grep", "shuf"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages with transcripts, except the generated reference.
fn pages() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("docs/reference") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The folder in which a page's commands run.
enum Folder {
    Repository,
    Temporary(tempfile::TempDir),
}

impl Folder {
    fn of(page: &Path) -> Self {
        if page.ends_with("README.md") {
            return Self::Repository;
        }
        let folder = tempfile::tempdir().unwrap();
        if !page.ends_with("tutorial.md") {
            copy(&root().join("specs"), &folder.path().join("specs"));
        }
        Self::Temporary(folder)
    }

    fn path(&self) -> &Path {
        match self {
            Self::Repository => root(),
            Self::Temporary(folder) => folder.path(),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

/// What a command prints, and how it ends where that is not 0.
fn run(command: &str, folder: &Path) -> String {
    let command = command.replace("cargo run --release -- ", "sre ");
    for part in command.split(['|', '&', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        let mut words = part.split_whitespace();
        let program = words.find(|word| !word.contains('=')).unwrap_or_default();
        assert!(PROGRAMS.contains(&program), "documents must not run `{program}`: {command}");
    }
    let programs = Path::new(env!("CARGO_BIN_EXE_sre")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()))
        .env("HOME", folder)
        .env("LC_ALL", "C.UTF-8")
        .env("SRE_NOW", NOW)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    match output.status.code() {
        Some(0) => text,
        code => text + &format!("[exit {}]\n", code.unwrap()),
    }
}

/// The page with the output of its commands as it is now.
fn rewrite(text: &str, folder: &Path) -> String {
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        writeln!(out, "{line}").unwrap();
        let info = line.trim_start_matches('`');
        let fence = &line[..line.len() - info.len()];
        if fence.len() < 3 {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
        if info == "console" {
            for (at, command) in block.iter().enumerate() {
                let Some(command) = command.strip_prefix("$ ") else { continue };
                if at > 0 {
                    out.push('\n');
                }
                let said = run(command, folder);
                let fenced = said.lines().any(|line| line == fence);
                assert!(!fenced, "`{command}` prints `{fence}`: put the block into more of them");
                write!(out, "$ {command}\n{said}").unwrap();
            }
        } else {
            if let Some((_, path)) = info.split_once("file=") {
                let path = folder.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, block.join("\n") + "\n").unwrap();
            }
            for line in block {
                writeln!(out, "{line}").unwrap();
            }
        }
        writeln!(out, "{fence}").unwrap();
    }
    out
}

#[test]
fn console_blocks_say_what_happens() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let folder = Folder::of(&page);
        let now = rewrite(&text, folder.path());
        if now == text {
            continue;
        }
        if update {
            fs::write(&page, now).unwrap();
            continue;
        }
        let name = page.strip_prefix(root()).unwrap().display();
        writeln!(wrong, "{name}:").unwrap();
        for (at, (found, expected)) in now.lines().zip(text.lines()).enumerate() {
            if found != expected {
                writeln!(wrong, "  line {}\n    is  {found}\n    was {expected}", at + 1).unwrap();
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "run the tests with UPDATE=1 to write these anew:\n{wrong}");
}

#[test]
fn every_page_is_in_the_summary_and_every_link_leads_somewhere() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    for page in pages() {
        let name = page.strip_prefix(root()).unwrap();
        if let Ok(name) = name.strip_prefix("docs")
            && name != Path::new("SUMMARY.md")
        {
            let link = format!("({})", name.display());
            assert!(summary.contains(&link), "docs/SUMMARY.md does not link {link}");
        }
        let text = fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let target = target.0.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = page.parent().unwrap().join(target);
            assert!(path.exists(), "{}: `{target}` leads nowhere", name.display());
        }
    }
}

#[test]
fn every_library_is_accounted_for() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let page = fs::read_to_string(root().join("docs/design/dependencies.md")).unwrap();
    let names = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .take_while(|line| !line.starts_with("[profile"))
        .filter_map(|line| line.split_once(" = "));
    for (name, _) in names {
        assert!(page.contains(name), "docs/design/dependencies.md does not speak of `{name}`");
    }
}
