//! The answer of `sre backtest`: what alerts would have said of the past, and what that was worth.
mod form;
pub mod plot;

pub use form::BacktestAnswer;

use super::{close, words as shared};
use crate::{
    domains::slo::{
        backtested::{Backtest, Backtested, Night},
        engine::backtest::{
            Firing,
            expectation::{FalsePages, Method},
            incidents::{Definition, GAP, Incident},
            score::{Score, Verdict as Seen, behind},
        },
        model::Severity,
    },
    kernel::{
        report::{Block, Cell, Column, Report, Table, Text, Verdict, words},
        time::Zone,
        units::Duration,
    },
};
use chrono::TimeDelta;
use std::str::FromStr;

/// How replays are told of.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'t> {
    /// The zone in which times are shown, and whose night it is.
    pub zone: &'t Zone,
    /// The hours of the night.
    pub night: Night,
    /// What counts as an incident.
    pub truth: Truth,
    /// What makes the run fail.
    pub fail_on: BacktestFailOn,
}

/// What counts as an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// What somebody wrote down.
    Given,
    /// What is found in the measurements.
    Found(Definition),
}

/// What makes a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BacktestFailOn {
    /// An incident that no alert tells of.
    Missed,
    /// A page that no incident is behind.
    False,
    /// Nothing.
    #[default]
    Never,
}

impl BacktestFailOn {
    /// The words, as flags have them.
    pub const NAMES: [&'static str; 3] = ["missed", "false", "never"];

    /// What a replay of an objective's own policy means for whoever waits.
    fn verdict(self, tested: &Backtested<'_, '_>) -> Verdict {
        let own = tested.policies.first();
        let pages = |one: &Backtest| one.replay.alerts.iter().any(|alert| alert.judged.is_some());
        match (self, own.filter(|own| pages(own))) {
            (Self::Never, _) => Verdict::Pass,
            (_, None) => Verdict::Undecided,
            (Self::Missed, Some(own)) => {
                let seen = Incidents::of(tested, own);
                if seen.missed > 0 {
                    Verdict::Found
                } else if seen.not_judged > 0 {
                    Verdict::Undecided
                } else {
                    Verdict::Pass
                }
            }
            (Self::False, Some(own)) => {
                let alerts = own.replay.alerts.iter().zip(&own.alerts);
                let is_false = |(alert, score): (
                    &crate::domains::slo::engine::backtest::AlertReplay,
                    &Score,
                )| {
                    alert.severity == Severity::Page && score.false_firings > 0
                };
                if alerts.into_iter().any(is_false) { Verdict::Found } else { Verdict::Pass }
            }
        }
    }
}

impl FromStr for BacktestFailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "missed" => Ok(Self::Missed),
            "false" => Ok(Self::False),
            "never" => Ok(Self::Never),
            _ => Err(format!("`{text}` is not one of {}", Self::NAMES.join(", "))),
        }
    }
}

/// How many incidents the alerts of a policy tell of.
#[derive(Clone, Copy, Debug, Default)]
struct Incidents {
    all: usize,
    /// None of its alerts tells of them.
    missed: usize,
    /// None does, and not all can be judged.
    not_judged: usize,
}

impl Incidents {
    fn of(tested: &Backtested<'_, '_>, policy: &Backtest) -> Self {
        let mut counts = Self { all: tested.incidents.len(), ..Self::default() };
        for at in 0..counts.all {
            let seen = || policy.alerts.iter().filter_map(|score| score.incidents.get(at));
            if seen().any(|seen| matches!(seen, Seen::Detected(_))) {
                continue;
            }
            // Without alerts nothing is judged either.
            let is_missed = seen().count() > 0 && seen().all(|seen| *seen == Seen::Missed);
            *(if is_missed { &mut counts.missed } else { &mut counts.not_judged }) += 1;
        }
        counts
    }
}

/// Whether there are alerts, or might be, and none of them is judged at any moment.
fn is_nothing_judged(tested: &[Backtested<'_, '_>]) -> bool {
    let alerts =
        || tested.iter().flat_map(|one| &one.policies).flat_map(|policy| &policy.replay.alerts);
    let unmeasured = tested.iter().any(|one| one.policies.is_empty());
    (unmeasured || alerts().next().is_some()) && alerts().all(|alert| alert.judged.is_none())
}

