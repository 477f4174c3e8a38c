//! How a sheet of records is printed ([MS-XLSB] 2.4): its page, what stands above and below, where it ends.

use super::records::{CUT, string};
use crate::formats::book::Paper;
use crate::formats::ole::little::{f64_at, u8_at, u16_at, u32_at};
use mugai_core::Refusal;

const PROPERTIES: u16 = 147;
const ROW_BREAKS: u16 = 392;
const COLUMN_BREAKS: u16 = 394;
const BREAK: u16 = 396;
const MARGINS: u16 = 476;
const OPTIONS: u16 = 477;
const SETUP: u16 = 478;
const LINES: u16 = 479;

/// The page lies on its side.
const LANDSCAPE: u16 = 2;
/// Nobody chose a page: it is that of the printer, and what the record says about it does not count.
const NO_PAPER: u16 = 4;

/// The most places where a page ends, across and down.
const MAX_BREAKS: usize = 1_024;

/// Where the reading of a sheet's page stands.
#[derive(Default)]
pub(super) struct Page {
    /// Whether breaks are those of columns.
    columns: bool,
}

impl Page {
    /// Reads what a record says about the page, if it says anything.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]
    pub(super) fn read(
        &mut self,
        paper: &mut Paper,
        kind: u16,
        content: &[u8],
    ) -> Result<(), Refusal> {
        let flags = |at: usize| u16_at(content, at).unwrap_or(0);
        match kind {
            PROPERTIES if u8_at(content, 1).is_some_and(|flags| flags & 1 != 0) => {
                paper.fit = Some((1, 1));
            }
            // what is said last counts: views of single persons stand before
            ROW_BREAKS | COLUMN_BREAKS => {
                self.columns = kind == COLUMN_BREAKS;
                let [rows, columns] = &mut paper.breaks;
                if self.columns { columns } else { rows }.clear();
            }
            BREAK => {
                let place = u32_at(content, 0).ok_or(CUT)?;
                let [rows, columns] = &mut paper.breaks;
                let list = if self.columns { columns } else { rows };
                if list.len() < MAX_BREAKS {
                    list.push(place);
                }
            }
            MARGINS => {
                let mut margins = [0.0; 6];
                for (place, margin) in margins.iter_mut().enumerate() {
                    *margin = f64_at(content, place.saturating_mul(8)).unwrap_or(0.0);
                }
                paper.margins = margins.iter().all(|m| m.is_finite()).then_some(margins);
            }
            OPTIONS => paper.options = [1, 2, 4, 8].map(|bit| flags(0) & bit != 0),
            SETUP => setup(paper, content),
            LINES => {
                paper.other = [flags(0) & 1 != 0, flags(0) & 2 != 0];
                let mut at = 2;
                for line in &mut paper.lines {
                    let Some((text, end)) = string(content, at) else {
                        break;
                    };
                    (*line, at) = (text, end);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn setup(paper: &mut Paper, content: &[u8]) {
    let number = |at: usize| u32_at(content, at).unwrap_or(0);
    let flags = u16_at(content, 32).unwrap_or(0);
    if flags & NO_PAPER == 0 {
        (paper.size, paper.scale) = (number(0), number(4));
        paper.landscape = flags & LANDSCAPE != 0;
    }
    if paper.fit.is_some() {
        paper.fit = Some((number(24).min(32_767), number(28).min(32_767)));
    }
}
