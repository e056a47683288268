//! What plain scalars are: the core schema of YAML 1.2.
use super::tree::is_null;

/// The type that the YAML 1.2 core schema gives a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CoreType {
    /// No value.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number, also `0o17` and `0x1f`.
    Integer(i128),
    /// A number with a fraction or exponent; also `.inf` and `.nan`.
    Float(f64),
    /// Anything else.
    Text,
}

/// The type of a plain scalar (YAML 1.2.2, section 10.3.2).
pub fn core_type(text: &str) -> CoreType {
    if is_null(text) {
        return CoreType::Null;
    }
    match text.as_bytes()[0] {
        b't' | b'T' if matches!(text, "true" | "True" | "TRUE") => CoreType::Bool(true),
        b'f' | b'F' if matches!(text, "false" | "False" | "FALSE") => CoreType::Bool(false),
        b'0'..=b'9' | b'-' | b'+' | b'.' => number(text),
        _ => CoreType::Text,
    }
}

fn number(text: &str) -> CoreType {
    if let Some(integer) = integer(text) {
        return CoreType::Integer(integer);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        // Its sign is of no account: no field takes a number that is not finite.
        ".inf" | ".Inf" | ".INF" => return CoreType::Float(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" => return CoreType::Float(f64::NAN),
        _ => {}
    }
    let digits = unsigned.bytes().any(|byte| byte.is_ascii_digit());
    let allowed = unsigned.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    match text.parse::<f64>() {
        Ok(number) if digits && allowed => CoreType::Float(number),
        _ => CoreType::Text,
    }
}

/// The whole number that a plain scalar is.
pub(super) fn integer(text: &str) -> Option<i128> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            // `from_str_radix` takes a sign, YAML does not.
            let unsigned = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
            return i128::from_str_radix(digits, radix).ok().filter(|_| unsigned);
        }
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: CoreType) {
        assert_eq!(core_type(text), expected, "{text}");
    }

    #[test]
    fn words_of_older_yaml_are_text() {
        for text in
            ["no", "on", "y", "Yes", "12:00", "1_000", "0b1", "2026-01-01", "tRUE", "0x+5", "0o-7"]
        {
            check(text, CoreType::Text);
        }
    }

    #[test]
    fn numbers_are_those_of_the_core_schema() {
        check("012", CoreType::Integer(12));
        check("0o14", CoreType::Integer(12));
        check("0x1F", CoreType::Integer(31));
        check("-7", CoreType::Integer(-7));
        check("1e3", CoreType::Float(1000.0));
        check(".5", CoreType::Float(0.5));
        check("-.inf", CoreType::Float(f64::INFINITY));
        check("~", CoreType::Null);
        check("True", CoreType::Bool(true));
    }
}
