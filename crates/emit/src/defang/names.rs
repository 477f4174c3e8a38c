//! The words that make text live: schemes, elements, first lines of encoded blocks.

/// Schemes that do something without `//`. Compared without regard to case but for `tel`:
/// `TEL:03-…` stands in most Japanese signatures and is no link there.
#[rustfmt::skip]
const OPAQUE: &[&str] = &[
    "about", "blob", "callto", "cid", "data", "facetime", "feed", "file", "filesystem",
    "intent", "jar", "javascript", "ldap", "livescript", "mailto", "mhtml", "mk", "mocha",
    "news", "nntp", "onenote", "outlook", "res", "search-ms", "sip", "sips", "skype", "sms",
    "steam", "tel", "vbscript", "view-source", "webcal", "xmpp",
];

/// Elements of HTML (current and obsolete) and the ones of SVG that act or hold others; sorted.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "address", "animate", "animatemotion", "animatetransform",
    "applet", "area", "article", "aside", "audio", "b", "base", "basefont", "bdi", "bdo",
    "bgsound", "big", "blink", "blockquote", "body", "br", "button", "canvas", "caption",
    "center", "circle", "cite", "clippath", "code", "col", "colgroup", "command", "content",
    "data", "datalist", "dd", "defs", "del", "desc", "details", "dfn", "dialog", "dir",
    "div", "dl", "dt", "element", "ellipse", "em", "embed", "feimage", "fieldset",
    "figcaption", "figure", "filter", "font", "footer", "foreignobject", "form", "frame",
    "frameset", "g", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr",
    "html", "i", "iframe", "image", "img", "input", "ins", "isindex", "kbd", "keygen",
    "label", "layer", "legend", "li", "line", "lineargradient", "link", "listing", "main",
    "map", "mark", "marker", "marquee", "mask", "math", "menu", "menuitem", "meta",
    "metadata", "meter", "nav", "nobr", "noembed", "noframes", "noscript", "object", "ol",
    "optgroup", "option", "output", "p", "param", "path", "pattern", "picture", "plaintext",
    "polygon", "polyline", "portal", "pre", "progress", "q", "radialgradient", "rb", "rect",
    "rp", "rt", "rtc", "ruby", "s", "samp", "script", "search", "section", "select", "set",
    "shadow", "slot", "small", "source", "spacer", "span", "stop", "strike", "strong",
    "style", "sub", "summary", "sup", "svg", "switch", "symbol", "table", "tbody", "td",
    "template", "text", "textarea", "textpath", "tfoot", "th", "thead", "time", "title",
    "tr", "track", "tspan", "tt", "u", "ul", "use", "var", "video", "view", "wbr", "xml",
    "xmp",
];

/// Elements so dangerous that filters look for their names whatever follows.
const ALWAYS: &[&str] = &[
    "body", "embed", "form", "html", "iframe", "object", "script",
];

/// The longest element name looked at, in bytes.
const MAX_ELEMENT: usize = 20;

/// The run of scheme characters (RFC 3986 section 3.1) at the end of `text`.
pub(super) fn trailing_scheme(text: &str) -> &str {
    let run = text
        .bytes()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        .count();
    text.len()
        .checked_sub(run)
        .and_then(|start| text.get(start..))
        .unwrap_or_default()
}

/// Whether the scheme, or a word at its end (`x.javascript`), does something without `//`.
pub(super) fn works_without_slashes(scheme: &str) -> bool {
    let mut rest = scheme;
    loop {
        if is_opaque(rest) {
            return true;
        }
        match rest.split_once(['+', '-', '.']) {
            Some((_, next)) => rest = next,
            None => return false,
        }
    }
}

fn is_opaque(word: &str) -> bool {
    let ms = word.len() > 3 && has_prefix(word, "ms-");
    // the longest of the list has 11 bytes
    ms || (word.len() <= 11
        && word != "TEL"
        && word != "Tel"
        && OPAQUE.iter().any(|name| name.eq_ignore_ascii_case(word)))
}

/// The `http`, `https` or `ftp` at the end of a scheme, as it is written there.
pub(super) fn trailing_web(scheme: &str) -> Option<&str> {
    ["https", "http", "ftp"]
        .iter()
        .find_map(|web| trailing(scheme, web))
}

/// Whether the scheme is one that we write ourselves.
pub(super) fn is_defanged(scheme: &str) -> bool {
    ["hxxps", "hxxp", "fxp"]
        .iter()
        .any(|web| trailing(scheme, web).is_some())
}

fn trailing<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.len().checked_sub(word.len())?;
    text.get(start..)
        .filter(|end| end.eq_ignore_ascii_case(word))
}

/// Whether a `<` before `rest` starts a tag, a comment, a declaration or an instruction.
pub(super) fn opens_tag(rest: &str) -> bool {
    if let Some(declared) = rest.strip_prefix('!') {
        return declared.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '['));
    }
    if let Some(instruction) = rest.strip_prefix('?') {
        return instruction.starts_with(|c: char| c.is_ascii_alphabetic());
    }
    if ALWAYS.iter().any(|name| has_prefix(rest, name)) {
        return true;
    }
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let length = rest
        .bytes()
        .take(MAX_ELEMENT)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let (name, behind) = rest.split_at_checked(length).unwrap_or_default();
    let ends = behind
        .chars()
        .next()
        .is_none_or(|c| c.is_whitespace() || matches!(c, '>' | '/'));
    ends && ELEMENTS
        .binary_search_by(|element| {
            let lower = name.bytes().map(|b| b.to_ascii_lowercase());
            element.bytes().cmp(lower)
        })
        .is_ok()
}

/// Whether a line is the first one of a block that clients decode unasked.
pub(super) fn starts_encoded_block(line: &str) -> bool {
    // nearly every line is none, and its first byte says so
    if !matches!(
        line.as_bytes().first(),
        Some(b'b' | b'B' | b'=' | b'(' | b'-')
    ) {
        return false;
    }
    // uuencode (POSIX): begin, mode, name; one well-known client is content with two blanks
    if let Some(rest) = without_prefix(line, "begin") {
        return rest.starts_with("  ")
            || rest.starts_with('\t')
            || has_prefix(rest, "-base64")
            || rest
                .strip_prefix(' ')
                .is_some_and(|mode| mode.starts_with(|c: char| c.is_ascii_digit()));
    }
    [
        "=ybegin ",
        "=ypart ",
        "(This file must be converted with BinHex",
        "-----BEGIN PGP",
    ]
    .iter()
    .any(|first| has_prefix(line, first))
}

/// Whether a line starts an encrypted message of PGP, and whether a text that it signed in place.
pub(super) fn pgp(line: &str) -> (bool, bool) {
    (
        has_prefix(line, "-----BEGIN PGP MESSAGE"),
        has_prefix(line, "-----BEGIN PGP SIGNED"),
    )
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    without_prefix(text, prefix).is_some()
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_sorted() {
        assert!(ELEMENTS.is_sorted());
        assert!(ELEMENTS.iter().all(|e| e.len() <= MAX_ELEMENT));
        assert!(OPAQUE.iter().all(|o| o.len() <= 11));
    }
}
