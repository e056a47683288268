//! The files of a commit, read without touching the work tree.
use super::{Commit, GitError, verified};
use crate::adapters::files::{DOCUMENT_LIMIT, FileError, SETTINGS_FILE};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

/// How many links are followed from one file to the next before it counts as a circle.
const LINKS: usize = 8;

/// The files of a commit.
#[derive(Debug)]
pub struct Tree {
    folder: PathBuf,
    /// By path from the top of the repository, with `/` between the parts.
    files: BTreeMap<String, Blob>,
}

/// A file of a commit.
#[derive(Clone, Debug)]
struct Blob {
    id: String,
    size: u64,
    is_link: bool,
}

impl Tree {
    /// That of a commit of the repository around `folder`.
    ///
    /// # Errors
    /// If git cannot be asked.
    pub fn of(folder: &Path, commit: &Commit) -> Result<Self, GitError> {
        let listed = verified(folder, &["ls-tree", "-r", "-l", "-z", "--full-tree", &commit.id])?;
        let files = listed.split('\0').filter_map(entry).collect();
        Ok(Self { folder: folder.to_owned(), files })
    }

    /// Whether the commit has that file.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether the commit has a file in that folder; the empty one is the top.
    pub fn has_folder(&self, folder: &str) -> bool {
        let prefix = prefix(folder);
        self.files.range(prefix.clone()..).next().is_some_and(|(path, _)| path.starts_with(&prefix))
    }

    /// The YAML files below a folder, by path: those that
    /// [`yaml_files`](crate::adapters::files::yaml_files) would find if the commit were checked out,
    /// with the catalog's settings.
    ///
    /// # Errors
    /// If git cannot be asked.
    pub fn yaml_files(&self, folder: &str) -> Result<Vec<String>, GitError> {
        let prefix = prefix(folder);
        let settings = format!("{prefix}{SETTINGS_FILE}");
        let ignored = self.ignored(folder)?;
        let below = self.files.range(prefix.clone()..);
        let below = below.take_while(|(path, _)| path.starts_with(&prefix)).map(|(path, _)| path);
        let wanted = below.filter(|path| {
            let inside = &path[prefix.len()..];
            let name = inside.rsplit('/').next().unwrap_or(inside);
            let is_yaml = Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "yaml" || ending == "yml");
            let hidden = inside.split('/').any(|part| part.starts_with('.'));
            **path == settings
                || (is_yaml && !hidden && name != SETTINGS_FILE && !ignored.has(path))
        });
        Ok(wanted.cloned().collect())
    }

    /// The texts of document files, in their order, links followed. What leads to no file of the commit
    /// is left out.
    ///
    /// # Errors
    /// If git cannot be asked, or a file is too large or not UTF-8.
    pub fn texts(
        &self,
        paths: &[String],
        shown: impl Fn(&str) -> PathBuf,
    ) -> Result<Vec<(String, String)>, TreeError> {
        let mut found: Vec<(String, Blob)> = Vec::new();
        for path in paths {
            if let Some(blob) = self.followed(path)? {
                if blob.size > DOCUMENT_LIMIT {
                    return Err(FileError::TooLarge(shown(path)).into());
                }
                found.push((path.clone(), blob));
            }
        }
        let ids: Vec<&str> = found.iter().map(|(_, blob)| blob.id.as_str()).collect();
        let contents = blobs(&self.folder, &ids)?;
        let texts = found.into_iter().zip(contents).map(|((path, _), bytes)| {
            let text = String::from_utf8(bytes).map_err(|error| FileError::NotUtf8 {
                path: shown(&path),
                at: error.utf8_error().valid_up_to(),
            })?;
            Ok((path, text))
        });
        texts.collect()
    }

    /// The file behind a path, links followed.
    fn followed(&self, path: &str) -> Result<Option<Blob>, GitError> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            let Some(blob) = self.files.get(&path) else { return Ok(None) };
            if !blob.is_link {
                return Ok(Some(blob.clone()));
            }
            let target = blobs(&self.folder, &[&blob.id])?.pop().unwrap_or_default();
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let Some(next) = joined(folder, &String::from_utf8_lossy(&target)) else {
                return Ok(None);
            };
            path = next;
        }
        Ok(None)
    }

    /// What the ignore files above and below a folder name.
    fn ignored(&self, folder: &str) -> Result<Ignored, GitError> {
        let prefix = prefix(folder);
        let names = [".gitignore", ".ignore"];
        let about = |path: &str| {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            let parent = if parent.is_empty() { String::new() } else { format!("{parent}/") };
            names.contains(&name) && (parent.starts_with(&prefix) || prefix.starts_with(&parent))
        };
        let rules: Vec<(&String, &Blob)> =
            self.files.iter().filter(|(path, blob)| about(path) && !blob.is_link).collect();
        let ids: Vec<&str> = rules.iter().map(|(_, blob)| blob.id.as_str()).collect();
        let texts = blobs(&self.folder, &ids)?;
        let mut ignored = Ignored(Vec::new());
        for ((path, _), text) in rules.into_iter().zip(texts) {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let mut builder = GitignoreBuilder::new(Path::new("/").join(parent));
            for line in String::from_utf8_lossy(&text).lines() {
                // A line that is no pattern ignores nothing, as in the work tree.
                let _ = builder.add_line(None, line);
            }
            if let Ok(rules) = builder.build() {
                ignored.0.push(rules);
            }
        }
        // The nearest ignore file decides.
        ignored.0.sort_by_key(|rules| std::cmp::Reverse(rules.path().components().count()));
        Ok(ignored)
    }
}

