//! Documents of several sheets: the first one lies in the root, each further one in a storage of its own.

use super::TEXTS;
use crate::formats::ole::little::{part, size_at, u32_at, utf16};
use crate::formats::ole::{Ole, Shape};
use mugai_core::{Cx, Refusal, Remark, Resource};
use std::collections::BTreeMap;

/// The storages that lead to the sheets, and how those of the sheets begin; behind that stands their number.
const OUTER: &str = "ObjectSheets";
const INNER: &str = "DocSheet";
const SHEET: &str = "DOCS_";
/// The streams of the names: of the further sheets in their order, and of the first one.
const LIST: &str = "DocItemInfo";
const FIRST: &str = "SheetInfo";
/// Bytes of the list behind the number of a sheet.
const BEHIND: usize = 26;
/// The longest name, in units.
const MAX_NAME: usize = 256;

/// What is known of the sheets of a document.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    /// The name of the first one, if it is told.
    pub(super) first: Option<String>,
    /// The names of the others in their order, with the places of their streams in the order of [`TEXTS`].
    pub(super) further: Vec<(String, [Option<usize>; TEXTS.len()])>,
}

/// Looks for the sheets of a document.
///
/// # Errors
/// [`Refusal::Ambiguous`] for two of one number or name, [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(super) fn read(ole: &mut Ole<'_>, cx: &Cx<'_>) -> Result<Sheets, Refusal> {
    let Some(outer) = ole.within(0, OUTER, Shape::Storage)? else {
        return Ok(Sheets::default());
    };
    let Some(inner) = ole.within(outer, INNER, Shape::Storage)? else {
        return Ok(Sheets::default());
    };
    let mut found = places(ole, inner, cx)?;
    let list = match ole.within(inner, LIST, Shape::Stream)? {
        Some(place) => Some(place),
        None => ole.within(0, LIST, Shape::Stream)?,
    };
    let list = match list {
        Some(place) => ole.content(place, cx)?,
        None => Vec::new(),
    };
    let mut further = Vec::new();
    for (name, number) in names(&list, cx)? {
        if let Some((storage, streams)) = found.remove(&number) {
            let named = !name.trim().is_empty();
            further.push((if named { name } else { storage }, streams));
        }
    }
    // those that the list does not name come by their numbers
    further.extend(found.into_values());
    let first = match ole.within(outer, FIRST, Shape::Stream)? {
        Some(place) => first_name(&ole.content(place, cx)?),
        None => None,
    };
    Ok(Sheets { first, further })
}

type Found = BTreeMap<u32, (String, [Option<usize>; TEXTS.len()])>;

/// The storages of sheets by their numbers, with their names and streams.
fn places(ole: &Ole<'_>, inner: usize, cx: &Cx<'_>) -> Result<Found, Refusal> {
    cx.charge_len(Resource::Steps, ole.entries().len().saturating_mul(8))?;
    let twice = || Refusal::Ambiguous(Remark::fixed("jtd: two sheets of one number"));
    let mut numbers = BTreeMap::new();
    let mut found = Found::new();
    for (place, entry) in ole.entries().iter().enumerate() {
        if entry.parent == Some(inner) && entry.shape == Shape::Storage {
            let number = entry.name.strip_prefix(SHEET).map(str::parse);
            if let Some(Ok(number)) = number {
                cx.charge(Resource::Bytes, 256)?;
                numbers.insert(place, number);
                let told = (entry.name.clone(), [None; TEXTS.len()]);
                if found.insert(number, told).is_some() {
                    return Err(twice());
                }
            }
            continue;
        }
        // parents come before what is in them
        let sheet = entry.parent.and_then(|parent| numbers.get(&parent));
        let which = TEXTS.iter().position(|name| entry.is_named(name));
        if let (Some(number), Some(which), Shape::Stream) = (sheet, which, entry.shape)
            && let Some((_, streams)) = found.get_mut(number)
            && let Some(stream) = streams.get_mut(which)
            && stream.replace(place).is_some()
        {
            return Err(twice());
        }
    }
    Ok(found)
}

/// The names and numbers of the list, low bytes first: how many, and of each four bytes, the units of its name, the
/// name, its number, and more. What is cut is not told.
fn names(list: &[u8], cx: &Cx<'_>) -> Result<Vec<(String, u32)>, Refusal> {
    cx.charge_len(Resource::Steps, list.len())?;
    cx.charge_len(Resource::Bytes, list.len().saturating_mul(4))?;
    let mut all = Vec::new();
    let mut at = 4usize;
    for _ in 0..u32_at(list, 0).unwrap_or(0) {
        let name = size_at(list, at.saturating_add(4))
            .filter(|units| *units <= MAX_NAME)
            .and_then(|units| part(list, at.saturating_add(8), units.saturating_mul(2)));
        let Some(name) = name else { break };
        at = at.saturating_add(8).saturating_add(name.len());
        let Some(number) = u32_at(list, at) else {
            break;
        };
        all.push((utf16(name), number));
        at = at.saturating_add(4).saturating_add(BEHIND);
    }
    Ok(all)
}

/// The name at the end of a stream, behind the number of its units.
fn first_name(info: &[u8]) -> Option<String> {
    (1..=MAX_NAME).find_map(|units| {
        let length = units.checked_mul(2)?;
        let at = info.len().checked_sub(length)?;
        let said = size_at(info, at.checked_sub(4)?)?;
        (said == units).then(|| utf16(info.get(at..).unwrap_or_default()))
    })
}
