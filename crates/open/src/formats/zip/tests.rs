use super::*;
use mugai_core::{
    Assignment, Budget, Finding, Hints, Kind, Limits, NoFonts, Params, Piece, Sink, Treatments,
};

/// A sink for readers that put nothing.
struct Nothing;

impl Sink for Nothing {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, _: Piece) -> Result<(), Refusal> {
        Ok(())
    }
    fn note(&mut self, _: Finding) -> Result<(), Refusal> {
        Ok(())
    }
}

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 0,
    parts: 0,
    depth: 0,
    steps: 1 << 20,
};

/// Names of all files, or the code of the refusal.
fn read(input: &[u8]) -> Result<Vec<String>, &'static str> {
    let assignment = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing(),
        limits: LIMITS,
        params: Params::default(),
    };
    let budget = Budget::new(LIMITS);
    let mut sink = Nothing;
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut sink);
    let archive = Archive::read(input, &mut cx).map_err(|refusal| refusal.code())?;
    let names: Vec<String> = archive.entries.keys().cloned().collect();
    for name in &names {
        archive
            .content(name, &cx)
            .map_err(|refusal| refusal.code())?;
    }
    Ok(names)
}

/// A file of stored entries.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let number = |length: usize| u32::try_from(length).unwrap().to_le_bytes();
    for (name, content) in files {
        let offset = number(out.len());
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        head.extend(crc32fast::hash(content).to_le_bytes());
        head.extend(number(content.len()));
        head.extend(number(content.len()));
        head.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        head.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(*content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(name.as_bytes());
    }
    let (start, size) = (number(out.len()), number(directory.len()));
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend(size);
    out.extend(start);
    out.extend([0, 0]);
    out
}

#[test]
fn one_reading_or_none() {
    let good = zip(&[("a", b"1"), ("b/c", b"22")]);
    assert_eq!(read(&good).unwrap(), ["a", "b/c"]);
    assert_eq!(read(&zip(&[("a\\b", b"1")])).unwrap(), ["a/b"]);
    for (about, bad) in [
        ("one name in two cases", zip(&[("a", b"1"), ("A", b"2")])),
        ("a step up", zip(&[("../a", b"1")])),
        ("an absolute name", zip(&[("/a", b"1")])),
        ("a drive", zip(&[("c:a", b"1")])),
        (
            "a file and a folder of one name",
            zip(&[("a", b"1"), ("a/", b"")]),
        ),
        ("bytes before", [b"x".as_slice(), &good].concat()),
        ("bytes behind", [&good, b"xx".as_slice()].concat()),
        ("a second end", [&good, &zip(&[])[..]].concat()),
        (
            "a file within a comment",
            [&good[..good.len() - 2], &[22, 0], &zip(&[])[..]].concat(),
        ),
    ] {
        assert_eq!(read(&bad), Err("ambiguous"), "{about}");
    }
    assert_eq!(
        read(&[&good[..], b"\0"].concat()).unwrap().len(),
        2,
        "one byte is forgiven"
    );
}

#[test]
fn no_damage_is_overlooked() {
    let good = zip(&[("a", b"content of a")]);
    // the date, the version, and what the directory alone has
    let loose = |at: usize| {
        let central = at.checked_sub(31 + 12);
        matches!(at, 4..=7 | 10..=13)
            || central.is_some_and(|at| matches!(at, 4..=9 | 12..=15 | 34..=41))
    };
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x41;
        if !loose(at) {
            assert!(
                read(&bad).is_err() || read(&bad) != Ok(vec!["a".into()]),
                "{at}"
            );
        }
        assert!(read(&good[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn what_an_entry_says_is_paid_before_it_is_made() {
    let mut huge = zip(&[("a", b"x")]);
    let size = (2u32 << 20).to_le_bytes();
    let central = 30 + 1 + 1 + 24;
    for at in [22, central] {
        huge[at..at + 4].copy_from_slice(&size);
    }
    assert_eq!(read(&huge), Err("overrun"));
}

#[test]
fn names_that_mean_the_same_are_one() {
    for (name, want) in [
        ("xl/My%20Sheet.xml", "xl/my sheet.xml"),
        ("xl/my sheet.xml", "xl/my sheet.xml"),
        ("media/%E5%9B%B3.png", "media/図.png"),
        ("a%2Fb", "a%2fb"),
        ("a%2e%2e", "a%2e%2e"),
        ("a%2520b", "a%2520b"),
        ("a%ffb%", "a%ffb%"),
        ("a%4", "a%4"),
    ] {
        assert_eq!(same(name), want, "{name}");
        assert_eq!(same(&same(name)), want, "{name}");
    }
}
