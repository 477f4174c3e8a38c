//! Hostile parts and lying workers: each is lost, and only it.
#![expect(clippy::unwrap_used, reason = "tests, and what they are made of")]

mod support;

use mugai_core::markup::{Builder, Event, PartKind};
use mugai_core::wire::{Message, encode};
use mugai_core::{
    Child, Hints, Kind, Limits, Loss, Piece, Refusal, Resource, Role, SafeName, Text, Untrusted,
};
use mugai_isolate::{Config, Fences};
use std::fmt::Write;
use std::time::{Duration, Instant};
use support::{LIMITS, config, pool, run, run_with};

const CRASH: Refusal = Refusal::Lost(Loss::Crash);
const LATE: Refusal = Refusal::Lost(Loss::Deadline);

/// No purse, no resource limits, no deadline to speak of, no cap.
fn defenceless() -> Config {
    Config {
        fences: Fences::NONE,
        required: Fences::NONE,
        deadline: Duration::from_mins(10),
        answer_bytes: Some(u64::MAX),
        ..config()
    }
}

#[test]
fn the_purse_alone_stops_a_spender() {
    let pool = pool(defenceless());
    let limits = Limits {
        steps: 1_000_000,
        ..LIMITS
    };
    let (_, result, _) = run_with(&pool, "spend\n", limits);
    let resource = Resource::Steps;
    let limit = limits.steps;
    assert_eq!(result, Err(Refusal::Overrun { resource, limit }));
}

#[test]
fn resource_limits_alone_stop_memory_and_time() {
    let pool = pool(Config {
        fences: Fences::LIMITS,
        memory_bytes: 256 << 20,
        cpu: Some(Duration::from_secs(1)),
        ..defenceless()
    });
    assert_eq!(run(&pool, "bomb\n"), Err(CRASH));
    let begun = Instant::now();
    assert_eq!(run(&pool, "loop\n"), Err(CRASH));
    assert!(begun.elapsed() < Duration::from_mins(2));
}

#[test]
fn the_deadline_alone_stops_a_loop_and_a_slow_drip() {
    let pool = pool(Config {
        deadline: Duration::from_millis(300),
        ..defenceless()
    });
    for command in ["loop\n", "drip\n"] {
        let begun = Instant::now();
        assert_eq!(run(&pool, command), Err(LATE), "{command}");
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(300), "{took:?}");
        assert!(took < Duration::from_secs(15), "{took:?}");
    }
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
}

#[test]
fn the_cap_alone_stops_a_flood_that_costs_nothing() {
    let pool = pool(Config {
        answer_bytes: Some(10_000_000),
        ..defenceless()
    });
    assert_eq!(run(&pool, "flood\n"), Err(CRASH));
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
}

/// A script for the lying reader. Sequence 1 is the first order of a new worker.
#[derive(Default)]
struct Script(String);

impl Script {
    fn verb(mut self, verb: &str, bytes: &[u8]) -> Self {
        write!(self.0, "{verb} ").unwrap();
        for byte in bytes {
            write!(self.0, "{byte:02x}").unwrap();
        }
        self.0.push('\n');
        self
    }
    fn frames(self, messages: &[Message]) -> Self {
        self.bytes(&frames(messages))
    }
    fn bytes(self, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).unwrap();
        self.verb("write", bytes).window(1, length, 1)
    }
    fn window(self, sequence: u32, length: u32, last: u8) -> Self {
        let mut message = vec![5];
        message.extend_from_slice(&sequence.to_le_bytes());
        message.extend_from_slice(&length.to_le_bytes());
        message.push(last);
        self.verb("send", &message)
    }
    fn then(self, verb: &str) -> Vec<u8> {
        let script = self.verb(verb, &[]).0;
        format!("lie\n{script}").into_bytes()
    }
}

fn frames(messages: &[Message]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        encode(message, &Untrusted::default(), &mut bytes).unwrap();
    }
    bytes
}

