//! What dependencies left for an objective, as people read it.
use super::close;
use crate::{
    domains::slo::{
        assess::Assessment,
        behind::{Attainable, Left, LeftBy},
    },
    kernel::report::{Block, Cell, Column, Table, Text, words},
};

/// The most digits of a percentage, as a target has them; what differs by less is the same.
const DIGITS: usize = 7;

/// What the dependencies of an objective's service left for it, where that was asked for.
pub(super) fn blocks(assessment: &Assessment<'_>) -> Vec<Block> {
    let Some(left) = assessment.reading().and_then(|reading| reading.dependencies.as_ref()) else {
        return Vec::new();
    };
    let title = format!("what dependencies leave for {}", close::name(assessment));
    if left.dependencies.is_empty() {
        let text = Text::new().plain(title).plain(": its service has no hard dependencies");
        return vec![Block::paragraph(text)];
    }
    let mut blocks = vec![table(left, title).into(), Block::facts(facts(left))];
    let unknown: Vec<Text> = left.dependencies.iter().filter_map(why_unknown).collect();
    if !unknown.is_empty() {
        blocks.push(Block::list(unknown));
    }
    blocks
}

fn table(left: &Left, title: String) -> Table {
    let mut table = Table::new().title(title).columns([
        Column::new("Service").middle(),
        Column::new("SLO").middle().priority(4),
        Column::new("Target").priority(1),
        Column::new("SLI"),
        Column::new("Lost").priority(2),
        Column::new("Alone").priority(3),
        Column::new("With others").priority(3),
        Column::new("Known").priority(5),
    ]);
    for one in &left.dependencies {
        let lost = one.measured.as_ref().ok();
        let boundaries: Vec<f64> = one.target.iter().map(|target| target.as_f64()).collect();
        let sli = lost.and_then(|lost| Some(1.0 - lost.events.error_ratio()?));
        let minutes = |minutes: Option<f64>| {
            minutes.map_or(Cell::Missing, |it| Cell::text(format!("{} min", words::number(it, 1))))
        };
        table.push([
            Cell::name(one.service.clone()),
            one.objective.clone().map_or(Cell::Missing, Cell::text),
            one.target.map_or(Cell::Missing, Cell::ratio),
            sli.map_or(Cell::Missing, |sli| Cell::percent_against(sli, &boundaries)),
            minutes(lost.map(|lost| lost.part.lost_minutes)),
            minutes(lost.map(|lost| lost.part.exclusive_minutes)),
            minutes(lost.map(|lost| lost.part.shared_minutes)),
            lost.map_or(Cell::Missing, |lost| Cell::percent(lost.part.coverage)),
        ]);
    }
    table
}

fn facts(left: &Left) -> Vec<(&'static str, Cell)> {
    let mut facts = Vec::new();
    if let Some(ceiling) = &left.ceiling {
        // As many digits for all as it takes that the bounds differ from the target and each other.
        let middle = f64::midpoint(ceiling.at_least, ceiling.at_most);
        let boundaries = [left.target.as_f64(), middle];
        let digits = |share| words::percent_digits(share, &boundaries).min(DIGITS);
        let digits = digits(ceiling.at_least).max(digits(ceiling.at_most));
        let percent = |share| words::percent_with(share, digits);
        let (least, most) = (percent(ceiling.at_least), percent(ceiling.at_most));
        let range = if least == most { least } else { format!("at least {least}, at most {most}") };
        let text = format!(
            "{range}, by steps of {}; {} if they had failed independently",
            ceiling.slice,
            percent(ceiling.independent),
        );
        facts.push(("measured", Cell::text(text)));
    }
    if let Some(declared) = left.declared {
        let all = left.dependencies.iter().filter(|one| one.target.is_some()).count();
        let of = words::plural(all as u64, "target");
        facts.push(("declared", Cell::text(format!("{declared}, the product of {of}"))));
    }
    facts.push(("attainable", Cell::text(sentence(left))));
    facts
}

/// Whether the target is attainable.
fn sentence(left: &Left) -> String {
    let target = left.target.percent();
    let verdict = match (left.attainable(), &left.ceiling) {
        (Attainable::Unknown, _) | (_, None) => {
            format!("unknown whether {target} is: none of the dependencies was measured")
        }
        (Attainable::Yes, _) => format!("{target} is, with dependencies as they were"),
        (Attainable::Perhaps, Some(ceiling)) => format!(
            "{target} is if losses overlap enough within {}, which is not known",
            ceiling.slice
        ),
        (Attainable::No, _) => format!("{target} is not, with dependencies as they were"),
    };
    let declared = match (left.attainable(), left.attainable_as_declared()) {
        (Attainable::Unknown, Some(true)) => "; with what they declare it is",
        (Attainable::Unknown, Some(false)) => "; with what they declare it is not",
        (Attainable::Yes | Attainable::Perhaps, Some(false)) => "; what they declare permits less",
        (Attainable::No, Some(true)) => "; what they declare would permit it",
        _ => "",
    };
    let (known, all) = (left.measured(), left.dependencies.len());
    let rest = if 0 < known && known < all {
        format!("; {known} of {all} dependencies were measured, the others count as perfect")
    } else {
        String::new()
    };
    format!("{verdict}{declared}{rest}")
}

fn why_unknown(one: &LeftBy) -> Option<Text> {
    let reason = one.measured.as_ref().err()?;
    Some(Text::new().name(one.service.clone()).plain(format!(": {reason}")))
}
