//! A worker whose reader does what its input says: the first line is a command, the rest its
//! matter. It is what a taken-over reader could be, so that the fences have something to stop.

mod attempts;
mod lies;
mod raw;
mod suite;
mod verifier;

use mugai_core::cx::{FontNeed, Script, Strokes};
use mugai_core::{
    Assignment, Cx, FindingCode, Kind, Page, Piece, PixelFormat, Places, Refusal, Resource,
};
use mugai_isolate::{Fences, confine_self, converter_main, worker_main};
use std::io::Write as _;
use std::ops::Range;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What stays in the worker from part to part.
#[derive(Default)]
struct Memory {
    parts: u32,
    poisoned: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments.iter().any(|argument| argument == "not-a-worker") {
        return ExitCode::FAILURE;
    }
    if suite::is_asked_for() {
        return suite::main();
    }
    if arguments.first().is_some_and(|role| role == "converter") {
        return converter_main(arguments.into_iter().skip(1));
    }
    if arguments.first().is_some_and(|role| role == "verifier") {
        return verifier::main(arguments.into_iter().skip(1));
    }
    if let [role, name, matter] = arguments.as_slice()
        && role == "alone"
    {
        return alone(&name.to_string_lossy(), matter.as_encoded_bytes());
    }
    let mut memory = Memory::default();
    worker_main(arguments, unread, |input, cx| {
        memory.parts = memory.parts.saturating_add(1);
        let result = obey(input, cx, &mut memory);
        cx.flush()?;
        result
    })
}

/// A command that confines itself, and then tries something.
fn alone(name: &str, matter: &[u8]) -> ExitCode {
    let required = Fences::REQUIRED.without(Fences::PARENT_DEATH);
    let standing = confine_self(1 << 32, Duration::from_mins(1));
    if !standing.contains(required) {
        return ExitCode::FAILURE;
    }
    let told = attempts::attempt(name, matter);
    let _ = std::io::stdout().write_all(told.as_bytes());
    ExitCode::SUCCESS
}

/// A part that begins with `unread 5 9` is read without those places.
fn unread(_: &Assignment, part: &mut dyn Places) -> Vec<Range<usize>> {
    let mut head = [0; 64];
    if part.read(0, &mut head).is_none() {
        return Vec::new();
    }
    let line = String::from_utf8_lossy(&head);
    let line = line.lines().next().unwrap_or_default();
    let numbers = line.strip_prefix("unread ").unwrap_or_default();
    let numbers: Vec<usize> = numbers.split(' ').flat_map(str::parse).collect();
    numbers
        .chunks_exact(2)
        .filter_map(|place| Some(*place.first()?..*place.last()?))
        .collect()
}

fn obey(input: &[u8], cx: &mut Cx<'_>, memory: &mut Memory) -> Result<(), Refusal> {
    if memory.poisoned {
        std::process::abort();
    }
    let end = input
        .iter()
        .position(|b| *b == b'\n')
        .unwrap_or(input.len());
    let (head, matter) = input.split_at_checked(end).unwrap_or_default();
    let matter = matter.get(1..).unwrap_or_default();
    let line = String::from_utf8_lossy(head);
    let mut words = line.split(' ');
    let command = words.next().unwrap_or_default();
    let numbers: Vec<u32> = words.clone().filter_map(|word| word.parse().ok()).collect();
    let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
    cx.kind(Kind::Plain)?;
    match command {
        "echo" => say(cx, &String::from_utf8_lossy(matter)),
        "many" => (0..number(0)).try_for_each(|at| say(cx, &format!("piece {at}\n"))),
        "pages" => (0..number(0)).try_for_each(|at| page(cx, number(1), number(2), at)),
        "document" => document(cx, number(0), &String::from_utf8_lossy(matter)),
        "picture" => {
            let height = u32::try_from(matter.len() / 1_000).unwrap_or(0);
            let mut canvas = Page::start(1_000, height, PixelFormat::Grey8, cx.budget())?;
            canvas.push(matter)?;
            cx.put(Piece::Page(canvas.finish()?))
        }
        "note" => {
            cx.note_times(FindingCode::TextBidi, number(0));
            say(cx, "noted")
        }
        "refuse" => Err(Refusal::malformed("test: as ordered")),
        "ours" => Err(Refusal::internal("test: as ordered")),
        "unread" => say(cx, &blanks(input)),
        "parts" => say(cx, &memory.parts.to_string()),
        "descriptors" => say(cx, &raw::descriptors_to_read().len().to_string()),
        "environment" => say(cx, &std::env::vars_os().count().to_string()),
        "poison" => {
            memory.poisoned = true;
            say(cx, "poisoned")
        }
        "font" => {
            let need = FontNeed::regular(Script::Japanese, Strokes::Sans);
            let found = cx.fonts().find(need);
            let told = found.map(|(bytes, index)| format!("{} {index}", (*bytes).as_ref().len()));
            say(cx, &told.unwrap_or_default())
        }
        "spend" => loop {
            cx.charge(Resource::Steps, 1_000)?;
        },
        "rest" => {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(number(0).into()) {}
            say(cx, "rested")
        }
        "drip" => loop {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(5) {}
            say(cx, &"drop".repeat(1_000))?;
        },
        "flood" => loop {
            // pieces that cost nothing
            say(cx, "")?;
        },
        "lie" => lies::tell(matter),
        _ => {
            let outcome = attempts::attempt(command, matter);
            say(cx, &outcome)
        }
    }
}

