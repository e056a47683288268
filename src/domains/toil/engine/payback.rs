//! What is worth automating: how soon the effort is back.

/// A task as it was done in some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    /// The time that it took altogether. Unit: hours.
    pub hours: f64,
    /// Over how many months. Not 0.
    pub months: f64,
    /// What it would take to automate it; `None` where nobody has said. Unit: hours.
    pub effort: Option<f64>,
    /// The share of the work that would be left over.
    pub leaves: f64,
    /// What it would take to keep it running. Unit: hours per month.
    pub upkeep: f64,
}

/// What automating a task would bring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Payback {
    /// What the task takes now. Unit: hours per month.
    pub per_month: f64,
    /// What automating it would save. Unit: hours per month; negative where the upkeep is more than the task.
    pub saves: f64,
    /// After how many months the effort is back; `None` where nobody has said what it takes, or it never is.
    pub after_months: Option<f64>,
    /// What is won in a year, the effort taken off; `None` where nobody has said what it takes. Unit: hours.
    pub first_year: Option<f64>,
}

impl Task {
    /// What automating it would bring, if it goes on as it did.
    pub fn payback(self) -> Payback {
        let per_month = self.hours / self.months;
        let saves = per_month * (1.0 - self.leaves) - self.upkeep;
        Payback {
            per_month,
            saves,
            after_months: self.effort.filter(|_| saves > 0.0).map(|effort| effort / saves),
            first_year: self.effort.map(|effort| 12.0 * saves - effort),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(effort: Option<f64>, leaves: f64, upkeep: f64) -> Payback {
        Task { hours: 24.0, months: 3.0, effort, leaves, upkeep }.payback()
    }

    #[test]
    fn effort_is_back_when_as_much_is_saved() {
        // Eight hours a month, of which a quarter is left and one hour goes into upkeep: five are saved.
        let found = task(Some(20.0), 0.25, 1.0);
        assert_eq!((found.per_month, found.saves), (8.0, 5.0));
        assert_eq!((found.after_months, found.first_year), (Some(4.0), Some(40.0)));
    }

    #[test]
    fn what_costs_more_than_it_saves_never_pays() {
        let found = task(Some(20.0), 0.0, 9.0);
        assert_eq!((found.after_months, found.first_year), (None, Some(-32.0)));
        let unknown = task(None, 0.0, 0.0);
        assert_eq!((unknown.after_months, unknown.first_year), (None, None));
    }
}
