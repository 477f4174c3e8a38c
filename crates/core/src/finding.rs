//! Things seen while reading, and what was done about them.

/// What was done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Seen and left as it is.
    Noted,
    /// Told again in another form.
    Rewritten,
    /// Left out of the output.
    Removed,
    /// The reason, or one of the reasons, for withholding.
    Withheld,
}

impl Action {
    /// The stable code for reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Rewritten => "rewritten",
            Self::Removed => "removed",
            Self::Withheld => "withheld",
        }
    }
}

use crate::text::Line;

macro_rules! findings {
    ($($variant:ident = $tag:literal, $code:literal, $action:ident, $doc:literal;)*) => {
        /// The closed list of findings. Codes are stable: they stand in reports and alarms.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FindingCode {
            $(#[doc = $doc] $variant,)*
        }
        impl FindingCode {
            /// Every finding there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The tag on the wire.
            #[must_use]
            pub const fn tag(self) -> u16 { match self { $(Self::$variant => $tag,)* } }
            /// The finding of a wire tag.
            #[must_use]
            pub const fn from_tag(tag: u16) -> Option<Self> {
                match tag { $($tag => Some(Self::$variant),)* _ => None }
            }
            /// The stable code for reports: `area.what`.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code,)* } }
            /// What is done about it.
            #[must_use]
            pub const fn action(self) -> Action { match self { $(Self::$variant => Action::$action,)* } }
            /// One English sentence for the documentation.
            #[must_use]
            pub const fn about(self) -> &'static str { match self { $(Self::$variant => $doc,)* } }
        }
    };
}

