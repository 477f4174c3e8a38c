//! What a ZIP file is a container of, by the names in its central directory (APPNOTE 4.3.12).
//!
//! Names only: whether the directory tells the truth is the ZIP reader's question.

use mugai_core::{Cx, Kind, Refusal, Remark, Resource};

/// The most entries that are looked at.
const MAX_ENTRIES: usize = 65_536;
/// Bytes of an end record, of a central and of a local header without their names.
const END: usize = 22;
const CENTRAL: usize = 46;
const LOCAL: usize = 30;
/// The longest comment behind an end record.
pub(super) const MAX_COMMENT: usize = 65_535;

/// Office packages: their folder, and how the name of their main part begins.
const OFFICE: [(Kind, &[u8], &[u8]); 3] = [
    (Kind::Word, b"word/", b"word/document"),
    (Kind::Sheet, b"xl/", b"xl/workbook."),
    (Kind::Slides, b"ppt/", b"ppt/presentation."),
];

/// What the names said; the lists go with [`OFFICE`].
#[derive(Default)]
struct Seen {
    content_types: bool,
    folder: [bool; OFFICE.len()],
    main: [bool; OFFICE.len()],
    /// The main part of a spreadsheet is of records, not XML.
    binary: bool,
}

/// The kind of a file that begins as a ZIP file does.
///
/// # Errors
/// [`Refusal::Ambiguous`] for the main parts of two Office formats, [`Refusal::Overrun`].
pub(super) fn recognise(input: &[u8], cx: &Cx<'_>) -> Result<Kind, Refusal> {
    if let Some(kind) = open_document(input) {
        return Ok(kind);
    }
    let mut seen = Seen::default();
    match directory(input) {
        Some(directory) => central(directory, &mut seen, cx)?,
        None => local(input, &mut seen, cx)?,
    }
    if !seen.content_types {
        return Ok(Kind::Zip);
    }
    match (only(seen.main), only(seen.folder)) {
        (Found::One(Kind::Sheet), _) if seen.binary => Ok(Kind::Xlsb),
        (Found::One(kind), _) | (Found::None, Found::One(kind)) => Ok(kind),
        (Found::None, Found::None | Found::Many) => Ok(Kind::Opc),
        (Found::Many, _) => Err(Refusal::Ambiguous(Remark::fixed(
            "zip: main parts of two office formats",
        ))),
    }
}

enum Found {
    None,
    One(Kind),
    Many,
}

fn only(flags: [bool; OFFICE.len()]) -> Found {
    let mut kinds = OFFICE
        .iter()
        .zip(flags)
        .filter_map(|((kind, ..), there)| there.then_some(*kind));
    match (kinds.next(), kinds.next()) {
        (None, _) => Found::None,
        (Some(kind), None) => Found::One(kind),
        (Some(_), Some(_)) => Found::Many,
    }
}

/// Where the last end record is whose central directory stands right before it: its offset and
/// that of the directory.
pub(super) fn end_record(input: &[u8]) -> Option<(usize, usize)> {
    let from = input.len().saturating_sub(END.saturating_add(MAX_COMMENT));
    let tail = input.get(from..)?;
    memchr::memmem::rfind_iter(tail, b"PK\x05\x06").find_map(|at| {
        let end = from.checked_add(at)?;
        let size = u32_at(input, end.checked_add(12)?)?;
        let count = u16_at(input, end.checked_add(10)?)?;
        let directory = end.checked_sub(usize::try_from(size).ok()?)?;
        let there = input.get(directory..)?.starts_with(b"PK\x01\x02");
        (there && count > 0).then_some((end, directory))
    })
}

fn directory(input: &[u8]) -> Option<&[u8]> {
    let (end, start) = end_record(input)?;
    input.get(start..end)
}

/// Whether an entry is encrypted: bit 0 of its general purpose flag (APPNOTE 4.4.4).
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn is_encrypted(input: &[u8], cx: &Cx<'_>) -> Result<bool, Refusal> {
    let flagged = |bytes: &[u8], at| u16_at(bytes, at).is_some_and(|flags| flags & 1 != 0);
    if input.starts_with(b"PK\x03\x04") && flagged(input, 6) {
        return Ok(true);
    }
    let mut found = false;
    if let Some(directory) = directory(input) {
        for_each_entry(directory, cx, |entry, _| found |= flagged(entry, 8))?;
    }
    Ok(found)
}

