//! OpenSLO's own test data and that of tools that read it, where it is at hand.
#![expect(clippy::disallowed_methods, reason = "reads the golden data")]
use super::Read;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the golden data; `None` where it is absent, which is a failure if it has to be there.
pub(crate) fn folder() -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = repository.join("../shared/golden/slo");
    let root = std::env::var_os("SRE_GOLDEN_DIR").map_or(beside, PathBuf::from);
    // Worktrees lie one folder deeper.
    let deeper = repository.join("../../shared/golden/slo");
    let found = [root, deeper].into_iter().find(|folder| folder.join("openslo").is_dir());
    let required = std::env::var_os("SRE_GOLDEN").is_some_and(|value| value == "required");
    assert!(found.is_some() || !required, "there is no golden data");
    found
}

pub(crate) fn read(folder: &Path, path: &str) -> String {
    let path = folder.join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn cases(folder: &Path, path: &str) -> serde_yaml::Value {
    serde_yaml::from_str(&read(folder, path)).unwrap()
}

/// What is to be said of a file: nothing wrong, or texts that the errors hold, one for each error.
fn check(folder: &Path, path: &str, expected: &[&str]) {
    let read = Read::of(&[&read(folder, path)]);
    let errors = read.errors();
    assert_eq!(errors.len(), expected.len(), "{path}: {errors:#?}");
    for (error, expected) in errors.iter().zip(expected) {
        assert!(error.contains(expected), "{path}: {error} does not say {expected}");
    }
}

const SDK: &str = "openslo/go-sdk/pkg";

/// Every file of the Go library's examples and of its test data, each by itself.
///
/// Differences from the library, all on purpose:
///
/// | file | the library | here |
/// |---|---|---|
/// | `openslo/*/examples/alert_policies.yaml`, `export/inputs/*` | does not look for what is referred to | an error where it is in no file |
/// | `openslosdk/test_data/*/v1_slo*`, `slos.yaml` | `op` beside a ratio is refused | a warning |
/// | `encode/v1_slo.*` | a missing `timeWindow` is refused | a warning |
/// | `decode/v2alpha_slos.yaml` | decoded, and refused by its validation | refused |
/// | `decode/v2alpha_data_source.yaml` | capital letters in a name are refused | a warning |
#[test]
fn files_of_the_go_library_are_taken() {
    let Some(folder) = folder() else { return };
    let check = |path: &str, expected: &[&str]| check(&folder, &format!("{SDK}/{path}"), expected);
    let condition = "no AlertCondition is called `cpu-usage-breach`";
    let target = |name: &str| format!("no AlertNotificationTarget is called `{name}`");
    let [mail, pager] = ["on-call-mail-notification", "on-call-pd-notification"].map(target);
    for version in ["v1", "v2alpha"] {
        for kind in [
            "alert_conditions",
            "alert_notification_targets",
            "data_sources",
            "services",
            "slis",
            "slos",
        ] {
            check(&format!("openslo/{version}/examples/{kind}.yaml"), &[]);
        }
        let policies = format!("openslo/{version}/examples/alert_policies.yaml");
        check(&policies, &[&mail, condition, &pager, condition]);
    }
    check("openslo/v1alpha/examples/services.yaml", &[]);
    check("openslo/v1alpha/examples/slos.yaml", &[]);
    let data = "openslosdk/test_data";
    for file in [
        "single_object.yaml",
        "single_object.json",
        "two_documents.yaml",
        "v2alpha_data_source.yaml",
    ] {
        check(&format!("{data}/decode/{file}"), &[]);
    }
    for file in ["sequence_of_objects.yaml", "sequence_of_objects.json"] {
        let read = Read::of(&[&read(&folder, &format!("{SDK}/{data}/decode/{file}"))]);
        assert_eq!((read.objects, read.documents.len(), read.errors().len()), (1, 2, 0), "{file}");
    }
    for file in ["encode/v1_slo.yaml", "encode/v1_slo.json", "decode/v1_slos.yaml"] {
        let read = Read::of(&[&read(&folder, &format!("{SDK}/{data}/{file}"))]);
        assert!(!read.documents.is_empty(), "{file}: {:?}", read.errors());
    }
}

/// Each version's examples as one catalog: everything that is referred to is found.
#[test]
fn references_are_followed_across_files() {
    let Some(folder) = folder() else { return };
    for version in ["v1", "v2alpha"] {
        let path = format!("{SDK}/openslo/{version}/examples");
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder.join(&path)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let texts: Vec<String> =
            files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let read = Read::of(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        // The examples have no document for two of the targets that they name.
        let errors = read.errors();
        let missing =
            errors.iter().filter(|it| it.contains("no AlertNotificationTarget is called"));
        assert_eq!((errors.len(), missing.count()), (2, 2), "{version}: {errors:?}");
        let policy = read.documents.iter().find(|document| document.name() == "high-priority");
        assert!(policy.is_some_and(|document| document.kind.name == "AlertPolicy"), "{version}");
    }
}

/// The library's inliner refuses what is not found, and so does reading; the message names it.
#[test]
fn references_to_nothing_are_refused() {
    let Some(folder) = folder() else { return };
    let cases = cases(&folder, "openslo/cases/inline.yaml");
    let cases = cases.as_sequence().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let file = case["file"].as_str().unwrap();
        let path = format!("{SDK}/openslosdk/test_data/inline/inputs/{file}");
        let errors = Read::of(&[&read(&folder, &path)]).errors();
        match case["error"].as_str() {
            // `failed to inline v1.SLO 'my-slo': v1.SLI 'no-sli' referenced at '…' does not exist`
            Some(error) => {
                let (kind, rest) = error.rsplit_once("v1.").unwrap().1.split_once(" '").unwrap();
                let name = rest.split('\'').next().unwrap();
                let expected = format!("no {kind} is called `{name}`");
                assert!(errors.iter().any(|error| error.contains(&expected)), "{file}: {errors:?}");
            }
            // Nothing is inlined there, so that nothing is missed; here it is.
            None if file == "custom_config.yaml" => {}
            None => assert_eq!(errors, [""; 0], "{file}"),
        }
    }
    let path = format!("{SDK}/openslosdk/test_data/inline/inputs/v1_slo_invalid_policy.yaml");
    let errors = Read::of(&[&read(&folder, &path)]).errors();
    assert!(
        errors.iter().any(|it| it.contains("no AlertPolicy is called `no-policy`")),
        "{errors:?}"
    );
}

/// The program of OpenSLO refuses these; time zones are known here, which its image does not have.
#[test]
fn what_the_program_of_openslo_refuses_is_refused() {
    let Some(folder) = folder() else { return };
    let inputs = "openslo/oslo/test/inputs";
    let check =
        |path: &str, expected: &[&str]| check(&folder, &format!("{inputs}/{path}"), expected);
    let name = "`metadata.name`: `example service` is no DNS label";
    let named = "`metadata.name`: `my-rad service` is no DNS label";
    check("validate/unknown-field.yaml", &["unknown field `markdown`", named]);
    // `op` beside a ratio, `value` without one in `v1alpha` and `service` in `v2alpha` are warnings.
    check("validate/v1.yaml", &[name]);
    check("validate/v2alpha.yaml", &[name]);
    check("validate/v1alpha.yaml", &[named, "missing field `timeSliceTarget`"]);
    for file in [
        "mix/1",
        "mix/2",
        "mix/3",
        "recursive/1",
        "recursive/nested/2",
        "recursive/nested/nested2/nested3/3",
    ] {
        check(&format!("validate/{file}.yaml"), &[name]);
    }
    check("fmt/service.yaml", &[]);
}

/// The examples of the specification: what its library refuses in them is a warning.
#[test]
fn examples_of_the_specification_are_taken() {
    let Some(folder) = folder() else { return };
    let examples = "openslo/OpenSLO/examples";
    for file in [
        "treat-low-traffic-as-equally-important/timeslices-slo",
        "budgeting-method/ratio-timeslices",
        "budgeting-method/occurences-slo",
        "budgeting-method/timeslices-slo",
    ] {
        let text = read(&folder, &format!("{examples}/{file}.yaml"));
        let read = Read::of(&[&text]);
        assert_eq!(read.errors(), [""; 0], "{file}");
        assert!(!read.documents.is_empty(), "{file}");
    }
}

/// What another tool reads of OpenSLO is read here too.
#[test]
fn files_of_another_reader_are_taken() {
    let Some(folder) = folder() else { return };
    let fixtures = folder.join("slokit/tests/fixtures");
    let mut files = Vec::new();
    for part in ["openslo", "openslo/v1alpha", "dialect_parity", "sloth_corpus"] {
        let listed = fs::read_dir(fixtures.join(part)).unwrap().map(|entry| entry.unwrap().path());
        let is_openslo = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // One file is the same in the other tool's own language.
            path.is_file()
                && (part.starts_with("openslo") || name.contains("openslo"))
                && !path.ends_with("getting-started-twin.yaml")
        };
        files.extend(listed.filter(is_openslo));
    }
    assert_eq!(files.len(), 17, "{files:?}");
    for path in files {
        let read = Read::of(&[&fs::read_to_string(&path).unwrap()]);
        assert_eq!(read.errors(), [""; 0], "{}", path.display());
        assert!(!read.documents.is_empty(), "{}", path.display());
    }
}
