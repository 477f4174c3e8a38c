//! Text whose font the file does not bring: which face it gets, in which forms, and what is reported.
//!
//! Faces of the machine are those of the `IPAex` fonts and of Liberation; tests that look at their shapes say so
//! and end where these are not installed.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking, and say what they leave out"
)]

mod pdf_harness;

use mugai_core::cx::{FontFace, FontNeed, Script, Strokes};
use mugai_core::{FindingCode, Fonts, Treatment};
use mugai_testkit::pdf::PdfFile;
use pdf_harness::{LIMITS, Opened, open, open_as, open_with};
use std::cell::RefCell;
use std::sync::Arc;

const GOTHIC: &str = "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf";
const MINCHO: &str = "/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf";
const LIBERATION: &str = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf";

/// Faces of the machine, and what was asked for.
#[derive(Default)]
struct Machine {
    asked: RefCell<Vec<FontNeed>>,
}

impl Fonts for Machine {
    fn find(&self, need: FontNeed) -> Option<FontFace> {
        self.asked.borrow_mut().push(need);
        let path = match (need.script, need.strokes) {
            (Script::Latin, _) => LIBERATION,
            (_, Strokes::Serif) => MINCHO,
            _ => GOTHIC,
        };
        let bytes: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(std::fs::read(path).ok()?);
        Some((bytes, 0))
    }
}

fn is_equipped() -> bool {
    let has = [GOTHIC, MINCHO, LIBERATION]
        .iter()
        .all(|path| std::path::Path::new(path).exists());
    if !has {
        println!("skipped: the fonts of this test are not installed");
    }
    has
}

/// A page of 200 by 200 points with `content` in a composite font.
fn composite(name: &str, encoding: &str, ordering: &str, more: &str, content: &str) -> Vec<u8> {
    let mut file = PdfFile::new();
    let font = file.object(&format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /{encoding} {more} \
         /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} \
         /CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) /Supplement 4 >> \
         /FontDescriptor << /Type /FontDescriptor /FontName /{name} /Flags 4 >> >>] >>"
    ));
    file.page(
        &format!("/MediaBox [0 0 200 200] /Resources << /Font << /F {font} 0 R >> >>"),
        content,
    );
    file.bytes()
}

/// Dark pixels of the first page in a square of points, from the upper left corner.
fn ink(opened: &Opened, left: usize, top: usize, side: usize) -> usize {
    let page = &opened.pages[0];
    let columns = usize::try_from(page.width_px()).unwrap();
    // two pixels a point
    let rows = page.pixels().chunks_exact(columns);
    let rows = rows.skip(top * 2).take(side * 2);
    rows.flat_map(|row| row.iter().skip(left * 2).take(side * 2))
        .filter(|level| **level < 128)
        .count()
}

fn count(opened: &Opened, code: FindingCode) -> u32 {
    let found = opened.findings.iter().find(|(found, _)| *found == code);
    found.map_or(0, |(_, count)| *count)
}

fn texts(opened: &Opened) -> Vec<String> {
    let runs = opened.pages[0].layer().runs();
    runs.iter()
        .map(|run| run.text().as_str().to_owned())
        .collect()
}

#[test]
fn names_in_shift_jis_lead_to_mincho_and_gothic() {
    if !is_equipped() {
        return;
    }
    let content = "BT /F 40 Tf 20 100 Td <71215BB3> Tj ET";
    for (name, strokes) in [
        // ＭＳ 明朝, ＭＳ ゴシック
        ("#82l#82r#20#96#be#92#a9", Strokes::Serif),
        ("#82l#82r#20#83S#83V#83b#83N", Strokes::Sans),
        ("MS-Mincho", Strokes::Serif),
        ("ABCDEF+MS-PGothic", Strokes::Sans),
        ("KozMinPr6N-Regular", Strokes::Serif),
    ] {
        let machine = Machine::default();
        let file = composite(name, "UniJIS-UTF16-H", "Japan1", "", content);
        let opened = open_with(&file, &machine, LIMITS).unwrap();
        let need = FontNeed::regular(Script::Japanese, strokes);
        assert_eq!(*machine.asked.borrow(), [need], "{name}");
        assert_eq!(texts(&opened), ["無害"], "{name}");
        assert_eq!(count(&opened, FindingCode::PdfFontSubstituted), 1);
        assert!(!opened.has(FindingCode::PdfFontMissing));
        assert!(!opened.has(FindingCode::PdfGlyphMissing));
    }
}

