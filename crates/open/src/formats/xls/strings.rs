//! Strings of workbooks ([MS-XLS] 2.5.293, 2.5.294, 2.4.265), which go on over the ends of records.

use crate::formats::ole::little::{part, u8_at, u16_at};
use encoding_rs::Encoding;
use mugai_core::{Cx, Refusal, Resource};
use std::rc::Rc;

const CUT: Refusal = Refusal::malformed("xls: a string ends early");

/// Bytes of a record and of those that continue it.
pub(super) struct Parts<'a> {
    further: Vec<&'a [u8]>,
    number: usize,
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(super) fn new(first: &'a [u8], behind: Vec<&'a [u8]>) -> Self {
        Self {
            further: behind,
            number: 0,
            rest: first,
        }
    }

    fn turn(&mut self) -> bool {
        let Some(next) = self.further.get(self.number) else {
            return false;
        };
        self.rest = next;
        self.number = self.number.saturating_add(1);
        true
    }

    fn byte(&mut self) -> Option<u8> {
        loop {
            if let Some((first, rest)) = self.rest.split_first() {
                self.rest = rest;
                return Some(*first);
            }
            if !self.turn() {
                return None;
            }
        }
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn u32(&mut self) -> Option<u32> {
        let (low, high) = (self.u16()?, self.u16()?);
        Some(u32::from(high) << 16 | u32::from(low))
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        let mut left = count;
        while left > 0 {
            if self.rest.is_empty() && !self.turn() {
                return None;
            }
            let step = left.min(self.rest.len());
            self.rest = self.rest.get(step..)?;
            left = left.checked_sub(step)?;
        }
        Some(())
    }

    /// `count` characters; where they go on in the next record, a byte says anew how wide they are.
    pub(super) fn characters(&mut self, count: usize, wide: bool) -> Option<String> {
        let mut units: Vec<u16> = Vec::new();
        let mut wide = wide;
        while units.len() < count {
            if self.rest.is_empty() {
                if !self.turn() {
                    return None;
                }
                wide = self.byte()? & 1 != 0;
            }
            let left = count.checked_sub(units.len())?;
            let (width, there) = if wide {
                (2, self.rest.len() / 2)
            } else {
                (1, self.rest.len())
            };
            let step = left.min(there);
            if step == 0 {
                // half a character at the end of a record
                return None;
            }
            let (here, rest) = self.rest.split_at_checked(step.checked_mul(width)?)?;
            self.rest = rest;
            if wide {
                let pairs = here.as_chunks::<2>().0;
                units.extend(pairs.iter().map(|two| u16::from_le_bytes(*two)));
            } else {
                units.extend(here.iter().map(|byte| u16::from(*byte)));
            }
        }
        Some(String::from_utf16_lossy(&units))
    }

    /// A string behind its length, with what may follow it.
    pub(super) fn string(&mut self) -> Option<String> {
        let count = usize::from(self.u16()?);
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.u16()? } else { 0 };
        let further = if flags & 4 != 0 { self.u32()? } else { 0 };
        let text = self.characters(count, flags & 1 != 0)?;
        self.skip(usize::from(runs).checked_mul(4)?)?;
        self.skip(usize::try_from(further).ok()?)?;
        Some(text)
    }
}

/// The table of shared strings.
///
/// # Errors
/// [`Refusal::Malformed`] where it ends early, [`Refusal::Overrun`].
pub(super) fn shared(mut parts: Parts<'_>, cx: &Cx<'_>) -> Result<Vec<Rc<str>>, Refusal> {
    parts.skip(4).ok_or(CUT)?;
    let count = parts.u32().ok_or(CUT)?;
    let mut all: Vec<Rc<str>> = Vec::new();
    for _ in 0..count {
        // writers that say more than there are have been seen
        let Some(text) = parts.string() else { break };
        cx.charge_len(Resource::Bytes, text.len().saturating_add(32))?;
        cx.charge_len(Resource::Steps, (text.len() / 8).saturating_add(4))?;
        all.push(text.into());
    }
    Ok(all)
}

/// How a version writes the strings within records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    /// BIFF8: one or two bytes a character, said by a byte before them.
    pub(super) new: bool,
    /// The charset of older versions.
    pub(super) charset: &'static Encoding,
}

impl Spelling {
    /// The string at `at`, behind a length of one or of two bytes.
    pub(super) fn at(self, content: &[u8], at: usize, long: bool) -> Option<String> {
        let (count, at) = if long {
            (usize::from(u16_at(content, at)?), at.checked_add(2)?)
        } else {
            (usize::from(u8_at(content, at)?), at.checked_add(1)?)
        };
        if !self.new {
            let bytes = part(content, at, count)?;
            let (text, _) = self.charset.decode_without_bom_handling(bytes);
            return Some(text.into_owned());
        }
        let wide = u8_at(content, at)? & 1 != 0;
        let mut parts = Parts::new(content.get(at.checked_add(1)?..)?, Vec::new());
        parts.characters(count, wide)
    }
}
