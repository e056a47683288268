//! Counts good and total events of files per minute, for benchmarks: prints one line of totals.
//!
//! `scan --good 'status < 500' [--total PREDICATE] [--threads N] [--time COLUMN] FILE...`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program for benchmarks, outside the library"
)]
use std::{error::Error, fs::File};

use sre::kernel::measure::{EventMeasure, Input, Predicate, ScanRequest, Shape, scan};

/// The most memory that this process has had, as Linux counts it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().replace(' ', ""))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut good, mut total, mut threads, mut time) = (None, None, None, None);
    let mut inputs = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--good" => good = Some(value()?),
            "--total" => total = Some(value()?),
            "--threads" => threads = Some(value()?.parse()?),
            "--time" => time = Some(value()?),
            _ => {
                let path = argument.clone();
                inputs.push(Input::opened_by(argument, move || Ok(Box::new(File::open(path)?))));
            }
        }
    }
    let measure = EventMeasure {
        total: total.as_deref().map(Predicate::parse).transpose()?,
        good: Predicate::parse(&good.ok_or("`--good` is missing")?)?,
    };
    let mut request = ScanRequest::new(Shape::Events(vec![measure]), chrono::Utc::now());
    request.threads = threads;
    request.time = time;
    let outcome = scan(inputs, &request, &|_| {})?;
    let (mut events, mut good, mut steps) = (0.0, 0.0, 0);
    for count in outcome.series[0].counts().iter().flatten() {
        events += count.total;
        good += count.good;
        steps += u64::from(count.total > 0.0);
    }
    println!(
        "total {events} good {good} steps {steps} bad_lines {} repaired {} peak {}",
        outcome.report.bad_lines.count,
        outcome.report.repaired.count,
        peak_memory().unwrap_or_default()
    );
    Ok(())
}