fn u16_at(input: &[u8], at: usize) -> Option<u16> {
    let bytes = input.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*bytes))
}

fn u32_at(input: &[u8], at: usize) -> Option<u32> {
    let bytes = input.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

fn central(directory: &[u8], seen: &mut Seen, cx: &Cx<'_>) -> Result<(), Refusal> {
    for_each_entry(directory, cx, |_, name| seen.name(name))
}

/// Shows each entry of a central directory, from its header on, and its name.
fn for_each_entry(
    directory: &[u8],
    cx: &Cx<'_>,
    mut look: impl FnMut(&[u8], &[u8]),
) -> Result<(), Refusal> {
    let mut rest = directory;
    for _ in 0..MAX_ENTRIES {
        if !rest.starts_with(b"PK\x01\x02") {
            break;
        }
        cx.charge(Resource::Steps, 4)?;
        let length = |at| u16_at(rest, at).map_or(0, usize::from);
        let (name, extra, comment) = (length(28), length(30), length(32));
        let end = CENTRAL.saturating_add(name);
        look(rest, rest.get(CENTRAL..end).unwrap_or_default());
        let next = end.saturating_add(extra).saturating_add(comment);
        rest = rest.get(next..).unwrap_or_default();
    }
    Ok(())
}

/// A file that was cut off has no central directory: its local headers must do.
fn local(input: &[u8], seen: &mut Seen, cx: &Cx<'_>) -> Result<(), Refusal> {
    let mut rest = input;
    for _ in 0..MAX_ENTRIES {
        if !rest.starts_with(b"PK\x03\x04") {
            break;
        }
        cx.charge(Resource::Steps, 4)?;
        let length = |at| u16_at(rest, at).map_or(0, usize::from);
        let (name, extra) = (length(26), length(28));
        let size = u32_at(rest, 18).map_or(0, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let end = LOCAL.saturating_add(name);
        seen.name(rest.get(LOCAL..end).unwrap_or_default());
        let next = end.saturating_add(extra).saturating_add(size);
        rest = rest.get(next..).unwrap_or_default();
    }
    Ok(())
}

/// `mimetype` first and stored (ODF 1.3 part 2, section 3.3).
fn open_document(input: &[u8]) -> Option<Kind> {
    let name = LOCAL.saturating_add(b"mimetype".len());
    let extra = u16_at(input, 28).map_or(0, usize::from);
    let first = input.get(LOCAL..name) == Some(b"mimetype");
    let content = input.get(name.saturating_add(extra)..).unwrap_or_default();
    let rest = content.strip_prefix(b"application/vnd.oasis.opendocument.")?;
    let word = rest
        .split(|byte| !byte.is_ascii_lowercase() && *byte != b'-')
        .next()?;
    first.then_some(match word {
        b"text" | b"text-template" => Kind::OpenText,
        b"spreadsheet" | b"spreadsheet-template" => Kind::OpenSheet,
        b"presentation" | b"presentation-template" => Kind::OpenSlides,
        _ => Kind::Odf,
    })
}

impl Seen {
    fn name(&mut self, raw: &[u8]) {
        // some writers use backslashes, and readers do not mind case
        let mut name = [0u8; 32];
        for (slot, byte) in name.iter_mut().zip(raw) {
            *slot = if *byte == b'\\' {
                b'/'
            } else {
                byte.to_ascii_lowercase()
            };
        }
        self.content_types |= name.starts_with(b"[content_types].xml");
        self.binary |= name.starts_with(b"xl/workbook.bin");
        let flags = self.folder.iter_mut().zip(&mut self.main);
        for ((_, folder, main), (in_folder, is_main)) in OFFICE.iter().zip(flags) {
            *in_folder |= name.starts_with(folder);
            // `word/document2.xml` is a main part, `word/document-templates/x` is none; small writers
            // leave the folder out
            *is_main |= [*main, main.get(folder.len()..).unwrap_or(main)]
                .iter()
                .any(|main| {
                    name.starts_with(main) && !name.iter().skip(main.len()).any(|b| *b == b'/')
                });
        }
    }
}
