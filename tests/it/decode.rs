//! The decoder: every problem in one pass, places that survive, and texts made to do harm.
#![expect(clippy::disallowed_methods, reason = "reads the fixtures")]
use crate::schema::{fixtures, to_json};
use proptest::prelude::*;
use serde_json::{Value, json};
use sre::{
    kernel::{
        diagnostic::{Finding, Level},
        settings::Settings,
        source::{Position, SourceId},
        spec::{
            Document, LoadedText,
            core_schema::{CoreType, core_type},
            load_text,
            tree::{NodeId, Style, Tree, Value as Content},
            yaml,
        },
    },
    registry::KINDS,
};
use std::{fmt::Write, fs};

fn load(text: &str) -> LoadedText {
    load_text(SourceId(0), text, &KINDS, &[])
}

/// `line:column level message = help`, a line for each finding.
fn told(text: &str, findings: &[Finding]) -> String {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for finding in findings {
        let place = finding.primary.place;
        let Position { line, column, .. } = Position::of(text, place.start as usize);
        let mut told = format!("{line}:{column} {} {}", finding.rule.name, finding.message);
        if let Some(help) = &finding.help {
            write!(told, " = {help}").unwrap();
        }
        lines.push((place.start, told));
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(told(text, &load(text).findings), expected, "{text}");
}

#[test]
fn every_mistake_is_told_in_one_pass() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/decode/mistakes.yaml");
    let expected = "\
5:16 wrong-type expected text, found the number `12` = write it in quotes: \"12\"
6:28 duplicate-key duplicate key `team` = keep one of the two
9:8 unknown-field unknown field `nmae` = did you mean `name`?
9:22 wrong-type expected text, found a list
11:3 wrong-type expected the name of a Service, found a list
13:15 invalid-value `availabilty` is not allowed here; expected `availability`, `latency`, \
`throughput`, `freshness`, `correctness`, `coverage` or `durability` = did you mean `availability`?
14:43 invalid-value `latency` cannot stand beside `good` = keep only one of `good`, `bad` or \
`latency`
15:13 invalid-value `counts` cannot stand beside `events` = keep only one of `events`, `counts` or \
`prometheus`
16:3 unknown-field unknown field `targets` = did you mean `target`?
17:11 invalid-value `30` has no unit = write the unit: `30s`, `30m`, `30h` or `30d`
18:17 invalid-value `threshold_ms` is a number of milliseconds = write `threshold` with its unit \
instead
19:11 invalid-value `time_slices` is not allowed here; expected `occurrences`, `timeslices` or `ratio_timeslices` = did you mean `timeslices`?
22:43 invalid-value a window must have a length = write a duration such as `1h`
22:78 invalid-value `budget_share` cannot stand beside `burn_rate` = keep only one of `burn_rate` \
or `budget_share`
24:9 wrong-type `long` has no value; expected a duration such as `30d`, `1h30m` or `200ms`
25:20 invalid-value a burn rate to alert on is above 0
26:9 wrong-type expected a mapping with `name`, `severity`, `long` …, found the text `ticket`
27:18 wrong-type the tag `!link` does not fit here = remove it; quotes make a value text, and no \
other tag is needed
28:3 duplicate-key duplicate key `runbook` = keep one of the two
30:1 missing-field missing field `spec`
30:13 invalid-value `sre/v2` is not a version of the language = write `apiVersion: sre/v1`
31:7 unknown-kind unknown kind `Sevice` = did you mean `Service`?
32:18 invalid-value a name cannot begin or end with a space
37:14 wrong-type expected a whole number from 0 to 255, found the number `300`";
    check(&fs::read_to_string(path).unwrap(), expected);
}

#[test]
fn what_could_be_read_beside_a_mistake_is_there() {
    let loaded = load(
        "apiVersion: sre/v1\nkind: Service\nmetadata: {name: a, owner: [b]}\n\
         spec: {tier: 300, depends_on: [{service: b}, 5, {service: c}]}\n",
    );
    let [document] = loaded.documents.as_slice() else { panic!("{loaded:?}") };
    assert!(!document.clean);
    assert_eq!((document.name(), document.owner()), ("a", None));
    let references: Vec<&str> = document.references.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(references, ["b", "c"]);
}

