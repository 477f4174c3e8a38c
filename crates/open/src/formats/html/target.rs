//! Targets of links: read as a browser reads them (WHATWG URL section 4.4), shown unclickable.

use mugai_core::markup::scrub;
use std::borrow::Cow;

/// Longest target that is shown, in bytes; tracking targets go on for kilobytes.
const SHOWN_MAX_BYTES: usize = 2_000;

/// Longest host that is read, in bytes: 255 characters, percent-encoded or in UTF-8.
const HOST_MAX_BYTES: usize = 1_020;

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::formats) enum Target {
    /// A page.
    Web(Web),
    /// A mail address or a telephone number.
    Direct {
        /// `mailto[:]x@example.jp`.
        shown: String,
        /// What stands behind the scheme.
        address: String,
    },
    /// A place in the same document, or relative to one that a mail does not have.
    Local,
    /// A scheme that leads to programs, scripts or files.
    Foreign,
}

/// A target on the web.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::formats) struct Web {
    /// The whole target, unclickable.
    pub(in crate::formats) shown: String,
    /// The host in ASCII, lower case.
    pub(in crate::formats) host: String,
    /// The host was written in other letters than ASCII.
    pub(in crate::formats) idn: bool,
    /// Something stands before an `@` in front of the host, where it looks like a host.
    pub(in crate::formats) user: bool,
    /// The shown form was cut.
    pub(in crate::formats) cut: bool,
}

/// Reads the value of an `href`.
pub(in crate::formats) fn parse(href: &str) -> Target {
    let href = stripped(href);
    let Some((scheme, rest)) = scheme_of(&href) else {
        return match href.get(..4) {
            // what desktop clients take for a page
            Some(www) if www.eq_ignore_ascii_case("www.") => web("http", &href),
            _ if href.starts_with("//") || href.starts_with("\\\\") => Target::Foreign,
            _ => Target::Local,
        };
    };
    match scheme.as_str() {
        "http" | "https" => web(&scheme, rest),
        "mailto" | "tel" => direct(&scheme, rest),
        _ => Target::Foreign,
    }
}

/// The address of a link as a person reads it, unclickable; `None` for what leads to no page and no mail address.
pub(in crate::formats) fn shown(raw: &str) -> Option<String> {
    match parse(raw) {
        Target::Web(web) => Some(scrub(&web.shown).0.into_owned()),
        Target::Direct { shown, .. } => Some(scrub(&shown).0.into_owned()),
        Target::Local | Target::Foreign => None,
    }
}

/// What is told behind the text of a link: where it leads, unless the text says that.
pub(in crate::formats) fn behind(said: &str, raw: &str) -> Option<String> {
    shown(raw)
        .filter(|shown| !says(said, shown))
        .map(|shown| format!(" [{shown}]"))
}

/// Whether a text says where the link leads that it is the text of, so that the address need not be told behind it;
/// `shown` is the address, unclickable or not. The scheme may be left out, another one may not be said.
pub(in crate::formats) fn says(said: &str, shown: &str) -> bool {
    let plain = |text: &str| {
        let text = text.trim().trim_end_matches('/').replace("hxxp", "http");
        let text = text.replace("[:]", ":").replace("[.]", ".");
        readable(&text).into_owned()
    };
    let (said, shown) = (plain(said), plain(shown));
    let mut schemes = ["", "http://", "https://", "mailto:", "tel:"].iter();
    schemes.any(|scheme| {
        let rest = shown
            .get(scheme.len()..)
            .filter(|_| shown.starts_with(scheme));
        rest.is_some_and(|rest| !rest.is_empty() && is_same(rest, &said))
    })
}

/// Whether two addresses are one: letters are the same in either case up to the end of the host only.
fn is_same(one: &str, other: &str) -> bool {
    let host = one.find("://").map_or(0, |at| at.saturating_add(3));
    let path = one.get(host..).and_then(|rest| rest.find('/'));
    let end = path.map_or(one.len(), |path| host.saturating_add(path));
    match (one.split_at_checked(end), other.split_at_checked(end)) {
        (Some((one, path)), Some((other, its))) => one.eq_ignore_ascii_case(other) && path == its,
        _ => false,
    }
}

