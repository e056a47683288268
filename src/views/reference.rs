//! The reference pages: kinds, rules and settings in Markdown, made from what declares them.
//!
//! [`pages`] is pure; a test compares them with `docs/reference/` and writes them anew on request.
use crate::{
    kernel::{
        diagnostic::Rule,
        settings::Settings,
        spec::{Kind, Spelling, problem, schema},
    },
    registry,
};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// One page: its path below `docs/reference/`, what lists call it, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Path below `docs/reference/`.
    pub path: String,
    /// What lists of pages call it.
    pub title: String,
    /// Markdown.
    pub text: String,
}

impl Page {
    /// A page, with the remark that it is made.
    pub fn new(path: impl Into<String>, title: impl Into<String>, text: &str) -> Self {
        const REMARK: &str =
            "<!-- Made from the code: change it there, and run the tests with UPDATE=1. -->";
        let text = format!("{REMARK}\n\n{}\n", text.trim());
        Self { path: path.into(), title: title.into(), text }
    }
}

/// Scalars that many fields take: definitions of the schema, and what their page calls them.
const VALUES: [(&str, &str); 6] = [
    ("Ratio", "share"),
    ("Duration", "duration"),
    ("BurnRate", "burn rate"),
    ("Instant", "instant"),
    ("TimeZone", "time zone"),
    ("Name", "name"),
];

/// All pages, in the order in which they are listed.
pub fn pages() -> Vec<Page> {
    let mut pages = vec![Page::new("kinds/index.md", "Documents", &documents())];
    pages.extend(registry::KINDS.iter().map(|kind| {
        Page::new(format!("kinds/{}.md", kind.name), format!("`{}`", kind.name), &kind_page(kind))
    }));
    pages.push(Page::new("values.md", "Values", &values()));
    pages.push(Page::new("settings.md", "Settings", &settings()));
    pages.push(Page::new("rules/index.md", "Rules", &rules()));
    pages.extend(registry::RULES.iter().map(|rule| {
        Page::new(format!("rules/{}.md", rule.name), format!("`{}`", rule.name), &rule_page(rule))
    }));
    pages
}

/// The pages as a list of links, as `docs/SUMMARY.md` has them; those of a folder below its index.
pub fn summary(pages: &[Page]) -> String {
    pages.iter().fold(String::new(), |list, page| {
        let below = page.path.contains('/') && !page.path.ends_with("/index.md");
        let indent = if below { "  " } else { "" };
        format!("{list}{indent}- [{}](reference/{})\n", page.title, page.path)
    })
}

/// The page on a kind.
pub fn kind_page(kind: &Kind) -> String {
    let name = kind.name;
    let schema = schema::current_schema(kind);
    let reader = Reader { definitions: &schema["definitions"], kinds: "" };
    let mut text = format!("# {name}\n\n{}\n", schema::sentence(kind.summary));
    if !kind.aliases.is_empty() {
        let _ = writeln!(text, "\nAlso written {}.", problem::one_of(kind.aliases));
    }
    let example = kind.template.replace("{name}", "example");
    let _ = write!(
        text,
        "\n`sre new {name} NAME` writes one, `sre schema {name}` prints its JSON Schema.\n\n\
         ## Example\n\n```yaml\n{example}```\n\n## Fields\n\n\
         Those of `spec`; [every document](index.md) has the others.\n\n"
    );
    text.push_str(&reader.fields(&schema["properties"]["spec"]));
    if !kind.spellings.is_empty() {
        text.push_str(&old_spellings(kind.spellings));
    }
    text
}

fn old_spellings(spellings: &[Spelling]) -> String {
    let rows = spellings.iter().map(|spelling| {
        let place = [spelling.path, &[spelling.old]].concat().join(".").replace(".*", "[]");
        [format!("`{place}`"), format!("`{}`", spelling.new), spelling.unit.expected().to_owned()]
    });
    format!(
        "\n## Old spellings\n\nThey mean the same, and \
         [`deprecated-spelling`](../rules/deprecated-spelling.md) reports them.\n\n{}",
        table(["old", "now", "value"], rows)
    )
}

/// The page on what all documents have.
fn documents() -> String {
    let rows = registry::KINDS
        .iter()
        .map(|kind| [format!("[`{0}`]({0}.md)", kind.name), schema::sentence(kind.summary)]);
    let mut text = format!(
        "# Documents\n\nA catalog is a folder of YAML files, each with one document or several. A \
         document is of one of these kinds:\n\n{}\n## Fields of every document\n\n",
        table(["kind", "what it is"], rows)
    );
    let schema = schema::document_schema(&registry::KINDS);
    let reader = Reader { definitions: &schema["definitions"], kinds: "" };
    text.push_str(&reader.fields(&schema));
    text
}

