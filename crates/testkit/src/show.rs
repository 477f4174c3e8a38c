//! Pieces in a form that people can read and compare.

use crate::bytes_of;
use mugai_core::Markup;
use mugai_core::contents::Way;
use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Space;
use mugai_core::{
    Assignment, Budget, Child, Contents, Cx, Drawing, Envelope, Finding, Fonts, Hints, Kind, Layer,
    Limits, Mailbox, NoFonts, Page, Params, Piece, Purpose, Refusal, Role, Sink, Treatments,
};
use std::fmt::{Display, Write as _};

/// Children of at most this many bytes of text are shown whole.
const SHORT: usize = 600;

/// Pictures of at most this many bytes are shown pixel by pixel.
const TINY: usize = 96;

/// Keeps everything that a reader says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tape {
    /// The kind that was recognised.
    pub kind: Option<Kind>,
    /// All pieces.
    pub pieces: Vec<Piece>,
    /// All findings.
    pub findings: Vec<Finding>,
}

impl Sink for Tape {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        self.kind = Some(kind);
        Ok(())
    }

    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        self.pieces.push(piece);
        Ok(())
    }

    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.findings.push(finding);
        Ok(())
    }
}

impl Tape {
    /// What was told, where that is nothing but text.
    ///
    /// # Panics
    /// For a piece of another sort.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.pieces.iter().map(|piece| {
            let Piece::Text(text) = piece else {
                panic!("{piece:?}")
            };
            text.as_str()
        });
        texts.collect()
    }
}

impl Tape {
    /// The parts that were told, where they are all that was.
    ///
    /// # Panics
    /// For a piece of another sort.
    #[must_use]
    pub fn parts(self) -> Vec<Markup> {
        let parts = self.pieces.into_iter().map(|piece| {
            let Piece::Markup(part) = piece else {
                panic!("{piece:?}")
            };
            part
        });
        parts.collect()
    }
}

/// Has `open` read something under an order with these treatments and hints, and keeps what it says.
///
/// # Panics
/// When findings cannot be put, which a tape never refuses.
pub fn taped<R>(
    treatments: Treatments,
    hints: Hints,
    open: impl FnOnce(&mut Cx<'_>) -> R,
) -> (R, Tape) {
    let limits = Limits {
        bytes: 1 << 24,
        pixels: 0,
        parts: 1_000,
        depth: 0,
        steps: 1 << 22,
    };
    let assignment = Assignment {
        hints,
        treatments,
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut tape = Tape::default();
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
    let result = open(&mut cx);
    assert!(cx.flush().is_ok(), "a tape takes everything");
    (result, tape)
}

/// Opens `input` as a worker would, without a fence, and shows what the reader says.
pub fn opened(input: &[u8], assignment: &Assignment, fonts: &dyn Fonts) -> String {
    let budget = Budget::new(assignment.limits);
    let mut tape = Tape::default();
    let mut cx = Cx::new(assignment, &budget, fonts, &mut tape);
    let result = mugai_open::open(input, &mut cx);
    let mut out = String::new();
    line(&mut out, "kind", tape.kind.map_or("-", Kind::code));
    for piece in joined(tape.pieces) {
        show(&piece, &mut out);
    }
    for finding in &tape.findings {
        let text = format!("{} {}", finding.code.code(), finding.count);
        line(&mut out, "finding", text);
    }
    match result {
        Ok(()) => line(&mut out, "end", "whole"),
        Err(refusal) => line(&mut out, "end", refusal),
    }
    out
}

/// One line `name: value`; writing to a string cannot fail.
fn line(out: &mut String, name: &str, value: impl Display) {
    let _ = writeln!(out, "{name}: {value}");
}

/// Texts that follow each other are one text: where a reader cuts it says nothing.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (out.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => {
                let whole = format!("{}{}", before.as_str(), text.as_str());
                *before = mugai_core::Text::clean_owned(whole).0;
            }
            (_, piece) => out.push(piece),
        }
    }
    out
}

fn show(piece: &Piece, out: &mut String) {
    match piece {
        Piece::Text(text) => {
            line(out, "text", "");
            quoted(text.as_str(), out);
        }
        Piece::Page(page) => show_page(page, out),
        Piece::Drawing(drawing) => show_drawing(drawing, out),
        Piece::Contents(contents) => show_contents(contents, out),
        Piece::Row(row) => {
            let cells: Vec<String> = row
                .cells()
                .iter()
                .map(|cell| format!("{:?}", cell.as_str()))
                .collect();
            line(out, "row", cells.join(" "));
        }
        Piece::Markup(part) => show_markup(part, out),
        Piece::Envelope(envelope) => show_envelope(envelope, out),
        Piece::Child(child) => show_child(child, out),
    }
}