/// The answer for these objectives, in their order. `chart` is shown below its numbers.
pub fn report(tested: &[Backtested<'_, '_>], terms: &Terms<'_>, chart: Vec<Block>) -> Report {
    // Whoever replays alerts asks what they would have said, whatever is to fail.
    let nothing = if is_nothing_judged(tested) { Verdict::Undecided } else { Verdict::Pass };
    let verdict: Verdict = tested.iter().map(|one| terms.fail_on.verdict(one)).collect();
    let rows = Rows::of(tested);
    let report = Report::of(&BacktestAnswer::of(tested, terms))
        .verdict(verdict.and(nothing))
        .block(Block::paragraph(headline(tested)))
        .block(scores(tested, terms, rows))
        .blocks(chart);
    let tables = [incidents(tested, terms, rows), firings(tested, terms, rows)];
    let report = tables.into_iter().flatten().fold(report, Report::block);
    report.blocks(remarks(tested, terms, rows))
}

/// What has to be said to tell the rows of a table apart.
#[derive(Clone, Copy)]
struct Rows {
    /// Several policies are compared.
    policies: bool,
    /// One objective is looked at, so that there is room for its tiers.
    tiers: bool,
}

impl Rows {
    fn of(tested: &[Backtested<'_, '_>]) -> Self {
        Self { policies: tested.iter().any(|one| one.policies.len() > 1), tiers: tested.len() == 1 }
    }

    fn columns(self) -> Vec<Column> {
        let mut columns = vec![Column::new("SLO").middle().min_width(16)];
        if self.policies {
            columns.push(Column::new("Policy").middle().min_width(10));
        }
        columns
    }

    fn cells(self, one: &Backtested<'_, '_>, policy: &Backtest) -> Vec<Cell> {
        let mut cells = vec![Cell::name(close::name(one.assessment))];
        if self.policies {
            cells.push(Cell::text(policy.name.clone()));
        }
        cells
    }
}

fn headline(tested: &[Backtested<'_, '_>]) -> Text {
    let own = || tested.iter().filter_map(|one| Some((one, one.policies.first()?)));
    let alerts = || own().flat_map(|(_, policy)| policy.replay.alerts.iter().zip(&policy.alerts));
    let pages = || alerts().filter(|(alert, _)| alert.severity == Severity::Page);
    let (mut fired, mut wrong) = (0, 0);
    for (_, score) in pages() {
        fired += score.firings as u64;
        wrong += score.false_firings as u64;
    }
    let mut seen = Incidents::default();
    for (one, policy) in own() {
        let Incidents { all, missed, not_judged } = Incidents::of(one, policy);
        seen.all += all;
        seen.missed += missed;
        seen.not_judged += not_judged;
    }
    let mut text = format!("{} replayed: ", words::plural(tested.len() as u64, "objective"));
    if is_nothing_judged(tested) {
        text += "nothing can be judged";
    } else if pages().next().is_some() && pages().all(|(alert, _)| alert.judged.is_none()) {
        text += "whether it pages cannot be judged";
    } else {
        text += &words::plural(fired, "page");
        text += &match (fired, wrong) {
            (0, _) => String::new(),
            (_, 0) => ", none of them false".to_owned(),
            _ => format!(", {} of them false", words::thousands(wrong)),
        };
    }
    text += "; ";
    text += &words::plural(seen.all as u64, "incident");
    if seen.all > 0 && seen.missed == 0 && seen.not_judged == 0 {
        text += ", none missed";
    }
    for (count, what) in [(seen.missed, "missed"), (seen.not_judged, "not judged")] {
        if count > 0 {
            text += &format!(", {} {what}", words::thousands(count as u64));
        }
    }
    Text::new().plain(text)
}

