//! What the header of one part says about its content (RFC 2045, RFC 2183).

use crate::formats::mail::fields::{Name, Section};
use crate::formats::mail::params::Parameterised;
use crate::formats::mail::transfer::Encoding;
use crate::formats::mail::words;
use mugai_core::{Cx, FindingCode, Refusal};

/// Fields of a part that may stand once.
const SINGLE: [Name; 5] = [
    Name::ContentType,
    Name::TransferEncoding,
    Name::Disposition,
    Name::ContentId,
    Name::MimeVersion,
];

/// The MIME fields of a part, read.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The media type, in lower case, as it stands or by default.
    pub media: String,
    /// Content-Type with its parameters.
    pub content_type: Parameterised,
    /// Content-Disposition with its parameters.
    pub disposition: Parameterised,
    /// Content-Transfer-Encoding.
    pub encoding: Encoding,
    /// Content-ID without its angle brackets.
    pub content_id: Option<String>,
}

impl Head {
    /// Reads the fields of a part. `default` is its type where none is declared.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn read(
        section: &Section<'_>,
        default: &str,
        cx: &mut Cx<'_>,
    ) -> Result<Self, Refusal> {
        for name in SINGLE {
            cx.note_times(FindingCode::MimeDuplicateHeader, section.repeats(name));
        }
        let content_type = parameterised(section, Name::ContentType, cx)?;
        let disposition = parameterised(section, Name::Disposition, cx)?;
        let encoding = match section.first(Name::TransferEncoding) {
            Some(raw) => {
                let (encoding, odd) = Encoding::parse(&words::unicode(raw, cx)?);
                if odd || section.repeats(Name::TransferEncoding) > 0 {
                    cx.note(FindingCode::MimeEncoding);
                }
                encoding
            }
            None => Encoding::Identity,
        };
        let content_id = match section.first(Name::ContentId) {
            Some(raw) => {
                let value = words::unicode(raw, cx)?;
                Some(value.trim().trim_matches(['<', '>']).to_owned()).filter(|id| !id.is_empty())
            }
            None => None,
        };
        Ok(Self {
            media: media(&content_type.value, default),
            content_type,
            disposition,
            encoding,
            content_id,
        })
    }

    /// The subtype of a multipart type.
    pub(super) fn multipart(&self) -> Option<&str> {
        self.media.strip_prefix("multipart/")
    }

    /// Whether the sender wants the part beside the body (RFC 2183 section 2.2); a disposition
    /// that nobody knows means the same (section 2.8).
    pub(super) fn is_attached(&self) -> bool {
        !matches!(self.disposition.value.as_str(), "" | "inline")
    }
}

fn parameterised(
    section: &Section<'_>,
    name: Name,
    cx: &mut Cx<'_>,
) -> Result<Parameterised, Refusal> {
    match section.first(name) {
        Some(raw) => Ok(Parameterised::parse(&words::unicode(raw, cx)?)),
        None => Ok(Parameterised::default()),
    }
}

/// The declared type, or what a type without a subtype must have meant.
fn media(declared: &str, default: &str) -> String {
    let declared: String = declared.split_whitespace().collect();
    match declared.split_once('/') {
        Some((main, sub)) if !main.is_empty() && !sub.is_empty() => declared,
        _ => match declared.trim_matches('/') {
            "" => default.to_owned(),
            "text" => "text/plain".to_owned(),
            "html" => "text/html".to_owned(),
            "multipart" => "multipart/mixed".to_owned(),
            _ => "application/octet-stream".to_owned(),
        },
    }
}
