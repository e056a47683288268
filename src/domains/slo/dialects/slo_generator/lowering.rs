//! What slo-generator's documents mean in our kinds.
use super::{
    Parsed,
    form::{Config, Fields, Objective, Step, Steps},
    measuring,
};
use crate::{
    domains::{
        service::spec::Service,
        slo::{
            dialects::openslo::any::Any,
            model::Severity,
            spec::{self, AlertPolicySpec, Indicator, Notice, ServiceLevelObjective, TierSpec},
        },
    },
    kernel::{
        diagnostic::Finding,
        measure::{
            DataSource,
            data_source::{self, Prometheus},
        },
        settings::Settings,
        source::Place,
        spec::{
            Document, Either, Field, ForeignDocument, Loss, Lowered, Metadata, Name, Optional as _,
            Ref, Reference, Target as _, rules,
        },
        units::{BurnFactor, Duration, Ratio},
    },
};

/// The policy of objectives that name none.
const DEFAULT: &str = "default";

/// The beginning of the names of what has no name of its own here.
const PREFIX: &str = "slo-generator";

pub(super) fn lower(documents: &[&ForeignDocument], _: &Settings) -> Lowered {
    let unread = documents.iter().any(|document| document.value::<Parsed>().is_none());
    let mut lowering = Lowering { lowered: Lowered::default(), configs: Vec::new(), unread };
    let parsed = || documents.iter().filter_map(|it| Some((*it, it.value::<Parsed>()?)));
    for (foreign, parsed) in parsed() {
        if let Parsed::Config(config) = parsed {
            lowering.config(foreign, config);
            lowering.configs.push(config);
        }
    }
    for (foreign, parsed) in parsed() {
        if let Parsed::Objective(objective) = parsed {
            lowering.placeholders(objective);
            lowering.objective(foreign, objective);
        }
    }
    lowering.lowered
}

/// The alert policy of an objective, by reference.
type Alerting = Field<Either<Ref<AlertPolicySpec>, AlertPolicySpec>>;

struct Lowering<'d> {
    lowered: Lowered,
    configs: Vec<&'d Config>,
    /// Whether there is a document of which nothing could be read, such as the configuration.
    unread: bool,
}

