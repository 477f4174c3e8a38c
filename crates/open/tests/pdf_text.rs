//! The text over pages of PDF: what is seen of it is told, and nothing else.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

mod pdf_harness;

use mugai_core::{FindingCode, Limits, NoFonts, Refusal, Resource};
use mugai_testkit::pdf::PdfFile;
use pdf_harness::{LIMITS, Opened, ipa_fonts, open, open_with};

#[test]
fn japanese_text_without_its_font_gets_one_of_ours() {
    let mut file = PdfFile::new();
    let font = file.object(
        "<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /UniJIS-UTF16-H \
         /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light \
         /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 4 >> \
         /FontDescriptor << /Type /FontDescriptor /FontName /Ryumin-Light /Flags 6 >> >>] >>",
    );
    // 無害
    file.page(
        &format!("/Resources << /Font << /F {font} 0 R >> >>"),
        "BT /F 40 Tf 20 30 Td <71215BB3> Tj ET",
    );
    let bare = open(&file.bytes()).unwrap();
    assert!(bare.has(FindingCode::PdfFontMissing));
    assert!(!bare.has(FindingCode::PdfTextLost));
    let Some(fonts) = ipa_fonts() else {
        println!("skipped: the IPAex fonts are not installed");
        return;
    };
    let drawn = open_with(&file.bytes(), &fonts, LIMITS).unwrap();
    assert!(!drawn.has(FindingCode::PdfFontMissing));
    let ink = drawn.pages[0].pixels().iter().filter(|p| **p < 128).count();
    assert!(ink > 300, "{ink} dark pixels");
    assert_eq!(texts(&drawn), ["無害"]);
}

/// The texts over the first page.
fn texts(opened: &Opened) -> Vec<String> {
    let runs = opened.pages[0].layer().runs();
    runs.iter()
        .map(|run| run.text().as_str().to_owned())
        .collect()
}

/// Opens a page of `content`, with a Latin font `/F` and a blank picture `/I`.
fn shown(dict: &str, content: &str) -> Opened {
    let mut file = PdfFile::new();
    let font = file.object(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    );
    let picture = file.stream(
        "/Type /XObject /Subtype /Image /Width 2 /Height 2 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        &[0, 255, 120, 200],
    );
    file.page(
        &format!(
            "{dict} /Resources << /Font << /F {font} 0 R >> /XObject << /I {picture} 0 R >> >>"
        ),
        content,
    );
    open(&file.bytes()).unwrap()
}

const HELLO: &str = "BT /F 20 Tf 20 30 Td (Hello you) Tj ET";

#[test]
fn text_that_is_seen_is_told_where_it_stands() {
    let opened = shown("", HELLO);
    assert_eq!(texts(&opened), ["Hello you"]);
    let run = &opened.pages[0].layer().runs()[0];
    // 30 points above the lower edge of 100
    assert_eq!(run.at(), (200, 700));
    assert_eq!((run.size(), run.direction()), (200, (1000, 0)));
    // the standard says 0.722 of the size for H
    assert!(run.advances()[0].abs_diff(722) <= 2, "{:?}", run.advances());
    assert!(!opened.has(FindingCode::PdfTextHidden));
    let turned = shown("/Rotate 90", HELLO);
    assert_eq!(turned.pages[0].layer().runs()[0].direction(), (0, 1000));
}

#[test]
fn text_that_is_not_seen_is_left_out() {
    for (why, content) in [
        ("invisible", format!("3 Tr {HELLO}")),
        ("white on white", format!("1 g {HELLO}")),
        ("nearly white", format!("0.99 g {HELLO}")),
        ("under a rectangle", format!("{HELLO} 1 g 0 0 200 100 re f")),
        (
            "under one of its colour",
            format!("{HELLO} 0 g 0 0 200 100 re f"),
        ),
        (
            "under a picture",
            format!("{HELLO} q 200 0 0 100 0 0 cm /I Do Q"),
        ),
        ("clipped away", format!("0 0 10 10 re W n {HELLO}")),
        (
            "off the page",
            "BT /F 20 Tf 300 30 Td (Hello you) Tj ET".to_owned(),
        ),
        (
            "too small",
            "BT /F 0.5 Tf 20 30 Td (Hello you) Tj ET".to_owned(),
        ),
        (
            "white under a line",
            format!("1 g {HELLO} 0 g 0 36 200 1 re f"),
        ),
        (
            "another text in its place",
            format!("{HELLO} 1 g 10 20 180 40 re f 0 g BT /F 20 Tf 20 30 Td (WWW) Tj ET"),
        ),
    ] {
        let opened = shown("", &content);
        let told = texts(&opened);
        assert!(told.is_empty() || told == ["WWW"], "{why}: {told:?}");
        assert!(opened.has(FindingCode::PdfTextHidden), "{why}");
    }
    assert_eq!(texts(&shown("/CropBox [0 0 200 20]", HELLO)), [""; 0]);
}

