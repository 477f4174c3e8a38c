//! Pages into shapes, or into pixels where shapes cannot say them.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "transforms are floats, whose arithmetic has no side effects"
)]

use super::draw::{Easel, Kit, Size, share_of};
use super::text::place::Singles;
use super::text::{self, Pixels, Text};
use super::trace::{Album, Item, Letter, Outline, Regions, Traced, Tracing, What};
use super::views::{self, GROUP, Views};
use super::walk::Seen;
use super::ways::Ways;
use hayro::kurbo::{Affine, Rect};
use hayro_syntax::Pdf as Document;
use hayro_syntax::page::Page as Sheet;
use mugai_core::drawing::{Drawing, Glyph, Ink, MAX_MEANING, Matrix, Placed, Step};
use mugai_core::{Cx, FindingCode, Layer, Line, Piece, Refusal, Resource};
use std::collections::HashMap;
use std::ops::Range;

/// The most glyphs of one group of pages: a font has 65,535 codes, and some outlines get a second one.
const MAX_GLYPHS: usize = 50_000;

/// Redraws all pages and puts them.
pub(super) fn redraw(views: &Views, seen: &Seen, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let kit = Kit::of(&seen.fonts, cx);
    let ways = Ways::of(&views.document, seen.addresses);
    let pages = views.document.pages().len();
    let (whole, share) = (cx.budget().left().pixels, share_of(pages, cx));
    let mut bench = Bench {
        press: Press::default(),
        ways,
        whole,
        share,
    };
    for block in views.blocks() {
        let again = views.open(&block)?;
        let drawn = again.as_ref().unwrap_or(&views.document);
        bench.redraw((&views.document, drawn, block), &kit, cx)?;
    }
    cx.end_pages();
    kit.note(cx);
    cx.end_turns();
    bench.ways.put(cx)
}

/// What all pages of a document are redrawn with.
struct Bench<'a> {
    press: Press,
    ways: Ways<'a>,
    /// Pixels that the purse held before the first page, and what each page may have of them. No page is made
    /// smaller for what others took, of which whoever draws it may not know.
    whole: u64,
    share: u64,
}

impl<'a> Bench<'a> {
    /// Redraws the pages of `block` of one opening of the document.
    ///
    /// A few pages at a time share pictures and glyphs, and are drawn by one reader, whoever draws the others.
    fn redraw(
        &mut self,
        (document, drawn, block): (&'a Document, &Document, Range<usize>),
        kit: &Kit,
        cx: &mut Cx<'_>,
    ) -> Result<(), Refusal> {
        let mut easel = Easel::of(kit);
        let mut text = Text::of(drawn, kit.faces());
        let groups = document.pages().len().div_ceil(GROUP);
        let mut is_own = true;
        for index in block {
            if index.is_multiple_of(GROUP) {
                self.press.begin_group();
                is_own = cx.turn(index.div_euclid(GROUP), groups)?;
            }
            let sheet = views::sheet(document, index)?;
            if !is_own {
                // which links are kept
                self.ways.layer(Layer::default(), sheet, index, cx)?;
                continue;
            }
            let shown = views::sheet(drawn, index)?;
            let size = Size::of(shown, self.whole, f64::from(cx.params().dpi), cx)?;
            let transform = size.transform(shown);
            easel.paint(shown, &size, transform);
            let pixels = easel.pixels(&size);
            let tracing = Tracing {
                page: on_paper(&size, pixels),
                album: &mut self.press.album,
            };
            let apart = text.trace(shown, transform, &easel.settings, pixels, tracing);
            let place = (&mut self.ways, (sheet, index));
            match self.press.drawing(apart, &size, pixels, place, cx)? {
                Made::Drawing(drawing) => {
                    self.press.album.send(cx)?;
                    cx.put(Piece::Drawing(drawing))?;
                }
                Made::Nothing(layer) => {
                    self.press.album.drop_waiting();
                    cx.note(FindingCode::PdfPageDrawn);
                    let mut size = size;
                    if size.area() > self.share {
                        size = Size::of(shown, self.share, f64::from(cx.params().dpi), cx)?;
                        easel.paint(shown, &size, size.transform(shown));
                    }
                    let page = easel.page(&size, layer, cx)?;
                    cx.put(Piece::Page(page))?;
                }
            }
        }
        Ok(())
    }
}

/// From pixels to hundredths of a point.
fn on_paper(size: &Size, pixels: Pixels<'_>) -> Affine {
    let scale =
        |paper: u32, pixels: usize| f64::from(paper) / 10.0 / text::place::float(pixels).max(1.0);
    Affine::scale_non_uniform(
        scale(size.paper.0, pixels.columns),
        scale(size.paper.1, pixels.rows),
    )
}

/// What became of a page.
enum Made {
    Drawing(Box<Drawing>),
    /// It cannot be said; what can be read on it.
    Nothing(Layer),
}

/// What the pages of one group share.
#[derive(Default)]
struct Press {
    album: Album,
    /// Numbers of glyphs by outline, advance and meaning.
    glyphs: HashMap<(u128, u16, String), u32>,
    /// How many glyphs the groups before had.
    before: u32,
}

impl Press {
    /// The pages to come show nothing that was shown before.
    fn begin_group(&mut self) {
        let count = u32::try_from(self.glyphs.len()).unwrap_or(u32::MAX);
        self.before = self.before.saturating_add(count);
        self.glyphs.clear();
        self.album.forget();
    }

