//! As much of HTTP/2 (RFC 9113) as it takes to make the same call again and again.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const WINDOW: u8 = 8;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The largest frame that any side must take.
const FRAME: usize = 16_384;

/// How often calls are sent.
const TICK: Duration = Duration::from_millis(1);

/// What came of the calls of a connection.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) answered: usize,
    /// Ended without an answer; the metrics of the service tell why.
    pub(super) refused: usize,
    /// Due, but the connection had as many under way as it may.
    pub(super) not_sent: u64,
    /// Reset, or cut off with the connection.
    pub(super) broken: usize,
    pub(super) time: Duration,
}

impl Count {
    pub(super) fn join(&mut self, other: &Self) {
        self.answered = self.answered.saturating_add(other.answered);
        self.refused = self.refused.saturating_add(other.refused);
        self.not_sent = self.not_sent.saturating_add(other.not_sent);
        self.broken = self.broken.saturating_add(other.broken);
    }
}

/// One connection.
pub(super) struct Flood {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    message: Vec<u8>,
    most: u32,
    next: u32,
    /// The service has said how large its windows are; until then they are small (section 6.9.2).
    ready: bool,
    under_way: BTreeSet<u32>,
    with_data: BTreeSet<u32>,
    buffer: Vec<u8>,
    count: Count,
}

impl Flood {
    /// `most` is how many calls may be under way.
    pub(super) async fn connect(socket: &Path, message: &[u8], most: u32) -> io::Result<Self> {
        let (from, mut to) = UnixStream::connect(socket).await?.into_split();
        let mut begin = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        // a window of 1 GiB for what comes, on each stream and on the connection
        frame(&mut begin, SETTINGS, 0, 0, &[0, 4, 0x40, 0, 0, 0]);
        frame(&mut begin, WINDOW, 0, 0, &(1u32 << 30).to_be_bytes());
        to.write_all(&begin).await?;
        Ok(Self {
            from,
            to,
            message: prefixed(message),
            most,
            next: 1,
            ready: false,
            under_way: BTreeSet::new(),
            with_data: BTreeSet::new(),
            buffer: Vec::new(),
            count: Count::default(),
        })
    }

    /// Sends `rate` calls a second for so long, and waits for the last answer.
    pub(super) async fn run(mut self, rate: u64, time: Duration) -> io::Result<Count> {
        let began = Instant::now();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut due_before = 0;
        let mut chunk = vec![0; 256 << 10];
        loop {
            let over = began.elapsed() >= time;
            if over && self.under_way.is_empty() {
                return Ok(self.count);
            }
            tokio::select! {
                read = self.from.read(&mut chunk) => {
                    let read = read?;
                    let new = chunk.get(..read).unwrap_or_default();
                    if !self.take(new).await? {
                        self.count.broken = self.count.broken.saturating_add(self.under_way.len());
                        return Ok(self.count);
                    }
                    if rate == u64::MAX && !over {
                        self.send(u64::MAX).await?;
                    }
                }
                _ = ticks.tick(), if !over => {
                    let due = if rate == u64::MAX { u64::MAX } else {
                        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                        micros.saturating_mul(rate) / 1_000_000
                    };
                    let now = if rate == u64::MAX { due } else { due.saturating_sub(due_before) };
                    due_before = due;
                    self.send(now).await?;
                }
            }
        }
    }

    async fn send(&mut self, due: u64) -> io::Result<()> {
        if !self.ready {
            return Ok(());
        }
        let under_way = u32::try_from(self.under_way.len()).unwrap_or(u32::MAX);
        let room = u64::from(self.most.saturating_sub(under_way));
        if due != u64::MAX {
            let not_sent = due.saturating_sub(room);
            self.count.not_sent = self.count.not_sent.saturating_add(not_sent);
        }
        let mut out = Vec::new();
        for _ in 0..due.min(room) {
            let stream = self.next;
            frame(&mut out, HEADERS, END_HEADERS, stream, headers(stream == 1));
            let mut rest = &self.message[..];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(FRAME));
                let end = if later.is_empty() { END_STREAM } else { 0 };
                frame(&mut out, DATA, end, stream, now);
                rest = later;
            }
            self.under_way.insert(stream);
            self.next = stream.saturating_add(2);
        }
        self.to.write_all(&out).await
    }

    /// Takes what has come; false when the connection is over.
    async fn take(&mut self, new: &[u8]) -> io::Result<bool> {
        if new.is_empty() {
            return Ok(false);
        }
        self.buffer.extend_from_slice(new);
        let mut reply = Vec::new();
        let mut at = 0usize;
        let mut goes_on = true;
        while let Some((head, payload)) = split(self.buffer.get(at..).unwrap_or_default()) {
            let (kind, flags) = (head.kind, head.flags);
            match kind {
                DATA => {
                    self.with_data.insert(head.stream);
                }
                SETTINGS if flags & ACK == 0 => frame(&mut reply, SETTINGS, ACK, 0, &[]),
                PING if flags & ACK == 0 => frame(&mut reply, PING, ACK, 0, payload),
                WINDOW => self.ready = true,
                GO_AWAY => goes_on = false,
                _ => {}
            }
            if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
                if self.under_way.remove(&head.stream) {
                    let answered = self.with_data.remove(&head.stream);
                    let count = if answered {
                        &mut self.count.answered
                    } else {
                        &mut self.count.refused
                    };
                    *count = count.saturating_add(1);
                }
            } else if kind == RESET && self.under_way.remove(&head.stream) {
                self.count.broken = self.count.broken.saturating_add(1);
            }
            at = at.saturating_add(HEAD).saturating_add(payload.len());
        }
        self.buffer.drain(..at);
        self.to.write_all(&reply).await?;
        Ok(goes_on)
    }
}

/// The size of the head of a frame.
const HEAD: usize = 9;

struct Head {
    kind: u8,
    flags: u8,
    stream: u32,
}

/// The first frame, if all of it is there.
fn split(bytes: &[u8]) -> Option<(Head, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let [a, b, c, kind, flags, stream @ ..] = *head;
    let length = usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?;
    let head = Head {
        kind,
        flags,
        stream: u32::from_be_bytes(stream),
    };
    Some((head, rest.get(..length)?))
}

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    out.extend_from_slice(length.get(1..).unwrap_or_default());
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// A message as gRPC sends it: not compressed, and its length before it.
fn prefixed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(0).to_be_bytes();
    [&[0], &length[..], message].concat()
}

/// The headers of a call (RFC 7541): the first time in letters that are remembered, from then on by
/// their numbers.
fn headers(first: bool) -> &'static [u8] {
    if first {
        b"\x83\x86\x44\x22/mugai.v1.SanitiseService/Sanitise\x41\x09localhost\
          \x40\x0ccontent-type\x10application/grpc\x40\x02te\x08trailers"
    } else {
        &[0x83, 0x86, 0xc1, 0xc0, 0xbf, 0xbe]
    }
}
