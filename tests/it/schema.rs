//! The JSON Schema says what the decoder does: for whatever a schema can say, it accepts a document if
//! and only if the document decodes without an error.
#![expect(clippy::disallowed_methods, reason = "reads the fixtures")]
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};
use sre::{
    kernel::{
        diagnostic::{Finding, Level},
        source::SourceId,
        spec::{
            core_schema::{CoreType, core_type},
            load_text, schema,
            tree::{NodeId, Style, Tree, Value as Content},
            yaml,
        },
    },
    registry::KINDS,
};
use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

/// The schema of the language, and those of the kinds.
fn schemas() -> Vec<(&'static str, Value)> {
    let kinds = KINDS.iter().map(|kind| (kind.name, schema::kind_schema(kind)));
    [("sre", schema::document_schema(&KINDS))].into_iter().chain(kinds).collect()
}

#[test]
fn schemas_are_valid_and_stay_the_same() {
    for ((name, schema), (_, again)) in schemas().iter().zip(&schemas()) {
        assert!(jsonschema::draft7::meta::is_valid(schema), "{name}");
        assert_eq!(schema.to_string(), again.to_string(), "{name}");
    }
}

#[test]
fn every_property_has_a_description() {
    for (name, schema) in schemas() {
        describe(&schema, name);
        let definitions = schema["definitions"].as_object().unwrap();
        definitions.iter().for_each(|(name, definition)| describe(definition, name));
    }
}

fn describe(schema: &Value, path: &str) {
    // A mapping's own properties; those inside `oneOf` and `if` say conditions.
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let description = property["description"].as_str().unwrap_or("");
        assert!(!description.is_empty(), "{path}.{name}");
        assert!(!description.contains('\n'), "{path}.{name}: {description}");
        describe(property, &format!("{path}.{name}"));
        for inner in property["allOf"].as_array().into_iter().flatten() {
            describe(inner, &format!("{path}.{name}"));
        }
    }
}

#[test]
fn every_old_spelling_is_known_and_deprecated() {
    for kind in KINDS.iter() {
        let schema = schema::kind_schema(kind);
        for spelling in kind.spellings {
            let mut found = Vec::new();
            properties(&schema, spelling.old, &mut found);
            assert!(!found.is_empty(), "{}: {}", kind.name, spelling.old);
            assert!(found.iter().all(|property| property["deprecated"] == true));
        }
    }
}

/// All properties of that name, wherever they are.
fn properties<'a>(schema: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match schema {
        Value::Object(object) => {
            found.extend(schema["properties"].get(name));
            object.values().for_each(|value| properties(value, name, found));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, name, found)),
        _ => {}
    }
}

/// The JSON of a node as an editor sees it: aliases and merge keys expanded, YAML 1.2 core schema.
/// `None` for what JSON cannot hold: keys that are collections.
pub(crate) fn to_json(tree: &Tree<'_>, node: NodeId) -> Option<Value> {
    let node = tree.node(tree.resolve(node));
    match &node.value {
        Content::Scalar(text, Style::Plain) => Some(plain(text)),
        Content::Scalar(text, _) => Some(Value::from(text.as_ref())),
        Content::List(start, end) => tree.items[*start as usize..*end as usize]
            .iter()
            .map(|item| to_json(tree, *item))
            .collect(),
        Content::Map(start, end) => {
            let mut object = Map::new();
            for entry in &tree.entries[*start as usize..*end as usize] {
                let (key, _) = tree.scalar(entry.key)?;
                let value = to_json(tree, entry.value)?;
                object.entry(key).or_insert(value);
            }
            Some(Value::Object(object))
        }
        Content::Alias(_) => None,
    }
}

fn plain(text: &str) -> Value {
    match core_type(text) {
        CoreType::Null => Value::Null,
        CoreType::Bool(value) => value.into(),
        CoreType::Integer(value) => match (u64::try_from(value), i64::try_from(value)) {
            (Ok(value), _) => value.into(),
            (_, Ok(value)) => value.into(),
            _ => json!(value as f64),
        },
        // JSON has no infinity; the largest number is as far outside of every limit.
        CoreType::Float(value) if !value.is_finite() => json!(f64::MAX),
        CoreType::Float(value) => json!(value),
        CoreType::Text => text.into(),
    }
}

/// What is wrong with a text of one document, as the decoder sees it.
fn errors(text: &str) -> Vec<Finding> {
    let findings = load_text(SourceId(0), text, &KINDS, &[]).findings;
    findings.into_iter().filter(|finding| finding.rule.level == Level::Error).collect()
}

/// Whether a text of one document is of another language, and so not ours to judge.
fn is_foreign(text: &str) -> bool {
    !load_text(SourceId(0), text, &KINDS, &[]).foreign.is_empty()
}

