//! The way out: sanitised mails go to the mail server that delivers them.

use crate::mail::{Envelope, Recipient};
use crate::smtp::command::Parameter;
use crate::smtp::data::{END, stuffed};
use crate::smtp::lines::{Broken, Lines};
use crate::trouble::Trouble;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(30);

/// How long the last reply of a message may take: the mail server writes it to its disk meanwhile (RFC 5321,
/// section 4.5.3.2.6).
const ACCEPT: Duration = Duration::from_mins(10);

/// The most lines of one reply.
const MOST_LINES: usize = 100;

/// The most bytes of attributes in one command (Postfix, `XFORWARD_README`).
const MOST_ATTRIBUTES: usize = 480;

/// What the other side can do.
#[derive(Debug, Default)]
struct Features {
    /// The extensions, in capital letters.
    names: BTreeSet<String>,
    /// The attributes that it takes.
    forward: Vec<String>,
}

/// A connection to the mail server that delivers.
pub(crate) struct Next<S = TcpStream> {
    /// Where it leads to, as it was asked for.
    address: Option<SocketAddr>,
    lines: Lines<S>,
    features: Features,
    timeout: Duration,
}

/// A reply: its code, and its lines without it.
struct Reply {
    code: u16,
    lines: Vec<String>,
}

impl Reply {
    const fn good(&self) -> bool {
        self.code / 100 == 2
    }
}

