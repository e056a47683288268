//! From what the file says to a configuration: defaults inherited, names looked up, mistakes told.
use super::{
    super::{
        matcher::{self, Matcher, Operator},
        time_interval::{self, TimeInterval},
    },
    Configuration, GroupBy, Inhibition, Read, Receiver, Route,
    file::{File, InhibitionSpec, IntervalSpec, List, Matches, NamedIntervals, RouteSpec, Text},
};
use crate::kernel::{
    diagnostic::Finding,
    source::{Place, SourceId},
    spec::{
        Field, Optional as _,
        decode::Reading,
        load::{syntax_findings, tree_finding},
        problem, rules,
        tree::Tree,
        values, yaml,
    },
    time::Zone,
    units::Duration,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a route does where nothing is said (Alertmanager, `dispatch.DefaultRouteOpts`).
const GROUP_WAIT: Duration = Duration::from_seconds(30);
const GROUP_INTERVAL: Duration = Duration::from_minutes(5);
const REPEAT_INTERVAL: Duration = Duration::from_hours(4);

pub(super) fn read(source: SourceId, text: &str, local: Option<&Zone>) -> Read {
    let stream = yaml::parse(text);
    let mut errors = syntax_findings(source, text, &stream.errors);
    // Alertmanager reads the first document and no other.
    let Some(document) = stream.documents.first() else {
        if errors.is_empty() {
            let place = Place { source, start: 0, end: 0 };
            errors.push(Finding::new(
                &rules::MISSING_FIELD,
                place,
                "the file has no configuration",
            ));
        }
        return Read { errors, ..Read::default() };
    };
    let tree = &document.tree;
    errors.extend(document.problems.iter().map(|problem| tree_finding(tree, source, problem)));
    let reading = Reading::new(tree, source);
    let file: Option<File> = reading.decode(tree.root, None);
    let mut builder = Builder {
        receivers: BTreeMap::new(),
        intervals: BTreeMap::new(),
        local,
        errors: Vec::new(),
    };
    builder.read_receivers(tree, &reading);
    let configuration = file.and_then(|file| builder.configuration(&file));
    errors.extend(builder.errors);
    let mut unknown = Vec::new();
    for finding in reading.into_sink().findings {
        // What is near to a known field is a mistake; what is not may be of a newer version.
        if finding.rule == &rules::UNKNOWN_FIELD && finding.fix.is_none() {
            unknown.push(finding.help("it is not taken into account here"));
        } else {
            errors.push(finding);
        }
    }
    let configuration = configuration.filter(|_| errors.is_empty());
    Read { configuration, errors, unknown }
}

/// What is read so far, and what is wrong with it.
struct Builder<'a> {
    receivers: BTreeMap<String, Receiver>,
    intervals: BTreeMap<String, Vec<TimeInterval>>,
    local: Option<&'a Zone>,
    errors: Vec<Finding>,
}

/// What a route inherits.
struct Inherited {
    receiver: Option<String>,
    group_by: GroupBy,
    group_wait: Duration,
    group_interval: Duration,
    repeat_interval: Duration,
}

