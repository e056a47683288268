//! What Sloth refuses and a type cannot: names, numbers, queries, labels.
//!
//! Source: Sloth's validation of objectives, version 0.16.
use super::{
    level::{Alert, Form, Objective, Plugins, ServiceLevel, Sli, Texts},
    template,
    windows::share_of,
};
use crate::{
    domains::slo::{
        prometheus_rules::names,
        promql::{self, Refusal},
        rules::sloth_name_refused,
    },
    kernel::{
        diagnostic::Finding,
        source::Place,
        spec::{
            Field, Optional,
            decode::Reading,
            problem,
            rules::{INVALID_VALUE, MISSING_FIELD, part},
        },
    },
};

/// Reports what is wrong with a document. Numbers and queries that are reported are absent from then on, so
/// that nothing else is said of them.
pub(super) fn check(level: &mut ServiceLevel, reading: &Reading<'_>) {
    let check = Check { form: level.form, reading };
    check.name("service", &level.service);
    check.texts("label", "labels", &level.labels);
    check.plugins(level.plugins.as_ref());
    if level.slos.is_empty() && level.form == Form::File {
        // A list with items that could not be read is not empty.
        let slos = reading.tree().at(&["slos"]).and_then(|node| reading.tree().list(node));
        if slos.is_some_and(<[_]>::is_empty) {
            check.no_objective(reading.tree().at(&["slos"]).map(|node| reading.place(node)));
        }
    } else if level.slos.is_empty() {
        let slos = reading.tree().at(&["spec", "slos"]);
        if slos.and_then(|node| reading.tree().list(node)).is_some_and(<[_]>::is_empty) {
            check.no_objective(slos.map(|node| reading.place(node)));
        }
    }
    for objective in &mut level.slos {
        check.objective(level.plugins.as_ref(), objective);
    }
}

/// Whether Sloth takes a text as the name of a service or an objective: two letters or more.
pub(super) fn is_name(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let outer = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() >= 2
        && text.chars().all(inner)
        && outer(text.chars().next())
        && outer(text.chars().next_back())
}

struct Check<'r, 't> {
    form: Form,
    reading: &'r Reading<'t>,
}

impl Check<'_, '_> {
    fn invalid(&self, place: Place, message: String, help: &str) {
        let finding = Finding::new(&INVALID_VALUE, place, message);
        self.reading.report(if help.is_empty() { finding } else { finding.help(help) });
    }

    fn no_objective(&self, place: Option<Place>) {
        let Some(place) = place else { return };
        self.reading.report(
            Finding::new(&MISSING_FIELD, place, "`slos` holds no objective")
                .help("write at least one, or remove the document"),
        );
    }

    /// One objective; `shared` are the plugins of all objectives of the document.
    fn objective(&self, shared: Option<&Plugins>, objective: &mut Objective) {
        self.name("name", &objective.name);
        if let Some((number, place)) = objective.objective.pair() {
            let wrong = if !(*number > 0.0 && *number <= 100.0) {
                let message = format!("an `objective` of {number} is no percentage");
                Some((message, "it is above 0 and at most 100, such as `99.9`"))
            } else if share_of(*number).is_none() {
                let message = format!("an `objective` of {number} has more than seven decimals");
                Some((message, "write fewer: `sre` computes with nine digits of a ratio"))
            } else {
                None
            };
            if let Some((message, help)) = wrong {
                self.invalid(place, message, help);
                objective.objective = Field::absent(place);
            }
        }
        self.texts("label", "labels", &objective.labels);
        self.plugins(objective.plugins.as_ref());
        self.indicator(shared, objective);
        self.alerting(objective);
    }

    /// A name: letters and digits, with `-`, `_` and `.` between.
    fn name(&self, field: &str, name: &Field<String>) {
        let Some((text, place)) = name.pair() else { return };
        if text.is_empty() {
            let message = format!("`{field}` is empty");
            self.invalid(place, message, "write a name such as `checkout`");
        } else if !is_name(text) {
            let message = format!("`{}` is no `{field}` for Sloth", problem::shorten(text));
            let help = "a name begins and ends with a letter or a digit, and has `-`, `_` and `.` \
                        besides these only between them";
            self.invalid(place, message, help);
        }
    }

    /// Labels or annotations: `field` is where they stand, `what` one of them.
    fn texts(&self, what: &str, field: &str, texts: &Texts) {
        for (key, text) in texts {
            if key.is_empty() || key == "__name__" {
                let message = format!("`{key}` in `{field}` is no name of a {what}");
                let help = "letters, digits and `_` are safe";
                let finding = Finding::new(&INVALID_VALUE, text.place(), message);
                self.reading.report(finding.help(help).at_key());
            } else if what == "annotation" || names::wrong_label(key).is_some() {
                self.odd_name(what, key, text.place());
            }
            if what == "annotation"
                && let Some((value, place)) = text.pair()
                && let Some(why) = template::unclosed(value)
            {
                let message =
                    format!("the annotation `{}` is no template: {why}", problem::shorten(key));
                let help = "Prometheus refuses rules with it; `{{ $labels.sloth_slo }}` is one";
                self.reading
                    .report(Finding::new(&sloth_name_refused::RULE, place, message).help(help));
            }
            if text.get().is_some_and(String::is_empty) {
                let message =
                    format!("the {what} `{}` in `{field}` is empty", problem::shorten(key));
                self.invalid(text.place(), message, "give it a value, or remove it");
            }
        }
    }

