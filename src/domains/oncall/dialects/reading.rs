//! Reads the answers of pagers' APIs: JSON that holds much beside what is looked for.
use crate::kernel::{
    diagnostic::Finding,
    source::Place,
    spec::{
        Field, Loss,
        decode::Reading,
        rules,
        tree::{NodeId, Tree},
    },
    time::{Zone, parse_instant},
    units::Instant,
};

/// A place in the answer.
#[derive(Clone, Copy)]
pub(super) struct At<'r, 't> {
    reading: &'r Reading<'t>,
    pub(super) node: NodeId,
}

impl<'r, 't> At<'r, 't> {
    pub(super) fn new(reading: &'r Reading<'t>, node: NodeId) -> Self {
        Self { reading, node }
    }

    pub(super) fn tree(self) -> &'t Tree<'t> {
        self.reading.tree()
    }

    pub(super) fn place(self) -> Place {
        self.reading.place(self.node)
    }

    /// The value of a key, unless it is null.
    pub(super) fn get(self, key: &str) -> Option<At<'r, 't>> {
        let node = self.tree().get(self.node, key).filter(|node| !self.tree().is_null(*node))?;
        Some(At { reading: self.reading, node })
    }

    pub(super) fn required(self, key: &str) -> Option<At<'r, 't>> {
        let found = self.get(key);
        if found.is_none() {
            self.missing(key);
        }
        found
    }

    pub(super) fn items(self, key: &str) -> Vec<At<'r, 't>> {
        let Some(list) = self.get(key) else { return Vec::new() };
        let items = self.tree().list(list.node);
        if items.is_none() {
            self.wrong(key, list.place(), "a list");
        }
        let at = |node: &NodeId| At { reading: self.reading, node: *node };
        items.unwrap_or_default().iter().map(at).collect()
    }

    pub(super) fn scalar(self) -> Option<String> {
        self.tree().scalar(self.node).map(|(text, _)| text.to_owned())
    }

    /// A text; reported where it is none.
    pub(super) fn text(self, key: &str) -> Option<Field<String>> {
        let text = self.scalar();
        if text.is_none() {
            self.wrong(key, self.place(), "a text");
        }
        Some(Field::new(text?, self.place()))
    }

    pub(super) fn instant(self, key: &str) -> Option<Field<Instant>> {
        let value = self.required(key)?;
        let instant = value.scalar().and_then(|text| parse_instant(&text).ok());
        if instant.is_none() {
            self.wrong(key, value.place(), "an instant such as `2026-01-02T12:00:00Z`");
        }
        Some(Field::new(instant?, value.place()))
    }

    /// An instant, which stands here.
    pub(super) fn is_instant(self) -> Option<Field<Instant>> {
        let instant = self.scalar().and_then(|text| parse_instant(&text).ok());
        if instant.is_none() {
            let message = "expected an instant such as `2026-01-02T12:00:00Z`";
            self.reading.report(Finding::new(&rules::INVALID_VALUE, self.place(), message));
        }
        Some(Field::new(instant?, self.place()))
    }

    pub(super) fn number(self, key: &str) -> Option<Field<u64>> {
        let value = self.required(key)?;
        let number = value.scalar().and_then(|text| text.parse().ok());
        if number.is_none() {
            self.wrong(key, value.place(), "a whole number");
        }
        Some(Field::new(number?, value.place()))
    }

    /// The zone; absent where there is none of that name.
    pub(super) fn zone(self, key: &str) -> Field<Zone> {
        let Some(value) = self.required(key) else { return Field::absent(self.place()) };
        let text = value.scalar().unwrap_or_default();
        if let Some(zone) = Zone::get(&text) {
            return Field::new(zone, value.place());
        }
        let message = format!("`{key}`: there is no time zone `{text}`");
        let help = match Zone::closest(&text) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write the zone's name, such as `Europe/Berlin`, into the file".to_owned(),
        };
        self.reading.report(Finding::new(&rules::INVALID_VALUE, value.place(), message).help(help));
        Field::absent(value.place())
    }

    pub(super) fn missing(self, key: &str) {
        let message = format!("missing field `{key}`");
        let finding = Finding::new(&rules::MISSING_FIELD, self.place(), message);
        self.reading.report(finding.help("export the schedule again, with the whole answer"));
    }

    pub(super) fn wrong(self, key: &str, place: Place, expected: &str) {
        let message = format!("`{key}`: expected {expected}");
        let finding = Finding::new(&rules::INVALID_VALUE, place, message);
        self.reading.report(finding.help("export the schedule again, with the whole answer"));
    }

    /// Loses what stands in a mapping beside what is known; why is said for each key.
    pub(super) fn lose_all_but(
        self,
        known: &[&str],
        path: &str,
        why: fn(&str) -> &'static str,
        losses: &mut Vec<Loss>,
    ) {
        for entry in self.tree().map(self.node).unwrap_or_default() {
            let Some((key, _)) = self.tree().scalar(entry.key) else { continue };
            let is_empty = self.tree().is_null(entry.value)
                || self.tree().list(entry.value).is_some_and(<[NodeId]>::is_empty);
            if is_empty || known.contains(&key) {
                continue;
            }
            let place = self.reading.place(entry.key);
            losses.push(Loss::new(place, format!("{path}{key}"), why(key)));
        }
    }
}
