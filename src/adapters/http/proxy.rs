//! Proxies, as the environment of the user names them.
use crate::adapters::address::{Address, host_and_port};
use std::{collections::BTreeMap, net::IpAddr};

/// The proxies that the environment names, read as curl and Go programs read it.
///
/// `HTTPS_PROXY` is for `https://` addresses, `HTTP_PROXY` for `http://` ones, `ALL_PROXY` for both;
/// each also in small letters, which come first. `NO_PROXY` lists, between commas, what is reached
/// directly: `example.com` (the name and all below it), `.example.com` (all below it), an address, a
/// network such as `10.0.0.0/8`, each with `:port` to mean only that port, or `*` for everything. This
/// machine itself is always reached directly.
#[derive(Clone, Default)]
pub struct Proxies {
    https: Option<Named>,
    http: Option<Named>,
    exceptions: Vec<Exception>,
}

/// A proxy and the variable that names it. The address may hold a password.
#[derive(Clone)]
struct Named {
    variable: &'static str,
    address: String,
}

/// Why a proxy cannot be used. Its address is not repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{variable}` is not the address of an HTTP proxy, such as `http://proxy.example.com:3128`"
)]
pub struct ProxyError {
    /// The variable that names it.
    pub variable: &'static str,
}

impl Proxies {
    /// What the environment says.
    ///
    /// `HTTP_PROXY` in capitals is passed over where `REQUEST_METHOD` is set: there it is what a
    /// request to a CGI program carried (CVE-2016-5385, "httpoxy").
    pub fn from_environment(environment: &BTreeMap<String, String>) -> Self {
        let is_cgi = environment.contains_key("REQUEST_METHOD");
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| {
                let value = environment.get(*name)?.trim();
                let is_forgeable = is_cgi && *name == "HTTP_PROXY";
                (!value.is_empty() && !is_forgeable)
                    .then(|| Named { variable: name, address: value.to_owned() })
            })
        };
        let exceptions = ["no_proxy", "NO_PROXY"]
            .iter()
            .find_map(|name| environment.get(*name).filter(|value| !value.trim().is_empty()))
            .map(|list| list.split([',', ' ']).filter_map(Exception::parse).collect());
        Self {
            https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            http: first(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
            exceptions: exceptions.unwrap_or_default(),
        }
    }

    /// The proxy through which a server is reached; `None` where it is reached directly.
    pub(super) fn for_server(&self, server: &Address) -> Result<Option<ureq::Proxy>, ProxyError> {
        let named = if server.is_secure() { &self.https } else { &self.http };
        let Some(Named { variable, address }) = named else { return Ok(None) };
        if server.is_loopback() || self.exceptions.iter().any(|exception| exception.covers(server))
        {
            return Ok(None);
        }
        let proxy = ureq::Proxy::new(address).map_err(|_| ProxyError { variable })?;
        let speaks_http =
            matches!(proxy.protocol(), ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https);
        if speaks_http { Ok(Some(proxy)) } else { Err(ProxyError { variable }) }
    }
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let variable = |named: &Option<Named>| named.as_ref().map(|named| named.variable);
        formatter
            .debug_struct("Proxies")
            .field("https", &variable(&self.https))
            .field("http", &variable(&self.http))
            .finish_non_exhaustive()
    }
}

/// What is reached without a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Exception {
    Everything,
    Network {
        base: IpAddr,
        bits: u32,
    },
    /// A name in small letters without a dot before it.
    Domain {
        name: String,
        itself: bool,
        port: Option<u16>,
    },
}

