//! Whether anything in a text is clickable, renderable or decoded without asking.
//!
//! Line by line in lower case, by looking for each construct in turn: slow and plain on purpose.

use super::Marks;

/// Schemes that do something without `//`.
#[rustfmt::skip]
const SCHEMES: &[&str] = &[
    "about", "blob", "callto", "cid", "data", "facetime", "feed", "file", "filesystem",
    "intent", "jar", "javascript", "ldap", "livescript", "mailto", "mhtml", "mk", "mocha",
    "news", "nntp", "onenote", "outlook", "res", "search-ms", "sip", "sips", "skype", "sms",
    "steam", "tel", "vbscript", "view-source", "webcal", "xmpp",
];

/// Elements by their number of letters.
const ELEMENTS: [&[&str]; 17] = [
    &[],
    &["a", "b", "g", "i", "p", "q", "s", "u"],
    &[
        "br", "dd", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "rb",
        "rp", "rt", "td", "th", "tr", "tt", "ul",
    ],
    &[
        "bdi", "bdo", "big", "col", "del", "dfn", "dir", "div", "img", "ins", "kbd", "map", "nav",
        "pre", "rtc", "set", "sub", "sup", "svg", "use", "var", "wbr", "xml", "xmp",
    ],
    &[
        "abbr", "area", "base", "body", "cite", "code", "data", "defs", "desc", "font", "form",
        "head", "html", "line", "link", "main", "mark", "mask", "math", "menu", "meta", "nobr",
        "path", "rect", "ruby", "samp", "slot", "span", "stop", "text", "time", "view",
    ],
    &[
        "aside", "audio", "blink", "embed", "frame", "image", "input", "label", "layer", "meter",
        "param", "small", "style", "table", "tbody", "tfoot", "thead", "title", "track", "tspan",
        "video",
    ],
    &[
        "applet", "button", "canvas", "center", "circle", "dialog", "figure", "filter", "footer",
        "header", "hgroup", "iframe", "keygen", "legend", "marker", "object", "option", "output",
        "portal", "script", "search", "select", "shadow", "source", "spacer", "strike", "strong",
        "switch", "symbol",
    ],
    &[
        "acronym", "address", "animate", "article", "bgsound", "caption", "command", "content",
        "details", "element", "ellipse", "feimage", "isindex", "listing", "marquee", "noembed",
        "pattern", "picture", "polygon", "section", "summary",
    ],
    &[
        "basefont", "clippath", "colgroup", "datalist", "fieldset", "frameset", "menuitem",
        "metadata", "noframes", "noscript", "optgroup", "polyline", "progress", "template",
        "textarea", "textpath",
    ],
    &["plaintext"],
    &["blockquote", "figcaption"],
    &[],
    &[],
    &["animatemotion", "foreignobject"],
    &["lineargradient", "radialgradient"],
    &[],
    &["animatetransform"],
];

/// The rule that a live thing in a line breaks, and its byte offset. `line` has no line end, which
/// stands for a blank wherever a rule looks at what follows.
pub(super) fn first(line: &str, marks: &Marks) -> Option<(&'static str, usize)> {
    let block = matches!(line.bytes().next(), Some(b'b' | b'B' | b'=' | b'-' | b'('));
    let host = marks.dot && may_name_host(line);
    if block && starts_block(line) {
        return Some(("text: line that clients decode", 0));
    }
    // most lines have none of the characters that everything below needs
    if !(host || marks.colon || marks.backslash || marks.less_than) {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    let mut found = None;
    if marks.colon {
        found = scheme(&lower, line);
    }
    if host && found.is_none() {
        found = completed_host(&lower);
    }
    if marks.backslash && found.is_none() {
        found = network_path(&lower);
    }
    if marks.less_than && found.is_none() {
        found = tag(&lower);
    }
    found
}

/// [`first`] without anything that is skipped.
#[cfg(test)]
pub(super) fn every_rule(line: &str) -> Option<(&'static str, usize)> {
    let lower = line.to_ascii_lowercase();
    if starts_block(line) {
        return Some(("text: line that clients decode", 0));
    }
    scheme(&lower, line)
        .or_else(|| completed_host(&lower))
        .or_else(|| network_path(&lower))
        .or_else(|| tag(&lower))
}

/// Whether a dot stands behind the last letter of `www` or `ftp`: dots are in most lines.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch many bytes are looked at in one step"
)]
fn may_name_host(line: &str) -> bool {
    let bytes = line.as_bytes();
    let behind = bytes.iter().skip(1);
    bytes.iter().zip(behind).fold(false, |any, (letter, dot)| {
        any | (matches!(letter, b'w' | b'W' | b'p' | b'P') & (*dot == b'.'))
    })
}