#[test]
fn two_names_in_shift_jis_are_two_faces() {
    if !is_equipped() {
        return;
    }
    let mut file = PdfFile::new();
    let mut font = |name: &str| {
        file.object(&format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /90ms-RKSJ-H /DescendantFonts \
             [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) \
             /Ordering (Japan1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /Flags 4 >> >>] >>"
        ))
    };
    let mincho = font("#82l#82r#20#96#be#92#a9");
    let gothic = font("#82l#82r#20#83S#83V#83b#83N");
    // the same letter twice: 永
    file.page(
        &format!(
            "/MediaBox [0 0 200 200] /Resources << /Font << /M {mincho} 0 R /G {gothic} 0 R >> >>"
        ),
        "BT /M 80 Tf 10 100 Td <8969> Tj /G 80 Tf 90 0 Td <8969> Tj ET",
    );
    let machine = Machine::default();
    let opened = open_with(&file.bytes(), &machine, LIMITS).unwrap();
    let face = |strokes| FontNeed::regular(Script::Japanese, strokes);
    assert_eq!(
        *machine.asked.borrow(),
        [face(Strokes::Sans), face(Strokes::Serif)]
    );
    // strokes of Gothic are heavier
    let (thin, heavy) = (ink(&opened, 10, 20, 90), ink(&opened, 100, 20, 90));
    assert!(heavy > thin + thin / 10, "{thin} {heavy}");
    assert_eq!(texts(&opened).concat(), "永永");
}

#[test]
fn a_vertical_line_has_upright_forms() {
    if !is_equipped() {
        return;
    }
    // 、 and ー from above, each in an em of 80 points
    let content = "BT /F 80 Tf 100 190 Td <300130FC> Tj ET";
    let file = composite("Ryumin-Light", "UniJIS-UTF16-V", "Japan1", "", content);
    let opened = open_with(&file, &Machine::default(), LIMITS).unwrap();
    // the comma is in the upper right quarter of its square, where a horizontal one is in the lower left
    assert!(ink(&opened, 100, 10, 40) > 50);
    assert_eq!(ink(&opened, 60, 50, 40), 0);
    // the long vowel goes down, not across
    let (upper, lower) = (ink(&opened, 90, 92, 20), ink(&opened, 90, 146, 20));
    assert!(upper > 50 && lower > 50, "{upper} {lower}");
    let (left, right) = (ink(&opened, 60, 120, 20), ink(&opened, 120, 120, 20));
    assert_eq!((left, right), (0, 0));
    assert_eq!(texts(&opened).concat(), "、ー");
    // the same where the file says itself what its codes mean
    let mut file = PdfFile::new();
    let meaning = file.stream(
        "",
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def \
          1 begincodespacerange <0000> <ffff> endcodespacerange \
          2 beginbfchar <3001> <3001> <30fc> <30fc> endbfchar endcmap end end",
    );
    let font = file.object(&format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /UniJIS-UTF16-V \
         /ToUnicode {meaning} 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 \
         /BaseFont /Ryumin-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) \
         /Supplement 4 >> /FontDescriptor << /Type /FontDescriptor /Flags 6 >> >>] >>"
    ));
    file.page(
        &format!("/MediaBox [0 0 200 200] /Resources << /Font << /F {font} 0 R >> >>"),
        content,
    );
    let said = open_with(&file.bytes(), &Machine::default(), LIMITS).unwrap();
    assert_eq!(said.pages[0].pixels(), opened.pages[0].pixels());
}

