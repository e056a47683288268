//! An indicator and a source of different sorts.
use crate::{
    domains::slo::{resolve, rules::resolved::own_indicator},
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        measure::{DataSource, data_source::Records},
        spec::{Document, Field, Optional},
    },
};

pub(super) static RULE: Rule = Rule {
    code: "SLI003",
    name: "sli-source-mismatch",
    level: Level::Error,
    fixable: false,
    page: include_str!("sli-source-mismatch.md"),
    check: Check::Document(check),
};

fn check(context: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let Some((indicator, _)) = own_indicator(document) else { return };
    let Some(name) = resolve::source(document, indicator, context.settings) else { return };
    let Some((source_document, source)) = context.catalog.get::<DataSource>(name) else { return };
    let records = source.files.value().and_then(|files| files.records.value());
    let server = source.prometheus.is_some();
    let ways = [
        (
            indicator.events.as_ref().map(Field::place),
            "events",
            server || records == Some(&Records::Counts),
        ),
        (
            indicator.counts.as_ref().map(Field::place),
            "counts",
            server || records == Some(&Records::Events),
        ),
        (indicator.prometheus.as_ref().map(Field::place), "prometheus", source.files.is_some()),
    ];
    for (place, way, wrong) in ways {
        let Some(place) = place.filter(|_| wrong) else { continue };
        let has = match (server, records) {
            (true, _) => "a Prometheus server",
            (false, Some(Records::Counts)) if way == "events" => "files of counts",
            (false, Some(Records::Events)) if way == "counts" => "files of events",
            (false, _) => "files",
        };
        findings.push(
            Finding::new(
                &RULE,
                indicator.source.as_ref().map_or(place, Field::place),
                format!("`{way}` cannot be measured on `{name}`, which is {has}"),
            )
            .related(place, format!("`{way}` stands here"))
            .related(source_document.name_place(), "the source")
            .help("name another source, or measure in another way"),
        );
    }
}
