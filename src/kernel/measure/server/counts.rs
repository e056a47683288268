//! From the numbers of a server to counts of events: what goes together, what is missing, what cannot be.
use super::{
    question::{Fault, Part, Unanswered},
    table::Value,
    text::number,
};
use crate::kernel::series::EventCount;

/// What more good (or bad) than all events may be: `increase` extrapolates each series by itself, up to
/// half a scrape interval at each end, so that two queries over the same events can differ a little.
const EXCESS_SHARE: f64 = 0.01;
/// The same for few events, where the extrapolation of one event can make one more.
const EXCESS_EVENTS: f64 = 1.0;
/// Above this, whole numbers are not exact any more, and no service has counted so far: 2^53.
const MOST: f64 = 9_007_199_254_740_992.0;
/// What arithmetic with binary fractions may lose of a count.
const ROUNDING: f64 = 1e-6;

/// Pairs numbers, and remembers what it noticed.
pub(super) struct Counting<'a> {
    part: &'a Part,
    total_has_events: bool,
    part_has_numbers: bool,
    /// How many pairs were put right, and the largest excess with its total.
    clamped: usize,
    worst: (f64, f64),
}

impl<'a> Counting<'a> {
    /// For questions about that part.
    pub(super) fn new(part: &'a Part) -> Self {
        let (total_has_events, part_has_numbers, clamped, worst) = (false, false, 0, (0.0, 0.0));
        Self { part, total_has_events, part_has_numbers, clamped, worst }
    }

    /// The count of one window or step: `None` where nothing was measured. `place` says where it is.
    pub(super) fn count(
        &mut self,
        total: Value,
        part: Value,
        place: impl Fn() -> String,
    ) -> Result<Option<EventCount>, Unanswered> {
        self.part_has_numbers |= matches!(part, Value::Number(_));
        let Value::Number(total) = total else { return Ok(None) };
        let part = match part {
            Value::Number(part) => part,
            // No series is the form in which a counter says that nothing of the kind ever happened.
            Value::Absent => 0.0,
            // A share of nothing is no number, as in `histogram_fraction(...)` of a silent histogram.
            Value::NotANumber if total == 0.0 => 0.0,
            Value::NotANumber => return Ok(None),
        };
        let dust = ROUNDING * total.abs().max(1.0);
        for (value, which) in [(total, "all"), (part, self.part_name())] {
            if value < -dust {
                return Err(negative(value, which, &place()));
            }
            if value > MOST {
                return Err(too_many(value, which, &place()));
            }
        }
        let (total, mut part) = (total.max(0.0), part.max(0.0));
        self.total_has_events |= total > dust;
        if part > total {
            if part > total * (1.0 + EXCESS_SHARE) + EXCESS_EVENTS {
                return Err(self.excessive(total, part, &place()));
            }
            if part - total > dust {
                self.clamped += 1;
                if part - total > self.worst.0 - self.worst.1 {
                    self.worst = (part, total);
                }
            }
            part = total;
        }
        let good = match self.part {
            Part::Good(_) => part,
            Part::Bad(_) => total - part,
        };
        Ok(Some(EventCount { good, total }))
    }

    /// What is to be said at the end.
    pub(super) fn finish(self) -> Result<Option<String>, Unanswered> {
        if matches!(self.part, Part::Good(_)) && self.total_has_events && !self.part_has_numbers {
            return Err(Unanswered {
                message: "the query for good events finds nothing, while there are events"
                    .to_owned(),
                help: Some(
                    "check its selector: names of metrics, labels and their values".to_owned(),
                ),
                fault: Fault::Question,
            });
        }
        Ok((self.clamped > 0).then(|| {
            format!(
                "more {which} than all events in {count} windows or steps, at most {part} of {total}; \
                 taken as all of them: the server extrapolates each count by itself",
                which = self.part_name(),
                count = self.clamped,
                part = number(self.worst.0),
                total = number(self.worst.1),
            )
        }))
    }

    fn part_name(&self) -> &'static str {
        match self.part {
            Part::Good(_) => "good",
            Part::Bad(_) => "bad",
        }
    }

    fn excessive(&self, total: f64, part: f64, place: &str) -> Unanswered {
        let which = self.part_name();
        Unanswered {
            message: format!(
                "{} {which} of {} events {place}: more than there are",
                number(part),
                number(total)
            ),
            help: Some(format!(
                "the query for {which} events must count a part of what the query for all events counts: \
                 check that they are not swapped, and that their selectors differ in one thing only"
            )),
            fault: Fault::Question,
        }
    }
}

