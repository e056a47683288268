//! A page as Markdown.
use super::{Page, content::Part};

/// The page as Markdown.
pub fn text(page: &Page) -> String {
    let mut text = format!("# {}\n\n", one_line(&page.title));
    let facts: Vec<Vec<String>> = page
        .facts
        .iter()
        .map(|(name, value)| vec![format!("**{name}**"), escaped(value)])
        .collect();
    table(&mut text, &["", ""], &facts);
    for section in &page.sections {
        text += &format!("\n## {}\n", one_line(&section.title));
        for part in &section.parts {
            text.push('\n');
            match part {
                Part::Text(markdown) => {
                    text += markdown.trim();
                    text.push('\n');
                }
                Part::List(items) => {
                    for item in items {
                        // What goes on in the next line belongs to the item.
                        text += &format!("- {}\n", item.trim().replace('\n', "\n  "));
                    }
                }
                Part::Heading(heading) => text += &format!("### {heading}\n"),
                Part::Table { headings, rows } => table(&mut text, headings, rows),
                Part::Nothing => text += "*Nobody has written this yet.*\n",
            }
        }
    }
    text
}

fn table(text: &mut String, headings: &[&str], rows: &[Vec<String>]) {
    let row = |cells: &mut dyn Iterator<Item = String>| {
        format!("|{}\n", cells.map(|cell| format!(" {cell} |")).collect::<String>())
    };
    *text += &row(&mut headings.iter().map(ToString::to_string));
    *text += &row(&mut headings.iter().map(|_| "---".to_owned()));
    for cells in rows {
        *text += &row(&mut cells.iter().map(|cell| one_line(cell).replace('|', "\\|")));
    }
}

/// A text in one line: a cell has no more.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that is no Markdown, such as a name with underscores.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
