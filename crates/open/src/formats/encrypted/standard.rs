//! Standard encryption of Office 2007 ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9).

use super::cipher::{Hash, ecb};
use super::utf16;
use crate::formats::ole::little::{part, size_at, u32_at};
use mugai_core::Refusal;
use zeroize::Zeroizing;

/// How often the password is hashed.
pub(super) const ROUNDS: u32 = 50_000;

/// The parameters.
pub(super) struct Standard {
    key_bytes: usize,
    salt: [u8; 16],
    verifier: [u8; 16],
    verifier_hash: [u8; 32],
}

/// Reads the parameters.
///
/// # Errors
/// [`Refusal::Unsupported`] for other ciphers than AES, [`Refusal::Malformed`].
pub(super) fn read(info: &[u8]) -> Result<Standard, Refusal> {
    let bad = Refusal::malformed("office: parameters of the encryption");
    let header = size_at(info, 8).ok_or(bad.clone())?;
    let cipher = u32_at(info, 20).ok_or(bad.clone())?;
    let key_bytes = match cipher {
        0x660e => 16,
        0x660f => 24,
        0x6610 => 32,
        _ => return Err(Refusal::unsupported("office: a cipher other than AES")),
    };
    let at = header.saturating_add(12);
    let field = |skip: usize, length: usize| part(info, at.saturating_add(skip), length);
    let array = |skip: usize| field(skip, 16).and_then(|bytes| bytes.first_chunk::<16>());
    let hash = field(40, 32).and_then(|bytes| bytes.first_chunk::<32>());
    let salted = u32_at(info, at) == Some(16);
    let (Some(salt), Some(verifier), Some(hash), true) = (array(4), array(20), hash, salted) else {
        return Err(bad);
    };
    Ok(Standard {
        key_bytes,
        salt: *salt,
        verifier: *verifier,
        verifier_hash: *hash,
    })
}

impl Standard {
    pub(super) fn key(&self, password: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
        let stretched = Hash::Sha1.stretch(&self.salt, &utf16(password), ROUNDS);
        let last = Hash::Sha1.of(&[&stretched, &0u32.to_le_bytes()]);
        let half = |with: u8| {
            let mut block = [with; 64];
            for (to, from) in block.iter_mut().zip(&last) {
                *to ^= from;
            }
            Hash::Sha1.of(&[&block])
        };
        let mut key = Zeroizing::new([half(0x36), half(0x5c)].concat());
        key.truncate(self.key_bytes);
        let verifier = ecb(&key, &self.verifier)?;
        let hash = ecb(&key, &self.verifier_hash)?;
        let right = hash.starts_with(&Hash::Sha1.of(&[&verifier]));
        Ok(right.then_some(key))
    }
}