/// The answer about a part with one child: so many bytes of the part from `start` on.
fn child(start: u64, length: u64) -> Vec<u8> {
    let input = Untrusted::new(vec![0; 8]);
    let child = Child {
        name: None,
        role: Role::Attachment,
        hints: Hints::default(),
        content: input.clone(),
    };
    let mut frame = Vec::new();
    let message = Message::Piece(Piece::Child(Box::new(child)));
    encode(&message, &input, &mut frame).unwrap();
    // place and length are its last two numbers
    frame.truncate(frame.len().saturating_sub(16));
    frame.extend_from_slice(&start.to_le_bytes());
    frame.extend_from_slice(&length.to_le_bytes());
    let spent = Limits {
        bytes: length,
        parts: 1,
        ..steps(0)
    };
    let kind = frames(&[Message::Kind(Kind::Plain)]);
    [kind, frame, frames(&[Message::Done { spent }])].concat()
}

/// The answer about a part of no pieces.
fn honest() -> Vec<u8> {
    frames(&[
        Message::Kind(Kind::Plain),
        Message::Done { spent: steps(0) },
    ])
}

/// A frame behind its kind, and an end.
fn with_kind(tag: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let done = Message::Done { spent: steps(0) };
    let kind = frames(&[Message::Kind(Kind::Plain)]);
    [&kind, &[tag][..], &length, payload, &frames(&[done])].concat()
}

/// The answer about a part with one child of this name, which no [`SafeName`] can have.
fn named_child(name: &str) -> Vec<u8> {
    let placeholder = "n".repeat(name.len());
    let child = Child {
        name: Some(SafeName::check(&placeholder).unwrap()),
        role: Role::Attachment,
        hints: Hints::default(),
        content: Untrusted::new(vec![7; 8]),
    };
    let frame = frames(&[
        Message::Kind(Kind::Plain),
        Message::Piece(Piece::Child(Box::new(child))),
        Message::Done {
            spent: Limits {
                bytes: 8,
                parts: 1,
                ..steps(0)
            },
        },
    ]);
    replace(&frame, placeholder.as_bytes(), name.as_bytes())
}

/// The answer about a document whose only element is beyond the vocabulary.
fn foreign_markup() -> Vec<u8> {
    let mut builder = Builder::new(PartKind::Document);
    let root = PartKind::Document.root();
    builder.push(Event::Open(root)).unwrap();
    builder.push(Event::Close).unwrap();
    let part = Message::Piece(Piece::Markup(builder.finish().unwrap()));
    let done = Message::Done { spent: steps(0) };
    let frame = frames(&[Message::Kind(Kind::Word), part, done]);
    // an element that begins and one that ends, with its place in the table between: seven bits a byte
    let [high, low] = (root.index() << 1).to_be_bytes();
    let (begins, ends) = (1, 6);
    let known = [begins, high, low >> 1, ends];
    replace(&frame, &known, &[begins, 127, 127, ends])
}