/// Ignore files, the deepest first.
struct Ignored(Vec<Gitignore>);

impl Ignored {
    fn has(&self, path: &str) -> bool {
        let path = Path::new("/").join(path);
        let about = self.0.iter().filter(|rules| path.starts_with(rules.path()));
        let decided = about
            .map(|rules| rules.matched_path_or_any_parents(&path, false))
            .find(|decided| !decided.is_none());
        decided.is_some_and(|decided| decided.is_ignore())
    }
}

/// Why texts of a commit cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// Git cannot be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file is no document.
    #[error(transparent)]
    File(#[from] FileError),
}

fn prefix(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { format!("{folder}/") }
}

/// `MODE TYPE ID SIZE<tab>PATH`; folders have no size and submodules are no files.
fn entry(line: &str) -> Option<(String, Blob)> {
    let (about, path) = line.split_once('\t')?;
    let mut words = about.split_whitespace();
    let (mode, kind, id, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let blob =
        Blob { id: id.to_owned(), size: size.parse().unwrap_or(0), is_link: mode == "120000" };
    (kind == "blob").then(|| (path.to_owned(), blob))
}

/// A path relative to a folder of the repository; `None` where it leads out of it.
fn joined(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The contents of files, by id, in that order.
fn blobs(folder: &Path, ids: &[&str]) -> Result<Vec<Vec<u8>>, GitError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let arguments = ["cat-file", "--batch"];
    let mut child = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(GitError::Start)?;
    let failed = |message: String| GitError::Failed { arguments: arguments.join(" "), message };
    let asked: String = ids.iter().flat_map(|id| [id, "\n"]).collect();
    let stdin = child.stdin.take();
    // Git answers while it is being asked: one who only writes would wait for it, and it for the reader.
    let writer = thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(asked.as_bytes())));
    let mut answered = Vec::new();
    let read = match child.stdout.take() {
        Some(mut stdout) => stdout.read_to_end(&mut answered).map(|_| ()),
        None => Ok(()),
    };
    let status = child.wait().map_err(GitError::Start)?;
    let _ = writer.join();
    read.map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(status.to_string()));
    }
    let mut rest = &answered[..];
    let mut contents = Vec::with_capacity(ids.len());
    for id in ids {
        let (content, behind) =
            content(rest).ok_or_else(|| failed(format!("`{id}` is not in this clone")))?;
        contents.push(content.to_vec());
        rest = behind;
    }
    Ok(contents)
}

/// The first answer, and what stands behind it: `ID blob SIZE`, a line break, the bytes, a line break.
fn content(answers: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = answers.iter().position(|byte| *byte == b'\n')?;
    let header = std::str::from_utf8(answers.get(..end)?).ok()?;
    let size: usize = header.rsplit_once(" blob ")?.1.parse().ok()?;
    let start = end + 1;
    Some((answers.get(start..start + size)?, answers.get(start + size + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_tree() {
        let (path, blob) = entry("100644 blob 0123     512\tspecs/a b.yaml").unwrap();
        assert_eq!((path.as_str(), blob.id.as_str(), blob.size), ("specs/a b.yaml", "0123", 512));
        assert!(entry("120000 blob 0123      7\tlink.yaml").unwrap().1.is_link);
        assert!(entry("160000 commit 0123       -\tmodule").is_none());
    }

    #[test]
    fn links_stay_in_the_repository() {
        assert_eq!(joined("a/b", "../c.yaml").as_deref(), Some("a/c.yaml"));
        assert_eq!(joined("", "./c.yaml").as_deref(), Some("c.yaml"));
        assert_eq!(joined("a", "../../c.yaml"), None);
        assert_eq!(joined("a", "/etc/passwd"), None);
    }

    #[test]
    fn answers_are_read_by_their_size() {
        let answers = b"01 blob 3\na\nb\n02 blob 0\n\n03 missing\n";
        let (first, rest) = content(answers).unwrap();
        assert_eq!(first, b"a\nb");
        let (second, rest) = content(rest).unwrap();
        assert!(second.is_empty());
        assert!(content(rest).is_none());
    }
}
