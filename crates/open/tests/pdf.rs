//! The PDF reader: what it draws and what it reports.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test helpers work on small numbers of their own"
)]

mod pdf_harness;

use mugai_core::{FindingCode, Limits, NoFonts, PixelFormat, Refusal, Resource};
use mugai_open::formats::pdf::Pdf;
use mugai_open::{Format, Sniff};
use mugai_testkit::pdf::PdfFile;
use pdf_harness::{LIMITS, Opened, open, open_with};

/// The pixel at `x`, `y` of the first page.
fn pixel(opened: &Opened, x: u32, y: u32) -> [u8; 3] {
    let page = &opened.pages[0];
    let at = usize::try_from(y * page.width_px() + x).unwrap();
    match page.format() {
        PixelFormat::Grey8 => [page.pixels()[at]; 3],
        PixelFormat::Rgb8 => page.pixels()[at * 3..at * 3 + 3].try_into().unwrap(),
    }
}

fn size(opened: &Opened) -> (u32, u32) {
    (opened.pages[0].width_px(), opened.pages[0].height_px())
}

#[test]
fn a_red_corner_is_drawn_where_it_belongs() {
    let mut file = PdfFile::new();
    file.page("", "1 0 0 rg 0 0 100 50 re f");
    let opened = open(&file.bytes()).unwrap();
    // 200 by 100 points at 144 dots per inch, in the test harness
    assert_eq!(size(&opened), (400, 200));
    assert_eq!(opened.pages[0].size_millipoints(), Some((200_000, 100_000)));
    assert_eq!(opened.pages[0].format(), PixelFormat::Rgb8);
    assert_eq!(pixel(&opened, 10, 190), [255, 0, 0], "left below");
    assert_eq!(pixel(&opened, 10, 10), [255, 255, 255], "left above");
    assert_eq!(opened.findings, []);
}

#[test]
fn grey_pages_are_grey_and_blank_ones_are_told() {
    let mut file = PdfFile::new();
    file.page("", "0.5 g 0 0 100 50 re f");
    file.page("", "");
    let opened = open(&file.bytes()).unwrap();
    assert_eq!(opened.pages[0].format(), PixelFormat::Grey8);
    assert_eq!(pixel(&opened, 10, 190), [128, 128, 128]);
    assert_eq!(opened.findings, [(FindingCode::PdfPageBlank, 1)]);
}

#[test]
fn boxes_rotation_and_units_are_those_of_a_viewer() {
    // the page shows the left half of the square only: red, with blue cropped away
    let paint = "1 0 0 rg -90 -90 140 900 re f 0 0 1 rg 50 0 50 100 re f";
    let boxed = "/MediaBox [0 0 100 100]";
    let cases = [
        ("/CropBox [0 0 50 100]", (100, 200), (50_000, 100_000)),
        (
            "/CropBox [0 0 50 100] /Rotate 90",
            (200, 100),
            (100_000, 50_000),
        ),
        (
            "/CropBox [0 0 50 100] /Rotate -90",
            (200, 100),
            (100_000, 50_000),
        ),
        ("/CropBox [-50 -50 50 500]", (100, 200), (50_000, 100_000)),
        (
            "/CropBox [0 0 50 100] /UserUnit 2",
            (200, 400),
            (100_000, 200_000),
        ),
    ];
    for (crop, pixels, paper) in cases {
        let mut file = PdfFile::new();
        file.page(&format!("{boxed} {crop}"), paint);
        let opened = open(&file.bytes()).unwrap();
        let page = &opened.pages[0];
        assert_eq!(size(&opened), pixels, "{crop}");
        assert_eq!(page.size_millipoints(), Some(paper), "{crop}");
        let is_red = |rgb: &[u8; 3]| *rgb == [255, 0, 0];
        assert!(
            page.pixels().as_chunks::<3>().0.iter().all(is_red),
            "{crop}"
        );
    }
}