impl Builder<'_> {
    fn wrong(&mut self, place: Place, message: impl Into<String>) {
        self.errors.push(Finding::new(&rules::INVALID_VALUE, place, message));
    }

    /// Names of receivers, and how many notifiers of which kind they have.
    fn read_receivers(&mut self, tree: &Tree<'_>, reading: &Reading<'_>) {
        let Some(receivers) = tree.get(tree.root, "receivers") else { return };
        if tree.is_null(receivers) {
            return;
        }
        let Some(list) = tree.list(receivers) else {
            self.wrong(reading.place(receivers), "expected a list of receivers");
            return;
        };
        for item in list {
            let name = tree.get(*item, "name").and_then(|name| Some((name, tree.scalar(name)?.0)));
            let Some((node, name)) = name.filter(|(_, name)| !name.is_empty()) else {
                self.wrong(reading.place(*item), "this receiver has no name");
                continue;
            };
            let mut notifiers = BTreeMap::new();
            for entry in tree.map(*item).unwrap_or_default() {
                let kind = tree.scalar(entry.key).and_then(|(key, _)| key.strip_suffix("_configs"));
                let count = tree.list(entry.value).map_or(0, <[_]>::len);
                if let (Some(kind), true) = (kind, count > 0) {
                    notifiers.insert(kind.to_owned(), count);
                }
            }
            let receiver = Receiver { name: name.to_owned(), notifiers };
            if self.receivers.insert(name.to_owned(), receiver).is_some() {
                self.wrong(reading.place(node), format!("another receiver is called `{name}`"));
            }
        }
    }

    fn configuration(&mut self, file: &File) -> Option<Configuration> {
        for list in [&file.time_intervals, &file.mute_time_intervals] {
            for named in list.iter().flatten().filter_map(Field::get) {
                self.named_intervals(named);
            }
        }
        let inhibitions: Vec<Inhibition> = file
            .inhibit_rules
            .iter()
            .flatten()
            .enumerate()
            .filter_map(|(at, field)| Some(self.inhibition(at, field.get()?, field.place())))
            .collect();
        let root = file.route.get()?;
        self.check_root(root, file.route.place());
        let inherited = Inherited {
            receiver: None,
            group_by: GroupBy::Labels(Vec::new()),
            group_wait: GROUP_WAIT,
            group_interval: GROUP_INTERVAL,
            repeat_interval: REPEAT_INTERVAL,
        };
        let root = self.route(root, file.route.place(), "route".to_owned(), &inherited);
        Some(Configuration {
            root,
            receivers: std::mem::take(&mut self.receivers),
            inhibitions,
            intervals: std::mem::take(&mut self.intervals),
        })
    }

    fn check_root(&mut self, root: &RouteSpec, place: Place) {
        if root.receiver.value().is_none_or(|receiver| receiver.0.is_empty()) {
            let message = "the outermost route has no receiver";
            self.errors.push(
                Finding::new(&rules::MISSING_FIELD, place, message)
                    .help("name the receiver of alerts that no other route takes: `receiver: …`"),
            );
        }
        let some = |matches: &Option<Matches>| matches.as_ref().is_some_and(|m| !m.is_empty());
        let list = |list: &List<Text>| list.as_ref().is_some_and(|list| !list.is_empty());
        for (there, what) in [
            (some(&root.r#match) || some(&root.match_re) || list(&root.matchers), "matchers"),
            (list(&root.mute_time_intervals), "`mute_time_intervals`"),
            (list(&root.active_time_intervals), "`active_time_intervals`"),
            (root.r#continue.value().is_some_and(|flag| flag.0), "`continue`"),
        ] {
            if there {
                let message = format!("the outermost route takes every alert, and has no {what}");
                self.wrong(place, message);
            }
        }
    }

    fn route(
        &mut self,
        spec: &RouteSpec,
        place: Place,
        path: String,
        inherited: &Inherited,
    ) -> Route {
        let own = spec.receiver.pair().filter(|(receiver, _)| !receiver.0.is_empty());
        if let Some((receiver, at)) = own
            && !self.receivers.contains_key(&receiver.0)
        {
            let names: Vec<&str> = self.receivers.keys().map(String::as_str).collect();
            let near = problem::closest(&receiver.0, &names);
            let help = near.map_or_else(
                || "write it under `receivers`, or correct the name".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("no receiver is called `{}`", receiver.0);
            self.errors.push(Finding::new(&rules::UNRESOLVED_REFERENCE, at, message).help(help));
        }
        let receiver = own.map(|(receiver, _)| receiver.0.clone());
        let mut length = |field: &Option<Field<Duration>>, name: &str, above: Duration| {
            if let Some((length, at)) = field.pair()
                && length.is_zero()
                && name != "group_wait"
            {
                self.wrong(at, format!("`{name}` has to be longer than no time"));
            }
            field.value().copied().unwrap_or(above)
        };
        let own = Inherited {
            receiver: receiver.or_else(|| inherited.receiver.clone()),
            group_wait: length(&spec.group_wait, "group_wait", inherited.group_wait),
            group_interval: length(
                &spec.group_interval,
                "group_interval",
                inherited.group_interval,
            ),
            repeat_interval: length(
                &spec.repeat_interval,
                "repeat_interval",
                inherited.repeat_interval,
            ),
            group_by: self.group_by(spec).unwrap_or_else(|| inherited.group_by.clone()),
        };
        let mut matchers = self.matches(spec.r#match.as_ref(), Operator::Equal, place);
        matchers.extend(self.matches(spec.match_re.as_ref(), Operator::Matches, place));
        matchers.extend(self.matchers(spec.matchers.as_ref()));
        let routes = spec.routes.iter().flatten().enumerate();
        let routes = routes
            .filter_map(|(at, field)| {
                let path = format!("{path}.routes[{at}]");
                Some(self.route(field.get()?, field.place(), path, &own))
            })
            .collect();
        Route {
            place,
            path,
            matchers,
            routes,
            receiver: own.receiver.unwrap_or_default(),
            goes_on: spec.r#continue.value().is_some_and(|flag| flag.0),
            group_by: own.group_by,
            group_wait: own.group_wait,
            group_interval: own.group_interval,
            repeat_interval: own.repeat_interval,
            muted_in: self.interval_names(spec.mute_time_intervals.as_ref()),
            active_in: self.interval_names(spec.active_time_intervals.as_ref()),
        }
    }

    fn group_by(&mut self, spec: &RouteSpec) -> Option<GroupBy> {
        let list = spec.group_by.as_ref()?;
        let labels: Vec<String> = values(list).map(|label| label.0.clone()).collect();
        let place = list.first().map(Field::place);
        let all = labels.iter().any(|label| label == "...");
        let distinct: BTreeSet<&String> = labels.iter().collect();
        match place {
            Some(place) if all && labels.len() > 1 => {
                self.wrong(place, "`...` groups by all labels; no other can stand beside it");
            }
            Some(place) if distinct.len() < labels.len() => {
                self.wrong(place, "a label stands twice in `group_by`");
            }
            _ => {}
        }
        Some(if all { GroupBy::All } else { GroupBy::Labels(labels) })
    }

    /// Conditions of `match` and `match_re`.
    fn matches(
        &mut self,
        matches: Option<&Matches>,
        operator: Operator,
        owner: Place,
    ) -> Vec<Matcher> {
        let mut found = Vec::new();
        for (label, value) in matches.into_iter().flatten() {
            let place = value.as_ref().map_or(owner, Field::place);
            if operator == Operator::Matches && value.is_none() {
                self.wrong(place, format!("`{}` has no regular expression", label.0));
                continue;
            }
            let value = value.value().map_or("", |value| value.0.as_str());
            match Matcher::new(&label.0, operator, value) {
                Ok(condition) => found.push(condition),
                Err(message) => self.wrong(place, message),
            }
        }
        found
    }

    fn matchers(&mut self, list: Option<&Vec<Field<Text>>>) -> Vec<Matcher> {
        let mut found = Vec::new();
        for (text, place) in list.into_iter().flatten().filter_map(Field::pair) {
            match matcher::parse(&text.0) {
                Ok(matchers) => found.extend(matchers),
                Err(message) => self.wrong(place, message),
            }
        }
        found
    }

    fn inhibition(&mut self, at: usize, spec: &InhibitionSpec, place: Place) -> Inhibition {
        let mut source = self.matches(spec.source_match.as_ref(), Operator::Equal, place);
        source.extend(self.matches(spec.source_match_re.as_ref(), Operator::Matches, place));
        source.extend(self.matchers(spec.source_matchers.as_ref()));
        let mut target = self.matches(spec.target_match.as_ref(), Operator::Equal, place);
        target.extend(self.matches(spec.target_match_re.as_ref(), Operator::Matches, place));
        target.extend(self.matchers(spec.target_matchers.as_ref()));
        let equal = spec.equal.iter().flatten().filter_map(Field::get);
        Inhibition {
            path: format!("inhibit_rules[{at}]"),
            place,
            source,
            target,
            equal: equal.map(|label| label.0.clone()).collect(),
        }
    }

    fn interval_names(&mut self, list: Option<&Vec<Field<Text>>>) -> Vec<String> {
        let mut names = Vec::new();
        for (name, place) in list.into_iter().flatten().filter_map(Field::pair) {
            if !self.intervals.contains_key(&name.0) {
                let known: Vec<&str> = self.intervals.keys().map(String::as_str).collect();
                let help = problem::closest(&name.0, &known).map_or_else(
                    || "write it under `time_intervals`, or correct the name".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("no time interval is called `{}`", name.0);
                self.errors
                    .push(Finding::new(&rules::UNRESOLVED_REFERENCE, place, message).help(help));
            }
            names.push(name.0.clone());
        }
        names
    }

    fn named_intervals(&mut self, named: &NamedIntervals) {
        let Some((name, place)) = named.name.pair() else { return };
        let intervals = named.time_intervals.iter().flatten();
        let intervals = intervals
            .filter_map(Field::get)
            .filter_map(|interval| self.interval(interval))
            .collect();
        if self.intervals.insert(name.0.clone(), intervals).is_some() {
            self.wrong(place, format!("another time interval is called `{}`", name.0));
        }
    }

    /// `None` where it is wrong, which is told.
    fn interval(&mut self, spec: &IntervalSpec) -> Option<TimeInterval> {
        let before = self.errors.len();
        let zone = match spec.location.pair() {
            Some((name, place)) => self.zone(&name.0, place)?,
            None => Zone::UTC,
        };
        let times = spec.times.as_ref().map(|list| {
            let mut times = Vec::new();
            for (range, place) in list.iter().filter_map(Field::pair) {
                let mut read = |field: &Field<Text>| {
                    let (text, place) = field.pair()?;
                    time_interval::time_of_day(&text.0)
                        .map_err(|message| self.wrong(place, message))
                        .ok()
                };
                let (begin, end) = (read(&range.start_time), read(&range.end_time));
                let Some((begin, end)) = begin.zip(end) else { continue };
                if begin < end {
                    times.push((begin, end));
                } else {
                    self.errors.push(
                        Finding::new(
                            &rules::INVALID_VALUE,
                            place,
                            "a time of the day ends after it begins",
                        )
                        .help("write two times where it goes over midnight: up to `24:00`, and from `00:00`"),
                    );
                }
            }
            times
        });
        let interval = TimeInterval {
            times,
            weekdays: self.ranges(spec.weekdays.as_ref(), time_interval::weekdays),
            days_of_month: self.ranges(spec.days_of_month.as_ref(), time_interval::days_of_month),
            months: self.ranges(spec.months.as_ref(), time_interval::months),
            years: self.ranges(spec.years.as_ref(), time_interval::years),
            zone,
        };
        (self.errors.len() == before).then_some(interval)
    }

    fn ranges<T>(
        &mut self,
        list: Option<&Vec<Field<Text>>>,
        read: impl Fn(&str) -> Result<(T, T), String>,
    ) -> Option<Vec<(T, T)>> {
        let mut ranges = Vec::new();
        for (text, place) in list?.iter().filter_map(Field::pair) {
            match read(&text.0) {
                Ok(range) => ranges.push(range),
                Err(message) => self.wrong(place, message),
            }
        }
        Some(ranges)
    }

    fn zone(&mut self, name: &str, place: Place) -> Option<Zone> {
        if name.is_empty() {
            return Some(Zone::UTC);
        }
        if name == "Local" {
            let Some(local) = self.local else {
                let message = "`Local` is the zone of the machine on which Alertmanager runs";
                self.errors.push(
                    Finding::new(&rules::INVALID_VALUE, place, message)
                        .help("write the zone's name here, or say it with --local-zone"),
                );
                return None;
            };
            return Some(local.clone());
        }
        let zone = Zone::get(name);
        if zone.is_none() {
            let near = Zone::closest(name);
            let finding = Finding::new(
                &rules::INVALID_VALUE,
                place,
                format!("no time zone is called `{name}`"),
            );
            self.errors
                .push(finding.maybe_help(near.map(|near| format!("did you mean `{near}`?"))));
        }
        zone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let read = read(SourceId(0), text, None);
        assert_eq!(read.configuration.is_none(), !read.errors.is_empty());
        read.errors.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let found = errors(
            r#"
route:
  matchers: [a="b"]
  routes:
    - {reciever: x}
    - {receiver: mails}
    - {matchers: ['a=~"("', 'foo'], group_interval: 0s}
    - {mute_time_intervals: [night], group_by: [a, a]}
    - {match_re: {a: "[", b: }}
receivers: [{name: mail}, {name: mail}, {slack_configs: []}]
time_intervals:
  - name: nights
    time_intervals:
      - times: [{start_time: "22:00", end_time: "06:00"}]
        weekdays: [friday:monday]
        days_of_month: ["0"]
        months: [jan]
        years: [x]
        location: Europe/Berln
      - {location: Local}
      - {times: [{start_time: 9, end_time: "10:00"}], location: UTC}
"#,
        );
        for expected in [
            "the outermost route has no receiver",
            "the outermost route takes every alert, and has no matchers",
            "unknown field `reciever`",
            "no receiver is called `mails`",
            "`(` is not a regular expression",
            "`foo` is not a matcher",
            "`group_interval` has to be longer",
            "no time interval is called `night`",
            "a label stands twice",
            "a bracket `[` of the regular expression is not closed",
            "`b` has no regular expression",
            "another receiver is called `mail`",
            "this receiver has no name",
            "no time zone is called `Europe/Berln`",
            "`Local` is the zone of the machine",
            "`9` is not a time of the day",
        ] {
            assert!(found.iter().any(|one| one.contains(expected)), "{expected}: {found:#?}");
        }
    }

    #[test]
    fn a_bad_interval_has_all_its_mistakes_told() {
        let found = errors(
            r#"
route: {receiver: mail}
receivers: [{name: mail}]
mute_time_intervals:
  - name: nights
    time_intervals:
      - times: [{start_time: "22:00", end_time: "06:00"}]
        weekdays: [friday:monday]
        days_of_month: ["0"]
        months: [jan]
        years: [x]
"#,
        );
        assert_eq!(found.len(), 5, "{found:#?}");
    }

    #[test]
    fn values_are_texts_as_in_alertmanager() {
        let text = "route: {receiver: 1, routes: [{match: {code: 500, on: true, none: }, continue: yes}]}\n\
                    receivers: [{name: 1}]\ntracing: {x: y}\nfuture_things: 5\n";
        let read = read(SourceId(0), text, None);
        assert_eq!(read.errors, []);
        let configuration = read.configuration.unwrap();
        let route = &configuration.root.routes[0];
        let shown: Vec<String> = route.matchers.iter().map(ToString::to_string).collect();
        assert_eq!(shown, [r#"code="500""#, r#"none="""#, r#"on="true""#]);
        assert!(route.goes_on);
        assert_eq!(read.unknown.len(), 1);
    }

    #[test]
    fn nothing_is_not_a_configuration() {
        assert_eq!(errors("").len(), 1);
        assert!(!errors("receivers: []").is_empty());
        assert!(!errors("[]").is_empty());
        assert!(!errors("route: {receiver: a}\nreceivers: {a: b}").is_empty());
    }
}
