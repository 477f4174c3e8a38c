//! Texts of a main stream and its tables that are put together here.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "places in files that are made here"
)]

use super::*;
use crate::formats::encrypted::legacy;
use mugai_core::{FindingCode, Hints, Treatments};
use mugai_testkit::make::compound;
use mugai_testkit::show::taped;

mod lists;
mod looks;

/// Where the text begins in the main stream.
const TEXT: usize = 1024;

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// A document of one piece of UTF-16; `hidden` and `deleted` are places of single characters.
fn made(stories: [u32; 8], text: &str, hidden: u32, deleted: u32) -> Vec<u8> {
    let (main, table) = streams(stories, text, hidden, deleted, 0);
    compound(&[("WordDocument", main), ("1Table", table)])
}

/// Its streams, with so many bytes before the tables.
fn streams(
    stories: [u32; 8],
    text: &str,
    hidden: u32,
    deleted: u32,
    before: usize,
) -> (Vec<u8>, Vec<u8>) {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let page = (TEXT + units.len()).div_ceil(512) * 512;
    let mut main = vec![0; page + 512];
    put(&mut main, 0, &0xa5ecu16.to_le_bytes());
    put(&mut main, 2, &0x00c1u16.to_le_bytes());
    put(&mut main, 10, &0x0200u16.to_le_bytes());
    for (number, count) in stories.iter().enumerate() {
        put(&mut main, 0x4c + 4 * number, &count.to_le_bytes());
    }
    put(&mut main, TEXT, &units);
    let count = u32::try_from(text.encode_utf16().count()).unwrap();
    let place = |n: u32| (u32::try_from(TEXT).unwrap() + 2 * n).to_le_bytes();
    // looks: up to the hidden one, itself, up to the deleted one, itself, the rest
    let bounds = [0, hidden, hidden + 1, deleted, deleted + 1, count];
    for (number, bound) in bounds.iter().enumerate() {
        put(&mut main, page + 4 * number, &place(*bound));
    }
    put(&mut main, page + 24, &[0, 200, 0, 210, 0]);
    put(&mut main, page + 400, &[3, 0x3c, 0x08, 1]);
    put(&mut main, page + 420, &[3, 0x00, 0x08, 1]);
    main[page + 511] = 5;
    let mut table = vec![0; before];
    table.extend([2, 16, 0, 0, 0, 0, 0, 0, 0]);
    table.extend(count.to_le_bytes());
    table.extend([0, 0]);
    table.extend(place(0));
    table.extend([0, 0]);
    let pieces = u32::try_from(table.len() - before).unwrap();
    let start = u32::try_from(before).unwrap();
    put(&mut main, 0x1a2, &start.to_le_bytes());
    put(&mut main, 0x1a6, &pieces.to_le_bytes());
    let looks = u32::try_from(table.len()).unwrap();
    table.extend(place(0));
    table.extend(place(count));
    table.extend(u32::try_from(page / 512).unwrap().to_le_bytes());
    put(&mut main, 0xfa, &looks.to_le_bytes());
    put(&mut main, 0xfe, &12u32.to_le_bytes());
    (main, table)
}

fn read(file: &[u8]) -> (Result<(), Refusal>, String, Vec<(FindingCode, u32)>) {
    let (result, tape) = taped(Treatments::nothing(), Hints::default(), |cx| {
        Doc.open(file, cx)
    });
    let notes = tape.findings.iter().map(|f| (f.code, f.count)).collect();
    (result, tape.text(), notes)
}

const FAR: u32 = 1_000;

#[test]
fn stories_cells_and_codes() {
    let text =
        "予算\u{13} DDEAUTO c:\\\\cmd \u{14}結果\u{15}の概要\r品名\u{7}単価\u{7}\u{7}注\r秘密\r";
    let body = u32::try_from(text.chars().count() - 5).unwrap();
    let file = made([body, 2, 0, 0, 3, 0, 0, 0], text, FAR, FAR);
    let (result, text, notes) = read(&file);
    assert_eq!(result, Ok(()));
    assert!(text.starts_with("予算結果の概要\n品名\t単価"), "{text}");
    assert!(text.contains('注') && !text.contains("秘密"), "{text}");
    assert_eq!(
        notes,
        [
            (FindingCode::OfficeField, 1),
            (FindingCode::OfficeComment, 1)
        ]
    );
}

