//! Comments of ODF (ODF 1.3 part 3, 14.1), which stand where they belong.

use crate::formats::book;
use crate::formats::comments::{Comment, Words};
use crate::formats::ooxml::xml;
use mugai_core::Refusal;
use mugai_core::markup::MAX_DEPTH;
use mugai_core::markup::vocabulary::Element;
use quick_xml::events::Event;

/// Where the filter is: the sheet with its row and column, and the slide.
#[derive(Default)]
pub(super) struct Spot {
    sheet: String,
    row: u64,
    column: u64,
    slide: u32,
}

impl Spot {
    /// An element begins; `get` tells its attributes.
    pub(super) fn begin<'v>(&mut self, element: Element, get: impl Fn(&str) -> Option<&'v str>) {
        if element.is("table:table") {
            get("name").unwrap_or_default().clone_into(&mut self.sheet);
            (self.row, self.column) = (0, 0);
        } else if element.is("table:table-row") {
            self.column = 0;
        } else if element.is("draw:page") {
            self.slide = self.slide.saturating_add(1);
        }
    }

    /// An element ends; rows and cells may repeat.
    pub(super) fn end(&mut self, element: Element, (rows, columns): (u64, u64)) {
        if element.is("table:table-row") {
            self.row = self.row.saturating_add(rows);
        } else if element.is("table:table-cell") || element.is("table:covered-table-cell") {
            self.column = self.column.saturating_add(columns);
        }
    }

    /// The cell, as `Sheet1!B2`.
    pub(super) fn cell(&self) -> String {
        let number = |place: u64| u32::try_from(place).unwrap_or(u32::MAX);
        let cell = book::place(number(self.row), number(self.column));
        format!("{}!{cell}", self.sheet)
    }

    /// The slide.
    pub(super) fn slide(&self, words: Words) -> String {
        words.slide(self.slide)
    }
}

/// The comment that began before `rest`.
///
/// # Errors
/// [`Refusal::Malformed`] for XML that is broken or too deep.
pub(super) fn annotation(rest: &str, place: String) -> Result<Comment, Refusal> {
    let mut comment = Comment {
        place,
        ..Comment::default()
    };
    let mut reader = xml::reader(rest);
    let mut open: Vec<String> = Vec::new();
    let (mut line, mut in_line) = (String::new(), 0usize);
    // its own end has no beginning here, which ends the reading early
    while let Ok(Some(event)) = xml::next(&mut reader) {
        let text = match event {
            Event::Start(start) => {
                let name = xml::split(start.name().0).1.to_owned();
                in_line = in_line.saturating_add(usize::from(is_line(&name)));
                open.push(name);
                if open.len() > MAX_DEPTH {
                    return Err(xml::DEEP);
                }
                continue;
            }
            Event::Empty(start) => {
                let blank = matches!(xml::split(start.name().0).1, "s" | "tab" | "line-break");
                if blank { " ".to_owned() } else { continue }
            }
            Event::End(_) => {
                let Some(name) = open.pop() else { break };
                in_line = in_line.saturating_sub(usize::from(is_line(&name)));
                if is_line(&name) && in_line == 0 {
                    comment.lines.push(std::mem::take(&mut line));
                }
                continue;
            }
            Event::Text(run) => run.xml10_content().into_owned(),
            Event::CData(run) => run.xml10_content().into_owned(),
            Event::GeneralRef(name) => xml::reference(&name)?.into_owned(),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) | Event::Eof => {
                continue;
            }
        };
        if in_line > 0 {
            line.push_str(&text);
        } else if open.last().is_some_and(|name| name == "creator") {
            comment.author.push_str(&text);
        }
    }
    Ok(comment)
}

fn is_line(name: &str) -> bool {
    matches!(name, "p" | "h")
}
