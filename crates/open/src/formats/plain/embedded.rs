//! Files that are written into a text: uuencode (POSIX.1), its base64 form, yEnc, and `BinHex`.
//!
//! They are looked for in the bytes, since yEnc is none of any charset. A block that is not whole
//! stays text. Every search for the end of a block stops at what could begin the next one, so that
//! all of them together read the text once.

use crate::charset;
use crate::formats::binhex;
use memchr::memmem::Finder;
use mugai_core::Untrusted;
use mugai_core::name::NameChanges;
use mugai_core::{Child, Cx, FindingCode, Hints, Lang, Piece, Refusal, Role, SafeName, Token};
use std::borrow::Cow;

/// A body without its embedded files.
pub(super) struct Remainder<'a> {
    /// The text, one empty line in the place of each file.
    pub(super) bytes: Cow<'a, [u8]>,
    /// For each file the number of its line, from 0, and what stands there instead.
    marks: Vec<(usize, String)>,
}

impl Remainder<'_> {
    /// The decoded text with a mark for each file.
    pub(super) fn with_marks<'b>(&self, text: Cow<'b, str>) -> Cow<'b, str> {
        if self.marks.is_empty() {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        let mut marks = self.marks.iter().peekable();
        // no charset that has lines of bytes uses LF for anything else
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if let Some((_, mark)) = marks.next_if(|(at, _)| *at == number) {
                out.push_str(mark);
            }
            out.push_str(line);
        }
        Cow::Owned(out)
    }
}

struct Block<'a> {
    name: Cow<'a, [u8]>,
    content: Vec<u8>,
    /// What follows the block.
    rest: &'a [u8],
}

/// Takes the embedded files out of `input` and puts them as parts of their own.
pub(super) fn take_out<'a>(
    input: &'a [u8],
    label: Option<&str>,
    cx: &mut Cx<'_>,
) -> Result<Remainder<'a>, Refusal> {
    let mut marks = Vec::new();
    let mut kept = Vec::new();
    let mut kept_lines = 0usize;
    let mut copied_to = input;
    let mut begins = Begins::of(input);
    let mut banners = Banners::of(input);
    let mut rest = banners.nearest(input, begins.nearest(input));
    while let Some((line, after)) = next_line(rest) {
        if let Some(block) = block_at(rest, line, after, cx)? {
            let length = copied_to.len().saturating_sub(rest.len());
            let text = copied_to.get(..length).unwrap_or_default();
            kept.extend_from_slice(text);
            kept_lines = kept_lines.saturating_add(memchr::memchr_iter(b'\n', text).count());
            kept.push(b'\n');
            rest = block.rest;
            copied_to = rest;
            marks.push((kept_lines, put(block, label, cx)?));
            kept_lines = kept_lines.saturating_add(1);
        } else {
            rest = after;
        }
        rest = banners.nearest(rest, begins.nearest(rest));
    }
    let bytes = if marks.is_empty() {
        Cow::Borrowed(input)
    } else {
        kept.extend_from_slice(copied_to);
        Cow::Owned(kept)
    };
    Ok(Remainder { bytes, marks })
}

/// Where lines begin that could begin a block. The next one is searched for once, however many banners stand before it.
struct Begins<'a> {
    finder: Finder<'static>,
    next: &'a [u8],
}

impl<'a> Begins<'a> {
    fn of(input: &'a [u8]) -> Self {
        let finder = Finder::new(BEGIN);
        let next = behind_ordinary_lines(input, &finder);
        Self { finder, next }
    }

    /// The next one in `rest`; nothing is left where there is none.
    fn nearest(&mut self, rest: &'a [u8]) -> &'a [u8] {
        if self.next.len() > rest.len() {
            self.next = behind_ordinary_lines(rest, &self.finder);
        }
        self.next
    }
}

/// Where `BinHex` begins in a text. Places are told by how much of the text is left there.
struct Banners<'a> {
    finder: Finder<'static>,
    /// The next banner that stands at the beginning of a line.
    next: Option<&'a [u8]>,
}

impl<'a> Banners<'a> {
    fn of(input: &'a [u8]) -> Self {
        let mut banners = Self {
            finder: Finder::new(binhex::BANNER),
            next: None,
        };
        banners.next = banners.search(input, true);
        banners
    }

