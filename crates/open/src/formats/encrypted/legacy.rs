//! RC4 of documents before 2007 ([MS-OFFCRYPTO] 2.3.5 and 2.3.6): of 40 bits with MD5, and of the system's library
//! with SHA-1. Streams are cut into blocks, each with a key of its own; what a block hides is told by the format.
//!
//! Obfuscation by XOR (2.3.7) is refused: what programs before 1997 wrote, and no key in the sense of the word.

use super::cipher::Hash;
use super::utf16;
use crate::formats::ole::little::{part, size_at, u16_at, u32_at};
use md5::{Digest, Md5};
use mugai_core::{Cx, FindingCode, Password, Refusal, Remark, Resource};
use rc4::{KeyInit, Rc4, StreamCipher};
use zeroize::Zeroizing;

/// The cipher and the hash that the system's library is asked for, by their numbers there.
const RC4: u32 = 0x6801;
const SHA1: u32 = 0x8004;
/// Bits of a key: the least, the most, and what nothing said means.
const LEAST: u32 = 40;
const MOST: u32 = 128;

/// How keys are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Of 40 bits, by MD5.
    Old,
    /// Of as many bits, by SHA-1.
    Library(u32),
}

/// The parameters of an encrypted document.
#[derive(Debug)]
pub(in crate::formats) struct Lock {
    way: Way,
    salt: [u8; 16],
    verifier: [u8; 16],
    verifier_hash: Vec<u8>,
}

/// A document whose password is known.
pub(in crate::formats) struct Opened {
    way: Way,
    /// What the keys of all blocks are made of.
    base: Zeroizing<Vec<u8>>,
}

impl Lock {
    /// Reads the parameters, which begin with the version.
    ///
    /// # Errors
    /// [`Refusal::Encrypted`] for other ways of encrypting, and for parameters that no program writes.
    pub(in crate::formats) fn read(info: &[u8]) -> Result<Self, Refusal> {
        // whatever they mean, nobody reads it
        let bad = OTHER;
        let array = |at: usize| part(info, at, 16).and_then(|bytes| bytes.first_chunk::<16>());
        let (way, at, hash) = match (u16_at(info, 0), u16_at(info, 2)) {
            (Some(1), Some(1)) => (Way::Old, 4, 16),
            (Some(2..=4), Some(2)) => {
                let header = size_at(info, 8).ok_or(bad.clone())?;
                let field = |at: usize| u32_at(info, at.saturating_add(12)).ok_or(bad.clone());
                if field(8)? != RC4 || !matches!(field(12)?, 0 | SHA1) {
                    return Err(OTHER);
                }
                let bits = match field(16)? {
                    0 => LEAST,
                    bits if bits % 8 == 0 && (LEAST..=MOST).contains(&bits) => bits,
                    _ => return Err(bad),
                };
                let at = header.saturating_add(12);
                if u32_at(info, at) != Some(16) {
                    return Err(bad);
                }
                (Way::Library(bits), at.saturating_add(4), 20)
            }
            _ => return Err(OTHER),
        };
        let salt = array(at);
        let verifier = array(at.saturating_add(16));
        // the library says how long the hash is
        let said = if hash == 20 { 4 } else { 0 };
        let hash = part(info, at.saturating_add(32).saturating_add(said), hash);
        let (Some(salt), Some(verifier), Some(hash)) = (salt, verifier, hash) else {
            return Err(bad);
        };
        Ok(Self {
            way,
            salt: *salt,
            verifier: *verifier,
            verifier_hash: hash.to_vec(),
        })
    }

    /// Opens it with the first password that fits: the one that is `known`, of documents that are only protected, and
    /// those that came with the order. What was opened is noted.
    ///
    /// # Errors
    /// [`Refusal::Encrypted`] if none fits, [`Refusal::Overrun`].
    pub(in crate::formats) fn open(
        &self,
        known: Option<&str>,
        locked: Refusal,
        cx: &mut Cx<'_>,
    ) -> Result<Opened, Refusal> {
        let given = cx.hints().passwords.iter().map(Password::as_str);
        for password in known.into_iter().chain(given) {
            cx.charge(Resource::Steps, 64)?;
            let opened = self.with(password);
            if self.fits(&opened)? {
                cx.note(FindingCode::OfficePassword);
                return Ok(opened);
            }
        }
        Err(locked)
    }

    fn with(&self, password: &str) -> Opened {
        let password = utf16(password);
        let base = match self.way {
            Way::Old => {
                let first = Zeroizing::new(md5(&[&password]));
                let short = first.get(..5).unwrap_or_default();
                let all = Zeroizing::new([short, &self.salt].concat().repeat(16));
                let mut base = md5(&[&all]);
                base.truncate(5);
                base
            }
            Way::Library(_) => Hash::Sha1.of(&[&self.salt, &password]),
        };
        Opened {
            way: self.way,
            base: Zeroizing::new(base),
        }
    }

    /// Whether the password is the right one: the verifier and its hash are one text.
    fn fits(&self, opened: &Opened) -> Result<bool, Refusal> {
        let mut both = Zeroizing::new([&self.verifier[..], &self.verifier_hash].concat());
        opened.block(&mut both, 0)?;
        let (verifier, hash) = both.split_at_checked(16).unwrap_or_default();
        let right = match self.way {
            Way::Old => md5(&[verifier]),
            Way::Library(_) => Hash::Sha1.of(&[verifier]),
        };
        Ok(right == hash)
    }
}

