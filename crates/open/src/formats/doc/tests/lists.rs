//! Numbers of lists: those that paragraphs name, and those of their styles.

use super::looks::{add, add_page, plain};
use super::*;

/// A level: its format, its flags, the level before which it begins anew, what it shows, and modifiers of its letters.
fn level(start: u32, format: u8, flags: u8, restart: u8, text: &str, letters: &[u8]) -> Vec<u8> {
    let mut out = start.to_le_bytes().to_vec();
    out.extend([format, flags]);
    out.extend([0; 18]);
    out.extend([u8::try_from(letters.len()).unwrap(), 0, restart, 0]);
    out.extend_from_slice(letters);
    out.extend(
        u16::try_from(text.encode_utf16().count())
            .unwrap()
            .to_le_bytes(),
    );
    out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    out
}

/// A list of one level, or of nine, whose first one belongs to a style.
fn list(name: u32, simple: bool, style: u16) -> Vec<u8> {
    let mut out = name.to_le_bytes().to_vec();
    out.extend([0; 4]);
    out.extend(style.to_le_bytes());
    out.extend([0xff, 0x0f].repeat(8));
    out.extend([u8::from(simple), 0]);
    out
}

/// A list that paragraphs name, with so much of its own.
fn named(name: u32, own: u8) -> Vec<u8> {
    let mut out = name.to_le_bytes().to_vec();
    out.extend([0; 8]);
    out.extend([own, 0, 0, 0]);
    out
}

/// Styles of paragraphs: the one below, and their modifiers.
fn sheet(styles: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = vec![18, 0];
    out.extend(u16::try_from(styles.len()).unwrap().to_le_bytes());
    out.extend([10, 0]);
    out.extend([0; 14]);
    for (base, modifiers) in styles {
        let mut style = vec![0, 0];
        style.extend((base << 4 | 1).to_le_bytes());
        style.extend([0; 6]);
        // no name
        style.extend([0, 0, 0, 0]);
        let length = u16::try_from(modifiers.len() + 2).unwrap();
        style.extend(length.to_le_bytes());
        style.extend([0, 0]);
        style.extend_from_slice(modifiers);
        out.extend(u16::try_from(style.len()).unwrap().to_le_bytes());
        out.extend_from_slice(&style);
        out.extend(vec![0; style.len() % 2]);
    }
    out
}

/// Modifiers: the list by its place, and the level.
const FIRST: &[u8] = &[0x0b, 0x46, 1, 0];
const FIRST_DEEP: &[u8] = &[0x0b, 0x46, 1, 0, 0x0a, 0x26, 1];
const SECOND: &[u8] = &[0x0b, 0x46, 2, 0];
const THIRD: &[u8] = &[0x0b, 0x46, 3, 0];
const NONE: &[u8] = &[0x0b, 0x46, 0, 0];

/// A text of paragraphs with these modifiers, each a letter and its mark.
fn text_of(paragraphs: &[&[u8]], styles: &[(u16, &[u8])]) -> String {
    let text: String = ('a'..)
        .take(paragraphs.len())
        .flat_map(|c| [c, '\r'])
        .collect();
    let (mut main, mut table) = plain(&text);
    let ends = (1u32..).map(|number| 2 * number);
    let runs: Vec<(u32, &[u8])> = ends.zip(paragraphs.iter().copied()).collect();
    add_page(&mut main, &mut table, true, &runs);
    let mut lists = vec![2, 0];
    lists.extend(list(7, false, 0));
    lists.extend(list(8, true, 0x0fff));
    let length = lists.len();
    lists.extend(level(1, 14, 0, 0, "第\0条", &[]));
    lists.extend(level(1, 11, 4, 0, "\0-\u{1}", &[]));
    for _ in 2..9 {
        lists.extend(level(1, 0, 0, 0, "", &[]));
    }
    // the font, behind a size that has the bytes of its number
    let letters = [0x43, 0x4a, 0x4f, 0x4a, 0x4f, 0x4a, 1, 0];
    lists.extend(level(1, 23, 0, 0, "\u{f0fc}", &letters));
    add(&mut main, &mut table, 0x2e2, &lists);
    // the length that is told is that of the lists without their levels
    put(
        &mut main,
        0x2e6,
        &u32::try_from(length).unwrap().to_le_bytes(),
    );
    let mut all = 3u32.to_le_bytes().to_vec();
    all.extend([named(7, 0), named(8, 0), named(7, 1)].concat());
    all.extend([0xff; 8]);
    all.extend([0xff; 4]);
    all.extend(10u32.to_le_bytes());
    all.extend(0x10u32.to_le_bytes());
    add(&mut main, &mut table, 0x2ea, &all);
    let mut fonts = vec![2, 0, 0, 0];
    for name in ["Century", "Wingdings"] {
        let units: Vec<u8> = name
            .encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect();
        fonts.push(u8::try_from(39 + units.len()).unwrap());
        fonts.extend([0; 39]);
        fonts.extend(units);
    }
    add(&mut main, &mut table, 0x112, &fonts);
    add(&mut main, &mut table, 0xa2, &sheet(styles));
    let (result, text, _) = read(&compound(&[("WordDocument", main), ("1Table", table)]));
    assert_eq!(result, Ok(()));
    text.trim().replace('\n', " ")
}

