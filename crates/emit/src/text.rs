//! Plain text: UTF-8, LF, no byte order mark, one line end at the end, nothing live.

use crate::defang::{Defanged, defang};
use mugai_core::{Draft, Links, Piece, Refusal, Target, Writer};
use std::borrow::Cow;

/// A text in which nothing is live, and which ends with a line end.
///
/// Only [`text`] makes one, so that a writer that takes it has nothing left to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harmless(String);

impl Harmless {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text with one line end at its end, as the profile of [`Target::Txt`] wants it: blank
    /// texts that were put behind it leave more of them.
    #[must_use]
    pub fn closed(&self) -> &str {
        let end = self.0.trim_end_matches('\n').len().saturating_add(1);
        self.0.get(..end).unwrap_or(&self.0)
    }

    /// Puts `next` behind an empty line.
    ///
    /// What makes text live stands in one line together with what it does, and both texts end with
    /// their line: nothing can become live where they meet.
    pub fn append(&mut self, next: &Self) {
        self.0.reserve(next.0.len().saturating_add(1));
        self.0.push('\n');
        self.0.push_str(&next.0);
    }

    /// Its bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// Rewrites `text` to the profile of [`Target::Txt`] and tells what was made harmless.
///
/// Line ends at the end become exactly one; a blank text becomes a single line end.
#[must_use]
pub fn text(text: String) -> (Harmless, Defanged) {
    let mut counts = Defanged::default();
    let mut text = text;
    text.truncate(text.trim_end_matches('\n').len());
    text.push('\n');
    // most texts hold nothing live, and are not copied at all
    let changed = match defang(&text, &mut counts) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    };
    (Harmless(changed.unwrap_or(text)), counts)
}

/// A writer of text files; pieces of text are joined without a break.
///
/// All ways to show links end the same here: readers have left the targets of links out where
/// the policy drops them, and an address in the running text is text, shown unclickable.
#[must_use]
pub fn writer(links: Links) -> Box<dyn Writer> {
    let (Links::Defang | Links::Drop | Links::Keep) = links;
    Box::new(TextFile(String::new()))
}

struct TextFile(String);

impl Writer for TextFile {
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        let Piece::Text(text) = piece else {
            return Err(Refusal::internal("txt: a piece that is not text"));
        };
        self.0.push_str(text.as_str());
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Draft, Refusal> {
        Ok(Draft::new(Target::Txt, text(self.0).0.into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Row, Text};

    fn file(pieces: &[&str]) -> String {
        let mut writer = writer(Links::Defang);
        for piece in pieces {
            writer.put(Piece::Text(Text::clean(piece).0)).unwrap();
        }
        String::from_utf8(writer.finish().unwrap().into_content().into_vec().unwrap()).unwrap()
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
        assert!(writer.put(Piece::Row(Row::default())).is_err());
    }

    #[test]
    fn texts_that_meet_stay_harmless() {
        let ends = [
            "", "a", "begin", "data:", "http:", "www.", "\\", "\\\\", "<", "</", "<scrip", "<!",
            "=ybegin", "644 x", "  x", "//a.jp", "a.jp", "host\\c", "t>", "--", "x:", "\t",
            "-base64 ",
        ];
        for one in ends {
            for other in ends {
                let [mut both, next] = [one, other].map(|part| text(part.to_owned()).0);
                both.append(&next);
                let (again, counts) = text(both.as_str().to_owned());
                assert_eq!(again.as_str(), both.closed(), "{one:?} {other:?}");
                assert_eq!(counts, Defanged::default());
            }
        }
    }
}
