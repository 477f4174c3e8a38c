//! Single files that are compressed: gzip (RFC 1952), bzip2, XZ, Zstandard (RFC 8878). A tape in one
//! of them is read as the archive that it is.

use crate::formats::archive::tar;
use crate::formats::archive::{self, Member};
use crate::reader::{Format, Sniff, Spec};
use crate::unpack::{MAX_MEMORY_KIB, MAX_WINDOW, most};
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use mugai_core::{Cx, Kind, Refusal, Treatment};
use ruzstd::decoding::StreamingDecoder;
use std::borrow::Cow;

/// The reader of one of these formats.
pub(in crate::formats) struct Stream {
    spec: &'static Spec,
    mark: &'static [u8],
    expand: fn(&[u8], &Cx<'_>) -> Result<Vec<u8>, Refusal>,
}

const fn spec(kind: Kind, reference: &'static str) -> Spec {
    Spec {
        kind,
        reference,
        treatments: &[Treatment::Rebuild],
    }
}

/// gzip.
pub(in crate::formats) static GZIP: Stream = Stream {
    spec: &spec(Kind::Gzip, "RFC 1952"),
    mark: b"\x1f\x8b",
    expand: |input, cx| {
        let reader = MultiGzDecoder::new(input);
        archive::read_most(reader, most(input.len()), "gzip: a broken stream", cx)
    },
};
/// bzip2.
pub(in crate::formats) static BZIP2: Stream = Stream {
    spec: &spec(Kind::Bzip2, "bzip2 1.0.8"),
    mark: b"BZh",
    expand: |input, cx| {
        let reader = bzip2::bufread::MultiBzDecoder::new(input);
        archive::read_most(reader, most(input.len()), "bzip2: a broken stream", cx)
    },
};
/// XZ.
pub(in crate::formats) static XZ: Stream = Stream {
    spec: &spec(Kind::Xz, ".xz 1.2.1"),
    mark: b"\xfd7zXZ\0",
    expand: |input, cx| {
        let reader = XzReader::new_mem_limit(input, true, MAX_MEMORY_KIB);
        archive::read_most(reader, most(input.len()), "xz: a broken stream", cx)
    },
};
/// Zstandard.
pub(in crate::formats) static ZSTD: Stream = Stream {
    spec: &spec(Kind::Zstd, "RFC 8878"),
    mark: b"\x28\xb5\x2f\xfd",
    expand: zstd,
};

/// Frames one behind the other, each of which the library reads by itself.
///
/// Some packers put frames between them that are to be skipped (RFC 8878 section 3.1.2).
pub(super) fn zstd(input: &[u8], cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
    const WRONG: &str = "zstd: a broken frame";
    let window = u64::try_from(MAX_WINDOW).unwrap_or(u64::MAX);
    let mut rest = input;
    let mut all = Vec::new();
    while !rest.is_empty() {
        if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, behind @ ..] = rest {
            let length = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok();
            rest = length
                .and_then(|length| behind.get(length..))
                .ok_or(Refusal::malformed(WRONG))?;
            continue;
        }
        let frame = StreamingDecoder::new_with_max_window_size(&mut rest, window);
        let mut frame = frame.map_err(|_| Refusal::malformed(WRONG))?;
        let bytes = archive::read_most(&mut frame, most(input.len()), WRONG, cx)?;
        let decoder = frame.into_frame_decoder();
        let said = decoder.get_checksum_from_data();
        if said.is_some() && said != decoder.get_calculated_checksum() {
            return Err(Refusal::malformed("zstd: checksum of a frame"));
        }
        archive::room(all.len().saturating_add(bytes.len()), cx)?;
        all.extend_from_slice(&bytes);
    }
    Ok(all)
}

impl Format for Stream {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(self.mark) {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    /// Puts the only file, without a name: it is called as its archive is. A tape is opened.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let content = (self.expand)(input, cx)?;
        if tar::is_tar(&content) {
            cx.detach();
            return tar::members(&content, cx);
        }
        archive::put(
            Member {
                path: "",
                content: Cow::Owned(content),
                packed: None,
            },
            cx,
        )
    }
}