/// A target in the one spelling that may stay live; `None` for what leads to no page or mail address, and
/// for what pretends to lead elsewhere.
pub(in crate::formats) fn live(href: &str) -> Option<String> {
    match parse(href) {
        Target::Web(web) if !web.user && !web.cut => {
            let href = stripped(href);
            let (scheme, rest) = scheme_of(&href).unwrap_or_else(|| ("http".to_owned(), &href));
            let rest = rest.trim_start_matches(['/', '\\']);
            let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
            let (place, path) = rest.split_at_checked(end)?;
            let port = place.rsplit_once(':').map_or("", |(_, port)| port);
            let mut out = format!("{scheme}://{}", web.host);
            if !port.is_empty() {
                out.push(':');
                out.push_str(port);
            }
            push_encoded(&mut out, path);
            Some(out)
        }
        Target::Direct { address, .. } => {
            let (scheme, _) = scheme_of(href.trim())?;
            (scheme == "mailto").then(|| format!("mailto:{address}"))
        }
        Target::Web(_) | Target::Local | Target::Foreign => None,
    }
}

/// Appends a path, all that is not plain percent-encoded.
fn push_encoded(out: &mut String, path: &str) {
    for byte in path.bytes() {
        match byte {
            b'\\' => out.push('/'),
            b'!' | b'#'..=b';' | b'=' | b'?'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                out.push('%');
                out.push(hex_digit(byte >> 4));
                out.push(hex_digit(byte & 15));
            }
        }
    }
}

/// The host of a link target in the same form as [`Web::host`]; `None` when it can be none.
pub(super) fn ascii_host(host: &str) -> Option<(String, bool)> {
    // no name is longer, and the price of punycode grows with the square
    if host.len() > HOST_MAX_BYTES {
        return None;
    }
    let decoded = percent_decoded(host);
    let decoded = decoded.trim_end_matches('.');
    let ascii = idna::domain_to_ascii(decoded).ok()?;
    let fits = !ascii.is_empty()
        && ascii.len() <= 255
        && ascii.bytes().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':' | b'[' | b']')
        });
    fits.then_some((ascii, !decoded.is_ascii()))
}

/// Takes the blanks off the ends and the tabs and line ends out of the middle.
fn stripped(href: &str) -> Cow<'_, str> {
    let trimmed = href.trim_matches(|c: char| c <= ' ');
    if trimmed.contains(['\t', '\n', '\r']) {
        Cow::Owned(trimmed.replace(['\t', '\n', '\r'], ""))
    } else {
        Cow::Borrowed(trimmed)
    }
}

fn scheme_of(href: &str) -> Option<(String, &str)> {
    let (scheme, rest) = href.split_once(':')?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    valid.then(|| (scheme.to_ascii_lowercase(), rest))
}

fn web(scheme: &str, rest: &str) -> Target {
    // one slash, three, none or backslashes: browsers read them all as two slashes
    let rest = rest.trim_start_matches(['/', '\\']);
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (user, place),
        None => ("", authority),
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
        _ => (place, ""),
    };
    let Some((host, idn)) = ascii_host(host) else {
        return Target::Foreign;
    };
    let mut shown = if scheme == "http" {
        "hxxp://"
    } else {
        "hxxps://"
    }
    .to_owned();
    if !user.is_empty() {
        // letters that are encoded there are to look like those of a place
        push_safe(&mut shown, user, false);
        shown.push('@');
    }
    shown.push_str(&host);
    if !port.is_empty() {
        shown.push(':');
        shown.push_str(port);
    }
    push_safe(&mut shown, path, true);
    let cut = shown.len() > SHOWN_MAX_BYTES;
    if cut {
        shown.truncate(shown.floor_char_boundary(SHOWN_MAX_BYTES));
        shown.push('…');
    }
    Target::Web(Web {
        shown,
        host,
        idn,
        user: !user.is_empty(),
        cut,
    })
}

fn direct(scheme: &str, rest: &str) -> Target {
    let address = rest.split('?').next().unwrap_or("").trim_start_matches('/');
    let address = percent_decoded(address);
    if address.is_empty() {
        return Target::Local;
    }
    let mut shown = format!("{scheme}[:]");
    let end = address.floor_char_boundary(SHOWN_MAX_BYTES);
    push_safe(&mut shown, address.get(..end).unwrap_or(""), true);
    Target::Direct {
        shown,
        address: address.into_owned(),
    }
}

/// Appends the rest of a target: letters as letters, markup, blanks and what cannot be seen percent-encoded, and
/// targets inside of it (`?url=http://…`) made unclickable like the whole.
fn push_safe(out: &mut String, text: &str, letters: bool) {
    let mut before = ['\0'; 4];
    let text = if letters {
        readable(text)
    } else {
        Cow::Borrowed(text)
    };
    for c in text.chars() {
        let plain = match c {
            '\\' => {
                out.push('/');
                before = shift(before, '/');
                continue;
            }
            '<' | '>' | '"' | '`' | '{' | '}' | '|' | '^' => false,
            '!'..='~' => true,
            _ => is_letter(c),
        };
        if plain {
            out.push(c);
        } else {
            let mut bytes = [0u8; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push('%');
                out.push(hex_digit(byte >> 4));
                out.push(hex_digit(byte & 15));
            }
        }
        before = shift(before, c.to_ascii_lowercase());
        if before == ['h', 't', 't', 'p'] {
            let kept = out.len().saturating_sub(3);
            let upper = out.ends_with("TTP");
            out.truncate(kept);
            out.push_str(if upper { "XXP" } else { "xxp" });
        }
    }
}

