//! A second opinion: a mail library must see in a message what the profile says is in it.
//!
//! The profile is narrow enough that every reader of mail should agree about it. Where this one
//! does not, others may not either, and the message is not delivered.

use super::header::Header;
use super::parts::Parts;
use mail_parser::{Message, MessageParser, MimeHeaders};
use mugai_core::Violation;
use std::sync::LazyLock;

/// The library as it comes: what it does with which header.
static PARSER: LazyLock<MessageParser> = LazyLock::new(MessageParser::default);

/// What the library reads.
pub(super) fn read(bytes: &[u8]) -> Result<Message<'_>, Violation> {
    PARSER
        .parse(bytes)
        .ok_or(Violation::of("eml: a mail library sees no message"))
}

/// Compares what was read by the profile with what the library reads.
pub(super) fn compare(
    message: &Message<'_>,
    header: &Header,
    parts: &Parts<'_>,
) -> Result<(), Violation> {
    if message.subject() != header.subject.as_deref() {
        return Err(Violation::of("eml: a mail library sees another subject"));
    }
    if !same_authors(message, header) {
        return Err(Violation::of("eml: a mail library sees other authors"));
    }
    let files = parts.files.len();
    // the multipart itself counts as a part
    let expected = if files == 0 {
        1
    } else {
        files.saturating_add(2)
    };
    if message.parts.len() != expected || message.attachment_count() != files {
        return Err(Violation::of("eml: a mail library sees other parts"));
    }
    let body = message.text_part(0).map(mail_parser::MessagePart::contents);
    if !body.is_some_and(|body| parts.body.is(body)) {
        return Err(Violation::of("eml: a mail library sees another body"));
    }
    let same = message.attachments().zip(&parts.files).all(|(seen, file)| {
        let name = Some(file.name.as_str());
        let alias = seen.content_type().and_then(|kind| kind.attribute("name"));
        seen.attachment_name() == name && alias == name && file.content.is(seen.contents())
    });
    if same {
        Ok(())
    } else {
        Err(Violation::of("eml: a mail library sees other attachments"))
    }
}

/// Whether the authors are the same. The library takes a local part in quotes for a name, so lists
/// with one are left to the grammar of the profile.
fn same_authors(message: &Message<'_>, header: &Header) -> bool {
    if header
        .from
        .iter()
        .any(|author| author.address.contains('"'))
    {
        return true;
    }
    let Some(seen) = message.from() else {
        return false;
    };
    let mut authors = header.from.iter();
    let same = seen.iter().all(|seen| {
        authors.next().is_some_and(|author| {
            seen.name() == author.name.as_deref() && seen.address() == Some(author.address.as_str())
        })
    });
    same && authors.next().is_none()
}
