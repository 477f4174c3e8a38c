//! What the owner's password is worth in files of revisions 2 to 4: with it goes the user's, which is what
//! the library opens them by (ISO 32000-1, 7.6.3.4, algorithms 3 and 7).
//!
//! The encryption dictionary is encrypted by nothing and lies in no object stream, so that it can be read in a
//! file that is still locked.

use hayro_syntax::object::{Dict, FromBytes, String as PdfString};
use md5::{Digest, Md5};
use memchr::memmem;
use rc4::{KeyInit, Rc4, StreamCipher};

/// What passwords are filled up with to 32 bytes (algorithm 2, step a).
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08,
    0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];
/// How often a digest is digested again from revision 3 on.
const ROUNDS: usize = 50;
/// Trailers that are looked at.
const MOST_TRAILERS: usize = 8;

/// What a file says of its owner's password.
pub(super) struct Lock {
    revision: u8,
    /// Bytes of the key, 5 to 16.
    key_bytes: usize,
    owner: [u8; 32],
}

impl Lock {
    /// The locks that trailers of `file` name, of revisions 2 to 4.
    pub(super) fn all(file: &[u8]) -> Vec<Self> {
        const KEY: &[u8] = b"/Encrypt";
        let places = memmem::find_iter(file, KEY).take(MOST_TRAILERS);
        let behind = places.filter_map(|at| file.get(at.saturating_add(KEY.len())..));
        behind
            .filter_map(|rest| dictionary(file, rest.trim_ascii_start()))
            .filter_map(|dict| Self::of(&dict))
            .collect()
    }

    fn of(dict: &Dict<'_>) -> Option<Self> {
        let revision = dict.get::<u8>(b"R").filter(|r| (2..=4).contains(r))?;
        let bits = dict.get::<u32>(b"Length").unwrap_or(40);
        // some writers give bytes
        let bytes = usize::try_from(if bits < 40 { bits } else { bits.div_euclid(8) }).ok()?;
        let key_bytes = match (revision, dict.get::<u8>(b"V")?) {
            (2, _) => 5,
            // the key of crypt filters has 128 bits, whatever is said here
            (_, 4) => 16,
            _ => bytes.clamp(5, 16),
        };
        let owner = dict.get::<PdfString<'_>>(b"O")?;
        Some(Self {
            revision,
            key_bytes,
            owner: *owner.as_bytes().first_chunk()?,
        })
    }

    /// The user's password, if `owner` is the owner's; anything if not. `None` where it cannot be said in Unicode.
    pub(super) fn user(&self, owner: &str) -> Option<String> {
        let padded = owner.bytes().chain(PADDING).take(32);
        let mut digest: [u8; 16] = Md5::digest(padded.collect::<Vec<u8>>()).into();
        if self.revision > 2 {
            for _ in 0..ROUNDS {
                digest = Md5::digest(digest).into();
            }
        }
        let key = digest.get(..self.key_bytes)?;
        let mut password = self.owner;
        let last = if self.revision > 2 { 19 } else { 0 };
        for round in (0..=last).rev() {
            let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
            Rc4::new_from_slice(&key)
                .ok()?
                .apply_keystream(&mut password);
        }
        let length = (0..=password.len())
            .find(|length| {
                let rest = password.get(*length..).unwrap_or_default();
                PADDING.starts_with(rest)
            })
            .unwrap_or(password.len());
        let password = password.get(..length)?.to_vec();
        String::from_utf8(password).ok()
    }
}

/// The dictionary that `rest` of a trailer holds, or names by its number.
fn dictionary<'a>(file: &'a [u8], rest: &'a [u8]) -> Option<Dict<'a>> {
    if rest.starts_with(b"<<") {
        return Dict::from_bytes(rest);
    }
    let mut words = rest
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let [number, generation] = [words.next()?, words.next()?];
    let is_number = |word: &[u8]| word.len() <= 10 && word.iter().all(u8::is_ascii_digit);
    if !is_number(number) || !is_number(generation) {
        return None;
    }
    let head = [number, b" ", generation, b" obj"].concat();
    let at = memmem::find_iter(file, &head).find(|at| {
        let before = at.checked_sub(1).and_then(|before| file.get(before));
        before.is_none_or(|byte| !byte.is_ascii_digit())
    })?;
    let body = file.get(at.saturating_add(head.len())..)?;
    Dict::from_bytes(body.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_a_lock_have_none() {
        let files: [&[u8]; 6] = [
            b"",
            b"/Encrypt",
            b"/Encrypt 9 0 R",
            b"/Encrypt << /R 6 /V 5 /O (x) >>",
            b"/Encrypt << /R 3 /V 2 /O (too short) >>",
            b"/Encrypt 1 0 R 11 0 obj << /R 3 /V 2 >>",
        ];
        for file in files {
            assert!(Lock::all(file).is_empty());
        }
    }

    #[test]
    fn what_is_not_the_password_of_the_owner_is_no_error() {
        let owner = "(0123456789abcdef0123456789abcdef)";
        for revision in 2..=4 {
            let file = format!("/Encrypt << /R {revision} /V 2 /Length 128 /O {owner} >>");
            let locks = Lock::all(file.as_bytes());
            assert_eq!(locks.len(), 1);
            for password in ["", "x", "秘密の合言葉、三十二バイトより長い"] {
                drop(locks.first().and_then(|lock| lock.user(password)));
            }
        }
    }
}
