//! What must hold whatever a mail server says to the relay. A fuzz target is one call of one of these.
//!
//! They are compiled for tests and fuzzers alone (feature `oracle`). An oracle that is broken panics.
#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "an oracle says what is broken by a panic"
)]

mod script;

use crate::config::Config;
use crate::desk::Desk;
use crate::mail::{Envelope, Recipient};
use crate::milter;
use crate::sanitise::{Embedded, Sanitiser, policies};
use crate::smtp::client::Next;
use crate::smtp::command::{Command, Parameter};
use crate::smtp::data::{END, Unstuffer, stuffed};
use crate::smtp::dialogue::{Dialogue, Protocol};
use crate::smtp::path::Path;
use mugai_core::{Opener, Patience, Refusal, Request};
use script::Script;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// Opens nothing: every mail is put off, after all of it was read.
struct Shut;

impl Opener for Shut {
    fn open(&self, _: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
        Err(Refusal::internal("nothing is opened here"))
    }
}

/// What all calls share: a relay without a door, and its folder.
struct World {
    desk: Arc<Desk>,
    runtime: Runtime,
    _folder: tempfile::TempDir,
    _stop: watch::Sender<bool>,
    stopped: watch::Receiver<bool>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!(
            "[listen]\nsmtp = \"127.0.0.1:10026\"\n[next]\naddress = \"127.0.0.1:1\"\n\
             [state]\nfolder = \"{}\"\n[notice]\nfrom = \"mugai@city.example.jp\"\n\
             [[recipient]]\naddress = \"@text.example\"\npolicy = \"text-only\"\n\
             [limits]\nmessage = \"64 KiB\"\nmemory = \"64 MiB\"\n",
            folder.path().display()
        );
        let config = Config::parse(&text, Vec::new()).expect("a good configuration");
        let policies = policies(&config).expect("good policies");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let desk = runtime.block_on(async {
            let embedded = Embedded::new(policies, Arc::new(Shut), 1);
            Desk::new(config, Sanitiser::Embedded(embedded), None)
        });
        let (stop, stopped) = watch::channel(false);
        World {
            desk: Arc::new(desk.expect("a state")),
            runtime,
            _folder: folder,
            _stop: stop,
            stopped,
        }
    })
}

/// Ends a future, or says that it does not end.
fn ends<T>(runtime: &Runtime, what: impl Future<Output = T>) -> T {
    runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(20), what).await })
        .expect("whatever is said, the relay comes to an end")
}

/// A mail server says `data` to us, over SMTP when the first byte is even, over LMTP otherwise. It waits
/// behind each DATA, as it should.
///
/// # Panics
/// When a reply is not one, is final, or says that a mail was delivered: nothing is here.
pub fn smtp(data: &[u8]) {
    let (first, said) = data.split_first().unwrap_or((&0, data));
    let protocol = if first % 2 == 0 {
        Protocol::Smtp
    } else {
        Protocol::Lmtp
    };
    let world = world();
    let (script, heard) = Script::new(said, Some(b"DATA\r\n"));
    let dialogue = Dialogue::new(
        script,
        Arc::clone(&world.desk),
        protocol,
        world.stopped.clone(),
    );
    ends(&world.runtime, Box::pin(dialogue.run()));
    let heard = heard.text();
    let text = std::str::from_utf8(&heard).expect("replies are text");
    assert!(text.is_empty() || text.ends_with("\r\n"), "half a line");
    for line in text.split_terminator("\r\n") {
        let clean = line.bytes().all(|byte| (b' '..0x7f).contains(&byte));
        assert!(clean && line.len() <= 510, "no reply: {line:?}");
        let code = line.get(..3).unwrap_or_default();
        assert!(
            matches!(code, "220" | "221" | "250" | "354" | "421" | "451" | "452"),
            "a code that is not ours: {line}"
        );
        assert!(
            matches!(line.as_bytes().get(3), Some(b' ' | b'-')),
            "no reply: {line}"
        );
        assert!(!line.contains("2.6.0"), "a mail is lost: {line}");
    }
}

