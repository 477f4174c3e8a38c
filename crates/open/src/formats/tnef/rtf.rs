//! RTF as messages carry it, compressed ([MS-OXRTFCP]).

use crate::formats::archive;
use mugai_core::{Cx, Refusal, Resource};

/// What the window begins with (section 2.1.2.1).
const BEGINNING: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const WINDOW: usize = 4096;
const HEADER: usize = 16;
const COMPRESSED: &[u8] = b"LZFu";
const PLAIN: &[u8] = b"MELA";

const WRONG: Refusal = Refusal::malformed("tnef: compressed text");

/// The text of a property.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(in crate::formats) fn expand(raw: &[u8], cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
    let (head, content) = raw.split_at_checked(HEADER).ok_or(WRONG)?;
    let size = head
        .get(4..)
        .and_then(|size| size.first_chunk())
        .ok_or(WRONG)?;
    let size = usize::try_from(u32::from_le_bytes(*size)).unwrap_or(usize::MAX);
    archive::room(size, cx)?;
    cx.charge_len(Resource::Steps, size)?;
    match head.get(8..12) {
        Some(COMPRESSED) => unpack(content, size),
        Some(PLAIN) => content.get(..size).map(<[u8]>::to_vec).ok_or(WRONG),
        _ => Err(WRONG),
    }
}

/// Runs of eight bits each say which of the next eight tokens are bytes, and which are places in the
/// window with a length; the place where the window is written next is the end.
fn unpack(input: &[u8], size: usize) -> Result<Vec<u8>, Refusal> {
    let mut window = [0u8; WINDOW];
    for (slot, byte) in window.iter_mut().zip(BEGINNING) {
        *slot = *byte;
    }
    let mut at = BEGINNING.len();
    let mut out = Vec::new();
    let mut put = |byte: u8, window: &mut [u8; WINDOW], at: &mut usize| {
        if let Some(slot) = window.get_mut(*at) {
            *slot = byte;
        }
        *at = at.saturating_add(1) % WINDOW;
        out.push(byte);
        out.len() <= size
    };
    let mut rest = input.iter();
    'all: while let Some(control) = rest.next() {
        for bit in 0..8 {
            let Some(first) = rest.next() else { break 'all };
            if control >> bit & 1 == 0 {
                if !put(*first, &mut window, &mut at) {
                    return Err(WRONG);
                }
                continue;
            }
            let second = rest.next().ok_or(WRONG)?;
            let token = usize::from(u16::from_be_bytes([*first, *second]));
            let (mut from, length) = (token >> 4, (token & 15).saturating_add(2));
            if from == at {
                break 'all;
            }
            for _ in 0..length {
                let byte = window.get(from).copied().unwrap_or_default();
                from = from.saturating_add(1) % WINDOW;
                if !put(byte, &mut window, &mut at) {
                    return Err(WRONG);
                }
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of section 4.1.
    #[test]
    fn the_example_of_the_standard() {
        let packed = [
            0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a,
            0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64,
            0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        let text = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";
        assert_eq!(unpack(&packed, text.len()).as_deref(), Ok(&text[..]));
        assert!(unpack(&packed, text.len() - 1).is_err());
        assert_eq!(BEGINNING.len(), 207);
    }
}
