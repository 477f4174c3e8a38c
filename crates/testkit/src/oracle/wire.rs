//! The wire: what comes over it is a value of ours or nothing.

use crate::oracle::SMALL;
use mugai_core::wire::{self, HEAD, Message};
use mugai_core::{Budget, Piece, Untrusted};

/// Reads `data` as frames, by their own lengths, and once as a single frame.
///
/// # Panics
/// When a frame decodes to something that does not come back from its own encoding.
pub fn wire(data: &[u8]) {
    let budget = Budget::new(SMALL);
    let input = input();
    if let Some((tag, payload)) = data.split_first() {
        frame(*tag, payload, &input, &budget);
    }
    let mut rest = data;
    while let Some((head, tail)) = rest.split_first_chunk::<HEAD>() {
        let (tag, length) = wire::head(*head);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some((payload, next)) = tail.split_at_checked(length) else {
            break;
        };
        frame(tag, payload, &input, &budget);
        rest = next;
    }
}

/// The part that the frames are about.
fn input() -> Untrusted {
    Untrusted::new((0..=u8::MAX).collect())
}

fn frame(tag: u8, payload: &[u8], input: &Untrusted, budget: &Budget) {
    if let Ok(message) = wire::decode(tag, payload, input, budget) {
        same(&message, input);
    }
}

/// Sends a piece of an honest reader to a receiver whose purse holds what the reader has spent.
///
/// # Panics
/// When it does not arrive as it was.
pub(super) fn same_piece(piece: &Piece, spent: &Budget) {
    let receiver = Budget::new(spent.limits());
    let message = Message::Piece(piece.clone());
    round(&message, &Untrusted::default(), &receiver);
}

fn same(message: &Message, input: &Untrusted) {
    round(message, input, &Budget::new(SMALL));
}

fn round(message: &Message, input: &Untrusted, budget: &Budget) {
    let mut bytes = Vec::new();
    let encoded = wire::encode(message, input, &mut bytes);
    assert_eq!(encoded, Ok(()), "not encodable");
    let Some((head, payload)) = bytes.split_first_chunk::<HEAD>() else {
        panic!("a frame without a head");
    };
    let (tag, length) = wire::head(*head);
    assert_eq!(usize::try_from(length), Ok(payload.len()), "frame length");
    let back = wire::decode(tag, payload, input, budget);
    assert_eq!(back.as_ref(), Ok(message), "not the same after the wire");
}
