//! From the last edit to the slides and their texts ([MS-PPT] 2.1.2).

use super::ENCRYPTED;
use super::records::{self, Record, Within, at};
use super::said::{self, Said};
use crate::formats::art;
use crate::formats::encrypted::legacy::{Lock, Opened};
use crate::formats::ole::little::{size_at, u8_at, u16_at, u32_at};
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// The most edits that are followed back, and the most records that they name.
const MAX_EDITS: usize = 1_000;
const MAX_PLACES: usize = 1 << 20;
/// What presentations are encrypted with that are only protected against changes ([MS-OFFCRYPTO] 2.4.2.3).
const PROTECTED: &str = "/01Hannes Ruescher/01";
/// How long an edit is that is not encrypted; others have the number of what tells of it behind.
const LOCKED: usize = 28;
/// Lists of slides by their instance: slides, notes.
const OF_SLIDES: u16 = 0;
const OF_NOTES: u16 = 2;

/// A line of a list of slides.
#[derive(Debug, Default)]
struct Entry {
    /// The number of its record.
    record: u32,
    /// Its own number, which slides have for their notes.
    id: u32,
    /// Its texts in the outline, those that are empty too, and whether the slide shows them.
    texts: Vec<(Said, bool)>,
}

/// Where the records of the last edit lie, by their numbers, and the number of the document.
struct Edits {
    places: BTreeMap<u32, usize>,
    document: u32,
    /// The number of the record that tells how all others are encrypted.
    lock: Option<u32>,
    /// Where the edits are that name it.
    locked: Vec<usize>,
}

/// The text of a presentation. `edit` is the place of the last edit; `is_open` says that its records were decrypted.
pub(super) fn tell(
    stream: &[u8],
    edit: Option<u32>,
    is_open: bool,
    cx: &mut Cx<'_>,
) -> Result<String, Refusal> {
    let edits = edits(stream, edit, cx)?;
    // one that is encrypted and does not say so where it should
    if edits.lock.is_some() && !is_open {
        return Err(ENCRYPTED);
    }
    let document = edits
        .record(stream, edits.document)
        .filter(|record| record.kind == records::DOCUMENT)
        .ok_or(Refusal::malformed("ppt: no document where one should be"))?;
    let (mut slides, notes) = lists(document.content, cx)?;
    // of two with one number the first counts
    let notes: BTreeMap<u32, u32> = notes.iter().rev().map(|n| (n.id, n.record)).collect();
    let mut out = String::new();
    for (number, entry) in (1u32..).zip(&mut slides) {
        let Some(slide) = edits
            .record(stream, entry.record)
            .filter(|record| record.kind == records::SLIDE)
        else {
            continue;
        };
        out.push('[');
        out.push_str(&number.to_string());
        out.push_str("]\n");
        let note = texts(slide.content, number, &mut entry.texts, &mut out, cx)?;
        for (text, shown) in &entry.texts {
            if !shown {
                text.tell(number, &mut out);
            }
        }
        let of_note = note.and_then(|id| notes.get(&id));
        let page = of_note
            .and_then(|number| edits.record(stream, *number))
            .filter(|record| record.kind == records::NOTES);
        if let Some(page) = page {
            texts(page.content, number, &mut [], &mut out, cx)?;
        }
        out.push('\n');
    }
    Ok(out)
}

/// Decrypts the records of a presentation, each with the key of its number ([MS-PPT] 2.3.7), and has its edits no longer
/// say that they are encrypted.
///
/// # Errors
/// [`Refusal::Encrypted`] if no password fits, [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(super) fn unlock(
    stream: &mut [u8],
    edit: Option<u32>,
    cx: &mut Cx<'_>,
) -> Result<Opened, Refusal> {
    let edits = edits(stream, edit, cx)?;
    let lock = edits.lock.ok_or(ENCRYPTED)?;
    let info = edits
        .record(stream, lock)
        .filter(|record| record.kind == records::LOCK)
        .ok_or(ENCRYPTED)?;
    let opened = Lock::read(info.content)?.open(Some(PROTECTED), ENCRYPTED, cx)?;
    let mut seen = BTreeSet::new();
    for (number, place) in edits.places.iter().filter(|(number, _)| **number != lock) {
        // two keys for one record would be two contents
        if !seen.insert(*place) {
            return Err(Refusal::malformed("ppt: two records in one place"));
        }
        let head = place.saturating_add(records::HEAD);
        let Some(bytes) = stream.get(*place..head) else {
            continue;
        };
        let mut first = bytes.to_vec();
        opened.block(&mut first, *number)?;
        let length = size_at(&first, 4).unwrap_or(0);
        let end = head.saturating_add(length).min(stream.len());
        cx.charge_len(Resource::Steps, end.saturating_sub(*place))?;
        if let Some(record) = stream.get_mut(*place..end) {
            opened.block(record, *number)?;
        }
    }
    for place in &edits.locked {
        let length = place.saturating_add(4)..place.saturating_add(records::HEAD);
        let plain = u32::try_from(LOCKED).unwrap_or(0);
        if let Some(length) = stream.get_mut(length) {
            length.copy_from_slice(&plain.to_le_bytes());
        }
    }
    Ok(opened)
}

