#![no_main]
use sre::kernel::measure::Predicate;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match Predicate::parse(text) {
        Ok(predicate) => {
            for value in [None, Some(""), Some("5"), Some("abc é")] {
                predicate.evaluate_named(|_| value);
            }
        }
        Err(error) => assert!(text.get(error.at).is_some(), "places lie between characters"),
    }
});
