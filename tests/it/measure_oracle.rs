//! Predicates agree with DuckDB on random conditions over random rows.
//!
//! Runs only where `SRE_ORACLES` names a Python interpreter that has the package `duckdb`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program they compare with, and what is not as expected may panic"
)]
use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use sre::kernel::measure::Predicate;

const COLUMNS: [&str; 5] = ["number_a", "number_b", "text_a", "text_b", "flag"];

/// A generator of numbers that is the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }

    fn choose<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())]
    }
}

/// The same expression as we and as DuckDB write it: there, columns must be cast.
#[derive(Clone)]
struct Pair {
    ours: String,
    theirs: String,
}

impl Pair {
    fn same(text: impl Into<String>) -> Self {
        let ours = text.into();
        Self { theirs: ours.clone(), ours }
    }

    /// Fills `{}` of a pattern with each side of the parts.
    fn fill(pattern: &str, parts: &[Pair]) -> Self {
        let fill = |side: fn(&Pair) -> &String| {
            let mut parts = parts.iter();
            let mut pieces = pattern.split("{}");
            let mut text = pieces.next().unwrap().to_owned();
            for piece in pieces {
                text += side(parts.next().unwrap());
                text += piece;
            }
            text
        };
        Self { ours: fill(|pair| &pair.ours), theirs: fill(|pair| &pair.theirs) }
    }
}

