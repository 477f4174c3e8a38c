//! BMP (Windows bitmaps, `BITMAPCOREHEADER` to `BITMAPV5HEADER`).

mod os2;

use super::raster::cursor::Cursor;
use super::raster::{self, Density, Facts, MAX_PROFILE_BYTES, Seen};
use crate::reader::{Format, Sniff, Spec};
use image::codecs::bmp::BmpDecoder;
use mugai_core::{Cx, Kind, Refusal, Treatment};

/// The reader of BMP.
pub struct Bmp;

impl Format for Bmp {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Bmp,
            reference: "Microsoft Windows GDI, Bitmap Storage (BITMAPV5HEADER)",
            treatments: &[Treatment::Flatten],
        }
    }

    /// The two letters alone begin many a text; the size of the second header makes it sure.
    fn sniff(&self, head: &[u8]) -> Sniff {
        let mut cursor = Cursor::little(head, 14);
        match (head.starts_with(b"BM"), cursor.u32()) {
            (true, Some(size)) if is_header(size) => Sniff::Yes,
            (true, Some(size)) if size < 256 => Sniff::Perhaps,
            _ => Sniff::No,
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let header = Header::read(input).ok_or(Refusal::malformed("bmp: header"))?;
        raster::note(&header.seen, cx);
        let facts = Facts {
            icc: header.profile.map(<[u8]>::to_vec),
            density: header.density,
            ends_early: header.ends_early,
            alpha_may_be_unused: true,
            ..Facts::default()
        };
        let rewritten = os2::as_windows(input, cx)?;
        let input = rewritten.as_deref().unwrap_or(input);
        let decoder = |cx: &Cx<'_>| {
            BmpDecoder::new(std::io::Cursor::new(input)).map_err(|e| raster::refusal(&e, cx))
        };
        raster::still(decoder, &facts, cx)
    }
}

/// Whether a second header of this size is one that there is.
pub(crate) const fn is_header(size: u32) -> bool {
    matches!(size, 12 | 40 | 52 | 56 | 108 | 124) || os2::is_header(size)
}

/// The fields of both headers that decoders leave aside.
#[derive(Default)]
struct Header<'a> {
    density: Option<Density>,
    profile: Option<&'a [u8]>,
    ends_early: bool,
    seen: Seen,
}

/// Bytes before the second header.
const FILE_HEADER: usize = 14;

/// `PROFILE_EMBEDDED` as a number of low byte first: `MBED`.
const EMBEDDED: u32 = 0x4D42_4544;

impl<'a> Header<'a> {
    fn read(input: &'a [u8]) -> Option<Self> {
        let mut header = Self::default();
        let file = Cursor::little(input, 2).size()?;
        let start = Cursor::little(input, FILE_HEADER);
        let size = start.clone().u32()?;
        // writers of all times have left the size of the file at 0
        header.seen.trailing = file > FILE_HEADER && file < input.len();
        header.ends_early = file > input.len();
        if size >= 40 {
            let mut at = start.to(FILE_HEADER.saturating_add(24));
            let (x, y) = (at.u32()?, at.u32()?);
            let known = x > 0 && y > 0;
            header.density = known.then(|| Density::per_metre(u64::from(x), u64::from(y)));
        }
        if size >= 124 && start.to(FILE_HEADER.saturating_add(56)).u32()? == EMBEDDED {
            let mut at = start.to(FILE_HEADER.saturating_add(112));
            let (offset, length) = (at.size()?, at.size()?);
            let from = FILE_HEADER.saturating_add(offset);
            header.profile = start.to(from).take(length.min(MAX_PROFILE_BYTES));
        }
        Some(header)
    }
}
