//! The file with a user's credentials.
use super::{CredentialsError, Secret, binding_problem, home};
use crate::{
    adapters::{address::host_and_port, files},
    kernel::{source::Position, spec::yaml},
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// What the file may hold: a list of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `name` and `host`")]
struct Written {
    name: String,
    host: String,
    #[serde(default)]
    allow_http: bool,
    basic: Option<WrittenBasic>,
    bearer: Option<WrittenBearer>,
    client_certificate: Option<WrittenPair>,
    ca: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `username` and `password`")]
struct WrittenBasic {
    username: String,
    password: Option<Secret>,
    password_file: Option<PathBuf>,
    password_env: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `token`, `token_file` or `token_env`")]
struct WrittenBearer {
    token: Option<Secret>,
    token_file: Option<PathBuf>,
    token_env: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `certificate` and `key`")]
struct WrittenPair {
    certificate: PathBuf,
    key: PathBuf,
}

/// One credential.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    /// In small letters.
    pub(super) host: String,
    /// The scheme's where none is written.
    pub(super) port: Option<u16>,
    pub(super) allow_http: bool,
    pub(super) basic: Option<Basic>,
    pub(super) bearer: Option<Bearer>,
    pub(super) client_certificate: Option<Pair>,
    pub(super) ca: Option<PathBuf>,
}

#[derive(Clone, Debug)]
pub(super) struct Basic {
    pub(super) username: String,
    pub(super) password: Origin,
}

#[derive(Clone, Debug)]
pub(super) struct Bearer {
    pub(super) token: Origin,
}

#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// Where a secret stands.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    Here(Secret),
    File(PathBuf),
    Variable(String),
}

impl Entry {
    fn bound(name: &str, host: String, port: Option<u16>) -> Self {
        Self {
            name: name.to_owned(),
            host,
            port,
            allow_http: false,
            basic: None,
            bearer: None,
            client_certificate: None,
            ca: None,
        }
    }

    /// A token in a variable.
    pub(super) fn bearer(name: &str, host: String, port: Option<u16>, variable: &str) -> Self {
        let token = Origin::Variable(variable.to_owned());
        Self { bearer: Some(Bearer { token }), ..Self::bound(name, host, port) }
    }

    /// A user name, and a password in a variable.
    pub(super) fn basic(
        name: &str,
        host: String,
        port: Option<u16>,
        username: &str,
        variable: &str,
    ) -> Result<Self, String> {
        let password = Origin::Variable(variable.to_owned());
        let basic = Basic { username: username_of(username)?, password };
        Ok(Self { basic: Some(basic), ..Self::bound(name, host, port) })
    }
}

/// A user name that Basic authentication can send: the first colon ends it (RFC 7617, section 2).
fn username_of(text: &str) -> Result<String, String> {
    if text.contains(|character: char| character == ':' || character.is_control()) {
        return Err("the user name holds a colon or control characters".into());
    }
    Ok(text.to_owned())
}

impl Origin {
    /// Exactly one of three ways to write a secret; `what` is the field's name.
    fn of(
        what: &str,
        here: Option<Secret>,
        file: Option<PathBuf>,
        variable: Option<String>,
        folder: &Folder<'_>,
    ) -> Result<Self, String> {
        match (here, file, variable) {
            (Some(secret), None, None) => Ok(Self::Here(secret)),
            (None, Some(path), None) => Ok(Self::File(folder.resolve(&path)?)),
            (None, None, Some(name)) => Ok(Self::Variable(name)),
            _ => Err(format!("expected one of `{what}`, `{what}_file` and `{what}_env`")),
        }
    }

    /// The secret itself. One line break at the end of a file is an editor's and not part of it.
    pub(super) fn read(&self, variables: &BTreeMap<String, Secret>) -> Result<Secret, String> {
        let (secret, place) = match self {
            Self::Here(secret) => (secret.clone(), "the secret in the credentials file".to_owned()),
            Self::File(path) => {
                let text = text(path)?;
                let line = text.strip_suffix('\n').unwrap_or(&text);
                let line = line.strip_suffix('\r').unwrap_or(line);
                (Secret::new(line), format!("the secret in `{}`", path.display()))
            }
            Self::Variable(name) => {
                let Some(value) = variables.get(name) else {
                    return Err(format!("the variable `{name}` is not set"));
                };
                (value.clone(), format!("the secret in the variable `{name}`"))
            }
        };
        let text = secret.expose();
        if text.is_empty() {
            Err(format!("{place} is empty"))
        } else if text.contains(|character: char| character.is_control()) {
            Err(format!("{place} has line breaks or control characters"))
        } else {
            Ok(secret)
        }
    }
}

/// What paths in the file are relative to.
struct Folder<'p> {
    folder: &'p Path,
    home: Option<PathBuf>,
}

impl Folder<'_> {
    fn resolve(&self, path: &Path) -> Result<PathBuf, String> {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => Ok(home.join(rest)),
            (Ok(_), None) => Err("`~` stands for nothing: `HOME` is not set".into()),
            (Err(_), _) => Ok(self.folder.join(path)),
        }
    }
}