/// How well each alert tells of incidents.
fn scores(tested: &[Backtested<'_, '_>], terms: &Terms<'_>, rows: Rows) -> Table {
    let mut table = Table::new().main().columns(rows.columns()).columns([
        Column::new("Alert"),
        // What the name of a tier mostly says.
        Column::new("Windows").for_machines(),
        Column::new("Fired"),
        Column::new("In 30d").key("per_month").priority(1),
        Column::new("Night").key("at_night").priority(3),
        Column::new("False"),
        Column::new("Recall"),
        Column::new("Detection").key("detection_median_seconds"),
        Column::new("Worst").key("detection_worst_seconds").priority(2),
        Column::new("Reset").key("reset_median_seconds").priority(4),
        Column::new("Spent").key("budget_spent_before").priority(6),
    ]);
    for one in tested {
        for policy in &one.policies {
            let replay = &policy.replay;
            for (alert, score) in replay.alerts.iter().zip(&policy.alerts) {
                let mut cells = rows.cells(one, policy);
                cells.push(Cell::text(Text::new().strong(alert.severity.name())));
                cells.push(Cell::Missing);
                let known = (alert.judged.is_some(), alert.per_month(replay));
                cells.extend(score_cells(score, known, &alert.firings, terms));
                table.push(cells);
                let of_it = replay.tiers.iter().zip(&policy.tiers);
                for (tier, score) in of_it.filter(|(one, _)| one.tier.severity == alert.severity) {
                    if !rows.tiers {
                        continue;
                    }
                    let mut cells = rows.cells(one, policy);
                    cells.push(Cell::text(tier.tier.name.clone()));
                    cells.push(Cell::text(format!("{}/{}", tier.tier.long, tier.tier.short)));
                    let known = (tier.judged.is_ok(), tier.per_month(replay));
                    cells.extend(score_cells(score, known, &tier.firings, terms));
                    table.push(cells);
                }
            }
        }
    }
    table
}

fn score_cells(
    score: &Score,
    (is_judged, per_month): (bool, Option<f64>),
    firings: &[Firing],
    terms: &Terms<'_>,
) -> Vec<Cell> {
    if !is_judged {
        return std::iter::repeat_with(|| Cell::Missing).take(9).collect();
    }
    let (detection, reset) = (score.detection(), score.reset());
    let percent = |share: Option<f64>| share.map_or(Cell::Missing, Cell::percent);
    let counted = |count: usize| match count {
        0 => Cell::count(0),
        count => Cell::count(count as u64).styled(crate::kernel::report::Style::Warning),
    };
    vec![
        Cell::count(score.firings as u64),
        per_month.map_or(Cell::Missing, |count| Cell::number(count, 1)),
        Cell::count(terms.night.count(firings, terms.zone) as u64),
        counted(score.false_firings),
        percent(score.recall()),
        detection.map_or(Cell::Missing, |delays| delay(delays.median)),
        detection.map_or(Cell::Missing, |delays| delay(delays.worst)),
        reset.map_or(Cell::Missing, |delays| delay(delays.median)),
        percent(score.most_spent()),
    ]
}

/// A time that may be below zero.
fn delay(delay: TimeDelta) -> Cell {
    match u64::try_from(delay.num_milliseconds()) {
        Ok(milliseconds) => Cell::span(Duration::from_milliseconds(milliseconds)),
        Err(_) => Cell::text(format!("-{}", words::span_short(length(-delay)))),
    }
}

fn length(delta: TimeDelta) -> Duration {
    Duration::from_milliseconds(u64::try_from(delta.num_milliseconds()).unwrap_or(0))
}

/// Share of the budget that an incident spent.
fn spent(one: &Backtested<'_, '_>, incident: &Incident) -> Option<f64> {
    let allowed = one.policies.first()?.replay.allowed;
    let bad = one.assessment.reading()?.series.window(incident.from, incident.to).events.bad();
    (allowed > 0.0).then(|| bad.max(0.0) / allowed)
}

/// What an incident is called: its name, else its number.
fn called(incident: &Incident, at: usize) -> String {
    if incident.name.is_empty() { format!("#{}", at + 1) } else { incident.name.clone() }
}

