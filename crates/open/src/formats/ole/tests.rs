//! Compound files, good and bent.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "places in files that are made here"
)]

use super::*;
use mugai_core::{Assignment, Budget, Hints, Limits, NoFonts, Params, Treatments};
use mugai_testkit::make::compound;
use mugai_testkit::show::Tape;

const LIMITS: Limits = Limits {
    bytes: 16 << 20,
    pixels: 0,
    parts: 0,
    depth: 0,
    steps: 1 << 22,
};

fn with<T>(act: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let assignment = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing(),
        limits: LIMITS,
        params: Params::default(),
    };
    let budget = Budget::new(LIMITS);
    let mut tape = Tape::default();
    act(&mut Cx::new(&assignment, &budget, &NoFonts, &mut tape))
}

fn made() -> Vec<u8> {
    let long: Vec<u8> = (0..10_000u32)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect();
    compound(&[
        ("short", b"abc".to_vec()),
        ("long", long),
        ("a/inner", b"x".to_vec()),
    ])
}

/// The place of the table of sectors, which is the last but as many as there are.
fn table(file: &[u8]) -> usize {
    let first = size(file, 76);
    (first + 1) * 512
}

fn size(file: &[u8], at: usize) -> usize {
    little::size_at(file, at).unwrap()
}

fn put(file: &mut [u8], at: usize, number: u32) {
    file[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

#[test]
fn streams_come_back_whole_and_once() {
    let file = made();
    with(|cx| {
        let mut ole = Ole::read(&file, cx).unwrap();
        assert_eq!(ole.stream("SHORT", cx).unwrap().unwrap(), b"abc");
        let long = ole.stream("long", cx).unwrap().unwrap();
        assert_eq!(
            (long.len(), long[9_999]),
            (10_000, u8::try_from(9_999 % 251).unwrap())
        );
        assert_eq!(ole.stream("inner", cx).unwrap(), None);
        assert!(matches!(ole.stream("long", cx), Err(Refusal::Ambiguous(_))));
        let names: Vec<&str> = ole.entries().iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names.len(), 5);
        assert!(names.contains(&"inner"));
    });
}

#[test]
fn tables_of_sectors_are_paid_for_by_their_size() {
    let spent = |tables: usize| {
        let mut file = made();
        let first = file.len() / 512 - 1;
        file.resize(file.len() + 100 * 512, 0);
        for number in 0..tables {
            let place = u32::try_from(first + number).unwrap();
            // behind the one that is there
            put(&mut file, 80 + 4 * number, place);
        }
        with(|cx| {
            Ole::read(&file, cx).unwrap();
            cx.budget().spent(Resource::Bytes)
        })
    };
    assert!(spent(100) >= spent(0) + 100 * 512);
}

#[test]
fn chains_that_circle_or_meet_are_refused() {
    // the first sectors of the long stream: each is the first of itself
    let mut circle = made();
    let at = table(&circle);
    put(&mut circle, at + 4, 0);
    with(|cx| {
        let mut ole = Ole::read(&circle, cx).unwrap();
        assert!(matches!(ole.stream("long", cx), Err(Refusal::Ambiguous(_))));
    });
    let mut difat = made();
    // a table of tables that names itself
    let end = u32::try_from(difat.len() / 512 - 1).unwrap();
    difat.extend(end.to_le_bytes().repeat(128));
    put(&mut difat, 68, end);
    with(|cx| assert!(matches!(Ole::read(&difat, cx), Err(Refusal::Ambiguous(_)))));
    let mut short = made();
    put(&mut short, at, 0xffff_fffe);
    with(|cx| {
        let mut ole = Ole::read(&short, cx).unwrap();
        assert!(matches!(ole.stream("long", cx), Err(Refusal::Malformed(_))));
    });
}

#[test]
fn odd_sizes_of_sectors_and_circles_of_entries_are_refused() {
    for shift in [0u8, 8, 12, 31, 255] {
        let mut file = made();
        file[30] = shift;
        with(|cx| assert!(Ole::read(&file, cx).is_err(), "{shift}"));
    }
    let mut file = made();
    let directory = (size(&file, 48) + 1) * 512;
    // the second entry is beside itself
    put(&mut file, directory + 128 + 72, 1);
    with(|cx| assert!(matches!(Ole::read(&file, cx), Err(Refusal::Ambiguous(_)))));
}

#[test]
fn every_cut_and_every_changed_byte_of_the_tables_is_read_or_refused() {
    let file = made();
    for length in 0..file.len() {
        with(|cx| {
            let _ = Ole::read(&file[..length], cx).and_then(|mut o| o.stream("long", cx));
        });
    }
    for at in (0..512).chain(table(&file)..file.len()) {
        let mut bent = file.clone();
        bent[at] ^= 0xff;
        with(|cx| {
            if let Ok(mut ole) = Ole::read(&bent, cx) {
                for name in ["short", "long"] {
                    let _ = ole.stream(name, cx);
                }
            }
        });
    }
}
