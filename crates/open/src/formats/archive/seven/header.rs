//! What 7z archives ask for before their header is read and a password is tried: the header may be packed, and says how
//! long it is; keys take 2^n rounds of SHA-256 (7-Zip's `7zFormat.txt` and `7zAes.cpp`).

use mugai_core::{Cx, Refusal, Resource};
use sevenz_rust2::{Block, EncoderMethod};
use std::collections::BTreeSet;

/// The longest header, unpacked: each file needs a hundred bytes and what its name has, and the library makes about a
/// hundred bytes of two.
const MAX_HEADER: u64 = 3 << 20;
/// The most rounds, as a power of two: 7-Zip writes 19.
const MAX_POWER: u8 = 22;
/// No rounds: the password is the key.
const NONE: u8 = 0x3f;
/// The signature header, behind which places are counted.
const SIGNATURE: usize = 32;

const BROKEN: Refusal = Refusal::malformed("7z: a broken archive");

/// Whether a block is encrypted.
pub(super) fn is_closed(block: &Block) -> bool {
    block
        .coders
        .iter()
        .any(|coder| is_aes(coder.encoder_method_id()))
}

fn is_aes(method: &[u8]) -> bool {
    method == EncoderMethod::ID_AES256_SHA256
}

/// The keys that were paid for: blocks share them.
#[derive(Default)]
pub(super) struct Keys(BTreeSet<Vec<u8>>);

impl Keys {
    /// Pays for the rounds of a block.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for more than any program writes, [`Refusal::Overrun`].
    pub(super) fn pay(&mut self, block: &Block, cx: &Cx<'_>) -> Result<(), Refusal> {
        let closed = block
            .coders
            .iter()
            .filter(|coder| is_aes(coder.encoder_method_id()));
        for coder in closed {
            // what stands behind the salt is no part of the key, but programs write it anew with it only
            if self.0.insert(coder.properties().to_vec()) {
                rounds(coder.properties(), cx)?;
            }
        }
        Ok(())
    }
}

fn rounds(properties: &[u8], cx: &Cx<'_>) -> Result<(), Refusal> {
    match properties.first().copied().unwrap_or(0) & 0x3f {
        NONE => Ok(()),
        power @ 0..=MAX_POWER => cx.charge(Resource::Steps, 1u64 << power),
        _ => Err(Refusal::unsupported(
            "7z: more rounds than any program writes",
        )),
    }
}

/// Pays for what the header takes before it is read; with a password also for its key. Whether it is closed.
///
/// # Errors
/// [`Refusal::Overrun`] for one that is too long, [`Refusal::Malformed`], [`Refusal::Unsupported`].
pub(super) fn pay(input: &[u8], tried: bool, cx: &Cx<'_>) -> Result<bool, Refusal> {
    let number = |at: usize| {
        let bytes: [u8; 8] = input.get(at..)?.first_chunk().copied()?;
        usize::try_from(u64::from_le_bytes(bytes)).ok()
    };
    let header = (|| {
        let start = number(12)?.checked_add(SIGNATURE)?;
        input.get(start..start.checked_add(number(20)?)?)
    })();
    // the library says what is wrong with it
    let Some(header) = header else {
        return Ok(false);
    };
    let mut closed = false;
    let length = match header {
        [0x17, packed @ ..] => {
            let mut packed = Packed(packed);
            let (length, keys) = packed.read().ok_or(BROKEN)?;
            closed = !keys.is_empty();
            for key in keys.into_iter().filter(|_| tried) {
                rounds(key, cx)?;
            }
            length
        }
        _ => u64::try_from(header.len()).unwrap_or(u64::MAX),
    };
    if length > MAX_HEADER {
        return Err(Refusal::Overrun {
            resource: Resource::Bytes,
            limit: MAX_HEADER,
        });
    }
    cx.charge(Resource::Steps, length)?;
    Ok(closed)
}

/// The header of a packed header.
struct Packed<'a>(&'a [u8]);

