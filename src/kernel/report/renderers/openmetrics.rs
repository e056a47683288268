//! The text format of OpenMetrics 1.0.
use crate::kernel::report::{MetricFamily, MetricKind, Report, Sample, number::significant};
use std::{collections::BTreeSet, io};

/// Writes the metrics of `report`, with the closing `# EOF` even if there are none.
pub(in crate::kernel::report) fn write(
    report: &Report,
    out: &mut impl io::Write,
) -> io::Result<()> {
    for family in report.metrics() {
        write_family(family, out)?;
    }
    out.write_all(b"# EOF\n")
}

fn write_family(family: &MetricFamily, out: &mut impl io::Write) -> io::Result<()> {
    let name = valid_name(&family.name, true);
    let (kind, suffix) = match family.kind {
        MetricKind::Gauge => ("gauge", ""),
        MetricKind::Counter => ("counter", "_total"),
        MetricKind::Info => ("info", "_info"),
    };
    writeln!(out, "# TYPE {name} {kind}")?;
    // A unit is only valid as the end of the name, and facts have none.
    let has_unit = |unit: &&String| suffix != "_info" && name.ends_with(&format!("_{unit}"));
    if let Some(unit) = family.unit.as_ref().filter(has_unit) {
        writeln!(out, "# UNIT {name} {unit}")?;
    }
    if !family.help.is_empty() {
        writeln!(out, "# HELP {name} {}", escaped(&family.help))?;
    }
    for sample in &family.samples {
        writeln!(
            out,
            "{name}{suffix}{} {}{}",
            labels(sample),
            value(sample.value),
            timestamp(sample)
        )?;
    }
    Ok(())
}

/// `{slo="checkout"}`, or nothing.
fn labels(sample: &Sample) -> String {
    let mut seen = BTreeSet::new();
    let mut pairs = Vec::with_capacity(sample.labels.len());
    for (name, value) in &sample.labels {
        let name = valid_name(name, false);
        if seen.insert(name.clone()) {
            pairs.push(format!("{name}=\"{}\"", escaped(value)));
        }
    }
    if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) }
}

fn value(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        significant(value).to_string()
    }
}

/// Seconds since 1970 after a space, or nothing.
fn timestamp(sample: &Sample) -> String {
    let Some(at) = sample.at else { return String::new() };
    match (at.timestamp(), at.timestamp_subsec_millis()) {
        (seconds, 0) => format!(" {seconds}"),
        (seconds, milliseconds) => {
            format!(" {}", seconds as f64 + f64::from(milliseconds) / 1000.0)
        }
    }
}

/// A name of letters, digits and underscores (and colons, in a metric's) that begins with no digit.
fn valid_name(name: &str, colon: bool) -> String {
    let valid =
        |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || (colon && letter == ':');
    let mut text: String = name.chars().map(|c| if valid(c) { c } else { '_' }).collect();
    if text.is_empty() || text.starts_with(|first: char| first.is_ascii_digit()) {
        text.insert(0, '_');
    }
    text
}

/// Backslash, quote and line feed escaped, as label values and help texts demand; other control
/// characters are left out of sight.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::report::testing::printed;
    use proptest::prelude::*;

    fn report(families: impl IntoIterator<Item = MetricFamily>) -> Report {
        families.into_iter().fold(Report::new("sre/x@1", serde_json::Value::Null), Report::metric)
    }

    #[test]
    fn families_have_type_unit_help_and_samples() {
        let remaining = MetricFamily::gauge(
            "sre_error_budget_remaining_ratio",
            "Share of the error budget that is left",
        )
        .unit("ratio")
        .sample(Sample::new(0.7).label("slo", "checkout \"a\\b\"\nx").label("service", "checkout"));
        let more = MetricFamily::gauge("sre_error_budget_remaining_ratio", "")
            .sample(Sample::new(0.1 + 0.2).at("2026-05-14T09:20:00.250Z".parse().unwrap()));
        let events = MetricFamily::counter("sre_events", "Events seen").sample(
            Sample::new(10_000.0).label("slo", "x").at("2026-05-14T09:20:00Z".parse().unwrap()),
        );
        let info =
            MetricFamily::info("sre_build", "").sample(Sample::new(1.0).label("0version", "1"));
        assert_eq!(
            printed(|out| write(&report([remaining, events, info, more]), out)),
            r#"# TYPE sre_error_budget_remaining_ratio gauge
# UNIT sre_error_budget_remaining_ratio ratio
# HELP sre_error_budget_remaining_ratio Share of the error budget that is left
sre_error_budget_remaining_ratio{slo="checkout \"a\\b\"\nx",service="checkout"} 0.7
sre_error_budget_remaining_ratio 0.3 1778750400.25
# TYPE sre_events counter
# HELP sre_events Events seen
sre_events_total{slo="x"} 10000 1778750400
# TYPE sre_build info
sre_build_info{_0version="1"} 1
# EOF
"#
        );
        assert_eq!(printed(|out| write(&report([]), out)), "# EOF\n");
    }

    #[test]
    fn values_beyond_numbers_have_their_names() {
        assert_eq!(value(f64::INFINITY), "+Inf");
        assert_eq!(value(f64::NEG_INFINITY), "-Inf");
        assert_eq!(value(f64::NAN), "NaN");
    }

    proptest! {
        #[test]
        fn a_sample_is_one_line_whatever_its_labels(name in any::<String>(), text in any::<String>()) {
            let family = MetricFamily::gauge(name.clone(), text.clone())
                .sample(Sample::new(1.0).label(name.clone(), text).label(name, "again"));
            let printed = printed(|out| write(&report([family]), out));
            let samples = printed.lines().filter(|line| !line.starts_with('#')).count();
            prop_assert_eq!(samples, 1);
            prop_assert!(printed.lines().all(|line| line.starts_with("# ") || line.ends_with(" 1")));
        }
    }
}
