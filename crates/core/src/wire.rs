//! Frames between a worker and the trusted side.
//!
//! A frame is a tag (one byte), the length of what follows (four bytes, little endian) and that many
//! bytes. Decoding goes through the same constructors as making, pays from the receiver's own purse,
//! and refuses bytes that are left over: what an honest worker would not say does not decode.

mod codec;
mod contents;
mod drawing;
mod order;

use crate::budget::{Budget, Limits, Resource};
use crate::finding::{Finding, FindingCode, Named};
use crate::kind::Kind;
use crate::piece::Piece;
use crate::refusal::Refusal;
use crate::remark::Remark;
use crate::share::Turn;
use crate::untrusted::Untrusted;
pub use codec::{Reader, put_bytes, put_str, put_u16, put_u32, put_u64};
pub use order::{MAX_FOLDERS, decode_assignment, encode_assignment};

/// Bytes of a frame's head.
pub const HEAD: usize = 5;

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// What the part is.
    Kind(Kind),
    /// The next piece.
    Piece(Piece),
    /// Something seen.
    Finding(Finding),
    /// What something seen is called.
    Named(Named),
    /// A page comes next.
    Turn(Turn),
    /// The end of a part that was opened whole.
    Done {
        /// What it took of the purse.
        spent: Limits,
    },
    /// The end of a part that is withheld.
    Refused {
        /// Why.
        refusal: Refusal,
        /// What it took of the purse until then.
        spent: Limits,
    },
}

const KIND: u8 = 1;
const FINDING: u8 = 2;
const DONE: u8 = 3;
const REFUSED: u8 = 4;
const NAMED: u8 = 5;
const TURN: u8 = 6;
const TEXT: u8 = 16;
const PAGE: u8 = 17;
const ROW: u8 = 18;
const ENVELOPE: u8 = 19;
const CHILD: u8 = 20;
const MARKUP: u8 = 21;
const DRAWING: u8 = 22;
const CONTENTS: u8 = 23;

/// Whether frames of a tag carry a page, which is paid for in pixels.
#[must_use]
pub const fn is_page(tag: u8) -> bool {
    tag == PAGE
}

/// Reads a frame's head: its tag and the length of its payload.
#[must_use]
pub const fn head(bytes: [u8; HEAD]) -> (u8, u32) {
    let [tag, a, b, c, d] = bytes;
    (tag, u32::from_le_bytes([a, b, c, d]))
}

/// Appends `message` to `out` as one frame. Of parts that are shared with `input`, the part that is
/// being opened, only their place in it is said.
///
/// # Errors
/// [`Refusal::Overrun`] for a payload over 4 GiB.
pub fn encode(message: &Message, input: &Untrusted, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let start = out.len();
    let tag = match message {
        Message::Kind(_) => KIND,
        Message::Finding(_) => FINDING,
        Message::Named(_) => NAMED,
        Message::Turn(_) => TURN,
        Message::Done { .. } => DONE,
        Message::Refused { .. } => REFUSED,
        Message::Piece(Piece::Text(_)) => TEXT,
        Message::Piece(Piece::Page(_)) => PAGE,
        Message::Piece(Piece::Drawing(_)) => DRAWING,
        Message::Piece(Piece::Contents(_)) => CONTENTS,
        Message::Piece(Piece::Row(_)) => ROW,
        Message::Piece(Piece::Markup(_)) => MARKUP,
        Message::Piece(Piece::Envelope(_)) => ENVELOPE,
        Message::Piece(Piece::Child(_)) => CHILD,
    };
    out.push(tag);
    out.extend_from_slice(&[0; 4]);
    match message {
        Message::Kind(kind) => out.push(kind.tag()),
        Message::Finding(finding) => {
            put_u16(out, finding.code.tag());
            put_u32(out, finding.count);
        }
        Message::Named(named) => {
            put_u16(out, named.code().tag());
            put_str(out, named.name().as_str());
        }
        Message::Turn(turn) => {
            put_u32(out, turn.page);
            put_u32(out, turn.of);
            put_u16(out, turn.every);
        }
        Message::Done { spent } => order::encode_limits(spent, out),
        Message::Refused { refusal, spent } => {
            order::encode_limits(spent, out);
            encode_refusal(refusal, out);
        }
        Message::Piece(piece) => codec::encode_piece(piece, input, out),
    }
    let payload = out.len().saturating_sub(start).saturating_sub(HEAD);
    let length = u32::try_from(payload).map_err(|_| Refusal::Overrun {
        resource: Resource::Bytes,
        limit: u64::from(u32::MAX),
    })?;
    let slots = out.iter_mut().skip(start).skip(1);
    for (slot, byte) in slots.zip(length.to_le_bytes()) {
        *slot = byte;
    }
    Ok(())
}

