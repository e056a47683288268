//! The text of a planned configuration: whole, or merged into one that is there.
//!
//! Merging changes no byte of what is there but what this wrote before, between two comments that say so.
//! Only the list items are inserted, with the indentation of the list; receivers are added where they are
//! missing and belong to the user from then on.
use super::{
    generate::{Plan, PlannedInhibition, PlannedRoute},
    matcher::Matcher,
    time_interval::{Range, TimeInterval, clock, range_text, weekday_name},
};
use crate::{
    domains::slo::{
        model::Severity,
        prometheus_rules::{
            names::{ID_LABEL, SERVICE_LABEL, SLO_LABEL},
            write::scalar,
        },
    },
    kernel::{
        diagnostic::Finding,
        source::{Edit, Place, SourceId, edit},
        spec::{
            load::syntax_findings,
            rules,
            tree::{Entry, NodeId, Tree, Value},
            yaml,
        },
    },
};
use std::fmt::Write as _;

/// The receiver of alerts that no route takes, in a configuration of its own.
pub const DEFAULT_RECEIVER: &str = "default";

/// The comments between which stands what was written here.
const BEGIN: &str = "# begin of `sre export alertmanager`: change the catalog, not these lines";
const END: &str = "# end of `sre export alertmanager`";

/// How often a ticket is told again: on every day on which it is still true.
const TICKET_REPEAT: &str = "1d";

/// The lists of a configuration, as items that begin in the first column.
struct Parts {
    routes: String,
    inhibitions: String,
    intervals: String,
}

impl Parts {
    fn of(plan: &Plan) -> Self {
        let mut routes = String::new();
        if !plan.routes.is_empty() {
            let _ = writeln!(routes, "- matchers: [{}]", quoted(&Matcher::not_empty(ID_LABEL)));
            let _ = writeln!(routes, "  group_by: [{SERVICE_LABEL}, {SLO_LABEL}]");
            routes.push_str("  routes:\n");
            for route in &plan.routes {
                write_route(&mut routes, route);
            }
        }
        let mut inhibitions = String::new();
        for rule in &plan.inhibitions {
            write_inhibition(&mut inhibitions, rule);
        }
        let mut intervals = String::new();
        for (name, some) in &plan.intervals {
            let _ = writeln!(intervals, "- name: {}", scalar(name, 4));
            intervals.push_str("  time_intervals:\n");
            for interval in some {
                write_interval(&mut intervals, interval);
            }
        }
        Self { routes, inhibitions, intervals }
    }
}

/// The configuration as a file of its own, whose receivers tell nobody yet.
pub fn whole(plan: &Plan) -> String {
    let parts = Parts::of(plan);
    let mut text = format!("route:\n  receiver: {DEFAULT_RECEIVER}\n");
    let mut list = |key: &str, items: &str, pad: usize| {
        if !items.is_empty() {
            let space = " ".repeat(pad);
            let _ = writeln!(text, "{space}{key}:");
            text.push_str(&indented(items, pad + 2));
        }
    };
    list("routes", &parts.routes, 2);
    list("inhibit_rules", &parts.inhibitions, 0);
    list("time_intervals", &parts.intervals, 0);
    let mut receivers = format!("- name: {DEFAULT_RECEIVER}\n");
    for name in plan.receivers.iter().filter(|name| *name != DEFAULT_RECEIVER) {
        let _ = writeln!(receivers, "- name: {}", scalar(name, 4));
    }
    list("receivers", &receivers, 0);
    text
}

fn write_route(text: &mut String, route: &PlannedRoute) {
    let _ = writeln!(text, "  - receiver: {}", scalar(&route.receiver, 6));
    let matchers: Vec<String> = route.matchers.iter().map(quoted).collect();
    let _ = writeln!(text, "    matchers: [{}]", matchers.join(", "));
    if route.severity == Severity::Ticket {
        let _ = writeln!(text, "    repeat_interval: {TICKET_REPEAT}");
    }
    if !route.mutes.is_empty() {
        text.push_str("    routes:\n");
    }
    for (matcher, intervals) in &route.mutes {
        let _ = writeln!(text, "    - matchers: [{}]", quoted(matcher));
        let names: Vec<String> = intervals.iter().map(|name| single(name)).collect();
        let _ = writeln!(text, "      mute_time_intervals: [{}]", names.join(", "));
    }
}

