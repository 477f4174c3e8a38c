//! Checkers against damage: a file of ours that was changed is refused, unless the change stayed
//! inside what files of its kind are for (pixels, text, measures).

use crate::bytes_of;
use crate::oracle::skeleton::is_same;
use mugai_core::drawing::{Blend, Drawing, Glyph, Ink, Mix, Path, Placed, Rule, Segment, Step};
use mugai_core::markup::{Builder, Event, PartKind};
use mugai_core::{
    AddrSpec, Budget, Cell, Draft, Envelope, Layer, Limits, Line, Mailbox, Page, Piece,
    PixelFormat, Row, SafeName, Spool, Target, Text, Writer,
};
use mugai_emit::archive::Member;
use mugai_emit::eml::{Attachment, Mail, Stamp};
use std::sync::LazyLock;

/// One honest file a target.
static FILES: LazyLock<Vec<Draft>> =
    LazyLock::new(|| Target::ALL.iter().map(|target| sample(*target)).collect());

/// Changes a file of ours as `data` says (the first byte chooses the file, then four bytes each: a
/// place, a number of bytes to cut there, a byte to put) and checks it again.
///
/// # Panics
/// When the changed file is accepted although its skeleton is another one.
pub fn mutate_verify(data: &[u8]) {
    let Some((target, original, bytes)) = changed(data) else {
        return;
    };
    if mugai_verify::check(target, &bytes, &[]).is_ok() {
        let same = is_same(target, &original, &bytes);
        assert!(same, "{} was changed", target.code());
    }
}

/// A file of ours as it was, and as `data` changes it.
pub(super) fn changed(data: &[u8]) -> Option<(Target, Vec<u8>, Vec<u8>)> {
    let (choice, changes) = data.split_first()?;
    let file = FILES.iter().cycle().nth(usize::from(*choice))?;
    let original = bytes_of(file.content());
    let mut bytes = original.clone();
    for change in changes.chunks_exact(4).take(8) {
        if let [high, low, cut, put] = change {
            let place = usize::from(u16::from_be_bytes([*high, *low]));
            let place = place.checked_rem(bytes.len()).unwrap_or(0);
            let end = place.saturating_add(usize::from(cut & 3)).min(bytes.len());
            bytes.splice(place..end, (cut & 4 != 0 || cut & 3 != 0).then_some(*put));
        }
    }
    Some((file.target(), original, bytes))
}

pub(super) fn sample(target: Target) -> Draft {
    let made = match target {
        Target::Txt => put(
            mugai_emit::text::writer(mugai_core::Links::Defang),
            &[text()],
        ),
        Target::Csv => put(mugai_emit::csv::writer(), &[row(), row()]),
        Target::Png => put(
            mugai_emit::image::writer(mugai_emit::pdf::writer),
            &[page(false)],
        ),
        Target::Jpeg => put(
            mugai_emit::image::writer(mugai_emit::pdf::writer),
            &[page(true)],
        ),
        Target::Pdf => put(
            mugai_emit::pdf::writer(),
            &[page(false), drawing(), page(true)],
        ),
        Target::Docx => office(PartKind::Document),
        Target::Xlsx => office(PartKind::Workbook),
        Target::Pptx => office(PartKind::Presentation),
        Target::Zip => archive(),
        Target::Odt => office(PartKind::OpenText),
        Target::Ods => office(PartKind::OpenSheet),
        Target::Odp => office(PartKind::OpenSlides),
        Target::Eml => message(),
        Target::Mbox => {
            message().and_then(|m| mugai_emit::mbox::mailbox([m.content()], Spool::memory()))
        }
    };
    match made {
        Ok(draft) => draft,
        Err(refusal) => panic!("{}: {refusal}", target.code()),
    }
}

fn put(mut writer: Box<dyn Writer>, pieces: &[Piece]) -> Result<Draft, mugai_core::Refusal> {
    for piece in pieces {
        writer.put(piece.clone())?;
    }
    writer.finish()
}

