//! What the pool and a worker say to each other beside the frames of an answer.
//!
//! What is said to be in an arena is in the bulk socket instead where it is one message that is short enough and that
//! one took: whoever reads looks there first, and nothing is left there.
//!
//! One order at a time, for one part or several small ones: the pool writes a table of lengths, the
//! assignments and the parts into the input arena and says [`Order::Open`]; the worker answers for
//! one part after the other, in one or more windows of the answer arena, each announced by a
//! [`Report::Window`] and, but for the last one, waited for until [`Order::Next`], which may ask the
//! worker to leave pages of a document to others. Every message of an order bears its sequence number.
//!
//! A verifier takes one draft at a time: the pool writes a question and the draft into the input arena and
//! says [`Order::Check`]; one [`Report::Checked`] is the answer, with the rule that the draft breaks, if any,
//! in the answer arena.
//!
//! A part or a draft above [`AT_ONCE`] is not in the arena: whoever was given the order says [`Report::Want`] for
//! each place of it that it needs, and finds that at the beginning of the arena after [`Order::Next`].

use crate::fence::Fences;
use mugai_core::Refusal;
use mugai_core::wire::{Reader, put_u16, put_u32, put_u64};

/// The version of this protocol; both sides are the same executable unless somebody meddled.
const VERSION: u32 = 5;

/// The largest part or draft that is in the arena as a whole, in bytes.
pub(crate) const AT_ONCE: u64 = 4 << 20;
/// The most that is handed out at a time of a larger one, in bytes.
pub(crate) const PIECE: usize = 1 << 20;

const SETUP: u8 = 1;
const OPEN: u8 = 2;
const NEXT: u8 = 3;
const READY: u8 = 4;
const WINDOW: u8 = 5;
const CHECK: u8 = 6;
const CHECKED: u8 = 7;
const WANT: u8 = 8;

/// How a worker is to confine itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setup {
    /// Bytes of the answer arena.
    pub(crate) window: u32,
    /// Bytes of address space.
    pub(crate) memory: u64,
    /// Seconds of processor time in the whole life of the worker.
    pub(crate) cpu_seconds: u64,
    /// The fences to put up.
    pub(crate) fences: Fences,
}

/// From the pool to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// First of all, with the input arena, the answer arena and the bulk socket.
    Setup(Setup),
    /// Open parts.
    Open {
        /// The number of this order.
        sequence: u32,
        /// How many parts, at least 1.
        parts: u32,
        /// Bytes of the table ([`put_entry`]) and the assignments, at the beginning of the input
        /// arena.
        head: u32,
        /// Bytes of all parts, behind it.
        input: u64,
    },
    /// The window was taken, or the place that was wanted is there; go on.
    Next {
        /// The number of the order.
        sequence: u32,
        /// How many workers shall share the pages that are left, this one included; 1 for no change.
        share: u16,
    },
    /// Check a draft.
    Check {
        /// The number of this order.
        sequence: u32,
        /// Bytes of the question, at the beginning of the input arena.
        question: u32,
        /// Bytes of the draft, behind it.
        draft: u64,
    },
}

/// From a worker to the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The confinement stands.
    Ready {
        /// The fences that were found to stand.
        fences: Fences,
        /// The version of Landlock in use; 0 for none.
        landlock: u32,
        /// How many font faces there are.
        fonts: u32,
    },
    /// Bytes of the answer are in the answer arena, from its beginning.
    Window {
        /// The number of the order.
        sequence: u32,
        /// How many bytes, at least 1.
        length: u32,
        /// Whether the answer ends with them.
        last: bool,
    },
    /// A place of the part or the draft is needed.
    Want {
        /// The number of the order.
        sequence: u32,
        /// Where it begins, in bytes.
        at: u64,
        /// How many bytes, at least 1 and at most [`PIECE`].
        length: u32,
    },
    /// What the checker says of a draft.
    Checked {
        /// The number of the order.
        sequence: u32,
        /// `None` when it accepts the draft.
        outside: Option<Outside>,
    },
}