#[test]
fn an_empty_envelope_is_told_field_by_field() {
    check(
        "apiVersion: sre/v1\nkind:\nmetadata:\nspec:\n",
        "2:1 wrong-type `kind` has no value; expected text\n\
         3:1 wrong-type `metadata` has no value; expected a mapping with `name`, `display_name`, \
         `description` …",
    );
    check(
        "apiVersion:\nkind: SLO\nmetadata: {name: a}\nspec:\n",
        "1:1 wrong-type `apiVersion` has no value; expected text\n\
         4:1 wrong-type `spec` has no value; expected a mapping with `service`, `sli`, `target` …",
    );
    check(
        "kind: Service\n",
        "1:1 missing-field missing field `apiVersion`\n1:1 missing-field missing field `metadata`\n1:1 missing-field missing field `spec`",
    );
}

/// All nodes with their ids.
fn nodes<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = (NodeId, &'t str, Style, (usize, usize))> {
    (0..).zip(&tree.nodes).filter_map(|(id, node)| match &node.value {
        Content::Scalar(text, style) => {
            Some((id, text.as_ref(), *style, (node.start as usize, node.end as usize)))
        }
        _ => None,
    })
}

#[test]
fn a_scalar_cut_from_the_text_reads_the_same() {
    let mut seen = 0;
    for text in fixtures("good") {
        let stream = yaml::parse(&text);
        for (_, value, style, (start, end)) in nodes(&stream.documents[0].tree) {
            let cut = &text[start..end];
            if style == Style::Block {
                // The place of a block is its content, without `|` and with its indent.
                assert!(cut.split_whitespace().eq(value.split_whitespace()), "{cut:?}");
                continue;
            }
            let again = yaml::parse(cut);
            let read = match again.documents.as_slice() {
                [] => String::new(),
                [document] => {
                    let (text, own) = document.tree.scalar(document.tree.root).unwrap();
                    assert_eq!(own, style, "{cut}");
                    text.to_owned()
                }
                _ => panic!("{cut}"),
            };
            assert_eq!(read, value, "{cut:?}");
            seen += 1;
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn names_and_references_point_at_what_was_written() {
    for text in fixtures("good") {
        let loaded = load(&text);
        let [document]: &[Document] = &loaded.documents else { panic!("{text}") };
        let read = |range: std::ops::Range<usize>| {
            let cut = yaml::parse(&text[range]);
            let tree = &cut.documents[0].tree;
            tree.scalar(tree.root).map(|(text, _)| text.to_owned())
        };
        let written = &text[document.name_place().range()];
        assert!(written.contains(document.name().split('\'').next().unwrap()), "{written}");
        for reference in &document.references {
            assert_eq!(read(reference.place.range()).as_ref(), Some(&reference.name), "{text}");
        }
    }
}

#[test]
fn yaml_1_2_decides_what_is_text() {
    let scalars = [
        ("no", json!("no")),
        ("on", json!("on")),
        ("y", json!("y")),
        ("12:00", json!("12:00")),
        ("2026-05-14", json!("2026-05-14")),
        ("1_000", json!("1_000")),
        ("0b11", json!("0b11")),
        ("0o17", json!(15)),
        ("017", json!(17)),
        ("0x1F", json!(31)),
        ("+12", json!(12)),
        ("-0", json!(0)),
        ("1e3", json!(1000.0)),
        (".5", json!(0.5)),
        ("5.", json!(5.0)),
        ("1.2.3", json!("1.2.3")),
        ("e3", json!("e3")),
        (".", json!(".")),
        ("-", json!("-")),
        ("nan", json!("nan")),
        ("Null", json!(null)),
        ("nULL", json!("nULL")),
        ("True", json!(true)),
        ("tRUE", json!("tRUE")),
        ("!!str 12", json!("12")),
        ("'12'", json!("12")),
        ("~", json!(null)),
    ];
    for (text, expected) in scalars {
        let text = format!("[{text}]");
        let stream = yaml::parse(&text);
        let read = stream.documents.first().and_then(|d| to_json(&d.tree, d.tree.root));
        // `-` alone is the beginning of an item, even here.
        if text == "[-]" {
            assert!(!stream.errors.is_empty());
            continue;
        }
        assert_eq!(read, Some(json!([expected])), "{text}");
    }
}

const HEAD: &str = "apiVersion: sre/v1\nkind: Service\nmetadata: {name: a}\n";

/// How many findings a text may cause: no more than it has bytes, and some for what expands.
fn bounded(text: &str) -> LoadedText {
    let loaded = load(text);
    let count = loaded.findings.len();
    assert!(count <= text.len() + 200_000, "{count} findings in {} bytes", text.len());
    for finding in &loaded.findings {
        let Some(written) = text.get(finding.primary.place.range()) else {
            panic!("{finding:?}");
        };
        assert!(finding.message.len() < 500, "{} in {written}", finding.message);
    }
    loaded
}

/// How often a message occurs.
fn count(loaded: &LoadedText, message: &str) -> usize {
    loaded.findings.iter().filter(|finding| finding.message.contains(message)).count()
}

#[test]
fn aliases_of_aliases_are_not_written_out() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (one, next) in ('a'..='i').zip('b'..='j') {
        let aliases = vec![format!("*{one}"); 9].join(", ");
        writeln!(bomb, "{next}: &{next} [{aliases}]").unwrap();
    }
    let text =
        format!("{HEAD}spec: {{depends_on: *j}}\n").replace("kind:", &format!("{bomb}kind:"));
    let loaded = bounded(&text);
    assert_eq!(count(&loaded, "unknown field"), 10);
    assert_eq!(count(&loaded, "expected a mapping with `service`"), 9);
    // The tree is as long as the text, whatever it stands for.
    assert!(yaml::parse(&text).documents[0].tree.nodes.len() < text.len());
}

#[test]
fn many_aliases_of_a_long_text_end_in_one_finding() {
    let big = "x".repeat(100_000);
    let links = vec!["{name: *big, url: u}"; 20_000].join(", ");
    let text = format!("{HEAD}spec: {{runbooks: [{{name: &big {big}, url: u}}, {links}]}}\n");
    let loaded = bounded(&text);
    assert_eq!(count(&loaded, "aliases expand this document too far"), 1);
    assert_eq!(loaded.findings.len(), 1);
    assert!(!loaded.documents[0].clean);
}

#[test]
fn many_aliases_of_a_long_wrong_text_are_told_in_few_words() {
    let big = "x".repeat(100_000);
    let aliases = vec!["*big"; 20_000].join(", ");
    let text = format!("{HEAD}spec: {{depends_on: [&big {big}, {aliases}]}}\n");
    assert_eq!(count(&bounded(&text), "expected a mapping with `service`"), 20_001);
}

#[test]
fn many_aliases_of_a_wrong_mapping_tell_it_once() {
    let wrong: String = (0..5_000).map(|n| format!("k{n}: 1, ")).collect();
    let aliases = vec!["*wrong"; 20_000].join(", ");
    let text = format!("{HEAD}spec: {{depends_on: [&wrong {{{wrong}}}, {aliases}]}}\n");
    let loaded = bounded(&text);
    assert_eq!(count(&loaded, "unknown field"), 5_000);
    assert_eq!(count(&loaded, "aliases expand this document too far"), 1);
}

#[test]
fn many_merges_end_in_a_finding() {
    let base: String = (0..1_000).map(|n| format!("k{n}: v, ")).collect();
    let merges = vec!["*base"; 20_000].join(", ");
    let same = format!("base: &base {{{base}}}\nuse: {{<<: [{merges}]}}\n");
    let uses: String = (0..20_000).map(|n| format!("u{n}: {{<<: *base}}\n")).collect();
    let each = format!("base: &base {{{base}}}\n{uses}");
    for text in [same, each] {
        let stream = yaml::parse(&text);
        let [document] = stream.documents.as_slice() else { panic!("one document") };
        assert!(document.tree.entries.len() < 150_000, "{}", document.tree.entries.len());
        assert!(!document.problems.is_empty());
        let ours = format!("{HEAD}spec: {{}}\n{text}");
        assert!(count(&bounded(&ours), "merges expand this document too far") >= 1);
    }
}

#[test]
fn a_long_document_may_merge() {
    let labels: String = (0..200_000).map(|n| format!("    k{n}: v\n")).collect();
    let text = format!(
        "apiVersion: sre/v1\nkind: Service\nmetadata:\n  name: a\n  labels:\n{labels}\
         spec:\n  depends_on: [&d {{service: b}}, {{<<: *d}}]\n"
    );
    let loaded = bounded(&text);
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings.first());
    assert_eq!(loaded.documents[0].labels().count(), 200_000);
}

#[test]
fn long_keys_are_refused_before_they_are_compared() {
    let big = "x".repeat(100_000);
    let keys: String = (0..20_000).map(|n| format!("*big : {n}, ")).collect();
    let text = format!("{HEAD}spec: {{tier: &big {big}}}\nlabels: {{{keys}}}\n");
    assert_eq!(count(&bounded(&text), "a key has at most 1024 bytes"), 20_000);
}

#[test]
fn long_unknown_keys_are_not_compared_with_fields() {
    let key = "k".repeat(1_000_000);
    let loaded = bounded(&format!("{HEAD}spec: {{? {key}\n : 1}}\n"));
    assert_eq!(count(&loaded, "unknown field"), 1);
    assert_eq!(count(&loaded, "a key has at most"), 1);
}

#[test]
fn deep_nesting_ends_in_a_finding() {
    for (open, close) in [("{a: ", "}"), ("[", "]"), ("- ", ""), ("? ", "")] {
        let text = format!("{}x{}", open.repeat(100_000), close.repeat(100_000));
        let loaded = bounded(&format!("{HEAD}spec: {{}}\n---\n{text}"));
        assert_eq!(loaded.findings.len(), 1, "{open}: {:?}", loaded.findings);
        assert_eq!(loaded.documents.len(), 1);
    }
    let steps: String = (0..100_000_usize).map(|n| format!("{:1$}a:\n", "", n % 100)).collect();
    assert_eq!(bounded(&steps).findings.len(), 1);
}

#[test]
fn as_deep_as_allowed_is_read() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(yaml::parse(&nested(yaml::NESTING_LIMIT)).errors.is_empty());
    assert_eq!(yaml::parse(&nested(yaml::NESTING_LIMIT + 1)).errors.len(), 1);
}

