//! Credentials: what lets us in at a server, and at no other.
//!
//! They live outside the catalog, in a file of the user or in the environment, and each is bound to one
//! host and port. A document can name a credential; it cannot say where it is sent. What is chosen for
//! a server is an [`Access`], which carries its binding with it.
mod file;
mod secret;

pub use secret::Secret;

use super::address::{Address, AddressError, default_port, host_and_port};
use super::files::FileError;
use file::Entry;
use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};
use ureq::{
    http::HeaderValue,
    tls::{Certificate, ClientCert, PemItem, PrivateKey, parse_pem},
};

/// Where a credential stands when the environment holds it.
const ENVIRONMENT_HOST: &str = "SRE_PROMETHEUS_HOST";
const ENVIRONMENT_TOKEN: &str = "SRE_PROMETHEUS_TOKEN";
const ENVIRONMENT_USERNAME: &str = "SRE_PROMETHEUS_USERNAME";
const ENVIRONMENT_PASSWORD: &str = "SRE_PROMETHEUS_PASSWORD";

/// Why a credential cannot be used. No message holds a value of the file or of a variable that is secret.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// What stands in the file is not what it should be.
    #[error("{}:{line}: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong and what is expected.
        message: String,
    },
    /// The variables do not go together.
    #[error("{0}")]
    Environment(String),
    /// A document names a credential that does not exist.
    #[error("there is no credential `{name}`{}", known(known_names))]
    Unknown {
        /// The name.
        name: String,
        /// Names that exist.
        known_names: Vec<String>,
    },
    /// A document names a credential of another host.
    #[error(
        "the credential `{name}` is bound to `{bound}` and is not sent to `{host}`, port {port}; only \
         who keeps the credentials can bind it elsewhere"
    )]
    Foreign {
        /// The credential's name.
        name: String,
        /// The host it is for, as written.
        bound: String,
        /// Host of the server.
        host: String,
        /// Port of the server.
        port: u16,
    },
    /// Several are bound to the host and none is named.
    #[error("several credentials are bound to `{host}`: name one of `{}`", names.join("`, `"))]
    Ambiguous {
        /// Host of the server.
        host: String,
        /// Names of the credentials.
        names: Vec<String>,
    },
    /// It would go over the network for everyone to read.
    #[error(
        "the credential `{name}` is not sent to {address}, because the connection is not encrypted; \
         use `https://`, or say `allow_http: true` in the credentials file"
    )]
    Unencrypted {
        /// The credential's name.
        name: String,
        /// The server.
        address: Address,
    },
    /// What the credential refers to is not there or not usable.
    #[error("the credential `{name}` cannot be used: {reason}")]
    Unusable {
        /// The credential's name.
        name: String,
        /// Why not.
        reason: String,
    },
}

fn known(names: &[String]) -> String {
    if names.is_empty() {
        "; the credentials file names none".into()
    } else {
        format!("; there are `{}`", names.join("`, `"))
    }
}

/// All credentials of a user.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    entries: Vec<Entry>,
    /// The one in the environment, which goes before those in the file.
    environment: Option<Entry>,
    /// The whole environment, from which a credential may name any variable.
    variables: BTreeMap<String, Secret>,
    warnings: Vec<String>,
}

