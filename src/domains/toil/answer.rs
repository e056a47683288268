//! The answer of `sre toil`: how much toil there is, whether it grows, and what is worth automating.
use super::{
    engine::{
        payback::{Payback, Task},
        share::{self, LEAST_MONTHS, Trend},
        work::{MonthStart, Share, Source, Work, shares},
    },
    hours,
    ledger::Group,
};
use crate::{
    domains::oncall::people::People,
    kernel::{
        report::{
            Block, Cell, Column, Form, Report, Table, Text, Verdict, significant_number, words,
        },
        spec::Optional as _,
        time::rfc3339,
        units::{Instant, Ratio},
    },
};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use std::collections::BTreeMap;

/// Toil of teams.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ToilAnswer {
    /// The instant up to which working hours are counted.
    as_of: String,
    /// The first month.
    from: String,
    /// The last month.
    to: String,
    /// Teams, and logs without one, by name.
    items: Vec<ToilItem>,
}

impl Form for ToilAnswer {
    const SCHEMA: &'static str = "sre/toil@1";
}

/// A team.
#[derive(Debug, Serialize, JsonSchema)]
struct ToilItem {
    /// The team, or the log of those who are in none.
    team: String,
    /// Whose working hours count.
    members: Vec<String>,
    /// The largest share that toil may take.
    cap: f64,
    /// How long a person works in a week. Unit: hours.
    work_week_hours: Option<Number>,
    /// The months, in order.
    months: Vec<MonthForm>,
    /// All months as one.
    total: MonthForm,
    /// How the share changes; null for fewer than four whole months with working hours.
    trend: Option<TrendForm>,
    /// People, by name; what is known of the team alone is nobody's.
    people: Vec<PersonForm>,
    /// Tasks: those whose automation pays back soonest first, then those that take most.
    tasks: Vec<TaskForm>,
}

/// Toil in a month.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ToilMonth")]
struct MonthForm {
    /// The month; null for all of them.
    month: Option<String>,
    /// Whether the month is not over.
    running: bool,
    /// Working hours. Unit: hours.
    work_hours: Option<Number>,
    /// Toil that was logged. Unit: hours.
    logged_hours: Option<Number>,
    /// Toil of runbooks. Unit: hours.
    runbook_hours: Option<Number>,
    /// Toil of pages. Unit: hours.
    page_hours: Option<Number>,
    /// All toil. Unit: hours.
    toil_hours: Option<Number>,
    /// The share of working hours; null where nobody works.
    share: Option<Number>,
    /// Whether that is above the cap.
    over_cap: Option<bool>,
}

/// How the share changes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ToilTrend")]
struct TrendForm {
    /// The median change per month; 0.01 is one percentage point.
    per_month: Option<Number>,
    /// Kendall's tau: 1 where every month is above all before it, −1 where it is below.
    agreement: Option<Number>,
}

/// Toil of a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ToilPerson")]
struct PersonForm {
    /// Who; null for what is known of the team alone.
    person: Option<String>,
    /// Working hours. Unit: hours.
    work_hours: Option<Number>,
    /// Toil. Unit: hours.
    toil_hours: Option<Number>,
    /// The share of working hours.
    share: Option<Number>,
}

/// A task.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ToilTask")]
struct TaskForm {
    /// What is done.
    task: String,
    /// How often.
    count: u64,
    /// How long altogether. Unit: hours.
    hours: Option<Number>,
    /// How long each month. Unit: hours.
    hours_per_month: Option<Number>,
    /// What it would take to automate it; null where nobody has said. Unit: hours.
    effort_hours: Option<Number>,
    /// What automating it would save each month. Unit: hours.
    saves_per_month_hours: Option<Number>,
    /// After how many months the effort is back; null where that is not known, or never.
    pays_back_after_months: Option<Number>,
    /// What is won in the first year, the effort taken off. Unit: hours.
    first_year_hours: Option<Number>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The months, in order.
    pub months: Vec<MonthStart>,
    /// What is left out.
    pub without: Vec<Source>,
    /// The present moment: working hours of the running month end with its day.
    pub now: Instant,
    /// Whether more toil than the cap allows makes the run fail.
    pub fails: bool,
}

/// A team, computed.
struct Computed<'g> {
    group: &'g Group<'g>,
    shares: Vec<Share>,
    months: Vec<share::Month>,
    total: share::Month,
    trend: Option<Trend>,
}

