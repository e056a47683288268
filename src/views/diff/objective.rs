//! Objectives that are not what they were.
use super::{
    Level, Side,
    documents::{Key, Read, What},
    facts::{self, Fact},
    rules::{self, RuleChanges},
    tiers::{self, TierChange},
};
use crate::{
    domains::slo::{
        behind::Behind,
        model::Objective,
        resolve::{self, ResolvedObjective},
        spec::ServiceLevelObjective,
    },
    kernel::{
        report::words,
        spec::{Document, Target as _},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// An objective that is not what it was.
#[derive(Clone, Debug)]
pub(super) struct ObjectiveChange {
    pub(super) what: What,
    pub(super) name: String,
    pub(super) former_name: Option<String>,
    pub(super) level: Level,
    /// What differs, in the order in which it is read.
    pub(super) rows: Vec<Row>,
    pub(super) target_before: Option<f64>,
    pub(super) target_after: Option<f64>,
    pub(super) budgets: Vec<BudgetChange>,
    pub(super) tiers: Vec<TierChange>,
    pub(super) rules: RuleChanges,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) what: String,
    /// What was so; `None` where nothing was said.
    pub(super) before: Option<String>,
    /// What is so; `None` where nothing is said.
    pub(super) after: Option<String>,
    pub(super) level: Level,
    /// The documents by whose change it is so, other than the objective's own.
    pub(super) through: Vec<Key>,
    /// Whether it only follows from another row.
    pub(super) follows: bool,
}

/// How long a total outage may last in a window. Unit: minutes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BudgetChange {
    pub(super) window: String,
    pub(super) before: Option<f64>,
    pub(super) after: Option<f64>,
}

/// The objectives of a side.
pub(super) struct Objectives<'r, 'c> {
    read: &'r Read<'c>,
    behind: Behind<'c>,
    of_name: BTreeMap<&'c str, Resolved<'c>>,
}

/// An objective with what it is computed from, or why it cannot be.
struct Resolved<'c> {
    document: &'c Document,
    slo: &'c ServiceLevelObjective,
    windows: Result<Vec<ResolvedObjective<'c>>, String>,
}

impl<'r, 'c> Objectives<'r, 'c> {
    pub(super) fn of(read: &'r Read<'c>) -> Self {
        let Side { catalog, settings, .. } = read.side;
        let mut of_name = BTreeMap::new();
        for (document, slo) in catalog.iter::<ServiceLevelObjective>() {
            let windows = resolve::resolve(catalog, settings, document, slo)
                .map_err(|incomplete| incomplete.message);
            of_name.entry(document.name()).or_insert(Resolved { document, slo, windows });
        }
        Self { read, behind: Behind::of(catalog), of_name }
    }

    fn facts(&self, one: &Resolved<'c>) -> Vec<Fact> {
        let windows = one.windows.as_deref().unwrap_or_default();
        facts::of(self.read, &self.behind, one.document, one.slo, windows)
    }

    /// The names of all of them.
    fn names(&self) -> BTreeSet<&'c str> {
        self.of_name.keys().copied().collect()
    }
}

/// What became of the objectives, by name. `former` gives the former name of those that have another
/// now; `changed` are all documents that are not what they were.
pub(super) fn changes(
    before: &Objectives<'_, '_>,
    after: &Objectives<'_, '_>,
    former: &BTreeMap<String, String>,
    changed: &BTreeSet<Key>,
) -> Vec<ObjectiveChange> {
    let mut found = Vec::new();
    for name in after.names() {
        let old_name = former.get(name).map_or(name, String::as_str);
        let (old, new) = (before.of_name.get(old_name), after.of_name.get(name));
        found.extend(Pair { before, after, old, new, changed }.change());
    }
    let gone = before.names();
    let gone = gone.iter().filter(|name| {
        !after.of_name.contains_key(**name) && !former.values().any(|former| former == *name)
    });
    for name in gone {
        let old = before.of_name.get(name);
        found.extend(Pair { before, after, old, new: None, changed }.change());
    }
    found.sort_by(|a, b| {
        (std::cmp::Reverse(a.level), &a.name).cmp(&(std::cmp::Reverse(b.level), &b.name))
    });
    found
}

/// An objective on both sides.
struct Pair<'p, 'b, 'a, 'x, 'y> {
    before: &'p Objectives<'b, 'x>,
    after: &'p Objectives<'a, 'y>,
    old: Option<&'p Resolved<'x>>,
    new: Option<&'p Resolved<'y>>,
    changed: &'p BTreeSet<Key>,
}

