//! What a body of the Prometheus HTTP API says.
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{collections::BTreeMap, fmt};

/// Names and values of labels.
pub(super) type Labels = BTreeMap<String, String>;

/// What is around every answer.
#[derive(Deserialize)]
#[serde(bound = "D: DeserializeOwned")]
pub(super) struct Envelope<D> {
    pub(super) status: Status,
    pub(super) data: Option<D>,
    #[serde(rename = "errorType", default)]
    pub(super) error_type: String,
    #[serde(default)]
    pub(super) error: String,
    pub(super) warnings: Option<Vec<String>>,
    /// VictoriaMetrics: some of its storage did not answer.
    #[serde(rename = "isPartial", default)]
    pub(super) is_partial: bool,
}

/// Whether a request was answered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Success,
    Error,
}

/// Why a body is not an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// There is none.
    Empty,
    /// It ends before its end.
    CutOff,
    /// It is not JSON.
    NotJson,
    /// It is JSON that the API does not give.
    OtherShape,
}

/// Reads a body.
pub(super) fn read<D: DeserializeOwned>(body: &[u8]) -> Result<Envelope<D>, Malformed> {
    use serde_json::error::Category;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Malformed::Empty);
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Eof | Category::Io => Malformed::CutOff,
        // An enum in a place where it is not expected is called an error of syntax too.
        Category::Syntax if serde_json::from_slice::<IgnoredAny>(body).is_err() => {
            Malformed::NotJson
        }
        Category::Syntax | Category::Data => Malformed::OtherShape,
    })
}

/// The data of a query.
#[derive(Deserialize)]
pub(super) struct QueryData {
    #[serde(rename = "resultType")]
    pub(super) result_type: String,
    /// `null` where a server has no list of nothing.
    pub(super) result: Option<Vec<Element>>,
}

/// One element of a result.
pub(super) enum Element {
    /// A series.
    Series(Series),
    /// One half of a scalar or a string, which are a time and a value without a series.
    Half,
}

/// One series of a result.
#[derive(Default)]
pub(super) struct Series {
    pub(super) labels: Labels,
    /// Times in milliseconds since the epoch, and values.
    pub(super) points: Vec<(i64, f64)>,
    /// Whether it has native histograms, which are no numbers.
    pub(super) histograms: bool,
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a series")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Element, E> {
        Ok(Element::Half)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Element, E> {
        Ok(Element::Half)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Element, E> {
        Ok(Element::Half)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Element, E> {
        Ok(Element::Half)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut series = Series::default();
        while let Some(field) = map.next_key::<SeriesField>()? {
            match field {
                SeriesField::Metric => series.labels = map.next_value()?,
                SeriesField::Value => series.points.push(map.next_value::<Point>()?.0),
                SeriesField::Values => series.points = map.next_value::<Points>()?.0,
                SeriesField::Histogram => {
                    map.next_value::<IgnoredAny>()?;
                    series.histograms = true;
                }
                SeriesField::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Element::Series(series))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SeriesField {
    Metric,
    Value,
    Values,
    #[serde(alias = "histograms")]
    Histogram,
    #[serde(other)]
    Other,
}

/// The points of one series.
struct Points(Vec<(i64, f64)>);

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PointsVisitor).map(Self)
    }
}

struct PointsVisitor;

impl<'de> Visitor<'de> for PointsVisitor {
    type Value = Vec<(i64, f64)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of times and values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut points = Vec::new();
        while let Some(Point(point)) = seq.next_element()? {
            points.push(point);
        }
        Ok(points)
    }
}

/// A time in seconds and a number in a text.
struct Point((i64, f64));

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (seconds, Number(value)) = <(f64, Number)>::deserialize(deserializer)?;
        // A cast to an integer saturates; times beyond all dates are on no grid.
        #[expect(clippy::cast_possible_truncation, reason = "rounded, and saturating")]
        let milliseconds = (seconds * 1000.0).round() as i64;
        Ok(Self((milliseconds, value)))
    }
}

/// A number written as text, since JSON has no word for infinity; as number it is taken too.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor).map(Self)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = f64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number in a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        text.parse().map_err(|_| E::custom("not a number"))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn series(body: &str) -> Vec<Series> {
        let data: Envelope<QueryData> = read(body.as_bytes()).ok().unwrap();
        let only_series = |element| match element {
            Element::Series(series) => Some(series),
            Element::Half => None,
        };
        data.data.unwrap().result.unwrap().into_iter().filter_map(only_series).collect()
    }

    #[test]
    fn reads_vectors_and_matrices() {
        let found = series(
            r#"{"status":"success","isPartial":false,"data":{"resultType":"matrix","result":[
            {"metric":{"a":"b\n"},"values":[[1.0005,"0.1"],[60,"NaN"],[120,"+Inf"],[180,"1e-3"]]},
            {"metric":{},"value":[2,"-4"],"new":{"x":[1]}},
            {"metric":{},"histograms":[[1,{"count":"1"}]]}]},"stats":{}}"#,
        );
        assert_eq!(found[0].labels["a"], "b\n");
        assert_eq!(found[0].points[0], (1001, 0.1));
        assert!(found[0].points[1].1.is_nan());
        assert_eq!(found[0].points[2..], [(120_000, f64::INFINITY), (180_000, 1e-3)]);
        assert_eq!(found[1].points, [(2000, -4.0)]);
        assert!(found[2].histograms && !found[1].histograms);
        assert!(
            series(r#"{"status":"success","data":{"resultType":"scalar","result":[1,"5"]}}"#)
                .is_empty()
        );
    }

    #[test]
    fn says_what_is_wrong_with_a_body() {
        for (body, expected) in [
            (" \n", Malformed::Empty),
            (r#"{"status":"suc"#, Malformed::CutOff),
            (r#"{"status":"success","data":{"resultType":"vector","result":[{"#, Malformed::CutOff),
            ("no healthy upstream", Malformed::NotJson),
            (r#"{"message":"hello"}"#, Malformed::OtherShape),
            (r#"{"status":"ok"}"#, Malformed::OtherShape),
            ("[1]", Malformed::OtherShape),
            (
                r#"{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"x"]}]}}"#,
                Malformed::OtherShape,
            ),
        ] {
            assert_eq!(read::<QueryData>(body.as_bytes()).err(), Some(expected), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_is_too_much(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read::<QueryData>(&body);
        }

        #[test]
        fn values_are_read_exactly(value in any::<f64>()) {
            let body = format!(
                r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[0,"{value}"]}}]}}}}"#
            );
            let read = series(&body)[0].points[0].1;
            prop_assert!(read.to_bits() == value.to_bits() || (read.is_nan() && value.is_nan()));
        }
    }
}
