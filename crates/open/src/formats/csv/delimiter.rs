//! What parts the cells.

use mugai_core::Hints;

/// The delimiters in use, the likelier first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// How many lines and bytes are looked at.
const LINES: usize = 50;
const BYTES: usize = 64 * 1024;

/// The delimiter of `text`, and the text without the line that names it, which spreadsheets write.
pub(super) fn find<'a>(text: &'a str, hints: &Hints) -> (&'a str, u8) {
    if let Some((delimiter, rest)) = named(text) {
        return (rest, delimiter);
    }
    let tabs = hints
        .declared
        .as_ref()
        .is_some_and(|media| media.as_str() == "text/tab-separated-values")
        || hints
            .extension
            .as_ref()
            .is_some_and(|extension| matches!(extension.as_str(), "tsv" | "tab"));
    if tabs && text.contains('\t') {
        return (text, b'\t');
    }
    (text, likeliest(text))
}

/// `sep=;` in the first line.
fn named(text: &str) -> Option<(u8, &str)> {
    let head = text.get(..4)?;
    let rest = text.get(4..)?;
    if !head.eq_ignore_ascii_case("sep=") {
        return None;
    }
    let delimiter = *rest.as_bytes().first()?;
    let behind = rest.get(1..)?;
    let behind = behind.strip_prefix('\r').unwrap_or(behind);
    let behind = behind.strip_prefix('\n')?;
    DELIMITERS
        .contains(&delimiter)
        .then_some((delimiter, behind))
}

/// How often a delimiter stands in each line, quoted cells left out.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// In this line.
    line: u32,
    /// In the first line.
    first: Option<u32>,
    /// Lines that have any.
    lines: u32,
    /// Lines that have as many as the first one.
    alike: u32,
    sum: u32,
}

impl Tally {
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line > 0 {
            self.lines = self.lines.saturating_add(1);
        }
        if *self.first.get_or_insert(line) == line && line > 0 {
            self.alike = self.alike.saturating_add(1);
        }
        self.sum = self.sum.saturating_add(line);
    }

    const fn rank(&self) -> (u32, u32, u32) {
        (self.lines, self.alike, self.sum)
    }
}

/// The one that most lines have, then the one that stands as often in each, then the commonest.
fn likeliest(text: &str) -> u8 {
    let mut tallies = DELIMITERS.map(|delimiter| (delimiter, Tally::default()));
    let (mut quoted, mut blank, mut lines) = (false, true, 0usize);
    for byte in text.bytes().take(BYTES) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                if !blank {
                    end_line(&mut tallies);
                    lines = lines.saturating_add(1);
                }
                blank = true;
                if lines >= LINES {
                    break;
                }
                continue;
            }
            _ if !quoted => {
                for (_, tally) in tallies.iter_mut().filter(|(d, _)| *d == byte) {
                    tally.line = tally.line.saturating_add(1);
                }
            }
            _ => {}
        }
        blank = false;
    }
    if !blank {
        end_line(&mut tallies);
    }
    // of equals the first one wins, which `max_by_key` would not give
    let mut best = (b',', (0, 0, 0));
    for (delimiter, tally) in tallies {
        if tally.rank() > best.1 {
            best = (delimiter, tally.rank());
        }
    }
    best.0
}

fn end_line(tallies: &mut [(u8, Tally)]) {
    for (_, tally) in tallies {
        tally.end_line();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{MediaType, Token};

    #[test]
    fn by_directive_name_and_look() {
        for (text, media, extension, want) in [
            ("a,b\n", "text/csv", "csv", b','),
            ("a\tb\n", "text/csv", "csv", b'\t'),
            ("名前;住所\n山田;東京\n", "", "csv", b';'),
            ("a;b\n1,5;2,5\n", "", "csv", b';'),
            ("\"a;b;c\",d\n\"e;f\",g\n", "", "csv", b','),
            ("a,b\tc\n", "", "tsv", b'\t'),
            ("a,b\tc\n", "text/tab-separated-values", "", b'\t'),
            ("a,b\n", "", "tsv", b','),
            ("sep=;\na,b;c\n", "", "csv", b';'),
            ("SEP=|\r\na,b\n", "", "csv", b'|'),
            ("sep=x\n", "", "csv", b','),
            ("sep", "", "csv", b','),
            ("日本", "", "csv", b','),
            ("", "", "", b','),
        ] {
            let hints = Hints {
                declared: MediaType::parse(media),
                extension: Token::parse(extension),
                ..Hints::default()
            };
            assert_eq!(find(text, &hints).1, want, "{text:?}");
        }
        assert_eq!(find("sep=;\r\nx", &Hints::default()).0, "x");
    }
}
