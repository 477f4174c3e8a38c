//! The tree of parts of a message (RFC 2046 section 5.1), in one pass over its bytes.
//!
//! Every byte is looked at a constant number of times, however multiparts are nested and whether
//! their boundaries occur or not: one search finds the lines that start with `--`, and each is held
//! against the boundaries that are open, at most [`MAX_NESTING`].

use crate::formats::mail::fields::{HeaderReader, Section, line_at, trim_eol};
use crate::formats::mail::head::Head;
use crate::formats::mail::hidden;
use crate::formats::mail::transfer::Encoding;
use memchr::memmem::Finder;
use mugai_core::{Cx, FindingCode, Refusal, Resource};

/// How deep multiparts are followed.
const MAX_NESTING: usize = 32;
/// The longest boundary that is legal, in bytes (RFC 2046 section 5.1.1).
const LEGAL_BOUNDARY: usize = 70;
/// The longest boundary that is followed all the same.
const MAX_BOUNDARY: usize = 998;

/// A message taken apart.
#[derive(Debug)]
pub(super) struct Structure<'a> {
    /// The header of the message itself.
    pub section: Section<'a>,
    /// The root and everything in it, parents before children, in the order of the message.
    pub nodes: Vec<Node<'a>>,
}

/// One part.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// The multipart that it stands in; none for the root.
    pub parent: Option<usize>,
    /// What its header says.
    pub head: Head,
    /// What it is.
    pub form: Form,
    /// Its content, still encoded; empty for multiparts.
    pub body: &'a [u8],
}

/// What a part is by its structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Holds other parts.
    Multipart,
    /// Holds content.
    Leaf,
    /// Was declared as multipart, but has no boundary, or none that occurs.
    Undivided,
    /// A multipart nested deeper than [`MAX_NESTING`].
    Opaque,
}

/// Takes a message apart.
///
/// # Errors
/// [`Refusal::Overrun`] for more parts, header lines or bytes than the purse allows.
pub(super) fn scan<'a>(input: &'a [u8], cx: &mut Cx<'_>) -> Result<Structure<'a>, Refusal> {
    // header lines, boundary search, and the look at preambles: each reads a byte once
    cx.charge_len(Resource::Steps, input.len() / 8)?;
    let left = cx.budget().left().parts;
    let mut scanner = Scanner {
        input,
        headers: HeaderReader::default(),
        frames: Vec::new(),
        nodes: Vec::new(),
        // multiparts are no parts to the purse, but are kept in memory while we read
        most_nodes: usize::try_from(left.saturating_mul(2).saturating_add(32))
            .unwrap_or(usize::MAX),
        limit: cx.budget().limits().parts,
        delimiter: Finder::new(b"\n--"),
    };
    let start = leading_blanks(input);
    let (section, mut open) = scanner.entity(start, cx)?;
    while let Some(hit) = scanner.next_delimiter(open.start(), cx)? {
        open = scanner.cross(open, &hit, cx)?;
    }
    scanner.end(open, cx);
    Ok(Structure {
        section,
        nodes: scanner.nodes,
    })
}

struct Scanner<'a> {
    input: &'a [u8],
    headers: HeaderReader,
    frames: Vec<Frame>,
    nodes: Vec<Node<'a>>,
    most_nodes: usize,
    limit: u64,
    delimiter: Finder<'static>,
}

/// A multipart whose end has not come yet.
struct Frame {
    boundary: Vec<u8>,
    node: usize,
    divided: bool,
    digest: bool,
}

/// What the bytes since the last delimiter are.
#[derive(Clone, Copy)]
enum Open {
    /// The content of a part.
    Leaf { node: usize, start: usize },
    /// What stands before the first delimiter of the innermost multipart.
    Preamble { start: usize },
    /// What stands behind the end of a multipart.
    Epilogue { start: usize },
}

impl Open {
    const fn start(self) -> usize {
        match self {
            Self::Leaf { start, .. } | Self::Preamble { start } | Self::Epilogue { start } => start,
        }
    }
}

