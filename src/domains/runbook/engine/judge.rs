//! Whether a step did what was expected of it.
use super::{
    event::{Output, StepOutcome},
    plan::{Capture, Expectation},
};

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal, which was not ours.
    Signalled(i32),
    /// It could not be started.
    NotStarted(String),
    /// Its time was over, and it was ended.
    TimedOut,
    /// The operator had it ended.
    Interrupted,
    /// It waited for input from the terminal, which it cannot have, and was ended.
    AskedTerminal,
    /// Nothing is known of its end.
    Lost(String),
}

/// A program that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// How long it ran. Unit: milliseconds.
    pub milliseconds: u64,
    /// What it printed.
    pub stdout: Output,
    /// What it complained of.
    pub stderr: Output,
}

/// What became of a step, and why where it is not what was expected.
pub fn judge(expect: &Expectation, ended: &Ended) -> (StepOutcome, Option<String>) {
    let failed = |reason: String| (StepOutcome::Failed, Some(reason));
    match &ended.how {
        How::Exited(status) => {
            if !expect.exit.iter().any(|fine| i32::from(*fine) == *status) {
                return failed(format!("it ended with status {status}"));
            }
        }
        How::Signalled(signal) => return failed(format!("it was ended by signal {signal}")),
        How::NotStarted(why) => return failed(why.clone()),
        How::TimedOut => return (StepOutcome::TimedOut, Some("its time was over".to_owned())),
        How::Interrupted => {
            return (StepOutcome::Interrupted, Some("it was interrupted".to_owned()));
        }
        How::AskedTerminal => {
            return failed(
                "it asked for input from the terminal, which steps do not have".to_owned(),
            );
        }
        How::Lost(why) => return (StepOutcome::Unknown, Some(why.clone())),
    }
    if let Some(regex) = &expect.stdout_matches
        && !has(&ended.stdout, regex)
    {
        let kept = kept(&ended.stdout);
        return failed(format!("what it printed does not match `{regex}`{kept}"));
    }
    for (stream, lacks, verb) in [
        (&ended.stdout, &expect.stdout_lacks, "printed"),
        (&ended.stderr, &expect.stderr_lacks, "complained of"),
    ] {
        let Some(regex) = lacks else { continue };
        if has(stream, regex) {
            return failed(format!("what it {verb} matches `{regex}`"));
        }
        if stream.omitted > 0 {
            return failed(format!(
                "whether what it {verb} matches `{regex}` is not known{}",
                kept(stream)
            ));
        }
    }
    (StepOutcome::Done, None)
}

fn has(output: &Output, regex: &regex::Regex) -> bool {
    regex.is_match(&output.text) || output.tail.as_ref().is_some_and(|tail| regex.is_match(tail))
}

/// What is known of a stream that was too long.
fn kept(output: &Output) -> String {
    match output.omitted {
        0 => String::new(),
        omitted => format!(": {omitted} of {} bytes were not kept", output.bytes),
    }
}

/// The value that a step found out.
///
/// # Errors
/// If there is none, or it is not known whole.
pub fn capture(capture: &Capture, stdout: &Output) -> Result<String, String> {
    let name = &capture.name;
    if stdout.omitted > 0 && capture.pattern.is_none() {
        return Err(format!("it printed too much for `{name}`{}", kept(stdout)));
    }
    let text = match &capture.pattern {
        None => stdout.text.trim_end_matches('\n'),
        Some(regex) => {
            let texts = [Some(&stdout.text), stdout.tail.as_ref()].into_iter().flatten();
            texts
                .filter_map(|text| regex.captures(text))
                .find_map(|found| found.get(1).or_else(|| found.get(0)))
                .map(|found| found.as_str())
                .ok_or_else(|| {
                    format!("nothing that it printed matches `{regex}`, which `{name}` is to be")
                })?
        }
    };
    if text.len() > 64 << 10 {
        return Err(format!("what it printed is too long for `{name}`"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    fn output(text: &str, omitted: u64) -> Output {
        Output { bytes: 100, text: text.into(), omitted, ..Output::default() }
    }

    fn ended(how: How, stdout: Output) -> Ended {
        Ended { how, milliseconds: 1, stdout, stderr: Output::default() }
    }

    #[test]
    fn success_is_the_status_and_every_expectation() {
        let expect = Expectation {
            exit: vec![0, 3],
            stdout_matches: Some(Regex::new("rows").unwrap()),
            stdout_lacks: Some(Regex::new("(?i)error").unwrap()),
            stderr_lacks: None,
        };
        let outcome = |status, text: &str, omitted| {
            judge(&expect, &ended(How::Exited(status), output(text, omitted))).0
        };
        assert_eq!(outcome(0, "3 rows", 0), StepOutcome::Done);
        assert_eq!(outcome(3, "3 rows", 0), StepOutcome::Done);
        assert_eq!(outcome(1, "3 rows", 0), StepOutcome::Failed);
        assert_eq!(outcome(0, "none", 0), StepOutcome::Failed);
        assert_eq!(outcome(0, "3 rows, Error", 0), StepOutcome::Failed);
        // What was not kept may hold the error.
        assert_eq!(outcome(0, "3 rows", 50), StepOutcome::Failed);
    }

    #[test]
    fn what_was_ended_is_not_said_to_have_failed() {
        let expect = Expectation::default();
        let outcome = |how| judge(&expect, &ended(how, output("", 0))).0;
        assert_eq!(outcome(How::TimedOut), StepOutcome::TimedOut);
        assert_eq!(outcome(How::Interrupted), StepOutcome::Interrupted);
        assert_eq!(outcome(How::Signalled(9)), StepOutcome::Failed);
        assert_eq!(outcome(How::Lost("gone".into())), StepOutcome::Unknown);
    }

    #[test]
    fn values_are_taken_from_what_is_printed() {
        let of = |pattern: Option<&str>, text: &str| {
            let pattern = pattern.map(|pattern| Regex::new(pattern).unwrap());
            capture(&Capture { name: "pid".into(), pattern }, &output(text, 0))
        };
        assert_eq!(of(None, "42\n"), Ok("42".into()));
        assert_eq!(of(Some("pid=([0-9]+)"), "x pid=42 y"), Ok("42".into()));
        assert!(of(Some("pid=([0-9]+)"), "none").unwrap_err().contains("nothing"));
        let long = capture(&Capture { name: "x".into(), pattern: None }, &output("a", 9));
        assert!(long.unwrap_err().contains("9 of 100 bytes"));
    }
}
