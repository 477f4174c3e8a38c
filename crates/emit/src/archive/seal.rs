//! Archives that are closed with a password: the one form of ZIP file, each file of it encrypted with AES of
//! 256 bits, as `WinZip` does it (AE-2: PBKDF2 with 1,000 rounds of HMAC-SHA-1, AES in counter mode with a
//! counter of little-endian order, and the first ten bytes of HMAC-SHA-1 over what is encrypted).

use crate::archive::{Member, is_loose};
use crate::ooxml::zip::{FAST, Zip, deflate};
use aes::Aes256;
use aes::cipher::{KeyIvInit, StreamCipher};
use ctr::Ctr128LE;
use hmac::{Hmac, KeyInit, Mac};
use mugai_core::{Draft, Password, Refusal, Spool, Target};
use sha1::{Digest, Sha1};
use std::borrow::Cow;
use zeroize::Zeroizing;

const ROUNDS: u32 = 1_000;
/// Lengths for keys of 256 bits, in bytes.
const SALT: usize = 16;
const KEY: usize = 32;
const CHECK: usize = 2;
const TAG: usize = 10;

/// Neither a key of no length nor one of a length that HMAC does not take is asked for.
const FAILED: Refusal = Refusal::internal("zip: the cipher failed");

/// Writes the archive that [`super::zip`] writes, closed with `password`.
///
/// The same files with the same password are the same bytes: salts come of what they are for.
///
/// # Errors
/// [`Refusal::Malformed`] for more than 65,535 files or 4 GiB; what a member in the place of one says.
pub fn sealed<'a>(
    members: impl IntoIterator<Item = Result<Member<'a>, Refusal>>,
    password: &Password,
    spool: Spool,
) -> Result<Draft, Refusal> {
    let mut zip = Zip::archive(spool);
    for member in members {
        let member = member?;
        let (method, content) = if is_loose(member.target) {
            (8, Cow::Owned(deflate(&member.bytes, FAST)?))
        } else {
            (0, Cow::Borrowed(&*member.bytes))
        };
        let salt = salt(&member, password)?;
        let packed = encrypt(&content, &salt, password)?;
        // AE-2, 256 bits, and the method behind the cipher
        let extra = [1, 0x99, 7, 0, 2, 0, b'A', b'E', 3, method, 0];
        zip.sealed(&member.path, &extra, &packed, member.bytes.len())?;
    }
    Ok(Draft::new(Target::Zip, zip.finish()?))
}

/// A salt that no other file has: of the path and the content, and as hard to guess a password from as
/// what it is for.
fn salt(member: &Member<'_>, password: &Password) -> Result<[u8; SALT], Refusal> {
    let mut digest = Sha1::new();
    digest.update(member.path.as_bytes());
    digest.update([0]);
    digest.update(&member.bytes);
    let mut salt = [0; SALT];
    derive(password, &digest.finalize(), &mut salt)?;
    Ok(salt)
}

fn derive(password: &Password, salt: &[u8], out: &mut [u8]) -> Result<(), Refusal> {
    pbkdf2::pbkdf2::<Hmac<Sha1>>(password.as_str().as_bytes(), salt, ROUNDS, out)
        .map_err(|_| FAILED)
}

/// Salt, check of the password, what is encrypted, and its tag.
fn encrypt(content: &[u8], salt: &[u8], password: &Password) -> Result<Vec<u8>, Refusal> {
    let mut derived = Zeroizing::new([0; KEY + KEY + CHECK]);
    derive(password, salt, derived.as_mut_slice())?;
    let (cipher_key, rest) = derived.split_at_checked(KEY).ok_or(FAILED)?;
    let (tag_key, check) = rest.split_at_checked(KEY).ok_or(FAILED)?;
    let mut counter = [0u8; 16];
    if let Some(first) = counter.first_mut() {
        *first = 1;
    }
    let mut closed = content.to_vec();
    let key = cipher_key.try_into().map_err(|_| FAILED)?;
    Ctr128LE::<Aes256>::new(key, &counter.into()).apply_keystream(&mut closed);
    let mut code = Hmac::<Sha1>::new_from_slice(tag_key).map_err(|_| FAILED)?;
    code.update(&closed);
    let code = code.finalize().into_bytes();
    let tag = code.get(..TAG).ok_or(FAILED)?;
    Ok([salt, check, &closed, tag].concat())
}
