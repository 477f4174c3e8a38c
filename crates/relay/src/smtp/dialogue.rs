//! The way in: what a mail server says to us, over SMTP or LMTP.

use crate::desk::Desk;
use crate::mail::{Envelope, Mail, Recipient};
use crate::receive::Receiving;
use crate::smtp::client::Next;
use crate::smtp::command::{Command, Greeting};
use crate::smtp::data::Unstuffer;
use crate::smtp::lines::{Broken, Lines};
use crate::trouble::Trouble;
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// The most recipients of one message; the mail server sends it to further ones by itself.
const MOST_RECIPIENTS: usize = 1000;

/// How many commands may be refused before the connection is closed.
const MOST_MISTAKES: u32 = 20;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Smtp,
    /// With a reply for each recipient (RFC 2033).
    Lmtp,
}

/// Whether the connection stays.
#[derive(Debug, PartialEq, Eq)]
enum Go {
    On,
    Away,
}

/// A connection of a mail server.
pub(crate) struct Dialogue<S> {
    lines: Lines<S>,
    desk: Arc<Desk>,
    stopped: watch::Receiver<bool>,
    protocol: Protocol,
    greeted: bool,
    mistakes: u32,
    /// What was told with XFORWARD since the last message.
    attributes: Vec<(String, String)>,
    envelope: Option<Envelope>,
    /// A message that comes in chunks.
    chunks: Option<Receiving>,
    /// Where the last message went; the next one may go there, too.
    next: Option<Next>,
    /// Replies that wait until the client waits for them.
    replies: String,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    pub(crate) fn new(
        stream: S,
        desk: Arc<Desk>,
        protocol: Protocol,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self {
            lines: Lines::new(stream, desk.config().limits.idle),
            desk,
            stopped,
            protocol,
            greeted: false,
            mistakes: 0,
            attributes: Vec::new(),
            envelope: None,
            chunks: None,
            next: None,
            replies: String::new(),
        }
    }

    /// Serves until the client or the relay goes.
    pub(crate) async fn run(mut self) {
        let name = self.desk.config().name.clone();
        self.say(&format!("220 {name} mugai"));
        while let Ok(Go::On) = self.step().await {}
        // what was said last may be what it waits for
        let _ = self.flush().await;
        if let Some(next) = self.next.take() {
            next.quit().await;
        }
    }

    async fn step(&mut self) -> Result<Go, Broken> {
        if !self.lines.ready().contains(&b'\n') {
            self.flush().await?;
        }
        let line = tokio::select! {
            line = self.lines.line() => Some(line),
            _ = self.stopped.wait_for(|stopped| *stopped) => None,
        };
        let line = match line {
            None => {
                self.trouble(&Trouble::closing("the relay stops"));
                return Ok(Go::Away);
            }
            Some(Ok(line)) => line,
            Some(Err(broken)) => {
                let words = match broken {
                    Broken::Closed => return Err(broken),
                    Broken::Late => "nothing came for too long",
                    Broken::TooLong => "a line is too long",
                    Broken::Bare => "a line ends with CR and LF",
                };
                self.trouble(&Trouble::closing(words));
                return Ok(Go::Away);
            }
        };
        match Command::read(&line) {
            Ok(command) => self.obey(command).await,
            Err(words) => Ok(self.mistake(words)),
        }
    }

