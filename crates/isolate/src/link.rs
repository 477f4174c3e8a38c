//! The control socket between the pool and one worker: short messages that keep their borders.

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

/// The longest message, in bytes.
pub(crate) const MAX_MESSAGE: usize = 64;
/// Room for one byte more, so that an overlong message is seen as such and not cut.
type Buffer = [u8; MAX_MESSAGE + 1];

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

    /// Sends a message together with two descriptors.
    ///
    /// # Errors
    /// [`Silence::Gone`]
    pub(crate) fn send_with(
        &self,
        message: &[u8],
        fds: [BorrowedFd<'_>; 2],
    ) -> Result<(), Silence> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
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

    /// Waits for a message with two descriptors.
    ///
    /// # Errors
    /// [`Silence::Gone`], also when the descriptors are not there.
    pub(crate) fn receive_with(&self) -> Result<(Received, [OwnedFd; 2]), Silence> {
        let mut buffer: Buffer = [0; MAX_MESSAGE + 1];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
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
        let fds = <[OwnedFd; 2]>::try_from(fds).map_err(|_| Silence::Gone)?;
        Ok((Received { buffer, length }, fds))
    }
}