/// The next mail server answers `data` to a mail of ours.
///
/// # Panics
/// When we say anything else than what we mean to, or take a mail for delivered without being told so.
pub fn replies(data: &[u8]) {
    let path = |text: &str| Path::read(text).expect("an address").0;
    let recipients = ["<a@city.example>", "<\"b c\"@city.example>"].map(|text| Recipient {
        path: path(text),
        parameters: vec![("NOTIFY".to_owned(), Some("NEVER".to_owned()))],
    });
    let envelope = Envelope {
        sender: path("<x@y.example>"),
        attributes: vec![("IDENT".to_owned(), "Q1".to_owned())],
        ..Envelope::default()
    };
    let world = world();
    let (script, heard) = Script::new(data, None);
    let time = Duration::from_secs(10);
    let all: Vec<&Recipient> = recipients.iter().collect();
    let results = ends(&world.runtime, async {
        let mut next = Next::greeted(script, "gw.example", time).await?;
        next.send(&envelope, &all, &[b"Seal: x\r\n", b"A: b\r\n\r\n.c\r\n"])
            .await
    });
    let said = heard.text();
    let said = std::str::from_utf8(&said).expect("commands are text");
    let known = [
        "EHLO gw.example",
        "XFORWARD ",
        "MAIL FROM:<x@y.example>",
        "RCPT TO:<a@city.example>",
        "RCPT TO:<\"b c\"@city.example>",
        "DATA",
        "RSET",
        "Seal: x",
        "A: b",
        "..c",
        ".",
    ];
    for line in said.split_terminator("\r\n") {
        let good = line.is_empty() || known.iter().any(|known| line.starts_with(known));
        assert!(good, "we said: {line:?}");
    }
    if let Ok(results) = results {
        assert_eq!(results.len(), recipients.len());
        if results.iter().any(Result::is_ok) {
            // the mail has gone out, and something good was said behind it
            assert!(said.ends_with("..c\r\n.\r\n"), "delivered, and not sent");
            let last = String::from_utf8_lossy(data).into_owned();
            assert!(last.contains("354") && last.contains('2'), "{last:?}");
        }
    }
}

/// A mail server shows `data` to the milter: packets, or what pretends to be some.
///
/// # Panics
/// When what we answer are not packets, or let a mail go on as it came.
pub fn packets(data: &[u8]) {
    let world = world();
    let (script, heard) = Script::new(data, None);
    let dialogue = milter::Dialogue::new(script, Arc::clone(&world.desk), world.stopped.clone());
    ends(&world.runtime, Box::pin(dialogue.run()));
    let heard = heard.text();
    let mut rest = heard.as_slice();
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (packet, behind) = behind
            .split_at_checked(length)
            .expect("a packet is as long as it says");
        rest = behind;
        let (command, data) = packet.split_first().expect("a packet has a command");
        match command {
            b'O' => assert_eq!(data.len(), 12),
            b'c' => assert!(data.is_empty()),
            b'y' => {
                assert!(data.starts_with(b"4") && data.ends_with(b"\0"), "final");
            }
            other => panic!("nothing was made, and {other} is said of it"),
        }
    }
    assert!(rest.is_empty(), "half a packet");
}

/// Each line of `data` is a command; all of it is what comes behind DATA.
///
/// # Panics
/// When a command that was taken would not be taken again as we pass it on, or the end of a mail depends on
/// how it comes in.
pub fn commands(data: &[u8]) {
    for line in data.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Ok(command) = Command::read(line)
            && let Some(again) = written(&command)
        {
            assert!(!again.contains(char::is_control), "{again:?}");
            let read = Command::read(again.as_bytes());
            assert_eq!(read.as_ref(), Ok(&command), "{again}");
        }
    }
    let whole = unstuffed(data, data.len().max(1));
    for size in [1, 2, 3, 7] {
        assert_eq!(unstuffed(data, size), whole, "pieces of {size}");
    }
    let (message, _) = whole;
    if let Some(sent) = stuffed(&message) {
        let mut sent = sent.into_owned();
        sent.extend_from_slice(END);
        let length = sent.len();
        assert_eq!(unstuffed(&sent, length), (message, Some(length)));
    }
}

fn unstuffed(data: &[u8], size: usize) -> (Vec<u8>, Option<usize>) {
    let (mut reader, mut out, mut before) = (Unstuffer::default(), Vec::new(), 0usize);
    for piece in data.chunks(size) {
        if let Some(read) = reader.feed(piece, &mut out) {
            return (out, Some(before.saturating_add(read)));
        }
        before = before.saturating_add(piece.len());
    }
    (out, None)
}

/// A command as it is passed on; `None` for those that are not.
fn written(command: &Command) -> Option<String> {
    let words = |parameters: &[Parameter]| {
        let mut all = String::new();
        for (keyword, value) in parameters {
            all.push(' ');
            all.push_str(keyword);
            if let Some(value) = value {
                all.push('=');
                all.push_str(value);
            }
        }
        all
    };
    match command {
        Command::Mail(path, parameters) => Some(format!(
            "MAIL FROM:<{}>{}",
            path.as_str(),
            words(parameters)
        )),
        Command::Recipient(path, parameters) => {
            Some(format!("RCPT TO:<{}>{}", path.as_str(), words(parameters)))
        }
        Command::Forward(attributes) => {
            let all = attributes.iter();
            let all = all.map(|(name, value)| format!(" {name}={value}"));
            Some(format!("XFORWARD{}", all.collect::<String>()))
        }
        Command::Hello(_)
        | Command::Data
        | Command::Chunk(..)
        | Command::Reset
        | Command::Nothing
        | Command::Quit => None,
    }
}
