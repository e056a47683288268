//! Where a server is: what may be written as its address, and which host that is.
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};
use ureq::http::Uri;

/// The address of a server: `https://host:port/prefix`, without credentials, query or fragment.
///
/// Host names are compared in small letters. [`fmt::Display`] gives the address as it is asked, which
/// holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    secure: bool,
    host: String,
    port: u16,
    prefix: String,
}

/// Why a text is not an [`Address`]. What was written is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address at all.
    #[error("not an address; expected one such as `https://prometheus.example.com/prefix`")]
    Syntax,
    /// Another scheme than http or https, or none.
    #[error("an address begins with `https://` or `http://`")]
    Scheme,
    /// The port is not a number between 1 and 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// `user:password@`.
    #[error(
        "an address holds no user name or password; write them into the credentials file, which \
         binds them to one host"
    )]
    Credentials,
    /// `?…` or `#…`.
    #[error("an address ends before `?` and `#`")]
    Query,
}

impl Address {
    /// Whether the connection is encrypted.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host in small letters, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, that of the scheme where none is written.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path that stands before every path that is asked: empty, or `/…` without a slash at its end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether what is sent there stays on this machine: `localhost`, 127.0.0.0/8 and `::1`.
    ///
    /// Names below `.localhost` are not counted: a resolver may look for them in the network.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|ip| ip.to_canonical().is_loopback())
    }

    /// The host as a number, where it is written as one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => self.host.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        }
    }
}

/// Host in small letters and, where written, port of `host` or `host:port`.
///
/// # Errors
/// If it is anything else.
pub(super) fn host_and_port(text: &str) -> Result<(String, Option<u16>), AddressError> {
    if text.contains('@') {
        return Err(AddressError::Credentials);
    }
    let authority: ureq::http::uri::Authority = text.parse().map_err(|_| AddressError::Syntax)?;
    let host = authority.host();
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
    if host.is_empty() || !host.bytes().all(valid) {
        return Err(AddressError::Syntax);
    }
    let port = match authority.as_str().strip_prefix(host) {
        Some("") => None,
        Some(rest) => {
            let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
            Some(port.filter(|port| *port > 0).ok_or(AddressError::Port)?)
        }
        None => return Err(AddressError::Syntax),
    };
    Ok((host.to_ascii_lowercase(), port))
}

/// The port of a scheme.
pub(super) const fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(AddressError::Scheme),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = host_and_port(authority)?;
        if rest.contains(['?', '#']) {
            return Err(AddressError::Query);
        }
        let path = &rest[authority.len()..];
        let prefix = path.trim_end_matches('/').to_owned();
        let port = port.unwrap_or(default_port(secure));
        let address = Self { secure, host, port, prefix };
        // The client must be able to read what we make of it.
        let readable = address.to_string().parse::<Uri>();
        if readable.is_ok_and(|uri| uri.host() == Some(address.host())) {
            Ok(address)
        } else {
            Err(AddressError::Syntax)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secure, host, port, prefix } = self;
        formatter.write_str(if *secure { "https://" } else { "http://" })?;
        formatter.write_str(host)?;
        if *port != default_port(*secure) {
            write!(formatter, ":{port}")?;
        }
        formatter.write_str(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn what_an_address_is() {
        for (text, shown, port, loopback) in [
            ("https://Prometheus.Example.com", "https://prometheus.example.com", 443, false),
            ("http://localhost:9090/", "http://localhost:9090", 9090, true),
            ("https://mimir:8080/api/prom/", "https://mimir:8080/api/prom", 8080, false),
            ("http://127.8.9.1", "http://127.8.9.1", 80, true),
            ("http://[::1]:9090/p", "http://[::1]:9090/p", 9090, true),
            ("http://[::ffff:127.0.0.1]", "http://[::ffff:127.0.0.1]", 80, true),
            ("http://a.localhost", "http://a.localhost", 80, false),
            ("https://h:443", "https://h", 443, false),
        ] {
            let address = address(text);
            assert_eq!(address.to_string(), shown, "{text}");
            assert_eq!(address.port(), port, "{text}");
            assert_eq!(address.is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn what_an_address_is_not() {
        for (text, error) in [
            ("prometheus.example.com", AddressError::Scheme),
            ("ftp://h", AddressError::Scheme),
            ("file:///etc/passwd", AddressError::Scheme),
            ("https://", AddressError::Syntax),
            ("https:///api", AddressError::Syntax),
            ("https://:9090", AddressError::Syntax),
            ("https://h:0", AddressError::Port),
            ("https://h:99999", AddressError::Port),
            ("https://h:nine", AddressError::Port),
            ("https://me:hunter2@h", AddressError::Credentials),
            ("https://me@h/", AddressError::Credentials),
            ("https://h/?token=hunter2", AddressError::Query),
            ("https://h#part", AddressError::Query),
            ("https://a b", AddressError::Syntax),
            ("https://h/a b", AddressError::Syntax),
            ("https://h\r\nX: y", AddressError::Syntax),
        ] {
            assert_eq!(text.parse::<Address>(), Err(error), "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(https?://)?[a-z0-9.:@\\[\\]/?#% \\\\-]{0,24}|.{0,24}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
            }
        }
    }
}
