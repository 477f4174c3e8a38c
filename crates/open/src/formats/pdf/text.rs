//! What can be read on a page: characters, where they stand, and whether they are seen.
//!
//! A page is interpreted a second time by [`scribe`], which draws nothing and writes down where
//! each glyph lands. What the glyph means comes from the file (`ToUnicode`, encodings, and for the
//! predefined tables of Japanese, Chinese and Korean text [`codes`]); whether it is seen is asked of
//! the drawn pixels ([`shape`]) and of what was painted over it later ([`cover`]). [`runs`] puts
//! glyphs that follow each other into runs.

mod actual;
mod codes;
mod cover;
mod ink;
mod layout;
mod lines;
pub(super) mod place;
mod runs;
pub(super) mod scribe;
mod shape;
pub(super) mod strings;

use super::fonts::Faces;
use super::trace::{Traced, Tracer, Tracing};
pub(super) use actual::Actual;
use codes::Codes;
use hayro::hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};
use hayro::kurbo::{Affine, Rect};
use hayro_syntax::Pdf as Document;
use hayro_syntax::page::Page as Sheet;
pub(super) use layout::in_order;
use mugai_core::{Cx, FindingCode, Refusal, Resource, Run};
pub(super) use place::Glyph;
pub(super) use runs::runs;
use scribe::{Scribe, Written};
use std::sync::Arc;

/// Steps that one glyph costs.
const STEPS_PER_GLYPH: usize = 8;

/// Pixels of the page that are looked at in one step.
const PIXELS_PER_STEP: usize = 64;

/// The drawn page, to be asked what is seen.
#[derive(Clone, Copy)]
pub(super) struct Pixels<'a> {
    /// Red, green, blue and something more, row by row.
    pub(super) rgba: &'a [[u8; 4]],
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// Reads pages of one document.
pub(super) struct Text<'a> {
    cache: InterpreterCache<'a>,
    codes: Codes<'a>,
}

/// What one page says.
pub(super) struct Said {
    /// Glyphs that are seen, in the order in which they are drawn.
    pub(super) glyphs: Vec<Glyph>,
}

impl<'a> Text<'a> {
    /// Of `document`, whose fonts are drawn with `faces` where it does not bring them.
    pub(super) fn of(document: &'a Document, faces: Arc<Faces>) -> Self {
        Self {
            cache: InterpreterCache::new(),
            codes: Codes::of(document, faces),
        }
    }

    /// Reads `sheet`, which was drawn into `pixels` by `transform`.
    pub(super) fn read(
        &mut self,
        sheet: &'a Sheet<'a>,
        transform: Affine,
        settings: &InterpreterSettings,
        pixels: Pixels<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<Said, Refusal> {
        let (width, height) = (place::float(pixels.columns), place::float(pixels.rows));
        let target = Rect::new(0.0, 0.0, width, height);
        let mut context = Context::new(
            transform,
            target,
            &self.cache,
            sheet.xref(),
            settings.clone(),
        );
        let mut scribe = Scribe::new(&mut self.codes, pixels);
        interpret_page(sheet, &mut context, &mut scribe);
        let (written, actual) = scribe.finish();
        let verdicts = judge(&written, actual, pixels, cx)?;
        let seen = written.marks.iter().zip(verdicts);
        let mut glyphs: Vec<Glyph> = seen
            .filter_map(|(mark, text)| Some(mark.glyph(text?)))
            .collect();
        place::without_doubles(&mut glyphs);
        Ok(Said { glyphs })
    }

    /// Takes `sheet` apart into what it is drawn with, `page` being from pixels to the page.
    pub(super) fn trace(
        &mut self,
        sheet: &'a Sheet<'a>,
        transform: Affine,
        settings: &InterpreterSettings,
        pixels: Pixels<'_>,
        tracing: Tracing<'_>,
    ) -> Traced {
        let (width, height) = (place::float(pixels.columns), place::float(pixels.rows));
        let target = Rect::new(0.0, 0.0, width, height);
        let mut context = Context::new(
            transform,
            target,
            &self.cache,
            sheet.xref(),
            settings.clone(),
        );
        let scribe = Scribe::new(&mut self.codes, pixels);
        let mut tracer = Tracer::new(scribe, target, tracing);
        interpret_page(sheet, &mut context, &mut tracer);
        tracer.finish()
    }
}

/// For each mark what it means where it is seen, and `None` where nobody sees it.
pub(super) fn judge(
    written: &Written,
    actual: Vec<Actual>,
    pixels: Pixels<'_>,
    cx: &mut Cx<'_>,
) -> Result<Vec<Option<Box<str>>>, Refusal> {
    if written.is_cut {
        cx.note(FindingCode::TextTruncated);
    }
    let steps = written.marks.len().saturating_mul(STEPS_PER_GLYPH);
    cx.charge_len(Resource::Steps, steps)?;
    let mut actual = actual;
    let mut seen = Vec::new();
    for mark in &written.marks {
        if mark.is_painted {
            // a shape may be as large as the page: its pixels and what was painted over it are looked at
            let pixels = written.pixels_of(mark, pixels).div_euclid(PIXELS_PER_STEP);
            cx.charge_len(Resource::Steps, pixels)?;
        }
        let is_seen = mark.is_painted && written.is_seen(mark, pixels);
        if let Some(span) = mark.span.filter(|_| is_seen)
            && let Some(span) = actual.get_mut(span)
        {
            span.see(written.has_shape(mark));
        }
        seen.push(is_seen);
    }
    let mut hidden = 0u32;
    let mut unknown = 0u32;
    let mut lacking = 0u32;
    let mut verdicts = Vec::new();
    for (mark, is_seen) in written.marks.iter().zip(seen) {
        lacking = lacking.saturating_add(u32::from(mark.is_painted && mark.is_lacking));
        if !is_seen {
            hidden = hidden.saturating_add(1);
            verdicts.push(None);
            continue;
        }
        let text = match mark.span.and_then(|span| actual.get_mut(span)) {
            Some(span) if span.is_fitting() => span.take(),
            _ => mark.text.clone(),
        };
        if text.is_empty() {
            unknown = unknown.saturating_add(u32::from(mark.span.is_none()));
        }
        verdicts.push(Some(text));
    }
    cx.note_times(FindingCode::PdfTextHidden, hidden);
    cx.note_times(FindingCode::PdfTextUnknown, unknown);
    cx.note_times(FindingCode::PdfGlyphMissing, lacking);
    Ok(verdicts)
}

impl Said {
    /// The runs of the page, `paper` in thousandths of a point.
    pub(super) fn runs(
        &self,
        pixels: Pixels<'_>,
        paper: (u32, u32),
        cx: &mut Cx<'_>,
    ) -> Result<Vec<Run>, Refusal> {
        let tenths =
            |paper: u32, pixels: usize| f64::from(paper) / 100.0 / place::float(pixels).max(1.0);
        let scale = (
            tenths(paper.0, pixels.columns),
            tenths(paper.1, pixels.rows),
        );
        runs(&self.glyphs, scale, cx)
    }
}