#[test]
fn long_texts_are_read() {
    for quote in ["", "'", "\""] {
        let text = format!(
            "apiVersion: sre/v1\nkind: Service\n\
             metadata: {{name: a, description: {quote}{}{quote}}}\nspec: {{}}\n",
            "long ".repeat(2_000_000) + "text"
        );
        let loaded = bounded(&text);
        assert!(loaded.findings.is_empty() && loaded.documents[0].clean);
    }
}

#[test]
fn many_keys_are_read_or_told_one_by_one() {
    let keys: String = (0..300_000).map(|n| format!("  k{n}: v\n")).collect();
    let labels = format!(
        "apiVersion: sre/v1\nkind: Service\nspec: {{}}\nmetadata:\n  name: a\n  labels:\n{}",
        keys.replace("  k", "    k")
    );
    assert!(bounded(&labels).findings.is_empty());
    let few: String = keys.split_inclusive('\n').take(30_000).collect();
    assert_eq!(count(&bounded(&format!("{HEAD}spec:\n{few}")), "unknown field"), 30_000);
}

#[test]
fn many_documents_are_read() {
    let loaded = bounded(&format!("{HEAD}spec: {{}}\n---\n").repeat(20_000));
    assert!(loaded.findings.is_empty());
    assert_eq!(loaded.documents.len(), 20_000);
    assert_eq!(bounded(&"a: 1\n---\n".repeat(200_000)).foreign.len(), 200_000);
    assert!(bounded(&"---\n".repeat(200_000)).documents.is_empty());
}