#[test]
fn hidden_text_is_told_and_deleted_text_is_not() {
    let (result, text, notes) = read(&made([6, 0, 0, 0, 0, 0, 0, 0], "甲乙丙丁戊\r", 1, 3));
    assert_eq!(result, Ok(()));
    assert_eq!(text.trim(), "甲乙丙戊");
    assert_eq!(
        notes,
        [
            (FindingCode::OfficeRevision, 1),
            (FindingCode::OfficeHidden, 1)
        ]
    );
}

#[test]
fn an_encrypted_one_is_told_as_such() {
    let mut file = made([2, 0, 0, 0, 0, 0, 0, 0], "甲\r", FAR, FAR);
    // the main stream is the first one, and too small for none of it to lie in the mini stream
    let at = memchr::memmem::find(&file, &0xa5ecu16.to_le_bytes()).unwrap();
    file[at + 11] |= 1;
    assert!(matches!(read(&file).0, Err(Refusal::Encrypted(_))));
}

/// The encrypted streams of a text with a password, of the parameters of `bits`.
fn sealed(bits: Option<u32>) -> [(&'static str, Vec<u8>); 2] {
    let (info, opened) = legacy::sealed("ひみつ", bits);
    let (mut main, mut table) = streams([3, 0, 0, 0, 0, 0, 0, 0], "甲乙丙", FAR, FAR, info.len());
    main[11] |= 1;
    let head = main[..PLAIN].to_vec();
    for stream in [&mut main, &mut table] {
        for (number, block) in (0u32..).zip(stream.chunks_mut(BLOCK)) {
            opened.block(block, number).unwrap();
        }
    }
    put(&mut main, 0, &head);
    put(&mut table, 0, &info);
    [("WordDocument", main), ("1Table", table)]
}

fn with_password(password: &str, hands_on: HandsOn) -> Hints {
    Hints {
        passwords: vec![mugai_core::Password::new(password.to_owned()).unwrap()],
        hands_on,
        ..Hints::default()
    }
}

#[test]
fn one_with_a_password_is_read() {
    for bits in [None, Some(40), Some(128)] {
        let file = compound(&sealed(bits));
        let open = |password: &str| {
            let hints = with_password(password, HandsOn::Nothing);
            let treatments =
                Treatments::nothing().with(mugai_core::Family::Office, Treatment::Text);
            let (result, tape) = taped(treatments, hints, |cx| Doc.open(&file, cx));
            (result, tape.text())
        };
        assert_eq!(open("秘密").0, Err(ENCRYPTED));
        let (result, text) = open("ひみつ");
        result.unwrap();
        assert!(text.contains("甲乙丙"), "{text}");
        // without a password it is a text like any other
        let hints = with_password("ひみつ", HandsOn::Plain);
        let (result, tape) = taped(Treatments::nothing(), hints, |cx| Doc.open(&file, cx));
        result.unwrap();
        let [Piece::Text(_), Piece::Child(plain)] = &tape.pieces[..] else {
            panic!("{:?}", tape.pieces);
        };
        let plain = plain.content.load().unwrap();
        assert_eq!(plain.len(), file.len());
        let (result, text, notes) = read(&plain);
        assert_eq!((result, text.trim(), notes), (Ok(()), "甲乙丙", Vec::new()));
    }
}

/// Its data would stay encrypted in a file that says that it is not.
#[test]
fn one_whose_data_cannot_be_read_is_not_handed_on() {
    let [main, table] = sealed(Some(128));
    let mut file = compound(&[main, table, ("Data", vec![7; 5_000])]);
    let open = |file: &[u8], hands_on| {
        let hints = with_password("ひみつ", hands_on);
        let (result, tape) = taped(Treatments::nothing(), hints, |cx| Doc.open(file, cx));
        let children = tape.pieces.iter().filter(|p| matches!(p, Piece::Child(_)));
        (result, children.count())
    };
    assert_eq!(open(&file, HandsOn::Plain), (Ok(()), 1));
    // the entry of the stream says that it is longer than its sectors
    let name: Vec<u8> = "Data\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = memchr::memmem::find(&file, &name).unwrap();
    put(&mut file, at + 120, &9_000u32.to_le_bytes());
    assert_eq!(open(&file, HandsOn::Nothing), (Ok(()), 0));
    let (result, children) = open(&file, HandsOn::Plain);
    assert!(matches!(result, Err(Refusal::Malformed(_))), "{result:?}");
    assert_eq!(children, 0);
}

/// A suite shows what they showed, and not the moment.
#[test]
fn fields_of_the_moment_are_handed_on_as_fields_of_no_kind() {
    let (mut main, mut table) = streams([3, 0, 0, 0, 0, 0, 0, 0], "甲乙丙", FAR, FAR, 0);
    let start = u32::try_from(table.len()).unwrap();
    for place in [0u32, 1, 2, 3] {
        table.extend(place.to_le_bytes());
    }
    // a date, its end, which has other flags, and the number of a page
    table.extend([0x13, 0x1f, 0x15, 0x1f, 0x13, 0x21]);
    put(&mut main, 0x11a, &start.to_le_bytes());
    put(&mut main, 0x11e, &22u32.to_le_bytes());
    let file = compound(&[("WordDocument", main), ("1Table", table)]);
    for (hands_on, count) in [(HandsOn::Plain, 1), (HandsOn::Nothing, 0)] {
        let hints = Hints {
            hands_on,
            ..Hints::default()
        };
        let (result, tape) = taped(Treatments::nothing(), hints, |cx| Doc.open(&file, cx));
        result.unwrap();
        let children: Vec<_> = tape
            .pieces
            .iter()
            .filter_map(|piece| {
                let Piece::Child(child) = piece else {
                    return None;
                };
                Some(child.content.load().unwrap())
            })
            .collect();
        assert_eq!(children.len(), count);
        for child in children {
            let changed: Vec<_> = file
                .iter()
                .zip(child.iter())
                .filter(|(a, b)| a != b)
                .collect();
            assert_eq!(changed, [(&0x1f, &0x02)]);
        }
    }
}

#[test]
fn every_changed_byte_is_read_or_refused() {
    let file = made([6, 0, 0, 0, 0, 0, 0, 0], "甲乙丙丁戊\r", 1, 3);
    for at in 0..file.len() {
        let mut bent = file.clone();
        bent[at] ^= 0xff;
        if let Err(refusal) = read(&bent).0 {
            assert!(!refusal.is_alarm());
        }
    }
}

#[test]
fn pieces_of_no_length_are_none() {
    let (main, _) = streams([3, 0, 0, 0, 0, 0, 0, 0], "甲乙丙", FAR, FAR, 0);
    let count = 1_000;
    let mut list = vec![0; 4 * (count + 1)];
    list.extend(3u32.to_le_bytes());
    for _ in 0..=count {
        list.extend([0, 0]);
        list.extend(u32::try_from(TEXT).unwrap().to_le_bytes());
        list.extend([0, 0]);
    }
    let mut table = vec![2];
    table.extend(u32::try_from(list.len()).unwrap().to_le_bytes());
    table.extend(list);
    let mut fib = Fib::read(&main).unwrap();
    fib.pieces = 0..table.len();
    let (runs, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        pieces::read(&fib, &table, cx).map(|runs| runs.len())
    });
    assert_eq!(runs, Ok(1));
}

#[test]
fn every_header_that_differs_is_told_once() {
    let headers: Vec<String> = (0..200).map(|n| format!("h{:02}\r", n % 100)).collect();
    let headers = headers.concat();
    let count = u32::try_from(headers.len()).unwrap();
    let text = format!("m{headers}");
    let (mut main, mut table) = streams([1, 0, count, 0, 0, 0, 0, 0], &text, FAR, FAR, 0);
    let start = u32::try_from(table.len()).unwrap();
    let places = [0; 6].into_iter().chain((0..=200).map(|number| number * 4));
    let list: Vec<u8> = places
        .chain([count + 1])
        .flat_map(u32::to_le_bytes)
        .collect();
    put(&mut main, 0xf2, &start.to_le_bytes());
    put(
        &mut main,
        0xf6,
        &u32::try_from(list.len()).unwrap().to_le_bytes(),
    );
    table.extend(list);
    let (result, text, _) = read(&compound(&[("WordDocument", main), ("1Table", table)]));
    assert_eq!(result, Ok(()));
    for number in 0..100 {
        assert_eq!(
            text.matches(&format!("h{number:02}")).count(),
            1,
            "{number}"
        );
    }
}
