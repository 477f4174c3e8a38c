//! What a reader can do: read its slice, spend from the purse, put pieces. Nothing else.

use crate::assignment::{Assignment, Hints, Params};
use crate::budget::{Budget, Resource};
use crate::finding::{Finding, FindingCode};
use crate::kind::Kind;
use crate::piece::Piece;
use crate::refusal::Refusal;
use crate::text::{Line, Scrubbed, Text};
use crate::untrusted::Untrusted;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where pieces go.
pub trait Sink {
    /// The kind that was recognised; comes once, before the first piece.
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal>;
    /// The next piece.
    fn put(&mut self, piece: Piece) -> Result<(), Refusal>;
    /// Something that was seen.
    fn note(&mut self, finding: Finding) -> Result<(), Refusal>;
}

/// A font program and the index of the face in it.
pub type FontFace = (Arc<dyn AsRef<[u8]> + Send + Sync>, u32);

/// What a font is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FontNeed {
    /// Whether the text is Chinese, Japanese or Korean.
    pub cjk: bool,
    /// Whether strokes should have serifs (明朝).
    pub serif: bool,
    /// Whether strokes should be bold.
    pub bold: bool,
}

/// Fonts of this machine, for text whose own font is not embedded.
pub trait Fonts {
    /// The best face for `need`, if there is any.
    fn find(&self, need: FontNeed) -> Option<FontFace>;
}

/// No fonts at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFonts;

impl Fonts for NoFonts {
    fn find(&self, _: FontNeed) -> Option<FontFace> {
        None
    }
}

/// The context of one reader at work.
pub struct Cx<'a> {
    assignment: &'a Assignment,
    budget: &'a Budget,
    fonts: &'a dyn Fonts,
    sink: &'a mut dyn Sink,
    findings: BTreeMap<FindingCode, u32>,
    input: Untrusted,
}

impl<'a> Cx<'a> {
    /// A context for one part.
    pub fn new(
        assignment: &'a Assignment,
        budget: &'a Budget,
        fonts: &'a dyn Fonts,
        sink: &'a mut dyn Sink,
    ) -> Self {
        Self {
            assignment,
            budget,
            fonts,
            sink,
            findings: BTreeMap::new(),
            input: Untrusted::default(),
        }
    }

    /// The same over the part that is opened, so that parts inside it are not copied.
    #[must_use]
    pub fn over(self, input: &Untrusted) -> Self {
        Self {
            input: input.clone(),
            ..self
        }
    }

    /// The same over other bytes than those that the far side has: nothing is shared with them.
    pub fn detach(&mut self) {
        self.input = Untrusted::default();
    }

    /// The content of a part inside: what is borrowed of the input is shared with it.
    #[must_use]
    pub fn content(&self, bytes: Cow<'_, [u8]>) -> Untrusted {
        match bytes {
            Cow::Borrowed(bytes) => self.input.share(bytes),
            Cow::Owned(bytes) => Untrusted::new(bytes),
        }
    }

    /// Pays in advance.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub fn charge(&self, resource: Resource, amount: u64) -> Result<(), Refusal> {
        self.budget.charge(resource, amount)
    }

    /// Pays in advance for a length in memory.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub fn charge_len(&self, resource: Resource, amount: usize) -> Result<(), Refusal> {
        self.budget.charge_len(resource, amount)
    }

    /// Hands over a piece, paying for it.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], or what the far side says.
    pub fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        piece.pay(self.budget)?;
        self.sink.put(piece)
    }

    /// Notes one occurrence.
    pub fn note(&mut self, code: FindingCode) {
        self.note_times(code, 1);
    }

    /// Notes any number of occurrences, zero included.
    pub fn note_times(&mut self, code: FindingCode, count: u32) {
        if count > 0 {
            let sum = self.findings.entry(code).or_insert(0);
            *sum = sum.saturating_add(count);
        }
    }

    /// Cleans text and notes what had to be taken out.
    pub fn text(&mut self, raw: &str) -> Text {
        let (text, scrubbed) = Text::clean(raw);
        self.note_scrubbed(scrubbed);
        text
    }

    /// Cleans one line and notes what had to be taken out.
    pub fn line(&mut self, raw: &str) -> Line {
        let (line, scrubbed) = Line::clean(raw);
        self.note_scrubbed(scrubbed);
        line
    }

    /// Notes what was taken out of a text.
    pub fn note_scrubbed(&mut self, scrubbed: Scrubbed) {
        self.note_times(FindingCode::TextBidi, scrubbed.bidi);
        self.note_times(FindingCode::TextZeroWidth, scrubbed.zero_width);
        self.note_times(FindingCode::TextControl, scrubbed.control);
        self.note_times(FindingCode::TextTag, scrubbed.tag);
        self.note_times(FindingCode::TextGaiji, scrubbed.private_use);
    }

    /// The purse, for constructors that take it.
    pub const fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// What was said about the part.
    pub const fn hints(&self) -> &'a Hints {
        &self.assignment.hints
    }

    /// Settings of the readers.
    pub const fn params(&self) -> Params {
        self.assignment.params
    }

    /// The whole order.
    pub const fn assignment(&self) -> &'a Assignment {
        self.assignment
    }

    /// Fonts of this machine.
    pub fn fonts(&self) -> &'a dyn Fonts {
        self.fonts
    }

    /// Tells the far side which kind was recognised.
    ///
    /// # Errors
    /// What the far side says.
    pub fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        self.sink.kind(kind)
    }

    /// Sends the findings, each once with its count. Called when the reader is done, refused or not.
    ///
    /// # Errors
    /// What the far side says.
    pub fn flush(&mut self) -> Result<(), Refusal> {
        let findings = std::mem::take(&mut self.findings);
        findings
            .into_iter()
            .try_for_each(|(code, count)| self.sink.note(Finding { code, count }))
    }
}
