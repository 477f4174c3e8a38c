//! Mailboxes in headers.

use super::words;
use mugai_core::message::MAX_MAILBOXES_BYTES;
use mugai_core::{AddrSpec, Mailbox};

/// The address of those who have none that we can write. `.invalid` never exists (RFC 2606).
const NOBODY: &str = "<unknown@unknown.invalid>";
/// The longest name in quotes; longer ones go into encoded words.
const MAX_QUOTED: usize = 60;

/// The most bytes of one mailbox; of a longer name the beginning is written.
const MAX_ONE: usize = 20_000;

/// The tokens of an address list: names, `<address>`es, and a comma at the end of all mailboxes
/// but the last. Whoever makes the list leaves out what is too much for one header; what is too much still is not
/// written.
pub(super) fn list(mailboxes: &[Mailbox]) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut used = 0usize;
    for one in mailboxes {
        let mut own = Vec::new();
        mailbox(one, &mut own);
        if size(&own) > MAX_ONE
            && let Some(address) = own.pop()
        {
            own.truncate(words::within(&own, MAX_ONE));
            own.push(address);
        }
        used = used.saturating_add(size(&own));
        if used > MAX_MAILBOXES_BYTES {
            break;
        }
        if let Some(last) = tokens.last_mut() {
            last.push(',');
        }
        tokens.append(&mut own);
    }
    tokens
}

/// The bytes that tokens take, with a comma, and a fold before each.
fn size(tokens: &[String]) -> usize {
    tokens.iter().fold(1usize, |sum, token| {
        sum.saturating_add(token.len()).saturating_add(3)
    })
}

/// The tokens for a sender of whom nothing is known.
pub(super) fn unknown() -> Vec<String> {
    vec!["\"unknown\"".to_owned(), NOBODY.to_owned()]
}

/// `address`, `<"local"@domain>`, `"name" <address>`, or `"name" <unknown@unknown.invalid>`.
fn mailbox(mailbox: &Mailbox, tokens: &mut Vec<String>) {
    let name = mailbox.name().map(mugai_core::Line::as_str);
    match (name, mailbox.address()) {
        (None, Some(address)) if address.is_writable() => tokens.push(bare(address)),
        (Some(name), Some(address)) if address.is_writable() => {
            phrase(name, tokens);
            tokens.push(format!("<{}>", address.to_wire()));
        }
        (name, address) => {
            phrase(&shown(name, address), tokens);
            tokens.push(NOBODY.to_owned());
        }
    }
}

/// An address by itself. One in quotes stands in angle brackets: some readers take the quotes for
/// those of a name.
fn bare(address: &AddrSpec) -> String {
    let wire = address.to_wire();
    if wire.starts_with('"') {
        format!("<{wire}>")
    } else {
        wire
    }
}

/// What is shown of a mailbox whose address cannot be written.
fn shown(name: Option<&str>, address: Option<&AddrSpec>) -> String {
    match (name, address.map(AddrSpec::to_wire)) {
        (Some(name), Some(address)) => format!("{name} ({address})"),
        (Some(name), None) => name.to_owned(),
        (None, address) => address.unwrap_or_default(),
    }
}

/// A display name: in quotes where it is short and simple ASCII, else in encoded words.
fn phrase(name: &str, tokens: &mut Vec<String>) {
    let simple = |b: u8| b.is_ascii_alphanumeric() || b" .'_-&+/!#*".contains(&b);
    if name.len() <= MAX_QUOTED && name.bytes().all(simple) && words::is_plain(name) {
        tokens.push(format!("\"{name}\""));
    } else {
        tokens.extend(words::encode(name));
    }
}