impl Lowering<'_> {
    fn lose(&mut self, place: Place, field: impl Into<String>, reason: impl Into<String>) {
        self.lowered.losses.push(Loss::new(place, field, reason));
    }

    /// Sources and policies of the configuration.
    fn config(&mut self, foreign: &ForeignDocument, config: &Config) {
        for (key, backend) in &config.backends {
            let Some((value, place)) = backend.pair() else { continue };
            if measuring::is_prometheus(key) {
                self.source(foreign, key, value, place);
            } else {
                let reason = "it is no source of measurements here";
                self.lose(place, format!("backends.{key}"), reason);
            }
        }
        for (field, value) in
            [("exporters", &config.exporters), ("default_exporters", &config.default_exporters)]
        {
            if let Some(value) = value {
                let reason = "answers are printed here, and not sent anywhere";
                self.lose(value.place(), field, reason);
            }
        }
        for (key, steps) in &config.error_budget_policies {
            let Some((steps, place)) = steps.pair() else { continue };
            let Some(metadata) = named(&policy_name(key), place) else { continue };
            let policy = self.policy(key, steps, place);
            let kind = &spec::ALERT_POLICY;
            let document = Document::lowered(kind, foreign, metadata, Vec::new(), policy);
            self.lowered.documents.push(document);
        }
    }

    fn source(&mut self, foreign: &ForeignDocument, key: &str, value: &Any, place: Place) {
        let Any::Map(fields) = value else { return };
        let url = fields.get("url").map(|url| url.clone().and_then(text));
        let url = url.filter(|url| url.get().is_some());
        for (name, value) in fields.iter().filter(|(name, _)| *name != "url") {
            let reason = "a server is told nothing beside its address here, and credentials stand \
                          outside of documents";
            self.lose(value.place(), format!("backends.{key}.{name}"), reason);
        }
        let Some(url) = url else {
            self.lose(place, format!("backends.{key}"), "there is no `url`");
            return;
        };
        if let Some((text, at)) = url.pair()
            && text.contains("${")
        {
            let reason =
                "variables of the environment are not filled in; the text is kept as it is";
            self.lose(at, format!("backends.{key}.url"), reason);
        }
        let Some(metadata) = named(&source_name(key), place) else { return };
        let server = Prometheus {
            url,
            credential: None,
            tenant: None,
            thanos: None,
            timeout: None,
            concurrency: None,
            max_series: None,
        };
        let prometheus = Some(Field::new(server, place));
        let source = DataSource { files: None, prometheus, command: None };
        let kind = &data_source::KIND;
        let document = Document::lowered(kind, foreign, metadata, Vec::new(), source);
        self.lowered.documents.push(document);
    }

    /// A tier for each step. Its alert looks at one window, and what is to follow is said with it.
    fn policy(&mut self, key: &str, steps: &Steps, place: Place) -> AlertPolicySpec {
        let mut tiers = Vec::new();
        for (at, step) in steps.0.iter().enumerate() {
            let Some((step, step_place)) = step.pair() else { continue };
            let path = format!("error_budget_policies.{key}.steps[{at}]");
            tiers.extend(self.tier(step, &path, step_place));
        }
        AlertPolicySpec {
            budget_exhausted: Some(Field::new(Notice::None, place)),
            sli_absent: Some(Field::new(Notice::None, place)),
            ..AlertPolicySpec::of(Field::new(tiers, place))
        }
    }

    fn tier(&mut self, step: &Step, path: &str, place: Place) -> Option<Field<TierSpec>> {
        for (name, there) in [
            ("window", step.window().is_some()),
            ("burn_rate_threshold", step.threshold().is_some()),
        ] {
            if !there {
                let message = format!("missing field `{name}`");
                let finding = Finding::new(&rules::MISSING_FIELD, place, message);
                self.lowered.findings.push(finding);
            }
        }
        let (seconds, window_place) = step.window()?.pair()?;
        let (threshold, threshold_place) = step.threshold()?.pair()?;
        let whole = seconds.fract() == 0.0 && (1.0..3e10).contains(seconds);
        if !whole {
            let reason = "it is no whole number of seconds";
            self.lose(window_place, format!("{path}.window"), reason);
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, above zero and small"
        )]
        let long = Field::new(Duration::from_seconds(*seconds as u64), window_place);
        let Ok(factor) = threshold.to_string().parse::<BurnFactor>() else {
            let reason = format!("{threshold} is no burn rate that a tier can have");
            self.lose(threshold_place, format!("{path}.burn_rate_threshold"), reason);
            return None;
        };
        let urgent = step.alert().and_then(Field::get) == Some(&true);
        let severity = if urgent { Severity::Page } else { Severity::Ticket };
        let severity_place = step.alert().map_or(place, Field::place);
        if let Some(at) = step.praise() {
            let reason = "nothing is said where all is well";
            self.lose(at, format!("{path}.message_ok"), reason);
        }
        let mut tier = TierSpec {
            name: step.name().cloned(),
            short: Some(long.clone()),
            burn_rate: Some(Field::new(factor, threshold_place)),
            ..TierSpec::new(Field::new(severity, severity_place), long)
        };
        if let Some(consequence) = step.consequence() {
            tier.annotations.insert("consequence".to_owned(), consequence.clone());
        }
        Some(Field::new(tier, place))
    }

    fn objective(&mut self, foreign: &ForeignDocument, objective: &Objective) {
        let Some((name, place)) = objective.name.pair() else { return };
        let Some(mut metadata) = named(name, place) else { return };
        metadata.description.clone_from(&objective.description);
        metadata.labels.clone_from(&objective.labels);
        let mut references = Vec::new();
        if let Some(exporters) = &objective.exporters {
            let reason = "answers are printed here, and not sent anywhere";
            self.lose(exporters.place(), "spec.exporters", reason);
        }
        for (key, value) in &objective.backend_fields {
            let reason = "what a backend is told stands in a `DataSource` here";
            self.lose(value.place(), format!("backend.{key}"), reason);
        }
        let Some(target) = self.target(objective) else { return };
        let queries = measuring::queries(objective, &mut self.lowered.losses);
        let sli = Some(self.indicator(objective, queries, &mut references));
        let (alerting, window) = self.alerting(objective, place, &mut references);
        let service = metadata.labels.get("service_name").cloned();
        if let Some((name, place)) = service.pair() {
            let (kind, name) = (Service::KIND, name.clone());
            references.push(Reference { kind, name, place });
        }
        let slo = ServiceLevelObjective {
            service: service.map(|name| name.map(Ref::to)),
            sli,
            window: window.map(|(length, place)| Field::new(Either::Scalar(length), place)),
            alerting,
            ..ServiceLevelObjective::new(target)
        };
        let document = Document::lowered(&spec::SLO, foreign, metadata, references, slo);
        self.lowered.documents.push(document);
    }

    fn target(&mut self, objective: &Objective) -> Option<Field<Ratio>> {
        let (goal, place) = objective.goal.pair()?;
        match goal.to_string().parse::<Ratio>() {
            Ok(ratio) if ratio < Ratio::ONE => Some(Field::new(ratio, place)),
            Ok(_) => {
                let reason =
                    "a goal of 1 leaves no error budget; the objective is not carried over";
                self.lose(place, "spec.goal", reason);
                None
            }
            Err(error) => {
                self.lose(place, "spec.goal", error.to_string());
                None
            }
        }
    }

    fn indicator(
        &mut self,
        objective: &Objective,
        queries: Option<Field<spec::Queries>>,
        references: &mut Vec<Reference>,
    ) -> Field<Either<Ref<Indicator>, Indicator>> {
        let place = objective.indicator.place();
        let mut indicator = Indicator::default();
        match queries {
            None => {
                let words = objective.indicator.get().map(in_words).unwrap_or_default();
                let backend = objective.backend.get().map_or("", String::as_str);
                let text = format!("{backend}: {words}");
                indicator.measurement_method = Some(Field::new(text, place));
            }
            Some(queries) => {
                indicator.prometheus = Some(queries);
                if let Some((key, place)) = objective.backend.pair()
                    && self.configs.iter().any(|config| config.backends.contains_key(key))
                {
                    let name = source_name(key);
                    indicator.source = Some(Field::new(Ref::to(name.as_str()), place));
                    references.push(Reference { kind: DataSource::KIND, name, place });
                }
            }
        }
        Field::new(Either::Mapping(Box::new(indicator)), place)
    }

    /// The policy that the objective names, and the window of its longest step: the time over which its
    /// budget is looked at.
    fn alerting(
        &mut self,
        objective: &Objective,
        place: Place,
        references: &mut Vec<Reference>,
    ) -> (Option<Alerting>, Option<(Duration, Place)>) {
        let written = objective.policy.pair();
        let key = written.map_or(DEFAULT, |(name, _)| name.as_str());
        let at = written.map_or(place, |(_, place)| place);
        let steps =
            self.configs.iter().find_map(|config| config.error_budget_policies.get(key)?.get());
        // What is wrong with a policy, or with a configuration as a whole, is told where it stands.
        let is_there =
            self.configs.iter().any(|config| config.error_budget_policies.contains_key(key));
        if steps.is_none() && (is_there || self.unread) {
            return (None, None);
        }
        let Some(steps) = steps else {
            if written.is_some() || !self.configs.is_empty() {
                let message = format!("no error budget policy is called `{key}`");
                let finding = Finding::new(&rules::UNRESOLVED_REFERENCE, at, message);
                let help =
                    "name one of the shared configuration, or import that together with this";
                self.lowered.findings.push(finding.help(help));
            } else {
                let reason = "the shared configuration, which says when to alert and over which time, was \
                              not read; name it beside the objectives";
                self.lose(place, "spec.error_budget_policy", reason);
            }
            return (None, None);
        };
        let lengths = steps.0.iter().filter_map(|step| step.get()?.window()?.pair());
        let longest = lengths.filter(|(seconds, _)| seconds.fract() == 0.0 && **seconds >= 300.0);
        let longest = longest.max_by(|(one, _), (other, _)| one.total_cmp(other));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and above zero"
        )]
        let window =
            longest.map(|(seconds, place)| (Duration::from_seconds(*seconds as u64), place));
        let name = policy_name(key);
        references.push(Reference { kind: AlertPolicySpec::KIND, name: name.clone(), place: at });
        (Some(Field::new(Either::Scalar(Ref::to(name)), at)), window)
    }

    /// Variables of the environment, which slo-generator fills in: they are kept as they are written.
    fn placeholders(&mut self, objective: &Objective) {
        for (key, value) in objective.indicator.get().into_iter().flatten() {
            if let Some((Any::Text(text), place)) = value.pair()
                && text.contains("${")
            {
                let field = format!("spec.service_level_indicator.{key}");
                let reason =
                    "variables of the environment are not filled in; the text is kept as it is";
                self.lose(place, field, reason);
            }
        }
    }
}

fn named(name: &str, place: Place) -> Option<Metadata> {
    Some(Metadata::named(Field::new(Name::new(name).ok()?, place)))
}

fn policy_name(key: &str) -> String {
    format!("{PREFIX}-{key}")
}

fn source_name(key: &str) -> String {
    key.replace('/', "-")
}

fn text(value: Any) -> Option<String> {
    match value {
        Any::Text(text) => Some(text),
        _ => None,
    }
}

/// What is asked, for people to read.
fn in_words(fields: &Fields) -> String {
    let texts = fields.iter().filter_map(|(key, value)| {
        let value = match value.get()? {
            Any::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Any::Number(number) => number.to_string(),
            Any::Bool(value) => value.to_string(),
            Any::Null | Any::List(_) | Any::Map(_) => return None,
        };
        Some(format!("{key} {value}"))
    });
    texts.collect::<Vec<_>>().join("; ")
}