findings! {
    // text
    TextBidi = 1, "text.bidi", Removed, "A character that overrides the writing direction.";
    TextZeroWidth = 2, "text.zero_width", Removed, "An invisible or zero-width character.";
    TextControl = 3, "text.control", Removed, "A control character.";
    TextTag = 4, "text.tag", Removed, "A Unicode tag character, which can carry hidden text.";
    TextGaiji = 5, "text.gaiji", Rewritten, "A private-use, carrier or JIS X 0213 character without a Unicode form, shown as a geta mark.";
    TextUndecodable = 6, "text.undecodable", Rewritten, "Bytes that are no text in their charset, shown as U+FFFD.";
    TextCharsetLie = 7, "text.charset_lie", Rewritten, "The declared charset was missing or wrong and another was recognised.";
    TextTruncated = 8, "text.truncated", Removed, "Text over a length limit was cut.";
    TextDefanged = 9, "text.defanged", Rewritten, "A live link was made unclickable.";
    TextAutoDecode = 10, "text.auto_decode", Rewritten, "A line that mail clients decode by themselves (uuencode, yEnc, PGP) was neutralised.";
    TextMarkup = 11, "text.markup", Rewritten, "Something that looks like an HTML tag in a text was made to look no more like one.";
    TextEncrypted = 12, "text.encrypted", Noted, "A message in the armour of PGP within a text: it stays as the letters that it is, and nobody looked into it.";
    TextSigned = 13, "text.signed", Noted, "A text that is signed in place by PGP: the signature stays as letters, and was not verified.";
    // html
    HtmlHidden = 40, "html.hidden", Removed, "Text that a reader of the HTML would not have seen.";
    HtmlLinkMismatch = 41, "html.link_mismatch", Noted, "A link whose text names another host than its target.";
    HtmlLink = 42, "html.link", Rewritten, "A link, shown as a number and an unclickable target.";
    HtmlScript = 43, "html.script", Removed, "A script, object, frame or event handler.";
    HtmlForm = 44, "html.form", Removed, "A form or an input field.";
    HtmlRemote = 45, "html.remote", Removed, "An image or resource that would be fetched from elsewhere.";
    HtmlTracking = 46, "html.tracking", Removed, "An image of one pixel or less, as used for tracking.";
    HtmlImage = 47, "html.image", Rewritten, "An image, shown as its alternative text.";
    HtmlRefresh = 48, "html.refresh", Removed, "An automatic redirect.";
    HtmlComment = 49, "html.comment", Removed, "A comment with content, conditional comments included.";
    HtmlDataUri = 50, "html.data_uri", Rewritten, "A picture inside a data URI, taken out as a part of its own.";
    HtmlIdn = 51, "html.idn", Rewritten, "A host name in letters other than ASCII, shown in its xn-- form.";
    HtmlScheme = 52, "html.scheme", Removed, "A link with a scheme other than http, https, mailto or tel.";
    HtmlStruck = 53, "html.struck", Rewritten, "Text that is struck out: it stands in brackets that say so.";
    HtmlStyle = 54, "html.style", Removed, "A style sheet.";
    // csv
    CsvFormula = 80, "csv.formula", Rewritten, "A cell that a spreadsheet would have run as a formula.";
    CsvRagged = 81, "csv.ragged", Noted, "Rows of different lengths.";
    // mail
    MailHeaderDropped = 100, "mail.header_dropped", Removed, "A header outside the list of those that are carried.";
    MailHeaderDuplicate = 101, "mail.header_duplicate", Removed, "A header that may stand once stood again; the first counts.";
    MailHeaderMalformed = 102, "mail.header_malformed", Rewritten, "A header line without a colon, with NUL, or with a bare CR or LF.";
    MailHeaderInjection = 103, "mail.header_injection", Rewritten, "A header value that decoded to a line break.";
    MailFromConflict = 104, "mail.from_conflict", Withheld, "Two different From headers.";
    MailAddressInvalid = 105, "mail.address_invalid", Rewritten, "An address that is none; it is shown as a name.";
    MailDateInvalid = 106, "mail.date_invalid", Removed, "A date that could not be read.";
    MailMsgIdInvalid = 107, "mail.msg_id_invalid", Removed, "A message identifier that is none.";
    MailReplyToDiffers = 108, "mail.reply_to_differs", Removed, "Replies would go to another address than the sender's; where the mail is told it is named.";
    MailAuthResults = 109, "mail.auth_results", Removed, "Authentication results that are not our own server's.";
    MimeDuplicateHeader = 120, "mime.duplicate_header", Noted, "A MIME header stood twice; the first counts.";
    MimeBoundary = 121, "mime.boundary", Noted, "An odd boundary: repeated, empty, too long, encoded, or nested in itself.";
    MimeNoDelimiter = 122, "mime.no_delimiter", Noted, "A multipart in which its boundary never occurs.";
    MimeUnterminated = 123, "mime.unterminated", Noted, "A multipart without its closing boundary.";
    MimeEncoding = 124, "mime.encoding", Noted, "A transfer encoding that is unknown, doubled, or stands on a multipart.";
    MimeBase64 = 125, "mime.base64", Noted, "Base64 with junk, bad length, or data after its padding.";
    MimeNameConflict = 126, "mime.name_conflict", Noted, "The name parameters of a part disagree.";
    MimeHiddenArea = 127, "mime.hidden_area", Removed, "Encoded content before the first or after the last boundary.";
    MimeTypeLie = 128, "mime.type_lie", Noted, "The declared type or extension is not what the content is.";
    MimePartial = 129, "mime.partial", Withheld, "A message that is split over several mails.";
    MimeExternalBody = 130, "mime.external_body", Removed, "A part that refers to content elsewhere.";
    MimeSigned = 131, "mime.signed", Removed, "A signature, which rewriting breaks; it was not verified.";
    MimeEncrypted = 132, "mime.encrypted", Withheld, "Encrypted content.";
    MimeEmbedded = 133, "mime.embedded", Rewritten, "A uuencoded, yEnc or binhex file inside a text, taken out as a part of its own.";
    MimeAlternative = 134, "mime.alternative", Removed, "Another form of the body, which is not shown.";
    MimeAlternativeDiffers = 135, "mime.alternative_differs", Noted, "The forms of the body say different things.";
    MimeNesting = 136, "mime.nesting", Noted, "A multipart nested deeper than it is followed.";
    MimeResourceFork = 137, "mime.resource_fork", Removed, "The resource fork of a file of a Macintosh, which may hold programs.";
    // names
    NameUnsafe = 160, "name.unsafe", Rewritten, "A file name with a path, a reserved word or forbidden characters.";
    NameBidi = 161, "name.bidi", Removed, "Invisible or direction characters in a file name.";
    NameTruncated = 162, "name.truncated", Rewritten, "A file name that was too long.";
    NameExtension = 163, "name.extension", Rewritten, "The extension was replaced by that of the re-created type.";
    NameDoubleExtension = 164, "name.double_extension", Noted, "A file name with a misleading second extension.";
    // images
    ImageMetadata = 200, "image.metadata", Removed, "Metadata: EXIF, XMP, IPTC, comments, text chunks.";
    ImageProfile = 201, "image.profile", Rewritten, "A colour profile; the pixels were converted to sRGB.";
    ImageProfileUnusable = 202, "image.profile_unusable", Removed, "A colour profile that could not be used.";
    ImageOrientation = 203, "image.orientation", Rewritten, "The picture was turned upright.";
    ImageAnimation = 204, "image.animation", Removed, "Frames after the first one.";
    ImageAlpha = 205, "image.alpha", Rewritten, "Transparency, drawn on white; pictures in office documents keep theirs.";
    ImageDepth = 206, "image.depth", Rewritten, "More than eight bits a sample, reduced to eight.";
    ImageTrailing = 207, "image.trailing", Removed, "Bytes after the end of the picture.";
    ImageTruncated = 208, "image.truncated", Noted, "The picture ends early; what is missing is blank.";
    ImageThumbnail = 209, "image.thumbnail", Removed, "A preview picture or further hidden picture.";
    ImageFrames = 210, "image.frames", Rewritten, "Several frames, each kept as a page.";
    // pdf
    PdfScript = 240, "pdf.script", Removed, "JavaScript.";
    PdfAction = 241, "pdf.action", Removed, "An action: open, launch, go to a remote file, submit, and the like.";
    PdfForm = 242, "pdf.form", Rewritten, "A form; its fields were drawn into the page.";
    PdfXfa = 243, "pdf.xfa", Removed, "An XFA form.";
    PdfEmbedded = 244, "pdf.embedded", Removed, "An embedded file or medium.";
    PdfAnnotation = 245, "pdf.annotation", Rewritten, "An annotation, drawn into the page.";
    PdfLink = 246, "pdf.link", Removed, "A link.";
    PdfLayer = 247, "pdf.layer", Removed, "A layer that is switched off.";
    PdfMetadata = 248, "pdf.metadata", Removed, "Document information or XMP metadata.";
    PdfSignature = 249, "pdf.signature", Removed, "A digital signature.";
    PdfFontMissing = 250, "pdf.font_missing", Noted, "A font that is neither embedded nor installed, nor is any other of its script; its letters are missing or wrong.";
    PdfFontSubstituted = 267, "pdf.font_substituted", Noted, "A font that the file does not bring, and that is none of the fourteen standard ones: its text is drawn with another one.";
    PdfGlyphMissing = 268, "pdf.glyph_missing", Noted, "A letter that the font at hand has no shape for: a mark, a box or nothing stands in its place.";
    PdfOutline = 251, "pdf.outline", Removed, "Bookmarks.";
    PdfPrefix = 252, "pdf.prefix", Removed, "Bytes before the header.";
    PdfTrailing = 253, "pdf.trailing", Removed, "Bytes after the end of the file.";
    PdfOwnerPassword = 254, "pdf.owner_password", Removed, "A restriction by owner password.";
    PdfPassword = 265, "pdf.password", Removed, "A password; the document was opened with it, and the output has none.";
    PdfEmbeddedTaken = 266, "pdf.embedded_taken", Rewritten, "An embedded file that was taken out, to be sanitised by itself.";
    PdfPageBlank = 255, "pdf.page_blank", Noted, "A page on which nothing was drawn.";
    PdfImageBroken = 256, "pdf.image_broken", Noted, "A picture that could not be decoded; its place is blank.";
    PdfPageScaled = 257, "pdf.page_scaled", Noted, "A page too large for the resolution asked for was drawn at a lower one.";
    PdfTextHidden = 259, "pdf.text_hidden", Removed, "A glyph that nobody sees on the page: its text is left out.";
    PdfTextUnknown = 260, "pdf.text_unknown", Noted, "A glyph that is drawn, but whose meaning the file does not tell: it cannot be searched.";
    PdfPageDrawn = 261, "pdf.page_drawn", Rewritten, "A page that cannot be told in shapes, and became pixels.";
    PdfRegionDrawn = 269, "pdf.region_drawn", Rewritten, "A part of a page that cannot be told in shapes, and became pixels.";
    PdfCovered = 262, "pdf.covered", Removed, "A picture, or a part of one, that lies under other paint or off the page.";
    PdfOutlineKept = 263, "pdf.outline_kept", Rewritten, "Bookmarks, written anew as text and places of the document.";
    PdfLinkKept = 264, "pdf.link_kept", Rewritten, "A link to another place of the document, or where the route keeps links to a page or mail address, made again.";
    PdfTextLost = 258, "pdf.text_lost", Removed, "The text of the file is not selectable in the output.";
    // office documents
    OfficeMacro = 270, "office.macro", Removed, "A macro project, a macro sheet, or a hook that calls a macro.";
    OfficeExternal = 271, "office.external", Removed, "A reference to a file or an address outside of the document.";
    OfficeEmbedded = 272, "office.embedded", Removed, "An embedded object or file; its preview picture stays.";
    OfficeControl = 273, "office.control", Removed, "A control: of a form, or a program of its own.";
    OfficeField = 274, "office.field", Rewritten, "A field that loads, links, asks or runs, replaced by its last result.";
    OfficeFormula = 275, "office.formula", Rewritten, "A formula of other functions than those that calculate, replaced by its last value.";
    OfficeLink = 276, "office.link", Removed, "A link; its text stays.";
    OfficeRevision = 277, "office.revision", Rewritten, "A tracked change, accepted.";
    OfficeComment = 278, "office.comment", Removed, "Comments.";
    OfficeHidden = 279, "office.hidden", Noted, "Hidden text, a hidden sheet, row, column or slide.";
    OfficeCustomXml = 280, "office.custom_xml", Removed, "Data beside the document: custom XML, bindings, queries, connections.";
    OfficeMetadata = 281, "office.metadata", Removed, "Properties, thumbnails, names of persons.";
    OfficeSignature = 282, "office.signature", Removed, "A digital signature, which rewriting breaks; it was not verified.";
    OfficeFont = 283, "office.font", Removed, "An embedded font.";
    OfficePart = 284, "office.part", Removed, "Another part of the document that is not carried.";
    OfficeMarkup = 285, "office.markup", Removed, "Markup outside of the vocabulary.";
    OfficeMedia = 286, "office.media", Removed, "Sound, video, animation or another medium.";
    OfficePackage = 287, "office.package", Noted, "A package that is written in an odd way: bytes at its end, backslashes in names.";
    // archives
    ArchiveFolder = 310, "archive.folder", Removed, "A folder without files.";
    ArchiveLink = 311, "archive.link", Removed, "A link or a device in an archive.";
    ArchiveComment = 312, "archive.comment", Removed, "A comment of an archive or of a file in it.";
    ArchiveCodePage = 313, "archive.code_page", Rewritten, "A name that does not say its code page; it was recognised.";
    ArchiveOdd = 314, "archive.odd", Noted, "An archive that is written in an odd way: bytes behind its end, backslashes in names.";
    ArchivePassword = 316, "archive.password", Removed, "A password; what it closed was opened with it. The output has none, unless the policy closes it again.";
    ArchiveDesktop = 317, "archive.desktop", Removed, "What a Mac keeps beside files: a resource fork, or how a folder is shown.";
    CalendarActive = 315, "calendar.active", Removed, "An alarm, an attachment, a picture or a key of a calendar entry or a card.";
    CalendarCut = 318, "calendar.cut", Noted, "The file ends within an entry or a card: what there is of it is told.";
    OfficePassword = 288, "office.password", Removed, "A password; the document was opened with it, and the output has none.";
    OfficeConverted = 289, "office.converted", Rewritten, "Converted by the office suite, confined; what came of it was opened as a stranger's.";
    OfficeConverter = 290, "office.converter", Withheld, "The policy asks for a conversion, and there is no office suite on this machine.";
    OfficeFontReplaced = 292, "office.font_replaced", Noted, "A font that the document asks for, and that its pages are drawn without: the machine does not have it.";
    OfficeCommentTold = 291, "office.comment_told", Rewritten, "A comment, appended to the document as text.";
    // containers of messages
    MboxMessage = 300, "mbox.message", Rewritten, "A message of the mailbox.";
    MboxLeading = 301, "mbox.leading", Rewritten, "Bytes before the first message of a mailbox, which became a file of their own.";
    // files
    FilePolyglot = 320, "file.polyglot", Removed, "The file is also a valid file of another kind.";
    FileEmpty = 321, "file.empty", Noted, "A file of no bytes.";
}

