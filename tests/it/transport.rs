//! How servers and programs are reached, against servers that misbehave and programs that fail.
#![expect(clippy::disallowed_methods, reason = "makes files and starts servers to be reached")]
use crate::misbehaving::{Behaviour, Misbehaving, Recorded};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use sre::{
    adapters::{
        credentials::{Access, Credentials, CredentialsError},
        http::{HttpError, HttpServer, Options},
    },
    kernel::{
        measure::server::{Fetch as _, FetchError, Method, Reply, Request},
        units::{Duration, Instant},
    },
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

/// What no message and no debug form may show.
const SECRET: &str = "hunter2-5ecr3t";

fn now() -> Instant {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn options() -> Options {
    let mut options = Options::new(&BTreeMap::new(), now());
    options.timeout = Duration::from_milliseconds(400);
    options
}

fn request() -> Request {
    let query = "sum(rate(http_requests_total{code=~\"5..\"}[5m])) + 1 & é".to_owned();
    let form = vec![("query", query), ("time", "0".into())];
    Request { method: Method::Post, path: "/api/v1/query", form }
}

/// Asks once, as somebody who has no patience.
fn ask(url: &str, access: &Access, options: &Options) -> Result<Reply, FetchError> {
    let server = HttpServer::new(url.parse().unwrap(), access, options).unwrap();
    assert!(!format!("{server:?} {access:?} {options:?}").contains(SECRET));
    let reply = server.fetch(&request());
    if let Err(error) = &reply {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(SECRET), "{shown}");
        assert!(!error.to_string().chars().any(char::is_control), "{shown}");
    }
    reply
}

/// The error with which a server of that behaviour is asked in vain.
fn failure(behaviour: Behaviour) -> FetchError {
    ask(&Misbehaving::start(behaviour).url(), &Access::default(), &options()).unwrap_err()
}

fn reply(behaviour: Behaviour) -> Reply {
    ask(&Misbehaving::start(behaviour).url(), &Access::default(), &options()).unwrap()
}

/// A folder with a credentials file, and what it takes to have it read.
struct Keeper {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Keeper {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.yaml");
        fs::write(&path, text).unwrap();
        make_private(&path);
        let variables = environment(&[("SRE_CREDENTIALS", path.to_str().unwrap())]);
        Self { folder, variables }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn credentials(&self) -> Credentials {
        let credentials = Credentials::load(&self.variables).unwrap();
        assert!(!format!("{credentials:?}").contains(SECRET));
        credentials
    }

    fn choose(&self, url: &str, name: Option<&str>) -> Result<Access, CredentialsError> {
        let chosen = self.credentials().choose(&url.parse().unwrap(), name);
        match &chosen {
            Ok(access) => assert!(!format!("{access:?}").contains(SECRET)),
            Err(error) => assert!(!format!("{error} {error:?}").contains(SECRET), "{error}"),
        }
        chosen
    }
}

#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_path: &Path) {}

fn only(requests: &[Recorded]) -> &Recorded {
    assert_eq!(requests.len(), 1, "{requests:?}");
    &requests[0]
}

// --- What is sent -------------------------------------------------------------------------------

#[test]
fn a_question_is_a_form_below_the_prefix() {
    let server = Misbehaving::start(Behaviour::json("{}"));
    for prefix in ["", "/", "/prometheus", "/api/prom/"] {
        ask(&format!("{}{prefix}", server.url()), &Access::default(), &options()).unwrap();
    }
    let requests = server.requests();
    let paths: Vec<&str> = requests.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(
        paths,
        ["/api/v1/query", "/api/v1/query", "/prometheus/api/v1/query", "/api/prom/api/v1/query"]
    );
    let first = &requests[0];
    assert_eq!(first.method, "POST");
    assert_eq!(first.headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(first.headers["user-agent"], concat!("sre/", env!("CARGO_PKG_VERSION")));
    assert_eq!(first.headers["accept-encoding"], "gzip");
    assert_eq!(first.headers["host"], format!("127.0.0.1:{}", server.port()));
    assert!(!first.headers.contains_key("authorization"));
    assert_eq!(decoded(&first.body), request().form);
}

/// A form, read as WHATWG says (URL standard, "application/x-www-form-urlencoded parsing").
fn decoded(body: &str) -> Vec<(&'static str, String)> {
    let text = |part: &str| {
        let mut bytes = Vec::new();
        let mut rest = part.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let names = ["query", "time"];
    body.split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (*names.iter().find(|known| **known == name).unwrap(), text(value))
        })
        .collect()
}

#[test]
fn a_tenant_has_a_header_of_its_own() {
    let server = Misbehaving::start(Behaviour::json("{}"));
    for name in ["X-Scope-OrgID", "THANOS-TENANT", "AccountID"] {
        let mut options = options();
        options.tenant = Some((name.into(), "team-a|team-b".into()));
        ask(&server.url(), &Access::default(), &options).unwrap();
        let last = server.requests().pop().unwrap();
        assert_eq!(last.headers[&name.to_ascii_lowercase()], "team-a|team-b");
    }
    let mut options = options();
    options.tenant = Some(("Authorization".into(), SECRET.into()));
    let error = HttpServer::new(server.url().parse().unwrap(), &Access::default(), &options);
    let error = error.unwrap_err();
    assert!(matches!(error, HttpError::Tenant { .. }));
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

#[test]
fn connections_are_kept_and_shared_by_threads() {
    let server = Misbehaving::start(Behaviour::json("{}"));
    let client =
        HttpServer::new(server.url().parse().unwrap(), &Access::default(), &options()).unwrap();
    for _ in 0..5 {
        client.fetch(&request()).unwrap();
    }
    assert_eq!(server.connections(), 1);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| drop(client.fetch(&request()).unwrap())));
        }
    });
    assert_eq!(server.requests().len(), 25);
    assert!(server.connections() <= 4, "{}", server.connections());
}

