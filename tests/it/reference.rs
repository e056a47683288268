//! The pages of `docs/reference/` are what the code generates; `UPDATE=1` writes them.
#![expect(clippy::disallowed_methods, reason = "compares and writes pages")]
use sre::views::reference::{Page, pages, summary};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// All generated pages: another source of pages is another line here.
fn generated() -> Vec<Page> {
    [pages(), sre::cli::reference::pages()].concat()
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// The files that should be there, with their contents.
fn expected() -> Vec<(PathBuf, String)> {
    let pages = generated();
    let folder = docs().join("reference");
    let list = fs::read_to_string(docs().join("SUMMARY.md")).unwrap();
    let mut files: Vec<(PathBuf, String)> =
        pages.iter().map(|page| (folder.join(&page.path), page.text.clone())).collect();
    files.push((docs().join("SUMMARY.md"), with_summary(&list, &summary(&pages))));
    files
}

/// The summary with the reference's part of it replaced: from its heading to the next one.
fn with_summary(text: &str, list: &str) -> String {
    const HEADING: &str = "# Reference\n";
    let (before, rest) = text.split_once(HEADING).expect("docs/SUMMARY.md has `# Reference`");
    let after = rest.find("\n# ").expect("another heading behind it");
    assert!(!rest[after..].contains(HEADING), "docs/SUMMARY.md has `# Reference` twice");
    format!("{before}{HEADING}\n{list}{}", &rest[after..])
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { BTreeSet::from([path]) })
        .collect()
}

#[test]
fn the_reference_is_what_the_code_generates() {
    let update = std::env::var_os("UPDATE").is_some();
    let expected = expected();
    let mut wrong: Vec<String> = Vec::new();
    for (path, text) in &expected {
        if fs::read_to_string(path).is_ok_and(|found| found == *text) {
            continue;
        }
        if update {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        } else {
            wrong.push(path.display().to_string());
        }
    }
    let known: BTreeSet<PathBuf> = expected.into_iter().map(|(path, _)| path).collect();
    for path in files_below(&docs().join("reference")).difference(&known) {
        if update {
            fs::remove_file(path).unwrap();
        } else {
            wrong.push(format!("{} (nothing generates it)", path.display()));
        }
    }
    assert!(wrong.is_empty(), "run the tests with UPDATE=1 to write anew:\n{}", wrong.join("\n"));
}

#[test]
fn every_link_to_a_page_leads_to_one() {
    let pages = generated();
    for page in &pages {
        let folder = Path::new(&page.path).parent().unwrap();
        for (link, _) in page.text.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let target = match path.strip_prefix("../") {
                Some(above) => PathBuf::from(above),
                None => folder.join(path),
            };
            let found = pages.iter().any(|page| Path::new(&page.path) == target);
            assert!(found, "{}: `{link}` leads nowhere", page.path);
        }
    }
}

#[test]
fn every_link_within_a_page_has_its_heading() {
    for page in generated() {
        let anchors: Vec<String> = page
            .text
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| {
                let heading = line.trim_start_matches('#').trim().to_lowercase();
                let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                kept.map(|c| if c == ' ' { '-' } else { c }).collect()
            })
            .collect();
        for link in page.text.split("](#").skip(1).filter_map(|rest| rest.split_once(')')) {
            assert!(anchors.iter().any(|anchor| anchor == link.0), "{}: {}", page.path, link.0);
        }
    }
}
