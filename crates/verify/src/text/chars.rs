//! Which characters a text of ours may hold.
//!
//! The table is written from the Unicode 16 data by property, not from the code that takes the
//! characters out; the two must agree in what they forbid, and a test of both together says so.

/// Ranges of forbidden code points, ascending: controls other than tab and line feed; everything
/// that is `Default_Ignorable_Code_Point` but joiner and variation selectors, which are looked at
/// by themselves; `Bidi_Control`; line and paragraph separator; interlinear annotation; private
/// use; tags; noncharacters.
const FORBIDDEN: &[(u32, u32)] = &[
    (0x0000, 0x0008),
    (0x000b, 0x001f),
    (0x007f, 0x009f),
    (0x00ad, 0x00ad),
    (0x034f, 0x034f),
    (0x061c, 0x061c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200c),
    (0x200e, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xe000, 0xf8ff),
    (0xfdd0, 0xfdef),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffc),
    (0xfffe, 0xffff),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0000, 0xe00ff),
    (0xe01f0, 0xe0fff),
    (0xf0000, 0x0010_ffff),
];

/// Symbols between which a joiner makes one picture.
const SYMBOLS: &[(u32, u32)] = &[
    (0x00a9, 0x00a9),
    (0x00ae, 0x00ae),
    (0x203c, 0x2bff),
    (0x3030, 0x3030),
    (0x303d, 0x303d),
    (0x3297, 0x3299),
    (0x1f000, 0x1faff),
];

/// Ideographs, which ideographic variation selectors may follow.
const IDEOGRAPHS: &[(u32, u32)] = &[
    (0x3400, 0x4dbf),
    (0x4e00, 0x9fff),
    (0xf900, 0xfaff),
    (0x20000, 0x3347f),
];

/// The byte offset of the first character that must not be there.
pub(super) fn first_forbidden(text: &str) -> Option<usize> {
    let mut before: Option<u32> = None;
    let mut all = text.char_indices().peekable();
    while let Some((at, c)) = all.next() {
        let code = u32::from(c);
        let fine = match code {
            // ASCII, and the kana, ideographs and Hangul that most other texts are made of
            0x20..=0x7e | 0x0a | 0x09 | 0x3041..=0x3163 | 0x3165..=0xd7ff => true,
            0x200d => {
                let next = all.peek().map(|&(_, c)| u32::from(c));
                before.is_some_and(|b| b == 0xfe0f || within(SYMBOLS, b))
                    && next.is_some_and(|n| within(SYMBOLS, n))
            }
            0xfe00..=0xfe0f => before.is_some_and(varies),
            0xe0100..=0xe01ef => before.is_some_and(|b| within(IDEOGRAPHS, b)),
            _ => !within(FORBIDDEN, code) && code & 0xfffe != 0xfffe,
        };
        if !fine {
            return Some(at);
        }
        before = Some(code);
    }
    None
}

/// Whether a selector may follow: nothing blank, and no selector or joiner again.
fn varies(code: u32) -> bool {
    let blank = char::from_u32(code).is_none_or(char::is_whitespace);
    !blank && !matches!(code, 0x200d | 0xfe00..=0xfe0f | 0xe0100..=0xe01ef)
}

fn within(ranges: &[(u32, u32)], code: u32) -> bool {
    let next = ranges.partition_point(|&(first, _)| first <= code);
    next.checked_sub(1)
        .and_then(|index| ranges.get(index))
        .is_some_and(|&(_, last)| code <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::Text;

    #[test]
    fn tables_ascend() {
        for table in [FORBIDDEN, SYMBOLS, IDEOGRAPHS] {
            assert!(table.iter().all(|(a, b)| a <= b));
            assert!(table.is_sorted());
        }
    }

    /// Every character on its own, against the definition of text in the core.
    #[test]
    fn alone_every_character_is_judged_as_the_core_does() {
        for c in '\0'..=char::MAX {
            let ours = first_forbidden(c.encode_utf8(&mut [0; 4])).is_none();
            let core = Text::check(c.to_string()).is_ok();
            assert_eq!(ours, core, "{:x}", u32::from(c));
        }
    }
}
