//! The mail that stands in the place of one that is withheld as a whole.

use crate::config::Notice;
use crate::mail::Envelope;
use crate::sanitise::Made;
use crate::trouble::Trouble;
use mugai_core::Lang;
use mugai_engine::notice::{Letter, letter};
use mugai_engine::policy::fill;
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
            fill(
                &text,
                &[
                    ("id", &made.told.id),
                    ("sender", &sender),
                    ("notice", reason),
                ],
            )
        }
        None if ja => format!("差出人(封筒): {sender}\n\n{reason}\n"),
        None => format!("Sender (envelope): {sender}\n\n{reason}\n"),
    };
    // of several recipients nobody may learn of the others: some of them may have been told in secret
    let to = match envelope.recipients.as_slice() {
        [one] => one.path.as_str(),
        _ => &notice.from,
    };
    write(&Letter {
        from: &notice.from,
        to: &[to],
        subject: &subject,
        body: &body,
        ticket: &made.told.id,
        verdict: "withheld",
        date: now(),
    })
}

/// Writes a letter.
pub(crate) fn write(content: &Letter<'_>) -> Result<Vec<u8>, Trouble> {
    match letter(content).and_then(|mail| Ok(mail.load()?.into_owned())) {
        Ok(mail) => Ok(mail),
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

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
