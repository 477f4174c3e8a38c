//! What can be said about a page before its characters are known.

/// How far browsers look for a charset (HTML standard section 13.2.3.2), in bytes.
const CHARSET_WITHIN: usize = 1_024;
/// How far the first tag may stand behind the beginning, in bytes.
const TAG_WITHIN: usize = 4_096;

/// Tags that make a text a page when they stand in it.
const TAGS: [&[u8]; 24] = [
    b"!doctype html",
    b"html",
    b"head",
    b"body",
    b"title",
    b"meta",
    b"style",
    b"script",
    b"table",
    b"div",
    b"p",
    b"br",
    b"a",
    b"span",
    b"font",
    b"img",
    b"center",
    b"h1",
    b"h2",
    b"h3",
    b"ul",
    b"b",
    b"iframe",
    b"pre",
];

/// Whether a file may be HTML: one of its first tags is one of HTML's.
pub(super) fn looks_like_html(head: &[u8]) -> bool {
    let head = head.get(..TAG_WITHIN).unwrap_or(head);
    memchr::memchr_iter(b'<', head).any(|at| {
        let tag = head.get(at.saturating_add(1)..).unwrap_or_default();
        tag.starts_with(b"!--") || TAGS.iter().any(|name| is_tag(tag, name))
    })
}

fn is_tag(tag: &[u8], name: &[u8]) -> bool {
    let Some((found, rest)) = tag.split_at_checked(name.len()) else {
        return false;
    };
    let ended = rest
        .first()
        .is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
    found.eq_ignore_ascii_case(name) && ended
}

/// The charset that a `<meta>` names, `charset=…` in either of its forms.
pub(super) fn charset(input: &[u8]) -> Option<&str> {
    let head = input.get(..CHARSET_WITHIN).unwrap_or(input);
    memchr::memchr_iter(b'<', head)
        .filter_map(|at| {
            let tag = head.get(at.saturating_add(1)..)?;
            is_tag(tag, b"meta").then(|| tag.split(|b| *b == b'>').next())?
        })
        .find_map(charset_in)
}

fn charset_in(tag: &[u8]) -> Option<&str> {
    const KEY: &[u8] = b"charset";
    let at = tag
        .windows(KEY.len())
        .position(|word| word.eq_ignore_ascii_case(KEY))?;
    let rest = tag.get(at.saturating_add(KEY.len())..)?.trim_ascii_start();
    let value = rest.strip_prefix(b"=")?.trim_ascii_start();
    let value = value
        .strip_prefix(b"\"")
        .or(value.strip_prefix(b"'"))
        .unwrap_or(value);
    let end = value
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.')))
        .unwrap_or(value.len());
    let label = std::str::from_utf8(value.get(..end)?).ok()?;
    (!label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_of_meta_tags() {
        for (page, want) in [
            ("<meta charset=utf-8>", Some("utf-8")),
            ("<META CHARSET = 'Shift_JIS' >", Some("Shift_JIS")),
            (
                "<meta http-equiv=Content-Type content=\"text/html; charset=ISO-2022-JP\">",
                Some("ISO-2022-JP"),
            ),
            ("<meta name=x><meta charset=\"euc-jp\">", Some("euc-jp")),
            ("<metadata charset=x>", None),
            ("<p>charset=utf-8", None),
            ("<meta charset=>", None),
        ] {
            assert_eq!(charset(page.as_bytes()), want, "{page}");
        }
        let far = format!("{}<meta charset=utf-8>", " ".repeat(CHARSET_WITHIN));
        assert_eq!(charset(far.as_bytes()), None);
    }

    #[test]
    fn pages_are_told_from_texts() {
        for page in [
            "<!DOCTYPE html>",
            "  <HTML>",
            "\u{feff}<p>x",
            "x<br>",
            "<!-- x -->",
            "<div/>",
        ] {
            assert!(looks_like_html(page.as_bytes()), "{page}");
        }
        for text in ["", "a < b", "<abc>", "<a@b.jp>", "if x <b then"] {
            assert_eq!(
                looks_like_html(text.as_bytes()),
                text.contains("<b "),
                "{text}"
            );
        }
    }
}