/// The answer.
pub fn report(groups: &[Group<'_>], people: &People, asked: &Asked) -> Report {
    let computed: Vec<Computed<'_>> =
        groups.iter().map(|group| compute(group, people, asked)).collect();
    let name = |month: Option<&MonthStart>| {
        month.map(|month| month.format("%Y-%m").to_string()).unwrap_or_default()
    };
    let answer = ToilAnswer {
        as_of: rfc3339(asked.now),
        from: name(asked.months.first()),
        to: name(asked.months.last()),
        items: computed.iter().map(|one| item(one, people, asked)).collect(),
    };
    let mut report = Report::of(&answer);
    let mut over = false;
    for one in &computed {
        over |= share::is_over(one.total, one.group.cap) == Some(true);
        report = report.blocks(blocks(one, people, asked));
    }
    let verdict = if over && asked.fails { Verdict::Found } else { Verdict::Pass };
    report.verdict(verdict)
}

fn compute<'g>(group: &'g Group<'g>, people: &People, asked: &Asked) -> Computed<'g> {
    let wanted: Vec<Work> =
        group.work.iter().filter(|work| !asked.without.contains(&work.source)).cloned().collect();
    let mut shares = shares(&wanted);
    shares.retain(|share| asked.months.contains(&share.month));
    let today = asked.now.date_naive();
    let month = |month: &MonthStart| share::Month {
        toil: hours_of(shares.iter().filter(|share| share.month == *month)),
        work: work_of(group, people, std::slice::from_ref(month), today),
    };
    let months: Vec<share::Month> = asked.months.iter().map(month).collect();
    // A month that is not over has no share that could be held against others.
    let whole = asked.months.iter().zip(&months).filter(|(month, _)| !is_running(**month, today));
    let trend = share::trend(&whole.map(|(_, month)| month.share()).collect::<Vec<_>>());
    Computed { group, total: share::total(&months), shares, months, trend }
}

fn is_running(month: MonthStart, today: NaiveDate) -> bool {
    super::spec::Month::of(month).last() >= today
}

fn hours_of<'s>(shares: impl Iterator<Item = &'s Share>) -> f64 {
    shares.map(|share| share.milliseconds as f64 / 3_600_000.0).sum()
}

/// Working hours of all members in some months.
fn work_of(group: &Group<'_>, people: &People, months: &[MonthStart], today: NaiveDate) -> f64 {
    let of = |person: &String| -> f64 {
        months.iter().map(|month| hours::in_month(people, person, *month, today, group.week)).sum()
    };
    group.members.iter().map(of).sum()
}

fn number(value: f64) -> Option<Number> {
    significant_number(value)
}

fn item(one: &Computed<'_>, people: &People, asked: &Asked) -> ToilItem {
    let group = one.group;
    let today = asked.now.date_naive();
    let months = asked.months.iter().zip(&one.months).map(|(start, month)| {
        let own: Vec<&Share> = one.shares.iter().filter(|share| share.month == *start).collect();
        month_form(Some(*start), *month, &own, group.cap, today)
    });
    let all: Vec<&Share> = one.shares.iter().collect();
    ToilItem {
        team: group.name.clone(),
        members: group.members.iter().cloned().collect(),
        cap: group.cap.as_f64(),
        work_week_hours: number(group.week.seconds() / 3600.0),
        months: months.collect(),
        total: month_form(None, one.total, &all, group.cap, today),
        trend: one.trend.map(|trend| TrendForm {
            per_month: number(trend.per_month),
            agreement: number(trend.agreement),
        }),
        people: by_person(one, people, asked)
            .into_iter()
            .map(|(person, month)| PersonForm {
                work_hours: person.is_some().then(|| number(month.work)).flatten(),
                person,
                toil_hours: number(month.toil),
                share: month.share().and_then(number),
            })
            .collect(),
        tasks: tasks(one, asked).into_iter().map(|task| task_form(&task)).collect(),
    }
}

fn month_form(
    start: Option<MonthStart>,
    month: share::Month,
    shares: &[&Share],
    cap: Ratio,
    today: NaiveDate,
) -> MonthForm {
    let of = |source: Source| {
        number(hours_of(shares.iter().copied().filter(|share| share.source == source)))
    };
    MonthForm {
        month: start.map(|start| start.format("%Y-%m").to_string()),
        running: start.is_some_and(|start| is_running(start, today)),
        work_hours: number(month.work),
        logged_hours: of(Source::Logged),
        runbook_hours: of(Source::Runbook),
        page_hours: of(Source::Page),
        toil_hours: number(month.toil),
        share: month.share().and_then(number),
        over_cap: share::is_over(month, cap),
    }
}

