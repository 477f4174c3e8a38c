//! What nobody sees on a page of PDF is in no output, and what is seen is there, as it is seen.
#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "tests may panic"
)]

mod pdf_harness;

use mugai_core::drawing::{Drawing, Step};
use mugai_core::{FindingCode, Page, Piece, Purpose, Treatment};
use mugai_testkit::pdf::PdfFile;
use pdf_harness::{Opened, open, open_as};
use std::fmt::Write as _;

fn redraw(file: &PdfFile) -> Opened {
    open_as(&file.bytes(), Treatment::Redraw).unwrap()
}

fn drawing(opened: &Opened) -> &Drawing {
    let found = opened.all.iter().find_map(|piece| match piece {
        Piece::Drawing(drawing) => Some(&**drawing),
        _ => None,
    });
    found.unwrap()
}

/// All that can be read of what was opened: over pages, and of letters.
fn said(opened: &Opened) -> String {
    let mut all = String::new();
    for piece in &opened.all {
        let (layer, glyphs) = match piece {
            Piece::Page(page) => (page.layer(), &[][..]),
            Piece::Drawing(drawing) => (drawing.layer(), drawing.glyphs()),
            Piece::Text(text) => {
                all.push_str(text.as_str());
                continue;
            }
            _ => continue,
        };
        for run in layer.runs() {
            write!(all, "{} ", run.text().as_str()).unwrap();
        }
        for glyph in glyphs {
            all.push_str(glyph.meaning());
        }
    }
    all
}

/// By each treatment.
fn said_by_all(file: &PdfFile) -> [String; 3] {
    [Treatment::Flatten, Treatment::Redraw, Treatment::Text]
        .map(|treatment| said(&open_as(&file.bytes(), treatment).unwrap()))
}

/// Levels that follow no order.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

const HIDDEN: &str = "BT /F 12 Tf 1 0 0 1 10 50 Tm (hidden words stand here) Tj ET";

/// A page of noise, with a font, states and small drawings as letters.
fn noisy(content: &str) -> PdfFile {
    let mut file = PdfFile::new();
    let font = file.object(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    );
    let image = "/Type /XObject /Subtype /Image /BitsPerComponent";
    let picture = file.stream(
        &format!("{image} 8 /Width 400 /Height 200 /ColorSpace /DeviceGray"),
        &noise(80_000),
    );
    // white strokes, and a stencil of which nothing is painted
    let strokes = file.stream("", b"1000 0 d0 1 G 60 w 100 100 m 900 900 l S");
    let empty = file.stream(
        "",
        b"1000 0 d0 q 900 0 0 900 50 0 cm BI /W 8 /H 8 /IM true /BPC 1 ID \xff\xff\xff\xff\xff\xff\xff\xff EI Q",
    );
    let group = file.stream(
        &format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Group << /S /Transparency >> \
             /Resources << /Font << /F {font} 0 R >> >>"
        ),
        HIDDEN.as_bytes(),
    );
    let drawn = file.object(&format!(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0] \
         /FirstChar 97 /LastChar 98 /Widths [1000 1000] /Encoding << /Differences [97 /a /b] >> \
         /CharProcs << /a {strokes} 0 R /b {empty} 0 R >> >>"
    ));
    file.page(
        &format!(
            "/Resources << /Font << /F {font} 0 R /D {drawn} 0 R >> \
             /XObject << /I {picture} 0 R /X {group} 0 R >> \
             /ExtGState << /A << /ca 0 /CA 0 >> /M << /BM /Multiply >> /S << /BM /Screen >> >> >>"
        ),
        content,
    );
    file
}

