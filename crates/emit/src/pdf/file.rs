//! The file as a whole: its objects one behind the other, and the table that tells where each is.
//!
//! An object goes to the spool once the next one begins, so that memory holds one of them, and not
//! the document.

use super::deflate;
use mugai_core::{Draft, Refusal, Spool, SpoolWriter, Target};
use pdf_writer::{Chunk, Filter, Ref, Settings};

/// No blanks but those that are needed: in short files they would be most of it.
const SPELLING: Settings = Settings { pretty: false };

/// The first line (ISO 32000-1, 7.5.2), and one of bytes that are no text.
const HEADER: &[u8] = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n";

/// Object numbers that are the same in every file; all others are given in the order of the file.
pub(super) const CATALOG: i32 = 1;
pub(super) const PAGE_TREE: i32 = 2;
const FIRST: i32 = 3;

/// Buffers of larger objects are not kept for the next one, in bytes.
const KEEP_BYTES: usize = 64 << 10;

const TOO_MANY: Refusal = Refusal::internal("pdf: objects and their numbers");

/// A file in the making.
pub(super) struct File {
    out: SpoolWriter,
    /// The object at work, where there is one.
    object: Chunk,
    /// Where the objects begin that were begun so far, with their numbers.
    places: Vec<(i32, usize)>,
    next: i32,
    /// Whether every object was begun by itself.
    is_parted: bool,
}

impl File {
    /// An empty file, which lies in `spool` once it is large.
    pub(super) fn new(spool: Spool) -> Self {
        let mut out = SpoolWriter::new(spool);
        out.put(HEADER);
        Self {
            out,
            object: Chunk::with_settings(SPELLING),
            places: Vec::new(),
            next: FIRST,
            is_parted: true,
        }
    }

    /// The number of the next object.
    pub(super) fn id(&mut self) -> Ref {
        let id = Ref::new(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// Where the next object goes, one and no more.
    pub(super) fn object(&mut self) -> &mut Chunk {
        self.end_object();
        &mut self.object
    }

    fn end_object(&mut self) {
        let at = self.out.len();
        let ids = self.object.refs();
        self.is_parted &= ids.len() <= 1;
        self.places.extend(ids.map(|id| (id.get(), at)));
        self.out.put(self.object.as_bytes());
        if self.object.len() <= KEEP_BYTES {
            self.object = Chunk::with_settings_and_capacity(SPELLING, self.object.len());
        } else {
            self.object = Chunk::with_settings(SPELLING);
        }
    }

    /// A compressed stream.
    pub(super) fn stream(&mut self, id: Ref, content: &[u8]) -> Result<(), Refusal> {
        let packed = deflate::compress(content)?;
        self.object()
            .stream(id, &packed)
            .filter(Filter::FlateDecode);
        Ok(())
    }

    /// The whole file, with its table (ISO 32000-1, 7.5.4) and its trailer (7.5.5).
    ///
    /// # Errors
    /// [`Refusal::Internal`] where the spool fails, or a number has no object or two, or a place two objects.
    pub(super) fn finish(mut self) -> Result<Draft, Refusal> {
        self.end_object();
        if !self.is_parted {
            return Err(TOO_MANY);
        }
        let table = self.out.len();
        self.places.sort_unstable();
        let size = self.places.len().saturating_add(1);
        self.put_line(&format!("xref\n0 {size}\n0000000000 65535 f\r\n"));
        let places = std::mem::take(&mut self.places);
        for (number, (id, at)) in (1i32..).zip(places) {
            if id != number {
                return Err(TOO_MANY);
            }
            self.put_line(&format!("{at:010} 00000 n\r\n"));
        }
        self.put_line(&format!(
            "trailer\n<</Size {size}/Root {CATALOG} 0 R>>\nstartxref\n{table}\n%%EOF"
        ));
        Ok(Draft::new(Target::Pdf, self.out.finish()?))
    }

    fn put_line(&mut self, line: &str) {
        self.out.put(line.as_bytes());
    }
}
