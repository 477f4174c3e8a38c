//! A look ahead at the tags of a page, as far as its lists ask: what the tokenizer takes for text or
//! for a comment holds none.

use super::names::{Content, Name};

/// How many `svg` and `math` that stand in one another are followed, so that an end tag costs little to
/// match; deeper ones are not counted, and all end with the outermost.
const FOREIGN_MAX: usize = 32;

/// A tag of the source.
pub(super) struct Tag {
    /// Its name.
    pub(super) name: Name,
    /// It is an end tag.
    pub(super) end: bool,
    /// It has an attribute that counts: `reversed` of a list, or one with which `font` leaves SVG.
    pub(super) marked: bool,
    self_closing: bool,
}

/// The tags of a page, in their order.
pub(super) struct Tags<'h> {
    rest: &'h str,
    /// The `svg` and `math` that are open, the innermost last: nothing in them is raw text.
    foreign: Vec<Name>,
}

impl<'h> Tags<'h> {
    pub(super) const fn of(html: &'h str) -> Self {
        Self {
            rest: html,
            foreign: Vec::new(),
        }
    }

    const fn is_foreign(&self) -> bool {
        !self.foreign.is_empty()
    }

    /// Takes in what a tag does to the reading of what follows.
    fn follow(&mut self, tag: &Tag) {
        if matches!(tag.name, Name::Svg | Name::Math) {
            if tag.end {
                let place = self.foreign.iter().rposition(|open| *open == tag.name);
                self.foreign.truncate(place.unwrap_or(self.foreign.len()));
            } else if !tag.self_closing && self.foreign.len() < FOREIGN_MAX {
                self.foreign.push(tag.name);
            }
        } else if self.is_foreign() {
            let leaves = if tag.end {
                matches!(tag.name, Name::P | Name::Br)
            } else {
                tag.name.leaves_foreign() || (tag.name == Name::Font && tag.marked)
            };
            if leaves {
                self.foreign.clear();
            }
        } else if !tag.end {
            self.rest = match tag.name.content() {
                Content::Data => self.rest,
                Content::RcData | Content::RawText => behind_raw(self.rest, tag.name),
                Content::Script => behind_script(self.rest),
                Content::Plain => "",
            };
        }
    }
}

impl Iterator for Tags<'_> {
    type Item = Tag;

    fn next(&mut self) -> Option<Tag> {
        loop {
            let at = memchr::memchr(b'<', self.rest.as_bytes())?;
            let behind = self.rest.get(at.saturating_add(1)..).unwrap_or("");
            self.rest = behind;
            let (end, inside) = match behind.strip_prefix('/') {
                Some(inside) => (true, inside),
                None => (false, behind),
            };
            if inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let (tag, rest) = tag(inside, end)?;
                self.rest = rest;
                self.follow(&tag);
                return Some(tag);
            }
            if let Some(comment) = behind.strip_prefix("!--") {
                self.rest = behind_comment(comment);
            } else if let (Some(data), true) = (behind.strip_prefix("![CDATA["), self.is_foreign())
            {
                self.rest = data.split_once("]]>").map_or("", |(_, rest)| rest);
            } else if end || behind.starts_with(['!', '?']) {
                // a comment that is none, or a document type
                self.rest = inside.split_once('>').map_or("", |(_, rest)| rest);
            }
        }
    }
}

/// What stands behind a comment whose start was just read: behind `-->`, which may share the lines of
/// the start, or `--!>` (HTML standard sections 13.2.5.43 to 52); nothing where it has no end.
pub(super) fn behind_comment(comment: &str) -> &str {
    let end = memchr::memchr_iter(b'>', comment.as_bytes()).find(|at| {
        let before = comment.as_bytes().get(..*at).unwrap_or_default();
        matches!(
            before,
            b"" | b"-" | [.., b'-', b'-'] | [.., b'-', b'-', b'!']
        )
    });
    end.and_then(|at| comment.get(at.saturating_add(1)..))
        .unwrap_or("")
}

/// What follows raw text, from its end tag on; nothing where it has none.
fn behind_raw(text: &str, name: Name) -> &str {
    ends_of(text)
        .find(|(_, end)| *end == name)
        .map_or("", |(at, _)| at)
}

/// What follows a script: in a comment an end tag may belong to a script that is begun there (HTML
/// standard section 4.12.1.3).
fn behind_script(text: &str) -> &str {
    let mut from = text;
    loop {
        let rest = behind_raw(from, Name::Script);
        let inside = text.len().checked_sub(rest.len());
        let inside = inside.and_then(|at| text.get(..at)).unwrap_or("");
        // the text before is walked again for each end tag: once is enough for scripts that people write
        let escaped = from.len() == text.len() && is_in_inner_script(inside);
        if rest.is_empty() || !escaped {
            return rest;
        }
        from = rest.get(1..).unwrap_or("");
    }
}

