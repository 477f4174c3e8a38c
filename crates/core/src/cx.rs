//! What a reader can do: read its slice, spend from the purse, put pieces. Nothing else.

use crate::assignment::{Assignment, Hints, Params};
use crate::budget::{Budget, Resource};
use crate::finding::{Finding, FindingCode, MAX_NAMES, Named};
use crate::kind::Kind;
use crate::piece::Piece;
use crate::refusal::Refusal;
use crate::share::{Share, Turn};
use crate::text::{Line, Scrubbed, Text};
use crate::untrusted::Untrusted;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where pieces go.
pub trait Sink {
    /// The kind that was recognised; comes once, before the first piece.
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal>;
    /// The next piece.
    fn put(&mut self, piece: Piece) -> Result<(), Refusal>;
    /// Something that was seen.
    fn note(&mut self, finding: Finding) -> Result<(), Refusal>;
    /// What something that was seen is called in the file; those who want no names leave it.
    fn name(&mut self, _named: Named) -> Result<(), Refusal> {
        Ok(())
    }
    /// A page comes next. Which pages are to be drawn from this one on comes back, `None` for all of them.
    fn turn(&mut self, _turn: Turn) -> Result<Option<Share>, Refusal> {
        Ok(None)
    }
    /// Forgets all that came, so that it can come once more; `false` from those who cannot.
    fn begin_again(&mut self) -> bool {
        false
    }
}

/// A font program and the index of the face in it.
pub type FontFace = (Arc<dyn AsRef<[u8]> + Send + Sync>, u32);

/// The letters that a font is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Script {
    /// Latin, Greek, Cyrillic.
    Latin,
    /// Japanese.
    Japanese,
    /// Chinese of the mainland (简体).
    Simplified,
    /// Chinese of Taiwan and Hong Kong (繁體).
    Traditional,
    /// Korean.
    Korean,
}

impl Script {
    /// Every script.
    pub const ALL: [Self; 5] = [
        Self::Latin,
        Self::Japanese,
        Self::Simplified,
        Self::Traditional,
        Self::Korean,
    ];

    /// The word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Latin => "latin",
            Self::Japanese => "japanese",
            Self::Simplified => "simplified",
            Self::Traditional => "traditional",
            Self::Korean => "korean",
        }
    }

    /// Whether letters of it are full-width ideographs and the like.
    #[must_use]
    pub const fn is_cjk(self) -> bool {
        !matches!(self, Self::Latin)
    }
}

/// How the strokes of a font end, and how wide its letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strokes {
    /// Without serifs (ゴシック).
    Sans,
    /// With serifs (明朝).
    Serif,
    /// All letters of one width.
    Mono,
}

impl Strokes {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sans, Self::Serif, Self::Mono];

    /// The word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sans => "sans",
            Self::Serif => "serif",
            Self::Mono => "mono",
        }
    }
}

/// What a font is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FontNeed {
    /// The letters.
    pub script: Script,
    /// The strokes.
    pub strokes: Strokes,
    /// Whether strokes should be bold.
    pub bold: bool,
    /// Whether letters should lean.
    pub italic: bool,
}

impl FontNeed {
    /// An upright face of regular weight.
    #[must_use]
    pub const fn regular(script: Script, strokes: Strokes) -> Self {
        Self {
            script,
            strokes,
            bold: false,
            italic: false,
        }
    }
}

/// Fonts of this machine, for text whose own font is not embedded.
pub trait Fonts {
    /// The best face for `need`, if there is any.
    fn find(&self, need: FontNeed) -> Option<FontFace>;
    /// Whether that face is one that the operator named.
    fn is_named(&self, _need: FontNeed) -> bool {
        false
    }
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
    names: BTreeMap<FindingCode, BTreeSet<String>>,
    input: Untrusted,
    share: Option<Share>,
}

impl<'a> Cx<'a> {
    /// A context for one part.
    pub fn new(
        assignment: &'a Assignment,
        budget: &'a Budget,
        fonts: &'a dyn Fonts,
        sink: &'a mut dyn Sink,
    ) -> Self {
        let share = assignment.hints.share;
        // what comes before the pages is told by the first reader
        budget.set_aside(share.is_some());
        Self {
            assignment,
            budget,
            fonts,
            sink,
            findings: BTreeMap::new(),
            names: BTreeMap::new(),
            input: Untrusted::default(),
            share,
        }
    }

    /// Whether `page` of `of`, counted from 0, is to be drawn by this reader, which says so of every page in turn.
    /// Of a page that is not, only that is done, and paid for, which others depend on.
    ///
    /// # Errors
    /// What the far side says.
    pub fn turn(&mut self, page: usize, of: usize) -> Result<bool, Refusal> {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let page = number(page);
        let turn = Turn {
            page,
            of: number(of),
            every: 1,
        };
        self.share = self.sink.turn(turn)?.or(self.share);
        let is_own = self.share.is_none_or(|share| share.holds(page));
        self.budget.set_aside(!is_own);
        Ok(is_own)
    }

    /// All pages had their turn: what is noted now is about those of this reader.
    pub fn end_pages(&mut self) {
        self.budget.set_aside(false);
    }

    /// What comes now is about the document again, which the first reader tells.
    pub fn end_turns(&mut self) {
        self.budget.set_aside(self.is_helper());
    }

    /// Whether others read the same document, and one of them tells all but its pages.
    #[must_use]
    pub fn is_helper(&self) -> bool {
        self.share.is_some_and(|share| share.place() > 0)
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
        if self.budget.is_aside() {
            return Ok(());
        }
        self.sink.put(piece)
    }

    /// Notes one occurrence.
    pub fn note(&mut self, code: FindingCode) {
        self.note_times(code, 1);
    }

    /// Notes any number of occurrences, zero included.
    pub fn note_times(&mut self, code: FindingCode, count: u32) {
        if count > 0 && !self.budget.is_aside() {
            let sum = self.findings.entry(code).or_insert(0);
            *sum = sum.saturating_add(count);
        }
    }

    /// Says what an occurrence of `code` is called. The first [`MAX_NAMES`] are told, each once; the occurrence is
    /// noted by itself.
    pub fn name(&mut self, code: FindingCode, raw: &str) {
        if self.budget.is_aside() {
            return;
        }
        let names = self.names.entry(code).or_default();
        if names.len() < MAX_NAMES
            && let Some(named) = Named::new(code, raw)
        {
            names.insert(named.name().as_str().to_owned());
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
            .try_for_each(|(code, count)| self.sink.note(Finding { code, count }))?;
        for (code, names) in std::mem::take(&mut self.names) {
            let mut named = names.iter().filter_map(|name| Named::new(code, name));
            named.try_for_each(|named| self.sink.name(named))?;
        }
        Ok(())
    }
}