fn shift(window: [char; 4], next: char) -> [char; 4] {
    let [_, a, b, c] = window;
    [a, b, c, next]
}

/// Letters beyond ASCII that are percent-encoded in UTF-8 as letters (RFC 3987 section 3.2): whoever opens the address
/// encodes them in the same way again. All else stays as it was, ASCII too, which may part a path.
fn readable(text: &str) -> Cow<'_, str> {
    // the first byte of such a letter is 0xC2 or more
    let high = |pair: &str| pair.starts_with(['c', 'd', 'e', 'f', 'C', 'D', 'E', 'F']);
    if !text.split('%').skip(1).any(high) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, tail)) = rest.split_once('%') {
        out.push_str(plain);
        let at = plain.len();
        if let Some(c) = letter(rest.get(at..).unwrap_or_default()) {
            out.push(c);
            let long = c.len_utf8().saturating_mul(3).saturating_add(at);
            rest = rest.get(long..).unwrap_or_default();
        } else {
            out.push('%');
            rest = tail;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The letter beyond ASCII that a text begins with, percent-encoded.
fn letter(text: &str) -> Option<char> {
    let first = percent_bytes(text.get(..3)?);
    let [first] = first.as_slice() else {
        return None;
    };
    let long = match first {
        0xC2..=0xDF => 6,
        0xE0..=0xEF => 9,
        0xF0..=0xF4 => 12,
        _ => return None,
    };
    let bytes = percent_bytes(text.get(..long)?);
    let mut chars = std::str::from_utf8(&bytes).ok()?.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if is_letter(c) => Some(c),
        _ => None,
    }
}

/// Whether a character stands in a shown address as it is: letters and digits that are seen and do not turn round
/// what is read, and the marks that stand in Japanese titles.
fn is_letter(c: char) -> bool {
    match c {
        '・' | '「' | '」' | '『' | '』' | '（' | '）' | '、' | '。' | '！' | '？' => {
            true
        }
        // fillers, which are letters that nobody sees, what looks like a stroke, and those from right to left
        '\u{115F}'
        | '〱'..='〵'
        | 'ǀ'..='ǃ'
        | '\u{1160}'
        | '\u{3164}'
        | '\u{FFA0}'
        | '\u{590}'..='\u{8FF}'
        | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}'
        | '\u{10800}'..='\u{10FFF}'
        | '\u{1E800}'..='\u{1EFFF}' => false,
        _ => c.is_alphanumeric(),
    }
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16)
        .unwrap_or('0')
        .to_ascii_uppercase()
}

