//! What writers make: bytes that still have to be checked.

use crate::piece::Piece;
use crate::refusal::Refusal;
use crate::spool::Spooled;
use std::borrow::Cow;

macro_rules! targets {
    ($($variant:ident = $code:literal, $ext:literal, $media:literal, $doc:literal;)*) => {
        /// The formats that we write. Each has a writer, a checker and a profile.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Target { $(#[doc = $doc] $variant,)* }
        impl Target {
            /// Every target there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The name in reports.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code,)* } }
            /// The extension of its files, without the dot.
            #[must_use]
            pub const fn extension(self) -> &'static str { match self { $(Self::$variant => $ext,)* } }
            /// The media type in mails.
            #[must_use]
            pub const fn media_type(self) -> &'static str { match self { $(Self::$variant => $media,)* } }
        }
    };
}

targets! {
    Txt = "txt", "txt", "text/plain", "UTF-8 text with LF line ends.";
    Csv = "csv", "csv", "text/csv", "UTF-8 CSV (RFC 4180) with a byte order mark and CRLF line ends.";
    Png = "png", "png", "image/png", "PNG of three chunk kinds.";
    Jpeg = "jpeg", "jpg", "image/jpeg", "Baseline JPEG without any application segment but JFIF.";
    Pdf = "pdf", "pdf", "application/pdf", "PDF of pages that are one picture each.";
    Docx = "docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "A text of Office Open XML in a closed vocabulary.";
    Xlsx = "xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "A spreadsheet of Office Open XML in a closed vocabulary.";
    Pptx = "pptx", "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "A presentation of Office Open XML in a closed vocabulary.";
    Zip = "zip", "zip", "application/zip", "An archive of files of ours.";
    Odt = "odt", "odt", "application/vnd.oasis.opendocument.text", "A text of ODF in a closed vocabulary.";
    Ods = "ods", "ods", "application/vnd.oasis.opendocument.spreadsheet", "A spreadsheet of ODF in a closed vocabulary.";
    Odp = "odp", "odp", "application/vnd.oasis.opendocument.presentation", "A presentation of ODF in a closed vocabulary.";
    Eml = "eml", "eml", "message/rfc822", "A message of a fixed header set and base64 parts.";
    Mbox = "mbox", "mbox", "application/mbox", "A mailbox of such messages.";
}

/// A new file as a writer made it: not yet checked, so not yet deliverable.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    target: Target,
    content: Spooled,
}

impl Draft {
    /// A draft of `target`.
    #[must_use]
    pub fn new(target: Target, content: impl Into<Spooled>) -> Self {
        Self {
            target,
            content: content.into(),
        }
    }

    /// What it claims to be.
    #[must_use]
    pub const fn target(&self) -> Target {
        self.target
    }

    /// Its bytes, wherever they lie.
    #[must_use]
    pub const fn content(&self) -> &Spooled {
        &self.content
    }

    /// Its bytes in memory.
    ///
    /// # Errors
    /// As of [`Spooled::load`].
    pub fn load(&self) -> Result<Cow<'_, [u8]>, Refusal> {
        self.content.load()
    }

    /// Takes the bytes out.
    #[must_use]
    pub fn into_content(self) -> Spooled {
        self.content
    }
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Draft({} {} bytes)",
            self.target.code(),
            self.content.len()
        )
    }
}

/// Makes a new file of pieces.
pub trait Writer {
    /// Takes the next piece.
    ///
    /// # Errors
    /// [`Refusal::Internal`] for a piece that this target has no place for.
    fn put(&mut self, piece: Piece) -> Result<(), Refusal>;

    /// Ends the file.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when a piece is missing that the target cannot be without.
    fn finish(self: Box<Self>) -> Result<Draft, Refusal>;
}
