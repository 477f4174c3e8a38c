//! Workbooks of records that are put together here.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "places in files that are made here"
)]

use super::*;
use crate::formats::encrypted::legacy;
use mugai_core::markup::Event;
use mugai_core::{Hints, Treatments};
use mugai_testkit::make::compound;
use mugai_testkit::show::{Tape, taped};

fn record(id: u16, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    [&id.to_le_bytes()[..], &length.to_le_bytes(), content].concat()
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = u16::try_from(units.len()).unwrap().to_le_bytes().to_vec();
    out.push(1);
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    out
}

fn at(row: u16, column: u16, look: u16) -> Vec<u8> {
    [row, column, look]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect()
}

fn cell(id: u16, row: u16, column: u16, look: u16, value: &[u8]) -> Vec<u8> {
    record(id, &[&at(row, column, look)[..], value].concat())
}

/// A cell with a text that is not in the table.
fn lost_text() -> Vec<u8> {
    cell(records::LABEL_SHARED, 3, 0, 0, &9u32.to_le_bytes())
}

/// The second row, hidden, of a height that somebody said.
fn hidden_row() -> Vec<u8> {
    let said = [1, 0, 0, 0, 2, 0, 0x90, 1, 0, 0, 0, 0, 0x60, 0, 0, 0];
    record(records::ROW, &said)
}

/// A book with one hidden and one seen sheet; its strings go on in a second record.
fn made() -> Vec<u8> {
    made_with(&[])
}

