//! Messages: a fixed header set in a fixed order, one base64 text, base64 attachments.
//!
//! The frame is written here and not by a mail library: it has to be the same on every run (no
//! random boundary, no clock, no host name) and exactly what the checker recognises.

mod address;
mod base64;
mod date;
mod header;
mod part;
mod words;

use crate::defang::{Defanged, defang};
use crate::text::Harmless;
use header::Headers;
use mugai_core::message::MAX_REFERENCES;
use mugai_core::{
    AuthMethod, AuthResults, Date, Draft, Envelope, Line, MsgId, Refusal, SafeName, Spooled, Target,
};
use std::borrow::Cow;

/// A file that goes along with a message.
#[derive(Clone, Copy, Debug)]
pub struct Attachment<'a> {
    /// Its name; the extension has to be that of `target`.
    pub name: &'a SafeName,
    /// What it is.
    pub target: Target,
    /// Its bytes, already verified; not empty.
    pub content: &'a Spooled,
}

/// Everything that a message is made of.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// The headers that are carried.
    pub envelope: &'a Envelope,
    /// The body: text of allowed characters only.
    pub body: &'a Harmless,
    /// The files, in order.
    pub attachments: &'a [Attachment<'a>],
    /// What the recipient's systems are told about the sanitising.
    pub result: Stamp,
}

/// The contents of the `X-Mugai-Result` header.
///
/// Its id also makes the boundary of the message: `=_` and the id. Neither `=_` nor the `--`
/// before a boundary can stand at the start of a line of base64, so no content can contain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    id: String,
    verdict: String,
}

impl Stamp {
    /// The longest id in bytes; a boundary has room for 70 (RFC 2046 section 5.1.1).
    pub const MAX_ID: usize = 64;

    /// A stamp of `id` (1 to 64 letters, digits, `.`, `-`, `_`) and `verdict` (1 to 32 small
    /// letters, digits and `_`).
    ///
    /// # Errors
    /// [`Refusal::Internal`] for anything else.
    pub fn new(id: &str, verdict: &str) -> Result<Self, Refusal> {
        let id_ok = (1..=Self::MAX_ID).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let verdict_ok = (1..=32).contains(&verdict.len())
            && verdict
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if id_ok && verdict_ok {
            Ok(Self {
                id: id.to_owned(),
                verdict: verdict.to_owned(),
            })
        } else {
            Err(Refusal::internal("eml: stamp of wrong characters"))
        }
    }
}

/// Writes a message.
///
/// # Errors
/// [`Refusal::Internal`] for an attachment that is empty or whose extension is not its target's, or that cannot be
/// read.
pub fn message(mail: &Mail<'_>) -> Result<Draft, Refusal> {
    let mut headers = Headers::default();
    envelope(mail.envelope, &mut headers);
    headers.put("MIME-Version", vec!["1.0".to_owned()]);
    headers.put(
        "X-Mugai-Result",
        vec![
            "v1;".to_owned(),
            format!("id={};", mail.result.id),
            format!("verdict={}", mail.result.verdict),
        ],
    );
    let mut out = headers.into_bytes();
    if mail.attachments.is_empty() {
        part::body(mail.body, &mut out);
    } else {
        let boundary = format!("=_{}", mail.result.id);
        part::multipart(&boundary, mail.body, mail.attachments, &mut out)?;
    }
    Ok(Draft::new(Target::Eml, out))
}

/// A subject in which nothing is live, and what was made harmless in it: some programs make links
/// of addresses in their lists of messages, too. A second call changes nothing.
#[must_use]
pub fn subject(line: &Line) -> (Line, Defanged) {
    let mut counts = Defanged::default();
    let harmless = match defang(line.as_str(), &mut counts) {
        Cow::Borrowed(_) => line.clone(),
        Cow::Owned(text) => Line::clean(&text).0,
    };
    (harmless, counts)
}

/// A date as RFC 5322 section 3.3 writes it.
#[must_use]
pub fn date(date: Date) -> String {
    date::rfc5322(date)
}

/// The headers that were carried over, each only where there is something to say.
fn envelope(envelope: &Envelope, headers: &mut Headers) {
    let from = address::list(&envelope.from);
    headers.put(
        "From",
        if from.is_empty() {
            // RFC 5322 section 3.6 asks for one
            address::unknown()
        } else {
            from
        },
    );
    headers.put("To", address::list(&envelope.to));
    headers.put("Cc", address::list(&envelope.cc));
    headers.put("Reply-To", address::list(&envelope.reply_to));
    let subject = envelope.subject.as_ref().map(|line| subject(line).0);
    headers.put_text("Subject", subject.as_ref());
    headers.put(
        "Date",
        envelope.date.map(date::rfc5322).into_iter().collect(),
    );
    let own = envelope.message_id.as_ref().map(std::slice::from_ref);
    headers.put("Message-ID", ids(own.unwrap_or_default()));
    headers.put("In-Reply-To", ids(&envelope.in_reply_to));
    headers.put("References", ids(&envelope.references));
    headers.put_text("List-Id", envelope.list_id.as_ref());
    headers.put(
        "Auto-Submitted",
        auto_submitted(envelope.auto_submitted.as_ref()),
    );
    headers.put("Precedence", precedence(envelope.precedence.as_ref()));
    headers.put("X-Mugai-Auth", auth(&envelope.auth));
}

/// `v1;` and one statement for each method: its first result, in the order of [`AuthMethod::ALL`].
fn auth(fields: &[AuthResults]) -> Vec<String> {
    let mut tokens = Vec::new();
    for method in AuthMethod::ALL {
        let mut all = fields.iter().flat_map(|field| &field.results);
        let Some(result) = all.find(|result| result.method == method) else {
            continue;
        };
        if let Some(last) = tokens.last_mut() {
            let last: &mut String = last;
            last.push(';');
        } else {
            tokens.push("v1;".to_owned());
        }
        tokens.push(format!("{}={}", method.code(), result.verdict.code()));
        if let Some(domain) = &result.domain {
            tokens.push(domain.as_str().to_owned());
        }
    }
    tokens
}

/// The last [`MAX_REFERENCES`] identifiers that no reader takes for anything else: none with
/// quotes, comments or list separators, and none that looks like an encoded word.
fn ids(ids: &[MsgId]) -> Vec<String> {
    let plain = |id: &&MsgId| !id.as_str().contains(['"', '(', ')', ',', ';', '\\']);
    let mut kept: Vec<String> = ids
        .iter()
        .rev()
        .filter(plain)
        .filter(|id| !id.as_str().contains("=?"))
        .take(MAX_REFERENCES)
        .map(|id| format!("<{}>", id.as_str()))
        .collect();
    kept.reverse();
    kept
}

/// The keyword of RFC 3834 section 5; an unknown one still says that no person wrote.
fn auto_submitted(value: Option<&Line>) -> Vec<String> {
    let Some(value) = value else {
        return Vec::new();
    };
    let word = value.as_str().split([';', ' ']).next().unwrap_or_default();
    let known = ["no", "auto-generated", "auto-replied", "auto-notified"];
    let keyword = known
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(word))
        .unwrap_or("auto-generated");
    vec![keyword.to_owned()]
}

fn precedence(value: Option<&Line>) -> Vec<String> {
    ["bulk", "list", "junk"]
        .into_iter()
        .filter(|known| value.is_some_and(|v| v.as_str().eq_ignore_ascii_case(known)))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
