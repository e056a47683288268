//! Secrets that people write into addresses.
use std::borrow::Cow;

/// Names of parameters whose values are secrets.
const PARAMETERS: [&str; 7] =
    ["token", "access_token", "password", "passwd", "api_key", "apikey", "secret"];

/// Names of fields, beside those of parameters, whose values are secrets.
const FIELDS: [&str; 9] = [
    "app_key",
    "appkey",
    "application_key",
    "auth_token",
    "bearer_token",
    "client_secret",
    "private_key",
    "secret_key",
    "accesstoken",
];

/// `text` with the credentials of addresses in it, `user:password@` and `?token=…`, as stars of the same
/// length: what is shown goes to logs that more people read than the catalog.
///
/// ```
/// use sre::kernel::report::without_secrets;
/// assert_eq!(without_secrets("at https://me:pw@host/x?token=1&a=2"), "at https://*****@host/x?token=*&a=2");
/// assert_eq!(without_secrets("mail me@host"), "mail me@host");
/// assert_eq!(without_secrets("{token: abc, type: x}"), "{token: ***, type: x}");
/// ```
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return without_values(text.into());
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + "://".len());
        let end = address.find(ends_address).unwrap_or(address.len());
        let (address, behind) = address.split_at(end);
        shown.push_str(before);
        hide(address, &mut shown);
        rest = behind;
    }
    shown.push_str(rest);
    without_values(Cow::Owned(shown))
}

/// `text` with the values of fields that hold secrets, `token: …` or `"api_key": "…"`, as stars.
fn without_values(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(':') {
        return text;
    }
    let mut shown = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices(':') {
        if at < from || !is_secret_field(&text[..at]) {
            continue;
        }
        let behind = &text[at + 1..];
        let value = behind.trim_start_matches(' ');
        // No field has its value right behind the colon; what stands on lines of its own is another's.
        if value.len() == behind.len() || value.starts_with(['\n', '{', '[', '|', '>', '#', '$']) {
            continue;
        }
        let (quote, value) = match value.strip_prefix(['"', '\'']) {
            Some(rest) => (value.chars().next(), rest),
            None => (None, value),
        };
        let begin = text.len() - value.len();
        let line = value.find('\n').unwrap_or(value.len());
        let ends: &[&str] = match quote {
            Some('"') => &["\""],
            Some(_) => &["'"],
            None => &[", ", "}", "`", " #"],
        };
        let length = ends.iter().filter_map(|end| value[..line].find(end)).min().unwrap_or(line);
        shown.push_str(&text[from..begin]);
        shown.push_str(&"*".repeat(value[..length].chars().count()));
        from = begin + length;
    }
    if from == 0 {
        return text;
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

/// Whether a text ends with the key of a field that holds a secret: a name that begins a line, or stands
/// behind what begins a field. In a sentence, such as "unexpected token: x", it is a word.
fn is_secret_field(before: &str) -> bool {
    let key = before.trim_end_matches(['"', '\'']);
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let rest = key.trim_end_matches(is_name);
    let name = key[rest.len()..].replace('-', "_");
    let begins = rest.trim_end_matches(['"', '\'', ' ']);
    let is_key = begins.is_empty() || begins.ends_with(['\n', '{', ',', '-', '`', '(']);
    is_key && FIELDS.iter().chain(&PARAMETERS).any(|field| name.eq_ignore_ascii_case(field))
}

fn ends_address(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '\'' | '`' | '<' | '>')
}

/// Writes an address behind its `://`.
fn hide(address: &str, shown: &mut String) {
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, path) = address.split_at(end);
    let host = authority.rfind('@').unwrap_or(0);
    shown.push_str(&"*".repeat(host));
    shown.push_str(&authority[host..]);
    for part in path.split_inclusive(['?', '&', '#']) {
        let value = part.find('=').map_or(part.len(), |at| at + 1);
        let secret =
            PARAMETERS.iter().any(|name| part[..value].eq_ignore_ascii_case(&format!("{name}=")));
        let end = part.trim_end_matches(['?', '&', '#', '}', ')', ',']).len().max(value);
        if secret {
            shown.push_str(&part[..value]);
            shown.push_str(&"*".repeat(end - value));
            shown.push_str(&part[end..]);
        } else {
            shown.push_str(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_fields_are_stars() {
        for (text, shown) in [
            (
                "connectionDetails: {url: \"http://a/\", token: tok123, password: s3cret}",
                "connectionDetails: {url: \"http://a/\", token: ******, password: ******}",
            ),
            ("  \"api_key\": \"KEY\",", "  \"api_key\": \"***\","),
            ("api-key: 'ab'", "api-key: '**'"),
            ("app_key: ${APP_KEY}", "app_key: ${APP_KEY}"),
            ("token:\n  from: env", "token:\n  from: env"),
            ("tokens: 5, token_bucket: 7", "tokens: 5, token_bucket: 7"),
            ("missing field `token`: write it", "missing field `token`: write it"),
            ("a token:5", "a token:5"),
            ("unexpected token: sum", "unexpected token: sum"),
            ("password: 'two words'\nother: 1", "password: '*********'\nother: 1"),
            ("  password: two words # mine\n", "  password: ********* # mine\n"),
            ("- token: a b c", "- token: *****"),
        ] {
            assert_eq!(without_secrets(text), shown, "{text}");
        }
    }
}
