//! The PDF reader when pages are redrawn: which shapes it tells, and what it leaves out.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "tests may panic"
)]

mod pdf_harness;

use mugai_core::contents::{Spot, Way};
use mugai_core::drawing::{Blend, Drawing, Step};
use mugai_core::{FindingCode, Kind, Piece, Purpose, Refusal, Sink, Target, Treatment};
use mugai_testkit::pdf::PdfFile;
use pdf_harness::{Opened, open_as};

/// The file opened to be redrawn; what comes of it is written, and the checker accepts it.
fn redraw(file: &PdfFile) -> (Vec<Piece>, Opened) {
    let opened = open_as(&file.bytes(), Treatment::Redraw).unwrap();
    let mut writer = mugai_emit::pdf::writer();
    for piece in &opened.all {
        writer.put(piece.clone()).unwrap();
    }
    let draft = writer.finish().unwrap();
    assert_eq!(
        mugai_verify::check(Target::Pdf, &draft.load().unwrap(), &[]),
        Ok(())
    );
    (opened.all.clone(), opened)
}

fn drawings<'p>(pieces: &'p [Piece]) -> Vec<&'p Drawing> {
    let drawing = |piece: &'p Piece| match piece {
        Piece::Drawing(drawing) => Some(&**drawing),
        _ => None,
    };
    pieces.iter().filter_map(drawing).collect()
}

fn meanings(pieces: &[Piece]) -> Vec<String> {
    let all = drawings(pieces);
    let glyphs: Vec<_> = all.iter().flat_map(|drawing| drawing.glyphs()).collect();
    let shown = all.iter().flat_map(|drawing| drawing.steps());
    let shown = shown.filter_map(|step| match step {
        Step::Glyphs { glyphs, .. } => Some(glyphs),
        _ => None,
    });
    shown
        .map(|run| {
            let said = run.iter().map(|placed| {
                let index = usize::try_from(placed.glyph).unwrap();
                glyphs[index].meaning()
            });
            said.collect()
        })
        .collect()
}

const FONT: &str =
    "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>";

#[test]
fn shapes_and_letters_are_told() {
    let mut file = PdfFile::new();
    file.page(
        FONT,
        "1 0 0 rg 10 10 50 20 re f 2 w 0 0 m 30 40 l S BT 0 g /F1 12 Tf 20 60 Td (Hello) Tj ET",
    );
    let (pieces, opened) = redraw(&file);
    assert_eq!(meanings(&pieces), ["Hello"]);
    let all = drawings(&pieces);
    assert_eq!(all[0].size_millipoints(), (200_000, 100_000));
    let [
        Step::Fill(box_, _, ink),
        Step::Stroke(_, pen, _),
        Step::Glyphs { matrix, .. },
    ] = all[0].steps()
    else {
        panic!("{:?}", all[0].steps());
    };
    assert_eq!(ink.rgb, [255, 0, 0]);
    // hundredths of a point from the upper left corner
    assert!(box_.places().any(|place| place == (1_000, 9_000)));
    assert_eq!(pen.width, 200);
    assert_eq!(*matrix, [1_200, 0, 0, -1_200]);
    assert_eq!(opened.findings, []);
}

/// A long text is shared out over its glyphs, so that none of it is too long for one of them.
#[test]
fn a_text_of_many_glyphs_is_told_with_them() {
    let text = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
    let glyphs = "x".repeat(text.len());
    let mut file = PdfFile::new();
    file.page(
        FONT,
        &format!("BT /F1 6 Tf 1 30 Td /Span << /ActualText ({text}) >> BDC ({glyphs}) Tj EMC ET"),
    );
    assert_eq!(meanings(&redraw(&file).0).concat(), text);
}