/// Decodes the payload of a frame about `input`, paying from `budget`.
///
/// # Errors
/// [`Refusal::Malformed`] for what no honest worker says, [`Refusal::Overrun`] when the purse is empty.
pub fn decode(
    tag: u8,
    payload: &[u8],
    input: &Untrusted,
    budget: &Budget,
) -> Result<Message, Refusal> {
    let mut reader = Reader::new(payload);
    let message = match tag {
        KIND => Message::Kind(
            Kind::from_tag(reader.u8()?).ok_or(Refusal::malformed("wire: unknown kind"))?,
        ),
        FINDING => {
            let code = FindingCode::from_tag(reader.u16()?)
                .ok_or(Refusal::malformed("wire: unknown finding"))?;
            let finding = Finding::times(code, reader.u32()?);
            Message::Finding(finding.ok_or(Refusal::malformed("wire: finding of no occurrence"))?)
        }
        NAMED => {
            let code = FindingCode::from_tag(reader.u16()?);
            let name = reader.str()?;
            let named = code.and_then(|code| Named::new(code, name));
            // nothing is left to clean in what an honest worker says
            let named = named.filter(|named| named.name().as_str() == name);
            Message::Named(named.ok_or(Refusal::malformed("wire: unknown name"))?)
        }
        TURN => {
            let turn = Turn {
                page: reader.u32()?,
                of: reader.u32()?,
                every: reader.u16()?,
            };
            let is_one = turn.page < turn.of && turn.every > 0;
            Message::Turn(
                is_one
                    .then_some(turn)
                    .ok_or(Refusal::malformed("wire: not a turn"))?,
            )
        }
        DONE => Message::Done {
            spent: order::decode_limits(&mut reader)?,
        },
        REFUSED => Message::Refused {
            spent: order::decode_limits(&mut reader)?,
            refusal: decode_refusal(&mut reader)?,
        },
        TEXT => Message::Piece(codec::decode_text(&mut reader, budget)?),
        PAGE => Message::Piece(codec::decode_page(&mut reader, budget)?),
        DRAWING => Message::Piece(drawing::decode_drawing(&mut reader, budget)?),
        CONTENTS => Message::Piece(contents::decode_contents(&mut reader, budget)?),
        ROW => Message::Piece(codec::decode_row(&mut reader, budget)?),
        MARKUP => Message::Piece(codec::decode_markup(&mut reader, budget)?),
        ENVELOPE => Message::Piece(codec::decode_envelope(&mut reader)?),
        CHILD => Message::Piece(codec::decode_child(&mut reader, input, budget)?),
        _ => return Err(Refusal::malformed("wire: unknown frame")),
    };
    reader.end()?;
    Ok(message)
}

fn encode_refusal(refusal: &Refusal, out: &mut Vec<u8>) {
    let (tag, remark) = match refusal {
        Refusal::Malformed(r) => (1, r.as_str()),
        Refusal::Ambiguous(r) => (2, r.as_str()),
        Refusal::Encrypted(r) => (3, r.as_str()),
        Refusal::Unsupported(r) => (4, r.as_str()),
        Refusal::Forbidden(r) => (5, r.as_str()),
        Refusal::Internal(r) => (6, r.as_str()),
        Refusal::Overrun { resource, limit } => {
            out.push(7);
            let index = Resource::ALL
                .iter()
                .position(|r| r == resource)
                .unwrap_or(0);
            out.push(u8::try_from(index).unwrap_or(0));
            put_u64(out, *limit);
            return;
        }
        // a worker cannot be lost and speak, and it checks no drafts
        Refusal::Lost(_) | Refusal::Unverified(_) => (6, "worker: impossible refusal"),
    };
    out.push(tag);
    put_str(out, remark);
}

fn decode_refusal(reader: &mut Reader<'_>) -> Result<Refusal, Refusal> {
    let tag = reader.u8()?;
    if tag == 7 {
        let index = usize::from(reader.u8()?);
        let resource = Resource::ALL
            .get(index)
            .copied()
            .ok_or(Refusal::malformed("wire: unknown resource"))?;
        return Ok(Refusal::Overrun {
            resource,
            limit: reader.u64()?,
        });
    }
    let remark = Remark::parse(reader.str()?)
        .ok_or(Refusal::malformed("wire: remark out of its alphabet"))?;
    match tag {
        1 => Ok(Refusal::Malformed(remark)),
        2 => Ok(Refusal::Ambiguous(remark)),
        3 => Ok(Refusal::Encrypted(remark)),
        4 => Ok(Refusal::Unsupported(remark)),
        5 => Ok(Refusal::Forbidden(remark)),
        6 => Ok(Refusal::Internal(remark)),
        _ => Err(Refusal::malformed("wire: unknown refusal")),
    }
}

#[cfg(test)]
mod tests;