/// Pages as a reader of documents draws them: each of 64 by 64 pixels and 100 steps, after 1,000 steps for the
/// document. Lines of `matter` say what happens on which page: `crash`, `refuse`, `never` (it takes for ever),
/// `broken` (something that is counted once a document), and `slow` for all that come from there on.
fn document(cx: &mut Cx<'_>, count: u32, matter: &str) -> Result<(), Refusal> {
    cx.note(FindingCode::PdfMetadata);
    cx.charge(Resource::Steps, 1_000)?;
    let events: Vec<(&str, u32)> = matter
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(event, page)| Some((event, page.parse().ok()?)))
        .collect();
    let on = |event: &str, page: u32| events.contains(&(event, page));
    let slow = events.iter().find(|(event, _)| *event == "slow");
    let pages = usize::try_from(count).unwrap_or(usize::MAX);
    let mut broken = 0u32;
    for (index, number) in (0..count).enumerate() {
        if !cx.turn(index, pages)? {
            cx.charge(Resource::Pixels, 64 * 64)?;
            continue;
        }
        if on("crash", number) {
            std::process::abort();
        }
        if on("refuse", number) {
            return Err(Refusal::malformed("test: as ordered"));
        }
        let begun = Instant::now();
        let is_slow = slow.is_some_and(|(_, from)| *from <= number);
        while on("never", number) || is_slow && begun.elapsed() < Duration::from_millis(20) {}
        broken = broken.max(u32::from(on("broken", number)));
        cx.charge(Resource::Steps, 100)?;
        cx.note(FindingCode::TextBidi);
        page(cx, 64, 64, number)?;
    }
    cx.end_pages();
    cx.note_times(FindingCode::PdfImageBroken, broken);
    cx.end_turns();
    cx.charge(Resource::Steps, 10)?;
    say(cx, "the end")
}

/// How many bytes are zero, and where the first of them is.
fn blanks(input: &[u8]) -> String {
    let blank = input.split(|byte| *byte == 0).count().saturating_sub(1);
    let first = input.iter().position(|byte| *byte == 0);
    format!("{blank} zeros from {first:?} on in {}", input.len())
}

fn say(cx: &mut Cx<'_>, text: &str) -> Result<(), Refusal> {
    let text = cx.text(text);
    cx.put(Piece::Text(text))
}

fn page(cx: &mut Cx<'_>, width: u32, height: u32, shade: u32) -> Result<(), Refusal> {
    let canvas = Page::start(width, height, PixelFormat::Rgb8, cx.budget())?;
    let shade = u8::try_from(shade & 0xff).unwrap_or(0);
    let length = canvas.byte_len();
    let page = canvas.fill(vec![shade; length])?;
    cx.put(Piece::Page(page))
}
