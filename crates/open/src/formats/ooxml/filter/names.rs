//! What is special about single names.

use super::super::package::{Package, Part};
use mugai_core::FindingCode as Code;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{has_numbers, is_of_sheet, read_numbers};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What is done with an element that is not in the vocabulary.
pub(super) enum Outside {
    /// It goes, and what is in it stays.
    Unwrap(Option<Code>),
    /// It goes by another name.
    As(&'static str),
    /// It goes with all that is in it.
    Drop(Option<Code>),
}

pub(super) fn outside(name: &str) -> Outside {
    let code = match name {
        "w:ins" | "w:moveTo" => return Outside::Unwrap(Some(Code::OfficeRevision)),
        "w:smartTag" | "w:customXml" => return Outside::Unwrap(Some(Code::OfficeCustomXml)),
        // the preview of an object is a drawing of VML
        "w:object" => return Outside::As("w:pict"),
        "w:del" | "w:moveFrom" | "w:rPrChange" | "w:pPrChange" | "w:sectPrChange"
        | "w:tblPrChange" | "w:tcPrChange" | "w:trPrChange" | "w:cellDel" | "w:cellIns"
        | "w:numberingChange" => Code::OfficeRevision,
        "w:altChunk" | "w:subDoc" | "o:OLEObject" | "x:oleObjects" | "p:oleObj"
        | "c:externalData" | "w:objectEmbed" | "w:objectLink" => Code::OfficeEmbedded,
        "w:control" | "x:controls" | "p:controls" | "p:control" => Code::OfficeControl,
        "w:attachedTemplate"
        | "w:mailMerge"
        | "x:externalReferences"
        | "w:attachedSchema"
        | "w:saveThroughXslt" => Code::OfficeExternal,
        "a:hlinkClick" | "a:hlinkHover" | "a:hlinkMouseOver" => Code::OfficeLink,
        "w:dataBinding" | "w:docVars" | "x:customProperties" | "x:pivotCaches" => {
            Code::OfficeCustomXml
        }
        "w:commentRangeStart" | "p:cmAuthorLst" | "x:legacyDrawing" => Code::OfficeComment,
        "w:fldData" | "w:ffData" => Code::OfficeField,
        "p:timing" | "p:sndAc" | "p:snd" | "a:audioFile" | "a:videoFile" | "a:wavAudioFile"
        | "w:movie" => Code::OfficeMedia,
        "w:rsids" | "w:proofErr" | "w:rsid" | "w:proofState" | "w:commentRangeEnd"
        | "w:commentReference" | "w:placeholder" => {
            return Outside::Drop(None);
        }
        _ => Code::OfficeMarkup,
    };
    Outside::Drop(Some(code))
}

/// Extensions that say nothing that is seen: identifiers of what was made and changed when, of rows and of points, the
/// family of a theme, resolutions, looks of what is not filled ([MS-PPTX] 2.2, [MS-ODRAWXML] 2.2).
const IDLE: [&str; 17] = [
    "{BB962C8B-B14F-4D97-AF65-F5344CB8AC3E}",
    "{FF2B5EF4-FFF2-40B4-BE49-F238E27FC236}",
    "{05A4C25C-085E-4340-85A3-A5531E510DB2}",
    "{E76CE94A-603C-4142-B9EB-6D1370010A27}",
    "{D31A062A-798A-4329-ABDD-BBA856620510}",
    "{D42A27DB-BD31-4B8C-83A1-F6EECF244321}",
    "{28A0092B-C50C-407E-A947-70E740481C1C}",
    "{FD5EFAAD-0ECE-453E-9831-46B23BE46B34}",
    "{0D108BD9-81ED-4DB2-BD59-A6C34878D82A}",
    "{9D8B030D-6E8A-4147-A177-3AD203B41FA5}",
    "{C3380CC4-5D6E-409C-BE32-E72D297353CC}",
    "{909E8E84-426E-40DD-AFC4-6F175D3DCCD1}",
    "{AF507438-7753-43E0-B8FC-AC1667EBCBE1}",
    "{91240B29-F687-4F45-9708-019B960494DF}",
    "{EFAFB233-063F-42B5-8137-9DF3F51BA10A}",
    "{140A7094-0E35-4892-8432-C4D2E57EDEB5}",
    "{B58B0392-4F1F-4190-BB64-5DF3571DCE5F}",
];
/// The longest list of such extensions that is taken for one, in bytes.
const MAX_IDLE: usize = 2_048;

/// Whether the list of extensions that has just begun before `rest` has only such as say nothing that is seen.
pub(super) fn is_idle(rest: &str) -> bool {
    let begin = rest
        .get(..rest.floor_char_boundary(MAX_IDLE))
        .unwrap_or_default();
    let Some((list, _)) = begin.split_once(":extLst>") else {
        return false;
    };
    let mut names = list.split("uri=\"").skip(1).peekable();
    names.peek().is_some() && names.all(|name| IDLE.iter().any(|known| name.starts_with(known)))
}

/// The text of the frame that has just begun before `rest`.
pub(super) fn frame(rest: &str) -> &str {
    let end = rest.find("graphicFrame>").unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Whether a frame holds an object, as far as its text tells. A wrong answer changes what is shown,
/// not what is let through.
pub(super) fn holds_object(frame: &str) -> bool {
    frame.contains(":oleObj")
}

/// Names of sheets that a spreadsheet runs by itself.
pub(super) fn is_automatic(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let lower = lower.strip_prefix("_xlnm.").unwrap_or(&lower);
    [
        "auto_open",
        "auto_close",
        "auto_activate",
        "auto_deactivate",
    ]
    .iter()
    .any(|auto| lower.starts_with(auto))
}

/// Elements about which there is more to ask than whether they are in the vocabulary.
const SPECIAL: [&str; 25] = [
    "a:tile",
    "a:graphicData",
    "wp:extent",
    "p:graphicFrame",
    "xdr:graphicFrame",
    "w:fldChar",
    "w:fldSimple",
    "w:hyperlink",
    "x:hyperlink",
    "a:hlinkClick",
    "x:definedName",
    "w:vanish",
    "x:sheet",
    "p:sld",
    "x:row",
    "x:col",
    "x:workbookView",
    "wpc:wpc",
    "wpc:bg",
    "wpc:whole",
    "wpg:wgp",
    "a:theme",
    "a:clrScheme",
    "a:fontScheme",
    "a:fmtScheme",
];

/// By the places of elements in the vocabulary: whether they are special.
static IS_SPECIAL: LazyLock<Vec<bool>> = LazyLock::new(|| {
    (0..=u16::MAX)
        .map_while(Element::from_index)
        .map(|element| SPECIAL.iter().any(|name| element.is(name)) || is_list(element))
        .collect()
});

/// Whether there is more to ask about an element: a quick answer for all the others.
pub(super) fn is_special(element: Element) -> bool {
    let known = IS_SPECIAL.get(usize::from(element.index()));
    known.copied().unwrap_or(true)
}

/// Whether the name of an element is read by nobody: programs write what is invisible into names of themes.
pub(super) fn is_unread(element: Element) -> bool {
    is_special(element)
        && ["a:theme", "a:clrScheme", "a:fontScheme", "a:fmtScheme"]
            .iter()
            .any(|name| element.is(name))
}

/// Lists that programs take for damaged when they are empty.
pub(super) fn is_list(element: Element) -> bool {
    [
        "x:hyperlinks",
        "x:definedNames",
        "x:tableParts",
        "x:dataValidations",
        "p:custShowLst",
        "p:handoutMasterIdLst",
        "p:notesMasterIdLst",
        "x:customProperties",
        "x:extLst",
        "x:ext",
    ]
    .iter()
    .any(|name| element.is(name))
}

/// Whether an element says something without the part that it refers to.
pub(super) fn may_lose(element: Element) -> bool {
    matches!(
        element.local(),
        "blip"
            | "imagedata"
            | "fill"
            | "stroke"
            | "pageSetup"
            | "chartSpace"
            | "presentation"
            | "worksheet"
    )
}

/// Whether an element is hidden from those who look at the document.
pub(super) fn is_hidden<'v>(element: Element, raw: &impl Fn(&str) -> Option<&'v str>) -> bool {
    let on = |name: &str| matches!(raw(name), Some("1" | "true" | "on"));
    if element.is("w:vanish") {
        return !matches!(raw("val"), Some("0" | "false" | "off"));
    }
    if element.is("x:sheet") {
        return matches!(raw("state"), Some("hidden" | "veryHidden"));
    }
    if element.is("p:sld") {
        return matches!(raw("show"), Some("0" | "false"));
    }
    (element.is("x:row") || element.is("x:col")) && on("hidden")
}

/// Whether sheets of the workbook are left out, so that their numbers change.
pub(super) fn loses_sheets(package: &Package<'_>, part: &Part) -> bool {
    part.relations.values().any(|relation| {
        let last = relation.kind.rsplit('/').next().unwrap_or_default();
        last.to_ascii_lowercase().ends_with("sheet") && package.number(relation).is_none()
    })
}

/// A text as it is read: in spreadsheets characters may be written by their numbers.
pub(super) fn numbers(element: Element, raw: Cow<'_, str>) -> Cow<'_, str> {
    if is_of_sheet(element) && has_numbers(&raw) {
        return Cow::Owned(read_numbers(&raw).into_owned());
    }
    raw
}

/// What goes with an attribute that is not carried: one that leads somewhere, or that runs a macro when a shape is
/// clicked.
pub(super) fn lost_with(local: &str) -> Option<Code> {
    match local {
        "src" | "href" | "althref" | "link" => Some(Code::OfficeExternal),
        "macro" => Some(Code::OfficeMacro),
        _ => None,
    }
}
