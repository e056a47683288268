//! Numbers of the machine forms.
use serde_json::{Number, Value};

/// Whole numbers up to here are exact in an `f64`: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A measured number as JSON: twelve significant digits, whole numbers without a point, `-0` as `0`,
/// and `null` for what is not a finite number.
///
/// ```
/// use sre::kernel::report::significant;
/// assert_eq!(significant(0.1 + 0.2).to_string(), "0.3");
/// assert_eq!(significant(9997.0).to_string(), "9997");
/// assert_eq!(significant(-0.0).to_string(), "0");
/// assert!(significant(f64::NAN).is_null());
/// ```
pub fn significant(value: f64) -> Value {
    significant_number(value).map_or(Value::Null, Value::Number)
}

/// As [`significant`]; `None` for what is not a finite number.
pub fn significant_number(value: f64) -> Option<Number> {
    if !value.is_finite() {
        return None;
    }
    if let Some(whole) = whole(value) {
        return Some(whole.into());
    }
    let rounded: f64 = format!("{value:.11e}").parse().ok()?;
    match whole(rounded) {
        Some(whole) => Some(whole.into()),
        None => Number::from_f64(rounded),
    }
}

/// The integer that `value` is, where it is one and exact.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked before the cast")]
fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

/// `value` with every number in it [`significant`]; integers stay as they are.
pub(super) fn rounded(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            number.as_f64().map_or(Value::Null, significant)
        }
        Value::Array(items) => items.iter().map(rounded).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), rounded(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(value: f64, printed: &str) {
        assert_eq!(significant(value).to_string(), printed);
    }

    #[test]
    fn twelve_digits_count() {
        check(0.1 + 0.2, "0.3");
        check(1.0 - 0.999, "0.001");
        check(0.999_700_000_000_4, "0.9997");
        check(1.0 / 3.0, "0.333333333333");
        check(-0.0, "0");
        check(-1e-300, "-1e-300");
        check(14.0, "14");
        check(-9997.0, "-9997");
        check(9_007_199_254_740_991.0, "9007199254740991");
        check(1e21, "1e+21");
        check(0.999_999_999_999_99, "1");
        check(f64::NAN, "null");
        check(f64::INFINITY, "null");
    }

    #[test]
    fn integers_stay_integers_inside_a_document() {
        let value = serde_json::json!({"n": u64::MAX, "f": [2.0, 0.1 + 0.2], "s": "x", "z": null});
        assert_eq!(
            rounded(&value).to_string(),
            r#"{"n":18446744073709551615,"f":[2,0.3],"s":"x","z":null}"#
        );
    }

    proptest! {
        #[test]
        fn stays_within_half_a_unit_of_the_twelfth_digit(value in proptest::num::f64::NORMAL) {
            let printed: f64 = significant(value).to_string().parse().unwrap();
            prop_assert!(((printed - value) / value).abs() <= 5.1e-12);
        }
    }
}