fn show_markup(part: &Markup, out: &mut String) {
    line(
        out,
        "part",
        format!("{:?} needs {:?}", part.kind(), part.needs()),
    );
    let prefix = |space: Option<Space>| space.map_or("", Space::prefix);
    let mut depth = 0usize;
    for event in part.events() {
        let shown = match event {
            Event::Open(element) => {
                depth = depth.saturating_add(1);
                format!("{}:{}", prefix(element.space()), element.local())
            }
            Event::Attribute(attribute, value) => {
                format!(
                    "  {}:{}={value:?}",
                    prefix(attribute.space()),
                    attribute.local()
                )
            }
            Event::Reference(attribute, place) => {
                format!(
                    "  {}:{} -> {place:?}",
                    prefix(attribute.space()),
                    attribute.local()
                )
            }
            Event::Link(attribute, address) => {
                format!(
                    "  {}:{} -> {address:?}",
                    prefix(attribute.space()),
                    attribute.local()
                )
            }
            Event::Text(text) => format!("  {text:?}"),
            Event::Close => {
                depth = depth.saturating_sub(1);
                continue;
            }
        };
        out.push_str(&" ".repeat(depth));
        out.push_str(shown.trim_start_matches(':'));
        out.push('\n');
    }
}

/// Every line behind a bar, what cannot be seen escaped.
fn quoted(text: &str, out: &mut String) {
    for line in text.split_inclusive('\n') {
        let (shown, end) = match line.strip_suffix('\n') {
            Some(line) => (line, ""),
            None => (line, "\u{2410}"),
        };
        let shown: String = shown
            .chars()
            .map(|c| match c {
                '\t' => "\\t".to_owned(),
                c if c.is_control() => c.escape_unicode().to_string(),
                c => c.to_string(),
            })
            .collect();
        let _ = writeln!(out, "  | {shown}{end}");
    }
}

fn show_drawing(drawing: &Drawing, out: &mut String) {
    let (width, height) = drawing.size_millipoints();
    let size = format!("{width} x {height} thousandths of a point");
    line(out, "drawing", size);
    for glyph in drawing.glyphs() {
        let outline = glyph.outline().segments();
        let _ = writeln!(
            out,
            "  glyph {:?} {} {}",
            glyph.meaning(),
            glyph.advance(),
            shown(outline)
        );
    }
    for step in drawing.steps() {
        let _ = writeln!(out, "  {}", shown(step));
    }
    show_layer(drawing.layer(), out);
}

fn show_contents(contents: &Contents, out: &mut String) {
    line(out, "contents", "");
    for entry in contents.entries() {
        let _ = writeln!(
            out,
            "  {} {:?} to {:?}",
            entry.level,
            entry.title.as_str(),
            entry.to.map(|to| (to.page, to.down))
        );
    }
    for label in contents.labels() {
        let _ = writeln!(out, "  page {:?}", label.as_str());
    }
}

/// A value in one line, its end cut off where it is long.
fn shown(value: &(impl std::fmt::Debug + ?Sized)) -> String {
    let all = format!("{value:?}");
    if all.chars().count() <= 200 {
        return all;
    }
    let digest: String = blake3::hash(all.as_bytes())
        .to_hex()
        .chars()
        .take(16)
        .collect();
    let head: String = all.chars().take(120).collect();
    format!("{head}… {digest}")
}

fn show_page(page: &Page, out: &mut String) {
    let pixels = page.pixels();
    let digest = blake3::hash(pixels).to_hex();
    let digest: String = digest.chars().take(16).collect();
    let paper = page.size_millipoints().map_or_else(String::new, |(w, h)| {
        format!(", {w} x {h} thousandths of a point")
    });
    let purpose = match page.purpose() {
        Purpose::Sheet => String::new(),
        other @ (Purpose::Picture | Purpose::Mask | Purpose::Stencil) => format!(", {other:?}"),
    };
    let source = if page.photographic() {
        ", photographic"
    } else {
        ""
    };
    let opacity = page.opacity().map_or_else(String::new, |opacity| {
        let digest = blake3::hash(opacity).to_hex();
        let digest: String = digest.chars().take(16).collect();
        format!(", opacity {digest}")
    });
    line(
        out,
        "page",
        format!(
            "{} x {} {:?}{paper}{source}{purpose}{opacity}, pixels {digest}",
            page.width_px(),
            page.height_px(),
            page.format()
        ),
    );
    show_layer(page.layer(), out);
    if pixels.len() <= TINY {
        let row = usize::try_from(page.width_px()).unwrap_or(1);
        for row in pixels.chunks(row.saturating_mul(page.format().bytes()).max(1)) {
            let _ = writeln!(out, "  | {}", hex(row));
        }
    }
}