/// What the decoder refuses and no schema can: part of the message, and why.
const BEYOND_A_SCHEMA: [(&str, &str); 14] = [
    ("duplicate key", "JSON has no second occurrence of a key"),
    ("expected text, found the number `1`", "JSON's keys are text"),
    ("nine d", "a number's digits are lost in JSON"),
    ("longer than a thousand years", "the sum of several numbers in a text"),
    ("a window is at least", "a limit of a value that is written as text"),
    ("a window must have a length", "a limit of a value that is written as text"),
    ("a share of the budget to alert on is above 0%", "a limit of a value that may be text"),
    ("that makes an interval down is above 0%", "a limit of a value that may be text"),
    ("is not an instant", "the calendar"),
    ("a slice of", "a limit of a value that is written as text"),
    ("no query is answered in no time", "a limit of a value that is written as text"),
    ("`run` names no program", "blank text"),
    ("a number of minutes", "a fraction of a millisecond"),
    ("a number of hours", "a fraction of a millisecond"),
];

/// Whether a schema could have known.
fn is_beyond_a_schema(finding: &Finding, text: &str) -> bool {
    let listed = BEYOND_A_SCHEMA.iter().any(|(part, _)| finding.message.contains(part));
    listed || is_number_in_other_notation(&text[finding.primary.place.range()])
}

/// `1e-3`, `.5`, `0x10`, `2.0` for a whole number: JSON has only the value.
fn is_number_in_other_notation(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "1"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let usual = digits(whole.trim_start_matches('-')) && digits(fraction);
    let integral = fraction.bytes().all(|byte| byte == b'0');
    let number = matches!(core_type(text), CoreType::Integer(_) | CoreType::Float(_));
    number && (!usual || integral)
}

static LANGUAGE: LazyLock<Validator> =
    LazyLock::new(|| validator(&schema::document_schema(&KINDS)));

static EACH_KIND: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    KINDS.iter().map(|kind| (kind.name, validator(&schema::kind_schema(kind)))).collect()
});

fn validator(schema: &Value) -> Validator {
    jsonschema::draft7::new(schema).unwrap()
}

/// The one document of a text as JSON.
fn json_of(text: &str) -> Value {
    let stream = yaml::parse(text);
    assert!(stream.errors.is_empty(), "{:?} in\n{text}", stream.errors);
    let [document] = stream.documents.as_slice() else { panic!("one document\n{text}") };
    to_json(&document.tree, document.tree.root).unwrap()
}

/// Compares both verdicts on a text of one document: whether it is good, or how they differ.
fn verdict(text: &str) -> Result<bool, String> {
    let (json, errors) = (json_of(text), errors(text));
    if is_foreign(text) {
        let accepted = LANGUAGE.is_valid(&json);
        return if accepted { Err(format!("the schema accepts\n{text}")) } else { Ok(false) };
    }
    let messages: Vec<&str> = errors.iter().map(|finding| finding.message.as_str()).collect();
    let own = EACH_KIND.iter().filter(|(name, _)| json["kind"] == **name);
    for (name, schema) in [(&"sre", &*LANGUAGE)].into_iter().chain(own) {
        let complaints: Vec<String> =
            schema.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
        let beyond = errors.iter().filter(|finding| is_beyond_a_schema(finding, text)).count();
        let comparable = beyond < errors.len() || errors.is_empty();
        if comparable && complaints.is_empty() != errors.is_empty() {
            return Err(format!("schema {name}: {complaints:#?}\ndecoder: {messages:#?}\n{text}"));
        }
    }
    Ok(errors.is_empty())
}

/// The documents of a fixture, each as a text of its own.
fn documents(path: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/decode").join(path);
    let text = fs::read_to_string(&path).unwrap();
    text.split("\n---\n").map(str::to_owned).collect()
}

/// The documents of all fixtures of a folder.
pub(crate) fn fixtures(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/decode").join(folder);
    let mut names: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.iter().flat_map(|name| documents(&format!("{folder}/{name}"))).collect()
}

#[test]
fn good_documents_are_accepted_by_both() {
    for text in fixtures("good") {
        assert_eq!(verdict(&text), Ok(true), "{:#?}\n{text}", errors(&text));
    }
}

#[test]
fn bad_documents_are_refused_by_both() {
    for text in fixtures("bad") {
        assert_eq!(verdict(&text), Ok(false), "{text}");
        assert!(!LANGUAGE.is_valid(&json_of(&text)), "{text}");
    }
}

