//! What RAR archives ask for before a password is tried: 2^18 rounds of SHA-1 for each salt, in the newer format 2^n of
//! PBKDF2 with SHA-256, and the archive says how many.

use mugai_core::{Cx, Limits, Refusal, Resource};
use rars::Archive;

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
    let mut rest = input.strip_prefix(b"Rar!\x1a\x07\x01\x00")?.get(4..)?;
    let mut number = || {
        let length = rest.iter().take(10).position(|byte| byte & 0x80 == 0)?;
        let (digits, behind) = rest.split_at_checked(length.saturating_add(1))?;
        rest = behind;
        let low = |sum: u64, digit: &u8| sum << 7 | u64::from(digit & 0x7f);
        Some(digits.iter().rev().fold(0, low))
    };
    let (_, kind, flags) = (number()?, number()?, number()?);
    if kind != 4 {
        return None;
    }
    if flags & 1 == 1 {
        number()?;
    }
    if flags & 2 == 2 {
        number()?;
    }
    let (_, _) = (number()?, number()?);
    Some(Headers::Newer(*rest.first()?))
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
        let closed = archive.files().filter_map(|file| file.encryption.as_ref());
        for encryption in closed {
            rounds(encryption.kdf_count, cx)?;
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
