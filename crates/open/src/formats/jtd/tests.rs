//! Streams as 一太郎 writes them, put together by hand.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "places in files that are made here"
)]

use super::*;
use mugai_core::{FindingCode, Hints, Treatments};
use mugai_testkit::make::compound;
use mugai_testkit::show::taped;

fn stream(units: &[u16]) -> Vec<u8> {
    let mut out = b"SsmgV.01\0\x01\0\0\0\x01\0\0\0\x00\0\0TextV.01".to_vec();
    out.extend(u32::try_from(units.len()).unwrap().to_be_bytes());
    out.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
    out.extend(b"styles");
    out
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn read(file: &[u8]) -> (Result<(), Refusal>, String, Vec<FindingCode>) {
    let (result, tape) = taped(Treatments::nothing(), Hints::default(), |cx| {
        Jtd.open(file, cx)
    });
    (
        result,
        tape.text(),
        tape.findings.iter().map(|f| f.code).collect(),
    )
}

fn document() -> Vec<u8> {
    let mut body = units("\u{1f}令和\u{1f600}");
    body.extend([0x1c, 1, 7, 0, 4, 3, 0x1d]);
    body.extend(units("無害\u{1e}"));
    body.extend([0x1e, 7, 0x1f]);
    body.extend([0x1c, 1, 7, 0, 4, 0x82, 0x1d]);
    body.extend(units("むがい\u{1e}"));
    body.extend([7, 0x1f]);
    body.extend(units("化\n"));
    for (number, cell) in ["品名", "単価"].iter().enumerate() {
        let x = u16::try_from(number).unwrap();
        body.extend([0x1c, 0x30, 12, 0, x, x + 1, 0xff, 0, 12, 0, 0x30, 0x1f]);
        body.extend(units(cell));
    }
    body.push(0x0e);
    body.extend(units("末尾\n"));
    compound(&[
        ("DocumentText", stream(&body)),
        (
            "DocumentMacro/Macros/BaseStorage0/MacrosStream",
            b"x".to_vec(),
        ),
    ])
}

#[test]
fn characters_readings_and_rows() {
    let (result, text, notes) = read(&document());
    assert_eq!(result, Ok(()));
    assert_eq!(text, "令和\u{1f600}無害（むがい）化\n品名\t単価\n末尾\n");
    assert!(notes.contains(&FindingCode::OfficeMacro), "{notes:?}");
}

#[test]
fn a_packed_document_is_the_document() {
    let inner = document();
    let size = u32::try_from(inner.len()).unwrap().to_le_bytes();
    let mut packed = b"\x26\0JustCompressedDocument".to_vec();
    packed.extend([22, 0]);
    packed.extend(b"-lh0-");
    packed.extend(size);
    packed.extend(size);
    packed.extend([0, 0, 0, 0, 0x20, 0, 0, 0, 0]);
    packed.extend(&inner);
    let file = compound(&[("JSCompDocument", packed.clone())]);
    assert_eq!(read(&file).1, read(&inner).1);
    // one that says it is larger than anything
    packed[31 + 4..31 + 8].copy_from_slice(&[0xff; 4]);
    packed[26..31].copy_from_slice(b"-lh5-");
    let file = compound(&[("JSCompDocument", packed)]);
    assert!(matches!(
        read(&file).0,
        Err(Refusal::Malformed(_) | Refusal::Overrun { .. })
    ));
}

/// A store of sub-streams in blocks of 64 bytes; block `n` of them all lies at place `order[n]`, of `count`.
fn stored(subs: &[Vec<u8>], order: &[usize], count: usize) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut places = order.iter();
    let (mut blocks, mut table) = (vec![b'?'; count * BLOCK], Vec::new());
    let word = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    for (number, sub) in subs.iter().enumerate() {
        let listed = sub.len().div_ceil(BLOCK);
        for field in [number, 0, sub.len(), listed, listed] {
            table.extend(word(field));
        }
        for bytes in sub.chunks(BLOCK) {
            let place = *places.next().unwrap();
            blocks[place * BLOCK..][..bytes.len()].copy_from_slice(bytes);
            table.extend(word(place));
        }
    }
    let head = [subs.len(), BLOCK, count].map(word).concat();
    [b"SsmgV.01", &head[..], &blocks, &table, &[0; 4]].concat()
}

fn big(units: &[u16]) -> Vec<u8> {
    units.iter().flat_map(|unit| unit.to_be_bytes()).collect()
}

/// `TextV.01` or the like, a count, and more.
fn sub_stream(mark: &[u8], count: usize, behind: &[u8]) -> Vec<u8> {
    let count = u32::try_from(count).unwrap().to_be_bytes();
    [mark, &count, behind].concat()
}

/// 39 lines, longer than some blocks.
fn lines() -> String {
    let lines: Vec<String> = (1..40)
        .map(|n| format!("第{n}項　措置を講ずる。\n"))
        .collect();
    lines.concat()
}

