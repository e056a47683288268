//! Servers that are asked over HTTP.
//!
//! [`HttpServer`] is one server at one [`Address`], with the credentials that are bound to it. It keeps
//! connections open between questions and is shared by threads. What it never does: follow a redirect, read the environment, repeat a request.
#![expect(clippy::disallowed_methods, reason = "this adapter waits between attempts")]
mod failure;
mod proxy;
mod retry_after;

pub use proxy::{Proxies, ProxyError};

use super::{
    address::Address,
    credentials::{Access, Secret, certificates},
    printable::printable,
};
use crate::kernel::{
    measure::server::{Fetch, FetchError, Method, Reply, Request},
    units::{Duration, Instant},
};
use failure::{Stage, Translation};
use std::{collections::BTreeMap, fmt, path::PathBuf};
use ureq::{
    Agent, Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    tls::{RootCerts, TlsConfig},
};

/// How long a connection may take to be made, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_seconds(10);

/// How long a question may take from the connection to the last byte of the answer. Prometheus itself
/// gives up after two minutes (`--query.timeout`), and what waits for it should outlast that.
const TIMEOUT: Duration = Duration::from_seconds(150);

/// The largest answer that is read, decompressed.
const BODY_LIMIT: u64 = 256 << 20;

/// Connections that are kept open: more than there are threads that ask.
const IDLE_CONNECTIONS: usize = 32;

/// The header that says whose data is asked for, in Mimir, Loki and Cortex.
pub const TENANT_HEADER: &str = "X-Scope-OrgID";

/// How a server is asked.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long a question may take, connection and answer included.
    pub timeout: Duration,
    /// The largest answer that is read, in bytes, decompressed.
    pub body_limit: u64,
    /// Name and value of the header that says whose data is asked for.
    pub tenant: Option<(String, String)>,
    /// Proxies through which the server may have to be reached.
    pub proxies: Proxies,
    /// A file of certificates that are trusted instead of the public authorities.
    pub trusted: Option<PathBuf>,
    /// The present moment: what a `Retry-After` with a date counts from where the server does not say
    /// what time it has.
    pub now: Instant,
}

impl Options {
    /// What is usual: ten seconds to connect, two and a half minutes to answer, 256 MiB, and what
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and `SSL_CERT_FILE` say.
    pub fn new(environment: &BTreeMap<String, String>, now: Instant) -> Self {
        Self {
            connect_timeout: CONNECT_TIMEOUT,
            timeout: TIMEOUT,
            body_limit: BODY_LIMIT,
            tenant: None,
            proxies: Proxies::from_environment(environment),
            trusted: environment
                .get("SSL_CERT_FILE")
                .filter(|path| !path.is_empty())
                .map(Into::into),
            now,
        }
    }
}

/// Why a server cannot even be asked.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The credentials are bound to another host, or would be sent unencrypted.
    #[error("the credentials are not for {address}")]
    Foreign {
        /// The server.
        address: Address,
    },
    /// The tenant cannot be sent.
    #[error("the tenant cannot be sent as header `{header}`: {reason}")]
    Tenant {
        /// The header's name.
        header: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The proxy cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The file of trusted certificates cannot be used.
    #[error("cannot use the certificates in `SSL_CERT_FILE`: {0}")]
    Trusted(String),
}

/// One server.
pub struct HttpServer {
    address: Address,
    agent: Agent,
    headers: HeaderMap,
    translation: Translation,
    body_limit: u64,
    now: Instant,
    secrets: Vec<Secret>,
}