fn too_many(value: f64, which: &str, place: &str) -> Unanswered {
    Unanswered {
        message: format!(
            "the query for {which} events gives {value:e} {place}, more than 2^53 events, up to which \
             counts are exact"
        ),
        help: Some(
            "is that a counter of events? bytes, nanoseconds and products of counters are none"
                .to_owned(),
        ),
        fault: Fault::Question,
    }
}

fn negative(value: f64, which: &str, place: &str) -> Unanswered {
    Unanswered {
        message: format!(
            "the query for {which} events gives {}, less than none, {place}",
            number(value)
        ),
        help: Some(
            "count with `increase` of a counter: `delta` and differences of gauges can fall"
                .to_owned(),
        ),
        fault: Fault::Question,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn good() -> Part {
        Part::Good(String::new())
    }

    fn bad() -> Part {
        Part::Bad(String::new())
    }

    fn one(part: &Part, total: Value, value: Value) -> Result<Option<(f64, f64)>, String> {
        let mut counting = Counting::new(part);
        let count = counting
            .count(total, value, || "in the window".to_owned())
            .map_err(|unanswered| unanswered.message)?;
        counting.finish().map_err(|unanswered| unanswered.message)?;
        Ok(count.map(|count| (count.good, count.total)))
    }

    #[test]
    fn missing_is_not_measured_or_none() {
        use Value::{Absent, NotANumber, Number};
        assert_eq!(one(&bad(), Number(10.0), Absent), Ok(Some((10.0, 10.0))));
        assert_eq!(one(&bad(), Number(10.0), Number(1.5)), Ok(Some((8.5, 10.0))));
        assert_eq!(one(&bad(), Number(10.0), NotANumber), Ok(None));
        assert_eq!(one(&good(), Number(0.0), NotANumber), Ok(Some((0.0, 0.0))));
        assert_eq!(one(&bad(), Absent, Number(1.0)), Ok(None));
        assert_eq!(one(&bad(), NotANumber, Absent), Ok(None));
        assert_eq!(one(&bad(), Number(0.0), Absent), Ok(Some((0.0, 0.0))));
        assert_eq!(one(&good(), Number(0.0), Absent), Ok(Some((0.0, 0.0))));
        assert_eq!(one(&good(), Number(10.0), Number(0.0)), Ok(Some((0.0, 10.0))));
        assert!(one(&good(), Number(10.0), Absent).unwrap_err().contains("finds nothing"));
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_numbers() {
        let number = Value::Number;
        assert_eq!(
            one(&good(), number(1000.0), number(1011.5)).unwrap_err(),
            "1011.5 good of 1000 events in the window: more than there are"
        );
        assert_eq!(one(&bad(), number(1000.0), number(1011.0)), Ok(Some((0.0, 1000.0))));
        assert_eq!(one(&good(), number(0.0), number(1.0)), Ok(Some((0.0, 0.0))));
        assert!(one(&good(), number(0.0), number(1.1)).is_err());
        assert_eq!(
            one(&bad(), number(5.0), number(-2.5)).unwrap_err(),
            "the query for bad events gives -2.5, less than none, in the window"
        );
        assert!(one(&bad(), number(-1.0), Value::Absent).is_err());
        assert_eq!(one(&bad(), number(5.0), number(-1e-9)), Ok(Some((5.0, 5.0))));
    }

    #[test]
    fn what_no_service_counts_is_refused() {
        let number = Value::Number;
        assert_eq!(
            one(&good(), number(1e308), number(1.0)).unwrap_err(),
            "the query for all events gives 1e308 in the window, more than 2^53 events, up to which \
             counts are exact"
        );
        let found = one(&bad(), number(1.0), number(1e300)).unwrap_err();
        assert!(found.starts_with("the query for bad events gives 1e300 "), "{found}");
        assert_eq!(one(&good(), number(MOST), number(MOST)), Ok(Some((MOST, MOST))));
        assert!(one(&good(), number(MOST + 2.0), number(MOST)).is_err());
    }

    #[test]
    fn what_was_put_right_is_one_note() {
        let part = good();
        let mut counting = Counting::new(&part);
        for (total, value) in [(100.0, 100.5), (10.0, 9.0), (200.0, 202.0), (7.0, 7.0)] {
            counting.count(Value::Number(total), Value::Number(value), String::new).unwrap();
        }
        let note = counting.finish().unwrap().unwrap();
        assert!(
            note.starts_with(
                "more good than all events in 2 windows or steps, at most 202 of 200;"
            )
        );
    }

    proptest! {
        #[test]
        fn a_count_is_between_none_and_all(total in -10.0..1e9, part in -10.0..1e9, is_bad: bool) {
            let which = if is_bad { bad() } else { good() };
            if let Ok(Some((good, total))) = one(&which, Value::Number(total), Value::Number(part)) {
                prop_assert!((0.0..=total).contains(&good));
            }
        }
    }
}
