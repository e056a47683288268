//! Comments that silence findings: `# sre: ignore[slo-without-runbook] until=2027-01-31 reason`.
//!
//! A comment speaks for the node that begins on its own line, or, where it stands alone on a line, for
//! the one that begins on the next line with content, and for everything in that node.
use super::{
    Finding,
    rule::{Check, Level, Rule},
};
use crate::kernel::{
    source::{Place, SourceId},
    spec::{
        load::LoadedText,
        tree::{NodeId, Tree, Value},
        yaml::Comment,
    },
    units::Instant,
};
use chrono::NaiveDate;

/// One comment that silences findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The comment.
    pub place: Place,
    /// What it speaks for.
    pub scope: Place,
    /// Names or codes of rules, each with its place.
    pub rules: Vec<(String, Place)>,
    /// The last day on which it holds.
    pub until: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

macro_rules! suppression_rules {
    ($($constant:ident = $code:literal, $name:literal, $level:ident;)+) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub static $constant: Rule = Rule {
                code: $code,
                name: $name,
                level: Level::$level,
                fixable: false,
                page: include_str!(concat!("rules/", $name, ".md")),
                check: Check::Reading,
            };
        )+

        /// What can be wrong with such comments.
        pub static RULES: &[&Rule] = &[$(&$constant),+];
    };
}

suppression_rules! {
    MALFORMED = "IGN001", "ignore-malformed", Warning;
    UNKNOWN = "IGN002", "ignore-unknown-rule", Warning;
    EXPIRED = "IGN003", "ignore-expired", Warning;
    UNUSED = "IGN004", "ignore-unused", Note;
}

