//! The control socket between the pool and one worker: short messages that keep their borders. And the bulk socket
//! beside it, for parts and answers that are small enough to be one message: the kernel copies such a one in pieces of
//! many pages, where it goes through a memory file page by page.

use mugai_core::Patience;
use rustix::event::Timespec;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recv, recvmsg, send, sendmsg,
    socketpair,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// How often a flag is looked at by somebody who waits.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// How long somebody who waits may sleep before he looks again; `None` when `patience` has come to its end.
pub(crate) fn nap(patience: Patience<'_>) -> Option<Duration> {
    if patience.is_cancelled() {
        return None;
    }
    let left = match patience.until {
        None => Duration::MAX,
        Some(until) => until.checked_duration_since(Instant::now())?,
    };
    let is_flagged = patience.cancelled.is_some();
    Some(if is_flagged { left.min(LOOK) } else { left })
}

/// The longest message, in bytes.
pub(crate) const MAX_MESSAGE: usize = 64;
/// Room for one byte more, so that an overlong message is seen as such and not cut.
type Buffer = [u8; MAX_MESSAGE + 1];

/// The fewest bytes that the bulk socket is worth: below, a page or two of an arena, which are there already, are quicker.
const LEAST: usize = 16 << 10;
/// The most bytes that are one message of it. Its buffer, which nobody needs rights for, holds 208 KiB.
const BULK: usize = 128 << 10;

/// Why there is no message.
#[derive(Debug)]
pub(crate) enum Silence {
    /// The other side is gone, or the socket is broken.
    Gone,
    /// The moment to wait for has passed.
    Late,
}

/// The pool's side, which never blocks for longer than it said, and the worker's side.
pub(crate) struct Link<F>(F);

/// A message as it came.
pub(crate) struct Received {
    buffer: Buffer,
    length: usize,
}

impl Received {
    /// The bytes of the message.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }
}

/// Both sides of a new control socket.
///
/// # Errors
/// What the kernel says.
pub(crate) fn pair() -> io::Result<(Link<OwnedFd>, OwnedFd)> {
    let (ours, theirs) = socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    Ok((Link(ours), theirs))
}

/// One side of the bulk socket. What is in it was put there before the message of the control socket that tells of it, so
/// that nobody ever waits for it. What it cannot take goes through an arena.
pub(crate) struct Bulk<F>(F);

/// Both sides of a new bulk socket.
///
/// # Errors
/// What the kernel says.
pub(crate) fn bulk_pair() -> io::Result<(Bulk<OwnedFd>, OwnedFd)> {
    let (Link(ours), theirs) = pair()?;
    Ok((Bulk(ours), theirs))
}

impl<F: AsFd> Bulk<F> {
    /// The side that was passed to us.
    pub(crate) const fn of(side: F) -> Self {
        Self(side)
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Puts `pieces`, one behind the other, as one message; `false` when they are too short or too long for that, or the
    /// socket does not take them.
    pub(crate) fn put(&self, pieces: &[&[u8]]) -> bool {
        let length = |sum: usize, piece: &&[u8]| sum.saturating_add(piece.len());
        let length = pieces.iter().fold(0, length);
        if !(LEAST..=BULK).contains(&length) {
            return false;
        }
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        let put = if let [one] = pieces {
            // a worker may not do the other
            send(&self.0, one, flags)
        } else {
            let slices: Vec<IoSlice<'_>> = pieces.iter().copied().map(IoSlice::new).collect();
            sendmsg(&self.0, &slices, &mut SendAncillaryBuffer::default(), flags)
        };
        put.is_ok()
    }

    /// Takes the message that is there, all of `into`; `Ok(false)` when there is none.
    ///
    /// # Errors
    /// [`Silence::Gone`] when it is of another length.
    pub(crate) fn take(&self, into: &mut [u8]) -> Result<bool, Silence> {
        if !(LEAST..=BULK).contains(&into.len()) {
            return Ok(false);
        }
        let wanted = into.len();
        loop {
            match recv(&self.0, &mut *into, RecvFlags::DONTWAIT | RecvFlags::TRUNC) {
                Ok((_, length)) if length == wanted => return Ok(true),
                Err(Errno::AGAIN) => return Ok(false),
                Err(Errno::INTR) => {}
                Ok(_) | Err(_) => return Err(Silence::Gone),
            }
        }
    }
}

impl Link<BorrowedFd<'static>> {
    /// The worker's side: its standard input.
    pub(crate) const fn of_worker() -> Self {
        Self(rustix::stdio::stdin())
    }
}

impl<F: AsFd> Link<F> {
    /// Sends a message. It never waits: a side that leaves its messages unread has lost its mind.
    ///
    /// # Errors
    /// [`Silence::Gone`]
    pub(crate) fn send(&self, message: &[u8]) -> Result<(), Silence> {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        send(&self.0, message, flags).map_err(|_| Silence::Gone)?;
        Ok(())
    }

