//! Rules as objects of Kubernetes.
use crate::{
    cli::{Failure, arguments},
    domains::slo::prometheus_rules::{
        RuleFile,
        resource::{self, PrometheusRule},
        write,
    },
};

/// What the objects are called unless said.
const NAME: &str = "slo-rules";

/// Flags of objects.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Objects of Kubernetes")]
pub(super) struct ObjectFlags {
    /// Writes `PrometheusRule` objects, which the Prometheus Operator reads, instead of a rule file. Rules
    /// that do not fit into one object are spread over several.
    #[arg(long, conflicts_with = "tests")]
    pub(super) prometheus_rule: bool,
    /// Name of the object; `slo-rules` unless said. Several have a number behind it.
    #[arg(long, value_name = "NAME", requires = "prometheus_rule", value_parser = name)]
    object_name: Option<String>,
    /// Namespace of the objects; none unless said.
    #[arg(long, value_name = "NAME", requires = "prometheus_rule", value_parser = name)]
    namespace: Option<String>,
    /// A label of the objects, by which a Prometheus chooses its rules; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", requires = "prometheus_rule", value_parser = arguments::label)]
    object_label: Vec<(String, String)>,
}

impl ObjectFlags {
    /// Rules as a rule file, or as objects.
    ///
    /// # Errors
    /// Where there are no rules: an object without any is no object.
    pub(super) fn text(&self, file: RuleFile) -> Result<String, Failure> {
        if !self.prometheus_rule {
            return Ok(write::write(&file));
        }
        if file.groups.is_empty() {
            return Err(Failure::input("no objective has rules to write"));
        }
        let whole = PrometheusRule {
            name: self.object_name.as_deref().unwrap_or(NAME).to_owned(),
            namespace: self.namespace.clone(),
            labels: self.object_label.iter().cloned().collect(),
            groups: file.groups,
        };
        let objects = resource::objects(whole, None);
        Ok(objects.iter().map(PrometheusRule::text).collect::<Vec<_>>().join("---\n"))
    }

    /// Refuses what says how objects are called, where something else says it.
    ///
    /// # Errors
    /// If one of these flags was given.
    pub(super) fn refuse_metadata(&self) -> Result<(), Failure> {
        if self.object_name.is_none() && self.namespace.is_none() && self.object_label.is_empty() {
            return Ok(());
        }
        Err(Failure::input(
            "objects of Pyrra's rules have the names, namespaces and labels of their objectives",
        )
        .hint("leave out --object-name, --namespace and --object-label, or write our own rules"))
    }
}

/// A name as Kubernetes takes it (RFC 1123).
fn name(text: &str) -> Result<String, String> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let right = text.len() <= 253
        && text.starts_with(letter)
        && text.ends_with(letter)
        && text.chars().all(|c| letter(c) || c == '-' || c == '.');
    if right {
        Ok(text.to_owned())
    } else {
        Err("small letters, digits, `-` and `.`, the first and last of them no sign".to_owned())
    }
}
