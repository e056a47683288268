//! A credential for a server that is asked without encryption.
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    measure::DataSource,
    spec::{Document, Optional},
};
use std::net::IpAddr;

pub(super) static RULE: Rule = Rule {
    code: "SRC008",
    name: "source-credential-unencrypted",
    level: Level::Warning,
    fixable: false,
    page: include_str!("source-credential-unencrypted.md"),
    check: Check::Values(check),
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some(source) = document.spec::<DataSource>() else { return };
    let Some(server) = source.prometheus.value() else { return };
    let (Some((url, place)), Some((name, named))) = (server.url.pair(), server.credential.pair())
    else {
        return;
    };
    let rest = url.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"));
    let Some(rest) = rest.and_then(|_| url.get(7..)) else { return };
    if host(rest).is_some_and(|host| !is_near(&host)) {
        let message = format!("the credential `{name}` would be sent unencrypted, and is refused");
        findings.push(Finding::new(&RULE, place, message).related(named, "named here").help(
            "write `https://`; where that cannot be, whoever runs `sre` has to allow it in the \
                 file of credentials",
        ));
    }
}

/// The host of what follows `http://`, in small letters and without brackets.
fn host(rest: &str) -> Option<String> {
    let authority = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let host = match authority.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.trim_end_matches('.').to_ascii_lowercase())
}

/// Endings of names that are only known inside of a network (RFC 6761, RFC 6762, RFC 8375, what ICANN
/// set aside, and what Kubernetes calls services).
const NEAR: [&str; 7] =
    [".localhost", ".local", ".internal", ".home.arpa", ".svc", ".test", ".lan"];

/// Whether a host is this machine, or one of its own network: an address from RFC 1918, RFC 3927 or
/// RFC 4193, or a name that is only known inside.
fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Err(_) => !host.contains('.') || NEAR.iter().any(|ending| host.ends_with(ending)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_the_own_network_are_known() {
        for near in [
            "localhost",
            "127.0.0.1:9090",
            "[::1]:9090",
            "10.1.2.3",
            "192.168.0.1/x",
            "[fd00::1]",
            "prometheus:9090",
            "prometheus.monitoring.svc",
            "x.cluster.local:80",
            "a.internal.",
        ] {
            assert!(is_near(&host(near).unwrap()), "{near}");
        }
        for far in ["prometheus.example.org:9090/x", "8.8.8.8", "[2001:db8::1]", "127.0.0.1.nip.io"]
        {
            assert!(!is_near(&host(far).unwrap()), "{far}");
        }
        assert_eq!(host(":9090"), None);
    }
}
