//! Shares of a budget, which may be more than all of it.
use crate::kernel::spec::{
    problem::Explained,
    scalar::{self, Scalar},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// A share of an error budget as a percentage with at most four digits behind the point. More than 100 % is
/// spent where the budget is exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BudgetShare {
    /// Unit: ten-thousandths of a percent.
    parts: u64,
}

/// Ten-thousandths of a percent in one percent.
const PARTS: u64 = 10_000;

impl BudgetShare {
    /// The share that is nearest to a number of whole budgets; `None` for what is negative, not finite, or
    /// above ten million percent.
    pub fn nearest(share: f64) -> Option<Self> {
        let parts = (share * 100.0 * PARTS as f64).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked"
        )]
        (0.0..1e11).contains(&parts).then_some(Self { parts: parts as u64 })
    }

    /// As a number of whole budgets: 0.342 for 34.2 %.
    pub fn share(self) -> f64 {
        self.parts as f64 / PARTS as f64 / 100.0
    }
}

impl fmt::Display for BudgetShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.parts / PARTS, self.parts % PARTS);
        if rest == 0 {
            return write!(f, "{whole}%");
        }
        let digits = format!("{rest:04}");
        write!(f, "{whole}.{}%", digits.trim_end_matches('0'))
    }
}

impl Scalar for BudgetShare {
    const EXPECTED: &'static str = "a percentage such as `34.2%`";

    fn read(text: &str) -> Result<Self, Explained> {
        let parts = text.strip_suffix('%').and_then(|number| {
            let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
            let digits = |text: &str, most: usize| {
                (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            };
            if !digits(whole, 7) || !digits(rest, 4) {
                return None;
            }
            let rest: u64 = format!("{rest:0<4}").parse().ok()?;
            Some(whole.parse::<u64>().ok()? * PARTS + rest)
        });
        parts.map(|parts| Self { parts }).ok_or_else(|| Explained {
            message: format!("expected {}, found `{text}`", Self::EXPECTED),
            help: Some("write it with its percent sign; more than `100%` is fine".to_owned()),
            meant: None,
        })
    }
}

impl<'de> Deserialize<'de> for BudgetShare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}

impl Serialize for BudgetShare {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for BudgetShare {
    fn schema_name() -> Cow<'static, str> {
        "BudgetShare".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A share of an error budget as a percentage, such as `34.2%`; more than `100%` where it was exceeded.",
            "type": "string",
            "pattern": "^[0-9]{1,7}(\\.[0-9]{1,4})?%$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_they_are_written() {
        for text in ["0%", "34.2%", "100%", "250.0001%", "0.05%"] {
            let share = BudgetShare::read(text).ok().unwrap();
            assert_eq!(share.to_string(), text);
            assert_eq!(BudgetShare::nearest(share.share()), Some(share));
        }
        for text in ["34.2", "", "%", "-1%", "1.%", ".5%", "12345678%", "1.23456%", "1e3%"] {
            assert!(BudgetShare::read(text).is_err(), "{text}");
        }
        assert_eq!(BudgetShare::nearest(f64::NAN), None);
        assert_eq!(BudgetShare::nearest(-0.1), None);
        assert_eq!(
            BudgetShare::nearest(0.342_000_4).map(|it| it.to_string()),
            Some("34.2%".into())
        );
    }
}