#[test]
fn what_nobody_sees_is_not_there() {
    let mut file = PdfFile::new();
    file.page(
        FONT,
        "BT /F1 12 Tf 1 g 20 60 Td (white) Tj ET BT /F1 12 Tf 0 g 20 20 Td (under) Tj ET \
         0 0 200 40 re f BT 3 Tr 20 80 Td (mode) Tj ET BT 0 Tr 20 900 Td (off) Tj ET \
         300 300 40 40 re f 0.5 g 150 10 20 20 re f 0 g 140 0 60 40 re f \
         BT 120 80 Td (seen) Tj ET",
    );
    let (pieces, opened) = redraw(&file);
    assert_eq!(meanings(&pieces), ["seen"]);
    assert!(opened.has(FindingCode::PdfTextHidden));
    assert!(opened.has(FindingCode::PdfCovered), "the grey square");
    let all = drawings(&pieces);
    let fills = all[0].steps().iter().filter_map(|step| match step {
        Step::Fill(_, _, ink) => Some(ink.rgb),
        _ => None,
    });
    assert_eq!(fills.collect::<Vec<_>>(), [[0; 3], [0; 3]]);
}

/// A page of a picture that is all red.
fn pictured(file: &mut PdfFile, dict: &str, content: &str) {
    let red = file.stream(
        "/Type /XObject /Subtype /Image /Width 40 /Height 20 /ColorSpace /DeviceRGB /BitsPerComponent 8",
        &[255, 0, 0].repeat(800),
    );
    file.page(
        &format!("/Resources << /XObject << /Im {red} 0 R >> {dict} >>"),
        content,
    );
}

fn first_picture(pieces: &[Piece]) -> &mugai_core::Page {
    match &pieces[0] {
        Piece::Page(page) => page,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_painted_over_in_a_picture_is_blanked() {
    let mut file = PdfFile::new();
    pictured(
        &mut file,
        "",
        "q 200 0 0 100 0 0 cm /Im Do Q 0 g 0 0 100 100 re f",
    );
    let (pieces, opened) = redraw(&file);
    assert!(opened.has(FindingCode::PdfCovered));
    let page = first_picture(&pieces);
    assert_eq!(page.purpose(), Purpose::Picture);
    let pixels = page.pixels().as_chunks::<3>().0;
    assert_eq!(pixels[0], [255, 255, 255], "the left half is white");
    assert_eq!(pixels[39], [255, 0, 0], "the right half is as it was");

    // all of it
    let mut file = PdfFile::new();
    pictured(
        &mut file,
        "",
        "q 200 0 0 100 0 0 cm /Im Do Q 0 g 0 0 200 100 re f",
    );
    let (pieces, _) = redraw(&file);
    let shown = drawings(&pieces)[0].steps().iter();
    assert_eq!(
        shown
            .filter(|step| matches!(step, Step::Picture { .. }))
            .count(),
        0
    );
}

#[test]
fn a_picture_on_two_pages_is_told_once() {
    let mut file = PdfFile::new();
    let red = file.stream(
        "/Type /XObject /Subtype /Image /Width 4 /Height 2 /ColorSpace /DeviceRGB /BitsPerComponent 8",
        &[255, 0, 0].repeat(8),
    );
    for _ in 0..2 {
        let resources = format!("/Resources << /XObject << /Im {red} 0 R >> >>");
        file.page(&resources, "q 50 0 0 50 10 10 cm /Im Do Q");
    }
    let (pieces, _) = redraw(&file);
    let pictures = pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Page(_)));
    assert_eq!(pictures.count(), 1);
    assert_eq!(drawings(&pieces).len(), 2);
}

#[test]
fn opacity_and_blending_are_told_where_they_can_be() {
    let mut file = PdfFile::new();
    file.page(
        "/Resources << /ExtGState << /G << /ca 0.5 /BM /Multiply >> >> >>",
        "/G gs 1 0 0 rg 10 10 50 20 re f",
    );
    let (pieces, _) = redraw(&file);
    let all = drawings(&pieces);
    let [Step::Fill(_, _, ink)] = all[0].steps() else {
        panic!("{:?}", all[0].steps());
    };
    assert_eq!((ink.mix.alpha, ink.mix.blend), (128, Blend::Multiply));
}

