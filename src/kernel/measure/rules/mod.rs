//! What may be wrong with data sources.
use super::DataSource;
use crate::kernel::{
    diagnostic::Rule,
    source::Place,
    spec::{Document, Optional},
};

mod source_bad_lines_limit;
mod source_command_through_shell;
mod source_credential_unencrypted;
mod source_path_absolute;
mod source_path_outside;
mod source_step_without_counts;
mod source_url_invalid;
mod source_url_with_credentials;

pub use source_url_with_credentials::RULE as SOURCE_URL_WITH_CREDENTIALS;

/// All of them.
pub static RULES: &[&Rule] = &[
    &source_path_absolute::RULE,
    &source_path_outside::RULE,
    &source_url_invalid::RULE,
    &source_url_with_credentials::RULE,
    &source_step_without_counts::RULE,
    &source_bad_lines_limit::RULE,
    &source_command_through_shell::RULE,
    &source_credential_unencrypted::RULE,
];

/// The paths of a data source of files.
fn paths(document: &Document) -> impl Iterator<Item = (&str, Place)> {
    let files = document.spec::<DataSource>().and_then(|source| source.files.value());
    let paths = files.and_then(|files| files.paths.get()).into_iter().flatten();
    paths.filter_map(|path| path.pair().map(|(path, place)| (path.as_str(), place)))
}