/// Finds the suppressions among a text's comments.
pub fn collect(
    source: SourceId,
    text: &str,
    comments: &[Comment<'_>],
    trees: &[&Tree<'_>],
    loaded: &mut LoadedText,
) {
    let mut lines = None;
    for comment in comments {
        let Some(rest) = comment.text.trim_start().strip_prefix("sre:") else { continue };
        let place = Place { source, start: comment.start, end: comment.end };
        match parse(rest.trim_start(), text, place) {
            Ok(mut suppression) => {
                let lines = lines.get_or_insert_with(|| Lines::new(text, trees));
                suppression.scope = lines.scope(place);
                loaded.suppressions.push(suppression);
            }
            Err(message) => loaded.findings.push(Finding::new(&MALFORMED, place, message).help(
                "write it like `# sre: ignore[slo-without-runbook] until=2027-01-31 reason`",
            )),
        }
    }
}

fn parse(text: &str, whole: &str, place: Place) -> Result<Suppression, String> {
    let list =
        text.strip_prefix("ignore").ok_or("`sre:` in a comment is followed by `ignore[…]`")?;
    let list =
        list.trim_start().strip_prefix('[').ok_or("`ignore` is followed by rules in `[…]`")?;
    let (list, rest) = list.split_once(']').ok_or("the list of rules has no `]`")?;
    let offset = list.as_ptr() as usize - whole.as_ptr() as usize;
    let mut at = offset;
    let mut rules = Vec::new();
    for item in list.split(',') {
        let name = item.trim();
        let start = at + (item.len() - item.trim_start().len());
        if !name.is_empty() {
            let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let place = Place { start: index(start), end: index(start + name.len()), ..place };
            rules.push((name.to_owned(), place));
        }
        at += item.len() + 1;
    }
    if rules.is_empty() {
        return Err("`ignore[]` names no rule".to_owned());
    }
    let rest = rest.trim();
    let (until, reason) = match rest.strip_prefix("until=") {
        None => (None, rest),
        Some(rest) => {
            let (day, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let day = NaiveDate::parse_from_str(day, "%Y-%m-%d")
                .map_err(|_| format!("`{day}` is not a day such as `2027-01-31`"))?;
            (Some(day), reason.trim())
        }
    };
    Ok(Suppression { place, scope: place, rules, until, reason: reason.to_owned() })
}

/// What stands on the lines of a text, in order: many comments are placed without reading it again.
struct Lines<'a> {
    text: &'a str,
    /// Beginnings of the lines that hold more than a comment.
    content: Vec<usize>,
    /// First and last byte of what a comment can speak for: the longest of those that begin
    /// together first.
    nodes: Vec<(u32, u32)>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, trees: &[&Tree<'_>]) -> Self {
        let starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let content = starts
            .filter(|&start| {
                let line = text[start..].lines().next().unwrap_or("").trim_start();
                !line.is_empty() && !line.starts_with('#')
            })
            .collect();
        let mut nodes: Vec<(u32, u32)> = trees.iter().flat_map(|tree| nodes(tree)).collect();
        nodes.sort_unstable_by_key(|&(start, end)| (start, std::cmp::Reverse(end)));
        Self { text, content, nodes }
    }

    /// What a comment speaks for: see the module's description.
    fn scope(&self, comment: Place) -> Place {
        let at = comment.start as usize;
        let line_start = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        let (from, to) = if self.text[line_start..at].trim().is_empty() {
            let next = self.content.partition_point(|start| *start <= at);
            let Some(&from) = self.content.get(next) else { return comment };
            (from, self.text[from..].find('\n').map_or(self.text.len(), |at| from + at))
        } else {
            (line_start, at)
        };
        let first = self.nodes.partition_point(|(start, _)| (*start as usize) < from);
        match self.nodes.get(first) {
            Some(&(start, end)) if (start as usize) < to => Place { start, end, ..comment },
            _ => comment,
        }
    }
}

/// First and last byte of what a comment can speak for: entries, items, whole documents.
fn nodes(tree: &Tree<'_>) -> Vec<(u32, u32)> {
    let place = |id: NodeId| (tree.node(id).start, tree.node(id).end);
    let entries = tree.entries.iter().map(|entry| {
        let (key, value) = (place(entry.key), place(entry.value));
        (key.0, value.1.max(key.1))
    });
    // An item begins at its dash, which lies before its first byte on the same line.
    let items = tree.items.iter().map(|item| place(*item));
    // On a document's first line: the whole document.
    let root = matches!(tree.node(tree.root).value, Value::Map(..)).then(|| place(tree.root));
    entries.chain(items).chain(root).collect()
}

/// Takes out what the comments silence, and adds what is wrong with the comments.
pub fn apply(
    findings: Vec<Finding>,
    suppressions: &[Suppression],
    known: &[&'static Rule],
    now: Instant,
) -> Vec<Finding> {
    let today = now.date_naive();
    let mut used = vec![false; suppressions.len()];
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut by_source: std::collections::HashMap<SourceId, Vec<usize>> =
        std::collections::HashMap::new();
    for (at, suppression) in suppressions.iter().enumerate() {
        by_source.entry(suppression.place.source).or_default().push(at);
    }
    for finding in findings {
        let candidates = by_source.get(&finding.primary.place.source);
        let silencer = candidates.into_iter().flatten().copied().find(|&at| {
            let suppression = &suppressions[at];
            suppression.scope.contains(finding.primary.place)
                && suppression.rules.iter().any(|(name, _)| {
                    name == finding.rule.name || name.eq_ignore_ascii_case(finding.rule.code)
                })
        });
        match silencer {
            Some(at) => {
                used[at] = true;
                if suppressions[at].until.is_some_and(|until| until < today) {
                    kept.push(finding);
                }
            }
            None => kept.push(finding),
        }
    }
    for (suppression, used) in suppressions.iter().zip(used) {
        kept.extend(problems(suppression, used, known, today));
    }
    kept
}

fn problems(
    suppression: &Suppression,
    used: bool,
    known: &[&'static Rule],
    today: NaiveDate,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, place) in &suppression.rules {
        let exists =
            known.iter().any(|rule| rule.name == name || rule.code.eq_ignore_ascii_case(name));
        if !exists {
            let names: Vec<&str> = known.iter().map(|rule| rule.name).collect();
            let near = crate::kernel::spec::problem::closest(name, &names);
            found.push(
                Finding::new(&UNKNOWN, *place, format!("no rule is called `{name}`"))
                    .maybe_help(near.map(|near| format!("did you mean `{near}`?"))),
            );
        }
    }
    if let Some(until) = suppression.until.filter(|until| *until < today) {
        found.push(
            Finding::new(&EXPIRED, suppression.place, format!("held until {until}, which is past"))
                .help("mend what it silences, or give it a new date and a reason"),
        );
    } else if !used && found.is_empty() {
        found.push(
            Finding::new(&UNUSED, suppression.place, "silences nothing").help("remove the comment"),
        );
    }
    found
}
