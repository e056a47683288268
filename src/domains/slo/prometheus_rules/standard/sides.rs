//! What is recorded of an indicator: how many events a window had, and how many of them were bad.
use super::{super::names::TOTAL, identity::Identity};
use crate::{
    domains::slo::queries::{Question, Side},
    kernel::{
        measure::server::{Part, with_window},
        units::Duration,
    },
};

/// The value of the labels of whatever is beyond the cap.
const OTHERS: &str = "other";

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
    most_groups: Option<u32>,
}

impl Sides {
    /// What an indicator asks, once for each combination of the values of these labels: for so many of
    /// them, those with the most events, and once for all others together.
    pub(super) fn of(question: &Question, group_by: &[&str], most_groups: Option<u32>) -> Self {
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
            most_groups: most_groups.filter(|_| !group_by.is_empty()),
        }
    }

    /// Labels by which series of the same objective are told apart, as an operator matches them:
    /// `on (route)`.
    pub(super) fn matching(&self) -> String {
        format!("on ({})", self.group_by.join(", "))
    }

    /// All events of the window.
    pub(super) fn total(&self, window: Duration) -> String {
        let total = self.counted(&self.total, window);
        let Some(most) = self.most_groups else { return total };
        let top = format!("topk({most}, {total})");
        let others = self.others(&format!("(sum({total}) - sum({top})) > 0"));
        format!("{top}\nor\n{others}")
    }

    /// The bad events of the window, where [`Self::total`] is recorded for the same objective.
    pub(super) fn bad(&self, window: Duration, identity: &Identity) -> String {
        let on = self.matching();
        let total = format!("{TOTAL}{window}{}", identity.selector());
        let part = |text: &str| {
            let text = self.counted(text, window);
            let text = if self.most_groups.is_some() {
                let top = format!("({text}\nand {on}\n{total})");
                let others = self.others(&format!("sum({text})\n- (sum{top} or vector(0))"));
                format!("(\n{top}\nor\n{others}\n)\nand {on}\n{total}")
            } else {
                text
            };
            format!("{text}\nor {on}\n0 * {total}")
        };
        match &self.part {
            Part::Bad(text) => part(text),
            Part::Good(text) => {
                format!("clamp_min(\n{total}\n- {on}\n(\n{}\n),\n0)", part(text))
            }
        }
    }

    /// A number without labels as that of all groups beyond the cap.
    fn others(&self, number: &str) -> String {
        self.group_by.iter().fold(format!("({number})"), |text, label| {
            format!("label_replace({text}, \"{label}\", \"{OTHERS}\", \"\", \"\")")
        })
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