impl Pair<'_, '_, '_, '_, '_> {
    /// What became of it; `None` where nothing did.
    fn change(&self) -> Option<ObjectiveChange> {
        let name = self.new.map(|one| one.document.name());
        let former = self.old.map(|one| one.document.name());
        let mut change = ObjectiveChange {
            what: match (self.old, self.new) {
                (None, _) => What::Added,
                (_, None) => What::Removed,
                _ if name != former => What::Renamed,
                _ => What::Changed,
            },
            name: name.or(former)?.to_owned(),
            former_name: former.filter(|_| name.is_some() && name != former).map(str::to_owned),
            level: Level::Cosmetic,
            rows: Vec::new(),
            target_before: None,
            target_after: None,
            budgets: Vec::new(),
            tiers: Vec::new(),
            rules: RuleChanges::default(),
        };
        self.presence(&mut change);
        if let (Some(old), Some(new)) = (self.old, self.new) {
            computability(old, new, &mut change);
            if let (Ok(before), Ok(after)) = (&old.windows, &new.windows) {
                promise(before, after, &mut change);
                self.facts(old, new, &mut change);
                self.tiers(old, new, (before, after), &mut change);
            }
        } else {
            self.whole(&mut change);
        }
        self.rules(&mut change);
        change.level = change.rows.iter().map(|row| row.level).max()?;
        Some(change)
    }

    /// That it came, went, or is called otherwise.
    fn presence(&self, change: &mut ObjectiveChange) {
        let level = match change.what {
            What::Added => Level::Tightened,
            What::Removed | What::Renamed => Level::Breaking,
            What::Changed => return,
        };
        let text = |one: Option<&Resolved<'_>>| one.map(summary);
        let (what, before, after) = match change.what {
            What::Renamed => ("name", change.former_name.clone(), Some(change.name.clone())),
            _ => ("objective", text(self.old), text(self.new)),
        };
        change.rows.push(Row::new(what, before, after, level));
    }

    /// Everything else that it is computed from.
    fn facts(&self, old: &Resolved<'_>, new: &Resolved<'_>, change: &mut ObjectiveChange) {
        let before = self.before.facts(old);
        let after = self.after.facts(new);
        let own: [Key; 2] =
            [old, new].map(|one| (ServiceLevelObjective::KIND, one.document.name().to_owned()));
        let mut names: Vec<&str> = after.iter().map(|fact| fact.what.as_str()).collect();
        let gone = before.iter().map(|fact| fact.what.as_str());
        names.extend(gone.filter(|what| !after.iter().any(|fact| fact.what == *what)));
        for what in names {
            let was = before.iter().find(|fact| fact.what == what);
            let is = after.iter().find(|fact| fact.what == what);
            let texts = (was.map(|fact| fact.text.clone()), is.map(|fact| fact.text.clone()));
            if texts.0 == texts.1 || part_of_what_came(what, &before, &after) {
                continue;
            }
            let said_by = was.iter().chain(&is).flat_map(|fact| &fact.said_by);
            let mut row = Row::new(
                what,
                texts.0.clone(),
                texts.1.clone(),
                facts::level(what, texts.0.as_deref(), texts.1.as_deref()),
            );
            row.through = self.through(said_by, &own);
            change.rows.push(row);
        }
    }

    /// When it alerts.
    fn tiers(
        &self,
        old: &Resolved<'_>,
        new: &Resolved<'_>,
        (before, after): (&[ResolvedObjective<'_>], &[ResolvedObjective<'_>]),
        change: &mut ObjectiveChange,
    ) {
        let (Some(was), Some(is)) = (before.first(), after.first()) else { return };
        change.tiers = tiers::changes(
            (was.objective, &was.alerting.tiers),
            (is.objective, &is.alerting.tiers),
        );
        let said_by: Vec<Key> =
            [facts::alert_policy(old.slo, was), facts::alert_policy(new.slo, is)].concat();
        let through = self.through(&said_by, &[]);
        for tier in &change.tiers {
            let (before, after) = tier.texts();
            let mut row = Row::new(&format!("tier {}", tier.name), before, after, tier.level);
            row.follows = tier.is_derived();
            if !row.follows {
                row.through.clone_from(&through);
            }
            change.rows.push(row);
        }
    }

    /// What rules are made of it.
    fn rules(&self, change: &mut ObjectiveChange) {
        fn side<'s, 'c>(
            objectives: &'s Objectives<'_, 'c>,
            one: Option<&'s Resolved<'c>>,
        ) -> Option<(&'s Side<'c>, &'s [ResolvedObjective<'c>])> {
            Some((objectives.read.side, one?.windows.as_deref().ok()?))
        }
        change.rules = rules::changes(side(self.before, self.old), side(self.after, self.new));
        if change.rules.is_empty() || self.old.is_none() || self.new.is_none() {
            return;
        }
        let names_changed = !change.rules.added.is_empty() || !change.rules.removed.is_empty();
        let level = if change.rules.refused_after.is_some() {
            Level::Loosened
        } else if names_changed {
            Level::Changed
        } else {
            Level::Cosmetic
        };
        let before = change.rules.refused_before.as_ref().map(|why| format!("none: {why}"));
        let mut row = Row::new("rules", before, Some(change.rules.summary()), level);
        row.follows = true;
        change.rows.push(row);
    }

    /// The budget of one that came or went.
    fn whole(&self, change: &mut ObjectiveChange) {
        fn windows<'s, 'c>(one: Option<&'s Resolved<'c>>) -> &'s [ResolvedObjective<'c>] {
            one.and_then(|one| one.windows.as_deref().ok()).unwrap_or_default()
        }
        let (before, after) = (windows(self.old), windows(self.new));
        let target = |one: &ResolvedObjective<'_>| one.objective.target().as_f64();
        change.target_before = before.first().map(target);
        change.target_after = after.first().map(target);
        change.budgets = budgets(before, after);
    }

    /// Of the documents that say something, those that are not what they were; the objective's own is
    /// none of them.
    fn through<'k>(&self, said_by: impl IntoIterator<Item = &'k Key>, own: &[Key]) -> Vec<Key> {
        let said_by = said_by.into_iter();
        let changed = said_by.filter(|key| self.changed.contains(*key) && !own.contains(key));
        changed.cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// That it can be computed no more, or again.
fn computability(old: &Resolved<'_>, new: &Resolved<'_>, change: &mut ObjectiveChange) {
    let (before, after) = (old.windows.as_ref().err(), new.windows.as_ref().err());
    if before != after {
        let level = if after.is_some() { Level::Loosened } else { Level::Tightened };
        let text = |why: Option<&String>| {
            why.map_or("computed".to_owned(), |why| format!("not computed: {why}"))
        };
        change.rows.push(Row::new("objective", Some(text(before)), Some(text(after)), level));
    }
}

/// Its target and the budget that follows.
fn promise(
    before: &[ResolvedObjective<'_>],
    after: &[ResolvedObjective<'_>],
    change: &mut ObjectiveChange,
) {
    let (Some(old), Some(new)) = (before.first(), after.first()) else { return };
    let (was, is) = (old.objective.target(), new.objective.target());
    change.target_before = Some(was.as_f64());
    change.target_after = Some(is.as_f64());
    let by_target = Level::by_order(is.cmp(&was), Level::Tightened, Level::Loosened);
    if was != is {
        let (was, is) = (Some(was.percent()), Some(is.percent()));
        change.rows.push(Row::new("target", was, is, by_target));
    }
    change.budgets = budgets(before, after);
    if old.window != new.window || was != is {
        let text = |one: &ResolvedObjective<'_>| {
            Some(format!("{} per {}", minutes(one.objective), facts::window(&one.window)))
        };
        let level = if old.window == new.window { by_target } else { Level::Changed };
        let mut row = Row::new("budget", text(old), text(new), level);
        row.follows = true;
        change.rows.push(row);
    }
}

/// Whether a fact belongs to an indicator, source or policy of which there was none, or is none: that is
/// said already.
fn part_of_what_came(what: &str, before: &[Fact], after: &[Fact]) -> bool {
    let Some((group, _)) = what.split_once(' ') else { return false };
    let has = |facts: &[Fact]| facts.iter().any(|fact| fact.what == group);
    ["indicator", "source", "policy"].contains(&group) && has(before) != has(after)
}

impl Row {
    fn new(what: &str, before: Option<String>, after: Option<String>, level: Level) -> Self {
        let what = what.to_owned();
        Self { what, before, after, level, through: Vec::new(), follows: false }
    }
}

/// `99.9% per 30d: 43.2 minutes`.
fn summary(one: &Resolved<'_>) -> String {
    let windows = match &one.windows {
        Ok(windows) => windows,
        Err(why) => return format!("not computed: {why}"),
    };
    let texts = windows.iter().map(|one| {
        format!(
            "{} per {}: {}",
            one.objective.target().percent(),
            facts::window(&one.window),
            minutes(one.objective)
        )
    });
    texts.collect::<Vec<_>>().join("; ")
}

/// `43.2 minutes`.
fn minutes(objective: Objective) -> String {
    let minutes = objective.allowed_minutes();
    format!("{} min", words::number(minutes, if minutes < 10.0 { 2 } else { 1 }))
}

/// The budgets by window, of those that differ.
fn budgets(before: &[ResolvedObjective<'_>], after: &[ResolvedObjective<'_>]) -> Vec<BudgetChange> {
    let mut found: BTreeMap<String, (Option<f64>, Option<f64>)> = BTreeMap::new();
    for one in before {
        let window = facts::window(&one.window);
        found.entry(window).or_default().0 = Some(one.objective.allowed_minutes());
    }
    for one in after {
        let window = facts::window(&one.window);
        found.entry(window).or_default().1 = Some(one.objective.allowed_minutes());
    }
    let changes =
        found.into_iter().map(|(window, (before, after))| BudgetChange { window, before, after });
    changes.filter(|one| one.before != one.after).collect()
}

/// Whether a kind is that of objectives.
pub(super) fn is_one(kind: &str) -> bool {
    kind == ServiceLevelObjective::KIND
}
