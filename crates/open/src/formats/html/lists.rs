//! Lists and the numbers of their items.

use super::names::{Attr, Name};
use super::render::Renderer;
use super::stack::Number;
use super::tokens::Attrs;
use std::collections::VecDeque;

/// Lists within lists beyond this depth are not counted ahead.
const DEPTH_MAX: usize = 512;

/// How many items each `<ol reversed>` of a page has, in the order of their start tags: such a list
/// begins with that number (HTML standard section 4.4.5, "starting value").
pub(super) fn reversed(html: &str) -> VecDeque<i32> {
    let mut counts = VecDeque::new();
    // the open lists, each with its place among the reversed ones
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut rest = html;
    while let Some(tag) = Tag::next(&mut rest) {
        match (tag.name, tag.end) {
            (Name::Li, false) => {
                let place = open.last().copied().flatten();
                if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                    *count = i32::saturating_add(*count, 1);
                }
            }
            (name, true) if name.is_list() => {
                open.pop();
            }
            (name, false) if name.is_list() => {
                let is_reversed = name == Name::Ol && tag.reversed;
                if is_reversed {
                    counts.push_back(0);
                }
                if open.len() < DEPTH_MAX {
                    open.push(is_reversed.then_some(counts.len().saturating_sub(1)));
                }
            }
            _ => {}
        }
    }
    counts
}

/// A tag of the source, as far as lists ask.
struct Tag {
    name: Name,
    end: bool,
    reversed: bool,
}

impl Tag {
    /// The next tag, and what stands behind it.
    fn next(rest: &mut &str) -> Option<Self> {
        loop {
            let at = memchr::memchr(b'<', rest.as_bytes())?;
            let behind = rest.get(at.saturating_add(1)..).unwrap_or("");
            *rest = behind;
            if behind.starts_with("!--") {
                let comment = behind.get(3..).unwrap_or("");
                *rest = comment.split_once("-->").map_or("", |(_, tail)| tail);
                continue;
            }
            let (end, inside) = match behind.strip_prefix('/') {
                Some(inside) => (true, inside),
                None => (false, behind),
            };
            if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let (inside, tail) = split_tag(inside);
            *rest = tail;
            let mut words = inside.split(|c: char| c.is_ascii_whitespace() || c == '/');
            let name = words.next().unwrap_or("").to_ascii_lowercase();
            let is_reversed = |word: &str| {
                let attribute = word.split('=').next().unwrap_or("");
                attribute.eq_ignore_ascii_case("reversed")
            };
            return Some(Self {
                name: Name::of(name.as_bytes()),
                end,
                reversed: words.any(is_reversed),
            });
        }
    }
}

/// Splits behind the `>` of a tag, which may stand in quotes as well.
fn split_tag(inside: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, byte) in inside.bytes().enumerate() {
        match (quote, byte) {
            (Some(q), b) if b == q => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => {
                let (tag, tail) = inside.split_at_checked(at).unwrap_or((inside, ""));
                return (tag, tail.get(1..).unwrap_or(""));
            }
            _ => {}
        }
    }
    (inside, "")
}

impl Renderer<'_, '_> {
    /// How the items of a list are counted.
    pub(super) fn begin_list(&mut self, name: Name, attrs: &Attrs) -> Number {
        let reversed = name == Name::Ol && attrs.has(Attr::Reversed);
        let first = if reversed {
            self.reversed.pop_front().unwrap_or(1)
        } else {
            1
        };
        let stated = attrs.get(Attr::Start).filter(|_| name == Name::Ol);
        Number {
            next: stated.and_then(integer).unwrap_or(first),
            reversed,
        }
    }

    /// Puts the bullet or number of an item in front of its text.
    pub(super) fn begin_item(&mut self, attrs: &Attrs) {
        let stated = attrs.get(Attr::Value).and_then(integer);
        let place = self.stack.find(Name::is_list, Name::is_scope);
        let number = place
            .and_then(|at| self.stack.get_mut(at))
            .and_then(|list| list.number.as_mut())
            .map(|number| number.take(stated));
        let bullet = self.stack.top().look.bullet();
        self.flow
            .marker(bullet.marker(number.or(stated).unwrap_or(1)));
    }
}

/// A number with whatever behind it (HTML standard section 2.3.4.1).
fn integer(value: &str) -> Option<i32> {
    let value = value.trim_start();
    let sign = usize::from(value.starts_with(['+', '-']));
    let digits = value.get(sign..)?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    value.get(..sign.saturating_add(end))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reversed_lists_are_counted_ahead() {
        for (page, want) in [
            ("<ol><li>a</ol>", &[][..]),
            ("<ol reversed><li>a<li>b</ol><li>c", &[2]),
            (
                "<OL Reversed=''><li>a<ul><li>b</ul><ol reversed><li>c</ol><li>d</ol>",
                &[2, 1],
            ),
            ("<!--<ol reversed>--><ol title='>' reversed/><li>x", &[1]),
            ("<ol title='reversed'><li>x", &[]),
            ("<ol class=reversed><li>x", &[]),
            ("<ol reversed", &[0]),
            ("a < b <", &[]),
        ] {
            assert_eq!(reversed(page), want, "{page}");
        }
    }

    #[test]
    fn integers_of_attributes() {
        for (value, want) in [
            ("5", Some(5)),
            (" -3x", Some(-3)),
            ("+7", Some(7)),
            ("", None),
            ("x", None),
            ("99999999999", None),
        ] {
            assert_eq!(integer(value), want, "{value}");
        }
    }
}
