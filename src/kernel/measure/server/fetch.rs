//! How a server is reached: the one thing here that is not arithmetic, behind a trait.
use crate::kernel::units::Duration;

/// How a form is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// In the address, behind a `?`: the only way in which servers tell of themselves.
    Get,
    /// In the body, `application/x-www-form-urlencoded`: queries may be longer than addresses.
    #[default]
    Post,
}

/// One question to an HTTP API: a path below the server's address, and a form.
///
/// The address, the credentials and the headers are the transport's business: nothing that is asked
/// here can send a secret elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How the form is sent.
    pub method: Method,
    /// The path, such as `/api/v1/query`.
    pub path: &'static str,
    /// Names and values of the form, in the order in which they are sent.
    pub form: Vec<(&'static str, String)>,
}

/// What came back: any status, the whole body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The media type, without parameters, in small letters.
    pub content_type: Option<String>,
    /// How long the server asks to wait before the next attempt (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The server took longer than it may.
    #[error("no answer within {limit}")]
    Timeout {
        /// What it was allowed.
        limit: Duration,
    },
    /// No connection: the name is unknown, nothing listens there, the network is down.
    #[error("cannot connect: {reason}")]
    Connect {
        /// What the system says.
        reason: String,
    },
    /// The connection is not to be trusted, or the server does not trust us.
    #[error("no secure connection: {reason}")]
    Tls {
        /// What is wrong with the certificate or the handshake.
        reason: String,
    },
    /// The reply ended before its end.
    #[error("the answer broke off: {reason}")]
    Broken {
        /// What happened.
        reason: String,
    },
    /// The reply is larger than is read.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: u64,
    },
    /// The server wants us to ask elsewhere, and credentials are bound to one host.
    #[error("redirected to {location}")]
    Redirect {
        /// Where to, without secrets.
        location: String,
    },
}

/// A server that can be asked.
pub trait Fetch: Sync {
    /// Asks once.
    ///
    /// # Errors
    /// If no whole reply came; a reply with any status is none.
    fn fetch(&self, request: &Request) -> Result<Reply, FetchError>;

    /// Waits before the next attempt.
    fn pause(&self, duration: Duration);
}
