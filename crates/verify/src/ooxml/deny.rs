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
        Type::Reference => false,
    };
    if good {
        Ok(())
    } else {
        Err(Violation::of("ooxml: a value of another form"))
    }
}

/// Measures and properties of VML: nothing that could be an address or a script.
fn style(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bad = ["url", "//", "\\", "expression", "script:", "file:"];
    value.is_ascii() && !bad.iter().any(|bad| lower.contains(bad))
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

/// The name before a bracket: letters in one stretch. A blank may stand before the bracket, and ends the word
/// before another one.
#[derive(Default)]
struct Word {
    letters: String,
    parted: bool,
}

impl Word {
    fn take(&mut self, c: char) {
        if c.is_whitespace() {
            self.parted = true;
            return;
        }
        let letter = c.is_alphanumeric() || matches!(c, '.' | '_');
        if self.parted || !letter {
            self.letters.clear();
        }
        self.parted = false;
        if letter {
            self.letters.extend(c.to_uppercase());
        }
    }

    /// Whether it is a function that must not be, with or without the prefixes of newer ones.
    fn is_denied(&self) -> bool {
        let name = self.letters.as_str();
        let name = name.strip_prefix("_XLFN.").unwrap_or(name);
        let name = name.strip_prefix("_XLWS.").unwrap_or(name);
        FUNCTIONS.contains(&name)
    }
}

/// No data exchange, no other book, no function of the list.
fn formula(value: &str) -> bool {
    let mut quote = None;
    let mut word = Word::default();
    // what stands before the first character is no name of a table
    let mut before = '=';
    // brackets that are open: the columns of a table
    let mut depth = 0usize;
    for c in value.chars() {
        if let Some(end) = quote {
            // what is in quotes is text, or the name of a sheet, which has no brackets and is no path
            if end == '\'' && matches!(c, '[' | ']' | '\\' | '/' | ':' | '|') {
                return false;
            }
            if c == end {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' | '!' if depth > 0 => return false,
            '"' | '\'' => quote = Some(c),
            '|' | '\\' => return false,
            '[' => {
                // without a name before it, it is the number of another book
                let named = before.is_alphanumeric()
                    || matches!(before, '_' | '$' | '.')
                    || !before.is_ascii();
                if depth == 0 && !named {
                    return false;
                }
                depth = depth.saturating_add(1);
            }
            ']' => depth = depth.saturating_sub(1),
            '!' if before == ']' => return false,
            '(' if word.is_denied() => return false,
            _ => {}
        }
        word.take(c);
        before = c;
    }
    quote.is_none() && depth == 0
}

/// As [`formula`], for ODF: names of other files have a `#` behind them.
fn open_formula(value: &str) -> bool {
    let value = value.strip_prefix("of:").unwrap_or(value);
    let mut quote = None;
    let mut inside = false;
    let mut word = Word::default();
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
                let name = word.letters.rsplit("MICROSOFT.").next().unwrap_or_default();
                let name = name.rsplit("OFFICE.").next().unwrap_or_default();
                if name == "DDE" || name == "MACRO" || FUNCTIONS.contains(&name) {
                    return false;
                }
            }
            _ => {}
        }
        word.take(c);
    }
    quote.is_none() && !inside
}

#[cfg(test)]
mod tests;
