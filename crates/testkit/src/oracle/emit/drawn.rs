//! Documents of pages, shapes and ways, from the bytes of a fuzzer.

use super::draw;
use crate::oracle::SMALL;
use arbitrary::{Result, Unstructured};
use mugai_core::contents::{Entry, Link, Spot, Way};
use mugai_core::drawing::{
    Blend, Cap, Drawing, Glyph, Ink, Join, MAX_MEANING, Mix, Path, Pen, Placed, Rule, Segment, Step,
};
use mugai_core::{Budget, Contents, Layer, Line, Page, Piece, PixelFormat, Purpose};

/// Pieces that a writer of PDF must take.
pub(super) fn document(source: &mut Unstructured<'_>) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let (mut pages, mut glyphs) = (0u32, 0u32);
    let mut pictures: Vec<Purpose> = Vec::new();
    for _ in 0..source.int_in_range(1..=8u8)? {
        match source.int_in_range(0..=3u8)? {
            0 => {
                pieces.push(draw::page(source, None)?);
                pages = pages.saturating_add(1);
            }
            1 => {
                let purpose = *source.choose(&Purpose::ALL[1..])?;
                pictures.push(purpose);
                pieces.push(picture(source, purpose)?);
            }
            _ => {
                let brought = new_glyphs(source)?;
                let count = u32::try_from(brought.len()).unwrap_or(0);
                glyphs = glyphs.saturating_add(count);
                let steps = steps(source, &pictures, glyphs)?;
                let layer = links(source)?;
                let size = (
                    source.int_in_range(1..=900_000)?,
                    source.int_in_range(1..=900_000)?,
                );
                let made = Drawing::new(size, layer, brought, steps, &Budget::new(SMALL));
                // numbers out of their ranges are no drawing
                if let Ok(made) = made {
                    pieces.push(Piece::Drawing(Box::new(made)));
                    pages = pages.saturating_add(1);
                } else {
                    glyphs = glyphs.saturating_sub(count);
                }
            }
        }
    }
    let entries = entries(source)?;
    let mut labels = Vec::new();
    if source.arbitrary()? {
        for _ in 0..pages {
            let label: String = draw::string(source)?.chars().take(20).collect();
            labels.push(Line::clean(&label).0);
        }
    }
    if let Ok(contents) = Contents::new(entries, labels, &Budget::new(SMALL)) {
        pieces.push(Piece::Contents(Box::new(contents)));
    }
    Ok(pieces)
}

fn picture(source: &mut Unstructured<'_>, purpose: Purpose) -> Result<Piece> {
    let format = match purpose {
        Purpose::Sheet | Purpose::Picture => {
            *source.choose(&[PixelFormat::Grey8, PixelFormat::Rgb8])?
        }
        Purpose::Mask | Purpose::Stencil => PixelFormat::Grey8,
    };
    let sides = (
        source.int_in_range(1..=20u32)?,
        source.int_in_range(1..=20u32)?,
    );
    let canvas = Page::start(sides.0, sides.1, format, &Budget::new(SMALL));
    let levels: [u8; 5] = source.arbitrary()?;
    let page = canvas.and_then(|canvas| {
        let length = canvas.byte_len();
        let pixels = levels.iter().cycle().take(length).copied().collect();
        canvas.with_purpose(purpose).fill(pixels)
    });
    match page {
        Ok(page) => Ok(Piece::Page(page)),
        Err(refusal) => panic!("{refusal}"),
    }
}

fn place(source: &mut Unstructured<'_>, most: i32) -> Result<(i32, i32)> {
    Ok((
        source.int_in_range(most.saturating_neg()..=most)?,
        source.int_in_range(most.saturating_neg()..=most)?,
    ))
}

/// An outline; a small box where what was drawn is none.
fn path(source: &mut Unstructured<'_>, most: i32) -> Result<Path> {
    let mut segments = vec![Segment::Move(place(source, most)?)];
    for _ in 0..source.int_in_range(1..=8u8)? {
        segments.push(match source.int_in_range(0..=5u8)? {
            0 => Segment::Move(place(source, most)?),
            1 => Segment::Close,
            2 | 3 => Segment::Line(place(source, most)?),
            _ => Segment::Curve(
                place(source, most)?,
                place(source, most)?,
                place(source, most)?,
            ),
        });
    }
    let simple = vec![
        Segment::Move((0, 0)),
        Segment::Line((5, 0)),
        Segment::Line((5, 5)),
    ];
    match Path::new(segments).or_else(|_| Path::new(simple)) {
        Ok(path) => Ok(path),
        Err(refusal) => panic!("{refusal}"),
    }
}

fn new_glyphs(source: &mut Unstructured<'_>) -> Result<Vec<Glyph>> {
    let mut glyphs = Vec::new();
    for _ in 0..source.int_in_range(0..=6u8)? {
        let meaning: String = draw::string(source)?
            .chars()
            .take(MAX_MEANING / 4)
            .collect();
        let meaning = Line::clean(&meaning).0.as_str().to_owned();
        let advance = source.int_in_range(0..=2_000)?;
        match Glyph::new(path(source, 16_000)?, advance, meaning) {
            Ok(glyph) => glyphs.push(glyph),
            Err(refusal) => panic!("{refusal}"),
        }
    }
    Ok(glyphs)
}

