//! What people see, at several widths.
use super::*;
use crate::kernel::report::testing::{budget_report, budget_table, printed};
use crate::kernel::report::{Bar, Cell, Column, Overflow, State};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

fn report(block: impl Into<Block>) -> Report {
    Report::new("sre/x@1", serde_json::Value::Null).block(block)
}

fn show(report: &Report, surface: Surface) -> String {
    printed(|out| write(report, surface, out))
}

#[track_caller]
fn check(block: impl Into<Block>, width: usize, expected: &str) {
    let surface = Surface { width: Some(width), colour: false, unicode: true };
    let shown = show(&report(block), surface);
    assert_eq!(shown, expected, "\n{shown}");
}

#[test]
fn blocks_stand_apart_and_headings_with_what_follows() {
    let surface = Surface { width: Some(120), colour: false, unicode: true };
    let shown = show(&budget_report(), surface);
    assert_eq!(
        shown,
        "\
Error budgets
30 days to 2026-05-14 09:20 UTC, from access.log: 9,997 of 10,000 requests were good; 84 of 4,981
minutes had traffic.

SLO                         SERVICE   TARGET     SLI     BAD  REMAINING      LEFT  BURN RATE  STATE
checkout-availability       checkout   99.9%  99.97%       3  ███████░░░   70.00%        0.3  ✓ ok
checkout-latency-eu-west-1  checkout     99%  98.53%  12,345  ░░░░░░░░░░  -46.88%        1.5  ✗ exhausted
search-availability         search     99.5%  99.61%      88  ██░░░░░░░░   22.40%       14.4  ! burning
billing-freshness           billing      99%       –       –  ?                 –          –  ? unknown

worst     ✗ exhausted since 12 May
left      ██░░░░░░░░ 22.40%
empty in  12d 4h

• add a runbook to search-availability
• billing-freshness has no data

  sre burn --slo search.yaml
  sre gate
",
        "\n{shown}"
    );
}

#[test]
fn a_narrow_table_wraps_headings_shortens_names_and_leaves_out_the_least() {
    check(
        budget_table(),
        80,
        "                                                               BURN
SLO                       TARGET     SLI  REMAINING      LEFT  RATE  STATE
checkout-availability      99.9%  99.97%  ███████░░░   70.00%   0.3  ✓ ok
checkout-lat…y-eu-west-1     99%  98.53%  ░░░░░░░░░░  -46.88%   1.5  ✗ exhausted
search-availability        99.5%  99.61%  ██░░░░░░░░   22.40%  14.4  ! burning
billing-freshness            99%       –  ?                 –     –  ? unknown
wider terminal or --format json shows: Service, Bad
",
    );
    check(
        budget_table(),
        60,
        "\
SLO                    SLI  REMAINING      LEFT  STATE
checkout-…lability  99.97%  ███████░░░   70.00%  ✓ ok
checkout-…u-west-1  98.53%  ░░░░░░░░░░  -46.88%  ✗ exhausted
search-av…lability  99.61%  ██░░░░░░░░   22.40%  ! burning
billing-freshness        –  ?                 –  ? unknown
wider terminal or --format json shows: Service, Target, Bad,
Burn rate
",
    );
}

#[test]
fn what_fits_no_table_becomes_facts() {
    check(
        Table::new().columns(["SLO", "Explanation", "State"]).row([
            Cell::name("checkout-availability"),
            Cell::text("spent 3.1% of the budget in one hour"),
            Cell::bad("exhausted"),
        ]),
        40,
        "\
SLO          checkout-availability
EXPLANATION  spent 3.1% of the budget in
             one hour
STATE        ✗ exhausted
",
    );
    check(
        Block::facts([("a rather long name", "a value as long as it takes")]),
        24,
        "a rather long name\n  a value as long as it\n  takes\n",
    );
}

#[test]
fn long_text_wraps_in_its_column_or_loses_its_end() {
    let table = |overflow| {
        Table::new()
            .columns([Column::new("Rule"), Column::new("Why").overflow(overflow)])
            .row(["slo-without-runbook", "whoever is woken has to know what to do first"])
    };
    check(
        table(Overflow::Wrap),
        50,
        "\
RULE                 WHY
slo-without-runbook  whoever is woken has to know
                     what to do first
",
    );
    check(
        table(Overflow::End),
        50,
        "\
RULE                 WHY
slo-without-runbook  whoever is woken has to know…
",
    );
    check(
        table(Overflow::Never),
        80,
        "\
RULE                 WHY
slo-without-runbook  whoever is woken has to know what to do first
",
    );
}

#[test]
fn a_pipe_gets_everything_in_one_line_per_row() {
    let long = "x".repeat(70_000);
    let table = Table::new()
        .columns([Column::new("A").middle(), Column::new("B").priority(9)])
        .row(["a".repeat(300), "b".repeat(300)]);
    let shown = show(&report(table), Surface::PIPE);
    assert_eq!(shown.lines().nth(1).unwrap().len(), 602);
    let shown = show(&report(Block::paragraph(long.as_str())), Surface::PIPE);
    assert_eq!(shown, format!("{long}\n"));
    let table = Table::new().column(Column::new("A").middle()).row([long.as_str()]);
    let shown = show(&report(table), Surface::PIPE);
    assert_eq!(shown.matches('x').count(), 70_000);
}

