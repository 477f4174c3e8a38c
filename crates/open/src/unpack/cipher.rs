//! The ciphers of ZIP files: the traditional one (APPNOTE 6.3.10, section 6.1), and AES as `WinZip` does
//! it (AE-1 and AE-2: PBKDF2 with 1,000 rounds of HMAC-SHA-1, AES in counter mode with a counter of
//! little-endian order, and the first ten bytes of HMAC-SHA-1 over what is encrypted).

use aes::cipher::{KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};
use ctr::Ctr128LE;
use hmac::{Hmac, KeyInit, Mac};
use mugai_core::{AesKey, Cipher, Cx, Refusal, Remark, Resource};
use sha1::Sha1;
use zeroize::Zeroizing;

/// None of the passwords fits, or there is none.
pub(super) const CLOSED: Refusal =
    Refusal::Encrypted(Remark::fixed("archive: a password is needed"));

const ROUNDS: u32 = 1_000;
/// What a try costs in steps: the rounds, each of two hashes, for up to four blocks.
const PRICE: u64 = 80_000;
/// What a try of the traditional cipher costs in steps: its table of sums.
const TABLE: u64 = 2_500;
const HEADER: usize = 12;
const CHECK: usize = 2;
const TAG: usize = 10;

/// A member and the keys of a password that passed the short check of its cipher.
pub(super) enum Fitting<'a> {
    Traditional(Box<Keys>, &'a [u8]),
    Aes(AesKeys<'a>),
}

/// Whether `password` passes the check of `input`; `None` where it does not.
///
/// # Errors
/// [`Refusal::Overrun`], [`Refusal::Malformed`] where there are too few bytes.
pub(super) fn fitting<'a>(
    input: &'a [u8],
    cipher: Cipher,
    password: &[u8],
    cx: &Cx<'_>,
) -> Result<Option<Fitting<'a>>, Refusal> {
    match cipher {
        Cipher::Traditional(check) => {
            cx.charge(Resource::Steps, TABLE)?;
            traditional(input, check, password)
        }
        Cipher::Aes(key) => {
            cx.charge(Resource::Steps, PRICE)?;
            winzip(input, key, password)
        }
    }
}

impl Fitting<'_> {
    /// What was closed; `None` where the keys are not those of it after all.
    ///
    /// # Errors
    /// [`Refusal::Overrun`].
    pub(super) fn open(self, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        match self {
            Self::Traditional(mut keys, content) => {
                cx.charge_len(Resource::Steps, content.len())?;
                Ok(Some(content.iter().map(|byte| keys.plain(*byte)).collect()))
            }
            Self::Aes(keys) => {
                cx.charge_len(Resource::Steps, keys.content.len() / 8)?;
                keys.open()
            }
        }
    }
}

const SHORT: Refusal = Refusal::malformed("archive: an encrypted member ends early");

/// The three keys of the traditional cipher.
pub(super) struct Keys {
    keys: [u32; 3],
    sum: Sum,
}

/// CRC-32 of ISO 3309, a byte at a time.
struct Sum([u32; 256]);

impl Sum {
    fn new() -> Self {
        let mut next = 0u32;
        Self([0; 256].map(|_: u32| {
            let byte = next;
            next = next.saturating_add(1);
            (0..8).fold(byte, |value, _| {
                let polynomial = if value & 1 == 1 { 0xedb8_8320 } else { 0 };
                value >> 1 ^ polynomial
            })
        }))
    }

    fn add(&self, sum: u32, byte: u8) -> u32 {
        let [low, ..] = sum.to_le_bytes();
        let remainder = self.0.get(usize::from(low ^ byte));
        sum >> 8 ^ remainder.copied().unwrap_or_default()
    }
}

impl Keys {
    fn new(password: &[u8]) -> Self {
        let mut keys = Self {
            keys: [0x1234_5678, 0x2345_6789, 0x3456_7890],
            sum: Sum::new(),
        };
        for byte in password {
            keys.update(*byte);
        }
        keys
    }

