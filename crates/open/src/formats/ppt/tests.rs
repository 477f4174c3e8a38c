//! Presentations of records that are put together here.

use super::*;
use crate::formats::art;
use crate::formats::encrypted::legacy;
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

/// The two streams of a presentation of one slide, with its texts in the outline. With a password its records are
/// encrypted.
fn streams(slide: &[u8], outline: &[u8], password: Option<&str>) -> (Vec<u8>, Vec<u8>) {
    let place = record(0, 0x03f3, &words(&[2, 0, 0, 1, 0]));
    let list = record(15, 0x0ff0, &[&place, outline].concat());
    let mut parts = [
        record(15, 0x03e8, &list),
        record(15, 0x03ee, slide),
        Vec::new(),
    ];
    let mut edit = vec![0, 0, 0, 0, 1, 0, 0];
    let mut token = 0xe391_c05f;
    if let Some(password) = password {
        let (info, opened) = legacy::sealed(password, Some(128));
        for (number, part) in (1..).zip(&mut parts[..2]) {
            opened.block(part, number).unwrap();
        }
        parts[2] = record(0, 0x2f14, &info);
        edit.push(3);
        token = ENCRYPTED_TOKEN;
    }
    let mut stream = Vec::new();
    let mut places = vec![1 | 3 << 20];
    for part in parts {
        places.push(u32::try_from(stream.len()).unwrap());
        stream.extend(part);
    }
    edit[3] = u32::try_from(stream.len()).unwrap();
    stream.extend(record(0, 0x1772, &words(&places)));
    let newest = u32::try_from(stream.len()).unwrap();
    stream.extend(record(0, 0x0ff5, &words(&edit)));
    (
        stream,
        record(0, 0x0ff6, &words(&[20, token, newest, 0, 0])),
    )
}

fn one(slide: &[u8], outline: &[u8]) -> Vec<u8> {
    let (stream, user) = streams(slide, outline, None);
    compound(&[("PowerPoint Document", stream), ("Current User", user)])
}

#[test]
fn fields_are_not_told_as_asterisks() {
    let slide = [
        record(0, 0x0fa0, &wide("*／頁 *")),
        record(0, 0x0fd8, &words(&[0])),
        record(0, 0x0fa8, b"*"),
        record(0, 0x0ff7, &words(&[0, 1])),
        record(0, 0x0fa0, &wide("\u{1f600}*＊印*")),
        record(0, 0x0ffa, &words(&[2])),
        record(0, 0x0f9e, &words(&[0])),
    ];
    let outline = [
        record(0, 0x0fa0, &wide("題*")),
        record(0, 0x0fd8, &words(&[1])),
    ];
    let (result, text, _) = read(&one(&slide.concat(), &outline.concat()));
    assert_eq!(result, Ok(()));
    assert_eq!(text, "[1]\n1／頁 *\n\u{1f600}＊印*\n題1\n\n");
}

#[test]
fn texts_of_the_outline_are_counted_by_their_headings() {
    let heading = |kind: u32| record(0, 0x0f9f, &words(&[kind]));
    let outline = [
        heading(0),
        heading(1),
        record(0, 0x0fa0, &wide("本文")),
        heading(0),
        record(0, 0x0fa0, &wide("題")),
    ];
    let slide = [2, 0, 1].map(|number| record(0, 0x0f9e, &words(&[number])));
    let (result, text, _) = read(&one(&slide.concat(), &outline.concat()));
    assert_eq!(result, Ok(()));
    assert_eq!(text, "[1]\n題\n本文\n\n");
}

#[test]
fn letters_that_are_drawings_are_told_in_their_place() {
    let slide = [
        record(0, 0x0fa0, &wide("前")),
        record(15, 0xf004, &art::made("夏まつり")),
        record(0, 0x0fa0, &wide("後")),
    ];
    let (result, text, _) = read(&one(&slide.concat(), &[]));
    assert_eq!(result, Ok(()));
    assert_eq!(text, "[1]\n前\n夏まつり\n後\n\n");
}

#[test]
fn comments_of_newer_programs_are_noted() {
    let comment = record(15, 0x2ee0, &record(0, 0x0fba, &wide("批評")));
    let other = record(15, 0x2eef, &comment);
    let data = record(0, 0x138b, &[other, comment.clone(), comment].concat());
    let tag = record(
        15,
        0x138a,
        &[record(0, 0x0fba, &wide("___PPT10")), data].concat(),
    );
    let (result, text, notes) = read(&one(&record(15, 0x1388, &tag), &[]));
    assert_eq!(result, Ok(()));
    assert_eq!(text.trim(), "[1]");
    assert_eq!(notes, [FindingCode::OfficeComment]);
}

#[test]
fn one_that_is_only_protected_is_read_without_a_password() {
    let slide = record(0, 0x0fa0, &wide("本文"));
    for (password, expected) in [
        ("/01Hannes Ruescher/01", Ok(())),
        ("ひみつ", Err(ENCRYPTED)),
    ] {
        let (stream, user) = streams(&slide, &[], Some(password));
        let file = compound(&[("PowerPoint Document", stream), ("Current User", user)]);
        let (result, text, notes) = read(&file);
        assert_eq!(result, expected);
        if result.is_ok() {
            assert_eq!(text, "[1]\n本文\n\n");
            assert_eq!(notes, [FindingCode::OfficePassword]);
        }
    }
}

