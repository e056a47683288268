//! A Markdown page as a runbook.
//!
//! Read are the title, the sections Meaning, Impact, Diagnosis and Mitigation in any order, and the blocks of code
//! in the latter two: each is a step, and the words before it say what it does. A page without code becomes one
//! step for each item of its lists there, or one for the whole. Nothing of it is dropped: what is in none of the four
//! sections is named.

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its title: the name of the alert.
    pub title: String,
    /// What the alert means.
    pub meaning: Option<String>,
    /// What users feel of it.
    pub impact: Option<String>,
    /// How to find out why.
    pub diagnosis: Option<String>,
    /// How to end it.
    pub mitigation: Option<String>,
    /// What is done, in order: words, and a command where there is one.
    pub steps: Vec<(String, Option<String>)>,
    /// Headings of what is in none of the four sections, each with its line.
    pub others: Vec<(usize, String)>,
}

/// Why a page is no runbook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It has no title.
    #[error("it has no heading of the first level, which names the alert")]
    NoTitle,
    /// It has none of the four sections.
    #[error("it has none of the sections Meaning, Impact, Diagnosis and Mitigation")]
    NoSections,
}

/// A block of code with the words before it.
#[derive(Default)]
struct Section {
    text: String,
    steps: Vec<(String, Option<String>)>,
    /// The paragraph or item at hand.
    words: String,
}

impl Section {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return;
        }
        match item(trimmed) {
            Some(rest) => rest.clone_into(&mut self.words),
            None if self.ends_paragraph() => trimmed.clone_into(&mut self.words),
            None => {
                self.words.push(' ');
                self.words.push_str(trimmed);
            }
        }
    }

    /// Whether the line before the one just read is blank, so that a new paragraph begins.
    fn ends_paragraph(&self) -> bool {
        let mut lines = self.text.lines().rev().skip(1);
        lines
            .next()
            .is_none_or(|line| line.trim().is_empty() || line.trim_start().starts_with("```"))
    }
}

/// The text of an item of a list.
fn item(line: &str) -> Option<&str> {
    let bullet = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark));
    bullet.or_else(|| {
        let digits = line.find(|letter: char| !letter.is_ascii_digit()).filter(|at| *at > 0)?;
        line.get(digits..)?.strip_prefix(". ").or(line.get(digits..)?.strip_prefix(") "))
    })
}

/// Reads a page.
///
/// # Errors
/// If it has no title, or none of the four sections.
pub fn read(text: &str) -> Result<Page, ReadError> {
    let mut page = Page::default();
    let mut sections: Vec<(String, Section)> = Vec::new();
    let mut fence: Option<(String, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some((mark, code)) = &mut fence {
            if line.trim().starts_with(mark.as_str())
                && line.trim().chars().all(|one| one == '`' || one == '~')
            {
                let code = std::mem::take(code);
                fence = None;
                if let Some((_, section)) = sections.last_mut() {
                    section.text.push_str(line);
                    section.text.push('\n');
                    let words = std::mem::take(&mut section.words);
                    section.steps.push((said(&words), Some(code)));
                }
                continue;
            }
            code.push_str(line);
            code.push('\n');
            if let Some((_, section)) = sections.last_mut() {
                section.text.push_str(line);
                section.text.push('\n');
            }
            continue;
        }
        let trimmed = line.trim_start();
        let mark: String =
            trimmed.chars().take_while(|letter| *letter == '`' || *letter == '~').collect();
        if mark.len() >= 3 {
            fence = Some((mark, String::new()));
            if let Some((_, section)) = sections.last_mut() {
                section.text.push_str(line);
                section.text.push('\n');
            }
            continue;
        }
        if let Some(heading) = line.strip_prefix("# ") {
            if page.title.is_empty() {
                heading.trim().clone_into(&mut page.title);
                continue;
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            let heading = heading.trim().to_owned();
            if !is_known(&heading) {
                page.others.push((number, heading.clone()));
            }
            sections.push((heading, Section::default()));
            continue;
        }
        match sections.last_mut() {
            Some((_, section)) => section.line(line),
            None if line.trim().is_empty() || line.starts_with("---") => {}
            None => {
                if page.others.is_empty() {
                    page.others.push((number, "the words before the first section".to_owned()));
                }
            }
        }
    }
    if page.title.is_empty() {
        return Err(ReadError::NoTitle);
    }
    if !sections.iter().any(|(heading, _)| is_known(heading)) {
        return Err(ReadError::NoSections);
    }
    for (heading, section) in sections {
        page.take(&heading, section);
    }
    if page.steps.is_empty() {
        page.steps.push(("Find out why, and end it".to_owned(), None));
    }
    Ok(page)
}

impl Page {
    /// Takes what a section says; what is done, from those that say how to find out why and how to end it.
    fn take(&mut self, heading: &str, section: Section) {
        let text = Some(section.text.trim().to_owned()).filter(|text| !text.is_empty());
        let (field, is_done) = match heading.to_ascii_lowercase().as_str() {
            "meaning" => (&mut self.meaning, false),
            "impact" => (&mut self.impact, false),
            "diagnosis" => (&mut self.diagnosis, true),
            "mitigation" => (&mut self.mitigation, true),
            _ => return,
        };
        field.clone_from(&text);
        if !is_done {
            return;
        }
        let items = text.iter().flat_map(|text| text.lines()).filter_map(|line| item(line.trim()));
        let items: Vec<(String, Option<String>)> = items.map(|text| (said(text), None)).collect();
        if !section.steps.is_empty() {
            self.steps.extend(section.steps);
        } else if items.is_empty() {
            self.steps.extend(text.map(|text| (said(&text), None)));
        } else {
            self.steps.extend(items);
        }
    }
}

fn is_known(heading: &str) -> bool {
    matches!(
        heading.to_ascii_lowercase().as_str(),
        "meaning" | "impact" | "diagnosis" | "mitigation"
    )
}

/// Words as an action: one line, without the colon that leads to the code.
fn said(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.trim_end_matches(':').trim();
    if words.is_empty() { "Run this".to_owned() } else { words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "---\n# DiskFull\n\n## Meaning\n\nA disk is full.\n\n## Impact\n\nNothing is written.\n\n\
        ## Diagnosis\n\nSee how full\nit is:\n\n```shell\n$ df -h\n```\n\n- then look what fills it\n\n```\ndu -sh *\n```\n\n\
        ## Mitigation\n\n1. Remove what can be made again\n2. Make it larger\n\n## Notes\n\nx\n";

    #[test]
    fn sections_and_code_become_steps() {
        let page = read(PAGE).unwrap();
        assert_eq!(page.title, "DiskFull");
        assert_eq!(page.meaning.as_deref(), Some("A disk is full."));
        let steps = [
            ("See how full it is", Some("$ df -h\n")),
            ("then look what fills it", Some("du -sh *\n")),
            ("Remove what can be made again", None),
            ("Make it larger", None),
        ];
        let steps = steps.map(|(words, code)| (words.to_owned(), code.map(str::to_owned)));
        assert_eq!(page.steps, steps);
        assert_eq!(page.others, [(32, "Notes".to_owned())]);
    }

    #[test]
    fn what_is_no_runbook_is_said() {
        assert_eq!(read("## Meaning\n\nx"), Err(ReadError::NoTitle));
        assert_eq!(read("# Title\n\ntext"), Err(ReadError::NoSections));
        assert!(read("# T\n\n## Mitigation\n\n```\nnever closed").is_ok());
    }
}