/// How often `code` was found.
fn count(opened: &Opened, code: FindingCode) -> u32 {
    let found = opened.findings.iter().find(|(found, _)| *found == code);
    found.map_or(0, |(_, count)| *count)
}

#[test]
fn a_part_that_cannot_be_told_becomes_pixels_over_the_rest() {
    let mut file = PdfFile::new();
    let pattern = file.stream(
        "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 5 5] /XStep 5 /YStep 5 /Resources << >>",
        b"1 0 0 rg 0 0 3 3 re f",
    );
    let resources = format!(
        "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> \
         /Pattern << /P {pattern} 0 R >> /ExtGState << /G << /BM /Hue >> >> >>"
    );
    // a tile, and letters beside it and on it
    file.page(
        &resources,
        "/Pattern cs /P scn 10 10 50 20 re f 0 g BT /F1 12 Tf 20 15 Td (in) Tj 100 60 Td (out) Tj ET",
    );
    // blending that the closed set does not have
    file.page(
        &resources,
        "0 1 0 rg 0 0 200 50 re f /G gs 1 0 0 rg 10 10 50 20 re f",
    );
    let (pieces, opened) = redraw(&file);
    assert_eq!(count(&opened, FindingCode::PdfRegionDrawn), 2);
    assert_eq!(count(&opened, FindingCode::PdfPageDrawn), 0);
    assert_eq!(count(&opened, FindingCode::PdfCovered), 0);
    let [
        Piece::Page(tiles),
        Piece::Drawing(first),
        Piece::Page(blended),
        Piece::Drawing(second),
    ] = &pieces[..]
    else {
        panic!("{pieces:?}");
    };
    // 50 by 20 points at two pixels a point, a pixel more on each side, and whole squares of four
    assert_eq!((tiles.width_px(), tiles.height_px()), (108, 48));
    assert_eq!((blended.width_px(), blended.height_px()), (108, 48));
    assert!(tiles.pixels().as_chunks::<3>().0.contains(&[255, 0, 0]));
    assert_eq!(meanings(&pieces), ["inout"]);
    let [
        ..,
        Step::Picture {
            picture: 0, matrix, ..
        },
    ] = first.steps()
    else {
        panic!("{:?}", first.steps());
    };
    assert_eq!(*matrix, [5400, 0, 0, 2400, 800, 6800]);
    assert!(matches!(
        second.steps(),
        [Step::Fill(..), Step::Picture { picture: 1, .. }]
    ));
}

#[test]
fn a_picture_whose_data_ends_early_keeps_its_scale() {
    let mut file = PdfFile::new();
    // two rows of four
    let picture = file.stream(
        "/Type /XObject /Subtype /Image /Width 4 /Height 4 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        &[10, 80, 160, 240, 10, 80, 160, 240],
    );
    file.page(
        &format!("/Resources << /XObject << /I {picture} 0 R >> >>"),
        "40 0 0 40 10 10 cm /I Do",
    );
    let (pieces, _) = redraw(&file);
    let all = drawings(&pieces);
    let [Step::Picture { matrix, .. }] = all[0].steps() else {
        panic!("{:?}", all[0].steps());
    };
    let Piece::Page(page) = &pieces[0] else {
        panic!("{pieces:?}");
    };
    // either all rows are there, or the place is as much shorter
    let rows = i32::try_from(page.height_px()).unwrap();
    assert_eq!(*matrix, [4000, 0, 0, 1000 * rows, 1000, 5000]);
}