#[test]
fn of_two_versions_the_newer_one_is_read() {
    let (stream, user) = streams(&record(0, 0x0fa0, &wide("新しい")), &[], None);
    let file = compound(&[
        ("PowerPoint Document", b"of 95".to_vec()),
        ("Current User", b"of 95".to_vec()),
        ("PP97_DUALSTORAGE/PowerPoint Document", stream),
        ("PP97_DUALSTORAGE/Current User", user),
    ]);
    let (result, text, notes) = read(&file);
    assert_eq!(result, Ok(()));
    assert_eq!(text, "[1]\n新しい\n\n");
    assert_eq!(notes, []);
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

/// A picture of these fields, of which each is encrypted by itself, and the same without.
fn of_fields(opened: &legacy::Opened, fields: &[&[u8]]) -> (Vec<u8>, Vec<u8>) {
    let mut closed: Vec<Vec<u8>> = fields.iter().map(|field| field.to_vec()).collect();
    for field in &mut closed {
        opened.block(field, 0).unwrap();
    }
    (fields.concat(), closed.concat())
}

/// The head of a record of a picture.
fn head(instance: u16, kind: u16, length: usize) -> Vec<u8> {
    let length = u32::try_from(length).unwrap();
    [
        &(instance << 4).to_le_bytes()[..],
        &kind.to_le_bytes(),
        &length.to_le_bytes(),
    ]
    .concat()
}

#[test]
fn pictures_of_every_shape_are_decrypted_field_by_field() {
    let (_, opened) = legacy::sealed("秘密", Some(128));
    let (mark, looks) = ([7; 16], [8; 34]);
    // of 10 bytes
    let body = b"CANARY-PIC".as_slice();
    let (two, metafile, tiff) = (
        head(0x6e3, 0xf01d, 16 + 16 + 1 + 10),
        head(0x3d4, 0xf01a, 16 + 34 + 10),
        head(0x6e5, 0xf029, 16 + 16 + 1 + 10),
    );
    // a store has eleven fields, and a name
    let store: [&[u8]; 11] = [
        &[6],
        &[6],
        &mark,
        &[255, 0],
        &[9, 0, 0, 0],
        &[1, 0, 0, 0],
        &[0, 0, 0, 0],
        &[0],
        &[4],
        &[0],
        &[0],
    ];
    let stored = head(6, 0xf007, 36 + 4 + 8 + 16 + 1 + 10);
    let named: &[u8] = b"n\0\0\0";
    let inner = head(0x6e0, 0xf01e, 16 + 1 + 10);
    let mut fields: Vec<&[u8]> = vec![&two, &mark, &mark, &[255], body];
    fields.extend([&metafile[..], &mark, &looks, body]);
    fields.push(&stored);
    fields.extend(store);
    fields.extend([named, &inner, &mark, &[255], body]);
    // a store without a picture, and what comes behind it
    let empty = head(0, 0xf007, 36);
    let nameless: Vec<&[u8]> = (0..11)
        .map(|at| if at == 8 { &[0][..] } else { store[at] })
        .collect();
    fields.push(&empty);
    fields.extend(nameless);
    fields.extend([&tiff[..], &mark, &mark, &[255], body]);
    let (plain, mut made) = of_fields(&opened, &fields);
    let (result, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        pictures::unlock(&mut made, &opened, cx)
    });
    assert_eq!(result, Ok(()));
    assert_eq!(made, plain);
}

#[test]
fn one_with_a_password_is_handed_on_without() {
    let slide = record(0, 0x0fa0, &wide("本文"));
    let (stream, user) = streams(&slide, &[], Some("秘密"));
    let (_, opened) = legacy::sealed("秘密", Some(128));
    // PNG with one mark
    let fields = [
        &head(0x6e0, 0xf01e, 27)[..],
        &[7; 16],
        &[255],
        b"CANARY-PIC",
    ];
    let (plain, closed) = of_fields(&opened, &fields);
    let streams = [
        ("PowerPoint Document", stream),
        ("Current User", user),
        ("Pictures", closed.repeat(2)),
    ];
    let file = compound(&streams);
    let hints = Hints {
        passwords: vec![mugai_core::Password::new("秘密".to_owned()).unwrap()],
        hands_on: HandsOn::Plain,
        ..Hints::default()
    };
    let (result, tape) = taped(Treatments::nothing(), hints, |cx| Ppt.open(&file, cx));
    result.unwrap();
    let [Piece::Text(_), Piece::Child(made)] = &tape.pieces[..] else {
        panic!("{:?}", tape.pieces);
    };
    let made = made.content.load().unwrap();
    assert_eq!(made.len(), file.len());
    let (result, text, notes) = read(&made);
    assert_eq!(
        (result, text.as_str(), notes),
        (Ok(()), "[1]\n本文\n\n", Vec::new())
    );
    let (pictures, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        Ole::read(&made, cx)?.stream(PICTURES, cx)
    });
    assert_eq!(pictures, Ok(Some(plain.repeat(2))));
}
