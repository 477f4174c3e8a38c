//! The mail that stands in the place of one that is withheld as a whole.

use crate::config::Notice;
use crate::mail::Envelope;
use crate::sanitise::Made;
use crate::trouble::Trouble;
use mugai_core::Lang;
use mugai_engine::notice::{Letter, letter};
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes it. The envelope stays that of the mail: its sender is asked nothing and told nothing.
///
/// # Errors
/// [`Trouble`] when the template cannot be read, or the letter did not pass its checker.
pub(crate) fn instead(
    notice: &Notice,
    made: &Made,
    envelope: &Envelope,
) -> Result<Vec<u8>, Trouble> {
    let ja = notice.lang == Lang::Ja;
    let subject = if ja {
        format!("【無害化】メールを保留しました [{}]", made.told.id)
    } else {
        format!("[Sanitised] a mail was withheld [{}]", made.told.id)
    };
    let (sender, reason) = (shown(envelope.sender.as_str(), ja), made.notice.trim_end());
    let body = match &notice.template {
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| {
                tracing::error!(%error, "the template of notices cannot be read");
                Trouble::here("the template of notices cannot be read")
            })?;
            fill(&text, &made.told.id, &sender, reason)
        }
        None if ja => format!("差出人(封筒): {sender}\n\n{reason}\n"),
        None => format!("Sender (envelope): {sender}\n\n{reason}\n"),
    };
    let all = envelope.recipients.iter().map(|one| one.path.as_str());
    write(&Letter {
        from: &notice.from,
        to: &all.take(100).collect::<Vec<_>>(),
        subject: &subject,
        body: &body,
        ticket: &made.told.id,
        verdict: "withheld",
        date: now(),
    })
}

/// Writes a letter.
pub(crate) fn write(content: &Letter<'_>) -> Result<Vec<u8>, Trouble> {
    match letter(content) {
        Ok(mail) => Ok(mail.bytes().to_vec()),
        Err(refusal) => {
            tracing::error!(%refusal, "a notice could not be written");
            Err(Trouble::here("a notice could not be written"))
        }
    }
}

/// An address in the text of a mail: nothing that a program makes a link of.
fn shown(address: &str, ja: bool) -> String {
    match (address.is_empty(), ja) {
        (true, true) => "(なし)".to_owned(),
        (true, false) => "(none)".to_owned(),
        (false, _) => address.replace('@', "[@]"),
    }
}

/// Puts values in their places, each once: a value that looks like a place is left as it is.
fn fill(template: &str, id: &str, sender: &str, reason: &str) -> String {
    let mut out = String::with_capacity(template.len().saturating_add(reason.len()));
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let value = after.split_once('}').and_then(|(name, rest)| {
            let value = match name {
                "id" => id,
                "sender" => sender,
                "notice" => reason,
                _ => return None,
            };
            Some((value, rest))
        });
        if let Some((value, after)) = value {
            out.push_str(value);
            rest = after;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_once() {
        assert_eq!(
            fill(
                "{id}: {notice} {x} { {sender}",
                "MG-1",
                "{id}",
                "{sender}\n"
            ),
            "MG-1: {sender}\n {x} { {id}"
        );
    }
}