/// The most names that a finding is told with.
pub const MAX_NAMES: usize = 16;
/// The most characters of such a name.
const MAX_NAME: usize = 60;

/// What something seen is called in the file: the font that is missing, so that it can be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    code: FindingCode,
    name: Line,
}

impl Named {
    /// `raw`, cleaned and at most 60 characters long, as a name for `code`; `None` for findings without names, and
    /// where nothing is left of it.
    #[must_use]
    pub fn new(code: FindingCode, raw: &str) -> Option<Self> {
        let cut: String = raw.chars().take(MAX_NAME).collect();
        let (name, _) = Line::clean(&cut);
        let is_named = matches!(
            code,
            FindingCode::PdfFontSubstituted | FindingCode::OfficeFontReplaced
        );
        let fits = name.as_str().chars().count() <= MAX_NAME;
        (is_named && fits && !name.is_empty()).then_some(Self { code, name })
    }

    /// What was seen.
    #[must_use]
    pub const fn code(&self) -> FindingCode {
        self.code
    }

    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &Line {
        &self.name
    }
}

/// Something seen, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was seen.
    pub code: FindingCode,
    /// How often, at least 1.
    pub count: u32,
}

impl Finding {
    /// One occurrence.
    #[must_use]
    pub const fn once(code: FindingCode) -> Self {
        Self { code, count: 1 }
    }