#[test]
fn many_broken_documents_are_told_one_by_one() {
    let loaded = bounded(&"a: [\n---\n".repeat(20_000));
    assert_eq!(count(&loaded, "not valid YAML"), 20_000);
}

#[test]
fn many_comments_are_read() {
    let comments = "# sre: ignore[unknown-field] until=2027-01-31 reason\n".repeat(100_000);
    let loaded = bounded(&format!("{comments}{HEAD}spec: {{}}\n{comments}"));
    assert_eq!(loaded.suppressions.len(), 200_000);
}

#[test]
fn control_characters_are_told_with_their_place() {
    for (character, code) in
        [('\0', "0000"), ('\x07', "0007"), ('\x1b', "001B"), ('\x7f', "007F"), ('\x0c', "000C")]
    {
        check(
            &format!("{HEAD}spec: {{}} # {character}\n"),
            &format!(
                "4:12 yaml-syntax the control character U+{code} is not allowed = remove it, or \
                 write it as an escape in double quotes"
            ),
        );
    }
    for character in ['\u{80}', '\u{9f}', '\u{fffe}', '\u{ffff}'] {
        let loaded = bounded(&format!("{HEAD}spec: {{tier: {character}}}\n"));
        assert_eq!(loaded.findings.len(), 1, "{character:?}: {:?}", loaded.findings);
    }
}