    /// Sends a message together with three descriptors.
    ///
    /// # Errors
    /// [`Silence::Gone`]
    pub(crate) fn send_with(
        &self,
        message: &[u8],
        fds: [BorrowedFd<'_>; 3],
    ) -> Result<(), Silence> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        let pushed = control.push(SendAncillaryMessage::ScmRights(&fds));
        let iov = [IoSlice::new(message)];
        match sendmsg(&self.0, &iov, &mut control, flags) {
            Ok(_) if pushed => Ok(()),
            Ok(_) | Err(_) => Err(Silence::Gone),
        }
    }

    /// Waits for a message until `moment`, or until `patience` has come to its end.
    ///
    /// # Errors
    /// [`Silence`]
    pub(crate) fn receive_until(
        &self,
        moment: Instant,
        patience: Patience<'_>,
    ) -> Result<Received, Silence> {
        let moment = patience.until.map_or(moment, |until| until.min(moment));
        loop {
            if patience.is_cancelled() {
                return Err(Silence::Late);
            }
            let mut left = moment
                .checked_duration_since(Instant::now())
                .ok_or(Silence::Late)?;
            if patience.cancelled.is_some() {
                left = left.min(LOOK);
            }
            let timeout = Timespec::try_from(left).ok();
            let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
            match poll(&mut fds, timeout.as_ref()) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return self.receive(),
                Err(_) => return Err(Silence::Gone),
            }
        }
    }

    /// Waits for a message.
    ///
    /// # Errors
    /// [`Silence::Gone`]
    pub(crate) fn receive(&self) -> Result<Received, Silence> {
        let received = self.receive_by(RecvFlags::empty())?;
        received.ok_or(Silence::Gone)
    }

    /// The message that is there, without waiting for one.
    ///
    /// # Errors
    /// [`Silence::Gone`]
    pub(crate) fn look(&self) -> Result<Option<Received>, Silence> {
        self.receive_by(RecvFlags::DONTWAIT)
    }

    fn receive_by(&self, flags: RecvFlags) -> Result<Option<Received>, Silence> {
        let mut buffer: Buffer = [0; MAX_MESSAGE + 1];
        loop {
            match recv(&self.0, &mut buffer, flags) {
                Ok((length, _)) if length > 0 => return Ok(Some(Received { buffer, length })),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(None),
                Ok(_) | Err(_) => return Err(Silence::Gone),
            }
        }
    }

    /// Waits for a message with three descriptors.
    ///
    /// # Errors
    /// [`Silence::Gone`], also when the descriptors are not there.
    pub(crate) fn receive_with(&self) -> Result<(Received, [OwnedFd; 3]), Silence> {
        let mut buffer: Buffer = [0; MAX_MESSAGE + 1];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut iov = [IoSliceMut::new(&mut buffer)];
        let got = recvmsg(&self.0, &mut iov, &mut control, RecvFlags::CMSG_CLOEXEC)
            .map_err(|_| Silence::Gone)?;
        let mut fds: Vec<OwnedFd> = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                fds.extend(rights);
            }
        }
        let length = got.bytes;
        let fds = <[OwnedFd; 3]>::try_from(fds).map_err(|_| Silence::Gone)?;
        Ok((Received { buffer, length }, fds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_taken_as_a_whole_or_goes_another_way() {
        let (ours, theirs) = bulk_pair().unwrap();
        let theirs = Bulk::of(theirs);
        let (one, two) = (vec![1; LEAST], vec![2; 3]);
        let mut into = vec![0; LEAST + 3];
        assert!(!theirs.take(&mut into).unwrap());
        assert!(ours.put(&[&one, b"", &two]));
        assert!(theirs.take(&mut into).unwrap());
        assert_eq!(into, [one, two].concat());
        assert!(theirs.put(&[&vec![7; BULK]]));
        let mut large = vec![0; BULK];
        assert!(ours.take(&mut large).unwrap());
        assert!(large.iter().all(|byte| *byte == 7));
        // nothing, and too much
        assert!(!ours.put(&[]) && !ours.put(&[b"short"]) && !ours.put(&[&vec![7; BULK], b"x"]));
        assert!(!theirs.take(&mut vec![0; BULK + 1]).unwrap());
        assert!(!theirs.take(&mut []).unwrap());
    }

    #[test]
    fn a_message_of_another_length_is_none() {
        for length in [LEAST, LEAST + 2] {
            let (ours, theirs) = bulk_pair().unwrap();
            assert!(ours.put(&[&vec![7; LEAST + 1]]));
            assert!(Bulk::of(theirs).take(&mut vec![0; length]).is_err());
        }
    }

    #[test]
    fn a_side_that_takes_nothing_makes_nobody_wait() {
        let (ours, _theirs) = bulk_pair().unwrap();
        let piece = vec![7; BULK];
        let most = (0..100).take_while(|_| ours.put(&[&piece])).count();
        assert!((1..10).contains(&most), "{most}");
    }
}
