//! Addresses that documents may lead to, where a route keeps links: pages and mail addresses, in one
//! spelling (RFC 3986, RFC 6068), and moves within a presentation (ECMA-376 part 1, section 19.2).

use crate::address::AddrSpec;

/// The longest address, in bytes; spreadsheets take no longer one.
const MAX_LEN: usize = 2_000;

/// The longest place, in bytes.
const MAX_PLACE: usize = 400;

/// Elements that may lead outside. Pictures and parts are of the document itself.
const LEADING: [&str; 5] = [
    "w:hyperlink",
    "x:hyperlink",
    "a:hlinkClick",
    "text:a",
    "draw:a",
];

/// Moves within a presentation.
const MOVES: [&str; 7] = [
    "ppaction://hlinksldjump",
    "ppaction://hlinkshowjump?jump=nextslide",
    "ppaction://hlinkshowjump?jump=previousslide",
    "ppaction://hlinkshowjump?jump=firstslide",
    "ppaction://hlinkshowjump?jump=lastslide",
    "ppaction://hlinkshowjump?jump=lastslideviewed",
    "ppaction://hlinkshowjump?jump=endshow",
];

/// Whether an element of this name may have an address.
pub(super) fn leads(element: crate::markup::vocabulary::Element) -> bool {
    LEADING.iter().any(|name| element.is(name))
}

/// Whether an action does nothing but show another slide.
pub(super) fn is_move(action: &str) -> bool {
    MOVES.contains(&action)
}

/// Whether an address is a place in the same document: a bookmark, a heading, a slide, a cell.
pub(super) fn is_local(address: &str) -> bool {
    address.strip_prefix('#').is_some_and(|place| {
        let known = |c: char| c.is_alphanumeric() || " ._-|$".contains(c);
        !place.is_empty() && place.len() <= MAX_LEN && place.chars().all(known)
    })
}

/// Whether an address is a place in the same workbook or text, as a shape leads to it: a cell, a range, a name, a
/// bookmark (ECMA-376 part 1, section 18.3.1.47 has the same for cells). Nothing in it is encoded, and nothing looks
/// like a scheme.
#[must_use]
pub fn is_inside(address: &str) -> bool {
    let known =
        |c: char| c.is_alphanumeric() || " ._-$!':()&ー・（）「」【】、～〜－＋＆".contains(c);
    address.strip_prefix('#').is_some_and(|place| {
        let (sheet, cells) = place.rsplit_once('!').unwrap_or(("", place));
        (1..=MAX_PLACE).contains(&place.len())
            && place.chars().all(known)
            && !sheet.contains(':')
            && (!cells.contains(':') || is_range(cells))
    })
}

/// `A1:B2`, `$A:$C`, `1:3`: two corners of the same form.
fn is_range(cells: &str) -> bool {
    let form = |corner: &str| {
        let rest = corner.strip_prefix('$').unwrap_or(corner);
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let letters = rest.len().saturating_sub(digits.len());
        let digits = digits.strip_prefix('$').unwrap_or(digits);
        let fits = letters <= 3 && digits.len() <= 7 && digits.bytes().all(|b| b.is_ascii_digit());
        (fits && letters.saturating_add(digits.len()) > 0)
            .then_some((letters > 0, digits.is_empty()))
    };
    let corners = cells.split_once(':');
    corners.is_some_and(|(one, other)| form(one).is_some() && form(one) == form(other))
}

/// Whether `address` is the one spelling of a page or a mail address: `https://` or `http://`, a host in
/// lower case without a name before it, a port, and a path of plain characters; or `mailto:` and
/// nothing but the address.
#[must_use]
pub fn is_address(address: &str) -> bool {
    if address.len() > MAX_LEN || !address.is_ascii() {
        return false;
    }
    if let Some(mail) = address.strip_prefix("mailto:") {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._+-@".contains(&b);
        return mail.bytes().all(plain)
            && AddrSpec::parse(mail).is_ok_and(|spec| spec.to_wire() == mail);
    }
    let Some(rest) = ["https://", "http://"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme))
    else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (place, path) = rest.split_at(end);
    let (host, port) = place.split_once(':').unwrap_or((place, "80"));
    let letters =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&b);
    !host.is_empty()
        && host.bytes().all(letters)
        && host.split('.').all(|label| !label.is_empty())
        && (1..=5).contains(&port.len())
        && port.bytes().all(|b| b.is_ascii_digit())
        && path.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_mail_addresses_only() {
        for good in [
            "https://city.example.lg.jp/a?b=c#d",
            "http://xn--r8jz45g.jp:8080/%E9%81%93",
            "mailto:a.b+c@example.jp",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "https://a@b.jp/",
            "https://A.jp/",
            "https://a..jp/",
            "https://a.jp:/",
            "https://a.jp/\u{202e}",
            "https://a.jp/ b",
            "https://a.jp\\b",
            "//a.jp/",
            "file:///c:/x",
            "javascript:x",
            "ms-word:ofe|u|x",
            "mailto:a@b.jp?subject=x",
            "mailto:a",
            "ftp://a.jp/",
            "HTTPS://a.jp/",
            "\\\\host\\share",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(is_move("ppaction://hlinksldjump"));
        for bad in [
            "ppaction://macro?name=x",
            "ppaction://program",
            "ppaction://ole?verb=0",
            "ppaction://hlinkfile",
            "ppaction://hlinkpres?slideindex=1",
            "ppaction://hlinkshowjump?jump=x",
        ] {
            assert!(!is_move(bad), "{bad}");
        }
    }

    #[test]
    fn places_in_the_same_document() {
        for good in [
            "#Sheet2!A1",
            "#'集計 表(案)'!$A$1:$B$2",
            "#_Toc1",
            "#売上",
            "#A!$A:$C",
            "#1:3",
            "#'様式（１）'!A1",
        ] {
            assert!(is_inside(good), "{good}");
        }
        for bad in [
            "",
            "#",
            "Sheet2!A1",
            "#[b.xlsx]s!A1",
            "##a",
            "#a/b",
            "#a\"",
            "#a<",
            "#a\u{202e}",
            "#a\n",
            "#a\\b",
            "#javascript:alert(1)",
            "#.uno:Quit",
            "#file:a",
            "#file:x!A1",
            "#macro:",
            "#A1:B2:C3",
            "#tel:1",
            "#%5Bb.xlsx%5DA!A1",
        ] {
            assert!(!is_inside(bad), "{bad}");
        }
    }
}