/// Undoes percent-encoding; what is no UTF-8 afterwards stays as it was.
pub(in crate::formats) fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    String::from_utf8(percent_bytes(text)).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The bytes that percent-encoding stands for.
pub(super) fn percent_bytes(text: &str) -> Vec<u8> {
    let hex = |b: Option<&u8>| {
        char::from(*b?)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if let (b'%', Some(high), Some(low)) = (first, hex(tail.first()), hex(tail.get(1))) {
            out.push(high << 4 | low);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(href: &str) -> String {
        match parse(href) {
            Target::Web(web) => web.shown,
            Target::Direct { shown, .. } => shown,
            Target::Local => "local".to_owned(),
            Target::Foreign => "foreign".to_owned(),
        }
    }

    #[test]
    fn targets() {
        for (href, want) in [
            (
                "https://city.example.lg.jp/a?b#c",
                "hxxps://city.example.lg.jp/a?b#c",
            ),
            (" HTTP://Example.JP ", "hxxp://example.jp"),
            ("ht\ntps:\\\\example.jp\\a", "hxxps://example.jp/a"),
            ("https:example.jp", "hxxps://example.jp"),
            ("http:////example.jp/", "hxxp://example.jp/"),
            ("https://例え.jp/道", "hxxps://xn--r8jz45g.jp/道"),
            ("https://раypal.com/", "hxxps://xn--ypal-43d9g.com/"),
            ("https://ｅｘａｍｐｌｅ.jp", "hxxps://example.jp"),
            ("https://%65vil.example/", "hxxps://evil.example/"),
            (
                "https://city.lg.jp@evil.example:8080/",
                "hxxps://city.lg.jp@evil.example:8080/",
            ),
            ("https://a.jp/?u=http://b.jp", "hxxps://a.jp/?u=hxxp://b.jp"),
            ("https://a.jp/<script>\" ", "hxxps://a.jp/%3Cscript%3E%22"),
            ("https://a.jp/\u{202e}x", "hxxps://a.jp/%E2%80%AEx"),
            (
                "https://a.jp/wiki/%E9%81%93%e3%83%bb%C3%A9%2F%0a%20?q=%E9%81%93#%E9",
                "hxxps://a.jp/wiki/道・é%2F%0a%20?q=道#%E9",
            ),
            // right to left, a filler, a blank, Shift_JIS, too long, cut short: as they were
            (
                "https://a.jp/%D7%90%E3%85%A4%E3%80%80%93%B9%F0%9F%98%80%C0%AF%E9%81",
                "hxxps://a.jp/%D7%90%E3%85%A4%E3%80%80%93%B9%F0%9F%98%80%C0%AF%E9%81",
            ),
            (
                "https://a.jp/\u{5d0}\u{3164}",
                "hxxps://a.jp/%D7%90%E3%85%A4",
            ),
            ("https://a.jp/%E9%8%81%", "hxxps://a.jp/%E9%8%81%"),
            (
                "https://good.jp%E3%80%B3p%EF%BC%9Fid@evil.com/%E3%80%B3%C7%83",
                "hxxps://good.jp%E3%80%B3p%EF%BC%9Fid@evil.com/%E3%80%B3%C7%83",
            ),
            ("https://[::1]/", "hxxps://[::1]/"),
            ("www.example.jp/x", "hxxp://www.example.jp/x"),
            ("mailto:a@b.jp?subject=x", "mailto[:]a@b.jp"),
            ("tel:+81-3-1234", "tel[:]+81-3-1234"),
            ("mailto:", "local"),
            ("javascript:alert(1)", "foreign"),
            ("java\nscript:alert(1)", "foreign"),
            ("\u{1}javascript:alert(1)", "foreign"),
            ("data:text/html,x", "foreign"),
            ("file:///c:/x", "foreign"),
            ("\\\\host\\share", "foreign"),
            ("//host/share", "foreign"),
            ("ms-word:ofe|u|x", "foreign"),
            ("vbscript:x", "foreign"),
            ("https://", "foreign"),
            ("#top", "local"),
            ("index.html", "local"),
            ("", "local"),
        ] {
            assert_eq!(shown(href), want, "{href:?}");
        }
    }

    #[test]
    fn what_may_stay_live() {
        for (href, want) in [
            (
                " HTTPS://City.Example.JP/a b?x=\"1\"#c",
                Some("https://city.example.jp/a%20b?x=%221%22#c"),
            ),
            (
                "http:\\\\例え.jp\\道",
                Some("http://xn--r8jz45g.jp/%E9%81%93"),
            ),
            (
                "https://a.jp/?u=http://b.jp",
                Some("https://a.jp/?u=http://b.jp"),
            ),
            ("www.example.jp", Some("http://www.example.jp")),
            ("https://a.jp:8080/", Some("https://a.jp:8080/")),
            ("mailto:a@b.jp?subject=x", Some("mailto:a@b.jp")),
            ("https://city.lg.jp@evil.example/", None),
            ("tel:+81-3", None),
            ("javascript:x", None),
            ("file:///c:/x", None),
            ("#a", None),
        ] {
            assert_eq!(live(href).as_deref(), want, "{href}");
        }
    }

    #[test]
    fn texts_that_say_their_address() {
        for said in [
            "http://www.a.jp/x/",
            " www.a.jp/x",
            "WWW.A.jp/x",
            "hxxp://www.a.jp/x",
        ] {
            assert!(says(said, "hxxp://www.a.jp/x"), "{said}");
            assert!(says(said, "http://www.a.jp/x/"), "{said}");
        }
        for said in [
            "",
            "x",
            "https://www.a.jp/x",
            "a.jp/x",
            "www.a.jp",
            "//www.a.jp/x",
        ] {
            assert!(!says(said, "hxxp://www.a.jp/x"), "{said}");
        }
        assert!(says("https://a.jp/%E9%81%93", "hxxps://a.jp/道"));
        assert!(!says("https://a.jp/%2F", "hxxps://a.jp//"));
        assert!(says("a@b.jp", "mailto[:]a@b.jp"));
        assert!(!says("", "http://"));
        assert!(!says("例え.jp", "hxxp://xn--r8jz45g.jp"));
    }

    #[test]
    fn a_long_target_is_cut() {
        let Target::Web(web) = parse(&format!("https://a.jp/{}", "道".repeat(9_000))) else {
            panic!("a web target");
        };
        assert!(web.cut && web.shown.len() < 2_010);
    }
}
