//! The sections that are shipped, and a template with its defaults applied.
use super::spec::{PostMortem, PostMortemTemplate, SectionSet, SectionSpec, TriggerSpec};
use crate::kernel::{
    spec::{Catalog, Document, Either, Name, Optional as _, Ref, values},
    units::{Duration, Ratio},
};

/// A section, defaults applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name, as [`canonical`] has it.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// Whether it has to be filled once the post-mortem is not a draft any more.
    pub required: bool,
    /// What is to be written there.
    pub guidance: Option<String>,
}

/// A template, defaults applied.
#[derive(Clone, Debug)]
pub struct ResolvedTemplate<'a> {
    /// Its name; `None` for the one that is shipped.
    pub name: Option<&'a str>,
    /// The sections in their order.
    pub sections: Vec<Section>,
    /// Incidents that need a post-mortem.
    pub required_for: Vec<&'a TriggerSpec>,
    /// Within how long after the incident was resolved a post-mortem is to be final.
    pub deadline: Option<Duration>,
    /// The longest time of which nothing may be said.
    pub longest_gap: Duration,
    /// The share of a budget above which an action has to prevent the next incident.
    pub preventing_above: Ratio,
}

/// A section as it is shipped: name, heading, whether it is required, guidance.
type Shipped = (&'static str, &'static str, bool, &'static str);

const SUMMARY: Shipped = (
    "summary",
    "Summary",
    true,
    "What happened, to whom, for how long and what ended it: three sentences for somebody who was not there.",
);
const TIMELINE: Shipped = (
    "timeline",
    "Timeline",
    true,
    "What happened and what was known when, in order, each with a link to where it can be seen.",
);
const IMPACT: Shipped = (
    "impact",
    "Impact",
    true,
    "In numbers: users, requests, orders, money; what was spent of which error budget.",
);
const CAUSES: Shipped = (
    "causes",
    "Root cause",
    true,
    "What made it possible, each condition on its own. Ask why until the answer is something that can be changed; a person is never the answer.",
);
const RESOLUTION: Shipped =
    ("resolution", "Resolution", true, "What ended it, and how that was known.");
const ACTIONS: Shipped = (
    "action_items",
    "Action items",
    true,
    "Each with one owner, a day, and an end that anybody can check.",
);
const TRIGGER: Shipped =
    ("trigger", "Trigger", true, "What set it off: a change, a load, a time of day.");
const DETECTION: Shipped = (
    "detection",
    "Detection",
    true,
    "Who or what noticed, how long after it began, and what could notice sooner.",
);
const LESSONS: Shipped =
    ("lessons", "Lessons learned", true, "What went well, what went wrong, where luck helped.");
const SUPPORTING: Shipped = (
    "supporting_information",
    "Supporting information",
    false,
    "Graphs, logs, queries, discussions.",
);
const MESSAGES: [Shipped; 2] = [
    (
        "internal_message",
        "Message to colleagues",
        false,
        "A few sentences for everybody in the company.",
    ),
    (
        "external_message",
        "Message to customers",
        false,
        "What customers are told: what they saw, why, and what is done about it.",
    ),
];

/// What is known of a section by its name.
const KNOWN: [Shipped; 12] = [
    SUMMARY,
    TIMELINE,
    IMPACT,
    CAUSES,
    RESOLUTION,
    ACTIONS,
    TRIGGER,
    DETECTION,
    LESSONS,
    SUPPORTING,
    MESSAGES[0],
    MESSAGES[1],
];

impl SectionSet {
    fn sections(self) -> Vec<Section> {
        match self {
            // The words and the order that the language began with.
            Self::Standard => shipped(&[SUMMARY, TIMELINE, IMPACT, CAUSES, RESOLUTION, ACTIONS]),
            // Site Reliability Engineering, appendix D, "Example Postmortem".
            Self::Google => shipped(&[
                SUMMARY,
                IMPACT,
                with_title(CAUSES, "Root causes"),
                TRIGGER,
                RESOLUTION,
                DETECTION,
                ACTIONS,
                LESSONS,
                TIMELINE,
                SUPPORTING,
            ]),
            // The process that PagerDuty documents at response.pagerduty.com.
            Self::Pagerduty => shipped(&[
                with_title(SUMMARY, "Overview"),
                with_title(CAUSES, "Contributing factors"),
                RESOLUTION,
                IMPACT,
                TIMELINE,
                with_title(LESSONS, "How did we do"),
                ACTIONS,
                MESSAGES[0],
                MESSAGES[1],
            ]),
        }
    }
}

const fn with_title((name, _, required, guidance): Shipped, title: &'static str) -> Shipped {
    (name, title, required, guidance)
}

fn shipped(sections: &[Shipped]) -> Vec<Section> {
    let section = |(name, title, required, guidance): &Shipped| Section {
        name: (*name).to_owned(),
        title: (*title).to_owned(),
        required: *required,
        guidance: Some((*guidance).to_owned()),
    };
    sections.iter().map(section).collect()
}

/// The name under which a section is known: `root_cause` and `contributing_factors` are `causes`.
pub fn canonical(name: &str) -> &str {
    match name {
        "root_cause" | "root_causes" | "contributing_factors" | "contributing_causes" => "causes",
        "lessons_learned" => "lessons",
        "overview" => "summary",
        other => other,
    }
}

/// A fifth of the budget: the example policy of The Site Reliability Workbook, appendix B, asks for a
/// post-mortem with an action of highest priority of an incident that spends more than that in four weeks.
const PREVENTING_ABOVE: Ratio = match Ratio::from_parts(200_000_000) {
    Some(fifth) => fifth,
    None => Ratio::ONE,
};

/// The time without any event that is put up with unless a template says otherwise.
const LONGEST_GAP: Duration = Duration::from_minutes(30);

impl<'a> ResolvedTemplate<'a> {
    /// What is shipped.
    pub fn shipped() -> Self {
        Self {
            name: None,
            sections: SectionSet::Standard.sections(),
            required_for: Vec::new(),
            deadline: None,
            longest_gap: LONGEST_GAP,
            preventing_above: PREVENTING_ABOVE,
        }
    }

    /// A template of the catalog.
    pub fn of(name: &'a str, spec: &'a PostMortemTemplate) -> Self {
        Self {
            name: Some(name),
            sections: sections_of(spec),
            required_for: values(&spec.required_for).collect(),
            deadline: spec.deadline.value().copied(),
            longest_gap: spec.longest_gap.value().copied().unwrap_or(LONGEST_GAP),
            preventing_above: spec.preventing_above.value().copied().unwrap_or(PREVENTING_ABOVE),
        }
    }

    /// The template of a post-mortem: the one that it names, else the one of the catalog where there is
    /// one, else the one called `default`, else the shipped one.
    pub fn for_document(catalog: &'a Catalog, spec: &PostMortem) -> Self {
        let named = spec.template.value().map(Ref::name);
        Self::chosen(catalog, named)
    }

    /// The template of that name, or the one that holds where none is named.
    pub fn chosen(catalog: &'a Catalog, name: Option<&str>) -> Self {
        let found = if let Some(name) = name {
            catalog.get::<PostMortemTemplate>(name)
        } else {
            let mut all = catalog.iter::<PostMortemTemplate>();
            match (all.next(), all.next()) {
                (Some(only), None) => Some(only),
                _ => catalog.get::<PostMortemTemplate>("default"),
            }
        };
        found.map_or_else(Self::shipped, |(document, spec): (&Document, _)| {
            Self::of(document.name(), spec)
        })
    }

    /// The section of that name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == canonical(name))
    }
}

