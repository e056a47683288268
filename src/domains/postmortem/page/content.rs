//! What is on the page of a post-mortem.
use crate::{
    domains::postmortem::{
        actions, demand, filled,
        sections::{ResolvedTemplate, canonical, title_of},
        spec::{ActionItem, Impact, Lessons, PostMortem},
    },
    kernel::{
        report::words,
        spec::{Catalog, Document, Field, Moment, Optional as _, Ref, values},
        units::{Duration, Instant},
    },
};

/// A post-mortem as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// What is known of it in a word each: status, authors, clocks.
    pub facts: Vec<(String, String)>,
    /// Its sections, in the order of the template.
    pub sections: Vec<PageSection>,
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSection {
    /// Its heading.
    pub title: String,
    /// What stands in it.
    pub parts: Vec<Part>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What somebody wrote, in Markdown.
    Text(String),
    /// Items, each in Markdown.
    List(Vec<String>),
    /// A heading within a section.
    Heading(String),
    /// A table; its cells are Markdown in one line.
    Table {
        /// The headings of its columns.
        headings: Vec<&'static str>,
        /// Its rows.
        rows: Vec<Vec<String>>,
    },
    /// Nobody has written anything.
    Nothing,
}

/// The page of a post-mortem. Open actions are overdue as of `now`.
pub fn page(catalog: &Catalog, document: &Document, spec: &PostMortem, now: Instant) -> Page {
    let template = ResolvedTemplate::for_document(catalog, spec);
    let mut sections = Vec::new();
    for section in &template.sections {
        let parts = parts(document, spec, &section.name, now);
        // What need not be there leaves no empty heading.
        if parts.is_empty() && !section.required {
            continue;
        }
        let parts = if parts.is_empty() { vec![Part::Nothing] } else { parts };
        sections.push(PageSection { title: section.title.clone(), parts });
    }
    // What somebody wrote is shown, whether the template asks for it or not.
    let known = |name: &str| template.section(name).is_some();
    for name in FIELDS.into_iter().filter(|name| !known(name)) {
        let parts = parts(document, spec, name, now);
        if !parts.is_empty() {
            sections.push(PageSection { title: title_of(name), parts });
        }
    }
    for (name, text) in spec.sections.iter().filter(|(name, _)| !known(name)) {
        if let Some(text) = text.get() {
            let parts = vec![Part::Text(text.clone())];
            sections.push(PageSection { title: title_of(name), parts });
        }
    }
    Page { title: document.display_name().to_owned(), facts: facts(catalog, spec), sections }
}

/// The sections with fields of their own.
const FIELDS: [&str; 9] = [
    "summary",
    "impact",
    "trigger",
    "causes",
    "detection",
    "resolution",
    "lessons",
    "action_items",
    "timeline",
];

fn facts(catalog: &Catalog, spec: &PostMortem) -> Vec<(String, String)> {
    let mut facts = vec![(
        "Status".to_owned(),
        spec.status.value().copied().unwrap_or_default().name().to_owned(),
    )];
    let mut add = |name: &str, text: String| {
        if !text.is_empty() {
            facts.push((name.to_owned(), text));
        }
    };
    let names = |list: &[Field<crate::kernel::spec::Name>]| {
        values(list).map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    add("Authors", names(&spec.authors));
    add("Reviewers", names(&spec.reviewers));
    add("Incident", spec.incident.value().map(Ref::name).unwrap_or_default().to_owned());
    let incident = demand::incident_of(catalog, spec);
    let severity = incident.as_ref().and_then(|incident| incident.record.severity());
    add("Severity", severity.unwrap_or_default().to_owned());
    let theirs = incident.as_ref().map(|incident| incident.record.clocks).unwrap_or_default();
    let own = spec.clocks.value();
    let moment = |field: Option<&Option<Field<Moment>>>| {
        field.and_then(|field| field.value()).map(|moment| moment.0)
    };
    let clocks = [
        ("Started", moment(own.map(|own| &own.started)).or(theirs.started)),
        ("Detected", moment(own.map(|own| &own.detected)).or(theirs.detected)),
        ("Acknowledged", moment(own.map(|own| &own.acknowledged)).or(theirs.acknowledged)),
        ("Mitigated", moment(own.map(|own| &own.mitigated)).or(theirs.mitigated)),
        ("Resolved", moment(own.map(|own| &own.resolved)).or(theirs.resolved)),
    ];
    let started = clocks[0].1;
    for (name, at) in clocks {
        let Some(at) = at else { continue };
        let since = started.filter(|started| *started < at).map(|started| at - started);
        let since = since.and_then(|since| u64::try_from(since.num_milliseconds()).ok());
        let since = since.map(|since| {
            format!(" (after {})", words::span_short(Duration::from_milliseconds(since)))
        });
        add(name, format!("{}{}", words::instant(at), since.unwrap_or_default()));
    }
    facts
}

/// What stands in a section; nothing where nobody has written anything.
fn parts(document: &Document, spec: &PostMortem, section: &str, now: Instant) -> Vec<Part> {
    let text = |field: &Option<Field<String>>| {
        let text = field.value().filter(|text| !text.trim().is_empty());
        text.map(|text| vec![Part::Text(text.clone())]).unwrap_or_default()
    };
    match canonical(section) {
        "summary" => text(&spec.summary),
        "impact" => spec.impact.value().map(impact).unwrap_or_default(),
        "trigger" => text(&spec.trigger),
        "causes" => list(&spec.causes),
        "detection" => text(&spec.detection),
        "resolution" => text(&spec.resolution),
        "lessons" => spec.lessons.value().map(lessons).unwrap_or_default(),
        "action_items" => action_items(document, spec, now),
        "timeline" => timeline(spec),
        other => {
            let own = filled::own(spec, other).and_then(Field::get);
            let own = own.filter(|text| !text.trim().is_empty());
            own.map(|text| vec![Part::Text(text.clone())]).unwrap_or_default()
        }
    }
}

fn list(items: &[Field<String>]) -> Vec<Part> {
    let items: Vec<String> =
        values(items).filter(|item| !item.trim().is_empty()).cloned().collect();
    if items.is_empty() { Vec::new() } else { vec![Part::List(items)] }
}

fn impact(impact: &Impact) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Some(text) = impact.description.value().filter(|text| !text.trim().is_empty()) {
        parts.push(Part::Text(text.clone()));
    }
    let mut rows = Vec::new();
    let counts = [
        ("Users affected", &impact.users),
        ("Requests failed", &impact.requests),
        ("Requests for support", &impact.support_requests),
    ];
    for (name, count) in counts {
        rows.extend(count.value().map(|count| vec![name.to_owned(), words::thousands(*count)]));
    }
    if let Some(lost) = impact.data_loss.value() {
        let answer = if *lost { "yes" } else { "no" };
        rows.push(vec!["Data lost".to_owned(), answer.to_owned()]);
    }
    for figure in values(&impact.figures) {
        let (Some(name), Some(value)) = (figure.name.get(), figure.value.get()) else { continue };
        rows.push(vec![name.clone(), value.clone()]);
    }
    if !rows.is_empty() {
        parts.push(Part::Table { headings: vec!["What", "How much"], rows });
    }
    let budgets = values(&impact.budget).filter_map(|one| {
        let count = |count: &u64| words::thousands(*count);
        Some(vec![
            one.slo.get()?.name().to_owned(),
            one.share.value().map(ToString::to_string).unwrap_or_default(),
            one.spent.value().map(|spent| words::span(*spent)).unwrap_or_default(),
            one.bad_events.value().map(count).unwrap_or_default(),
        ])
    });
    let rows: Vec<Vec<String>> = budgets.collect();
    if !rows.is_empty() {
        let headings = vec!["Objective", "Of its error budget", "As time of outage", "Bad events"];
        parts.push(Part::Table { headings, rows });
    }
    parts
}

