//! The roles of the executable as it is shipped, with one reader more: a part that begins with
//! `mugai-hostile ` makes it do what follows there. It is what a reader could do that a file has taken over.
#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "it does what no reader may")]

use mugai_core::{Cx, Kind, Refusal, Resource};
use std::ffi::OsString;
use std::process::{Command, ExitCode};

const TRIGGER: &[u8] = b"mugai-hostile ";

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let role = words.next();
    let is = |name: &str| role == Some(OsString::from(name));
    if is("worker") {
        mugai_isolate::worker_main(words, mugai_open::unread, open)
    } else if is("verifier") {
        mugai_isolate::verifier_main(words, mugai_verify::answer_from)
    } else {
        ExitCode::FAILURE
    }
}

fn open(input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let Some(command) = input.strip_prefix(TRIGGER) else {
        return mugai_open::open(input, cx);
    };
    cx.kind(Kind::Plain)?;
    let end = command.iter().position(|byte| *byte == b'\n');
    let command = command.get(..end.unwrap_or(command.len()));
    match command.unwrap_or_default() {
        b"panic" => panic!("as ordered"),
        b"abort" => std::process::abort(),
        b"exit" => std::process::exit(0),
        b"overflow" => Err(Refusal::internal(if deeper(1) == 0 { "no" } else { "end" })),
        b"loop" => loop {
            std::hint::spin_loop();
        },
        b"bomb" => bomb(),
        b"open" => done(std::fs::File::open("/etc/passwd").map(drop)),
        b"socket" => done(std::net::UdpSocket::bind("127.0.0.1:0").map(drop)),
        b"spawn" => done(Command::new("/bin/true").spawn().map(drop)),
        b"flood" => loop {
            let nothing = cx.text("");
            cx.put(mugai_core::Piece::Text(nothing))?;
        },
        b"spend" => loop {
            cx.charge(Resource::Steps, 1_000_000)?;
        },
        _ => Err(Refusal::internal("test: no such command")),
    }
}

/// Whoever comes to this has broken out.
fn done(attempt: std::io::Result<()>) -> Result<(), Refusal> {
    attempt.map_err(|_| Refusal::malformed("test: denied"))
}

fn deeper(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 512]);
    let last = room.last().copied().unwrap_or(0);
    if depth == 0 {
        return last;
    }
    deeper(depth.wrapping_add(1)).wrapping_add(last)
}

fn bomb() -> Result<(), Refusal> {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(vec![1; 16 << 20]);
        std::hint::black_box(&kept);
    }
}
