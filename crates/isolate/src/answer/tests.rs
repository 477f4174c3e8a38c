//! Honest answers come through however they are cut; every lie is the end of the worker.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "tests of small fixed frames"
)]

use super::*;
use mugai_core::{
    Assignment, Budget, Envelope, Finding, Hints, Kind, Params, PixelFormat, Resource, Sink, Text,
    Treatments, Untrusted,
};
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

impl Answer<'_, '_> {
    fn feed(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.room(bytes.len())?.copy_from_slice(bytes);
        self.read()
    }
}

fn frames(messages: &[Message]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        wire::encode(message, &Untrusted::default(), &mut out).unwrap();
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

/// What the limits can amount to.
const ANY: Cap = Cap {
    answer: None,
    frame: 1 << 30,
};

/// A part whose answer is read, and what was told of it.
struct Case {
    input: Untrusted,
    assignment: Assignment,
    budget: Budget,
    sink: Notebook,
}

impl Case {
    fn new(limits: Limits, purse: Limits) -> Self {
        Self {
            input: Untrusted::new(Vec::new()),
            assignment: Assignment {
                hints: Hints::default(),
                treatments: Treatments::nothing(),
                limits,
                params: Params::default(),
            },
            budget: Budget::new(purse),
            sink: Notebook::default(),
        }
    }
    fn request(&mut self) -> Request<'_> {
        Request {
            input: &self.input,
            assignment: &self.assignment,
            budget: &self.budget,
            sink: &mut self.sink,
        }
    }
    /// Reads an answer for this part alone; the error is that of the reading.
    fn read(&mut self, cap: Cap, chunks: &[&[u8]]) -> (Ends, Result<(), Refusal>) {
        let (mut requests, mut buffer) = ([self.request()], Vec::new());
        let mut answer = Answer::new(&mut requests, cap, &mut buffer);
        let fed = chunks.iter().try_for_each(|chunk| answer.feed(chunk));
        (answer.finish(fed.clone()), fed)
    }
}

fn read(chunks: &[&[u8]]) -> (Vec<String>, Result<Result<(), Refusal>, Refusal>) {
    let mut case = Case::new(LIMITS, LIMITS);
    let (mut ends, _) = case.read(ANY, chunks);
    let end = match ends.broken {
        Some(broken) => Err(broken.refusal),
        None => Ok(ends.verdicts.remove(0)),
    };
    (case.sink.0, end)
}

#[test]
fn parts_end_one_after_the_other() {
    let refusal = Refusal::malformed("png: IHDR length");
    let refused = Message::Refused {
        refusal: refusal.clone(),
        spent: steps(2),
    };
    let first = frames(&[KIND, text("a"), DONE]);
    let second = frames(&[KIND, refused]);
    let third = frames(&[KIND, text("c"), DONE]);
    let lie = frames(&[text("before its kind")]);
    for (answer, told, verdicts, broken) in [
        (
            [&first[..], &second, &third].concat(),
            [2, 1, 2],
            vec![Ok(()), Err(refusal.clone()), Ok(())],
            None,
        ),
        // nothing of the second came: another worker may try
        (first.clone(), [2, 0, 0], vec![Ok(())], Some((LIE, true))),
        (Vec::new(), [0, 0, 0], vec![], Some((LIE, true))),
        // the second was at work
        (
            [&first[..], &frames(&[KIND])].concat(),
            [2, 1, 0],
            vec![Ok(())],
            Some((LIE, false)),
        ),
        (
            [&first[..], &lie].concat(),
            [2, 0, 0],
            vec![Ok(())],
            Some((LIE, false)),
        ),
        // more than was asked for
        (
            [&first[..], &second, &third, &first].concat(),
            [2, 1, 2],
            vec![Ok(()), Err(refusal)],
            Some((LIE, false)),
        ),
    ] {
        for size in [1, 7, 4_096] {
            let mut cases = [(); 3].map(|()| Case::new(LIMITS, LIMITS));
            let mut requests: Vec<Request<'_>> = cases.iter_mut().map(Case::request).collect();
            let mut buffer = Vec::new();
            let mut reading = Answer::new(&mut requests, ANY, &mut buffer);
            let fed = answer
                .chunks(size)
                .try_for_each(|chunk| reading.feed(chunk));
            let ends = reading.finish(fed);
            let seen = ends.broken.map(|broken| (broken.refusal, broken.untouched));
            assert_eq!((ends.verdicts, seen), (verdicts.clone(), broken.clone()));
            drop(requests);
            assert_eq!(cases.map(|case| case.sink.0.len()), told);
        }
    }
}

#[test]
fn each_part_has_a_purse_of_its_own() {
    let poor = Limits { bytes: 3, ..LIMITS };
    let mut cases = [Case::new(LIMITS, LIMITS), Case::new(LIMITS, poor)];
    let mut requests: Vec<Request<'_>> = cases.iter_mut().map(Case::request).collect();
    let mut buffer = Vec::new();
    let mut reading = Answer::new(&mut requests, ANY, &mut buffer);
    let part = frames(&[KIND, text("four"), DONE]);
    let fed = reading.feed(&[&part[..], &part].concat());
    let ends = reading.finish(fed);
    let resource = Resource::Bytes;
    let refusal = Refusal::Overrun { resource, limit: 3 };
    assert_eq!(ends.verdicts, [Ok(())]);
    let untouched = false;
    assert_eq!(ends.broken, Some(Broken { refusal, untouched }));
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
    let mut case = Case::new(LIMITS, poor);
    let (_, end) = case.read(ANY, &[&frames(&[KIND, text("four")])]);
    let resource = Resource::Bytes;
    assert_eq!(end, Err(Refusal::Overrun { resource, limit: 3 }));
}