/// A delimiter line.
struct Hit {
    /// Where it starts.
    line: usize,
    /// Where the next line starts.
    next: usize,
    /// Whose it is.
    frame: usize,
    /// Whether it is the last one.
    close: bool,
}

impl<'a> Scanner<'a> {
    /// Reads the header of a part and opens what follows.
    fn entity(&mut self, start: usize, cx: &mut Cx<'_>) -> Result<(Section<'a>, Open), Refusal> {
        let Self {
            headers,
            frames,
            input,
            ..
        } = self;
        let is_delimiter = |line: &[u8]| match_delimiter(frames, line).is_some();
        let section = headers.read(input, start, is_delimiter, cx)?;
        let in_digest = self.frames.last().is_some_and(|frame| frame.digest);
        let default = if in_digest {
            "message/rfc822"
        } else {
            "text/plain"
        };
        let head = Head::read(&section, default, cx)?;
        if self.nodes.len() >= self.most_nodes {
            return Err(Refusal::Overrun {
                resource: Resource::Parts,
                limit: self.limit,
            });
        }
        cx.charge(Resource::Steps, 64)?;
        let node = self.nodes.len();
        let boundary = self.boundary(&head, cx)?;
        let start = section.body;
        let (form, open) = match (&boundary, head.multipart()) {
            (Some(_), _) => (Form::Multipart, Open::Preamble { start }),
            (None, None) => (Form::Leaf, Open::Leaf { node, start }),
            (None, Some(_)) if self.frames.len() >= MAX_NESTING => {
                (Form::Opaque, Open::Leaf { node, start })
            }
            (None, Some(_)) => (Form::Undivided, Open::Leaf { node, start }),
        };
        let parent = self.frames.last().map(|frame| frame.node);
        if let Some(boundary) = boundary {
            self.frames.push(Frame {
                boundary,
                node,
                divided: false,
                digest: head.multipart() == Some("digest"),
            });
        }
        self.nodes.push(Node {
            parent,
            head,
            form,
            body: &[],
        });
        Ok((section, open))
    }

    /// The boundary of a multipart that can be followed; notes what is odd about it.
    fn boundary(&self, head: &Head, cx: &mut Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        if head.multipart().is_none() {
            return Ok(None);
        }
        if head.encoding != Encoding::Identity {
            cx.note(FindingCode::MimeEncoding);
        }
        if self.frames.len() >= MAX_NESTING {
            cx.note(FindingCode::MimeNesting);
            return Ok(None);
        }
        let (value, count) = head.content_type.plain("boundary");
        let extended = head.content_type.is_extended("boundary");
        let value = if extended {
            let decoded = head.content_type.extended_text("boundary", cx)?;
            decoded.map(|decoded| decoded.text).unwrap_or_default()
        } else {
            value.unwrap_or_default().to_owned()
        };
        let boundary = value.trim_end().as_bytes();
        let repeated = self.frames.iter().any(|frame| frame.boundary == boundary);
        let encoded = extended || boundary.starts_with(b"=?");
        let odd = count != 1 || encoded || repeated || !boundary.is_ascii();
        if odd || boundary.is_empty() || boundary.len() > LEGAL_BOUNDARY {
            cx.note(FindingCode::MimeBoundary);
        }
        let usable = !boundary.is_empty() && boundary.len() <= MAX_BOUNDARY;
        Ok(usable.then(|| boundary.to_vec()))
    }

    /// The next delimiter line of any open multipart, at or behind the start of a line.
    fn next_delimiter(&self, start: usize, cx: &mut Cx<'_>) -> Result<Option<Hit>, Refusal> {
        if self.frames.is_empty() {
            return Ok(None);
        }
        let mut at = start;
        loop {
            let rest = self.input.get(at..).unwrap_or_default();
            if !rest.starts_with(b"--") {
                let Some(found) = self.delimiter.find(rest) else {
                    return Ok(None);
                };
                at = at.saturating_add(found).saturating_add(1);
            }
            cx.charge(Resource::Steps, 1)?;
            let Some((line, next)) = line_at(self.input, at) else {
                return Ok(None);
            };
            match match_delimiter(&self.frames, line) {
                Some((frame, close)) => {
                    return Ok(Some(Hit {
                        line: at,
                        next,
                        frame,
                        close,
                    }));
                }
                None => self.note_near_miss(line, cx),
            }
            at = next;
        }
    }

