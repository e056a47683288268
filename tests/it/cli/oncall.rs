//! `sre oncall` and `sre escalate`, on catalogs of their own.
use super::harness::{Files, Ran, Run};
use serde_json::Value;
use std::fmt::Write as _;

/// Fridays at noon in London; dave joins on 11 March, and takes his first turn behind carol.
const PAYMENTS: &str = "\
# Who is on call for payments.
apiVersion: sre/v1
kind: Rotation
metadata: {name: payments}
spec:
  time_zone: Europe/London
  rotation_type: weekly
  handoff_day: friday
  handoff_time: \"12:00\"   # before the weekend
  start: 2026-01-02
  rosters:
    - {effective_from: 2026-01-02, members: [alice, bob, carol]}
    - {effective_from: 2026-03-11, members: [alice, bob, carol, dave]}
  secondary: {offset: -1}
  overrides:
    # The wedding.
    - {user: alice, replaces: dave, start: 2026-03-28T18:00, end: 2026-03-29T09:00}
";

const OFFICE: &str = "\
apiVersion: sre/v1
kind: Rotation
metadata: {name: office}
spec:
  time_zone: America/New_York
  rotation_type: daily
  handoff_time: \"09:00\"
  start: 2026-01-01
  members: [erin, frank]
  coverage: [{days: [mon, tue, wed, thu, fri], from: \"09:00\", to: \"17:00\"}]
";

fn files(documents: &[(&str, &str)]) -> Files {
    Files::new(documents)
}

fn run(files: &Files, arguments: &[&str]) -> Ran {
    Run::new(arguments).within(files).go()
}

fn json(files: &Files, arguments: &[&str]) -> Value {
    let ran = run(files, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr))
}

fn people(item: &Value) -> Vec<&str> {
    let people = item["people"].as_array().unwrap().iter();
    people.map(|person| person["person"].as_str().unwrap()).collect()
}

#[test]
fn who_is_on_call_is_said_to_the_minute() {
    let files = files(&[("specs/payments.yaml", PAYMENTS)]);
    let who = |at: &str| json(&files, &["oncall", "who", "--at", at]);
    // Turns: alice 2 January, bob 9, carol 16, alice 23, … 27 February bob; dave is behind carol.
    for (at, primary, secondary) in [
        ("2026-01-02T11:59:00Z", "", ""),
        ("2026-01-02T12:00:00Z", "alice", "carol"),
        ("2026-03-13T11:59:00Z", "alice", "carol"),
        ("2026-03-13T12:00:00Z", "bob", "alice"),
        ("2026-03-27T12:00:00Z", "dave", "carol"),
        // Clocks are put forward in that night: 09:00 is 08:00 UTC.
        ("2026-03-29T07:59:00Z", "alice", "carol"),
        ("2026-03-29T08:00:00Z", "dave", "carol"),
        ("2026-04-03T10:59:00Z", "dave", "carol"),
        ("2026-04-03T11:00:00Z", "alice", "dave"),
    ] {
        let answer = who(at);
        let found = [&answer["items"][0], &answer["items"][1]].map(people);
        let expected =
            [primary, secondary].map(|name| if name.is_empty() { vec![] } else { vec![name] });
        assert_eq!(found, expected, "{at}");
    }
    let before = who("2025-12-31T00:00:00Z");
    assert_eq!(before["items"][0]["state"], "before_start");
    assert_eq!(before["items"][0]["next"]["at"], "2026-01-02T12:00:00Z");
    let during = who("2026-03-29T00:00:00Z");
    assert_eq!(during["items"][0]["people"][0]["since"], "2026-03-28T18:00:00Z");
    assert_eq!(during["items"][0]["people"][0]["until"], "2026-03-29T08:00:00Z");
    assert_eq!(during["items"][0]["next"]["people"][0], "dave");
    assert!(during["spoken_for"]["revision"].is_null());
}

#[test]
fn who_was_on_call_is_said_as_the_files_stood_then() {
    let files = files(&[("sre.yaml", ""), ("specs/payments.yaml", PAYMENTS)]);
    files.git(&["init", "-q"]);
    files.git(&["add", "-A"]);
    files.git(&["commit", "-qm", "as it was"]);
    files.write(
        "specs/payments.yaml",
        PAYMENTS.replace("[alice, bob, carol]}", "[bob, alice, carol]}").as_bytes(),
    );
    let at = ["oncall", "who", "--at", "2026-01-05T00:00:00Z"];
    let now = json(&files, &at);
    assert_eq!(people(&now["items"][0]), ["bob"]);
    assert_eq!(now["spoken_for"]["changed"], true);
    let then = json(&files, &[&at[..], &["--rev", "HEAD"]].concat());
    assert_eq!(people(&then["items"][0]), ["alice"]);
    assert_eq!(then["spoken_for"]["changed"], false);
    assert_eq!(then["spoken_for"]["revision"], now["spoken_for"]["revision"]);
    let shown = run(&files, &at);
    assert!(shown.stdout.contains("with changes that are not committed"), "{}", shown.stdout);
    assert_eq!(shown.code, 0);
}

#[test]
fn shifts_and_gaps_fill_the_time_asked_for() {
    let files = files(&[("specs/office.yaml", OFFICE)]);
    let range = ["--from", "2026-03-06T00:00:00Z", "--to", "2026-03-10T00:00:00Z"];
    let answer = json(&files, &[&["oncall", "schedule"][..], &range].concat());
    let item = &answer["items"][0];
    let mut pieces: Vec<(&str, &str)> = Vec::new();
    for list in ["shifts", "gaps"] {
        let pairs = item[list].as_array().unwrap().iter();
        pieces
            .extend(pairs.map(|one| (one["from"].as_str().unwrap(), one["to"].as_str().unwrap())));
    }
    pieces.sort_unstable();
    assert_eq!(pieces.first().unwrap().0, "2026-03-06T00:00:00Z");
    assert_eq!(pieces.last().unwrap().1, "2026-03-10T00:00:00Z");
    assert!(pieces.windows(2).all(|two| two[0].1 == two[1].0), "{pieces:?}");
    // The Monday after clocks were put forward: nine o'clock is an hour earlier.
    assert!(pieces.contains(&("2026-03-06T14:00:00Z", "2026-03-06T22:00:00Z")), "{pieces:?}");
    assert!(pieces.contains(&("2026-03-09T13:00:00Z", "2026-03-09T21:00:00Z")), "{pieces:?}");
    let gaps = run(&files, &[&["oncall", "gaps"][..], &range].concat());
    assert_eq!(gaps.code, 1);
    assert!(gaps.stdout.contains("3 gaps; 3 days 8 hours without anybody."), "{}", gaps.stdout);
    let payments = self::files(&[("specs/payments.yaml", PAYMENTS)]);
    run(&payments, &["oncall", "gaps"]).ends(0);
}

impl Ran {
    fn ends(&self, code: u8) {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
    }
}

#[test]
fn months_fit_a_terminal() {
    let files = files(&[("specs/payments.yaml", PAYMENTS)]);
    let arguments =
        ["oncall", "schedule", "--month", "--from", "2026-03-01T00:00:00Z", "--days", "31"];
    let ran = Run::new(&arguments).within(&files).on_terminal(80).go();
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
    let primary = ran.stdout.split("payments/secondary").next().unwrap();
    let expected = "  23 carol   24 carol   25 carol   26 carol   27 carol   28 dave    29 alice\n\
                    \x20                                             12h dave   18h alice  09h dave\n";
    assert!(primary.contains(expected), "{primary}");
}

#[test]
fn somebodys_next_shifts_are_listed() {
    let files = files(&[("specs/payments.yaml", PAYMENTS)]);
    let answer = json(&files, &["oncall", "next", "dave", "-n", "2"]);
    let shifts: Vec<(&str, &str)> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (item["shift"]["role"].as_str().unwrap(), item["shift"]["from"].as_str().unwrap())
        })
        .collect();
    // 27 November 2026 is carol's: turn 47, the 37th since carol's of 20 March.
    assert_eq!(
        shifts,
        [("primary", "2026-12-04T12:00:00Z"), ("secondary", "2026-12-11T12:00:00Z")]
    );
    let unknown = run(&files, &["oncall", "next", "dvae"]);
    unknown.ends(2);
    assert!(unknown.stderr.contains("did you mean `dave`?"), "{}", unknown.stderr);
}

