//! Encrypted workbooks ([MS-XLS] 2.2.10): records keep their heads, and some their contents; the keys go by the place
//! in the stream.

use super::ENCRYPTED;
use super::records::{self, Records};
use crate::formats::encrypted::{DEFAULT, legacy::Lock};
use crate::formats::ole::little::u16_at;
use mugai_core::{Cx, Refusal, Remark, Resource};

/// Bytes that have one key.
const BLOCK: usize = 1024;
/// Records that are never encrypted, but for those that begin a part of the stream.
const PLAIN: [u16; 7] = [0x002f, 0x00e1, 0x0138, 0x0194, 0x0195, 0x0196, 0x0086];

/// How workbooks are told of that are obfuscated by XOR.
const XOR: Refusal =
    Refusal::Encrypted(Remark::fixed("xls: encrypted by XOR, which is not opened"));

/// The stream of a workbook as it would be without a password; `None` for one that has none.
///
/// # Errors
/// [`Refusal::Encrypted`] if no password fits, [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(super) fn unlocked(stream: &[u8], cx: &mut Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(pass) = pass(stream) else {
        return Ok(None);
    };
    match u16_at(pass, 0) {
        Some(1) => {}
        Some(0) => return Err(XOR),
        // before Excel 97 there is nothing but XOR
        _ => return Err(if pass.len() == 4 { XOR } else { ENCRYPTED }),
    }
    let opened =
        Lock::read(pass.get(2..).unwrap_or_default())?.open(Some(DEFAULT), ENCRYPTED, cx)?;
    cx.charge_len(Resource::Bytes, stream.len())?;
    let mut plain = stream.to_vec();
    opened.stream(&mut plain, BLOCK, cx)?;
    let mut at = 0usize;
    let mut records = Records::new(stream);
    while let Some(record) = records.next() {
        cx.charge(Resource::Steps, 1)?;
        let content = at.saturating_add(4);
        let kept = match record.id {
            // where a sheet begins
            records::SHEET => 4,
            id if PLAIN.contains(&id) || id & 0xff == 0x09 => record.content.len(),
            _ => 0,
        };
        let end = content.saturating_add(kept);
        if let (Some(to), Some(from)) = (plain.get_mut(at..end), stream.get(at..end)) {
            to.copy_from_slice(from);
        }
        if let (records::FILE_PASS, Some(id)) = (record.id, plain.get_mut(at..at.saturating_add(2)))
        {
            // a record that says nothing in its place
            id.copy_from_slice(&records::WRITE_PROTECT.to_le_bytes());
        }
        at = content.saturating_add(record.content.len());
    }
    Ok(Some(plain))
}

/// How the workbook is encrypted, as it says at its beginning.
fn pass(stream: &[u8]) -> Option<&[u8]> {
    let mut records = Records::new(stream);
    while let Some(record) = records.next() {
        match record.id {
            records::FILE_PASS => return Some(record.content),
            records::BOF | records::WRITE_PROTECT | records::INTERFACE | records::TEMPLATE => {}
            _ => return None,
        }
    }
    None
}