// --- What comes back ----------------------------------------------------------------------------

#[test]
fn any_status_is_a_reply() {
    for status in [200, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504] {
        let body = b"{\"status\":\"error\"}".to_vec();
        let content_type = "Application/JSON; charset=utf-8";
        let reply = reply(Behaviour::Answer { status, content_type, body: body.clone() });
        assert_eq!(reply.status, status);
        assert_eq!(reply.content_type.as_deref(), Some("application/json"));
        assert_eq!(reply.retry_after, None);
        assert_eq!(reply.body, body);
    }
    let page = reply(Behaviour::LoginPage);
    assert_eq!((page.status, page.content_type.as_deref()), (200, Some("text/html")));
}

#[test]
fn when_to_come_back() {
    let wait = |status, value: &str| {
        reply(Behaviour::RetryAfter { status, value: value.into() }).retry_after
    };
    assert_eq!(wait(429, "7"), Some(Duration::from_seconds(7)));
    assert_eq!(wait(503, "Sun, 01 Mar 2026 00:01:30 GMT"), Some(Duration::from_seconds(90)));
    assert_eq!(wait(503, "whenever"), None);
    // A server that says what time it has is believed more than our clock.
    let headers = vec![
        ("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
        ("Date", "Sun, 06 Nov 1994 08:49:07 GMT".to_owned()),
    ];
    let reply = reply(Behaviour::Headers { status: 503, headers, body: Vec::new() });
    assert_eq!(reply.retry_after, Some(Duration::from_seconds(30)));
}

#[test]
fn compressed_answers_are_unpacked() {
    let body = vec![b'x'; 100_000];
    let reply = reply(Behaviour::Gzip { body: body.clone() });
    assert_eq!(reply.body, body);
}

#[test]
fn silence_is_a_timeout() {
    for behaviour in [Behaviour::StallBeforeHeaders, Behaviour::StallInBody] {
        let error = failure(behaviour);
        assert_eq!(error.to_string(), "no answer within 400ms");
    }
}

#[test]
fn half_an_answer_is_broken() {
    for (behaviour, part) in [
        (Behaviour::CloseInBody, "hung up before the end"),
        (Behaviour::HangUp, "hung up without an answer"),
        (Behaviour::BadChunk, "chunk"),
        (Behaviour::BrokenGzip, "cannot be decompressed"),
        (Behaviour::HalfGzip { body: (0..=255).cycle().take(9999).collect() }, "decompressed"),
        (Behaviour::Garbage, "not HTTP"),
    ] {
        let error = failure(behaviour.clone());
        assert!(matches!(error, FetchError::Broken { .. }), "{behaviour:?}: {error:?}");
        assert!(error.to_string().contains(part), "{behaviour:?}: {error}");
    }
}

#[test]
fn a_broken_answer_does_not_spoil_the_next() {
    let server = Misbehaving::start_with(vec![
        Behaviour::CloseInBody,
        Behaviour::HangUp,
        Behaviour::BadChunk,
        Behaviour::json("{}"),
    ]);
    let client =
        HttpServer::new(server.url().parse().unwrap(), &Access::default(), &options()).unwrap();
    for _ in 0..3 {
        client.fetch(&request()).unwrap_err();
    }
    assert_eq!(client.fetch(&request()).unwrap().body, b"{}");
    assert_eq!(server.requests().len(), 4, "nothing is asked twice without being told");
}

#[test]
fn too_much_is_not_read() {
    let mut options = options();
    options.timeout = Duration::from_seconds(20);
    options.body_limit = 100_000;
    let exact = vec![b'x'; 100_000];
    let more = vec![b'x'; 100_001];
    for (behaviour, fits) in [
        (Behaviour::Gigantic { bytes: 1 << 40 }, false),
        (Behaviour::json(std::str::from_utf8(&more).unwrap()), false),
        (Behaviour::json(std::str::from_utf8(&exact).unwrap()), true),
        // A hundred bytes that unpack to a hundred thousand.
        (Behaviour::Gzip { body: more }, false),
        (Behaviour::Gzip { body: exact }, true),
    ] {
        let server = Misbehaving::start(behaviour);
        let answer = ask(&server.url(), &Access::default(), &options);
        if fits {
            assert_eq!(answer.unwrap().body.len(), 100_000);
        } else {
            assert_eq!(answer, Err(FetchError::TooLarge { limit: 100_000 }));
        }
    }
}

#[test]
fn nobody_there() {
    // A port that was free a moment ago.
    let port = Misbehaving::start(Behaviour::HangUp).port();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    assert_ne!(port, closed);
    let error = ask(&format!("http://127.0.0.1:{closed}"), &Access::default(), &options());
    let FetchError::Connect { reason } = error.unwrap_err() else { panic!("not a connection") };
    assert!(reason.contains(&format!("nothing listens at http://127.0.0.1:{closed}")), "{reason}");
    // A name that cannot exist (RFC 6761). Where there is no network the resolver may take its time.
    let mut options = options();
    options.timeout = Duration::from_seconds(30);
    let error = ask("http://no-such-host.invalid", &Access::default(), &options).unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. } | FetchError::Timeout { .. }), "{error:?}");
}