/// Source of the numbers: the reference vectors of the engine, four weeks around a clock change.
#[test]
fn loads_are_in_elapsed_hours() {
    let rotation = PAYMENTS
        .replace("start: 2026-01-02", "start: 2026-03-20")
        .split("  rosters:")
        .next()
        .unwrap()
        .to_owned()
        + "  members: [a, b, c, d]\n";
    let files = files(&[("specs/payments.yaml", &rotation)]);
    let range = ["--from", "2026-03-20T12:00:00Z", "--to", "2026-04-17T11:00:00Z"];
    let answer = json(&files, &[&["oncall", "fairness"][..], &range].concat());
    let item = &answer["items"][0];
    let of = |name: &str| {
        let mut people = item["people"].as_array().unwrap().iter();
        people.find(|person| person["person"] == name).unwrap()
    };
    for (name, hours, night, weekend) in
        [("a", 168, 56, 48), ("b", 167, 55, 47), ("c", 168, 56, 48), ("d", 168, 56, 48)]
    {
        let person = of(name);
        assert_eq!(person["hours"], hours, "{name}");
        assert_eq!(person["night_hours"], night, "{name}");
        assert_eq!(person["weekend_hours"], weekend, "{name}");
        assert_eq!(person["shifts"], 1, "{name}");
        assert_eq!(person["expected_hours"], 167.75, "{name}");
    }
    assert_eq!(item["grafana_quality"]["total"], 100);
}