/// Whether a text ends in a comment with a script that is open.
fn is_in_inner_script(text: &str) -> bool {
    let Some((_, comment)) = text.rsplit_once("<!--") else {
        return false;
    };
    let begins = |at: usize| {
        let tag = comment.get(at.saturating_add(1)..).unwrap_or("");
        name(tag).is_some_and(|name| name == Name::Script)
    };
    !comment.contains("-->") && memchr::memchr_iter(b'<', comment.as_bytes()).any(begins)
}

/// The end tags of a text, each with what begins with it.
fn ends_of(text: &str) -> impl Iterator<Item = (&str, Name)> {
    memchr::memchr_iter(b'<', text.as_bytes()).filter_map(|at| {
        let from = text.get(at..)?;
        Some((from, name(from.strip_prefix("</")?)?))
    })
}

/// The name with which a tag begins, where one that is known ends there.
fn name(tag: &str) -> Option<Name> {
    /// Longer names are not known.
    const WITHIN: usize = 32;
    let head = tag.as_bytes();
    let head = head.get(..WITHIN).unwrap_or(head);
    let end = head.iter().position(|b| ends_name(*b))?;
    Some(Name::of(&head.get(..end)?.to_ascii_lowercase()))
}

const fn ends_name(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b'/' | b'>')
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0xc)
}

/// Whether an attribute of an element counts.
fn is_mark(element: Name, attribute: &str) -> bool {
    let is = |word: &str| attribute.eq_ignore_ascii_case(word);
    (element == Name::Ol && is("reversed"))
        || (element == Name::Font && ["color", "face", "size"].into_iter().any(is))
}

/// Where in a tag one is (HTML standard sections 13.2.5.32 to 13.2.5.40).
#[derive(Clone, Copy)]
enum At {
    Between,
    /// In the name of an attribute, which begins at this place.
    Name(usize),
    BehindName,
    Equals,
    Quoted(u8),
    Unquoted,
}

/// A tag from its name on, and what stands behind it; `None` where it has no end.
fn tag(inside: &str, end: bool) -> Option<(Tag, &str)> {
    let length = inside.bytes().position(ends_name)?;
    let word = inside.get(..length)?.to_ascii_lowercase();
    let mut tag = Tag {
        name: Name::of(word.as_bytes()),
        end,
        marked: false,
        self_closing: false,
    };
    let mut at = At::Between;
    let mut before = 0u8;
    for (place, byte) in inside.bytes().enumerate().skip(length) {
        if let At::Name(from) = at
            && (ends_name(byte) || byte == b'=')
        {
            let name = inside.get(from..place).unwrap_or("");
            tag.marked |= is_mark(tag.name, name);
        }
        at = match (at, byte) {
            (At::Quoted(quote), byte) if byte == quote => At::Between,
            (At::Quoted(_), _) => at,
            (_, b'>') => {
                tag.self_closing = before == b'/' && !matches!(at, At::Unquoted | At::Equals);
                return Some((tag, inside.get(place.saturating_add(1)..)?));
            }
            (At::Equals, b'"' | b'\'') => At::Quoted(byte),
            (At::Equals, byte) if is_blank(byte) => at,
            (At::Equals, _) => At::Unquoted,
            (At::Unquoted, byte) if !is_blank(byte) => at,
            (At::Name(_) | At::BehindName, b'=') => At::Equals,
            (At::Name(_) | At::BehindName, byte) if is_blank(byte) => At::BehindName,
            (At::Name(from), byte) if byte != b'/' => At::Name(from),
            (_, byte) if ends_name(byte) => At::Between,
            (_, _) => At::Name(place),
        };
        before = byte;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_end_where_browsers_end_them() {
        for (comment, behind) in [
            ("a-->b", "b"),
            (">b", "b"),
            ("->b", "b"),
            ("-->b", "b"),
            ("--!>b", "b"),
            ("a--!>b", "b"),
            ("--->b", "b"),
            ("!>a-->b", "b"),
            ("-!>a-->b", "b"),
            ("a>-a->--a>-->b", "b"),
            ("あ-->い-->", "い-->"),
            ("a", ""),
            ("a--", ""),
            ("", ""),
        ] {
            assert_eq!(behind_comment(comment), behind, "{comment}");
        }
    }
}
