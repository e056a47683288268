//! Any text: reading, linking, checking and formatting documents ends, places lie within the text, and
//! the canonical form is canonical.
#![no_main]
use libfuzzer_sys::fuzz_target;
use sre::{
    kernel::{
        diagnostic::{engine, engine::Levels, rule::Context},
        settings::Settings,
        source::SourceId,
        spec::{Catalog, dialect, format::format_text, load_text},
    },
    registry::{DIALECTS, KINDS, RULES},
};

fuzz_target!(|text: &str| {
    let loaded = load_text(SourceId(0), text, &KINDS, DIALECTS);
    for finding in &loaded.findings {
        let place = finding.primary.place.range();
        assert!(place.end <= text.len() && text.is_char_boundary(place.start), "{finding:?}");
    }
    let settings = Settings::default();
    let lowered = dialect::lower(&loaded.dialects, &settings);
    let documents = loaded.documents.into_iter().chain(lowered.documents).collect();
    let (catalog, _) = Catalog::build(documents, &KINDS);
    let context = Context { catalog: &catalog, settings: &settings, now: chrono::DateTime::UNIX_EPOCH };
    engine::check(&context, &RULES, &Levels::default());
    if let Ok(formatted) = format_text(SourceId(0), text, &KINDS) {
        let again = format_text(SourceId(0), &formatted, &KINDS);
        assert_eq!(again.ok().as_deref(), Some(formatted.as_str()));
    }
});
