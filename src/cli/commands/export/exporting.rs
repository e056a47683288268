//! What all targets of `sre export` share: which objectives, and where the text goes.
use crate::{
    adapters::files::{self, PathKind},
    cli::{Failure, Session, Workspace, arguments::Selection, measured},
    domains::slo::{
        resolve::{self, ResolvedObjective},
        spec::ServiceLevelObjective,
    },
    kernel::spec::Document,
};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Which objectives are exported, and where to.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::cli) struct Exporting {
    /// Objectives by name, or files that hold them; all of the catalog unless said.
    #[arg(value_name = "NAME|FILE")]
    pub objectives: Vec<String>,
    /// The same as a positional `NAME|FILE`.
    #[arg(long = "slo", value_name = "NAME|FILE")]
    pub slos: Vec<String>,
    /// Writes into this file instead of to standard output.
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Overwrites a file that was not made by the same command.
    #[arg(long)]
    pub force: bool,
    /// Goes on where something that the documents say cannot be carried over.
    #[arg(long)]
    pub allow_loss: bool,
    /// Which objectives.
    #[command(flatten)]
    pub selection: Selection,
}

impl Exporting {
    /// The catalog around the objectives.
    ///
    /// # Errors
    /// If a path does not exist, or there is no catalog.
    pub(in crate::cli) fn open(&self, session: &mut Session<'_, '_>) -> Result<Workspace, Failure> {
        let paths = measured::paths(&self.measuring(), session);
        Workspace::open(session, &paths)
    }

    /// The objectives, in the order of the catalog.
    ///
    /// # Errors
    /// If one does not exist, or it or what it refers to has errors, those of rules as well: what is
    /// written is loaded by programs that refuse all of it for one mistake.
    pub(in crate::cli) fn choose<'a>(
        &self,
        session: &mut Session<'_, '_>,
        workspace: &'a Workspace,
    ) -> Result<Vec<(&'a Document, &'a ServiceLevelObjective)>, Failure> {
        let chosen = measured::choose(&self.measuring(), session, workspace)?;
        let documents = chosen.iter().map(|(document, _)| *document);
        measured::refuse_rule_errors(session, workspace, documents)?;
        Ok(chosen)
    }

    /// The objectives with everything that they need: once for each of their windows, the first one
    /// first.
    ///
    /// # Errors
    /// As [`Self::choose`]; and where one is incomplete.
    pub(in crate::cli) fn resolve<'a>(
        &self,
        session: &mut Session<'_, '_>,
        workspace: &'a Workspace,
    ) -> Result<Vec<Vec<ResolvedObjective<'a>>>, Failure> {
        let chosen = self.choose(session, workspace)?;
        // Their queries are parsed, which takes long.
        let resolved: Vec<_> = chosen
            .into_par_iter()
            .map(|(document, slo)| {
                resolve::resolve(&workspace.catalog, &workspace.settings, document, slo)
            })
            .collect();
        let first_wrong =
            |one: Result<_, _>| one.map_err(|incomplete| measured::refuse(workspace, &incomplete));
        resolved.into_iter().map(first_wrong).collect()
    }

    /// The same objectives, as they are measured.
    pub(in crate::cli) fn measuring(&self) -> measured::Measuring {
        measured::Measuring {
            objectives: self.objectives.clone(),
            slos: self.slos.clone(),
            selection: self.selection.clone(),
            ..measured::Measuring::default()
        }
    }

    /// Writes what was made to where it is to go.
    ///
    /// # Errors
    /// As [`Self::write_to`].
    pub(in crate::cli) fn write(
        &self,
        session: &mut Session<'_, '_>,
        text: &str,
    ) -> Result<(), Failure> {
        match &self.output {
            None => session.print(text.as_bytes()),
            Some(path) => self.write_to(session, path, text),
        }
    }

    /// Writes what was made into a file, with the folders above it. A file that is there is overwritten
    /// if it was made by the same command: if both begin with the same comment.
    ///
    /// # Errors
    /// If the file holds something else, or cannot be written.
    pub(in crate::cli) fn write_to(
        &self,
        session: &mut Session<'_, '_>,
        path: &Path,
        text: &str,
    ) -> Result<(), Failure> {
        let target = session.path(path);
        let shown = session.shown(&target);
        match files::kind(&target) {
            PathKind::Missing => files::create(&target, text)?,
            PathKind::Folder => {
                return Err(Failure::input(format!("`{shown}` is a folder"))
                    .hint("name the file that is to be written"));
            }
            PathKind::File => {
                // What cannot be read as text was not made here.
                let before = files::read_document(&target).ok();
                if before.as_deref() == Some(text) {
                    session.note(&format!("{shown} is up to date"));
                    return Ok(());
                }
                if !self.force && !before.is_some_and(|before| is_same_origin(&before, text)) {
                    return Err(Failure::input(format!(
                        "`{shown}` exists, and was not made by this command"
                    ))
                    .hint("write to another file, or overwrite it with --force"));
                }
                files::write_atomically(&target, text)?;
            }
        }
        session.note(&format!("wrote {shown}"));
        Ok(())
    }
}

/// Whether two texts begin with the same comment.
fn is_same_origin(before: &str, after: &str) -> bool {
    let comment = |text: &str| {
        let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && *l != "---");
        lines.next().filter(|line| line.starts_with('#')).map(str::to_owned)
    };
    let after = comment(after);
    after.is_some() && comment(before) == after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_the_same_comment_was_made_by_the_same_command() {
        let made = "# Made by a program.\ngroups: []\n";
        assert!(is_same_origin("\n---\n# Made by a program.\ngroups:\n", made));
        assert!(!is_same_origin("# By hand.\n", made));
        assert!(!is_same_origin("groups: []\n", made));
        assert!(!is_same_origin("groups: []\n", "groups: []\n"), "nothing says who made it");
    }
}
