//! A place where answers are kept between runs.

/// Keeps bytes under keys, or forgets them: a source never depends on what is kept.
pub trait Cache: Sync {
    /// What was kept under the key last; `None` if nothing is or it cannot be read.
    fn get(&self, key: &str) -> Option<Vec<u8>>;

    /// Keeps the bytes under the key in place of what was kept there; failure to is no error.
    fn put(&self, key: &str, bytes: &[u8]);
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl Cache for NoCache {
    fn get(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn put(&self, _: &str, _: &[u8]) {}
}
