//! Which documents commands find, and which they pass over.
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
    let ran = Run::new(&["validate", "nowhere.yaml"]).within(&files).go();
    assert_eq!((ran.code, ran.stderr.as_str()), (2, "error: `nowhere.yaml` does not exist\n"));
}