    /// The first of two places: `other`, and the next banner in `rest`.
    fn nearest(&mut self, rest: &'a [u8], other: &'a [u8]) -> &'a [u8] {
        while let Some(next) = self.next.filter(|next| next.len() > rest.len()) {
            let behind = next.get(binhex::BANNER.len()..).unwrap_or_default();
            self.next = self.search(behind, false);
        }
        self.next
            .filter(|next| next.len() > other.len())
            .unwrap_or(other)
    }

    fn search(&self, text: &'a [u8], at_line_start: bool) -> Option<&'a [u8]> {
        let mut from = 0usize;
        loop {
            let hit = self.finder.find(text.get(from..)?)?;
            let at = from.saturating_add(hit);
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            if before.map_or(at_line_start, |byte| *byte == b'\n') {
                return text.get(at..);
            }
            from = at.saturating_add(binhex::BANNER.len());
        }
    }
}

/// What all first lines of blocks have, at their start or behind [`YENC`].
const BEGIN: &[u8] = b"begin";
const YENC: &[u8] = b"=y";

/// The lines of `rest` from the first that could begin a block, found by what is rare in texts, so
/// that lines can be short. `rest` starts with a line.
fn behind_ordinary_lines<'a>(rest: &'a [u8], begin: &Finder<'_>) -> &'a [u8] {
    let mut from = 0usize;
    while let Some(hit) = rest.get(from..).and_then(|tail| begin.find(tail)) {
        let at = from.saturating_add(hit);
        let (before, _) = rest.split_at_checked(at).unwrap_or_default();
        let before = before.strip_suffix(YENC).unwrap_or(before);
        if before.last().is_none_or(|b| *b == b'\n') {
            return rest.get(before.len()..).unwrap_or_default();
        }
        from = at.saturating_add(BEGIN.len());
    }
    &[]
}

/// Puts the file of a block; gives the mark that stands in its place.
fn put(block: Block<'_>, label: Option<&str>, cx: &mut Cx<'_>) -> Result<String, Refusal> {
    let raw = charset::decode(&block.name, label);
    let (name, changes) = SafeName::clean(raw.text.trim_matches(['"', ' ']));
    note_name(changes, cx);
    cx.note(FindingCode::MimeEmbedded);
    let word = match cx.params().lang {
        Lang::Ja => "添付",
        Lang::En => "attachment",
    };
    let mark = match &name {
        Some(name) => format!("[{word}: {name}]"),
        None => format!("[{word}]"),
    };
    let extension = name
        .as_ref()
        .and_then(|name| name.split_extension().1)
        .and_then(|extension| Token::parse(&extension.to_ascii_lowercase()));
    cx.put(Piece::Child(Box::new(Child {
        name,
        role: Role::Attachment,
        hints: Hints {
            extension,
            ..Hints::default()
        },
        content: Untrusted::new(block.content),
    })))?;
    Ok(mark)
}

fn note_name(changes: NameChanges, cx: &mut Cx<'_>) {
    if changes.unsafe_parts {
        cx.note(FindingCode::NameUnsafe);
    }
    if changes.truncated {
        cx.note(FindingCode::NameTruncated);
    }
    if !changes.scrubbed.is_nothing() {
        cx.note(FindingCode::NameBidi);
    }
}

/// The first line without its end, and what follows; `None` at the end.
fn next_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = memchr::memchr(b'\n', bytes);
    let (line, rest) = match end {
        Some(at) => bytes.split_at_checked(at)?,
        None => (bytes, &[][..]),
    };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some((line, rest.strip_prefix(b"\n").unwrap_or(rest)))
}

/// The block that begins with the first line of `text`.
fn block_at<'a>(
    text: &'a [u8],
    line: &'a [u8],
    after: &'a [u8],
    cx: &mut Cx<'_>,
) -> Result<Option<Block<'a>>, Refusal> {
    if !line.starts_with(binhex::BANNER) {
        return Ok(block(line, after));
    }
    let Some(file) = binhex::read(text, cx)? else {
        return Ok(None);
    };
    cx.note_times(FindingCode::MimeResourceFork, u32::from(file.resources));
    Ok(Some(Block {
        name: Cow::Owned(file.name),
        content: file.content,
        rest: file.rest,
    }))
}

fn block<'a>(line: &'a [u8], after: &'a [u8]) -> Option<Block<'a>> {
    if let Some(head) = line.strip_prefix(b"begin ") {
        uuencoded(name_behind_mode(head)?, after)
    } else if let Some(head) = line.strip_prefix(b"begin-base64 ") {
        base64(name_behind_mode(head)?, after)
    } else if line.starts_with(b"=ybegin ") {
        yenc(line, after)
    } else {
        None
    }
}