/// The page on scalars.
fn values() -> String {
    let schema = schema::document_schema(&registry::KINDS);
    let mut text = String::from("# Values\n\nWhat many fields take, written as one scalar.\n");
    for (definition, word) in VALUES {
        let description = &schema["definitions"][definition]["description"];
        let _ = write!(text, "\n## {}\n\n{}\n", capital(word), description.as_str().unwrap_or(""));
    }
    text
}

/// The page on `sre.yaml`.
fn settings() -> String {
    let schema = schema::file_schema::<Settings>("Settings");
    let reader = Reader { definitions: &schema["definitions"], kinds: "kinds/" };
    format!(
        "# Settings\n\nThe file `sre.yaml` at the root of a catalog. `sre schema settings` prints \
         its JSON Schema.\n\n## Fields\n\n{}",
        reader.fields(&schema)
    )
}

/// The list of rules.
fn rules() -> String {
    let rows = registry::RULES.iter().map(|rule| {
        [
            rule.code.to_owned(),
            format!("[`{0}`]({0}.md)", rule.name),
            rule.level.to_string(),
            if rule.fixable { "yes" } else { "" }.to_owned(),
            first_sentence(rule.summary()),
        ]
    });
    format!(
        "# Rules\n\n`sre explain RULE` prints the page on a rule. Levels are changed in the \
         [settings](../settings.md).\n\n{}",
        table(["code", "rule", "level", "`--fix`", "what it finds"], rows)
    )
}

/// The page on a rule.
pub fn rule_page(rule: &Rule) -> String {
    let (heading, rest) = rule.page.split_once('\n').unwrap_or((rule.page, ""));
    let fixable = if rule.fixable { " · `sre validate --fix` mends what is certain" } else { "" };
    format!("{heading}\n\n`{}` · {}{fixable}\n{rest}", rule.code, rule.level)
}

fn first_sentence(text: &str) -> String {
    let line = text.replace('\n', " ");
    let end = line.find(". ").map_or(line.len(), |at| at + 1);
    line[..end].to_owned()
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

/// A Markdown table.
fn table<const N: usize>(
    heading: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line =
        |cells: [String; N]| format!("| {} |\n", cells.map(|c| c.replace('|', "\\|")).join(" | "));
    let head = line(heading.map(str::to_owned)) + &line([const { "---" }; N].map(str::to_owned));
    rows.into_iter().fold(head, |text, row| text + &line(row))
}

/// Reads a schema for people.
struct Reader<'a> {
    definitions: &'a Value,
    /// Way from the page to the pages on kinds.
    kinds: &'static str,
}

/// A mapping or an enumeration that gets a section of its own, and its path in the document.
struct Section<'a> {
    path: String,
    schema: &'a Value,
}

impl<'a> Reader<'a> {
    /// The table of a mapping's fields, and sections for what stands inside.
    fn fields(&self, schema: &'a Value) -> String {
        let root = Section { path: String::new(), schema: self.followed(schema).1 };
        let mut text = String::new();
        let mut sections = self.mapping(&root, &mut text);
        // Depth first, so that a section stands behind the one that leads to it.
        sections.reverse();
        while let Some(section) = sections.pop() {
            let _ = write!(text, "\n### `{}`\n\n", section.path);
            if let Some(description) = section.schema["description"].as_str() {
                let _ = write!(text, "{description}\n\n");
            }
            let mut inner = match choices(section.schema) {
                Some(values) => {
                    text.push_str(&values);
                    Vec::new()
                }
                None => self.mapping(&section, &mut text),
            };
            inner.reverse();
            sections.append(&mut inner);
        }
        text
    }

