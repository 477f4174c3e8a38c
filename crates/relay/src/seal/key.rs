//! Private keys, read from a file and never shown.

use ring::rand::SystemRandom;
use ring::rsa::KeyPair as Rsa;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize as _, Zeroizing};

/// The largest file that is read, in bytes; the PEM of an RSA key of 4096 bits has 3.3 kB.
const MOST: usize = 64 << 10;

/// What stands before an RSA key in a `SubjectPublicKeyInfo`: rsaEncryption, NULL (RFC 3279, section 2.3.1).
const RSA: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// Why a key cannot be used: its file, and words of ours. Nothing of the key is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyError(PathBuf, String);

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arc.key: {}: {}", self.0.display(), self.1)
    }
}

/// A private key.
pub(super) enum Key {
    Rsa(Box<Rsa>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl Key {
    /// Reads one. What was read is wiped; the key itself lives as long as the relay.
    pub(super) fn read(path: &Path) -> Result<Self, KeyError> {
        read(path).map_err(|words| KeyError(path.to_owned(), words))
    }

    /// The name of what it signs with (RFC 6376, section 3.3; RFC 8463).
    pub(super) const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The kind of the public key, and it itself, as the domain name system has them: an RSA key as
    /// `SubjectPublicKeyInfo`, an Ed25519 key as its 32 bytes.
    pub(super) fn public(&self) -> (&'static str, Vec<u8>) {
        match self {
            Self::Rsa(key) => {
                let mut bits = vec![0];
                bits.extend_from_slice(key.public_key().as_ref());
                let mut inner = RSA.to_vec();
                inner.extend(der(0x03, &bits));
                ("rsa", der(0x30, &inner))
            }
            Self::Ed25519(key) => ("ed25519", key.public_key().as_ref().to_vec()),
        }
    }

    /// Signs. `None` when the kernel gives no random numbers.
    pub(super) fn sign(&self, input: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let random = SystemRandom::new();
                key.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::Ed25519(key) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, input);
                Some(key.sign(digest.as_ref()).as_ref().to_vec())
            }
        }
    }
}

fn read(path: &Path) -> Result<Key, String> {
    let unread = |error: std::io::Error| format!("cannot be read: {}", error.kind());
    let file = File::open(path).map_err(unread)?;
    let about = file.metadata().map_err(unread)?;
    if !about.is_file() {
        return Err("is not a file".to_owned());
    }
    if about.mode() & 0o007 != 0 {
        return Err("is open to everybody (chmod o= is wanted)".to_owned());
    }
    // room for all of it from the beginning: a buffer that grows leaves copies behind
    let mut text = Zeroizing::new(vec![0; MOST]);
    let (mut file, mut length) = (file, 0usize);
    loop {
        let room = text.get_mut(length..).unwrap_or_default();
        if room.is_empty() {
            return Err("is too large for a key".to_owned());
        }
        match file.read(room).map_err(unread)? {
            0 => break,
            read => length = length.saturating_add(read),
        }
    }
    let text = text.get(..length).unwrap_or_default();
    let mut key = PrivateKeyDer::from_pem_slice(text)
        .map_err(|_| "is not a private key in PEM without a password".to_owned())?;
    let parsed = parsed(&key);
    key.zeroize();
    parsed
}

fn parsed(key: &PrivateKeyDer<'_>) -> Result<Key, String> {
    let unfit = |error: ring::error::KeyRejected| {
        format!("is neither RSA of 2048 to 4096 bits nor Ed25519 ({error})")
    };
    match key {
        PrivateKeyDer::Pkcs1(key) => {
            let key = Rsa::from_der(key.secret_pkcs1_der()).map_err(unfit)?;
            Ok(Key::Rsa(Box::new(key)))
        }
        PrivateKeyDer::Pkcs8(key) => {
            let der = key.secret_pkcs8_der();
            // that of OpenSSL has no public key in it
            if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
                return Ok(Key::Ed25519(Box::new(key)));
            }
            let key = Rsa::from_pkcs8(der).map_err(unfit)?;
            Ok(Key::Rsa(Box::new(key)))
        }
        PrivateKeyDer::Sec1(_) | _ => Err("is neither RSA nor Ed25519".to_owned()),
    }
}

/// A value of DER with its tag and its length (X.690, section 8.1).
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut all = vec![tag];
    match u8::try_from(value.len()) {
        Ok(short @ 0..0x80) => all.push(short),
        Ok(long) => all.extend([0x81, long]),
        Err(_) => {
            let length = u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes();
            all.push(0x82);
            all.extend(length);
        }
    }
    all.extend_from_slice(value);
    all
}
