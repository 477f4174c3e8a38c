//! Undoes the packing of one member of an archive (APPNOTE 6.3.10), into exactly the bytes that its
//! archive tells of or not at all.

mod cipher;

use flate2::bufread::DeflateDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use mugai_core::{Cx, Method, Packed, Password, Refusal, Resource};
use ppmd_rust::{Ppmd8Decoder, RestoreMethod};
use ruzstd::decoding::StreamingDecoder;
use std::borrow::Cow;
use std::io::Read;
use zeroize::Zeroizing;

/// The most that a member may have grown by, above [`FREE`] bytes.
const MAX_RATIO: usize = 1_000;
const FREE: usize = 1 << 20;
/// The largest window of a decoder, in bytes: twice what packers use by default at their highest level.
pub(crate) const MAX_WINDOW: usize = 64 << 20;
/// What a decoder of LZMA may take in all, in KiB: its window, and a little for its model.
pub(crate) const MAX_MEMORY_KIB: u32 = 66 << 10;

/// The most memory of a model of `PPMd`, in MiB: as much as that of a window. Packers take 16 by default.
const MAX_MODEL_MIB: u32 = 64;

/// The most frames of one member: each costs a decoder, and packers that work side by side make few of them.
const MAX_FRAMES: usize = 4_096;

/// What may come out of `packed` bytes at most.
pub(crate) const fn most(packed: usize) -> usize {
    let grown = packed.saturating_mul(MAX_RATIO);
    if grown > FREE { grown } else { FREE }
}

pub(crate) const GROWN: Refusal =
    Refusal::malformed("archive: a file grows more than a thousandfold");

/// Whether `bytes` may come out of `packed`.
///
/// # Errors
/// [`Refusal::Malformed`]: what is more than that is a bomb.
pub(crate) fn grown(bytes: usize, packed: usize) -> Result<(), Refusal> {
    if bytes > most(packed) {
        return Err(GROWN);
    }
    Ok(())
}

/// Whether the purse holds `bytes` more.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(crate) fn room(bytes: usize, cx: &Cx<'_>) -> Result<(), Refusal> {
    let left = cx.budget().left().bytes;
    if u64::try_from(bytes).is_ok_and(|bytes| bytes <= left) {
        Ok(())
    } else {
        Err(Refusal::Overrun {
            resource: Resource::Bytes,
            limit: cx.budget().limits().bytes,
        })
    }
}

const WRONG: Refusal = Refusal::malformed("archive: a member of another content than it says");

/// The content of a member.
///
/// # Errors
/// [`Refusal::Malformed`] for content of another length or checksum than the archive says,
/// [`Refusal::Encrypted`] where none of `passwords` opens it, [`Refusal::Unsupported`],
/// [`Refusal::Overrun`].
pub(crate) fn member<'a>(
    input: &'a [u8],
    packed: &Packed,
    passwords: &[Password],
    cx: &Cx<'_>,
) -> Result<Cow<'a, [u8]>, Refusal> {
    let size = usize::try_from(packed.size).unwrap_or(usize::MAX);
    // passwords that do not fit must not use up what the one that does needs; what there is no room for is not tried
    room(size, cx)?;
    // a bomb is refused before it is paid for: what else is in its archive needs the purse
    grown(size, input.len())?;
    let Some(how) = packed.cipher else {
        cx.charge_len(Resource::Bytes, size)?;
        cx.charge_len(Resource::Steps, size / 8)?;
        return content(Cow::Borrowed(input), packed, size);
    };
    let mut paid = false;
    for password in passwords.iter().flat_map(forms) {
        // a wrong password may pass the short check of its cipher: what comes out decides
        let Some(closed) = cipher::fitting(input, how, &password, cx)? else {
            continue;
        };
        if !std::mem::replace(&mut paid, true) {
            cx.charge_len(Resource::Bytes, size)?;
        }
        cx.charge_len(Resource::Steps, size / 8)?;
        if let Some(plain) = closed.open(cx)?
            && let Ok(content) = content(Cow::Owned(plain), packed, size)
        {
            return Ok(content);
        }
    }
    Err(cipher::CLOSED)
}

/// The bytes that a password may have been typed as: UTF-8, and code page 932 where that is another.
pub(crate) fn forms(password: &Password) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    let text = password.as_str();
    let (old, _, lost) = encoding_rs::SHIFT_JIS.encode(text);
    let old = (!lost && old != text.as_bytes()).then(|| Zeroizing::new(old.into_owned()));
    std::iter::once(Zeroizing::new(text.as_bytes().to_vec())).chain(old)
}

fn content<'a>(
    input: Cow<'a, [u8]>,
    packed: &Packed,
    size: usize,
) -> Result<Cow<'a, [u8]>, Refusal> {
    let bytes = match packed.method {
        Method::Stored => input,
        Method::Deflate
        | Method::Deflate64
        | Method::Bzip2
        | Method::Lzma
        | Method::Zstd
        | Method::Xz
        | Method::Ppmd
        | Method::Other
        | Method::Damaged => Cow::Owned(expand(&input, packed.method, size)?),
    };
    let checked = packed.crc.is_none_or(|crc| crc32fast::hash(&bytes) == crc);
    if bytes.len() == size && checked {
        Ok(bytes)
    } else {
        Err(WRONG)
    }
}

