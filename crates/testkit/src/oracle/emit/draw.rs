//! Draws pieces from the bytes of a fuzzer.

use crate::oracle::SMALL;
use arbitrary::{Result, Unstructured};
use mugai_core::{
    AddrSpec, AuthMethod, AuthResult, AuthResults, AuthVerdict, Budget, Canvas, Cell, Date,
    Envelope, Host, Layer, Line, Links, Mailbox, MsgId, Page, Piece, PixelFormat, Row, Run,
    SafeName, Target, Text,
};

/// Strings that writers have to make something else of, for a fuzzer to begin with.
const SUSPECTS: [&str; 16] = [
    "http://evil.example/",
    "=cmd|'/c calc'!A0",
    "＝1+1",
    "begin 644 a.exe",
    "=ybegin line=128",
    "-----BEGIN PGP MESSAGE-----",
    "<script>",
    "From a",
    "\u{202e}fdp.exe",
    "a@b.example",
    "www.example.jp",
    "--=_",
    "\r\nBcc: q",
    "=?utf-8?B?YQ==?=",
    "\"x\",;\ty",
    "葛\u{e0100}飾〓",
];

/// Any string: drawn, or one of [`SUSPECTS`] with something around it.
pub(super) fn string(source: &mut Unstructured<'_>) -> Result<String> {
    let mut out = String::new();
    for _ in 0..source.int_in_range(0..=4u8)? {
        if source.arbitrary()? {
            out.push_str(source.choose(&SUSPECTS)?);
        } else {
            out.push_str(source.arbitrary()?);
        }
    }
    Ok(out)
}

pub(super) fn text(source: &mut Unstructured<'_>) -> Result<Piece> {
    Ok(Piece::Text(Text::clean(&string(source)?).0))
}

pub(super) fn links(source: &mut Unstructured<'_>) -> Result<Links> {
    source.choose(&[Links::Defang, Links::Drop]).copied()
}

pub(super) fn row(source: &mut Unstructured<'_>) -> Result<Piece> {
    let mut cells = Vec::new();
    for _ in 0..source.int_in_range(0..=5u8)? {
        cells.push(Cell::text(Text::clean(&string(source)?).0));
    }
    match Row::new(cells) {
        Ok(row) => Ok(Piece::Row(row)),
        Err(refusal) => panic!("{refusal}"),
    }
}

/// A small page; its colours repeat, so that palettes and grey are met.
pub(super) fn page(source: &mut Unstructured<'_>, photographic: Option<bool>) -> Result<Piece> {
    let (width, height) = (
        source.int_in_range(1..=40u32)?,
        source.int_in_range(1..=40u32)?,
    );
    let format = *source.choose(&[PixelFormat::Grey8, PixelFormat::Rgb8])?;
    let photographic = match photographic {
        Some(photographic) => photographic,
        None => source.arbitrary()?,
    };
    let colours: [u8; 7] = source.arbitrary()?;
    let budget = Budget::new(SMALL);
    let mut canvas = match Page::start(width, height, format, &budget) {
        Ok(canvas) => canvas.with_photographic(photographic),
        Err(refusal) => panic!("{refusal}"),
    };
    canvas = canvas.with_layer(layer(source, &budget)?);
    if source.arbitrary()? {
        canvas = canvas.with_size_millipoints(source.arbitrary()?, source.arbitrary()?);
    }
    let length = canvas.byte_len();
    let drawn = source.bytes(length.min(source.len()))?;
    let pixels: Vec<u8> = drawn
        .iter()
        .chain(colours.iter().cycle())
        .take(length)
        .copied()
        .collect();
    let (canvas, pixels) = if source.arbitrary()? {
        seen_through(canvas, format, pixels, source.arbitrary()?)
    } else {
        (canvas, pixels)
    };
    match canvas.fill(pixels) {
        Ok(page) => Ok(Piece::Page(page)),
        Err(refusal) => panic!("{refusal}"),
    }
}

