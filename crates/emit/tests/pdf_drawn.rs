//! Pages of shapes, bookmarks and links: what is written is what the checker accepts, and nothing
//! beside it.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test helpers work on small numbers of their own"
)]

use mugai_core::contents::{Entry, Link, Spot, Way};
use mugai_core::drawing::{
    Blend, Cap, Drawing, Glyph, Ink, Join, Mix, Path, Pen, Placed, Rule, Segment, Step,
};
use mugai_core::{
    Budget, Contents, Layer, Limits, Line, Page, Piece, PixelFormat, Purpose, Refusal, Run, Target,
};
use mugai_verify::check;

fn purse() -> Budget {
    Budget::new(Limits {
        bytes: 1 << 20,
        pixels: 1 << 20,
        parts: 0,
        depth: 0,
        steps: 0,
    })
}

fn line(text: &str) -> Line {
    Line::clean(text).0
}

const fn ink(rgb: [u8; 3], alpha: u8, blend: Blend) -> Ink {
    Ink {
        rgb,
        mix: Mix { alpha, blend },
    }
}

const BLACK: Ink = ink([0; 3], 255, Blend::Normal);

fn path(segments: &[Segment]) -> Path {
    Path::new(segments.to_vec()).unwrap()
}

fn square(x: i32, y: i32, side: i32) -> Path {
    path(&[
        Segment::Move((x, y)),
        Segment::Line((x + side, y)),
        Segment::Line((x + side, y + side)),
        Segment::Line((x, y + side)),
        Segment::Close,
    ])
}

fn glyph(meaning: &str) -> Glyph {
    let letter = path(&[
        Segment::Move((10, -100)),
        Segment::Line((500, -100)),
        Segment::Curve((500, 300), (1_200, 400), (10, 700)),
        Segment::Close,
        Segment::Move((20, 20)),
        Segment::Line((40, 20)),
        Segment::Line((40, 60)),
    ]);
    Glyph::new(letter, 600, meaning.to_owned()).unwrap()
}

fn picture(purpose: Purpose, format: PixelFormat, levels: &[u8]) -> Piece {
    let canvas = Page::start(2, 2, format, &purse()).unwrap();
    let bytes = levels.iter().copied().cycle().take(canvas.byte_len());
    Piece::Page(canvas.with_purpose(purpose).fill(bytes.collect()).unwrap())
}

fn drawing(glyphs: Vec<Glyph>, steps: Vec<Step>) -> Piece {
    let run = Run::new((50, 60), (1000, 0), 100, line("beside"), vec![500; 6]).unwrap();
    let links = vec![
        Link {
            area: [10, 20, 50, 60],
            to: Way::Spot(Spot { page: 1, down: 30 }),
        },
        Link {
            area: [10, 70, 50, 80],
            to: Way::Address("https://city.example.lg.jp/a_(b)?c=d".into()),
        },
    ];
    let layer = Layer::new(vec![run], &purse()).unwrap();
    let layer = layer.with_links(links, &purse()).unwrap();
    let drawing = Drawing::new((300_000, 200_000), layer, glyphs, steps, &purse()).unwrap();
    Piece::Drawing(Box::new(drawing))
}

fn letters(run: &[(u32, i32)]) -> Step {
    Step::Glyphs {
        matrix: [1_200, 0, 0, -1_200],
        ink: BLACK,
        glyphs: run
            .iter()
            .map(|(glyph, x)| Placed {
                glyph: *glyph,
                at: (*x, 5_000),
            })
            .collect(),
    }
}

