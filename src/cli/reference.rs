//! The pages of the reference that the command line is made from: commands, exit codes, machine forms.
use super::{Exit, arguments::Global, command, forms};
use crate::views::reference::Page;
use clap::Args as _;
use serde_json::Value;
use std::fmt::Write as _;

/// All pages, in the order in which they are listed.
pub fn pages() -> Vec<Page> {
    vec![
        Page::new("commands.md", "Commands", &commands()),
        Page::new("exit-codes.md", "Exit codes", &exit_codes()),
        Page::new("answers.md", "JSON answers", &answers()),
    ]
}

fn commands() -> String {
    let mut text = String::from("# Commands\n\n`sre help COMMAND` prints the same.\n");
    for subcommand in command().get_subcommands() {
        let name = format!("sre {}", subcommand.get_name());
        section(&mut text, &name, subcommand.clone().bin_name(&name));
        for below in subcommand.get_subcommands().filter(|below| below.get_name() != "help") {
            let name = format!("{name} {}", below.get_name());
            section(&mut text, &name, below.clone().bin_name(&name));
        }
    }
    let global = Global::augment_args(clap::Command::new("sre")).disable_help_flag(true);
    section(&mut text, "Global options", global.override_usage("sre COMMAND [OPTIONS]"));
    text
}

fn section(text: &mut String, title: &str, command: clap::Command) {
    let help = command.term_width(100).render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n## {title}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
}

fn exit_codes() -> String {
    let mut text = String::from("# Exit codes\n\n| code | meaning |\n| --- | --- |\n");
    for (exit, meaning) in Exit::ALL {
        let _ = writeln!(text, "| {} | {meaning} |", exit.code());
    }
    text.push_str(
        "\nWhen several apply, the first of 2, 3, 1, 4, 0 stands. A closed pipe (`sre list | head`) is 0: \
         whoever read the answer has read enough. `status`, `list` and `show` never end with 1.\n",
    );
    text
}

fn answers() -> String {
    let mut text = String::from(
        "# JSON answers\n\nEvery command prints its answer as JSON with `--format json`. Its field \
         `schema` has a name and a version; the version rises when a field changes its meaning or goes, \
         and new fields may come without. Fields are never left out: what is not known is null. Numbers \
         have at most twelve significant digits, instants are RFC 3339.\n\n`sre schema NAME` prints the \
         JSON Schema (draft 7) of each.\n",
    );
    for form in forms() {
        let schema = (form.json_schema)();
        let _ = write!(text, "\n## {}\n\n{}\n", form.schema, described(&schema));
        table(&mut text, &schema);
        let definitions = schema["definitions"].as_object().into_iter().flatten();
        for (name, definition) in definitions.filter(|(_, d)| d["properties"].is_object()) {
            let _ = write!(text, "\n### {name} of {}\n\n{}\n", form.schema, described(definition));
            table(&mut text, definition);
        }
    }
    text
}

fn described(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or("").replace('\n', " ")
}

fn table(text: &mut String, schema: &Value) {
    let Some(properties) = schema["properties"].as_object().filter(|fields| !fields.is_empty())
    else {
        return;
    };
    text.push_str("\n| field | type | meaning |\n| --- | --- | --- |\n");
    for (name, field) in properties {
        let _ = writeln!(text, "| `{name}` | {} | {} |", kind(field), described(field));
    }
}

/// The type of a field, in words.
fn kind(field: &Value) -> String {
    if let Some(target) = field["$ref"].as_str() {
        return target.rsplit('/').next().unwrap_or(target).to_owned();
    }
    for key in ["anyOf", "allOf"] {
        if let Some(choices) = field[key].as_array() {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(value) = field.get("const") {
        return format!("`{}`", value.as_str().unwrap_or_default());
    }
    let word = |kind: &Value| match kind.as_str() {
        Some("array") => format!("list of {}", self::kind(&field["items"])),
        Some("object") => "mapping".to_owned(),
        Some("string") => "text".to_owned(),
        Some(other) => other.to_owned(),
        None => "any".to_owned(),
    };
    match &field["type"] {
        Value::Array(kinds) => kinds.iter().map(word).collect::<Vec<_>>().join(" or "),
        kind => word(kind),
    }
}
