//! Opens PDF files in tests.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may look for files and measure time"
)]
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of this, and tests may panic"
)]

use flate2::Compression;
use flate2::write::ZlibEncoder;
use mugai_core::cx::{FontFace, FontNeed};
use mugai_core::{
    Assignment, Budget, Cx, Family, Finding, FindingCode, Fonts, Hints, Kind, Limits, NoFonts,
    Page, Params, Piece, Refusal, Sink, Treatment, Treatments,
};
use mugai_open::Format;
use mugai_open::formats::pdf::Pdf;
use std::io::Write;
use std::sync::Arc;

/// What a part of a mail may cost.
pub(crate) const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    pixels: 1_000_000_000,
    parts: 2000,
    depth: 5,
    steps: 500_000_000,
};

/// The pages and findings of a file.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    /// All pieces.
    pub(crate) all: Vec<Piece>,
    /// All pages.
    pub(crate) pages: Vec<Page>,
    /// All findings.
    pub(crate) findings: Vec<(FindingCode, u32)>,
}

impl Opened {
    /// Whether `code` was found.
    pub(crate) fn has(&self, code: FindingCode) -> bool {
        self.findings.iter().any(|(found, _)| *found == code)
    }
}

impl Sink for Opened {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        if let Piece::Page(page) = &piece {
            self.pages.push(page.clone());
        }
        self.all.push(piece);
        Ok(())
    }
    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.findings.push((finding.code, finding.count));
        Ok(())
    }
}

/// Opens `bytes` without fonts, at 144 dots per inch.
pub(crate) fn open(bytes: &[u8]) -> Result<Opened, Refusal> {
    open_with(bytes, &NoFonts, LIMITS)
}

/// Opens `bytes`.
pub(crate) fn open_with(
    bytes: &[u8],
    fonts: &dyn Fonts,
    limits: Limits,
) -> Result<Opened, Refusal> {
    open_so(bytes, fonts, Treatment::Flatten, limits)
}

/// Opens `bytes` by `treatment`, without fonts.
pub(crate) fn open_as(bytes: &[u8], treatment: Treatment) -> Result<Opened, Refusal> {
    open_so(bytes, &NoFonts, treatment, LIMITS)
}

/// The same with other limits.
pub(crate) fn open_in(
    bytes: &[u8],
    treatment: Treatment,
    limits: Limits,
) -> Result<Opened, Refusal> {
    open_so(bytes, &NoFonts, treatment, limits)
}

fn open_so(
    bytes: &[u8],
    fonts: &dyn Fonts,
    treatment: Treatment,
    limits: Limits,
) -> Result<Opened, Refusal> {
    let assignment = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing().with(Family::Pdf, treatment),
        limits,
        params: Params {
            dpi: 144,
            ..Params::default()
        },
    };
    let budget = Budget::new(limits);
    let mut opened = Opened::default();
    let mut cx = Cx::new(&assignment, &budget, fonts, &mut opened);
    let result = Pdf.open(bytes, &mut cx);
    cx.flush()?;
    result.map(|()| opened)
}

/// Packs `body`.
pub(crate) fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// Packs zeros, a megabyte at a time.
pub(crate) fn zlib_zeros(count: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let block = vec![0; 1 << 20];
    for _ in 0..count.div_euclid(block.len()) {
        encoder.write_all(&block).unwrap();
    }
    let rest = count.rem_euclid(block.len());
    encoder.write_all(block.get(..rest).unwrap()).unwrap();
    encoder.finish().unwrap()
}

/// One Japanese face for all of Chinese, Japanese and Korean text.
pub(crate) struct OneFace(Arc<Vec<u8>>);

impl Fonts for OneFace {
    fn find(&self, need: FontNeed) -> Option<FontFace> {
        if !need.script.is_cjk() {
            return None;
        }
        let data: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::<Vec<u8>>::clone(&self.0);
        Some((data, 0))
    }
}

/// The `IPAex` gothic face, where it is installed.
pub(crate) fn ipa_fonts() -> Option<OneFace> {
    let path = "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf";
    std::fs::read(path).ok().map(|data| OneFace(Arc::new(data)))
}
