//! Letters of fonts of symbols, by the codes of those fonts: in metafiles and in running text.
//!
//! Symbol after the encoding of that name (PDF 32000-1 annex D.5), Wingdings after the characters that Unicode took from
//! it (L2/12-368), or nearer to what more fonts have.

/// Fonts whose letters are not what their codes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbols {
    /// Letters are what their codes say.
    None,
    /// Greek letters and signs of mathematics.
    Greek,
    /// Wingdings, its two others, and Webdings.
    Dings,
    Dings2,
    Dings3,
    Web,
    /// A font of which only that is known that it has symbols.
    Other,
}

impl Symbols {
    /// By the name of a font, in letters of any case, with blanks around it.
    pub(super) fn named(name: &str) -> Self {
        const NAMES: [(&str, Symbols); 8] = [
            ("symbol", Symbols::Greek),
            ("mt symbol", Symbols::Greek),
            ("mt extra", Symbols::Greek),
            ("symbolmt", Symbols::Greek),
            ("wingdings", Symbols::Dings),
            ("wingdings 2", Symbols::Dings2),
            ("wingdings 3", Symbols::Dings3),
            ("webdings", Symbols::Web),
        ];
        let name = name.trim();
        let mut names = NAMES.iter();
        let found = names.find(|(known, _)| name.eq_ignore_ascii_case(known));
        found.map_or(Self::None, |(_, symbols)| *symbols)
    }

    /// What a code of the font shows. Programs write codes as bytes, and as characters of the private-use area
    /// (U+F000 to U+F0FF); other characters are themselves in these fonts too.
    pub(super) fn letter(self, code: char) -> char {
        let plain = match u32::from(code) {
            code @ 0xf000..=0xf0ff => code & 0xff,
            code @ 0x20..=0xff => code,
            _ => return code,
        };
        match self {
            Self::None => return code,
            Self::Greek => of(GREEK, 0x20, plain).or_else(|| of(SIGNS, 0xa0, plain)),
            Self::Dings => of(DINGS, 0x20, plain).or_else(|| of(MORE_DINGS, 0x80, plain)),
            Self::Dings2 => dings2(plain),
            Self::Dings3 => dings3(plain),
            Self::Web => web(plain),
            Self::Other => char::from_u32(plain).filter(char::is_ascii),
        }
        .unwrap_or('•')
    }
}

const GREEK: &str = " !∀#∃%&∋()∗+,−./0123456789:;<=>?\
≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_\
‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";
const SIGNS: &str = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵\
ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓\
◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪•⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭";
const DINGS: &str = " ✏✂✁👓🔔📖🕯☎✆✉✉📪📫📬📭📁📂📄📃📑🗄⌛⌨🖱🖲💻🖴💾💾✇✍\
✍✌👌👍👎☜☞☝☟✋☺😐☹💣☠⚑⚑✈☼💧❄✝✞✟✠✡☪☯ॐ☸♈♉\
♊♋♌♍♎♏♐♑♒♓&&●○■□□❑❒◆◆◆❖◆☒⍓⌘❀✿❝❞";
const MORE_DINGS: &str = "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿❧☙❧☙❧☙❧☙·•\
▪○○○◉◎○▪□▲✦★✶✴✹✵⌖⌖✧◇?✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘\
🕙🕚🕛⮰⮱⮲⮳⮴⮵⮶⮷❧☙❧☙❧☙❧☙❧☙⌫⌦◀➢▲▼←➲↑↓←\
→↑↓↖↗↙↘⬅➔⬆⬇⬉⬈⬋⬊⇦⇨⇧⇩⇔⇕⬁⬀⬃⬂▭▫✗✓☒☑⊞";

/// The character of a code in a row of characters that begins at `first`.
fn of(row: &str, first: u32, code: u32) -> Option<char> {
    let place = code.checked_sub(first)?;
    row.chars().nth(usize::try_from(place).ok()?)
}

