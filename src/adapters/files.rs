//! Files and folders.
#![expect(clippy::disallowed_methods, reason = "this adapter is the one place that touches files")]
use super::clock::Stopwatch;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write as _},
    path::{Component, Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Name of the file with a catalog's settings.
pub const SETTINGS_FILE: &str = "sre.yaml";

/// Largest document file that is read. Far above what people write, and small enough that a hostile
/// file cannot fill the memory.
pub const DOCUMENT_LIMIT: u64 = 32 << 20;

/// Why a file cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system says no.
    #[error("cannot {action} `{}`", path.display())]
    System {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// A document file above [`DOCUMENT_LIMIT`].
    #[error("`{}` is larger than {} MiB, the most that a document file may have", .0.display(), DOCUMENT_LIMIT >> 20)]
    TooLarge(PathBuf),
    /// Not text.
    #[error("`{}` is not UTF-8: byte {at} cannot be read", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// Offset of the first byte that is not UTF-8.
        at: usize,
    },
    /// It would be overwritten.
    #[error("`{}` exists already", .0.display())]
    Exists(PathBuf),
    /// Another run holds it.
    #[error("another `sre` has been writing in `{}` for {} seconds", .0.display(), PATIENCE / 1000)]
    Held(PathBuf),
    /// It changed while it was being edited.
    #[error("`{}` was changed by someone else in the meantime", .0.display())]
    Changed(PathBuf),
}

fn system<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> FileError + 'a {
    move |cause| FileError::System { action, path: path.to_owned(), cause }
}

/// Text of a document file.
///
/// # Errors
/// If it cannot be read, is too large, or not UTF-8.
pub fn read_document(path: &Path) -> Result<String, FileError> {
    let file = File::open(path).map_err(system("read", path))?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    read_into(Vec::with_capacity(room(size)), file, path)
}

/// Room for a file of that size, and for the read that finds its end.
fn room(size: u64) -> usize {
    usize::try_from(size.min(DOCUMENT_LIMIT)).unwrap_or(0) + 1
}

/// Text of a stream that is a document, called `path`.
///
/// # Errors
/// As [`read_document`].
pub fn read_limited(stream: impl Read, path: &Path) -> Result<String, FileError> {
    read_into(Vec::new(), stream, path)
}

fn read_into(mut bytes: Vec<u8>, stream: impl Read, path: &Path) -> Result<String, FileError> {
    stream.take(DOCUMENT_LIMIT + 1).read_to_end(&mut bytes).map_err(system("read", path))?;
    if bytes.len() as u64 > DOCUMENT_LIMIT {
        return Err(FileError::TooLarge(path.to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| FileError::NotUtf8 {
        path: path.to_owned(),
        at: error.utf8_error().valid_up_to(),
    })
}

/// A file of measurements, to be read from its beginning.
///
/// # Errors
/// If it cannot be opened, or is a folder.
pub fn open(path: &Path) -> Result<File, FileError> {
    let file = File::open(path).map_err(system("read", path))?;
    let metadata = file.metadata().map_err(system("read", path))?;
    if metadata.is_dir() {
        return Err(system("read", path)(io::Error::other("it is a folder")));
    }
    Ok(file)
}

/// Size of a file in bytes; 0 where that is not known.
pub fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// A folder.
    Folder,
    /// Something that can be read.
    File,
    /// Nothing.
    Missing,
}

/// What a path is.
pub fn kind(path: &Path) -> PathKind {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => PathKind::Folder,
        Ok(_) => PathKind::File,
        Err(_) => PathKind::Missing,
    }
}

/// What a path is that is [missing](PathKind::Missing), in words: it, or what it links to.
pub fn why_missing(path: &Path) -> &'static str {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    match fs::metadata(path) {
        Err(error) if is_link && error.kind() == io::ErrorKind::NotFound => {
            "is a link to something that does not exist"
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            "cannot be looked at: permission denied"
        }
        Err(_) if is_link => "is a link that leads back to itself",
        _ => "does not exist",
    }
}