    async fn obey(&mut self, command: Command) -> Result<Go, Broken> {
        if self.chunks.is_some()
            && !matches!(command, Command::Chunk(..) | Command::Reset | Command::Quit)
        {
            // RFC 3030, section 2
            return Ok(self.mistake("a message is not at its end"));
        }
        match command {
            Command::Hello(greeting) => Ok(self.hello(greeting)),
            Command::Forward(attributes) => Ok(self.forward(attributes)),
            Command::Mail(sender, parameters) => {
                if !self.greeted || self.envelope.is_some() {
                    return Ok(self.mistake("MAIL is out of order"));
                }
                let utf8 = parameters.iter().any(|(keyword, _)| keyword == "SMTPUTF8");
                let kept = |(keyword, _): &(String, Option<String>)| {
                    matches!(keyword.as_str(), "RET" | "ENVID" | "SIZE")
                };
                self.envelope = Some(Envelope {
                    sender,
                    parameters: parameters.into_iter().filter(kept).collect(),
                    utf8,
                    attributes: std::mem::take(&mut self.attributes),
                    recipients: Vec::new(),
                });
                Ok(self.good("2.1.0 sender"))
            }
            Command::Recipient(path, parameters) => {
                let Some(envelope) = &mut self.envelope else {
                    return Ok(self.mistake("RCPT is out of order"));
                };
                if envelope.recipients.len() >= MOST_RECIPIENTS {
                    self.say("452 4.5.3 too many recipients");
                    return Ok(Go::On);
                }
                envelope.recipients.push(Recipient { path, parameters });
                Ok(self.good("2.1.5 recipient"))
            }
            Command::Data => self.data().await,
            Command::Chunk(size, last) => self.chunk(size, last).await,
            Command::Reset => {
                self.forget();
                Ok(self.good("2.0.0 forgotten"))
            }
            Command::Nothing => Ok(self.good("2.0.0 nothing")),
            Command::Quit => {
                self.say("221 2.0.0 goodbye");
                Ok(Go::Away)
            }
        }
    }

    fn hello(&mut self, greeting: Greeting) -> Go {
        if (greeting == Greeting::Lhlo) != (self.protocol == Protocol::Lmtp) {
            return self.mistake("LHLO belongs to LMTP, and HELO and EHLO to SMTP");
        }
        self.forget();
        self.greeted = true;
        let name = self.desk.config().name.clone();
        if greeting == Greeting::Helo {
            self.say(&format!("250 {name}"));
            return Go::On;
        }
        self.say(&format!("250-{name}"));
        // no limit is told: a mail server sends a message back that is above it
        for extension in [
            "PIPELINING",
            "SIZE 0",
            "8BITMIME",
            "SMTPUTF8",
            "DSN",
            "CHUNKING",
            "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE",
        ] {
            self.say(&format!("250-{extension}"));
        }
        self.say("250 ENHANCEDSTATUSCODES");
        Go::On
    }

    fn forward(&mut self, attributes: Vec<(String, String)>) -> Go {
        if self.envelope.is_some() {
            return self.mistake("XFORWARD is out of order");
        }
        for (name, value) in attributes {
            self.attributes.retain(|(other, _)| *other != name);
            self.attributes.push((name, value));
        }
        self.good("2.0.0 noted")
    }

    async fn data(&mut self) -> Result<Go, Broken> {
        if !self.lines.ready().is_empty() {
            // a message may begin only once it was asked for: whoever does not wait sends two in one
            self.trouble(&Trouble::closing("data came before they were asked for"));
            return Ok(Go::Away);
        }
        let mut receiving = match self.receiving().await {
            Ok(receiving) => receiving,
            Err(trouble) => {
                self.trouble(&trouble);
                return Ok(Go::On);
            }
        };
        self.say("354 a dot on a line of its own ends it");
        self.flush().await?;
        let mut reader = Unstuffer::default();
        let mut piece = Vec::new();
        loop {
            piece.clear();
            let ready = self.lines.ready();
            let end = reader.feed(ready, &mut piece);
            let read = end.unwrap_or(ready.len());
            receiving.take(&piece);
            self.lines.consume(read);
            if end.is_some() {
                break;
            }
            self.lines.more().await?;
        }
        self.received(receiving).await
    }

    async fn chunk(&mut self, size: u64, last: bool) -> Result<Go, Broken> {
        let mut refused = None;
        let mut receiving = match self.chunks.take() {
            Some(receiving) => Some(receiving),
            None => match self.receiving().await {
                Ok(receiving) => Some(receiving),
                Err(trouble) => {
                    refused = Some(trouble);
                    None
                }
            },
        };
        // they come without being asked for, and are read whatever becomes of them
        let mut left = size;
        while left > 0 {
            if self.lines.ready().is_empty() {
                self.lines.more().await?;
            }
            let ready = self.lines.ready();
            let here = usize::try_from(left).unwrap_or(usize::MAX).min(ready.len());
            if let Some(receiving) = &mut receiving {
                receiving.take(ready.get(..here).unwrap_or_default());
            }
            self.lines.consume(here);
            left = left.saturating_sub(u64::try_from(here).unwrap_or(u64::MAX));
        }
        match (receiving, refused) {
            (Some(receiving), _) if last => self.received(receiving).await,
            (Some(receiving), _) => {
                self.chunks = Some(receiving);
                Ok(self.good("2.0.0 a chunk"))
            }
            (None, trouble) => {
                let trouble = trouble.unwrap_or_else(|| Trouble::said("no message"));
                self.trouble(&trouble);
                // what comes behind it is the rest of this message, and never one of its own (RFC 3030
                // section 2): without an envelope it is refused, too
                self.forget();
                Ok(Go::On)
            }
        }
    }

