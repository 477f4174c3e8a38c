//! What the library reads more than once where the cross-references of a file are broken: behind each `obj` it reads
//! an object to its end, and goes on right behind the keyword.

use crate::formats::pdf::measure::is_white;
use hayro_syntax::object::{Array, FromBytes};
use memchr::memmem;
use mugai_core::{Cx, Refusal, Resource};

/// Bytes that are skipped in one step.
const BYTES_PER_STEP: u64 = 32;
/// A byte of a list takes as long as so many that are skipped.
const LIST_FACTOR: u64 = 16;

/// Where a keyword stands next, asked for at places that go up.
pub(super) struct Ends<'a> {
    input: &'a [u8],
    keyword: &'static [u8],
    next: Option<usize>,
}

impl<'a> Ends<'a> {
    pub(super) const fn of(input: &'a [u8], keyword: &'static [u8]) -> Self {
        Self {
            input,
            keyword,
            next: None,
        }
    }

    /// The first one at `start` or behind it, or the end of the file.
    pub(super) fn after(&mut self, start: usize) -> usize {
        match self.next {
            Some(next) if next >= start => next,
            _ => {
                let rest = self.input.get(start..).unwrap_or_default();
                let found = memmem::find(rest, self.keyword).unwrap_or(rest.len());
                let next = start.saturating_add(found);
                self.next = Some(next);
                next
            }
        }
    }
}

/// Charges for what is read of strings, comments and lists behind `obj`; tells the steps.
///
/// Brackets are matched in one pass: each byte is counted as often as there are strings of objects open around it.
pub(super) fn strings(input: &[u8], cx: &Cx<'_>) -> Result<u64, Refusal> {
    let mut paid = 0u64;
    let mut pay = |bytes: u64| {
        let steps = bytes.div_euclid(BYTES_PER_STEP);
        paid = paid.saturating_add(steps);
        cx.charge(Resource::Steps, steps)
    };
    let mut lines = Lines { input, end: 0 };
    // how deep in brackets the open strings of objects are
    let mut open: Vec<i64> = Vec::new();
    let (mut depth, mut last, mut is_escaped) = (0i64, 0usize, false);
    let mut objects = memmem::find_iter(input, b"obj").peekable();
    let mut starts: Option<usize> = None;
    for at in memchr::memchr3_iter(b'(', b')', b'\\', input) {
        // a backslash takes the power from the next byte, another one included
        let is_plain = !(is_escaped && last.saturating_add(1) == at);
        let count = u64::try_from(open.len()).unwrap_or(u64::MAX);
        let read = u64::try_from(at.saturating_sub(last)).unwrap_or(u64::MAX);
        if count > 0 {
            pay(read.saturating_mul(count))?;
        }
        last = at;
        is_escaped = false;
        if !is_plain {
            continue;
        }
        match input.get(at) {
            Some(b'(') => {
                // the objects that begin before this bracket
                while let Some(object) = objects.next_if(|object| *object < at) {
                    let (start, read) = lines.behind(object);
                    pay(read)?;
                    starts = Some(start);
                }
                if starts == Some(at) {
                    open.push(depth);
                }
                depth = depth.saturating_add(1);
            }
            Some(b')') => {
                depth = depth.saturating_sub(1);
                while open.last().is_some_and(|outer| *outer >= depth) {
                    open.pop();
                }
            }
            _ => is_escaped = true,
        }
    }
    let read = u64::try_from(input.len().saturating_sub(last)).unwrap_or(u64::MAX);
    pay(read.saturating_mul(u64::try_from(open.len()).unwrap_or(u64::MAX)))?;
    for object in objects {
        pay(lines.behind(object).1)?;
    }
    Ok(paid)
}

/// How much is read of a list: all that follows where it has no end. It is read here, too, and in smaller steps than
/// what is skipped.
fn list(input: &[u8], start: usize) -> u64 {
    let rest = input.get(start..).unwrap_or_default();
    let list = Array::from_bytes(rest);
    let read = list.map_or(rest.len(), |list| list.data().len());
    u64::try_from(read)
        .unwrap_or(u64::MAX)
        .saturating_mul(LIST_FACTOR)
}

/// Finds the ends of lines, at places that go up.
struct Lines<'a> {
    input: &'a [u8],
    end: usize,
}

impl Lines<'_> {
    /// Where the object begins whose keyword `obj` stands at `object`, and how many bytes are read before its string.
    fn behind(&mut self, object: usize) -> (usize, u64) {
        let (start, skipped) = self.without_comments(object.saturating_add(3));
        let skipped = u64::try_from(skipped).unwrap_or(u64::MAX);
        if self.input.get(start) == Some(&b'[') {
            (start, skipped.saturating_add(list(self.input, start)))
        } else {
            (start, skipped)
        }
    }

    /// Where what is neither white nor a comment comes at `start` or behind it, and how much of comments was passed.
    fn without_comments(&mut self, start: usize) -> (usize, usize) {
        let (mut at, mut has_comment) = (start, false);
        while let Some(byte) = self.input.get(at) {
            if is_white(*byte) {
                at = at.saturating_add(1);
            } else if *byte == b'%' {
                if self.end < at {
                    let rest = self.input.get(at..).unwrap_or_default();
                    let line = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                    self.end = at.saturating_add(line);
                }
                // all up to there is comments and white, which others before may have passed already
                has_comment = true;
                at = self.end.max(at.saturating_add(1));
            } else {
                break;
            }
        }
        (
            at,
            if has_comment {
                at.saturating_sub(start)
            } else {
                0
            },
        )
    }
}