    /// Writes the table of a mapping; what it leads to.
    fn mapping(&self, section: &Section<'a>, text: &mut String) -> Vec<Section<'a>> {
        let schema = section.schema;
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut sections = Vec::new();
        let rows = properties(schema).map(|(name, property)| {
            let path = match section.path.as_str() {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            [
                format!("`{name}`"),
                self.type_of(property, &path, &mut sections),
                if required.contains(&name.as_str()) { "yes" } else { "" }.to_owned(),
                property["description"].as_str().unwrap_or("").to_owned(),
            ]
        });
        text.push_str(&table(["field", "type", "required", "meaning"], rows));
        for condition in conditions(schema) {
            let _ = write!(text, "\n{condition}\n");
        }
        sections
    }

    /// The schema that a reference stands for, with the name of its definition.
    fn followed(&self, schema: &'a Value) -> (&'a str, &'a Value) {
        if let [only] = schema["allOf"].as_array().map_or(&[][..], Vec::as_slice)
            && schema.get("properties").is_none()
        {
            return self.followed(only);
        }
        let reference =
            schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/definitions/"));
        match reference {
            Some(name) => (name, &self.definitions[name]),
            None => ("", schema),
        }
    }

    /// A type in words; what needs more than words becomes a section.
    fn type_of(&self, schema: &'a Value, path: &str, sections: &mut Vec<Section<'a>>) -> String {
        let (definition, schema) = self.followed(schema);
        if let Some((_, word)) = VALUES.iter().find(|(name, _)| *name == definition) {
            let up = if self.kinds.is_empty() { "../" } else { "" };
            return format!("[{word}]({up}values.md#{})", anchor(word));
        }
        if let Some(kind) = registry::KINDS.iter().find(|kind| definition.starts_with(kind.name)) {
            match &definition[kind.name.len()..] {
                "Name" => return format!("name of [`{0}`]({1}{0}.md)", kind.name, self.kinds),
                "" => {
                    return format!(
                        "[`{0}`]({1}{0}.md#fields) written here",
                        kind.name, self.kinds
                    );
                }
                _ => {}
            }
        }
        if let Some(branches) = schema["anyOf"].as_array() {
            let branches = branches.iter().filter(|branch| branch["type"] != "null");
            let words: Vec<String> =
                branches.map(|branch| self.type_of(branch, path, sections)).collect();
            return words.join(", or ");
        }
        if choices(schema).is_some() || schema.get("properties").is_some() {
            sections.push(Section { path: path.to_owned(), schema });
            let word = if choices(schema).is_some() { "one of " } else { "" };
            return format!("{word}[`{path}`](#{})", anchor(path));
        }
        if let Some(items) = schema.get("items") {
            let item = self.type_of(items, &format!("{path}[]"), sections);
            let items = item.strip_prefix("name of").map(|kind| format!("names of{kind}"));
            return format!("list of {}", items.unwrap_or(item));
        }
        if let Some(inner) = schema.get("additionalProperties").filter(|inner| inner.is_object()) {
            let inner = self.type_of(inner, &format!("{path}.*"), sections);
            return format!("mapping of text to {inner}");
        }
        plain(schema)
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flat_map(Map::iter)
}

/// A scalar's type in words.
fn plain(schema: &Value) -> String {
    if let Some(constant) = schema["const"].as_str() {
        return format!("`{constant}`");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.as_slice(),
        one => std::slice::from_ref(one),
    };
    let word = types.iter().filter_map(Value::as_str).find(|word| *word != "null");
    match (word, &schema["maximum"]) {
        (Some("integer"), Value::Number(maximum)) if maximum.as_u64() < Some(1 << 32) => {
            format!("whole number, 0 to {maximum}")
        }
        (Some("integer"), _) => "whole number".to_owned(),
        (Some("number"), _) => "number".to_owned(),
        (Some("boolean"), _) => "`true` or `false`".to_owned(),
        (Some("string"), _) => "text".to_owned(),
        _ => "mapping".to_owned(),
    }
}

/// The values of an enumeration with their meanings, as a list.
fn choices(schema: &Value) -> Option<String> {
    let choices = schema["oneOf"].as_array()?;
    choices.iter().try_fold(String::new(), |list, choice| {
        let value = choice["const"].as_str()?;
        let meaning = choice["description"].as_str().unwrap_or("");
        Some(format!("{list}- `{value}`: {meaning}\n"))
    })
}

/// What a mapping asks of its fields together.
fn conditions(schema: &Value) -> Vec<String> {
    let field = |choice: &Value| choice["required"][0].as_str().map(str::to_owned);
    let mut sentences = Vec::new();
    if let Some(choices) = schema["oneOf"].as_array() {
        let names: Vec<String> = choices.iter().filter_map(field).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let count = if names.len() == choices.len() { "Exactly" } else { "At most" };
        sentences.push(format!("{count} one of {} stands here.", problem::one_of(&names)));
    }
    if let (Some(one), Some(other)) = (field(&schema["if"]), field(&schema["then"])) {
        sentences.push(format!("`{one}` needs `{other}`."));
    }
    sentences
}

/// The anchor that forges and mdBook give a heading.
fn anchor(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() })
        .collect()
}