// --- Credentials --------------------------------------------------------------------------------

#[test]
fn credentials_go_to_the_host_they_are_bound_to() {
    let server = Misbehaving::start(Behaviour::json("{}"));
    let port = server.port();
    let keeper = Keeper::new(&format!(
        "- name: here\n  host: 127.0.0.1:{port}\n  basic: {{username: Aladdin, password: {SECRET}}}\n\
         - name: elsewhere\n  host: prometheus.example.com\n  bearer: {{token: {SECRET}}}\n"
    ));
    for name in [None, Some("here")] {
        let access = keeper.choose(&server.url(), name).unwrap();
        ask(&server.url(), &access, &options()).unwrap();
    }
    for request in server.requests() {
        let encoded = request.headers["authorization"].strip_prefix("Basic ").unwrap().to_owned();
        // Source: `printf 'Aladdin:hunter2-5ecr3t' | base64`.
        assert_eq!(encoded, "QWxhZGRpbjpodW50ZXIyLTVlY3IzdA==");
    }
    // The name of another host's credential does not bring it here.
    let error = keeper.choose(&server.url(), Some("elsewhere")).unwrap_err();
    assert!(matches!(error, CredentialsError::Foreign { .. }));
    assert!(error.to_string().contains("is bound to `prometheus.example.com`"), "{error}");
    let error = keeper.choose(&server.url(), Some("nobody")).unwrap_err();
    assert!(error.to_string().contains("there are `here`, `elsewhere`"), "{error}");
    // Neither does what was chosen for another server.
    let access = keeper.choose("https://prometheus.example.com", Some("elsewhere")).unwrap();
    let refused = HttpServer::new(server.url().parse().unwrap(), &access, &options());
    assert!(matches!(refused, Err(HttpError::Foreign { .. })));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_binding_is_exact() {
    let keeper = Keeper::new(&format!(
        "- {{name: a, host: Prometheus.example.com, bearer: {{token: {SECRET}}}}}\n\
         - {{name: b, host: 'prometheus.example.com:9090', bearer: {{token: {SECRET}}}}}\n\
         - {{name: c, host: plain.example.com, allow_http: true, bearer: {{token: {SECRET}}}}}\n\
         - {{name: d, host: two.example.com, bearer: {{token: {SECRET}}}}}\n\
         - {{name: e, host: two.example.com, bearer: {{token: {SECRET}}}}}\n"
    ));
    let is_let_in = |url: &str, name| {
        keeper
            .choose(url, name)
            .map(|access| format!("{access:?}").contains("authorization: Some(***)"))
    };
    assert!(is_let_in("https://prometheus.example.com/prefix", Some("a")).unwrap());
    assert!(is_let_in("https://PROMETHEUS.example.com:443", None).unwrap());
    assert!(is_let_in("https://prometheus.example.com:9090", None).unwrap());
    assert!(is_let_in("http://plain.example.com", None).unwrap());
    for nobody in [
        "https://example.com",
        "https://a.prometheus.example.com",
        "https://prometheus.example.com.evil.org",
        "https://prometheus.example.com:9091",
        "https://plain.example.com:80",
    ] {
        assert!(!is_let_in(nobody, None).unwrap(), "{nobody}");
        assert!(is_let_in(nobody, Some("a")).is_err(), "{nobody}");
    }
    let error = is_let_in("https://two.example.com", None).unwrap_err();
    assert!(error.to_string().contains("name one of `d`, `e`"), "{error}");
    assert!(is_let_in("https://two.example.com", Some("e")).unwrap());
    // Port 80 of a host without a port is not told from 443, and is refused as unencrypted.
    for plain in ["http://prometheus.example.com", "http://prometheus.example.com:9090"] {
        let error = is_let_in(plain, None).unwrap_err();
        assert!(matches!(error, CredentialsError::Unencrypted { .. }), "{error}");
        assert!(error.to_string().contains("is not encrypted"), "{error}");
    }
}

#[test]
fn the_environment_goes_before_the_file() {
    let server = Misbehaving::start(Behaviour::json("{}"));
    let host = format!("127.0.0.1:{}", server.port());
    let mut keeper = Keeper::new(&format!(
        "- {{name: file, host: '{host}', bearer: {{token: from-file}}}}\n\
         - {{name: variable, host: '{host}', bearer: {{token_env: MY_TOKEN}}}}\n\
         - {{name: beside, host: '{host}', bearer: {{token_file: token}}}}\n"
    ));
    fs::write(keeper.path("token"), "from-a-file-beside\n").unwrap();
    keeper.variables.extend(environment(&[
        ("SRE_PROMETHEUS_HOST", &host),
        ("SRE_PROMETHEUS_TOKEN", SECRET),
        ("MY_TOKEN", "from-variable"),
    ]));
    for (name, sent) in [
        (None, SECRET),
        (Some("file"), "from-file"),
        (Some("variable"), "from-variable"),
        (Some("beside"), "from-a-file-beside"),
    ] {
        let access = keeper.choose(&server.url(), name).unwrap();
        ask(&server.url(), &access, &options()).unwrap();
        let last = server.requests().pop().unwrap();
        assert_eq!(last.headers["authorization"], format!("Bearer {sent}"));
    }
    keeper.variables.remove("MY_TOKEN");
    let error = keeper.choose(&server.url(), Some("variable")).unwrap_err();
    assert!(error.to_string().contains("the variable `MY_TOKEN` is not set"), "{error}");
}

#[test]
fn variables_that_do_not_go_together() {
    let load = |variables: &[(&str, &str)]| Credentials::load(&environment(variables));
    for variables in [
        &[("SRE_PROMETHEUS_HOST", "h")][..],
        &[("SRE_PROMETHEUS_HOST", "h"), ("SRE_PROMETHEUS_USERNAME", "me")],
        &[("SRE_PROMETHEUS_HOST", "h"), ("SRE_PROMETHEUS_PASSWORD", SECRET)],
        &[("SRE_PROMETHEUS_HOST", "https://h"), ("SRE_PROMETHEUS_TOKEN", SECRET)],
        &[("SRE_PROMETHEUS_HOST", "*.h"), ("SRE_PROMETHEUS_TOKEN", SECRET)],
        &[
            ("SRE_PROMETHEUS_HOST", "h"),
            ("SRE_PROMETHEUS_TOKEN", SECRET),
            ("SRE_PROMETHEUS_USERNAME", "me"),
        ],
    ] {
        let error = load(variables).unwrap_err();
        assert!(error.to_string().contains("SRE_PROMETHEUS_HOST"), "{error}");
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
    }
    let alone = load(&[("SRE_PROMETHEUS_TOKEN", SECRET)]).unwrap();
    assert!(alone.warnings()[0].contains("`SRE_PROMETHEUS_HOST` is not set"));
}

#[test]
fn where_the_file_stands() {
    let path = |variables: &[(&str, &str)]| Credentials::path(&environment(variables));
    let home = ("HOME", "/home/me");
    let other = ("XDG_CONFIG_HOME", "/etc/xdg");
    let named = ("SRE_CREDENTIALS", "/run/secrets/sre.yaml");
    assert_eq!(path(&[]), None);
    assert_eq!(path(&[home]), Some(("/home/me/.config/sre/credentials.yaml".into(), false)));
    assert_eq!(path(&[home, other]), Some(("/etc/xdg/sre/credentials.yaml".into(), false)));
    assert_eq!(path(&[home, other, named]), Some(("/run/secrets/sre.yaml".into(), true)));
    // Only a file that was named has to exist.
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none").to_str().unwrap().to_owned();
    assert!(Credentials::load(&environment(&[("HOME", &missing)])).is_ok());
    let error = Credentials::load(&environment(&[("SRE_CREDENTIALS", &missing)])).unwrap_err();
    assert!(error.to_string().contains("cannot read"), "{error}");
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_place() {
    let keeper = Keeper::new(&format!("- name: a\n  host: h\n  bearer: {SECRET}\n"));
    let error = Credentials::load(&keeper.variables).unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("credentials.yaml:3: wrong type: expected"), "{shown}");
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let keeper = Keeper::new("[]");
    assert!(keeper.credentials().warnings().is_empty());
    let path = keeper.path("credentials.yaml");
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let credentials = keeper.credentials();
        let [warning] = credentials.warnings() else { panic!("{credentials:?}") };
        assert!(warning.contains(&format!("mode {mode:o}")) && warning.contains("chmod 600"));
    }
}

