//! One text to documents.
use super::{
    API_VERSION, Dialect, Document, Field, ForeignDocument, Kind, Metadata,
    decode::Reading,
    problem, rules, spelling,
    tree::{KEY_LIMIT, NodeId, Tree, TreeProblem, index},
    yaml::{self, ParsedDocument, SyntaxError},
};
use crate::kernel::{
    diagnostic::{
        Finding, Level,
        suppress::{self, Suppression},
    },
    source::{Place, SourceId},
};
use serde::Deserialize;

/// What one text holds.
#[derive(Debug, Default)]
pub struct LoadedText {
    /// Its documents of our language.
    pub documents: Vec<Document>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// The comments that silence findings.
    pub suppressions: Vec<Suppression>,
    /// Documents of other languages that are known.
    pub dialects: Vec<ForeignDocument>,
    /// Documents of other languages that are not: where each begins, and what it calls itself.
    pub foreign: Vec<(Place, String)>,
}

/// Reads all documents of a text. Never fails: what is wrong is among the findings.
pub fn load_text(
    source: SourceId,
    text: &str,
    kinds: &[&'static Kind],
    dialects: &[&'static Dialect],
) -> LoadedText {
    let stream = yaml::parse(text);
    let findings = syntax_findings(source, text, &stream.errors);
    let mut loaded = LoadedText { findings, ..LoadedText::default() };
    let trees: Vec<&Tree<'_>> = stream.documents.iter().map(|document| &document.tree).collect();
    suppress::collect(source, text, &stream.comments, &trees, &mut loaded);
    for document in stream.documents {
        load_document(source, document, kinds, dialects, &mut loaded);
    }
    loaded
}

/// Where a text is not YAML.
pub fn syntax_findings(source: SourceId, text: &str, errors: &[SyntaxError]) -> Vec<Finding> {
    let finding = |error: &SyntaxError| {
        let end = next_character(text, error.at);
        let place = Place { source, start: error.at.min(end), end };
        let finding = Finding::new(&rules::YAML_SYNTAX, place, error.message.clone());
        finding.maybe_help(error.help.clone())
    };
    errors.iter().map(finding).collect()
}

fn next_character(text: &str, at: u32) -> u32 {
    let rest = text.get(at as usize..).unwrap_or("");
    index(text.len().min(at as usize + rest.chars().next().map_or(0, char::len_utf8)))
}

/// The outermost keys of every document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    #[serde(rename = "apiVersion")]
    _api_version: Field<String>,
    #[serde(rename = "kind")]
    _kind: Field<String>,
    metadata: Field<Metadata>,
    #[serde(rename = "spec")]
    _spec: Field<Anything>,
}

/// A value that is read later.
struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_ignored_any(serde::de::IgnoredAny).map(|_| Self)
    }
}

