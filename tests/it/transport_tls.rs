//! Encrypted connections: whom we trust and who trusts us, against our own server and a real Prometheus.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "makes files and starts servers to be reached; says where a test is skipped"
)]
use crate::{
    misbehaving::{Behaviour, Misbehaving},
    transport::{Keeper, SECRET, ask, environment, now, options},
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use sre::{
    adapters::{
        credentials::Access,
        http::{HttpServer, Options},
    },
    kernel::measure::server::{Fetch as _, FetchError, Method, Reply, Request},
};
use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

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
    let reply = ask(&server.url(), &access, &options());
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
    let other_key = KeyPair::generate().unwrap().serialize_pem();
    let mine = authority.certify("me", |_| ()).certificate;
    let keeper = Keeper::new(
        "- {name: a, host: h, client_certificate: {certificate: me.pem, key: me.key}}\n",
    );
    let error = |certificate: &str, key: &str| {
        fs::write(keeper.path("me.pem"), certificate).unwrap();
        fs::write(keeper.path("me.key"), key).unwrap();
        keeper.choose("https://h", None).unwrap_err().to_string()
    };
    let told = error(&mine, &other_key);
    assert!(told.contains("me.pem` and the key in `"), "{told}");
    assert!(told.contains("me.key` cannot be used together"), "{told}");
    assert!(error(SECRET, &other_key).contains("me.pem` holds no certificate"));
    assert!(error(&mine, SECRET).contains("me.key` holds no private key"));
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\naGVsbG8=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert!(error(&mine, encrypted).contains("only an encrypted one"));
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
    let error = ask(&url, &Access::default(), &options()).unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. }), "{error:?}");
    assert!(error.to_string().contains("does the server not expect `https://`?"), "{error}");
}

// --- Prometheus itself --------------------------------------------------------------------------

/// A Prometheus without targets, behind TLS and a password, below `/metrics-of/team`.
struct Prometheus {
    child: Child,
    url: String,
    keeper: Keeper,
}

