//! Office packages that are encrypted as a whole ([MS-OFFCRYPTO] 2.3.4): opened with one of the passwords
//! that came with the order, or with the one that spreadsheet programs use when nobody gave one.
//!
//! What comes out is a file like any, recognised and read anew. Its integrity is not checked: whoever
//! knows the password could have written anything, and nothing in it is trusted.

mod agile;
mod cipher;
pub(in crate::formats) mod legacy;
mod standard;
#[cfg(test)]
mod tests;

use crate::formats::ole::little::{part, u16_at, u64_at};
use crate::formats::ole::{Ole, Shape};
use mugai_core::{Cx, Kind, Password, Refusal, Resource};

/// What spreadsheets are encrypted with that are only protected against changes.
pub(in crate::formats) const DEFAULT: &str = "VelvetSweatshop";
/// The streams: how it is encrypted, and the package.
const INFO: &str = "EncryptionInfo";
const PACKAGE: &str = "EncryptedPackage";
/// The most rounds of a key: ten times what programs use.
const MAX_ROUNDS: u32 = 1_000_000;

/// A way of encrypting, with its parameters.
enum Scheme {
    Agile(agile::Agile),
    Standard(standard::Standard),
}

/// The package in an encrypted document, if it is one and a password opens it.
///
/// # Errors
/// [`Refusal::Malformed`] for parameters or a package that no program writes,
/// [`Refusal::Unsupported`] for other ways of encrypting, [`Refusal::Overrun`].
pub(crate) fn package(input: &[u8], kind: Kind, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
    if kind != Kind::Ole2 {
        return Ok(None);
    }
    let Ok(mut ole) = Ole::read(input, cx) else {
        // its reader tells what is wrong
        return Ok(None);
    };
    if ole.find(PACKAGE, Shape::Stream)?.is_none() {
        return Ok(None);
    }
    let Some(info) = ole.stream(INFO, cx)? else {
        return Ok(None);
    };
    let scheme = match (u16_at(&info, 0), u16_at(&info, 2)) {
        (Some(4), Some(4)) => Scheme::Agile(agile::read(&info)?),
        (Some(2..=4), Some(2)) => Scheme::Standard(standard::read(&info)?),
        _ => return Err(Refusal::unsupported("office: a way of encrypting")),
    };
    let given = cx.hints().passwords.iter().map(Password::as_str);
    for password in std::iter::once(DEFAULT).chain(given) {
        cx.charge(
            Resource::Steps,
            u64::from(scheme.rounds()).saturating_mul(32),
        )?;
        let Some(key) = scheme.key(password)? else {
            continue;
        };
        let package = ole.stream(PACKAGE, cx)?.unwrap_or_default();
        let bad = Refusal::malformed("office: an encrypted package");
        let size = u64_at(&package, 0).and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or(bad.clone())?;
        let body = package.get(8..).unwrap_or_default();
        cx.charge_len(Resource::Bytes, body.len())?;
        cx.charge_len(Resource::Steps, body.len())?;
        let mut plain = scheme.decrypt(&key, body)?;
        part(&plain, 0, size).ok_or(bad)?;
        plain.truncate(size);
        return Ok(Some(plain));
    }
    Ok(None)
}

impl Scheme {
    const fn rounds(&self) -> u32 {
        match self {
            Self::Agile(agile) => agile.rounds,
            Self::Standard(_) => standard::ROUNDS,
        }
    }

    /// The key of the package; `None` for a wrong password.
    fn key(&self, password: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, Refusal> {
        match self {
            Self::Agile(agile) => agile.key(password),
            Self::Standard(standard) => standard.key(password),
        }
    }

    fn decrypt(&self, key: &[u8], body: &[u8]) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Agile(agile) => agile.decrypt(key, body),
            Self::Standard(_) => cipher::ecb(key, body),
        }
    }
}

/// A password as it is hashed.
fn utf16(password: &str) -> zeroize::Zeroizing<Vec<u8>> {
    zeroize::Zeroizing::new(password.encode_utf16().flat_map(u16::to_le_bytes).collect())
}
