//! What RAR archives ask for before a password is tried: 2^18 rounds of SHA-1 for each salt, in the newer format 2^n of
//! PBKDF2 with SHA-256, and the archive says how many.

use super::Numbers;
use mugai_core::{Cx, Limits, Refusal, Resource};
use rars::Archive;
use rars::rar50::Block;

/// The most rounds, as a power of two: `WinRAR` writes 15.
const MAX_POWER: u8 = 20;
/// Steps of a round of PBKDF2, which is some blocks of SHA-256.
const EACH: u64 = 64;
/// Steps of a key of the older format.
const OLDER: u64 = 1 << 18;

/// Headers that are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Headers {
    /// Of the older format: each may have a salt of its own.
    Older,
    /// All by one key, with rounds as a power of two.
    Newer(u8),
}

/// How the headers of an archive are encrypted: bit 7 of the flags of the main header, or a header of its own before
/// that (RAR 5 technote, "Archive encryption header").
pub(super) fn headers(input: &[u8]) -> Option<Headers> {
    if let Some(main) = input.strip_prefix(b"Rar!\x1a\x07\x00") {
        let closed =
            main.get(2) == Some(&0x73) && main.get(3).is_some_and(|flags| flags & 0x80 > 0);
        return closed.then_some(Headers::Older);
    }
    let mut numbers = Numbers::of(input)?;
    let (_, kind, flags) = (numbers.next()?, numbers.next()?, numbers.next()?);
    if kind != 4 {
        return None;
    }
    // the lengths of what is extra, and of data
    for bit in [1, 2] {
        if flags & bit == bit {
            numbers.next()?;
        }
    }
    // version and flags of the encryption
    numbers.next()?;
    numbers.next()?;
    Some(Headers::Newer(*numbers.0.first()?))
}

impl Headers {
    /// Pays for a try, and says how many headers there may be.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`], [`Refusal::Overrun`].
    pub(super) fn pay(self, left: Limits, cx: &Cx<'_>) -> Result<u64, Refusal> {
        let most = left.parts.saturating_mul(4);
        match self {
            Self::Newer(power) => rounds(power, cx).map(|()| most),
            // those that are read are not told from those that share a key
            Self::Older => {
                cx.charge(Resource::Steps, OLDER)?;
                Ok(most.min((left.steps / OLDER).max(1)))
            }
        }
    }
}

/// Pays for the keys of all files.
///
/// # Errors
/// [`Refusal::Unsupported`] for more rounds than any program writes, [`Refusal::Overrun`].
pub(super) fn pay(archive: &Archive, cx: &Cx<'_>) -> Result<(), Refusal> {
    if let Archive::Rar50Plus(archive) = archive {
        for block in &archive.blocks {
            // what services keep is closed as files are
            let (Block::File(header) | Block::Service(header)) = block else {
                continue;
            };
            if let Some(encryption) = &header.encryption {
                rounds(encryption.kdf_count, cx)?;
            }
        }
    }
    if let Archive::Rar15To40(archive) = archive {
        for _ in archive.files().filter(|file| file.is_encrypted()) {
            cx.charge(Resource::Steps, OLDER)?;
        }
    }
    Ok(())
}

/// Whether a file of it is encrypted.
pub(super) fn is_closed(archive: &Archive) -> bool {
    archive.members().any(|member| member.meta.is_encrypted)
}

fn rounds(power: u8, cx: &Cx<'_>) -> Result<(), Refusal> {
    if power > MAX_POWER {
        return Err(Refusal::unsupported(
            "rar: more rounds than any program writes",
        ));
    }
    cx.charge(Resource::Steps, EACH << power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    #[test]
    fn rounds_are_paid_for_and_have_a_limit() {
        let paid = |power: u8| {
            let ask = |cx: &mut Cx<'_>| {
                let before = cx.budget().left().steps;
                rounds(power, cx).map(|()| before.saturating_sub(cx.budget().left().steps))
            };
            taped(Treatments::nothing(), Hints::default(), ask).0
        };
        assert_eq!(paid(15), Ok(EACH << 15));
        assert!(matches!(paid(24), Err(Refusal::Unsupported(_))));
        assert!(matches!(paid(255), Err(Refusal::Unsupported(_))));
    }

    #[test]
    fn headers_say_how_they_are_encrypted() {
        let older =
            |flags: u8| [b"Rar!\x1a\x07\x00\0\0\x73".as_slice(), &[flags, 0, 13, 0]].concat();
        let newer = |head: &[u8]| [b"Rar!\x1a\x07\x01\x00\0\0\0\0".as_slice(), head].concat();
        for (input, want) in [
            (older(0), None),
            (older(0x80), Some(Headers::Older)),
            (newer(&[33, 4, 0, 0, 1, 15]), Some(Headers::Newer(15))),
            (newer(&[33, 4, 1, 5, 0, 1, 24]), Some(Headers::Newer(24))),
            (newer(&[33, 1, 0, 0, 1, 15]), None),
            (newer(&[33, 4, 0]), None),
            (Vec::new(), None),
        ] {
            assert_eq!(headers(&input), want, "{input:?}");
        }
    }
}
