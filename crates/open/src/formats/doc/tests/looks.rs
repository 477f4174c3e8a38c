//! Looks that whole pieces have, that lie beside the main stream, and that show other letters; headers that differ;
//! letters that are drawings.

use super::*;

/// Tells the main stream that one of its tables is what is added here.
pub(super) fn add(main: &mut [u8], table: &mut Vec<u8>, field: usize, bytes: &[u8]) {
    let place = u32::try_from(table.len()).unwrap();
    put(main, field, &place.to_le_bytes());
    let length = u32::try_from(bytes.len()).unwrap();
    put(main, field + 4, &length.to_le_bytes());
    table.extend_from_slice(bytes);
}

/// Pieces, each with its end in the text and what is said of it, behind lists of modifiers.
fn add_pieces(main: &mut [u8], table: &mut Vec<u8>, lists: &[&[u8]], pieces: &[(u32, u16)]) {
    let mut out = Vec::new();
    for list in lists {
        out.push(1);
        out.extend(u16::try_from(list.len()).unwrap().to_le_bytes());
        out.extend_from_slice(list);
    }
    let (mut ends, mut places) = (vec![0; 4], Vec::new());
    let mut start = 0;
    for (end, word) in pieces {
        ends.extend(end.to_le_bytes());
        places.extend([0, 0]);
        places.extend((u32::try_from(TEXT).unwrap() + 2 * start).to_le_bytes());
        places.extend(word.to_le_bytes());
        start = *end;
    }
    out.push(2);
    out.extend(
        u32::try_from(ends.len() + places.len())
            .unwrap()
            .to_le_bytes(),
    );
    out.extend([ends, places].concat());
    add(main, table, 0x1a2, &out);
}

/// A page of looks of characters or of paragraphs: the ends of runs, and their modifiers.
pub(super) fn add_page(
    main: &mut Vec<u8>,
    table: &mut Vec<u8>,
    paragraphs: bool,
    runs: &[(u32, &[u8])],
) {
    let place = |n: u32| (u32::try_from(TEXT).unwrap() + 2 * n).to_le_bytes();
    let mut page = vec![0; 512];
    let (width, mut top) = (if paragraphs { 13 } else { 1 }, 510);
    put(&mut page, 0, &place(0));
    for (number, (end, modifiers)) in runs.iter().enumerate() {
        put(&mut page, 4 * (number + 1), &place(*end));
        if modifiers.is_empty() {
            continue;
        }
        let mut said = if paragraphs {
            vec![
                0,
                u8::try_from(modifiers.len().div_ceil(2) + 1).unwrap(),
                0,
                0,
            ]
        } else {
            vec![u8::try_from(modifiers.len()).unwrap()]
        };
        said.extend_from_slice(modifiers);
        top -= said.len().div_ceil(2) * 2;
        put(&mut page, top, &said);
        page[4 * (runs.len() + 1) + number * width] = u8::try_from(top / 2).unwrap();
    }
    page[511] = u8::try_from(runs.len()).unwrap();
    let number = u32::try_from(main.len() / 512).unwrap();
    main.extend(page);
    let list = [
        place(0),
        place(runs.last().unwrap().0),
        number.to_le_bytes(),
    ]
    .concat();
    add(main, table, if paragraphs { 0x102 } else { 0xfa }, &list);
}

pub(super) fn plain(text: &str) -> (Vec<u8>, Vec<u8>) {
    let count = u32::try_from(text.encode_utf16().count()).unwrap();
    streams([count, 0, 0, 0, 0, 0, 0, 0], text, FAR, FAR, 0)
}

#[test]
fn a_version_before_the_first_one_is_that_one() {
    let (mut main, table) = plain("本文\r");
    put(&mut main, 2, &[0xc0, 0]);
    let (result, text, _) = read(&compound(&[("WordDocument", main), ("1Table", table)]));
    assert_eq!((result, text.trim()), (Ok(()), "本文"));
}

#[test]
fn a_story_of_less_than_nothing_is_none() {
    let file = made([3, 0, 0, u32::MAX, 0, 0, 0, 0], "本文\r", FAR, FAR);
    let (result, text, _) = read(&file);
    assert_eq!((result, text.trim()), (Ok(()), "本文"));
}

