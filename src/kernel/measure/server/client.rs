//! Asks, reads, counts, and asks again where that can help.
use super::{
    failure::{self, Again, Failure},
    fetch::{Fetch, Reply, Request},
    question::Effort,
    reply::{self, Envelope, Status},
};
use crate::kernel::units::Duration;
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicU64, Ordering};

/// The wait before the second attempt; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_milliseconds(200);
/// The longest of those waits.
const LONGEST_PAUSE: Duration = Duration::from_seconds(5);
/// The longest wait that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_seconds(30);

/// A server, and what was spent on it.
pub(super) struct Client<'a> {
    fetch: &'a dyn Fetch,
    retries: u32,
    requests: AtomicU64,
    bytes: AtomicU64,
    samples: AtomicU64,
    cached: AtomicU64,
}

impl<'a> Client<'a> {
    /// A client that asks up to `retries` times again.
    pub(super) fn new(fetch: &'a dyn Fetch, retries: u32) -> Self {
        let zero = AtomicU64::default;
        Self { fetch, retries, requests: zero(), bytes: zero(), samples: zero(), cached: zero() }
    }

    /// What was spent so far.
    pub(super) fn effort(&self) -> Effort {
        let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Effort {
            requests: value(&self.requests),
            cached: value(&self.cached),
            bytes: value(&self.bytes),
            samples: value(&self.samples),
        }
    }

    /// Notes numbers in an answer.
    pub(super) fn count_samples(&self, samples: usize) {
        self.samples.fetch_add(samples as u64, Ordering::Relaxed);
    }

    /// Notes a request that the cache answered.
    pub(super) fn count_cached(&self) {
        self.cached.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks until there is an answer, there can be none, the attempts are used up, or `hopeless` says
    /// that others found the server dead meanwhile.
    pub(super) fn ask<D: DeserializeOwned>(
        &self,
        request: &Request,
        hopeless: &dyn Fn() -> bool,
    ) -> Result<Envelope<D>, Failure> {
        let mut attempt = 0;
        loop {
            let (failure, retry_after) = match self.once(request) {
                Ok(envelope) => return Ok(envelope),
                Err(failed) => failed,
            };
            let retries = match failure.again {
                Again::Never => 0,
                Again::Once => self.retries.min(1),
                Again::Often => self.retries,
            };
            let too_long = retry_after.filter(|wait| *wait > LONGEST_RETRY_AFTER);
            if let Some(wait) = too_long.filter(|_| failure.again != Again::Never) {
                let mut failure = failure;
                failure.unanswered.message += &format!("; it asks to wait {wait}");
                return Err(failure);
            }
            if attempt >= retries || hopeless() {
                return Err(failure);
            }
            self.fetch.pause(retry_after.unwrap_or_else(|| pause(attempt)));
            attempt += 1;
        }
    }

    /// Asks once. A failure comes with how long the server asks to wait.
    fn once<D: DeserializeOwned>(
        &self,
        request: &Request,
    ) -> Result<Envelope<D>, (Failure, Option<Duration>)> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let reply =
            self.fetch.fetch(request).map_err(|error| (failure::unreached(&error), None))?;
        self.bytes.fetch_add(reply.body.len() as u64, Ordering::Relaxed);
        understand(&reply).map_err(|failure| (failure, reply.retry_after))
    }
}

/// How long to wait after an attempt, the first of which is 0. The same each time: no two runs differ
/// by chance, and what asks at once is limited anyway.
fn pause(attempt: u32) -> Duration {
    let doubled = FIRST_PAUSE.milliseconds().saturating_mul(1 << attempt.min(16));
    LONGEST_PAUSE.min(Duration::from_milliseconds(doubled))
}

/// The answer in a reply.
fn understand<D: DeserializeOwned>(reply: &Reply) -> Result<Envelope<D>, Failure> {
    if !(200..300).contains(&reply.status) {
        return Err(failure::refused(reply));
    }
    match reply::read::<D>(&reply.body) {
        Ok(envelope) if envelope.status == Status::Success && envelope.data.is_some() => {
            Ok(envelope)
        }
        Ok(envelope) if envelope.status == Status::Error => Err(failure::refused(reply)),
        Ok(_) => Err(failure::malformed(reply, reply::Malformed::OtherShape)),
        Err(malformed) => Err(failure::malformed(reply, malformed)),
    }
}
