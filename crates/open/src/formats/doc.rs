//! Texts of Word before 2007 ([MS-DOC]), back to version 6: the text of every story, without its looks.
//!
//! What is deleted by a tracked change is left out, codes of fields are replaced by their results,
//! comments are dropped; hidden text is told, and counted.

mod beside;
mod fib;
mod fonts;
mod form;
mod freeze;
mod lists;
mod looks;
mod pieces;
mod tell;
#[cfg(test)]
mod tests;

use crate::formats::encrypted::legacy::{Lock, Opened};
use crate::formats::ole::{self, Ole, Shape};
use crate::reader::{Format, Sniff, Spec};
use beside::Beside;
use fib::Fib;
use mugai_core::{Cx, HandsOn, Kind, Piece, Refusal, Remark, Treatment};

/// The reader of doc and dot.
#[derive(Debug)]
pub(super) struct Doc;

impl Format for Doc {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Doc,
            reference: "[MS-DOC]",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        ole::sniff(head)
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let mut ole = Ole::read(input, cx)?;
        ole::note(&ole, &STREAMS, cx);
        let mut main = ole
            .stream("WordDocument", cx)?
            .ok_or(Refusal::malformed("doc: no main stream"))?;
        let name = fib::table(&main)?;
        let mut table = match name {
            Some(name) => ole
                .stream(name, cx)?
                .ok_or(Refusal::malformed("doc: no table stream"))?,
            None => Vec::new(),
        };
        let opened = if fib::is_encrypted(&main) {
            Some(unlock(&mut main, &mut table, cx)?)
        } else {
            None
        };
        let fib = Fib::read(&main)?;
        let mut beside = Beside::of(&mut ole, opened);
        let tables = if fib.table.is_some() { &table } else { &main };
        let text = tell::text(&fib, &main, tables, &mut beside, cx)?;
        let text = cx.text(&text);
        cx.put(Piece::Text(text))?;
        if cx.hints().hands_on == HandsOn::Nothing {
            return Ok(());
        }
        let frozen = fib.table.is_some() && freeze::fields(&fib, &mut table, cx)?;
        if beside.opened.is_some() {
            fib::say_plain(&mut main);
            let mut streams = vec![("WordDocument", main.as_slice())];
            streams.extend(name.map(|name| (name, table.as_slice())));
            hand_on(beside, &streams, cx)?;
        } else if let Some(name) = name.filter(|_| frozen)
            && let Some(place) = ole.within(0, name, Shape::Stream)?
        {
            ole.hand_on(&[(place, table.as_slice())], cx)?;
        }
        Ok(())
    }
}

/// Hands on an encrypted text as it is without a password: its `streams` decrypted, and those beside them, and none of
/// it saying otherwise. One whose data cannot be read is refused: they would stay encrypted in a text that says that it
/// is not.
fn hand_on(
    beside: Beside<'_, '_>,
    streams: &[(&str, &[u8])],
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let (ole, data) = beside.all(cx)?;
    let beside = [(beside::STREAM, data.as_slice())];
    let mut places = Vec::new();
    for (name, content) in streams.iter().copied().chain(beside) {
        if let Some(place) = ole.within(0, name, Shape::Stream)? {
            places.push((place, content));
        }
    }
    ole.hand_on(&places, cx)
}

const STREAMS: [&str; 6] = [
    "WordDocument",
    "0Table",
    "1Table",
    "Data",
    "ObjectPool",
    "\u{1}CompObj",
];

const ENCRYPTED: Refusal = Refusal::Encrypted(Remark::fixed("doc: encrypted"));

/// Obfuscation by XOR, and all encryption before Word 97.
const XOR: Refusal =
    Refusal::Encrypted(Remark::fixed("doc: encrypted by XOR, which is not opened"));

/// Bytes that have one key, and those at the beginning of the main stream that have none ([MS-DOC] 2.2.6.2, 2.2.6.3).
const BLOCK: usize = 512;
const PLAIN: usize = 68;

/// Decrypts the streams of an encrypted text; what they say about the encryption is not needed any more.
fn unlock(main: &mut [u8], table: &mut [u8], cx: &mut Cx<'_>) -> Result<Opened, Refusal> {
    if fib::is_obfuscated(main) || table.is_empty() {
        return Err(XOR);
    }
    let opened = Lock::read(table)?.open(None, ENCRYPTED, cx)?;
    let head: Vec<u8> = main.iter().take(PLAIN).copied().collect();
    opened.stream(main, BLOCK, cx)?;
    opened.stream(table, BLOCK, cx)?;
    for (to, from) in main.iter_mut().zip(head) {
        *to = from;
    }
    Ok(opened)
}

/// Whether a text says at its beginning that it is encrypted.
///
/// # Errors
/// [`Refusal::Overrun`]; what else is wrong, its reader tells.
pub(crate) fn is_encrypted(input: &[u8], cx: &Cx<'_>) -> Result<bool, Refusal> {
    let head = ole::head(input, "WordDocument", 64, cx)?;
    Ok(fib::is_encrypted(&head))
}