#[test]
fn forms_by_selector_keep_what_they_are() {
    if !is_equipped() {
        return;
    }
    // by number: 葛 in both of its forms (1481, 7652)
    let content = "BT /F 60 Tf 20 100 Td <05C91DE4> Tj ET";
    let file = composite("Ryumin-Light", "Identity-H", "Japan1", "", content);
    let opened = open_with(&file, &Machine::default(), LIMITS).unwrap();
    let told = texts(&opened).concat();
    let letters: Vec<char> = told.chars().filter(|c| ('一'..='鿿').contains(c)).collect();
    assert_eq!(letters.len(), 2, "{told}");
    assert!(!told.chars().any(|c| c >= '\u{f0000}'), "{told:?}");
    assert!(ink(&opened, 20, 45, 60) > 300 && ink(&opened, 80, 45, 60) > 300);
    assert!(!opened.has(FindingCode::PdfGlyphMissing));
}

#[test]
fn a_letter_that_no_font_has_is_marked_and_counted() {
    if !is_equipped() {
        return;
    }
    // Cherokee is in no collection, and Korean letters are in no Japanese face
    let content = "BT /F 60 Tf 20 100 Td <D55C> Tj ET";
    let file = composite("HYGothic-Medium", "UniKS-UTF16-H", "Korea1", "", content);
    let opened = open_with(&file, &Machine::default(), LIMITS).unwrap();
    assert_eq!(count(&opened, FindingCode::PdfGlyphMissing), 1);
    // 〓 is two bars
    assert!(ink(&opened, 20, 45, 60) > 500);
    assert_eq!(texts(&opened), ["한"]);
    // nothing of the kind at all
    let bare = open(&file).unwrap();
    assert!(bare.has(FindingCode::PdfFontMissing));
}

#[test]
fn latin_text_gets_letters_that_the_built_in_faces_lack() {
    if !is_equipped() {
        return;
    }
    // Ж, said by ToUnicode, in a composite font that is not embedded
    let mut file = PdfFile::new();
    let meaning = file.stream(
        "",
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def \
          1 begincodespacerange <0000> <ffff> endcodespacerange \
          1 beginbfchar <0003> <0416> endbfchar endcmap end end",
    );
    let font = file.object(&format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /ArialMT /Encoding /Identity-H \
         /ToUnicode {meaning} 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 \
         /BaseFont /ArialMT /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) \
         /Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /Flags 32 >> >>] >>"
    ));
    file.page(
        &format!("/MediaBox [0 0 200 200] /Resources << /Font << /F {font} 0 R >> >>"),
        "BT /F 60 Tf 20 100 Td <0003> Tj ET",
    );
    let opened = open_with(&file.bytes(), &Machine::default(), LIMITS).unwrap();
    assert!(!opened.has(FindingCode::PdfGlyphMissing));
    assert!(ink(&opened, 20, 45, 60) > 300);
    assert_eq!(texts(&opened), ["Ж"]);
}

#[test]
fn the_fourteen_standard_fonts_are_no_finding_and_ask_for_nothing() {
    let mut file = PdfFile::new();
    let font = |file: &mut PdfFile, name: &str| {
        file.object(&format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        ))
    };
    let (one, other) = (font(&mut file, "Helvetica"), font(&mut file, "Calibri"));
    file.page(
        &format!("/Resources << /Font << /F {one} 0 R /G {other} 0 R >> >>"),
        "BT /F 20 Tf 20 30 Td (Hello) Tj /G 20 Tf (you) Tj ET",
    );
    let machine = Machine::default();
    let opened = open_with(&file.bytes(), &machine, LIMITS).unwrap();
    assert_eq!(count(&opened, FindingCode::PdfFontSubstituted), 1);
    assert!(machine.asked.borrow().is_empty());
    // the other treatments tell the same
    for treatment in [Treatment::Redraw, Treatment::Text] {
        let opened = open_as(&file.bytes(), treatment).unwrap();
        assert_eq!(count(&opened, FindingCode::PdfFontSubstituted), 1);
    }
}
