//! Rich Text Format (version 1.9.1): the text that readers of it show.
//!
//! Readers take almost anything for RTF, so that everything that may stand anywhere is read by rules and
//! never by search: groups, control words, bytes in hex, blobs. What a destination holds is told only if
//! the destination is one of those that are seen; all others are dropped, the known dangerous ones noted.

mod charset;
mod destination;
mod fonts;
mod state;
mod suite;
#[cfg(test)]
mod tests;
mod tokens;

use crate::reader::{Format, Sniff, Spec};
pub(super) use charset::{of_font, of_page};
use mugai_core::{Cx, FindingCode, HandsOn, Kind, Piece, Refusal, Resource, Treatment};
use state::State;
use tokens::{Token, Tokens};

/// The reader of RTF.
#[derive(Debug)]
pub(super) struct Rtf;

impl Format for Rtf {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Rtf,
            reference: "RTF 1.9.1",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        // a text may begin so, too
        if head.starts_with(b"{\\rt") {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let mut edits = suite::Edits::default();
        let hands_on = cx.hints().hands_on == HandsOn::Plain;
        let text = walked(input, hands_on.then_some(&mut edits), cx)?;
        let text = cx.text(&text);
        cx.put(Piece::Text(text))?;
        if hands_on {
            edits.hand_on(input, cx)?;
        }
        Ok(())
    }
}

/// The text of a document.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(in crate::formats) fn told(input: &[u8], cx: &mut Cx<'_>) -> Result<String, Refusal> {
    walked(input, None, cx)
}

/// The same, for an office suite as well if there are `edits`.
fn walked(
    input: &[u8],
    mut edits: Option<&mut suite::Edits>,
    cx: &mut Cx<'_>,
) -> Result<String, Refusal> {
    cx.charge_len(Resource::Steps, input.len())?;
    // one byte becomes four at most, a picture of a font of symbols, and is kept twice for a moment
    cx.charge_len(Resource::Bytes, input.len().saturating_mul(4))?;
    let mut state = State::default();
    let mut tokens = Tokens::new(input);
    if tokens.is_doubtful() {
        cx.charge_len(Resource::Steps, input.len().saturating_mul(2))?;
        tokens.tell_halves();
    }
    while let Some(token) = tokens.next() {
        if let Some(edits) = &mut edits {
            edits.see(token, input.len().saturating_sub(tokens.rest().len()), cx)?;
        }
        match token {
            Token::Open => state.open()?,
            Token::Close => {
                if state.close(cx)? {
                    break;
                }
            }
            Token::Word(word, number) => state.word(word, number, cx)?,
            Token::Symbol(symbol) => state.symbol(symbol),
            Token::Byte(byte) => state.byte(byte),
            Token::Raw(byte) => {
                state.byte(byte);
                if let Some(half) = state.is_half().then(|| tokens.half()).flatten() {
                    state.byte(half);
                }
            }
            Token::Blob => state.blob(),
            Token::LongBlob => cx.note(FindingCode::OfficeMarkup),
        }
    }
    let rest = tokens.rest();
    if rest
        .iter()
        .any(|b| !b.is_ascii_whitespace() && *b != 0 && *b != b'}')
    {
        cx.note(FindingCode::OfficePart);
    }
    state.finish(cx)
}
