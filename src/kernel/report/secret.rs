//! Secrets that people write into addresses.
use std::borrow::Cow;

/// Names of parameters whose values are secrets.
const PARAMETERS: [&str; 7] =
    ["token", "access_token", "password", "passwd", "api_key", "apikey", "secret"];

/// `text` with the credentials of addresses in it, `user:password@` and `?token=…`, as stars of the same
/// length: what is shown goes to logs that more people read than the catalog.
///
/// ```
/// use sre::kernel::report::without_secrets;
/// assert_eq!(without_secrets("at https://me:pw@host/x?token=1&a=2"), "at https://*****@host/x?token=*&a=2");
/// assert_eq!(without_secrets("mail me@host"), "mail me@host");
/// ```
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
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
    Cow::Owned(shown)
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
