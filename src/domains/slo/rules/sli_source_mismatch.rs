//! An indicator and a source of different sorts.
use crate::{
    domains::slo::{
        promql, resolve,
        rules::resolved::{own_indicator, query_sides},
        spec::Indicator,
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        measure::{
            DataSource,
            data_source::{FileFormat, Records},
        },
        source::Place,
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
    let Some(offer) = Offer::of(source) else { return };
    let ways = [
        (indicator.events.as_ref().map(Field::place), "events", offer.gives_events()),
        (indicator.counts.as_ref().map(Field::place), "counts", offer.gives_counts()),
        (indicator.prometheus.as_ref().map(Field::place), "prometheus", offer.gives_samples()),
    ];
    let finding = |place, message, way| {
        Finding::new(&RULE, indicator.source.as_ref().map_or(place, Field::place), message)
            .related(place, way)
            .related(source_document.name_place(), "the source")
    };
    for (place, way, offered) in ways {
        let Some(place) = place.filter(|_| !offered) else { continue };
        let message =
            format!("`{way}` cannot be measured on `{name}`, which is {}", offer.name(way));
        findings.push(
            finding(place, message, format!("`{way}` stands here"))
                .help("name another source, or measure in another way"),
        );
    }
    if offer == Offer::Server || !offer.gives_samples() {
        return;
    }
    if let Some((place, what, help)) = needs_server(indicator) {
        let message = format!("{what} needs a server, and `{name}` is {}", offer.name("queries"));
        findings.push(finding(place, message, "it stands here".to_owned()).help(help));
    }
}

/// What a source gives, as far as it says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Offer {
    /// Answers to queries.
    Server,
    /// Records, or samples of counters.
    Records {
        /// What a record is, where that is said.
        records: Option<Records>,
        /// How it is written, where that is said.
        format: Option<FileFormat>,
        /// Whether a program prints them.
        printed: bool,
    },
}

impl Offer {
    fn of(source: &DataSource) -> Option<Self> {
        if source.prometheus.is_some() {
            return Some(Self::Server);
        }
        let files = source.files.value().map(|files| (&files.records, &files.format, false));
        let command = source.command.value();
        let command = command.map(|command| (&command.records, &command.format, true));
        let (records, format, printed) = files.or(command)?;
        let (records, format) = (records.value().copied(), format.value().copied());
        Some(Self::Records { records, format, printed })
    }

    fn gives_events(self) -> bool {
        self.gives_records()
            && !matches!(self, Self::Records { records: Some(Records::Counts), .. })
    }

    fn gives_counts(self) -> bool {
        self.gives_records()
            && !matches!(self, Self::Records { records: Some(Records::Events), .. })
    }

    fn gives_records(self) -> bool {
        match self {
            Self::Server => false,
            Self::Records { format, .. } => format != Some(FileFormat::OpenMetrics),
        }
    }

    fn gives_samples(self) -> bool {
        match self {
            Self::Server => true,
            Self::Records { format, .. } => format.is_none_or(|it| it == FileFormat::OpenMetrics),
        }
    }

    /// What it is, for someone who wanted to measure it in that way.
    fn name(self, way: &str) -> String {
        let Self::Records { records, format, printed } = self else {
            return "a Prometheus server".to_owned();
        };
        let place = if printed { "a program" } else { "files" };
        let of = if printed { "that prints" } else { "of" };
        match (format, records) {
            (Some(FileFormat::OpenMetrics), _) => format!("{place} {of} samples"),
            (_, Some(Records::Counts)) if way == "events" => format!("{place} {of} counts"),
            (_, Some(Records::Events)) if way == "counts" => format!("{place} {of} events"),
            (Some(_), _) if way == "prometheus" => format!("{place} {of} records"),
            _ => place.to_owned(),
        }
    }
}

/// What of an indicator only a server can compute: where it stands, what it is, what to do.
fn needs_server(indicator: &Indicator) -> Option<(Place, String, &'static str)> {
    const SELECTOR: &str = "write the selector of a counter, or name a server";
    let whole = query_sides(indicator).find(|(_, text, _)| {
        let query = promql::read(text);
        query.refusal.is_none() && !query.plain
    });
    if let Some((side, _, place)) = whole {
        return Some((place, format!("`{side}` is a whole query, which"), SELECTOR));
    }
    let queries = indicator.prometheus.value()?;
    if let Some((_, place)) = queries.native_histogram.pair() {
        let help = "name a classic `histogram`, or a server";
        return Some((place, "a native histogram".to_owned(), help));
    }
    let (_, place) = queries.good.pair()?;
    (queries.bad.is_some() && queries.total.is_none()).then(|| {
        let help = "write `total` instead of one of the two, or name a server";
        (place, "the sum of `good` and `bad`".to_owned(), help)
    })
}