fn show_layer(layer: &Layer, out: &mut String) {
    for link in layer.links() {
        let to = match &link.to {
            Way::Spot(spot) => format!("{:?}", (spot.page, spot.down)),
            Way::Address(address) => address.to_string(),
        };
        let _ = writeln!(out, "  link {:?} to {to}", link.area);
    }
    for run in layer.runs() {
        let ((left, above), (right, down)) = (run.at(), run.direction());
        let text = run.text().as_str();
        let _ = writeln!(
            out,
            "  {left}, {above} towards {right}, {down} size {}: {text}",
            run.size()
        );
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn show_envelope(envelope: &Envelope, out: &mut String) {
    line(out, "envelope", "");
    let boxes = |list: &[Mailbox]| {
        let shown: Vec<String> = list.iter().map(mailbox).collect();
        shown.join(", ")
    };
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(out, "  {name}: {value}");
        }
    };
    field("from", boxes(&envelope.from));
    field("to", boxes(&envelope.to));
    field("cc", boxes(&envelope.cc));
    field("reply-to", boxes(&envelope.reply_to));
    for (name, text) in [
        ("subject", &envelope.subject),
        ("list-id", &envelope.list_id),
        ("auto-submitted", &envelope.auto_submitted),
        ("precedence", &envelope.precedence),
    ] {
        field(
            name,
            text.as_ref()
                .map_or_else(String::new, |t| t.as_str().to_owned()),
        );
    }
    let date = envelope
        .date
        .map(|d| format!("{} {:+}", d.unix_seconds(), d.offset_minutes()));
    field("date", date.unwrap_or_default());
    let ids = |ids: &[mugai_core::MsgId]| {
        let ids: Vec<&str> = ids.iter().map(mugai_core::MsgId::as_str).collect();
        ids.join(" ")
    };
    for results in &envelope.auth {
        let shown = results.results.iter().map(|result| {
            let domain = result.domain.as_ref().map_or("", mugai_core::Host::as_str);
            let text = format!(
                "{}={} {domain}",
                result.method.code(),
                result.verdict.code()
            );
            text.trim_end().to_owned()
        });
        let shown: Vec<String> = shown.collect();
        field(
            "auth",
            format!("{}: {}", results.server.as_str(), shown.join("; ")),
        );
    }
    field("message-id", ids(envelope.message_id.as_slice()));
    field("in-reply-to", ids(&envelope.in_reply_to));
    field("references", ids(&envelope.references));
}

fn mailbox(mailbox: &Mailbox) -> String {
    let name = mailbox.name().map_or("-", mugai_core::Line::as_str);
    let address = mailbox
        .address()
        .map_or("-".into(), mugai_core::AddrSpec::to_wire);
    format!("{name} <{address}>")
}

fn show_child(child: &Child, out: &mut String) {
    let role = match child.role {
        Role::Body { group, choice } => format!("body {group}.{choice}"),
        Role::Attachment => "attachment".to_owned(),
        Role::Message => "message".to_owned(),
        Role::Picture => "picture".to_owned(),
        Role::Member => "member".to_owned(),
    };
    let name = child
        .name
        .as_ref()
        .map_or("-", mugai_core::SafeName::as_str);
    line(out, "child", format!("{role}, {name}"));
    let hints = &child.hints;
    let mut said: Vec<String> = Vec::new();
    said.extend(hints.declared.as_ref().map(|t| t.as_str().to_owned()));
    said.extend(
        hints
            .charset
            .as_ref()
            .map(|t| format!("charset {}", t.as_str())),
    );
    said.extend(
        hints
            .extension
            .as_ref()
            .map(|t| format!("extension {}", t.as_str())),
    );
    for (flag, word) in [
        (hints.flowed, "flowed"),
        (hints.delsp, "delsp"),
        (hints.body, "body"),
    ] {
        said.extend(flag.then(|| word.to_owned()));
    }
    for (cid, name) in &hints.pictures {
        said.push(format!("picture {} = {name}", cid.as_str()));
    }
    said.extend(
        hints
            .folders
            .iter()
            .map(|folder| format!("folder {folder}")),
    );
    said.extend(hints.packed.as_ref().map(|packed| format!("{packed:?}")));
    let _ = writeln!(out, "  said: {}", said.join("; "));
    let bytes = &bytes_of(child.content.content());
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.len() <= SHORT => quoted(&text.replace('\r', ""), out),
        _ => {
            let digest: String = blake3::hash(bytes).to_hex().chars().take(16).collect();
            let _ = writeln!(out, "  {} bytes, {digest}", bytes.len());
        }
    }
}
