//! The mail that stands in the place of one that is withheld as a whole.

use crate::about::About;
use crate::config::Notice;
use crate::mail::Envelope;
use crate::sanitise::Made;
use crate::trouble::Trouble;
use mugai_core::Lang;
use mugai_engine::notice::{Letter, letter};
use mugai_engine::policy::fill;
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes it. The envelope stays that of the mail: its sender is asked nothing and told nothing.
///
/// # Errors
/// [`Trouble`] when the template cannot be read, or the letter did not pass its checker.
pub(crate) fn instead(
    notice: &Notice,
    made: &Made,
    envelope: &Envelope,
    about: &About,
) -> Result<Vec<u8>, Trouble> {
    let ja = notice.lang == Lang::Ja;
    let subject = if ja {
        format!("【無害化】メールを保留しました [{}]", made.told.id)
    } else {
        format!("[Sanitised] a mail was withheld [{}]", made.told.id)
    };
    let (sender, reason) = (shown(envelope.sender.as_str(), ja), made.notice.trim_end());
    let (date, time) = (now(), clock(now(), ja));
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
                    ("from", &about.from),
                    ("subject", &about.subject),
                    ("time", &time),
                    ("notice", reason),
                ],
            )
        }
        None => format!("{}\n{reason}\n", head(&sender, about, &time, ja)),
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
        date,
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

/// Which mail it is about, in lines.
pub(crate) fn head(sender: &str, about: &About, time: &str, ja: bool) -> String {
    let mut head = String::new();
    for (japanese, english, value) in [
        ("受信日時", "Received", time),
        ("差出人", "From", &about.from),
        ("エンベロープFrom", "Sender (envelope)", sender),
        ("件名", "Subject", &about.subject),
    ] {
        if !value.is_empty() {
            let label = if ja { japanese } else { english };
            // writing to a text never fails
            let _ = writeln!(head, "{label}: {value}");
        }
    }
    head
}

/// A time as people read it: that of Japan in Japanese, else that of UTC.
pub(crate) fn clock(seconds: i64, ja: bool) -> String {
    const JAPAN: i64 = 9 * 3600;
    let (ahead, zone) = if ja {
        (JAPAN, "(日本時間)")
    } else {
        (0, "UTC")
    };
    let local = seconds.saturating_add(ahead);
    let (year, month, day) = mugai_core::civil(local.div_euclid(86_400));
    let minutes = local.rem_euclid(86_400) / 60;
    let (hour, minute) = (minutes / 60, minutes % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} {zone}")
}

/// An address in the text of a mail: nothing that a program makes a link of.
pub(crate) fn shown(address: &str, ja: bool) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_reader() {
        assert_eq!(clock(1_795_820_572, true), "2026-11-28 08:02 (日本時間)");
        assert_eq!(clock(1_795_820_572, false), "2026-11-27 23:02 UTC");
        assert_eq!(clock(-60, false), "1969-12-31 23:59 UTC");
    }
}