fn sections_of(spec: &PostMortemTemplate) -> Vec<Section> {
    let set = spec.based_on.value();
    let mut sections = match set {
        Some(set) => set.sections(),
        None if spec.sections.is_empty() => SectionSet::Standard.sections(),
        None => Vec::new(),
    };
    for written in values(&spec.sections) {
        let Some(section) = section_of(written, &sections) else { continue };
        match sections.iter_mut().find(|known| known.name == section.name) {
            Some(known) => *known = section,
            None => sections.push(section),
        }
    }
    sections
}

/// A section as it is written, with what is known of it where that is not said.
fn section_of(written: &Either<Name, SectionSpec>, sections: &[Section]) -> Option<Section> {
    let (name, said) = match written {
        Either::Scalar(name) => (name, None),
        Either::Mapping(said) => (said.name.get()?, Some(&**said)),
    };
    let name = canonical(name.as_str());
    let known = sections.iter().find(|section| section.name == name).cloned();
    let mut section = known.unwrap_or_else(|| {
        let shipped_one = KNOWN.iter().find(|(known, ..)| *known == name);
        shipped_one.map_or_else(
            || Section {
                name: name.to_owned(),
                title: title_of(name),
                required: true,
                guidance: None,
            },
            |one| shipped(&[*one]).remove(0),
        )
    });
    // A section that is asked for by name is required, whatever the shipped set says.
    section.required = said.and_then(|said| said.required.value().copied()).unwrap_or(true);
    if let Some(title) = said.and_then(|said| said.title.value()) {
        section.title.clone_from(title);
    }
    if let Some(guidance) = said.and_then(|said| said.guidance.value()) {
        section.guidance = Some(guidance.clone());
    }
    Some(section)
}

/// `what_we_told_customers` as `What we told customers`.
pub fn title_of(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}
