//! The milter protocol (Sendmail's, version 6, as Postfix speaks it: `MILTER_README`): the mail server shows a
//! mail while it receives it, and is told what to replace.
//!
//! Its header fields are all deleted and ours are added, its body is replaced. Unlike over SMTP one mail
//! cannot become several: recipients to whom other rules apply are told to come again by themselves.

mod packet;

use crate::config::Rule;
use crate::desk::Desk;
use crate::mail::{Envelope, Mail, New, Recipient};
use crate::receive::Receiving;
use crate::smtp::path::Path;
use crate::trouble::Trouble;
use packet::{Packet, Packets};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// What we may do: add header fields, change the body, change header fields (`SMFIF_ADDHDRS`, `SMFIF_CHGBODY`,
/// `SMFIF_CHGHDRS`).
const ACTIONS: u32 = 0x01 | 0x02 | 0x10;

/// What we need not see: connections, HELO, unknown commands, DATA (`SMFIP_NOCONNECT`, `SMFIP_NOHELO`,
/// `SMFIP_NOUNKNOWN`, `SMFIP_NODATA`).
const UNSEEN: u32 = 0x01 | 0x02 | 0x100 | 0x200;

/// What we would rather not answer: header fields, their end, pieces of the body (`SMFIP_NR_HDR`,
/// `SMFIP_NR_EOH`, `SMFIP_NR_BODY`).
const NO_ANSWER_HEADER: u32 = 0x80;
const NO_ANSWER_END: u32 = 0x4_0000;
const NO_ANSWER_BODY: u32 = 0x8_0000;

/// The space behind a colon belongs to the value (`SMFIP_HDR_LEADSPC`).
const LEADING_SPACE: u32 = 0x10_0000;

/// The most header fields of a mail; one with more is not a mail. The mail server looks for each that we take
/// away from the beginning of the header.
const MOST_FIELDS: u32 = 2_000;

/// What is put in one piece of a body.
const BODY_PIECE: usize = 65_535;

/// A connection of a mail server that shows mails.
pub(crate) struct Dialogue<S> {
    packets: Packets<S>,
    desk: Arc<Desk>,
    stopped: watch::Receiver<bool>,
    /// What was agreed on.
    protocol: u32,
    queue_id: String,
    envelope: Option<Envelope>,
    rule: Option<Rule>,
    /// How often each header field is there, by its name in small letters.
    fields: BTreeMap<String, (String, u32)>,
    /// How many there were of all names.
    field_count: u32,
    receiving: Option<Receiving>,
    /// What is wrong with the mail already.
    trouble: Option<Trouble>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    pub(crate) fn new(stream: S, desk: Arc<Desk>, stopped: watch::Receiver<bool>) -> Self {
        let idle = desk.config().limits.idle;
        Self {
            packets: Packets::new(stream, idle),
            desk,
            stopped,
            protocol: 0,
            queue_id: String::new(),
            envelope: None,
            rule: None,
            fields: BTreeMap::new(),
            field_count: 0,
            receiving: None,
            trouble: None,
        }
    }

    /// Serves until the mail server or the relay goes. A connection that breaks off has the mail server
    /// do what it was configured to: try again later.
    pub(crate) async fn run(mut self) {
        loop {
            let packet = tokio::select! {
                packet = self.packets.next() => packet,
                _ = self.stopped.wait_for(|stopped| *stopped) => return,
            };
            let Ok(packet) = packet else { return };
            if self.obey(packet).await.is_none() {
                return;
            }
        }
    }

    /// `None` when the connection is at its end.
    async fn obey(&mut self, packet: Packet) -> Option<()> {
        match packet.command {
            b'O' => self.negotiate(&packet.data).await,
            b'D' => {
                self.macros(&packet.data);
                Some(())
            }
            b'M' => {
                self.forget();
                let trouble = self.sender(&packet.data);
                self.verdict(trouble).await
            }
            b'R' => {
                let trouble = self.recipient(&packet.data);
                self.verdict(trouble).await
            }
            b'L' => {
                self.field(&packet.data).await;
                self.answer_unless(NO_ANSWER_HEADER).await
            }
            b'N' => {
                self.take(b"\r\n").await;
                self.answer_unless(NO_ANSWER_END).await
            }
            b'B' => {
                self.take(&packet.data).await;
                self.answer_unless(NO_ANSWER_BODY).await
            }
            b'E' => {
                self.take(&packet.data).await;
                self.end().await
            }
            b'A' => {
                self.forget();
                Some(())
            }
            b'K' => {
                self.forget();
                self.protocol = 0;
                Some(())
            }
            b'C' | b'H' | b'T' | b'U' => self.send(b'c', &[]).await,
            _ => None,
        }
    }

