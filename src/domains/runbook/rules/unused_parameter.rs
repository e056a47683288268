//! A parameter that no step uses.
use super::runbook_of;
use crate::domains::runbook::spec::Runbook;
use crate::kernel::{
    diagnostic::{
        Finding, Level, Rule,
        rule::{Check, Context},
    },
    spec::{Document, Field},
};

pub(super) static RULE: Rule = Rule {
    code: "RUN012",
    name: "unused-parameter",
    level: Level::Warning,
    fixable: false,
    page: include_str!("unused-parameter.md"),
    check: Check::Document(check),
};

use crate::domains::runbook::engine::{
    plan::{Invocation, Work},
    variables::Template,
};

fn check(_: &Context<'_>, document: &Document, findings: &mut Vec<Finding>) {
    let (Some(runbook), Some(spec)) = (runbook_of(document), document.spec::<Runbook>()) else {
        return;
    };
    for parameter in spec.params.iter().filter_map(Field::get) {
        let Some((name, place)) = parameter.name.pair() else { continue };
        let name = name.as_str();
        let in_templates = |templates: &[Template]| {
            templates.iter().any(|template| template.names().any(|one| one == name))
        };
        let in_work = |work: &Work| match work {
            Work::Program(Invocation { arguments, environment, stdin, .. }) => {
                in_templates(arguments)
                    || environment.values().any(|one| one.names().any(|one| one == name))
                    || arguments
                        .iter()
                        .filter_map(Template::as_literal)
                        .any(|text| text.contains(name))
                    || stdin.as_ref().is_some_and(|text| text.contains(name))
            }
            Work::Manual => false,
            Work::Unclear { text, .. } => text.contains(name),
        };
        // A person is told of it in words; a program that reads its environment may be given a whole script by name.
        let used = in_templates(std::slice::from_ref(&runbook.target))
            || runbook.plan.steps.iter().any(|step| {
                in_work(&step.work)
                    || step.action.contains(name)
                    || step
                        .undo
                        .as_ref()
                        .is_some_and(|undo| in_work(&undo.work) || undo.action.contains(name))
                    || step.when.as_ref().is_some_and(|when| when.variable == name)
            });
        if !used {
            let message = format!("no step uses `{name}`");
            findings
                .push(Finding::new(&RULE, place, message).help("take it out, or use it in a step"));
        }
    }
}