#[test]
fn colour_comes_with_marks_and_ends_with_its_text() {
    let table = Table::new().columns(["SLO", "Left", "State"]).row([
        Cell::name("api"),
        Cell::bar(0.5, 4).styled(Style::Warning),
        Cell::bad("exhausted"),
    ]);
    let surface = Surface { width: Some(80), colour: true, unicode: true };
    assert_eq!(
        show(&report(table), surface),
        "\u{1b}[2mSLO\u{1b}[0m  \u{1b}[2mLEFT\u{1b}[0m  \u{1b}[2mSTATE\u{1b}[0m\n\
         \u{1b}[36mapi\u{1b}[0m  \u{1b}[33m██\u{1b}[0m\u{1b}[2m░░\u{1b}[0m  \
         \u{1b}[1;31m✗ exhausted\u{1b}[0m\n"
    );
}

#[test]
fn ascii_will_do() {
    let shown = show(&budget_report(), Surface::plain(Some(80)));
    assert!(shown.is_ascii(), "{shown}");
    assert!(
        shown.contains("checkout-la..y-eu-west-1     99%  98.53%  ..........  -46.88%"),
        "{shown}"
    );
    assert!(shown.contains("x exhausted") && shown.contains("+ ok"), "{shown}");
}

#[test]
fn text_of_others_is_shown_not_obeyed() {
    check(
        Table::new().title("a\u{1b}[2Jb").columns(["N\u{7}"]).row(["\u{1b}[31mred\nnext\u{202e}"]),
        80,
        "a\\u{1b}[2Jb\nN\\u{7}\n\\u{1b}[31mred\\nnext\\u{202e}\n",
    );
    check(Block::code("", "a\u{1b}[0m\n\tb"), 80, "  a\\u{1b}[0m\n  \tb\n");
}

#[test]
fn wide_characters_align() {
    check(
        Table::new()
            .columns(["名前", "State"])
            .row([Cell::name("東京"), Cell::good("ok")])
            .row([Cell::name("Zürich 👩\u{200d}💻"), Cell::good("ok")]),
        80,
        "名前       STATE\n東京       ✓ ok\nZürich 👩\u{200d}💻  ✓ ok\n",
    );
}

#[test]
fn an_empty_table_says_so() {
    check(Table::new().columns(["SLO", "State"]), 80, "SLO  STATE\n(none)\n");
    check(Table::new(), 80, "");
}

#[test]
fn list_items_hang_from_their_bullet() {
    check(
        Block::list(["one two three four five", "six"]),
        20,
        "• one two three four\n  five\n• six\n",
    );
}

fn any_text() -> impl Strategy<Value = Text> {
    let word = prop_oneof![
        any::<String>(),
        "[a-z ]{0,40}",
        "[e\u{301}\u{200d}❤\u{fe0f}👩💻\u{1f1e9}ﷺ لا]{0,12}"
    ];
    let piece = (word, 0..4_u8).prop_map(|(word, kind)| match kind {
        0 => Text::new().plain(word),
        1 => Text::new().bad(word),
        2 => Text::new().state(State::good(word)),
        _ => Text::new().bar(Bar { share: Some(0.5), width: word.len(), style: Style::Good }),
    });
    prop::collection::vec(piece, 0..4)
        .prop_map(|pieces| pieces.into_iter().fold(Text::new(), Text::text))
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        any_text().prop_map(Cell::Text),
        any::<u64>().prop_map(Cell::Count),
        (any::<f64>(), 0..5_usize).prop_map(|(value, digits)| Cell::number(value, digits)),
        any::<f64>().prop_map(Cell::percent),
        any::<String>().prop_map(Cell::bad),
        Just(Cell::Missing),
    ]
}

fn any_column() -> impl Strategy<Value = Column> {
    let overflow = prop_oneof![
        Just(Overflow::Wrap),
        Just(Overflow::End),
        Just(Overflow::Middle),
        Just(Overflow::Never)
    ];
    (any::<String>(), overflow, 0..4_u8, 0..30_usize).prop_map(
        |(name, overflow, priority, width)| {
            Column::new(name).overflow(overflow).priority(priority).min_width(width)
        },
    )
}

fn any_block() -> impl Strategy<Value = Block> {
    let table = (
        prop::collection::vec(any_column(), 0..5),
        prop::collection::vec(prop::collection::vec(any_cell(), 0..6), 0..4),
    );
    prop_oneof![
        any_text().prop_map(Block::Heading),
        any_text().prop_map(Block::Paragraph),
        prop::collection::vec(any_text(), 0..3).prop_map(Block::List),
        prop::collection::vec((any_text(), any_cell()), 0..3).prop_map(Block::Facts),
        table.prop_map(|(columns, rows)| Table::new().columns(columns).rows(rows).into()),
    ]
}

/// `text` without the escape sequences that the renderer itself writes.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.filter_map(|part| part.split_once('m')).map(|(_, rest)| rest).collect::<String>()
}

proptest! {
    #[test]
    fn nothing_is_wider_than_the_terminal_or_obeyed_by_it(
        block in any_block(),
        width in 20..130_usize,
        unicode in any::<bool>(),
    ) {
        let surface = Surface { width: Some(width), colour: false, unicode };
        let shown = show(&report(block.clone()), surface);
        for line in shown.lines() {
            prop_assert!(line.width() <= width, "{} > {width}: {line:?}", line.width());
            prop_assert!(!line.contains(char::is_control), "{line:?}");
        }
        let coloured = show(&report(block.clone()), Surface { colour: true, ..surface });
        for (coloured, plain) in without_colour(&coloured).lines().zip(shown.lines()) {
            prop_assert_eq!(coloured.trim_end(), plain.trim_end());
        }
        prop_assert_eq!(coloured.lines().count(), shown.lines().count());
        show(&report(block), Surface::PIPE);
    }
}