#[test]
fn rotation_turns_clockwise() {
    let mut file = PdfFile::new();
    // a mark at the left below goes to the left above
    let content = "1 0 0 rg 0 0 20 20 re f";
    file.page("/MediaBox [0 0 100 100] /Rotate 90", content);
    let opened = open(&file.bytes()).unwrap();
    assert_eq!(pixel(&opened, 5, 5), [255, 0, 0]);
}

#[test]
fn a_layer_that_is_off_stays_hidden() {
    let mut file = PdfFile::new();
    let layer = file.object("<< /Type /OCG /Name (secret) >>");
    file.page(
        &format!("/Resources << /Properties << /L {layer} 0 R >> >>"),
        "/OC /L BDC 0 0 200 100 re f EMC",
    );
    let off = format!("/OCProperties << /OCGs [{layer} 0 R] /D << /OFF [{layer} 0 R] >> >>");
    let on = format!("/OCProperties << /OCGs [{layer} 0 R] /D << >> >>");
    let hidden = open(&file.clone().with_catalog(&off).bytes()).unwrap();
    assert_eq!(pixel(&hidden, 50, 50), [255; 3]);
    assert!(hidden.has(FindingCode::PdfLayer));
    let shown = open(&file.with_catalog(&on).bytes()).unwrap();
    assert_eq!(pixel(&shown, 50, 50), [0; 3]);
    assert!(!shown.has(FindingCode::PdfLayer));
}

#[test]
fn annotations_are_drawn_as_they_appear() {
    let mut file = PdfFile::new();
    let look = file.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 10 10]",
        b"0 1 0 rg 0 0 10 10 re f",
    );
    for (flags, expected) in [(0, [0, 255, 0]), (2, [255, 255, 255])] {
        let mut file = file.clone();
        let note = file.object(&format!(
            "<< /Type /Annot /Subtype /Stamp /Rect [0 0 200 100] /F {flags} /AP << /N {look} 0 R >> >>"
        ));
        file.page(&format!("/Annots [{note} 0 R]"), "");
        let opened = open(&file.bytes()).unwrap();
        assert_eq!(pixel(&opened, 50, 50), expected, "flags {flags}");
        assert_eq!(opened.has(FindingCode::PdfAnnotation), flags == 0);
    }
}

#[test]
fn what_the_catalog_carries_is_reported() {
    let cases: &[(&str, FindingCode)] = &[
        (
            "/OpenAction << /S /JavaScript /JS (app.alert) >>",
            FindingCode::PdfScript,
        ),
        (
            "/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (x) >>] >> >>",
            FindingCode::PdfScript,
        ),
        (
            "/Open#41ction << /S /J#61vaScript /J#53 (x) >>",
            FindingCode::PdfScript,
        ),
        (
            "/OpenAction << /S /Launch /F (calc.exe) >>",
            FindingCode::PdfAction,
        ),
        (
            "/AA << /WC << /S /Named /N /Print >> >>",
            FindingCode::PdfAction,
        ),
        (
            "/Names << /EmbeddedFiles << /Names [(a) << /EF << >> >>] >> >>",
            FindingCode::PdfEmbedded,
        ),
        ("/Collection << >>", FindingCode::PdfEmbedded),
        (
            "/AcroForm << /Fields [<< /T (a) >>] >>",
            FindingCode::PdfForm,
        ),
        ("/AcroForm << /Fields [] /XFA (x) >>", FindingCode::PdfXfa),
        ("/Outlines << >>", FindingCode::PdfOutline),
        (
            "/Perms << /DocMDP << /Type /Sig /Contents <00> >> >>",
            FindingCode::PdfSignature,
        ),
    ];
    for (catalog, code) in cases {
        let mut file = PdfFile::new().with_catalog(catalog);
        file.page("", "0 0 10 10 re f");
        let opened = open(&file.bytes()).unwrap();
        assert!(opened.has(*code), "{catalog}: {:?}", opened.findings);
    }
}