    /// `count` occurrences; `None` for zero of them.
    #[must_use]
    pub const fn times(code: FindingCode, count: u32) -> Option<Self> {
        if count == 0 {
            None
        } else {
            Some(Self { code, count })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn tags_and_codes_are_unique_and_tags_come_back() {
        let tags: BTreeSet<_> = FindingCode::ALL.iter().map(|c| c.tag()).collect();
        let codes: BTreeSet<_> = FindingCode::ALL.iter().map(|c| c.code()).collect();
        assert_eq!(tags.len(), FindingCode::ALL.len());
        assert_eq!(codes.len(), FindingCode::ALL.len());
        for code in FindingCode::ALL {
            assert_eq!(FindingCode::from_tag(code.tag()), Some(*code));
        }
        assert_eq!(FindingCode::from_tag(u16::MAX), None);
    }

    #[test]
    fn names_are_short_clean_and_only_for_what_has_them() {
        let of = |raw: &str| Named::new(FindingCode::PdfFontSubstituted, raw);
        let named = of("ＭＳ\u{202e} 明朝\n").unwrap();
        assert_eq!(named.name().as_str(), "ＭＳ 明朝");
        assert_eq!(named.code(), FindingCode::PdfFontSubstituted);
        let long = of(&"x".repeat(100)).unwrap();
        assert_eq!(long.name().as_str().len(), 60);
        assert_eq!(of("\u{200b}\n "), None);
        assert_eq!(Named::new(FindingCode::PdfScript, "x"), None);
    }
}
