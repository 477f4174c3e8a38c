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
