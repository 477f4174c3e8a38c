//! Files with the structure of a format, drawn from the bytes of a fuzzer: what is only bytes seldom gets past
//! the first fields of a container, and what lies behind them is where readers disagree.
//!
//! A file is either whole, and then it is known what a reader must find in it, or *wounded*: cut, or with numbers
//! and ranges changed.

mod mail;
mod ooxml;
mod pdf;
mod zip;

pub use mail::{Leaf, mail};
pub use ooxml::{Document, word};
pub use pdf::{Sheets, pdf};
pub use zip::{Entry, archive};

use arbitrary::{Result, Unstructured};

/// A file, and what is in it if nothing was done to it afterwards.
#[derive(Clone, Debug)]
pub struct Forged<T> {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it holds; `None` where it is wounded.
    pub holds: Option<T>,
}

impl<T> Forged<T> {
    /// The file as it was made, or with up to three wounds.
    fn of(bytes: Vec<u8>, holds: T, source: &mut Unstructured<'_>) -> Result<Self> {
        let wounds = if source.ratio(1u8, 3u8)? {
            source.int_in_range(1..=3u8)?
        } else {
            0
        };
        let mut bytes = bytes;
        for _ in 0..wounds {
            wound(&mut bytes, source)?;
        }
        Ok(Self {
            bytes,
            holds: (wounds == 0).then_some(holds),
        })
    }
}

/// Numbers that parsers trip over.
const NUMBERS: [u32; 8] = [
    0,
    1,
    0x7F,
    0xFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFE,
    u32::MAX,
];

fn wound(bytes: &mut Vec<u8>, source: &mut Unstructured<'_>) -> Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let last = bytes.len().saturating_sub(1);
    let at = source.int_in_range(0..=last)?;
    let to = source.int_in_range(at..=last.min(at.saturating_add(64)))?;
    match source.int_in_range(0..=5u8)? {
        0 => bytes.truncate(at),
        1 => {
            let byte = source.arbitrary()?;
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
        }
        2 => {
            let number = source.choose(&NUMBERS)?.to_le_bytes();
            for (slot, byte) in bytes.iter_mut().skip(at).zip(number) {
                *slot = byte;
            }
        }
        3 => drop(bytes.drain(at..to)),
        4 => {
            let range: Vec<u8> = bytes.get(at..to).unwrap_or_default().to_vec();
            let place = source.int_in_range(0..=bytes.len())?;
            bytes.splice(place..place, range);
        }
        _ => {
            let digit = source.choose(b"0123456789-.")?;
            let mut digits = bytes
                .iter_mut()
                .skip(at)
                .filter(|byte| byte.is_ascii_digit());
            if let Some(slot) = digits.next() {
                *slot = *digit;
            }
        }
    }
    Ok(())
}

/// Up to `most` things, each drawn by `one`.
fn some<T>(
    source: &mut Unstructured<'_>,
    most: usize,
    mut one: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = source.int_in_range(1..=most)?;
    (0..count).map(|_| one(source)).collect()
}

/// One to `most` bytes.
fn noise(source: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let count = source.int_in_range(1..=most)?;
    source.bytes(count).map(<[u8]>::to_vec)
}

/// A word of letters that no format gives a meaning to.
fn word_of(source: &mut Unstructured<'_>) -> Result<String> {
    const LETTERS: [char; 12] = [
        'a', 'e', 'k', 'm', 'u', 'z', '市', '役', 'ア', 'ん', 'é', '9',
    ];
    let count = source.int_in_range(1..=9u8)?;
    (0..count)
        .map(|_| source.choose(&LETTERS).copied())
        .collect()
}
