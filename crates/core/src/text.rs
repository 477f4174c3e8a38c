//! Text that is safe to show: the only characters that reach an output.

use crate::refusal::Refusal;
use std::borrow::Cow;

/// The geta mark, 〓, which Japanese typesetting puts where a character is missing.
pub const GETA: char = '\u{3013}';

/// How many characters of each unwanted class were taken out of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// Direction marks, embeddings, overrides and isolates.
    pub bidi: u32,
    /// Zero-width and invisible characters.
    pub zero_width: u32,
    /// C0 and C1 controls other than line breaks and tabs, and noncharacters.
    pub control: u32,
    /// Tag characters (U+E0000 to U+E007F).
    pub tag: u32,
    /// Private-use characters, replaced by [`GETA`].
    pub private_use: u32,
}

impl Scrubbed {
    /// Whether nothing was taken out.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.bidi == 0
            && self.zero_width == 0
            && self.control == 0
            && self.tag == 0
            && self.private_use == 0
    }

    /// The sum of two counts.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            bidi: self.bidi.saturating_add(other.bidi),
            zero_width: self.zero_width.saturating_add(other.zero_width),
            control: self.control.saturating_add(other.control),
            tag: self.tag.saturating_add(other.tag),
            private_use: self.private_use.saturating_add(other.private_use),
        }
    }
}

/// Whether a line ends at a character (Unicode, UAX 14: the classes BK, CR, LF and NL): [`Text`] has
/// `\n` for each of them.
#[must_use]
pub const fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Text of any number of lines.
///
/// It has no control character but `\n` and `\t`, no direction override, no invisible filler, no
/// tag and no private-use character. A joiner (U+200D) stands only between emoji, a variation
/// selector only behind a character that it can vary. Code points are otherwise the sender's own:
/// normalising to NFC would turn compatibility ideographs of Japanese names (U+FA19) into others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text(String);

/// One line of text: a [`Text`] without `\n` and `\t`, without blanks at its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Line(String);

impl Text {
    /// Takes everything unsafe out of `raw` and tells how much that was. Line ends become `\n`.
    #[must_use]
    pub fn clean(raw: &str) -> (Self, Scrubbed) {
        let mut scrubbed = Scrubbed::default();
        let text = scrub(raw, &mut scrubbed).into_owned();
        (Self(text), scrubbed)
    }

    /// What [`Self::clean`] makes of `raw`, as a slice of it where nothing has to be taken out.
    pub(crate) fn cleaned(raw: &str) -> (Cow<'_, str>, Scrubbed) {
        let mut scrubbed = Scrubbed::default();
        (scrub(raw, &mut scrubbed), scrubbed)
    }

