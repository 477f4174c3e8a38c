//! What a mail server is told as a milter.

use crate::world::World;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

struct Server(TcpStream);

impl Server {
    async fn new(world: &World, protocol: u32) -> Self {
        let stream = TcpStream::connect(world.addresses[2]).await.unwrap();
        let mut server = Self(stream);
        let mut offer = Vec::new();
        for number in [6u32, 0x1ff, protocol] {
            offer.extend_from_slice(&number.to_be_bytes());
        }
        server.send(b'O', &offer).await;
        let (command, answer) = server.read().await;
        assert_eq!((command, answer.len()), (b'O', 12));
        server
    }

    async fn send(&mut self, command: u8, data: &[u8]) {
        let length = u32::try_from(data.len() + 1).unwrap();
        self.0.write_all(&length.to_be_bytes()).await.unwrap();
        self.0.write_all(&[command]).await.unwrap();
        self.0.write_all(data).await.unwrap();
    }

    async fn read(&mut self) -> (u8, Vec<u8>) {
        let length = self.0.read_u32().await.expect("an answer");
        let mut data = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut data).await.unwrap();
        (data[0], data[1..].to_vec())
    }

    async fn ask(&mut self, command: u8, data: &[u8]) -> (u8, Vec<u8>) {
        self.send(command, data).await;
        self.read().await
    }

    /// Shows a mail; gives all answers to its end.
    async fn mail(&mut self, answers: bool) -> Vec<(u8, Vec<u8>)> {
        assert_eq!(self.ask(b'M', b"<a@b.example>\0SIZE=100\0").await.0, b'c');
        assert_eq!(self.ask(b'R', b"<c@d.example>\0").await.0, b'c');
        self.send(b'D', b"Ei\x004XkQ2z\0").await;
        for (command, data) in [
            (b'L', &b"Subject\0 \xe8\xa1\xa8\xe7\xa4\xba\0"[..]),
            (b'L', b"X-Evil\0 one\n two\0"),
            (b'L', b"X-Evil\0 three\0"),
            (b'N', b""),
            (b'B', b"hello\r\n"),
        ] {
            self.send(command, data).await;
            if answers {
                assert_eq!(self.read().await.0, b'c');
            }
        }
        self.send(b'E', b"").await;
        let mut all = Vec::new();
        loop {
            let answer = self.read().await;
            let end = matches!(answer.0, b'c' | b'y');
            all.push(answer);
            if end {
                return all;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn header_and_body_are_replaced() {
    let world = World::new("").await;
    // one that lets us be silent, and one that does not; and two mails over one connection
    for (protocol, answers) in [(0x1f_ffff, false), (0, true)] {
        let mut server = Server::new(&world, protocol).await;
        for _ in 0..2 {
            let all = server.mail(answers).await;
            let deleted: Vec<_> = all.iter().filter(|(command, _)| *command == b'm').collect();
            assert_eq!(deleted.len(), 3);
            assert_eq!(deleted[1].1, b"\0\0\0\x02X-Evil\0\0");
            assert_eq!(deleted[2].1, b"\0\0\0\x01X-Evil\0\0");
            let mut mail = Vec::new();
            for (_, data) in all.iter().filter(|(command, _)| *command == b'h') {
                let mut parts = data.split(|byte| *byte == 0);
                let (name, value) = (parts.next().unwrap(), parts.next().unwrap());
                mail.extend_from_slice(name);
                mail.extend_from_slice(if answers { b": " } else { b":" });
                mail.extend_from_slice(
                    &String::from_utf8_lossy(value)
                        .replace('\n', "\r\n")
                        .into_bytes(),
                );
                mail.extend_from_slice(b"\r\n");
            }
            mail.extend_from_slice(b"\r\n");
            for (_, data) in all.iter().filter(|(command, _)| *command == b'b') {
                mail.extend_from_slice(data);
            }
            let parsed = mail_parser::MessageParser::default().parse(&mail).unwrap();
            assert_eq!(parsed.subject(), Some("表示"));
            assert!(parsed.body_text(0).unwrap().starts_with("hello"));
            assert_eq!(all.last().unwrap().0, b'c');
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_is_put_off() {
    let world = World::new("").await;
    world.door.broken.store(true, Ordering::SeqCst);
    let mut server = Server::new(&world, 0x1f_ffff).await;
    let all = server.mail(false).await;
    assert_eq!(all.len(), 1);
    assert!(
        all[0].0 == b'y' && all[0].1.starts_with(b"451 4.3.0"),
        "{all:?}"
    );
    assert_eq!(server.ask(b'M', b"<a b@c>\0").await.0, b'y');
    world.door.broken.store(false, Ordering::SeqCst);
    assert_eq!(server.mail(false).await.last().unwrap().0, b'c');
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_fields_are_no_mail() {
    let world = World::new("").await;
    let mut server = Server::new(&world, 0x1f_ffff).await;
    server.ask(b'M', b"<a@sender.example>\0").await;
    server.ask(b'R', b"<a@city.example>\0").await;
    // of one name, too
    for _ in 0..2_001 {
        server.send(b'L', b"a\0 b\0").await;
    }
    server.send(b'N', b"").await;
    let (answer, words) = server.ask(b'E', b"").await;
    assert_eq!(answer, b'y', "{}", String::from_utf8_lossy(&words));
    assert_eq!(world.sink.taken().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_of_other_rules_come_by_themselves() {
    let world =
        World::new("[[recipient]]\naddress = \"@strict.example\"\npolicy = \"strict\"\n").await;
    let mut server = Server::new(&world, 0x1f_ffff).await;
    assert_eq!(server.ask(b'M', b"<>\0").await.0, b'c');
    assert_eq!(server.ask(b'R', b"<a@d.example>\0").await.0, b'c');
    let (command, words) = server.ask(b'R', b"<b@strict.example>\0").await;
    assert!(command == b'y' && words.starts_with(b"452 4.5.3"));
    assert_eq!(server.ask(b'R', b"<c@d.example>\0").await.0, b'c');
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_packet_ends_the_connection() {
    let world = World::new("").await;
    for bytes in [
        &b"\0\0\0\0"[..],
        b"\xff\xff\xff\xffO",
        b"\0\0\0\x01?",
        b"\0\0\0\x02Ox",
    ] {
        let mut stream = TcpStream::connect(world.addresses[2]).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        assert!(rest.is_empty());
    }
}
