//! The piece: the one noun that everything turns on.

use crate::assignment::Hints;
use crate::budget::{Budget, Resource};
use crate::contents::Contents;
use crate::drawing::Drawing;
use crate::markup::Markup;
use crate::message::Envelope;
use crate::name::SafeName;
use crate::page::Page;
use crate::refusal::Refusal;
use crate::table::Row;
use crate::text::Text;
use crate::untrusted::Untrusted;

/// One safe value on its way from a reader to a writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text of any number of lines; pieces of text follow each other without a break.
    Text(Text),
    /// One raster page, or a picture for the drawing that follows.
    Page(Page),
    /// One page as shapes.
    Drawing(Box<Drawing>),
    /// Bookmarks and names of pages.
    Contents(Box<Contents>),
    /// One row of a sheet.
    Row(Row),
    /// One part of an office document.
    Markup(Markup),
    /// The first piece of a message.
    Envelope(Box<Envelope>),
    /// A part inside, to be opened by itself.
    Child(Box<Child>),
}

impl Piece {
    /// Pays for keeping this piece. Pages and drawings are paid for when they are made.
    ///
    /// # Errors
    /// [`Refusal::Overrun`] when the purse does not hold its price.
    pub fn pay(&self, budget: &Budget) -> Result<(), Refusal> {
        match self {
            Self::Text(text) => budget.charge_len(Resource::Bytes, text.as_str().len()),
            Self::Row(row) => {
                let bytes = row.cells().iter().fold(0usize, |sum, cell| {
                    // a cell costs its separator too, so that empty ones are not free
                    sum.saturating_add(cell.as_str().len()).saturating_add(1)
                });
                budget.charge_len(Resource::Bytes, bytes)
            }
            Self::Markup(markup) => budget.charge_len(Resource::Bytes, markup.encoded().len()),
            Self::Page(_) | Self::Drawing(_) | Self::Contents(_) | Self::Envelope(_) => Ok(()),
            Self::Child(child) => {
                budget.charge(Resource::Parts, 1)?;
                budget.charge_len(Resource::Bytes, child.content.len())
            }
        }
    }
}

/// What a part is to the message that it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A piece of the body. Bodies are shown by ascending `group`; of one group the highest
    /// `choice` that can be read is shown (RFC 2046 section 5.1.4), in its order in the message.
    Body {
        /// Place in the body.
        group: u32,
        /// Rank among the alternatives of that place.
        choice: u32,
    },
    /// A file beside the body, pictures of the body included.
    Attachment,
    /// One message of a mailbox.
    Message,
    /// A picture of a document, which is put into it again.
    Picture,
    /// A file of an archive.
    Member,
}

/// A part that was found inside another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// What the sender called it.
    pub name: Option<SafeName>,
    /// What it is to its message.
    pub role: Role,
    /// What was said about it outside of its own bytes.
    pub hints: Hints,
    /// Its bytes, transfer encoding undone.
    pub content: Untrusted,
}

/// A word of printable ASCII without blanks, at most 250 bytes: labels and identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(String);

impl Token {
    /// `None` for anything but 1 to 250 bytes from `!` to `~`.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let fits = !raw.is_empty() && raw.len() <= 250;
        (fits && raw.bytes().all(|b| b.is_ascii_graphic())).then(|| Self(raw.to_owned()))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A media type, `type/subtype` in lower case (RFC 2045 section 5.1 tokens), at most 127 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaType(String);

impl MediaType {
    /// `None` unless both sides are tokens of letters, digits and `! # $ & - ^ _ . +`.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let lower = raw.to_ascii_lowercase();
        let token = |t: &str| {
            !t.is_empty()
                && t.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        let (main, sub) = lower.split_once('/')?;
        (token(main) && token(sub) && lower.len() <= 127).then_some(Self(lower))
    }

    /// The type, `text/plain`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_and_tokens_are_narrow() {
        assert_eq!(MediaType::parse("Text/HTML").unwrap().as_str(), "text/html");
        for bad in [
            "", "text", "text/", "/x", "a/b;c", "a/b\r\n", "a b/c", "テ/x",
        ] {
            assert!(MediaType::parse(bad).is_none(), "{bad:?}");
        }
        assert!(Token::parse(&"x".repeat(250)).is_some());
        for bad in ["", "a b", "a\n", "あ", &"x".repeat(251)] {
            assert!(Token::parse(bad).is_none(), "{bad:?}");
        }
    }
}