/// What alerts say of each incident.
fn incidents(tested: &[Backtested<'_, '_>], terms: &Terms<'_>, rows: Rows) -> Option<Table> {
    let mut table = Table::new().columns(rows.columns()).columns([
        Column::new("Incident").middle(),
        Column::new("From"),
        Column::new("Lasted"),
        Column::new("Spent"),
        Column::new("Page"),
        Column::new("Ticket").priority(1),
    ]);
    for one in tested {
        for (at, incident) in one.incidents.iter().enumerate().take(SHOWN) {
            for policy in &one.policies {
                let mut cells = rows.cells(one, policy);
                cells.extend([
                    Cell::text(called(incident, at)),
                    Cell::text(shared::moment(incident.from, terms.zone)),
                    Cell::span(length(incident.to - incident.from)),
                    spent(one, incident).map_or(Cell::Missing, Cell::percent),
                ]);
                for severity in [Severity::Page, Severity::Ticket] {
                    let alerts = policy.replay.alerts.iter().zip(&policy.alerts);
                    let mut of_it = alerts.filter(|(alert, _)| alert.severity == severity);
                    let seen = of_it.next().and_then(|(_, score)| score.incidents.get(at));
                    cells.push(seen.map_or(Cell::Missing, |seen| seen_as(seen, incident)));
                }
                table.push(cells);
            }
        }
    }
    (!table.is_empty()).then_some(table)
}

fn seen_as(seen: &Seen, incident: &Incident) -> Cell {
    match seen {
        Seen::NotJudged => Cell::unknown("not judged"),
        Seen::Missed => Cell::bad("missed"),
        Seen::Detected(found) => match found.after {
            // It may have fired before it was looked at.
            None => {
                let most = words::span_short(length(found.at - incident.from));
                Cell::good(format!("within {most}"))
            }
            Some(after) if after.is_zero() => Cell::good("at once"),
            Some(after) => Cell::good(format!("after {}", words::span_short(length(after)))),
        },
    }
}

/// So many firings are shown; the machine forms have them all.
const SHOWN: usize = 20;

/// When alerts fire.
fn firings(tested: &[Backtested<'_, '_>], terms: &Terms<'_>, rows: Rows) -> Option<Table> {
    let mut table = Table::new().columns(rows.columns()).columns([
        Column::new("Alert"),
        Column::new("Fired from"),
        Column::new("Lasted"),
        Column::new("Spent").priority(1),
        Column::new("Because of").middle(),
    ]);
    for (one, policy, alert, firing) in each_firing(tested).take(SHOWN) {
        let mut cells = rows.cells(one, policy);
        let last = alert.judged.map_or(firing.from, |judged| judged.last);
        let behind: Vec<String> = behind(firing, last, alert.rests_on, &one.incidents)
            .filter_map(|at| Some(called(one.incidents.get(at)?, at)))
            .collect();
        let lasted = match firing.to {
            Some(to) => Cell::span(length(to - firing.from)),
            None => Cell::muted("still fires"),
        };
        cells.extend([
            Cell::text(alert.severity.name()),
            Cell::text(shared::moment(firing.from, terms.zone)),
            lasted,
            firing.spent.map_or(Cell::Missing, Cell::percent),
            match behind.as_slice() {
                [] => Cell::warning("nothing"),
                [one] => Cell::text(one.clone()),
                [one, rest @ ..] => Cell::text(format!("{one} and {} more", rest.len())),
            },
        ]);
        table.push(cells);
    }
    (!table.is_empty()).then_some(table)
}

/// All firings of all alerts, in the order in which they are shown.
fn each_firing<'t, 'x, 'a>(
    tested: &'t [Backtested<'x, 'a>],
) -> impl Iterator<
    Item = (
        &'t Backtested<'x, 'a>,
        &'t Backtest,
        &'t crate::domains::slo::engine::backtest::AlertReplay,
        &'t Firing,
    ),
> {
    tested.iter().flat_map(|one| {
        one.policies.iter().flat_map(move |policy| {
            policy.replay.alerts.iter().flat_map(move |alert| {
                alert.firings.iter().map(move |firing| (one, policy, alert, firing))
            })
        })
    })
}