#[test]
fn no_redirect_is_followed() {
    let elsewhere = Misbehaving::start(Behaviour::json("{}"));
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/sso?state={SECRET}#{SECRET}", elsewhere.url());
        let server = Misbehaving::start(Behaviour::Redirect { status, location });
        let keeper = Keeper::new(&format!(
            "- {{name: a, host: '127.0.0.1:{}', bearer: {{token: {SECRET}}}}}\n",
            server.port()
        ));
        let access = keeper.choose(&server.url(), None).unwrap();
        let error = ask(&server.url(), &access, &options()).unwrap_err();
        let location = format!("{}/sso", elsewhere.url());
        assert_eq!(error, FetchError::Redirect { location });
        let requests = server.requests();
        assert_eq!(only(&requests).headers["authorization"], format!("Bearer {SECRET}"));
    }
    assert_eq!(elsewhere.connections(), 0);
}

// --- Proxies ------------------------------------------------------------------------------------

#[test]
fn a_proxy_of_the_environment_is_used() {
    let proxy = Misbehaving::start(Behaviour::json("{}"));
    let address = format!("http://me:{SECRET}@127.0.0.1:{}", proxy.port());
    let variables = environment(&[("HTTP_PROXY", &address), ("NO_PROXY", "direct.invalid")]);
    let mut through = Options::new(&variables, now());
    through.timeout = Duration::from_seconds(20);
    ask("http://metrics.invalid:9090", &Access::default(), &through).unwrap();
    let requests = proxy.requests();
    assert_eq!((&*requests[0].method, &*requests[0].path), ("CONNECT", "metrics.invalid:9090"));
    assert!(requests[0].headers["proxy-authorization"].starts_with("Basic "));
    assert_eq!(requests[1].path, "/api/v1/query");
    assert!(!requests[1].headers.contains_key("proxy-authorization"));
    // Neither this machine nor what `NO_PROXY` names is asked through it.
    let server = Misbehaving::start(Behaviour::json("{}"));
    ask(&server.url(), &Access::default(), &through).unwrap();
    assert_eq!(server.requests().len(), 1);
    ask("http://direct.invalid", &Access::default(), &through).unwrap_err();
    assert_eq!(proxy.requests().len(), 2);
}