/// Whether mail programs decode what follows; letters of any case, and no copy of the line.
fn starts_block(line: &str) -> bool {
    let after = |start: &str| {
        let (head, rest) = line.split_at_checked(start.len())?;
        head.eq_ignore_ascii_case(start).then_some(rest)
    };
    let uuencoded = after("begin").is_some_and(|mode| {
        let mut next = mode.chars();
        matches!(
            (next.next(), next.next()),
            (Some(' '), Some(' ' | '0'..='9')) | (Some('\t'), _)
        )
    });
    let others = [
        "begin-base64",
        "=ybegin ",
        "=ypart ",
        "-----begin pgp",
        "(this file must be converted with binhex",
    ];
    uuencoded || others.iter().any(|start| after(start).is_some())
}

fn scheme(lower: &str, original: &str) -> Option<(&'static str, usize)> {
    let mut from = 0usize;
    for (at, _) in lower.match_indices(':') {
        let before = lower.get(from..at).unwrap_or_default();
        let as_written = original.get(from..at).unwrap_or_default();
        let behind = at.saturating_add(1);
        let after = lower.get(behind..).unwrap_or_default();
        from = behind;
        let part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let start = before.trim_end_matches(part).len();
        let word = before.get(start..).unwrap_or_default();
        let goes_on = after.chars().next().is_some_and(|c| !c.is_whitespace());
        let shout = ["TEL", "Tel"].iter().any(|t| as_written.ends_with(t));
        if goes_on && acts(word) && !shout {
            return Some(("text: scheme", at));
        }
        let web = ["http", "https", "ftp"].iter().any(|w| word.ends_with(w));
        if web && after.starts_with(['/', '\\']) {
            return Some(("text: web address", at));
        }
        let ours = ["hxxp", "hxxps", "fxp"].iter().any(|w| word.ends_with(w));
        if after.starts_with("//") && !ours && word.contains(|c: char| c.is_ascii_lowercase()) {
            return Some(("text: address", at));
        }
    }
    None
}

/// Whether the word, or what follows a `+`, `-` or `.` in it, is a scheme that acts by itself.
fn acts(word: &str) -> bool {
    let mut tail = Some(word);
    while let Some(candidate) = tail {
        if SCHEMES.contains(&candidate) || (candidate.starts_with("ms-") && candidate.len() > 3) {
            return true;
        }
        tail = candidate.split_once(['+', '-', '.']).map(|(_, rest)| rest);
    }
    false
}

fn completed_host(lower: &str) -> Option<(&'static str, usize)> {
    ["www.", "ftp."].iter().find_map(|host| {
        lower
            .match_indices(host)
            .find(|&(at, _)| {
                let (before, rest) = lower.split_at_checked(at).unwrap_or_default();
                let in_word = before.ends_with(|c: char| c.is_ascii_alphanumeric());
                let after = rest.get(host.len()..).unwrap_or_default();
                !in_word && after.starts_with(char::is_alphanumeric)
            })
            .map(|(at, _)| ("text: host name", at))
    })
}

fn network_path(lower: &str) -> Option<(&'static str, usize)> {
    lower
        .match_indices(r"\\")
        .find(|&(at, _)| {
            let (before, rest) = lower.split_at_checked(at).unwrap_or_default();
            let escaped =
                before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '\\'));
            let host = rest.chars().nth(2);
            !escaped && host.is_some_and(|c| c.is_alphanumeric() || "?.".contains(c))
        })
        .map(|(at, _)| ("text: network path", at))
}

fn tag(lower: &str) -> Option<(&'static str, usize)> {
    lower
        .match_indices('<')
        .find(|&(at, _)| {
            let inside = lower.get(at.saturating_add(1)..).unwrap_or_default();
            is_tag(inside)
        })
        .map(|(at, _)| ("text: markup", at))
}

fn is_tag(inside: &str) -> bool {
    let mut head = inside.chars();
    match (head.next(), head.next()) {
        (Some('!'), Some('a'..='z' | '-' | '[')) | (Some('?'), Some('a'..='z')) => return true,
        _ => {}
    }
    let dangerous = [
        "body", "embed", "form", "html", "iframe", "object", "script",
    ];
    if dangerous.iter().any(|name| inside.starts_with(name)) {
        return true;
    }
    let name = inside.strip_prefix('/').unwrap_or(inside);
    // a longer run of letters than the table has is no name in it
    let end = name
        .char_indices()
        .take(ELEMENTS.len())
        .find(|(_, c)| !c.is_ascii_alphanumeric());
    let length = end.map_or(name.len(), |(at, _)| at);
    let closes = end.is_none_or(|(_, c)| c.is_whitespace() || c == '>' || c == '/');
    let word = name.get(..length).unwrap_or_default();
    closes
        && ELEMENTS
            .get(length)
            .is_some_and(|list| list.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_in_the_list_of_their_length() {
        for (length, names) in ELEMENTS.iter().enumerate() {
            assert!(names.iter().all(|name| name.len() == length));
        }
    }
}
