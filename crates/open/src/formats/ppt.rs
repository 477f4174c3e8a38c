//! Presentations of `PowerPoint` 97 to 2003 ([MS-PPT]): the text of the slides and of their notes.
//!
//! Only what the last edit leads to is told; what earlier edits left in the file is not.

mod pictures;
mod records;
mod said;
mod slides;
#[cfg(test)]
mod tests;

use crate::formats::ole::{self, Ole, Shape, little::u32_at};
use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, HandsOn, Kind, Piece, Refusal, Remark, Treatment};

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
        let of_user = ole.within(dual, USER, Shape::Stream)?;
        let mut user = match of_user {
            Some(place) => ole.content(place, cx)?,
            None => Vec::new(),
        };
        let place = ole
            .within(dual, DOCUMENT, Shape::Stream)?
            .ok_or(Refusal::malformed("ppt: no document"))?;
        let mut stream = ole.content(place, cx)?;
        let edit = u32_at(&user, EDIT);
        let opened = match u32_at(&user, TOKEN) {
            Some(ENCRYPTED_TOKEN) => Some(slides::unlock(&mut stream, edit, cx)?),
            _ => None,
        };
        let text = slides::tell(&stream, edit, opened.is_some(), cx)?;
        let text = cx.text(&text);
        cx.put(Piece::Text(text))?;
        let Some(opened) = opened.filter(|_| cx.hints().hands_on == HandsOn::Plain) else {
            return Ok(());
        };
        // as it is without a password, and none of it saying otherwise
        let mut streams = vec![(place, stream.as_slice())];
        if let (Some(place), Some(token)) = (of_user, user.get_mut(TOKEN..TOKEN_END)) {
            token.copy_from_slice(&PLAIN_TOKEN.to_le_bytes());
            streams.push((place, user.as_slice()));
        }
        let of_pictures = ole.within(dual, PICTURES, Shape::Stream)?;
        let mut pictures = match of_pictures {
            Some(place) => ole.content(place, cx)?,
            None => Vec::new(),
        };
        pictures::unlock(&mut pictures, &opened, cx)?;
        streams.extend(of_pictures.map(|place| (place, pictures.as_slice())));
        ole.hand_on(&streams, cx)
    }
}

const STREAMS: [&str; 5] = [DOCUMENT, USER, PICTURES, "\u{1}CompObj", DUAL];
const PICTURES: &str = "Pictures";
const DOCUMENT: &str = "PowerPoint Document";
/// The storage of the newer version in a file that is also for `PowerPoint` 95.
const DUAL: &str = "PP97_DUALSTORAGE";
/// The stream that tells where the last edit is, and the places of its token and of that edit.
const USER: &str = "Current User";
const TOKEN: usize = 12;
const TOKEN_END: usize = 16;
const EDIT: usize = 16;
/// What the token is of encrypted documents ([MS-PPT] 2.3.2).
const ENCRYPTED_TOKEN: u32 = 0xf3d1_c4df;
/// What it is of all others.
const PLAIN_TOKEN: u32 = 0xe391_c05f;

const ENCRYPTED: Refusal = Refusal::Encrypted(Remark::fixed("ppt: encrypted"));

/// Whether a presentation says of itself that it is encrypted.
///
/// # Errors
/// [`Refusal::Overrun`]; what else is wrong, its reader tells.
pub(crate) fn is_encrypted(input: &[u8], cx: &Cx<'_>) -> Result<bool, Refusal> {
    let user = ole::head(input, USER, 64, cx)?;
    Ok(u32_at(&user, TOKEN) == Some(ENCRYPTED_TOKEN))
}
