//! Letters of fonts of symbols, by the codes of those fonts.

/// The codes 0x41 to 0x5a and 0x61 to 0x7a of Symbol.
const CAPITALS: &str = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ";
const SMALL: &str = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ";

/// What a code of Symbol shows.
pub(in crate::formats) fn greek(code: char) -> char {
    let code = plain(code);
    let letter = |first: u32, letters: &str| {
        let place = code.checked_sub(first)?;
        letters.chars().nth(usize::try_from(place).ok()?)
    };
    let found = match code {
        0x41..=0x5a => letter(0x41, CAPITALS),
        0x61..=0x7a => letter(0x61, SMALL),
        0x22 => Some('∀'),
        0x24 => Some('∃'),
        0x27 => Some('∋'),
        0x2a => Some('∗'),
        0x2d => Some('−'),
        0x40 => Some('≅'),
        0x5c => Some('∴'),
        0x5e => Some('⊥'),
        0x7e => Some('∼'),
        0xa2 => Some('′'),
        0xa3 => Some('≤'),
        0xa5 => Some('∞'),
        0xab => Some('↔'),
        0xac => Some('←'),
        0xad => Some('↑'),
        0xae => Some('→'),
        0xaf => Some('↓'),
        0xb0 => Some('°'),
        0xb1 => Some('±'),
        0xb2 => Some('″'),
        0xb3 => Some('≥'),
        0xb4 => Some('×'),
        0xb5 => Some('∝'),
        0xb6 => Some('∂'),
        0xb7 => Some('•'),
        0xb8 => Some('÷'),
        0xb9 => Some('≠'),
        0xba => Some('≡'),
        0xbb => Some('≈'),
        0xbc => Some('…'),
        0xc7 => Some('∩'),
        0xc8 => Some('∪'),
        0xcc => Some('⊂'),
        0xce => Some('∈'),
        0xd0 => Some('∠'),
        0xd1 => Some('∇'),
        0xd6 => Some('√'),
        0xd7 => Some('⋅'),
        0xde => Some('⇒'),
        0xe5 => Some('∑'),
        0xf2 => Some('∫'),
        _ => char::from_u32(code),
    };
    found.unwrap_or(' ')
}

/// What a code of the fonts of small pictures shows, of the few that lists use.
pub(in crate::formats) fn dings(code: char) -> char {
    match plain(code) {
        0x4a => '☺',
        0x6c | 0x9f => '●',
        0x6e => '■',
        0xa7 => '▪',
        0x6f | 0xa8 => '□',
        0x71 => '❑',
        0x75 => '◆',
        0x76 => '❖',
        0xfc => '✓',
        0xfb => '✗',
        0xd8 => '➢',
        0xe0 => '→',
        0x20 => ' ',
        _ => '•',
    }
}

/// A code as a byte: programs also write those of the private-use area.
fn plain(code: char) -> u32 {
    let code = u32::from(code);
    if (0xf000..=0xf0ff).contains(&code) {
        code & 0xff
    } else {
        code
    }
}