    /// [`Self::clean`] without a copy where nothing has to be taken out.
    #[must_use]
    pub fn clean_owned(raw: String) -> (Self, Scrubbed) {
        let mut scrubbed = Scrubbed::default();
        let changed = match scrub(&raw, &mut scrubbed) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text),
        };
        (Self(changed.unwrap_or(raw)), scrubbed)
    }

    /// Accepts `raw` only if [`Self::clean`] would change nothing: how text comes over the wire.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when a forbidden character is in it.
    pub fn check(raw: String) -> Result<Self, Refusal> {
        let mut scrubbed = Scrubbed::default();
        if matches!(scrub(&raw, &mut scrubbed), Cow::Borrowed(_)) {
            Ok(Self(raw))
        } else {
            Err(Refusal::malformed("wire: text with a forbidden character"))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, taken out.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether there is nothing but blanks.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl Line {
    /// Makes one clean line of `raw`: line breaks and tabs become one blank, ends are trimmed.
    #[must_use]
    pub fn clean(raw: &str) -> (Self, Scrubbed) {
        let mut scrubbed = Scrubbed::default();
        let clean = scrub(raw, &mut scrubbed);
        if clean.bytes().any(|b| matches!(b, b'\n' | b'\t')) {
            let mut line = String::with_capacity(clean.len());
            for piece in clean
                .split(['\n', '\t'])
                .map(str::trim)
                .filter(|p| !p.is_empty())
            {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(piece);
            }
            (Self(line), scrubbed)
        } else {
            (Self(clean.trim().to_owned()), scrubbed)
        }
    }

    /// Accepts `raw` only if [`Self::clean`] would change nothing.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it would.
    pub fn check(raw: &str) -> Result<Self, Refusal> {
        let (line, _) = Self::clean(raw);
        if line.0 == raw {
            Ok(line)
        } else {
            Err(Refusal::malformed("wire: line with a forbidden character"))
        }
    }

    /// The text of the line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the line is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Copies `raw` without what must not be in a text; borrows it when nothing has to change.
///
/// Runs without a suspect are copied whole, so that a text whose only oddity is its CRLF line ends
/// costs little more than its copy.
fn scrub<'a>(raw: &'a str, scrubbed: &mut Scrubbed) -> Cow<'a, str> {
    let mut out = String::new();
    let mut changed = false;
    let mut rest = raw;
    while let Some(at) = first_suspect(rest) {
        let (run, tail) = rest.split_at_checked(at).unwrap_or(("", rest));
        if out.capacity() == 0 {
            out.reserve(raw.len());
        }
        out.push_str(run);
        let mut chars = tail.chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        if c == '\r' {
            // at the end of every line of most mails
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            out.push('\n');
            changed = true;
            let (lines, behind) = crlf_lines(rest);
            rest = behind;
            push_with_lf(lines, &mut out);
            continue;
        }
        let kept = keep(c, out.chars().next_back(), rest.chars().next(), scrubbed);
        changed |= kept != Some(c);
        out.extend(kept);
    }
    if changed {
        out.push_str(rest);
        Cow::Owned(out)
    } else {
        Cow::Borrowed(raw)
    }
}

/// The blocks of ASCII at the beginning in which every CR is followed by LF, and the rest.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch a whole block is looked at in one step"
)]
fn crlf_lines(raw: &str) -> (&str, &str) {
    let bytes = raw.as_bytes();
    let blocks = bytes
        .chunks_exact(BLOCK)
        .zip(bytes.get(1..).unwrap_or_default().chunks(BLOCK));
    let plain = blocks.take_while(|(block, behind)| {
        block.len() == behind.len()
            && block.iter().zip(*behind).fold(true, |all, (byte, next)| {
                all & (plain_ascii(*byte) | ((*byte == b'\r') & (*next == b'\n')))
            })
    });
    raw.split_at_checked(plain.count().saturating_mul(BLOCK))
        .unwrap_or(("", raw))
}

/// Appends lines without their CR, whatever follows it: by bytes without a branch, because there
/// can be as many lines as there are words.
fn push_with_lf(lines: &str, out: &mut String) {
    let mut block = [0u8; BLOCK];
    for piece in lines.as_bytes().chunks(BLOCK) {
        let mut length = 0usize;
        for byte in piece {
            if let Some(place) = block.get_mut(length) {
                *place = *byte;
            }
            length = length.saturating_add(usize::from(*byte != b'\r'));
        }
        let kept = block.get(..length).unwrap_or_default();
        out.push_str(std::str::from_utf8(kept).unwrap_or_default());
    }
}

/// How many bytes of lines are looked at together.
const BLOCK: usize = 64;

/// What becomes of `c` between what was kept `before` it and what comes `after` it.
fn keep(
    c: char,
    before: Option<char>,
    after: Option<char>,
    scrubbed: &mut Scrubbed,
) -> Option<char> {
    let stays = match c {
        end if is_line_end(end) => return Some('\n'),
        '\u{200d}' => {
            before.is_some_and(|c| c == '\u{fe0f}' || is_emoji(c)) && after.is_some_and(is_emoji)
        }
        '\u{fe00}'..='\u{fe0f}' => before.is_some_and(takes_selector),
        '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_ideograph),
        _ => {
            return match class(c) {
                Class::Keep => Some(c),
                Class::PrivateUse => {
                    bump(&mut scrubbed.private_use);
                    Some(GETA)
                }
                gone @ (Class::Bidi | Class::ZeroWidth | Class::Control | Class::Tag) => {
                    bump(gone.counter(scrubbed));
                    None
                }
            };
        }
    };
    if !stays {
        bump(&mut scrubbed.zero_width);
    }
    stays.then_some(c)
}