#[test]
fn paragraphs_that_name_a_list_are_counted() {
    let all = [
        FIRST,
        FIRST_DEEP,
        FIRST_DEEP,
        FIRST,
        FIRST_DEEP,
        &[],
        SECOND,
        NONE,
    ];
    assert_eq!(
        text_of(&all, &[]),
        "第１条 a 1-一 b 1-二 c 第２条 d 2-一 e f ✓ g h"
    );
}

#[test]
fn a_list_begins_where_it_says_itself() {
    let all = [FIRST, THIRD, THIRD, FIRST];
    assert_eq!(
        text_of(&all, &[]),
        "第１条 a 第１０条 b 第１１条 c 第１２条 d"
    );
}

#[test]
fn a_style_names_a_list_for_its_paragraphs() {
    // what paragraphs do not say, the usual style says, which is number 0
    let styles: [(u16, &[u8]); 1] = [(0x0fff, FIRST)];
    assert_eq!(text_of(&[&[], NONE, &[]], &styles), "第１条 a b 第２条 c");
    let below: [(u16, &[u8]); 2] = [(1, &[]), (0x0fff, FIRST_DEEP)];
    assert_eq!(text_of(&[&[], &[]], &below), "1-一 a 1-二 b");
}

#[test]
fn styles_in_a_circle_have_no_list() {
    assert_eq!(text_of(&[&[], &[]], &[(1, &[]), (0, &[])]), "a b");
}

#[test]
fn every_changed_byte_of_lists_is_read_or_refused() {
    let text = "a\rb\r";
    let (mut main, mut table) = plain(text);
    add_page(&mut main, &mut table, true, &[(2, FIRST), (4, FIRST_DEEP)]);
    let start = table.len();
    let mut lists = vec![1, 0];
    lists.extend(list(7, true, 0));
    lists.extend(level(1, 0, 0, 0, "\0.", &[0x4f, 0x4a, 1, 0]));
    add(&mut main, &mut table, 0x2e2, &lists);
    let mut all = 1u32.to_le_bytes().to_vec();
    all.extend(named(7, 1));
    all.extend([0xff; 4]);
    all.extend(5u32.to_le_bytes());
    all.extend(0x30u32.to_le_bytes());
    all.extend(level(3, 0, 0, 0, "(\0)", &[]));
    add(&mut main, &mut table, 0x2ea, &all);
    add(&mut main, &mut table, 0xa2, &sheet(&[(0x0fff, FIRST)]));
    let file =
        |table: &[u8]| compound(&[("WordDocument", main.clone()), ("1Table", table.to_vec())]);
    let (result, text, _) = read(&file(&table));
    assert_eq!((result, text.trim()), (Ok(()), "(3) a\nb"));
    for at in start..table.len() {
        let mut bent = table.clone();
        bent[at] ^= 0xff;
        if let Err(refusal) = read(&file(&bent)).0 {
            assert!(!refusal.is_alarm());
        }
    }
}
