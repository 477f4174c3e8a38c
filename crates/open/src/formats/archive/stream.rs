//! Single files that are compressed: gzip (RFC 1952), bzip2, XZ, Zstandard (RFC 8878). A tape in one
//! of them is read as the archive that it is.

use crate::formats::archive::tar;
use crate::formats::archive::{self, Member};
use crate::reader::{Format, Sniff, Spec};
use crate::unpack::{MAX_MEMORY_KIB, MAX_WINDOW, most};
use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use mugai_core::{Cx, FindingCode, Kind, Refusal, Resource, Treatment};
use ruzstd::decoding::StreamingDecoder;
use std::borrow::Cow;

/// Undoes the member that the bytes begin with, and leaves what is behind it; what comes out is put behind what is there
/// already, and may be as long as told.
type One = fn(&mut &[u8], &mut Vec<u8>, usize, &Cx<'_>) -> Result<(), Refusal>;

/// The reader of one of these formats.
pub(in crate::formats) struct Stream {
    spec: &'static Spec,
    /// What each member begins with.
    mark: &'static [u8],
    /// What a decoder costs that is made for a member, in steps, however little the member holds.
    price: u64,
    one: One,
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
    price: 1 << 14,
    one: |rest, all, most, cx| {
        archive::read_onto(all, GzDecoder::new(rest), most, "gzip: a broken stream", cx)
    },
};
/// bzip2.
pub(in crate::formats) static BZIP2: Stream = Stream {
    spec: &spec(Kind::Bzip2, "bzip2 1.0.8"),
    mark: b"BZh",
    // its tables are of megabytes; those who pack side by side make a member of 900 KB
    price: 1 << 18,
    one: |rest, all, most, cx| {
        archive::read_onto(
            all,
            BzDecoder::new(rest),
            most,
            "bzip2: a broken stream",
            cx,
        )
    },
};
/// XZ.
pub(in crate::formats) static XZ: Stream = Stream {
    spec: &spec(Kind::Xz, ".xz 1.2.1"),
    mark: b"\xfd7zXZ\0",
    price: 1 << 14,
    one: |rest, all, most, cx| {
        let reader = XzReader::new_mem_limit(rest, false, MAX_MEMORY_KIB);
        archive::read_onto(all, reader, most, "xz: a broken stream", cx)
    },
};
/// Zstandard.
pub(in crate::formats) static ZSTD: Stream = Stream {
    spec: &spec(Kind::Zstd, "RFC 8878"),
    mark: b"\x28\xb5\x2f\xfd",
    price: 1 << 14,
    one: frame,
};

const BROKEN: Refusal = Refusal::malformed("zstd: a broken frame");

/// A frame, which the library reads by itself.
fn frame(rest: &mut &[u8], all: &mut Vec<u8>, most: usize, cx: &Cx<'_>) -> Result<(), Refusal> {
    let window = u64::try_from(MAX_WINDOW).unwrap_or(u64::MAX);
    let frame = StreamingDecoder::new_with_max_window_size(rest, window);
    let mut frame = frame.map_err(|_| BROKEN)?;
    archive::read_onto(all, &mut frame, most, "zstd: a broken frame", cx)?;
    let decoder = frame.into_frame_decoder();
    let said = decoder.get_checksum_from_data();
    if said.is_some() && said != decoder.get_calculated_checksum() {
        return Err(Refusal::malformed("zstd: checksum of a frame"));
    }
    Ok(())
}

/// What is behind a frame that is to be skipped, which some packers put between others (RFC 8878 section 3.1.2).
fn skipped(rest: &[u8]) -> Option<Result<&[u8], Refusal>> {
    let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, behind @ ..] = rest else {
        return None;
    };
    let length = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok();
    Some(length.and_then(|length| behind.get(length..)).ok_or(BROKEN))
}

/// Zstandard, without anything behind it.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(super) fn zstd(input: &[u8], cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
    let (content, behind) = ZSTD.members(input, cx)?;
    if behind.is_empty() {
        Ok(content)
    } else {
        Err(BROKEN)
    }
}

impl Stream {
    /// What is behind zeros in fours, which may stand between streams of XZ (its file format, section 2.2).
    fn padded<'a>(&self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        let behind = rest.get(zeros..)?;
        let is_padding = self.spec.kind == Kind::Xz && zeros > 0 && zeros.is_multiple_of(4);
        (is_padding && behind.starts_with(self.mark)).then_some(behind)
    }

    /// What comes of all members, one behind the other, and the bytes behind the last.
    ///
    /// Members may hold nothing, and cost as much as others: each is paid for by itself.
    fn members<'a>(&self, input: &'a [u8], cx: &Cx<'_>) -> Result<(Vec<u8>, &'a [u8]), Refusal> {
        cx.charge_len(Resource::Steps, input.len())?;
        let most = most(input.len());
        let mut all = Vec::new();
        let mut rest = input;
        loop {
            if self.spec.kind == Kind::Zstd
                && let Some(behind) = skipped(rest)
            {
                rest = behind?;
            } else if let Some(behind) = self.padded(rest) {
                rest = behind;
            } else if rest.starts_with(self.mark) {
                cx.charge(Resource::Steps, self.price)?;
                (self.one)(&mut rest, &mut all, most, cx)?;
            } else {
                return Ok((all, rest));
            }
        }
    }
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
        let (content, behind) = self.members(input, cx)?;
        // tapes and file systems fill up with zeros, mail and forms add ends of lines
        if !archive::is_filling(behind) {
            return Err(Refusal::malformed("stream: bytes behind the end"));
        }
        cx.note_times(FindingCode::ArchiveOdd, u32::from(!behind.is_empty()));
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
