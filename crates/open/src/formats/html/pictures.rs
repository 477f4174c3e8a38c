//! Pictures: what stands for them in the text, and those that data URIs carry.

use super::look::{self, Look};
use super::names::{Attr, Name};
use super::render::Renderer;
use super::style;
use super::target;
use super::tokens::Attrs;
use mugai_core::{
    Child, FindingCode, Hints, Lang, MediaType, Piece, Refusal, Resource, Role, SafeName, Untrusted,
};
use std::collections::BTreeMap;

/// Longest alternative text that is shown, in bytes.
const ALT_MAX_BYTES: usize = 1_000;
/// A picture of fewer bytes than this holds at most a pixel or two.
const PICTURE_MIN_BYTES: usize = 100;

/// The pictures that a page refers to.
pub(super) struct Pictures<'c> {
    attached: BTreeMap<&'c str, &'c SafeName>,
    taken_out: u32,
}

/// Where a picture comes from.
enum Source<'s> {
    /// `cid:`, a part of the same message.
    Attached(&'s str),
    /// `data:`, what stands behind the scheme.
    Inline(&'s str),
    /// Anywhere else.
    Remote,
    /// Nowhere.
    None,
}

impl<'c> Pictures<'c> {
    /// The pictures beside a page, by their Content-ID.
    pub(super) fn new(hints: &'c Hints) -> Self {
        let attached = hints
            .pictures
            .iter()
            .map(|(id, name)| (bare_id(id.as_str()), name))
            .collect();
        Self {
            attached,
            taken_out: 0,
        }
    }

    fn name(&self, cid: &str) -> Option<&'c SafeName> {
        let id = target::percent_decoded(cid);
        self.attached.get(bare_id(id.trim())).copied()
    }
}

fn bare_id(id: &str) -> &str {
    id.trim_start_matches('<').trim_end_matches('>')
}

impl Renderer<'_, '_> {
    /// Takes an `<img>` that stands in an element of `look`.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], or what the far side says.
    pub(super) fn picture(
        &mut self,
        look: Look,
        shown: bool,
        attrs: &Attrs,
    ) -> Result<(), Refusal> {
        let mut look = look.child(Name::Img);
        let (thin, flat) = measure(&mut look, attrs);
        let source = source(attrs.get(Attr::Src).unwrap_or(""));
        if matches!(source, Source::Remote) {
            self.cx.note(FindingCode::HtmlRemote);
        }
        if (thin && flat) || !(shown && look.shows_box()) {
            self.cx.note(FindingCode::HtmlTracking);
            return Ok(());
        }
        let alt = attrs.get(Attr::Alt).unwrap_or("").trim();
        let alt = alt
            .get(..alt.floor_char_boundary(ALT_MAX_BYTES))
            .unwrap_or("");
        if thin || flat {
            // a spacer, or a line drawn by a picture
            return Ok(());
        }
        let name = match source {
            Source::Attached(cid) => self.pictures.name(cid).cloned(),
            Source::Inline(uri) => match self.take_out(uri)? {
                TakenOut::Picture(name) => Some(name),
                TakenOut::Nothing => return Ok(()),
            },
            Source::Remote | Source::None => None,
        };
        self.mark_picture(alt, name.as_ref());
        Ok(())
    }

    fn mark_picture(&mut self, alt: &str, name: Option<&SafeName>) {
        let (word, attached) = match self.lang() {
            Lang::Ja => ("画像", "添付"),
            Lang::En => ("image", "attached"),
        };
        let stem = name.map(|name| name.split_extension().0);
        let mark = match (alt.is_empty(), stem) {
            (false, Some(stem)) => format!("[{word}: {alt} ({attached} {stem})]"),
            (true, Some(stem)) => format!("[{word}: {attached} {stem}]"),
            (false, None) => format!("[{word}: {alt}]"),
            // the picture is the only text of its link
            (true, None) if self.in_link() => format!("[{word}]"),
            (true, None) => return,
        };
        self.cx.note(FindingCode::HtmlImage);
        self.flow.text(&mark);
    }