/// Those of Wingdings 2 that forms and lists use.
fn dings2(code: u32) -> Option<char> {
    Some(match code {
        0x20 => ' ',
        0x4f => '✗',
        0x50 => '✓',
        0x51 | 0x53 | 0x54 | 0x56 => '☒',
        0x52 => '☑',
        0x57 => '⊗',
        // numbers in rings, white and black
        0x69..=0x73 => of("⓪①②③④⑤⑥⑦⑧⑨⑩", 0x69, code)?,
        0x74..=0x7e => of("⓿❶❷❸❹❺❻❼❽❾❿", 0x74, code)?,
        0x95..=0x98 => '●',
        0x99..=0x9e => '○',
        0x9f | 0xa0 | 0xa2 => '■',
        0xa1 | 0xa3..=0xa6 => '□',
        0xab..=0xb1 => '◆',
        _ => return None,
    })
}

/// Those of Wingdings 3 that lists use: arrows and triangles.
fn dings3(code: u32) -> Option<char> {
    Some(match code {
        0x20 => ' ',
        0x21..=0x28 => of("←→↑↓↖↗↙↘", 0x21, code)?,
        0x70..=0x75 => of("▲▼△▽◀▶", 0x70, code)?,
        0x76 => '◁',
        0x77 => '▷',
        0x7d | 0x80 | 0x84 => '▶',
        0x7c => '◀',
        0xa1 => '▲',
        0xa2 => '▼',
        _ => return None,
    })
}

/// Those of Webdings that forms and lists use.
fn web(code: u32) -> Option<char> {
    Some(match code {
        0x20 => ' ',
        0x33..=0x36 => of("◀▶▲▼", 0x33, code)?,
        0x61 => '✓',
        0x63 => '□',
        0x3c | 0x67 => '■',
        0x69 => 'ℹ',
        0x6e => '●',
        0x72 => '✗',
        0x78 => '☒',
        0xc8 => '☎',
        _ => return None,
    })
}

/// A number in a ring, of those that are one letter: 0 to 50.
pub(super) fn circled(number: u32) -> Option<char> {
    let from = |first: char, place: u32| char::from_u32(u32::from(first).checked_add(place)?);
    match number {
        0 => Some('⓪'),
        1..=20 => from('①', number.saturating_sub(1)),
        21..=35 => from('㉑', number.saturating_sub(21)),
        36..=50 => from('㊱', number.saturating_sub(36)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_a_character_for_each_code() {
        for (row, count) in [(GREEK, 95), (SIGNS, 95), (DINGS, 95), (MORE_DINGS, 128)] {
            assert_eq!(row.chars().count(), count, "{row}");
        }
    }

    #[test]
    fn codes_show_what_their_fonts_show() {
        for (font, code, want) in [
            ("symbol", '\u{b7}', '•'),
            ("symbol", '\u{f0b7}', '•'),
            ("symbol", 'a', 'α'),
            ("symbol", '\u{a3}', '≤'),
            ("symbol", '\u{e5}', '∑'),
            ("symbol", '\u{fe}', '⎭'),
            ("wingdings", 'l', '●'),
            ("wingdings", 'n', '■'),
            ("wingdings", '\u{a7}', '▪'),
            ("wingdings", '\u{d8}', '➢'),
            ("wingdings", '\u{e0}', '→'),
            ("wingdings", '\u{fc}', '✓'),
            ("wingdings", '\u{fe}', '☑'),
            ("wingdings", '\u{8a}', '⑩'),
            ("wingdings", '\u{c2}', '🕛'),
            ("wingdings 2", 'R', '☑'),
            ("wingdings 2", '\u{a3}', '□'),
            ("Webdings", 'a', '✓'),
            (" SymbolMT ", 'a', 'α'),
            ("wingdings", '漢', '漢'),
            ("wingdings", '\t', '\t'),
            ("arial", 'l', 'l'),
        ] {
            assert_eq!(Symbols::named(font).letter(code), want, "{font} {code}");
        }
        assert_eq!(Symbols::Other.letter('\u{f041}'), 'A');
        assert_eq!(Symbols::Other.letter('\u{b7}'), '•');
    }
}
