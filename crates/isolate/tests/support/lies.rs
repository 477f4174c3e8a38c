//! Answers that no honest worker gives, written past everything that would prevent them.

use mugai_core::Refusal;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// Does as the lines say: `write HEX` into the answer arena, `bulk HEX` into the bulk socket, `send HEX` and `receive` on
/// the control socket, `rest` for ever, `exit`, `lines` to go on with the next lines for ever.
pub(crate) fn tell(script: &[u8]) -> Result<(), Refusal> {
    let script = String::from_utf8_lossy(script);
    let arena = answer_arena();
    let socket = rustix::stdio::stdin();
    let mut again = false;
    loop {
        for line in script.lines() {
            let (verb, hex) = line.split_once(' ').unwrap_or((line, ""));
            let bytes = unhex(hex);
            match verb {
                "write" => drop(arena.as_ref().map(|file| file.write_all_at(&bytes, 0))),
                "bulk" => drop(bulk_socket().map(|to| crate::raw::send(to, &bytes))),
                "send" => drop(send(socket, &bytes, SendFlags::NOSIGNAL)),
                "receive" => drop(recv(socket, &mut [0; 64], RecvFlags::empty())),
                "exit" => std::process::exit(0),
                "again" => again = true,
                _ => loop {
                    std::thread::park();
                },
            }
        }
        if !again {
            return Ok(());
        }
    }
}

/// The socket that is not standard input.
fn bulk_socket() -> Option<i32> {
    let entries = fs::read_dir("/proc/self/fd").ok()?;
    entries.flatten().find_map(|entry| {
        let number: i32 = entry.file_name().to_str()?.parse().ok()?;
        let to = fs::read_link(entry.path()).ok()?;
        (number != 0 && to.to_string_lossy().starts_with("socket:")).then_some(number)
    })
}

fn answer_arena() -> Option<File> {
    let entries = fs::read_dir("/proc/self/fd").ok()?;
    let arena = entries.flatten().find(|entry| {
        fs::read_link(entry.path()).is_ok_and(|to| to.to_string_lossy().contains("mugai-answer"))
    })?;
    File::options().write(true).open(arena.path()).ok()
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .filter_map(|c| c.to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |sum, digit| (sum << 4) | digit))
        .collect()
}