#[test]
fn what_a_page_carries_is_reported() {
    let cases: &[(&str, FindingCode)] = &[
        (
            "/AA << /O << /S /GoToR /F (x.pdf) >> >>",
            FindingCode::PdfAction,
        ),
        (
            "/Annots [<< /Subtype /FileAttachment /Rect [0 0 1 1] >>]",
            FindingCode::PdfEmbedded,
        ),
        (
            "/Annots [<< /Subtype /Link /A << /S /URI /URI (http://a.example/) >> >>]",
            FindingCode::PdfLink,
        ),
        ("/Metadata << /Type /Metadata >>", FindingCode::PdfMetadata),
    ];
    for (page, code) in cases {
        let mut file = PdfFile::new();
        file.page(page, "0 0 10 10 re f");
        let opened = open(&file.bytes()).unwrap();
        assert!(opened.has(*code), "{page}: {:?}", opened.findings);
    }
}

#[test]
fn bytes_around_the_document_are_reported() {
    let mut file = PdfFile::new();
    file.page("", "0 0 10 10 re f");
    let plain = file.bytes();
    assert_eq!(open(&plain).unwrap().findings, []);
    let longer = [plain.as_slice(), b"PK\x03\x04"].concat();
    assert!(open(&longer).unwrap().has(FindingCode::PdfTrailing));
    let shifted = [b"GIF89a\n".as_slice(), &plain].concat();
    assert!(open(&shifted).unwrap().has(FindingCode::PdfPrefix));
    let info = file.with_trailer("/Info << /Title (secret) >>").bytes();
    assert!(open(&info).unwrap().has(FindingCode::PdfMetadata));
}

#[test]
fn broken_files_are_refused() {
    let mut empty = PdfFile::new();
    empty.object("null");
    let cases: &[(&str, Vec<u8>)] = &[
        ("nothing", Vec::new()),
        ("a header alone", b"%PDF-1.7\n".to_vec()),
        ("no pages", empty.bytes()),
        (
            "no catalog",
            b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF".to_vec(),
        ),
    ];
    for (name, bytes) in cases {
        assert!(matches!(open(bytes), Err(Refusal::Malformed(_))), "{name}");
    }
}

#[test]
fn damage_gets_an_answer() {
    let mut good = PdfFile::new();
    good.page("/MediaBox [0 0 9 9]", "0 0 5 5 re f");
    let good = good.bytes();
    for at in (0..good.len()).step_by(3) {
        let mut wrong = good.clone();
        wrong[at] ^= 0x15;
        let _ = open(&wrong);
        let _ = open(&good[..at]);
    }
}

#[test]
fn loops_end() {
    let mut tree = PdfFile::new();
    let id = tree.next_id();
    tree.object(&format!(
        "<< /Type /Pages /Kids [{id} 0 R 2 0 R] /Count 9 >>"
    ));
    tree.page("", "");
    let looped = String::from_utf8_lossy(&tree.bytes())
        .replace("/Kids [ ", &format!("/Kids [ {id} 0 R "))
        .into_bytes();
    let _ = open(&looped);
    let xref = b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\nxref\n0 1\n0000000000 65535 f \ntrailer << /Size 1 /Root 1 0 R /Prev 56 >>\nstartxref\n56\n%%EOF";
    assert!(open(xref).is_err());
    let mut own = PdfFile::new();
    let form = own.next_id();
    let resources = format!("/Resources << /XObject << /F {form} 0 R >> >>");
    own.stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] {resources}"),
        b"0 0 5 5 re f /F Do",
    );
    own.page(&resources, "/F Do");
    assert!(open(&own.bytes()).is_ok());
}

