//! How pieces are laid out inside a frame: integers little endian, strings behind their length.

use crate::address::{AddrSpec, Mailbox};
use crate::assignment::Hints;
use crate::auth::{AuthMethod, AuthResult, AuthResults, AuthVerdict, Host, MAX_RESULTS};
use crate::budget::{Budget, Resource};
use crate::layer::{Layer, MAX_LINKS, MAX_RUN_CHARS, MAX_RUNS, Run};
use crate::markup::{Markup, PartKind};
use crate::message::{Date, Envelope, MAX_MAILBOXES, MAX_REFERENCES, MsgId};
use crate::name::SafeName;
use crate::page::{Page, PixelFormat, Purpose};
use crate::piece::{Child, Piece, Role};
use crate::refusal::Refusal;
use crate::table::{Cell, MAX_CELLS, Row};
use crate::text::{Line, Text};
use crate::untrusted::Untrusted;
use crate::wire::order::{decode_hints, encode_hints, of_tag, tag};

/// The most parts that a part of a document may need.
const MAX_NEEDS: usize = 10_000;

/// Takes values from the front of a slice.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there are fewer; the same holds for all that follows.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let (head, tail) = self
            .0
            .split_at_checked(count)
            .ok_or(Refusal::malformed("wire: frame ends early"))?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let bytes = self.take(N)?;
        <[u8; N]>::try_from(bytes).map_err(|_| Refusal::malformed("wire: frame ends early"))
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Refusal> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, Refusal> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, Refusal> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, Refusal> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Four bytes with a sign.
    pub fn i32(&mut self) -> Result<i32, Refusal> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    /// A flag: 0 or 1.
    pub fn flag(&mut self) -> Result<bool, Refusal> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Refusal::malformed("wire: flag is neither 0 nor 1")),
        }
    }

    /// Bytes behind their length of four bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], Refusal> {
        let length = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        self.take(length)
    }

    /// UTF-8 behind its length.
    pub fn str(&mut self) -> Result<&'a str, Refusal> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Refusal::malformed("wire: not UTF-8"))
    }

    /// A count of at most `most`.
    pub fn count(&mut self, most: usize) -> Result<usize, Refusal> {
        let count = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        if count > most {
            return Err(Refusal::malformed("wire: more items than allowed"));
        }
        Ok(count)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when something is.
    pub const fn end(&self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Refusal::malformed("wire: data after the end"))
        }
    }
}

/// Two bytes.
pub fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Four bytes.
pub fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Eight bytes.
pub fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Bytes behind their length. What is over 4 GiB is cut, so that its frame fails to decode.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u32(out, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(bytes);
}

/// UTF-8 behind its length.
pub fn put_str(out: &mut Vec<u8>, text: &str) {
    put_bytes(out, text.as_bytes());
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    put_u32(out, u32::try_from(count).unwrap_or(u32::MAX));
}

pub(super) fn put_option<T>(
    out: &mut Vec<u8>,
    value: Option<&T>,
    put: impl FnOnce(&mut Vec<u8>, &T),
) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}

pub(super) fn option<'a, T>(
    reader: &mut Reader<'a>,
    get: impl FnOnce(&mut Reader<'a>) -> Result<T, Refusal>,
) -> Result<Option<T>, Refusal> {
    if reader.flag()? {
        get(reader).map(Some)
    } else {
        Ok(None)
    }
}

pub(super) fn put_list<T>(out: &mut Vec<u8>, items: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    put_count(out, items.len());
    for item in items {
        put(out, item);
    }
}

pub(super) fn list<'a, T>(
    reader: &mut Reader<'a>,
    most: usize,
    get: impl Fn(&mut Reader<'a>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let count = reader.count(most)?;
    // no capacity on faith: the list grows as its items really come
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(get(reader)?);
    }
    Ok(items)
}