fn write_inhibition(text: &mut String, rule: &PlannedInhibition) {
    let list = |matchers: &[Matcher]| matchers.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let _ = writeln!(text, "# {}", rule.comment);
    let _ = writeln!(text, "- source_matchers: [{}]", list(&rule.source));
    let _ = writeln!(text, "  target_matchers: [{}]", list(&rule.target));
    let _ = writeln!(text, "  equal: [{}]", rule.equal.join(", "));
}

fn write_interval(text: &mut String, interval: &TimeInterval) {
    let mut fields: Vec<String> = Vec::new();
    if let Some(times) = &interval.times {
        let time = |(begin, end): &Range<u16>| {
            format!("{{start_time: '{}', end_time: '{}'}}", clock(*begin), clock(*end))
        };
        fields.push(format!("times: [{}]", times.iter().map(time).collect::<Vec<_>>().join(", ")));
    }
    let mut list = |name: &str, ranges: Option<Vec<String>>| {
        if let Some(ranges) = ranges {
            let ranges: Vec<String> = ranges.iter().map(|range| single(range)).collect();
            fields.push(format!("{name}: [{}]", ranges.join(", ")));
        }
    };
    let day = |(begin, end): &Range<u8>| match (weekday_name(*begin), weekday_name(*end)) {
        (begin, end) if begin == end => begin.to_owned(),
        (begin, end) => format!("{begin}:{end}"),
    };
    list("weekdays", interval.weekdays.as_ref().map(|days| days.iter().map(day).collect()));
    list("days_of_month", texts(interval.days_of_month.as_deref()));
    list("months", texts(interval.months.as_deref()));
    list("years", texts(interval.years.as_deref()));
    // Without a location Alertmanager means UTC, and versions before 0.25 know no other.
    let zone = interval.zone.name();
    if zone != "UTC" {
        fields.push(format!("location: {zone}"));
    }
    let _ = writeln!(text, "  - {}", fields.join("\n    "));
}

fn texts<T: std::fmt::Display + PartialEq>(ranges: Option<&[Range<T>]>) -> Option<Vec<String>> {
    ranges.map(|ranges| ranges.iter().map(range_text).collect())
}

