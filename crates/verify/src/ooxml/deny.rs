//! The second look: what must not be in any document of ours, told by its own lists.

use mugai_core::Violation;
use mugai_core::markup::vocabulary::{Element, Type};
use std::sync::LazyLock;

const ELEMENTS: [&str; 39] = [
    "altChunk",
    "subDoc",
    "OLEObject",
    "oleObject",
    "oleObj",
    "control",
    "controls",
    "object",
    "objectEmbed",
    "objectLink",
    "movie",
    "fldData",
    "ffData",
    "attachedTemplate",
    "attachedSchema",
    "mailMerge",
    "docVars",
    "saveThroughXslt",
    "frameset",
    "dataBinding",
    "externalReference",
    "externalLink",
    "ddeLink",
    "oleLink",
    "externalData",
    "legacyDrawing",
    "hlinkHover",
    "hlinkMouseOver",
    "audioFile",
    "videoFile",
    "wavAudioFile",
    "quickTimeFile",
    "cmd",
    "sndAc",
    "embeddedFontLst",
    "custDataLst",
    "extLst",
    "delText",
    "delInstrText",
];

const ATTRIBUTES: [&str; 16] = [
    "macro",
    "action",
    "href",
    "src",
    "r:link",
    "r:href",
    "o:href",
    "o:button",
    "o:ole",
    "codeName",
    "vbProcedure",
    "xlm",
    "textlink",
    "w:tgtFrame",
    "w:docLocation",
    "althref",
];

/// Fields that number, count and refer; all others may load, link, ask or run.
const FIELDS: [&str; 11] = [
    "HYPERLINK",
    "NOTEREF",
    "NUMPAGES",
    "PAGE",
    "PAGEREF",
    "REF",
    "SECTION",
    "SECTIONPAGES",
    "SEQ",
    "STYLEREF",
    "TOC",
];

/// Functions that fetch, call, register or act.
const FUNCTIONS: [&str; 24] = [
    "WEBSERVICE",
    "FILTERXML",
    "CALL",
    "REGISTER",
    "REGISTER.ID",
    "RTD",
    "EXEC",
    "SQL.REQUEST",
    "IMAGE",
    "PY",
    "STOCKHISTORY",
    "HYPERLINK",
    "CUBEVALUE",
    "CUBEMEMBER",
    "CUBESET",
    "INFO",
    "EVALUATE",
    "GET.CELL",
    "GET.WORKBOOK",
    "FOPEN",
    "RUN",
    "ALERT",
    "HALT",
    "ENCODEURL",
];

/// Elements of ODF that run, load, embed or tell what was taken out.
const OPEN: [&str; 27] = [
    "scripts",
    "script",
    "event-listeners",
    "event-listener",
    "execute-macro",
    "error-macro",
    "forms",
    "form",
    "dde-source",
    "dde-link",
    "dde-links",
    "dde-connection",
    "dde-connection-decl",
    "section-source",
    "table-source",
    "cell-range-source",
    "database-display",
    "database-source-sql",
    "object-ole",
    "applet",
    "plugin",
    "floating-frame",
    "font-face-src",
    "font-face-uri",
    "tracked-changes",
    "annotation",
    "binary-data",
];

/// By the places of elements in the vocabulary: whether they must not be.
static DENIED: LazyLock<Vec<bool>> = LazyLock::new(|| {
    (0..=u16::MAX)
        .map_while(Element::from_index)
        .map(|element| {
            // the only object that may be is a chart, and where it leads is looked at
            let denied = ELEMENTS.contains(&element.local()) || OPEN.contains(&element.local());
            denied && !element.is("draw:object")
        })
        .collect()
});

/// By their places: the characters of words and measures.
static MEASURES: LazyLock<Vec<bool>> = LazyLock::new(|| {
    (0..=u8::MAX)
        .map(|b| b.is_ascii() && !b"<>\"'\\|[]&?=".contains(&b))
        .collect()
});

pub(super) fn is_element(element: Element) -> bool {
    let known = DENIED.get(usize::from(element.index()));
    known.copied().unwrap_or(true)
}

pub(super) fn is_attribute(key: &str) -> bool {
    ATTRIBUTES.contains(&key)
}

