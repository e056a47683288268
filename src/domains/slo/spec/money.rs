//! Amounts of money as contracts write them.
use crate::kernel::{
    spec::{problem::Explained, scalar},
    units::Ratio,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// An amount of money: `1200 EUR`, `99.95 USD`.
///
/// Exact, in ten-thousandths of the currency's unit; no currency has smaller parts (ISO 4217).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    parts: u128,
    currency: String,
}

/// Parts of a currency's unit.
const PARTS: u128 = 10_000;

impl Money {
    /// The amount, in units of the currency.
    pub fn amount(&self) -> f64 {
        self.parts as f64 / PARTS as f64
    }

    /// Three letters of ISO 4217.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// That many times the amount.
    #[must_use]
    pub fn times(&self, count: u32) -> Self {
        Self { parts: self.parts * u128::from(count), ..self.clone() }
    }

    /// A share of the amount; what is smaller than a ten-thousandth is cut off.
    #[must_use]
    pub fn share(&self, share: Ratio) -> Self {
        let parts = self.parts * u128::from(share.parts()) / u128::from(Ratio::PARTS);
        Self { parts, ..self.clone() }
    }
}

impl fmt::Display for Money {
    /// With two digits behind the point, or four where it takes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.parts / PARTS, self.parts % PARTS);
        if rest.is_multiple_of(100) {
            write!(f, "{whole}.{:02} {}", rest / 100, self.currency)
        } else {
            write!(f, "{whole}.{rest:04} {}", self.currency)
        }
    }
}

impl scalar::Scalar for Money {
    const EXPECTED: &'static str = "an amount with its currency such as `1200 EUR`";

    fn read(text: &str) -> Result<Self, Explained> {
        parse(text).ok_or_else(|| Explained {
            message: format!("expected {}, found `{text}`", Self::EXPECTED),
            help: Some("write the number, a space, and three capital letters".to_owned()),
            meant: None,
        })
    }
}

fn parse(text: &str) -> Option<Money> {
    let (amount, currency) = text.split_once(' ')?;
    let (whole, rest) = amount.split_once('.').unwrap_or((amount, "0"));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let letters = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    if !digits(whole, 12) || !digits(rest, 4) || !letters {
        return None;
    }
    let rest = format!("{rest:0<4}").parse::<u128>().ok()?;
    Some(Money { parts: whole.parse::<u128>().ok()? * PARTS + rest, currency: currency.to_owned() })
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::deserialize(deserializer)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount of money with the three letters of its currency, such as \
                            `1200 EUR` or `99.95 USD`.",
            "type": "string",
            "pattern": "^[0-9]{1,12}(\\.[0-9]{1,4})? [A-Z]{3}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let money = |text: &str| parse(text).unwrap();
        let share = |text: &str, share: &str| money(text).share(share.parse().unwrap()).to_string();
        assert_eq!(share("1200 EUR", "10%"), "120.00 EUR");
        assert_eq!(share("99.95 USD", "25%"), "24.9875 USD");
        assert_eq!(share("0.01 USD", "33.333%"), "0.0033 USD");
        assert_eq!(money("4.5 KWD").times(3).to_string(), "13.50 KWD");
        assert_eq!(money("999999999999.9999 IDR").to_string(), "999999999999.9999 IDR");
        assert!((money("1234.5 EUR").amount() - 1234.5).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["", "1200", "EUR", "1200EUR", "1,200 EUR", "-1 EUR", "1 eur", "1. EUR", ".5 EUR"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