/// A path without `.` and `..`, links followed; the path itself where that fails.
pub fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The folder, from `start` upwards, that holds a catalog's settings.
pub fn catalog_root(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(SETTINGS_FILE).is_file()).map(Path::to_owned)
}

/// The YAML files below a folder, sorted. What `.gitignore` and `.ignore` name is passed over, and so
/// are hidden files and the catalog's settings.
///
/// # Errors
/// If a folder cannot be listed.
pub fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let walk = WalkBuilder::new(folder)
        .require_git(false)
        .threads(rayon::current_num_threads())
        .build_parallel();
    let (sender, entries) = mpsc::channel();
    walk.run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            let wanted = entry.as_ref().map_or(true, is_document);
            if wanted && sender.send(entry).is_err() {
                return WalkState::Quit;
            }
            WalkState::Continue
        })
    });
    drop(sender);
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Ok(entry) => found.push(entry.into_path()),
            Err(error) => failures.push(error),
        }
    }
    // Of several failures always the same one is told, whichever thread was first.
    if let Some(error) = failures.into_iter().min_by_key(ignore::Error::to_string) {
        let cause = error.into_io_error().unwrap_or_else(|| io::Error::other("loop"));
        return Err(system("list", folder)(cause));
    }
    // By bytes, as names are sorted: comparing paths part by part takes ten times as long.
    found.sort_unstable_by(|a: &PathBuf, b| a.as_os_str().cmp(b.as_os_str()));
    Ok(found)
}

fn is_document(entry: &DirEntry) -> bool {
    let yaml = |extension: &OsStr| extension == "yaml" || extension == "yml";
    entry.path().extension().is_some_and(yaml)
        && entry.file_type().is_some_and(|kind| {
            // A link that leads nowhere is a file that cannot be read. A pipe would be waited for.
            let leads_to_file = || entry.path().metadata().map_or(true, |target| target.is_file());
            kind.is_file() || (kind.is_symlink() && leads_to_file())
        })
        && entry.file_name() != SETTINGS_FILE
}

