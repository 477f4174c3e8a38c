//! Streams and pictures of which the library makes more than a first look tells: all of it is measured.
#![expect(clippy::unwrap_used, reason = "tests may panic")]
mod pdf_harness;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use mugai_core::{Refusal, Resource, Treatment};
use mugai_testkit::pdf::PdfFile;
use pdf_harness::{open_as, zlib_zeros};
use std::io::Write;

/// What a mail's part may hold, and more.
const ZEROS: usize = 150_000_000;

/// Bytes that do not become fewer.
fn noise() -> Vec<u8> {
    let bytes = (0..70_000u32)
        .map(|at| at.wrapping_mul(2_654_435_761) ^ at.wrapping_mul(at).rotate_left(9));
    bytes
        .map(|word| u8::try_from(word >> 24).unwrap())
        .collect()
}

/// A page whose content is a stream of `dict` and `data`.
fn content(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut file = PdfFile::new();
    let content = file.stream(dict, data);
    file.page_of(&format!("/Contents {content} 0 R"));
    file.bytes()
}

/// A file with a stream that no page names.
fn beside(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut file = PdfFile::new();
    file.stream(dict, data);
    file.page("", "");
    file.bytes()
}

fn ends_at(cases: &[(&str, Vec<u8>)], expected: Resource) {
    for (name, bytes) in cases {
        let result = open_as(bytes, Treatment::Text);
        assert!(
            matches!(&result, Err(Refusal::Overrun { resource, .. }) if *resource == expected),
            "{name}: {:?}",
            result.map(|opened| opened.findings)
        );
    }
}

#[test]
fn filters_are_those_that_the_library_follows() {
    let zeros = zlib_zeros(ZEROS);
    let cases = [
        ("an empty list first", "/F [] /Filter /FlateDecode"),
        ("an unknown name first", "/F /X /Filter [/FlateDecode]"),
        ("an unknown name before it", "/Filter [/Foo /FlateDecode]"),
        ("escapes", "/Fi#6cter /Fl#61teDecode"),
    ];
    let cases = cases.map(|(name, dict)| (name, content(dict, &zeros)));
    ends_at(&cases, Resource::Bytes);
}

/// Base 85, in which `>` is a digit like any other.
fn base_85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for group in data.chunks(4) {
        let mut word = [0; 4];
        word.get_mut(..group.len()).unwrap().copy_from_slice(group);
        let mut value = u32::from_be_bytes(word);
        let mut digits = [0u8; 5];
        for digit in digits.iter_mut().rev() {
            *digit = u8::try_from(value % 85).unwrap().saturating_add(b'!');
            value /= 85;
        }
        out.extend_from_slice(&digits);
    }
    out.extend_from_slice(b"~>");
    out
}

#[test]
fn layers_are_read_as_the_library_reads_them() {
    let zeros = zlib_zeros(ZEROS);
    let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
    bare.write_all(&zeros).unwrap();
    let bare = bare.finish().unwrap();
    // bytes of all kinds first, so that their digits are of all kinds too
    let mut mixed = ZlibEncoder::new(Vec::new(), Compression::fast());
    mixed.write_all(&noise()).unwrap();
    for _ in 0..ZEROS / 1_000_000 {
        mixed.write_all(&vec![0; 1_000_000]).unwrap();
    }
    let text = base_85(&mixed.finish().unwrap());
    assert!(text.iter().position(|byte| *byte == b'>').unwrap() < 4000);
    // a run from before the first byte ends honest decoders, and the library's last one goes on
    let mut body = DeflateEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..ZEROS / 1_000_000 {
        body.write_all(&vec![0; 1_000_000]).unwrap();
    }
    let body = body.finish().unwrap();
    let head = [0x78, 0x9c, 2, 2, 0, 0, 0, 0, 0xff, 0xff];
    ends_at(
        &[
            (
                "a digit that looks like an end",
                content("/Filter [/ASCII85Decode /FlateDecode]", &text),
            ),
            (
                "a layer without a header",
                content("/Filter [/FlateDecode /FlateDecode]", &bare),
            ),
            (
                "broken data",
                content("/Filter /FlateDecode", &[&head, body.as_slice()].concat()),
            ),
        ],
        Resource::Bytes,
    );
}

#[test]
fn dictionaries_are_found_wherever_they_begin() {
    let zeros = zlib_zeros(ZEROS);
    let packed = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode";
    let picture = "/Subtype /Image /Width 14000 /Height 16000 /ColorSpace /DeviceGray \
                   /BitsPerComponent 8";
    let cases = [
        (
            "a key that looks like a keyword",
            format!("{packed} /Xstream 1"),
        ),
        ("a string that looks like one", format!("{packed} /D (obj)")),
        (
            "another one in a comment",
            format!("{packed} % 9 0 obj <<\n /A 1"),
        ),
        (
            "an object stream that is a picture",
            format!("{packed} {picture}"),
        ),
    ];
    let cases = cases.map(|(name, dict)| (name, beside(&dict, &zeros)));
    ends_at(&cases, Resource::Bytes);

    // cross-references may take any stream for one of objects
    let mut file = PdfFile::new();
    let number = file.stream(&format!("{picture} /Filter /FlateDecode"), &zeros);
    let row = [2, u8::try_from(number).unwrap(), 0];
    file.stream("/Type /XRef /Size 1 /W [1 1 1]", &row);
    file.page("", "");
    ends_at(
        &[("a picture as an object stream", file.bytes())],
        Resource::Bytes,
    );
}

