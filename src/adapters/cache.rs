//! Answers that are kept between runs, in a folder.
//!
//! A file holds one answer: a header, the whole key, the content. Its name is a hash of the key. Files
//! appear whole, by renaming, so that any number of processes may share a folder; what is damaged,
//! foreign or of another version is as good as not there.
#![expect(clippy::disallowed_methods, reason = "this adapter keeps files of its own")]
use super::credentials::home;
use crate::kernel::measure::server::Cache;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

/// The most that is kept, in bytes.
const SIZE_LIMIT: u64 = 512 << 20;

/// First bytes of a file: what it is, and the version of its layout.
const MAGIC: &[u8; 8] = b"sre-kv1\n";

/// Bytes before the key: [`MAGIC`], length of the key (4), length of the content (8), checksum of both (4),
/// all little-endian.
const HEADER: usize = 24;

/// The ending of files that hold an answer, and of files that are being written.
const ANSWER: &str = "answer";
const TEMPORARY: &str = "tmp";

/// The file whose age says when the folder was last tidied.
const TIDIED: &str = "tidied";

/// How often a folder is looked through at most, and how old a file must be that a process left behind
/// half written.
const TIDY_EVERY: Duration = Duration::from_secs(3600);

/// Answers in a folder.
///
/// A folder that cannot be used is no failure: nothing is kept then, and [`DiskCache::warning`] says why.
#[derive(Debug)]
pub struct DiskCache {
    /// `None` where it cannot be used.
    folder: Option<PathBuf>,
    warning: Option<String>,
    limit: u64,
    /// Bytes put since the folder was last looked through.
    fresh: AtomicU64,
}

impl DiskCache {
    /// The folder in which answers are kept: `$SRE_CACHE_DIR`, else `$XDG_CACHE_HOME/sre`, else
    /// `~/.cache/sre`; `None` where none of these is set.
    pub fn folder(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
        let variable = |name| environment.get(name).filter(|value| !value.is_empty());
        if let Some(folder) = variable("SRE_CACHE_DIR") {
            return Some(folder.into());
        }
        variable("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| home(environment).map(|home| home.join(".cache")))
            .map(|caches| caches.join("sre"))
    }

    /// A cache in that folder, which is made, for its user alone, where it does not exist.
    pub fn open(folder: &Path) -> Self {
        Self::with_limit(folder, SIZE_LIMIT)
    }

    /// As [`DiskCache::open`], keeping at most `limit` bytes.
    pub fn with_limit(folder: &Path, limit: u64) -> Self {
        let (usable, warning) = match prepare(folder) {
            Ok(()) => (Some(folder.to_owned()), None),
            Err(reason) => {
                let folder = folder.display();
                (None, Some(format!("nothing is cached: the folder `{folder}` {reason}")))
            }
        };
        Self { folder: usable, warning, limit, fresh: AtomicU64::new(0) }
    }

    /// Why nothing is kept.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Looks the folder through when enough has been put into it or enough time has passed.
    fn tidy_sometimes(&self, folder: &Path, put: u64) {
        let before = self.fresh.fetch_add(put, Ordering::Relaxed);
        let much = before + put > self.limit / 16;
        // Only the first file of a process asks how long it has been.
        let is_long_ago = before == 0 && {
            let tidied = fs::metadata(folder.join(TIDIED)).and_then(|metadata| metadata.modified());
            tidied.map_or(true, |at| age(at) > TIDY_EVERY)
        };
        if much || is_long_ago {
            self.fresh.store(1, Ordering::Relaxed);
            let marker = private().create(true).truncate(true).open(folder.join(TIDIED));
            let _ = marker.and_then(|mut file| file.write_all(b"\n"));
            let _ = tidy(folder, self.limit);
        }
    }
}

impl Cache for DiskCache {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let path = self.folder.as_ref()?.join(file_name(key));
        // A pipe would be waited for.
        let size = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?.len();
        if size > self.limit {
            return None;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).ok()?);
        File::open(path).ok()?.read_to_end(&mut bytes).ok()?;
        let start = HEADER + key.len();
        let content = bytes.get(start..)?;
        let is_ours =
            bytes[HEADER..start] == *key.as_bytes() && bytes[..HEADER] == header(key, content);
        is_ours.then(|| bytes.split_off(start))
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        let Some(folder) = &self.folder else { return };
        let size = (HEADER + key.len() + bytes.len()) as u64;
        if size <= self.limit && write(folder, key, bytes).is_ok() {
            self.tidy_sometimes(folder, size);
        }
    }
}

