//! What steps know: parameters and captured values; and how that gets into arguments, which is the only way
//! beside the environment. Nothing is ever pasted into the text of a command.
use std::{collections::BTreeMap, fmt};

/// A value that steps can use.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    /// The text.
    pub text: String,
    /// Whether it must not be shown.
    pub secret: bool,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret { f.write_str("<secret>") } else { self.text.fmt(f) }
    }
}

/// Values by name.
pub type Variables = BTreeMap<String, Value>;

/// A text with names in it: `--host=${host}`. `$${` stands for `${`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name(String),
}

/// Why a text with names has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// Nothing is called so, yet.
    #[error("`{0}` has no value")]
    Unknown(String),
    /// It would be shown to everybody who lists processes.
    #[error("`{0}` is a secret, and arguments of programs can be seen by everybody on the machine")]
    SecretArgument(String),
    /// It would be taken for an option.
    #[error("the value of `{0}` begins with a dash and would be taken for an option")]
    Option(String),
    /// No argument can hold it.
    #[error("the value of `{0}` has a NUL in it")]
    Nul(String),
}

impl Template {
    /// A text without names.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Text(text.into())] }
    }

    /// Reads a text with names.
    ///
    /// # Errors
    /// What is wrong: a name that is not closed, or none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('$') {
                plain.push_str(before);
                plain.push_str("${");
                rest = from.strip_prefix("${").unwrap_or_default();
                continue;
            }
            plain.push_str(before);
            let inside = from.strip_prefix("${").unwrap_or_default();
            let (name, after) =
                inside.split_once('}').ok_or_else(|| format!("`${{` in `{text}` is not closed"))?;
            if !is_name(name) {
                return Err(format!(
                    "`${{{name}}}` names nothing: a name has letters, digits and `_`"
                ));
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Name(name.to_owned()));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// The names in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text where it has no names.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a name stands at its beginning, so that its value decides whether it is an option.
    pub fn begins_with_name(&self) -> bool {
        matches!(self.pieces.first(), Some(Piece::Name(_)))
    }

    /// The text with values.
    ///
    /// # Errors
    /// If one has no value.
    pub fn fill(&self, variables: &Variables) -> Result<String, FillError> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Name(name) => {
                    let value =
                        variables.get(name).ok_or_else(|| FillError::Unknown(name.clone()))?;
                    text.push_str(&value.text);
                }
            }
        }
        Ok(text)
    }

    /// The text as it is shown: secrets as `<secret NAME>`, what is not known yet as `waiting` says.
    pub fn shown(&self, variables: &Variables, waiting: impl Fn(&str) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Name(name) => match variables.get(name) {
                Some(value) if value.secret => format!("<secret {name}>"),
                Some(value) => value.text.clone(),
                None => waiting(name),
            },
        };
        self.pieces.iter().map(piece).collect()
    }

    /// As it is written.
    pub fn text(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.replace("${", "$${"),
            Piece::Name(name) => format!("${{{name}}}"),
        };
        self.pieces.iter().map(piece).collect()
    }
}

/// The arguments of a program with values. An argument whose beginning is a value must not become an option:
/// after `--` nothing is one.
///
/// # Errors
/// If a value is missing, secret, or cannot be an argument.
pub fn arguments(templates: &[Template], variables: &Variables) -> Result<Vec<String>, FillError> {
    let mut filled = Vec::with_capacity(templates.len());
    let mut options_ended = false;
    for template in templates {
        for name in template.names() {
            let value = variables.get(name).ok_or_else(|| FillError::Unknown(name.to_owned()))?;
            if value.secret {
                return Err(FillError::SecretArgument(name.to_owned()));
            }
            if value.text.contains('\0') {
                return Err(FillError::Nul(name.to_owned()));
            }
        }
        let text = template.fill(variables)?;
        if template.begins_with_name() && text.starts_with('-') && !options_ended {
            let name = template.names().next().unwrap_or_default();
            return Err(FillError::Option(name.to_owned()));
        }
        options_ended |= template.as_literal() == Some("--");
        filled.push(text);
    }
    Ok(filled)
}