/// Files that a pattern of `*`, `?`, `[…]` and `**` stands for, sorted; the path itself where it has
/// none of these.
///
/// # Errors
/// If the pattern is malformed or a folder cannot be listed.
pub fn expand(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, FileError> {
    if !pattern.contains(['*', '?', '[']) || folder.join(pattern).is_file() {
        return Ok(vec![folder.join(pattern)]);
    }
    let bad = |error: globset::Error| {
        system("expand", Path::new(pattern))(io::Error::new(io::ErrorKind::InvalidInput, error))
    };
    let is_plain =
        |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let mut parts = Path::new(pattern).components().peekable();
    let fixed: PathBuf = std::iter::from_fn(|| parts.next_if(is_plain)).collect();
    let rest: PathBuf = parts.collect();
    let rest = rest.to_string_lossy();
    let glob = globset::GlobBuilder::new(&rest).literal_separator(true).build().map_err(bad)?;
    let matcher = glob.compile_matcher();
    let start = folder.join(&fixed);
    if kind(&start) != PathKind::Folder {
        return Ok(Vec::new());
    }
    let depth = (!rest.contains("**")).then(|| Path::new(rest.as_ref()).components().count());
    let mut found = Vec::new();
    for entry in WalkBuilder::new(&start).standard_filters(false).max_depth(depth).build() {
        // A folder that cannot be listed may hold a part of the measurements.
        let entry = entry.map_err(|error| {
            system("list", &start)(
                error.into_io_error().unwrap_or_else(|| io::Error::other("loop")),
            )
        })?;
        let Ok(relative) = entry.path().strip_prefix(&start) else { continue };
        if entry.file_type().is_some_and(|kind| !kind.is_dir()) && matcher.is_match(relative) {
            found.push(entry.path().to_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a new file, with the folders above it.
///
/// # Errors
/// If it exists or cannot be written.
pub fn create(path: &Path, contents: &str) -> Result<(), FileError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(system("create", folder))?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|cause| {
        if cause.kind() == io::ErrorKind::AlreadyExists {
            FileError::Exists(path.to_owned())
        } else {
            system("create", path)(cause)
        }
    })?;
    file.write_all(contents.as_bytes()).map_err(|cause| {
        // Half a file would stand in the way of the next attempt.
        let _ = fs::remove_file(path);
        system("write", path)(cause)
    })
}

/// Makes a folder, with those above it, unless it is there.
///
/// # Errors
/// If it cannot be made.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(system("create", path))
}

/// How long another run is waited for that writes in the same folder.
/// Unit: milliseconds.
const PATIENCE: u64 = 20_000;

/// A folder in which nobody else who holds it writes; until this is dropped, or the program ends.
#[derive(Debug)]
pub struct Held {
    #[cfg(unix)]
    _lock: File,
}

/// Holds a folder, which is made if it is not there, to read files in it and to write them without losing what
/// another run writes in between. Where folders cannot be locked, [`replace`] still refuses to overwrite what it
/// has not read.
///
/// # Errors
/// If it cannot be made or locked, or another run holds it for too long.
pub fn hold(folder: &Path) -> Result<Held, FileError> {
    create_folder(folder)?;
    #[cfg(unix)]
    {
        use rustix::{
            fs::{FlockOperation, flock},
            io::Errno,
        };
        let lock = File::open(folder).map_err(system("lock", folder))?;
        let waiting = Stopwatch::start();
        loop {
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Held { _lock: lock }),
                Err(Errno::WOULDBLOCK) if waiting.has_run(PATIENCE) => {
                    return Err(FileError::Held(folder.to_owned()));
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => thread::sleep(Duration::from_millis(5)),
                Err(errno) => return Err(system("lock", folder)(errno.into())),
            }
        }
    }
    #[cfg(not(unix))]
    Ok(Held {})
}

/// Writes a new file, all or nothing: no reader sees half of it.
///
/// # Errors
/// If it exists or cannot be written.
pub fn create_whole(path: &Path, contents: &str) -> Result<(), FileError> {
    let temporary = temporary(path);
    let written = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(contents.as_bytes())?;
        file.sync_all()?;
        // Unlike a new name, a second one is never given to a file that is there already.
        fs::hard_link(&temporary, path)
    })();
    let _ = fs::remove_file(&temporary);
    written.map_err(|cause| {
        if cause.kind() == io::ErrorKind::AlreadyExists {
            FileError::Exists(path.to_owned())
        } else {
            system("write", path)(cause)
        }
    })
}

/// A name beside a file, for what is to take its name.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Replaces the contents of a file, all or nothing, if it still holds `before`.
///
/// A new file is written beside the old one and takes its name, so that no reader sees half of it and
/// a full disk loses nothing.
///
/// # Errors
/// If the file changed, or cannot be written.
pub fn replace(path: &Path, before: &str, after: &str) -> Result<(), FileError> {
    let target = canonical(path);
    let current = fs::read(&target).map_err(system("read", path))?;
    if current != before.as_bytes() {
        return Err(FileError::Changed(path.to_owned()));
    }
    write_atomically(&target, after)
}

/// Writes a file, all or nothing, whether or not it exists.
///
/// # Errors
/// If it cannot be written.
pub fn write_atomically(path: &Path, contents: &str) -> Result<(), FileError> {
    let temporary = temporary(path);
    let written = (|| {
        let mut file = File::create(&temporary)?;
        if let Ok(metadata) = fs::metadata(path) {
            file.set_permissions(metadata.permissions())?;
        }
        file.write_all(contents.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    written.map_err(|cause| {
        let _ = fs::remove_file(&temporary);
        system("write", path)(cause)
    })
}