#[test]
fn tabs_are_told_where_they_indent() {
    check(
        &format!("{HEAD}spec:\n\ttier: 1\n"),
        "5:1 yaml-syntax a tab cannot indent = replace the tab with spaces",
    );
    assert!(load(&format!("{HEAD}spec: {{tier:\t1}}\t# comment\n")).findings.is_empty());
}

#[test]
fn line_ends_and_byte_order_marks_change_nothing() {
    for text in fixtures("good") {
        let lines = load(&text.replace('\n', "\r\n"));
        let marked = load(&format!("\u{feff}{text}"));
        for loaded in [lines, marked] {
            assert_eq!(loaded.documents.len(), 1, "{text}");
            assert!(loaded.documents[0].clean, "{:?}", loaded.findings);
        }
    }
    let text = "\u{feff}kind: Service\r\nmetadata: {name: a}\r\nspec: {teir: 1}\r\n\
                apiVersion: sre/v1\r\n";
    check(text, "3:8 unknown-field unknown field `teir` = did you mean `tier`?");
}

#[test]
fn broken_aliases_are_told() {
    let unknown = load(&format!("{HEAD}spec: {{tier: *one}}\n"));
    assert_eq!(
        told(&format!("{HEAD}spec: {{tier: *one}}\n"), &unknown.findings).lines().count(),
        1
    );
    check(
        &format!("{HEAD}spec: {{depends_on: &a [*a]}}\n"),
        "4:24 yaml-syntax this alias stands inside what it stands for = write the value out",
    );
    // Anchors are those of their own document.
    let two = load(&format!("{HEAD}spec: {{tier: &t 1}}\n---\n{HEAD}spec: {{tier: *t}}\n"));
    assert_eq!((two.documents.len(), two.findings.len()), (1, 1));
}

#[test]
fn merges_of_other_things_are_told() {
    check(
        &format!("{HEAD}spec: {{<<: 5, tier: 1}}\n"),
        "4:12 wrong-type `<<` merges mappings only",
    );
    check(
        &format!("{HEAD}spec: {{<<: [{{tier: 1}}, x]}}\n"),
        "4:24 wrong-type `<<` merges mappings only",
    );
}

#[test]
fn escapes_that_do_not_exist_are_told() {
    for escape in ["\\q", "\\x4", "\\u12", "\\UFFFFFFFF", "\\ud800"] {
        let text = format!("{HEAD}spec: {{tier: \"{escape}\"}}\n");
        assert_eq!(count(&bounded(&text), "not valid YAML"), 1, "{escape}");
    }
}

#[test]
fn texts_without_a_document_are_empty() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n---\n", "\u{feff}", " ", "~"]
    {
        let loaded = load(text);
        assert!(loaded.documents.is_empty() && loaded.foreign.is_empty(), "{text:?}");
        assert!(loaded.findings.is_empty(), "{text:?}: {:?}", loaded.findings);
    }
}

#[test]
fn other_languages_are_left_alone() {
    for text in [
        "text",
        "[1, 2]",
        "a: 1",
        "apiVersion: v1\nkind: Service\nspec: {ports: []}\n",
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n",
        "Resources: {a: !Ref b, a: !Sub c}",
    ] {
        let loaded = load(text);
        assert_eq!(loaded.foreign.len(), 1, "{text}");
        assert!(loaded.findings.is_empty(), "{text}: {:?}", loaded.findings);
    }
}

#[test]
fn directives_change_nothing() {
    for directive in ["%YAML 1.2", "%YAML 1.1", "%UNKNOWN thing", "%TAG ! tag:example.com,2000:"] {
        let loaded = load(&format!("{directive}\n---\n{HEAD}spec: {{}}\n"));
        assert!(loaded.findings.is_empty(), "{directive}: {:?}", loaded.findings);
        assert_eq!(loaded.documents.len(), 1, "{directive}");
    }
}

