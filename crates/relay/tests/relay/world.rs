//! A relay in this process, and a mail server that speaks to it.

use crate::sink::Sink;
use mugai_core::{NoFonts, Opener, Patience, Refusal, Request};
use mugai_relay::{Config, Embedded, Policies, Relay, Sanitiser, policies};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Opens parts in this process; it may wait, or fail.
#[derive(Default)]
pub(crate) struct Door {
    pub(crate) shut: AtomicBool,
    pub(crate) broken: AtomicBool,
    pub(crate) opened: AtomicUsize,
}

impl Opener for Door {
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        while self.shut.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.broken.load(Ordering::SeqCst) {
            return Err(Refusal::internal("no worker could be started"));
        }
        mugai_open::InProcess { fonts: NoFonts }.open(request, patience)
    }
}

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) door: Arc<Door>,
    pub(crate) sink: Sink,
    pub(crate) config: Config,
    pub(crate) addresses: Vec<SocketAddr>,
    figures: SocketAddr,
    reload: Box<dyn Fn(Config, Policies) -> Result<(), String> + Send + Sync>,
    stop: Option<oneshot::Sender<()>>,
    pub(crate) running: JoinHandle<()>,
}

impl World {
    /// A relay with all doors open, and what is added to its configuration.
    pub(crate) async fn new(more: &str) -> Self {
        let (sink, next) = Sink::start().await;
        let folder = tempfile::tempdir().expect("a folder");
        Self::at(folder, sink, next, more).await
    }

    async fn at(folder: tempfile::TempDir, sink: Sink, next: SocketAddr, more: &str) -> Self {
        let text = format!(
            "name = \"gw.example\"\n\
             [listen]\nsmtp = \"127.0.0.1:0\"\nlmtp = \"127.0.0.1:0\"\nmilter = \"127.0.0.1:0\"\n\
             metrics = \"127.0.0.1:0\"\n\
             [next]\naddress = \"{next}\"\n[state]\nfolder = \"{}\"\n\
             [notice]\nfrom = \"mugai@city.example.jp\"\n{more}",
            folder.path().display()
        );
        let config = Config::parse(&text, Vec::new()).expect("a good configuration");
        let door = Arc::new(Door::default());
        let relay = loop {
            let embedded = Embedded::new(
                policies(&config).expect("good policies"),
                Arc::<Door>::clone(&door),
                2,
            );
            // the one before may take a moment to let go of its record
            match Relay::open(config.clone(), Sanitiser::Embedded(embedded)).await {
                Ok(relay) => break relay,
                Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        };
        let addresses = relay.addresses().collect();
        let figures = relay.figures().expect("a page of figures");
        let reload = Box::new(relay.reload());
        let (stop, told) = oneshot::channel();
        let running = tokio::spawn(async move {
            let end = relay.run(async move {
                let _ = told.await;
            });
            end.await.expect("a good end");
        });
        Self {
            folder,
            door,
            sink,
            config,
            addresses,
            figures,
            reload,
            stop: Some(stop),
            running,
        }
    }

    /// Stops this relay and starts another one over the same state.
    pub(crate) async fn again(mut self, more: &str) -> Self {
        self.stop();
        self.running.await.expect("a good end");
        drop(self.reload);
        Self::at(self.folder, self.sink, self.config.next.address, more).await
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.stop.take().expect("once").send(());
    }

    pub(crate) fn change(&self, config: Config) {
        self.changed(config).expect("a change that can be made");
    }

    pub(crate) fn changed(&self, config: Config) -> Result<(), String> {
        let policies = policies(&config).expect("good policies");
        (self.reload)(config, policies)
    }

    /// Whoever sanitises for another relay or a check of the same configuration.
    pub(crate) fn sanitiser(&self) -> Sanitiser {
        let policies = policies(&self.config).expect("good policies");
        Sanitiser::Embedded(Embedded::new(policies, Arc::<Door>::clone(&self.door), 1))
    }

    /// How the step of a check went whose name begins so.
    pub(crate) async fn check(&self, name: &str) -> Result<String, String> {
        let steps = mugai_relay::check(&self.config, &self.sanitiser(), None).await;
        let mut steps = steps
            .into_iter()
            .filter(|(found, _)| found.starts_with(name));
        steps.next().expect("the step").1
    }

    /// The page of figures.
    pub(crate) async fn page(&self) -> String {
        let mut stream = TcpStream::connect(self.figures).await.expect("a page");
        stream
            .write_all(b"GET /metrics HTTP/1.0\r\n\r\n")
            .await
            .expect("asked");
        let mut page = String::new();
        stream.read_to_string(&mut page).await.expect("answered");
        page
    }

    pub(crate) async fn smtp(&self) -> Talk {
        Talk::new(self.addresses[0], "EHLO").await
    }

    pub(crate) async fn lmtp(&self) -> Talk {
        Talk::new(self.addresses[1], "LHLO").await
    }

    /// Sends a mail in one go; gives the last reply.
    pub(crate) async fn send(&self, queue_id: &str, to: &[&str], mail: &[u8]) -> String {
        let mut talk = self.smtp().await;
        talk.envelope(queue_id, "a@sender.example", to).await;
        talk.data(mail).await
    }
}

/// A mail server at work. No reply that it gets is final.
pub(crate) struct Talk(BufReader<TcpStream>);

impl Talk {
    async fn new(address: SocketAddr, hello: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let mut talk = Self(BufReader::new(stream));
        assert!(talk.reply().await.starts_with("220 "));
        let extensions = talk.ask(&format!("{hello} client.example")).await;
        assert!(extensions.contains("XFORWARD"), "{extensions}");
        talk
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the relay is there");
    }