/// `bytes` with the last `old` in them replaced; it has to be there.
fn replace(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes.windows(old.len()).rposition(|window| window == old);
    let (before, from_here) = bytes.split_at(at.unwrap());
    let (_, behind) = from_here.split_at(old.len());
    [before, new, behind].concat()
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

#[test]
fn whatever_no_honest_worker_says_ends_it() {
    let kind = Message::Kind(Kind::Plain);
    let done = Message::Done { spent: steps(0) };
    let script = Script::default;
    for (what, lie) in [
        ("an exit", script().then("exit")),
        (
            "no kind",
            script().frames(std::slice::from_ref(&done)).then("rest"),
        ),
        (
            "no end",
            script().frames(std::slice::from_ref(&kind)).then("rest"),
        ),
        (
            "two kinds",
            script().frames(&[kind.clone(), kind, done]).then("rest"),
        ),
        (
            "a place that the part does not have",
            script().bytes(&child(1 << 20, 1)).then("rest"),
        ),
        (
            "frames that are none",
            script()
                .verb("write", &[99; 50])
                .window(1, 50, 1)
                .then("rest"),
        ),
        (
            "more than the arena has",
            script().window(1, u32::MAX, 1).then("rest"),
        ),
        ("an empty window", script().window(1, 0, 1).then("rest")),
        ("another sequence", script().window(2, 15, 1).then("rest")),
        (
            "a flag that is none",
            script().window(1, 15, 2).then("rest"),
        ),
        (
            "an unknown report",
            script().verb("send", &[9, 9]).then("rest"),
        ),
        ("ready again", script().verb("send", &[4; 17]).then("rest")),
        (
            "a long report",
            script().verb("send", &[5; 64]).then("rest"),
        ),
        (
            "a longer report",
            script().verb("send", &[5; 5_000]).then("rest"),
        ),
        // a part that is in the arena as a whole is not handed out again
        (
            "a place of a small part",
            script()
                .verb("send", &[8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0])
                .then("rest"),
        ),
        (
            "an order for us",
            script().verb("send", &[2; 17]).then("rest"),
        ),
    ] {
        ends(what, lie);
    }
}

/// The lie is the end of its worker, and of nothing else.
fn ends(what: &str, lie: Vec<u8>) {
    let pool = pool(Config {
        deadline: Duration::from_secs(10),
        ..defenceless()
    });
    assert_eq!(run(&pool, lie), Err(CRASH), "{what}");
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x", "after {what}");
}

/// What the words of the protocol can say, but no piece.
#[test]
fn whatever_no_piece_can_be_ends_the_worker() {
    let script = Script::default;
    for (what, lie) in [
        (
            "a control in a text",
            script().bytes(&with_kind(16, b"a\x07b")).then("rest"),
        ),
        (
            "an override of the direction of a text",
            script()
                .bytes(&with_kind(16, "a\u{202e}b".as_bytes()))
                .then("rest"),
        ),
        (
            "a path in the name of a part",
            script()
                .bytes(&named_child("../../etc/cron.d/x"))
                .then("rest"),
        ),
        (
            "an element that the vocabulary does not have",
            script().bytes(&foreign_markup()).then("rest"),
        ),
        (
            "something behind the end",
            script()
                .bytes(&[honest().as_slice(), &frames(&[Message::Kind(Kind::Plain)])].concat())
                .then("rest"),
        ),
        (
            "an answer in drops, and then none",
            script()
                .verb("write", &[1])
                .window(1, 1, 0)
                .verb("receive", &[])
                .window(1, 1, 0)
                .then("exit"),
        ),
    ] {
        ends(what, lie);
    }
}

/// A page that the purse has no room for is told by its head alone, and nothing is gathered on its word.
#[test]
fn a_page_that_nobody_pays_for_ends_the_worker() {
    let pool = pool(Config {
        deadline: Duration::from_secs(10),
        ..defenceless()
    });
    let (width, height) = (30_000u32.to_le_bytes(), 30_000u32.to_le_bytes());
    let page = [&width[..], &height, &[1, 0, 0, 0]].concat();
    let script = Script::default().bytes(&with_kind(17, &page)).then("rest");
    let (sink, result, _) = run_with(&pool, script, LIMITS);
    let (resource, limit) = (Resource::Pixels, LIMITS.pixels);
    assert_eq!(result, Err(Refusal::Overrun { resource, limit }));
    assert!(sink.pieces.is_empty());
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
}

/// The same way of speaking, but honest: the script itself is not what fails.
#[test]
fn honest_answers_by_the_same_script_are_taken() {
    let kind = Message::Kind(Kind::Plain);
    let done = Message::Done { spent: steps(0) };
    let text = Text::clean(&"text ".repeat(5_000)).0;
    let long = frames(&[
        kind.clone(),
        Message::Piece(Piece::Text(text)),
        Message::Done {
            spent: Limits {
                bytes: 25_000,
                ..steps(0)
            },
        },
    ]);
    for honest in [frames(&[kind, done]), child(1, 8), long] {
        let length = u32::try_from(honest.len()).unwrap();
        // a long one comes by the bulk socket, or where that did not take it by the arena
        let mut scripts = vec![Script::default().bytes(&honest)];
        if length > 20_000 {
            scripts.push(Script::default().verb("bulk", &honest).window(1, length, 1));
        }
        for script in scripts {
            let pool = pool(Config {
                deadline: Duration::from_secs(10),
                ..defenceless()
            });
            let told = run(&pool, script.then("rest")).unwrap();
            assert_eq!(told.len(), if length > 20_000 { 25_000 } else { 0 });
        }
    }
}

/// A long answer has to be in the bulk socket as it was announced. A short one is not looked for there.
#[test]
fn lies_in_the_bulk_socket_end_the_worker() {
    let none = vec![99; 20_000];
    let length = u32::try_from(honest().len()).unwrap();
    let script = Script::default;
    for (what, lie) in [
        (
            "less than was said",
            script().verb("bulk", &none).window(1, 20_001, 1),
        ),
        (
            "more than was said",
            script().verb("bulk", &none).window(1, 19_999, 1),
        ),
        (
            "frames that are none",
            script().verb("bulk", &none).window(1, 20_000, 1),
        ),
        (
            "a short answer",
            script()
                .verb("write", &with_kind(99, b""))
                .verb("bulk", &honest())
                .window(1, length, 1),
        ),
    ] {
        ends(what, lie.then("rest"));
    }
}

#[test]
fn unread_acknowledgements_and_windows_without_end_end_the_worker() {
    let flood = Script::default()
        .verb("write", &[1, 1, 0])
        .window(1, 3, 0)
        .then("again");
    let pool = pool(defenceless());
    assert_eq!(run(&pool, flood), Err(CRASH));
    // a frame that never gets whole: the deadline, or the cap, whichever comes first
    let pool = self::pool(Config {
        answer_bytes: Some(1_000),
        ..defenceless()
    });
    let drip = Script::default()
        .verb("write", &[16, 0xff, 0x01, 0, 0, 7, 7, 7, 7, 7])
        .window(1, 10, 0)
        .verb("receive", &[])
        .verb("write", &[7; 10])
        .then("again");
    assert_eq!(run(&pool, drip), Err(CRASH));
}

#[test]
fn a_spoilt_worker_does_not_cost_the_next_part() {
    let pool = pool(config());
    for _ in 0..3 {
        assert_eq!(run(&pool, "poison\n").unwrap(), "poisoned");
        assert_eq!(run(&pool, "echo\nhealthy").unwrap(), "healthy");
    }
    // a report that comes after the answer is the spoilt worker's, not the next part's
    let pool = self::pool(defenceless());
    let kind = Message::Kind(Kind::Plain);
    let late = Script::default()
        .frames(&[kind, Message::Done { spent: steps(0) }])
        .window(1, 15, 1)
        .then("rest");
    assert_eq!(run(&pool, late), Ok(String::new()));
    assert_eq!(run(&pool, "echo\nhealthy").unwrap(), "healthy");
}

#[test]
fn our_alarm_is_passed_on_and_the_worker_is_kept_out_of_use() {
    let pool = pool(config());
    assert_eq!(
        run(&pool, "ours\n"),
        Err(Refusal::internal("test: as ordered"))
    );
    assert_eq!(run(&pool, "parts\n").unwrap(), "1");
}

#[test]
fn what_became_of_workers_is_counted_by_cause() {
    let pool = pool(Config {
        workers: 1,
        recycle_after: 2,
        deadline: Duration::from_millis(300),
        ..config()
    });
    let ended = |pool: &mugai_isolate::Pool| {
        let figures = mugai_core::Opener::figures(pool).unwrap();
        assert_eq!((figures.limit, figures.waiting), (1, 0));
        assert!(figures.idle <= figures.live && figures.live <= figures.limit);
        let sum: u64 = figures.ended.iter().map(|(_, count)| count).sum();
        assert!(figures.started >= sum);
        figures.ended.clone()
    };
    let count = |pool: &mugai_isolate::Pool, cause: &str| {
        let ended = ended(pool);
        ended.iter().find(|(known, _)| *known == cause).unwrap().1
    };
    assert_eq!(run(&pool, "loop\n"), Err(LATE));
    assert_eq!(count(&pool, "deadline"), 1);
    assert_eq!(run(&pool, "abort\n"), Err(CRASH));
    assert_eq!(count(&pool, "crash"), 1);
    for _ in 0..2 {
        assert!(run(&pool, "parts\n").is_ok());
    }
    assert_eq!(count(&pool, "worn"), 1);
    assert_eq!((count(&pool, "alarm"), count(&pool, "unready")), (0, 0));
}
