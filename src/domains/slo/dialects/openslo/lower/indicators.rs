//! What is measured.
use super::{
    super::{
        rules as lenient,
        v1::{Metric, Objective, RatioMetric, RawType, SliSpec},
    },
    Losses, Objects, Outcome,
    queries::{self, Sides},
    sources::{self, Asked},
};
use crate::{
    domains::slo::spec::{Indicator, Queries},
    kernel::{
        diagnostic::Finding,
        measure::DataSource,
        source::Place,
        spec::{Field, Optional as _, Ref, Reference, Target as _},
    },
};

/// An indicator, and the documents it refers to.
pub(super) struct LoweredIndicator {
    pub(super) indicator: Indicator,
    pub(super) references: Vec<Reference>,
}

/// The indicator of an SLI that is written in place, for its objective.
pub(super) fn lowered<'a>(
    sli: &'a Field<SliSpec>,
    path: &str,
    objective: &Objective,
    objects: &Objects<'a>,
    outcome: &mut Outcome,
) -> Option<LoweredIndicator> {
    let (spec, place) = sli.pair()?;
    match &spec.ratio_metric {
        Some(_) => of_sli(spec, path, objects, outcome),
        None => threshold(spec, path, objective, place, objects, outcome),
    }
}

/// The indicator of an SLI that is a ratio.
pub(super) fn of_sli<'a>(
    sli: &'a SliSpec,
    path: &str,
    objects: &Objects<'a>,
    outcome: &mut Outcome,
) -> Option<LoweredIndicator> {
    let (ratio, place) = sli.ratio_metric.pair()?;
    Some(ratio_of(ratio, &format!("{path}.ratioMetric"), place, objects, outcome))
}

/// The indicator of an SLI that is a threshold, for the objective that says what it is compared with.
pub(super) fn threshold<'a>(
    sli: &'a SliSpec,
    path: &str,
    objective: &Objective,
    place: Place,
    objects: &Objects<'a>,
    outcome: &mut Outcome,
) -> Option<LoweredIndicator> {
    let metric = sli.threshold_metric.value()?;
    let path = format!("{path}.thresholdMetric");
    Some(threshold_of(metric, &path, objective, place, objects, outcome))
}

/// Adds what a metric asks; where that is lost, in words.
struct Asking<'a, 'o> {
    objects: &'o Objects<'a>,
    words: Vec<String>,
    source: Option<(&'a Field<String>, bool)>,
}

impl<'a> Asking<'a, '_> {
    fn ask(
        &mut self,
        metric: Option<&'a Field<Metric>>,
        path: &str,
        losses: &mut Losses,
    ) -> Option<Asked<'a>> {
        let source = &metric?.get()?.metric_source;
        let asked = sources::asked(source, path, self.objects, losses);
        match &asked {
            Some(asked) => self.source = self.source.or(asked.source),
            None => self.words.extend(source.get().map(sources::in_words)),
        }
        asked
    }

    fn finish(self, prometheus: Option<Field<Queries>>) -> LoweredIndicator {
        let mut lowered =
            LoweredIndicator { indicator: Indicator::default(), references: Vec::new() };
        if let Some(prometheus) = prometheus {
            lowered.indicator.prometheus = Some(prometheus);
            if let Some((name, usable)) = self.source
                && let Some((name, place)) = name.pair()
            {
                lowered.indicator.source = Some(Field::new(Ref::to(name), place));
                // A server that is described elsewhere is missed when it is to be asked, and not before;
                // an import says that it has to be written.
                if usable {
                    let (kind, name) = (DataSource::KIND, name.clone());
                    lowered.references.push(Reference { kind, name, place });
                }
            }
        } else if !self.words.is_empty() {
            let place = Place::default();
            let text = self.words.join(" / ");
            lowered.indicator.measurement_method = Some(Field::new(text, place));
        }
        lowered
    }
}

fn ratio_of<'a>(
    ratio: &'a RatioMetric,
    path: &str,
    place: Place,
    objects: &Objects<'a>,
    outcome: &mut Outcome,
) -> LoweredIndicator {
    let mut asking = Asking { objects, words: Vec::new(), source: None };
    let losses = &mut outcome.losses;
    if ratio.raw.is_some() {
        let asked = asking.ask(ratio.raw.as_ref(), &format!("{path}.raw"), losses);
        let queries = asked.map(|asked| {
            let (sides, filled_in) = queries::raw(asked.query);
            fill_in(filled_in, asked.place, &mut outcome.findings);
            let Sides { part, total } = sides;
            let part = Some(Field::new(part, asked.place));
            let (good, bad) = match ratio.raw_type.value() {
                Some(RawType::Failure) => (None, part),
                Some(RawType::Success) | None => (part, None),
            };
            let total = Some(Field::new(total, asked.place));
            Field::new(Queries { good, bad, total, ..Queries::default() }, place)
        });
        return asking.finish(queries);
    }
    let counter = ratio.counter.value().copied();
    let mut side = |name: &str, metric: Option<&'a Field<Metric>>| {
        let path = format!("{path}.{name}");
        let asked = asking.ask(metric, &path, losses)?;
        match queries::counted(asked.query, counter) {
            Ok(carried) => {
                fill_in(carried.filled_in, asked.place, &mut outcome.findings);
                Some(Field::new(carried.text, asked.place))
            }
            Err(reason) => {
                losses.add(asked.place, format!("{path}.spec.query"), reason);
                asking.words.push(asked.query.to_owned());
                None
            }
        }
    };
    let (good, bad) = (side("good", ratio.good.as_ref()), side("bad", ratio.bad.as_ref()));
    let total = side("total", ratio.total.as_ref());
    // One side alone measures nothing.
    let whole = total.is_some() && (good.is_some() || bad.is_some());
    let queries =
        whole.then(|| Field::new(Queries { good, bad, total, ..Queries::default() }, place));
    asking.finish(queries)
}

fn threshold_of<'a>(
    metric: &'a Metric,
    path: &str,
    objective: &Objective,
    place: Place,
    objects: &Objects<'a>,
    outcome: &mut Outcome,
) -> LoweredIndicator {
    let mut words = Vec::new();
    let source = &metric.metric_source;
    let asked = sources::asked(source, path, objects, &mut outcome.losses);
    if asked.is_none() {
        words.extend(source.get().map(sources::in_words));
    }
    let compared = objective.op.value().zip(objective.value.value());
    let queries = asked.as_ref().zip(compared).map(|(asked, (op, value))| {
        let (Sides { part, total }, filled_in) = queries::threshold(asked.query, *op, *value);
        fill_in(filled_in, asked.place, &mut outcome.findings);
        let good = Some(Field::new(part, asked.place));
        let total = Some(Field::new(total, asked.place));
        Field::new(Queries { good, total, ..Queries::default() }, place)
    });
    let source = asked.and_then(|asked| asked.source);
    Asking { objects, words, source }.finish(queries)
}

/// Says what was filled in, where something was.
fn fill_in(filled_in: Option<String>, place: Place, findings: &mut Vec<Finding>) {
    if let Some(what) = filled_in {
        findings.push(
            Finding::new(&lenient::QUERY_FILLED_IN, place, what)
                .help("write `{{.window}}` where the query depends on the window, and `counter`"),
        );
    }
}
