//! Too many connections, silent ones, and one that resets its calls all the time.

use crate::world::{World, narrow, unary};
use std::io::ErrorKind;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// How HTTP/2 begins (RFC 9113, section 3.4), and empty settings.
const BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

async fn connect(world: &World) -> UnixStream {
    UnixStream::connect(world.socket()).await.unwrap()
}

/// A connection that has begun to speak, and was answered.
async fn speaking(world: &World) -> UnixStream {
    let mut stream = connect(world).await;
    stream.write_all(BEGINNING).await.unwrap();
    stream.read_u8().await.unwrap();
    stream
}

/// Whether the other side has closed a connection without a word. Waits for either.
async fn is_closed(stream: &mut UnixStream) -> bool {
    // it may be closed before all is written
    let _ = stream.write_all(BEGINNING).await;
    match stream.read_u8().await {
        Ok(_) => false,
        Err(error) => {
            let kind = error.kind();
            assert!(
                matches!(
                    kind,
                    ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
                ),
                "{error}"
            );
            true
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_only_so_many_connections() {
    for limits in ["connections = 2", "connections = 3\npeer = 2"] {
        let world = World::with(&narrow(limits), false).await;
        let first = speaking(&world).await;
        let _second = speaking(&world).await;
        assert!(is_closed(&mut connect(&world).await).await);
        let turned_away = "mugai_calls_total{rpc=\"-\",code=\"UNAVAILABLE\"} 1";
        assert!((world.metrics)().contains(turned_away));
        drop(first);
        while is_closed(&mut connect(&world).await).await {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_closed() {
    // on a machine that has much else to do, one that speaks is not heard in a short time either
    for time in ["50 ms", "500 ms", "5 s"] {
        if only_silent_ones_are_closed(time).await {
            return;
        }
    }
    panic!("one that spoke is closed, too");
}

/// Whether one that spoke is still there after two that did not were closed, each of which had its place before the
/// next one; and whether there is a place then.
async fn only_silent_ones_are_closed(handshake: &str) -> bool {
    let limits = format!("connections = 2\npeer = 2\nhandshake = \"{handshake}\"");
    let world = World::with(&narrow(&limits), false).await;
    let mut speaks = connect(&world).await;
    let spoke = speaks.write_all(BEGINNING).await.is_ok() && speaks.read_u8().await.is_ok();
    for beginning in [&b""[..], &BEGINNING[..23]] {
        let mut silent = connect(&world).await;
        silent.write_all(beginning).await.unwrap();
        // the service says its settings, and then waits; this hangs if it waits for ever
        let _ = silent.read_to_end(&mut Vec::new()).await;
    }
    spoke && answers(&mut speaks).await && {
        drop(speaks);
        world.service().await.sanitise(unary(b"abc")).await.is_ok()
    }
}

/// Whether the other side answers on a connection that has begun to speak, of whose answer a byte was read.
async fn answers(stream: &mut UnixStream) -> bool {
    if stream.write_all(&frame(PING, 0, 0, &[0; 8])).await.is_err() {
        return false;
    }
    let mut read = 1;
    while let Some((kind, _)) = read_frame(stream, read).await {
        if kind == PING {
            return true;
        }
        read = 0;
    }
    false
}

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;

/// A frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The next frame, of which `read` bytes were read already.
async fn read_frame(stream: &mut (impl AsyncRead + Unpin), read: usize) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head[read..]).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload).await.ok()?;
    Some((head[3], payload))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_resets_its_calls_all_the_time_is_cut_off() {
    let world = World::with(&narrow(""), false).await;
    let mut stream = connect(&world).await;
    // :method POST, :scheme http, :path /, and :authority a (RFC 7541, appendix A and section 6)
    let headers = [0x83, 0x86, 0x84, 0x01, 0x01, b'a'];
    let mut bytes = BEGINNING.to_vec();
    for number in (1..2000).step_by(2) {
        bytes.extend(frame(HEADERS, 4, number, &headers));
        bytes.extend(frame(RESET, 0, number, &8u32.to_be_bytes()));
    }
    let (mut from, mut to) = stream.split();
    // it may be cut off before all is written
    let write = async {
        let _ = to.write_all(&bytes).await;
    };
    // what it is told last: the last stream that was looked at, and ENHANCE_YOUR_CALM
    let read = async {
        while let Some((kind, payload)) = read_frame(&mut from, 0).await {
            if kind == GO_AWAY && payload[4..8] == 11u32.to_be_bytes() {
                return true;
            }
        }
        false
    };
    let ((), calm) = tokio::join!(write, read);
    assert!(calm, "it was not told to calm down");
    assert!(world.service().await.sanitise(unary(b"abc")).await.is_ok());
    world.idle().await;
}