fn remarks(tested: &[Backtested<'_, '_>], terms: &Terms<'_>, rows: Rows) -> Vec<Block> {
    let mut lines: Vec<Text> = Vec::new();
    let all = each_firing(tested).count();
    if all > SHOWN {
        lines.push(Text::new().plain(format!(
            "the first {SHOWN} of {} are shown; `--format json` has all",
            words::plural(all as u64, "firing")
        )));
    }
    for one in tested {
        let name = close::name(one.assessment);
        if one.incidents.len() > SHOWN {
            lines.push(Text::new().name(name.clone()).plain(format!(
                ": the first {SHOWN} of {} are shown; `--format json` has all",
                words::plural(one.incidents.len() as u64, "incident")
            )));
        }
        lines.extend(shared::why_unknown_of(one.assessment, name.clone()));
        for policy in &one.policies {
            let said = |text: String| {
                let whose =
                    if rows.policies { format!(" by {}", policy.name) } else { String::new() };
                Text::new().name(name.clone()).plain(format!("{whose}: {text}"))
            };
            let chance = policy.false_pages.map(|found| format!("; {}", expected(found, one)));
            lines.push(said(replayed(policy, terms) + &chance.unwrap_or_default()));
            for tier in &policy.replay.tiers {
                let of_tier = |text: &str| {
                    let what = format!("{}/{}", tier.tier.long, tier.tier.short);
                    said(format!("{} {what} {text}", tier.tier.severity.name()))
                };
                if let Err(reason) = tier.judged {
                    lines.push(of_tier(&format!("is not known: {reason}")));
                }
                if !tier.tier.can_fire(one.assessment.objective.objective.target()) {
                    lines.push(of_tier(
                        "cannot fire: a total outage burns no faster than its factor",
                    ));
                }
            }
        }
    }
    if let Truth::Found(Definition { share, gap }) = terms.truth {
        let gap = match gap {
            Some(gap) => gap.to_string(),
            None => format!("{GAP}, or than three times the usual time between events"),
        };
        lines.push(Text::new().plain(format!(
            "an incident is what spent more than {} of the budget, with no pause in its errors longer than {gap}",
            share.percent()
        )));
    }
    if lines.is_empty() { Vec::new() } else { vec![Block::list(lines)] }
}

/// Of which time that is.
fn replayed(policy: &Backtest, terms: &Terms<'_>) -> String {
    let Some((from, to)) = policy.replay.evaluated else {
        return "no moment can be evaluated".to_owned();
    };
    let mut text = format!(
        "evaluated every {} from {} to {}",
        policy.replay.interval,
        shared::moment(from, terms.zone),
        shared::moment(to, terms.zone),
    );
    if policy.replay.coverage < 1.0 {
        text += &format!("; {} of that time is measured", words::percent(policy.replay.coverage));
    }
    let unknown = |judged: Option<crate::domains::slo::engine::backtest::Judged>| {
        judged.map_or(0, |judged| judged.unknown)
    };
    let unknown = policy.replay.alerts.iter().map(|alert| unknown(alert.judged)).max().unwrap_or(0);
    if unknown > 0 {
        let length = policy.replay.interval.milliseconds().saturating_mul(unknown as u64);
        text += &format!(
            "; for {} nothing is measured in a window, and nothing fires",
            words::span_short(Duration::from_milliseconds(length))
        );
    }
    text
}

/// What chance makes likely, in a sentence.
fn expected(found: FalsePages, one: &Backtested<'_, '_>) -> String {
    let target = one.assessment.objective.objective.target().percent();
    let times = match found.method {
        Method::Bound => "fewer than 0.01 times".to_owned(),
        Method::Simulated { .. } if found.per_month < 0.05 => "fewer than 0.1 times".to_owned(),
        Method::Simulated { .. } => {
            let digits = usize::from(found.per_month < 9.95);
            format!("about {} times", words::number(found.per_month, digits))
        }
    };
    let alone = if found.lone_failure >= 0.5 { ", for one failure alone fires a tier" } else { "" };
    format!("if it met {target} exactly, chance alone would page {times} in 30d{alone}")
}
