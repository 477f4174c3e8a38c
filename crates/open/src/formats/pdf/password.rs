//! Locked files (ISO 32000-2, 7.6): opened without a password where only changes are restricted, else
//! with one of those that came with the order.
//!
//! The library knows the standard handler: RC4 of 40 to 128 bits (revisions 2 to 4), AES of 128 (4) and
//! of 256 bits (5 and 6). The owner's password opens as well as the user's ([`owner`]). Whatever it decrypts is measured afterwards as in an open file.

use super::owner;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf as Document, PdfData};
use mugai_core::{Cx, FindingCode, Password, Refusal, Remark, Resource};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Steps of one attempt beside reading the cross-references again: about a hundred rounds over 15 kB
/// in revision 6 (ISO 32000-2, algorithm 2.B), of which each byte is encrypted and hashed.
const STEPS: u64 = 2_000_000;

/// Opens the file and notes the password that it had, which comes back with it. `mending` is what it costs to read
/// a broken file once more, in steps.
///
/// # Errors
/// [`Refusal::Encrypted`] where no password opens it, [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(super) fn load(
    data: &PdfData,
    is_encrypted: bool,
    mending: u64,
    cx: &mut Cx<'_>,
) -> Result<(Document, Option<Zeroizing<String>>), Refusal> {
    let length = data.as_ref().len();
    let locked = match Document::new(data.clone()) {
        Ok(document) => {
            if is_encrypted {
                cx.note(FindingCode::PdfOwnerPassword);
            }
            return Ok((document, None));
        }
        Err(error @ LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => error,
        Err(error) => return Err(refusal(error)),
    };
    cx.charge_len(Resource::Steps, length.div_euclid(8))?;
    let locks = owner::Lock::all(data.as_ref());
    for password in cx.hints().passwords.clone() {
        let forms: Vec<Cow<'_, str>> = forms(&password).collect();
        let of_user = |form: &Cow<'_, str>| {
            let users = locks.iter().filter_map(|lock| lock.user(form));
            users.map(Zeroizing::new).collect::<Vec<_>>()
        };
        let users: Vec<Zeroizing<String>> = forms.iter().flat_map(of_user).collect();
        let given = forms.iter().map(|form| &**form);
        for form in given.chain(users.iter().map(|user| user.as_str())) {
            cx.charge(Resource::Steps, STEPS)?;
            cx.charge_len(Resource::Steps, length.div_euclid(4))?;
            cx.charge(Resource::Steps, mending)?;
            match Document::new_with_password(data.clone(), form) {
                Ok(document) => {
                    cx.note(FindingCode::PdfPassword);
                    return Ok((document, Some(Zeroizing::new(form.to_owned()))));
                }
                Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {}
                Err(error) => return Err(refusal(error)),
            }
        }
    }
    Err(refusal(locked))
}

/// The password as it was given, and as AES of 256 bits wants it: in compatibility form (RFC 4013).
fn forms(password: &Password) -> impl Iterator<Item = Cow<'_, str>> {
    let given = password.as_str();
    let prepared: String = given.nfkc().collect();
    let other = (prepared != given).then_some(Cow::Owned(prepared));
    std::iter::once(Cow::Borrowed(given)).chain(other)
}

fn refusal(error: LoadPdfError) -> Refusal {
    let encrypted = |rule| Refusal::Encrypted(Remark::fixed(rule));
    match error {
        LoadPdfError::Invalid => Refusal::malformed("pdf: no cross-reference or page tree"),
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            encrypted("pdf: a password is needed")
        }
        LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
            encrypted("pdf: unknown encryption")
        }
        LoadPdfError::Decryption(
            DecryptionError::MissingIDEntry | DecryptionError::InvalidEncryption,
        ) => encrypted("pdf: broken encryption dictionary"),
    }
}
