//! `sre init`, `new`, `list`, `show`, `explain`, `schema`, and the rest.
use super::harness::{Files, Run};

#[test]
fn a_new_catalog_works_at_once() {
    let files = Files::new(&[]);
    let run = |arguments: &[&str]| Run::new(arguments).within(&files);
    run(&["init"]).check(
        "",
        "wrote sre.yaml\nwrote specs/checkout.yaml\nwrote data/requests.csv\n\
         wrote .github/workflows/sre.yaml\n\nnow try: sre validate && sre budget\n",
        0,
    );
    run(&["validate", "--fail-on", "note"]).check("", "4 documents in 2 files: no problems\n", 0);
    let answer = run(&["budget"]).json();
    assert_eq!(answer["items"][0]["state"], "ok");
    assert_eq!(answer["items"][0]["coverage"], 1);
    assert_eq!(run(&["burn"]).go().code, 0);
    run(&["new", "slo", "checkout-speed"]).check("", "wrote specs/slo/checkout-speed.yaml\n", 0);
    run(&["new", "slo", "checkout-speed"]).check(
        "",
        "error: `specs/slo/checkout-speed.yaml` exists already\n  \
         help: choose another name, or remove the file first\n",
        2,
    );
    run(&["new", "slo", "Not A Name"]).check(
        "",
        "error: `Not A Name` does not make a good name\n  \
         help: use small letters, digits and dashes, such as `checkout-availability`\n",
        2,
    );
    run(&["init"]).check(
        "",
        "error: `sre.yaml` exists already\n  help: `sre init` makes new catalogs only; choose another folder\n",
        2,
    );
}

#[test]
fn every_template_decodes() {
    for kind in sre::registry::KINDS.iter() {
        let ran = Run::new(&["new", kind.name, "example", "-o", "-"]).go();
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let read = Run::new(&["validate", "-", "--specs"])
            .args([Files::new(&[]).path().to_str().unwrap()])
            .stdin(&ran.stdout)
            .go();
        assert!(!read.stdout.contains("[DOC"), "{}: {}", kind.name, read.stdout);
    }
}

#[test]
fn lists_and_shows() {
    let ran = Run::new(&["list", "slos", "-l", "team=web"]).go();
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.ends_with("\n3 documents\n"), "{}", ran.stdout);
    assert_eq!(Run::new(&["list", "sol"]).go().code, 2);
    let ran = Run::new(&["show", "checkout-orders"]).go();
    assert!(
        ran.stdout.contains("SLO   checkout-availability  specs/checkout.yaml:39"),
        "{}",
        ran.stdout
    );
    let ran =
        Run::new(&["show", "SLO/checkout-availability", "--effective", "--format", "json"]).go();
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["items"][0]["effective"]["window"], "30d");
    Run::new(&["show", "chekout"]).check(
        "",
        "error: no document is called `chekout`\n  help: did you mean `checkout`?\n",
        2,
    );
}

#[test]
fn explains_rules_kinds_and_terms() {
    for (word, found) in [
        ("SLO004", "slo-without-runbook"),
        ("slo-without-runbook", "SLO004"),
        ("slo", "kind: SLO"),
        ("burn rate", "How fast the budget is spent"),
        ("Burn-Rate", "How fast the budget is spent"),
    ] {
        let ran = Run::new(&["explain", word]).go();
        assert!(ran.code == 0 && ran.stdout.contains(found), "{word}: {}", ran.stdout);
    }
    let index = Run::new(&["explain"]).go();
    assert!(sre::registry::RULES.iter().all(|rule| index.stdout.contains(rule.code)));
    Run::new(&["explain", "burn rat"]).check(
        "",
        "error: no rule, kind or term is called `burn rat`\n  help: did you mean `burn rate`?\n",
        2,
    );
}

#[test]
fn prints_schemas_completions_manuals_and_versions() {
    for arguments in [
        vec!["schema"],
        vec!["schema", "slo"],
        vec!["schema", "settings"],
        vec!["version", "--format", "json"],
    ] {
        let ran = Run::new(&arguments).go();
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{arguments:?}");
        serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap();
    }
    for arguments in [["completions", "bash"], ["completions", "zsh"], ["completions", "fish"]] {
        assert!(Run::new(&arguments).go().stdout.contains("validate"), "{arguments:?}");
    }
    assert!(Run::new(&["--version"]).go().stdout.starts_with("sre "));
    assert_eq!(Run::new(&["man"]).go().code, 0);
}

#[test]
fn help_knows_every_command_and_topic() {
    let help = Run::new(&["help"]).go();
    assert_eq!((help.code, help.stdout.as_str()), (0, Run::new(&["--help"]).go().stdout.as_str()));
    for command in sre::cli::command().get_subcommands() {
        let name = command.get_name();
        assert!(help.stdout.contains(&format!("\n  {name} ")), "{name}");
        assert_eq!(Run::new(&["help", name]).go().code, 0, "{name}");
        assert_eq!(Run::new(&[name, "--help"]).go().code, 0, "{name}");
    }
    assert!(Run::new(&["help", "exit-codes"]).go().stdout.contains("4  no verdict"));
    assert_eq!(Run::new(&["help", "nothing"]).go().code, 2);
}

#[test]
fn where_there_is_no_catalog_it_says_so() {
    Run::new(&["list"]).within(&Files::new(&[])).check(
        "",
        "error: no catalog here: neither an `sre.yaml` nor a folder `specs`\n  \
         help: `sre init` makes one\n  help: --specs names the folder of an existing one\n",
        2,
    );
    let ran = Run::new(&["list", "--specs", "nowhere"]).go();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("error: `nowhere` is not a folder"), "{}", ran.stderr);
}