impl Next {
    /// Connects and says hello.
    pub(crate) async fn connect(
        address: SocketAddr,
        name: &str,
        timeout: Duration,
    ) -> Result<Self, Trouble> {
        let away = |_| Trouble::next("the next mail server cannot be reached");
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect(address))
            .await
            .map_err(|_| Trouble::next("the next mail server cannot be reached"))?
            .map_err(away)?;
        // each command waits for its reply; a socket that is gone already tells so at the first
        let _ = stream.set_nodelay(true);
        let mut next = Self::greeted(stream, name, timeout).await?;
        next.address = Some(address);
        Ok(next)
    }

    /// Whether it was made to `address`.
    pub(crate) fn leads_to(&self, address: SocketAddr) -> bool {
        self.address == Some(address)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Next<S> {
    /// Says hello over a connection.
    pub(crate) async fn greeted(stream: S, name: &str, timeout: Duration) -> Result<Self, Trouble> {
        let mut next = Self {
            address: None,
            lines: Lines::new(stream, timeout),
            features: Features::default(),
            timeout,
        };
        let greeting = next.reply().await?;
        if !greeting.good() {
            return Err(refused("greeting", greeting.code));
        }
        let hello = next.ask(&format!("EHLO {name}\r\n")).await?;
        if !hello.good() {
            return Err(refused("EHLO", hello.code));
        }
        for line in hello.lines.iter().skip(1) {
            next.features.add(line);
        }
        Ok(next)
    }

    /// What it said it can do, in words for a check by hand.
    pub(crate) fn abilities(&self) -> String {
        let all: Vec<&str> = self.features.names.iter().map(String::as_str).collect();
        all.join(" ")
    }

    /// Hands a message over. Each recipient has a result of its own; the message goes to those that were
    /// taken, and a result is good only once the message was. `message` comes in pieces of whole lines.
    ///
    /// # Errors
    /// [`Trouble`] for all recipients; the connection is of no further use.
    pub(crate) async fn send(
        &mut self,
        envelope: &Envelope,
        recipients: &[&Recipient],
        message: &[&[u8]],
    ) -> Result<Vec<Result<(), Trouble>>, Trouble> {
        let pieces = message.iter().map(|piece| stuffed(piece));
        let pieces = pieces.collect::<Option<Vec<_>>>();
        let pieces = pieces.ok_or_else(|| Trouble::here("a message of ours with broken lines"))?;
        let bytes = message.iter().map(|piece| piece.len());
        let bytes = bytes.fold(0usize, usize::saturating_add);
        self.forward(&envelope.attributes).await?;
        let mut commands = vec![self.mail(envelope, recipients, bytes)?];
        commands.extend(recipients.iter().map(|recipient| self.rcpt(recipient)));
        commands.push("DATA\r\n".to_owned());
        let replies = self.group(&commands).await?;
        let (sender, rest) = replies.split_first().ok_or_else(odd)?;
        let (data, taken) = rest.split_last().ok_or_else(odd)?;
        if *sender / 100 != 2 {
            return Err(refused("sender", *sender));
        }
        let results: Vec<Result<(), Trouble>> = taken
            .iter()
            .map(|code| {
                if *code / 100 == 2 {
                    Ok(())
                } else {
                    Err(refused("recipient", *code))
                }
            })
            .collect();
        if results.iter().all(Result::is_err) {
            // it has nobody to send it to, and says so to DATA; the next message begins anew
            self.reset(*data).await?;
            return Ok(results);
        }
        if *data != 354 {
            return Err(refused("DATA", *data));
        }
        for piece in &pieces {
            self.lines.write(piece).await.map_err(gone)?;
        }
        self.lines.write(END).await.map_err(gone)?;
        self.lines.wait(ACCEPT);
        let end = self.reply().await;
        self.lines.wait(self.timeout);
        let end = end?;
        if end.good() {
            Ok(results)
        } else {
            Err(refused("message", end.code))
        }
    }

    /// Ends a transaction that has no recipient.
    async fn reset(&mut self, data: u16) -> Result<(), Trouble> {
        if data == 354 {
            self.lines.write(END).await.map_err(gone)?;
            self.reply().await?;
        }
        let reply = self.ask("RSET\r\n").await?;
        if reply.good() {
            Ok(())
        } else {
            Err(refused("RSET", reply.code))
        }
    }

    /// Whether a connection that was left alone still answers.
    pub(crate) async fn alive(&mut self) -> bool {
        self.ask("RSET\r\n").await.is_ok_and(|reply| reply.good())
    }

    /// Says goodbye; nobody waits for the answer.
    pub(crate) async fn quit(mut self) {
        // whoever has gone does not need it
        let _ = self.lines.write(b"QUIT\r\n").await;
    }

    fn mail(
        &self,
        envelope: &Envelope,
        recipients: &[&Recipient],
        bytes: usize,
    ) -> Result<String, Trouble> {
        let all = recipients.iter().map(|recipient| &recipient.path);
        let beyond = all.chain([&envelope.sender]).any(|path| !path.is_ascii());
        if (beyond || envelope.utf8) && !self.features.has("SMTPUTF8") {
            return Err(Trouble::next("the next mail server does not take SMTPUTF8"));
        }
        let mut line = format!("MAIL FROM:<{}>", envelope.sender.as_str());
        if self.features.has("SIZE") {
            line.push_str(" SIZE=");
            line.push_str(&bytes.to_string());
        }
        if beyond || envelope.utf8 {
            line.push_str(" SMTPUTF8");
        }
        if self.features.has("DSN") {
            put(&mut line, &envelope.parameters);
        }
        line.push_str("\r\n");
        Ok(line)
    }

    fn rcpt(&self, recipient: &Recipient) -> String {
        let mut line = format!("RCPT TO:<{}>", recipient.path.as_str());
        if self.features.has("DSN") {
            put(&mut line, &recipient.parameters);
        }
        line.push_str("\r\n");
        line
    }

    /// Tells of the client what we were told, in commands that are not too long.
    async fn forward(&mut self, attributes: &[(String, String)]) -> Result<(), Trouble> {
        let mut words: Vec<String> = Vec::new();
        for (name, value) in attributes {
            if name != "SOURCE" && self.features.forward.contains(name) {
                words.push(format!(" {name}={value}"));
            }
        }
        // a mail of a local source has its header rewritten and added to: ours is as it should be
        if self.features.forward.iter().any(|name| name == "SOURCE") {
            words.push(" SOURCE=REMOTE".to_owned());
        }
        let mut line = String::new();
        for word in words {
            if !line.is_empty() && line.len().saturating_add(word.len()) > MOST_ATTRIBUTES {
                self.tell(&line).await?;
                line.clear();
            }
            line.push_str(&word);
        }
        if line.is_empty() {
            return Ok(());
        }
        self.tell(&line).await
    }

    async fn tell(&mut self, attributes: &str) -> Result<(), Trouble> {
        let reply = self.ask(&format!("XFORWARD{attributes}\r\n")).await?;
        if reply.good() {
            Ok(())
        } else {
            Err(refused("XFORWARD", reply.code))
        }
    }

    /// Sends commands, all at once where that is allowed (RFC 2920); gives the codes of their replies.
    async fn group(&mut self, commands: &[String]) -> Result<Vec<u16>, Trouble> {
        let mut codes = Vec::with_capacity(commands.len());
        if self.features.has("PIPELINING") {
            self.lines
                .write(commands.concat().as_bytes())
                .await
                .map_err(gone)?;
        }
        for command in commands {
            if !self.features.has("PIPELINING") {
                self.lines.write(command.as_bytes()).await.map_err(gone)?;
            }
            codes.push(self.reply().await?.code);
        }
        Ok(codes)
    }

    async fn ask(&mut self, command: &str) -> Result<Reply, Trouble> {
        self.lines.write(command.as_bytes()).await.map_err(gone)?;
        self.reply().await
    }

    async fn reply(&mut self) -> Result<Reply, Trouble> {
        let mut lines = Vec::new();
        loop {
            let line = self.lines.line().await.map_err(gone)?;
            let text = String::from_utf8_lossy(&line);
            let code = text.get(..3).and_then(|code| code.parse::<u16>().ok());
            let code = code
                .filter(|code| (200..600).contains(code))
                .ok_or_else(odd)?;
            lines.push(text.get(4..).unwrap_or_default().to_owned());
            match line.get(3) {
                Some(b'-') if lines.len() < MOST_LINES => {}
                None | Some(b' ') => return Ok(Reply { code, lines }),
                Some(_) => return Err(odd()),
            }
        }
    }
}

impl Features {
    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn add(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        let word = words.next().unwrap_or_default().to_ascii_uppercase();
        if word == "XFORWARD" {
            self.forward = words.map(str::to_ascii_uppercase).collect();
        }
        self.names.insert(word);
    }
}

fn put(line: &mut String, parameters: &[Parameter]) {
    for (keyword, value) in parameters {
        line.push(' ');
        line.push_str(keyword);
        if let Some(value) = value {
            line.push('=');
            line.push_str(value);
        }
    }
}

fn gone(broken: Broken) -> Trouble {
    Trouble::next(match broken {
        Broken::Closed => "the next mail server has gone",
        Broken::Late => "the next mail server does not answer",
        Broken::TooLong | Broken::Bare => "the next mail server does not speak SMTP",
    })
}

fn odd() -> Trouble {
    Trouble::next("the next mail server does not speak SMTP")
}

fn refused(what: &str, code: u16) -> Trouble {
    Trouble::next(format!("the next mail server says {code} ({what})"))
}