fn quoted(matcher: &Matcher) -> String {
    single(&matcher.to_string())
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Lines moved to the right.
fn indented(text: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    text.lines().map(|line| format!("{pad}{line}\n")).collect()
}

/// The plan merged into the configuration `text`.
///
/// # Errors
/// What of the text is in the way, with its places in the text that [`without_ours`] gives.
pub fn merged(plan: &Plan, text: &str, source: SourceId) -> Result<String, Vec<Finding>> {
    let stream = yaml::parse(text);
    let wrong = syntax_findings(source, text, &stream.errors);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let whole = Place { source, start: 0, end: 0 };
    let [document] = stream.documents.as_slice() else {
        let message = "a configuration is one document";
        return Err(vec![Finding::new(&rules::INVALID_VALUE, whole, message)]);
    };
    let tree = &document.tree;
    let Some(route) =
        tree.entry(tree.root, "route").filter(|route| tree.map(route.value).is_some())
    else {
        let message = "there is no `route` to add routes to";
        return Err(vec![
            Finding::new(&rules::MISSING_FIELD, whole, message)
                .help("write one, with a receiver for alerts that no other route takes"),
        ]);
    };
    let mut merge = Merge { text, source, tree, edits: Vec::new(), tail: String::new() };
    let parts = Parts::of(plan);
    let missing: String = plan
        .receivers
        .iter()
        .filter(|name| !merge.has_receiver(name))
        .map(|name| format!("- name: {}\n", scalar(name, 4)))
        .collect();
    let done = [
        merge.items(route.value, Some(route), "routes", &ours(&parts.routes)),
        merge.items(tree.root, None, "inhibit_rules", &ours(&parts.inhibitions)),
        merge.items(tree.root, None, "time_intervals", &ours(&parts.intervals)),
        merge.items(tree.root, None, "receivers", &missing),
    ];
    let in_the_way: Vec<Finding> =
        done.into_iter().filter_map(Result::err).map(|finding| *finding).collect();
    if !in_the_way.is_empty() {
        return Err(in_the_way);
    }
    let (mut result, _) = edit::apply_to(text, &merge.edits, &mut Vec::new());
    if !merge.tail.is_empty() {
        if !result.ends_with('\n') {
            result.push('\n');
        }
        result.push_str(&merge.tail);
    }
    Ok(result)
}

/// Items between the comments that say whose they are.
fn ours(items: &str) -> String {
    if items.is_empty() { String::new() } else { format!("{BEGIN}\n{items}{END}\n") }
}

/// A configuration without what was merged into it before.
///
/// # Errors
/// The line, from 1, of a comment whose counterpart is missing.
pub fn without_ours(text: &str) -> Result<String, usize> {
    let mut left = String::with_capacity(text.len());
    let mut begun = None;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        match (line.trim(), begun) {
            (BEGIN, None) => begun = Some(at + 1),
            (END, Some(_)) => begun = None,
            (BEGIN, Some(_)) | (END, None) => return Err(at + 1),
            (_, Some(_)) => {}
            (_, None) => left.push_str(line),
        }
    }
    begun.map_or(Ok(left), Err)
}

struct Merge<'a, 't> {
    text: &'a str,
    source: SourceId,
    tree: &'a Tree<'t>,
    edits: Vec<Edit>,
    /// Keys that the file does not have yet.
    tail: String,
}

impl Merge<'_, '_> {
    fn has_receiver(&self, name: &str) -> bool {
        let list = self.tree.get(self.tree.root, "receivers").and_then(|list| self.tree.list(list));
        list.into_iter().flatten().any(|item| {
            let named = self.tree.get(*item, "name").and_then(|name| self.tree.scalar(name));
            named.is_some_and(|(found, _)| found == name)
        })
    }

    /// Puts items at the beginning of the list under `key` of the mapping `owner`, whose own key is
    /// `above`; the document has none.
    fn items(
        &mut self,
        owner: NodeId,
        above: Option<Entry>,
        key: &str,
        items: &str,
    ) -> Result<(), Box<Finding>> {
        if items.is_empty() {
            return Ok(());
        }
        let Some(entry) = self.tree.entry(owner, key) else {
            return self.new_key(owner, above, key, items);
        };
        let node = self.tree.node(entry.value);
        let key_column = self.column(self.tree.node(entry.key).start);
        let in_the_way = |what: &str| {
            let place = Place { source: self.source, start: node.start, end: node.end };
            let message = format!("nothing can be added to `{key}`: {what}");
            let finding = Finding::new(&rules::INVALID_VALUE, place, message);
            Box::new(finding.help("write it as a list with one `- …` per item"))
        };
        let is_empty = matches!(node.value, Value::List(start, end) if start == end);
        let column = match &node.value {
            Value::Alias(_) => return Err(in_the_way("it is an alias")),
            Value::List(..) if is_empty => {
                self.replace(node.start, node.end, String::new());
                key_column + 2
            }
            Value::List(..) if self.text.as_bytes().get(node.start as usize) == Some(&b'[') => {
                return Err(in_the_way("it is written in brackets"));
            }
            Value::List(..) => self
                .dash_column(entry)
                .ok_or_else(|| in_the_way("its items do not begin with `-` on their own lines"))?,
            Value::Scalar(text, _) if text.is_empty() => key_column + 2,
            Value::Scalar(..) | Value::Map(..) => return Err(in_the_way("it is not a list")),
        };
        self.after_line_of(self.tree.node(entry.key).end, &indented(items, column));
        Ok(())
    }