#[test]
fn a_dated_roster_leaves_the_past_alone_and_an_edited_one_does_not() {
    let members = PAYMENTS.split("  rosters:").next().unwrap().to_owned()
        + "  members: [alice, bob, carol]\n";
    let dated = members.replace(
        "  members: [alice, bob, carol]\n",
        "  rosters:\n    - {effective_from: 2026-01-02, members: [alice, bob, carol]}\n    \
         - {effective_from: 2026-12-15, members: [alice, bob, carol, dave]}\n",
    );
    let edited = members.replace("carol]", "carol, dave]");
    let files = files(&[
        ("before/payments.yaml", &members),
        ("dated/payments.yaml", &dated),
        ("edited/payments.yaml", &edited),
    ]);
    let same = run(&files, &["oncall", "diff", "before", "before"]);
    same.ends(0);
    assert!(same.stdout.contains("Who is on call stays the same."), "{}", same.stdout);
    let good = run(&files, &["oncall", "diff", "before", "dated"]);
    good.ends(0);
    let bad = run(&files, &["oncall", "diff", "before", "edited"]);
    bad.ends(1);
    assert!(bad.stdout.contains("The past is changed for 4 people"), "{}", bad.stdout);
    let answer = json(&files, &["oncall", "diff", "before", "dated"]);
    let items = answer["items"].as_array().unwrap();
    let gained = |item: &Value, list: &str| -> f64 {
        item[list].as_array().unwrap().iter().map(|one| one["hours"].as_f64().unwrap()).sum()
    };
    // Hours that somebody gains somebody loses.
    let (gains, losses): (f64, f64) = items
        .iter()
        .map(|item| (gained(item, "gained"), gained(item, "lost")))
        .fold((0.0, 0.0), |(gains, losses), (gain, loss)| (gains + gain, losses + loss));
    assert!((gains - losses).abs() < 1e-9 && gains > 0.0, "{answer}");
    let dave = items.iter().find(|item| item["person"] == "dave").unwrap();
    assert_eq!(dave["hours_before"], 0);
    assert!(items.iter().all(|item| item["changes_the_past"] == false));
}