#[test]
fn a_scan_is_never_drawn_above_its_own_resolution() {
    let drawn = |sides: (u32, u32), more: &str, content: &str| {
        let mut file = PdfFile::new();
        let (width, height) = sides;
        let levels: Vec<u8> = (0..width * height)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect();
        let dict = format!(
            "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8 {more}"
        );
        let picture = file.stream(&dict, &levels);
        let resources = format!("/Resources << /XObject << /I {picture} 0 R >> >>");
        file.page(&resources, content);
        (open(&file.bytes()).unwrap(), levels)
    };
    // 200 by 100 points at 72 dots per inch, though 144 are asked for
    let whole = "q 200 0 0 100 0 0 cm /I Do Q BT 3 Tr ET";
    let (opened, levels) = drawn((200, 100), "", whole);
    assert_eq!(size(&opened), (200, 100));
    assert_eq!(
        opened.pages[0].pixels(),
        levels,
        "its pixels are what they were"
    );
    assert_eq!(opened.pages[0].size_millipoints(), Some((200_000, 100_000)));
    for (sides, content) in [
        // finer than is asked for, very coarse, not as large as the page, turned, twice, or not alone
        ((600, 300), whole),
        ((20, 10), whole),
        ((200, 100), "q 190 0 0 100 0 0 cm /I Do Q"),
        ((200, 100), "q 200 1 -1 100 0 0 cm /I Do Q"),
        ((200, 100), "q 200 0 0 100 0 0 cm /I Do /I Do Q"),
        ((200, 100), "q 200 0 0 100 0 0 cm /I Do Q 0 0 9 9 re f"),
        ((200, 100), "q 200 0 0 100 0 0 cm /I Do Q BT (a) Tj ET"),
    ] {
        assert_eq!(size(&drawn(sides, "", content).0), (400, 200), "{content}");
    }
}

#[test]
fn a_page_over_the_purse_is_drawn_coarser_or_not_at_all() {
    let mut file = PdfFile::new();
    file.page("", "1 0 0 rg 0 0 100 50 re f");
    let with = |pixels| open_with(&file.bytes(), &NoFonts, Limits { pixels, ..LIMITS });
    let full = with(80_000).unwrap();
    assert!(!full.has(FindingCode::PdfPageScaled));
    let coarse = with(20_000).unwrap();
    assert_eq!(size(&coarse), (200, 100));
    assert_eq!(coarse.pages[0].size_millipoints(), Some((200_000, 100_000)));
    assert!(coarse.has(FindingCode::PdfPageScaled));
    assert!(matches!(
        with(1000),
        Err(Refusal::Overrun {
            resource: Resource::Pixels,
            limit: 1000
        })
    ));
}

#[test]
fn every_purse_that_is_too_small_ends_in_an_overrun() {
    let mut file = PdfFile::new();
    let form = file.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 9 9]",
        b"0 0 9 9 re f",
    );
    file.page(
        &format!("/MediaBox [0 0 9 9] /Resources << /XObject << /F {form} 0 R >> >>"),
        "/F Do /F Do",
    );
    let bytes = file.bytes();
    let with = |limits| open_with(&bytes, &NoFonts, limits);
    let (mut enough, mut short) = (0, 0);
    for amount in (0..4000).step_by(37) {
        for limits in [
            Limits {
                bytes: amount,
                ..LIMITS
            },
            Limits {
                steps: amount,
                ..LIMITS
            },
        ] {
            match with(limits) {
                Ok(_) => enough += 1,
                Err(Refusal::Overrun { .. }) => short += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(enough > 20 && short > 20, "{enough} {short}");
}

#[test]
fn the_header_is_the_mark() {
    let cases: &[(&[u8], Sniff)] = &[
        (b"%PDF-1.7\n", Sniff::Yes),
        (b"\xEF\xBB\xBF%PDF-1.7\n", Sniff::Perhaps),
        (b"%!PS-Adobe", Sniff::No),
        (b"%PDF", Sniff::No),
        (b"", Sniff::No),
    ];
    for (head, expected) in cases {
        assert_eq!(Pdf.sniff(head), *expected, "{head:?}");
    }
    let far = [vec![b' '; 1025], b"%PDF-1.7".to_vec()].concat();
    assert_eq!(Pdf.sniff(&far), Sniff::No);
}