impl Credentials {
    /// The file in which credentials are looked for: `$SRE_CREDENTIALS`, else
    /// `$XDG_CONFIG_HOME/sre/credentials.yaml`, else `~/.config/sre/credentials.yaml`; and whether it was
    /// named and so has to exist.
    pub fn path(environment: &BTreeMap<String, String>) -> Option<(PathBuf, bool)> {
        let variable = |name| environment.get(name).filter(|value| !value.is_empty());
        if let Some(path) = variable("SRE_CREDENTIALS") {
            return Some((path.into(), true));
        }
        let settings = variable("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            // The specification says to pass over relative paths.
            .filter(|path| path.is_absolute())
            .or_else(|| home(environment).map(|home| home.join(".config")))?;
        Some((settings.join("sre").join("credentials.yaml"), false))
    }

    /// What the user's file and environment hold.
    ///
    /// # Errors
    /// If the file is named and missing, cannot be read, or is wrong; if the variables contradict each
    /// other.
    pub fn load(environment: &BTreeMap<String, String>) -> Result<Self, CredentialsError> {
        let mut credentials = Self {
            variables: environment
                .iter()
                .map(|(name, value)| (name.clone(), Secret::new(value.as_str())))
                .collect(),
            ..Self::default()
        };
        if let Some((path, must_exist)) = Self::path(environment)
            && (must_exist || path.is_file())
        {
            credentials.entries = file::read(&path, environment)?;
            credentials.warnings.extend(readable_by_others(&path));
        }
        credentials.environment = credentials.in_environment()?;
        Ok(credentials)
    }

    /// What the user should know: a file that others can read, a variable that has no effect.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn in_environment(&mut self) -> Result<Option<Entry>, CredentialsError> {
        let variable =
            |name| self.variables.get(name).map(Secret::expose).filter(|value| !value.is_empty());
        let token = variable(ENVIRONMENT_TOKEN);
        let username = variable(ENVIRONMENT_USERNAME);
        let password = variable(ENVIRONMENT_PASSWORD);
        let Some(host) = variable(ENVIRONMENT_HOST) else {
            if token.is_some() || username.is_some() || password.is_some() {
                self.warnings.push(format!(
                    "`{ENVIRONMENT_HOST}` is not set, so `{ENVIRONMENT_TOKEN}`, \
                     `{ENVIRONMENT_USERNAME}` and `{ENVIRONMENT_PASSWORD}` are sent nowhere; it names \
                     the host they are for"
                ));
            }
            return Ok(None);
        };
        let wrong = CredentialsError::Environment;
        let (host, port) = host_and_port(host)
            .map_err(|error| wrong(format!("`{ENVIRONMENT_HOST}`: {}", binding_problem(error))))?;
        let entry = match (token, username, password) {
            (Some(_), None, None) => Entry::bearer(ENVIRONMENT_HOST, host, port, ENVIRONMENT_TOKEN),
            (None, Some(user), Some(_)) => {
                Entry::basic(ENVIRONMENT_HOST, host, port, user, ENVIRONMENT_PASSWORD)
                    .map_err(|error| wrong(format!("`{ENVIRONMENT_USERNAME}`: {error}")))?
            }
            _ => {
                return Err(wrong(format!(
                    "with `{ENVIRONMENT_HOST}`, set either `{ENVIRONMENT_TOKEN}`, or \
                     `{ENVIRONMENT_USERNAME}` and `{ENVIRONMENT_PASSWORD}`"
                )));
            }
        };
        Ok(Some(entry))
    }

    /// What lets us in at that server: the credential of that name, which must be bound to it; without
    /// a name the one in the environment if it is bound to it, else the one in the file that is, else
    /// nothing. Files and variables that the credential refers to are read now.
    ///
    /// # Errors
    /// If the name is unknown or another host's, if several are bound to the server and none is named,
    /// if it would be sent unencrypted, or if what it refers to cannot be read.
    pub fn choose(&self, server: &Address, name: Option<&str>) -> Result<Access, CredentialsError> {
        let Some(entry) = self.entry(server, name)? else { return Ok(Access::default()) };
        if entry.is_secret() && !server.is_secure() && !server.is_loopback() && !entry.allow_http {
            return Err(CredentialsError::Unencrypted {
                name: entry.name.clone(),
                address: server.clone(),
            });
        }
        entry.access(server, &self.variables)
    }

    fn entry(
        &self,
        server: &Address,
        name: Option<&str>,
    ) -> Result<Option<&Entry>, CredentialsError> {
        if let Some(name) = name {
            let Some(entry) = self.entries.iter().find(|entry| entry.name == name) else {
                return Err(CredentialsError::Unknown {
                    name: name.to_owned(),
                    known_names: self.entries.iter().map(|entry| entry.name.clone()).collect(),
                });
            };
            if !entry.is_for(server) {
                return Err(CredentialsError::Foreign {
                    name: name.to_owned(),
                    bound: entry.bound_to(),
                    host: server.host().to_owned(),
                    port: server.port(),
                });
            }
            return Ok(Some(entry));
        }
        if let Some(entry) = self.environment.as_ref().filter(|entry| entry.is_for(server)) {
            return Ok(Some(entry));
        }
        let bound: Vec<&Entry> = self.entries.iter().filter(|entry| entry.is_for(server)).collect();
        match bound[..] {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => Err(CredentialsError::Ambiguous {
                host: server.host().to_owned(),
                names: bound.iter().map(|entry| entry.name.clone()).collect(),
            }),
        }
    }
}

/// What lets us in at one server; [`Access::default`] is nothing, and for every server.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The server that it is for; `None` only where there is nothing to protect.
    server: Option<Address>,
    authorization: Option<Secret>,
    /// What of it is secret, in every form in which it is sent.
    secrets: Vec<Secret>,
    client_certificate: Option<ClientCert>,
    trusted: Option<Vec<Certificate<'static>>>,
}

impl Access {
    /// Whether it may be used there.
    pub fn is_for(&self, server: &Address) -> bool {
        self.server.as_ref().is_none_or(|bound| {
            bound.is_secure() == server.is_secure()
                && bound.host() == server.host()
                && bound.port() == server.port()
        })
    }

    /// The value of the header `Authorization`.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.authorization.as_ref()?.expose()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// What no message may show, even where the server says it back.
    pub(super) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// The client certificate and its key.
    pub(super) fn client_certificate(&self) -> Option<&ClientCert> {
        self.client_certificate.as_ref()
    }

