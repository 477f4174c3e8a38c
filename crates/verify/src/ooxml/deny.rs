//! The second look: what must not be in any document of ours, told by its own lists.

use mugai_core::Violation;
use mugai_core::markup::vocabulary::{Element, Type};
use std::sync::LazyLock;

mod formula;

use formula::{formula, open_formula};

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

/// What no setting of a document of ODF may be about.
const SETTINGS: [&str; 16] = [
    "printername",
    "printersetup",
    "printerpaper",
    "script",
    "macro",
    "link",
    "tableurl",
    "load",
    "update",
    "database",
    "user",
    "password",
    "embed",
    "save",
    "rsid",
    "key",
];

/// By the places of elements in the vocabulary: whether they must not be.
static DENIED: LazyLock<Vec<bool>> = LazyLock::new(|| {
    (0..=u16::MAX)
        .map_while(Element::from_index)
        .map(|element| {
            // the only object that may be is a chart or a formula, and where it leads is looked at; formulas have words
            // beside them that are no comments
            let denied = ELEMENTS.contains(&element.local()) || OPEN.contains(&element.local());
            // and what extensions hold is looked at
            let known = ["draw:object", "x:extLst", "math:annotation"];
            denied && !known.iter().any(|name| element.is(name))
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

/// Places in sheets: between the quotes and outside of them nothing that is a call, a path or another file.
fn open_range(value: &str) -> bool {
    let paths = "/\\[]\"|<>#";
    let calls = "(){};,&=*+^%~@?!";
    let pieces: Vec<&str> = value.split('\'').collect();
    // every second piece stands in quotes, and what begins with one ends with one
    pieces.len() % 2 == 1
        && pieces.iter().enumerate().all(|(place, piece)| {
            if place % 2 == 1 {
                !piece.contains(|c| c == ':' || paths.contains(c))
            } else {
                let piece = piece.replace("#REF!", "");
                !piece.contains(|c| paths.contains(c) || calls.contains(c))
            }
        })
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

/// Whether a link may lead there: a cell, a range, a name or a bookmark of the same document. A colon stands between
/// two corners of a range only, so that nothing is a scheme.
pub(super) fn is_place(target: &str) -> bool {
    let odd =
        |c: char| !c.is_alphanumeric() && !" ._-$!':()&ー・（）「」【】、～〜－＋＆".contains(c);
    let place = target.strip_prefix('#').unwrap_or_default();
    // of each corner: whether it has letters, and whether it has digits
    let corner = |side: &str| {
        let letters = side.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = side.bytes().filter(u8::is_ascii_digit).count();
        let marks = side.matches('$').count();
        let whole = letters.saturating_add(digits).saturating_add(marks) == side.len();
        (whole && letters <= 3 && digits <= 7 && marks <= 2 && letters.saturating_add(digits) > 0)
            .then_some((letters > 0, digits > 0))
    };
    let last = place.rsplit('!').next().unwrap_or_default();
    let ranges = match (place.matches(':').count(), last.split_once(':')) {
        (0, _) => true,
        (1, Some((one, other))) => corner(one).is_some() && corner(one) == corner(other),
        _ => false,
    };
    !place.is_empty() && place.len() <= 400 && !place.contains(odd) && ranges
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
        Type::Style => style(value),
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
        Type::Range => open_range(value),
        Type::Local => value.starts_with('#') && !value.contains([':', '/', '\\', '<', '"']),
        Type::Setting => {
            let odd = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-');
            let lower = value.to_ascii_lowercase();
            let denied = SETTINGS.iter().any(|word| lower.contains(word));
            !value.is_empty() && !value.contains(odd) && !denied
        }
        // of the metadata of ours, which say one thing
        Type::One => value == "1",
        Type::Reference => false,
    };
    if good {
        Ok(())
    } else {
        Err(Violation::of("ooxml: a value of another form"))
    }
}

/// Whether a text of a spreadsheet has a character that is written by its number, but for the bar that begins such a
/// number: programs read the character, and this checker would not.
pub(super) fn has_number(value: &str) -> bool {
    // most are short: a search for two letters takes longer to begin
    if !value.bytes().any(|byte| byte == b'_') {
        return false;
    }
    let mut rest = value;
    while let Some(at) = rest.find("_x") {
        rest = rest.get(at..).unwrap_or_default();
        let digits = rest
            .get(2..6)
            .filter(|_| rest.as_bytes().get(6) == Some(&b'_'));
        let digits = digits.filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
        let step = match digits {
            Some(digits) if digits.eq_ignore_ascii_case("005f") => 7,
            Some(_) => return true,
            None => 1,
        };
        rest = rest.get(step..).unwrap_or_default();
    }
    false
}

/// Measures and properties of VML: nothing that could be an address or a script.
fn style(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bad = ["url", "//", "\\", "expression", "script:", "file:"];
    // names of fonts and of shapes have letters, but none that nobody sees
    let letter = |c: char| {
        let filler = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
        c.is_ascii() || (c.is_alphanumeric() && !filler) || "\u{3000}・（）".contains(c)
    };
    value.chars().all(letter) && !bad.iter().any(|bad| lower.contains(bad))
}

fn instruction(value: &str) -> bool {
    let mut words = value.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    if first == "HYPERLINK" {
        return local_link(words);
    }
    FIELDS.contains(&first)
        && !value.contains([':', '/', '{', '}', '=', '|', '&', '<'])
        && !value.contains("\\\\")
}

/// `\l name` with `\h` around it, and nothing else: what stands alone would be an address.
fn local_link<'w>(words: impl Iterator<Item = &'w str>) -> bool {
    let (mut switch, mut name) = (false, false);
    for word in words {
        let quoted = word.strip_prefix('"').and_then(|w| w.strip_suffix('"'));
        let place = quoted.unwrap_or(word);
        match word {
            "\\h" | "\\H" => {}
            "\\l" | "\\L" if !switch => switch = true,
            _ if switch && !name && !place.is_empty() => {
                name = place.chars().all(|c| c.is_alphanumeric() || c == '_');
                if !name {
                    return false;
                }
            }
            _ => return false,
        }
    }
    switch && name
}

#[cfg(test)]
mod tests;