    /// A line that other readers, which compare prefixes (RFC 2046 section 5.1.1), would take for a
    /// delimiter.
    fn note_near_miss(&self, line: &[u8], cx: &mut Cx<'_>) {
        let near = self.frames.last().is_some_and(|frame| {
            line.strip_prefix(b"--")
                .is_some_and(|rest| rest.starts_with(&frame.boundary))
        });
        if near {
            cx.note(FindingCode::MimeBoundary);
        }
    }

    /// Goes over a delimiter line: what was open ends, the multiparts inside of its own end, and
    /// the next part or an epilogue begins.
    fn cross(&mut self, open: Open, hit: &Hit, cx: &mut Cx<'_>) -> Result<Open, Refusal> {
        let own_preamble = self.frames.len() == hit.frame.saturating_add(1);
        self.end_content(open, hit.line, own_preamble, cx);
        while self.frames.len() > hit.frame.saturating_add(1) {
            self.pop_unterminated(cx);
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.divided = true;
        }
        if hit.close {
            self.frames.pop();
            return Ok(Open::Epilogue { start: hit.next });
        }
        self.entity(hit.next, cx).map(|(_, open)| open)
    }

    /// The end of the input.
    fn end(&mut self, open: Open, cx: &mut Cx<'_>) {
        self.end_content(open, self.input.len(), false, cx);
        while !self.frames.is_empty() {
            self.pop_unterminated(cx);
        }
    }

    fn pop_unterminated(&mut self, cx: &mut Cx<'_>) {
        if self.frames.pop().is_some_and(|frame| frame.divided) {
            cx.note(FindingCode::MimeUnterminated);
        }
    }

    /// Ends what is open at `end`. A preamble that does not end with its own delimiter is the whole
    /// content of a multipart that was never divided.
    fn end_content(&mut self, open: Open, end: usize, own_preamble: bool, cx: &mut Cx<'_>) {
        let at_end = end == self.input.len();
        let bytes = self.input.get(open.start()..end).unwrap_or_default();
        // the line end before a delimiter belongs to it
        let bytes = if at_end { bytes } else { trim_eol(bytes) };
        match open {
            Open::Leaf { node, .. } => self.set_body(node, bytes),
            Open::Preamble { .. } if own_preamble => hidden::note(bytes, cx),
            Open::Preamble { .. } => {
                cx.note(FindingCode::MimeNoDelimiter);
                let node = self.frames.last().map_or(0, |frame| frame.node);
                self.set_body(node, bytes);
                if let Some(node) = self.nodes.get_mut(node) {
                    node.form = Form::Undivided;
                }
            }
            Open::Epilogue { .. } => hidden::note(bytes, cx),
        }
    }

    fn set_body(&mut self, node: usize, bytes: &'a [u8]) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.body = bytes;
        }
    }
}

/// Whose delimiter a line is, and whether the last one. Blanks may follow it. The innermost of two
/// multiparts with one boundary wins.
fn match_delimiter(frames: &[Frame], line: &[u8]) -> Option<(usize, bool)> {
    let line = line.strip_prefix(b"--")?;
    let line = line.trim_ascii_end();
    let closed = line.strip_suffix(b"--");
    frames.iter().enumerate().rev().find_map(|(index, frame)| {
        if line == frame.boundary {
            Some((index, false))
        } else {
            (closed == Some(frame.boundary.as_slice())).then_some((index, true))
        }
    })
}

/// Empty lines and a byte order mark on top, which some programs leave there.
fn leading_blanks(input: &[u8]) -> usize {
    let head = input.get(..input.len().min(64)).unwrap_or_default();
    let bare = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let blanks = bare
        .iter()
        .take_while(|b| matches!(b, b'\r' | b'\n'))
        .count();
    head.len().saturating_sub(bare.len()).saturating_add(blanks)
}
