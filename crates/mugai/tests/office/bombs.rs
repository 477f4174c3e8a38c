//! Packages that grow, repeat or nest beyond reason are refused, and none is delivered.

use crate::check::run;
use crate::package::zip;
use flate2::{Compression, write::DeflateEncoder};
use mugai_engine::Verdict;
use std::io::Write;

const DOCUMENT: &str =
    "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>";
const CONTENT: &str = "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\"><office:body>";

/// A text whose document is `xml`.
fn word(xml: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    let rels = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    vec![
        ("[Content_Types].xml".to_owned(), types.into()),
        ("_rels/.rels".to_owned(), rels.into()),
        ("word/document.xml".to_owned(), xml),
    ]
}

fn open(xml: String) -> Vec<u8> {
    zip(&[
        (
            "mimetype".to_owned(),
            b"application/vnd.oasis.opendocument.spreadsheet".to_vec(),
        ),
        ("content.xml".to_owned(), xml.into_bytes()),
    ])
}

fn refused(bytes: Vec<u8>, name: &str) {
    let outcome = run(bytes, name);
    assert!(
        matches!(outcome.verdict, Verdict::Withheld(_)),
        "{name} was delivered"
    );
}

/// A ZIP file of one deflated entry that says any size, behind the entries of a text.
fn packed(size: u32, zeros: usize) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let block = vec![b' '; 1 << 16];
    for _ in 0..zeros >> 16 {
        encoder.write_all(&block).expect("memory");
    }
    let data = encoder.finish().expect("memory");
    let mut head = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0];
    head.extend([0; 4]);
    head.extend(u32::try_from(data.len()).expect("small").to_le_bytes());
    head.extend(size.to_le_bytes());
    head.extend([17, 0, 0, 0]);
    let name = b"word/document.xml";
    let mut out = zip(&word(Vec::new()).into_iter().take(2).collect::<Vec<_>>());
    // the directory comes anew: entries, then theirs and one more
    let end = out.len().saturating_sub(22);
    let start = out
        .get(end..)
        .and_then(|e| e.get(16..20))
        .and_then(|b| b.first_chunk::<4>());
    let start = usize::try_from(u32::from_le_bytes(*start.expect("four bytes"))).expect("small");
    let mut directory = out.get(start..end).expect("a directory").to_vec();
    out.truncate(start);
    let offset = u32::try_from(out.len()).expect("small");
    out.extend(b"PK\x03\x04");
    out.extend(&head);
    out.extend(name);
    out.extend(&data);
    directory.extend(b"PK\x01\x02\x14\0");
    directory.extend(&head);
    directory.extend([0; 10]);
    directory.extend(offset.to_le_bytes());
    directory.extend(name);
    let place = u32::try_from(out.len()).expect("small");
    let length = u32::try_from(directory.len()).expect("small");
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0\x03\0\x03\0");
    out.extend(length.to_le_bytes());
    out.extend(place.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn entries_that_grow_or_lie() {
    refused(packed(64 << 20, 64 << 20), "ratio.docx");
    refused(packed(u32::MAX, 1 << 20), "zip64.docx");
    refused(packed(u32::MAX - 1, 1 << 20), "four-gigabytes.docx");
    refused(packed(1, 1 << 20), "says-less.docx");
}

#[test]
fn elements_and_attributes_without_end() {
    let deep = format!("{DOCUMENT}{}", "<w:tbl>".repeat(200_000));
    refused(zip(&word(deep.into_bytes())), "deep.docx");
    let mut attributes = String::new();
    for n in 0..5_000u32 {
        attributes.push_str(" a");
        attributes.push_str(&n.to_string());
        attributes.push_str("=\"1\"");
    }
    let wide = format!("{DOCUMENT}<w:p{attributes}/></w:body></w:document>");
    refused(zip(&word(wide.into_bytes())), "wide.docx");
    let laughs =
        format!("<!DOCTYPE w [<!ENTITY a \"x\">]>{DOCUMENT}<w:p>&a;</w:p></w:body></w:document>");
    refused(zip(&word(laughs.into_bytes())), "laughs.docx");
    let utf7 =
        format!("<?xml version=\"1.0\" encoding=\"UTF-7\"?>{DOCUMENT}</w:body></w:document>");
    refused(zip(&word(utf7.into_bytes())), "utf7.docx");
}

#[test]
fn many_entries() {
    let mut files = word(format!("{DOCUMENT}</w:body></w:document>").into_bytes());
    files.extend((0..60_000).map(|n| (format!("x{n}"), Vec::new())));
    // read in one pass and not kept: a verdict, whichever
    let outcome = run(zip(&files), "many.docx");
    assert!(outcome.report.parts.len() < 10);
    files.push(("WORD/document.xml".to_owned(), Vec::new()));
    refused(zip(&files), "two-names.docx");
}

#[test]
fn cells_that_repeat() {
    let bomb = format!(
        "{CONTENT}<office:spreadsheet><table:table table:name=\"s\"><table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16000\" office:value-type=\"float\" office:value=\"1\"><text:p>1</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    );
    refused(open(bomb), "repeat.ods");
    let many = "<table:table-row table:number-rows-repeated=\"1048576\"/>".repeat(1_000);
    let empty = format!(
        "{CONTENT}<office:spreadsheet><table:table table:name=\"s\">{many}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let outcome = run(open(empty), "empty.ods");
    assert!(outcome.report.parts.len() < 10);
}

#[test]
fn one_long_text_is_a_text() {
    let long = format!(
        "{DOCUMENT}<w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>",
        "a".repeat(8 << 20)
    );
    let outcome = run(zip(&word(long.into_bytes())), "long.docx");
    assert!(matches!(outcome.verdict, Verdict::Sanitised(_)));
}