#[test]
fn a_proxy_that_refuses() {
    let content_type = "text/plain";
    let proxy = Misbehaving::start(Behaviour::Answer { status: 407, content_type, body: vec![] });
    let address = format!("http://me:{SECRET}@127.0.0.1:{}", proxy.port());
    let through = Options::new(&environment(&[("ALL_PROXY", &address)]), now());
    let error = ask("http://metrics.invalid", &Access::default(), &through).unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error:?}");
    assert!(error.to_string().contains("the proxy does not let us through"), "{error}");
    let wrong = environment(&[("ALL_PROXY", &format!("socks5://me:{SECRET}@127.0.0.1:1"))]);
    let options = Options::new(&wrong, now());
    let error =
        HttpServer::new("http://h".parse().unwrap(), &Access::default(), &options).unwrap_err();
    assert!(error.to_string().contains("`ALL_PROXY` is not the address"), "{error}");
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

// --- TLS ----------------------------------------------------------------------------------------

/// A certificate authority, made for one test.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, in PEM.
struct Identity {
    certificate: String,
    key: KeyPair,
    der: rustls::pki_types::CertificateDer<'static>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(parameters, key), pem }
    }

    fn certify(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut parameters);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate: certificate.pem(), der: certificate.der().clone(), key }
    }

    fn roots(&self) -> RootCertStore {
        use rustls::pki_types::pem::PemObject as _;
        let mut roots = RootCertStore::empty();
        let der = rustls::pki_types::CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap();
        roots.add(der).unwrap();
        roots
    }
}

