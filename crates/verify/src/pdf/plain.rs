//! Strings in `WinAnsiEncoding` (ISO 32000-1, annex D.2), in the one spelling that each has.

use super::layer::whole;

/// Codes that mean another letter than in Latin-1.
const BEYOND: [(u8, char); 27] = [
    (0o200, '\u{20AC}'),
    (0o202, '\u{201A}'),
    (0o203, '\u{0192}'),
    (0o204, '\u{201E}'),
    (0o205, '\u{2026}'),
    (0o206, '\u{2020}'),
    (0o207, '\u{2021}'),
    (0o210, '\u{02C6}'),
    (0o211, '\u{2030}'),
    (0o212, '\u{0160}'),
    (0o213, '\u{2039}'),
    (0o214, '\u{0152}'),
    (0o216, '\u{017D}'),
    (0o221, '\u{2018}'),
    (0o222, '\u{2019}'),
    (0o223, '\u{201C}'),
    (0o224, '\u{201D}'),
    (0o225, '\u{2022}'),
    (0o226, '\u{2013}'),
    (0o227, '\u{2014}'),
    (0o230, '\u{02DC}'),
    (0o231, '\u{2122}'),
    (0o232, '\u{0161}'),
    (0o233, '\u{203A}'),
    (0o234, '\u{0153}'),
    (0o236, '\u{017E}'),
    (0o237, '\u{0178}'),
];
/// A soft hyphen and a blank that does not break, which are no letters of ours.
const NO_LETTERS: [u8; 2] = [0xA0, 0xAD];

/// Strings in parentheses, with moves between them: what they say.
pub(super) fn items(shown: &str) -> Option<String> {
    let mut said = String::new();
    let mut rest = shown;
    loop {
        let before = said.len();
        rest = string(rest.strip_prefix('(')?, &mut said)?;
        if said.len() == before {
            return None;
        }
        if rest.is_empty() {
            return Some(said);
        }
        let (number, _) = rest.split_once('(')?;
        if whole(number)? == 0 {
            return None;
        }
        rest = rest.get(number.len()..)?;
    }
}

/// Reads a string to its end, and tells what stands behind it.
fn string<'a>(text: &'a str, said: &mut String) -> Option<&'a str> {
    let mut letters = text.chars();
    loop {
        match letters.next()? {
            ')' => return Some(letters.as_str()),
            '\\' => said.push(escaped(&mut letters)?),
            letter @ ' '..='~' if letter != '(' => said.push(letter),
            _ => return None,
        }
    }
}

/// What is escaped: parentheses, the escape itself, and codes from 128 on in octal digits.
fn escaped(letters: &mut std::str::Chars<'_>) -> Option<char> {
    let first = letters.next()?;
    if matches!(first, '(' | ')' | '\\') {
        return Some(first);
    }
    let mut code = 0u32;
    for digit in [Some(first), letters.next(), letters.next()] {
        code = code.checked_mul(8)?.checked_add(digit?.to_digit(8)?)?;
    }
    let code = u8::try_from(code).ok().filter(|code| *code >= 0x80)?;
    match BEYOND.iter().find(|(other, _)| *other == code) {
        Some((_, letter)) => Some(*letter),
        None if code > 0xA0 && !NO_LETTERS.contains(&code) => Some(char::from(code)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read() {
        let said = items("(a \\(b\\) \\\\)-20(caf\\351 \\222)").unwrap();
        assert_eq!(said, "a (b) \\caf\u{E9} \u{2019}");
    }

    #[test]
    fn nothing_has_two_spellings() {
        for wrong in [
            "", "()", "(a", "a)", "(a)(b)", "(a)0(b)", "(a)-20", "(a)-20()", "(a(b))", "(\\a)",
            "(\\101)", "(\\0101)", "(\\51)", "(\\201)", "(\\240)", "(\\255)", "(\\401)", "(\\n)",
            "(\u{E9})", "(a\t)", "<61>", "(a) ",
        ] {
            assert_eq!(items(wrong), None, "{wrong:?}");
        }
    }
}
