//! Presentations of `PowerPoint` 97 to 2003 ([MS-PPT]): the text of the slides and of their notes.
//!
//! Only what the last edit leads to is told; what earlier edits left in the file is not.

mod records;
mod said;
mod slides;
#[cfg(test)]
mod tests;

use crate::formats::ole::{self, Ole, Shape, little::u32_at};
use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, Kind, Piece, Refusal, Remark, Treatment};

/// The reader of ppt, pps and pot.
#[derive(Debug)]
pub(super) struct Ppt;

impl Format for Ppt {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Ppt,
            reference: "[MS-PPT]",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        ole::sniff(head)
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let mut ole = Ole::read(input, cx)?;
        ole::note(&ole, &STREAMS, cx);
        // files for two versions have the streams of the older one in the root
        let dual = ole.within(0, DUAL, Shape::Storage)?.unwrap_or(0);
        let user = match ole.within(dual, USER, Shape::Stream)? {
            Some(place) => ole.content(place, cx)?,
            None => Vec::new(),
        };
        let place = ole
            .within(dual, DOCUMENT, Shape::Stream)?
            .ok_or(Refusal::malformed("ppt: no document"))?;
        let mut stream = ole.content(place, cx)?;
        drop(ole);
        let locked = u32_at(&user, TOKEN) == Some(ENCRYPTED_TOKEN);
        if locked {
            slides::unlock(&mut stream, u32_at(&user, EDIT), cx)?;
        }
        let text = slides::tell(&stream, u32_at(&user, EDIT), locked, cx)?;
        let text = cx.text(&text);
        cx.put(Piece::Text(text))
    }
}

const STREAMS: [&str; 5] = [DOCUMENT, USER, "Pictures", "\u{1}CompObj", DUAL];
const DOCUMENT: &str = "PowerPoint Document";
/// The storage of the newer version in a file that is also for `PowerPoint` 95.
const DUAL: &str = "PP97_DUALSTORAGE";
/// The stream that tells where the last edit is, and the places of its token and of that edit.
const USER: &str = "Current User";
const TOKEN: usize = 12;
const EDIT: usize = 16;
/// What the token is of encrypted documents ([MS-PPT] 2.3.2).
const ENCRYPTED_TOKEN: u32 = 0xf3d1_c4df;

const ENCRYPTED: Refusal = Refusal::Encrypted(Remark::fixed("ppt: encrypted"));

/// Whether a presentation says of itself that it is encrypted.
///
/// # Errors
/// [`Refusal::Overrun`]; what else is wrong, its reader tells.
pub(crate) fn is_encrypted(input: &[u8], cx: &Cx<'_>) -> Result<bool, Refusal> {
    let user = ole::head(input, USER, 64, cx)?;
    Ok(u32_at(&user, TOKEN) == Some(ENCRYPTED_TOKEN))
}
