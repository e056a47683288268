//! Objectives from documents of Sloth's.
use super::{
    subject::{self, Alert, Measured, Parts, Shape, Subject, Texts, Tier},
    windows,
};
use crate::{
    domains::slo::{
        dialects::sloth::{
            FILE_VERSION, Origin, RESOURCE_VERSION,
            level::{self, Form, Objective, Plugin, ServiceLevel, Sli},
            windows::Windows,
        },
        resolve::Incomplete,
    },
    kernel::{
        spec::{Catalog, Loss, Optional as _},
        units::Duration,
    },
};

/// What Sloth knows of an objective of its own.
pub(super) fn subject(
    catalog: &Catalog,
    origin: &Origin,
    period: Duration,
    losses: &mut Vec<Loss>,
) -> Result<Subject, Incomplete> {
    let (level, objective) = (&origin.level, origin.objective());
    let at = objective.name.place();
    let incomplete =
        |message: String, help: &str| Incomplete { message, help: help.into(), place: at };
    let unread = || {
        incomplete("a part of the objective could not be read".into(), "`sre validate` says which")
    };
    let windows = windows(catalog, period, at)?;
    let measured = match objective.sli.as_ref().ok_or_else(unread)? {
        Sli::Events { error_query, total_query } => Measured::Events {
            error: error_query.get().ok_or_else(unread)?.clone(),
            total: total_query.get().ok_or_else(unread)?.clone(),
        },
        Sli::Raw { error_ratio_query } => {
            Measured::Ratio(error_ratio_query.get().ok_or_else(unread)?.clone())
        }
        Sli::Plugin { id, .. } => {
            let id = id.get().map_or("", String::as_str);
            let message = format!("the query that the plugin `{id}` makes is not known to `sre`");
            return Err(incomplete(message, "write the query itself"));
        }
    };
    let (spec, shape) = match level.form {
        Form::File => (FILE_VERSION, Shape::RuleFile { mode: "cli-gen-prom" }),
        Form::Resource => (RESOURCE_VERSION, Shape::Resource(level.clone())),
    };
    let mut labels = texts(&level.labels);
    labels.extend(texts(&objective.labels));
    Ok(Subject {
        document: level.place,
        index: origin.index,
        shape,
        id: level.id(objective).ok_or_else(unread)?,
        service: level.service.get().ok_or_else(unread)?.clone(),
        name: objective.name.get().ok_or_else(unread)?.clone(),
        objective: *objective.objective.get().ok_or_else(unread)?,
        period,
        labels,
        measured,
        windows: subject::recorded(&windows),
        base: windows.page[0].short,
        page: alert(objective, &objective.alerting.page, &windows.page, &windows),
        ticket: alert(objective, &objective.alerting.ticket, &windows.ticket, &windows),
        parts: parts(level, origin.index, losses),
        spec,
    })
}

fn texts(texts: &level::Texts) -> Texts {
    level::read(texts).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn alert(
    objective: &Objective,
    own: &level::Alert,
    pairs: &[crate::domains::slo::dialects::sloth::windows::Tier; 2],
    windows: &Windows,
) -> Option<Alert> {
    if own.disable {
        return None;
    }
    let alerting = &objective.alerting;
    let joined = |shared: &level::Texts, own: &level::Texts| {
        let mut joined = texts(shared);
        joined.extend(texts(own));
        joined
    };
    Some(Alert {
        name: alerting.name.value().cloned().unwrap_or_default(),
        labels: joined(&alerting.labels, &own.labels),
        annotations: joined(&alerting.annotations, &own.annotations),
        tiers: Tier::pairs(pairs, windows.period),
    })
}

/// Which rules an objective has: all, unless its document names the programs that make them. What other
/// programs do is lost.
fn parts(level: &ServiceLevel, index: usize, losses: &mut Vec<Loss>) -> Parts {
    let objective = &level.slos[index];
    let own = objective.plugins.as_ref();
    let own_overrides = own.is_some_and(|plugins| plugins.override_previous);
    let shared = level.plugins.as_ref().filter(|_| !own_overrides);
    let overrides = own_overrides || shared.is_some_and(|plugins| plugins.override_previous);
    let chain: Vec<(&Plugin, String)> = [(shared, None), (own, Some(index))]
        .into_iter()
        .filter_map(|(plugins, index)| {
            let field = match index {
                Some(index) => level.path(index, "plugins"),
                None => format!("{}{}", level.form.root(), level.form.field("slo_plugins")),
            };
            Some((plugins?, field))
        })
        .flat_map(|(plugins, field)| plugins.chain.iter().map(move |it| (it, field.clone())))
        .collect();
    for (plugin, field) in chain.iter().filter(|(plugin, _)| !plugin.is_usual()) {
        let id = plugin.id.get().map_or("", String::as_str);
        let reason = format!("what `{id}` does to the rules is not known to `sre`");
        losses.push(Loss::new(plugin.id.place(), field, reason));
    }
    let has = |name: &str| chain.iter().any(|(plugin, _)| plugin.is_core(name));
    let all = !overrides;
    Parts {
        ratios: all || has("sli_rules"),
        optimized: !chain.iter().any(|(plugin, _)| plugin.is_not_optimized()),
        about: all || has("metadata_rules"),
        alerts: all || has("alert_rules"),
    }
}