    fn drawing<'a>(
        &mut self,
        traced: Traced,
        size: &Size,
        pixels: Pixels<'_>,
        (ways, (sheet, number)): (&mut Ways<'a>, (&'a Sheet<'a>, usize)),
        cx: &mut Cx<'_>,
    ) -> Result<Made, Refusal> {
        let Traced {
            items,
            outlines,
            mut written,
            actual,
            drawn,
            regions,
        } = traced;
        let verdicts = text::judge(&written, actual, pixels, cx)?;
        let page = on_paper(size, pixels);
        let over_all = self.album.snapshots(&regions, pixels, page);
        let items = items.filter(|_| self.glyphs.len() <= MAX_GLYPHS);
        let Some((items, over_all)) = items.zip(over_all) else {
            let seen = written.marks.iter().zip(verdicts);
            let glyphs = seen.filter_map(|(mark, text)| Some(mark.glyph(text?)));
            let mut glyphs: Vec<text::Glyph> = glyphs.collect();
            text::place::without_doubles(&mut glyphs);
            let layer = over(&glyphs, size, pixels, cx)?;
            return Ok(Made::Nothing(ways.layer(layer, sheet, number, cx)?));
        };
        cx.charge_len(Resource::Steps, items.len())?;
        let (meanings, beside) = said(&written, verdicts, &drawn, cx);
        let layer = over(&beside, size, pixels, cx)?;
        let layer = ways.layer(layer, sheet, number, cx)?;
        let mut new_glyphs = Vec::new();
        let mut steps = Vec::new();
        // letters were judged by what was painted; all else lies below the pixels of these parts
        regions.iter().for_each(|region| written.cover_all(region));
        let mut covered = self.blank(&items, &written, &regions, page);
        for item in items {
            let is_border = matches!(item.what, What::Step(Step::Clip(..) | Step::Unclip));
            let is_seen = |mark: usize| meanings.get(mark).is_some_and(Option::is_some);
            if !is_border && item.mark.is_some_and(|mark| !is_seen(mark)) {
                continue;
            }
            if is_hidden(&item, &written) {
                covered = covered.saturating_add(u32::from(!regions.touch(item.area)));
                continue;
            }
            match item.what {
                What::Step(step) => steps.push(step),
                What::Glyphs {
                    matrix,
                    ink,
                    glyphs,
                } => {
                    let glyphs = self.placed(&glyphs, &meanings, &outlines, &mut new_glyphs)?;
                    steps.extend(letters(matrix, ink, glyphs));
                }
            }
        }
        cx.note_times(FindingCode::PdfCovered, covered);
        let mut steps = without_idle_borders(steps);
        let parts = u32::try_from(over_all.len()).unwrap_or(u32::MAX);
        cx.note_times(FindingCode::PdfRegionDrawn, parts);
        steps.extend(over_all);
        if steps.is_empty() {
            cx.note(FindingCode::PdfPageBlank);
        }
        let drawing = Drawing::new(size.paper, layer, new_glyphs, steps, cx.budget())?;
        Ok(Made::Drawing(Box::new(drawing)))
    }

