//! A configuration of Alertmanager, as far as it decides who is told of an alert, and when.
//!
//! [`read`](Configuration::read) takes any configuration; what it does not need, above all the settings
//! of notifiers and their secrets, it does not look at.
mod build;
mod file;

use super::{
    matcher::{Labels, Matcher, all_match},
    time_interval::TimeInterval,
};
use crate::kernel::{
    diagnostic::Finding,
    source::{Place, SourceId},
    time::Zone,
    units::{Duration, Instant},
};
use std::collections::BTreeMap;

/// A configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// The route that every alert enters.
    pub root: Route,
    /// The receivers, by name.
    pub receivers: BTreeMap<String, Receiver>,
    /// The inhibition rules, in their order.
    pub inhibitions: Vec<Inhibition>,
    /// The time intervals, by name.
    pub intervals: BTreeMap<String, Vec<TimeInterval>>,
}

/// A route, with what it inherits from those above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Where in the tree it is: `route.routes[0].routes[1]`.
    pub path: String,
    /// Where it stands.
    pub place: Place,
    /// Who is told.
    pub receiver: String,
    /// What an alert must be to come here.
    pub matchers: Vec<Matcher>,
    /// Whether an alert that came here goes on to the next route as well.
    pub goes_on: bool,
    /// What alerts are told together by.
    pub group_by: GroupBy,
    /// How long a new group waits for more alerts.
    pub group_wait: Duration,
    /// How long a group waits before it tells of what is new in it.
    pub group_interval: Duration,
    /// How long until the same is told again.
    pub repeat_interval: Duration,
    /// Names of the time intervals in which nothing is told.
    pub muted_in: Vec<String>,
    /// Names of the time intervals outside of which nothing is told; always, where there are none.
    pub active_in: Vec<String>,
    /// The routes below, in their order.
    pub routes: Vec<Route>,
}

/// What alerts are told together by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Every alert alone: `...`.
    All,
    /// By the values of these labels; one group where there are none.
    Labels(Vec<String>),
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The name.
    pub name: String,
    /// By which means, and by how many of each: `pagerduty`, `slack`. None: nobody is told.
    pub notifiers: BTreeMap<String, usize>,
}

/// That alerts keep others silent.
#[derive(Clone, Debug, PartialEq)]
pub struct Inhibition {
    /// Where in the file it is: `inhibit_rules[0]`.
    pub path: String,
    /// Where it stands.
    pub place: Place,
    /// Which alerts keep silent.
    pub source: Vec<Matcher>,
    /// Which alerts are kept silent.
    pub target: Vec<Matcher>,
    /// Labels that have to be the same in both; one that neither has is.
    pub equal: Vec<String>,
}

/// What was read of a configuration.
#[derive(Debug, Default)]
pub struct Read {
    /// The configuration, if there is nothing wrong with it.
    pub configuration: Option<Configuration>,
    /// What is wrong: Alertmanager would refuse it too.
    pub errors: Vec<Finding>,
    /// Fields that are not known here; they may be of a version that is newer.
    pub unknown: Vec<Finding>,
}

impl Configuration {
    /// Reads a configuration. `local` is what the location `Local`, the zone of the machine on which
    /// Alertmanager runs, is to mean.
    pub fn read(source: SourceId, text: &str, local: Option<&Zone>) -> Read {
        build::read(source, text, local)
    }

    /// The routes by which an alert is told, in their order: in each branch the deepest that fit. The
    /// root where no other does.
    pub fn routes(&self, labels: &Labels) -> Vec<&Route> {
        let mut found = Vec::new();
        self.root.collect(labels, &mut found);
        found
    }

    /// Whether an instant lies in one of the time intervals of that name.
    pub fn is_in(&self, interval: &str, at: Instant) -> bool {
        self.intervals.get(interval).into_iter().flatten().any(|one| one.contains(at))
    }

    /// The inhibition rule by which one of the `firing` alerts keeps an alert silent, and that alert.
    ///
    /// An alert that both sides of a rule fit is not kept silent by another such alert, so that none is
    /// by itself.
    pub fn inhibition<'c, 'l>(
        &'c self,
        alert: &Labels,
        firing: &'l [Labels],
    ) -> Option<(&'c Inhibition, &'l Labels)> {
        self.inhibitions.iter().find_map(|rule| Some((rule, rule.silencer(alert, firing)?)))
    }
}

impl Route {
    /// Adds the routes below and here that tell of an alert; whether there is one.
    fn collect<'r>(&'r self, labels: &Labels, found: &mut Vec<&'r Self>) -> bool {
        if !all_match(&self.matchers, labels) {
            return false;
        }
        let before = found.len();
        for route in &self.routes {
            if route.collect(labels, found) && !route.goes_on {
                break;
            }
        }
        if found.len() == before {
            found.push(self);
        }
        true
    }

    /// This route and all below, from top to bottom.
    pub fn all(&self) -> Vec<&Self> {
        let mut routes = vec![self];
        routes.extend(self.routes.iter().flat_map(Self::all));
        routes
    }
}

