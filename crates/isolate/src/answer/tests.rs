//! Honest answers come through however they are cut; every lie is the end of the worker.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "tests of small fixed frames"
)]

use super::*;
use mugai_core::{Envelope, Finding, Kind, PixelFormat, Resource, Text};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 1 << 20,
    parts: 10,
    depth: 5,
    steps: 1_000,
};

/// Writes down what it is told.
#[derive(Default)]
struct Notebook(Vec<String>);

impl Sink for Notebook {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        self.0.push(format!("{kind:?}"));
        Ok(())
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        self.0.push(format!("{piece:?}"));
        Ok(())
    }
    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.0.push(format!("{finding:?}"));
        Ok(())
    }
}

impl Answer<'_> {
    fn feed(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.room(bytes.len())?.copy_from_slice(bytes);
        self.read()
    }
}

fn frames(messages: &[Message]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        wire::encode(message, &mut out).unwrap();
    }
    out
}

fn text(text: &str) -> Message {
    Message::Piece(Piece::Text(Text::clean(text).0))
}

/// What a worker spent that only worked.
const fn steps(steps: u64) -> Limits {
    Limits {
        bytes: 0,
        pixels: 0,
        parts: 0,
        depth: 0,
        steps,
    }
}

const KIND: Message = Message::Kind(Kind::Mail);
const DONE: Message = Message::Done { spent: steps(9) };

fn read(chunks: &[&[u8]]) -> (Vec<String>, Result<Result<(), Refusal>, Refusal>) {
    let budget = Budget::new(LIMITS);
    let (mut sink, mut buffer) = (Notebook::default(), Vec::new());
    let mut answer = Answer::new(&LIMITS, cap(&LIMITS), &budget, &mut sink, &mut buffer);
    let fed = chunks.iter().try_for_each(|chunk| answer.feed(chunk));
    let end = fed.and_then(|()| answer.finish());
    (sink.0, end)
}

fn honest() -> Vec<u8> {
    let page = mugai_core::Page::start(20, 20, PixelFormat::Rgb8, &Budget::new(LIMITS))
        .unwrap()
        .fill(vec![7; 1200])
        .unwrap();
    frames(&[
        KIND,
        Message::Piece(Piece::Envelope(Box::<Envelope>::default())),
        text("表"),
        text(""),
        Message::Piece(Piece::Page(page)),
        Message::Finding(Finding::once(FindingCode::TextBidi)),
        DONE,
    ])
}

#[test]
fn a_refusal_is_an_honest_answer_at_any_time() {
    let refusal = Refusal::malformed("png: IHDR length");
    for head in [vec![], vec![KIND], vec![KIND, text("a")]] {
        let mut messages = head;
        messages.push(Message::Refused {
            refusal: refusal.clone(),
            spent: steps(0),
        });
        let (_, end) = read(&[&frames(&messages)]);
        assert_eq!(end, Ok(Err(refusal.clone())));
    }
}

#[test]
fn lies_end_the_worker() {
    let envelope = Message::Piece(Piece::Envelope(Box::<Envelope>::default()));
    let finding = Message::Finding(Finding::once(FindingCode::TextBidi));
    let many: Vec<Message> = std::iter::repeat_n(finding, FindingCode::ALL.len() + 1).collect();
    for (what, messages) in [
        ("nothing at all", vec![]),
        ("no end", vec![KIND, text("a")]),
        ("a piece before its kind", vec![text("a"), KIND, DONE]),
        ("two kinds", vec![KIND, KIND, DONE]),
        ("done without a kind", vec![DONE]),
        ("two ends", vec![KIND, DONE, DONE]),
        ("a piece behind the end", vec![KIND, DONE, text("a")]),
        ("a late envelope", vec![KIND, text("a"), envelope.clone()]),
        ("two envelopes", vec![KIND, envelope.clone(), envelope]),
        ("more findings than there are", many),
        (
            "more steps than ordered",
            vec![
                KIND,
                Message::Done {
                    spent: steps(1_001),
                },
            ],
        ),
    ] {
        let (_, end) = read(&[&frames(&messages)]);
        assert_eq!(end, Err(LIE), "{what}");
    }
    for (what, bytes) in [
        ("an unknown tag", vec![99, 0, 0, 0, 0]),
        ("a cut head", vec![1, 1, 0]),
        ("a cut payload", vec![1, 5, 0, 0, 0, 10]),
        ("a frame beyond the cap", vec![16, 255, 255, 255, 255, 1]),
        (
            "text that is none",
            vec![1, 1, 0, 0, 0, 10, 16, 1, 0, 0, 0, 0xff],
        ),
    ] {
        let (_, end) = read(&[&bytes]);
        assert_eq!(end, Err(LIE), "{what}");
    }
}

