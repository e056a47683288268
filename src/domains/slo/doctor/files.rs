//! What was read from files, judged.
use super::Finding;
use crate::kernel::{
    measure::{Lines, ReadReport},
    report::words,
    units::{Duration, Instant},
};

/// How old the newest record may be before it is said. Logs are often copied once a day.
const FRESH: Duration = Duration::from_days(1);

/// What reading told, judged: how much there is, what could not be read, and how old it is at `now`.
pub fn judge(report: &ReadReport, now: Instant) -> Vec<Finding> {
    let files = words::plural(report.inputs.len() as u64, "file");
    let records = words::plural(report.records, "record");
    if report.records == 0 {
        let message = format!("{files}, and no record that could be read");
        return vec![
            Finding::bad("records", message).help("is anything in it, and is the time in it?"),
        ];
    }
    let mut findings = vec![Finding::ok("records", format!("{records} in {files}"))];
    findings.extend(lines("could not be read, and count nowhere", &report.bad_lines));
    findings.extend(lines("were read in part", &report.repaired));
    findings.extend(report.last_record.map(|last| age(last, now)));
    if report.excluded.after_now > 0 {
        let later = words::plural(report.excluded.after_now, "record");
        let message = format!("{later} later than the present, {}", words::instant(now));
        findings.push(Finding::warning("age", message).help("is a clock wrong, or the time zone?"));
    }
    let empty = report.inputs.iter().filter(|input| input.records == 0);
    let empty: Vec<&str> = empty.map(|input| input.name.as_str()).collect();
    if let Some(first) = empty.first() {
        let others = match empty.len() - 1 {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let message = format!("`{first}`{others} holds no record");
        findings.push(Finding::warning("records", message).help("is it the right file?"));
    }
    findings
}

fn lines(what: &str, lines: &Lines) -> Option<Finding> {
    let first = lines.first.first()?;
    let message = format!("{} {what}", words::plural(lines.count, "line"));
    let help = format!("the first is line {} of `{}`: {}", first.line, first.input, first.reason);
    Some(Finding::warning("lines", message).help(help))
}

fn age(last: Instant, now: Instant) -> Finding {
    const CHECK: &str = "age";
    let at = words::instant(last);
    let age = Duration::from_milliseconds(
        u64::try_from((now - last).num_milliseconds()).unwrap_or_default(),
    );
    let text = format!("the newest record is {} old, from {at}", words::span(age));
    if age > FRESH {
        Finding::warning(CHECK, text)
            .help("answers are about the time up to then; have newer files brought here")
    } else {
        Finding::ok(CHECK, text)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Health, *};
    use crate::kernel::measure::LineProblem;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn report() -> ReadReport {
        ReadReport {
            records: 10,
            last_record: Some(at("2026-05-14T09:20:00Z")),
            ..ReadReport::default()
        }
    }

    fn health(report: &ReadReport, now: &str, check: &str) -> Option<Health> {
        judge(report, at(now)).iter().find(|finding| finding.check == check).map(|it| it.health)
    }

    #[test]
    fn records_grow_old_after_a_day() {
        assert_eq!(health(&report(), "2026-05-15T09:20:00Z", "age"), Some(Health::Ok));
        assert_eq!(health(&report(), "2026-05-15T09:20:01Z", "age"), Some(Health::Warning));
    }

    #[test]
    fn lines_that_could_not_be_read_are_shown() {
        let problem = LineProblem {
            input: "a.csv".to_owned(),
            line: 7,
            reason: "no time".to_owned(),
            excerpt: String::new(),
        };
        let bad_lines = Lines { count: 3, first: vec![problem] };
        let findings = judge(&ReadReport { bad_lines, ..report() }, at("2026-05-14T10:00:00Z"));
        let lines = findings.iter().find(|finding| finding.check == "lines").unwrap();
        assert_eq!(lines.message, "3 lines could not be read, and count nowhere");
        assert_eq!(lines.help.as_deref(), Some("the first is line 7 of `a.csv`: no time"));
    }

    #[test]
    fn nothing_to_read_is_wrong() {
        let nothing = ReadReport::default();
        assert_eq!(health(&nothing, "2026-05-15T09:20:00Z", "records"), Some(Health::Bad));
    }
}