impl<'a> Packed<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number: the ones that begin its first byte say how many bytes follow, lowest first.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let extra = usize::try_from(first.leading_ones()).ok()?;
        let low = self.take(extra)?;
        let low = low
            .iter()
            .rev()
            .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        let high = u64::from(first) & (0x7fu64 >> extra.min(7));
        let shift = u32::try_from(extra.checked_mul(8)?).ok()?;
        Some(high.checked_shl(shift).unwrap_or(0) | low)
    }

    fn count(&mut self) -> Option<usize> {
        // each thing that is counted has a byte at least
        usize::try_from(self.number()?)
            .ok()
            .filter(|count| *count <= self.0.len())
    }

    /// The greatest length that any coder says, and the properties of those that decipher.
    fn read(&mut self) -> Option<(u64, Vec<&'a [u8]>)> {
        let mut keys = Vec::new();
        if self.byte()? == 0x06 {
            self.number()?;
            let streams = self.count()?;
            loop {
                match self.byte()? {
                    0 => break,
                    0x09 => {
                        for _ in 0..streams {
                            self.number()?;
                        }
                    }
                    0x0a => self.sums(streams)?,
                    _ => return None,
                }
            }
            (self.byte()? == 0x07).then_some(())?;
        }
        (self.byte()? == 0x0b).then_some(())?;
        let blocks = self.count()?;
        // not told elsewhere
        (self.byte()? == 0).then_some(())?;
        let mut outs = 0usize;
        for _ in 0..blocks {
            outs = outs.checked_add(self.block(&mut keys)?)?;
        }
        (self.byte()? == 0x0c && outs <= self.0.len()).then_some(())?;
        let mut length = 0;
        for _ in 0..outs {
            length = self.number()?.max(length);
        }
        Some((length, keys))
    }

    fn sums(&mut self, streams: usize) -> Option<()> {
        let known = if self.byte()? == 0 {
            let bits = self.take(streams.div_ceil(8))?;
            bits.iter().map(|byte| byte.count_ones()).sum::<u32>()
        } else {
            u32::try_from(streams).ok()?
        };
        self.take(usize::try_from(known).ok()?.checked_mul(4)?)?;
        Some(())
    }

    /// One block; says how many streams come out of its coders.
    fn block(&mut self, keys: &mut Vec<&'a [u8]>) -> Option<usize> {
        let coders = self.count()?;
        let (mut ins, mut outs) = (0usize, 0usize);
        for _ in 0..coders {
            let flags = self.byte()?;
            let method = self.take(usize::from(flags & 0x0f))?;
            let (i, o) = if flags & 0x10 > 0 {
                (self.count()?, self.count()?)
            } else {
                (1, 1)
            };
            (ins, outs) = (ins.checked_add(i)?, outs.checked_add(o)?);
            if flags & 0x20 > 0 {
                let length = self.count()?;
                let properties = self.take(length)?;
                if is_aes(method) {
                    keys.push(properties);
                }
            }
        }
        let pairs = outs.checked_sub(1)?;
        for _ in 0..pairs {
            self.number()?;
            self.number()?;
        }
        let packed = ins.checked_sub(pairs)?;
        if packed > 1 {
            for _ in 0..packed {
                self.number()?;
            }
        }
        Some(outs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    #[test]
    fn rounds_are_paid_for_and_have_a_limit() {
        let paid = |first: u8| {
            let ask = |cx: &mut Cx<'_>| {
                let before = cx.budget().left().steps;
                rounds(&[first], cx).map(|()| before.saturating_sub(cx.budget().left().steps))
            };
            taped(Treatments::nothing(), Hints::default(), ask).0
        };
        assert_eq!(paid(0xd3), Ok(1 << 19));
        assert_eq!(paid(NONE), Ok(0));
        assert!(matches!(paid(23), Err(Refusal::Unsupported(_))));
    }

    #[test]
    fn packed_headers_say_how_long_they_are_and_by_what_key() {
        // LZMA behind AES with 2^19 rounds; the header has 300 bytes
        let header = [
            &[0x06, 0, 1, 0x09, 16, 0][..],
            &[0x07, 0x0b, 1, 0, 2],
            &[0x24, 0x06, 0xf1, 0x07, 0x01, 2, 0x53, 0x07],
            &[0x23, 0x03, 0x01, 0x01, 5, 0x5d, 0, 0, 0x10, 0],
            &[1, 0],
            &[0x0c, 16, 0x81, 0x2c, 0, 0],
        ]
        .concat();
        let (length, keys) = Packed(&header).read().unwrap();
        assert_eq!((length, keys), (300, vec![&[0x53, 0x07][..]]));
        for end in 0..header.len().saturating_sub(2) {
            let cut = header.get(..end).unwrap_or_default();
            assert_eq!(Packed(cut).read(), None, "{end}");
        }
        assert_eq!(
            Packed(&[0xff, 1, 0, 0, 0, 0, 0, 0, 1]).number(),
            Some(1 << 56 | 1)
        );
        assert_eq!(Packed(&[0xc1, 2, 3]).number(), Some(0x0001_0302));
    }
}
