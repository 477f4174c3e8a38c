//! Where mails end: keeps them by their recipients.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Every mail that came, by recipient, in the order in which they came.
#[derive(Clone, Default)]
pub(crate) struct Sink(Arc<Mutex<BTreeMap<String, Vec<Vec<u8>>>>>);

impl Sink {
    pub(crate) fn start() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let sink = Self::default();
        let serving = sink.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sink = serving.clone();
                std::thread::spawn(move || {
                    // a server that goes comes again
                    let _ = sink.serve(stream);
                });
            }
        });
        (sink, port)
    }

    pub(crate) fn all(&self) -> BTreeMap<String, Vec<Vec<u8>>> {
        self.0.lock().expect("no panic").clone()
    }

    pub(crate) fn recipients(&self) -> usize {
        self.0.lock().expect("no panic").len()
    }

    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut out = stream.try_clone()?;
        let mut lines = BufReader::new(stream);
        out.write_all(b"220 sink ESMTP\r\n")?;
        let mut recipients: Vec<String> = Vec::new();
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let upper = line.to_ascii_uppercase();
            if upper.starts_with("EHLO") {
                out.write_all(
                    b"250-sink\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 SIZE 0\r\n",
                )?;
            } else if upper.starts_with("DATA") {
                out.write_all(b"354 go on\r\n")?;
                let mut mail = Vec::new();
                while !mail.ends_with(b"\r\n.\r\n") {
                    let mut byte = [0];
                    lines.read_exact(&mut byte)?;
                    mail.push(byte[0]);
                }
                mail.truncate(mail.len() - 3);
                let mut all = self.0.lock().expect("no panic");
                for recipient in recipients.drain(..) {
                    all.entry(recipient).or_default().push(mail.clone());
                }
                out.write_all(b"250 2.0.0 taken\r\n")?;
            } else if upper.starts_with("QUIT") {
                out.write_all(b"221 bye\r\n")?;
                return Ok(());
            } else {
                if let Some(rest) = upper.strip_prefix("RCPT TO:<") {
                    let many = rest.find('>').expect("a path");
                    recipients.push(line.get(9..9 + many).expect("a path").to_owned());
                } else if upper.starts_with("MAIL") || upper.starts_with("RSET") {
                    recipients.clear();
                }
                out.write_all(b"250 2.0.0 ok\r\n")?;
            }
        }
    }
}
