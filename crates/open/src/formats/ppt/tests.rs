//! Presentations of records that are put together here.

use super::*;
use mugai_core::{FindingCode, Hints, Treatments};
use mugai_testkit::make::compound;
use mugai_testkit::show::taped;

fn record(head: u16, kind: u16, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [
        &head.to_le_bytes()[..],
        &kind.to_le_bytes(),
        &length.to_le_bytes(),
        content,
    ]
    .concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// One slide with a text of the outline and one of its own, its notes, and a slide of an earlier edit.
fn made() -> Vec<u8> {
    let old = record(15, 0x03ee, &record(0, 0x0fa0, &wide("古い秘密")));
    let slide = record(
        15,
        0x03ee,
        &[
            record(2, 0x03ef, &words(&[0, 0, 0, 0, 77, 0])),
            record(0, 0x0f9e, &words(&[0])),
            record(15, 0xf00d, &record(0, 0x0fa8, b"caf\xe9")),
            record(0, 0x0ff3, &[0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
            record(0, 0x03f9, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0]),
            record(15, 0x2ee0, &record(0, 0x0fa0, &wide("批評"))),
        ]
        .concat(),
    );
    let notes = record(15, 0x03f0, &record(0, 0x0fa0, &wide("発表者の控え")));
    let place = |number: u32, id: u32| record(0, 0x03f3, &words(&[number, 0, 0, id, 0]));
    let document = record(
        15,
        0x03e8,
        &[
            record(15, 0x0409, &record(15, 0x0fee, &[])),
            record(
                15,
                0x0ff0,
                &[place(2, 1), record(0, 0x0fa0, &wide("題\r副題"))].concat(),
            ),
            record(0x2f, 0x0ff0, &place(3, 77)),
        ]
        .concat(),
    );
    let mut stream = Vec::new();
    let mut add = |bytes: &[u8]| {
        let place = u32::try_from(stream.len()).unwrap();
        stream.extend_from_slice(bytes);
        place
    };
    let old = add(&old);
    let old_list = add(&record(0, 0x1772, &words(&[2 | 1 << 20, old])));
    let first = add(&record(0, 0x0ff5, &words(&[0, 0, 0, old_list, 1, 0, 0])));
    let (slide, notes, document) = (add(&slide), add(&notes), add(&document));
    let list = add(&record(
        0,
        0x1772,
        &words(&[1 | 3 << 20, document, slide, notes]),
    ));
    let newest = add(&record(0, 0x0ff5, &words(&[0, 0, first, list, 1, 0, 0])));
    let user = record(0, 0x0ff6, &words(&[20, 0xe391_c05f, newest, 0, 0]));
    compound(&[("PowerPoint Document", stream), ("Current User", user)])
}

fn read(file: &[u8]) -> (Result<(), Refusal>, String, Vec<FindingCode>) {
    let (result, tape) = taped(Treatments::nothing(), Hints::default(), |cx| {
        Ppt.open(file, cx)
    });
    (
        result,
        tape.text(),
        tape.findings.iter().map(|f| f.code).collect(),
    )
}

#[test]
fn slides_of_the_last_edit_with_their_notes() {
    let (result, text, notes) = read(&made());
    assert_eq!(result, Ok(()));
    assert_eq!(text, "[1]\n題\n副題\ncafé\n発表者の控え\n\n");
    assert_eq!(
        notes,
        [
            FindingCode::OfficeMacro,
            FindingCode::OfficeControl,
            FindingCode::OfficeComment,
            FindingCode::OfficeHidden
        ]
    );
}

#[test]
fn an_encrypted_one_is_told_as_such() {
    let mut file = made();
    let at = memchr::memmem::find(&file, &0xe391_c05fu32.to_le_bytes()).unwrap();
    file[at..at + 4].copy_from_slice(&ENCRYPTED_TOKEN.to_le_bytes());
    assert_eq!(read(&file).0, Err(ENCRYPTED));
}

#[test]
fn every_changed_byte_is_read_or_refused() {
    let file = made();
    for at in 0..file.len() {
        let mut bent = file.clone();
        bent[at] ^= 0xff;
        if let Err(refusal) = read(&bent).0 {
            assert!(!refusal.is_alarm());
        }
    }
}
