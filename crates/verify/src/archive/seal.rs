//! The form of an archive that was checked and then closed with a password (`docs/profiles/zip.md`): every
//! header is that of its file, and what is encrypted is as long as it has to be. What is inside was checked
//! before; that it is the same cannot be seen from outside.

use crate::archive::is_path;
use crate::ooxml::zip::{self, Bytes, Form};
use mugai_core::Violation;
use std::collections::BTreeSet;

/// What AES of 256 bits adds to a file: salt, check and tag, in bytes.
const ADDED: usize = 28;
const SALT: usize = 16;

/// Checks the closed form `bytes` of the archive `plain`.
///
/// # Errors
/// The rule that they break, and where.
pub(crate) fn check(plain: &[u8], bytes: &[u8]) -> Result<(), Violation> {
    let files = zip::read(plain, &Form::archive(is_path))?;
    let mut closed = Bytes::of(bytes);
    let mut salts = BTreeSet::new();
    let mut heads = Vec::new();
    for file in &files {
        let at = closed.at();
        closed.expect(b"PK\x03\x04")?;
        let head = header(&mut closed, file.name, file.content.len())?;
        let content = closed.take(head.packed)?;
        let salt = content.get(..SALT).unwrap_or_default();
        if head.stored && head.packed != file.content.len().saturating_add(ADDED) {
            return Err(Violation::at("zip: length of an encrypted file", at));
        }
        // one salt for two files would tell of both
        if head.packed <= ADDED || !salts.insert(salt) {
            return Err(Violation::at("zip: salt of an encrypted file", at));
        }
        // what is closed does not lie open
        if !file.content.is_empty() && content.get(SALT + 2..) == Some(&*file.content) {
            return Err(Violation::at("zip: a file that is not encrypted", at));
        }
        heads.push((at, head));
    }
    let start = closed.at();
    for (file, (at, head)) in files.iter().zip(&heads) {
        closed.expect(b"PK\x01\x02\x33\0")?;
        if header_of(&mut closed, file.name, file.content.len(), true, *at)? != *head {
            return Err(Violation::at("zip: two headers of one file", closed.at()));
        }
    }
    zip::end(&mut closed, files.len(), start)
}

#[derive(PartialEq, Eq)]
struct Head {
    packed: usize,
    stored: bool,
}

fn header(bytes: &mut Bytes<'_>, name: &str, size: usize) -> Result<Head, Violation> {
    header_of(bytes, name, size, false, 0)
}

/// Either header of a file: version 5.1, encrypted, UTF-8, AES; no checksum, for that would tell of the content.
fn header_of(
    bytes: &mut Bytes<'_>,
    name: &str,
    size: usize,
    central: bool,
    offset: usize,
) -> Result<Head, Violation> {
    bytes.expect(&[51, 0, 1, 8, 99, 0, 0, 0, 0x21, 0, 0, 0, 0, 0])?;
    let packed = bytes.length()?;
    let sizes = (bytes.length()?, usize::from(bytes.u16()?));
    if sizes != (size, name.len()) {
        return Err(Violation::at("zip: a header of another file", bytes.at()));
    }
    bytes.expect(&[11, 0])?;
    if central {
        bytes.expect(&[0; 10])?;
        if bytes.length()? != offset {
            return Err(Violation::at("zip: two headers of one file", bytes.at()));
        }
    }
    bytes.expect(name.as_bytes())?;
    bytes.expect(&[1, 0x99, 7, 0, 2, 0, b'A', b'E', 3])?;
    let stored = match bytes.u16()? {
        0 => true,
        8 => false,
        _ => return Err(Violation::at("zip: method", bytes.at())),
    };
    Ok(Head { packed, stored })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::Target;
    use mugai_core::{Password, Spool};
    use mugai_emit::archive::{Member, sealed, zip};

    #[test]
    fn every_byte_of_the_form_counts() {
        let members =
            [("a.txt", "text\n"), ("f/表.txt", "another text\n")].map(|(path, text)| Member {
                path: path.to_owned(),
                target: Target::Txt,
                bytes: text.as_bytes().into(),
            });
        let plain = crate::verify(zip(&members).unwrap(), &[]).unwrap();
        let password = Password::new("secret".to_owned()).unwrap();
        let seal = |members: &[Member<'_>]| {
            let members = members.iter().cloned().map(Ok);
            sealed(members, &password, Spool::memory()).unwrap()
        };
        let draft = seal(&members);
        let bytes = draft.load().unwrap().to_vec();
        assert_eq!(check(&plain.load().unwrap(), &bytes), Ok(()));
        assert!(
            crate::check(Target::Zip, &bytes, &[]).is_err(),
            "nobody sees what is inside"
        );
        let mut inside = 0;
        for place in 0..bytes.len() {
            let mut other = bytes.clone();
            other[place] ^= 0x40;
            inside += usize::from(check(&plain.load().unwrap(), &other).is_ok());
            assert!(check(&plain.load().unwrap(), &bytes[..place]).is_err());
        }
        // only what is encrypted can be anything
        let packed: usize = members.iter().map(|m| m.bytes.len() + ADDED + 2).sum();
        assert!(inside <= packed, "{inside} of {packed}");
        // of other files, and not closed at all
        let other = crate::verify(zip(&members[..1]).unwrap(), &[]).unwrap();
        assert!(check(&other.load().unwrap(), &bytes).is_err());
        assert!(check(&plain.load().unwrap(), &plain.load().unwrap()).is_err());
        let again = seal(&members);
        assert_eq!(again, draft, "no chance in it");
    }
}
