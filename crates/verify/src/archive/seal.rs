//! The form of an archive that was checked and then closed with a password (`docs/profiles/zip.md`): every
//! header is that of its file, and what is encrypted is as long as it has to be. What is inside was checked
//! before; that it is the same cannot be seen from outside.

use crate::archive::{is_loose, is_path, target};
use crate::inflate;
use crate::ooxml::zip::{self, Bytes, Form};
use mugai_core::Violation;
use std::collections::BTreeSet;

/// What AES of 256 bits adds to a file: salt, check and tag, in bytes.
const ADDED: usize = 28;
const SALT: usize = 16;
const CHECK: usize = 2;
const TAG: usize = 10;
/// So many bytes do not come out of a cipher as they went in, by chance.
const LEAST: usize = 8;

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
        if target(file.name).is_none_or(|target| is_loose(target) == head.stored) {
            return Err(Violation::at("zip: another method than ours", at));
        }
        if lies_open(content, head.stored, &file.content) {
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

/// Whether what should be closed can be read: `content` as it stands there, of `file`.
fn lies_open(content: &[u8], stored: bool, file: &[u8]) -> bool {
    let inner = content.get(SALT + CHECK..content.len().saturating_sub(TAG));
    let inner = inner.unwrap_or_default();
    if stored {
        // shorter ones may come out as they went in, by chance
        file.len() >= LEAST && inner == file
    } else {
        // the end of deflated data may stand before the end
        !file.is_empty() && inflate::all(inner, file.len()).is_some_and(|all| all == file)
    }
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

    /// Names that are one where case does not count, and files that are packed otherwise than ours.
    #[test]
    fn names_and_methods_are_those_of_ours() {
        let zip_of = |names: &[&str], target| {
            let members: Vec<Member<'_>> = names
                .iter()
                .map(|name| Member {
                    path: (*name).to_owned(),
                    target,
                    bytes: b"text\n".into(),
                })
                .collect();
            let draft = zip(&members).unwrap();
            crate::check(Target::Zip, &draft.load().unwrap(), &[])
        };
        assert_eq!(zip_of(&["α.txt", "β.txt"], Target::Txt), Ok(()));
        assert!(zip_of(&["ΟΔΟΣ.txt", "οδος.txt"], Target::Txt).is_err());
        assert!(zip_of(&["ΟΔΟΣ.txt", "οδοσ.txt"], Target::Txt).is_err());
        // a text that is stored as a picture would be
        let said = zip_of(&["α.txt"], Target::Png).unwrap_err();
        assert_eq!(said.rule.as_str(), "zip: another method than ours");
    }

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
        // what lies open, between a salt and a tag as they should be
        for (number, member) in members.iter().enumerate() {
            let packed = {
                let mut packed =
                    flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(1));
                std::io::Write::write_all(&mut packed, &member.bytes).unwrap();
                packed.finish().unwrap()
            };
            let name = member.path.as_bytes();
            let head = bytes.windows(name.len()).position(|window| window == name);
            // the extra field and the salt with its check are behind the name
            let place = head.unwrap() + name.len() + 11 + SALT + CHECK;
            let mut open = bytes.clone();
            open[place..place + packed.len()].copy_from_slice(&packed);
            let said = check(&plain.load().unwrap(), &open).unwrap_err();
            assert_eq!(
                said.rule.as_str(),
                "zip: a file that is not encrypted",
                "{number}"
            );
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