impl HttpServer {
    /// A server, with what it takes to be let in.
    ///
    /// # Errors
    /// If the credentials are not for it, or the proxy, the tenant or the trusted certificates cannot
    /// be used. No connection is made yet.
    pub fn new(address: Address, access: &Access, options: &Options) -> Result<Self, HttpError> {
        if !access.is_for(&address) {
            return Err(HttpError::Foreign { address });
        }
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = &options.tenant {
            let (name, value) = tenant(name, value)?;
            headers.insert(name, value);
        }
        if let Some(value) = access.authorization() {
            headers.insert(header::AUTHORIZATION, value);
        }
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let mut tls = TlsConfig::builder();
        if let Some(roots) = access.trusted() {
            tls = tls.root_certs(RootCerts::new_with_certs(roots));
        } else if let Some(path) = options.trusted.as_ref().filter(|_| address.is_secure()) {
            let roots =
                certificates(path).map_err(|error| HttpError::Trusted(error.to_string()))?;
            tls = tls.root_certs(RootCerts::new_with_certs(&roots));
        }
        tls = tls.client_cert(access.client_certificate().cloned());
        let proxy = options.proxies.for_server(&address)?;
        let translation = Translation {
            address: address.clone(),
            connect_timeout: options.connect_timeout,
            timeout: options.timeout,
            proxied: proxy.is_some(),
        };
        let config = Agent::config_builder()
            // Also keeps the client from looking for proxies in the environment.
            .proxy(proxy)
            .tls_config(tls.build())
            .user_agent(concat!("sre/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(to_std(options.connect_timeout)))
            .timeout_global(Some(to_std(options.timeout)))
            .max_idle_connections(IDLE_CONNECTIONS)
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .build();
        Ok(Self {
            agent: config.new_agent(),
            address,
            headers,
            translation,
            body_limit: options.body_limit,
            now: options.now,
            secrets: access.secrets().to_vec(),
        })
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    fn exchange(&self, request: &Request) -> Result<Reply, FetchError> {
        let url = format!("{}{}", self.address, request.path);
        let form = || request.form.iter().map(|(name, value)| (*name, value.as_str()));
        let headers = || self.headers.iter();
        let response = match request.method {
            Method::Get => headers()
                .fold(self.agent.get(url), |asking, (name, value)| asking.header(name, value))
                .query_pairs(form())
                .call(),
            Method::Post => headers()
                .fold(self.agent.post(url), |asking, (name, value)| asking.header(name, value))
                .send_form(form()),
        };
        let mut response =
            response.map_err(|error| self.translation.failure(error, Stage::Asking))?;
        if response.status().is_redirection() {
            return Err(FetchError::Redirect { location: location(&response) });
        }
        let declared = response.body().content_length();
        if declared.is_some_and(|length| length > self.body_limit) {
            return Err(FetchError::TooLarge { limit: self.body_limit });
        }
        let status = response.status();
        let body = match response.body_mut().with_config().limit(self.body_limit).read_to_vec() {
            Ok(body) => body,
            // An error without a body that says it is compressed is an error all the same.
            Err(ureq::Error::Decompress(..)) if !status.is_success() => Vec::new(),
            Err(error) => return Err(self.translation.failure(error, Stage::Reading)),
        };
        if !self.address.is_secure()
            && status == StatusCode::BAD_REQUEST
            && failure::expects_tls(&body)
        {
            return Err(FetchError::Tls {
                reason: "the server expects an encrypted connection here; write `https://`".into(),
            });
        }
        let headers = response.headers();
        let content_type = text(headers, &header::CONTENT_TYPE).and_then(media_type);
        // What is no answer is shown in part, and some servers say back what they were sent.
        let is_answer = status.is_success() && content_type.as_deref() == Some("application/json");
        let body = if is_answer { body } else { without(body, &self.secrets) };
        Ok(Reply {
            status: status.as_u16(),
            content_type,
            retry_after: text(headers, &header::RETRY_AFTER).and_then(|value| {
                let date = text(headers, &header::DATE).and_then(retry_after::date);
                retry_after::wait(value, date.unwrap_or(self.now))
            }),
            body,
        })
    }
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Fetch for HttpServer {
    fn fetch(&self, request: &Request) -> Result<Reply, FetchError> {
        self.exchange(request)
    }

    fn pause(&self, duration: Duration) {
        std::thread::sleep(to_std(duration));
    }
}

fn to_std(duration: Duration) -> std::time::Duration {
    std::time::Duration::from_millis(duration.milliseconds())
}

fn tenant(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), HttpError> {
    let failure = |reason| HttpError::Tenant { header: printable(name, 80), reason };
    let name: HeaderName = name.parse().map_err(|_| failure("this is not the name of a header"))?;
    // A tenant must not become a way to set what the connection or the credentials are made of.
    let reserved = [
        header::AUTHORIZATION,
        header::PROXY_AUTHORIZATION,
        header::COOKIE,
        header::HOST,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
        header::EXPECT,
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::USER_AGENT,
    ];
    if reserved.contains(&name) {
        return Err(failure("this header has another meaning"));
    }
    let value = HeaderValue::from_str(value).map_err(|_| failure("its value is not plain text"))?;
    Ok((name, value))
}

/// The text with `…` in place of each secret.
fn without(mut body: Vec<u8>, secrets: &[Secret]) -> Vec<u8> {
    for secret in secrets.iter().map(|secret| secret.expose().as_bytes()) {
        let places: Vec<usize> = match secret {
            [] => continue,
            _ => memchr::memmem::find_iter(&body, secret).collect(),
        };
        if places.is_empty() {
            continue;
        }
        let mut shown = Vec::with_capacity(body.len());
        let mut from = 0;
        for at in places {
            shown.extend_from_slice(&body[from..at]);
            shown.extend_from_slice("…".as_bytes());
            from = at + secret.len();
        }
        shown.extend_from_slice(&body[from..]);
        body = shown;
    }
    body
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// `application/json` of `Application/JSON; charset=utf-8`.
fn media_type(value: &str) -> Option<String> {
    let media_type = value.split(';').next()?.trim().to_ascii_lowercase();
    (!media_type.is_empty()).then_some(media_type)
}

/// Where a redirect leads, without what may be secret in it: user, password, query, fragment.
fn location(response: &Response<Body>) -> String {
    let Some(location) = response.headers().get(header::LOCATION) else {
        return format!("nowhere: status {} names no location", response.status().as_u16());
    };
    let location = String::from_utf8_lossy(location.as_bytes());
    let location = location.split(['?', '#']).next().unwrap_or_default();
    // `//host` has no scheme; a `\` counts as `/` in browsers.
    let (scheme, rest) = match location.find("//") {
        Some(at) => location.split_at(at + 2),
        None => ("", location),
    };
    let end = if scheme.is_empty() { 0 } else { rest.find(['/', '\\']).unwrap_or(rest.len()) };
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    printable(&format!("{scheme}{host}{path}"), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location_of(value: &str) -> String {
        let response = Response::builder().status(302).header(header::LOCATION, value);
        location(&response.body(Body::builder().data("")).unwrap())
    }

    #[test]
    fn a_location_keeps_no_secret() {
        for (value, shown) in [
            ("https://login.example.com/sso?state=hunter2#x", "https://login.example.com/sso"),
            ("https://me:hunter2@h.example.com", "https://h.example.com"),
            ("//me:hunter2@h/path", "//h/path"),
            ("/login?next=hunter2", "/login"),
            ("https://a@b:hunter2@h/x", "https://h/x"),
        ] {
            assert_eq!(location_of(value), shown);
        }
        let nothing = Response::builder().status(304).body(Body::builder().data("")).unwrap();
        assert_eq!(location(&nothing), "nowhere: status 304 names no location");
    }

    #[test]
    fn what_a_server_says_back_is_hidden() {
        let secrets = ["hunter2", "", "aHVudGVyMg=="].map(Secret::new);
        let shown = |body: &str| String::from_utf8(without(body.into(), &secrets)).unwrap();
        assert_eq!(shown("no hunter2, hunter2hunter2 aHVudGVyMg=="), "no …, …… …");
        assert_eq!(shown("hunter"), "hunter");
    }

    #[test]
    fn a_tenant_is_a_header_of_its_own() {
        assert!(tenant("X-Scope-OrgID", "team|other").is_ok());
        assert!(tenant("THANOS-TENANT", "team").is_ok());
        assert!(tenant("AccountID", "42").is_ok());
        for (name, value) in [
            ("authorization", "Bearer x"),
            ("Host", "elsewhere"),
            ("Cookie", "a=b"),
            ("X Y", "v"),
            ("X-Scope-OrgID", "a\r\nAuthorization: x"),
            ("", ""),
        ] {
            assert!(tenant(name, value).is_err(), "{name}");
        }
    }
}
