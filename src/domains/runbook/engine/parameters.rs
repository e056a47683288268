//! Values of parameters against their types: all of them, before anything is run.
use crate::kernel::units::Duration;
use regex::Regex;

/// What a parameter can be.
#[derive(Clone, Debug)]
pub enum Type {
    /// Any text; on one line unless several are allowed.
    Text {
        /// Whether line breaks are allowed.
        lines: bool,
    },
    /// A whole number.
    Integer {
        /// The least.
        min: Option<i64>,
        /// The greatest.
        max: Option<i64>,
    },
    /// `true` or `false`.
    Boolean,
    /// One of these.
    Choice(Vec<String>),
    /// A length of time such as `5m`.
    Duration,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, which is that of the variable in which programs find it.
    pub name: String,
    /// What it can be.
    pub kind: Type,
    /// What its whole text has to match.
    pub pattern: Option<Regex>,
    /// Its value where none is given.
    pub default: Option<String>,
    /// Whether it must not be shown.
    pub secret: bool,
}

/// The longest value, in bytes: far below what a system takes as an argument.
const LONGEST: usize = 64 << 10;

/// The shortest secret that can be taken out of a stream without tearing it to pieces.
pub const SHORTEST_SECRET: usize = 4;

impl Parameter {
    /// Checks a value.
    ///
    /// # Errors
    /// What was expected; the value of a secret is not in it.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let found = if self.secret { "its value".to_owned() } else { format!("{value:?}") };
        if value.len() > LONGEST {
            return Err(format!("`{}` is longer than {LONGEST} bytes", self.name));
        }
        if value.contains('\0') {
            return Err(format!("`{}` has a NUL in it, which no program can be given", self.name));
        }
        let lines = matches!(self.kind, Type::Text { lines: true });
        if !lines && value.contains(['\n', '\r']) {
            return Err(format!(
                "`{}` has several lines; expected one (`lines: true` allows several)",
                self.name
            ));
        }
        if self.secret && value.len() < SHORTEST_SECRET {
            return Err(format!(
                "the secret `{}` is shorter than {SHORTEST_SECRET} bytes, too short to be found in what programs print",
                self.name
            ));
        }
        let expected = match &self.kind {
            Type::Text { .. } => None,
            Type::Integer { min, max } => {
                let fine = value.parse::<i64>().is_ok_and(|number| {
                    min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
                });
                (!fine).then(|| match (min, max) {
                    (Some(min), Some(max)) => format!("a whole number from {min} to {max}"),
                    (Some(min), None) => format!("a whole number from {min} on"),
                    (None, Some(max)) => format!("a whole number up to {max}"),
                    (None, None) => "a whole number".to_owned(),
                })
            }
            Type::Boolean => {
                (!matches!(value, "true" | "false")).then(|| "`true` or `false`".to_owned())
            }
            Type::Choice(choices) => (!choices.iter().any(|choice| choice == value)).then(|| {
                let quoted: Vec<String> =
                    choices.iter().map(|choice| format!("`{choice}`")).collect();
                format!("one of {}", quoted.join(", "))
            }),
            Type::Duration => value
                .parse::<Duration>()
                .is_err()
                .then(|| "a length of time such as `5m`".to_owned()),
        };
        if let Some(expected) = expected {
            return Err(format!("`{}`: expected {expected}, found {found}", self.name));
        }
        let whole = |regex: &Regex| {
            regex.find_iter(value).any(|one| one.start() == 0 && one.end() == value.len())
        };
        match &self.pattern {
            Some(regex) if !whole(regex) => {
                Err(format!("`{}`: expected what matches `{regex}`, found {found}", self.name))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Type) -> Parameter {
        Parameter { name: "x".into(), kind, pattern: None, default: None, secret: false }
    }

    #[test]
    fn values_are_held_against_their_types() {
        let check = |kind: &Type, value: &str| of(kind.clone()).check(value).is_ok();
        let integer = Type::Integer { min: Some(1), max: Some(10) };
        assert!(check(&integer, "10") && !check(&integer, "11") && !check(&integer, "1.5"));
        assert!(!check(&integer, "") && !check(&integer, "1; id"));
        let choice = Type::Choice(vec!["eu".into(), "us".into()]);
        assert!(check(&choice, "eu") && !check(&choice, "EU"));
        assert!(check(&Type::Duration, "5m") && !check(&Type::Duration, "5"));
        assert!(check(&Type::Boolean, "true") && !check(&Type::Boolean, "yes"));
        let (line, lines) = (Type::Text { lines: false }, Type::Text { lines: true });
        assert!(!check(&line, "a\nb") && check(&lines, "a\nb") && !check(&lines, "a\0b"));
        assert!(check(&line, "$(rm -rf /) \"'`;") && check(&line, "-x"));
    }

    #[test]
    fn a_pattern_is_about_the_whole_value() {
        let with = |pattern: &str| Parameter {
            pattern: Some(Regex::new(pattern).unwrap()),
            ..of(Type::Text { lines: true })
        };
        assert!(with("[a-z]+").check("abc").is_ok());
        assert!(with("[a-z]+").check("abc; id").is_err());
        assert!(with("^[a-z]+$").check("abc\nid").is_err());
    }

    #[test]
    fn secrets_are_in_no_message() {
        let secret = Parameter { secret: true, ..of(Type::Integer { min: None, max: None }) };
        assert!(!secret.check("hunter2").unwrap_err().contains("hunter2"));
        assert!(secret.check("12").unwrap_err().contains("too short"));
    }
}