    fn new_key(
        &mut self,
        owner: NodeId,
        above: Option<Entry>,
        key: &str,
        items: &str,
    ) -> Result<(), Box<Finding>> {
        let Some(above) = above else {
            let _ = write!(self.tail, "{key}:\n{}", indented(items, 2));
            return Ok(());
        };
        let node = self.tree.node(owner);
        let above_key = self.tree.node(above.key);
        let first = self.tree.map(owner).and_then(|entries| entries.first());
        let column = first.map(|entry| self.column(self.tree.node(entry.key).start));
        let in_block = !self.text[above_key.end as usize..node.start as usize].contains('{')
            && self.text.as_bytes().get(node.start as usize) != Some(&b'{')
            && self.text[above_key.end as usize..node.start as usize].contains('\n');
        let (Some(column), true) = (column, in_block) else {
            let place = Place { source: self.source, start: above_key.start, end: above_key.end };
            let message = "nothing can be added to a route that is written in braces";
            let finding = Finding::new(&rules::INVALID_VALUE, place, message);
            return Err(Box::new(finding.help("write it as a mapping with one key per line")));
        };
        let pad = " ".repeat(column);
        let lines = format!("{pad}{key}:\n{}", indented(items, column + 2));
        self.after_line_of(above_key.end, &lines);
        Ok(())
    }

    /// The column of the `-` of a block list's first item.
    fn dash_column(&self, entry: Entry) -> Option<usize> {
        let from = self.tree.node(entry.key).end as usize;
        let mut at = from;
        for line in self.text.get(from..)?.split_inclusive('\n') {
            let dash = line.find('-').filter(|dash| line[..*dash].trim().is_empty());
            if let Some(dash) = dash.filter(|_| at > from) {
                return Some(dash);
            }
            let rest = line.trim().trim_start_matches(':').trim_start();
            if !rest.is_empty() && !rest.starts_with(['#', '&', '!']) {
                return None;
            }
            at += line.len();
        }
        None
    }

    fn column(&self, at: u32) -> usize {
        let before = self.text.get(..at as usize).unwrap_or("");
        before.len() - before.rfind('\n').map_or(0, |line| line + 1)
    }

    fn replace(&mut self, start: u32, end: u32, text: String) {
        self.edits.push(Edit { place: Place { source: self.source, start, end }, text });
    }

