//! What cannot be carried over into another language: told, and a reason to stop unless it is allowed.
use super::{Exit, Failure, Session, Workspace};
use crate::{
    domains::slo::resolve::ResolvedObjective,
    kernel::{
        report::{Block, Cell, Column, Form, Report, Table, Text, words},
        source::Place,
        spec::{Dialect, Loss},
    },
};
use schemars::JsonSchema;
use serde::Serialize;

/// What could not be carried over.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LossesAnswer {
    /// The fields, by place.
    items: Vec<LossItem>,
}

impl Form for LossesAnswer {
    const SCHEMA: &'static str = "sre/losses@1";
}

/// A field that another language has no words for.
#[derive(Debug, Serialize, JsonSchema)]
struct LossItem {
    /// The file.
    path: String,
    /// The line on which the field stands, from 1.
    line: usize,
    /// The column at which it begins, from 1.
    column: usize,
    /// Its path in the document.
    field: String,
    /// Why it cannot be carried over, and what becomes of it.
    reason: String,
}

/// What documents of other tools said that was lost while they were read. Those of the language that is
/// written, where they keep what they said, lose nothing: that is `own`.
pub(super) fn in_reading(
    workspace: &Workspace,
    objectives: &[Vec<ResolvedObjective<'_>>],
    own: Option<&Dialect>,
) -> Vec<Loss> {
    let documents = objectives.iter().filter_map(|windows| windows.first()).map(|it| it.document);
    let places: Vec<Place> = documents
        .filter(|it| {
            it.dialect.is_some_and(|dialect| own.is_none_or(|own| own.name != dialect.name))
        })
        .map(|document| document.place)
        .collect();
    let losses = workspace.losses.iter();
    losses.filter(|loss| places.iter().any(|place| place.contains(loss.place))).cloned().collect()
}

/// Tells what cannot be carried over, on standard error. Returns how the run ends if it is to end here:
/// where something is lost and `allowed` is not set. Nothing must be written then.
///
/// # Errors
/// If the format that was asked for is unknown.
pub(super) fn refuse(
    session: &mut Session<'_, '_>,
    workspace: &Workspace,
    losses: &[Loss],
    allowed: bool,
) -> Result<Option<Exit>, Failure> {
    if losses.is_empty() {
        return Ok(None);
    }
    let mut losses = losses.to_vec();
    losses.sort();
    losses.dedup();
    session.tell(&report(workspace, &losses, allowed))?;
    Ok((!allowed).then_some(Exit::Found))
}

fn report(workspace: &Workspace, losses: &[Loss], allowed: bool) -> Report {
    let mut table = Table::new()
        .column(Column::new("Where").middle())
        .column(Column::new("Field"))
        .column(Column::new("Reason"));
    let mut items = Vec::new();
    for loss in losses {
        let path = workspace.sources.name(loss.place.source);
        let position = workspace.sources.position(loss.place);
        table.push([
            Cell::muted(format!("{path}:{}", position.line)),
            Cell::name(&loss.field),
            Cell::text(loss.reason.as_str()),
        ]);
        items.push(LossItem {
            path: path.to_owned(),
            line: position.line,
            column: position.column,
            field: loss.field.clone(),
            reason: loss.reason.clone(),
        });
    }
    let count = words::plural(losses.len() as u64, "field");
    let closing = if allowed {
        format!("{count} not carried over")
    } else {
        format!("{count} cannot be carried over: nothing was written; --allow-loss goes on without")
    };
    Report::of(&LossesAnswer { items })
        .block(table)
        .block(Block::paragraph(Text::new().plain(closing)))
}