fn lessons(lessons: &Lessons) -> Vec<Part> {
    let all = [
        ("What went well", &lessons.went_well),
        ("What went wrong", &lessons.went_wrong),
        ("Where we got lucky", &lessons.got_lucky),
    ];
    let mut parts = Vec::new();
    for (title, items) in all {
        let items = list(items);
        if !items.is_empty() {
            parts.push(Part::Heading(title.to_owned()));
            parts.extend(items);
        }
    }
    parts
}

fn action_items(document: &Document, spec: &PostMortem, now: Instant) -> Vec<Part> {
    let row = |action: actions::Action<'_>| {
        let item = action.item;
        let due = item.due.value().map(|due| due.0.to_string()).unwrap_or_default();
        let late = action
            .days_overdue(now)
            .map(|days| format!(" **{} overdue**", words::plural(days, "day")));
        vec![
            item.id.get().map(ToString::to_string).unwrap_or_default(),
            what(item),
            item.action_type.value().map(|kind| kind.name().to_owned()).unwrap_or_default(),
            item.priority.value().map(|one| one.name().to_owned()).unwrap_or_default(),
            item.owner.value().cloned().unwrap_or_default(),
            format!("{due}{}", late.unwrap_or_default()),
            action.status().name().to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = actions::of(document, spec).map(row).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let headings = vec!["Id", "Action", "Type", "Priority", "Owner", "Due", "Status"];
    vec![Part::Table { headings, rows }]
}

/// What is done, where it is worked on, and when it is done.
fn what(item: &ActionItem) -> String {
    let mut text = item.title.get().cloned().unwrap_or_default();
    if let Some(ticket) = item.ticket.value() {
        let is_address = ticket.starts_with("https://") || ticket.starts_with("http://");
        let name = ticket.trim_end_matches('/').rsplit('/').next().unwrap_or(ticket);
        text +=
            &if is_address { format!(" ([{name}](<{ticket}>))") } else { format!(" ({ticket})") };
    }
    if let Some(done) = item.done_when.value() {
        text += &format!(" — done when: {done}");
    }
    text
}

fn timeline(spec: &PostMortem) -> Vec<Part> {
    let mut day = None;
    let rows: Vec<Vec<String>> = values(&spec.timeline)
        .filter_map(|entry| {
            let Moment(at) = *entry.at.get()?;
            let new_day = day != Some(at.date_naive());
            day = Some(at.date_naive());
            let date = if new_day { at.format("%Y-%m-%d %H:%M") } else { at.format("%H:%M") };
            let until = entry.until.value().map(|Moment(until)| {
                let same = until.date_naive() == at.date_naive();
                format!("–{}", until.format(if same { "%H:%M" } else { "%Y-%m-%d %H:%M" }))
            });
            let note = entry.note.value().map(|note| format!(" — {note}")).unwrap_or_default();
            let evidence = entry.evidence.value().map(|text| linked(text)).unwrap_or_default();
            Some(vec![
                format!("{date}{}", until.unwrap_or_default()),
                format!("{}{note}", entry.event.get()?),
                evidence,
            ])
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    vec![Part::Table { headings: vec!["Time (UTC)", "Event", "Evidence"], rows }]
}

/// An address as a link, anything else as it is.
fn linked(text: &str) -> String {
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    if is_address && !text.contains(char::is_whitespace) {
        format!("<{text}>")
    } else {
        text.to_owned()
    }
}