#[test]
fn streams_in_object_streams_are_measured() {
    let zeros = zlib_zeros(ZEROS);
    let mut inside = format!(
        "50 0 << /Filter /FlateDecode /Length {} >>\nstream\n",
        zeros.len()
    );
    let start = inside.find("<<").unwrap();
    let mut inside = std::mem::take(&mut inside).into_bytes();
    inside.extend_from_slice(&zeros);
    inside.extend_from_slice(b"\nendstream");
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&inside).unwrap();
    let dict = format!("/Type /ObjStm /N 1 /First {start} /Filter /FlateDecode");
    let bytes = beside(&dict, &encoder.finish().unwrap());
    // without its cross-references, the library looks for objects by itself
    let at = memchr::memmem::rfind(&bytes, b"startxref").unwrap();
    let bytes = [bytes.get(..at).unwrap(), b"%%EOF"].concat();
    ends_at(&[("a stream in one", bytes)], Resource::Bytes);
}

#[test]
fn what_is_encrypted_is_told_by_any_spelling() {
    let mut file = PdfFile::new();
    file.stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &noise());
    file.page("", "");
    let bytes = file
        .with_trailer("/Encr#79pt << /Filter /Standard >>")
        .bytes();
    ends_at(&[("a lock by another name", bytes)], Resource::Bytes);
}

#[test]
fn object_streams_have_their_filters_by_themselves() {
    let mut file = PdfFile::new();
    let filter = file.object("/FlateDecode");
    let dict = format!("/Type /ObjStm /N 1 /First 4 /Filter {filter} 0 R");
    file.stream(&dict, &zlib_zeros(1000));
    file.page("", "");
    let result = open_as(&file.bytes(), Treatment::Text);
    assert!(matches!(result, Err(Refusal::Unsupported(_))));
}

#[test]
fn rows_of_predictors_are_not_endless() {
    let dict = "/Filter /FlateDecode /DecodeParms << /Predictor 2 /BitsPerComponent 4 \
                /Columns 4000000000 >>";
    let cases = [
        ("a content", content(dict, &zlib_zeros(9))),
        (
            "an object stream",
            beside(&format!("/Type /ObjStm {dict}"), &zlib_zeros(9)),
        ),
    ];
    ends_at(&cases, Resource::Bytes);
}

#[test]
fn rows_of_cross_references_are_paid_for() {
    let dict = "/Type /XRef /Size 9000000 /W [0 1 0] /Filter /FlateDecode";
    let cases = [(
        "nine million of a byte",
        beside(dict, &zlib_zeros(9_000_000)),
    )];
    ends_at(&cases, Resource::Bytes);
}

/// A segment of JBIG2 with a page of its own size.
fn jbig2(number: u32, kind: u8, length: Option<u32>, width: u32, height: u32) -> Vec<u8> {
    let mut body = [width.to_be_bytes(), height.to_be_bytes()].concat();
    body.resize(19, 0);
    let length = length.unwrap_or_else(|| u32::try_from(body.len()).unwrap());
    let mut out = number.to_be_bytes().to_vec();
    out.extend_from_slice(&[kind, 0, 1]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend(body);
    out
}

/// The beginning of a JPEG 2000 codestream of one component.
fn codestream(width: u32, height: u32) -> Vec<u8> {
    let mut out = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 41, 0, 0];
    for word in [width, height, 0, 0, width, height, 0, 0] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.extend_from_slice(&[0, 1, 7, 1, 1]);
    out
}

#[test]
fn sizes_that_pictures_state_themselves_are_seen() {
    let picture = |dict: &str, data: &[u8]| {
        let dict = format!(
            "/Type /XObject /Subtype /Image {dict} /BitsPerComponent 8 /ColorSpace /DeviceGray"
        );
        beside(&dict, data)
    };
    let small = "/Width 9 /Height 9";
    let page = jbig2(0, 48, None, 65_535, 65_535);
    // the parts that a length hides come first by their numbers
    let hidden = [
        jbig2(9, 48, None, 9, 9),
        jbig2(10, 38, Some(u32::MAX), 9, 9),
        vec![0xFF, 0xAC, 0, 0, 0, 9],
        page.clone(),
    ]
    .concat();
    let decoy = [
        b"box".to_vec(),
        codestream(9, 9),
        codestream(60_000, 60_000),
    ]
    .concat();
    ends_at(
        &[
            (
                "JBIG2 in Flate",
                picture(
                    &format!("{small} /Filter [/FlateDecode /JBIG2Decode]"),
                    &pdf_harness::zlib(&page),
                ),
            ),
            (
                "JBIG2 behind a length that is not told",
                picture(&format!("{small} /Filter /JBIG2Decode"), &hidden),
            ),
            (
                "JPEG 2000 behind a decoy",
                picture(&format!("{small} /Filter /JPXDecode"), &decoy),
            ),
            (
                "JPEG 2000 in Flate",
                picture(
                    &format!("{small} /Filter [/FlateDecode /JPXDecode]"),
                    &pdf_harness::zlib(&decoy),
                ),
            ),
            (
                "columns of the first of two parameters",
                picture(
                    "/Width 1 /Height 100 /Filter [/CCITTFaxDecode] \
                     /DecodeParms [<< /K -1 /Columns 40000000 >> << >>]",
                    b"\0",
                ),
            ),
        ],
        Resource::Pixels,
    );
}