/// Whether a variable of an environment can have this name.
pub fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Whether a variable decides what programs do behind the back of whoever wrote the runbook: what is loaded
/// into them, which file a shell reads first, which program a name means, where git works.
pub fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 20] = [
        "PATH",
        "HOME",
        "IFS",
        "ENV",
        "BASH_ENV",
        "SHELL",
        "SHELLOPTS",
        "BASHOPTS",
        "PS4",
        "CDPATH",
        "GLOBIGNORE",
        "PROMPT_COMMAND",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PERL5LIB",
        "PERL5OPT",
        "RUBYOPT",
        "RUBYLIB",
        "NODE_OPTIONS",
        "LC_ALL",
    ];
    NAMES.contains(&name)
        || ["LD_", "DYLD_", "GIT_", "BASH_FUNC_"].iter().any(|prefix| name.starts_with(prefix))
}

/// What every program gets of the environment of whoever runs it: what it needs to find programs and the files of
/// its user.
const INHERITED: [&str; 10] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "TZ",
    "LANG",
    "TERM",
    "SSH_AUTH_SOCK",
    "XDG_RUNTIME_DIR",
];

/// The environment that programs get: what all get, and what the runbook names. Their texts are UTF-8.
pub fn inherited(
    environment: &BTreeMap<String, String>,
    named: &[String],
) -> BTreeMap<String, String> {
    let all = INHERITED.iter().copied().chain(named.iter().map(String::as_str));
    let mut inherited: BTreeMap<String, String> =
        all.filter_map(|name| Some((name.to_owned(), environment.get(name)?.clone()))).collect();
    inherited.insert("LC_ALL".to_owned(), "C.UTF-8".to_owned());
    inherited
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(pairs: &[(&str, &str, bool)]) -> Variables {
        pairs
            .iter()
            .map(|(name, text, secret)| {
                ((*name).to_owned(), Value { text: (*text).to_owned(), secret: *secret })
            })
            .collect()
    }

    fn parse(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    #[test]
    fn names_are_filled_into_one_argument_each() {
        let known = known(&[("pid", "1; rm -rf \"$HOME\" $(id)\n", false)]);
        let templates = ["kill", "--pid=${pid}", "$${pid}"].map(parse);
        assert_eq!(
            arguments(&templates, &known).unwrap(),
            ["kill", "--pid=1; rm -rf \"$HOME\" $(id)\n", "${pid}"]
        );
    }

    #[test]
    fn no_value_becomes_an_option() {
        let known = known(&[("file", "-rf", false)]);
        let refused = arguments(&["rm", "${file}"].map(parse), &known);
        assert_eq!(refused, Err(FillError::Option("file".into())));
        let fine = arguments(&["rm", "--", "${file}"].map(parse), &known);
        assert_eq!(fine.unwrap(), ["rm", "--", "-rf"]);
        assert!(arguments(&["rm", "./${file}"].map(parse), &known).is_ok());
    }

    #[test]
    fn secrets_and_unknown_values_are_no_arguments() {
        let known = known(&[("token", "hunter2", true), ("nul", "a\0b", false)]);
        let error = |text: &str| arguments(&[parse(text)], &known).unwrap_err();
        assert_eq!(error("${token}"), FillError::SecretArgument("token".into()));
        assert_eq!(error("${other}"), FillError::Unknown("other".into()));
        assert_eq!(error("x${nul}"), FillError::Nul("nul".into()));
        let shown = parse("a ${token} ${other}").shown(&known, |name| format!("<{name}>"));
        assert_eq!(shown, "a <secret token> <other>");
        assert!(!format!("{known:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_no_name_is_said() {
        assert!(Template::parse("${").unwrap_err().contains("not closed"));
        assert!(Template::parse("${a-b}").unwrap_err().contains("names nothing"));
        assert!(Template::parse("$ { $a $(x)").unwrap().as_literal().is_some());
        assert!(Template::parse("").unwrap().as_literal().is_some());
    }

    #[test]
    fn variables_that_change_programs_are_reserved() {
        for name in ["LD_PRELOAD", "BASH_ENV", "GIT_DIR", "PATH", "IFS"] {
            assert!(is_reserved(name), "{name}");
        }
        assert!(!is_reserved("PGHOST"));
    }

    proptest! {
        #[test]
        fn what_is_parsed_is_written_again(text in "[a$\\{\\}_-]{0,12}") {
            if let Ok(template) = Template::parse(&text) {
                let again = Template::parse(&template.text()).unwrap();
                prop_assert_eq!(again, template);
            }
        }
    }
}
