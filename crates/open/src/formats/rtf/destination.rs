//! Destinations: groups that hold something else than the text at their place.

use mugai_core::FindingCode;

/// What is done with the content of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// Told at its place.
    Body,
    /// Told, between brackets of its own lines: notes.
    Note,
    /// Told once, behind the text.
    Margin,
    /// The code of a field.
    FieldCode,
    /// Fonts: only their charsets and names count.
    Fonts,
    /// A field of a form, and one of the words that it lets choose from.
    Form,
    Choice,
    /// A property of a shape, and its name.
    Property,
    Name,
    /// What a part of a formula looks like, and one of its signs.
    Looks,
    Sign,
    /// Left out.
    Nothing,
}

use Destination::{Body, Choice, FieldCode, Fonts, Form, Margin, Name, Note, Nothing, Property};

/// Known destinations, and what is noted of them.
const KNOWN: &[(&str, Destination, Option<FindingCode>)] = &[
    ("rtf", Body, None),
    ("fonttbl", Fonts, None),
    ("fldinst", FieldCode, None),
    ("fldrslt", Body, None),
    ("field", Body, None),
    ("footnote", Note, None),
    ("header", Margin, None),
    ("headerl", Margin, None),
    ("headerr", Margin, None),
    ("headerf", Margin, None),
    ("footer", Margin, None),
    ("footerl", Margin, None),
    ("footerr", Margin, None),
    ("footerf", Margin, None),
    ("shp", Body, None),
    ("shpinst", Body, None),
    ("shptxt", Body, None),
    ("shprslt", Nothing, None),
    ("do", Body, None),
    ("dptxbxtext", Body, None),
    ("pntext", Body, None),
    ("listtext", Body, None),
    ("ud", Body, None),
    ("upr", Nothing, None),
    ("result", Body, None),
    ("nonshppict", Nothing, None),
    ("shppict", Nothing, None),
    ("pict", Nothing, None),
    ("colortbl", Nothing, None),
    ("stylesheet", Nothing, None),
    ("listtable", Nothing, None),
    ("listoverridetable", Nothing, None),
    ("listpicture", Nothing, None),
    ("pn", Nothing, None),
    ("sp", Property, None),
    ("sn", Name, None),
    ("sv", Property, None),
    ("bkmkstart", Nothing, None),
    ("bkmkend", Nothing, None),
    ("xe", Nothing, None),
    ("tc", Nothing, None),
    ("tcn", Nothing, None),
    ("formfield", Form, None),
    ("ffl", Choice, None),
    ("nesttableprops", Body, None),
    ("nonesttables", Nothing, None),
    ("moMath", Body, None),
    ("moMathPara", Body, None),
    ("mmathPict", Nothing, None),
    ("fldtype", Nothing, None),
    ("info", Nothing, Some(FindingCode::OfficeMetadata)),
    ("generator", Nothing, Some(FindingCode::OfficeMetadata)),
    ("userprops", Nothing, Some(FindingCode::OfficeMetadata)),
    ("passwordhash", Nothing, Some(FindingCode::OfficeMetadata)),
    ("revtbl", Nothing, Some(FindingCode::OfficeMetadata)),
    ("protusertbl", Nothing, Some(FindingCode::OfficeMetadata)),
    ("annotation", Nothing, Some(FindingCode::OfficeComment)),
    ("atnid", Nothing, None),
    ("atnauthor", Nothing, None),
    ("atrfstart", Nothing, None),
    ("atrfend", Nothing, None),
    ("object", Body, Some(FindingCode::OfficeEmbedded)),
    ("objdata", Nothing, None),
    ("objclass", Nothing, None),
    ("objname", Nothing, None),
    ("objalias", Nothing, Some(FindingCode::OfficeExternal)),
    ("objsect", Nothing, None),
    ("objtime", Nothing, None),
    ("datastore", Nothing, Some(FindingCode::OfficeCustomXml)),
    ("xmlnstbl", Nothing, Some(FindingCode::OfficeCustomXml)),
    ("factoidname", Nothing, None),
    ("datafield", Nothing, None),
    ("mailmerge", Nothing, Some(FindingCode::OfficeExternal)),
    ("template", Nothing, Some(FindingCode::OfficeExternal)),
    ("filetbl", Nothing, Some(FindingCode::OfficeExternal)),
    ("nextfile", Nothing, Some(FindingCode::OfficeExternal)),
    ("background", Nothing, None),
    ("themedata", Nothing, None),
    ("colorschememapping", Nothing, None),
    ("latentstyles", Nothing, None),
    ("rsidtbl", Nothing, None),
    ("pgptbl", Nothing, None),
    ("defchp", Nothing, None),
    ("defpap", Nothing, None),
    ("fontemb", Nothing, Some(FindingCode::OfficeFont)),
    ("fontfile", Nothing, Some(FindingCode::OfficeFont)),
    ("hl", Nothing, Some(FindingCode::OfficeLink)),
    ("hlsrc", Nothing, None),
    ("hlloc", Nothing, None),
    ("ftnsep", Nothing, None),
    ("ftnsepc", Nothing, None),
    ("aftnsep", Nothing, None),
    ("aftnsepc", Nothing, None),
    ("ftncn", Nothing, None),
    ("aftncn", Nothing, None),
    ("oldcprops", Nothing, None),
    ("oldpprops", Nothing, None),
    ("private", Nothing, None),
    ("panose", Nothing, None),
    ("falt", Nothing, None),
    ("fname", Nothing, None),
    ("mmathPr", Nothing, None),
    ("windowcaption", Nothing, None),
    ("wgrffmtfilter", Nothing, None),
    ("ebcstart", Nothing, None),
    ("ebcend", Nothing, None),
];

/// The destination that a control word begins; `None` for words that begin none.
pub(super) fn of(word: &[u8]) -> Option<(Destination, Option<FindingCode>)> {
    KNOWN
        .iter()
        .find(|(name, ..)| name.as_bytes() == word)
        .map(|(_, destination, code)| (*destination, *code))
}