    /// Authorities that are trusted instead of the public ones.
    pub(super) fn trusted(&self) -> Option<&[Certificate<'static>]> {
        self.trusted.as_deref()
    }
}

impl Entry {
    fn is_for(&self, server: &Address) -> bool {
        self.host == server.host()
            && self.port.unwrap_or(default_port(server.is_secure())) == server.port()
    }

    fn bound_to(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Whether anything secret would be sent. A client certificate's key is not, but what the connection
    /// is used for then counts on it.
    fn is_secret(&self) -> bool {
        self.basic.is_some() || self.bearer.is_some() || self.client_certificate.is_some()
    }

    fn access(
        &self,
        server: &Address,
        variables: &BTreeMap<String, Secret>,
    ) -> Result<Access, CredentialsError> {
        let unusable =
            |reason: String| CredentialsError::Unusable { name: self.name.clone(), reason };
        let mut secrets = Vec::new();
        let authorization = if let Some(bearer) = &self.bearer {
            let token = bearer.token.read(variables).map_err(&unusable)?;
            if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
                let reason = "a token has no spaces and no letters beyond ASCII";
                return Err(unusable(reason.to_owned()));
            }
            let value = format!("Bearer {}", token.expose());
            secrets.push(token);
            Some(value)
        } else if let Some(basic) = &self.basic {
            let password = basic.password.read(variables).map_err(&unusable)?;
            let pair = format!("{}:{}", basic.username, password.expose());
            let pair = Secret::new(secret::base64(pair.as_bytes()));
            let value = format!("Basic {}", pair.expose());
            secrets.extend([password, pair]);
            Some(value)
        } else {
            None
        };
        let client_certificate = match &self.client_certificate {
            Some(pair) => {
                Some(client_certificate(&pair.certificate, &pair.key).map_err(&unusable)?)
            }
            None => None,
        };
        let trusted = match &self.ca {
            Some(path) => Some(certificates(path).map_err(|error| unusable(error.to_string()))?),
            None => None,
        };
        Ok(Access {
            server: Some(server.clone()),
            authorization: authorization.map(Secret::new),
            secrets,
            client_certificate,
            trusted,
        })
    }
}

/// Why a file of certificates is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum CertificatesError {
    /// It cannot be read.
    #[error("{0}")]
    File(String),
    /// It holds none.
    #[error("`{}` holds no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)", .0.display())]
    None(PathBuf),
}

/// The certificates in a PEM file.
pub(super) fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, CertificatesError> {
    let text = file::text(path).map_err(CertificatesError::File)?;
    let found: Vec<_> = parse_pem(text.as_bytes())
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() { Err(CertificatesError::None(path.to_owned())) } else { Ok(found) }
}

fn client_certificate(certificate: &Path, key: &Path) -> Result<ClientCert, String> {
    let chain = certificates(certificate).map_err(|error| error.to_string())?;
    let pem = file::text(key)?;
    let private = PrivateKey::from_pem(pem.as_bytes()).map_err(|_| {
        let encrypted = if pem.contains("ENCRYPTED") { ", only an encrypted one" } else { "" };
        format!("`{}` holds no private key in PEM form{encrypted}", key.display())
    })?;
    if !is_pair(&chain, &pem) {
        return Err(format!(
            "the certificate in `{}` and the key in `{}` cannot be used together; they must belong to \
             each other, and the key be RSA with 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519",
            certificate.display(),
            key.display()
        ));
    }
    Ok(ClientCert::new_with_certs(&chain, private))
}

/// Whether a certificate and the key in that text belong together and can be used: the HTTP client takes
/// that for granted, and panics where it is not so.
fn is_pair(chain: &[Certificate<'_>], pem: &str) -> bool {
    let chain = chain.iter().map(|one| CertificateDer::from(one.der().to_vec())).collect();
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes());
    key.is_ok_and(|key| CertifiedKey::from_der(chain, key, &ring::default_provider()).is_ok())
}

/// The folder of the user.
pub(super) fn home(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    ["HOME", "USERPROFILE"]
        .iter()
        .find_map(|name| environment.get(*name).filter(|value| !value.is_empty()))
        .map(PathBuf::from)
}

fn binding_problem(error: AddressError) -> String {
    match error {
        AddressError::Port => error.to_string(),
        _ => {
            "expected one host such as `prometheus.example.com` or `prometheus.example.com:9090`, \
              without scheme and path"
                .into()
        }
    }
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    let (group, others) = (mode & 0o070, mode & 0o007);
    if group == 0 && others == 0 {
        return None;
    }
    let mut warning = format!("`{}` can be read by others (mode {mode:03o})", path.display());
    let _ = write!(warning, "; run `chmod 600 {}`", path.display());
    Some(warning)
}

#[cfg(not(unix))]
fn readable_by_others(_path: &Path) -> Option<String> {
    None
}