#[test]
fn nothing_of_what_a_mask_hides_is_in_the_output() {
    let mut file = PdfFile::new();
    let secret = file.stream(
        "/Type /XObject /Subtype /Image /Width 2 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        &[77, 200],
    );
    // black hides all of it
    let mask = file.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Group << /S /Transparency /CS /DeviceGray >> /Resources << >>",
        b"0 g 0 0 200 100 re f",
    );
    let group = file.stream(
        &format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Group << /S /Transparency >> \
             /Resources << /XObject << /I {secret} 0 R >> /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        ),
        b"q 40 0 0 20 10 10 cm /I Do Q 1 0 0 rg 30 40 20 20 re f BT /F1 12 Tf 12 15 Td (secret) Tj ET",
    );
    file.page(
        &format!(
            "/Resources << /XObject << /X {group} 0 R >> /ExtGState << /M << /SMask << /S /Luminosity /G {mask} 0 R >> >> >> >>"
        ),
        "/M gs /X Do",
    );
    let (pieces, opened) = redraw(&file);
    assert_eq!(count(&opened, FindingCode::PdfRegionDrawn), 1);
    assert!(
        meanings(&pieces).concat().is_empty(),
        "{:?}",
        meanings(&pieces)
    );
    for piece in &pieces {
        if let Piece::Page(page) = piece {
            assert!(page.pixels().iter().all(|level| *level == 255), "{page:?}");
        }
    }
    let all = drawings(&pieces);
    assert!(
        matches!(all[0].steps(), [Step::Picture { .. }]),
        "{:?}",
        all[0].steps()
    );
}

#[test]
fn a_page_of_which_most_cannot_be_told_becomes_pixels() {
    let mut file = PdfFile::new();
    file.page(
        "/Resources << /ExtGState << /G << /BM /Hue >> >> >>",
        "/G gs 1 0 0 rg 0 0 180 90 re f",
    );
    file.page("", "0 g 10 10 50 20 re f");
    let (pieces, opened) = redraw(&file);
    assert_eq!(count(&opened, FindingCode::PdfPageDrawn), 1);
    assert_eq!(count(&opened, FindingCode::PdfRegionDrawn), 0);
    assert!(matches!(&pieces[..], [Piece::Page(_), Piece::Drawing(_)]));
}

#[test]
fn small_drawings_of_a_font_are_drawn_and_read() {
    let mut file = PdfFile::new();
    let procedure = file.stream("", b"500 0 0 0 500 500 d1 0 0 400 400 re f");
    file.page(
        &format!(
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type3 /FontBBox [0 0 500 500] /FontMatrix [.001 0 0 .001 0 0] \
             /FirstChar 65 /LastChar 65 /Widths [500] /Encoding << /Differences [65 /A] >> /CharProcs << /A {procedure} 0 R >> >> >> >>"
        ),
        "BT /F1 40 Tf 20 40 Td (A) Tj ET",
    );
    let (pieces, _) = redraw(&file);
    let all = drawings(&pieces);
    assert!(
        matches!(all[0].steps(), [Step::Fill(..)]),
        "{:?}",
        all[0].steps()
    );
    let runs: Vec<&str> = all[0]
        .layer()
        .runs()
        .iter()
        .map(|run| run.text().as_str())
        .collect();
    assert_eq!(runs, ["A"]);
}