#[test]
fn fields_of_forms_show_what_is_chosen() {
    let field = |name: &str| format!("\u{13} {name} \u{1}\u{14}\u{15}");
    let text = format!(
        "出席{}欠席{}\r",
        field("FORMCHECKBOX"),
        field("FORMDROPDOWN")
    );
    let place = |number: usize| {
        let marks = text
            .encode_utf16()
            .zip(0u32..)
            .filter(|(unit, _)| *unit == 1);
        marks.map(|(_, place)| place).nth(number).unwrap()
    };
    let ticked = form::tests::made(1, 1, 0, &[]);
    let chosen = form::tests::made(2, 0, 0, &["病気"]);
    let data = [ticked.as_slice(), &chosen].concat();
    let place_of = |at: usize, is_data: u8| {
        let at = u32::try_from(at).unwrap().to_le_bytes();
        [&[0x03, 0x6a], &at[..], &[0x06, 0x08, is_data]].concat()
    };
    for (is_data, want) in [(1, "出席☑欠席病気"), (0, "出席欠席")] {
        let (mut main, mut table) = plain(&text);
        let (one, two) = (place_of(3, is_data), place_of(ticked.len() + 3, is_data));
        let runs: [(u32, &[u8]); 5] = [
            (place(0), &[]),
            (place(0) + 1, &one),
            (place(1), &[]),
            (place(1) + 1, &two),
            (place(1) + 9, &[]),
        ];
        add_page(&mut main, &mut table, false, &runs);
        let streams = [
            ("WordDocument", main),
            ("1Table", table),
            ("Data", data.clone()),
        ];
        let (result, text, _) = read(&compound(&streams));
        assert_eq!((result, text.trim()), (Ok(()), want));
    }
}

#[test]
fn whole_pieces_are_deleted_and_hidden() {
    let (mut main, mut table) = plain("甲乙丙丁\r");
    // by itself: deleted; by the second list: hidden
    let lists: [&[u8]; 2] = [&[], &[0x3c, 0x08, 1]];
    let pieces = [(1, 0), (2, 1 << 8 | 0x41 << 1), (3, 1 << 1 | 1), (5, 0)];
    add_pieces(&mut main, &mut table, &lists, &pieces);
    let (result, text, notes) = read(&compound(&[("WordDocument", main), ("1Table", table)]));
    assert_eq!((result, text.trim()), (Ok(()), "甲丙丁"));
    assert_eq!(
        notes,
        [
            (FindingCode::OfficeRevision, 1),
            (FindingCode::OfficeHidden, 1)
        ]
    );
}

#[test]
fn rows_end_where_the_data_beside_says_so() {
    let text = "甲\u{7}乙\u{7}\u{7}丙\u{7}丁\u{7}\u{7}後\r";
    let (mut main, mut table) = plain(text);
    // the modifiers lie behind five bytes of something else
    let huge: &[u8] = &[0x46, 0x66, 5, 0, 0, 0];
    let runs = [(4, &[][..]), (5, huge), (9, &[]), (10, huge), (12, &[])];
    add_page(&mut main, &mut table, true, &runs);
    let data = [&[9; 5][..], &[6, 0], &[0x16, 0x24, 1, 0x17, 0x24, 1]].concat();
    let file = compound(&[("WordDocument", main), ("1Table", table), ("Data", data)]);
    let (result, text, _) = read(&file);
    assert_eq!((result, text.trim()), (Ok(()), "甲\t乙\n丙\t丁\n後"));
}

#[test]
fn letters_of_symbols_are_what_their_fonts_show() {
    let (mut main, mut table) = plain("((((\r");
    let symbol =
        |font: u8, letter: [u8; 2]| [0x55, 0x08, 1, 0x09, 0x6a, font, 0, letter[0], letter[1]];
    let (check, square) = (symbol(1, [0xfc, 0xf0]), symbol(1, [0xa8, 0xf0]));
    // a letter of a font that nobody knows, and a control
    let (other, control) = (symbol(0, [0x41, 0xf0]), symbol(0, [0x13, 0]));
    let runs = [
        (1, &check[..]),
        (2, &square),
        (3, &other),
        (4, &control),
        (5, &[]),
    ];
    add_page(&mut main, &mut table, false, &runs);
    let mut fonts = vec![2, 0, 0, 0];
    for name in ["ＭＳ 明朝\0x", "Wingdings\0"] {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        fonts.push(u8::try_from(39 + name.len()).unwrap());
        fonts.extend([0; 39]);
        fonts.extend(name);
    }
    add(&mut main, &mut table, 0x112, &fonts);
    let (result, text, notes) = read(&compound(&[("WordDocument", main), ("1Table", table)]));
    assert_eq!((result, text.trim()), (Ok(()), "✓□〓\u{fffd}"));
    assert_eq!(notes, [(FindingCode::TextGaiji, 1)]);
}

#[test]
fn letters_that_are_drawings_are_told_behind_the_text() {
    let (mut main, mut table) = plain("本文\r");
    let container = |kind: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        [&[0x0f, 0, kind, 0xf0][..], &length, content].concat()
    };
    let shape = |letters: &str| container(4, &crate::formats::art::made(letters));
    let drawings = [
        container(0, &[0, 0, 6, 0xf0, 0, 0, 0, 0]),
        vec![0],
        container(2, &[shape("夏"), shape("まつり")].concat()),
        vec![1],
        container(2, &shape("町")),
    ];
    add(&mut main, &mut table, 0x22a, &drawings.concat());
    let (result, text, _) = read(&compound(&[("WordDocument", main), ("1Table", table)]));
    assert_eq!((result, text.trim()), (Ok(()), "本文\n\n夏\nまつり\n町"));
}