fn expand(input: &[u8], method: Method, size: usize) -> Result<Vec<u8>, Refusal> {
    let mut rest = input;
    let out = match method {
        Method::Stored | Method::Other => {
            return Err(Refusal::unsupported("archive: method of compression"));
        }
        Method::Damaged => return Err(WRONG),
        Method::Deflate => exact(DeflateDecoder::new(&mut rest), size),
        Method::Deflate64 => exact(deflate64::Deflate64Decoder::with_buffer(&mut rest), size),
        Method::Bzip2 => exact(bzip2::bufread::BzDecoder::new(&mut rest), size),
        Method::Lzma => return lzma(input, size),
        Method::Zstd => zstd(&mut rest, size),
        Method::Ppmd => ppmd(&mut rest, size),
        Method::Xz => {
            let reader = XzReader::new_mem_limit(&mut rest, false, MAX_MEMORY_KIB);
            exact(reader, size)
        }
    }?;
    // bytes behind the end of the stream: another reader may find something in them
    if rest.is_empty() { Ok(out) } else { Err(WRONG) }
}

/// Reads `size` bytes, behind which nothing may come.
fn exact(mut reader: impl Read, size: usize) -> Result<Vec<u8>, Refusal> {
    let mut out = vec![0; size];
    reader.read_exact(&mut out).map_err(|_| WRONG)?;
    match reader.read(&mut [0]) {
        Ok(0) => Ok(out),
        Ok(_) | Err(_) => Err(WRONG),
    }
}

/// The header of APPNOTE section 5.8.8: version, length and the five bytes of properties. Some writers mark the end
/// of the content, which is read too; then nothing may be left.
fn lzma(input: &[u8], size: usize) -> Result<Vec<u8>, Refusal> {
    let [_, _, 5, 0, properties, d0, d1, d2, d3, rest @ ..] = input else {
        return Err(WRONG);
    };
    // a window larger than the content is of no use
    let window = u32::from_le_bytes([*d0, *d1, *d2, *d3]);
    let most = u32::try_from(size.clamp(1 << 12, MAX_WINDOW)).unwrap_or(u32::MAX);
    let length = u64::try_from(size).unwrap_or(u64::MAX);
    let read = |length: u64| {
        let window = window.min(most);
        let reader = LzmaReader::new_with_props(rest, length, *properties, window, None);
        let mut reader = reader.map_err(|_| WRONG)?;
        let out = exact(&mut reader, size)?;
        // it reads ahead of where it stops
        let (rest, ahead) = reader.into_parts();
        if rest.is_empty() && ahead.is_empty() {
            Ok(out)
        } else {
            Err(WRONG)
        }
    };
    // to the mark, or by the length where there is none
    read(length).or_else(|_| read(u64::MAX))
}

/// Two bytes in front tell the order, the memory, and what is done when that is full (APPNOTE section 5.10). What
/// comes behind the content is no end to the model: only that nothing is left to be read tells that it is one.
fn ppmd(input: &mut &[u8], size: usize) -> Result<Vec<u8>, Refusal> {
    let [low, high, rest @ ..] = *input else {
        return Err(WRONG);
    };
    let word = u32::from(u16::from_le_bytes([*low, *high]));
    let order = (word & 0xf).saturating_add(1);
    let mebibytes = (word >> 4 & 0xff).saturating_add(1);
    let method = match word >> 12 {
        0 => RestoreMethod::Restart,
        1 => RestoreMethod::CutOff,
        _ => return Err(Refusal::unsupported("archive: method of compression")),
    };
    if mebibytes > MAX_MODEL_MIB {
        return Err(Refusal::unsupported("archive: a model of too much memory"));
    }
    *input = rest;
    let mut out = vec![0; size];
    let reader = Ppmd8Decoder::new(input, order, mebibytes << 20, method);
    let mut reader = reader.map_err(|_| WRONG)?;
    reader.read_exact(&mut out).map_err(|_| WRONG)?;
    // the mark of an end that some writers put behind the content
    if !reader.get_ref().is_empty() {
        drop(reader.read(&mut [0]));
    }
    Ok(out)
}

/// One frame after the other (RFC 8878, section 3.1); those to be skipped, which may carry anything, are refused.
fn zstd(input: &mut &[u8], size: usize) -> Result<Vec<u8>, Refusal> {
    let window = u64::try_from(MAX_WINDOW).unwrap_or(u64::MAX);
    let mut out = vec![0; size];
    let mut to_come = out.as_mut_slice();
    for _ in 0..MAX_FRAMES {
        let frame = StreamingDecoder::new_with_max_window_size(&mut *input, window);
        let mut frame = frame.map_err(|_| WRONG)?;
        loop {
            // more than was told is seen by one byte of it
            let mut more = [0];
            let is_all = to_come.is_empty();
            let place = if is_all {
                more.as_mut_slice()
            } else {
                &mut *to_come
            };
            match frame.read(place).map_err(|_| WRONG)? {
                0 => break,
                _ if is_all => return Err(WRONG),
                read => to_come = std::mem::take(&mut to_come).get_mut(read..).ok_or(WRONG)?,
            }
        }
        if input.is_empty() {
            return if to_come.is_empty() {
                Ok(out)
            } else {
                Err(WRONG)
            };
        }
    }
    Err(WRONG)
}

#[cfg(test)]
mod tests;
