//! Faxes: CCITT group 3 and 4 (TIFF 6.0 sections 10 and 11; ITU-T T.4, T.6).

mod lines;

use super::directory::{Directory, tag};
use super::{facts, sides};
use crate::formats::raster::{self, Layout};
use lines::{Coding, Lines};
use mugai_core::{Cx, FindingCode, Refusal, Resource};

/// Decodes one page of one bit a pixel.
pub(super) fn page(page: &Directory<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    if page.number(tag::BITS_PER_SAMPLE).unwrap_or(1) != 1 || page.has(tag::TILE_OFFSETS) {
        return Err(Refusal::unsupported("tiff: fax in tiles or of many bits"));
    }
    let (width, height) = sides(page)?;
    let facts = facts(page);
    let paid = raster::pay((width, height), Layout::Grey, 1, &facts, cx)?;
    let options = page.number(tag::T4_OPTIONS).unwrap_or(0);
    let coding = match page.number(tag::COMPRESSION) {
        Some(2) => Coding::Bytewise,
        Some(3) if options & 1 == 0 => Coding::OneDimensional,
        Some(3) => Coding::TwoDimensional,
        _ => Coding::Group4,
    };
    let reversed = page.number(tag::FILL_ORDER) == Some(2);
    let per_strip = page.number(tag::ROWS_PER_STRIP).unwrap_or(u64::MAX);
    let per_strip = usize::try_from(per_strip).unwrap_or(usize::MAX);
    // where bits of 0 are black, the codes of white make black
    let [white, black] = match page.number(tag::PHOTOMETRIC) {
        Some(1) => [0, u8::MAX],
        _ => [u8::MAX, 0],
    };
    let row_len = paid.row_samples();
    let mut samples = Vec::new();
    let mut broken = false;
    for strip in page.chunks(tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS) {
        cx.charge_len(Resource::Steps, strip.len().saturating_mul(2))?;
        let missing = paid.sample_count().saturating_sub(samples.len());
        let rows = per_strip.min(missing.checked_div(row_len).unwrap_or(0));
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
    if samples.iter().all(|s| *s == white) && broken {
        return Err(Refusal::malformed("tiff: fax cannot be decoded"));
    }
    broken |= samples.len() < paid.sample_count();
    samples.resize(paid.sample_count(), white);
    cx.note_times(FindingCode::ImageTruncated, u32::from(broken));
    raster::finish(paid, samples, &facts, cx)
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
