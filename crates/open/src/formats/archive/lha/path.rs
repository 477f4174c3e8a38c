//! Folders and names of files in LHA archives, which stand in a header or in extra ones, in letters of many systems.

use crate::formats::archive::code_page::{self, Host, Together};
use crate::formats::ole::little::utf16;
use delharc::LhaHeader;
use delharc::header::ext::{EXT_HEADER_FILENAME, EXT_HEADER_PATH};

/// Systems, by their letters.
pub(super) const UNIX: u8 = b'U';
pub(super) const MACINTOSH: u8 = b'm';
const OS_9: [u8; 2] = [b'9', b'K'];
/// Name and folders in UTF-16, and the code page of the others, which UNLHA32 writes.
const WIDE_NAME: u8 = 0x44;
const WIDE_PATH: u8 = 0x45;
const CODE_PAGE: u8 = 0x46;
/// What parts folders.
pub(super) const PART: u8 = 0xff;

/// How names of a file are written that are not UTF-16.
struct Letters {
    page: Option<u32>,
    together: Together,
    host: Host,
}

/// The path of a file, and whether its code page had to be recognised.
pub(super) fn of(header: &LhaHeader, together: Together) -> (String, bool) {
    let find = |number| find(header, number);
    let page = find(CODE_PAGE).and_then(|page| page.first_chunk());
    let letters = Letters {
        page: page.map(|page| u32::from_le_bytes(*page)),
        together,
        host: host(header),
    };
    // either may stand in UTF-16 alone
    let (folders, guess) = match (find(WIDE_PATH), find(EXT_HEADER_PATH)) {
        (Some(raw), _) => (wide(raw), false),
        (None, Some(raw)) => letters.decode(raw),
        (None, None) => (String::new(), false),
    };
    let (name, guessed) = match find(WIDE_NAME) {
        Some(raw) => (wide(raw), false),
        None => letters.decode(find(EXT_HEADER_FILENAME).unwrap_or(&header.filename)),
    };
    (join(&folders, &name), guess || guessed)
}

fn find(header: &LhaHeader, number: u8) -> Option<&[u8]> {
    header.iter_extra().find_map(|field| {
        let (id, data) = field.split_first()?;
        (*id == number && !data.is_empty()).then_some(data)
    })
}

/// The names of a file and of its folders of which nothing says how they are encoded, and that need to be told.
pub(super) fn unsaid(header: &LhaHeader) -> impl Iterator<Item = (&[u8], Host)> {
    let both = if find(header, CODE_PAGE).is_some() {
        [None, None]
    } else {
        let name = find(header, EXT_HEADER_FILENAME).unwrap_or(&header.filename);
        [find(header, EXT_HEADER_PATH), Some(name)]
    };
    let steps = both.into_iter().flatten().flat_map(steps);
    let unclear = steps.filter(|step| !step.is_ascii());
    unclear.map(|step| (step, host(header)))
}

/// Folders are parted before they are decoded: the mark is no letter in any code page. What is behind a zero is a
/// comment.
fn steps(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    let raw = raw.split(|byte| *byte == 0).next().unwrap_or_default();
    raw.split(|byte| *byte == PART)
}

/// Where it was packed: on Unix or a system that nobody here had, or it does not say; all others were DOS, Windows,
/// Macintosh or Human68k.
fn host(header: &LhaHeader) -> Host {
    let system = match header.level {
        // LHarc of DOS has no place for it
        0 => header.extended_area.first().copied().unwrap_or(b'M'),
        _ => header.os_type,
    };
    if system == 0 || system == UNIX || OS_9.contains(&system) {
        Host::Other
    } else {
        Host::Dos
    }
}

impl Letters {
    fn decode(&self, raw: &[u8]) -> (String, bool) {
        let mut guessed = false;
        let steps: Vec<String> = steps(raw)
            .map(|step| self.step(step, &mut guessed))
            .collect();
        (steps.join("/"), guessed)
    }

    fn step(&self, raw: &[u8], guessed: &mut bool) -> String {
        if let Some(text) = self.page.and_then(|page| code_page::told(raw, page)) {
            return text;
        }
        let (text, guess) = self.together.decode(raw, self.host);
        *guessed |= guess;
        text
    }
}

fn join(folders: &str, name: &str) -> String {
    if folders.is_empty() {
        return name.to_owned();
    }
    format!("{}/{name}", folders.trim_end_matches('/'))
}

/// Folders are parted as in the narrow header, by a unit that is no character.
fn wide(raw: &[u8]) -> String {
    utf16(raw).replace('\u{ffff}', "/")
}
