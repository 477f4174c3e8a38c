//! The text stream: units of UTF-16, high bytes first, with controls and records between them.

use super::store;
use mugai_core::{Cx, Refusal, Resource};

/// What a text begins with: behind that stand the number of its units and the units.
const TEXT: &[u8] = b"TextV.01";
/// What the list of the pieces of a long text begins with: behind that stand how many there are, and of each the
/// number of its units and of its sub-stream.
const PIECES: &[u8] = b"QLSTV.01";
const SHORT: Refusal = Refusal::malformed("jtd: a text shorter than it says");

/// Controls: a record; its content, where it has one, and the end of that; text goes on; the end of a
/// paragraph, a page, a note, a row.
const RECORD: u16 = 0x1c;
const CONTENT: u16 = 0x1d;
const CONTENT_END: u16 = 0x1e;
const TEXT_RUN: u16 = 0x1f;
const ROW_END: u16 = 0x0e;
/// Classes of records: content within a line, a cell of a row.
const INLINE: u16 = 0x0001;
const CELL: u16 = 0x0030;
/// What content is: text made by the program, text with a look, a reading (ルビ) of the text before it.
const MADE: u16 = 0x0001;
const BASE: u16 = 0x0003;
const READING: u16 = 0x0082;
/// The longest content, and what stands behind it up to the next text, in units.
const MAX_CONTENT: usize = 300;
const MAX_BEHIND: usize = 16;

/// The texts of a stream.
///
/// # Errors
/// [`Refusal::Malformed`] where there is none or one is shorter than it says, [`Refusal::Overrun`].
pub(super) fn tell(stream: &[u8], cx: &Cx<'_>) -> Result<String, Refusal> {
    cx.charge_len(Resource::Steps, stream.len())?;
    cx.charge_len(Resource::Bytes, stream.len().saturating_mul(3))?;
    if !stream.starts_with(store::STREAM) {
        return Err(Refusal::malformed("jtd: not a stream of texts"));
    }
    let stored = store::joined(stream, cx)?.unwrap_or_default();
    let mut texts = of_store(&stored)?;
    if texts.is_empty() {
        texts = scattered(stream)?;
    }
    if texts.is_empty() {
        return Err(Refusal::malformed("jtd: no text"));
    }
    let mut teller = Teller::default();
    for units in &texts {
        teller.walk(units);
        teller.line();
    }
    Ok(String::from_utf16_lossy(&teller.out))
}

/// The texts of sub-streams: each in one of them, or in pieces of which another one is the list.
fn of_store(stored: &[Vec<u8>]) -> Result<Vec<Vec<u16>>, Refusal> {
    let mut texts = Vec::new();
    let mut told = vec![false; stored.len()];
    for sub in stored {
        if let Some(text) = sub.strip_prefix(TEXT) {
            let count = store::number(text, 0).ok_or(SHORT)?;
            texts.push(units(text.get(4..).unwrap_or_default(), count)?.0);
        } else if let Some(list) = sub.strip_prefix(PIECES) {
            let count = store::number(list, 0).ok_or(SHORT)?;
            let list = list.get(4..).unwrap_or_default().as_chunks::<8>().0;
            // a record may begin in one piece and end in the next
            let mut text = Vec::new();
            for piece in list.get(..count).ok_or(SHORT)? {
                let place = store::number(piece, 4).unwrap_or(usize::MAX);
                let (told, sub) = told.get_mut(place).zip(stored.get(place)).ok_or(SHORT)?;
                if std::mem::replace(told, true) {
                    return Err(Refusal::malformed("jtd: a piece of text in two places"));
                }
                text.extend(units(sub, store::number(piece, 0).unwrap_or(usize::MAX))?.0);
            }
            texts.push(text);
        }
    }
    Ok(texts)
}

/// The texts of a stream without a table, wherever they begin.
fn scattered(stream: &[u8]) -> Result<Vec<Vec<u16>>, Refusal> {
    let mut texts = Vec::new();
    let mut rest = stream;
    while let Some(at) = memchr::memmem::find(rest, TEXT) {
        let behind = rest
            .get(at.saturating_add(TEXT.len())..)
            .unwrap_or_default();
        let Some(count) = store::number(behind, 0) else {
            break;
        };
        let (text, behind) = units(behind.get(4..).unwrap_or_default(), count)?;
        texts.push(text);
        rest = behind;
    }
    Ok(texts)
}

/// So many units, and what stands behind them.
fn units(bytes: &[u8], count: usize) -> Result<(Vec<u16>, &[u8]), Refusal> {
    let (body, behind) = bytes
        .split_at_checked(count.saturating_mul(2))
        .ok_or(SHORT)?;
    let pairs = body.as_chunks::<2>().0.iter();
    Ok((pairs.map(|two| u16::from_be_bytes(*two)).collect(), behind))
}

#[derive(Default)]
struct Teller {
    out: Vec<u16>,
    /// In a cell of a row: its end is the next one, or the end of the row.
    cell: bool,
}

impl Teller {
    fn walk(&mut self, units: &[u16]) {
        let mut rest = units;
        while let Some((unit, behind)) = rest.split_first() {
            rest = behind;
            match *unit {
                RECORD => rest = self.record(rest),
                9 => self.out.push(9),
                ROW_END => self.line(),
                // within a cell the end of a paragraph is the end of its piece
                0x0a if self.cell => {}
                0x0a | 0x0c | 0x0d => self.out.push(0x0a),
                0..=0x1f | 0x80..=0x9f => {}
                unit => self.out.push(unit),
            }
        }
    }

    /// A record, of which the mark is gone: its class, its length in units with the mark, its head.
    fn record<'a>(&mut self, units: &'a [u16]) -> &'a [u16] {
        let class = units.first().copied().unwrap_or(0);
        let length = units.get(1).map_or(0, |length| usize::from(*length));
        let Some((head, behind)) = length
            .checked_sub(1)
            .filter(|behind| *behind >= 2)
            .and_then(|at| units.split_at_checked(at))
        else {
            return units;
        };
        match class {
            CELL => {
                if self.cell {
                    self.out.push(9);
                }
                self.cell = true;
                behind
            }
            INLINE => match head {
                [.., selector, CONTENT] => self.content(*selector, behind),
                _ => behind,
            },
            _ => behind,
        }
    }

    fn content<'a>(&mut self, selector: u16, units: &'a [u16]) -> &'a [u16] {
        let window = units.get(..MAX_CONTENT).unwrap_or(units);
        let end = window
            .iter()
            .position(|unit| *unit == CONTENT_END)
            .unwrap_or(window.len());
        let (content, behind) = window.split_at_checked(end).unwrap_or((window, &[]));
        let shown = content.iter().copied().filter(|unit| *unit >= 0x20);
        match selector {
            MADE | BASE => self.out.extend(shown),
            READING => {
                self.out.extend("（".encode_utf16());
                self.out.extend(shown);
                self.out.extend("）".encode_utf16());
            }
            // instructions of templates, anchors of frames and pictures
            _ => {}
        }
        // programs write five units; a search up to the end of the window would cost every short record all of it
        let mut close = behind.iter().take(MAX_BEHIND);
        let next = close.position(|unit| *unit == TEXT_RUN);
        let skip = end.saturating_add(next.map_or(1, |next| next.saturating_add(1)));
        units.get(skip..).unwrap_or_default()
    }

    /// The end of a row, or of a text.
    fn line(&mut self) {
        self.cell = false;
        if self.out.last().is_some_and(|last| *last != 0x0a) {
            self.out.push(0x0a);
        }
    }
}