#[test]
fn what_no_schema_can_say_is_refused_by_the_decoder_alone() {
    for text in documents("beyond_schema.yaml") {
        let errors = errors(&text);
        assert!(!errors.is_empty(), "{text}");
        assert!(errors.iter().all(|f| is_beyond_a_schema(f, &text)), "{errors:#?}\n{text}");
        assert!(LANGUAGE.is_valid(&json_of(&text)), "{text}");
    }
}

#[test]
fn templates_are_accepted_by_both() {
    for kind in KINDS.iter() {
        let text = kind.template.replace("{name}", "some-name");
        assert_eq!(verdict(&text), Ok(true), "{:#?}", errors(&text));
    }
}

#[test]
fn every_field_occurs_in_a_good_document() {
    let texts: Vec<Value> = fixtures("good").iter().map(|text| json_of(text)).collect();
    for kind in KINDS.iter() {
        let mut names = Vec::new();
        property_names(&schema::kind_schema(kind), &mut names);
        let ours: Vec<&Value> = texts.iter().filter(|text| text["kind"] == kind.name).collect();
        for name in names {
            let used = ours.iter().any(|document| has_key(document, &name));
            assert!(used, "no good {} has `{name}`", kind.name);
        }
    }
}

fn property_names(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("additionalProperties") {
                let properties = object.get("properties").and_then(Value::as_object);
                names.extend(properties.into_iter().flatten().map(|(name, _)| name.clone()));
            }
            // What is the same in every document is shown once, by a service.
            let inner = object.iter().filter(|(key, _)| *key != "Metadata" && *key != "Link");
            inner.for_each(|(_, value)| property_names(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| property_names(item, names)),
        _ => {}
    }
}

fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(object) => {
            object.contains_key(key) || object.values().any(|value| has_key(value, key))
        }
        Value::Array(items) => items.iter().any(|item| has_key(item, key)),
        _ => false,
    }
}

#[test]
fn the_conversion_to_json_agrees_with_serde_yaml() {
    // `007` is a number in YAML 1.2 and a text in serde_yaml, which holds no number above `u64`.
    let fixtures = fixtures("good").into_iter().chain(fixtures("bad"));
    for text in fixtures.filter(|text| !text.contains("007") && !text.contains("9999999999999")) {
        let mut theirs: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        theirs.apply_merge().unwrap();
        let theirs = serde_json::to_value(&theirs).unwrap();
        // Theirs writes an infinity as `null`, which would hide it from the schema.
        let ours = json_of(&text).to_string().replace(&json!(f64::MAX).to_string(), "null");
        assert_eq!(serde_json::from_str::<Value>(&ours).unwrap(), theirs, "{text}");
    }
}

/// All values of all good documents, with their keys: what a careless hand may put elsewhere.
static STOCK: LazyLock<Vec<(String, Value)>> = LazyLock::new(|| {
    let mut stock = Vec::new();
    for text in fixtures("good") {
        collect(&json_of(&text), &mut stock);
    }
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(0.5),
        json!(300),
        json!(99.9),
        json!(""),
        json!(" "),
        json!("0"),
        json!("1"),
        json!("text"),
        json!("99%"),
        json!("1.5%"),
        json!("30d"),
        json!("1.5h"),
        json!("1M"),
        json!("5"),
        json!("UTC"),
        json!([]),
        json!({}),
        json!([null]),
        json!(["text"]),
        json!([{}]),
        json!({"text": "text"}),
        json!("2026-05-14"),
    ];
    stock.extend(odd.into_iter().map(|value| ("unknown".to_owned(), value)));
    stock.sort_by_cached_key(|(key, value)| (key.clone(), value.to_string()));
    stock.dedup();
    stock
});

fn collect(value: &Value, stock: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                stock.push((key.clone(), value.clone()));
                collect(value, stock);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, stock)),
        _ => {}
    }
}

/// One careless change.
#[derive(Clone, Debug)]
struct Slip {
    action: u8,
    place: Index,
    from: Index,
}

fn slip() -> impl Strategy<Value = Slip> {
    (0..7_u8, any::<Index>(), any::<Index>()).prop_map(|(action, place, from)| Slip {
        action,
        place,
        from,
    })
}

impl Slip {
    fn apply(&self, document: &mut Value) {
        let mut places = Vec::new();
        pointers(document, String::new(), &mut places);
        let pointer = self.place.get(&places);
        let (key, value) = self.from.get(&STOCK).clone();
        let Some((parent, last)) = pointer.rsplit_once('/') else {
            *document = value;
            return;
        };
        match document.pointer_mut(parent) {
            Some(Value::Object(object)) => self.change_object(object, last, key, value),
            Some(Value::Array(items)) => self.change_list(items, last, value),
            _ => {}
        }
    }