fn archive() -> Result<Draft, mugai_core::Refusal> {
    let files = [
        ("書類/一.txt", sample(Target::Txt)),
        ("b.png", sample(Target::Png)),
    ];
    let members: Vec<Member<'_>> = files
        .iter()
        .map(|(path, file)| Member {
            path: (*path).to_owned(),
            target: file.target(),
            bytes: bytes_of(file.content()).into(),
        })
        .collect();
    mugai_emit::archive::zip(&members)
}

fn office(kind: PartKind) -> Result<Draft, mugai_core::Refusal> {
    let mut builder = Builder::new(kind);
    builder.push(Event::Open(kind.root()))?;
    builder.push(Event::Close)?;
    let part = builder.finish()?;
    match kind.open_target() {
        Some(target) => mugai_emit::odf::document(target, &[part], &[]),
        None => mugai_emit::ooxml::document(&[part], &[]),
    }
}

fn text() -> Piece {
    Piece::Text(Text::clean("一行目\nsecond line\n").0)
}

fn row() -> Piece {
    let cells = ["品名", "1,000", "a\"b"].map(|cell| Cell::text(Text::clean(cell).0));
    match Row::new(cells.to_vec()) {
        Ok(row) => Piece::Row(row),
        Err(refusal) => panic!("{refusal}"),
    }
}

fn page(photographic: bool) -> Piece {
    let budget = Budget::new(Limits {
        pixels: 64,
        bytes: 0,
        parts: 0,
        depth: 0,
        steps: 0,
    });
    let pixels: Vec<u8> = (0u8..192).collect();
    let page = Page::start(8, 8, PixelFormat::Rgb8, &budget)
        .and_then(|canvas| canvas.with_photographic(photographic).fill(pixels));
    match page {
        Ok(page) => Piece::Page(page),
        Err(refusal) => panic!("{refusal}"),
    }
}

/// A page of a box and a letter.
fn drawing() -> Piece {
    let budget = Budget::new(crate::oracle::SMALL);
    let shape = || {
        Path::new(vec![
            Segment::Move((0, 0)),
            Segment::Line((500, 0)),
            Segment::Line((500, 700)),
            Segment::Close,
        ])
    };
    let ink = Ink {
        rgb: [200, 30, 90],
        mix: Mix {
            alpha: 128,
            blend: Blend::Normal,
        },
    };
    let made = shape().and_then(|outline| {
        let glyphs = vec![Glyph::new(outline, 600, "無".to_owned())?];
        let steps = vec![
            Step::Fill(shape()?, Rule::NonZero, ink),
            Step::Glyphs {
                matrix: [1_200, 0, 0, -1_200],
                ink,
                glyphs: vec![Placed {
                    glyph: 0,
                    at: (900, 2_000),
                }],
            },
        ];
        Drawing::new((300_000, 200_000), Layer::default(), glyphs, steps, &budget)
    });
    match made {
        Ok(drawing) => Piece::Drawing(Box::new(drawing)),
        Err(refusal) => panic!("{refusal}"),
    }
}

fn message() -> Result<Draft, mugai_core::Refusal> {
    let envelope = Envelope {
        from: AddrSpec::parse("a@city.example.lg.jp")
            .ok()
            .and_then(|address| Mailbox::new(Some(Line::clean("山田").0), Some(address)))
            .into_iter()
            .collect(),
        subject: Some(Line::clean("お知らせ").0),
        ..Envelope::default()
    };
    let note = sample(Target::Txt);
    let name = SafeName::check("資料.txt")?;
    mugai_emit::eml::message(&Mail {
        envelope: &envelope,
        body: &mugai_emit::text(String::from("本文\n")).0,
        attachments: &[Attachment {
            name: &name,
            target: Target::Txt,
            content: note.content(),
        }],
        result: Stamp::new("0123abcd", "sanitised")?,
    })
}