    /// Inserts lines below the one on which byte `at` stands.
    fn after_line_of(&mut self, at: u32, lines: &str) {
        let rest = self.text.get(at as usize..).unwrap_or("");
        if let Some(line) = rest.find('\n') {
            let at = at + u32::try_from(line + 1).unwrap_or(0);
            self.replace(at, at, lines.to_owned());
        } else {
            let end = u32::try_from(self.text.len()).unwrap_or(at);
            self.replace(end, end, format!("\n{lines}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Configuration, mutes::Mute},
        *,
    };
    use crate::kernel::time::Zone;
    use std::collections::BTreeSet;

    fn plan() -> Plan {
        let mute = Mute {
            intervals: vec![TimeInterval {
                times: Some(vec![(0, 90)]),
                weekdays: Some(vec![(1, 5)]),
                ..TimeInterval::always(Zone::get("Europe/Berlin").unwrap())
            }],
            endless: true,
        };
        Plan {
            receivers: BTreeSet::from(["team-page".to_owned(), "it's".to_owned()]),
            routes: vec![PlannedRoute {
                receiver: "team-page".to_owned(),
                severity: Severity::Page,
                matchers: vec![Matcher::equal("sloth_severity", "page")],
                mutes: vec![(Matcher::equal(ID_LABEL, "x"), vec!["sre-nights".to_owned()])],
            }],
            inhibitions: vec![PlannedInhibition {
                comment: "Why.".to_owned(),
                source: vec![Matcher::equal("a", "b")],
                target: vec![Matcher::equal("a", "c")],
                equal: vec![ID_LABEL.to_owned()],
            }],
            intervals: [("sre-nights".to_owned(), mute.intervals)].into(),
            ..Plan::default()
        }
    }

    fn read(text: &str) -> Configuration {
        let read = Configuration::read(SourceId(0), text, None);
        assert_eq!(read.errors, [], "{text}");
        read.configuration.unwrap()
    }

    #[test]
    fn a_configuration_of_its_own_is_read_back() {
        let found = read(&whole(&plan()));
        assert_eq!(found.receivers.len(), 3);
        assert_eq!(found.intervals, plan().intervals);
        assert_eq!(found.inhibitions[0].equal, [ID_LABEL]);
        let routes = found.root.all();
        assert_eq!(routes.len(), 4);
        assert_eq!(routes[3].muted_in, ["sre-nights"]);
        assert_eq!(routes[3].receiver, "team-page");
        let nothing = read(&whole(&Plan::default()));
        assert!(nothing.root.routes.is_empty());
    }

    const BASES: [&str; 6] = [
        "# ours\nroute:\n  # the root\n  receiver: a # who\n  routes: # below\n    # first\n    - receiver: a\n\n\
         receivers:\n# all\n- name: a # x\n- name: team-page\n  slack_configs: [{channel: '#c'}]\n",
        "route:\n  receiver: a\nreceivers: [{name: a}, {name: team-page}, {name: \"it's\"}]",
        "receivers:\n- name: a\ninhibit_rules: []\ntime_intervals:\nroute:\n    receiver: a\n    routes:\n    - match: {x: y}\n",
        "route:\n  receiver: a\n  routes: [] # none\ninhibit_rules:\n- source_match: {x: y}\n  equal: [z]\nreceivers:\n  - name: a\n",
        "templates: [x]\nroute:\n  routes:\n  - receiver: a\n  receiver: a\nreceivers:\n  - {name: a}\nmute_time_intervals:\n- name: n\n  time_intervals: [{years: ['2020']}]\n",
        "receivers:\n  - name: a\nroute:\n  receiver: a",
    ];

    #[test]
    fn merging_keeps_what_is_there_and_may_be_done_again() {
        for base in BASES {
            let before = read(base);
            let merged_text = merged(&plan(), base, SourceId(0)).unwrap();
            let after = read(&merged_text);
            assert_eq!(after.root.routes.len(), before.root.routes.len() + 1, "{merged_text}");
            assert_eq!(after.root.routes[0].routes[0].receiver, "team-page");
            for (route, kept) in before.root.routes.iter().zip(&after.root.routes[1..]) {
                assert_eq!((&route.receiver, &route.matchers), (&kept.receiver, &kept.matchers));
            }
            assert_eq!(after.inhibitions.len(), before.inhibitions.len() + 1);
            assert_eq!(after.intervals.len(), before.intervals.len() + 1);
            assert!(after.receivers.contains_key("it's"));
            // Every line that was there still is, in the same order.
            let mut lines = merged_text.lines();
            for line in base.lines().map(|line| line.replace(" []", " ")) {
                assert!(
                    lines.any(|found| found.trim_end() == line.trim_end()),
                    "{line}\n{merged_text}"
                );
            }
            let stripped = without_ours(&merged_text).unwrap();
            let again = merged(&plan(), &stripped, SourceId(0)).unwrap();
            assert_eq!(again, merged_text);
        }
    }

    #[test]
    fn what_is_in_the_way_is_said() {
        let check = |base: &str, expected: &str| {
            let found = merged(&plan(), base, SourceId(0)).unwrap_err();
            assert!(found.iter().any(|one| one.message.contains(expected)), "{found:?}");
        };
        check("route: {receiver: a}\nreceivers: [{name: a}]\n", "in braces");
        check("route:\n  receiver: a\n  routes: [{receiver: a}]\n", "in brackets");
        check("route:\n  receiver: a\nreceivers: x\n", "not a list");
        check("receivers: []\n", "no `route`");
        check("a: [\n", "not valid YAML");
        assert_eq!(without_ours(&format!("a\n{BEGIN}\nb\n")), Err(2));
        assert_eq!(without_ours(&format!("a\n{END}\nb\n")), Err(2));
    }
}