/// The same with opacities in turn, and as light as these let it be.
fn seen_through(
    canvas: Canvas,
    format: PixelFormat,
    mut pixels: Vec<u8>,
    opacities: [u8; 3],
) -> (Canvas, Vec<u8>) {
    let opacities = opacities.map(Page::cover);
    let covers = opacities.iter().copied().cycle();
    let covers: Vec<u8> = pixels
        .chunks_exact_mut(format.bytes())
        .zip(covers)
        .map(|(pixel, covers)| {
            for sample in pixel {
                *sample = (*sample).max(!covers);
            }
            covers
        })
        .collect();
    (canvas.with_opacity(covers), pixels)
}

/// A few runs of text, anywhere and in any direction.
fn layer(source: &mut Unstructured<'_>, budget: &Budget) -> Result<Layer> {
    let mut runs = Vec::new();
    for _ in 0..source.int_in_range(0..=4u8)? {
        let line = Line::clean(&string(source)?).0;
        let line: String = line.as_str().chars().take(40).collect();
        let line = Line::clean(&line).0;
        let advances = line
            .as_str()
            .chars()
            .map(|_| source.arbitrary())
            .collect::<Result<Vec<u16>>>()?;
        let at = (
            source.int_in_range(0..=9_000)?,
            source.int_in_range(0..=9_000)?,
        );
        let direction = *source.choose(&[(1000, 0), (0, 1000), (-1000, 0), (707, -707)])?;
        let size = source.int_in_range(1..=2_000)?;
        // an empty line is no run
        runs.extend(Run::new(at, direction, size, line, advances));
    }
    match Layer::new(runs, budget) {
        Ok(layer) => Ok(layer),
        Err(refusal) => panic!("{refusal}"),
    }
}

/// What a server found out, as often as not.
fn auth(source: &mut Unstructured<'_>) -> Result<Vec<AuthResults>> {
    let Some(server) =
        Host::parse("mx.city.example").filter(|_| source.arbitrary().unwrap_or(false))
    else {
        return Ok(Vec::new());
    };
    let mut results = Vec::new();
    for _ in 0..source.int_in_range(1..=5)? {
        results.push(AuthResult {
            method: *source.choose(&AuthMethod::ALL)?,
            verdict: *source.choose(&AuthVerdict::ALL)?,
            domain: Host::parse(&string(source)?),
        });
    }
    Ok(vec![AuthResults { server, results }])
}

pub(super) fn envelope(source: &mut Unstructured<'_>) -> Result<Envelope> {
    Ok(Envelope {
        from: mailboxes(source)?,
        to: mailboxes(source)?,
        cc: mailboxes(source)?,
        reply_to: mailboxes(source)?,
        subject: line(source)?,
        date: Date::new(source.arbitrary()?, source.arbitrary()?).ok(),
        message_id: id(source)?,
        in_reply_to: id(source)?.into_iter().collect(),
        references: id(source)?.into_iter().chain(id(source)?).collect(),
        list_id: line(source)?,
        auto_submitted: line(source)?,
        precedence: line(source)?,
        auth: auth(source)?,
    })
}

/// A name that fits its target, as the engine gives them.
pub(super) fn name(source: &mut Unstructured<'_>, target: Target, number: u32) -> Result<SafeName> {
    let extension = target.extension();
    let stem = string(source)?.replace('.', "");
    let raw = format!("{stem}-{number}.{extension}");
    match SafeName::clean(&raw).0 {
        Some(name) if name.split_extension().1 == Some(extension) => Ok(name),
        _ => Err(arbitrary::Error::IncorrectFormat),
    }
}

fn line(source: &mut Unstructured<'_>) -> Result<Option<Line>> {
    let text = string(source)?;
    Ok((!text.is_empty()).then(|| Line::clean(&text).0))
}

fn id(source: &mut Unstructured<'_>) -> Result<Option<MsgId>> {
    let raw = string(source)?;
    Ok(MsgId::parse(&raw)
        .or_else(|_| MsgId::parse(&format!("{}@x", raw.replace('@', ""))))
        .ok())
}

fn mailboxes(source: &mut Unstructured<'_>) -> Result<Vec<Mailbox>> {
    let mut list = Vec::new();
    for _ in 0..source.int_in_range(0..=2u8)? {
        let raw = string(source)?;
        let address = AddrSpec::parse(&raw)
            .or_else(|_| AddrSpec::parse(&format!("{}@b.example", raw.replace('@', ""))))
            .ok();
        list.extend(Mailbox::new(line(source)?, address));
    }
    Ok(list)
}