    /// A name that Sloth takes and Prometheus, unless it takes any names, does not; or that the rules give
    /// themselves.
    fn odd_name(&self, what: &str, key: &str, place: Place) {
        let (message, help) = match names::wrong_label(key) {
            Some(wrong) if what == "label" => wrong,
            _ if is_plain(key) => return,
            _ => (
                format!("`{}` is no name of an annotation", problem::shorten(key)),
                "letters, digits and `_`, the first of them no digit",
            ),
        };
        let finding = Finding::new(&sloth_name_refused::RULE, place, message);
        self.reading.report(finding.help(help).at_key());
    }

    fn plugins(&self, plugins: Option<&Plugins>) {
        let Some(plugins) = plugins else { return };
        if plugins.override_previous && plugins.chain.is_empty() {
            let message = "`overridePrevious` without a `chain` leaves no program to make rules";
            self.invalid(plugins.place, message.to_owned(), "name the programs, or remove it");
        }
        for plugin in &plugins.chain {
            if plugin.id.get().is_some_and(String::is_empty) {
                self.invalid(plugin.id.place(), "`id` of a plugin is empty".to_owned(), "");
            }
        }
    }

    fn indicator(&self, shared: Option<&Plugins>, objective: &mut Objective) {
        // Another language of queries is not read.
        let is_promql = !speaks_another_language(shared, objective);
        for sli in objective.sli.iter_mut().chain(&mut objective.others) {
            self.way(sli, is_promql);
        }
    }

    /// One way of measuring.
    fn way(&self, sli: &mut Sli, is_promql: bool) {
        match sli {
            Sli::Raw { error_ratio_query } => {
                self.query("error_ratio_query", error_ratio_query, is_promql);
            }
            Sli::Events { error_query, total_query } => {
                let same = match (error_query.get(), total_query.pair()) {
                    (Some(error), Some((total, place))) if error == total && !error.is_empty() => {
                        Some(place)
                    }
                    _ => None,
                };
                self.query("error_query", error_query, is_promql);
                self.query("total_query", total_query, is_promql);
                if let Some(place) = same {
                    let [error, total] = ["error_query", "total_query"].map(|f| self.form.field(f));
                    let message = format!("`{error}` and `{total}` are the same");
                    let help = "count bad events in the one, and all events in the other";
                    self.invalid(place, message, help);
                    *total_query = Field::absent(place);
                }
            }
            Sli::Plugin { id, .. } if id.get().is_some_and(String::is_empty) => {
                self.invalid(id.place(), "`id` of the plugin is empty".to_owned(), "");
            }
            Sli::Plugin { .. } => {}
        }
    }

    fn query(&self, field: &str, query: &mut Field<String>, is_promql: bool) {
        let place = query.place();
        if query.get().is_some_and(|text| self.is_wrong(field, text, place, is_promql)) {
            *query = Field::absent(place);
        }
    }

    /// Whether a query was reported.
    fn is_wrong(&self, field: &str, text: &str, place: Place, is_promql: bool) -> bool {
        let field = self.form.field(field);
        if text.trim().is_empty() {
            self.invalid(place, format!("`{field}` is empty"), "write a query");
            return true;
        }
        let template = template::read(text);
        if let Some(range) = template.unknown {
            let shown = problem::shorten(&text[range.clone()]);
            let message = format!("`{field}` holds `{shown}`, which Sloth does not fill in");
            self.invalid(
                part(place, text, range),
                message,
                "`{{.window}}` is all that it fills in",
            );
            return true;
        }
        if !template.windowed {
            let message = format!("`{field}` does not hold `{{{{.window}}}}`");
            let help = "write `[{{.window}}]` where the length of the range belongs";
            self.invalid(place, message, help);
        }
        let refusal = is_promql.then(|| promql::read(text));
        let (message, at) = match refusal.as_ref().and_then(|query| query.refusal.as_ref()) {
            Some(Refusal::Broken { message, at }) => (message, part(place, text, at.clone())),
            Some(Refusal::Types(message)) => (message, place),
            _ => return !template.windowed,
        };
        let message = format!("`{field}` is no PromQL: {message}");
        self.invalid(at, message, "try the query on the server, then copy it here");
        true
    }

    fn alerting(&self, objective: &Objective) {
        let alerting = &objective.alerting;
        let [page, ticket] = ["page_alert", "ticket_alert"].map(|name| self.form.field(name));
        let named = alerting.name.value().is_some_and(|name| !name.is_empty());
        let misread = alerting.name.is_some() && alerting.name.value().is_none();
        let silent = alerting.page.disable && alerting.ticket.disable;
        if !(named || misread || silent) {
            let place = alerting.name.as_ref().map(Field::place).or(alerting.place);
            let place = place.unwrap_or(objective.name.place());
            self.reading.report(
                Finding::new(&MISSING_FIELD, place, "the alerts have no `name`").help(format!(
                    "write `alerting: {{name: …}}`, or `disable: true` in both `{page}` and `{ticket}`"
                )),
            );
        }
        self.texts("label", "alerting.labels", &alerting.labels);
        self.texts("annotation", "alerting.annotations", &alerting.annotations);
        for (name, alert) in [(page, &alerting.page), (ticket, &alerting.ticket)] {
            self.alert(&name, alert);
        }
    }

    fn alert(&self, name: &str, alert: &Alert) {
        if alert.disable {
            return;
        }
        self.texts("label", &format!("{name}.labels"), &alert.labels);
        self.texts("annotation", &format!("{name}.annotations"), &alert.annotations);
    }
}

/// Whether every version of Prometheus takes a name: letters, digits and `_`, the first of them no digit.
fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether the queries are said to be in the language of `VictoriaMetrics`.
fn speaks_another_language(shared: Option<&Plugins>, objective: &Objective) -> bool {
    let plugins = shared.into_iter().chain(&objective.plugins);
    let mut ids = plugins.flat_map(|plugins| &plugins.chain).filter_map(|plugin| plugin.id.get());
    ids.any(|id| id.contains("validate_victoria_metrics"))
}