    /// A whole reply; empty when the relay has closed the connection.
    pub(crate) async fn reply(&mut self) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line);
            let read = tokio::time::timeout(Duration::from_secs(20), read).await;
            if read.expect("an answer in time").unwrap_or(0) == 0 {
                return all;
            }
            assert!(matches!(line.as_bytes()[0], b'2'..=b'4'), "final: {line}");
            all.push_str(&line);
            if line.as_bytes()[3] == b' ' {
                return all;
            }
        }
    }

    pub(crate) async fn ask(&mut self, command: &str) -> String {
        self.write(format!("{command}\r\n").as_bytes()).await;
        self.reply().await
    }

    pub(crate) async fn good(&mut self, command: &str) {
        let reply = self.ask(command).await;
        assert!(reply.starts_with("250 "), "{command}: {reply}");
    }

    pub(crate) async fn envelope(&mut self, queue_id: &str, from: &str, to: &[&str]) {
        if !queue_id.is_empty() {
            self.good(&format!("XFORWARD NAME=sender.example IDENT={queue_id}"))
                .await;
        }
        self.good(&format!("MAIL FROM:<{from}>")).await;
        for to in to {
            self.good(&format!("RCPT TO:<{to}>")).await;
        }
    }

    /// Sends what is a mail with its dots and its end; gives the reply.
    pub(crate) async fn data(&mut self, mail: &[u8]) -> String {
        assert!(self.ask("DATA").await.starts_with("354 "));
        self.write(mail).await;
        self.write(b"\r\n.\r\n").await;
        self.reply().await
    }
}

/// A small mail with a part that is withheld, or without.
pub(crate) fn mail(subject: &str) -> Vec<u8> {
    format!("From: a@sender.example\r\nSubject: {subject}\r\n\r\nhello").into_bytes()
}

pub(crate) fn with_program() -> Vec<u8> {
    b"From: a@sender.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
      Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n\
      Content-Transfer-Encoding: base64\r\n\
      Content-Disposition: attachment; filename=\"run.exe\"\r\n\r\n\
      TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAA=\r\n--b--"
        .to_vec()
}