/// Appends a piece; contents of parts that are shared with `input` by their place in it.
pub(super) fn encode_piece(piece: &Piece, input: &Untrusted, out: &mut Vec<u8>) {
    match piece {
        Piece::Text(text) => out.extend_from_slice(text.as_str().as_bytes()),
        Piece::Page(page) => encode_page(page, out),
        Piece::Drawing(drawing) => super::drawing::encode_drawing(drawing, out),
        Piece::Contents(contents) => super::contents::encode_contents(contents, out),
        Piece::Row(row) => put_list(out, row.cells(), |out, cell| put_str(out, cell.as_str())),
        Piece::Markup(markup) => {
            out.push(markup.kind().tag());
            put_list(out, markup.needs(), |out, number| put_u32(out, *number));
            out.extend_from_slice(markup.encoded());
        }
        Piece::Envelope(envelope) => encode_envelope(envelope, out),
        Piece::Child(child) => {
            put_option(out, child.name.as_ref(), |out, name| {
                put_str(out, name.as_str());
            });
            encode_role(child.role, out);
            encode_hints(&child.hints, out);
            encode_content(&child.content, input, out);
        }
    }
}

pub(super) fn decode_text(reader: &mut Reader<'_>, budget: &Budget) -> Result<Piece, Refusal> {
    let bytes = std::mem::replace(reader, Reader(&[])).0;
    budget.charge_len(Resource::Bytes, bytes.len())?;
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::malformed("wire: not UTF-8"))?;
    Text::check(text.to_owned()).map(Piece::Text)
}

fn encode_page(page: &Page, out: &mut Vec<u8>) {
    let opacity = page.opacity().unwrap_or_default();
    out.reserve(
        page.pixels()
            .len()
            .saturating_add(opacity.len())
            .saturating_add(32),
    );
    put_u32(out, page.width_px());
    put_u32(out, page.height_px());
    out.push(match page.format() {
        PixelFormat::Grey8 => 0,
        PixelFormat::Rgb8 => 1,
    });
    out.push(u8::from(page.photographic()));
    let purpose = Purpose::ALL.iter().position(|of| *of == page.purpose());
    out.push(u8::try_from(purpose.unwrap_or(0)).unwrap_or(0));
    put_option(
        out,
        page.size_millipoints().as_ref(),
        |out, (width, height)| {
            put_u32(out, *width);
            put_u32(out, *height);
        },
    );
    put_layer(out, page.layer());
    out.push(u8::from(page.opacity().is_some()));
    out.extend_from_slice(page.pixels());
    out.extend_from_slice(opacity);
}

pub(super) fn put_layer(out: &mut Vec<u8>, layer: &Layer) {
    put_list(out, layer.runs(), put_run);
    put_list(out, layer.links(), super::contents::put_link);
}

/// What [`put_layer`] put, paid for.
pub(super) fn layer(reader: &mut Reader<'_>, budget: &Budget) -> Result<Layer, Refusal> {
    let runs = list(reader, MAX_RUNS, run)?;
    let links = list(reader, MAX_LINKS, super::contents::link)?;
    Layer::new(runs, budget)?.with_links(links, budget)
}

fn put_run(out: &mut Vec<u8>, run: &Run) {
    put_u32(out, run.at().0);
    put_u32(out, run.at().1);
    out.extend_from_slice(&run.direction().0.to_le_bytes());
    out.extend_from_slice(&run.direction().1.to_le_bytes());
    put_u32(out, run.size());
    put_line(out, run.text());
    put_list(out, run.advances(), |out, advance| put_u16(out, *advance));
}

fn run(reader: &mut Reader<'_>) -> Result<Run, Refusal> {
    let at = (reader.u32()?, reader.u32()?);
    let direction = (
        i16::from_le_bytes(reader.array()?),
        i16::from_le_bytes(reader.array()?),
    );
    let size = reader.u32()?;
    let text = line(reader)?;
    let advances = list(reader, MAX_RUN_CHARS, Reader::u16)?;
    Run::new(at, direction, size, text, advances)
}

pub(super) fn decode_page(reader: &mut Reader<'_>, budget: &Budget) -> Result<Piece, Refusal> {
    let (width, height) = (reader.u32()?, reader.u32()?);
    let format = match reader.u8()? {
        0 => PixelFormat::Grey8,
        1 => PixelFormat::Rgb8,
        _ => return Err(Refusal::malformed("wire: unknown pixel format")),
    };
    let photographic = reader.flag()?;
    let purpose = Purpose::ALL
        .get(usize::from(reader.u8()?))
        .copied()
        .ok_or(Refusal::malformed("wire: unknown purpose"))?;
    let size = option(reader, |r| Ok((r.u32()?, r.u32()?)))?;
    let mut canvas = Page::start(width, height, format, budget)?
        .with_photographic(photographic)
        .with_purpose(purpose);
    canvas = canvas.with_layer(layer(reader, budget)?);
    if let Some((width, height)) = size {
        canvas = canvas.with_size_millipoints(width, height);
    }
    let shows_through = reader.flag()?;
    let pixels = reader.take(canvas.byte_len())?;
    canvas.push(pixels)?;
    if shows_through {
        let length = canvas.byte_len().checked_div(format.bytes()).unwrap_or(0);
        let opacity = reader.take(length)?;
        budget.charge_len(Resource::Bytes, length)?;
        canvas = canvas.with_opacity(opacity.to_vec());
    }
    canvas.finish().map(Piece::Page)
}