    /// Makes a part of the picture in a data URI (RFC 2397).
    fn take_out(&mut self, uri: &str) -> Result<TakenOut, Refusal> {
        let (head, body) = uri.split_once(',').unwrap_or((uri, ""));
        let mut words = head.split(';');
        let declared = MediaType::parse(words.next().unwrap_or("").trim());
        let Some(declared) = declared.filter(|d| d.as_str().starts_with("image/")) else {
            self.cx.note(FindingCode::HtmlScript);
            return Ok(TakenOut::Nothing);
        };
        self.cx.charge_len(Resource::Bytes, body.len())?;
        self.cx.charge_len(Resource::Steps, body.len())?;
        let encoded = words.any(|word| word.trim().eq_ignore_ascii_case("base64"));
        let bytes = target::percent_bytes(body);
        let bytes = if encoded { base64(&bytes) } else { bytes };
        if bytes.len() < PICTURE_MIN_BYTES {
            self.cx.note(FindingCode::HtmlTracking);
            return Ok(TakenOut::Nothing);
        }
        let number = self.pictures.taken_out.saturating_add(1);
        self.pictures.taken_out = number;
        let raw = format!("image-{number}.{}", extension(&declared));
        let Some(name) = SafeName::clean(&raw).0 else {
            return Err(Refusal::internal("html: name of a picture"));
        };
        self.cx.note(FindingCode::HtmlDataUri);
        self.cx.put(Piece::Child(Box::new(Child {
            name: Some(name.clone()),
            role: Role::Attachment,
            hints: Hints {
                declared: Some(declared),
                ..Hints::default()
            },
            content: Untrusted::new(bytes),
        })))?;
        Ok(TakenOut::Picture(name))
    }
}

/// Whether width and height are stated as a pixel or less.
fn measure(look: &mut Look, attrs: &Attrs) -> (bool, bool) {
    let small = |attr| {
        let value = attrs.get(attr).unwrap_or("").trim();
        matches!(value.trim_end_matches("px").trim(), "0" | "1")
    };
    let (mut thin, mut flat) = (small(Attr::Width), small(Attr::Height));
    let mut delta = look::hints(Name::Img, attrs);
    if let Some(text) = attrs.get(Attr::Style) {
        let own = style::parse(text);
        delta.merge(&own.normal);
        delta.merge(&own.important);
        thin = delta.thin.unwrap_or(thin);
        flat = delta.flat.unwrap_or(flat);
    }
    look.apply(&delta, Name::Img);
    (thin, flat)
}

enum TakenOut {
    Picture(SafeName),
    Nothing,
}

fn source(src: &str) -> Source<'_> {
    let src = src.trim();
    match src.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("cid") => Source::Attached(rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("data") => Source::Inline(rest),
        _ if src.is_empty() => Source::None,
        _ => Source::Remote,
    }
}

/// The usual extension of a declared picture type; the content decides later.
fn extension(declared: &MediaType) -> &'static str {
    match declared.as_str() {
        "image/jpeg" | "image/jpg" | "image/pjpeg" => "jpg",
        "image/gif" => "gif",
        "image/bmp" | "image/x-ms-bmp" => "bmp",
        "image/tiff" => "tiff",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        _ => "png",
    }
}

/// Decodes base64 (RFC 4648 sections 4 and 5) as leniently as browsers: what is no digit is passed
/// over, and the first `=` ends it.
fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bits = 0u32;
    let mut digits = 0u8;
    for byte in text.iter().take_while(|byte| **byte != b'=') {
        let Some(digit) = base64_digit(*byte) else {
            continue;
        };
        bits = bits << 6 | digit;
        digits = digits.saturating_add(1);
        if digits == 4 {
            let [_, a, b, c] = bits.to_be_bytes();
            out.extend([a, b, c]);
            (bits, digits) = (0, 0);
        }
    }
    match digits {
        2 => out.extend(bits.checked_shr(4).and_then(|b| u8::try_from(b & 255).ok())),
        3 => {
            let [_, _, a, b] = (bits >> 2).to_be_bytes();
            out.extend([a, b]);
        }
        _ => {}
    }
    out
}

fn base64_digit(byte: u8) -> Option<u32> {
    let (first, offset) = match byte {
        b'A'..=b'Z' => (b'A', 0u32),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'+' | b'-' => return Some(62),
        b'/' | b'_' => return Some(63),
        _ => return None,
    };
    Some(u32::from(byte.saturating_sub(first)).saturating_add(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_any_length() {
        for (text, want) in [
            ("", ""),
            ("QQ==", "A"),
            ("QUI=", "AB"),
            ("QUI", "AB"),
            ("QU\nJD", "ABC"),
            ("QUJDRA", "ABCD"),
            ("QUJD=junk", "ABC"),
            ("Q", ""),
        ] {
            assert_eq!(base64(text.as_bytes()), want.as_bytes(), "{text}");
        }
    }
}