#[test]
fn an_override_is_written_beside_what_is_there() {
    let files = files(&[("specs/payments.yaml", PAYMENTS)]);
    let add = |more: &[&str]| {
        let base = ["oncall", "override", "payments", "--user", "bob", "--replaces", "dave"];
        run(
            &files,
            &[&base[..], &["--start", "2026-12-05T18:00", "--end", "2026-12-06T09:00"], more]
                .concat(),
        )
    };
    let dry = add(&["--dry-run"]);
    dry.ends(0);
    assert_eq!(files.read("specs/payments.yaml"), PAYMENTS);
    assert!(
        dry.stdout.contains("- {user: bob, replaces: dave, start: \"2026-12-05T18:00\""),
        "{}",
        dry.stdout
    );
    add(&["--reason", "his birthday: 40"]).ends(0);
    let line = "    - {user: bob, replaces: dave, start: \"2026-12-05T18:00\", end: \"2026-12-06T09:00\", \
                reason: \"his birthday: 40\"}\n";
    assert_eq!(files.read("specs/payments.yaml"), format!("{PAYMENTS}{line}"));
    let who = json(&files, &["oncall", "who", "--at", "2026-12-06T00:00:00Z"]);
    assert_eq!(people(&who["items"][0]), ["bob"]);
    // The same once more changes nothing.
    let again = add(&[]);
    again.ends(2);
    assert!(again.stderr.contains("nothing would change"), "{}", again.stderr);
    let mut backwards = vec!["oncall", "override", "payments", "--user", "bob"];
    backwards.extend(["--start", "2026-12-06T09:00", "--end", "2026-12-05T18:00"]);
    let backwards = run(&files, &backwards);
    backwards.ends(2);
    assert!(backwards.stderr.contains("ends before it begins"), "{}", backwards.stderr);
    run(&files, &["validate"]).ends(0);
}

#[test]
fn a_swap_counts_once_somebody_else_has_approved_it() {
    let files = files(&[("specs/payments.yaml", PAYMENTS)]);
    let swap = |more: &[&str]| {
        let base = ["oncall", "swap", "payments", "--user", "dave", "--with", "bob"];
        let times = [
            "--gives",
            "2026-12-05T00:00",
            "2026-12-06T00:00",
            "--takes",
            "2026-12-19T00:00",
            "2026-12-20T00:00",
        ];
        run(&files, &[&base[..], &times, more].concat())
    };
    let by_himself = swap(&["--approved-by", "dave"]);
    by_himself.ends(2);
    let asked = swap(&[]);
    asked.ends(0);
    assert!(
        asked.stderr.contains("nothing changes until somebody approves it"),
        "{}",
        asked.stderr
    );
    let who = |at: &str| {
        let answer = json(&files, &["oncall", "who", "--at", at]);
        people(&answer["items"][0])[0].to_owned()
    };
    assert_eq!(
        (who("2026-12-05T12:00:00Z"), who("2026-12-19T12:00:00Z")),
        ("dave".into(), "bob".into())
    );
    let found = run(&files, &["validate"]);
    assert!(found.stdout.contains("swap-not-approved"), "{}", found.stdout);
    files.write("specs/payments.yaml", PAYMENTS.as_bytes());
    swap(&["--approved-by", "carol"]).ends(0);
    assert_eq!(
        (who("2026-12-05T12:00:00Z"), who("2026-12-19T12:00:00Z")),
        ("bob".into(), "dave".into())
    );
}

