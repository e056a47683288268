//! Guards of tiers, chosen by what was measured.
use super::super::Exporting;
use crate::{
    cli::{
        Failure, Session, Workspace,
        measured::{self, Measuring, Replaying},
    },
    domains::slo::{
        assess::Assessment,
        guards::{self, Choice},
        resolve::ResolvedObjective,
    },
    kernel::units::{Duration, Instant},
};
use rayon::prelude::*;
use std::{collections::BTreeMap, path::PathBuf};

/// The steps in which servers are asked.
const SERVER_STEP: Duration = Duration::from_minutes(1);

/// Flags that say where traffic is measured.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Guards by traffic")]
pub(super) struct TrafficFlags {
    /// Measures the traffic of the objectives, and gives the tiers that chance alone would set off a guard:
    /// the one that costs the least time until a total outage is told of.
    #[arg(long)]
    pub(super) guard_by_traffic: bool,
    /// Reads this file (or `-`) instead of the sources that the documents name; may be repeated.
    #[arg(long, value_name = "PATH", requires = "guard_by_traffic")]
    data: Vec<PathBuf>,
    /// Asks this server instead of the ones that the documents name.
    #[arg(long, value_name = "URL", requires = "guard_by_traffic")]
    prometheus: Option<String>,
    /// Runs the programs that data sources name (`command`).
    #[arg(long, requires = "guard_by_traffic")]
    allow_command: bool,
    /// The end of the time that is looked at; else the end of the data, or the present where a server is
    /// asked.
    #[arg(long, value_name = "INSTANT", value_parser = crate::cli::arguments::instant, requires = "guard_by_traffic")]
    at: Option<Instant>,
}

impl TrafficFlags {
    /// The choices for each objective, by its name; nothing where they are not asked for. What cannot be
    /// measured is told, and keeps its tiers.
    ///
    /// # Errors
    /// As measuring: if a source does not exist or is not what it should be.
    pub(super) fn choose(
        &self,
        exporting: &Exporting,
        session: &mut Session<'_, '_>,
        workspace: &Workspace,
        objectives: &[Vec<ResolvedObjective<'_>>],
    ) -> Result<BTreeMap<String, Vec<Choice>>, Failure> {
        if !self.guard_by_traffic {
            return Ok(BTreeMap::new());
        }
        let first = objectives.iter().filter_map(|windows| windows.first());
        let tiers = first.flat_map(|objective| &objective.alerting.tiers);
        let history = tiers.map(|tier| tier.long).max().unwrap_or_default();
        let measuring = Measuring {
            data: self.data.clone(),
            prometheus: self.prometheus.clone(),
            allow_command: self.allow_command,
            at: self.at,
            replaying: Some(Replaying {
                step: None,
                server_step: SERVER_STEP,
                length: None,
                history,
            }),
            ..exporting.measuring()
        };
        let chosen = measured::choose(&measuring, session, workspace)?;
        let mut assessments = measured::assess(&measuring, session, workspace, &chosen)?;
        assessments.retain(|assessment| assessment.objective.first_window);
        for assessment in &assessments {
            if let Err(unknown) = &assessment.outcome {
                let name = assessment.objective.document.name();
                session.warn(&format!(
                    "warning: `{name}` keeps its tiers as they are: {}",
                    unknown.reason
                ));
            }
        }
        let choices: Vec<(&str, Vec<Choice>)> = assessments
            .par_iter()
            .filter_map(|assessment| {
                Some((assessment.objective.document.name(), of_tiers(assessment)?))
            })
            .collect();
        let mut by_name: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
        for (name, choices) in choices {
            // Of several groups, the one with the least traffic decides.
            let mean = |choices: &[Choice]| choices.first().and_then(|choice| choice.mean_events);
            let known = by_name.entry(name.to_owned()).or_default();
            if known.is_empty() || mean(&choices) < mean(known) {
                *known = choices;
            }
        }
        Ok(by_name)
    }
}

fn of_tiers(assessment: &Assessment<'_>) -> Option<Vec<Choice>> {
    let reading = assessment.reading()?;
    let objective = &assessment.objective;
    let choose =
        |tier| guards::choose(tier, objective.objective, objective.budgeting, &reading.series);
    Some(objective.alerting.tiers.iter().map(choose).collect())
}
