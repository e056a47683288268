//! How servers and programs are reached, against servers that misbehave and programs that fail.
#![expect(clippy::disallowed_methods, reason = "makes files and starts servers to be reached")]
use crate::misbehaving::{Behaviour, Misbehaving, Recorded};
use proptest::prelude::*;
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
    process::Command,
};
use tempfile::TempDir;

/// What no message and no debug form may show.
pub(crate) const SECRET: &str = "hunter2-5ecr3t";

pub(crate) fn now() -> Instant {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Patient enough for a busy machine.
pub(crate) fn options() -> Options {
    let mut options = Options::new(&BTreeMap::new(), now());
    options.timeout = Duration::from_seconds(30);
    options
}

pub(crate) fn request() -> Request {
    let query = "sum(rate(http_requests_total{code=~\"5..\"}[5m])) + 1 & é".to_owned();
    let form = vec![("query", query), ("time", "0".into())];
    Request { method: Method::Post, path: "/api/v1/query", form }
}

/// Asks once, and sees that nothing shows a secret.
pub(crate) fn ask(url: &str, access: &Access, options: &Options) -> Result<Reply, FetchError> {
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
pub(crate) struct Keeper {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Keeper {
    pub(crate) fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.yaml");
        fs::write(&path, text).unwrap();
        make_private(&path);
        let variables = environment(&[("SRE_CREDENTIALS", path.to_str().unwrap())]);
        Self { folder, variables }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn credentials(&self) -> Credentials {
        let credentials = Credentials::load(&self.variables).unwrap();
        assert!(!format!("{credentials:?}").contains(SECRET));
        credentials
    }

    pub(crate) fn choose(&self, url: &str, name: Option<&str>) -> Result<Access, CredentialsError> {
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

/// As some proxies send them: an error without a body that says it is compressed.
#[test]
fn an_error_with_nothing_to_unpack_is_a_reply() {
    let headers = vec![("Content-Encoding", "gzip".to_owned())];
    let reply = reply(Behaviour::Headers { status: 503, headers, body: Vec::new() });
    assert_eq!((reply.status, reply.body.len()), (503, 0));
}

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
    for behaviour in [Behaviour::StallBeforeHeaders, Behaviour::StallInBody, Behaviour::Drip] {
        let server = Misbehaving::start(behaviour);
        let mut options = options();
        options.timeout = Duration::from_milliseconds(400);
        let error = ask(&server.url(), &Access::default(), &options).unwrap_err();
        assert_eq!(error.to_string(), "no answer within 400ms");
    }
    // A handshake that does not go on belongs to the connection. Nobody accepts here, but the system.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let mut options = options();
    options.connect_timeout = Duration::from_milliseconds(300);
    let error = ask(&url, &Access::default(), &options).unwrap_err();
    assert_eq!(error.to_string(), "no answer within 300ms");
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
        (
            Behaviour::Headers {
                status: 200,
                headers: vec![("X", "x".repeat(99_999))],
                body: vec![],
            },
            "headers are too large",
        ),
    ] {
        let error = failure(behaviour.clone());
        assert!(matches!(error, FetchError::Broken { .. }), "{behaviour:?}: {error:?}");
        assert!(error.to_string().contains(part), "{behaviour:?}: {error}");
    }
}

/// Parts of answers, whole and not.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "HTTP/1.1 ",
        "HTTP/1.0 200 OK",
        "200",
        "302",
        "100 Continue",
        "429 ",
        "204",
        "999",
        "\r\n",
        "\r\n\r\n",
        "Content-Length: ",
        "10",
        "-1",
        "99999999999999999999",
        "Retry-After: ",
        "Location: ",
        "Transfer-Encoding: chunked",
        "Content-Encoding: gzip",
        "Content-Type: ;",
        "5\r\nhello\r\n",
        "0\r\n\r\n",
        "ffffffffffffffff\r\n",
        "Connection: close",
        "\u{1f}\u{8b}\u{8}",
    ];
    let part = prop_oneof![
        4 => prop::sample::select(parts.map(|part| part.as_bytes().to_vec()).to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_a_server_says_is_an_answer_or_an_error(
        known_start in any::<bool>(),
        bytes in answers(),
    ) {
        let start = if known_start { b"HTTP/1.1 200 OK\r\n".as_slice() } else { b"" };
        let server = Misbehaving::start(Behaviour::Raw { bytes: [start, &bytes[..]].concat() });
        let mut options = options();
        options.body_limit = 1000;
        match ask(&server.url(), &Access::default(), &options) {
            Ok(reply) => prop_assert!(reply.body.len() <= 1000),
            Err(error) => prop_assert!(!matches!(error, FetchError::Connect { .. }), "{error:?}"),
        }
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
    let error = ask("http://no-such-host.invalid", &Access::default(), &options()).unwrap_err();
    match error {
        FetchError::Connect { reason } => {
            let start = "the name `no-such-host.invalid` cannot be looked up (";
            assert!(reason.starts_with(start), "{reason}");
        }
        FetchError::Timeout { .. } => {}
        other => panic!("{other:?}"),
    }
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
    for (value, part) in [("a\nb", "`MY_TOKEN` has line breaks"), ("gehéim", "no letters beyond")]
    {
        keeper.variables.insert("MY_TOKEN".into(), value.into());
        let error = keeper.choose(&server.url(), Some("variable")).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
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
            ("SRE_PROMETHEUS_USERNAME", "me:you"),
            ("SRE_PROMETHEUS_PASSWORD", SECRET),
        ],
        &[
            ("SRE_PROMETHEUS_HOST", "h"),
            ("SRE_PROMETHEUS_TOKEN", SECRET),
            ("SRE_PROMETHEUS_USERNAME", "me"),
        ],
    ] {
        let error = load(variables).unwrap_err();
        assert!(error.to_string().contains("`SRE_PROMETHEUS_"), "{error}");
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

#[test]
fn the_example_of_the_guide_works() {
    let page = include_str!("../../docs/guides/servers-and-credentials.md");
    let block = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let mut keeper = Keeper::new(block);
    fs::write(keeper.path("prod.token"), SECRET).unwrap();
    keeper.variables.insert("STAGING_PASSWORD".into(), SECRET.into());
    keeper.variables.insert("HOME".into(), keeper.path("").to_str().unwrap().into());
    let prod = keeper.choose("https://prometheus.example.com", None).unwrap();
    assert!(format!("{prod:?}").contains("authorization: Some(***)"));
    // What the others refer to is not here, which harms only them.
    for (url, missing) in [
        ("https://staging.example.com:9090", "company-ca.pem"),
        ("https://metrics.internal:8443", ".certs/me.pem"),
    ] {
        let error = keeper.choose(url, None).unwrap_err().to_string();
        assert!(error.contains(missing), "{error}");
    }
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

/// The HTTP client would look for proxies in the environment of the process, and send even what is for
/// this machine through them; we take only those that the caller names.
#[test]
fn a_proxy_that_the_caller_does_not_name_is_not_used() {
    let mut again = Command::new(std::env::current_exe().unwrap());
    for variable in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        again.env(variable, "http://127.0.0.1:1");
    }
    let test = "transport::a_question_is_a_form_below_the_prefix";
    let output = again.args(["--exact", test]).env_remove("NO_PROXY").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
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
