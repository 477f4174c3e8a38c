//! What stands above and below the pages of a sheet, as lines of text (ECMA-376 part 1, section 18.3.1.46).

use mugai_core::Markup;
use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Element;

/// The most letters beside the number of a page with which a section is nothing but that: `第 1 ページ`, `Page 1 of 2`.
const MAX_BESIDE: usize = 8;

/// What stands above and below the pages of one sheet, each text once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pages {
    pub(super) above: Vec<String>,
    pub(super) below: Vec<String>,
}

impl Pages {
    /// Of a sheet of this name. Pages that have none of their own are those that the sheet does not tell apart.
    pub(super) fn read(sheet: &Markup, name: &str) -> Self {
        let mut pages = Self::default();
        let mut open: Vec<Element> = Vec::new();
        let (mut first, mut even) = (false, false);
        let mut text = String::new();
        for event in sheet.events() {
            match event {
                Event::Open(element) => {
                    open.push(element);
                    text.clear();
                }
                Event::Attribute(attribute, value)
                    if open.last().is_some_and(|e| e.is("x:headerFooter")) =>
                {
                    let yes = matches!(value, "1" | "true");
                    match attribute.local() {
                        "differentFirst" => first = yes,
                        "differentOddEven" => even = yes,
                        _ => {}
                    }
                }
                Event::Text(more) => {
                    if open
                        .iter()
                        .rev()
                        .nth(1)
                        .is_some_and(|e| e.is("x:headerFooter"))
                    {
                        text.push_str(more);
                    }
                }
                Event::Close => {
                    let Some(element) = open.pop() else { continue };
                    let list = match element.local() {
                        "oddHeader" => &mut pages.above,
                        "evenHeader" if even => &mut pages.above,
                        "firstHeader" if first => &mut pages.above,
                        "oddFooter" => &mut pages.below,
                        "evenFooter" if even => &mut pages.below,
                        "firstFooter" if first => &mut pages.below,
                        _ => continue,
                    };
                    let line = line(&text, name);
                    if !line.is_empty() && !list.contains(&line) {
                        list.push(line);
                    }
                }
                Event::Attribute(..) | Event::Reference(..) | Event::Link(..) => {}
            }
        }
        pages
    }
}

/// A section of a line: left, in the middle, right.
#[derive(Default)]
struct Section {
    text: String,
    /// It has the number of a page, or of all pages.
    counts: bool,
}

impl Section {
    /// Its text; nothing where that only goes with a number.
    fn told(&self) -> &str {
        let letters = self.text.chars().filter(|c| c.is_alphanumeric()).count();
        if letters == 0 || (self.counts && letters <= MAX_BESIDE) {
            ""
        } else {
            self.text.trim()
        }
    }
}

/// The line that codes say: its sections, parted by tabs. Numbers of pages, times, pictures and names of files are not
/// told, for they are others when a page is drawn.
fn line(codes: &str, name: &str) -> String {
    let mut sections: [Section; 3] = Default::default();
    let mut place = 1;
    let mut rest = codes.chars().peekable();
    while let Some(c) = rest.next() {
        let code = if c == '&' { rest.next() } else { None };
        let Some(section) = sections.get_mut(place) else {
            break;
        };
        match code.map(|code| code.to_ascii_uppercase()) {
            None if c == '&' => {}
            None if c == '\n' || c == '\r' => section.text.push(' '),
            None => section.text.push(c),
            Some('L') => place = 0,
            Some('C') => place = 1,
            Some('R') => place = 2,
            Some('&') => section.text.push('&'),
            Some('A') => section.text.push_str(name),
            Some('P' | 'N') => section.counts = true,
            // a font, and its style
            Some('"') => while rest.next().is_some_and(|c| c != '"') {},
            // a colour: six digits, or one of the theme with its tint
            Some('K') => {
                for _ in 0..6 {
                    rest.next_if(|c| c.is_ascii_hexdigit() || matches!(c, '+' | '-'));
                }
            }
            // a size
            Some(digit) if digit.is_ascii_digit() => {
                while rest.next_if(char::is_ascii_digit).is_some() {}
            }
            Some(_) => {}
        }
    }
    let [left, middle, right] = sections.each_ref().map(Section::told);
    let line = [left, middle, right].map(|text| text.replace('\t', " "));
    line.into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_lines() {
        for (codes, want) in [
            ("", ""),
            ("&P/&N", ""),
            ("&C第 &P ページ", ""),
            ("&CPage &P of &N", ""),
            ("&F", ""),
            ("plain", "plain"),
            ("&L左&C中央&R右", "左\t中央\t右"),
            ("&R右だけ", "右だけ"),
            (
                "&L&\"ＭＳ Ｐゴシック,太字\"&14庁議資料&\"-,標準\"&K000000(案)",
                "庁議資料(案)",
            ),
            ("&C&K01+022薄い色", "薄い色"),
            ("&A の一覧", "集計 の一覧"),
            ("&LA && B", "A & B"),
            ("&L一\n二&G", "一 二"),
            ("&R様式第2号(第5条関係) &P", "様式第2号(第5条関係)"),
            ("&", ""),
            ("&\"", ""),
            ("&C&8&K", ""),
        ] {
            assert_eq!(line(codes, "集計"), want, "{codes}");
        }
    }
}
