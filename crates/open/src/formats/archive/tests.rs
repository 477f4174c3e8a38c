use super::*;
use crate::reader::Format;
use mugai_core::{Family, Treatment, Treatments};
use mugai_testkit::show::taped;
use std::io::Write;

/// What comes of an archive: files by their paths, and what was found.
pub(super) struct Seen {
    pub(super) result: Result<(), Refusal>,
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// How each of them is packed.
    pub(super) packed: Vec<Option<Packed>>,
    pub(super) codes: Vec<FindingCode>,
}

pub(super) fn read(format: &dyn Format, input: &[u8]) -> Seen {
    let treatments = Treatments::nothing().with(Family::Archive, Treatment::Rebuild);
    let (result, tape) = taped(treatments, Hints::default(), |cx| {
        cx.kind(format.spec().kind)?;
        format.open(input, cx)
    });
    let mut packed = Vec::new();
    let files = tape.pieces.into_iter().map(|piece| {
        let Piece::Child(child) = piece else {
            panic!("{piece:?}")
        };
        packed.push(child.hints.packed);
        let folders = child.hints.folders.iter().map(SafeName::as_str);
        let steps: Vec<&str> = folders
            .chain(child.name.as_ref().map(SafeName::as_str))
            .collect();
        (steps.join("/"), child.content.load().unwrap().into_owned())
    });
    let files = files.collect();
    Seen {
        result,
        files,
        packed,
        codes: tape.findings.iter().map(|finding| finding.code).collect(),
    }
}

/// Each format with a member of nothing, and one that holds the given bytes.
fn streams(content: &[u8]) -> Vec<(&'static dyn Format, Vec<u8>, Vec<u8>)> {
    let gzip = |content: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let bzip2 = |content: &[u8]| {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    // a raw block that is the last, of a frame of one segment
    let zstd = |content: &[u8]| {
        let length = u8::try_from(content.len()).unwrap();
        let block = u32::from(length) << 3 | 1;
        let [a, b, c, _] = block.to_le_bytes();
        [
            &[0x28, 0xb5, 0x2f, 0xfd, 0x20, length, a, b, c][..],
            content,
        ]
        .concat()
    };
    let nothing = b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46\0\0\0\0\x1c\xdf\x44\x21\x1f\xb6\xf3\x7d\x01\0\0\0\0\x04YZ";
    vec![
        (&GZIP, gzip(b""), gzip(content)),
        (&BZIP2, bzip2(b""), bzip2(content)),
        (&ZSTD, zstd(b""), zstd(content)),
        (&XZ, nothing.to_vec(), nothing.to_vec()),
    ]
}

#[test]
fn members_without_content_are_paid_for() {
    for (format, nothing, _) in streams(b"") {
        let kind = format.spec().kind;
        let few = read(format, &nothing.repeat(10));
        assert_eq!(few.result, Ok(()), "{kind:?}");
        let many = read(format, &nothing.repeat(300)).result;
        assert!(
            matches!(many, Err(Refusal::Overrun { .. })),
            "{kind:?}: {many:?}"
        );
    }
}

#[test]
fn what_fills_up_behind_a_stream_is_told_and_anything_else_is_refused() {
    for (format, nothing, one) in streams(b"a,b\n") {
        let kind = format.spec().kind;
        let text = if nothing == one { "" } else { "a,b\na,b\n" };
        let twice = [one.clone(), nothing, one].concat();
        for filling in [&b""[..], &[0; 512], b"\r\n", b"\x1a"] {
            let read = read(format, &[&twice[..], filling].concat());
            assert_eq!(read.result, Ok(()), "{kind:?}");
            assert_eq!(read.files, [(String::new(), text.into())], "{kind:?}");
            let odd = read.codes.contains(&FindingCode::ArchiveOdd);
            assert_eq!(odd, !filling.is_empty(), "{kind:?}");
        }
        for rubbish in [&b"rubbish"[..], b"\0\0\0MZ"] {
            let refused = read(format, &[&twice[..], rubbish].concat()).result;
            assert!(
                matches!(refused, Err(Refusal::Malformed(_))),
                "{kind:?}: {refused:?}"
            );
        }
    }
}

#[test]
fn files_beside_files_of_a_macintosh() {
    assert_eq!(twin("a/._b.txt").as_deref(), Some("a/b.txt"));
    assert_eq!(twin("a\\._b.txt").as_deref(), Some("a\\b.txt"));
    for other in ["._", "a._b", "._a/b", ""] {
        assert_eq!(twin(other), None, "{other}");
    }
    assert!(is_double("._a", Some(b"\0\x05\x16\x07\0\x02")));
    for (path, content) in [
        ("._a", None),
        ("._a", Some(&b"text"[..])),
        ("a", Some(b"\0\x05\x16\x07")),
    ] {
        assert!(!is_double(path, content), "{path}");
    }
}