impl Edits {
    fn record<'a>(&self, stream: &'a [u8], number: u32) -> Option<Record<'a>> {
        at(stream, *self.places.get(&number)?)
    }
}

/// Follows the edits back from the last one: what a later one says of a record counts.
fn edits(stream: &[u8], newest: Option<u32>, cx: &Cx<'_>) -> Result<Edits, Refusal> {
    let bad = Refusal::malformed("ppt: edits");
    let mut edits = Edits {
        places: BTreeMap::new(),
        document: 0,
        lock: None,
        locked: Vec::new(),
    };
    let mut place = newest
        .and_then(|newest| usize::try_from(newest).ok())
        .filter(|place| at(stream, *place).is_some_and(|record| record.kind == records::EDIT))
        .or_else(|| memchr::memmem::rfind(stream, b"\x00\x00\xf5\x0f\x1c\x00\x00\x00"))
        .ok_or(bad.clone())?;
    for count in 0..MAX_EDITS {
        let edit = at(stream, place)
            .filter(|record| record.kind == records::EDIT)
            .ok_or(bad.clone())?;
        let field = |at: usize| u32_at(edit.content, at);
        // an edit with one field more names how it is encrypted
        if let Some(lock) = field(LOCKED) {
            edits.lock = Some(lock);
            edits.locked.push(place);
        }
        if count == 0 {
            edits.document = field(16).ok_or(bad.clone())?;
        }
        let list = size_at(edit.content, 12).and_then(|place| at(stream, place));
        let list = list
            .filter(|record| record.kind == records::PLACES)
            .ok_or(bad.clone())?;
        cx.charge_len(Resource::Steps, list.content.len().saturating_add(16))?;
        cx.charge_len(Resource::Bytes, list.content.len().saturating_mul(8))?;
        places(list.content, &mut edits.places)?;
        let before = size_at(edit.content, 8).ok_or(bad.clone())?;
        if before == 0 {
            return Ok(edits);
        }
        // edits are appended: the one before lies before
        if before >= place {
            return Err(bad);
        }
        place = before;
    }
    Err(bad)
}

/// A list of places: the first number and how many there are, then those.
fn places(list: &[u8], places: &mut BTreeMap<u32, usize>) -> Result<(), Refusal> {
    let mut words = list
        .as_chunks::<4>()
        .0
        .iter()
        .map(|four| u32::from_le_bytes(*four));
    while let Some(head) = words.next() {
        let (first, count) = (head & 0x000f_ffff, head >> 20);
        for number in 0..count {
            let Some(place) = words.next() else {
                return Err(Refusal::malformed("ppt: a list of places ends early"));
            };
            if places.len() >= MAX_PLACES {
                return Err(Refusal::malformed("ppt: too many records"));
            }
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            places.entry(first.saturating_add(number)).or_insert(place);
        }
    }
    Ok(())
}

/// The slides and the notes of the document; all else in it is only noted.
fn lists(document: &[u8], cx: &mut Cx<'_>) -> Result<(Vec<Entry>, Vec<Entry>), Refusal> {
    let (mut slides, mut notes): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
    let mut within = Within::new(document);
    let mut list = None;
    // a heading came, and its text did not yet
    let mut headed = false;
    while let Some(record) = within.next() {
        cx.charge(Resource::Steps, 4)?;
        if record.kind == records::SLIDE_LIST {
            list = Some(record.instance);
            continue;
        }
        let target = match list {
            Some(OF_SLIDES) => &mut slides,
            Some(OF_NOTES) => &mut notes,
            _ => {
                note(&record, &mut within, cx)?;
                continue;
            }
        };
        match record.kind {
            records::SLIDE_PLACE => {
                let numbers = u32_at(record.content, 0).zip(u32_at(record.content, 12));
                let (number, id) = numbers.unwrap_or((0, 0));
                cx.charge(Resource::Bytes, 64)?;
                headed = false;
                target.push(Entry {
                    record: number,
                    id,
                    texts: Vec::new(),
                });
            }
            // slides count their texts by the headings: one without a text is one of them
            records::TEXT_HEADER => {
                cx.charge(Resource::Bytes, 128)?;
                if let Some(entry) = target.last_mut() {
                    entry.texts.push((Said::default(), false));
                }
                headed = true;
            }
            records::TEXT_WIDE | records::TEXT_NARROW => {
                cx.charge(Resource::Bytes, 128)?;
                let text = Said::read(&record, cx)?;
                if let Some(entry) = target.last_mut() {
                    if std::mem::take(&mut headed) {
                        entry.texts.pop();
                    }
                    entry.texts.push((text, false));
                }
            }
            kind if said::is_field(kind) => {
                let texts = target.last_mut().map(|entry| &mut entry.texts);
                if let Some((text, _)) = texts.and_then(|texts| texts.last_mut()) {
                    text.field(&record, cx)?;
                }
            }
            _ => note(&record, &mut within, cx)?,
        }
    }
    Ok((slides, notes))
}

