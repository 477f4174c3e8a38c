//! Mail messages (RFC 5322, RFC 2045 to 2047, RFC 2231): the headers that are carried become an
//! [`Envelope`](mugai_core::Envelope), each part a child of its own.
//!
//! Readers of mail disagree about broken mail, and senders of malice know it. So nothing is passed
//! on for others to read again: the first of two fields counts, what is odd is noted, and the
//! message that is written from the pieces is one that all readers understand alike.
//!
//! # Limitations
//! Messages inside of messages are children and opened by themselves. Signatures are not verified,
//! encrypted content is handed on to be withheld, and pieces of a split message are not joined.

mod address;
mod auth;
mod date;
mod envelope;
mod fields;
mod head;
mod hidden;
mod lines;
pub(in crate::formats) mod names;
mod params;
mod parts;
mod reports;
mod roles;
mod structure;
pub(in crate::formats) mod transfer;
mod words;

#[cfg(test)]
mod tests;

use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, Kind, Piece, Refusal, Treatment};

pub(in crate::formats) use fields::{is_header_line, line_at};

/// The reader of single messages.
pub(super) struct Mail;

/// Fields that hardly anything but a mail has.
const TELLING: [&str; 10] = [
    "from",
    "to",
    "subject",
    "date",
    "received",
    "return-path",
    "delivered-to",
    "mime-version",
    "message-id",
    "x-mailer",
];

impl Format for Mail {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Mail,
            reference: "RFC 5322, RFC 2045",
            treatments: &[Treatment::Text],
        }
    }

    /// Header lines, and one among them that only mails have.
    fn sniff(&self, head: &[u8]) -> Sniff {
        let head = head.get(..head.len().min(16_384)).unwrap_or_default();
        let mut at = 0;
        let mut telling = false;
        while let Some((line, next)) = line_at(head, at) {
            match fields::split(line) {
                Some((name, _)) => {
                    telling |= TELLING
                        .iter()
                        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
                }
                None if line.is_empty() => break,
                None if at > 0 && matches!(line.first(), Some(b' ' | b'\t')) => {}
                None if at == 0 && line.starts_with(b"From ") => {}
                // the window may end inside of a line
                None if next < head.len() => return Sniff::No,
                None => {}
            }
            at = next;
        }
        if telling { Sniff::Perhaps } else { Sniff::No }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let input = lines::mended(input, cx)?;
        let structure = structure::scan(&input, cx)?;
        let envelope = envelope::read(&structure.section, cx)?;
        cx.put(Piece::Envelope(Box::new(envelope)))?;
        parts::put_all(&structure.nodes, cx)
    }
}
