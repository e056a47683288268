//! What a server says of itself, judged.
use super::Finding;
use crate::kernel::{
    measure::server::{
        Unanswered,
        inspect::{Build, Retention},
    },
    units::Duration,
};

/// What a server says of itself.
#[derive(Clone, Debug)]
pub struct ServerFacts {
    /// Whether it answers a query that reads nothing.
    pub answers: Result<(), Unanswered>,
    /// Which program it is; `None` where it does not say.
    pub build: Result<Option<Build>, Unanswered>,
    /// How long it keeps samples; `None` where it does not say.
    pub retention: Result<Option<Retention>, Unanswered>,
    /// How far back the objectives look that it measures: the longest, and whose that is.
    pub longest: Option<(Duration, String)>,
}

/// What a server says of itself, judged. Of one that does not answer nothing else is said.
pub fn judge(facts: &ServerFacts) -> Vec<Finding> {
    if let Err(why) = &facts.answers {
        return vec![Finding { health: super::Health::Bad, ..Finding::unanswered("answer", why) }];
    }
    let program = match &facts.build {
        Ok(Some(Build { application, version })) => {
            let application = application.as_deref().unwrap_or("a Prometheus-compatible server");
            let version = version.as_deref().unwrap_or("of a version that it does not say");
            format!("{application} {version}")
        }
        Ok(None) | Err(_) => "a server that does not say which program it is".to_owned(),
    };
    let mut findings = vec![Finding::ok("answer", format!("it answers: {program}"))];
    findings.extend(retention(facts));
    findings
}

fn retention(facts: &ServerFacts) -> Option<Finding> {
    const CHECK: &str = "retention";
    let retention = match &facts.retention {
        Err(why) => return Some(Finding::unanswered(CHECK, why)),
        Ok(None) => {
            let text = "it does not say how long it keeps samples; each objective is asked about the \
                        beginning of its window";
            return Some(Finding::ok(CHECK, text));
        }
        Ok(Some(retention)) => retention,
    };
    let text = &retention.text;
    let kept = format!("it keeps samples for {text}");
    let (longest, whose) = facts.longest.as_ref()?;
    Some(match retention.time {
        Some(time) if time < *longest => {
            let message =
                format!("{kept}, and `{whose}` looks back {longest}: what is older is never known");
            let help = format!(
                "let the server keep samples for at least {longest} \
                 (`--storage.tsdb.retention.time`), ask one that does, such as Thanos or Mimir, or \
                 shorten the window"
            );
            Finding::bad(CHECK, message).help(help)
        }
        Some(_) => Finding::ok(CHECK, format!("{kept}; the longest window is {longest}")),
        None => Finding::ok(
            CHECK,
            format!("it keeps at most {text} of samples; the longest window is {longest}"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::{super::Health, *};
    use crate::kernel::measure::server::Fault;

    fn facts(retention: Option<Retention>) -> ServerFacts {
        let build = Build { application: None, version: Some("2.42.0".to_owned()) };
        ServerFacts {
            answers: Ok(()),
            build: Ok(Some(build)),
            retention: Ok(retention),
            longest: Some((Duration::from_days(30), "checkout".to_owned())),
        }
    }

    fn keeps(text: &str, time: Option<Duration>) -> Retention {
        Retention { text: text.to_owned(), time }
    }

    #[test]
    fn retention_is_held_against_the_longest_window() {
        let health = |retention| judge(&facts(retention))[1].health;
        assert_eq!(health(Some(keeps("15d", Some(Duration::from_days(15))))), Health::Bad);
        assert_eq!(health(Some(keeps("30d", Some(Duration::from_days(30))))), Health::Ok);
        assert_eq!(health(Some(keeps("10GiB", None))), Health::Ok);
        assert_eq!(health(None), Health::Ok);
    }

    #[test]
    fn of_a_dead_server_only_that_is_said() {
        let fault = Fault::Environment;
        let why = Unanswered { message: "cannot connect".to_owned(), help: None, fault };
        let findings = judge(&ServerFacts { answers: Err(why), ..facts(None) });
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].health, findings[0].unanswered), (Health::Bad, true));
    }
}
