//! What is recorded of an indicator: how many events a window had, and how many of them were bad.
use super::{super::names::TOTAL, identity::Identity};
use crate::{
    domains::slo::queries::{Question, Side},
    kernel::{
        measure::server::{Part, with_window},
        units::Duration,
    },
};

/// The PromQL of an indicator over any window.
///
/// Both sides are there whenever events are counted at all: a counter that never counted a bad event has
/// no series, and counts as none.
#[derive(Clone, Debug)]
pub(super) struct Sides {
    total: String,
    part: Part,
    per_second: bool,
    group_by: Vec<String>,
}

impl Sides {
    /// What an indicator asks, once for each combination of the values of these labels.
    pub(super) fn of(question: &Question, group_by: &[&str]) -> Self {
        let whole = |side: &Side| matches!(side, Side::Query { .. });
        let summed = |text: String, whole: bool| {
            // A whole query may leave labels that nobody asked for, and end with a comment.
            if whole { format!("{} (\n{text}\n)", sum_by(group_by)) } else { text }
        };
        let (total, part) = question.promql(group_by);
        let part_is_whole = whole(&question.part);
        Self {
            total: summed(total, whole(&question.total)),
            part: match part {
                Part::Good(text) => Part::Good(summed(text, part_is_whole)),
                Part::Bad(text) => Part::Bad(summed(text, part_is_whole)),
            },
            per_second: question.per_second(),
            group_by: group_by.iter().map(|label| (*label).to_owned()).collect(),
        }
    }

    /// Labels by which series of the same objective are told apart, as an operator matches them:
    /// `on (route)`.
    pub(super) fn matching(&self) -> String {
        format!("on ({})", self.group_by.join(", "))
    }

    /// All events of the window.
    pub(super) fn total(&self, window: Duration) -> String {
        self.counted(&self.total, window)
    }

    /// The bad events of the window, where [`Self::total`] is recorded for the same objective.
    pub(super) fn bad(&self, window: Duration, identity: &Identity) -> String {
        let on = self.matching();
        let total = format!("{TOTAL}{window}{}", identity.selector());
        match &self.part {
            Part::Bad(text) => {
                let bad = self.counted(text, window);
                format!("{bad}\nor {on}\n0 * {total}")
            }
            Part::Good(text) => {
                let good = self.counted(text, window);
                format!("clamp_min(\n{total}\n- {on}\n(\n{good}\nor {on}\n0 * {total}\n),\n0)")
            }
        }
    }

    /// A side as a number of events.
    fn counted(&self, text: &str, window: Duration) -> String {
        let text = with_window(text, window);
        if self.per_second { format!("{} * {text}", window.seconds()) } else { text }
    }
}

fn sum_by(group_by: &[&str]) -> String {
    if group_by.is_empty() { "sum".to_owned() } else { format!("sum by ({})", group_by.join(", ")) }
}
