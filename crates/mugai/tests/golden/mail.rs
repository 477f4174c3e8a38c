//! A delivered message as a mail program shows it, read by a library that had no part in writing it.

use mail_parser::{Address, MessageParser, MessagePart, MimeHeaders, PartType};
use std::fmt::Write as _;

/// Attachments of text up to this size are shown.
const SHORT: usize = 4 << 10;

/// Headers, body and attachments.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let Some(message) = MessageParser::default().parse(bytes) else {
        return "not a message\n".to_owned();
    };
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            // writing to a string cannot fail
            let _ = writeln!(out, "{name}: {value}");
        }
    };
    line("From", addresses(message.from()));
    line("To", addresses(message.to()));
    line("Cc", addresses(message.cc()));
    line("Reply-To", addresses(message.reply_to()));
    line("Subject", message.subject().unwrap_or_default().to_owned());
    let date = message.date().map(mail_parser::DateTime::to_rfc3339);
    line("Date", date.unwrap_or_default());
    line(
        "Message-ID",
        message.message_id().unwrap_or_default().to_owned(),
    );
    let _ = writeln!(out);
    out.push_str(&body(&message));
    for part in message.attachments() {
        attachment(part, &mut out);
    }
    out
}

/// The text of the body.
pub(crate) fn body(message: &mail_parser::Message<'_>) -> String {
    let text = message.body_text(0).unwrap_or_default();
    text.replace("\r\n", "\n")
}

fn attachment(part: &MessagePart<'_>, out: &mut String) {
    let name = part.attachment_name().unwrap_or("-");
    let kind = part.content_type().map_or_else(String::new, |kind| {
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
    });
    let bytes = part.contents();
    let _ = writeln!(out, "[{name}: {kind}, {} bytes]", bytes.len());
    if let PartType::Text(text) = &part.body
        && bytes.len() <= SHORT
    {
        for line in text.lines() {
            let _ = writeln!(out, "  | {line}");
        }
    }
}

fn addresses(address: Option<&Address<'_>>) -> String {
    let list = address.into_iter().flat_map(Address::iter);
    let shown = list.map(|address| {
        let name = address.name().unwrap_or_default();
        format!("{name} <{}>", address.address().unwrap_or_default())
    });
    shown.collect::<Vec<_>>().join(", ")
}
