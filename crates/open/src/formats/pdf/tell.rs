//! Pages as plain text.

use super::draw::{Easel, Kit, Size, share_of};
use super::text::Text;
use super::views::{self, Views};
use super::walk::Seen;
use hayro_syntax::Pdf as Document;
use mugai_core::{Cx, Piece, Refusal, Resource};
use std::ops::Range;

/// Dots per inch at which pages are drawn to see what is seen on them: at 100, dense and thin
/// letters are lost.
const DPI: f64 = 150.0;

/// Tells all pages as text. They are drawn, so that what nobody sees is left out here too.
pub(super) fn tell(views: &Views, seen: &Seen, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let kit = Kit::of(&seen.fonts, cx);
    for block in views.blocks() {
        let again = views.open(&block)?;
        let document = again.as_ref().unwrap_or(&views.document);
        tell_block(document, block, &kit, cx)?;
    }
    cx.end_pages();
    kit.note(cx);
    cx.end_turns();
    Ok(())
}

/// Tells the pages of `block` of one opening of the document.
fn tell_block(
    document: &Document,
    block: Range<usize>,
    kit: &Kit,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let mut easel = Easel::of(kit);
    let mut text = Text::of(document, kit.faces());
    let pages = document.pages();
    for index in block {
        let sheet = views::sheet(document, index)?;
        let number = index.saturating_add(1);
        let is_own = cx.turn(index, pages.len())?;
        let to_come = pages.len().saturating_sub(index);
        let size = Size::of(sheet, share_of(to_come, cx), DPI, cx)?;
        cx.charge(Resource::Pixels, size.area())?;
        if !is_own {
            // the pages behind it share what it left of the purse
            continue;
        }
        let transform = size.transform(sheet);
        easel.paint(sheet, &size, transform);
        let pixels = easel.pixels(&size);
        let said = text.read(sheet, transform, &easel.settings, pixels, cx)?;
        let runs = said.runs(pixels, size.paper, cx)?;
        let mut page = super::text::in_order(&runs);
        if number > 1 {
            page.insert_str(0, &format!("\n―― {number} / {} ――\n\n", pages.len()));
        }
        let page = cx.text(&page);
        cx.put(Piece::Text(page))?;
    }
    Ok(())
}
