//! Helvetica in `WinAnsiEncoding` (ISO 32000-1, annexes D.1 and D.2): a font that each viewer has, for
//! invisible text of Latin letters. It takes 80 bytes of the file, and a letter one.

use mugai_core::widths::HELVETICA;

/// Beyond Latin-1: letters, codes, and widths in thousandths of the size.
#[rustfmt::skip]
const BEYOND: [(char, u8, u16); 27] = [
    ('\u{20AC}', 0x80, 556),
    ('\u{201A}', 0x82, 222),
    ('\u{0192}', 0x83, 556),
    ('\u{201E}', 0x84, 333),
    ('\u{2026}', 0x85, 1000),
    ('\u{2020}', 0x86, 556),
    ('\u{2021}', 0x87, 556),
    ('\u{02C6}', 0x88, 333),
    ('\u{2030}', 0x89, 1000),
    ('\u{0160}', 0x8A, 667),
    ('\u{2039}', 0x8B, 333),
    ('\u{0152}', 0x8C, 1000),
    ('\u{017D}', 0x8E, 611),
    ('\u{2018}', 0x91, 222),
    ('\u{2019}', 0x92, 222),
    ('\u{201C}', 0x93, 333),
    ('\u{201D}', 0x94, 333),
    ('\u{2022}', 0x95, 350),
    ('\u{2013}', 0x96, 556),
    ('\u{2014}', 0x97, 1000),
    ('\u{02DC}', 0x98, 333),
    ('\u{2122}', 0x99, 1000),
    ('\u{0161}', 0x9A, 500),
    ('\u{203A}', 0x9B, 333),
    ('\u{0153}', 0x9C, 944),
    ('\u{017E}', 0x9E, 500),
    ('\u{0178}', 0x9F, 667),
];
/// The widths of Latin-1 from the inverted exclamation mark on.
#[rustfmt::skip]
const LATIN: [u16; 95] = [
    333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333, 400,
    584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611, 667,
    667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722,
    722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556,
    556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278, 556,
    556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];
/// Where they begin.
const LATIN_FROM: u8 = 0xA1;
/// A soft hyphen, which is no letter.
const SOFT_HYPHEN: u8 = 0xAD;

/// The code of `letter`, if it has one.
pub(super) fn code(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' | '\u{A1}'..='\u{FF}' => u8::try_from(u32::from(letter))
            .ok()
            .filter(|code| *code != SOFT_HYPHEN),
        _ => beyond(letter).map(|(_, code, _)| *code),
    }
}

/// The width of `letter`, in thousandths of the size.
pub(super) fn width(letter: char) -> u16 {
    let from = |table: &[u16], first: u8| {
        let place = code(letter)?.checked_sub(first)?;
        table.get(usize::from(place)).copied()
    };
    beyond(letter)
        .map(|(.., width)| *width)
        .or_else(|| from(&LATIN, LATIN_FROM))
        .or_else(|| from(&HELVETICA, b' '))
        .unwrap_or_default()
}

fn beyond(letter: char) -> Option<&'static (char, u8, u16)> {
    BEYOND.iter().find(|(other, ..)| *other == letter)
}

/// `letter` within a string of a content stream: as it is, or escaped.
pub(super) fn spelled(letter: char) -> String {
    match (letter, code(letter)) {
        ('(' | ')' | '\\', _) => format!("\\{letter}"),
        (_, Some(code)) if code.is_ascii() => letter.to_string(),
        (_, Some(code)) => format!("\\{code:03o}"),
        (_, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_spelled_by_their_codes() {
        assert_eq!(spelled('A'), "A");
        assert_eq!(spelled('('), "\\(");
        assert_eq!(spelled('\\'), "\\\\");
        assert_eq!(spelled('\u{E9}'), "\\351");
        assert_eq!(spelled('\u{2019}'), "\\222");
        assert_eq!(
            [
                code('\u{AD}'),
                code('\u{7F}'),
                code('\u{65E5}'),
                code('\u{2010}')
            ],
            [None; 4]
        );
    }

    #[test]
    fn widths_are_those_of_the_face() {
        let widths = [
            'a', 'W', '~', '\u{E9}', '\u{FF}', '\u{A1}', '\u{2014}', '\u{2019}',
        ]
        .map(width);
        assert_eq!(widths, [556, 944, 584, 556, 500, 333, 1000, 222]);
    }
}
