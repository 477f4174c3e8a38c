//! Tests of the whole reader: what comes out of a page, and what is counted.

mod cases;
mod corpus;
mod findings;
mod hostile;
mod lol;
mod looks;
mod soup;

use super::Html;
use super::lists::reversed;
use super::render::Renderer;
use super::sheet::Sheet;
use crate::reader::Format;
use mugai_core::{
    Assignment, Budget, Child, Cx, Finding, FindingCode, Hints, Kind, Limits, NoFonts, Params,
    Piece, Refusal, Sink, Treatments,
};
use std::collections::BTreeMap;

pub(super) const PLENTY: Limits = Limits {
    bytes: 512 * 1024 * 1024,
    pixels: 0,
    parts: 1_000,
    depth: 10,
    steps: 500_000_000,
};

/// All that a page came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) text: String,
    pub(super) children: Vec<Child>,
    pub(super) notes: BTreeMap<FindingCode, u32>,
    longest: usize,
}

impl Outcome {
    pub(super) fn count(&self, code: FindingCode) -> u32 {
        self.notes.get(&code).copied().unwrap_or(0)
    }
}

impl Sink for Outcome {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }

    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        match piece {
            Piece::Text(text) => {
                self.longest = self.longest.max(text.as_str().len());
                self.text.push_str(text.as_str());
            }
            Piece::Child(child) => self.children.push(*child),
            Piece::Page(_)
            | Piece::Drawing(_)
            | Piece::Contents(_)
            | Piece::Row(_)
            | Piece::Markup(_)
            | Piece::Envelope(_) => {
                panic!("no such piece")
            }
        }
        Ok(())
    }

    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.notes.insert(finding.code, finding.count);
        Ok(())
    }
}

pub(super) fn assignment(hints: Hints, params: Params) -> Assignment {
    Assignment {
        hints,
        treatments: Treatments::nothing(),
        limits: PLENTY,
        params,
    }
}

/// Opens a page as the reader does.
pub(super) fn open_with(
    page: &[u8],
    order: &Assignment,
    limits: Limits,
) -> (Outcome, Result<(), Refusal>) {
    let budget = Budget::new(limits);
    let mut outcome = Outcome::default();
    let mut cx = Cx::new(order, &budget, &NoFonts, &mut outcome);
    let result = Html.open(page, &mut cx);
    cx.flush().unwrap();
    (outcome, result)
}

/// Opens a page that must not be refused.
pub(super) fn open(page: &str) -> Outcome {
    let order = assignment(utf8(), Params::default());
    let (outcome, result) = open_with(page.as_bytes(), &order, PLENTY);
    result.unwrap();
    outcome
}

/// Hints that name UTF-8, so that short pages are not guessed at.
pub(super) fn utf8() -> Hints {
    Hints {
        charset: mugai_core::Token::parse("utf-8"),
        ..Hints::default()
    }
}

/// Renders a page through the second tokenizer.
pub(super) fn open_lol(page: &str) -> Outcome {
    let order = assignment(utf8(), Params::default());
    let budget = Budget::new(PLENTY);
    let mut outcome = Outcome::default();
    let mut cx = Cx::new(&order, &budget, &NoFonts, &mut outcome);
    let sheet = Sheet::gather(page, &cx).unwrap();
    let renderer = Renderer::new(&mut cx, sheet, reversed(page));
    lol::read(page, renderer).finish().unwrap();
    cx.flush().unwrap();
    outcome
}

#[test]
fn pieces_are_of_bounded_length_and_there_is_always_one() {
    let long = open(&"<p>あ<b>いうえお</b> abc\n".repeat(60_000));
    assert!(long.text.len() > 1_000_000);
    assert!(long.longest <= 256 * 1024, "{}", long.longest);
    let single = open(&"あ".repeat(400_000));
    assert_eq!(single.text.chars().count(), 400_000);
    assert!(single.longest <= 256 * 1024, "{}", single.longest);
    let order = assignment(Hints::default(), Params::default());
    assert_eq!(open_with(b"", &order, PLENTY).1, Ok(()));
}