    /// Blanks what is painted over of pictures that the page shows once, and tells how many these are.
    fn blank(
        &mut self,
        items: &[Item],
        written: &text::scribe::Written,
        regions: &Regions,
        page: Affine,
    ) -> u32 {
        let mut shown: HashMap<u32, u32> = HashMap::new();
        for item in items {
            if let Some((picture, _)) = shows(item) {
                let count = shown.entry(picture).or_insert(0);
                *count = count.saturating_add(1);
            }
        }
        let mut blanked = 0u32;
        for item in items {
            let Some((picture, matrix)) = shows(item) else {
                continue;
            };
            let [a, b, c, d, ..] = matrix.map(f64::from);
            let is_upright = (b == 0.0 && c == 0.0) || (a == 0.0 && d == 0.0);
            if shown.get(&picture) != Some(&1) {
                continue;
            }
            // the shapes of a mask are as telling as those of its picture
            let mask = match &item.what {
                What::Step(Step::Picture { mask, .. }) => *mask,
                What::Step(_) | What::Glyphs { .. } => None,
            };
            if is_hidden(item, written) {
                let all = || std::iter::once(Rect::new(0.0, 0.0, 1.0, 1.0));
                self.album.blank(picture, all());
                if let Some(mask) = mask {
                    self.album.blank(mask, all());
                }
                continue;
            }
            let mut squares = written.covered(item.area, item.order).peekable();
            if !is_upright || squares.peek().is_none() {
                continue;
            }
            let unit = Affine::new(matrix.map(f64::from)).inverse() * page;
            let squares: Vec<Rect> = squares
                .map(|square| unit.transform_rect_bbox(square))
                .collect();
            if let Some(mask) = mask {
                self.album.blank(mask, squares.iter().copied());
            }
            let is_blanked =
                self.album.blank(picture, squares.into_iter()) && !regions.touch(item.area);
            blanked = blanked.saturating_add(u32::from(is_blanked));
        }
        blanked
    }