#[test]
fn the_cap_counts_every_byte() {
    let bytes = honest();
    let size = u64::try_from(bytes.len()).unwrap();
    for (cap, fits) in [(size, true), (size - 1, false)] {
        let chunks: Vec<&[u8]> = bytes.chunks(7).collect();
        let (_, end) = Case::new(LIMITS, LIMITS).read(
            Cap {
                answer: Some(cap),
                ..ANY
            },
            &chunks,
        );
        assert_eq!(end.is_ok(), fits, "{cap}");
    }
    let huge = Limits {
        bytes: u64::MAX,
        pixels: u64::MAX,
        ..LIMITS
    };
    assert_eq!(most(&huge), u64::MAX);
}

/// The head of a frame of which nothing has come yet.
fn begun(tag: u8, length: u32) -> Vec<u8> {
    [&[tag], &length.to_le_bytes()[..]].concat()
}

#[test]
fn nothing_is_gathered_that_our_purse_cannot_pay_for() {
    let page = mugai_core::Page::start(1, 1, PixelFormat::Grey8, &Budget::new(LIMITS))
        .unwrap()
        .fill(vec![7])
        .unwrap();
    let tag = |message| frames(&[message])[0];
    let (text_tag, page_tag) = (tag(text("a")), tag(Message::Piece(Piece::Page(page))));
    let rich = Limits {
        bytes: 1 << 30,
        pixels: 1 << 30,
        ..LIMITS
    };
    // what is ordered is much, what is left of our own purse is not
    let poor = Limits {
        pixels: 10,
        ..LIMITS
    };
    let room = u32::try_from(cap_without_pages(&poor)).unwrap();
    let over = |resource| Refusal::Overrun {
        resource,
        limit: poor.of(resource),
    };
    let lie = 1 << 29;
    for (tag, length, end) in [
        (text_tag, room, Ok(())),
        (text_tag, room + 1, Err(over(Resource::Bytes))),
        (page_tag, room + 30, Ok(())),
        (page_tag, room + 31, Err(over(Resource::Pixels))),
        (text_tag, lie + 1, Err(LIE)),
        (page_tag, lie + 1, Err(LIE)),
    ] {
        let mut case = Case::new(rich, poor);
        let cap = Cap {
            frame: lie.into(),
            ..ANY
        };
        let bytes = [frames(&[KIND]), begun(tag, length)].concat();
        let (_, fed) = case.read(cap, &[&bytes]);
        assert_eq!(fed, end, "{tag} {length}");
    }
}

#[test]
fn room_for_pages_is_no_room_for_anything_else() {
    let limits = Limits {
        bytes: 0,
        pixels: 1 << 40,
        parts: 0,
        ..LIMITS
    };
    let mut case = Case::new(limits, limits);
    let (mut requests, mut buffer) = ([case.request()], Vec::new());
    let mut answer = Answer::new(&mut requests, ANY, &mut buffer);
    answer.feed(&frames(&[KIND])).unwrap();
    let nothings = frames(&vec![text(""); 100_000]);
    let fed = (0..1_000).find_map(|_| answer.feed(&nothings).err());
    assert_eq!(fed, Some(LIE));
}

#[test]
fn steps_are_paid_by_us() {
    let mut case = Case::new(LIMITS, LIMITS);
    let (ends, _) = case.read(ANY, &[&frames(&[KIND, DONE])]);
    assert_eq!((ends.verdicts, ends.broken), (vec![Ok(())], None));
    assert_eq!(case.budget.spent(Resource::Steps), 9);
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

#[test]
fn turns_rise_and_stop_the_reading_where_pages_are_shared() {
    let turn = |page, of, every| Message::Turn(Turn { page, of, every });
    let lies = [
        vec![turn(0, 4, 1), KIND],
        vec![KIND, turn(0, 4, 1), turn(0, 4, 1)],
        vec![KIND, turn(2, 4, 1), turn(1, 4, 1)],
        vec![KIND, turn(0, 4, 1), turn(1, 5, 1)],
    ];
    for lie in lies {
        let mut case = Case::new(LIMITS, LIMITS);
        let (_, fed) = case.read(ANY, &[&frames(&lie)]);
        assert_eq!(fed, Err(LIE), "{lie:?}");
    }
    let mut case = Case::new(LIMITS, LIMITS);
    let (mut requests, mut buffer) = ([case.request()], Vec::new());
    let mut answer = Answer::new(&mut requests, ANY, &mut buffer);
    let told = [
        KIND,
        turn(0, 4, 1),
        text("a"),
        turn(1, 4, 2),
        text("b"),
        turn(2, 4, 2),
        DONE,
    ];
    answer.feed(&frames(&told)).unwrap();
    let at = |turn: Option<Turn>| turn.map(|turn| turn.page);
    assert_eq!(at(answer.stop()), Some(1));
    answer.share();
    answer.read().unwrap();
    assert_eq!(at(answer.stop()), Some(2));
    assert_eq!(at(answer.stop()), None);
    answer.read().unwrap();
    // several accounts are booked together
    assert_eq!(answer.account().map(|spent| spent.steps), Some(9));
    let ends = answer.finish(Ok(()));
    assert_eq!((ends.verdicts, ends.broken), (vec![Ok(())], None));
    assert_eq!(case.budget.spent(Resource::Steps), 0);
}