#[test]
fn blocks_are_joined_in_the_order_of_the_table() {
    let long = units(&lines());
    let text = sub_stream(
        b"TextV.01",
        long.len(),
        &[&big(&long)[..], b"\0style"].concat(),
    );
    let other = sub_stream(b"TCntV.01", 7, &[b'x'; 150]);
    let count = text.len().div_ceil(64);
    // backwards, behind the blocks of another one, with a text in blocks that are of none
    let order: Vec<usize> = (0..count + 3).rev().collect();
    let mut store = stored(&[text, other], &order, count + 4);
    let old = sub_stream(b"TextV.01", 2, &big(&units("古い")));
    store[20 + 64 * (count + 3)..][..old.len()].copy_from_slice(&old);
    let (result, text, _) = read(&compound(&[("DocumentText", store)]));
    assert_eq!(result, Ok(()));
    assert_eq!(text, lines());
}

#[test]
fn a_text_in_pieces_is_one_text() {
    let mut long = units(&lines());
    // a record that begins in one piece and ends in the next
    long.splice(100..100, [0x1c, 0x10, 7, 1, 2, 3, 0x1f]);
    let (first, second) = long.split_at(103);
    let piece = |units: &[u16]| [&big(units)[..], b"\0style"].concat();
    let list: Vec<u8> = [first.len(), 1, second.len(), 2]
        .iter()
        .flat_map(|n| u32::try_from(*n).unwrap().to_be_bytes())
        .collect();
    let list = sub_stream(b"QLSTV.01", 2, &list);
    let subs = [list.clone(), piece(first), piece(second)];
    let count = subs.iter().map(|sub| sub.len().div_ceil(64)).sum();
    let order: Vec<usize> = (0..count).collect();
    let (result, text, _) = read(&compound(&[("DocumentText", stored(&subs, &order, count))]));
    assert_eq!(result, Ok(()));
    assert_eq!(text, lines());
    // one piece named twice would grow without end
    let mut twice = subs;
    twice[0][24..28].copy_from_slice(&1u32.to_be_bytes());
    twice[0][20..24].copy_from_slice(&1u32.to_be_bytes());
    let store = stored(&twice, &order, count);
    let (result, ..) = read(&compound(&[("DocumentText", store)]));
    assert!(matches!(result, Err(Refusal::Malformed(_))), "{result:?}");
}

#[test]
fn every_sheet_is_told_under_its_name() {
    let little = |name: &str| -> Vec<u8> {
        let units = units(name);
        let count = u32::try_from(units.len()).unwrap().to_le_bytes();
        let bytes = units.iter().flat_map(|unit| unit.to_le_bytes());
        count.into_iter().chain(bytes).collect()
    };
    let mut list = 3u32.to_le_bytes().to_vec();
    for (name, number) in [("二枚目", 3u32), ("", 0), ("三枚目", 1)] {
        list.extend([1, 0, 0, 0]);
        list.extend(little(name));
        list.extend(number.to_le_bytes());
        list.extend([0; 26]);
    }
    let info = [&[0; 8][..], &little("表紙")].concat();
    let text = |text: &str| stream(&units(text));
    let file = compound(&[
        ("DocumentText", text("一\n")),
        ("DocItemInfo", b"x".to_vec()),
        ("ObjectSheets/SheetInfo", info),
        ("ObjectSheets/DocSheet/DocItemInfo", list),
        ("ObjectSheets/DocSheet/DOCS_0000/DocumentText", text("四\n")),
        ("ObjectSheets/DocSheet/DOCS_0001/DocumentText", text("三\n")),
        ("ObjectSheets/DocSheet/DOCS_0002/DocumentText", text("五\n")),
        ("ObjectSheets/DocSheet/DOCS_0003/DocumentText", text("二\n")),
        ("ObjectSheets/DocSheet/DOCS_0003/Footnote", text("注\n")),
    ]);
    let (result, text, notes) = read(&file);
    assert_eq!(result, Ok(()));
    assert_eq!(
        text,
        "[表紙]\n一\n\n[二枚目]\n二\n注\n\n[DOCS_0000]\n四\n\n[三枚目]\n三\n\n[DOCS_0002]\n五\n"
    );
    assert_eq!(notes, []);
}

#[test]
fn the_end_of_a_record_is_where_programs_write_it() {
    let mut body = vec![0x1c, 1, 7, 0, 4, 3, 0x1d];
    body.extend(units("甲\u{1e}"));
    let long = "乙".repeat(100);
    body.extend(units(&long));
    body.extend(units("\u{1f}丙\n"));
    let (result, text, _) = read(&compound(&[("DocumentText", stream(&body))]));
    assert_eq!(result, Ok(()));
    assert_eq!(text, format!("甲{long}丙\n"));
}

#[test]
fn every_changed_byte_is_read_or_refused() {
    let file = document();
    for at in 0..file.len() {
        let mut bent = file.clone();
        bent[at] ^= 0xff;
        if let Err(refusal) = read(&bent).0 {
            assert!(!refusal.is_alarm());
        }
    }
}
