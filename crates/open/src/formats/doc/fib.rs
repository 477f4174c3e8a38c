//! The file information block ([MS-DOC] 2.5): where everything lies.

use crate::formats::ole::little::{size_at, u16_at, u32_at};
use mugai_core::Refusal;
use std::ops::Range;

/// The first version that has its tables in a stream of their own: Word 97, which some programs tell as one less than
/// it says of itself ([MS-DOC] 2.5.1).
const WORD_97: u16 = 192;
/// Flags: the text is encrypted; the tables are in `1Table`; characters have two bytes (before Word 97).
const ENCRYPTED: u16 = 0x0100;
const SECOND_TABLE: u16 = 0x0200;
const OBFUSCATED: u16 = 0x8000;
const WIDE: u16 = 0x1000;
/// The byte of the flags that has those of encryption.
const FLAGS_HIGH: usize = 11;
/// Where the key stands, or the length of what tells of it.
const KEY_START: usize = 14;
const KEY_END: usize = 18;

/// The stories of a document, in the order in which they lie in its text ([MS-DOC] 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Story {
    Main,
    Footnotes,
    Headers,
    Macros,
    Comments,
    Endnotes,
    Boxes,
    HeaderBoxes,
}

const STORIES: [Story; 8] = [
    Story::Main,
    Story::Footnotes,
    Story::Headers,
    Story::Macros,
    Story::Comments,
    Story::Endnotes,
    Story::Boxes,
    Story::HeaderBoxes,
];

/// What is needed of it.
#[derive(Debug)]
pub(super) struct Fib {
    /// The stream with the tables; `None` where they are in the main stream.
    pub(super) table: Option<&'static str>,
    /// Language of the writer, which tells the charset of texts before Word 97.
    pub(super) language: u16,
    /// Before Word 97.
    pub(super) old: bool,
    pub(super) wide: bool,
    /// The text, where there are no pieces (before Word 97).
    pub(super) plain: Range<usize>,
    /// Characters of each story.
    pub(super) stories: Vec<(Story, usize)>,
    /// The pieces of the text, in the tables.
    pub(super) pieces: Range<usize>,
    /// Pages of looks of characters and of paragraphs, in the tables.
    pub(super) characters: Range<usize>,
    pub(super) paragraphs: Range<usize>,
    /// The fonts, in the tables.
    pub(super) fonts: Range<usize>,
    /// Where the headers and footers begin, in the tables.
    pub(super) headers: Range<usize>,
    /// The drawings, in the tables.
    pub(super) drawings: Range<usize>,
    /// The styles, the lists, and the lists that paragraphs name, in the tables.
    pub(super) styles: Range<usize>,
    pub(super) lists: Range<usize>,
    pub(super) named: Range<usize>,
    /// Where fields begin and end, of what kind they are, in the tables: a list for each story that has them.
    pub(super) fields: Vec<Range<usize>>,
}

/// Where the places of the lists of fields stand: of the text, headers, footnotes, comments, endnotes, boxes and boxes
/// of headers.
const FIELDS: [usize; 7] = [0x11a, 0x122, 0x12a, 0x132, 0x21a, 0x262, 0x272];

impl Fib {
    pub(super) fn read(main: &[u8]) -> Result<Self, Refusal> {
        let cut = Refusal::malformed("doc: header ends early");
        let field = |at: usize| u16_at(main, at).ok_or(cut.clone());
        let (mark, version, language, flags) = (field(0)?, field(2)?, field(6)?, field(10)?);
        if !matches!(mark, 0xa5ec | 0xa5dc | 0xa697..=0xa699) {
            return Err(Refusal::unsupported("doc: no text of Word 6 or later"));
        }
        let old = version < WORD_97;
        let counts = if old { 0x34 } else { 0x4c };
        let mut stories = Vec::new();
        for (number, story) in STORIES.into_iter().enumerate() {
            let at = number.saturating_mul(4).saturating_add(counts);
            let count = u32_at(main, at).ok_or(cut.clone())?;
            // a negative count is none: that of the story of macros is anything in some files
            let count = count.cast_signed().max(0);
            stories.push((story, usize::try_from(count).unwrap_or(0)));
        }
        let range = |at: usize| -> Result<Range<usize>, Refusal> {
            let (start, length) = size_at(main, at)
                .zip(size_at(main, at.saturating_add(4)))
                .ok_or(cut.clone())?;
            Ok(start..start.saturating_add(length))
        };
        let plain = size_at(main, 0x18).zip(size_at(main, 0x1c));
        let (start, end) = plain.ok_or(cut.clone())?;
        Ok(Self {
            table: table(main)?,
            language,
            old,
            wide: old && flags & WIDE != 0,
            plain: start..end,
            stories,
            pieces: range(if old { 0x160 } else { 0x1a2 })?,
            characters: if old { 0..0 } else { range(0xfa)? },
            paragraphs: if old { 0..0 } else { range(0x102)? },
            fonts: range(if old { 0xd0 } else { 0x112 })?,
            headers: if old { 0..0 } else { range(0xf2)? },
            drawings: range(0x22a).ok().filter(|_| !old).unwrap_or(0..0),
            styles: if old { 0..0 } else { range(0xa2)? },
            lists: range(0x2e2).ok().filter(|_| !old).unwrap_or(0..0),
            named: range(0x2ea).ok().filter(|_| !old).unwrap_or(0..0),
            fields: FIELDS
                .iter()
                .filter(|_| !old)
                .filter_map(|at| range(*at).ok())
                .collect(),
        })
    }
}

/// The stream with the tables of a text; `None` where they are in the main stream.
///
/// # Errors
/// [`Refusal::Malformed`]
pub(super) fn table(main: &[u8]) -> Result<Option<&'static str>, Refusal> {
    let (Some(version), Some(flags)) = (u16_at(main, 2), u16_at(main, 10)) else {
        return Err(Refusal::malformed("doc: header ends early"));
    };
    Ok(match (version < WORD_97, flags & SECOND_TABLE) {
        (true, _) => None,
        (false, 0) => Some("0Table"),
        (false, _) => Some("1Table"),
    })
}

/// Makes a main stream say of itself that it is not encrypted: the flags, and the key that stands behind them.
pub(super) fn say_plain(main: &mut [u8]) {
    if let Some(flags) = main.get_mut(FLAGS_HIGH) {
        *flags &= !(ENCRYPTED | OBFUSCATED).to_be_bytes()[0];
    }
    if let Some(key) = main.get_mut(KEY_START..KEY_END) {
        key.fill(0);
    }
}

/// Whether an encrypted text is merely obfuscated.
pub(super) fn is_obfuscated(main: &[u8]) -> bool {
    u16_at(main, 10).is_none_or(|flags| flags & OBFUSCATED != 0)
}

/// Whether the beginning of a main stream says that the text is encrypted.
pub(super) fn is_encrypted(head: &[u8]) -> bool {
    u16_at(head, 10).is_some_and(|flags| flags & ENCRYPTED != 0)
}