/// A document with everything in it.
#[expect(clippy::too_many_lines, reason = "a list of everything")]
fn pieces() -> Vec<Piece> {
    let pen = Pen {
        width: 50,
        cap: Cap::Round,
        join: Join::Bevel,
        miter: 450,
        dashes: vec![300, 100],
        phase: 50,
    };
    let corner = path(&[
        Segment::Move((0, 0)),
        Segment::Curve((0, 50), (50, 100), (100, 100)),
        Segment::Line((7, 9)),
    ]);
    let steps = vec![
        Step::Clip(square(0, 0, 20_000), Rule::NonZero),
        Step::Fill(
            square(100, 100, 500),
            Rule::EvenOdd,
            ink([200, 30, 90], 128, Blend::Multiply),
        ),
        Step::Stroke(corner.clone(), pen, ink([9, 9, 9], 255, Blend::Normal)),
        Step::Clip(corner, Rule::EvenOdd),
        Step::Picture {
            picture: 0,
            mask: Some(1),
            matrix: [900, 0, 0, 900, 10, 20],
            mix: Mix {
                alpha: 77,
                blend: Blend::Normal,
            },
        },
        Step::Unclip,
        Step::Stencil {
            picture: 2,
            matrix: [0, 900, -900, 0, 1_000, 20],
            ink: ink([1, 2, 3], 255, Blend::Normal),
        },
        Step::Unclip,
        letters(&[(0, 100), (1, 820), (2, 1_540), (0, 9_000)]),
    ];
    let page = Page::start(8, 8, PixelFormat::Grey8, &purse()).unwrap();
    let page = page.fill((0..64).map(|n| [255, 0][usize::from(n % 3 == 0)]).collect());
    let entry = |level, title: &str, to| Entry {
        level,
        title: line(title),
        to,
    };
    let spot = |page, down| Some(Spot { page, down });
    let entries = vec![
        entry(0, "第1章 <script>", spot(0, 0)),
        entry(1, "1.1", spot(1, 10)),
        entry(2, "1.1.1", None),
        entry(1, "1.2", spot(1, 5)),
        entry(0, "http://a.jp/", spot(0, 14_400)),
    ];
    let contents = Contents::new(entries, vec![line("i"), line("A-1"), line("")], &purse());
    vec![
        picture(Purpose::Picture, PixelFormat::Rgb8, &[200, 30, 90, 255]),
        picture(Purpose::Mask, PixelFormat::Grey8, &[0, 100, 200, 255]),
        picture(Purpose::Stencil, PixelFormat::Grey8, &[0, 255, 255]),
        drawing(vec![glyph("無"), glyph("ffi"), glyph(" ")], steps),
        Piece::Page(page.unwrap()),
        // a picture that nothing shows is left out
        picture(Purpose::Picture, PixelFormat::Rgb8, &[1, 2, 3]),
        picture(Purpose::Mask, PixelFormat::Grey8, &[0, 255, 255]),
        drawing(
            vec![
                glyph("h"),
                glyph("t"),
                glyph("p"),
                glyph(":"),
                glyph("/"),
                glyph(""),
            ],
            vec![
                Step::Picture {
                    picture: 0,
                    mask: Some(4),
                    matrix: [900, 0, 0, 900, 10, 20],
                    mix: Mix::SOLID,
                },
                letters(&[
                    (3, 0),
                    (4, 720),
                    (4, 1_440),
                    (5, 2_160),
                    (6, 2_880),
                    (7, 3_600),
                    (7, 4_320),
                    (3, 5_040),
                    (8, 5_760),
                ]),
            ],
        ),
        Piece::Contents(Box::new(contents.unwrap())),
    ]
}

fn write(pieces: &[Piece]) -> Result<Vec<u8>, Refusal> {
    let mut writer = mugai_emit::pdf::writer();
    for piece in pieces {
        writer.put(piece.clone())?;
    }
    writer.finish()?.into_content().into_vec()
}

fn find(bytes: &[u8], from: usize, text: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let found = rest.windows(text.len()).position(|window| window == text)?;
    Some(from + found)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    find(bytes, 0, text.as_bytes()).is_some()
}

/// Every stream of the file, with where it begins; those in Flate are inflated.
fn streams(bytes: &[u8]) -> Vec<(std::ops::Range<usize>, Vec<u8>)> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(start) = find(bytes, from, b">>\nstream\n") {
        let start = start + 10;
        let end = find(bytes, start, b"\nendstream\nendobj").unwrap();
        let mut out = Vec::new();
        let mut decoder = flate2::read::ZlibDecoder::new(&bytes[start..end]);
        let is_packed = std::io::Read::read_to_end(&mut decoder, &mut out).is_ok();
        let data = if is_packed {
            out
        } else {
            bytes[start..end].to_vec()
        };
        all.push((start..end, data));
        from = end;
    }
    all
}