/// Where a draft breaks a rule. The rule is in the answer arena, from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outside {
    /// Bytes of the rule, in UTF-8.
    pub(crate) rule: u32,
    /// The byte of the draft, where one is known.
    pub(crate) offset: Option<u64>,
}

impl Order {
    /// The message.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        match *self {
            Self::Setup(setup) => {
                out.push(SETUP);
                put_u32(&mut out, VERSION);
                put_u32(&mut out, setup.window);
                put_u64(&mut out, setup.memory);
                put_u64(&mut out, setup.cpu_seconds);
                put_u32(&mut out, setup.fences.bits());
            }
            Self::Open {
                sequence,
                parts,
                head,
                input,
            } => {
                out.push(OPEN);
                put_u32(&mut out, sequence);
                put_u32(&mut out, parts);
                put_u32(&mut out, head);
                put_u64(&mut out, input);
            }
            Self::Next { sequence, share } => {
                out.push(NEXT);
                put_u32(&mut out, sequence);
                put_u16(&mut out, share);
            }
            Self::Check {
                sequence,
                question,
                draft,
            } => {
                out.push(CHECK);
                put_u32(&mut out, sequence);
                put_u32(&mut out, question);
                put_u64(&mut out, draft);
            }
        }
        out
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for anything that [`Self::encode`] does not write.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(bytes);
        let order = match reader.u8()? {
            SETUP => {
                version(&mut reader)?;
                Self::Setup(Setup {
                    window: reader.u32()?,
                    memory: reader.u64()?,
                    cpu_seconds: reader.u64()?,
                    fences: fences(&mut reader)?,
                })
            }
            OPEN => Self::Open {
                sequence: reader.u32()?,
                parts: reader.u32()?,
                head: reader.u32()?,
                input: reader.u64()?,
            },
            NEXT => Self::Next {
                sequence: reader.u32()?,
                share: reader.u16()?,
            },
            CHECK => Self::Check {
                sequence: reader.u32()?,
                question: reader.u32()?,
                draft: reader.u64()?,
            },
            _ => return Err(Refusal::malformed("protocol: unknown order")),
        };
        reader.end()?;
        Ok(order)
    }
}

impl Report {
    /// The message.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        match *self {
            Self::Ready {
                fences,
                landlock,
                fonts,
            } => {
                out.push(READY);
                put_u32(&mut out, VERSION);
                put_u32(&mut out, fences.bits());
                put_u32(&mut out, landlock);
                put_u32(&mut out, fonts);
            }
            Self::Window {
                sequence,
                length,
                last,
            } => {
                out.push(WINDOW);
                put_u32(&mut out, sequence);
                put_u32(&mut out, length);
                out.push(u8::from(last));
            }
            Self::Want {
                sequence,
                at,
                length,
            } => {
                out.push(WANT);
                put_u32(&mut out, sequence);
                put_u64(&mut out, at);
                put_u32(&mut out, length);
            }
            Self::Checked { sequence, outside } => {
                out.push(CHECKED);
                put_u32(&mut out, sequence);
                out.push(u8::from(outside.is_some()));
                if let Some(Outside { rule, offset }) = outside {
                    put_u32(&mut out, rule);
                    out.push(u8::from(offset.is_some()));
                    if let Some(offset) = offset {
                        put_u64(&mut out, offset);
                    }
                }
            }
        }
        out
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for anything that [`Self::encode`] does not write.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(bytes);
        let report = match reader.u8()? {
            READY => {
                version(&mut reader)?;
                Self::Ready {
                    fences: fences(&mut reader)?,
                    landlock: reader.u32()?,
                    fonts: reader.u32()?,
                }
            }
            WINDOW => Self::Window {
                sequence: reader.u32()?,
                length: reader.u32()?,
                last: reader.flag()?,
            },
            WANT => Self::Want {
                sequence: reader.u32()?,
                at: reader.u64()?,
                length: reader.u32()?,
            },
            CHECKED => Self::Checked {
                sequence: reader.u32()?,
                outside: if reader.flag()? {
                    Some(Outside {
                        rule: reader.u32()?,
                        offset: if reader.flag()? {
                            Some(reader.u64()?)
                        } else {
                            None
                        },
                    })
                } else {
                    None
                },
            },
            _ => return Err(Refusal::malformed("protocol: unknown report")),
        };
        reader.end()?;
        Ok(report)
    }
}