/// `644 name`: three or four octal digits.
fn name_behind_mode(head: &[u8]) -> Option<&[u8]> {
    let digits = head.iter().take_while(|b| matches!(b, b'0'..=b'7')).count();
    let name = head.get(digits..)?.strip_prefix(b" ")?.trim_ascii();
    ((3..=4).contains(&digits) && !name.is_empty()).then_some(name)
}

/// Lines of a length character and groups of four, up to `end`. A text that breaks off within the
/// block is taken for what there is, as mail programs do.
fn uuencoded<'a>(name: &'a [u8], body: &'a [u8]) -> Option<Block<'a>> {
    let mut content = Vec::new();
    let mut rest = body;
    loop {
        let Some((line, after)) = next_line(rest) else {
            return (!content.is_empty()).then_some(Block {
                name: Cow::Borrowed(name),
                content,
                rest,
            });
        };
        rest = after;
        if line.trim_ascii_end() == b"end" {
            return Some(Block {
                name: Cow::Borrowed(name),
                content,
                rest,
            });
        }
        uu_line(line, &mut content)?;
    }
}

/// Decodes one line. Blanks at its end may have been lost, a checksum character may follow.
fn uu_line(line: &[u8], content: &mut Vec<u8>) -> Option<()> {
    let Some((first, data)) = line.split_first() else {
        return Some(());
    };
    let length = usize::from(six_bits(*first)?);
    let groups = length.div_ceil(3).saturating_mul(4);
    if data.len() > groups.saturating_add(2) {
        return None;
    }
    let mut bytes = Vec::new();
    let mut values = data.iter().take(groups);
    for _ in 0..length.div_ceil(3) {
        let mut group = 0u32;
        for _ in 0..4 {
            let value = values.next().map_or(Some(0), |b| six_bits(*b))?;
            group = (group << 6) | u32::from(value);
        }
        let [_, a, b, c] = group.to_be_bytes();
        bytes.extend([a, b, c]);
    }
    bytes.truncate(length);
    content.extend(bytes);
    Some(())
}

const fn six_bits(byte: u8) -> Option<u8> {
    match byte {
        0x20..=0x60 => Some(byte.wrapping_sub(0x20) & 0x3f),
        _ => None,
    }
}

/// Lines of base64 up to `====`.
fn base64<'a>(name: &'a [u8], body: &'a [u8]) -> Option<Block<'a>> {
    let mut content = Vec::new();
    let (mut bits, mut count) = (0u32, 0u32);
    let mut rest = body;
    loop {
        let (line, after) = next_line(rest)?;
        rest = after;
        if line.starts_with(b"====") {
            return Some(Block {
                name: Cow::Borrowed(name),
                content,
                rest,
            });
        }
        for byte in line.trim_ascii_end() {
            let value = match byte {
                b'A'..=b'Z' => byte.checked_sub(b'A')?,
                b'a'..=b'z' => byte.checked_sub(b'a')?.checked_add(26)?,
                b'0'..=b'9' => byte.checked_sub(b'0')?.checked_add(52)?,
                b'+' => 62,
                b'/' => 63,
                b'=' => continue,
                _ => return None,
            };
            bits = (bits << 6) | u32::from(value);
            count = count.saturating_add(6);
            if count >= 8 {
                count = count.saturating_sub(8);
                let [_, _, _, byte] = (bits >> count).to_be_bytes();
                content.push(byte);
            }
        }
    }
}

/// yEnc 1.3: each byte plus 42, `=` before those that a line cannot hold, plus 64 then.
fn yenc<'a>(head: &'a [u8], body: &'a [u8]) -> Option<Block<'a>> {
    let at = memchr::memmem::find(head, b" name=")?;
    let name = head.get(at.checked_add(6)?..)?.trim_ascii();
    let mut content = Vec::new();
    let mut rest = body;
    loop {
        let (line, after) = next_line(rest)?;
        if line.starts_with(b"=ybegin ") {
            return None;
        }
        rest = after;
        if line.starts_with(b"=yend") {
            return Some(Block {
                name: Cow::Borrowed(name),
                content,
                rest,
            });
        }
        if line.starts_with(b"=ypart ") {
            continue;
        }
        let mut bytes = line.iter();
        while let Some(byte) = bytes.next() {
            let shift = if *byte == b'=' { 64u8 + 42 } else { 42 };
            let byte = if *byte == b'=' { bytes.next()? } else { byte };
            content.push(byte.wrapping_sub(shift));
        }
    }
}