/// Byte offset of the first character that needs a closer look: the fast path of plain texts.
fn first_suspect(raw: &str) -> Option<usize> {
    let mut rest = raw.as_bytes();
    loop {
        rest = behind_plain_ascii(rest);
        let before = rest.len();
        while let Some(tail) = behind_harmless(rest) {
            rest = tail;
        }
        if rest.is_empty() {
            return None;
        }
        if rest.len() == before {
            return raw.len().checked_sub(before);
        }
    }
}

/// What follows the ASCII at the beginning; most of it goes by blocks.
fn behind_plain_ascii(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some((block, tail)) = rest.split_first_chunk::<32>() {
        if !block.iter().all(|b| plain_ascii(*b)) {
            break;
        }
        rest = tail;
    }
    let plain = rest.iter().take_while(|b| plain_ascii(**b)).count();
    rest.get(plain..).unwrap_or_default()
}

/// What follows a character beyond ASCII that is kept whatever stands around it. Only lead bytes are
/// looked at where they tell enough: E3 to E9 lead U+3000 to U+9FFF, in which only U+3164 is suspect.
const fn behind_harmless(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        // U+3164, and U+00AD, the soft hyphen
        [0xe3, 0x85, 0xa4, ..] | [0xc2, 0xad, ..] => None,
        // U+3000 to U+D7FF, and of U+FF01 to U+FF9F full-width ASCII and half-width kana
        [0xe3..=0xed, _, _, tail @ ..]
        | [0xef, 0xbc, 0x81..=0xbf, tail @ ..]
        | [0xef, 0xbd, _, tail @ ..]
        | [0xef, 0xbe, 0x80..=0x9f, tail @ ..]
        // U+2010 to U+2027, U+2080 to U+2FFF
        | [0xe2, 0x80, 0x90..=0xa7, tail @ ..]
        | [0xe2, 0x82..=0xbf, _, tail @ ..]
        // U+00A0 to U+02FF, U+0380 to U+05FF
        | [0xc2, 0xa0..=0xbf, tail @ ..]
        | [0xc3..=0xcb | 0xce..=0xd7, _, tail @ ..] => Some(tail),
        _ => None,
    }
}

const fn plain_ascii(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\t')
}

enum Class {
    Keep,
    Bidi,
    ZeroWidth,
    Control,
    Tag,
    PrivateUse,
}

impl Class {
    fn counter<'a>(&self, scrubbed: &'a mut Scrubbed) -> &'a mut u32 {
        match self {
            Self::Bidi => &mut scrubbed.bidi,
            Self::ZeroWidth => &mut scrubbed.zero_width,
            Self::Tag => &mut scrubbed.tag,
            Self::PrivateUse => &mut scrubbed.private_use,
            Self::Keep | Self::Control => &mut scrubbed.control,
        }
    }
}

/// Which class a character is in, by Unicode 16 `DerivedCoreProperties` (`Default_Ignorable`),
/// `Bidi_Control` and general category Cc, Cn (noncharacters) and Co.
const fn class(c: char) -> Class {
    match c {
        '\n' | '\t' => Class::Keep,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Class::Control,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Class::Bidi
        }
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffc}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0080}'..='\u{e00ff}'
        | '\u{e01f0}'..='\u{e0fff}' => Class::ZeroWidth,
        '\u{e0000}'..='\u{e007f}' => Class::Tag,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}' => {
            Class::PrivateUse
        }
        _ if is_noncharacter(c) => Class::Control,
        _ => Class::Keep,
    }
}

#[expect(
    clippy::as_conversions,
    reason = "char to u32 is lossless and `from` is not const"
)]
const fn is_noncharacter(c: char) -> bool {
    let code = c as u32;
    (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe
}

/// Characters that may stand on either side of a joiner: pictographs and skin tones (an approximation of `Extended_Pictographic`, UTS #51).
const fn is_emoji(c: char) -> bool {
    matches!(
        c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2460}'..='\u{24ff}'
        | '\u{25a0}'..='\u{27bf}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}'
    )
}

