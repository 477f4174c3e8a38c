//! A package of records that is put together by a recipe.

use super::*;
use mugai_core::{Hints, Piece, Treatments};
use mugai_testkit::show::{Tape, taped};

fn read(file: &[u8], treatment: Treatment) -> (Result<(), Refusal>, Tape) {
    let treatments = Treatments::nothing().with(Family::Sheet, treatment);
    taped(treatments, Hints::default(), |cx| Xlsb.open(file, cx))
}

fn case() -> Vec<u8> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let recipe = root.join("xlsb/good/make.toml");
    mugai_testkit::make::file(&recipe, &root).unwrap().0
}

#[test]
fn values_as_they_are_shown() {
    let (result, tape) = read(&case(), Treatment::Text);
    assert_eq!(result, Ok(()));
    let [Piece::Text(text)] = tape.pieces.as_slice() else {
        panic!("{:?}", tape.pieces)
    };
    assert_eq!(
        text.as_str(),
        "[集計]\n品名\t1,500\nTRUE\t令和6年6月1日\n結果\n\n"
    );
}

#[test]
fn a_book_is_written_anew_and_accepted() {
    let (result, tape) = read(&case(), Treatment::Rebuild);
    assert_eq!(result, Ok(()));
    let parts = tape.parts();
    let draft = mugai_emit::ooxml::document(&parts, &[]).unwrap();
    mugai_verify::verify(draft, &[]).unwrap();
}

#[test]
fn records_that_end_early_are_refused() {
    for (bytes, good) in [
        (&b""[..], true),
        (b"\x05", false),
        (b"\x05\x00", true),
        (b"\x05\x02\x00", false),
        (b"\x85", false),
        (b"\x05\xff\xff\xff\x7f", false),
    ] {
        let (strings, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
            records::strings(bytes, cx).is_ok()
        });
        assert_eq!(strings, good, "{bytes:?}");
    }
}

/// A record with its length.
fn record(kind: &[u8], content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let mut record = kind.to_vec();
    record.push(u8::try_from(content.len()).unwrap());
    record.extend(content);
    record
}

/// A part with one of each.
fn part_of_looks() -> Vec<u8> {
    let name: Vec<u8> = "游ゴシック"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let rgb = [5, 0, 0, 0, 0xff, 0, 0, 0xff];
    let light = [7, 4, 0xff, 0x3f, 0, 0, 0, 0];
    let indexed = [3, 12, 0, 0, 0, 0, 0, 0];
    let none = [0; 8];
    [
        // 12 points, italic and struck, bold, underlined, red
        record(
            b"\x2b",
            &[
                &[240, 0, 10, 0, 188, 2, 0, 0, 1, 2, 128, 0],
                &rgb,
                &[0, 5, 0, 0, 0],
                &name,
            ],
        ),
        record(b"\x2d", &[&[1, 0, 0, 0], &light, &none]),
        record(
            b"\x2e",
            &[
                &[0, 1, 0],
                &indexed,
                &[0, 0],
                &none,
                &[6, 0],
                &none,
                &[0, 0],
                &none,
                &[0, 0],
                &none,
            ],
        ),
        record(b"\xe9\x04", &[&[1, 0, 0, 0]]),
        record(
            b"\x2f",
            &[&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 90, 3], &[0x52, 0, 0, 0]],
        ),
        record(b"\xea\x04", &[]),
    ]
    .concat()
}

#[test]
fn looks_are_told_again() {
    let bytes = part_of_looks();
    let mut told = None;
    let (result, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        told = Some(looks::read(&bytes, &Theme::default(), cx)?);
        Ok::<(), Refusal>(())
    });
    assert_eq!(result, Ok(()));
    let told = told.unwrap();
    let font = &told.fonts[0];
    assert_eq!((font.name.as_str(), font.points), ("游ゴシック", 12.0));
    assert_eq!((font.bold, font.italic, font.strike), (true, true, true));
    assert_eq!((font.underline, font.script, font.family), (1, 0, 2));
    assert_eq!(font.color.unwrap().rgb, [255, 0, 0]);
    // the first accent, halfway to white
    let accent = told.fills[0].front.unwrap();
    assert_eq!(accent.rgb, [0x4f, 0x81, 0xbd]);
    assert!((accent.tint - 0.5).abs() < 0.001);
    let [left, _, top, _, _] = told.borders[0].lines;
    assert_eq!((left.kind, top.kind), (6, 1));
    assert_eq!(top.color.unwrap().rgb, [0, 0, 255]);
    let look = told.cells[0];
    assert_eq!((look.horizontal, look.vertical, look.wrap), (2, 2, true));
    assert_eq!((look.rotation, look.indent), (90, 3));
    // no end of a part makes it stop otherwise than by a refusal
    for end in 0..bytes.len() {
        let (result, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
            looks::read(&bytes[..end], &Theme::default(), cx).map(|_| ())
        });
        assert!(
            matches!(result, Ok(()) | Err(Refusal::Malformed(_))),
            "{end}"
        );
    }
}

