//! Office Open XML (ECMA-376): texts, spreadsheets and presentations.
//!
//! The graph of relationships is walked from the main part. A part is read only if the type of the
//! relationship, its content type and its root agree, and is told again in the closed vocabulary;
//! pictures become children. Whatever is not reached is not in the output.

pub(super) mod filter;
mod package;
mod render;
pub(super) mod xml;

use crate::reader::{Format, Sniff, Spec};
use mugai_core::markup::Flavour;
use mugai_core::{
    Child, Cx, Hints, Kind, Piece, Refusal, Remark, Role, SafeName, Token, Treatment, Untrusted,
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
    let mut parts = Vec::new();
    for part in package.parts() {
        parts.push(filter::part(&package, part, &mut pictures, cx)?);
    }
    if cx.assignment().treatments.of(flavour.family()) == Treatment::Text {
        let text = render::text(flavour, &parts, cx)?;
        return cx.put(Piece::Text(text));
    }
    if flavour == Flavour::Sheet {
        render::pay(&parts, cx)?;
    }
    for part in parts {
        cx.put(Piece::Markup(part))?;
    }
    for path in pictures.into_paths() {
        let content = package.content(&path, cx)?.unwrap_or_default();
        put_picture(&path, content, cx)?;
    }
    Ok(())
}

/// Puts a picture of a document, by its path in the package.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn put_picture(path: &str, content: Vec<u8>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
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