#[test]
fn letters_without_ink_are_left_out_wherever_they_stand() {
    const NOISE: &str = "q 200 0 0 100 0 0 cm /I Do Q";
    for (why, content) in [
        ("transparent", format!("{NOISE} /A gs {HIDDEN}")),
        ("outlines", format!("{NOISE} /A gs 1 Tr {HIDDEN}")),
        ("a transparent group", format!("{NOISE} /A gs /X Do")),
        ("white multiplied", format!("{NOISE} /M gs 1 g {HIDDEN}")),
        ("black screened", format!("{NOISE} /S gs 0 g {HIDDEN}")),
        (
            "no stencil at all",
            format!("{NOISE} BT /D 12 Tf 10 50 Td (bbbbbbb) Tj ET"),
        ),
        (
            "white strokes beside a line",
            "0 g 28 0 2 100 re f BT /D 14 Tf 10 50 Td (aaaaaaa) Tj ET".to_owned(),
        ),
        (
            "as wide as nothing beside a line",
            "0 g 100 0 1 100 re f BT /F 12 Tf 0.01 Tz 100 50 Td (hidden text) Tj ET".to_owned(),
        ),
    ] {
        let [pages, shapes, text] = said_by_all(&noisy(&content));
        for (how, told) in [("flatten", pages), ("redraw", shapes), ("text", text)] {
            assert_eq!(told.trim(), "", "{why}, {how}");
        }
    }
}

#[test]
fn letters_with_ink_are_told_wherever_they_stand() {
    const NOISE: &str = "q 200 0 0 100 0 0 cm /I Do Q";
    for (why, content, expected) in [
        (
            "red on noise",
            format!("{NOISE} 1 0 0 rg BT /F 20 Tf 10 50 Td (Hello) Tj ET"),
            "Hello",
        ),
        (
            "white on noise, through a group",
            format!("{NOISE} 1 0 0 rg /X Do"),
            "hidden words stand here",
        ),
        (
            "multiplied",
            "/M gs 0 0 1 rg BT /F 20 Tf 10 50 Td (Hello) Tj ET".to_owned(),
            "Hello",
        ),
        (
            "white screened on black",
            "0 g 0 0 200 100 re f /S gs 1 g BT /F 20 Tf 10 50 Td (Hello) Tj ET".to_owned(),
            "Hello",
        ),
        (
            "white strokes on black",
            "0 g 0 0 200 100 re f BT /D 20 Tf 10 50 Td (aaa) Tj ET".to_owned(),
            "aaa",
        ),
        (
            "hairlines",
            "BT /F 6 Tf 10 50 Td (i-l_|.) Tj ET".to_owned(),
            "i-l_|.",
        ),
    ] {
        let opened = open(&noisy(&content).bytes()).unwrap();
        assert_eq!(said(&opened).trim(), expected, "{why}");
    }
}

/// A page with pictures `/A` and `/B`, a transparent state `/T` and one with a mask `/M` that hides all.
fn two_pictures(content: &str) -> PdfFile {
    let mut file = PdfFile::new();
    let image = "/Type /XObject /Subtype /Image /BitsPerComponent 8 /Width 2 /Height 1 /ColorSpace /DeviceGray";
    let first = file.stream(image, &[0, 90]);
    let second = file.stream(image, &[120, 200]);
    let mask = file.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 200 100] \
         /Group << /S /Transparency /CS /DeviceGray >> /Resources << >>",
        b"0 g 0 0 200 100 re f",
    );
    file.page(
        &format!(
            "/Resources << /XObject << /A {first} 0 R /B {second} 0 R >> /ExtGState << /T << /ca 0.1 >> \
             /M << /SMask << /S /Luminosity /G {mask} 0 R >> >> >> >>"
        ),
        content,
    );
    file
}

fn pictures(opened: &Opened) -> Vec<&Page> {
    let pages = opened.pages.iter();
    pages
        .filter(|page| page.purpose() == Purpose::Picture)
        .collect()
}

#[test]
fn a_group_keeps_its_first_thing_within_a_border_that_goes_on() {
    let shown = |state: &str| {
        redraw(&two_pictures(&format!(
            "q 20 20 60 60 re W n 60 0 0 60 20 20 cm /A Do Q \
             q 20 20 60 60 re W n {state} gs 60 0 0 60 20 20 cm /B Do Q"
        )))
    };
    let faded = shown("/T");
    let alphas: Vec<u8> = (drawing(&faded).steps().iter())
        .filter_map(|step| match step {
            Step::Picture { mix, .. } => Some(mix.alpha),
            _ => None,
        })
        .collect();
    assert_eq!(alphas, [255, 26]);
    let masked = shown("/M");
    assert!(masked.has(FindingCode::PdfRegionDrawn));
    for page in pictures(&masked) {
        assert!(page.pixels().iter().all(|level| *level != 120), "{page:?}");
    }
}

