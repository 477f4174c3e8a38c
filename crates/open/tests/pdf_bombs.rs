//! PDF files of a few kilobytes that would take gigabytes or for ever, and what stops each.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test may write files"
)]
mod pdf_harness;

use mugai_core::{Refusal, Resource, Treatment};
use mugai_testkit::pdf::PdfFile;
use pdf_harness::{open, open_as, zlib, zlib_zeros};
use std::fmt::Write;
use std::path::Path;

/// The name of a bomb, its bytes, and the resource that ends it.
type Bomb = (&'static str, Vec<u8>, Resource);

const FORM: &str = "/Type /XObject /Subtype /Form /BBox [0 0 9 9]";

fn calls(form: u32) -> String {
    format!("/Resources << /XObject << /F {form} 0 R >> >>")
}

#[test]
fn forms_that_call_forms() {
    let mut nested = PdfFile::new();
    let first = nested.next_id();
    for level in 0..30 {
        let next = calls(first + level + 1);
        nested.stream(&format!("{FORM} {next}"), b"/F Do /F Do");
    }
    nested.stream(FORM, b"0 0 9 9 re f");
    nested.page(&calls(first), "/F Do");

    let mut inherited = PdfFile::new();
    // neither form has resources, so that both find the names of the page
    let (a, b) = (inherited.next_id(), inherited.next_id() + 1);
    inherited.stream(FORM, b"/B Do /B Do");
    inherited.stream(FORM, b"/A Do /A Do");
    let names = format!("/Resources << /XObject << /A {a} 0 R /B {b} 0 R >> >>");
    inherited.page(&names, "/A Do");

    let mut glyphs = PdfFile::new();
    let heavy = glyphs.stream("", "0 0 9 9 re f ".repeat(2000).as_bytes());
    let font = glyphs.object(&format!(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /FirstChar 65 \
         /LastChar 65 /Widths [9] /Encoding << /Differences [65 /a] >> /CharProcs << /a {heavy} 0 R >> >>"
    ));
    let text = "A".repeat(100_000);
    glyphs.page(
        &format!("/Resources << /Font << /F {font} 0 R >> >>"),
        &format!("BT /F 1 Tf ({text}) Tj ET"),
    );
    end_at(&[
        ("2^30 nested forms", nested.bytes(), Resource::Steps),
        (
            "two forms that call each other twice",
            inherited.bytes(),
            Resource::Steps,
        ),
        ("heavy glyphs", glyphs.bytes(), Resource::Steps),
    ]);
}

#[test]
fn streams_that_inflate() {
    let content = |dict: &str, data: &[u8]| {
        let mut file = PdfFile::new();
        let content = file.stream(dict, data);
        file.page_of(&format!("/Contents {content} 0 R"));
        file.bytes()
    };
    let zeros = zlib_zeros(300_000_000);
    let mut many = PdfFile::new();
    let spaces = many.stream("/Filter /FlateDecode", &zlib(&vec![b' '; 1_000_000]));
    let list = format!("{spaces} 0 R ").repeat(400);
    many.page_of(&format!("/Contents [{list}]"));

    let mut indirect = PdfFile::new();
    let filter = indirect.object("/FlateDecode");
    indirect.stream(&format!("/Filter {filter} 0 R"), &zeros);
    indirect.page("", "");
    end_at(&[
        (
            "300 MB of content",
            content("/Filter /FlateDecode", &zeros),
            Resource::Bytes,
        ),
        (
            "packed twice",
            content("/Filter [/FlateDecode /FlateDecode]", &zlib(&zeros)),
            Resource::Bytes,
        ),
        ("one content 400 times", many.bytes(), Resource::Bytes),
        (
            "an object stream",
            content("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &zeros),
            Resource::Bytes,
        ),
        (
            "a false end",
            content(
                "/Filter /FlateDecode /X (obj)",
                &[zeros.as_slice(), b"endstream"].concat(),
            ),
            Resource::Bytes,
        ),
        ("a filter by reference", indirect.bytes(), Resource::Bytes),
        (
            "a picture that is content",
            content(
                "/Subtype /Image /Width 10 /Height 10 /Filter /FlateDecode",
                &zeros,
            ),
            Resource::Bytes,
        ),
    ]);
}

#[test]
fn pictures_and_pages_that_are_too_large() {
    let mut image = PdfFile::new();
    let picture = image.stream(
        "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceGray \
         /BitsPerComponent 8 /Filter /FlateDecode",
        &zlib_zeros(3_000_000),
    );
    image.page(
        &format!("/Resources << /XObject << /I {picture} 0 R >> >>"),
        "200 0 0 100 0 0 cm /I Do",
    );
    let mut inline = PdfFile::new();
    inline.page("", "BI /W 60000 /H 60000 /CS /G /BPC 8 ID xx EI");
    let mut page = PdfFile::new();
    page.page("/MediaBox [0 0 1000000 1000000]", "0 0 m 9 9 l S");
    end_at(&[
        (
            "a picture of 60,000 squared",
            image.bytes(),
            Resource::Pixels,
        ),
        (
            "the same inside of the content",
            inline.bytes(),
            Resource::Pixels,
        ),
        ("a page of 10^6 points", page.bytes(), Resource::Pixels),
    ]);
}

#[test]
fn outlines_without_end() {
    let content = |text: &str| {
        let mut file = PdfFile::new();
        let content = file.stream("/Filter /FlateDecode", &zlib(text.as_bytes()));
        file.page_of(&format!("/Contents {content} 0 R"));
        file.bytes()
    };
    let mut dashed = PdfFile::new();
    let form = dashed.stream(FORM, b"0 0 m 200 100 l S");
    dashed.page(&calls(form), "[0.00001] 0 d /F Do");
    let steep = "0 0 l 1 100 l 2 0 l 3 100 l ".repeat(100_000);
    end_at(&[
        (
            "tiny dashes",
            content("[0.00001] 0 d 0 0 m 200 100 l S"),
            Resource::Steps,
        ),
        ("tiny dashes of the caller", dashed.bytes(), Resource::Steps),
        (
            "400,000 steep lines",
            content(&format!("0 0 m {steep} f")),
            Resource::Steps,
        ),
        (
            "steep lines by a matrix",
            content(&format!(
                "100 0 0 100 0 0 cm 0 0 m {} f",
                "0 0 l 0 1 l ".repeat(200_000)
            )),
            Resource::Steps,
        ),
    ]);
}

/// Where the table of contents of a file is broken, the library looks for what it may have meant.
#[test]
fn what_is_mended_is_looked_for_to_the_end() {
    let page = "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj \
                3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj trailer<</Root 1 0 R>>\n";
    let broken =
        |text: &str, count: usize| format!("%PDF-1.7\n{page}{}", text.repeat(count)).into_bytes();
    end_at(&[
        (
            "strings without end",
            broken("9 0 obj (\n", 200_000),
            Resource::Steps,
        ),
        (
            "comments in one line",
            broken("9 0 obj %", 200_000),
            Resource::Steps,
        ),
        (
            "lists without end",
            broken(&format!("9 0 obj [{}", "0 ".repeat(500)), 20_000),
            Resource::Steps,
        ),
        (
            "streams without end",
            broken("9 0 obj<</Length 9>>stream\nx\n", 200_000),
            Resource::Steps,
        ),
    ]);
}

#[test]
fn properties_are_read_for_each_stretch() {
    let mut file = PdfFile::new();
    let text = "a".repeat(1_000_000);
    let properties = file.object(&format!("<< /ActualText ({text}) >>"));
    let resources = format!("/Resources << /Properties << /M {properties} 0 R >> >>");
    file.page(&resources, &"/S /M BDC EMC ".repeat(30_000));
    end_at(&[("properties of a megabyte", file.bytes(), Resource::Steps)]);
}

#[test]
fn an_honest_page_of_many_short_lines_is_drawn() {
    let mut file = PdfFile::new();
    let mut content = String::from("0 0 m ");
    for at in 0..50_000u32 {
        write!(content, "{} {} l ", at % 200, at % 97 / 3).unwrap();
    }
    content.push('S');
    file.page("/MediaBox [0 0 595 842]", &content);
    assert!(open(&file.bytes()).is_ok());
}

/// Each is left as a file too, for `benches/archive_bombs.py` to measure.
fn end_at(bombs: &[Bomb]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pdf-bombs");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes, _) in bombs {
        std::fs::write(folder.join(format!("{name}.pdf")), bytes).unwrap();
    }
    for treatment in [Treatment::Flatten, Treatment::Redraw, Treatment::Text] {
        for (name, bytes, expected) in bombs {
            let result = open_as(bytes, treatment);
            assert!(
                matches!(&result, Err(Refusal::Overrun { resource, .. }) if resource == expected),
                "{name}, {treatment:?}: {:?}",
                result.map(|opened| opened.findings)
            );
        }
    }
}