#[test]
fn text_on_colours_and_pictures_is_seen() {
    for content in [
        format!("0 g 0 0 200 100 re f 1 g {HELLO}"),
        format!("q 200 0 0 100 0 0 cm /I Do Q 1 0 0 rg {HELLO}"),
        format!("1 Tr {HELLO}"),
        format!("2 Tr {HELLO}"),
        // a shadow is no second text
        format!("0.5 g {HELLO} 0 g 1 0 0 1 -0.5 0.5 cm {HELLO}"),
    ] {
        assert_eq!(texts(&shown("", &content)), ["Hello you"], "{content}");
    }
}

#[test]
fn blanks_and_ligatures_are_what_a_reader_would_type() {
    let gap = "BT /F 20 Tf 20 30 Td [(Hello) -400 (you)] TJ ET";
    assert_eq!(texts(&shown("", gap)), ["Hello you"]);
    let spelled = "BT /F 20 Tf 20 30 Td /Span << /ActualText (ffi) >> BDC (X) Tj EMC (ce) Tj ET";
    assert_eq!(texts(&shown("", spelled)), ["ffice"]);
    // much text behind one letter is not what is seen
    let long = "a".repeat(90);
    let hidden = format!("BT /F 20 Tf 20 30 Td /Span << /ActualText ({long}) >> BDC (X) Tj EMC ET");
    assert_eq!(texts(&shown("", &hidden)), ["X"]);
}

/// Text that stands for glyphs is no longer than what is seen of them.
#[test]
fn text_behind_glyphs_that_nobody_sees_is_left_out() {
    let hidden = "hidden ".repeat(270);
    let behind = "x".repeat(1000);
    for (why, content) in [
        (
            "one of many is seen",
            format!("/Span << /ActualText ({hidden}) >> BDC 3 Tr ({behind}) Tj 0 Tr (Y) Tj EMC"),
        ),
        (
            "blanks alone",
            "/Span << /ActualText (hidden) >> BDC ( ) Tj EMC".repeat(20),
        ),
    ] {
        let content = format!("BT /F 9 Tf 1 30 Td {content} ET");
        let told = texts(&shown("/MediaBox [0 0 9000 100]", &content)).concat();
        assert!(!told.contains("hidden"), "{why}: {told}");
    }
}

/// A long stretch with a text of its own is told whole, in runs that are not too long.
#[test]
fn a_long_text_of_many_glyphs_is_told_whole() {
    let text = "abc ".repeat(525);
    let glyphs = "m".repeat(1100);
    let content =
        format!("BT /F 9 Tf 1 30 Td /Span << /ActualText ({text}) >> BDC ({glyphs}) Tj EMC ET");
    let told = texts(&shown("/MediaBox [0 0 12000 100]", &content));
    let told: String = told.concat();
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    assert_eq!(letters(&told), letters(&text));
}

/// A character that the document says itself is no private one of ours.
#[test]
fn private_characters_of_a_document_are_told_as_they_are() {
    let mut file = PdfFile::new();
    let map = file.stream(
        "",
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> \
          endcodespacerange 1 beginbfchar <41> <DBC0DC42> endbfchar endcmap end",
    );
    let font = file.object(&format!(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding \
         /ToUnicode {map} 0 R >>"
    ));
    file.page(
        &format!("/Resources << /Font << /F {font} 0 R >> >>"),
        "BT /F 20 Tf 20 30 Td (AXA) Tj ET",
    );
    let told = texts(&open(&file.bytes()).unwrap()).concat();
    assert!(told.contains('X') && !told.contains('B'), "{told}");
}

/// The edge of the page cuts the first letter: the rest of its line stays.
#[test]
fn a_line_that_begins_off_the_page_is_told() {
    assert_eq!(
        texts(&shown("/CropBox [22 0 200 100]", HELLO)),
        ["Hello you"]
    );
}

/// Areas are looked at for each glyph, and paid for.
#[test]
fn large_glyphs_are_paid_for_by_their_area() {
    let mut file = PdfFile::new();
    let glyph = file.stream("", b"1000 0 d0 1 G 0 0 m 1 0 l S 999 999 m 1000 999 l S");
    let font = file.object(&format!(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] \
         /FirstChar 65 /LastChar 65 /Widths [0] /Encoding << /Differences [65 /a] >> \
         /CharProcs << /a {glyph} 0 R >> >>"
    ));
    let text = "A".repeat(2000);
    file.page(
        &format!("/MediaBox [0 0 900 900] /Resources << /Font << /F {font} 0 R >> >>"),
        &format!("BT /F 800 Tf 10 10 Td ({text}) Tj ET"),
    );
    let limits = Limits {
        steps: 30_000_000,
        ..LIMITS
    };
    let result = open_with(&file.bytes(), &NoFonts, limits);
    assert!(matches!(
        result,
        Err(Refusal::Overrun {
            resource: Resource::Steps,
            ..
        })
    ));
}