fn mix(source: &mut Unstructured<'_>) -> Result<Mix> {
    Ok(Mix {
        alpha: source.arbitrary()?,
        blend: *source.choose(&Blend::ALL)?,
    })
}

fn ink(source: &mut Unstructured<'_>) -> Result<Ink> {
    Ok(Ink {
        rgb: source.arbitrary()?,
        mix: mix(source)?,
    })
}

fn rule(source: &mut Unstructured<'_>) -> Result<Rule> {
    source.choose(&[Rule::NonZero, Rule::EvenOdd]).copied()
}

fn pen(source: &mut Unstructured<'_>) -> Result<Pen> {
    let mut dashes = Vec::new();
    for _ in 0..source.int_in_range(0..=3u8)? {
        dashes.push(source.int_in_range(0..=500)?);
    }
    Ok(Pen {
        width: source.int_in_range(0..=5_000)?,
        cap: *source.choose(&[Cap::Butt, Cap::Round, Cap::Square])?,
        join: *source.choose(&[Join::Miter, Join::Round, Join::Bevel])?,
        miter: source.int_in_range(100..=5_000)?,
        phase: source.int_in_range(0..=9)?,
        dashes,
    })
}

fn matrix(source: &mut Unstructured<'_>) -> Result<[i32; 6]> {
    let mut matrix = [0; 6];
    for side in &mut matrix {
        *side = source.int_in_range(-4_000_000..=4_000_000)?;
    }
    Ok(matrix)
}

/// A picture of `purpose` among those that came.
fn number(
    source: &mut Unstructured<'_>,
    pictures: &[Purpose],
    purpose: Purpose,
) -> Result<Option<u32>> {
    let numbers: Vec<u32> = (0u32..)
        .zip(pictures)
        .filter(|(_, of)| **of == purpose)
        .map(|(number, _)| number)
        .collect();
    if numbers.is_empty() {
        return Ok(None);
    }
    source.choose(&numbers).copied().map(Some)
}

fn steps(source: &mut Unstructured<'_>, pictures: &[Purpose], glyphs: u32) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let mut open = 0usize;
    for _ in 0..source.int_in_range(0..=12u8)? {
        match source.int_in_range(0..=6u8)? {
            0 => {
                steps.push(Step::Clip(path(source, 4_000_000)?, rule(source)?));
                open = open.saturating_add(1);
            }
            1 if open > 0 => {
                steps.push(Step::Unclip);
                open = open.saturating_sub(1);
            }
            2 => {
                let shape = path(source, 4_000_000)?;
                steps.push(Step::Fill(shape, rule(source)?, ink(source)?));
            }
            3 => {
                let shape = path(source, 90_000)?;
                steps.push(Step::Stroke(shape, pen(source)?, ink(source)?));
            }
            4 => {
                if let Some(picture) = number(source, pictures, Purpose::Picture)? {
                    let mask = number(source, pictures, Purpose::Mask)?;
                    steps.push(Step::Picture {
                        picture,
                        mask: mask.filter(|_| glyphs > 2),
                        matrix: matrix(source)?,
                        mix: mix(source)?,
                    });
                }
            }
            5 => {
                if let Some(picture) = number(source, pictures, Purpose::Stencil)? {
                    steps.push(Step::Stencil {
                        picture,
                        matrix: matrix(source)?,
                        ink: ink(source)?,
                    });
                }
            }
            _ => {
                if let Some(last) = glyphs.checked_sub(1) {
                    let [a, b, c, d, ..] = matrix(source)?;
                    let mut placed = Vec::new();
                    for _ in 0..source.int_in_range(1..=9u8)? {
                        placed.push(Placed {
                            glyph: source.int_in_range(0..=last)?,
                            at: place(source, 90_000)?,
                        });
                    }
                    steps.push(Step::Glyphs {
                        matrix: [a, b, c, d],
                        ink: ink(source)?,
                        glyphs: placed,
                    });
                }
            }
        }
    }
    steps.extend(std::iter::repeat_n(Step::Unclip, open));
    Ok(steps)
}

/// Links to the first page, which every document has.
fn links(source: &mut Unstructured<'_>) -> Result<Layer> {
    let mut links = Vec::new();
    for _ in 0..source.int_in_range(0..=2u8)? {
        let (left, top) = (
            source.int_in_range(0..=9_000)?,
            source.int_in_range(0..=9_000)?,
        );
        links.push(Link {
            area: [left, top, left.saturating_add(9), top.saturating_add(9)],
            to: if source.arbitrary()? {
                Way::Spot(Spot {
                    page: 0,
                    down: source.int_in_range(0..=14_400)?,
                })
            } else {
                Way::Address("https://city.example.lg.jp/(a)".into())
            },
        });
    }
    match Layer::default().with_links(links, &Budget::new(SMALL)) {
        Ok(layer) => Ok(layer),
        Err(refusal) => panic!("{refusal}"),
    }
}

fn entries(source: &mut Unstructured<'_>) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..source.int_in_range(0..=6u8)? {
        let deepest = entries
            .last()
            .map_or(0, |entry| entry.level.saturating_add(1));
        let title: String = draw::string(source)?.chars().take(60).collect();
        let to = source
            .arbitrary::<bool>()?
            .then_some(Spot { page: 0, down: 9 });
        let title = Line::clean(&title).0;
        if !title.is_empty() {
            entries.push(Entry {
                level: source.int_in_range(0..=deepest)?,
                title,
                to,
            });
        }
    }
    Ok(entries)
}