#[test]
fn everything_that_can_be_drawn_is_accepted() {
    let bytes = write(&pieces()).unwrap();
    assert_eq!(check(Target::Pdf, &bytes, &[]), Ok(()));
    assert!(write(&pieces()).unwrap() == bytes);
    for there in [
        "/ImageMask true",
        "/SMask ",
        "/ca 0.502/CA 0.502/BM/Multiply",
        "/FontFile3 ",
        "/Outlines ",
        "/PageLabels<<",
        "/Subtype/Link/Rect[10 140 50 180]",
        "/Dest[",
    ] {
        assert!(contains(&bytes, there), "{there}");
    }
    let all: Vec<u8> = streams(&bytes)
        .into_iter()
        .flat_map(|(_, data)| data)
        .collect();
    for there in [
        "100 100 500 500 re\nf*\n",
        "[300 100]50 d\n",
        "4.5 M\n",
        " cm/I3 Do Q\n",
        "Tm[<0001",
        "<0002><006600660069>\n",
    ] {
        assert!(contains(&all, there) || there.contains("I3"), "{there}");
    }
    // an address is not told as one, and a picture that nobody shows is not there
    assert!(contains(&all, "<0078>\n"), "hxxp");
    assert!(!contains(&bytes, "<010203"));
}

#[test]
fn what_was_never_brought_is_refused() {
    for step in [
        letters(&[(0, 0)]),
        Step::Picture {
            picture: 0,
            mask: None,
            matrix: [1; 6],
            mix: Mix::SOLID,
        },
    ] {
        assert!(write(&[drawing(Vec::new(), vec![step])]).is_err());
    }
    // a mask is no picture
    let mask = picture(Purpose::Mask, PixelFormat::Grey8, &[0, 100]);
    let shown = Step::Picture {
        picture: 0,
        mask: None,
        matrix: [1; 6],
        mix: Mix::SOLID,
    };
    assert!(write(&[mask, drawing(Vec::new(), vec![shown])]).is_err());
    // the links of the only page lead to a second one
    assert!(write(&[drawing(Vec::new(), Vec::new())]).is_err());
}