fn number(random: &mut Random, depth: usize) -> Pair {
    let choice = if depth == 0 { random.below(3) } else { random.below(11) };
    let mut inner = || number(random, depth - 1);
    match choice {
        0 | 1 => {
            let column = random.choose(&COLUMNS[..2]);
            Pair { ours: column.into(), theirs: format!("TRY_CAST({column} AS DOUBLE)") }
        }
        2 => Pair::same(random.choose(&["0", "1", "-3", "7", "500", "2.5e0", "0.1e0", "-1.5e2"])),
        3 | 4 => {
            let parts = [inner(), inner()];
            let operator = random.choose(&["+", "-", "*", "/", "%"]);
            Pair::fill(&format!("({{}} {operator} {{}})"), &parts)
        }
        5 => Pair::fill("(- {})", &[inner()]),
        6 => Pair::fill("length({})", &[text(random, depth - 1)]),
        7 => {
            let column = random.choose(&COLUMNS[..3]);
            let target = random.choose(&["INTEGER", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE"]);
            Pair {
                ours: format!("CAST({column} AS {target})"),
                theirs: format!("TRY_CAST({column} AS {target})"),
            }
        }
        8 => {
            let value = inner();
            let ours = format!("({} + 0)::integer", value.ours);
            Pair { ours, theirs: format!("TRY_CAST(({} + 0) AS INTEGER)", value.theirs) }
        }
        9 => {
            let parts = [inner(), inner()];
            // Typed by its first alternative, so that two columns are numbers here too.
            let pattern = "coalesce({} + 0, {} + 0)";
            Pair::fill(pattern, &parts)
        }
        _ => {
            let parts = [condition(random, depth - 1), number(random, 0), number(random, 0)];
            Pair::fill("CASE WHEN {} THEN {} + 0 ELSE {} + 0 END", &parts)
        }
    }
}

fn text(random: &mut Random, depth: usize) -> Pair {
    let choice = if depth == 0 { random.below(3) } else { random.below(7) };
    match choice {
        0 | 1 => {
            let column = random.choose(&COLUMNS[2..4]);
            Pair { ours: format!("{column}::varchar"), theirs: column.into() }
        }
        2 => Pair::same(random.choose(&["'abc'", "''", "'/health'", "'Größe'", "'it''s'", "'10'"])),
        3 => Pair::fill("lower({})", &[text(random, depth - 1)]),
        4 => Pair::fill("upper({})", &[text(random, depth - 1)]),
        5 => Pair::fill("coalesce({}, {})", &[text(random, depth - 1), text(random, depth - 1)]),
        _ => {
            let parts = [condition(random, depth - 1), text(random, 0), text(random, 0)];
            Pair::fill("CASE WHEN {} THEN {} ELSE {} END", &parts)
        }
    }
}

fn condition(random: &mut Random, depth: usize) -> Pair {
    let comparison = random.choose(&["=", "<>", "<", "<=", ">", ">=", "!="]);
    let negation = random.choose(&["", "NOT "]);
    let choice = if depth == 0 { random.below(4) } else { random.below(16) };
    let d = depth.saturating_sub(1);
    match choice {
        0 | 1 => {
            let parts = [number(random, d), number(random, d)];
            // Two columns alone have no type of their own.
            Pair::fill(&format!("({{}} + 0 {comparison} {{}})"), &parts)
        }
        2 => {
            let parts = [text(random, d), text(random, d)];
            Pair::fill(&format!("({{}} {comparison} {{}})"), &parts)
        }
        3 => Pair { ours: "flag::boolean".into(), theirs: "TRY_CAST(flag AS BOOLEAN)".into() },
        4 | 5 => Pair::fill("({} AND {})", &[condition(random, d), condition(random, d)]),
        6 | 7 => Pair::fill("({} OR {})", &[condition(random, d), condition(random, d)]),
        8 => Pair::fill("(NOT {})", &[condition(random, d)]),
        9 => {
            let test =
                random.choose(&["NULL", "NOT NULL", "TRUE", "NOT TRUE", "FALSE", "NOT FALSE"]);
            Pair::fill(&format!("({{}} IS {test})"), &[condition(random, d)])
        }
        10 => {
            let parts = [number(random, d), number(random, 0), number(random, 0)];
            Pair::fill(&format!("({{}} + 0 {negation}BETWEEN {{}} AND {{}})"), &parts)
        }
        11 => {
            let list = random.choose(&["1, 500", "0, NULL", "2.5e0, 7, 503"]);
            Pair::fill(&format!("({{}} + 0 {negation}IN ({list}))"), &[number(random, d)])
        }
        12 => {
            let list = random.choose(&["'abc', ''", "'Größe', NULL", "'x'"]);
            Pair::fill(&format!("({{}} {negation}IN ({list}))"), &[text(random, d)])
        }
        13 => {
            let like = random.choose(&["LIKE", "ILIKE"]);
            let pattern = random.choose(&[
                "'%'",
                "'/h%'",
                "'%s'",
                "'%e%'",
                "'_b_'",
                "'gr__e'",
                "''",
                "'a%c'",
                "'%_%'",
                "'1!0' ESCAPE '!'",
                "'%!%%' ESCAPE '!'",
            ]);
            Pair::fill(&format!("({{}} {negation}{like} {pattern})"), &[text(random, d)])
        }
        14 => {
            let function = random.choose(&["starts_with", "ends_with", "contains"]);
            Pair::fill(&format!("{function}({{}}, {{}})"), &[text(random, d), text(random, d)])
        }
        _ => {
            let regex = random.choose(&["'^/h'", "'[0-9]+'", "'(b|ö)'", "'^$'", "'H', 'i'"]);
            Pair::fill(&format!("regexp_matches({{}}, {regex})"), &[text(random, d)])
        }
    }
}

fn rows(random: &mut Random) -> Vec<[Option<&'static str>; 5]> {
    const NUMBERS: [Option<&str>; 16] = [
        None,
        Some("0"),
        Some("1"),
        Some("-3"),
        Some("500"),
        Some("503"),
        Some("2.5"),
        Some("3.5"),
        Some("-2.5"),
        Some("1e3"),
        Some(" 7 "),
        Some("127"),
        Some("128"),
        Some("abc"),
        Some(""),
        Some("+4"),
    ];
    const TEXTS: [Option<&str>; 10] = [
        None,
        Some(""),
        Some("abc"),
        Some("ABC"),
        Some("/health"),
        Some("/healthz"),
        Some("Größe"),
        Some("100%"),
        Some("it's"),
        Some("10"),
    ];
    const FLAGS: [Option<&str>; 8] = [
        None,
        Some("true"),
        Some("FALSE"),
        Some("t"),
        Some("0"),
        Some("1"),
        Some("maybe"),
        Some("f"),
    ];
    (0..60)
        .map(|_| {
            [
                random.choose(&NUMBERS),
                random.choose(&NUMBERS),
                random.choose(&TEXTS),
                random.choose(&TEXTS),
                random.choose(&FLAGS),
            ]
        })
        .collect()
}

/// Results of DuckDB for all conditions and rows.
fn ask_duckdb(python: &std::ffi::OsStr, job: &Value) -> Vec<Value> {
    let script = format!("{}/tests/oracle/predicates.py", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(job.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn predicates_agree_with_duckdb() {
    let Some(python) = std::env::var_os("SRE_ORACLES") else {
        eprintln!("skipped: SRE_ORACLES names no Python interpreter with duckdb");
        return;
    };
    let mut random = Random(0x5EED_0001);
    let rows = rows(&mut random);
    let conditions: Vec<Pair> = (0..3000).map(|_| condition(&mut random, 3)).collect();
    let theirs: Vec<&String> = conditions.iter().map(|pair| &pair.theirs).collect();
    let job = json!({"columns": COLUMNS, "rows": rows, "conditions": theirs});
    let answers = ask_duckdb(&python, &job);
    assert_eq!(answers.len(), conditions.len());
    let mut differences = Vec::new();
    for (pair, answers) in conditions.iter().zip(&answers) {
        let Some(answers) = answers.as_array() else {
            differences.push(answers.to_string());
            continue;
        };
        let predicate = Predicate::parse(&pair.ours)
            .unwrap_or_else(|error| panic!("{}: {error} at {:?}", pair.ours, error.at));
        for (row, answer) in rows.iter().zip(answers) {
            let column =
                |name: &str| row[COLUMNS.iter().position(|column| *column == name).unwrap()];
            let ours = predicate.evaluate_named(column);
            if ours != answer.as_bool() {
                differences.push(format!("{} over {row:?}: {ours:?}, not {answer}", pair.ours));
                break;
            }
        }
    }
    let shown = differences.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} of 3000 differ:\n{shown}", differences.len());
}