pub(super) fn decode_row(reader: &mut Reader<'_>, budget: &Budget) -> Result<Piece, Refusal> {
    let cells = list(reader, MAX_CELLS, |r| {
        Ok(Cell::text(Text::check(r.str()?.to_owned())?))
    })?;
    let piece = Piece::Row(Row::new(cells)?);
    piece.pay(budget)?;
    Ok(piece)
}

pub(super) fn decode_markup(reader: &mut Reader<'_>, budget: &Budget) -> Result<Piece, Refusal> {
    let kind = PartKind::from_tag(reader.u8()?).ok_or(Refusal::malformed("wire: unknown part"))?;
    let needs = list(reader, MAX_NEEDS, Reader::u32)?;
    let events = std::mem::replace(reader, Reader(&[])).0;
    budget.charge_len(Resource::Bytes, events.len())?;
    Markup::check(kind, needs, events.to_vec()).map(Piece::Markup)
}

fn encode_role(role: Role, out: &mut Vec<u8>) {
    match role {
        Role::Body { group, choice } => {
            out.push(0);
            put_u32(out, group);
            put_u32(out, choice);
        }
        Role::Attachment => out.push(1),
        Role::Message => out.push(2),
        Role::Picture => out.push(3),
        Role::Member => out.push(4),
    }
}

fn encode_content(content: &Untrusted, input: &Untrusted, out: &mut Vec<u8>) {
    let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    if let Some(place) = content.place_in(input) {
        out.push(1);
        put_u64(out, number(place.start));
        put_u64(out, number(place.len()));
    } else {
        out.push(0);
        // a worker, which has no files, has made them: they are here
        out.extend_from_slice(&content.load().unwrap_or_default());
    }
}

/// Bytes, or a place in the input that the receiver has itself. Either is paid for in full.
fn decode_content(
    reader: &mut Reader<'_>,
    input: &Untrusted,
    role: Role,
    budget: &Budget,
) -> Result<Untrusted, Refusal> {
    if !reader.flag()? {
        let content = std::mem::replace(reader, Reader(&[])).0;
        budget.charge_len(Resource::Bytes, content.len())?;
        return Ok(Untrusted::new(content.to_vec()));
    }
    let outside = || Refusal::malformed("wire: place outside of the input");
    let (start, length) = (reader.u64()?, reader.u64()?);
    let start = usize::try_from(start).map_err(|_| outside())?;
    let length = usize::try_from(length).map_err(|_| outside())?;
    let end = start.checked_add(length).ok_or_else(outside)?;
    if end > input.len() {
        return Err(outside());
    }
    budget.charge_len(Resource::Bytes, length)?;
    // the files of an archive are all of it: each by itself would be a second one in memory
    let part = if role == Role::Member {
        input.share_place(start..end)
    } else {
        input.slice(start..end)
    };
    part.ok_or_else(outside)
}

pub(super) fn decode_child(
    reader: &mut Reader<'_>,
    input: &Untrusted,
    budget: &Budget,
) -> Result<Piece, Refusal> {
    let name = option(reader, |r| SafeName::check(r.str()?))?;
    let role = match reader.u8()? {
        0 => Role::Body {
            group: reader.u32()?,
            choice: reader.u32()?,
        },
        1 => Role::Attachment,
        2 => Role::Message,
        3 => Role::Picture,
        4 => Role::Member,
        _ => return Err(Refusal::malformed("wire: unknown role")),
    };
    let hints: Hints = decode_hints(reader)?;
    budget.charge(Resource::Parts, 1)?;
    let content = decode_content(reader, input, role, budget)?;
    Ok(Piece::Child(Box::new(Child {
        name,
        role,
        hints,
        content,
    })))
}