impl Opened {
    /// Decrypts one block from its beginning.
    ///
    /// # Errors
    /// [`Refusal::Internal`]
    pub(in crate::formats) fn block(&self, bytes: &mut [u8], number: u32) -> Result<(), Refusal> {
        let number = number.to_le_bytes();
        let mut key = Zeroizing::new(match self.way {
            Way::Old => md5(&[&self.base, &number]),
            Way::Library(_) => Hash::Sha1.of(&[&self.base, &number]),
        });
        match self.way {
            // 40 bits are told as 128 of which the rest is zero
            Way::Library(LEAST) => {
                key.truncate(5);
                key.resize(16, 0);
            }
            Way::Library(bits) => key.truncate(usize::try_from(bits / 8).unwrap_or(16)),
            Way::Old => {}
        }
        let mut cipher =
            Rc4::new_from_slice(&key).map_err(|_| Refusal::internal("office: a key"))?;
        cipher.apply_keystream(bytes);
        Ok(())
    }

    /// Decrypts a stream from its beginning, in blocks of `length` bytes.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(in crate::formats) fn stream(
        &self,
        bytes: &mut [u8],
        length: usize,
        cx: &Cx<'_>,
    ) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, bytes.len())?;
        for (number, block) in (0u32..).zip(bytes.chunks_mut(length.max(1))) {
            self.block(block, number)?;
        }
        Ok(())
    }
}

/// Ways of encrypting that are not opened.
const OTHER: Refusal = Refusal::Encrypted(Remark::fixed(
    "office: encrypted in a way that is not opened",
));

fn md5(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = Md5::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_vec()
}

/// How a document of `password` says that it is encrypted, for tests: parameters with their version, and the key.
#[cfg(test)]
pub(in crate::formats) fn sealed(password: &str, bits: Option<u32>) -> (Vec<u8>, Opened) {
    let mut lock = Lock {
        way: bits.map_or(Way::Old, Way::Library),
        salt: [7; 16],
        verifier: [9; 16],
        verifier_hash: Vec::new(),
    };
    let opened = lock.with(password);
    let hash = match lock.way {
        Way::Old => md5(&[&lock.verifier]),
        Way::Library(_) => Hash::Sha1.of(&[&lock.verifier]),
    };
    let mut both = [&lock.verifier[..], &hash].concat();
    opened.block(&mut both, 0).unwrap();
    lock.verifier_hash = both.split_off(16);
    let words = |words: &[u32]| {
        words
            .iter()
            .flat_map(|w| w.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let info = match bits {
        None => [
            vec![1, 0, 1, 0],
            lock.salt.to_vec(),
            both,
            lock.verifier_hash,
        ],
        Some(bits) => [
            words(&[0x0002_0002, 4, 32, 4, 0, RC4, SHA1, bits, 1, 0, 0, 16]),
            lock.salt.to_vec(),
            [both, words(&[20])].concat(),
            lock.verifier_hash,
        ],
    };
    (info.concat(), opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_they_are_written() {
        for bits in [None, Some(40), Some(128)] {
            let (info, opened) = sealed("ひみつ", bits);
            let lock = Lock::read(&info).unwrap();
            assert!(lock.fits(&opened).unwrap());
            assert!(!lock.fits(&lock.with("秘密")).unwrap());
        }
    }

    /// The example of [MS-OFFCRYPTO] readers everywhere: the key of block 0 for `password1`.
    #[test]
    fn keys_of_forty_bits_are_those_of_other_programs() {
        let salt = [
            0xe8, 0x77, 0x2c, 0x1d, 0x91, 0xc5, 0x6a, 0x37, 0x96, 0x47, 0x61, 0xb2, 0x80, 0x18,
            0x32, 0x17,
        ];
        let lock = Lock {
            way: Way::Old,
            salt,
            verifier: [0; 16],
            verifier_hash: vec![0; 16],
        };
        let opened = lock.with("password1");
        let key = md5(&[&opened.base, &[0; 4]]);
        let known = [
            0x20, 0xbf, 0x32, 0xdd, 0xf5, 0x40, 0x85, 0x8c, 0x51, 0x37, 0x44, 0xaf, 0x0f, 0x24,
            0xe0, 0x3c,
        ];
        assert_eq!(key, known);
    }

    #[test]
    fn odd_parameters_are_refused() {
        assert_eq!(Lock::read(&[0; 100]).unwrap_err(), OTHER);
        assert_eq!(Lock::read(&[1, 0, 1, 0, 5]).unwrap_err(), OTHER);
        let mut info = [0u8; 120];
        info[..12].copy_from_slice(&[2, 0, 2, 0, 4, 0, 0, 0, 32, 0, 0, 0]);
        assert_eq!(Lock::read(&info).unwrap_err(), OTHER);
        info[20..24].copy_from_slice(&RC4.to_le_bytes());
        info[28] = 41;
        assert_eq!(Lock::read(&info).unwrap_err(), OTHER);
    }
}