#[test]
fn colours_of_a_theme_go_by_their_numbers() {
    let xml = br#"<a:theme xmlns:a="x"><a:themeElements><a:clrScheme name="x">
        <a:dk1><a:sysClr val="windowText" lastClr="010203"/></a:dk1>
        <a:accent6><a:srgbClr val="aabbcc"/></a:accent6></a:clrScheme>
        <a:x><a:accent1><a:srgbClr val="000000"/></a:accent1></a:x></a:themeElements></a:theme>"#;
    let (result, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        let theme = Theme::read(xml, cx)?;
        assert_eq!(theme.color(1), Some([1, 2, 3]));
        assert_eq!(theme.color(9), Some([0xaa, 0xbb, 0xcc]));
        assert_eq!(theme.color(4), Some([0x4f, 0x81, 0xbd]));
        assert_eq!(theme.color(12), None);
        assert!(Theme::read(b"<!DOCTYPE x><x/>", cx).is_err());
        Ok::<(), Refusal>(())
    });
    assert_eq!(result, Ok(()));
}

/// A sheet of records, with one shared string.
fn sheet(records: &[Vec<u8>]) -> (Result<Sheet, Refusal>, Tape) {
    let strings = ["文字".into()];
    taped(Treatments::nothing(), Hints::default(), |cx| {
        records::sheet(&records.concat(), &strings, &[], cx)
    })
}

#[test]
fn cells_without_a_column_stand_behind_the_one_before() {
    let row = record(b"\x00", &[&[0; 12]]);
    let look = [0; 4];
    let half = 2.5f64.to_le_bytes();
    let (told, tape) = sheet(&[
        row.clone(),
        // in column B, and a look that is not seen behind it
        record(b"\x07", &[&[1, 0, 0, 0], &look, &[0; 4]]),
        record(b"\x0c", &[&look]),
        record(b"\x0d", &[&look, &[(7 << 2) | 2, 0, 0, 0]]),
        record(b"\x0e", &[&look, &[7]]),
        record(b"\x0f", &[&look, &[1]]),
        record(b"\x10", &[&look, &half]),
        record(b"\x11", &[&look, &[1, 0, 0, 0, b'a', 0]]),
        record(b"\x12", &[&look, &[0; 4]]),
        // a text that is not there keeps its place
        record(b"\x12", &[&look, &[9, 0, 0, 0]]),
        record(b"\x12", &[&look, &[0; 4]]),
    ]);
    let book = Book {
        sheets: vec![told.unwrap()],
        ..Book::default()
    };
    let (text, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        crate::formats::book::tell(book, cx)
    });
    let want = "[]\n\t文字\t\t7\t#DIV/0!\tTRUE\t2.5\ta\t文字\t\t文字\n\n";
    assert_eq!(text.as_deref(), Ok(want));
    let codes: Vec<_> = tape.findings.iter().map(|f| (f.code, f.count)).collect();
    assert_eq!(codes, [(FindingCode::TextTruncated, 1)]);
    for records in [
        vec![record(b"\x0c", &[&look])],
        vec![
            row.clone(),
            record(b"\x01", &[&[1, 0, 0, 0], &look]),
            row,
            record(b"\x0c", &[&look]),
        ],
    ] {
        assert!(matches!(sheet(&records).0, Err(Refusal::Malformed(_))));
    }
}

#[test]
fn the_width_of_columns_may_be_said_in_characters() {
    for (said, characters, want) in [
        (u32::MAX, 12u16, Some(12.0 + 5.0 / 7.0)),
        (u32::MAX, 8, None),
        (u32::MAX, 0, None),
        (2560, 8, Some(10.0)),
    ] {
        let defaults = [&said.to_le_bytes()[..], &characters.to_le_bytes(), &[0; 6]];
        let (told, _) = sheet(&[record(b"\xe5\x03", &defaults)]);
        assert_eq!(told.unwrap().default_width, want, "{said} {characters}");
    }
}

#[test]
fn a_page_that_nobody_chose_is_that_of_the_printer() {
    let setup = |flags: u16| {
        let numbers = [9, 80, 0, 0, 1, 1, 1, 1u32].map(u32::to_le_bytes);
        let content = [numbers.as_flattened(), &flags.to_le_bytes()].concat();
        let (read, _) = sheet(&[record(&[0xDE, 3], &[&content])]);
        let paper = read.unwrap().paper;
        (paper.size, paper.scale, paper.landscape)
    };
    assert_eq!((setup(2), setup(0)), ((9, 80, true), (9, 80, false)));
    assert_eq!(setup(4 | 2), setup(4));
    assert_eq!((setup(4).0, setup(4).2), (0, false));
}
