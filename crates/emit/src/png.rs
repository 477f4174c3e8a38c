//! PNG files of at most four chunk kinds (PNG, third edition, W3C 2025). The profile is in
//! `docs/profiles/png.md`.

mod filter;
mod reduce;

use filter::Filter;
use flate2::{Compress, Compression, FlushCompress, Status};
use mugai_core::{Page, Refusal};
use reduce::{Form, Reduced};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Bytes of compressed data in each IDAT chunk but the last.
const IDAT_BYTES: usize = 1 << 20;

/// Measured, see `docs/decisions/image-crates.md`: higher levels cost more time than they save.
const LEVEL: u32 = 4;

/// Writes `page` as a whole PNG file, without loss: as grey of 1 to 8 bits, as a palette of up to
/// 256 colours, or as RGB, whichever is the least that holds all its pixels.
///
/// # Errors
/// [`Refusal::Internal`] when the compressor fails, which it has no reason to.
pub fn encode(page: &Page) -> Result<Vec<u8>, Refusal> {
    written(page, &Reduced::of(page))
}

/// The same with what is seen through it: as RGB with opacity where any pixel does not cover all that is behind it.
/// A pixel that covers nothing is white.
///
/// # Errors
/// As [`encode`].
pub fn encode_shown(page: &Page) -> Result<Vec<u8>, Refusal> {
    written(page, &Reduced::shown(page))
}

fn written(page: &Page, reduced: &Reduced<'_>) -> Result<Vec<u8>, Refusal> {
    let mut out = SIGNATURE.to_vec();
    chunk(&mut out, *b"IHDR", &header(page, reduced))?;
    if let Form::Palette { colours, .. } = &reduced.form {
        chunk(&mut out, *b"PLTE", colours.as_flattened())?;
    }
    let data = compress(reduced)?;
    for part in data.chunks(IDAT_BYTES) {
        chunk(&mut out, *b"IDAT", part)?;
    }
    chunk(&mut out, *b"IEND", &[])?;
    Ok(out)
}

fn header(page: &Page, reduced: &Reduced<'_>) -> [u8; 13] {
    let [w0, w1, w2, w3] = page.width_px().to_be_bytes();
    let [h0, h1, h2, h3] = page.height_px().to_be_bytes();
    let colour_type = match reduced.form {
        Form::Grey { .. } => 0,
        Form::Rgb => 2,
        Form::Palette { .. } => 3,
        Form::Rgba => 6,
    };
    // compression, filter and interlace methods are 0
    [
        w0,
        w1,
        w2,
        w3,
        h0,
        h1,
        h2,
        h3,
        reduced.depth(),
        colour_type,
        0,
        0,
        0,
    ]
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Result<(), Refusal> {
    let length = u32::try_from(data.len()).map_err(|_| Refusal::internal("png: chunk length"))?;
    let mut crc = crc32fast::Hasher::new();
    crc.update(&kind);
    crc.update(data);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&kind);
    out.extend_from_slice(data);
    out.extend_from_slice(&crc.finalize().to_be_bytes());
    Ok(())
}

/// One zlib stream of all rows, each behind its filter byte.
fn compress(reduced: &Reduced<'_>) -> Result<Vec<u8>, Refusal> {
    let mut deflate = Deflate::new();
    let mut filter = Filter::new(reduced);
    for row in reduced.rows() {
        deflate.push(filter.apply(&row))?;
    }
    deflate.finish()
}

/// A zlib compressor over a growing buffer.
struct Deflate {
    state: Compress,
    out: Vec<u8>,
}

impl Deflate {
    fn new() -> Self {
        Self {
            state: Compress::new(Compression::new(LEVEL), true),
            out: Vec::new(),
        }
    }

    fn push(&mut self, mut input: &[u8]) -> Result<(), Refusal> {
        while !input.is_empty() {
            let taken = self.step(input, FlushCompress::None)?.0;
            input = input.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, Refusal> {
        while self.step(&[], FlushCompress::Finish)?.1 != Status::StreamEnd {}
        Ok(self.out)
    }

    /// One call of the compressor: how many bytes it took, and how it stands.
    fn step(&mut self, input: &[u8], flush: FlushCompress) -> Result<(usize, Status), Refusal> {
        // doubling: the compressor writes into spare capacity only
        if self.out.capacity().saturating_sub(self.out.len()) < 4096 {
            self.out.reserve(self.out.len().max(65_536));
        }
        let before = self.state.total_in();
        let status = self
            .state
            .compress_vec(input, &mut self.out, flush)
            .map_err(|_| Refusal::internal("png: the compressor failed"))?;
        let taken = self.state.total_in().saturating_sub(before);
        let taken = usize::try_from(taken).unwrap_or(usize::MAX);
        Ok((taken, status))
    }
}
