//! Lists and the numbers of their items.

use super::ahead;
use super::names::{Attr, Name};
use super::render::Renderer;
use super::stack::Number;
use super::tokens::Attrs;
use std::collections::VecDeque;
use std::num::IntErrorKind;

/// Lists within lists beyond this depth are not counted ahead.
const DEPTH_MAX: usize = 512;

/// How many items each `<ol reversed>` of a page has, in the order of their start tags: such a list
/// begins with that number (HTML standard section 4.4.5, "starting value").
pub(super) fn reversed(html: &str) -> VecDeque<i32> {
    let mut counts = VecDeque::new();
    if !mentions_reversed(html) {
        return counts;
    }
    // the open lists, each with its place among the reversed ones
    let mut open: Vec<Option<usize>> = Vec::new();
    let tags = ahead::Tags::of(html);
    for tag in tags {
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
                let is_reversed = name == Name::Ol && tag.marked;
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

/// Whether a page holds the word at all, which few do: the others need no look at their tags.
fn mentions_reversed(html: &str) -> bool {
    const WORD: &[u8] = b"reversed";
    let html = html.as_bytes();
    memchr::memchr2_iter(b'r', b'R', html).any(|at| {
        let found = html.get(at..at.saturating_add(WORD.len()));
        found.is_some_and(|found| found.eq_ignore_ascii_case(WORD))
    })
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
            next: stated.and_then(ordinal).unwrap_or(first),
            reversed,
        }
    }

    /// Puts the bullet or number of an item in front of its text.
    pub(super) fn begin_item(&mut self, attrs: &Attrs) {
        let stated = attrs.get(Attr::Value).and_then(ordinal);
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

/// The number of an item; none beyond 32 bits.
fn ordinal(value: &str) -> Option<i32> {
    integer(value)?.try_into().ok()
}

/// A number with whatever behind it (HTML standard section 2.3.4.1).
pub(super) fn integer(value: &str) -> Option<i64> {
    let value = value.trim_start();
    let sign = usize::from(value.starts_with(['+', '-']));
    let digits = value.get(sign..)?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    match value.get(..sign.saturating_add(end))?.parse::<i64>() {
        Ok(number) => Some(number),
        // beyond what there may be is the end of it
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Some(i64::MAX),
        Err(error) if *error.kind() == IntErrorKind::NegOverflow => Some(i64::MIN),
        Err(_) => None,
    }
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
            ("<ol reversed", &[]),
            ("<ol reverse REVERSED><li>x", &[1]),
            ("a < b <", &[]),
            ("<ol title='a reversed b'><li>x", &[]),
            ("<ol title = \"a\" reversed = ''><li>x", &[1]),
            ("<p \"><ol reversed><li>x", &[1]),
            ("<a href=x\"y><ol reversed><li>x", &[1]),
            (
                "<!x <ol reversed><?y <ol reversed></ <ol reversed><ol reversed><li>x",
                &[1],
            ),
            ("<!--><ol reversed><li>x--><!-- --!><li>y", &[2]),
        ] {
            assert_eq!(reversed(page), want, "{page}");
        }
    }

    #[test]
    fn lists_in_raw_text_are_not_counted() {
        for (page, want) in [
            (
                "<textarea><ol reversed><li>q</ol></TEXTAREA ><ol reversed><li>a<li>b",
                &[2][..],
            ),
            (
                "<script>\"<ol reversed>\"</scripts></script/><ol reversed><li>a<li>b",
                &[2],
            ),
            (
                "<style><ol reversed></style><title><ol reversed></title><ol reversed><li>a",
                &[1],
            ),
            (
                "<xmp><ol reversed></xmp><iframe><ol reversed></iframe><ol reversed><li>a",
                &[1],
            ),
            (
                "<noembed><ol reversed></noembed><noframes><ol reversed></noframes><ol reversed><li>a",
                &[1],
            ),
            ("<noscript><ol reversed><li>a</noscript>", &[1]),
            ("<title><ol reversed><li>a", &[]),
            (
                "<plaintext><ol reversed><li>a</plaintext><ol reversed>",
                &[],
            ),
            ("<svg><title></svg><ol reversed><li>a", &[1]),
            (
                "<svg><![CDATA[<ol reversed>]]></svg><style/></style><ol reversed><li>a",
                &[1],
            ),
            (
                "<svg/><title><ol reversed></title><svg><p><title><ol reversed></title><ol reversed>",
                &[0],
            ),
            (
                "<svg><math></svg><title><ol reversed></title><ol reversed><li>a",
                &[1],
            ),
            (
                "<math><svg></svg><svg/></svg></math><title><ol reversed></title><ol reversed><li>a",
                &[1],
            ),
            (
                "<svg><font COLOR=red><title><ol reversed></title><ol reversed><li>a",
                &[1],
            ),
            (
                "<svg><font class=size><title></svg><ol reversed><li>a",
                &[1],
            ),
            (
                "<script><!--<script></script><ol reversed>--></script><ol reversed><li>a",
                &[1],
            ),
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
            ("99999999999", Some(99_999_999_999)),
            ("99999999999999999999", Some(i64::MAX)),
            ("-99999999999999999999", Some(i64::MIN)),
        ] {
            assert_eq!(integer(value), want, "{value}");
        }
    }
}
