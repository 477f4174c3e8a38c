//! Office Open XML (ECMA-376): texts, spreadsheets and presentations.
//!
//! The graph of relationships is walked from the main part. A part is read only if the type of the
//! relationship, its content type and its root agree, and is told again in the closed vocabulary;
//! pictures become children. Whatever is not reached is not in the output.

mod comments;
pub(super) mod described;
mod dynamic;
pub(super) mod filter;
pub(super) mod package;
mod render;
mod rich;
pub(super) mod vml;
pub(super) mod xml;

use super::metafile;
use crate::reader::{Format, Sniff, Spec};
use crate::unpack;
use mugai_core::markup::Flavour;
use mugai_core::{
    Child, Cx, Hints, Kind, Markup, Method, Packed, Piece, Refusal, Remark, Resource, Role,
    SafeName, Token, Treatment, Untrusted,
};
use package::Package;

const REFERENCE: &str = "ECMA-376, 5th edition (ISO/IEC 29500)";
const TREATMENTS: &[Treatment] = &[Treatment::Text, Treatment::Rebuild];

macro_rules! formats {
    ($($name:ident, $kind:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub(super) struct $name;
        impl Format for $name {
            fn spec(&self) -> &'static Spec {
                &Spec { kind: Kind::$kind, reference: REFERENCE, treatments: TREATMENTS }
            }
            fn sniff(&self, head: &[u8]) -> Sniff {
                if head.starts_with(b"PK\x03\x04") { Sniff::Perhaps } else { Sniff::No }
            }
            fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
                open(input, Flavour::$kind, cx)
            }
        }
    )*};
}

formats! {
    Word, Word, "The reader of texts: docx, docm, dotx, dotm.";
    Sheet, Sheet, "The reader of spreadsheets: xlsx, xlsm, xltx, xltm.";
    Slides, Slides, "The reader of presentations: pptx, pptm, potx, potm, ppsx, ppsm.";
}

fn open(input: &[u8], flavour: Flavour, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let package = Package::read(input, cx)?;
    if package.flavour() != flavour {
        return Err(Refusal::Ambiguous(Remark::fixed(
            "ooxml: the main part is of another kind than the names say",
        )));
    }
    let mut pictures = filter::Pictures::default();
    let comments = comments::Found::read(&package, cx)?;
    let mut parts = Vec::new();
    for part in package.parts() {
        parts.push(filter::part(&package, part, &comments, &mut pictures, cx)?);
    }
    if flavour == Flavour::Sheet {
        vml::append(&package, &mut parts, &mut pictures, cx)?;
    }
    comments.append(&mut parts, cx)?;
    if cx.assignment().treatments.of(flavour.family()) == Treatment::Text {
        let mut text = render::text(flavour, &parts, cx)?;
        for path in pictures
            .into_paths()
            .iter()
            .filter(|path| is_metafile(path))
        {
            let content = package.content(path, cx)?.unwrap_or_default();
            letters(&content, &mut text, cx)?;
        }
        let text = cx.text(&text);
        return cx.put(Piece::Text(text));
    }
    if flavour == Flavour::Sheet {
        render::pay(&parts, cx)?;
    }
    let mut metafiles = described::describe(&package, &mut parts, &pictures, cx)?;
    for part in parts {
        cx.put(Piece::Markup(part))?;
    }
    for (place, path) in pictures.into_paths().into_iter().enumerate() {
        let content = match metafiles.remove(&place) {
            Some(content) => content,
            None => package.content(&path, cx)?.unwrap_or_default(),
        };
        put_picture(&path, content, cx)?;
    }
    Ok(())
}

/// The parts of Office Open XML that a binary workbook has beside its sheets.
///
/// # Errors
/// Those of documents.
pub(super) fn beside(
    package: &Package<'_>,
    pictures: &mut filter::Pictures,
    cx: &mut Cx<'_>,
) -> Result<Vec<Markup>, Refusal> {
    let nothing = comments::Found::default();
    let told = package.parts().iter();
    told.map(|part| filter::part(package, part, &nothing, pictures, cx))
        .collect()
}

/// The text of parts that are seen beside cells.
pub(super) fn told(parts: &[Markup]) -> String {
    let mut text = String::new();
    for part in parts {
        render::flow(part, &mut text);
    }
    text
}

/// Whether a picture is called a metafile. Others are not even unpacked where text is asked for: they would be paid for.
pub(super) fn is_metafile(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default();
    ["emf", "wmf", "emz", "wmz"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

/// Adds the letters of a picture to a text: of metafiles, which tell them.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn letters(content: &[u8], text: &mut String, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let unpacked = unpacked(content, cx)?;
    let letters = metafile::text(unpacked.as_deref().unwrap_or(content), cx)?;
    if !letters.is_empty() {
        cx.charge_len(Resource::Bytes, letters.len())?;
        text.push_str(&letters);
        text.push('\n');
    }
    Ok(())
}

/// Puts a picture of a document, by its path in the package.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn put_picture(path: &str, content: Vec<u8>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let content = unpacked(&content, cx)?.unwrap_or(content);
    let file = path.rsplit('/').next().unwrap_or_default();
    let extension = file.rsplit_once('.').and_then(|(_, e)| Token::parse(e));
    cx.put(Piece::Child(Box::new(Child {
        name: SafeName::clean(file).0,
        role: Role::Picture,
        hints: Hints {
            extension,
            ..Hints::default()
        },
        content: Untrusted::new(content),
    })))
}

/// A compressed metafile (EMZ, WMZ), unpacked: one member of gzip (RFC 1952). `None` for all else.
fn unpacked(content: &[u8], cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = content else {
        return Ok(None);
    };
    let Some((rest, trailer)) = rest.split_last_chunk::<8>() else {
        return Ok(None);
    };
    let [c0, c1, c2, c3, s0, s1, s2, s3] = *trailer;
    let mut rest = rest;
    // the name of the file; no program writes the other fields
    if *flags == 8 {
        let end = rest.iter().position(|byte| *byte == 0).unwrap_or(0);
        rest = rest.get(end.saturating_add(1)..).unwrap_or_default();
    } else if *flags != 0 {
        return Ok(None);
    }
    let packed = Packed {
        method: Method::Deflate,
        cipher: None,
        size: u64::from(u32::from_le_bytes([s0, s1, s2, s3])),
        crc: Some(u32::from_le_bytes([c0, c1, c2, c3])),
    };
    match unpack::member(rest, &packed, &[], cx) {
        Ok(picture) => Ok(Some(picture.into_owned())),
        Err(overrun @ Refusal::Overrun { .. }) => Err(overrun),
        // it is withheld as what it is
        Err(_) => Ok(None),
    }
}