    /// What we do, and what we want to see, as far as the mail server can.
    async fn negotiate(&mut self, data: &[u8]) -> Option<()> {
        let [version, actions, protocol] = packet::numbers(data)?;
        if version < 2 || actions & ACTIONS != ACTIONS {
            tracing::error!("the mail server does not let milters change mails");
            return None;
        }
        let wanted = UNSEEN | NO_ANSWER_HEADER | NO_ANSWER_END | NO_ANSWER_BODY | LEADING_SPACE;
        self.protocol = protocol & wanted;
        let mut answer = Vec::with_capacity(12);
        for number in [version.min(6), ACTIONS, self.protocol] {
            answer.extend_from_slice(&number.to_be_bytes());
        }
        self.send(b'O', &answer).await
    }

    /// The number under which the mail server holds the mail, among other things.
    fn macros(&mut self, data: &[u8]) {
        let mut words = packet::texts(data.get(1..).unwrap_or_default());
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            if matches!(name, b"i" | b"{i}") {
                self.queue_id = String::from_utf8_lossy(value).into_owned();
            }
        }
    }

    fn sender(&mut self, data: &[u8]) -> Option<Trouble> {
        let mut words = packet::texts(data).map(String::from_utf8_lossy);
        let path = words.next().and_then(|text| whole_path(&text));
        let Some(sender) = path else {
            return Some(Trouble::said("the sender is not an address"));
        };
        let size = words.find_map(|word| {
            let (keyword, size) = word.split_once('=')?;
            let is_size = keyword.eq_ignore_ascii_case("SIZE");
            is_size.then(|| ("SIZE".to_owned(), Some(size.to_owned())))
        });
        self.envelope = Some(Envelope {
            sender,
            parameters: size.into_iter().collect(),
            ..Envelope::default()
        });
        None
    }

    /// One mail can be made for one rule only.
    fn recipient(&mut self, data: &[u8]) -> Option<Trouble> {
        let first = packet::texts(data).next().map(String::from_utf8_lossy);
        let path = first
            .and_then(|text| whole_path(&text))
            .filter(|path| !path.is_empty());
        let (Some(path), Some(envelope)) = (path, &mut self.envelope) else {
            return Some(Trouble::said("the recipient is not an address"));
        };
        let config = self.desk.config();
        let rule = config.recipients.rule(&path);
        if self.rule.as_ref().is_some_and(|first| first != rule) {
            return Some(Trouble::others());
        }
        self.rule = Some(rule.clone());
        envelope.recipients.push(Recipient {
            path,
            parameters: Vec::new(),
        });
        None
    }

    async fn field(&mut self, data: &[u8]) {
        let mut texts = packet::texts(data);
        let (Some(name), Some(value)) = (texts.next(), texts.next()) else {
            self.trouble = Some(Trouble::said("a header field that is none"));
            return;
        };
        let named = String::from_utf8_lossy(name).into_owned();
        let count = self
            .fields
            .entry(named.to_ascii_lowercase())
            .or_insert((named, 0));
        count.1 = count.1.saturating_add(1);
        self.field_count = self.field_count.saturating_add(1);
        if self.field_count > MOST_FIELDS {
            self.trouble = Some(Trouble::said("too many header fields"));
            return;
        }
        let mut line = name.to_vec();
        line.push(b':');
        if self.protocol & LEADING_SPACE == 0 {
            line.push(b' ');
        }
        for byte in value.iter().filter(|byte| **byte != b'\r') {
            if *byte == b'\n' {
                line.push(b'\r');
            }
            line.push(*byte);
        }
        line.extend_from_slice(b"\r\n");
        self.take(&line).await;
    }

    /// Takes a piece of the mail.
    async fn take(&mut self, bytes: &[u8]) {
        if self.trouble.is_some() {
            return;
        }
        if self.receiving.is_none() {
            let mut parameters = self
                .envelope
                .iter()
                .flat_map(|envelope| &envelope.parameters);
            let size = parameters.find_map(|(_, size)| size.as_deref()?.parse().ok());
            match self.desk.receiving(size).await {
                Ok(receiving) => self.receiving = Some(receiving),
                Err(trouble) => self.trouble = Some(trouble),
            }
        }
        if let Some(receiving) = &mut self.receiving {
            receiving.take(bytes);
        }
    }

    /// The end of a mail: what is to be replaced, and a verdict.
    async fn end(&mut self) -> Option<()> {
        let edits = self.made().await;
        let done = match edits {
            Ok(mail) => {
                let edits = edits_for(
                    &mail.pieces(),
                    &self.fields,
                    self.protocol & LEADING_SPACE != 0,
                );
                match edits {
                    Some(edits) => {
                        for (command, data) in edits {
                            self.send(command, &data).await?;
                        }
                        self.verdict(None).await
                    }
                    None => {
                        self.verdict(Some(Trouble::here("a mail of ours without a header")))
                            .await
                    }
                }
            }
            Err(trouble) => self.verdict(Some(trouble)).await,
        };
        self.forget();
        done
    }

    async fn made(&mut self) -> Result<New, Trouble> {
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        let (Some(mut envelope), Some(rule), Some(receiving)) = (
            self.envelope.take(),
            self.rule.take(),
            self.receiving.take(),
        ) else {
            return Err(Trouble::said("a mail without an envelope"));
        };
        envelope.parameters.clear();
        envelope.attributes = vec![("IDENT".to_owned(), self.queue_id.clone())];
        let (content, digest, _room) = receiving.end()?;
        let began = Instant::now();
        self.desk.figures().received("milter", content.bytes());
        let mail = Mail {
            envelope,
            content,
            digest,
        };
        let recipients: Vec<&Recipient> = mail.envelope.recipients.iter().collect();
        let made = self
            .desk
            .make(&self.desk.config(), &rule, &mail, &recipients)
            .await;
        self.desk.figures().answered(began);
        let queue_id = mail.envelope.queue_id();
        match &made {
            Ok(_) => tracing::info!(queue_id, bytes = mail.content.bytes(), "replaced"),
            Err(trouble) => tracing::warn!(queue_id, %trouble, "put off"),
        }
        made
    }

    fn forget(&mut self) {
        self.envelope = None;
        self.rule = None;
        self.receiving = None;
        self.trouble = None;
        self.fields.clear();
        self.field_count = 0;
    }

    async fn answer_unless(&mut self, agreed: u32) -> Option<()> {
        if self.protocol & agreed == 0 {
            self.send(b'c', &[]).await
        } else {
            Some(())
        }
    }

    /// Goes on, or puts the mail (or a recipient) off with our own words.
    async fn verdict(&mut self, trouble: Option<Trouble>) -> Option<()> {
        match trouble {
            None => self.send(b'c', &[]).await,
            Some(trouble) => {
                self.desk.figures().put_off(trouble.cause());
                let mut text = trouble.reply().into_bytes();
                text.push(0);
                self.send(b'y', &text).await
            }
        }
    }

    async fn send(&mut self, command: u8, data: &[u8]) -> Option<()> {
        self.packets.send(command, data).await.ok()
    }
}

