//! A document for an office suite: what it would work out anew keeps what it showed, and headers and notes have the font
//! of the document, without which a suite takes their Japanese for the letters of another code page.

use super::tokens::Token;
use crate::formats::frozen;
use mugai_core::{Child, Cx, Hints, Piece, Refusal, Resource, Role, Untrusted};

/// The name of a field that nobody knows: its result is shown.
const UNKNOWN: u8 = b'Q';
/// Groups that begin with the looks of nothing.
const APART: [&[u8]; 9] = [
    b"header",
    b"headerl",
    b"headerr",
    b"headerf",
    b"footer",
    b"footerl",
    b"footerr",
    b"footerf",
    b"footnote",
];

/// What is changed in a document, by places in its bytes.
#[derive(Debug, Default)]
pub(super) struct Edits {
    depth: usize,
    /// The codes of fields that are open, one in the other.
    codes: Vec<Code>,
    /// Letters of names of fields.
    letters: Vec<usize>,
    /// Where the font of the document is named, and which one it is.
    fonts: Vec<usize>,
    font: Option<i32>,
}

/// The code of a field.
#[derive(Debug)]
struct Code {
    /// How many groups are open where it is.
    depth: usize,
    /// Its name so far: letters, and their places.
    name: Vec<(u8, usize)>,
    /// The name is read.
    named: bool,
}

/// The longest name of a field that counts.
const MAX_NAME: usize = 16;