/// What the outermost keys say of a document's language.
enum Language {
    Ours(&'static Kind),
    OursUnknownKind,
    Dialect(&'static Dialect),
    Foreign(String),
    Empty,
}

fn language(tree: &Tree<'_>, kinds: &[&'static Kind], dialects: &[&'static Dialect]) -> Language {
    if tree.is_null(tree.root) {
        return Language::Empty;
    }
    let text = |key: &str| {
        let node = tree.at(&[key]).filter(|node| !tree.is_null(*node))?;
        tree.scalar(node).map(|(text, _)| text)
    };
    let kind =
        text("kind").and_then(|name| kinds.iter().copied().find(|kind| kind.is_called(name)));
    if let Some(dialect) = dialects.iter().find(|dialect| (dialect.recognises)(tree)) {
        return Language::Dialect(dialect);
    }
    match (text("apiVersion"), kind) {
        (Some(API_VERSION) | None, Some(kind)) => Language::Ours(kind),
        (Some(API_VERSION), None) => Language::OursUnknownKind,
        (Some(version), kind) if is_like_ours(version) => {
            kind.map_or(Language::OursUnknownKind, Language::Ours)
        }
        (Some(version), _) => {
            Language::Foreign(format!("{version} {}", text("kind").unwrap_or("")).trim().to_owned())
        }
        (None, None) => Language::Foreign(String::new()),
    }
}

/// `sre/v2`, `SRE/v1`, `sre`: meant for us, and to be told so.
fn is_like_ours(version: &str) -> bool {
    let version = version.to_ascii_lowercase();
    version == "sre" || version.starts_with("sre/")
}

fn load_document(
    source: SourceId,
    document: ParsedDocument<'_>,
    kinds: &[&'static Kind],
    dialects: &[&'static Dialect],
    loaded: &mut LoadedText,
) {
    let ParsedDocument { mut tree, problems } = document;
    let root = tree.node(tree.root);
    let place = Place { source, start: root.start, end: root.end };
    let kind = match language(&tree, kinds, dialects) {
        Language::Empty => return,
        Language::Foreign(called) => {
            loaded.foreign.push((place, called));
            return;
        }
        Language::Dialect(dialect) => {
            load_foreign(source, place, dialect, &tree, &problems, loaded);
            return;
        }
        Language::Ours(kind) => Some(kind),
        Language::OursUnknownKind => None,
    };
    let first_finding = loaded.findings.len();
    for problem in problems {
        loaded.findings.push(tree_finding(&tree, source, &problem));
    }
    let spellings = kind.map_or(&[][..], |kind| kind.spellings);
    let reported = spelling::replace(&mut tree, spellings, source, &mut loaded.findings);
    let reading = Reading::new(&tree, source).reported(reported);
    let envelope: Option<Envelope> = reading.decode(tree.root, None);
    check_version(&reading);
    let spec = tree.entry(tree.root, "spec");
    let spec = match (kind, spec) {
        (Some(kind), Some(entry)) => (kind.decode)(&reading, entry.value, Some(entry.key)),
        (None, _) => {
            report_unknown_kind(&reading, kinds);
            None
        }
        _ => None,
    };
    let sink = reading.into_sink();
    loaded.findings.extend(sink.findings);
    let clean = !loaded.findings[first_finding..].iter().any(|f| f.rule.level == Level::Error);
    if let Some(kind) = kind {
        loaded.documents.push(Document {
            kind,
            metadata: envelope.and_then(|envelope| envelope.metadata.into_value()).map(Box::new),
            place,
            references: sink.references,
            clean,
            dialect: None,
            origin: None,
            spec,
        });
    }
}

fn load_foreign(
    source: SourceId,
    place: Place,
    dialect: &'static Dialect,
    tree: &Tree<'_>,
    problems: &[TreeProblem],
    loaded: &mut LoadedText,
) {
    let first_finding = loaded.findings.len();
    loaded.findings.extend(problems.iter().map(|problem| tree_finding(tree, source, problem)));
    let reading = Reading::new(tree, source);
    let value = (dialect.decode)(&reading);
    loaded.findings.extend(reading.into_sink().findings);
    let clean = !loaded.findings[first_finding..].iter().any(|f| f.rule.level == Level::Error);
    loaded.dialects.push(ForeignDocument { dialect, place, clean, value });
}

fn check_version(reading: &Reading<'_>) {
    let tree = reading.tree();
    let node = tree.at(&["apiVersion"]).filter(|node| !tree.is_null(*node));
    let Some(node) = node else { return };
    let Some((version, _)) = tree.scalar(node).filter(|(version, _)| *version != API_VERSION)
    else {
        return;
    };
    let message = format!("`{}` is not a version of the language", problem::shorten(version));
    let place = reading.place(node);
    reading.report(
        Finding::new(&rules::INVALID_VALUE, place, message)
            .help(format!("write `apiVersion: {API_VERSION}`")),
    );
}

fn report_unknown_kind(reading: &Reading<'_>, kinds: &[&'static Kind]) {
    let tree = reading.tree();
    let node = tree.at(&["kind"]).filter(|node| !tree.is_null(*node));
    let Some((node, (name, _))) = node.and_then(|node| Some((node, tree.scalar(node)?))) else {
        return;
    };
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
    let message = format!("unknown kind `{}`", problem::shorten(name));
    let finding = Finding::new(&rules::UNKNOWN_KIND, reading.place(node), message);
    reading.report(match problem::closest(name, &names) {
        Some(near) => {
            finding.help(format!("did you mean `{near}`?")).fix(reading.place(node), near)
        }
        None => finding.help(format!("the kinds are {}", problem::list(&names))),
    });
}

/// What is wrong with a tree whatever it holds.
pub fn tree_finding(tree: &Tree<'_>, source: SourceId, problem: &TreeProblem) -> Finding {
    let place = |id: NodeId| {
        let node = tree.node(id);
        Place { source, start: node.start, end: node.end }
    };
    match problem {
        &TreeProblem::DuplicateKey { first, second } => {
            let key = tree.scalar(second).map_or("", |(text, _)| text);
            let message = format!("duplicate key `{}`", problem::shorten(key));
            Finding::new(&rules::DUPLICATE_KEY, place(second), message)
                .related(place(first), "first written here")
                .help("keep one of the two")
        }
        &TreeProblem::MergeOfNonMapping(node) => {
            Finding::new(&rules::WRONG_TYPE, place(node), "`<<` merges mappings only")
        }
        &TreeProblem::LongKey(node) => {
            let message = format!("a key has at most {KEY_LIMIT} bytes");
            Finding::new(&rules::YAML_SYNTAX, place(node), message)
        }
        TreeProblem::UnknownTag { node, tag } => {
            let message = format!("the tag `{}` does not fit here", problem::shorten(tag));
            Finding::new(&rules::WRONG_TYPE, place(*node), message)
                .help("remove it; quotes make a value text, and no other tag is needed")
        }
        &TreeProblem::TooManyMerged(node) => {
            Finding::new(&rules::YAML_SYNTAX, place(node), "merges expand this document too far")
                .help("write the entries out")
        }
    }
}