impl Inhibition {
    fn silencer<'l>(&self, alert: &Labels, firing: &'l [Labels]) -> Option<&'l Labels> {
        if !all_match(&self.target, alert) {
            return None;
        }
        let both_sides = all_match(&self.source, alert);
        firing.iter().find(|other| {
            let value =
                |labels: &Labels, name: &String| labels.get(name).cloned().unwrap_or_default();
            all_match(&self.source, other)
                && self.equal.iter().all(|name| value(alert, name) == value(other, name))
                && !(both_sides && all_match(&self.target, other))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(text: &str) -> Configuration {
        let read = Configuration::read(SourceId(0), text, None);
        assert_eq!(read.errors, []);
        read.configuration.unwrap()
    }

    fn labels(text: &str) -> Labels {
        super::super::matcher::labels(text).unwrap().into_iter().collect()
    }

    const TREE: &str = r#"
route:
  receiver: root
  group_by: [alertname]
  repeat_interval: 3h
  routes:
    - matchers: [team="a"]
      receiver: a
      continue: true
      group_wait: 1m
      routes:
        - {match: {severity: page}, receiver: a-page, group_by: ["..."]}
        - {match_re: {severity: "ticket|info"}}
    - {matchers: ['team=~"a|b"', 'quiet=""'], receiver: b, mute_time_intervals: [nights]}
receivers:
  - {name: root}
  - {name: a}
  - {name: a-page, pagerduty_configs: [{routing_key: x}, {routing_key: y}], slack_configs: [{}]}
  - {name: b}
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: "22:00", end_time: "24:00"}], location: Europe/Berlin}]
inhibit_rules:
  - source_matchers: [severity="page"]
    target_match: {severity: ticket}
    equal: [service]
  - {source_matchers: ['severity=~".+"'], target_matchers: ['severity=~".+"'], equal: [cluster]}
"#;

    #[track_caller]
    fn check(alert: &str, expected: &[&str]) {
        let configuration = configuration(TREE);
        let routes = configuration.routes(&labels(alert));
        let found: Vec<&str> = routes.iter().map(|route| route.receiver.as_str()).collect();
        assert_eq!(found, expected, "{alert}");
    }

    #[test]
    fn the_deepest_routes_that_fit_tell() {
        check("team=c", &["root"]);
        check("team=a", &["a", "b"]);
        check("team=a,severity=page", &["a-page", "b"]);
        check("team=a,severity=ticket,quiet=yes", &["a"]);
        check("team=b", &["b"]);
        check("", &["root"]);
    }

    #[test]
    fn what_a_route_does_not_say_it_inherits() {
        let configuration = configuration(TREE);
        let routes = configuration.root.all();
        let page = routes.iter().find(|route| route.receiver == "a-page").unwrap();
        assert_eq!(page.path, "route.routes[0].routes[0]");
        assert_eq!(page.group_by, GroupBy::All);
        assert_eq!(page.group_wait, Duration::from_minutes(1));
        assert_eq!(page.group_interval, Duration::from_minutes(5));
        assert_eq!(page.repeat_interval, Duration::from_hours(3));
        let b = routes.iter().find(|route| route.receiver == "b").unwrap();
        assert_eq!(b.group_wait, Duration::from_seconds(30));
        assert_eq!(b.group_by, GroupBy::Labels(vec!["alertname".to_owned()]));
        let notifiers = &configuration.receivers["a-page"].notifiers;
        assert_eq!(notifiers, &[("pagerduty".to_owned(), 2), ("slack".to_owned(), 1)].into());
    }

    #[test]
    fn alerts_keep_others_silent() {
        let configuration = configuration(TREE);
        let by = |alert: &str, firing: &[&str]| {
            let firing: Vec<Labels> = firing.iter().map(|one| labels(one)).collect();
            configuration.inhibition(&labels(alert), &firing).map(|(rule, _)| rule.path.clone())
        };
        let first = Some("inhibit_rules[0]".to_owned());
        assert_eq!(by("severity=ticket,service=x", &["severity=page,service=x"]), first);
        assert_eq!(by("severity=ticket", &["severity=page"]), first, "neither has the label");
        assert_eq!(by("severity=ticket,service=x", &["severity=page,service=y"]), None);
        assert_eq!(by("severity=page,service=x", &["severity=page,service=x"]), None);
        assert_eq!(by("severity=ticket,service=x", &["severity=page"]), None);
    }
}
