//! A page as HTML in one file: no script, nothing loaded from anywhere, fit for print.
use super::{
    Page,
    content::{PageSection, Part},
    markdown::one_line,
};
use crate::kernel::report::xml::escape;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

/// How it looks: readable on a telephone and on paper, light or dark as the reader has it.
const STYLE: &str = include_str!("page.css");

/// The page as HTML.
pub fn text(page: &Page) -> String {
    let title = escape(&one_line(&page.title));
    let mut body = format!("<header>\n<h1>{title}</h1>\n<dl>\n");
    for (name, value) in &page.facts {
        let (name, value) = (escape(name), escape(value));
        body += &format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n");
    }
    body += "</dl>\n</header>\n<main>\n";
    for section in &page.sections {
        write_section(&mut body, section);
    }
    body += "</main>\n";
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

fn write_section(body: &mut String, section: &PageSection) {
    *body += &format!("<section>\n<h2>{}</h2>\n", escape(&one_line(&section.title)));
    for part in &section.parts {
        match part {
            Part::Text(markdown) => *body += &block(markdown),
            Part::List(items) => {
                *body += "<ul>\n";
                for item in items {
                    *body += &format!("<li>{}</li>\n", inline(item));
                }
                *body += "</ul>\n";
            }
            Part::Heading(heading) => *body += &format!("<h3>{}</h3>\n", escape(heading)),
            Part::Table { headings, rows } => write_table(body, headings, rows),
            Part::Nothing => *body += "<p class=\"nothing\">Nobody has written this yet.</p>\n",
        }
    }
    *body += "</section>\n";
}

/// Columns whose cells are not broken into lines.
const WHOLE: [&str; 6] = ["Id", "Type", "Priority", "Due", "Status", "Time (UTC)"];

fn write_table(body: &mut String, headings: &[&str], rows: &[Vec<String>]) {
    *body += "<div class=\"table\"><table>\n<thead><tr>";
    for heading in headings {
        *body += &format!("<th scope=\"col\">{}</th>", escape(heading));
    }
    *body += "</tr></thead>\n<tbody>\n";
    for cells in rows {
        let cell = |(at, cell): (usize, &String)| {
            // Times and short words stay in one line.
            let whole = headings.get(at).is_some_and(|heading| WHOLE.contains(heading));
            let class = if whole { " class=\"whole\"" } else { "" };
            format!("<td{class}>{}</td>", inline(&one_line(cell)))
        };
        let cells: String = cells.iter().enumerate().map(cell).collect();
        *body += &format!("<tr>{cells}</tr>\n");
    }
    *body += "</tbody>\n</table></div>\n";
}

/// Markdown as HTML. What is HTML in it is shown as text: a page holds nothing that its author could not see.
fn block(markdown: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    // Headings of a text are below those of the page.
    let events = Parser::new_ext(markdown, options).map(harmless);
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    html
}

/// Markdown in one line, without a paragraph around it where it is one.
fn inline(markdown: &str) -> String {
    let html = block(markdown);
    let one = html.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match one {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

fn harmless(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url =
                if leads_somewhere(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        // Pictures would be loaded from elsewhere: their words stand for them.
        Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: lower(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    }
}

/// Whether an address is one of a page or of a person, and no program.
fn leads_somewhere(address: &str) -> bool {
    let scheme = address.split(['/', '?', '#']).next().unwrap_or_default();
    match scheme.split_once(':') {
        None => true,
        Some((scheme, _)) => {
            ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        }
    }
}

/// A heading below those of sections.
fn lower(level: pulldown_cmark::HeadingLevel) -> pulldown_cmark::HeadingLevel {
    use pulldown_cmark::HeadingLevel::{H1, H2, H3, H4, H5, H6};
    match level {
        H1 | H2 => H3,
        H3 => H4,
        H4 => H5,
        H5 | H6 => H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_and_html_becomes_text() {
        assert_eq!(block("a *b* `c`"), "<p>a <em>b</em> <code>c</code></p>\n");
        assert_eq!(inline("a *b*"), "a <em>b</em>");
        let html = block("x <script>alert(1)</script>\n\n<img src=x onerror=y>\n");
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
        let html =
            block("[a](javascript:alert(1)) [b](https://e.org/?a:b) ![c](http://e.org/c.png)");
        assert!(!html.contains("javascript"), "{html}");
        assert!(html.contains("href=\"https://e.org/?a:b\"") && !html.contains("<img"), "{html}");
        assert!(block("# a\n").contains("<h3>"));
    }

    #[test]
    fn addresses_that_do_something_lead_nowhere() {
        for fine in ["https://e.org", "mailto:a@e.org", "../a", "#b", "/c?d=e:f", ""] {
            assert!(leads_somewhere(fine), "{fine}");
        }
        for wrong in ["javascript:x", "JavaScript:x", "data:text/html,x", "vbscript:x"] {
            assert!(!leads_somewhere(wrong), "{wrong}");
        }
    }
}