#[test]
fn a_letter_of_a_group_is_not_one_of_those_before_it() {
    let mut file = PdfFile::new();
    let font = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";
    let group = file.stream(
        &format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Group << /S /Transparency >> /Resources << {font} >>"
        ),
        b"BT /F 20 Tf 60 50 Td (B) Tj ET",
    );
    file.page(
        &format!(
            "/Resources << {font} /XObject << /X {group} 0 R >> /ExtGState << /T << /ca 0.2 >> >> >>"
        ),
        "BT /F 20 Tf 20 50 Td (A) Tj ET /T gs /X Do",
    );
    let opened = redraw(&file);
    let alphas: Vec<u8> = (drawing(&opened).steps().iter())
        .filter_map(|step| match step {
            Step::Glyphs { ink, .. } => Some(ink.mix.alpha),
            _ => None,
        })
        .collect();
    assert_eq!(alphas, [255, 51]);
}

#[test]
fn what_a_bar_hides_is_not_in_a_mask_either() {
    let mut file = PdfFile::new();
    // each second column is painted, all over the page
    let levels: Vec<u8> = [255, 0].repeat(5_000);
    let image = "/Type /XObject /Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceGray";
    let mask = file.stream(&format!("{image} /Width 100 /Height 100"), &levels);
    let ink = file.stream(
        &format!("{image} /Width 1 /Height 1 /SMask {mask} 0 R"),
        &[0],
    );
    file.page(
        &format!("/MediaBox [0 0 100 100] /Resources << /XObject << /I {ink} 0 R >> >>"),
        "q 100 0 0 100 0 0 cm /I Do Q 0 g 0 40 100 20 re f",
    );
    let opened = redraw(&file);
    let mask = (opened.pages.iter()).find(|page| page.purpose() == Purpose::Mask);
    let rows: Vec<&[u8]> = mask.unwrap().pixels().chunks(100).collect();
    assert!(rows[50].iter().all(|level| *level == 0), "{:?}", rows[50]);
    assert_eq!(rows[10][..4], [255, 0, 255, 0]);
    assert_eq!(rows[90][..4], [255, 0, 255, 0]);
}

#[test]
fn letters_that_become_pixels_are_still_read() {
    let mut file = PdfFile::new();
    file.page(
        "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> \
         /ExtGState << /G << /BM /Luminosity >> >> >>",
        "/G gs 0 0 1 rg BT /F 20 Tf 20 50 Td (Hello) Tj ET",
    );
    let opened = redraw(&file);
    assert!(opened.has(FindingCode::PdfRegionDrawn));
    assert_eq!(said(&opened).trim(), "Hello");
}

#[test]
fn a_picture_that_is_not_drawn_hides_nothing() {
    let shown = |dict: &str, data: &[u8]| {
        let mut file = PdfFile::new();
        let image = "/Type /XObject /Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceGray";
        let picture = file.stream(&format!("{image} {dict}"), data);
        file.page(
            &format!(
                "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> \
                 /XObject << /I {picture} 0 R >> >>"
            ),
            "0.8 g 20 10 160 20 re f 0 g BT /F 20 Tf 20 12 Td (below) Tj 0 60 Td (above) Tj ET \
             q 200 0 0 100 0 0 cm /I Do Q",
        );
        file
    };
    let broken = shown("/Width 20 /Height 10 /Filter /DCTDecode", b"no picture");
    for told in said_by_all(&broken) {
        // of shapes, each glyph is told once
        assert!(told.contains("below") && told.contains('v'), "{told}");
    }
    let steps = redraw(&broken);
    let fills = (drawing(&steps).steps().iter()).filter(|step| matches!(step, Step::Fill(..)));
    assert_eq!(fills.count(), 1);
    let whole = shown("/Width 20 /Height 10", &[255; 200]);
    for told in said_by_all(&whole) {
        assert_eq!(told.trim(), "");
    }
}

#[test]
fn hairlines_on_the_border_of_squares_stay() {
    let mut file = PdfFile::new();
    // two pixels a point: these stand at multiples of four pixels
    file.page("", "0 g 0 w 20 50 m 180 50 l S 100 10 m 100 90 l S");
    let opened = redraw(&file);
    let lines = (drawing(&opened).steps().iter()).filter(|step| matches!(step, Step::Stroke(..)));
    assert_eq!(lines.count(), 2);
    assert!(!opened.has(FindingCode::PdfCovered));
}