/// Writes an answer, all or nothing.
fn write(folder: &Path, key: &str, bytes: &[u8]) -> io::Result<()> {
    let (temporary, mut file) = temporary_file(folder)?;
    let written = file
        .write_all(&header(key, bytes))
        .and_then(|()| file.write_all(key.as_bytes()))
        .and_then(|()| file.write_all(bytes));
    drop(file);
    let written = written.and_then(|()| fs::rename(&temporary, folder.join(file_name(key))));
    written.inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

/// Makes the folder and finds out whether it can be used; the error is what is wrong with it.
fn prepare(folder: &Path) -> Result<(), String> {
    if !folder.is_dir() {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .recursive(true)
            .create(folder)
            .map_err(|error| format!("cannot be made: {error}"))?;
    }
    let (probe, file) =
        temporary_file(folder).map_err(|error| format!("cannot be written to: {error}"))?;
    let trusted = is_only_ours(folder, &file);
    drop(file);
    let _ = fs::remove_file(&probe);
    if trusted {
        Ok(())
    } else {
        Err("can be written to by others, who could forge answers".into())
    }
}

/// Whether nobody else can put files into a folder, given a file of ours in it.
#[cfg(unix)]
fn is_only_ours(folder: &Path, ours: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (fs::metadata(folder), ours.metadata()) {
        (Ok(folder), Ok(file)) => folder.uid() == file.uid() && folder.mode() & 0o022 == 0,
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_only_ours(_folder: &Path, _ours: &File) -> bool {
    true
}

/// A new file that nobody else writes, whatever its process or machine.
fn temporary_file(folder: &Path) -> io::Result<(PathBuf, File)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{}-{number}.{TEMPORARY}", std::process::id()));
        // Another process may have our number, in another container; one that died may have had it.
        match private().create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (path, file)),
        }
    }
}

/// How a file is opened for writing that only its user can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn header(key: &str, content: &[u8]) -> [u8; HEADER] {
    let mut checksum = flate2::Crc::new();
    checksum.update(key.as_bytes());
    checksum.update(content);
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(MAGIC);
    // A longer key than 4 GiB is cut here and found out when keys are compared.
    header[8..12].copy_from_slice(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_le_bytes());
    header[12..20].copy_from_slice(&(content.len() as u64).to_le_bytes());
    header[20..].copy_from_slice(&checksum.sum().to_le_bytes());
    header
}

/// Name of the file for a key: 128 bits of FNV-1a. Two keys of the same name replace each other, no more.
///
/// Source: G. Fowler and others, "The FNV Non-Cryptographic Hash Algorithm", its parameters for 128 bits.
fn file_name(key: &str) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = key.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{hash:032x}.{ANSWER}")
}

fn age(time: SystemTime) -> Duration {
    SystemTime::now().duration_since(time).unwrap_or_default()
}

/// Removes the oldest answers until the folder holds three quarters of what it may, if it holds more
/// than that; and what processes that died left behind. Touches no other files.
fn tidy(folder: &Path, limit: u64) -> io::Result<()> {
    let (mut answers, mut total) = (Vec::new(), 0);
    for entry in fs::read_dir(folder)? {
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        let Some((kind, metadata)) = ours(&path).zip(entry.metadata().ok()) else { continue };
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        match kind {
            Kind::Answer => {
                total += metadata.len();
                answers.push((modified, metadata.len(), path));
            }
            Kind::Temporary if age(modified) > TIDY_EVERY => {
                let _ = fs::remove_file(&path);
            }
            Kind::Temporary => {}
        }
    }
    if total <= limit {
        return Ok(());
    }
    answers.sort();
    for (_, size, path) in answers {
        if total <= limit / 4 * 3 {
            break;
        }
        if fs::remove_file(&path).is_ok() {
            total -= size;
        }
    }
    Ok(())
}

enum Kind {
    Answer,
    Temporary,
}

