//! A long document is opened again every so many pages: what the library has read of a page, its
//! content above all, it keeps for as long as the document is open.

use hayro_syntax::page::Page as Sheet;
use hayro_syntax::{Pdf as Document, PdfData};
use mugai_core::{Cx, Refusal, Resource};
use std::ops::Range;
use zeroize::Zeroizing;

/// At least so many pages are drawn of one opening, and a document is not opened more often than that.
const PAGES: usize = 64;
const OPENINGS: usize = 16;
/// Pages that are drawn by one worker, and with one opening, because they share what they show (see
/// [`super::redraw`]).
pub(super) const GROUP: usize = 8;

/// Bytes of the file that are read in one step when it is opened again.
const BYTES_PER_STEP: u64 = 16;

const CHANGED: Refusal = Refusal::internal("pdf: a document that is another one the second time");

/// A document that was opened once, and what opens it again.
pub(super) struct Views {
    data: PdfData,
    password: Option<Zeroizing<String>>,
    /// The first one, whose pages are measured but not drawn where there are many.
    pub(super) document: Document,
}

impl Views {
    /// Of a document that was opened with that password.
    pub(super) const fn of(
        data: PdfData,
        document: Document,
        password: Option<Zeroizing<String>>,
    ) -> Self {
        Self {
            data,
            password,
            document,
        }
    }

    /// Pays for all openings to come, before a page has its turn: whoever draws pages of it makes all of them, and
    /// they count once. Each may read all of the file, and mend it.
    pub(super) fn pay(&self, mending: u64, cx: &Cx<'_>) -> Result<(), Refusal> {
        let openings = match self.blocks().count() {
            0 | 1 => 0,
            many => u64::try_from(many).unwrap_or(u64::MAX),
        };
        let length = u64::try_from(self.data.as_ref().len()).unwrap_or(u64::MAX);
        let once = mending.saturating_add(length.div_euclid(BYTES_PER_STEP));
        cx.charge(Resource::Steps, once.saturating_mul(openings))
    }

    /// Its pages, in parts that are drawn of one opening each.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        blocks_of(self.document.pages().len())
    }

    /// An opening for the pages of `block`; `None` where the first one does.
    pub(super) fn open(&self, block: &Range<usize>) -> Result<Option<Document>, Refusal> {
        let all = self.document.pages().len();
        if block.len() == all {
            return Ok(None);
        }
        let password = self.password.as_ref().map_or("", |password| password);
        let again = Document::new_with_password(self.data.clone(), password);
        let again = again.map_err(|_| CHANGED)?;
        if again.pages().len() == all {
            Ok(Some(again))
        } else {
            Err(CHANGED)
        }
    }
}

fn blocks_of(all: usize) -> impl Iterator<Item = Range<usize>> {
    let size = all.div_ceil(OPENINGS).max(PAGES);
    let size = size.checked_next_multiple_of(GROUP).unwrap_or(size);
    (0..all)
        .step_by(size)
        .map(move |start| start..start.saturating_add(size).min(all))
}

/// Page `index` of a document.
pub(super) fn sheet(document: &Document, index: usize) -> Result<&Sheet<'_>, Refusal> {
    document.pages().get(index).ok_or(CHANGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pages_are_in_blocks_and_openings_are_few() {
        for pages in [0usize, 1, 63, 64, 65, 200, 1_024, 1_025, 100_000] {
            let blocks: Vec<_> = blocks_of(pages).collect();
            let all: Vec<usize> = blocks.iter().cloned().flatten().collect();
            assert!(all.into_iter().eq(0..pages));
            assert!(blocks.len() <= OPENINGS);
            assert!(
                blocks
                    .iter()
                    .rev()
                    .skip(1)
                    .all(|block| block.len() >= PAGES)
            );
            assert!(blocks.iter().all(|block| block.start % GROUP == 0));
        }
    }
}
