//! Comments of office documents, appended to them as text where the route says so.
//!
//! They come behind everything else and begin a page, a sheet or a slide of their own, so that the looks of what the
//! sender laid out stay. Nothing of them is kept but who says what, and where.

mod write;

use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Builder, Event, PartKind};
use mugai_core::{Cx, FindingCode, Lang, Markup, Refusal, Resource};

/// The most comments that a document may have: a reader makes rows, paragraphs and slides of them.
pub(super) const MAX_COMMENTS: usize = 20_000;

pub(super) const TOO_MANY: Refusal = Refusal::malformed("office: more than 20000 comments");

/// The most lines of all comments: a sheet has so many rows, and a few of them make a slide.
pub(super) const MAX_LINES: usize = 100_000;

/// The longest line of a comment in characters: the longest text of a cell.
const MAX_LINE: usize = 30_000;

/// Appends comments to the parts of a document; whether there was a place.
type Write = fn(&[Comment], Words, &mut Vec<Markup>) -> Result<bool, Refusal>;

/// What appends to which main part.
const WRITERS: [(PartKind, Write); 6] = [
    (PartKind::Document, |all, words, parts| {
        write::word(all, words, parts)
    }),
    (PartKind::Workbook, write::sheet),
    (PartKind::Presentation, write::slides),
    (PartKind::OpenText, |all, words, parts| {
        write::open_text(all, words, parts)
    }),
    (PartKind::OpenSheet, |all, words, parts| {
        write::open_sheet(all, words, parts)
    }),
    (PartKind::OpenSlides, |all, words, parts| {
        write::open_slides(all, words, parts)
    }),
];

/// One comment.
#[derive(Debug, Default)]
pub(super) struct Comment {
    /// Where it stands: a cell of a sheet, a slide. Empty where a mark in the text tells.
    pub(super) place: String,
    /// Who wrote it; empty if nobody says so.
    pub(super) author: String,
    /// What it says.
    pub(super) lines: Vec<String>,
}

/// The comments of one document, in their order.
#[derive(Debug, Default)]
pub(super) struct Comments {
    all: Vec<Comment>,
    /// How many lines they have.
    lines: usize,
}

impl Comments {
    /// Takes a comment; one that says nothing is none. Its number comes back, counted from 1.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for too many, [`Refusal::Overrun`].
    pub(super) fn take(
        &mut self,
        mut comment: Comment,
        cx: &mut Cx<'_>,
    ) -> Result<Option<u32>, Refusal> {
        let said = comment.lines.iter().filter(|line| !line.trim().is_empty());
        let lines = self.lines.saturating_add(said.count());
        if lines > MAX_LINES {
            return Err(Refusal::malformed(
                "office: more than 100000 lines of comments",
            ));
        }
        comment.lines = comment
            .lines
            .iter()
            .filter(|line| !line.trim().is_empty())
            .map(|line| clean(line, cx))
            .collect();
        if comment.lines.is_empty() {
            return Ok(None);
        }
        if self.all.len() >= MAX_COMMENTS {
            return Err(TOO_MANY);
        }
        comment.author = clean(&comment.author, cx);
        comment.place = clean(&comment.place, cx);
        cx.charge(Resource::Steps, 256)?;
        let size = comment
            .lines
            .iter()
            .map(|line| line.len().saturating_add(64));
        cx.charge_len(Resource::Bytes, size.fold(0, usize::saturating_add))?;
        self.lines = lines;
        cx.note(FindingCode::OfficeCommentTold);
        self.all.push(comment);
        Ok(Some(u32::try_from(self.all.len()).unwrap_or(u32::MAX)))
    }

    /// Appends them to the parts of a document, whose first one is the main one. Where there is no place for
    /// them, they are dropped as if nobody had asked.
    ///
    /// # Errors
    /// [`Refusal::Internal`]
    pub(super) fn append(self, parts: &mut Vec<Markup>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let Some(kind) = parts
            .first()
            .map(Markup::kind)
            .filter(|_| !self.all.is_empty())
        else {
            return Ok(());
        };
        let words = Words::of(cx.params().lang);
        let appended = WRITERS.iter().find(|(of, _)| *of == kind);
        let done = match appended {
            Some((_, write)) => write(&self.all, words, parts)?,
            None => false,
        };
        if !done {
            cx.note(FindingCode::OfficeComment);
        }
        Ok(())
    }
}

/// The words of ours.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// Over all comments.
    heading: &'static str,
    /// Before the number of one.
    one: &'static str,
    /// Before the number of a slide.
    slide: &'static str,
}

impl Words {
    pub(super) const fn of(lang: Lang) -> Self {
        match lang {
            Lang::Ja => Self {
                heading: "コメント",
                one: "コメント",
                slide: "スライド ",
            },
            Lang::En => Self {
                heading: "Comments",
                one: "Comment ",
                slide: "Slide ",
            },
        }
    }

    /// What stands in a text where comment `number` belongs.
    pub(super) fn mark(self, number: u32) -> String {
        format!("[{}{number}]", self.one)
    }

    /// What a slide is called, by its number counted from 1.
    pub(super) fn slide(self, number: u32) -> String {
        format!("{}{number}", self.slide)
    }
}

/// A line as documents may say it.
fn clean(raw: &str, cx: &mut Cx<'_>) -> String {
    let cut: String = raw.chars().take(MAX_LINE).collect();
    let (clean, scrubbed) = mugai_core::markup::scrub(&cut);
    let clean = clean.replace(['\n', '\t'], " ");
    cx.note_scrubbed(scrubbed);
    clean.trim().to_owned()
}

/// `part` with what `insert` adds before the first event of which `here` says so, told what is open around it;
/// `None` if there is no such event.
pub(super) fn splice(
    part: &Markup,
    here: impl Fn(&[Element], Event<'_>) -> bool,
    insert: impl FnOnce(Builder) -> Result<Builder, Refusal>,
) -> Result<Option<Markup>, Refusal> {
    let mut out = Builder::new(part.kind());
    for number in part.needs() {
        out.need(*number);
    }
    let mut open: Vec<Element> = Vec::new();
    let mut insert = Some(insert);
    for event in part.events() {
        if insert.is_some()
            && here(&open, event)
            && let Some(insert) = insert.take()
        {
            out = insert(out)?;
        }
        match event {
            Event::Open(element) => open.push(element),
            Event::Close => {
                open.pop();
            }
            Event::Attribute(..) | Event::Reference(..) | Event::Link(..) | Event::Text(_) => {}
        }
        out.push(event)?;
    }
    if insert.is_some() {
        return Ok(None);
    }
    out.finish().map(Some)
}

#[cfg(test)]
mod tests;
