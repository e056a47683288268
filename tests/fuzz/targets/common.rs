//! What the readers must hold for any bytes: no panic, and the same outcome on one thread and on two.
use sre::kernel::measure::{
    CountMeasure, CountShape, EventMeasure, Format, Input, Predicate, ScanRequest, Shape, scan,
};

/// Reads the bytes as events and as counts.
pub fn check(format: Format, bytes: &[u8]) {
    let now = "2026-06-01T00:00:00Z".parse().expect("a fixed instant");
    let good = Predicate::parse("status < 500 AND path NOT LIKE '/health%'").expect("a fixed text");
    let events = Shape::Events(vec![EventMeasure { total: None, good }]);
    let columns =
        CountMeasure { good: Some("good".into()), bad: None, total: Some("total".into()) };
    let counts = Shape::Counts(CountShape { measures: vec![columns], labels: None });
    for shape in [events, counts] {
        let read = |threads| {
            let mut request = ScanRequest::new(shape.clone(), now);
            request.format = Some(format);
            request.threads = Some(threads);
            scan(vec![Input::from_bytes("input", bytes)], &request, &|_| {})
        };
        match (read(1), read(2)) {
            (Ok(one), Ok(two)) => {
                assert_eq!(one.series, two.series);
                assert_eq!(one.report, two.report);
            }
            (Err(one), Err(two)) => assert_eq!(one.to_string(), two.to_string()),
            _ => panic!("the number of threads decides whether it can be read"),
        }
    }
}
