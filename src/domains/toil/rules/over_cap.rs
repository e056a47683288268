//! A team logs more toil than its cap allows.
use crate::{
    domains::{
        oncall::people::People,
        toil::{
            engine::{share, work::shares},
            hours, ledger,
            spec::ToilLog,
        },
    },
    kernel::{
        diagnostic::{
            Finding, Level, Rule,
            rule::{Check, Context},
        },
        report::words,
        spec::Field,
    },
};

pub(super) static RULE: Rule = Rule {
    code: "TOI005",
    name: "toil-over-cap",
    level: Level::Warning,
    fixable: false,
    page: include_str!("toil-over-cap.md"),
    check: Check::Catalog(check),
};

/// Over how many whole months: one bad month is none of a team's habit.
const MONTHS: u32 = 3;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let people = People::of(context.catalog);
    // Transcripts are files that rules do not read, and pages may be none of its toil: what was logged is enough.
    for group in ledger::groups(context.catalog, &[], &[]) {
        let today = context.now.date_naive();
        let Some(last) = ledger::months(today, 2).first().copied() else { continue };
        let months = ledger::months(last, MONTHS);
        let all = shares(&group.work);
        let logged = all.iter().filter(|share| months.contains(&share.month));
        let toil = logged.map(|share| share.milliseconds as f64 / 3_600_000.0).sum();
        let hours = |person: &String| -> f64 {
            let each = months.iter();
            each.map(|month| hours::in_month(&people, person, *month, today, group.week)).sum()
        };
        let total = share::Month { toil, work: group.members.iter().map(hours).sum() };
        let (Some(true), Some(part)) = (share::is_over(total, group.cap), total.share()) else {
            continue;
        };
        let logs = context.catalog.iter::<ToilLog>();
        let own = logs.filter(|(document, log)| {
            let team = log.team.as_ref().and_then(Field::get).map(crate::kernel::spec::Ref::name);
            team.unwrap_or(document.name()) == group.name
        });
        let Some((document, _)) = own.last() else { continue };
        let message = format!(
            "{} of the working hours of `{}` were toil in the last {MONTHS} months, above {}",
            words::percent_against(part, &[group.cap.as_f64()]),
            group.name,
            group.cap.percent()
        );
        findings.push(
            Finding::new(&RULE, document.name_place(), message)
                .help("`sre toil` says what is worth automating"),
        );
    }
}
