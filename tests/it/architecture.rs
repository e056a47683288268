//! Who may use whom. The table is the architecture; a module that is not in it fails the test.
#![expect(clippy::disallowed_methods, reason = "reads the sources that it checks")]
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use syn::{UseTree, visit::Visit};

/// Each part of the code, and the parts that it may use besides itself, lowest first.
///
/// Within the kernel the order is the same as here: values below places below problems below
/// documents. `diagnostic` and `spec` use each other, because a rule is a function of documents and
/// reading a document makes findings; together they are the language.
const MAY_USE: &[(&str, &[&str])] = &[
    ("kernel::units", &[]),
    ("kernel::time", &["kernel::units"]),
    ("kernel::source", &["kernel::diagnostic"]),
    ("kernel::expectation", &["kernel::source"]),
    ("kernel::circles", &["kernel::source"]),
    ("kernel::series", &["kernel::units"]),
    ("kernel::report", &["kernel::units"]),
    (
        "kernel::diagnostic",
        &["kernel::units", "kernel::source", "kernel::spec", "kernel::settings", "kernel::report"],
    ),
    (
        "kernel::spec",
        &[
            "kernel::units",
            "kernel::time",
            "kernel::source",
            "kernel::diagnostic",
            "kernel::settings",
        ],
    ),
    (
        "kernel::measure",
        &[
            "kernel::units",
            "kernel::time",
            "kernel::source",
            "kernel::series",
            "kernel::spec",
            "kernel::diagnostic",
        ],
    ),
    (
        "kernel::settings",
        &[
            "kernel::units",
            "kernel::time",
            "kernel::source",
            "kernel::spec",
            "kernel::diagnostic",
            "kernel::measure",
        ],
    ),
    ("domains::service", &["kernel"]),
    ("domains::oncall", &["kernel"]),
    ("domains::slo", &["kernel", "domains::service"]),
    ("domains::incident", &["kernel", "domains::service", "domains::oncall", "domains::slo"]),
    ("domains::runbook", &["kernel", "domains::service", "domains::oncall", "domains::slo"]),
    (
        "domains::postmortem",
        &[
            "kernel",
            "domains::service",
            "domains::oncall",
            "domains::slo",
            "domains::incident",
            "domains::runbook",
        ],
    ),
    ("domains::recovery", &["kernel", "domains::service", "domains::oncall"]),
    (
        "domains::toil",
        &[
            "kernel",
            "domains::service",
            "domains::oncall",
            "domains::slo",
            "domains::incident",
            "domains::runbook",
            "domains::postmortem",
        ],
    ),
    ("registry", &["kernel", "domains"]),
    ("views", &["kernel", "domains", "registry"]),
    ("adapters", &["kernel", "domains"]),
    ("cli", &["kernel", "domains", "registry", "views", "adapters"]),
];

/// Inside a domain: engines know nothing of documents, settings or answers.
const ENGINES_MAY_USE: &[&str] = &[
    "kernel::units",
    "kernel::time",
    "kernel::series",
    "domains::incident::engine",
    "domains::oncall::engine",
    "domains::runbook::engine",
    "domains::recovery::engine",
    "domains::service::attainability",
    "domains::slo::engine",
    "domains::slo::model",
    "domains::toil::engine",
];

#[test]
fn parts_use_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (module, path) in sources() {
        if module.is_empty() {
            continue;
        }
        let Some((part, allowed)) = MAY_USE.iter().find(|(part, _)| is_in(&module, part)) else {
            assert!(
                matches!(module.as_str(), "kernel" | "domains"),
                "`{module}` is in no part; add it to MAY_USE"
            );
            continue;
        };
        for used in uses(&path) {
            let fine = is_in(&used, part) || allowed.iter().any(|other| is_in(&used, other));
            if !fine && !matches!(used.as_str(), "kernel" | "domains" | "reference_target") {
                wrong.push(format!("{}: `{part}` may not use `{used}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn engines_are_pure() {
    for (module, path) in sources() {
        if !module.contains("::engine") {
            continue;
        }
        for used in uses(&path) {
            let fine = ENGINES_MAY_USE.iter().any(|other| is_in(&used, other));
            assert!(fine, "{}: an engine may not use `{used}`", path.display());
        }
    }
}

#[test]
fn every_part_of_the_table_exists() {
    let modules: BTreeSet<String> = sources().into_iter().map(|(module, _)| module).collect();
    for (part, allowed) in MAY_USE {
        for name in allowed.iter().chain([part]) {
            let exists = modules.iter().any(|module| is_in(module, name));
            assert!(exists, "`{name}` does not exist; take it out of MAY_USE");
        }
    }
}

/// Whether `module` is `part` or lies in it.
fn is_in(module: &str, part: &str) -> bool {
    module.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// All source files with the paths of their modules; those of the crate's roots are empty.
fn sources() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let relative = path.strip_prefix(&root).unwrap().with_extension("");
                let parts: Vec<_> = relative
                    .iter()
                    .map(|part| part.to_str().unwrap())
                    .filter(|part| !matches!(*part, "mod" | "lib" | "main"))
                    .collect();
                found.push((parts.join("::"), path));
            }
        }
    }
    found.sort();
    found
}

/// The modules and items behind `crate::` in a file, in code and in `use`.
fn uses(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let file = syn::parse_file(&text).unwrap();
    let mut uses = Uses::default();
    uses.visit_file(&file);
    uses.found
}

#[derive(Default)]
struct Uses {
    found: BTreeSet<String>,
}

impl Uses {
    fn tree(&mut self, prefix: &str, tree: &UseTree) {
        let join = |name: String| {
            if prefix.is_empty() { name } else { format!("{prefix}::{name}") }
        };
        match tree {
            UseTree::Path(path) => self.tree(&join(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(prefix, tree)),
            UseTree::Name(name) if name.ident == "self" => self.add(prefix),
            UseTree::Name(name) => self.add(&join(name.ident.to_string())),
            UseTree::Rename(name) => self.add(&join(name.ident.to_string())),
            UseTree::Glob(_) => self.add(prefix),
        }
    }

    fn add(&mut self, path: &str) {
        if let Some(rest) = path.strip_prefix("crate::") {
            self.found.insert(rest.to_owned());
        }
    }
}

impl<'a> Visit<'a> for Uses {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        self.tree("", &item.tree);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.add(&parts.join("::"));
        syn::visit::visit_path(self, path);
    }
}