/// Bytes of an entry of the table of parts.
pub(crate) const ENTRY: usize = 12;

/// Appends the entry of one part to the table: the lengths of its assignment and of itself.
pub(crate) fn put_entry(out: &mut Vec<u8>, assignment: u32, input: u64) {
    put_u32(out, assignment);
    put_u64(out, input);
}

/// Reads such an entry.
///
/// # Errors
/// [`Refusal::Malformed`] unless `bytes` is exactly one.
pub(crate) fn entry(bytes: &[u8]) -> Result<(u32, u64), Refusal> {
    let mut reader = Reader::new(bytes);
    let entry = (reader.u32()?, reader.u64()?);
    reader.end()?;
    Ok(entry)
}

fn version(reader: &mut Reader<'_>) -> Result<(), Refusal> {
    if reader.u32()? == VERSION {
        Ok(())
    } else {
        Err(Refusal::malformed("protocol: another version"))
    }
}

fn fences(reader: &mut Reader<'_>) -> Result<Fences, Refusal> {
    Fences::from_bits(reader.u32()?).ok_or(Refusal::malformed("protocol: unknown fence"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::MAX_MESSAGE;

    #[test]
    fn entries_come_back() {
        let mut bytes = Vec::new();
        put_entry(&mut bytes, 7, 1 << 40);
        assert_eq!(bytes.len(), ENTRY);
        assert_eq!(entry(&bytes), Ok((7, 1 << 40)));
        assert!(entry(&bytes[1..]).is_err());
    }

    #[test]
    fn messages_come_back_and_nothing_near_them_does() {
        let orders = [
            Order::Setup(Setup {
                window: 1,
                memory: 2,
                cpu_seconds: 3,
                fences: Fences::REQUIRED,
            }),
            Order::Open {
                sequence: u32::MAX,
                parts: 3,
                head: 5,
                input: 6,
            },
            Order::Next {
                sequence: 7,
                share: 2,
            },
            Order::Check {
                sequence: 8,
                question: 41,
                draft: 1 << 40,
            },
        ];
        let reports = [
            Report::Ready {
                fences: Fences::ALL,
                landlock: 7,
                fonts: 2,
            },
            Report::Window {
                sequence: 1,
                length: 9,
                last: true,
            },
            Report::Want {
                sequence: 1,
                at: 1 << 40,
                length: 9,
            },
            Report::Checked {
                sequence: 1,
                outside: None,
            },
            Report::Checked {
                sequence: 2,
                outside: Some(Outside {
                    rule: 9,
                    offset: None,
                }),
            },
            Report::Checked {
                sequence: 3,
                outside: Some(Outside {
                    rule: 9,
                    offset: Some(u64::MAX),
                }),
            },
        ];
        come_back(&orders, &reports);
    }

    fn come_back(orders: &[Order], reports: &[Report]) {
        for order in orders.iter().copied() {
            let bytes = order.encode();
            assert!(bytes.len() <= MAX_MESSAGE);
            assert_eq!(Order::decode(&bytes), Ok(order));
            assert!(Order::decode(bytes.split_last().unwrap().1).is_err());
            assert!(Order::decode(&[&bytes[..], &[0]].concat()).is_err());
            assert!(Report::decode(&bytes).is_err());
        }
        for report in reports.iter().copied() {
            let bytes = report.encode();
            assert!(bytes.len() <= MAX_MESSAGE);
            assert_eq!(Report::decode(&bytes), Ok(report));
            assert!(Report::decode(bytes.split_last().unwrap().1).is_err());
            assert!(Report::decode(&[&bytes[..], &[0]].concat()).is_err());
            assert!(Order::decode(&bytes).is_err());
        }
        assert!(Order::decode(b"").is_err());
        assert!(Report::decode(&[READY, 9, 0, 0, 0]).is_err());
    }
}
