//! The font table ("Font Table"): which characters the bytes of a font are.

use super::charset;
use crate::formats::symbols::Symbols;
use encoding_rs::{Encoding, SHIFT_JIS};
use std::collections::BTreeMap;

/// The most fonts that are kept.
const MAX_FONTS: usize = 4_096;
/// How much of a name is looked at, in bytes.
const MAX_NAME: usize = 64;
/// The charset of fonts of symbols.
const SYMBOLS: i32 = 2;
/// Parts of names of Japanese fonts, of which old programs tell no charset.
const JAPANESE: [&str; 7] = [
    "明朝",
    "ゴシック",
    "ＭＳ",
    "mincho",
    "ms gothic",
    "ms pgothic",
    "meiryo",
];

/// What bytes in a font are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Face {
    /// Characters of the code page of the document.
    Page,
    Coded(&'static Encoding),
    /// One symbol each.
    Symbols(Symbols),
}

/// The fonts of a document by their numbers.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    faces: BTreeMap<i32, Face>,
    told: Option<Told>,
}

/// A font that is being told of.
#[derive(Debug)]
struct Told {
    number: i32,
    charset: Option<i32>,
    page: Option<&'static Encoding>,
    japanese: bool,
    name: Vec<u8>,
}

impl Fonts {
    pub(super) fn face(&self, number: i32) -> Face {
        self.faces.get(&number).copied().unwrap_or(Face::Page)
    }

    /// A control word in the font table.
    pub(super) fn word(&mut self, word: &[u8], number: Option<i32>) {
        if word == b"f" {
            self.end();
            self.told = Some(Told {
                number: number.unwrap_or(0),
                charset: None,
                page: None,
                japanese: false,
                name: Vec::new(),
            });
            return;
        }
        let Some(told) = &mut self.told else { return };
        match word {
            b"fcharset" => told.charset = number,
            b"cpg" => {
                let page = number.and_then(|n| u32::try_from(n).ok());
                told.page = page.and_then(charset::of_page);
            }
            b"fjminchou" | b"fjgothic" => told.japanese = true,
            _ => {}
        }
    }

    /// A byte of the name of a font, which ends with a semicolon.
    pub(super) fn byte(&mut self, byte: u8) {
        if byte == b';' {
            self.end();
        } else if let Some(told) = &mut self.told
            && told.name.len() < MAX_NAME
        {
            told.name.push(byte);
        }
    }

    /// Ends the font that is being told of.
    pub(super) fn end(&mut self) {
        let Some(told) = self.told.take() else { return };
        if self.faces.len() < MAX_FONTS || self.faces.contains_key(&told.number) {
            self.faces.insert(told.number, told.face());
        }
    }
}

impl Told {
    fn face(&self) -> Face {
        if let Some(page) = self.page {
            return Face::Coded(page);
        }
        let (name, _) = SHIFT_JIS.decode_without_bom_handling(&self.name);
        let name = name.trim().to_lowercase();
        match (self.charset, Symbols::named(&name)) {
            (Some(SYMBOLS), Symbols::None) => Face::Symbols(Symbols::Other),
            (Some(SYMBOLS) | None, symbols) if symbols != Symbols::None => Face::Symbols(symbols),
            (None, _) if self.japanese || JAPANESE.iter().any(|part| name.contains(part)) => {
                Face::Coded(SHIFT_JIS)
            }
            (charset, _) => charset
                .and_then(charset::of_font)
                .map_or(Face::Page, Face::Coded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_are_told_by_charsets_and_names() {
        let shift_jis = Face::Coded(SHIFT_JIS);
        for (charset, name, want) in [
            (Some(128), &b"A"[..], shift_jis),
            (Some(0), b"A", Face::Coded(encoding_rs::WINDOWS_1252)),
            (Some(1), b"A", Face::Page),
            (None, b"A", Face::Page),
            (Some(2), b"Symbol", Face::Symbols(Symbols::Greek)),
            (Some(2), b"Bar", Face::Symbols(Symbols::Other)),
            (None, b"Wingdings", Face::Symbols(Symbols::Dings)),
            // a font that has letters after all
            (Some(0), b"Symbol", Face::Coded(encoding_rs::WINDOWS_1252)),
            (None, b"\x82l\x82r \x96\xbe\x92\xa9", shift_jis),
            (None, b"MS PMincho", shift_jis),
        ] {
            let mut fonts = Fonts::default();
            fonts.word(b"f", Some(7));
            if let Some(charset) = charset {
                fonts.word(b"fcharset", Some(charset));
            }
            for byte in name {
                fonts.byte(*byte);
            }
            fonts.byte(b';');
            assert_eq!(fonts.face(7), want, "{charset:?} {name:?}");
            assert_eq!(fonts.face(8), Face::Page);
        }
    }

    #[test]
    fn fonts_need_no_semicolon() {
        let mut fonts = Fonts::default();
        for number in [1, 2] {
            fonts.word(b"f", Some(number));
            fonts.word(b"fcharset", Some(128));
        }
        fonts.end();
        assert_eq!(fonts.face(1), Face::Coded(SHIFT_JIS));
        assert_eq!(fonts.face(2), Face::Coded(SHIFT_JIS));
    }
}
