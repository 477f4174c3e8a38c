//! Hashes and ciphers by the names that documents call them (FIPS 180-4, FIPS 197, SP 800-38A).

use aes::cipher::{Block, BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use mugai_core::Refusal;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Bytes of a block of AES.
pub(super) const BLOCK: usize = 16;

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// By its name in documents.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "SHA1" | "SHA-1" => Self::Sha1,
            "SHA256" | "SHA-256" => Self::Sha256,
            "SHA384" | "SHA-384" => Self::Sha384,
            "SHA512" | "SHA-512" => Self::Sha512,
            _ => return None,
        })
    }

    /// The hash of parts that follow each other.
    pub(super) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut hasher = D::new();
            for part in parts {
                hasher.update(part);
            }
            hasher.finalize().to_vec()
        }
        match self {
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }

    /// A password with its salt, hashed again with the number of every round.
    pub(super) fn stretch(self, salt: &[u8], password: &[u8], rounds: u32) -> Vec<u8> {
        let mut hash = self.of(&[salt, password]);
        for round in 0..rounds {
            hash = self.of(&[&round.to_le_bytes(), &hash]);
        }
        hash
    }
}

/// AES with a key of one of three lengths.
enum Aes {
    Short(Aes128),
    Middle(Aes192),
    Long(Aes256),
}

impl Aes {
    fn new(key: &[u8]) -> Result<Self, Refusal> {
        let length = Refusal::malformed("office: length of a key");
        let wrong = |_| length.clone();
        Ok(match key.len() {
            16 => Self::Short(Aes128::new_from_slice(key).map_err(wrong)?),
            24 => Self::Middle(Aes192::new_from_slice(key).map_err(wrong)?),
            32 => Self::Long(Aes256::new_from_slice(key).map_err(wrong)?),
            _ => return Err(length),
        })
    }

    fn block(&self, block: &[u8; BLOCK]) -> [u8; BLOCK] {
        let mut out = Block::<Aes128>::from(*block);
        match self {
            Self::Short(aes) => aes.decrypt_block(&mut out),
            Self::Middle(aes) => aes.decrypt_block(&mut out),
            Self::Long(aes) => aes.decrypt_block(&mut out),
        }
        out.into()
    }
}

/// Decrypts whole blocks, each by itself; what is left over is left out.
pub(super) fn ecb(key: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let aes = Aes::new(key)?;
    let blocks = bytes.as_chunks::<BLOCK>().0.iter();
    Ok(blocks.flat_map(|block| aes.block(block)).collect())
}

/// Decrypts whole blocks, each mixed with the one before it.
pub(super) fn cbc(key: &[u8], start: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let aes = Aes::new(key)?;
    let wrong = Refusal::malformed("office: length of a salt");
    let mut before: [u8; BLOCK] = *start.first_chunk().ok_or(wrong)?;
    let mut out = Vec::new();
    for block in bytes.as_chunks::<BLOCK>().0 {
        let plain = aes.block(block);
        out.extend(plain.iter().zip(before).map(|(a, b)| a ^ b));
        before = *block;
    }
    Ok(out)
}