#[test]
fn every_changed_byte_is_refused() {
    let good = write(&pieces()).unwrap();
    let before = streams(&good);
    for at in 0..good.len() {
        for bit in [0, 1, 5, 7] {
            let mut wrong = good.clone();
            wrong[at] ^= 1 << bit;
            if check(Target::Pdf, &wrong, &[]).is_ok() {
                // pixels, palettes, and bits of packed data that mean nothing
                let head = &good[at.saturating_sub(1_600)..at];
                let start = head.windows(8).rposition(|window| window == b"/Indexed");
                let is_palette = start.is_some_and(|start| !contains(&head[start..], ">]"));
                let place = before.iter().position(|(range, _)| range.contains(&at));
                let is_picture = place.is_some_and(|place| {
                    let head = before[place].0.start;
                    let head = &good[head.saturating_sub(250)..head];
                    contains(head, "/DCTDecode") || contains(head, "/CCITTFaxDecode")
                });
                let is_same =
                    place.is_some_and(|place| streams(&wrong)[place].1 == before[place].1);
                // shapes do not tell how wide their page is, and places can be any
                let line = &good[at.saturating_sub(30)..at];
                let is_place = ["/MediaBox[0 0 ", "/Rect[", "/Dest[", "/XYZ null "]
                    .iter()
                    .any(|place| contains(line, place));
                let is_number = is_place && good[at].is_ascii_digit();
                // titles are text
                let start = head.windows(5).rposition(|window| window == b"<FEFF");
                let is_title = start.is_some_and(|start| !contains(&head[start..], ">"));
                // and so are addresses
                let start = head.windows(5).rposition(|window| window == b"/URI(");
                let is_address = start.is_some_and(|start| !contains(&head[start..], ")"));
                let is_payload = is_palette || is_picture || is_number || is_title || is_address;
                assert!(is_payload || is_same, "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn inserted_and_missing_bytes_are_refused() {
    let good = write(&pieces()).unwrap();
    for at in 0..good.len() {
        let mut wrong = good.clone();
        wrong.insert(at, b' ');
        assert!(check(Target::Pdf, &wrong, &[]).is_err(), "blank at {at}");
        let mut wrong = good.clone();
        wrong.remove(at);
        assert!(check(Target::Pdf, &wrong, &[]).is_err(), "without {at}");
    }
}

/// The file with another text in place of one, lengths and places being those of the new one.
fn spliced(good: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = find(good, 0, from.as_bytes()).unwrap();
    let mut body = good[..at].to_vec();
    body.extend_from_slice(to.as_bytes());
    let table = good
        .windows(5)
        .rposition(|window| window == b"xref\n")
        .unwrap();
    let table = good[..table - 5]
        .windows(5)
        .rposition(|window| window == b"xref\n")
        .unwrap();
    body.extend_from_slice(&good[at + from.len()..table]);
    let mut places: Vec<(u32, usize)> = Vec::new();
    let mut from = 0;
    while let Some(obj) = find(&body, from, b" 0 obj\n") {
        let digits = body[..obj]
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let number = std::str::from_utf8(&body[obj - digits..obj]).unwrap();
        places.push((number.parse().unwrap(), obj - digits));
        from = obj + 7;
    }
    places.sort_unstable();
    let size = places.len() + 1;
    let start = body.len();
    body.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f\r\n").as_bytes());
    for (_, place) in places {
        body.extend_from_slice(format!("{place:010} 00000 n\r\n").as_bytes());
    }
    let end = format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF");
    body.extend_from_slice(end.as_bytes());
    body
}

#[test]
fn files_that_say_more_are_refused_though_they_are_whole() {
    let good = write(&pieces()).unwrap();
    assert!(spliced(&good, "/Type/Catalog", "/Type/Catalog") == good);
    for (from, to) in [
        (
            "/Type/Catalog",
            "/Type/Catalog/OpenAction<</S/JavaScript/JS(a)>>",
        ),
        ("/Type/Catalog", "/Type/Catalog/AA<<>>"),
        ("/Type/Catalog", "/Type/Catalog/Names<<>>"),
        ("/Type/Catalog", "/Type/Catalog/AcroForm<<>>"),
        (
            "/Subtype/Link",
            "/Subtype/Link/A<</S/URI/URI(http://a.jp)>>",
        ),
        ("/A<</S/URI", "/A<</S/Launch"),
        ("/A<</S/URI", "/A<</S/URI/IsMap true"),
        ("/A<</S/URI", "/A<</Next<<>>/S/URI"),
        ("/URI(https://city", "/URI(file:///city"),
        ("/URI(https://city", "/URI(javascript:city"),
        ("/URI(https://city", "/URI(https://me@city"),
        ("/URI(https://city", "/URI(HTTPS://city"),
        ("/URI(https://city", "/URI(https://City"),
        ("/URI(https://city", "/URI(https:///city"),
        ("/URI(https://city", "/URI(https://\\143ity"),
        ("a_%28b%29", "a_(b)"),
        ("a_%28b%29", "a_ b"),
        ("a_%28b%29", "a_\\\\b"),
        ("/Subtype/Link", "/Subtype/Widget"),
        ("/Subtype/Link", "/Subtype/FileAttachment"),
        ("/Border[0 0 0]", "/Border[0 0 1]"),
        ("/Border[0 0 0]", "/Border[0 0 0]/AP<<>>"),
        ("/XYZ null", "/XYZ 0"),
        ("/XYZ null", "/FitR null"),
        ("/Type/Outlines", "/Type/Outlines/X 1"),
        ("/Title<FEFF", "/A<</S/Launch/F(a)>>/Title<FEFF"),
        ("/Title<FEFF", "/C[1 0 0]/Title<FEFF"),
        ("/Count -1", "/Count 1"),
        ("/BM/Multiply", "/BM/Hue"),
        ("/BM/Multiply", "/BM/Multiply/SMask<<>>"),
        ("/ca 0.502", "/ca 0.503"),
        ("/Resources<<", "/Resources<</Pattern<<>>"),
        ("/Resources<<", "/Resources<</Properties<<>>"),
        ("/ImageMask true", "/ImageMask true/Decode[1 0]"),
        ("/ImageMask true", "/ImageMask true/Interpolate true"),
        ("/CIDFontType0C", "/OpenType"),
        ("/Encoding/Identity-H", "/Encoding/Identity-V"),
        ("/DW 0", "/DW 1"),
        ("/W[1[600", "/W[1[601"),
        ("/FontBBox[", "/FontBBox[0 "),
        ("/PageLabels<</Nums[", "/PageLabels<</Nums[0<</S/D>>"),
        ("/Type/Page/", "/Type/Page/AA<<>>/"),
        ("/Type/Page/", "/Type/Page/Group<</S/Transparency>>/"),
        ("/Type/Pages/", "/Type/Pages/Rotate 90/"),
    ] {
        let wrong = spliced(&good, from, to);
        assert!(wrong != good, "{from}");
        assert!(check(Target::Pdf, &wrong, &[]).is_err(), "{from} {to}");
    }
}