/// A path with or without its angle brackets.
fn whole_path(text: &str) -> Option<Path> {
    let bracketed = if text.starts_with('<') {
        text.to_owned()
    } else {
        format!("<{text}>")
    };
    let (path, rest) = Path::read(&bracketed)?;
    rest.is_empty().then_some(path)
}

/// What turns the mail that was shown into ours: deletions from the last field of a name to the first, for
/// the others move up; our fields in their order; our body.
fn edits_for(
    [seal, mail]: &[&[u8]; 2],
    fields: &BTreeMap<String, (String, u32)>,
    leading_space: bool,
) -> Option<Vec<(u8, Vec<u8>)>> {
    let mut edits = Vec::new();
    for (name, many) in fields.values() {
        for index in (1..=*many).rev() {
            let mut data = index.to_be_bytes().to_vec();
            data.extend_from_slice(name.as_bytes());
            data.extend_from_slice(&[0, 0]);
            edits.push((b'm', data));
        }
    }
    let end = mail.windows(4).position(|four| four == b"\r\n\r\n")?;
    let header = std::str::from_utf8(mail.get(..end)?).ok()?;
    let body = mail.get(end.saturating_add(4)..)?;
    let seal = std::str::from_utf8(seal).ok()?;
    let unfolded = format!("{seal}{header}").replace("\r\n ", "\n ");
    for line in unfolded.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        let value = if leading_space {
            value
        } else {
            value.strip_prefix(' ').unwrap_or(value)
        };
        let mut data = name.as_bytes().to_vec();
        data.push(0);
        data.extend_from_slice(value.as_bytes());
        data.push(0);
        edits.push((b'h', data));
    }
    edits.extend(body.chunks(BODY_PIECE).map(|piece| (b'b', piece.to_vec())));
    Some(edits)
}

#[cfg(test)]
mod tests;
