//! The profile of plain text: UTF-8, LF, one line end at the end, allowed characters, nothing live.

mod body;
mod chars;
mod live;
mod quiet;

pub(crate) use body::Body;

use mugai_core::Violation;
use quiet::{Ends, is_quiet};

/// Checks a text file.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Violation> {
    let text = utf8(bytes, 0)?;
    if !text.ends_with('\n') {
        return Err(Violation::at("text: no line end at the end", bytes.len()));
    }
    if text.ends_with("\n\n") {
        return Err(Violation::at("text: blank lines at the end", bytes.len()));
    }
    content(text, 0)
}

/// Checks what every text of ours keeps to, wherever it stands. `base` is its offset in the file.
pub(crate) fn content(text: &str, base: usize) -> Result<(), Violation> {
    let mut at = base;
    let mut rest = text;
    while !rest.is_empty() {
        let (block, _) = quiet::block(rest.as_bytes());
        let (lines, tail) = rest.split_at_checked(block.len()).unwrap_or((rest, ""));
        rest = tail;
        if !is_quiet(block, Ends::Lf) {
            one_by_one(lines, at)?;
        }
        at = at.saturating_add(block.len());
    }
    Ok(())
}

fn one_by_one(lines: &str, base: usize) -> Result<(), Violation> {
    let mut at = base;
    for ended in lines.split_inclusive('\n') {
        line(ended.strip_suffix('\n').unwrap_or(ended), at)?;
        at = at.saturating_add(ended.len());
    }
    Ok(())
}

/// Checks one line without its end: no rule looks beyond it. `at` is its offset.
fn line(line: &str, at: usize) -> Result<(), Violation> {
    let marks = Marks::of(line);
    if marks.odd
        && let Some(place) = chars::first_forbidden(line)
    {
        return Err(Violation::at(
            "text: forbidden character",
            at.saturating_add(place),
        ));
    }
    match live::first(line, &marks) {
        Some((rule, place)) => Err(Violation::at(rule, at.saturating_add(place))),
        None => Ok(()),
    }
}

/// Which bytes a line has that a rule needs: most lines have none, and nothing is looked for.
#[expect(
    clippy::struct_excessive_bools,
    reason = "five questions about a line that have nothing to do with each other"
)]
struct Marks {
    /// A byte that is neither printable ASCII nor a tab.
    odd: bool,
    colon: bool,
    dot: bool,
    backslash: bool,
    less_than: bool,
}

impl Marks {
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "without a branch many bytes are looked at in one step"
    )]
    fn of(line: &str) -> Self {
        let mut marks = Self {
            odd: false,
            colon: false,
            dot: false,
            backslash: false,
            less_than: false,
        };
        for byte in line.bytes() {
            marks.odd |= !(matches!(byte, b' '..=b'~') | (byte == b'\t'));
            marks.colon |= byte == b':';
            marks.dot |= byte == b'.';
            marks.backslash |= byte == b'\\';
            marks.less_than |= byte == b'<';
        }
        marks
    }
}

/// Checks the text of a header or a name: allowed characters, one line, no blanks at its ends.
pub(crate) fn is_clean_line(text: &str) -> bool {
    !text.is_empty()
        && text.trim().len() == text.len()
        && !text.contains(['\n', '\t'])
        && chars::first_forbidden(text).is_none()
}

/// Whether a line of a header is one that a text could have: nothing in it is live.
pub(crate) fn is_harmless(text: &str) -> bool {
    line(text, 0).is_ok()
}