    fn update(&mut self, byte: u8) {
        let [one, two, three] = &mut self.keys;
        *one = self.sum.add(*one, byte);
        *two = two
            .wrapping_add(*one & 0xff)
            .wrapping_mul(134_775_813)
            .wrapping_add(1);
        let [high, ..] = two.to_be_bytes();
        *three = self.sum.add(*three, high);
    }

    fn plain(&mut self, byte: u8) -> u8 {
        let [.., three] = self.keys;
        let word = three | 2;
        let [_, second, ..] = word.wrapping_mul(word ^ 1).to_le_bytes();
        let plain = byte ^ second;
        self.update(plain);
        plain
    }
}

fn traditional<'a>(
    input: &'a [u8],
    check: u8,
    password: &[u8],
) -> Result<Option<Fitting<'a>>, Refusal> {
    let (header, content) = input.split_at_checked(HEADER).ok_or(SHORT)?;
    let mut keys = Keys::new(password);
    let last = header.iter().fold(0, |_, byte| keys.plain(*byte));
    Ok((last == check).then(|| Fitting::Traditional(Box::new(keys), content)))
}

/// What `WinZip` derives from a password, and what it is for.
pub(super) struct AesKeys<'a> {
    key: AesKey,
    /// Of the cipher, and behind it of the tag, which is as long.
    derived: Zeroizing<Vec<u8>>,
    content: &'a [u8],
    tag: &'a [u8],
}

fn winzip<'a>(
    input: &'a [u8],
    key: AesKey,
    password: &[u8],
) -> Result<Option<Fitting<'a>>, Refusal> {
    let length = match key {
        AesKey::Bits128 => 16,
        AesKey::Bits192 => 24,
        AesKey::Bits256 => 32,
    };
    let (salt, rest) = input.split_at_checked(length / 2).ok_or(SHORT)?;
    let (check, rest) = rest.split_at_checked(CHECK).ok_or(SHORT)?;
    let end = rest.len().checked_sub(TAG).ok_or(SHORT)?;
    let (content, tag) = rest.split_at_checked(end).ok_or(SHORT)?;
    let mut derived = Zeroizing::new(vec![0; length.saturating_mul(2).saturating_add(CHECK)]);
    // the only error is a key of no length
    if pbkdf2::pbkdf2::<Hmac<Sha1>>(password, salt, ROUNDS, &mut derived).is_err() {
        return Ok(None);
    }
    if !derived.ends_with(check) {
        return Ok(None);
    }
    derived.truncate(length.saturating_mul(2));
    Ok(Some(Fitting::Aes(AesKeys {
        key,
        derived,
        content,
        tag,
    })))
}

impl AesKeys<'_> {
    fn open(&self) -> Result<Option<Vec<u8>>, Refusal> {
        let half = self.derived.len() / 2;
        let (cipher_key, tag_key) = self.derived.split_at_checked(half).ok_or(SHORT)?;
        let mut code = Hmac::<Sha1>::new_from_slice(tag_key).map_err(|_| SHORT)?;
        code.update(self.content);
        if code.verify_truncated_left(self.tag).is_err() {
            return Ok(None);
        }
        let mut plain = self.content.to_vec();
        let mut counter = [0u8; 16];
        if let Some(first) = counter.first_mut() {
            *first = 1;
        }
        let iv = &counter.into();
        match self.key {
            AesKey::Bits128 => apply::<Ctr128LE<Aes128>>(cipher_key, iv, &mut plain),
            AesKey::Bits192 => apply::<Ctr128LE<Aes192>>(cipher_key, iv, &mut plain),
            AesKey::Bits256 => apply::<Ctr128LE<Aes256>>(cipher_key, iv, &mut plain),
        }?;
        Ok(Some(plain))
    }
}

fn apply<C: KeyIvInit + StreamCipher>(
    key: &[u8],
    iv: &aes::cipher::Iv<C>,
    bytes: &mut [u8],
) -> Result<(), Refusal> {
    let key = key.try_into().map_err(|_| SHORT)?;
    C::new(key, iv).apply_keystream(bytes);
    Ok(())
}