/// Toil and working hours of each member, and what is known of the team alone.
fn by_person(
    one: &Computed<'_>,
    people: &People,
    asked: &Asked,
) -> Vec<(Option<String>, share::Month)> {
    let today = asked.now.date_naive();
    let mut found: BTreeMap<Option<String>, share::Month> = BTreeMap::new();
    for person in &one.group.members {
        let months = asked.months.iter();
        let work = months
            .map(|month| hours::in_month(people, person, *month, today, one.group.week))
            .sum();
        found.insert(Some(person.clone()), share::Month { toil: 0.0, work });
    }
    for share in &one.shares {
        let entry =
            found.entry(share.person.clone()).or_insert(share::Month { toil: 0.0, work: 0.0 });
        entry.toil += share.milliseconds as f64 / 3_600_000.0;
    }
    // What is nobody's comes last.
    let mut all: Vec<_> = found.into_iter().collect();
    all.sort_by_key(|(person, _)| person.is_none());
    all
}

/// A task, computed.
struct TaskLine {
    task: String,
    count: u64,
    hours: f64,
    effort: Option<f64>,
    payback: Payback,
}

/// Tasks in the order in which they are worth automating.
fn tasks(one: &Computed<'_>, asked: &Asked) -> Vec<TaskLine> {
    let today = asked.now.date_naive();
    let mut sums: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
    for share in &one.shares {
        let entry = sums.entry(share.task.as_str()).or_default();
        entry.0 += u64::from(share.count);
        entry.1 += share.milliseconds as f64 / 3_600_000.0;
    }
    // Of the running month the part that has passed: 30.44 days are a month, the mean of the calendar.
    let first = asked.months.first().copied().unwrap_or(today);
    let last = asked.months.last().map_or(today, |month| super::spec::Month::of(*month).last());
    let days = (last.min(today) - first).num_days() + 1;
    let months = (days as f64 / 30.44).max(1.0 / 30.44);
    let mut lines: Vec<TaskLine> = sums
        .into_iter()
        .map(|(task, (count, hours))| {
            let automation = one.group.automation.get(task);
            let hours_in = |duration: crate::kernel::units::Duration| duration.seconds() / 3600.0;
            let effort = automation.and_then(|one| one.effort.get().copied()).map(hours_in);
            let leaves = automation.and_then(|one| one.leaves.value().copied());
            let upkeep = automation.and_then(|one| one.upkeep.value().copied()).map(hours_in);
            let payback = Task {
                hours,
                months,
                effort,
                leaves: leaves.map_or(0.0, Ratio::as_f64),
                upkeep: upkeep.unwrap_or(0.0),
            }
            .payback();
            TaskLine { task: task.to_owned(), count, hours, effort, payback }
        })
        .collect();
    lines.sort_by(|one, other| {
        let soon = |line: &TaskLine| line.payback.after_months.unwrap_or(f64::INFINITY);
        soon(one)
            .total_cmp(&soon(other))
            .then(other.hours.total_cmp(&one.hours))
            .then_with(|| one.task.cmp(&other.task))
    });
    lines
}

fn task_form(line: &TaskLine) -> TaskForm {
    TaskForm {
        task: line.task.clone(),
        count: line.count,
        hours: number(line.hours),
        hours_per_month: number(line.payback.per_month),
        effort_hours: line.effort.and_then(number),
        saves_per_month_hours: line.effort.and_then(|_| number(line.payback.saves)),
        pays_back_after_months: line.payback.after_months.and_then(number),
        first_year_hours: line.payback.first_year.and_then(number),
    }
}

fn blocks(one: &Computed<'_>, people: &People, asked: &Asked) -> Vec<Block> {
    let group = one.group;
    let today = asked.now.date_naive();
    let mut table = Table::new().main().title(Text::new().name(group.name.clone())).columns([
        Column::new("Team").for_machines(),
        Column::new("Month"),
        Column::new("Working hours").key("work_hours"),
        Column::new("Logged").key("logged_hours").priority(2),
        Column::new("Runbooks").key("runbook_hours").priority(2),
        Column::new("Pages").key("page_hours").priority(2),
        Column::new("Toil").key("toil_hours"),
        Column::new("Share"),
        Column::new("State"),
    ]);
    let all: Vec<&Share> = one.shares.iter().collect();
    for (start, month) in asked.months.iter().zip(&one.months) {
        let own: Vec<&Share> = all.iter().copied().filter(|share| share.month == *start).collect();
        table.push(row(group, Some(*start), *month, &own, today));
    }
    table.push(row(group, None, one.total, &all, today));
    let mut blocks =
        vec![table.into(), Block::paragraph(basis(group)), Block::paragraph(course(one))];
    let persons = by_person(one, people, asked);
    if persons.iter().any(|(_, month)| month.toil > 0.0) {
        blocks.push(people_table(group, &persons).into());
    }
    let tasks = tasks(one, asked);
    if !tasks.is_empty() {
        blocks.push(task_table(&tasks).into());
    }
    blocks
}