/// Reads UTF-8.
pub(crate) fn utf8(bytes: &[u8], base: usize) -> Result<&str, Violation> {
    std::str::from_utf8(bytes)
        .map_err(|e| Violation::at("text: not UTF-8", base.saturating_add(e.valid_up_to())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_pass() {
        for text in [
            "\n",
            "a\n",
            "表\t①㈱髙﨑\u{fa19}\n",
            "葛\u{e0100}飾区 👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\n",
            "か\u{3099}\n",
            "hxxp://a.jp hxxps://b.jp www[.]c.jp javascript[:]x\n",
            "| begin 644 a.exe\n",
            "＜script> <taro@city.example.jp> a < b\n",
            "12:30 C:\\\\Users TEL:03-1234-5678 data: 5\n",
        ] {
            assert_eq!(check(text.as_bytes()), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn texts_that_do_not_pass() {
        for text in [
            "",
            "a",
            "a\n\n",
            "a\r\n",
            "\u{feff}a\n",
            "a\u{202e}b\n",
            "a\u{200b}b\n",
            "a\u{200d}b\n",
            "a\0\n",
            "\u{1b}[31m\n",
            "\u{85}\n",
            "\u{2028}\n",
            "\u{e0041}\n",
            "\u{e000}\n",
            "\u{fdd0}\n",
            "a\u{e0100}\n",
            " \u{fe0f}\n",
            "http://a\n",
            "xHTTPS://a\n",
            "あftp://a\n",
            "http:/a\n",
            "gopher://a\n",
            "javascript:x\n",
            "x-data:y\n",
            "tel:1\n",
            "ms-word:x\n",
            "mailto:a@b\n",
            "www.a.jp\n",
            "（WWW.例え.jp\n",
            "ftp.a\n",
            "\\\\host\\c\n",
            "「\\\\?\\x\n",
            "<script>\n",
            "<SCRIPTx\n",
            "</td>\n",
            "<a\nhref\n",
            "<img/x\n",
            "x<b\n",
            "<!--\n",
            "<![CDATA[\n",
            "<?php\n",
            "begin 644 x\n",
            "x\nBegin  y\n",
            "begin-base64 644 x\n",
            "=ybegin line\n",
            "-----BEGIN PGP MESSAGE-----\n",
            "(This file must be converted with BinHex 4.0)\n",
        ] {
            assert!(check(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(check(b"\xff\n").is_err());
        assert!(check(b"\xc0\xaf\n").is_err());
    }

    #[test]
    fn the_place_is_told() {
        let violation = check("ab\nhttp://x\n".as_bytes()).unwrap_err();
        assert_eq!(violation.offset, Some(7));
    }

    #[test]
    fn what_is_live_is_found_behind_any_number_of_quiet_lines() {
        for before in 0..100 {
            for live in [
                "http://a",
                "\n-----BEGIN PGP",
                "\nbegin 644 a",
                "www.a",
                "x\u{202e}",
                "x\u{7f}",
                "a\rb",
                "<b>",
            ] {
                let text = format!("{}{live}\n--\nz\n", "--x\n".repeat(before));
                assert!(check(text.as_bytes()).is_err(), "{before} {live:?}");
                let mail = text.replace('\n', "\r\n");
                assert!(body(mail.as_bytes()).is_err(), "{before} {live:?}");
            }
        }
    }

    fn body(bytes: &[u8]) -> Result<(), Violation> {
        let mut body = Body::default();
        body.put(bytes)?;
        body.end()
    }

    /// The rules one after the other over the whole text, none of them skipped for anything.
    fn plainly(text: &str) -> bool {
        text.ends_with('\n')
            && !text.ends_with("\n\n")
            && chars::first_forbidden(text).is_none()
            && text
                .split_inclusive('\n')
                .all(|line| live::every_rule(line).is_none())
    }

    /// What is skipped, and where lines end, changes no verdict: of texts and of bodies.
    #[test]
    fn no_verdict_depends_on_what_is_skipped() {
        let words = [
            "",
            "a",
            " ",
            "\t",
            "\n",
            "\r",
            "begin",
            "Begin ",
            "644",
            ":",
            "/",
            "//",
            "\\",
            "\\\\",
            ".",
            "www",
            "FTP",
            "data",
            "TEL",
            "http",
            "hxxp",
            "ms-",
            "<",
            "</",
            "<!",
            "<?",
            "script",
            "td",
            ">",
            "=ybegin ",
            "-----BEGIN PGP",
            "(",
            "=",
            "-",
            "\u{200d}",
            "\u{fe0f}",
            "葛",
            "\u{e0100}",
            "👩",
            "\u{3164}",
            "\u{202e}",
            "\0",
            "animatetransform",
            "\u{85}",
        ];
        for a in words {
            for b in words {
                for c in words {
                    for end in ["", "\n", "x\n"] {
                        let text = format!("{a}{b}{c}{end}");
                        let want = plainly(&text);
                        assert_eq!(check(text.as_bytes()).is_ok(), want, "{text:?}");
                        let mail = text.replace('\n', "\r\n");
                        assert_eq!(body(mail.as_bytes()).is_ok(), want, "{mail:?}");
                    }
                }
            }
        }
    }
}