    fn change_object(&self, object: &mut Map<String, Value>, at: &str, key: String, value: Value) {
        let at = &at.replace("~1", "/").replace("~0", "~");
        match self.action {
            0 => drop(object.shift_remove(at)),
            1 => drop(object.shift_remove(at).and_then(|old| object.insert(key, old))),
            2 => drop(object.insert(key, value)),
            3 => drop(object.shift_remove(at).and_then(|old| object.insert(format!("{at}x"), old))),
            4 => drop(object.insert(at.clone(), json!([value]))),
            _ => drop(object.insert(at.clone(), value)),
        }
    }

    fn change_list(&self, items: &mut Vec<Value>, at: &str, value: Value) {
        let at = at.parse::<usize>().unwrap();
        match self.action {
            0 | 1 => drop(items.remove(at)),
            2 | 3 => items.insert(at, value),
            4 => items.clear(),
            _ => items[at] = value,
        }
    }
}

/// JSON pointers of all values.
fn pointers(value: &Value, path: String, all: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, format!("{path}/{key}"), all);
            }
        }
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.for_each(|(at, item)| pointers(item, format!("{path}/{at}"), all));
        }
        _ => {}
    }
    all.push(path);
}

/// Good documents as JSON.
static GOOD: LazyLock<Vec<Value>> =
    LazyLock::new(|| fixtures("good").iter().map(|text| json_of(text)).collect());

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn both_agree_on_careless_changes(
        document in any::<Index>(),
        slips in prop::collection::vec(slip(), 1..4),
    ) {
        let mut document = document.get(&GOOD).clone();
        for slip in &slips {
            slip.apply(&mut document);
        }
        prop_assume!(!document.is_null(), "a text without content is no document");
        let text = serde_yaml::to_string(&document).unwrap();
        prop_assert_eq!(&json_of(&text), &document);
        let verdict = verdict(&text);
        prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    }
}

/// A good document with one scalar to be filled in.
fn with_scalar(field: &str, text: &str) -> Value {
    let (kind, spec) = match field {
        "ratio" => ("SLO", json!({"target": text})),
        "old ratio" => ("SLO", json!({"target_percent": text})),
        "milliseconds" => ("SLO", json!({"target": "99%", "threshold_ms": text})),
        "duration" => ("SLO", json!({"target": "99%", "threshold": text})),
        "burn rate" => {
            let tier = json!({"severity": "page", "long": "1h", "burn_rate": text});
            ("AlertPolicy", json!({"tiers": [tier]}))
        }
        "instant" => {
            let interval = json!({"from": text, "to": "2026-11-01T00:00:00Z"});
            ("BudgetAdjustment", json!({"slos": [], "mode": "bad", "interval": interval}))
        }
        _ => ("Service", json!({})),
    };
    let name = if field == "name" { text } else { "a" };
    json!({"apiVersion": "sre/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
}

/// JSON as YAML takes it: control characters as escapes, beyond those that JSON asks for.
fn escaped(json: &str) -> String {
    json.chars().fold(String::new(), |text, character| match character {
        '\x7f'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
            format!("{text}\\u{:04x}", u32::from(character))
        }
        _ => text + character.encode_utf8(&mut [0; 4]),
    })
}

/// Texts that are nearly, and sometimes quite, what a field takes.
fn scalar() -> impl Strategy<Value = (&'static str, String)> {
    let number = "-?0{0,3}(100|1|[0-9]{0,11})(\\.[0-9]{0,8}0{0,3})?";
    prop::sample::select(vec![
        ("ratio", format!("{number} {{0,2}}%?")),
        ("old ratio", format!("{number}%?")),
        ("milliseconds", format!("[+]?{number}")),
        ("duration", "([0-9]{0,3}(y|w|d|h|m|s|ms|M|q| )?){0,4}".to_owned()),
        ("burn rate", format!("{number}x?")),
        (
            "instant",
            "2026-1?[0-9]-[0-3][0-9][Tt _]?[0-2][0-9]:?[0-5][0-9](:[0-6][0-9](\\.[0-9]{0,10})?)?\
             ([Zz]|[+−-][01][0-9]:?[0-6][0-9])?"
                .to_owned(),
        ),
        ("name", "[ \\t\u{85}\u{a0}\u{2028}\u{feff}a\\x00-\\x1f]{0,3}.{0,3}[ \\ta]?".to_owned()),
    ])
    .prop_flat_map(|(field, pattern)| {
        let texts = prop::string::string_regex(&pattern).unwrap();
        texts.prop_map(move |text| (field, text))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn both_agree_on_nearly_right_scalars((field, text) in scalar()) {
        let text = escaped(&with_scalar(field, &text).to_string());
        let verdict = verdict(&text);
        prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    }
}