pub(super) fn put_line(out: &mut Vec<u8>, line: &Line) {
    put_str(out, line.as_str());
}

pub(super) fn line(reader: &mut Reader<'_>) -> Result<Line, Refusal> {
    Line::check(reader.str()?)
}

fn put_mailboxes(out: &mut Vec<u8>, list: &[Mailbox]) {
    put_list(out, list, |out, mailbox| {
        put_option(out, mailbox.name(), put_line);
        put_option(out, mailbox.address(), |out, a| put_str(out, &a.to_wire()));
    });
}

fn mailboxes(reader: &mut Reader<'_>) -> Result<Vec<Mailbox>, Refusal> {
    list(reader, MAX_MAILBOXES, |r| {
        let name = option(r, line)?;
        let address = option(r, |r| AddrSpec::parse(r.str()?))?;
        Mailbox::new(name, address).ok_or(Refusal::malformed("wire: mailbox of nothing"))
    })
}

fn put_ids(out: &mut Vec<u8>, ids: &[MsgId]) {
    put_list(out, ids, |out, id| put_str(out, id.as_str()));
}

fn ids(reader: &mut Reader<'_>) -> Result<Vec<MsgId>, Refusal> {
    list(reader, MAX_REFERENCES, |r| MsgId::parse(r.str()?))
}

fn encode_envelope(envelope: &Envelope, out: &mut Vec<u8>) {
    put_mailboxes(out, &envelope.from);
    put_mailboxes(out, &envelope.to);
    put_mailboxes(out, &envelope.cc);
    put_mailboxes(out, &envelope.reply_to);
    put_option(out, envelope.subject.as_ref(), put_line);
    put_option(out, envelope.date.as_ref(), |out, date| {
        out.extend_from_slice(&date.unix_seconds().to_le_bytes());
        out.extend_from_slice(&date.offset_minutes().to_le_bytes());
    });
    put_option(out, envelope.message_id.as_ref(), |out, id| {
        put_str(out, id.as_str());
    });
    put_ids(out, &envelope.in_reply_to);
    put_ids(out, &envelope.references);
    for line in [
        &envelope.list_id,
        &envelope.auto_submitted,
        &envelope.precedence,
    ] {
        put_option(out, line.as_ref(), put_line);
    }
    put_list(out, &envelope.auth, |out, results| {
        put_str(out, results.server.as_str());
        put_list(out, &results.results, |out, result| {
            out.push(tag(&AuthMethod::ALL, &result.method));
            out.push(tag(&AuthVerdict::ALL, &result.verdict));
            put_option(out, result.domain.as_ref(), |out, domain| {
                put_str(out, domain.as_str());
            });
        });
    });
}

fn host(reader: &mut Reader<'_>) -> Result<Host, Refusal> {
    Host::parse(reader.str()?).ok_or(Refusal::malformed("wire: not a host"))
}

fn auth_results(reader: &mut Reader<'_>) -> Result<AuthResults, Refusal> {
    Ok(AuthResults {
        server: host(reader)?,
        results: list(reader, MAX_RESULTS, |reader| {
            Ok(AuthResult {
                method: of_tag(&AuthMethod::ALL, reader)?,
                verdict: of_tag(&AuthVerdict::ALL, reader)?,
                domain: option(reader, host)?,
            })
        })?,
    })
}

pub(super) fn decode_envelope(reader: &mut Reader<'_>) -> Result<Piece, Refusal> {
    let envelope = Envelope {
        from: mailboxes(reader)?,
        to: mailboxes(reader)?,
        cc: mailboxes(reader)?,
        reply_to: mailboxes(reader)?,
        subject: option(reader, line)?,
        date: option(reader, |r| {
            Date::new(
                i64::from_le_bytes(r.array()?),
                i16::from_le_bytes(r.array()?),
            )
        })?,
        message_id: option(reader, |r| MsgId::parse(r.str()?))?,
        in_reply_to: ids(reader)?,
        references: ids(reader)?,
        list_id: option(reader, line)?,
        auto_submitted: option(reader, line)?,
        precedence: option(reader, line)?,
        auth: list(reader, MAX_RESULTS, auth_results)?,
    };
    Ok(Piece::Envelope(Box::new(envelope)))
}
