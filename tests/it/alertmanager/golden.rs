//! Configurations of Alertmanager's own tests and examples.
use super::{complaint, golden, receivers};
use crate::servers::installed;
use sre::{
    domains::slo::alertmanager::{Configuration, matcher::Labels},
    kernel::source::SourceId,
};
use std::path::PathBuf;

fn files() -> Vec<PathBuf> {
    let Some(folder) = golden() else { return Vec::new() };
    let mut files: Vec<PathBuf> = [folder.clone(), folder.join("testdata")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yml"))
        .collect();
    files.sort();
    assert!(files.len() > 40, "{files:?}");
    files
}

/// Written to show a mistake of a notifier, with another in their routes.
const WITHOUT_THEIR_RECEIVER: &[&str] = &["conf.opsgenie-default-apikey-old-team.yml"];

/// What is wrong with notifiers is none of ours; what is wrong with matchers is.
#[test]
fn every_configuration_is_read_unless_its_routing_is_wrong() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let errors = Configuration::read(SourceId(0), &text, None).errors;
        let name = path.file_name().unwrap().to_str().unwrap();
        let wrong = name.starts_with("conf.nil-") || WITHOUT_THEIR_RECEIVER.contains(&name);
        assert_eq!(errors.is_empty(), !wrong, "{name}: {errors:?}");
    }
}

#[test]
fn routes_of_the_configurations_are_those_of_amtool() {
    if !installed(&["amtool"]) {
        return;
    }
    let alerts: [&[(&str, &str)]; 9] = [
        &[],
        &[("service", "foo1")],
        &[("service", "foo1"), ("severity", "critical")],
        &[("service", "files"), ("severity", "critical")],
        &[("service", "database"), ("owner", "team-X")],
        &[("service", "database"), ("owner2", "team-X"), ("owner", "team-Y")],
        &[("service", "database"), ("owner", "team-Y")],
        &[("service", "foo12")],
        &[("severity", "warning"), ("team", "x")],
    ];
    let mut compared = 0;
    for path in files() {
        if complaint(&path).is_some() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let ours = Configuration::read(SourceId(0), &text, None).configuration.unwrap();
        for labels in alerts {
            let labels: Vec<(String, String)> = labels
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            let found = ours.routes(&labels.iter().cloned().collect::<Labels>());
            let found: Vec<String> = found.iter().map(|route| route.receiver.clone()).collect();
            assert_eq!(found, receivers(&path, &labels), "{}: {labels:?}", path.display());
            compared += 1;
        }
    }
    assert!(golden().is_none() || compared >= 90, "{compared}");
}