#[test]
fn bookmarks_links_and_names_of_pages_are_made_again() {
    let mut file = PdfFile::new();
    let first = file.page(
        "/Annots [ << /Type /Annot /Subtype /Link /Rect [10 10 60 30] /Dest (second) >> \
         << /Type /Annot /Subtype /Link /Rect [10 40 60 60] /A << /S /URI /URI (http://a.jp/) >> >> \
         << /Type /Annot /Subtype /Link /Rect [10 70 60 90] /A << /S /GoToR /F (a.pdf) /D [0 /Fit] >> >> ]",
        "0 g 10 10 50 20 re f",
    );
    let second = file.page("/Rotate 90", "0 g 10 10 50 20 re f");
    let below = file.object(&format!(
        "<< /Title <FEFF7B2C0032> /Dest [{second} 0 R /XYZ 30 40 null] >>"
    ));
    let top = file.next_id();
    file.object(&format!(
        "<< /Title (One\\) /JS) /A << /S /GoTo /D [{first} 0 R /FitH 80] >> /First {below} 0 R /Last {below} 0 R /Next {top} 0 R >>"
    ));
    let file = file.with_catalog(&format!(
        "/Outlines << /First {top} 0 R >> /Names << /Dests << /Names [(second) << /D [{second} 0 R /Fit] >>] >> >> \
         /PageLabels << /Nums [0 << /S /r >> 1 << /P (A-) /S /D /St 5 >>] >>"
    ));
    let (pieces, opened) = redraw(&file);
    let Some(Piece::Contents(contents)) = pieces.last() else {
        panic!("no contents");
    };
    let told: Vec<_> = contents
        .entries()
        .iter()
        .map(|entry| {
            let to = entry.to.map(|to| (to.page, to.down));
            (entry.level, entry.title.as_str(), to)
        })
        .collect();
    assert_eq!(
        told,
        [(0, "One) /JS", Some((0, 20))), (1, "第2", Some((1, 30)))]
    );
    let labels: Vec<&str> = contents
        .labels()
        .iter()
        .map(mugai_core::Line::as_str)
        .collect();
    assert_eq!(labels, ["i", "A-5"]);
    let links = drawings(&pieces)[0].layer().links().to_vec();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].area, [10, 70, 60, 90]);
    assert_eq!(links[0].to, Way::Spot(Spot { page: 1, down: 0 }));
    for (code, count) in [
        (FindingCode::PdfOutlineKept, 1),
        (FindingCode::PdfLinkKept, 1),
        (FindingCode::PdfLink, 1),
        (FindingCode::PdfAction, 1),
    ] {
        assert!(opened.findings.contains(&(code, count)), "{code:?}");
    }
    // the same for pages of pixels
    let flat = open_as(&file.bytes(), Treatment::Flatten).unwrap();
    assert!(matches!(flat.all.last(), Some(Piece::Contents(_))));
    assert_eq!(flat.pages[0].layer().links().len(), 1);
}

#[test]
fn the_purse_pays_for_pictures() {
    let mut file = PdfFile::new();
    pictured(&mut file, "", "q 200 0 0 100 0 0 cm /Im Do Q");
    let limits = mugai_core::Limits {
        pixels: 799,
        ..pdf_harness::LIMITS
    };
    let refused = pdf_harness::open_in(&file.bytes(), Treatment::Redraw, limits);
    assert!(
        matches!(refused, Err(Refusal::Overrun { .. })),
        "{refused:?}"
    );
}

/// The harness takes pieces as any sink does.
#[test]
fn kinds_are_taken() {
    assert_eq!(Opened::default().kind(Kind::Pdf), Ok(()));
}

/// A document that is opened again for its later pages shows there what it showed on the first ones. Pages share
/// pictures within their group.
#[test]
fn long_documents_share_across_openings() {
    const HALF: usize = 100;
    let mut file = PdfFile::new();
    let picture = file.stream(
        "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceRGB /BitsPerComponent 8",
        &[9, 200, 9, 200, 9, 9, 9, 9, 200, 250, 200, 9],
    );
    let dict = format!(
        "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> /XObject << /I {picture} 0 R >> >>"
    );
    for number in (0..HALF).chain(0..HALF) {
        let shown =
            format!("q 40 0 0 40 100 40 cm /I Do Q BT /F1 12 Tf 20 60 Td (Page {number}) Tj ET");
        file.page(&dict, &shown);
    }
    let flat = open_as(&file.bytes(), Treatment::Flatten).unwrap().pages;
    assert_eq!(flat.len(), 2 * HALF);
    for (one, other) in flat.iter().zip(&flat[HALF..]) {
        assert!(one.pixels() == other.pixels() && one.layer() == other.layer());
    }
    assert!(flat[0].pixels() != flat[1].pixels());
    let (pieces, opened) = redraw(&file);
    let groups = (2 * HALF).div_ceil(8);
    assert_eq!(opened.pages.len(), groups, "the picture, once a group");
    let all = drawings(&pieces);
    assert_eq!(all.len(), 2 * HALF);
    for (one, other) in all.iter().zip(&all[HALF..]) {
        assert_eq!(one.steps().len(), other.steps().len());
    }
}