/// Text of a file that a credential refers to; the error names the file only.
pub(super) fn text(path: &Path) -> Result<String, String> {
    files::read_document(path).map_err(|error| match error {
        files::FileError::System { cause, .. } => {
            format!("cannot read `{}`: {cause}", path.display())
        }
        other => other.to_string(),
    })
}

/// The credentials in a file.
pub(super) fn read(
    path: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<Entry>, CredentialsError> {
    let text = files::read_document(path)?;
    let folder = Folder { folder: path.parent().unwrap_or(Path::new("")), home: home(environment) };
    parse(&text, &folder).map_err(|(line, message)| CredentialsError::Wrong {
        path: path.to_owned(),
        line,
        message,
    })
}

fn parse(text: &str, folder: &Folder<'_>) -> Result<Vec<Entry>, (usize, String)> {
    let written: Option<Vec<Written>> = serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        (line, without_values(&error.to_string()))
    })?;
    let lines = lines(text);
    let mut names = BTreeSet::new();
    let mut entries = Vec::new();
    for (index, written) in written.unwrap_or_default().into_iter().enumerate() {
        let line = lines.get(index).copied().unwrap_or(1);
        let entry = entry(written, folder).map_err(|message| (line, message))?;
        if !names.insert(entry.name.clone()) {
            return Err((line, format!("a credential named `{}` stands above", entry.name)));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Lines in which the items of the list begin.
fn lines(text: &str) -> Vec<usize> {
    let stream = yaml::parse(text);
    let Some(document) = stream.documents.first() else { return Vec::new() };
    let tree = &document.tree;
    let line = |id: &u32| Position::of(text, tree.node(*id).start as usize).line;
    tree.list(tree.root).map_or(Vec::new(), |items| items.iter().map(line).collect())
}

fn entry(written: Written, folder: &Folder<'_>) -> Result<Entry, String> {
    let Written { name, host, allow_http, basic, bearer, client_certificate, ca } = written;
    let nameable = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if name.is_empty() || !name.chars().all(nameable) {
        return Err("`name` is made of letters, digits, `-`, `_` and `.`".into());
    }
    let (host, port) =
        host_and_port(&host).map_err(|error| format!("`host`: {}", binding_problem(error)))?;
    if basic.is_some() && bearer.is_some() {
        return Err("`basic` and `bearer` exclude each other: there is one such header".into());
    }
    if basic.is_none() && bearer.is_none() && client_certificate.is_none() && ca.is_none() {
        return Err("expected `basic`, `bearer`, `client_certificate` or `ca`".into());
    }
    let basic = match basic {
        Some(basic) => {
            let WrittenBasic { username, password, password_file, password_env } = basic;
            let username = username_of(&username)?;
            let password = Origin::of("password", password, password_file, password_env, folder)?;
            Some(Basic { username, password })
        }
        None => None,
    };
    let bearer = match bearer {
        Some(WrittenBearer { token, token_file, token_env }) => {
            Some(Bearer { token: Origin::of("token", token, token_file, token_env, folder)? })
        }
        None => None,
    };
    let client_certificate = match client_certificate {
        Some(WrittenPair { certificate, key }) => {
            Some(Pair { certificate: folder.resolve(&certificate)?, key: folder.resolve(&key)? })
        }
        None => None,
    };
    let ca = ca.map(|path| folder.resolve(&path)).transpose()?;
    Ok(Entry {
        allow_http,
        basic,
        bearer,
        client_certificate,
        ca,
        ..Entry::bound(&name, host, port)
    })
}

/// What a decoder says, without what the file says: messages such as `invalid type: string "…", expected
/// a list` repeat values, and `unknown field` repeats what may be a value in the wrong place.
fn without_values(message: &str) -> String {
    // Values stand before this, and nothing of the file stands behind it.
    if let Some((_, expected)) = message.rsplit_once(", expected ") {
        let expected = expected.split(" at line ").next().unwrap_or_default();
        let problem =
            if message.contains("unknown field") { "unknown field" } else { "wrong type" };
        let expected = match expected {
            "a sequence" => "a list of credentials, each beginning with `- name:`",
            "a string" | "path string" => "a text",
            other => other,
        };
        return format!("{problem}: expected {expected}");
    }
    for known in ["missing field `", "duplicate field `"] {
        if let Some((_, rest)) = message.split_once(known)
            && let Some((field, _)) = rest.split_once('`')
            && FIELDS.contains(&field)
        {
            return format!("{known}{field}`");
        }
    }
    "this is not YAML that can be read".into()
}

/// Every field of the file, which no secret is.
const FIELDS: &[&str] = &[
    "name",
    "host",
    "allow_http",
    "basic",
    "bearer",
    "client_certificate",
    "ca",
    "username",
    "password",
    "password_file",
    "password_env",
    "token",
    "token_file",
    "token_env",
    "certificate",
    "key",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<Entry>, (usize, String)> {
        let home = Some(PathBuf::from("/home/me"));
        parse(text, &Folder { folder: Path::new("/etc/sre"), home })
    }

    #[test]
    fn every_form_is_read() {
        let text = "
- name: prod
  host: Prometheus.Example.com
  bearer: {token_file: token}
- {name: staging, host: 'staging:9090', allow_http: true, basic: {username: me, password_env: P}}
- name: mutual
  host: '[::1]:9090'
  client_certificate: {certificate: ~/c.pem, key: /k.pem}
  ca: ca.pem
";
        let entries = read(text).unwrap();
        let shown = format!("{entries:?}");
        for part in [
            r#"host: "prometheus.example.com", port: None"#,
            r#"token: File("/etc/sre/token")"#,
            r#"host: "staging", port: Some(9090), allow_http: true"#,
            r#"password: Variable("P")"#,
            r#"certificate: "/home/me/c.pem", key: "/k.pem""#,
            r#"ca: Some("/etc/sre/ca.pem")"#,
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        for nothing in ["", "# nothing yet\n", "[]", "---\n"] {
            assert!(read(nothing).unwrap().is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_line_and_without_values() {
        let bearer = "bearer: {token: hunter2}";
        for (text, line, part) in [
            (format!("- name: a\n  host: h\n  {bearer}\n  hunter2: x\n"), 4, "unknown field"),
            (
                "- name: a\n  host: h\n  bearer: hunter2\n".into(),
                3,
                "expected a mapping with `token`",
            ),
            ("- name: a\n  host: h\n  bearer: {token: [hunter2]}\n".into(), 3, "expected a text"),
            ("\n- name: a\n  bearer: {token: hunter2}\n".into(), 2, "missing field `host`"),
            ("hunter2: {name: a}\n".into(), 1, "expected a list of credentials"),
            ("- name: a\n  host: h\n  ca: [hunter2]\n".into(), 3, "expected a text"),
            ("- hunter2\n".into(), 1, "expected a mapping with `name`"),
            ("- name: a\n  host: h\n  allow_http: hunter2\n".into(), 3, "expected a boolean"),
            ("- name: a\n  host: h\n  bearer: {token: 'hunter2\n".into(), 4, "not YAML"),
            ("- name: a\n  host: h\n  bearer: *hunter2\n".into(), 3, "not YAML"),
            (format!("- {{name: a, host: h, {bearer}}}\n- name: b\n  host: h\n"), 2, "`basic`"),
            (
                format!("- name: a\n  host: 'https://hunter2@h'\n  {bearer}\n"),
                1,
                "`host`: expected",
            ),
            (format!("- name: a\n  host: '*.example.com'\n  {bearer}\n"), 1, "`host`: expected"),
            (format!("- name: a\n  host: h:0\n  {bearer}\n"), 1, "port"),
            (format!("- name: a\n  host: h/hunter2\n  {bearer}\n"), 1, "`host`: expected"),
            (
                "- {name: a, host: h, bearer: {token: hunter2, token_env: T}}".into(),
                1,
                "one of `token`, `token_file` and `token_env`",
            ),
            ("- {name: a, host: h, bearer: {}}".into(), 1, "one of `token`"),
            (
                format!("- {{name: a, host: h, {bearer}, basic: {{username: a, password: b}}}}"),
                1,
                "exclude each other",
            ),
            (
                "- {name: a, host: h, basic: {username: 'a:hunter2', password: b}}".into(),
                1,
                "colon",
            ),
            (format!("- {{name: 'hunter2 x', host: h, {bearer}}}"), 1, "`name` is made of"),
            (
                format!("- {{name: a, host: h, {bearer}}}\n\n- {{name: a, host: i, {bearer}}}"),
                3,
                "stands above",
            ),
        ] {
            let (at, message) = read(&text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
            assert_eq!(at, line, "{text}: {message}");
            assert!(!message.contains("hunter2"), "{text}: {message}");
        }
    }

    #[test]
    fn secrets_are_texts_as_written() {
        for token in ["007", "1e3", "0x1f", "yes", "1_000", "'a: b'", "~x", "12:30:45"] {
            let text = format!("- {{name: a, host: h, bearer: {{token: {token}}}}}");
            let bearer = read(&text).unwrap().remove(0).bearer.unwrap();
            let Origin::Here(secret) = bearer.token else { panic!("{token}") };
            assert_eq!(secret.expose(), token.trim_matches('\''));
        }
    }

    #[test]
    fn a_secret_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let none = BTreeMap::new();
        for (text, secret) in [
            ("hunter2\n", Ok("hunter2")),
            ("hunter2\r\n", Ok("hunter2")),
            (" spaces count ", Ok(" spaces count ")),
            ("two\nlines\n", Err("line breaks")),
            ("\n", Err("is empty")),
        ] {
            files::write_atomically(&path, text).unwrap();
            match (Origin::File(path.clone()).read(&none), secret) {
                (Ok(read), Ok(secret)) => assert_eq!(read.expose(), secret),
                (Err(message), Err(part)) => assert!(message.contains(part), "{message}"),
                (read, expected) => panic!("{text:?}: {read:?}, not {expected:?}"),
            }
        }
        let missing = Origin::Variable("TOKEN".into()).read(&none).unwrap_err();
        assert_eq!(missing, "the variable `TOKEN` is not set");
    }

    proptest! {
        /// Whatever stands where, no message repeats it.
        #[test]
        fn no_message_holds_a_secret(
            before in "(- name: a\n  host: h\n)?[ a-z:\\[\\]{}'\"&*!|>,\n-]{0,30}",
            after in "[ a-z:\\[\\]{}'\"&*!|>,\n-]{0,30}",
        ) {
            let text = format!("{before}zq7zq{after}");
            if let Err((_, message)) = read(&text) {
                prop_assert!(!message.contains("zq7zq"), "{message}");
            }
        }
    }
}
