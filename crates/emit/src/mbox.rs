//! Mailboxes of messages (RFC 4155): LF line ends, one fixed separator line.

use mugai_core::{Draft, Refusal, Spool, SpoolWriter, Spooled, Target};

/// The line before each message. It tells nothing: sender and date stand in the message.
const SEPARATOR: &[u8] = b"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n";

/// Joins messages, as [`crate::eml::message`] writes them, to a mailbox.
///
/// Quoting of lines that start with `From ` is never needed: header names are known, and base64
/// has no blank. That is asserted all the same.
///
/// # Errors
/// [`Refusal::Malformed`] for no message at all, [`Refusal::Internal`] for one that is not of our
/// own writing or cannot be read, or where `spool` fails.
pub fn mailbox<'a>(
    messages: impl IntoIterator<Item = &'a Spooled>,
    spool: Spool,
) -> Result<Draft, Refusal> {
    let mut out = SpoolWriter::new(spool);
    for message in messages {
        out.put(SEPARATOR);
        append(&message.load()?, &mut out)?;
        // the blank line before the next separator
        out.put(b"\n");
    }
    if out.is_empty() {
        return Err(Refusal::malformed("mbox: no message"));
    }
    Ok(Draft::new(Target::Mbox, out.finish()?))
}

/// Appends a message with LF for CRLF.
fn append(message: &[u8], out: &mut SpoolWriter) -> Result<(), Refusal> {
    if !message.ends_with(b"\r\n") {
        return Err(Refusal::internal("mbox: message without a last line end"));
    }
    for line in message.split_inclusive(|b| *b == b'\n') {
        let line = line
            .strip_suffix(b"\r\n")
            .ok_or(Refusal::internal("mbox: line end that is not CRLF"))?;
        if line.contains(&b'\r') || line.trim_ascii_start().starts_with(b"From ") {
            return Err(Refusal::internal("mbox: line that needs quoting"));
        }
        out.put(line);
        out.put(b"\n");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(messages: &[&[u8]]) -> Result<Draft, Refusal> {
        let messages: Vec<Spooled> = messages.iter().map(|one| one.to_vec().into()).collect();
        mailbox(&messages, Spool::memory())
    }

    #[test]
    fn messages_are_joined_with_lf() {
        let draft = joined(&[b"A: b\r\n\r\nYQ==\r\n", b"C: d\r\n\r\n"]).unwrap();
        let separator = std::str::from_utf8(SEPARATOR).unwrap();
        assert_eq!(
            *draft.load().unwrap(),
            *format!("{separator}A: b\n\nYQ==\n\n{separator}C: d\n\n\n").as_bytes()
        );
    }

    #[test]
    fn messages_of_others_are_refused() {
        assert!(joined(&[]).is_err());
        for bad in [
            "",
            "a\n",
            "a\r\nb",
            "a\rb\r\n",
            "From x\r\n",
            "a\r\n\nb\r\n",
        ] {
            assert!(joined(&[bad.as_bytes()]).is_err(), "{bad:?}");
        }
    }
}
