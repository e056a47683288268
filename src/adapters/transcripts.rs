//! Transcripts as files.
#![expect(clippy::disallowed_methods, reason = "this adapter keeps the files of runs")]
use super::clock;
use crate::domains::runbook::{
    engine::{event::Event, run::Log},
    transcript::{self, Chain, ENDING, Transcript},
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// The largest transcript that is read: far above what thousands of steps print.
const LARGEST: u64 = 1 << 30;

/// A transcript that is being written.
pub struct TranscriptFile {
    file: File,
    chain: Chain,
}

impl TranscriptFile {
    /// A new one. The folder is made where it is not there.
    ///
    /// # Errors
    /// If it is there, or cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let file = OpenOptions::new().create_new(true).append(true).open(path)?;
        // The name of the file has to survive as well as what is in it.
        File::open(folder)?.sync_all()?;
        Ok(Self { file, chain: Chain::default() })
    }

    /// One that goes on behind what was read of it. A line that was never finished is taken off.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn resume(path: &Path, read: &Transcript) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).open(path)?;
        if read.torn > 0 {
            let length = file.metadata()?.len();
            file.set_len(length.saturating_sub(read.torn as u64))?;
        }
        Ok(Self { file, chain: read.chain.clone() })
    }

    /// The hash of its last line.
    pub fn head(&self) -> &str {
        self.chain.head()
    }
}

impl Log for TranscriptFile {
    fn write(&mut self, event: Event) -> io::Result<()> {
        let line = self.chain.line(clock::now(), &event);
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()
    }
}

/// Reads a transcript.
///
/// # Errors
/// If it cannot be read, or is larger than a transcript can be.
pub fn read(path: &Path) -> io::Result<Transcript> {
    let file = File::open(path)?;
    if file.metadata()?.len() > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 GiB"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(transcript::read(&bytes))
}

/// The transcripts below a folder, by name; those of one runbook are in a folder of its name.
///
/// # Errors
/// If the folder is there and cannot be read.
pub fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let runbooks = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for runbook in runbooks {
        let path = runbook?.path();
        if !path.is_dir() {
            continue;
        }
        for run in fs::read_dir(&path)? {
            let path = run?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
