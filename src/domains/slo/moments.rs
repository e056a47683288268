//! The moments at which a gate is asked about the past.
use super::{engine::gate::Moment, model::Window};
use crate::kernel::{
    time::Zone,
    units::{Duration, Instant},
};
use chrono::TimeDelta;

const DAY: Duration = Duration::from_days(1);

/// The moments at which something is looked at every `every`, after `from` and up to `to`, in order: at the end
/// of every day of the zone, or of every n-th one counted back from the last, where `every` is a whole
/// number of days; otherwise within each day, counted from its beginning.
pub fn moments(from: Instant, to: Instant, every: Duration, zone: &Zone) -> Vec<Instant> {
    let (Some(first), Some(after)) =
        (zone.local(from).date_naive().pred_opt(), zone.local(to).date_naive().succ_opt())
    else {
        return Vec::new();
    };
    let mut days: Vec<Instant> = first
        .iter_days()
        .take_while(|date| *date <= after)
        .map(|date| zone.first_instant_of_day(date))
        .collect();
    // A day that the zone left out begins with the next.
    days.dedup();
    let within = |at: &Instant| *at > from && *at <= to;
    if every.milliseconds().is_multiple_of(DAY.milliseconds()) {
        let each = usize::try_from(every.milliseconds() / DAY.milliseconds()).unwrap_or(usize::MAX);
        let ends: Vec<Instant> = days.into_iter().filter(within).collect();
        let mut chosen: Vec<Instant> = ends.into_iter().rev().step_by(each.max(1)).collect();
        chosen.reverse();
        return chosen;
    }
    let mut chosen = Vec::new();
    for day in days.windows(2) {
        let mut at = day[0];
        while at < day[1] {
            chosen.push(at);
            at += every.to_chrono();
        }
    }
    chosen.retain(within);
    chosen
}

/// A moment as an objective over that window is looked at: of a calendar, in the period that runs or, at
/// the moment in which one ends, in that one.
pub fn seen(at: Instant, window: &Window) -> Moment {
    let before = at.checked_sub_signed(TimeDelta::milliseconds(1)).unwrap_or(at);
    let period = window.calendar().map(|calendar| calendar.period(before));
    Moment { at, period: period.map(|period| (period.from, period.to)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(moments: &[Instant]) -> Vec<String> {
        moments.iter().map(|at| at.format("%dT%H:%M").to_string()).collect()
    }

    #[test]
    fn moments_are_the_ends_of_days() {
        let at = |text: &str| -> Instant { text.parse().unwrap() };
        let (from, to) = (at("2026-03-27T12:00:00Z"), at("2026-03-31T12:00:00Z"));
        let berlin = Zone::get("Europe/Berlin").unwrap();
        let each = |every: &str| texts(&moments(from, to, every.parse().unwrap(), &berlin));
        // Summer time begins on the 29th.
        assert_eq!(each("1d"), ["27T23:00", "28T23:00", "29T22:00", "30T22:00"]);
        assert_eq!(each("2d"), ["28T23:00", "30T22:00"]);
        let (from, to) = (at("2026-03-28T22:00:00Z"), at("2026-03-29T23:00:00Z"));
        let each = |every: &str| texts(&moments(from, to, every.parse().unwrap(), &berlin));
        assert_eq!(each("8h"), ["28T23:00", "29T07:00", "29T15:00", "29T22:00"]);
        // Samoa left out 2011-12-30: one end of two days.
        let (from, to) = (at("2011-12-29T00:00:00Z"), at("2011-12-31T12:00:00Z"));
        let apia = Zone::get("Pacific/Apia").unwrap();
        assert_eq!(texts(&moments(from, to, DAY, &apia)), ["29T10:00", "30T10:00", "31T10:00"]);
    }
}