#[test]
fn tags_that_do_not_fit_are_told() {
    let quoted =
        load("apiVersion: sre/v1\nkind: Service\nmetadata: {name: !!str 12}\nspec: !!map {}\n");
    assert!(quoted.findings.is_empty(), "{:?}", quoted.findings);
    check(
        &format!("{HEAD}spec: {{tier: !tier 1}}\n"),
        "4:20 wrong-type the tag `!tier` does not fit here = remove it; quotes make a value text, \
         and no other tag is needed",
    );
}

#[test]
fn settings_are_read_as_strictly_as_documents() {
    let text = "fail_on: warning\nfail_on: note\n---\ntime_zone: UTC\n";
    let (_, findings, _) = Settings::load(SourceId(0), text);
    assert_eq!(
        told(text, &findings),
        "2:1 duplicate-key duplicate key `fail_on` = keep one of the two\n\
         4:1 invalid-value a catalog has one document of settings = move what this one says into \
         the first"
    );
    for empty in ["", "---\n", "# nothing yet\n"] {
        assert_eq!(Settings::load(SourceId(0), empty).1, []);
    }
    let (settings, findings, _) = Settings::load(SourceId(0), "---\n---\nfail_on: note\n");
    assert_eq!((settings.fail_on(), findings.len()), (Level::Note, 0));
}

/// Pieces of YAML and of documents, as a careless or hostile hand puts them together.
fn soup() -> impl Strategy<Value = String> {
    let pieces = vec![
        "apiVersion: sre/v1",
        "kind: SLO",
        "kind: Service",
        "metadata:",
        "name: a",
        "spec:",
        "sli:",
        "target: 99%",
        "target_percent: 1",
        "threshold_ms: 200",
        "tiers:",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "- ",
        ": ",
        "? ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "&a ",
        "*a ",
        "<<: ",
        "!!str ",
        "!x ",
        "'",
        "\"",
        "\\",
        "|",
        ">-",
        "#",
        " # sre: ignore[x]",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "\t",
        "~",
        "null",
        "1",
        "1.5",
        "x",
        "é",
        "\u{2028}",
        "\u{feff}",
        "\r",
        "\r\n",
        "\u{85}",
        "@",
        "`",
    ];
    let piece =
        prop_oneof![9 => prop::sample::select(pieces).prop_map(str::to_owned), 1 => ".{0,4}"];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Any JSON.
fn tree() -> impl Strategy<Value = Value> {
    let words = ["null", "~", "", "true", "No", "=", "---", "- a", "? a", "#", "<<", "!!str", "&a"];
    let text = prop_oneof![
        "[ -~]{0,12}",
        ".{0,6}",
        "[-+]?[0-9]{0,3}[.eExob_:]?[0-9]{0,3}",
        "[a-z \\n\\t]{0,20}",
        prop::sample::select(words.to_vec()).prop_map(str::to_owned),
    ]
    // The parser takes a block of nothing but kept line ends for an empty text.
    .prop_filter("line ends only", |text| text.is_empty() || !text.trim_matches('\n').is_empty())
    .prop_filter("a number in YAML 1.2, and written like a text: `007`, `1e999`", |text| {
        let written = serde_yaml::to_string(text).unwrap();
        written.trim_end() != text || core_type(text) == CoreType::Text
    });
    // `<<` merges, and of line ends in keys serde_yaml drops the last.
    let key = text.clone().prop_filter("a key", |key| key != "<<" && !key.contains('\n'));
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|entries| entries.into_iter().collect::<Value>()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_does_harm(text in prop_oneof![soup(), "\\PC{0,40}", ".{0,40}"]) {
        let loaded = bounded(&text);
        for document in &loaded.documents {
            prop_assert!(text.get(document.place.range()).is_some());
            for reference in &document.references {
                prop_assert!(text.get(reference.place.range()).is_some());
            }
        }
        Settings::load(SourceId(0), &text);
    }

    #[test]
    fn what_serde_yaml_writes_reads_the_same(value in tree()) {
        let text = serde_yaml::to_string(&value).unwrap();
        let stream = yaml::parse(&text);
        prop_assert!(stream.errors.is_empty(), "{:?}\n{}", stream.errors, text);
        let document = &stream.documents[0];
        prop_assert_eq!(to_json(&document.tree, document.tree.root), Some(value), "{}", text);
    }
}
