//! What a taken-over reader may try: to break out, to break down, or to eat the machine.
#![expect(clippy::panic, reason = "a panic is one of the attempts")]

use crate::raw;
use std::fs::{self, File};
use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// Makes the attempt and tells how it went, if there is still somebody to tell it.
pub(crate) fn attempt(name: &str, matter: &[u8]) -> String {
    let path = String::from_utf8_lossy(matter).into_owned();
    let result = match name {
        // out of the confinement
        "open" => File::open("/etc/passwd").map(drop),
        "create" => File::create(path).map(drop),
        "stat" => fs::metadata("/etc/passwd").map(drop),
        "tcp" => TcpListener::bind("127.0.0.1:0").map(drop),
        "tcp-connect" => TcpStream::connect("127.0.0.1:9").map(drop),
        "udp" => UdpSocket::bind("127.0.0.1:0").map(drop),
        "kill-parent" => kill_parent(),
        "fork" => raw::fork(),
        "exec" => Err(Command::new("/bin/true").exec()),
        "exec-own" => execute_own(),
        "unix-connect" => connect_to_own(),
        "symlink" => symlink("/etc/passwd", own("link")),
        "chmod" => fs::set_permissions(own("in.rtf"), fs::Permissions::from_mode(0o777)),
        "thread" => std::thread::Builder::new().spawn(|| {}).map(drop),
        "ptrace" => raw::trace_parent(),
        "exec-mem" => raw::map_executable(),
        "map-shared" => map_own(),
        "map-shared-unfiled" => raw::map_shared_unfiled(),
        "set-owner" => raw::signal_parent(libc::F_SETOWN),
        "set-signal" => raw::signal_parent(raw::F_SETSIG),
        "notify" => raw::signal_parent(libc::F_NOTIFY),
        "io-uring" => raw::set_up_ring(),
        "unshare" => raw::new_user_namespace(),
        "peek" => peek(&path),
        "peek-neighbour" => File::open(format!("/proc/{path}/mem")).map(drop),
        // down
        "panic" => panic!("as ordered"),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        "overflow" => {
            let depth = deeper(1);
            Err(io::Error::other(depth.to_string()))
        }
        "loop" => loop {
            std::hint::spin_loop();
        },
        "bomb" => bomb(),
        _ => Err(io::Error::other("no such command")),
    };
    match result {
        Ok(()) => "escaped".to_owned(),
        Err(error) => format!("denied: {}", error.kind()),
    }
}

/// Looks for what another part said in all that can be read: `word` comes backwards, so that it is not found in
/// the order itself.
fn peek(word: &str) -> io::Result<()> {
    let word: Vec<u8> = word.bytes().rev().collect();
    for descriptor in 0..16 {
        for place in (0..4 << 20).step_by(64 << 10) {
            let Ok(window) = raw::read_at(descriptor, place, 65 << 10) else {
                break;
            };
            if window.windows(word.len()).any(|at| at == word) {
                return Ok(());
            }
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// A path in the folder that a converter has.
fn own(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(name)
}

/// Memory that is a file.
fn map_own() -> io::Result<()> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(true);
    let file = options.open(own("mapped"))?;
    file.set_len(4096)?;
    raw::map_shared(&file)
}

/// A program that was just written.
fn execute_own() -> io::Result<()> {
    fs::write(own("program"), "#!/bin/sh\n")?;
    Err(Command::new(own("program")).exec())
}

/// A socket that somebody listens at; the only one that is surely there is our own.
fn connect_to_own() -> io::Result<()> {
    let _listener = UnixListener::bind(own("tmp/socket"))?;
    UnixStream::connect(own("tmp/socket")).map(drop)
}

/// Whether a signal could be sent; none is, for the parent is the test.
fn kill_parent() -> io::Result<()> {
    let parent = rustix::process::getppid().ok_or(io::ErrorKind::NotFound)?;
    rustix::process::test_kill_process(parent)?;
    Ok(())
}

fn deeper(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 512]);
    let last = room.last().copied().unwrap_or(0);
    if depth == 0 {
        return last;
    }
    deeper(depth.wrapping_add(1)).wrapping_add(last)
}

fn bomb() -> io::Result<()> {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(vec![1; 16 << 20]);
        std::hint::black_box(&kept);
    }
}