/// The same with a record behind its beginning.
fn made_with(pass: &[u8]) -> Vec<u8> {
    let bof = |kind: u16| {
        record(
            records::BOF,
            &[&0x0600u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat(),
        )
    };
    let mut strings = [2u32.to_le_bytes(), 2u32.to_le_bytes()].concat();
    strings.extend(wide("品名"));
    // half of the second string, and the rest in a record that says its width anew
    strings.extend([4, 0, 0, b'a', b'b']);
    let rest = [&[1u8][..], &wide("日本")[3..]].concat();
    let sheet = |name: &str, place: u32, hidden: u8, kind: u8| {
        let mut content = place.to_le_bytes().to_vec();
        content.extend([hidden, kind]);
        let name = wide(name);
        content.push(name[0]);
        content.extend(&name[2..]);
        record(records::SHEET, &content)
    };
    let globals = |places: [u32; 3]| {
        [
            bof(5),
            pass.to_vec(),
            record(
                records::FORMAT,
                &[&176u16.to_le_bytes()[..], &wide("#,##0\"円\"")].concat(),
            ),
            record(records::LOOK, &[0; 20]),
            record(records::LOOK, &[&[0, 0, 176, 0][..], &[0; 16]].concat()),
            record(
                records::NAME,
                &[&[0x20, 0, 0, 1][..], &[0; 11], &[1]].concat(),
            ),
            record(records::BOOK_LINK, &[1, 0, 5, 0]),
            sheet("集計", places[0], 0, 0),
            sheet("隠し", places[1], 2, 0),
            sheet("Macro1", places[2], 0, 1),
            record(records::STRINGS, &strings),
            record(records::CONTINUE, &rest),
            record(records::EOF, &[]),
        ]
        .concat()
    };
    let first = [
        bof(0x10),
        cell(records::LABEL_SHARED, 0, 0, 0, &0u32.to_le_bytes()),
        cell(records::LABEL_SHARED, 0, 2, 0, &1u32.to_le_bytes()),
        cell(records::NUMBER, 1, 0, 1, &1_234_567.0f64.to_le_bytes()),
        cell(records::RK, 1, 1, 0, &(((150u32) << 2) | 3).to_le_bytes()),
        record(
            records::FORMULA,
            &[&at(2, 0, 0)[..], &[0, 0, 0, 0, 0, 0, 0xff, 0xff], &[0; 8]].concat(),
        ),
        record(records::FORMULA_TEXT, &wide("結果")),
        cell(records::BOOL, 2, 1, 0, &[7, 1]),
        record(records::MERGED, &[1, 0, 0, 0, 1, 0, 3, 0, 4, 0]),
        lost_text(),
        hidden_row(),
        record(records::LINK, &[]),
        record(records::EOF, &[]),
    ]
    .concat();
    let second = [
        bof(0x10),
        record(records::LABEL, &[&at(0, 0, 0)[..], &wide("秘密")].concat()),
        record(records::EOF, &[]),
    ]
    .concat();
    let length = u32::try_from(globals([0; 3]).len()).unwrap();
    let behind = length + u32::try_from(first.len()).unwrap();
    [globals([length, behind, 9]), first, second].concat()
}

fn read(file: &[u8], treatment: Treatment) -> (Result<(), Refusal>, Tape) {
    let treatments = Treatments::nothing().with(Family::Sheet, treatment);
    taped(treatments, Hints::default(), |cx| Xls.open(file, cx))
}

fn text(tape: &Tape) -> &str {
    match tape.pieces.as_slice() {
        [Piece::Text(text)] => text.as_str(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn cells_as_they_are_shown() {
    for file in [made(), compound(&[("Workbook", made())])] {
        let (result, tape) = read(&file, Treatment::Text);
        assert_eq!(result, Ok(()));
        assert_eq!(
            text(&tape),
            "[集計]\n品名\t\tab日本\n1,234,567円\t1.5\n結果\t#DIV/0!\n\n[隠し]\n秘密\n\n"
        );
        let codes: Vec<_> = tape.findings.iter().map(|f| f.code).collect();
        for code in [
            FindingCode::OfficeMacro,
            FindingCode::OfficeExternal,
            FindingCode::OfficeFormula,
            FindingCode::OfficeLink,
            FindingCode::OfficeHidden,
            FindingCode::TextTruncated,
        ] {
            assert!(codes.contains(&code), "{code:?}");
        }
    }
}

#[test]
fn a_book_is_written_anew_and_accepted() {
    let (result, tape) = read(&made(), Treatment::Rebuild);
    assert_eq!(result, Ok(()));
    let parts = tape.parts();
    assert_eq!(parts.len(), 4);
    let mut row = Vec::new();
    for event in parts[2].events() {
        if let Event::Open(element) = event {
            if element.is("x:c") && row.first().is_some_and(|(_, number)| number == "2") {
                break;
            }
            row.clear();
        } else if let Event::Attribute(attribute, value) = event {
            row.push((attribute.local().to_owned(), value.to_owned()));
        }
    }
    let row: Vec<_> = row.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(
        row,
        [
            ("r", "2"),
            ("ht", "20.00"),
            ("customHeight", "1"),
            ("hidden", "1")
        ]
    );
    let draft = mugai_emit::ooxml::document(&parts, &[]).unwrap();
    mugai_verify::verify(draft, &[]).unwrap();
}

#[test]
fn an_encrypted_one_is_told_as_such() {
    let bof = record(records::BOF, &[0, 6, 5, 0, 0, 0, 0, 0]);
    let file = [bof, record(records::FILE_PASS, &[0; 6])].concat();
    let refused = read(&file, Treatment::Text).0;
    assert!(matches!(refused, Err(Refusal::Encrypted(_))), "{refused:?}");
}

/// What [MS-XLS] 2.2.10 leaves as it is, told once more than in the reader.
fn is_plain(id: u16) -> bool {
    matches!(id, records::BOF | records::FILE_PASS | records::INTERFACE)
}

#[test]
fn one_with_a_password_is_read() {
    for (bits, password) in [
        (None, "VelvetSweatshop"),
        (Some(40), "VelvetSweatshop"),
        (Some(128), "ひみつ"),
    ] {
        let (info, opened) = legacy::sealed(password, bits);
        let plain = made_with(&record(records::FILE_PASS, &[&[1, 0][..], &info].concat()));
        let mut file = plain.clone();
        for (number, block) in (0u32..).zip(file.chunks_mut(1024)) {
            opened.block(block, number).unwrap();
        }
        let (mut records, mut at) = (Records::new(&plain), 0);
        while let Some(record) = records.next() {
            let kept = match record.id {
                id if is_plain(id) => record.content.len(),
                records::SHEET => 4,
                _ => 0,
            };
            file[at..at + 4 + kept].copy_from_slice(&plain[at..at + 4 + kept]);
            at += 4 + record.content.len();
        }
        let open = |password: &str| {
            let hints = Hints {
                passwords: vec![mugai_core::Password::new(password.to_owned()).unwrap()],
                ..Hints::default()
            };
            let treatments = Treatments::nothing().with(Family::Sheet, Treatment::Text);
            taped(treatments, hints, |cx| Xls.open(&file, cx))
        };
        let (result, tape) = open("ひみつ");
        assert_eq!(result, Ok(()));
        assert!(
            text(&tape).contains("[集計]\n品名\t\tab日本"),
            "{}",
            text(&tape)
        );
        assert!(
            tape.findings
                .iter()
                .any(|f| f.code == FindingCode::OfficePassword)
        );
        // the password of workbooks that are only protected is always tried
        let expected = if password == "ひみつ" {
            Err(ENCRYPTED)
        } else {
            Ok(())
        };
        assert_eq!(open("秘密").0, expected);
    }
}

/// A book of so many sheets, whose beginnings reach over those of all later ones to one common rest.
fn over_one_tail(sheets: u32, tail: &[u8]) -> Vec<u8> {
    let bof = record(records::BOF, &[&[0, 6, 5, 0][..], &[0; 12]].concat());
    let list = |base: u32| -> Vec<u8> {
        let line = |number: u32| {
            let place = (base + 8 * number).to_le_bytes();
            record(records::SHEET, &[&place[..], &[0, 0, 1, 0, b's']].concat())
        };
        (0..sheets).flat_map(line).collect()
    };
    let end = record(records::EOF, &[]);
    let length = bof.len() + list(0).len() + end.len();
    let heads = (0..sheets).flat_map(|number| {
        let over = u16::try_from(8 * (sheets - number) - 4).unwrap();
        [records::BOF, over, 0x0600, 0x0010]
            .map(u16::to_le_bytes)
            .concat()
    });
    let heads: Vec<u8> = heads.collect();
    [
        bof,
        list(u32::try_from(length).unwrap()),
        end,
        heads,
        tail.to_vec(),
    ]
    .concat()
}

#[test]
fn records_that_continue_are_paid_for_by_every_sheet() {
    let tail = [
        record(records::FORMULA_TEXT, &[0; 3]),
        record(records::CONTINUE, &[]).repeat(10_000),
        record(records::EOF, &[]),
    ]
    .concat();
    let (result, _) = read(&over_one_tail(1, &tail), Treatment::Text);
    assert_eq!(result, Ok(()));
    let (result, _) = read(&over_one_tail(200, &tail), Treatment::Text);
    assert!(matches!(result, Err(Refusal::Overrun { .. })), "{result:?}");
}

/// A book of one sheet of these records, in the version of the records.
fn of_sheet(version: u16, name: &[u8], records: &[u8]) -> Vec<u8> {
    let bof = |kind: u16| {
        let content = [
            &[version, kind].map(u16::to_le_bytes).concat()[..],
            &[0; 12],
        ]
        .concat();
        record(records::BOF, &content)
    };
    let end = record(records::EOF, &[]);
    let globals = |place: usize| {
        let place = u32::try_from(place).unwrap().to_le_bytes();
        let sheet = record(records::SHEET, &[&place[..], &[0, 0], name].concat());
        [bof(5), sheet, end.clone()].concat()
    };
    let place = globals(0).len();
    [globals(place), bof(0x10), records.to_vec(), end.clone()].concat()
}

fn object(kind: u16) -> Vec<u8> {
    record(
        records::OBJECT,
        &[0x15, 0x12, kind, 1, 0].map(u16::to_le_bytes).concat(),
    )
}

#[test]
fn charts_and_pictures_are_noted_once_each() {
    let bof = record(records::BOF, &[&[0, 6, 0x20, 0][..], &[0; 12]].concat());
    let end = record(records::EOF, &[]);
    // a chart with its part, a picture, and a part without an object
    let records = [
        object(5),
        bof.clone(),
        end.clone(),
        object(8),
        object(6),
        bof,
        end,
    ];
    for treatment in [Treatment::Text, Treatment::Rebuild] {
        let file = of_sheet(0x0600, &[1, 0, b's'], &records.concat());
        let (result, tape) = read(&file, treatment);
        assert_eq!(result, Ok(()));
        let notes: Vec<_> = tape.findings.iter().map(|f| (f.code, f.count)).collect();
        assert_eq!(notes, [(FindingCode::OfficePart, 3)]);
    }
}

#[test]
fn letters_that_are_drawings_are_told_behind_the_cells() {
    let drawing = record(records::DRAWING, &crate::formats::art::made("夏まつり"));
    let (result, tape) = read(&of_sheet(0x0600, &[1, 0, b's'], &drawing), Treatment::Text);
    assert_eq!(result, Ok(()));
    assert_eq!(text(&tape), "[s]\n夏まつり\n\n");
}

#[test]
fn pages_are_kept_and_their_lines_are_told() {
    let mut setup = [8u16, 75, 1, 2, 0, 0, 0, 0].map(u16::to_le_bytes).concat();
    setup.extend([0.25f64, 0.5].map(f64::to_le_bytes).concat());
    setup.extend([1, 0]);
    let records = [
        record(0x0081, &[0, 1]),
        record(0x0014, &wide("&C機密 &P")),
        record(0x0015, &wide("&R総務課")),
        record(0x0083, &[1, 0]),
        record(0x0026, &1.5f64.to_le_bytes()),
        record(0x0027, &f64::NAN.to_le_bytes()),
        record(0x00a1, &setup),
    ];
    let file = of_sheet(0x0600, &[1, 0, b's'], &records.concat());
    let (result, tape) = read(&file, Treatment::Text);
    assert_eq!(result, Ok(()));
    assert_eq!(text(&tape), "[s]\n機密\n総務課\n\n");
    let (result, tape) = read(&file, Treatment::Rebuild);
    assert_eq!(result, Ok(()));
    let parts = tape.parts();
    let mut said = Vec::new();
    for event in parts[2].events() {
        if let Event::Attribute(attribute, value) = event {
            said.push(format!("{}={value}", attribute.local()));
        } else if let Event::Text(text) = event {
            said.push(text.to_owned());
        }
    }
    let want = [
        "fitToPage=1",
        "horizontalCentered=1",
        "left=1.5000",
        "right=0.7500",
        "top=1.0000",
        "bottom=1.0000",
        "header=0.2500",
        "footer=0.5000",
        "paperSize=8",
        "scale=75",
        "fitToWidth=2",
        "fitToHeight=0",
        "orientation=landscape",
        "&C機密 &P",
        "&R総務課",
    ];
    assert_eq!(said, want);
    let draft = mugai_emit::ooxml::document(&parts, &[]).unwrap();
    mugai_verify::verify(draft, &[]).unwrap();
}

#[test]
fn texts_of_old_boxes_stand_in_their_objects() {
    let boxed = |name: &[u8], runs: u8| {
        let mut object = vec![0; 70];
        object[4] = 6;
        object[26] = runs;
        object[30] = u8::try_from(name.len()).unwrap();
        if !name.is_empty() {
            object.push(object[30]);
            object.extend(name);
            object.resize(object.len().next_multiple_of(2), 0);
        }
        object.resize(object.len() + usize::from(runs), 9);
        let (told, _, _) = encoding_rs::SHIFT_JIS.encode("注意\r書き");
        object[44] = u8::try_from(told.len()).unwrap();
        object.extend(&*told);
        record(records::OBJECT, &object)
    };
    let page = record(records::CODE_PAGE, &932u16.to_le_bytes());
    for (name, runs) in [(&b""[..], 0), (b"ab", 4), (b"abc", 0)] {
        let mut file = of_sheet(0x0500, &[1, b's'], &boxed(name, runs));
        // the charset, behind the beginning; the place of the sheet is behind it
        let place = 20 + 4;
        file[place] += u8::try_from(page.len()).unwrap();
        file.splice(20..20, page.clone());
        let (result, tape) = read(&file, Treatment::Text);
        assert_eq!(result, Ok(()));
        assert_eq!(text(&tape), "[s]\n注意\n書き\n\n");
    }
}

#[test]
fn every_cut_and_every_changed_byte_is_read_or_refused() {
    let file = made();
    for at in 0..file.len() {
        let mut bent = file.clone();
        bent[at] ^= 0xff;
        for bytes in [&bent[..], &file[..at]] {
            if let Err(refusal) = read(bytes, Treatment::Rebuild).0 {
                assert!(!refusal.is_alarm(), "{refusal}");
            }
        }
    }
}