impl Prometheus {
    /// `None` where the program is not installed; `SRE_SERVERS=required` makes that a failure.
    fn start(authority: &Authority, client_auth: &str) -> Option<Self> {
        let version = Command::new("prometheus").arg("--version").output();
        if version.is_err() {
            let required = std::env::var("SRE_SERVERS").is_ok_and(|value| value == "required");
            assert!(!required, "SRE_SERVERS=required, and there is no program `prometheus`");
            eprintln!("skipped: there is no program `prometheus`");
            return None;
        }
        let server = authority.certify("127.0.0.1", |_| ());
        let me = authority.certify("me", |_| ());
        let stranger = Authority::new("theirs").certify("stranger", |_| ());
        // Another may take the port between our asking and its use.
        for _ in 0..3 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let login = format!("basic: {{username: me, password: {SECRET}}}");
            let bound = format!("host: '127.0.0.1:{port}', ca: ca.pem");
            let keeper = Keeper::new(&format!(
                "- {{name: right, {bound}, {login}}}\n\
                 - {{name: wrong, {bound}, basic: {{username: me, password: {SECRET}x}}}}\n\
                 - {{name: nothing, {bound}}}\n\
                 - {{name: untrusting, host: '127.0.0.1:{port}', {login}}}\n\
                 - {{name: certified, {bound}, {login}, \
                 client_certificate: {{certificate: me.pem, key: me.key}}}}\n\
                 - {{name: stranger, {bound}, {login}, \
                 client_certificate: {{certificate: stranger.pem, key: stranger.key}}}}\n"
            ));
            for (name, text) in [
                ("ca.pem", &*authority.pem),
                ("server.pem", &*server.certificate),
                ("server.key", &*server.key.serialize_pem()),
                ("me.pem", &*me.certificate),
                ("me.key", &*me.key.serialize_pem()),
                ("stranger.pem", &*stranger.certificate),
                ("stranger.key", &*stranger.key.serialize_pem()),
                ("prometheus.yml", "global: {scrape_interval: 1h}\n"),
                // The hash is bcrypt's, made by libxcrypt: `crypt(SECRET, "$2b$04$...")`.
                (
                    "web.yml",
                    &*format!(
                        "tls_server_config: {{cert_file: server.pem, key_file: server.key{client_auth}}}\n\
                         basic_auth_users: {{me: '{HASH}'}}\n"
                    ),
                ),
            ] {
                fs::write(keeper.path(name), text).unwrap();
            }
            let child = run(&keeper.path(""), port);
            let url = format!("https://127.0.0.1:{port}/metrics-of/team");
            let mut started = Self { child, url, keeper };
            if started.is_up() {
                return Some(started);
            }
        }
        panic!("prometheus does not start");
    }

    /// Whether it answers before it ends. Asked by someone whom it lets in: to others it says the same
    /// before it is ready as afterwards.
    fn is_up(&mut self) -> bool {
        let access = self.keeper.choose(&self.url, Some("certified")).unwrap();
        for _ in 0..600 {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            match ask(&self.url, &access, &options()) {
                Err(FetchError::Connect { .. }) => {}
                Ok(reply) if reply.status == 503 => {}
                _ => return true,
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        false
    }

    fn ask(&self, name: &str) -> Result<Reply, FetchError> {
        let access = self.keeper.choose(&self.url, Some(name)).unwrap();
        ask(&self.url, &access, &options())
    }
}

/// The bcrypt hash of [`SECRET`].
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuu56kepMfUzKdIcRkx0DIMXUB694vdpDK";

fn run(folder: &Path, port: u16) -> Child {
    Command::new("prometheus")
        .current_dir(folder)
        .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
        .args(["--web.config.file=web.yml", "--log.level=error"])
        .args(["--web.external-url=/metrics-of/team", "--web.route-prefix=/metrics-of/team"])
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_real_prometheus_with_a_password() {
    let Some(prometheus) = Prometheus::start(&Authority::new("ours"), "") else { return };
    // The query holds every character that a form has to escape; there are no such requests.
    let reply = prometheus.ask("right").unwrap();
    assert_eq!((reply.status, reply.content_type.as_deref()), (400, Some("application/json")));
    let body = String::from_utf8(reply.body).unwrap();
    // The place of the `&`, so the whole query has arrived as it is.
    assert!(body.contains("1:53: parse error: unexpected character"), "{body}");
    let access = prometheus.keeper.choose(&prometheus.url, Some("right")).unwrap();
    let url = prometheus.url.parse().unwrap();
    let server = HttpServer::new(url, &access, &options()).unwrap();
    let query = "label_replace(vector(1), \"a\", \"é+&=%\", \"\", \"\")".to_owned();
    let form = vec![("query", query), ("time", "1000".into())];
    let reply =
        server.fetch(&Request { method: Method::Post, path: "/api/v1/query", form }).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(reply.status, 200);
    let sample = &value["data"]["result"][0];
    assert_eq!(sample["metric"]["a"], "é+&=%");
    assert_eq!(sample["value"][1], "1");
    for name in ["wrong", "nothing"] {
        assert_eq!(prometheus.ask(name).unwrap().status, 401, "{name}");
    }
    assert_distrusted(prometheus.ask("untrusting"), "not signed by an authority");
    let plain = prometheus.url.replace("https:", "http:");
    let reply = ask(&plain, &Access::default(), &options());
    assert_distrusted(reply, "write `https://`");
    let outside = prometheus.url.replace("/metrics-of/team", "");
    let access = prometheus.keeper.choose(&outside, Some("right")).unwrap();
    assert_eq!(ask(&outside, &access, &options()).unwrap().status, 404);
}

#[test]
fn a_real_prometheus_that_asks_for_a_certificate() {
    let client_auth = ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem";
    let Some(prometheus) = Prometheus::start(&Authority::new("ours"), client_auth) else { return };
    let reply = prometheus.ask("certified").unwrap();
    assert_eq!((reply.status, reply.content_type.as_deref()), (400, Some("application/json")));
    for name in ["right", "stranger"] {
        // With TLS 1.3 the server looks at us when the handshake is over for us. If it hangs up before
        // we have sent our question, the system does not give us what it said last.
        match prometheus.ask(name).unwrap_err() {
            FetchError::Tls { reason } | FetchError::Broken { reason } => {
                assert!(reason.contains("client certificate"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}
