//! A result: one object with the report and all files that were made, so that it is there whole or not at
//! all.
//!
//! A line of JSON, `{"mugai":"result/1","report":…,"files":[{"name":…,"target":…,"bytes":…,"blake3":…}]}`,
//! and behind it the files, one after the other.

use crate::error::Error;
use bytes::Bytes;
use mugai_core::{Draft, SafeName, Target};
use mugai_engine::Output;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What a result begins with.
const FORM: &str = "result/1";

/// A file of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// What it is called.
    pub(crate) name: String,
    /// What it is, see [`Target::code`].
    pub(crate) target: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// Its BLAKE3 in hex.
    pub(crate) blake3: String,
}

#[derive(Serialize)]
struct Head<'a> {
    mugai: &'a str,
    report: &'a RawValue,
    files: &'a [File],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadHead {
    mugai: String,
    report: Box<RawValue>,
    files: Vec<File>,
}

/// Puts a result together, without copying its files.
pub(crate) fn encode(
    report: &RawValue,
    files: &[File],
    contents: Vec<Bytes>,
) -> serde_json::Result<Vec<Bytes>> {
    let head = Head {
        mugai: FORM,
        report,
        files,
    };
    let mut line = serde_json::to_vec(&head)?;
    line.push(b'\n');
    let mut all = vec![Bytes::from(line)];
    all.extend(contents);
    Ok(all)
}

/// Takes a result apart. Nothing is taken on trust: each file must have its digest, be inside the profile
/// of what it is said to be, and have a name to match.
pub(crate) fn decode(result: &Bytes) -> Result<(Box<RawValue>, Vec<Output>), Error> {
    let wrong = |what: &str| Error::Foreign(format!("a result: {what}"));
    let end = result.iter().position(|byte| *byte == b'\n');
    let (line, mut rest) = end
        .and_then(|end| result.split_at_checked(end))
        .ok_or_else(|| wrong("no head"))?;
    let head: ReadHead = serde_json::from_slice(line).map_err(|_| wrong("no head"))?;
    if head.mugai != FORM {
        return Err(wrong("another layout"));
    }
    // the end of the line
    rest = rest.get(1..).unwrap_or_default();
    let mut files = Vec::new();
    for file in &head.files {
        let length = usize::try_from(file.bytes).map_err(|_| wrong("too short"))?;
        let (content, behind) = rest
            .split_at_checked(length)
            .ok_or_else(|| wrong("too short"))?;
        rest = behind;
        files.push(self::file(file, content)?);
    }
    if !rest.is_empty() {
        return Err(wrong("too long"));
    }
    Ok((head.report, files))
}

fn file(file: &File, content: &[u8]) -> Result<Output, Error> {
    let wrong = |what: &str| Error::Foreign(format!("a file of a result: {what}"));
    if blake3::hash(content).to_hex().as_str() != file.blake3 {
        return Err(wrong("another digest"));
    }
    let name = SafeName::check(&file.name).map_err(|_| wrong("no safe name"))?;
    let target = Target::ALL
        .iter()
        .find(|target| target.code() == file.target);
    let target = *target.ok_or_else(|| wrong("no target"))?;
    // a program opens a file by its name
    let extension = name.split_extension().1;
    if extension.is_none_or(|extension| !extension.eq_ignore_ascii_case(target.extension())) {
        return Err(wrong("a name that does not suit"));
    }
    let draft = Draft::new(target, content.to_vec());
    let checked = mugai_verify::verify(draft, &[]);
    let file = checked.map_err(|violation| wrong(violation.rule.as_str()))?;
    Ok(Output { name, file })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, target: &str, content: &'static [u8]) -> (File, Bytes) {
        let file = File {
            name: name.to_owned(),
            target: target.to_owned(),
            bytes: u64::try_from(content.len()).unwrap(),
            blake3: blake3::hash(content).to_hex().to_string(),
        };
        (file, Bytes::from_static(content))
    }

    fn result(files: Vec<(File, Bytes)>) -> Bytes {
        let report = RawValue::from_string("{\"a\":1}".to_owned()).unwrap();
        let (files, contents): (Vec<File>, Vec<Bytes>) = files.into_iter().unzip();
        encode(&report, &files, contents).unwrap().concat().into()
    }

    #[test]
    fn what_was_put_together_comes_apart() {
        let all = result(vec![
            made("a.txt", "txt", b"one\n"),
            made("b.txt", "txt", b"two\n"),
        ]);
        let (report, files) = decode(&all).unwrap();
        assert_eq!(report.get(), "{\"a\":1}");
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.txt", "b.txt"]);
        assert_eq!(&*files[1].file.load().unwrap(), b"two\n");
    }

    /// Whichever byte is spoilt, or wherever it is cut off: a file that comes out is one that was put in.
    #[test]
    fn what_was_spoilt_is_not_delivered() {
        let all = result(vec![
            made("a.txt", "txt", b"one\n"),
            made("b.txt", "txt", b"two\n"),
        ]);
        for length in 0..all.len() {
            assert!(decode(&all.slice(..length)).is_err(), "{length}");
        }
        for at in 0..all.len() {
            for bit in 0..8 {
                let mut other = all.to_vec();
                other[at] ^= 1 << bit;
                let Ok((_, files)) = decode(&other.into()) else {
                    continue;
                };
                for file in files {
                    assert!([&b"one\n"[..], b"two\n"].contains(&&*file.file.load().unwrap()));
                }
            }
        }
    }

    #[test]
    fn what_is_outside_our_profiles_is_not_delivered() {
        for (name, target, content) in [
            ("a.txt", "txt", &b"\x1b[2J\n"[..]),
            ("a.html", "txt", b"<script>\n"),
            ("a.csv", "txt", b"=1+1\n"),
            ("a", "txt", b"x\n"),
            ("../a.txt", "txt", b"x\n"),
            ("a.exe", "exe", b"MZ"),
            ("a.png", "png", b"\x89PNG\r\n\x1a\n"),
        ] {
            assert!(
                decode(&result(vec![made(name, target, content)])).is_err(),
                "{name}"
            );
        }
    }
}
