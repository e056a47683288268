//! Languages of other tools for service level objectives: read into our kinds, and written out of them.
pub mod beyond;
pub mod openslo;
pub mod pyrra;
pub mod slo_generator;
pub mod sloth;

use super::spec::{Indicator, ServiceLevelObjective};
use crate::kernel::{
    measure::DataSource,
    spec::{Catalog, Dialect, Document, Either, Field, Optional as _, Target as _},
};

/// The dialects. A document is of the first that recognises it.
pub static DIALECTS: &[&Dialect] = &[&openslo::DIALECT, &sloth::DIALECT, &pyrra::DIALECT];

/// A document as it can stand for itself: without the data source that it names, where there is none of that
/// name. `None` where nothing has to go. That it goes was told as a loss when the document was read.
pub fn without_missing_source(catalog: &Catalog, document: &Document) -> Option<Document> {
    let misses = |indicator: &Indicator| {
        let source = indicator.source.value();
        source.is_some_and(|name| catalog.find(DataSource::KIND, name.name()).is_none())
    };
    let without = |indicator: &Indicator| Indicator { source: None, ..indicator.clone() };
    if let Some(indicator) = document.spec::<Indicator>().filter(|it| misses(it)) {
        return Some(document.respecified(without(indicator)));
    }
    let slo = document.spec::<ServiceLevelObjective>()?;
    let (sli, place) = slo.sli.pair()?;
    let indicator = sli.mapping().filter(|it| misses(it))?;
    let sli = Some(Field::new(Either::Mapping(Box::new(without(indicator))), place));
    Some(document.respecified(ServiceLevelObjective { sli, ..slo.clone() }))
}

/// Those whose documents are imported, and never stand for ours.
pub static IMPORTED: &[&Dialect] = &[&slo_generator::DIALECT];
