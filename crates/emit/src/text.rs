//! Plain text: UTF-8, LF, no byte order mark, one line end at the end, nothing live.

use crate::defang::{Defanged, defang};
use mugai_core::{Draft, Links, Piece, Refusal, Target, Writer};
use std::borrow::Cow;

/// Rewrites `text` to the profile of [`Target::Txt`] and tells what was made harmless.
///
/// Line ends at the end become exactly one; a blank text becomes a single line end.
#[must_use]
pub fn text(text: &str) -> (String, Defanged) {
    let mut counts = Defanged::default();
    let trimmed = text.trim_end_matches('\n');
    let mut out = String::with_capacity(trimmed.len().saturating_add(1));
    out.push_str(trimmed);
    out.push('\n');
    // most texts hold nothing live, and are not copied once more
    let changed = match defang(&out, &mut counts) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    };
    (changed.unwrap_or(out), counts)
}

/// A writer of text files; pieces of text are joined without a break.
///
/// Both ways to show links end the same here: readers have left the targets of links out where
/// the policy drops them, and an address in the running text is text, shown unclickable.
#[must_use]
pub fn writer(links: Links) -> Box<dyn Writer> {
    let (Links::Defang | Links::Drop) = links;
    Box::new(TextFile(String::new()))
}

struct TextFile(String);

impl Writer for TextFile {
    fn put(&mut self, piece: &Piece) -> Result<(), Refusal> {
        let Piece::Text(text) = piece else {
            return Err(Refusal::internal("txt: a piece that is not text"));
        };
        self.0.push_str(text.as_str());
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Draft, Refusal> {
        Ok(Draft::new(Target::Txt, text(&self.0).0.into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Row, Text};

    fn file(pieces: &[&str]) -> String {
        let mut writer = writer(Links::Defang);
        for piece in pieces {
            writer.put(&Piece::Text(Text::clean(piece).0)).unwrap();
        }
        String::from_utf8(writer.finish().unwrap().into_bytes()).unwrap()
    }

    #[test]
    fn one_line_end_at_the_end() {
        assert_eq!(file(&[]), "\n");
        assert_eq!(file(&["a"]), "a\n");
        assert_eq!(file(&["a\n\n\n"]), "a\n");
        assert_eq!(file(&["a\n", "\nb"]), "a\n\nb\n");
    }

    #[test]
    fn addresses_that_are_cut_over_pieces_are_found() {
        assert_eq!(file(&["http:", "//a.jp"]), "hxxp://a.jp\n");
        assert_eq!(file(&["see data:"]), "see data:\n");
    }

    #[test]
    fn other_pieces_have_no_place() {
        let mut writer = writer(Links::Drop);
        assert!(writer.put(&Piece::Row(Row::default())).is_err());
    }
}
