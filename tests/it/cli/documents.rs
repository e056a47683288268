//! Which documents commands find, and which they pass over.
#![expect(clippy::disallowed_methods, reason = "looks at the files that the program wrote")]
use super::harness::{Files, Run};

const SERVICE: &str =
    "apiVersion: sre/v1\nkind: Service\nmetadata: {name: NAME, owner: team}\nspec: {tier: 2}\n";

fn service(name: &str) -> String {
    SERVICE.replace("NAME", name)
}

fn names(files: &Files, arguments: &[&str]) -> Vec<String> {
    let answer = Run::new(&["list"]).args(arguments.iter().copied()).within(files).json();
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn settings_mark_the_root_and_gitignore_is_honoured() {
    let files = Files::new(&[
        ("sre.yaml", "{}\n"),
        (".gitignore", "drafts/\n"),
        ("a.yaml", &service("a")),
        ("deep/er/b.yml", &(service("b") + "---\n" + &service("c"))),
        ("drafts/d.yaml", &service("d")),
        ("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: e}\n"),
        ("notes.txt", "not YAML: ["),
    ]);
    assert_eq!(names(&files, &[]), ["a", "b", "c"]);
    let ran = Run::new(&["validate", "--level", "service-without-slo=off"]).within(&files).go();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stderr.contains("1 document of other languages passed over"), "{}", ran.stderr);
    let ran = Run::new(&["validate", "deployment.yaml"]).within(&files).go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("is a document of `apps/v1 Deployment`"), "{}", ran.stderr);
}

#[test]
fn standard_input_is_read_with_the_catalog_around() {
    let files = Files::new(&[("specs/a.yaml", &service("a"))]);
    let text = "apiVersion: sre/v1\nkind: Service\nmetadata: {name: x, owner: team}\n\
                spec: {tier: 2, depends_on: [{service: a}, {service: b}]}\n";
    let ran = Run::new(&["validate", "-", "--format", "concise"]).within(&files).stdin(text).go();
    assert!(
        ran.stdout.contains("<stdin>:4:54: warning[REF003] no Service is called `b`"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("called `a`"), "{}", ran.stdout);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let files = Files::new(&[]);
    files.write("specs/a.yaml", b"apiVersion: sre/v1\nkind: \xff\n");
    Run::new(&["validate"]).within(&files).check(
        "",
        "error: `specs/a.yaml` is not UTF-8: byte 25 cannot be read\n  help: save the file as UTF-8\n",
        2,
    );
    // Beside what is meant it is told, and nothing else.
    files.write("specs/b.yaml", service("b").as_bytes());
    let ran = Run::new(&["validate", "specs/b.yaml"]).within(&files).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("warning: `specs/a.yaml` is not UTF-8"), "{}", ran.stderr);
    let ran = Run::new(&["validate", "nowhere.yaml"]).within(&files).go();
    assert_eq!((ran.code, ran.stderr.as_str()), (2, "error: `nowhere.yaml` does not exist\n"));
}

#[test]
fn formatting_changes_only_what_is_not_canonical() {
    let text = "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: x}\nspec:\n  # why\n  target_percent: 0.99\n  window:    30d\n";
    let files = Files::new(&[("specs/a.yaml", &service("a")), ("specs/b.yaml", text)]);
    let run = |arguments: &[&str]| Run::new(arguments).within(&files);
    run(&["fmt", "--check"]).check("specs/b.yaml\n", "1 file would be changed\n", 1);
    assert_eq!(files.read("specs/b.yaml"), text);
    run(&["fmt"]).check("specs/b.yaml\n", "1 file changed\n", 0);
    let formatted = files.read("specs/b.yaml");
    assert!(formatted.contains("  # why\n  target: 99%\n"), "{formatted}");
    run(&["fmt", "--check"]).check("", "0 files would be changed\n", 0);
    run(&["fmt", "-"]).stdin(text).check(&formatted, "", 0);
}

/// The tool's own example is in the form that the tool asks for.
#[test]
fn the_example_catalog_is_canonical() {
    Run::new(&["fmt", "--check"]).check("", "0 files would be changed\n", 0);
}

#[test]
fn fix_mends_what_is_certain_and_keeps_comments() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slo.yaml");
    let before = "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: api, owner: 12} # who\nspec:\n  \
                  target: 99.9 # agreed\n  window: 30d\n  threshold_ms: 200\n";
    std::fs::write(&path, before).unwrap();
    let ran = Run::new(&["validate", path.to_str().unwrap(), "--fix", "--fail-on", "error"]).go();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "apiVersion: sre/v1\nkind: SLO\nmetadata: {name: api, owner: \"12\"} # who\nspec:\n  \
         target: 99.9% # agreed\n  window: 30d\n  threshold: 200ms\n"
    );
}