impl Exception {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "*" {
            return Some(Self::Everything);
        }
        if let Some((base, bits)) = text.split_once('/') {
            let base: IpAddr = base.parse().ok()?;
            let bits = bits.parse().ok()?;
            let most = if base.is_ipv4() { 32 } else { 128 };
            return (bits <= most).then_some(Self::Network { base, bits });
        }
        let bare = text.strip_prefix('*').unwrap_or(text);
        let (below, itself) = match bare.strip_prefix('.') {
            Some(below) => (below, false),
            None => (bare, true),
        };
        // IPv6 addresses are written without brackets here where they have no port.
        let (name, port) = if below.parse::<std::net::Ipv6Addr>().is_ok() {
            (format!("[{}]", below.to_ascii_lowercase()), None)
        } else {
            host_and_port(below).ok()?
        };
        Some(Self::Domain { name, itself, port })
    }

    fn covers(&self, server: &Address) -> bool {
        match self {
            Self::Everything => true,
            Self::Network { base, bits } => {
                server.ip().is_some_and(|ip| shares_prefix(ip.to_canonical(), *base, *bits))
            }
            Self::Domain { name, itself, port } => {
                let below = || {
                    server.ip().is_none()
                        && server
                            .host()
                            .strip_suffix(name.as_str())
                            .is_some_and(|rest| rest.ends_with('.'))
                };
                port.is_none_or(|port| port == server.port())
                    && ((*itself && server.host() == name) || below())
            }
        }
    }
}

/// Whether the first `bits` bits of both are the same.
fn shares_prefix(a: IpAddr, b: IpAddr, bits: u32) -> bool {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= bits,
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= bits,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        let owned = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Proxies::from_environment(&owned.collect())
    }

    fn host(proxies: &Proxies, server: &str) -> Option<String> {
        let proxy = proxies.for_server(&server.parse().unwrap()).unwrap();
        proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()))
    }

    #[test]
    fn which_variable_counts() {
        let both = proxies(&[("HTTPS_PROXY", "http://s:1"), ("HTTP_PROXY", "p:2")]);
        assert_eq!(host(&both, "https://h").as_deref(), Some("s:1"));
        assert_eq!(host(&both, "http://h").as_deref(), Some("p:2"));
        let small = proxies(&[("HTTPS_PROXY", "http://s:1"), ("https_proxy", "http://t:1")]);
        assert_eq!(host(&small, "https://h").as_deref(), Some("t:1"));
        assert_eq!(host(&small, "http://h"), None);
        let all = proxies(&[("ALL_PROXY", "http://a:1"), ("https_proxy", " ")]);
        assert_eq!(host(&all, "https://h").as_deref(), Some("a:1"));
        let cgi = proxies(&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")]);
        assert_eq!(host(&cgi, "http://h"), None);
    }

    #[test]
    fn what_is_reached_directly() {
        let list =
            "example.com,.below.org, 10.0.0.0/8,192.0.2.7,fd00::/8,h:9090,2001:db8::1,*.w.net";
        let proxies = proxies(&[("ALL_PROXY", "http://a:1"), ("NO_PROXY", list)]);
        for direct in [
            "http://localhost:9090",
            "https://127.0.0.1",
            "https://[::1]:9090",
            "https://example.com",
            "https://EXAMPLE.com:8443",
            "https://a.b.example.com",
            "https://a.below.org",
            "https://10.200.3.4",
            "https://192.0.2.7",
            "https://[fd12::1]",
            "https://[2001:db8::1]",
            "https://h:9090",
            "https://x.w.net",
        ] {
            assert_eq!(host(&proxies, direct), None, "{direct}");
        }
        for around in [
            "https://notexample.com",
            "https://example.com.evil.org",
            "https://below.org",
            "https://11.0.0.1",
            "https://192.0.2.70",
            "https://h",
            "https://w.net",
        ] {
            assert_eq!(host(&proxies, around).as_deref(), Some("a:1"), "{around}");
        }
        let none = super::tests::proxies(&[("ALL_PROXY", "http://a:1"), ("no_proxy", "*")]);
        assert_eq!(host(&none, "https://example.com"), None);
    }

    #[test]
    fn a_password_of_a_proxy_is_not_told() {
        for address in ["http://me:hunter2@", "socks5://me:hunter2@h:1", "://hunter2"] {
            let proxies = proxies(&[("HTTPS_PROXY", address)]);
            let error = proxies.for_server(&"https://h".parse().unwrap()).unwrap_err();
            assert_eq!(error.variable, "HTTPS_PROXY");
            assert!(!format!("{error} {error:?} {proxies:?}").contains("hunter2"));
        }
    }
}