    /// Letters that are seen, with their numbers; new ones are noted.
    fn placed(
        &mut self,
        letters: &[Letter],
        meanings: &[Option<String>],
        outlines: &[Outline],
        new_glyphs: &mut Vec<Glyph>,
    ) -> Result<Vec<Placed>, Refusal> {
        let mut placed = Vec::new();
        for (outline, at, mark) in letters {
            let meaning = meanings.get(*mark).and_then(Option::as_ref);
            let (Some(meaning), Some(outline)) = (meaning, outlines.get(*outline)) else {
                continue;
            };
            let key = (outline.key, outline.advance, meaning.clone());
            let glyph = if let Some(glyph) = self.glyphs.get(&key) {
                *glyph
            } else {
                let number = u32::try_from(self.glyphs.len()).unwrap_or(u32::MAX);
                let number = self.before.saturating_add(number);
                new_glyphs.push(Glyph::new(
                    outline.path.clone(),
                    outline.advance,
                    meaning.clone(),
                )?);
                self.glyphs.insert(key, number);
                number
            };
            placed.push(Placed { glyph, at: *at });
        }
        Ok(placed)
    }
}

/// Text over a page, where the order wants any.
fn over(
    glyphs: &[text::Glyph],
    size: &Size,
    pixels: Pixels<'_>,
    cx: &mut Cx<'_>,
) -> Result<Layer, Refusal> {
    let runs = if cx.params().text_layer {
        text::runs(glyphs, tenths(size, pixels), cx)?
    } else {
        Vec::new()
    };
    Layer::new(runs, cx.budget())
}

/// What each mark means, `None` where it is not seen; and the glyphs of those in `drawn`, which are no
/// letters and are read beside them. Each glyph says what it means once, though it may be drawn twice.
fn said(
    written: &text::scribe::Written,
    verdicts: Vec<Option<Box<str>>>,
    drawn: &[usize],
    cx: &Cx<'_>,
) -> (Vec<Option<String>>, Vec<text::Glyph>) {
    let mut singles = Singles::default();
    let mut meanings = Vec::new();
    let mut beside = Vec::new();
    let mut is_drawn = vec![false; written.marks.len()];
    for mark in drawn {
        if let Some(place) = is_drawn.get_mut(*mark) {
            *place = true;
        }
    }
    let marks = written.marks.iter().zip(verdicts).zip(is_drawn);
    // the last one of several in a place lies above the others
    for ((mark, verdict), is_drawn) in marks.collect::<Vec<_>>().into_iter().rev() {
        let Some(text) = verdict else {
            meanings.push(None);
            continue;
        };
        let glyph = mark.glyph(text);
        let is_said = cx.params().text_layer && singles.is_new(&glyph);
        meanings.push(Some(if is_said && !is_drawn {
            meaning(&glyph.text)
        } else {
            String::new()
        }));
        if is_said && is_drawn {
            beside.push(glyph);
        }
    }
    meanings.reverse();
    beside.reverse();
    (meanings, beside)
}

/// The picture that an item shows, and where.
fn shows(item: &Item) -> Option<(u32, Matrix)> {
    match &item.what {
        What::Step(
            Step::Picture {
                picture, matrix, ..
            }
            | Step::Stencil {
                picture, matrix, ..
            },
        ) => Some((*picture, *matrix)),
        What::Step(_) | What::Glyphs { .. } => None,
    }
}

fn letters(matrix: [i32; 4], ink: Ink, glyphs: Vec<Placed>) -> Option<Step> {
    (!glyphs.is_empty()).then_some(Step::Glyphs {
        matrix,
        ink,
        glyphs,
    })
}

/// Tenths of a point a pixel, across and down.
fn tenths(size: &Size, pixels: Pixels<'_>) -> (f64, f64) {
    let tenths =
        |paper: u32, pixels: usize| f64::from(paper) / 100.0 / text::place::float(pixels).max(1.0);
    (
        tenths(size.paper.0, pixels.columns),
        tenths(size.paper.1, pixels.rows),
    )
}

/// Whether nothing of a shape or picture is seen because of what was painted over it later.
fn is_hidden(item: &Item, written: &text::scribe::Written) -> bool {
    match &item.what {
        What::Step(
            Step::Fill(..) | Step::Stroke(..) | Step::Picture { .. } | Step::Stencil { .. },
        ) => written.is_covered(item.area, item.order),
        // letters were asked for one by one
        What::Step(Step::Clip(..) | Step::Unclip | Step::Glyphs { .. }) | What::Glyphs { .. } => {
            false
        }
    }
}

/// What a glyph means, as one clean line or a blank.
fn meaning(text: &str) -> String {
    let (line, _) = Line::clean(text);
    if line.is_empty() && !text.is_empty() && text.chars().all(char::is_whitespace) {
        return String::from(" ");
    }
    if line.as_str().chars().count() > MAX_MEANING {
        return String::new();
    }
    line.as_str().to_owned()
}

/// Takes out borders within which nothing is painted.
fn without_idle_borders(steps: Vec<Step>) -> Vec<Step> {
    let mut kept: Vec<Step> = Vec::new();
    for step in steps {
        if matches!(step, Step::Unclip) && matches!(kept.last(), Some(Step::Clip(..))) {
            kept.pop();
        } else {
            kept.push(step);
        }
    }
    kept
}
