//! What the HTTP client says went wrong, in words for whoever has to put it right.
use crate::{
    adapters::{address::Address, printable::printable},
    kernel::{measure::server::FetchError, units::Duration},
};
use std::{error::Error as StdError, io};
use ureq::{Error, Timeout};

/// Characters of a library's message that are shown.
const SHOWN: usize = 200;

/// What the standard library puts before the resolver's own words.
const LOOKUP: &str = "failed to lookup address information: ";

/// How far an exchange had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Until the headers of the answer.
    Asking,
    /// In the body of the answer.
    Reading,
}

/// What it takes to tell what went wrong with one server.
#[derive(Clone, Debug)]
pub(super) struct Translation {
    pub(super) address: Address,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    /// Whether it is reached through a proxy.
    pub(super) proxied: bool,
}

impl Translation {
    /// What went wrong.
    pub(super) fn failure(&self, error: Error, stage: Stage) -> FetchError {
        match error {
            Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                FetchError::Timeout { limit: self.connect_timeout }
            }
            Error::Timeout(_) => FetchError::Timeout { limit: self.timeout },
            Error::Io(error) => self.system(&error, stage),
            Error::Rustls(error) => self.tls(&error.to_string()),
            error @ (Error::Tls(_) | Error::Pem(_) | Error::TlsRequired) => {
                self.tls(&error.to_string())
            }
            Error::BodyExceedsLimit(limit) => FetchError::TooLarge { limit },
            Error::HostNotFound => self.unknown_host("it has no address"),
            Error::ConnectProxyFailed(reason) => FetchError::Connect {
                reason: format!("the proxy does not let us through: {}", printable(&reason, SHOWN)),
            },
            Error::Decompress(_, error) => FetchError::Broken {
                reason: format!(
                    "it cannot be decompressed ({})",
                    printable(&error.to_string(), SHOWN)
                ),
            },
            Error::Protocol(error) if stage == Stage::Asking => FetchError::Broken {
                reason: format!(
                    "this is not HTTP ({}); {}",
                    printable(&error.to_string(), SHOWN),
                    if self.address.is_secure() {
                        "is the port right?"
                    } else {
                        "is the port right, and does the server not expect `https://`?"
                    }
                ),
            },
            Error::LargeResponseHeader(..) => {
                FetchError::Broken { reason: "its headers are too large".into() }
            }
            Error::ConnectionFailed => {
                FetchError::Connect { reason: format!("nothing answers at {}", self.address) }
            }
            other => FetchError::Broken { reason: printable(&other.to_string(), SHOWN) },
        }
    }

    fn system(&self, error: &io::Error, stage: Stage) -> FetchError {
        if let Some(inner) = error.get_ref()
            && let Some(tls) = downcast(Error::Rustls, inner)
        {
            return self.tls(&tls.to_string());
        }
        let text = printable(&error.to_string(), SHOWN);
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                FetchError::Timeout { limit: self.timeout }
            }
            io::ErrorKind::ConnectionRefused => FetchError::Connect {
                reason: format!("nothing listens at {} ({text})", self.next_hop()),
            },
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => {
                FetchError::Broken { reason: self.hung_up(stage, &text) }
            }
            _ if stage == Stage::Reading => FetchError::Broken { reason: text },
            // What the resolver of names says has no kind of its own.
            _ if text.contains(LOOKUP) => self.unknown_host(&text.replace(LOOKUP, "")),
            _ => FetchError::Connect { reason: text },
        }
    }

    fn hung_up(&self, stage: Stage, text: &str) -> String {
        match stage {
            Stage::Reading => format!("the server hung up before the end ({text})"),
            // What is wrong with a handshake is not always said.
            Stage::Asking if self.address.is_secure() => format!(
                "the server hung up without an answer ({text}); does it speak TLS here, or ask for a \
                 client certificate?"
            ),
            Stage::Asking => format!("the server hung up without an answer ({text})"),
        }
    }

    /// Who the first connection goes to.
    fn next_hop(&self) -> String {
        if self.proxied { "the proxy's address".into() } else { self.address.to_string() }
    }

    fn unknown_host(&self, why: &str) -> FetchError {
        let name =
            if self.proxied { "of the proxy".into() } else { format!("`{}`", self.address.host()) };
        FetchError::Connect { reason: format!("the name {name} cannot be looked up ({why})") }
    }

    /// Says in plain words what rustls says. The error's type is not ours to match on, so its text is
    /// read; what is not recognised is shown as it is.
    fn tls(&self, text: &str) -> FetchError {
        let host = self.address.host();
        let refused = ["BadCertificate", "UnsupportedCertificate", "CertificateRevoked"]
            .iter()
            .chain(&[
                "CertificateExpired",
                "CertificateUnknown",
                "UnknownCA",
                "AccessDenied",
                "DecryptError",
            ])
            .any(|alert| text.ends_with(&format!("alert: {alert}")));
        let reason = if text.contains("UnknownIssuer") {
            "the server's certificate is not signed by an authority that is trusted; if the authority \
             is your own, name its certificate as `ca` in the credentials file"
                .into()
        } else if text.ends_with(": BadSignature") {
            "the server's certificate is not signed by the authority that it names, but by another one \
             of the same name"
                .into()
        } else if text.contains("certificate expired") || text.ends_with(": Expired") {
            format!("the server's certificate expired{}", date_after(text, "not valid after "))
        } else if text.contains("certificate not valid yet") || text.ends_with(": NotValidYet") {
            format!(
                "the server's certificate is not valid yet{}",
                date_after(text, "not valid before ")
            )
        } else if text.contains("not valid for name") || text.contains("NotValidForName") {
            let names =
                text.split_once("; certificate is ").map_or("made for another", |(_, names)| names);
            format!(
                "the server's certificate is not made for `{host}`: it is {}",
                printable(names, SHOWN)
            )
        } else if text.contains("alert: CertificateRequired") {
            "the server asks for a client certificate; name one as `client_certificate` in the \
             credentials file"
                .into()
        } else if refused {
            format!(
                "the server does not accept our client certificate, or asks for one ({})",
                printable(text, SHOWN)
            )
        } else if text.contains("InvalidContentType") {
            "the server does not speak TLS here; should the address begin with `http://`?".into()
        } else {
            printable(text, SHOWN)
        };
        FetchError::Tls { reason }
    }
}

/// ` on 2024-01-31` from the seconds that stand behind `marker`.
fn date_after(text: &str, marker: &str) -> String {
    let digits = text.split_once(marker).map_or("", |(_, rest)| rest);
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    let date = digits[..end].parse().ok().and_then(|at| chrono::DateTime::from_timestamp(at, 0));
    let word = if marker.contains("before") { "until" } else { "on" };
    date.map_or(String::new(), |date| format!(" {word} {}", date.format("%Y-%m-%d")))
}

/// The error as the type that a variant of the client's error holds, which has no name here.
fn downcast<'e, T: StdError + 'static>(
    _variant: fn(T) -> Error,
    error: &'e (dyn StdError + Send + Sync + 'static),
) -> Option<&'e T> {
    error.downcast_ref()
}

/// Whether a body is what servers say to plain HTTP at a port for TLS: Go's net/http, so all of
/// Prometheus' kin, and nginx.
pub(super) fn expects_tls(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&body[..body.len().min(1024)]);
    start.contains("sent an HTTP request to an HTTPS server")
        || start.contains("plain HTTP request was sent to HTTPS port")
}