const ESCALATION: &str = "\
apiVersion: sre/v1
kind: EscalationPolicy
metadata: {name: payments}
spec:
  time_zone: Europe/London
  respond_within: [{severity: SEV-1, within: 5m}, {severity: SEV-2, within: 1h}]
  steps:
    - {after: 0m, notify: [{rotation: payments}, {webhook: \"https://chat.example/hook\"}]}
    - after: 5m
      notify: [{rotation: payments, role: secondary}]
      hours: [{days: [mon, tue, wed, thu, fri], from: \"08:00\", to: \"18:00\"}]
    - {after: 15m, notify: [{team: payments}]}
  repeat: {times: 1, every: 30m}
---
apiVersion: sre/v1
kind: Team
metadata: {name: payments}
spec:
  members:
    - {name: alice, display_name: Alice}
    - {name: bob, unavailable: [{from: 2026-12-20, through: 2026-12-21}]}
    - {name: carol}
    - {name: dave}
";

#[test]
fn who_is_told_of_a_page_is_said_step_by_step() {
    let files = files(&[("specs/payments.yaml", PAYMENTS), ("specs/escalation.yaml", ESCALATION)]);
    let simulate = |at: &str, more: &[&str]| {
        let answer = json(&files, &[&["escalate", "simulate", "--at", at], more].concat());
        let events = answer["items"][0]["events"].as_array().unwrap().clone();
        let event = |event: Value| {
            let people = event["people"].as_array().unwrap().len();
            format!(
                "{} {} {people}",
                event["after"].as_str().unwrap(),
                event["outcome"].as_str().unwrap()
            )
        };
        events.into_iter().map(event).collect::<Vec<_>>()
    };
    // A Saturday: the second step is out of its hours.
    assert_eq!(
        simulate("2026-12-05T12:00:00Z", &[]),
        [
            "0s told 1",
            "0s program 0",
            "5m out_of_hours 0",
            "15m told 4",
            "30m told 1",
            "30m program 0",
            "35m out_of_hours 0",
            "45m told 4",
        ]
    );
    // On 20 December bob has the turn, and is away.
    let away = simulate("2026-12-20T12:00:00Z", &["--ack", "16m"]);
    assert_eq!(away, ["0s away 0", "0s program 0", "5m out_of_hours 0", "15m told 3"]);
}

#[test]
fn what_an_escalation_cannot_keep_is_shown_by_a_counterexample() {
    let files = files(&[("specs/payments.yaml", PAYMENTS), ("specs/escalation.yaml", ESCALATION)]);
    let proof = json(&files, &["escalate", "prove"]);
    let items = proof["items"].as_array().unwrap();
    assert_eq!(items[0]["severity"], "SEV-1");
    assert_eq!(items[0]["holds"], false);
    // Bob's Sunday and Monday; from five minutes before eight on Monday on the secondary is told in time.
    let first = &items[0]["counterexamples"][0];
    assert_eq!(
        (&first["from"], &first["to"]),
        (&"2026-12-20T00:00:00Z".into(), &"2026-12-21T07:55:00Z".into())
    );
    assert_eq!(items[0]["slowest"], "15m");
    assert_eq!((&items[1]["severity"], &items[1]["holds"]), (&"SEV-2".into(), &true.into()));
    run(&files, &["escalate", "prove"]).ends(1);
    run(&files, &["escalate", "prove", "--within", "15m"]).ends(0);
    let found = run(&files, &["validate"]);
    assert!(
        found
            .stdout
            .contains("of a SEV-1 at 2026-12-20 00:00 Europe/London nobody is told within 5m"),
        "{}",
        found.stdout
    );
}

#[test]
fn tests_of_rotations_are_run_on_what_is_final() {
    let expect = "\x20 expect:
    - {at: 2026-03-27T12:00:00Z, primary: dave, secondary: carol}
    - {at: 2026-03-29T08:00, primary: alice}
    - {at: 2025-01-01, primary: nobody}
  limits: {max_consecutive: 8d, min_rest: 14d, max_share: 26%, max_nights_per_month: 14}
  never: [{user: erin}, {days: [saturday], from: \"10:00\", to: \"11:00\", user: frank}]
";
    let files = files(&[("specs/payments.yaml", &format!("{PAYMENTS}{expect}"))]);
    let passed = run(&files, &["test"]);
    passed.ends(0);
    assert!(
        passed.stdout.contains("3 tests passed, 0 failed, 10 expectations"),
        "{}",
        passed.stdout
    );
    let wrong = expect
        .replace("primary: dave", "primary: bob")
        .replace("min_rest: 14d", "min_rest: 22d")
        .replace("26%", "20%")
        .replace("max_nights_per_month: 14", "max_nights_per_month: 6")
        .replace("8d", "6d")
        .replace("user: frank", "user: carol");
    files.write("specs/payments.yaml", format!("{PAYMENTS}{wrong}").as_bytes());
    let failed = run(&files, &["test"]);
    failed.ends(1);
    for said in [
        "primary is bob: it is dave",
        "`alice` has 21 days",
        "without a break: `alice` is on call for 7 days",
        "nobody has more than 20% of the time",
        "nights of a month: `alice` has 7 in",
        "`carol` is never on call then: `carol` is, first at 2026-12-26",
    ] {
        assert!(failed.stdout.replace("\n  ", " ").contains(said), "{said}\n{}", failed.stdout);
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let wrong = |from: &str, to: &str| {
        let text = PAYMENTS.replace(from, to);
        assert_ne!(text, PAYMENTS, "{from}");
        let files = files(&[("specs/payments.yaml", &text)]);
        run(&files, &["validate"]).stdout
    };
    for (from, to, said) in [
        ("Europe/London", "Europe/Lodnon", "did you mean `Europe/London`?"),
        ("2026-03-29T09:00", "2026-03-29T01:30", "do not show 2026-03-29 01:30"),
        ("2026-03-28T18:00", "2025-10-26T01:30", "show 2025-10-26 01:30 twice"),
        ("2026-03-29T09:00", "2026-03-27T09:00", "this ends before it begins"),
        ("effective_from: 2026-03-11", "effective_from: 2025-03-11", "does not come after"),
        ("replaces: dave", "replaces: dvae", "`dvae` is not in the roster"),
        ("{offset: -1}", "{offset: 0}", "an offset of 0 is the primary itself"),
        ("handoff_day: friday", "handoff_day: firday", "did you mean `friday`?"),
        ("  start: 2026-01-02\n", "", "does not say when its first turn begins"),
    ] {
        let found = wrong(from, to);
        assert!(found.contains(said), "{said}\n{found}");
        assert!(found.contains("specs/payments.yaml:"), "{found}");
    }
    let files = files(&[("specs/payments.yaml", &PAYMENTS.replace("  start: 2026-01-02\n", ""))]);
    let who = run(&files, &["oncall", "who"]);
    who.ends(2);
    assert!(who.stderr.contains("write the day of the first handoff"), "{}", who.stderr);
}

#[test]
fn a_thousand_overrides_of_the_same_time_are_told_and_computed() {
    let mut text = PAYMENTS.to_owned();
    for number in 0..1000 {
        let person = ["alice", "bob", "carol"][number % 3];
        writeln!(
            text,
            "    - {{user: {person}, start: 2026-12-05T00:{:02}, end: 2026-12-06T00:00}}",
            number % 60
        )
        .unwrap();
    }
    let files = files(&[("specs/payments.yaml", &text)]);
    let who = json(&files, &["oncall", "who", "--at", "2026-12-05T12:00:00Z"]);
    // The last in the list counts: number 999.
    assert_eq!(people(&who["items"][0]), ["alice"]);
    let found = run(&files, &["validate"]);
    found.ends(0);
    assert!(found.stdout.contains("overlapping-overrides"), "{}", found.stdout);
}

#[test]
fn what_would_be_passed_over_is_refused() {
    let broken = PAYMENTS.replace("  start: 2026-01-02\n", "");
    let files = files(&[("specs/payments.yaml", &broken), ("specs/escalation.yaml", ESCALATION)]);
    let proof = run(&files, &["escalate", "prove"]);
    proof.ends(2);
    assert!(proof.stderr.contains("does not say when its first turn begins"), "{}", proof.stderr);
    let layers = "\
apiVersion: sre/v1
kind: Rotation
metadata: {name: all-hours}
spec:
  time_zone: UTC
  until: 2026-01-10
  layers: [{rotation: office}]
";
    let files = self::files(&[("specs/office.yaml", OFFICE), ("specs/all.yaml", layers)]);
    let found = run(&files, &["validate"]);
    found.ends(1);
    assert!(found.stdout.contains("`until` says nothing beside `layers`"), "{}", found.stdout);
}

/// Handoffs every hour beside a calendar: each must not look at those of a whole month before it.
#[test]
fn hours_pass_by_holidays() {
    let hourly = "\
apiVersion: sre/v1
kind: Rotation
metadata: {name: hourly}
spec:
  time_zone: UTC
  rotation_type: hourly
  start: 2026-01-01
  handoff_on_holiday: {to: next_business_day, calendars: [days]}
  members: [alice, bob]
---
apiVersion: sre/v1
kind: HolidayCalendar
metadata: {name: days}
spec: {days: [{date: 2027-12-25}]}
";
    let files = files(&[("specs/hourly.yaml", hourly)]);
    let who = json(&files, &["oncall", "who", "--at", "2026-06-01T03:30:00Z"]);
    // Turn 3 of an even number of turns since the anchor.
    assert_eq!(people(&who["items"][0]), ["bob"]);
}

/// A rotation in UTC whose turns begin on Mondays at nine, with more of its fields.
fn mondays(more: &str) -> Files {
    let rotation = "\
apiVersion: sre/v1
kind: Rotation
metadata: {name: mondays}
spec:
  time_zone: UTC
  rotation_type: weekly
  handoff_day: monday
  handoff_time: \"09:00\"
  start: 2026-01-05
";
    self::files(&[("specs/mondays.yaml", &format!("{rotation}{more}"))])
}

#[test]
fn a_change_behind_somebody_with_two_places_goes_on_from_theirs() {
    let files = mondays(
        "  rosters:
    - {effective_from: 2026-01-05, members: [alice, bob, alice, carol]}
    - {effective_from: 2026-01-20, members: [alice, bob, alice, carol, dave]}
",
    );
    let range = ["--from", "2026-01-19T09:00:00Z", "--to", "2026-02-16T09:00:00Z"];
    let answer = json(&files, &[&["oncall", "schedule"][..], &range].concat());
    let shifts = answer["items"][0]["shifts"].as_array().unwrap().iter();
    let names: Vec<&str> = shifts.map(|shift| shift["person"].as_str().unwrap()).collect();
    assert_eq!(names, ["alice", "carol", "dave", "alice"]);
}

/// One night of 30 to 31 January, of which half an hour lies in February, and the next.
#[test]
fn a_night_counts_in_the_month_in_which_it_begins() {
    let rotation = "\
apiVersion: sre/v1
kind: Rotation
metadata: {name: nights}
spec:
  time_zone: UTC
  rotation_type: daily
  handoff_time: \"00:30\"
  start: 2026-02-01
  until: 2026-02-02T06:00:00Z
  members: [alice]
  limits: {max_nights_per_month: 1}
";
    let files = files(&[("specs/nights.yaml", rotation)]);
    run(&files, &["test", "--now", "2026-01-31T00:00:00Z"]).ends(0);
    files.write("specs/nights.yaml", rotation.replace("month: 1}", "month: 0}").as_bytes());
    let failed = run(&files, &["test", "--now", "2026-01-31T00:00:00Z"]);
    failed.ends(1);
    assert!(failed.stdout.contains("`alice` has 1 in 2026-01"), "{}", failed.stdout);
}

/// Egypt has no midnight on 24 April 2026.
#[test]
fn a_day_begins_when_its_first_instant_is() {
    let rotation = "\
apiVersion: sre/v1
kind: Rotation
metadata: {name: cairo}
spec:
  time_zone: Africa/Cairo
  rotation_type: daily
  start: 2026-04-01
  rosters:
    - {effective_from: 2026-04-01, members: [alice]}
    - {effective_from: 2026-04-24, members: [bob]}
";
    let files = files(&[("specs/cairo.yaml", rotation)]);
    let who = |at: &str| people(&json(&files, &["oncall", "who", "--at", at])["items"][0]).concat();
    assert_eq!(who("2026-04-23T21:59:00Z"), "alice");
    assert_eq!(who("2026-04-23T22:00:00Z"), "bob");
}

#[test]
fn hours_of_a_day_that_clocks_skip_are_nobodys() {
    let rotation = "\
apiVersion: sre/v1
kind: Rotation
metadata: {name: apia}
spec:
  time_zone: Pacific/Apia
  rotation_type: weekly
  start: 2011-12-01
  members: [alice]
  coverage: [{days: [friday], from: \"09:00\", to: \"17:00\"}]
";
    let files = files(&[("specs/apia.yaml", rotation)]);
    let range = ["--from", "2011-12-26T00:00:00Z", "--to", "2012-01-05T00:00:00Z"];
    let answer = json(&files, &[&["oncall", "schedule"][..], &range].concat());
    assert_eq!(answer["items"][0]["shifts"].as_array().unwrap().len(), 0, "{answer}");
}

#[test]
fn what_can_never_be_is_refused() {
    let ends = mondays("  until: 2020-01-01\n  members: [alice, bob]\n");
    let found = run(&ends, &["validate"]).stdout;
    assert!(found.contains("it ends before its first turn begins"), "{found}");
    let files = mondays("  members: [alice, bob]\n");
    let swap = |more: &[&str]| {
        let gives = ["--gives", "2026-12-07T09:00", "2026-12-08T09:00"];
        run(&files, &[&["oncall", "swap", "mondays"][..], more, &gives].concat())
    };
    // 7 December is bob's turn: the 48th, of two.
    let not_hers = swap(&["--user", "bob", "--with", "alice"]);
    not_hers.ends(2);
    assert!(not_hers.stderr.contains("nothing would change"), "{}", not_hers.stderr);
    swap(&["--user", "alice", "--with", "alice"]).ends(2);
    swap(&["--user", "alice", "--with", "bob", "--approved-by", "nobody"]).ends(2);
    swap(&["--user", "alice", "--with", "bob"]).ends(0);
    let team = "\
apiVersion: sre/v1
kind: Team
metadata: {name: all}
spec: {members: [{name: alice}, {name: bob, unavailable: [{from: 2026-12-28, through: 2026-12-29}]}]}
";
    let more = "  members: [alice, bob]\n  secondary: {offset: -1}\n  never: [{user: ghost}]\n";
    let files = mondays(more);
    files.write("specs/team.yaml", team.as_bytes());
    let found = run(&files, &["validate"]).stdout;
    assert!(found.contains("`ghost` is in no team"), "{found}");
    // Until nine on 28 December the turn is alice's; then it is his.
    assert!(found.contains("`bob` is secondary from 2026-12-28 00:00 UTC on and away"), "{found}");
    assert!(found.contains("`bob` is primary from 2026-12-28 09:00 UTC on and away"), "{found}");
    let times = ["--start", "2026-12-07T09:00", "--end", "2026-12-08T09:00"];
    let ghost =
        run(&files, &[&["oncall", "override", "mondays", "--user", "alcie"][..], &times].concat());
    ghost.ends(2);
    assert!(ghost.stderr.contains("did you mean `alice`?"), "{}", ghost.stderr);
}
