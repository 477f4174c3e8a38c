//! How a sheet is printed ([MS-XLS] 2.1.7.20.5, PAGESETUP): its page, and what stands above and below.

use super::records::Record;
use super::strings::Spelling;
use crate::formats::book::Paper;
use crate::formats::ole::little::{f64_at, u16_at};

const HEADER: u16 = 0x0014;
const FOOTER: u16 = 0x0015;
/// Margins: left, right, top, bottom.
const MARGINS: [u16; 4] = [0x0026, 0x0027, 0x0028, 0x0029];
/// In the middle from left to right, from top to bottom; the names of rows and columns; their lines.
const OPTIONS: [u16; 4] = [0x0083, 0x0084, 0x002a, 0x002b];
const PROPERTIES: u16 = 0x0081;
const SETUP: u16 = 0x00a1;
/// Flags: the sheet is made to fit; upright; nothing is said of the paper, of how it lies.
const FIT: u16 = 0x0100;
const UPRIGHT: u16 = 2;
const NO_PAPER: u16 = 4;
const NO_PLACE: u16 = 0x40;
/// What the margins are where nothing is said, in inches.
const USUAL: [f64; 6] = [0.75, 0.75, 1.0, 1.0, 0.5, 0.5];

/// Reads what a record says about the page, if it says anything.
pub(super) fn read(paper: &mut Paper, record: &Record<'_>, spelling: Spelling) {
    let (id, content) = (record.id, record.content);
    let [header, footer, ..] = &mut paper.lines;
    let flags = u16_at(content, 0).unwrap_or(0);
    match id {
        HEADER | FOOTER => {
            let line = if id == HEADER { header } else { footer };
            *line = spelling.at(content, 0, spelling.new).unwrap_or_default();
        }
        PROPERTIES if flags & FIT != 0 => paper.fit = Some((1, 1)),
        SETUP => setup(paper, content),
        _ => {
            let place = |list: [u16; 4]| list.iter().position(|of| *of == id);
            if let Some(option) = place(OPTIONS).and_then(|at| paper.options.get_mut(at)) {
                *option = flags != 0;
            }
            if let Some(at) = place(MARGINS) {
                margin(paper, at, f64_at(content, 0));
            }
        }
    }
}

/// One of the margins; none but such as programs allow.
fn margin(paper: &mut Paper, at: usize, inches: Option<f64>) {
    let inches = inches.filter(|inches| (0.0..49.0).contains(inches));
    let margins = paper.margins.get_or_insert(USUAL);
    if let Some((margin, inches)) = margins.get_mut(at).zip(inches) {
        *margin = inches;
    }
}

fn setup(paper: &mut Paper, content: &[u8]) {
    let number = |at: usize| u16_at(content, at).unwrap_or(0);
    let flags = number(10);
    if flags & NO_PAPER == 0 {
        (paper.size, paper.scale) = (number(0).into(), number(2).into());
        paper.landscape = flags & (UPRIGHT | NO_PLACE) == 0;
    }
    if paper.fit.is_some() {
        paper.fit = Some((number(6).into(), number(8).into()));
    }
    margin(paper, 4, f64_at(content, 16));
    margin(paper, 5, f64_at(content, 24));
}