/// Whether a link may lead there: a page or a mail address, nobody's name before the host.
pub(super) fn is_address(address: &str) -> bool {
    let odd = |b: u8| !b.is_ascii_graphic() || b"<>\"\\^`{|}".contains(&b);
    if address.bytes().any(odd) {
        return false;
    }
    if let Some(mail) = address.strip_prefix("mailto:") {
        return mail.matches('@').count() == 1 && !mail.contains(['?', '/', ':', '%', '&']);
    }
    let Some((scheme, rest)) = address.split_once("://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    matches!(scheme, "http" | "https")
        && host.contains(|c: char| c.is_ascii_alphanumeric())
        && !host.contains(['@', '%', '[', '(', '&'])
}

/// Whether a value may stand: characters of text, and the form of what is more than text.
pub(super) fn value(kind: Type, value: &str) -> Result<(), Violation> {
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}' | '\u{fffe}' | '\u{ffff}')
    };
    // most values are plain, and that is quickly seen
    let plain = value.bytes().all(|b| matches!(b, b' '..=b'~'));
    if !plain && value.contains(hidden) {
        return Err(Violation::of("ooxml: a hidden character"));
    }
    let good = match kind {
        Type::Text => true,
        Type::Value => value
            .bytes()
            .all(|b| MEASURES.get(usize::from(b)).copied().unwrap_or(false)),
        Type::Style => !value.contains("//") && value.is_ascii(),
        Type::Formula => formula(value),
        Type::Instruction => instruction(value),
        Type::Move => {
            let name = value.strip_prefix("ppaction://hlink").unwrap_or("-");
            let name = name.strip_prefix("showjump?jump=").unwrap_or(name);
            !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_lowercase())
                && !matches!(name, "file" | "pres")
        }
        Type::OpenFormula => open_formula(value),
        Type::Local => value.starts_with('#') && !value.contains([':', '/', '\\', '<', '"']),
        Type::Reference => false,
    };
    if good {
        Ok(())
    } else {
        Err(Violation::of("ooxml: a value of another form"))
    }
}

fn instruction(value: &str) -> bool {
    let first = value.split_ascii_whitespace().next().unwrap_or_default();
    let local = first != "HYPERLINK" || value.contains("\\l ");
    local && FIELDS.contains(&first) && !value.contains([':', '/', '{', '}', '=', '|', '&', '<'])
}

/// No data exchange, no other book, no function of the list.
fn formula(value: &str) -> bool {
    let mut quote = None;
    let mut word = String::new();
    let mut before = ' ';
    for c in value.chars() {
        if let Some(end) = quote {
            // what is in quotes is text, or the name of a sheet, which has no brackets
            if end == '\'' && c == '[' {
                return false;
            }
            if c == end {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '|' | '\\' => return false,
            '[' if !(before.is_alphanumeric()
                || !before.is_ascii()
                || matches!(before, '_' | '$' | '[' | ',' | ' ' | ':' | '@' | '.')) =>
            {
                return false;
            }
            '(' if FUNCTIONS
                .iter()
                .any(|name| word.strip_prefix("_XLFN.").unwrap_or(&word) == *name) =>
            {
                return false;
            }
            _ => {}
        }
        if c.is_alphanumeric() || matches!(c, '.' | '_') {
            word.extend(c.to_uppercase());
        } else if c != ' ' {
            word.clear();
        }
        before = c;
    }
    quote.is_none()
}

/// As [`formula`], for ODF: names of other files have a `#` behind them.
fn open_formula(value: &str) -> bool {
    let value = value.strip_prefix("of:").unwrap_or(value);
    let mut quote = None;
    let mut inside = false;
    let mut word = String::new();
    for c in value.replace("#REF!", "").chars() {
        if let Some(end) = quote {
            if end == '\'' && matches!(c, '/' | ':' | '\\') {
                return false;
            }
            if c == end {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '[' => inside = true,
            ']' => inside = false,
            '|' | '\\' => return false,
            '#' | '/' if inside => return false,
            ':' if !inside => return false,
            '(' => {
                let name = word.rsplit("MICROSOFT.").next().unwrap_or_default();
                let name = name.rsplit("OFFICE.").next().unwrap_or_default();
                if name == "DDE" || name == "MACRO" || FUNCTIONS.contains(&name) {
                    return false;
                }
            }
            _ => {}
        }
        if c.is_alphanumeric() || matches!(c, '.' | '_') {
            word.extend(c.to_uppercase());
        } else if c != ' ' {
            word.clear();
        }
    }
    quote.is_none() && !inside
}