impl Edits {
    /// Takes notice of a token that ends at a place.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn see(&mut self, token: Token<'_>, end: usize, cx: &Cx<'_>) -> Result<(), Refusal> {
        match token {
            Token::Open => self.depth = self.depth.saturating_add(1),
            Token::Close => {
                self.depth = self.depth.saturating_sub(1);
                if self
                    .codes
                    .last()
                    .is_some_and(|code| code.depth > self.depth)
                {
                    self.named();
                    self.codes.pop();
                }
            }
            Token::Word(b"fldinst", _) => {
                cx.charge(Resource::Bytes, 64)?;
                self.codes.push(Code {
                    depth: self.depth,
                    name: Vec::new(),
                    named: false,
                });
            }
            Token::Word(b"deff", font) => self.font = font,
            Token::Word(word, _) if APART.contains(&word) => {
                cx.charge(Resource::Bytes, 16)?;
                self.fonts.push(end);
            }
            Token::Raw(byte) => self.letter(byte, end.saturating_sub(1), cx)?,
            Token::Symbol(_) | Token::Byte(_) | Token::Blob | Token::LongBlob => self.named(),
            // looks may change within a name
            Token::Word(..) => {}
        }
        Ok(())
    }

    fn letter(&mut self, byte: u8, at: usize, cx: &Cx<'_>) -> Result<(), Refusal> {
        let Some(code) = self.codes.last_mut().filter(|code| !code.named) else {
            return Ok(());
        };
        let is_name = byte.is_ascii_alphabetic() || byte == b'=' && code.name.is_empty();
        if is_name && code.name.len() < MAX_NAME {
            cx.charge(Resource::Bytes, 16)?;
            code.name.push((byte, at));
        } else if is_name || !code.name.is_empty() {
            self.named();
        }
        Ok(())
    }

    /// The name of the innermost field ends, if it began.
    fn named(&mut self) {
        let code = self.codes.last_mut();
        let Some(code) = code.filter(|code| !code.named && !code.name.is_empty()) else {
            return;
        };
        code.named = true;
        let name: Vec<u8> = code.name.iter().map(|(letter, _)| *letter).collect();
        if frozen::is_frozen(&name) {
            self.letters.extend(code.name.iter().map(|(_, at)| *at));
        }
    }

    /// Hands on the document as changed, if it is.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn hand_on(self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let font = self.font.map(|font| format!("\\f{font} "));
        let font = font.unwrap_or_default();
        if self.letters.is_empty() && (font.is_empty() || self.fonts.is_empty()) {
            return Ok(());
        }
        let room = self.fonts.len().saturating_mul(font.len());
        let room = input.len().saturating_mul(2).saturating_add(room);
        cx.charge_len(Resource::Bytes, room)?;
        let mut file = input.to_vec();
        for at in self.letters {
            if let Some(letter) = file.get_mut(at) {
                *letter = UNKNOWN;
            }
        }
        let mut out = Vec::new();
        let mut done = 0usize;
        for at in self.fonts {
            out.extend_from_slice(file.get(done..at).unwrap_or_default());
            out.extend_from_slice(font.as_bytes());
            done = at;
        }
        out.extend_from_slice(file.get(done..).unwrap_or_default());
        cx.put(Piece::Child(Box::new(Child {
            name: None,
            role: Role::Attachment,
            hints: Hints::default(),
            content: Untrusted::new(out),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rtf;
    use crate::reader::Format;
    use mugai_core::{HandsOn, Hints, Piece, Treatments};
    use mugai_testkit::show::taped;

    fn handed_on(input: &str) -> Option<String> {
        let hints = Hints {
            hands_on: HandsOn::Plain,
            ..Hints::default()
        };
        let (result, tape) = taped(Treatments::nothing(), hints, |cx| {
            Rtf.open(input.as_bytes(), cx)
        });
        result.unwrap();
        tape.pieces.iter().find_map(|piece| {
            let Piece::Child(child) = piece else {
                return None;
            };
            let content = child.content.load().unwrap();
            Some(String::from_utf8(content.to_vec()).unwrap())
        })
    }

    #[test]
    fn fields_of_the_moment_and_the_file_are_nobodys() {
        for (input, want) in [
            (
                r"{\rtf1{\field{\*\fldinst { DATE \\@ x}}{\fldrslt DATE}}}",
                r"{\rtf1{\field{\*\fldinst { QQQQ \\@ x}}{\fldrslt DATE}}}",
            ),
            (
                r"{\rtf1{\field{\*\fldinst{file}{\b\insrsid1 name}{ x}}{\fldrslt x}}}",
                r"{\rtf1{\field{\*\fldinst{QQQQ}{\b\insrsid1 QQQQ}{ x}}{\fldrslt x}}}",
            ),
            (
                r"{\rtf1{\field{\*\fldinst IF {\field{\*\fldinst PAGE}{\fldrslt 1}} = 1}{\fldrslt x}}}",
                r"{\rtf1{\field{\*\fldinst QQ {\field{\*\fldinst PAGE}{\fldrslt 1}} = 1}{\fldrslt x}}}",
            ),
            (
                r"{\rtf1{\field{\*\fldinst =1+2}{\fldrslt 3}}}",
                r"{\rtf1{\field{\*\fldinst Q1+2}{\fldrslt 3}}}",
            ),
        ] {
            assert_eq!(handed_on(input).as_deref(), Some(want));
        }
        for input in [
            r"{\rtf1{\field{\*\fldinst PAGE}{\fldrslt DATE}} DATE}",
            r"{\rtf1{\field{\*\fldinst DATEX}{\fldrslt x}}}",
            r"{\rtf1{\field{\*\fldinst HYPERLINK DATE}{\fldrslt x}}}",
            r"{\rtf1{\header x}}",
        ] {
            assert_eq!(handed_on(input), None);
        }
    }

    #[test]
    fn headers_and_notes_have_the_font_of_the_document() {
        let input =
            r"{\rtf1\deff3{\header x}{\field{\*\fldinst TIME}{\fldrslt 1}}{\footnote\pard y}}";
        let want = r"{\rtf1\deff3{\header \f3 x}{\field{\*\fldinst QQQQ}{\fldrslt 1}}{\footnote\f3 \pard y}}";
        assert_eq!(handed_on(input).as_deref(), Some(want));
    }
}
