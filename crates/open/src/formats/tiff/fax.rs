//! Faxes: CCITT group 3 and 4 (TIFF 6.0 sections 10 and 11; ITU-T T.4, T.6).

mod lines;

use super::directory::{Directory, tag};
use super::{facts, sides};
use crate::formats::raster::{self, Layout};
use lines::{Coding, Lines};
use mugai_core::{Cx, FindingCode, Refusal, Resource};

/// Steps that a strip costs even if it is empty: its decoder is made, and its rows are looked for.
const STRIP_STEPS: usize = 64;

/// Decodes one page of one bit a pixel.
pub(super) fn page(page: &Directory<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    if page.number(tag::BITS_PER_SAMPLE).unwrap_or(1) != 1 || page.has(tag::TILE_OFFSETS) {
        return Err(Refusal::unsupported("tiff: fax in tiles or of many bits"));
    }
    let (width, height) = sides(page)?;
    let facts = facts(page);
    let paid = raster::pay((width, height), Layout::Grey, 1, &facts, cx)?;
    let (coding, reversed) = coding(page);
    let (single, per_strip) = strips(page)?;
    // where bits of 0 are black, the codes of white make black
    let [white, black] = match page.number(tag::PHOTOMETRIC) {
        Some(1) => [0, u8::MAX],
        _ => [u8::MAX, 0],
    };
    let row_len = paid.row_samples();
    let mut samples = Vec::new();
    let mut broken = false;
    let several = page.chunks(tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS);
    for strip in single.into_iter().chain(several) {
        let missing = paid.sample_count().saturating_sub(samples.len());
        let rows = per_strip.min(missing.checked_div(row_len).unwrap_or(0));
        if rows == 0 {
            break;
        }
        cx.charge_len(
            Resource::Steps,
            strip.len().saturating_mul(2).saturating_add(STRIP_STEPS),
        )?;
        let mut lines = Lines::new(strip, reversed, coding, width)?;
        let mut done = 0;
        while done < rows && lines.advance() {
            paint(&mut samples, lines.changes(), row_len, [white, black]);
            done = done.saturating_add(1);
        }
        broken |= done < rows || lines.is_damaged();
        let missed = rows.saturating_sub(done).saturating_mul(row_len);
        samples.resize(samples.len().saturating_add(missed), white);
    }
    broken |= samples.len() < paid.sample_count();
    // what could not be decoded must not look like a page on which nothing is written
    if broken && samples.iter().all(|s| *s == white) {
        return Err(Refusal::malformed("tiff: fax cannot be decoded"));
    }
    samples.resize(paid.sample_count(), white);
    cx.note_times(FindingCode::ImageTruncated, u32::from(broken));
    raster::finish(paid, samples, &facts, cx)
}

/// How lines are coded, and whether bytes have their lowest bit first.
fn coding(page: &Directory<'_>) -> (Coding, bool) {
    let options = page.number(tag::T4_OPTIONS).unwrap_or(0);
    let coding = match page.number(tag::COMPRESSION) {
        Some(2) => Coding::Bytewise,
        Some(3) if options & 1 == 0 => Coding::OneDimensional,
        Some(3) => Coding::TwoDimensional,
        _ => Coding::Group4,
    };
    (coding, page.number(tag::FILL_ORDER) == Some(2))
}

/// The only strip where its length is not told, and the rows of each strip.
///
/// As other readers do, a strip whose length is missing or 0 goes on up to the end of the file, and one strip
/// holds all rows where nothing else is said (TIFF 6.0 section 8, `RowsPerStrip`).
///
/// # Errors
/// [`Refusal::Malformed`] for no strips at all, and for several ones of which their lengths or rows are not told.
fn strips<'a>(page: &Directory<'a>) -> Result<(Option<&'a [u8]>, usize), Refusal> {
    let malformed = Refusal::malformed("tiff: strips of a fax");
    let mut offsets = page.numbers(tag::STRIP_OFFSETS);
    let first = offsets.next().ok_or(malformed.clone())?;
    let is_single = offsets.next().is_none();
    let rows = match page.number(tag::ROWS_PER_STRIP) {
        Some(0) if !is_single => return Err(malformed),
        Some(0) | None => usize::MAX,
        Some(rows) => usize::try_from(rows).unwrap_or(usize::MAX),
    };
    let untold = match page.number(tag::STRIP_BYTE_COUNTS) {
        None if !is_single => return Err(malformed),
        None => true,
        Some(length) => is_single && length == 0,
    };
    // the header is no picture
    let single = (untold && first != 0).then(|| page.rest(first));
    Ok((single, rows))
}

/// Appends a row of runs that end at `changes`, the first one white.
fn paint(samples: &mut Vec<u8>, changes: &[u16], row_len: usize, colours: [u8; 2]) {
    let start = samples.len();
    let end = start.saturating_add(row_len);
    for (change, colour) in changes.iter().zip(colours.into_iter().cycle()) {
        let to = start.saturating_add(usize::from(*change)).min(end);
        if to > samples.len() {
            samples.resize(to, colour);
        }
    }
    let last = usize::from(!changes.len().is_multiple_of(2));
    samples.resize(end, colours.get(last).copied().unwrap_or(0));
}

#[cfg(test)]
mod tests;