#[test]
fn our_own_purse_decides_and_not_the_workers() {
    let poor = Limits { bytes: 3, ..LIMITS };
    let budget = Budget::new(poor);
    let (mut sink, mut buffer) = (Notebook::default(), Vec::new());
    let mut answer = Answer::new(&LIMITS, cap(&LIMITS), &budget, &mut sink, &mut buffer);
    let end = answer.feed(&frames(&[KIND, text("four")]));
    let resource = Resource::Bytes;
    assert_eq!(end, Err(Refusal::Overrun { resource, limit: 3 }));
}

#[test]
fn the_cap_counts_every_byte() {
    let bytes = honest();
    let size = u64::try_from(bytes.len()).unwrap();
    for (cap, fits) in [(size, true), (size - 1, false)] {
        let budget = Budget::new(LIMITS);
        let (mut sink, mut buffer) = (Notebook::default(), Vec::new());
        let mut answer = Answer::new(&LIMITS, cap, &budget, &mut sink, &mut buffer);
        let end = bytes.chunks(7).try_for_each(|chunk| answer.feed(chunk));
        assert_eq!(end.is_ok(), fits, "{cap}");
    }
    let huge = Limits {
        bytes: u64::MAX,
        pixels: u64::MAX,
        ..LIMITS
    };
    assert_eq!(cap(&huge), u64::MAX);
}

#[test]
fn room_for_pages_is_no_room_for_anything_else() {
    let limits = Limits {
        bytes: 0,
        pixels: 1 << 40,
        parts: 0,
        ..LIMITS
    };
    let budget = Budget::new(limits);
    let (mut sink, mut buffer) = (Notebook::default(), Vec::new());
    let mut answer = Answer::new(&limits, cap(&limits), &budget, &mut sink, &mut buffer);
    answer.feed(&frames(&[KIND])).unwrap();
    let nothings = frames(&vec![text(""); 100_000]);
    let fed = (0..1_000).find_map(|_| answer.feed(&nothings).err());
    assert_eq!(fed, Some(LIE));
}

#[test]
fn steps_are_paid_by_us() {
    let budget = Budget::new(LIMITS);
    let (mut sink, mut buffer) = (Notebook::default(), Vec::new());
    let mut answer = Answer::new(&LIMITS, cap(&LIMITS), &budget, &mut sink, &mut buffer);
    answer.feed(&frames(&[KIND, DONE])).unwrap();
    assert_eq!(answer.finish(), Ok(Ok(())));
    assert_eq!(budget.spent(Resource::Steps), 9);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn how_an_answer_is_cut_does_not_matter(sizes in proptest::collection::vec(1usize..400, 1..40)) {
        let bytes = honest();
        let (whole, end) = read(&[&bytes]);
        prop_assert_eq!(end, Ok(Ok(())));
        let mut chunks = Vec::new();
        let mut rest = &bytes[..];
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, tail) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = tail;
        }
        let (cut, end) = read(&chunks);
        prop_assert_eq!(end, Ok(Ok(())));
        prop_assert_eq!(cut, whole);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1usize..50) {
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        let (_, _) = read(&chunks);
    }

    #[test]
    fn a_flipped_byte_never_panics(at in 0usize..1_000, bit in 0u8..8, size in 1usize..90) {
        let mut bytes = honest();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        let (_, _) = read(&chunks);
    }
}
