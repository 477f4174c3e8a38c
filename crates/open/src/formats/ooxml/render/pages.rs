//! What stands above and below the pages of a sheet, as lines of text (ECMA-376 part 1, section 18.3.1.46).

use crate::formats::numbers::is_beside_number;
use mugai_core::Markup;
use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Element;

/// The longest codes that are read, and the longest name of a sheet in them, in bytes and characters; Excel takes 255
/// and 31 characters.
const MAX_CODES: usize = 2_000;
const MAX_NAME: usize = 100;
/// Pages are first ones, even ones, and others.
const MAX_LINES: usize = 3;
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
                        && text.len() < MAX_CODES
                    {
                        text.extend(more.chars().take(MAX_CODES));
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
                    if !line.is_empty() && list.len() < MAX_LINES && !list.contains(&line) {
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
    /// Its text; nothing where that only goes with a number, or is the name of the sheet, which is told already.
    fn told(&self, name: &str) -> &str {
        // what parts the number of the page from that of all pages
        let beside = |c: char| c.is_whitespace() || (self.counts && matches!(c, '/' | '-' | '／'));
        let text = self.text.trim_matches(beside);
        if text == name || (self.counts && is_beside_number(text)) {
            ""
        } else {
            text
        }
    }
}

/// The line that codes say: its sections, parted by tabs. Numbers of pages, times, pictures and names of files are not
/// told, for they are others when a page is drawn.
fn line(codes: &str, name: &str) -> String {
    let name = name.char_indices().nth(MAX_NAME).map_or(name, |(end, _)| {
        name.split_at_checked(end).map_or(name, |(cut, _)| cut)
    });
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
            Some('"') => {
                while rest.next_if(|c| !matches!(c, '"' | '&')).is_some() {}
                rest.next_if_eq(&'"');
            }
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
    let [left, middle, right] = sections.each_ref().map(|section| section.told(name));
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
            ("&C&A", ""),
            ("&R機密性2 &P/&N", "機密性2"),
            ("別紙1 &P", "別紙1"),
            ("- &P -", ""),
            ("&L2026&R12-34", "2026\t12-34"),
            ("&\"-,Bold&C題名", "題名"),
            ("&", ""),
            ("&\"", ""),
            ("&C&8&K", ""),
        ] {
            assert_eq!(line(codes, "集計"), want, "{codes}");
        }
    }
}
