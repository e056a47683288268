//! Locks that keep two runs apart.
use crate::domains::runbook::transcript::hash_of;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    path::Path,
};

/// One runbook on one target at a time, on this machine. The system lets go of it when the program ends, however
/// it does.
pub struct Lock {
    file: File,
}

/// What a lock says.
pub enum Locked {
    /// It is ours. Where a run has it that did not let go of it, that run did not end.
    Ours {
        /// The lock.
        lock: Lock,
        /// The run that did not end.
        left_by: Option<String>,
    },
    /// Somebody else has it.
    Held {
        /// What they say of themselves.
        by: String,
    },
}

impl Lock {
    /// Takes the lock of a runbook on a target.
    ///
    /// # Errors
    /// If the file of the lock cannot be had.
    pub fn take(folder: &Path, runbook: &str, target: &str) -> io::Result<Locked> {
        let folder = folder.join(".locks");
        fs::create_dir_all(&folder)?;
        let name = hash_of(format!("{runbook}\0{target}").as_bytes());
        let path = folder.join(name.get(..32).unwrap_or(&name));
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        let is_ours =
            match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => true,
                Err(error) if error == rustix::io::Errno::WOULDBLOCK => false,
                Err(error) => return Err(error.into()),
            };
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let text = text.trim().to_owned();
        if !is_ours {
            return Ok(Locked::Held { by: text });
        }
        let left_by = text.split_whitespace().next().map(str::to_owned);
        Ok(Locked::Ours { lock: Self { file }, left_by })
    }

    /// Says who has it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn say(&mut self, run: &str, operator: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        writeln!(self.file, "{run} of {operator}, process {}", std::process::id())?;
        self.file.sync_data()
    }

    /// Lets go of it: the run has ended.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn release(self) -> io::Result<()> {
        self.file.set_len(0)
    }
}
