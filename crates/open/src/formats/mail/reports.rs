//! What mail systems say about messages, made readable.

use crate::formats::mail::fields::line_at;
use crate::formats::mail::roles;
use crate::formats::mail::structure::Node;
use crate::formats::mail::words;
use mugai_core::{Cx, Refusal, Resource};

/// The longest control part of an encrypted message, in bytes.
const MAX_CONTROL: usize = 64;

/// Whether a part consists of header fields: reports of mail systems, and headers that a bounce brings along.
pub(super) fn is_header(node: &Node<'_>) -> bool {
    roles::REPORTS.contains(&node.head.media.as_str())
}

/// A header as text: its encoded-words decoded, one line a field.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn header(raw: &[u8], cx: &mut Cx<'_>) -> Result<Vec<u8>, Refusal> {
    let mut out = String::new();
    let (mut start, mut at) = (0, 0);
    loop {
        let line = line_at(raw, at);
        let folded = line.is_some_and(|(line, _)| matches!(line.first(), Some(b' ' | b'\t')));
        if !folded && at > start {
            cx.charge(Resource::Steps, 1)?;
            let text = words::text(raw.get(start..at).unwrap_or_default(), cx)?;
            out.push_str(cx.line(&text).as_str());
            out.push('\n');
            start = at;
        }
        match line {
            Some((_, next)) => at = next,
            None => break,
        }
    }
    if !raw.ends_with(b"\n") {
        out.pop();
    }
    Ok(out.into_bytes())
}

/// The first part of a message that is encrypted with `OpenPGP`: it says `Version: 1` and nothing else
/// (RFC 3156 section 4), which is of no use to anybody once the second part is withheld.
pub(super) fn is_pgp_control(node: &Node<'_>, parent: Option<&Node<'_>>) -> bool {
    let encrypted = parent.and_then(|parent| parent.head.multipart()) == Some("encrypted");
    let body = node.body.trim_ascii();
    encrypted
        && node.head.media == "application/pgp-encrypted"
        && body.len() <= MAX_CONTROL
        && body.starts_with(b"Version:")
        && !body.contains(&b'\n')
}
