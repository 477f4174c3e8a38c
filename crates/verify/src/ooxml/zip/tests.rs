//! One file, read as a whole and place by place.

use super::*;
use proptest::prelude::*;
use std::io::Write as _;

/// A file that is elsewhere.
struct Far<'a> {
    bytes: &'a [u8],
    /// The most that was asked for at once.
    most: usize,
}

impl Places for Far<'_> {
    fn length(&self) -> usize {
        self.bytes.len()
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
        self.most = self.most.max(into.len());
        self.bytes.read(at, into)
    }
}

/// The name and the content of each file that was handed over, and whether the whole is what it has to be.
type Told = (Vec<(String, Option<Vec<u8>>)>, bool);

fn here(bytes: &[u8]) -> Told {
    let mut files = Vec::new();
    let result = each(bytes, &form(), |entry| {
        files.push(told(entry));
        Ok(())
    });
    (files, result.is_ok())
}

fn there(bytes: &[u8]) -> (Told, usize) {
    let mut files = Vec::new();
    let mut far = Far { bytes, most: 0 };
    let result = each_from(&mut far, &form(), |entry| {
        files.push(told(entry));
        Ok(())
    });
    ((files, result.is_ok()), far.most)
}

fn told(entry: &Entry<'_>) -> (String, Option<Vec<u8>>) {
    let mut content = Vec::new();
    let pieces = entry.pieces(|bytes| content.extend_from_slice(bytes));
    (entry.name.to_owned(), pieces.is_ok().then_some(content))
}

const fn form() -> Form {
    Form::archive(|name| !name.is_empty())
}

/// An archive of ours, whose names are UTF-8.
fn archive(files: &[(&str, &[u8], bool)]) -> Vec<u8> {
    written(8, files)
}

/// A file of ours, `flags` being the upper byte of what is said of each: stored files, and deflated ones of stored blocks.
pub(in crate::ooxml) fn written(flags: u8, files: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let long = |length: usize| u32::try_from(length).expect("a length").to_le_bytes();
    let short = |length: usize| u16::try_from(length).expect("a length").to_le_bytes();
    for (name, content, deflated) in files {
        let mut packed = Vec::new();
        if *deflated {
            let length = short(content.len());
            packed.push(1);
            packed.extend_from_slice(&length);
            packed.extend(length.map(|byte| !byte));
        }
        packed.write_all(content).expect("memory");
        let shared = [
            &[
                20,
                0,
                0,
                flags,
                if *deflated { 8 } else { 0 },
                0,
                0,
                0,
                0x21,
                0,
            ][..],
            &crc32(content).to_le_bytes(),
            &long(packed.len()),
            &long(content.len()),
            &short(name.len()),
            &[0, 0],
        ]
        .concat();
        let at = long(out.len());
        let central = [
            b"PK\x01\x02\x14\0",
            &shared[..],
            &[0; 10],
            &at,
            name.as_bytes(),
        ];
        directory.extend(central.concat());
        out.extend([b"PK\x03\x04", &shared[..], name.as_bytes(), &packed].concat());
    }
    let (count, start) = (short(files.len()), long(out.len()));
    let end = [
        b"PK\x05\x06\0\0\0\0",
        &count[..],
        &count,
        &long(directory.len()),
        &start,
        &[0, 0],
    ];
    out.extend(directory);
    out.extend(end.concat());
    out
}

fn sample() -> Vec<u8> {
    let large = vec![b'x'; 9_000];
    archive(&[
        ("a.txt", b"good\n", false),
        ("b/c.txt", b"better\n", true),
        ("d.txt", &large, false),
    ])
}

#[test]
fn a_file_says_the_same_from_afar_and_one_entry_is_asked_for_at_a_time() {
    let bytes = sample();
    let (told, most) = there(&bytes);
    assert!(told.1);
    assert_eq!(told.0.len(), 3);
    assert_eq!(told.0[1], ("b/c.txt".into(), Some(b"better\n".to_vec())));
    assert_eq!(told, here(&bytes));
    assert_eq!(most, 9_000);
}

#[test]
fn nothing_is_set_aside_for_what_is_not_there() {
    let mut bytes = sample();
    // the length of the first file, as it is packed
    bytes[18..22].copy_from_slice(&u32::MAX.to_le_bytes());
    let (told, most) = there(&bytes);
    assert_eq!(told, here(&bytes));
    assert!(!told.1 && most < 100);
    // and a directory that does not end
    let mut bytes = sample();
    bytes.extend_from_slice(&vec![0; 100_000]);
    let (told, most) = there(&bytes);
    assert!(!told.1 && most <= 9_000);
}

#[test]
fn a_file_that_ends_early_is_none() {
    let bytes = sample();
    for end in 0..bytes.len() {
        let part = &bytes[..end];
        assert!(!there(part).0.1, "{end}");
        assert_eq!(there(part).0, here(part), "{end}");
    }
}

proptest! {
    /// Whatever is changed.
    #[test]
    fn changed_files_say_the_same_from_afar(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = sample();
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert_eq!(there(&bytes).0, here(&bytes));
    }
}
