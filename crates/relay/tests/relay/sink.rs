//! The next mail server: takes mails, or does not, as a test asks.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The commands before DATA, as they came.
    pub(crate) commands: Vec<String>,
    /// The mail, dots taken away.
    pub(crate) mail: Vec<u8>,
}

impl Taken {
    pub(crate) fn recipients(&self) -> Vec<&str> {
        let commands = self.commands.iter();
        commands
            .filter_map(|command| command.strip_prefix("RCPT TO:<")?.split('>').next())
            .collect()
    }
}

/// What it says instead of what it should.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mood {
    /// Commands that begin so get this reply. `.` is the end of a mail.
    pub(crate) refuses: Vec<(&'static str, &'static str)>,
    /// It goes away at a command that begins so, before (false) or after (true) it did what was asked.
    pub(crate) leaves: Option<(&'static str, bool)>,
    /// Extensions that it does not have.
    pub(crate) lacks: Vec<&'static str>,
}

#[derive(Clone, Default)]
pub(crate) struct Sink {
    pub(crate) taken: Arc<Mutex<Vec<Taken>>>,
    pub(crate) mood: Arc<Mutex<Mood>>,
}

impl Sink {
    pub(crate) async fn start() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let sink = Self::default();
        let serving = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = serving.clone();
                tokio::spawn(async move {
                    // the relay may go at any time
                    let _ = sink.serve(stream).await;
                });
            }
        });
        (sink, address)
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.taken.lock().expect("no panic").clone()
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().expect("no panic") = mood;
    }

    pub(crate) fn refuse(&self, command: &'static str, reply: &'static str) {
        self.set(Mood {
            refuses: vec![(command, reply)],
            ..Mood::default()
        });
    }

    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 next ESMTP\r\n").await?;
        let mut commands = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_owned();
            let mood = self.mood.lock().expect("no panic").clone();
            if mood
                .leaves
                .is_some_and(|(at, done)| line.starts_with(at) && !done)
            {
                return Ok(());
            }
            let refused = mood
                .refuses
                .iter()
                .find(|(command, _)| line.starts_with(command));
            let reply = match (refused, line.as_str()) {
                (Some((_, reply)), _) => format!("{reply}\r\n"),
                (None, "DATA") if !commands.iter().any(|c: &String| c.starts_with("RCPT")) => {
                    "554 5.5.1 no recipients\r\n".to_owned()
                }
                (None, "DATA") => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let mail = mail(&mut stream).await?;
                    if mood.leaves == Some((".", false)) {
                        return Ok(());
                    }
                    let refused = mood.refuses.iter().find(|(command, _)| *command == ".");
                    if let Some((_, reply)) = refused {
                        format!("{reply}\r\n")
                    } else {
                        let commands = std::mem::take(&mut commands);
                        let taken = Taken { commands, mail };
                        self.taken.lock().expect("no panic").push(taken);
                        if mood.leaves == Some((".", true)) {
                            return Ok(());
                        }
                        "250 2.0.0 taken\r\n".to_owned()
                    }
                }
                (None, text) if text.starts_with("EHLO") => extensions(&mood),
                (None, "QUIT") => {
                    stream.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                (None, "RSET") => {
                    commands.clear();
                    "250 2.0.0 ok\r\n".to_owned()
                }
                (None, _) => {
                    commands.push(line.clone());
                    "250 2.0.0 ok\r\n".to_owned()
                }
            };
            stream.write_all(reply.as_bytes()).await?;
        }
    }
}

fn extensions(mood: &Mood) -> String {
    let all = [
        "PIPELINING",
        "SIZE 1000000",
        "8BITMIME",
        "SMTPUTF8",
        "DSN",
        "XFORWARD NAME ADDR IDENT",
    ];
    let lacks = |line: &&str| !mood.lacks.iter().any(|word| line.starts_with(word));
    let mut lines = String::new();
    for line in all.iter().filter(|line| lacks(line)) {
        lines.push_str("250-");
        lines.push_str(line);
        lines.push_str("\r\n");
    }
    format!("250-next\r\n{lines}250 HELP\r\n")
}

async fn mail(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    while !(all.ends_with(b"\r\n.\r\n") || all == b".\r\n") {
        all.push(stream.read_u8().await?);
    }
    all.truncate(all.len() - 3);
    let text = String::from_utf8(all).expect("ASCII");
    let lines = text.split_inclusive("\r\n");
    Ok(lines
        .map(|line| line.strip_prefix('.').unwrap_or(line))
        .collect::<String>()
        .into_bytes())
}
