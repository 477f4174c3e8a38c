//! Pages as plain text.

use super::draw::{Easel, Size};
use super::text::Text;
use super::walk::Seen;
use hayro_syntax::Pdf as Document;
use mugai_core::{Cx, Piece, Refusal, Resource};

/// Dots per inch at which pages are drawn to see what is seen on them: at 100, dense and thin
/// letters are lost.
const DPI: f64 = 150.0;

/// Tells all pages as text. They are drawn, so that what nobody sees is left out here too.
pub(super) fn tell(document: &Document, seen: &Seen, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let mut easel = Easel::of(&seen.fonts, cx);
    let mut text = Text::of(document, easel.faces());
    let pages = document.pages();
    for (index, sheet) in pages.iter().enumerate() {
        let number = index.saturating_add(1);
        let to_come = pages.len().saturating_sub(index);
        let size = Size::of(sheet, to_come, DPI, cx)?;
        cx.charge(Resource::Pixels, size.area())?;
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
    easel.note(cx);
    Ok(())
}