/// Tells the texts of slide `number` or of its notes; the number of its notes comes back.
fn texts(
    content: &[u8],
    number: u32,
    outline: &mut [(Said, bool)],
    out: &mut String,
    cx: &mut Cx<'_>,
) -> Result<Option<u32>, Refusal> {
    let mut notes = None;
    let mut within = Within::new(content);
    // what fields are in a text is said behind it
    let mut last = Said::default();
    while let Some(record) = within.next() {
        cx.charge(Resource::Steps, 4)?;
        match record.kind {
            records::TEXT_WIDE | records::TEXT_NARROW => {
                let text = Said::read(&record, cx)?;
                std::mem::replace(&mut last, text).tell(number, out);
            }
            kind if said::is_field(kind) => last.field(&record, cx)?,
            records::OUTLINE_TEXT => {
                std::mem::take(&mut last).tell(number, out);
                let place = size_at(record.content, 0);
                if let Some((text, shown)) = place.and_then(|place| outline.get_mut(place))
                    && !*shown
                {
                    *shown = true;
                    text.tell(number, out);
                }
            }
            art::PROPERTIES => {
                if let Some(letters) = art::letters(record.instance, record.content, cx)? {
                    std::mem::take(&mut last).tell(number, out);
                    out.push_str(&letters);
                    out.push('\n');
                }
            }
            records::SLIDE_ATOM => notes = u32_at(record.content, 16).filter(|id| *id != 0),
            _ => note(&record, &mut within, cx)?,
        }
    }
    last.tell(number, out);
    Ok(notes)
}

/// What is left behind, and seen.
fn note(record: &Record<'_>, within: &mut Within<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let code = match record.kind {
        records::MACROS => Some(FindingCode::OfficeMacro),
        records::OBJECT_EMBEDDED => Some(FindingCode::OfficeEmbedded),
        records::OBJECT_LINKED => Some(FindingCode::OfficeExternal),
        records::CONTROL => Some(FindingCode::OfficeControl),
        records::LINK => Some(FindingCode::OfficeLink),
        records::SOUND
        | records::FILM
        | records::FILM_PLAYER
        | records::SOUND_DISC
        | records::SOUND_EMBEDDED
        | records::SOUND_LINKED => Some(FindingCode::OfficeMedia),
        records::COMMENT => Some(FindingCode::OfficeComment),
        records::ACTION => match u8_at(record.content, 8) {
            Some(1) => Some(FindingCode::OfficeMacro),
            Some(2) => Some(FindingCode::OfficeExternal),
            Some(5) => Some(FindingCode::OfficeEmbedded),
            _ => None,
        },
        records::SLIDE_SHOW => {
            let hidden = u16_at(record.content, 10).is_some_and(|flags| flags & 4 != 0);
            hidden.then_some(FindingCode::OfficeHidden)
        }
        _ => None,
    };
    if let Some(code) = code {
        cx.note(code);
    }
    let skipped = [records::COMMENT, records::TAGS, records::HEADERS];
    if record.container && skipped.contains(&record.kind) {
        within.skip(record);
        if record.kind == records::TAGS {
            comments(record.content, cx)?;
        }
    }
    Ok(())
}

/// Comments lie in what newer programs left for themselves ([MS-PPT] 2.5.21), beside other things that are not told.
fn comments(tags: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let mut within = Within::new(tags);
    while let Some(tag) = within.next() {
        cx.charge(Resource::Steps, 4)?;
        let mut inside = Within::new(match tag.kind {
            records::TAG_DATA => tag.content,
            _ => &[],
        });
        while let Some(record) = inside.next() {
            cx.charge(Resource::Steps, 4)?;
            cx.note_times(
                FindingCode::OfficeComment,
                u32::from(record.kind == records::COMMENT),
            );
            if record.container {
                inside.skip(&record);
            }
        }
    }
    Ok(())
}