fn tls(identity: &Identity, clients: Option<&Authority>) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let roots = Arc::new(authority.roots());
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
    builder.with_single_cert(vec![identity.der.clone()], key).unwrap()
}

/// Asks over TLS with what the rest of a credential says; `files` stand beside the credentials file.
fn ask_tls(
    config: ServerConfig,
    credential: &str,
    files: &[(&str, &str)],
) -> Result<Reply, FetchError> {
    let server = Misbehaving::start_tls(Behaviour::json("{}"), config);
    let port = server.port();
    let keeper = Keeper::new(&if credential.is_empty() {
        String::new()
    } else {
        format!("- {{name: a, host: '127.0.0.1:{port}', {credential}}}\n")
    });
    for (name, text) in files {
        fs::write(keeper.path(name), text).unwrap();
    }
    let access = keeper.choose(&server.url(), None).unwrap();
    let mut options = options();
    // Handshakes of a debug build take their time.
    options.timeout = Duration::from_seconds(20);
    let reply = ask(&server.url(), &access, &options);
    if reply.is_err() {
        assert!(server.requests().is_empty(), "what is not trusted is not asked");
    }
    reply
}

#[track_caller]
fn assert_distrusted(reply: Result<Reply, FetchError>, part: &str) {
    match reply {
        Err(FetchError::Tls { reason }) => assert!(reason.contains(part), "{reason}"),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn an_unknown_authority_is_not_trusted() {
    let authority = Authority::new("ours");
    let server = authority.certify("127.0.0.1", |_| ());
    assert_distrusted(ask_tls(tls(&server, None), "", &[]), "not signed by an authority");
    for (name, part) in
        [("theirs", "name its certificate as `ca`"), ("ours", "another one of the same name")]
    {
        let other = Authority::new(name).pem;
        let reply = ask_tls(tls(&server, None), "ca: ca.pem", &[("ca.pem", &other)]);
        assert_distrusted(reply, part);
    }
}

#[test]
fn an_authority_of_the_credentials_is_trusted() {
    let authority = Authority::new("ours");
    let server = authority.certify("127.0.0.1", |_| ());
    let files = [("ca.pem", &*authority.pem)];
    let with_token = format!("ca: ca.pem, bearer: {{token: {SECRET}}}");
    for credential in ["ca: ca.pem", &with_token] {
        assert_eq!(ask_tls(tls(&server, None), credential, &files).unwrap().status, 200);
    }
    // As the environment names it for all programs.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.pem");
    fs::write(&path, &authority.pem).unwrap();
    let listening = Misbehaving::start_tls(Behaviour::json("{}"), tls(&server, None));
    let variables = environment(&[("SSL_CERT_FILE", path.to_str().unwrap())]);
    ask(&listening.url(), &Access::default(), &Options::new(&variables, now())).unwrap();
    fs::write(&path, "no certificate").unwrap();
    let options = Options::new(&variables, now());
    let error = HttpServer::new(listening.url().parse().unwrap(), &Access::default(), &options);
    assert!(error.unwrap_err().to_string().contains("holds no certificate"));
}

#[test]
fn certificates_out_of_time_or_place_are_not_trusted() {
    let authority = Authority::new("ours");
    let files = [("ca.pem", &*authority.pem)];
    let expired = authority.certify("127.0.0.1", |parameters| {
        parameters.not_before = rcgen::date_time_ymd(2019, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2020, 1, 31);
    });
    let reply = ask_tls(tls(&expired, None), "ca: ca.pem", &files);
    assert_distrusted(reply, "certificate expired on 2020-01-31");
    let early = authority.certify("127.0.0.1", |parameters| {
        parameters.not_before = rcgen::date_time_ymd(2998, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2999, 1, 1);
    });
    let reply = ask_tls(tls(&early, None), "ca: ca.pem", &files);
    assert_distrusted(reply, "not valid yet until 2998-01-01");
    let other = authority.certify("prometheus.example.com", |_| ());
    let reply = ask_tls(tls(&other, None), "ca: ca.pem", &files);
    assert_distrusted(reply, "not made for `127.0.0.1`: it is only valid for");
}

#[test]
fn a_server_may_ask_for_a_certificate() {
    let authority = Authority::new("ours");
    let server = authority.certify("127.0.0.1", |_| ());
    let me = authority.certify("me", |_| ());
    let stranger = Authority::new("theirs").certify("stranger", |_| ());
    let (my_key, strange_key) = (me.key.serialize_pem(), stranger.key.serialize_pem());
    let files = [
        ("ca.pem", &*authority.pem),
        ("me.pem", &*me.certificate),
        ("me.key", &*my_key),
        ("stranger.pem", &*stranger.certificate),
        ("stranger.key", &*strange_key),
    ];
    let ask = |credential: &str| ask_tls(tls(&server, Some(&authority)), credential, &files);
    let with = |certificate: &str, key: &str| {
        ask(&format!("ca: ca.pem, client_certificate: {{certificate: {certificate}, key: {key}}}"))
    };
    assert_eq!(with("me.pem", "me.key").unwrap().status, 200);
    assert_distrusted(ask("ca: ca.pem"), "asks for a client certificate");
    assert_distrusted(
        with("stranger.pem", "stranger.key"),
        "does not accept our client certificate",
    );
}

#[test]
fn a_certificate_and_a_key_that_do_not_go_together() {
    let authority = Authority::new("ours");
    let server = authority.certify("127.0.0.1", |_| ());
    let other_key = KeyPair::generate().unwrap().serialize_pem();
    let files = [
        ("ca.pem", &*authority.pem),
        ("me.pem", &*authority.certify("me", |_| ()).certificate),
        ("other.key", &*other_key),
    ];
    let credential = "ca: ca.pem, client_certificate: {certificate: me.pem, key: other.key}";
    let reply = ask_tls(tls(&server, Some(&authority)), credential, &files);
    assert_distrusted(reply, "cannot be used together");
    let keeper = Keeper::new(
        "- {name: a, host: h, client_certificate: {certificate: me.pem, key: me.key}}\n",
    );
    let error = |certificate: &str, key: &str| {
        fs::write(keeper.path("me.pem"), certificate).unwrap();
        fs::write(keeper.path("me.key"), key).unwrap();
        keeper.choose("https://h", None).unwrap_err().to_string()
    };
    assert!(error(SECRET, &other_key).contains("me.pem` holds no certificate"));
    assert!(error(files[1].1, SECRET).contains("me.key` holds no private key"));
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\naGVsbG8=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert!(error(files[1].1, encrypted).contains("only an encrypted one"));
}

#[test]
fn plain_and_encrypted_are_not_mixed_up() {
    // We speak TLS, the server does not.
    let plain = Misbehaving::start(Behaviour::Garbage);
    let url = plain.url().replace("http:", "https:");
    assert_distrusted(ask(&url, &Access::default(), &options()), "does not speak TLS here");
    // The server speaks TLS, we do not: what Go's servers and nginx say then, and what others do.
    for body in [
        "Client sent an HTTP request to an HTTPS server.\n",
        "<center>The plain HTTP request was sent to HTTPS port</center>",
    ] {
        let content_type = "text/plain";
        let server =
            Misbehaving::start(Behaviour::Answer { status: 400, content_type, body: body.into() });
        let reply = ask(&server.url(), &Access::default(), &options());
        assert_distrusted(reply, "write `https://`");
    }
    let identity = Authority::new("ours").certify("127.0.0.1", |_| ());
    let server = Misbehaving::start_tls(Behaviour::json("{}"), tls(&identity, None));
    let url = server.url().replace("https:", "http:");
    let mut options = options();
    options.timeout = Duration::from_seconds(20);
    let error = ask(&url, &Access::default(), &options).unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. }), "{error:?}");
    assert!(error.to_string().contains("does the server not expect `https://`?"), "{error}");
}