/// Characters that a variation selector VS1 to VS16 may follow: anything visible.
fn takes_selector(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{200d}')
}

/// CJK ideographs, which ideographic variation sequences (UTS #37) vary.
const fn is_ideograph(c: char) -> bool {
    matches!(
        c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{2fa1f}' | '\u{30000}'..='\u{3347f}'
    )
}

const fn bump(count: &mut u32) {
    *count = count.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cleaned(raw: &str) -> String {
        Text::clean(raw).0.0
    }

    #[test]
    fn what_is_kept_and_what_goes() {
        for (raw, want) in [
            ("a\r\nb\rc\u{2028}d", "a\nb\nc\nd"),
            ("x\u{202e}y\u{2066}z", "xyz"),
            ("a\u{200b}b\u{feff}c\u{ad}d", "abcd"),
            ("葛\u{e0100}飾", "葛\u{e0100}飾"),
            ("a\u{e0100}b", "ab"),
            ("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"),
            ("a\u{200d}b", "ab"),
            ("❤\u{fe0f}\u{200d}🔥", "❤\u{fe0f}\u{200d}🔥"),
            ("\u{fe0f}x", "x"),
            ("a\u{e0041}\u{e007f}b", "ab"),
            ("\u{e000}外字", "〓外字"),
            ("神\u{fa19}﨑髙", "神\u{fa19}﨑髙"),
            ("nul\0esc\u{1b}[31m\u{85}", "nulesc[31m\n"),
            ("か\u{3099}", "か\u{3099}"),
            ("\u{fffd}", "\u{fffd}"),
        ] {
            assert_eq!(cleaned(raw), want, "{raw:?}");
        }
    }

    #[test]
    fn line_ends_of_any_kind_at_any_place() {
        for before in 0..BLOCK.saturating_mul(2) {
            for end in ["\r\n", "\r", "\r\r\n", "\r\n\r\n", "\r\na\r\nb\n\r"] {
                let raw = format!("\r\n{}{end}{}", "x".repeat(before), "y\r\n".repeat(50));
                let want = raw.replace("\r\n", "\n").replace('\r', "\n");
                assert_eq!(cleaned(&raw), want, "{before} {end:?}");
            }
        }
    }

    #[test]
    fn counts_go_to_their_class() {
        let (_, s) = Text::clean("\u{202e}\u{200b}\0\u{e0041}\u{f8ff}");
        assert_eq!(
            s,
            Scrubbed {
                bidi: 1,
                zero_width: 1,
                control: 1,
                tag: 1,
                private_use: 1
            }
        );
    }

    #[test]
    fn a_line_has_no_breaks() {
        assert_eq!(Line::clean(" a\r\n\tBcc: x ").0.as_str(), "a Bcc: x");
        assert!(Line::check("a\nb").is_err());
        assert!(Line::check(" a").is_err());
        assert!(Line::check("a b").is_ok());
    }

    #[test]
    fn the_fast_path_skips_no_character_that_is_not_kept() {
        for c in ('\0'..=char::MAX)
            .filter(|c| !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'))
        {
            let mut scrubbed = Scrubbed::default();
            let changes = keep(c, None, None, &mut scrubbed) != Some(c);
            assert!(
                !changes || first_suspect(c.encode_utf8(&mut [0; 4])).is_some(),
                "{c:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn cleaning_again_changes_nothing(raw in any::<String>()) {
            let once = cleaned(&raw);
            let (twice, scrubbed) = Text::clean(&once);
            prop_assert_eq!(&twice.0, &once);
            prop_assert!(scrubbed.is_nothing());
            prop_assert!(Text::check(once).is_ok());
        }

        #[test]
        fn cleaning_suspicious_runs_is_stable(raw in "[\\u{200d}\\u{fe0f}\\u{e0100}a👨葛\\u{202e}\r\n\\u{e000}]{0,12}") {
            let once = cleaned(&raw);
            prop_assert_eq!(cleaned(&once), once.clone());
            let line = Line::clean(&raw).0;
            prop_assert_eq!(Line::clean(line.as_str()).0, line);
        }
    }
}
