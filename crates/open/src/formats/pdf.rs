//! PDF (ISO 32000-1 and -2): drawn page by page into pixels.
//!
//! The drawing library reads without limits, so nothing reaches it unmeasured: [`scan`] measures
//! every stream of the file before it is opened, [`walk`] looks at every object, and [`graph`]
//! works out what the pages would cost, forms that call forms included, before one is drawn.
//! Fields of forms without an appearance get one first ([`fields`]). Only then does [`draw`] make pixels, one page in memory at a time.

mod collections;
mod draw;
mod fields;
mod files;
mod fonts;
mod graph;
mod image;
mod inflate;
mod jbig2;
mod jpeg;
mod lzw;
mod measure;
mod names;
mod owner;
mod password;
mod redraw;
mod scan;
mod scanned;
mod tally;
mod tell;
mod text;
mod trace;
mod views;
mod walk;
mod ways;

use crate::reader::{Format, Sniff, Spec};
use hayro_syntax::object::Stream;
use hayro_syntax::{Pdf as Document, PdfData};
use mugai_core::{Cx, Family, FindingCode, Kind, Refusal, Resource, Treatment};
use views::Views;

/// The reader of PDF.
pub struct Pdf;

/// How far from the beginning the header may stand (ISO 32000-1 annex H.3, note 13).
const HEADER_RANGE: usize = 1024;

impl Format for Pdf {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Pdf,
            reference: "ISO 32000-2:2020",
            treatments: &[Treatment::Flatten, Treatment::Redraw, Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        match scan::header_at(head, HEADER_RANGE) {
            Some(0) => Sniff::Yes,
            Some(_) => Sniff::Perhaps,
            None => Sniff::No,
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Bytes, input.len())?;
        let mut file = input.to_vec();
        let spelled = fonts::spell(&mut file);
        // what the library is given is what was measured
        let (is_encrypted, mending) = scan::scan(&file, HEADER_RANGE, cx)?;
        let data = PdfData::from(file);
        let (document, password) = password::load(&data, is_encrypted, mending, cx)?;
        let (data, document) = if is_encrypted {
            (data, document)
        } else {
            with_fields(data, document, mending, cx)?
        };
        let views = Views::of(data.clone(), document, password);
        views.pay(mending, cx)?;
        let document = &views.document;
        if document.pages().is_empty() {
            return Err(Refusal::malformed("pdf: no pages"));
        }
        let seen = walk::walk(document, &data, spelled, is_encrypted, cx)?;
        graph::pay(document, cx)?;
        match cx.assignment().treatments.of(Family::Pdf) {
            Treatment::Text => {
                cx.note_times(FindingCode::PdfLink, seen.addresses);
                tell::tell(&views, &seen, cx)
            }
            Treatment::Redraw => redraw::redraw(&views, &seen, cx),
            Treatment::Flatten | Treatment::Rebuild | Treatment::Withhold => {
                draw::draw(&views, &seen, cx)
            }
        }?;
        if cx.is_helper() {
            return Ok(());
        }
        files::put(document, cx)
    }
}

/// The file with the values of fields that have no appearance drawn, if there are such and the library takes it.
fn with_fields(
    data: PdfData,
    document: Document,
    mending: u64,
    cx: &mut Cx<'_>,
) -> Result<(PdfData, Document), Refusal> {
    let Some(update) = fields::drawn(&document, cx)? else {
        return Ok((data, document));
    };
    let (root, pages) = (document.xref().root_id(), document.pages().len());
    // one with cross-references, and one for files whose own are broken
    for whole in [true, false] {
        cx.charge_len(Resource::Bytes, data.as_ref().len())?;
        cx.charge_len(Resource::Steps, data.as_ref().len().div_euclid(16))?;
        cx.charge(Resource::Steps, mending)?;
        let longer = PdfData::from(update.appended(data.as_ref(), root, whole));
        let Ok(again) = Document::new(longer.clone()) else {
            continue;
        };
        let has = again
            .xref()
            .get::<Stream<'_>>(fields::update::Update::first())
            .is_some();
        if has && again.pages().len() == pages {
            return Ok((longer, again));
        }
    }
    // the library takes neither: what was filled in is not seen, and that is said
    let fields = u32::try_from(update.len()).unwrap_or(u32::MAX);
    cx.note_times(FindingCode::PdfTextHidden, fields);
    Ok((data, document))
}