fn row(
    group: &Group<'_>,
    start: Option<MonthStart>,
    month: share::Month,
    shares: &[&Share],
    today: NaiveDate,
) -> Vec<Cell> {
    let of = |source: Source| {
        Cell::number(hours_of(shares.iter().copied().filter(|share| share.source == source)), 1)
    };
    let running = start.is_some_and(|start| is_running(start, today));
    let name = start.map_or("all".to_owned(), |start| start.format("%Y-%m").to_string());
    vec![
        Cell::text(group.name.as_str()),
        Cell::text(if running { format!("{name} so far") } else { name }),
        Cell::number(month.work, 0),
        of(Source::Logged),
        of(Source::Runbook),
        of(Source::Page),
        Cell::number(month.toil, 1),
        match month.share() {
            Some(share) => Cell::percent_against(share, &[group.cap.as_f64()]),
            None => Cell::Missing,
        },
        match share::is_over(month, group.cap) {
            None => Cell::unknown("no hours"),
            Some(true) => Cell::bad(format!("above {}", group.cap.percent())),
            Some(false) => Cell::good("ok"),
        },
    ]
}

/// What the shares rest on.
fn basis(group: &Group<'_>) -> Text {
    if group.members.is_empty() {
        return Text::new()
            .unknown("No working hours are known: name a `team`, or say who did it (`by`).");
    }
    Text::new().muted(format!(
        "Hours of {}, {}h a week, without weekends, holidays and absences.",
        words::plural(group.members.len() as u64, "person").replace("persons", "people"),
        words::number(group.week.seconds() / 3600.0, 0)
    ))
}

/// Where it goes.
fn course(one: &Computed<'_>) -> Text {
    let Some(trend) = one.trend else {
        return Text::new().muted(format!(
            "No trend: it takes {LEAST_MONTHS} whole months with working hours to tell one from chance."
        ));
    };
    let points = trend.per_month * 100.0;
    // Half of the pairs of months agree: with six months that happens by chance once in seven times.
    if trend.agreement.abs() < 0.6 || points.abs() < 0.05 {
        Text::new().plain("It neither grows nor shrinks for sure.")
    } else if points > 0.0 {
        Text::new()
            .warning(format!("It grows by {} percentage points a month.", words::number(points, 1)))
    } else {
        Text::new()
            .good(format!("It shrinks by {} percentage points a month.", words::number(-points, 1)))
    }
}

fn people_table(group: &Group<'_>, people: &[(Option<String>, share::Month)]) -> Table {
    let mut table = Table::new().title("By person").columns([
        Column::new("Person"),
        Column::new("Working hours"),
        Column::new("Toil"),
        Column::new("Share"),
    ]);
    for (person, month) in people {
        table.push(vec![
            match person {
                Some(person) => Cell::name(person.clone()),
                None => Cell::muted("somebody in the team"),
            },
            if person.is_some() { Cell::number(month.work, 0) } else { Cell::Missing },
            Cell::number(month.toil, 1),
            match month.share() {
                Some(share) if share > group.cap.as_f64() => {
                    Cell::percent(share).styled(crate::kernel::report::Style::Bad)
                }
                Some(share) => Cell::percent(share),
                None => Cell::Missing,
            },
        ]);
    }
    table
}

fn task_table(tasks: &[TaskLine]) -> Table {
    let mut table = Table::new().title("What is worth automating").columns([
        Column::new("Task").middle(),
        Column::new("Times"),
        Column::new("Hours"),
        Column::new("Hours a month").priority(2),
        Column::new("Effort").priority(1),
        Column::new("Paid back after"),
        Column::new("Won in a year").priority(1),
    ]);
    for line in tasks {
        table.push(vec![
            Cell::name(line.task.clone()),
            Cell::count(line.count),
            Cell::number(line.hours, 1),
            Cell::number(line.payback.per_month, 1),
            line.effort.map(|effort| Cell::text(format!("{}h", words::number(effort, 0)))).into(),
            match (line.effort, line.payback.after_months) {
                (_, Some(months)) => Cell::good(format!("{} months", words::number(months, 1))),
                (Some(_), None) => Cell::warning("never"),
                (None, None) => Cell::Missing,
            },
            line.payback
                .first_year
                .map(|won| Cell::text(format!("{}h", words::number(won, 0))))
                .into(),
        ]);
    }
    table
}
