//! RTF in tokens ("Basic Syntax"): braces, control words, control symbols, bytes.

use super::charset;

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// A control word of letters, and its number.
    Word(&'a [u8], Option<i32>),
    /// A control symbol, other than a byte in hex.
    Symbol(u8),
    /// A byte of text in hex.
    Byte(u8),
    /// A byte of text as it is.
    Raw(u8),
    /// Bytes behind `\bin`, which are no text.
    Blob,
    /// The same, where there are fewer than it says: they are the rest of the file.
    LongBlob,
}

/// The longest control word that counts; longer ones are read on, as other readers do.
const MAX_WORD: usize = 32;

/// Words that may stand behind a character.
const ENDS: [&[u8]; 14] = [
    b"par", b"line", b"tab", b"cell", b"row", b"sect", b"page", b"plain", b"pard", b"f", b"fs",
    b"b", b"i", b"u",
];

/// Walks over RTF.
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
    /// Second halves of characters stand there as they are, and never behind a stroke of their own.
    bare: bool,
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(input: &'a [u8]) -> Self {
        Self {
            rest: input,
            bare: false,
        }
    }

    /// Whether it must be found out how second halves of characters are marked: behind a first half, `\}` is half a
    /// character, or the half `\` and the end of a group; `\\par` is half a character and three letters, or the half `\`
    /// and the end of a paragraph.
    pub(super) fn is_doubtful(&self) -> bool {
        let doubtful =
            |three: &[u8]| matches!(three, [first, b'\\', b'{' | b'}' | b'\\'] if is_first(*first));
        self.rest.windows(3).any(doubtful)
    }

    /// Finds it out by walking twice over everything: programs that know of two bytes do not mark the second one, and
    /// those that know of bytes alone mark each by a stroke. Groups end by one of the two; if by both, what stands behind
    /// the strokes tells.
    pub(super) fn tell_halves(&mut self) {
        let walk = |bare: bool| {
            let mut tokens = Self {
                rest: self.rest,
                bare,
            };
            let mut depth = 0i64;
            let mut fits = None;
            while let Some(token) = tokens.next() {
                match token {
                    Token::Open => depth = depth.saturating_add(1),
                    Token::Close => depth = depth.saturating_sub(1),
                    Token::Raw(byte) if is_first(byte) => {
                        let strokes = tokens.rest.starts_with(b"\\\\");
                        tokens.skip_half();
                        if strokes && bare {
                            fits = Some(fits.unwrap_or(true) && tokens.is_at_control());
                        }
                    }
                    Token::Raw(_)
                    | Token::Byte(_)
                    | Token::Word(..)
                    | Token::Symbol(_)
                    | Token::Blob
                    | Token::LongBlob => {}
                }
            }
            (depth, fits == Some(true))
        };
        let ((marked, _), (bare, fits)) = (walk(false), walk(true));
        self.bare = bare == 0 && (marked != 0 || fits);
    }

    /// Whether what comes next is what ends a line or a piece of text, and not letters that look like it.
    fn is_at_control(&self) -> bool {
        let Some(behind) = self.rest.strip_prefix(b"\\") else {
            return false;
        };
        let letters = count(behind, u8::is_ascii_alphabetic);
        let word = behind.get(..letters).unwrap_or_default();
        ENDS.contains(&word) || behind.starts_with(b"'")
    }

    fn skip_half(&mut self) {
        // what is marked by a stroke is a token of its own
        if self.half().is_none() && self.rest.first().is_some_and(|byte| *byte != b'\\') {
            self.bump();
        }
    }

    /// What has not been walked over.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn bump(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// The next token; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            return Some(match self.bump()? {
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'\r' | b'\n' | 0 => continue,
                b'\\' => self.control()?,
                byte => Token::Raw(byte),
            });
        }
    }

    /// The second half of a character of which the first one stood as it is, where it looks like a brace or the
    /// beginning of a control.
    pub(super) fn half(&mut self) -> Option<u8> {
        match self.rest {
            [b'\\', b'\\' | b'{' | b'}' | b'\'', ..] if !self.bare => None,
            [b'\\' | b'{' | b'}', ..] => self.bump(),
            _ => None,
        }
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let letters = count(self.rest, u8::is_ascii_alphabetic);
        if letters == 0 {
            return Some(match self.bump()? {
                b'\'' => self.hex(),
                b'\r' | b'\n' => Token::Word(b"par", None),
                symbol => Token::Symbol(symbol),
            });
        }
        let (word, rest) = self.rest.split_at_checked(letters)?;
        self.rest = rest;
        let number = self.number();
        if let [b' ', rest @ ..] = self.rest {
            self.rest = rest;
        }
        let word = word.get(..MAX_WORD).unwrap_or(word);
        if word == b"bin" {
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            let behind = self.rest.get(length..);
            self.rest = behind.unwrap_or_default();
            return Some(if behind.is_some() {
                Token::Blob
            } else {
                Token::LongBlob
            });
        }
        Some(Token::Word(word, number))
    }

    fn number(&mut self) -> Option<i32> {
        let negative = self.rest.first() == Some(&b'-');
        let start = usize::from(negative);
        let digits = count(self.rest.get(start..)?, u8::is_ascii_digit);
        if digits == 0 {
            return None;
        }
        let (text, rest) = self.rest.get(start..)?.split_at_checked(digits)?;
        self.rest = rest;
        let sum = text.iter().take(10).fold(0i64, |sum, digit| {
            sum.saturating_mul(10)
                .saturating_add(i64::from(digit.saturating_sub(b'0')))
        });
        let signed = if negative { sum.saturating_neg() } else { sum };
        Some(i32::try_from(signed).unwrap_or(if negative { i32::MIN } else { i32::MAX }))
    }

    /// Two digits behind `\'`; what is none ends it.
    fn hex(&mut self) -> Token<'a> {
        let mut value = 0u8;
        for _ in 0..2 {
            let digit = self.rest.first().and_then(|b| char::from(*b).to_digit(16));
            let Some(digit) = digit else { break };
            self.bump();
            value = (value << 4) | u8::try_from(digit).unwrap_or(0);
        }
        Token::Byte(value)
    }
}

/// Whether a byte is the first one of two in Japanese text.
fn is_first(byte: u8) -> bool {
    charset::leads(encoding_rs::SHIFT_JIS, byte)
}

fn count(bytes: &[u8], fits: fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|b| fits(b)).count()
}
