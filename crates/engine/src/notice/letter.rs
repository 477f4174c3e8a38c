//! Mails of our own: in the place of a mail that is withheld, and about such mails.

use mugai_core::message::MAX_REFERENCES;
use mugai_core::{AddrSpec, Date, Envelope, Line, Mailbox, MsgId, Refusal};
use mugai_emit::eml::{Mail, Stamp};
use mugai_verify::Verified;

/// A mail of ours: text, and nothing else.
#[derive(Clone, Debug, Default)]
pub struct Letter<'a> {
    /// Whom it is from: an address of the organisation's own.
    pub from: &'a str,
    /// Whom it is to: addresses; those that a header cannot have are left out.
    pub to: &'a [&'a str],
    /// What it is about.
    pub subject: &'a str,
    /// What it says.
    pub body: &'a str,
    /// The number of the job; it makes the identifier of the mail, too.
    pub ticket: &'a str,
    /// What the header says of the job, as `withheld` or `digest`.
    pub verdict: &'a str,
    /// When it is written, in seconds since 1970.
    pub date: i64,
}

/// Writes a letter and has it verified, as any other output.
///
/// It is marked as made by a machine (RFC 3834), so that nobody's machine answers.
///
/// # Errors
/// [`Refusal::Internal`] when the sender's address or the ticket cannot stand in a header;
/// [`Refusal::Unverified`].
pub fn letter(letter: &Letter<'_>) -> Result<Verified, Refusal> {
    let wrong = || Refusal::internal("letter: the address of its sender");
    let from = AddrSpec::parse(letter.from).map_err(|_| wrong())?;
    let domain = from.domain().to_owned();
    let mailbox = |address: AddrSpec| Mailbox::new(None, Some(address));
    let to = letter.to.iter().filter_map(|to| AddrSpec::parse(to).ok());
    let envelope = Envelope {
        from: mailbox(from).into_iter().collect(),
        to: to.filter_map(mailbox).take(MAX_REFERENCES).collect(),
        subject: Some(mugai_emit::eml::subject(&Line::clean(letter.subject).0).0),
        date: Date::new(letter.date, 0).ok(),
        message_id: MsgId::parse(&format!("{}.{}@{domain}", letter.ticket, letter.date)).ok(),
        auto_submitted: Some(Line::clean("auto-generated").0),
        ..Envelope::default()
    };
    let (body, _) = mugai_emit::text(letter.body.to_owned());
    let draft = mugai_emit::eml::message(&Mail {
        envelope: &envelope,
        body: &body,
        attachments: &[],
        result: Stamp::new(letter.ticket, letter.verdict)?,
    })?;
    mugai_verify::verify(draft, &[]).map_err(Refusal::Unverified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_a_mail_of_our_profile() {
        let made = letter(&Letter {
            from: "mugai@city.example.jp",
            to: &[
                "soumu@city.example.jp",
                "\"odd one\"@city.example.jp",
                "no address",
            ],
            subject: "メールを保留しました\r\nBcc: x@y.jp",
            body: "理由: 壊れている\n<script>alert(1)</script> http://evil.example/\n",
            ticket: "MG-0000-0000-0000",
            verdict: "withheld",
            date: 1_700_000_000,
        })
        .unwrap();
        let text = String::from_utf8(made.load().unwrap().to_vec()).unwrap();
        assert!(text.starts_with("From: mugai@city.example.jp\r\nTo: soumu@city.example.jp"));
        assert!(text.contains("Auto-Submitted: auto-generated\r\n"));
        assert!(!text.contains("\r\nBcc:"));
        let broken = Letter {
            from: "nobody",
            ..Letter::default()
        };
        assert!(matches!(letter(&broken), Err(Refusal::Internal(_))));
    }
}
