//! The text stream: units of UTF-16, high bytes first, with controls and records between them.

use mugai_core::{Cx, Refusal, Resource};

/// What the stream begins with, and what each text in it begins with: behind that stand the number of
/// its units and the units.
const STREAM: &[u8] = b"SsmgV.01";
const TEXT: &[u8] = b"TextV.01";

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
/// The longest content and what stands behind it up to the next text, in units.
const MAX_CONTENT: usize = 300;

/// The texts of a stream.
///
/// # Errors
/// [`Refusal::Malformed`] where there is none or one is shorter than it says, [`Refusal::Overrun`].
pub(super) fn tell(stream: &[u8], cx: &Cx<'_>) -> Result<String, Refusal> {
    cx.charge_len(Resource::Steps, stream.len())?;
    cx.charge_len(Resource::Bytes, stream.len().saturating_mul(3))?;
    let mut rest = stream
        .strip_prefix(STREAM)
        .ok_or(Refusal::malformed("jtd: not a stream of texts"))?;
    let mut teller = Teller::default();
    let mut found = false;
    while let Some(at) = memchr::memmem::find(rest, TEXT) {
        let behind = rest
            .get(at.saturating_add(TEXT.len())..)
            .unwrap_or_default();
        let Some((count, body)) = behind.split_first_chunk::<4>() else {
            break;
        };
        let bytes = usize::try_from(u32::from_be_bytes(*count))
            .unwrap_or(usize::MAX)
            .saturating_mul(2);
        let (body, behind) = body
            .split_at_checked(bytes)
            .ok_or(Refusal::malformed("jtd: a text shorter than it says"))?;
        let units: Vec<u16> = body
            .as_chunks::<2>()
            .0
            .iter()
            .map(|two| u16::from_be_bytes(*two))
            .collect();
        teller.walk(&units);
        teller.line();
        found = true;
        rest = behind;
    }
    if !found {
        return Err(Refusal::malformed("jtd: no text"));
    }
    Ok(String::from_utf16_lossy(&teller.out))
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
        let next = behind.iter().position(|unit| *unit == TEXT_RUN);
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
