//! Where answers of servers are kept between runs.

/// A store of bytes by key, in which anything may be missing at any time.
pub trait Cache: Sync {
    /// What was put under that key, if it is still there.
    fn get(&self, key: &str) -> Option<Vec<u8>>;

    /// Keeps bytes under a key, as well as it can.
    fn put(&self, key: &str, bytes: &[u8]);
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl Cache for NoCache {
    fn get(&self, _key: &str) -> Option<Vec<u8>> {
        None
    }

    fn put(&self, _key: &str, _bytes: &[u8]) {}
}