    /// Makes room for a message.
    async fn receiving(&mut self) -> Result<Receiving, Trouble> {
        let envelope = self.envelope.as_ref();
        let envelope = envelope.filter(|envelope| !envelope.recipients.is_empty());
        let envelope = envelope.ok_or_else(|| Trouble::said("there is no recipient"))?;
        let size = envelope
            .parameters
            .iter()
            .find(|(keyword, _)| keyword == "SIZE");
        let size = size.and_then(|(_, value)| value.as_deref()?.parse().ok());
        self.desk.receiving(size).await
    }

    /// Has a message delivered, and says what became of it.
    async fn received(&mut self, receiving: Receiving) -> Result<Go, Broken> {
        let (protocol, many) = (
            self.protocol,
            self.envelope
                .as_ref()
                .map_or(0, |envelope| envelope.recipients.len()),
        );
        let results = self.deliver(receiving).await;
        match protocol {
            Protocol::Lmtp => {
                for place in 0..many {
                    let result = results.get(place);
                    let result = result
                        .cloned()
                        .unwrap_or_else(|| Err(Trouble::here("no result")));
                    match result {
                        Ok(()) => self.say("250 2.6.0 delivered"),
                        Err(trouble) => self.trouble(&trouble),
                    }
                }
            }
            Protocol::Smtp => {
                let whole = results.len() == many;
                let bad = results.into_iter().find_map(Result::err);
                match bad {
                    Some(trouble) => self.trouble(&trouble),
                    None if whole && many > 0 => self.say("250 2.6.0 delivered"),
                    None => self.trouble(&Trouble::here("no result")),
                }
            }
        }
        self.forget();
        Ok(Go::On)
    }

    async fn deliver(&mut self, receiving: Receiving) -> Vec<Result<(), Trouble>> {
        let Some(mut envelope) = self.envelope.take() else {
            return Vec::new();
        };
        envelope.parameters.retain(|(keyword, _)| keyword != "SIZE");
        let many = envelope.recipients.len();
        match receiving.end() {
            Ok((content, digest, room)) => {
                let door = match self.protocol {
                    Protocol::Smtp => "smtp",
                    Protocol::Lmtp => "lmtp",
                };
                self.desk.figures().received(door, content.bytes());
                let mail = Mail {
                    envelope,
                    content,
                    digest,
                };
                let results = self.desk.deliver(&mut self.next, mail).await;
                drop(room);
                results
            }
            Err(trouble) => vec![Err(trouble); many],
        }
    }

    /// Begins anew.
    fn forget(&mut self) {
        self.envelope = None;
        self.chunks = None;
        self.attributes.clear();
    }

    fn mistake(&mut self, words: &'static str) -> Go {
        self.mistakes = self.mistakes.saturating_add(1);
        if self.mistakes > MOST_MISTAKES {
            self.trouble(&Trouble::closing("too many mistakes"));
            return Go::Away;
        }
        self.trouble(&Trouble::said(words));
        Go::On
    }

    fn good(&mut self, words: &str) -> Go {
        self.say(&format!("250 {words}"));
        Go::On
    }

    fn trouble(&mut self, trouble: &Trouble) {
        self.desk.figures().put_off(trouble.cause());
        self.say(&trouble.reply());
    }

    fn say(&mut self, line: &str) {
        // writing to a text never fails
        let _ = write!(self.replies, "{line}\r\n");
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        if self.replies.is_empty() {
            return Ok(());
        }
        let replies = std::mem::take(&mut self.replies);
        self.lines.write(replies.as_bytes()).await
    }
}