/// What a file is, if it has a name that we give.
fn ours(path: &Path) -> Option<Kind> {
    let (stem, ending) = (path.file_stem()?.to_str()?, path.extension()?.to_str()?);
    match ending {
        ANSWER if stem.len() == 32 && stem.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Some(Kind::Answer)
        }
        TEMPORARY if stem.split_once('-')?.0.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Kind::Temporary)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set_age(path: &Path, hours: u64) {
        let time = SystemTime::now() - Duration::from_secs(hours * 3600);
        OpenOptions::new().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn what_was_put_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        let cache = DiskCache::open(&path);
        assert_eq!(cache.warning(), None);
        assert_eq!(cache.get("k"), None);
        cache.put("k", b"one");
        cache.put("k", b"two");
        cache.put("", b"");
        // Another process sees the same.
        let other = DiskCache::open(&path);
        assert_eq!(other.get("k").as_deref(), Some(&b"two"[..]));
        assert_eq!(other.get("").as_deref(), Some(&b""[..]));
        assert_eq!(other.get("K"), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        DiskCache::open(&path).put("k", b"v");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(file_name("k"))), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        let cache = DiskCache::open(&path);
        assert!(cache.warning().unwrap().contains("written to by others"));
        assert_eq!(cache.get("k"), None);
        cache.put("l", b"v");
        assert!(!path.join(file_name("l")).exists());
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_no_cache() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"x").unwrap();
        let cache = DiskCache::open(&file.join("cache"));
        assert!(cache.warning().unwrap().contains("cannot be made"), "{:?}", cache.warning());
        cache.put("k", b"v");
        assert_eq!(cache.get("k"), None);
    }

    #[test]
    fn the_oldest_go_first_and_other_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let cache = DiskCache::with_limit(path, 10_000);
        for (index, key) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
            cache.put(key, &[0; 1900]);
            set_age(&path.join(file_name(key)), 50 - index as u64);
        }
        fs::write(path.join("notes.txt"), vec![0; 20_000]).unwrap();
        fs::write(path.join("1-1.tmp"), b"half").unwrap();
        fs::write(path.join("2-2.tmp"), b"half").unwrap();
        set_age(&path.join("1-1.tmp"), 2);
        cache.put("f", &[0; 1900]);
        let kept: Vec<bool> =
            ["a", "b", "c", "d", "e", "f"].iter().map(|key| cache.get(key).is_some()).collect();
        assert_eq!(kept, [false, false, false, true, true, true]);
        assert!(path.join("notes.txt").exists());
        assert!(!path.join("1-1.tmp").exists());
        assert!(path.join("2-2.tmp").exists());
        cache.put("large", &vec![0; 20_000]);
        assert_eq!(cache.get("large"), None);
    }

    #[test]
    fn threads_and_processes_do_not_see_halves() {
        let folder = tempfile::tempdir().unwrap();
        let caches = [DiskCache::open(folder.path()), DiskCache::open(folder.path())];
        std::thread::scope(|scope| {
            for (number, cache) in caches.iter().cycle().take(6).enumerate() {
                scope.spawn(move || {
                    let mine = vec![u8::try_from(number).unwrap(); 5000];
                    for _ in 0..50 {
                        cache.put("shared", &mine);
                        let seen = cache.get("shared").unwrap();
                        assert_eq!(seen.len(), 5000);
                        assert!(seen.iter().all(|byte| *byte == seen[0]));
                    }
                });
            }
        });
        assert_eq!(count(folder.path()), 2, "the answer, and when the folder was tidied");
    }

    /// Source: the FNV test suite of the algorithm's authors (128 bits, FNV-1a, of the texts "" and "a").
    #[test]
    fn names_are_fnv() {
        assert_eq!(file_name(""), "6c62272e07bb014262b821756295c58d.answer");
        assert_eq!(file_name("a"), "d228cb696f1a8caf78912b704e4a8964.answer");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_put(key in ".{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let folder = tempfile::tempdir().unwrap();
            let cache = DiskCache::open(folder.path());
            cache.put(&key, &bytes);
            prop_assert_eq!(cache.get(&key), Some(bytes));
        }

        /// Any one byte changed, any cut, any other content: nothing is found, nothing panics.
        #[test]
        fn damage_is_a_miss(
            at in 0usize..60,
            flip in 1u8..,
            length in 0usize..60,
            foreign in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let cache = DiskCache::open(folder.path());
            let (key, content) = ("a key of some length", b"the content");
            cache.put(key, content);
            let path = folder.path().join(file_name(key));
            let whole = fs::read(&path).unwrap();
            let mut flipped = whole.clone();
            let index = at % flipped.len();
            flipped[index] ^= flip;
            fs::write(&path, &flipped).unwrap();
            prop_assert_eq!(cache.get(key), None);
            fs::write(&path, &whole[..length.min(whole.len() - 1)]).unwrap();
            prop_assert_eq!(cache.get(key), None);
            fs::write(&path, &foreign).unwrap();
            prop_assert_eq!(cache.get(key), None);
            fs::write(&path, &whole).unwrap();
            prop_assert_eq!(cache.get(key), Some(content.to_vec()));
        }
    }
}
