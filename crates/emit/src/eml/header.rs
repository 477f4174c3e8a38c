//! Header fields: folded at 76 columns, one blank between tokens.

use super::words;
use mugai_core::Line;

/// The longest line, without its line end.
const MAX_LINE: usize = 76;

/// The most bytes of a text: what is read is shorter, and servers cut longer fields off.
const MAX_TEXT: usize = 56_000;

/// The header of a message in the making.
#[derive(Default)]
pub(super) struct Headers(Vec<u8>);

impl Headers {
    /// Writes a field of these tokens; nothing where there are none.
    ///
    /// A token is never cut: a line is longer than [`MAX_LINE`] only where a single one (an address,
    /// an identifier) is.
    pub(super) fn put(&mut self, name: &'static str, tokens: Vec<String>) {
        if tokens.is_empty() {
            return;
        }
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b':');
        let mut column = name.len().saturating_add(1);
        for (index, token) in tokens.into_iter().enumerate() {
            let end = column.saturating_add(1).saturating_add(token.len());
            // the first token stays beside the name: some readers take an empty first line for an
            // empty field
            if index > 0 && end > MAX_LINE {
                self.0.extend_from_slice(b"\r\n");
                column = 0;
            }
            self.0.push(b' ');
            self.0.extend_from_slice(token.as_bytes());
            column = column.saturating_add(1).saturating_add(token.len());
        }
        self.0.extend_from_slice(b"\r\n");
    }

    /// Writes a field of text: as it is where it is short ASCII, else in encoded words.
    pub(super) fn put_text(&mut self, name: &'static str, text: Option<&Line>) {
        let Some(text) = text.map(Line::as_str).filter(|text| !text.is_empty()) else {
            return;
        };
        let end = name.len().saturating_add(2).saturating_add(text.len());
        let mut tokens = if end <= MAX_LINE && words::is_plain(text) {
            vec![text.to_owned()]
        } else {
            words::encode(text)
        };
        tokens.truncate(words::within(&tokens, MAX_TEXT));
        self.put(name, tokens);
    }

    /// All fields, without the blank line behind them.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
