//! A look ahead at the tags of a page, as far as its lists ask: what the tokenizer takes for text or
//! for a comment holds none.

use super::names::{Content, Name};

/// A tag of the source.
pub(super) struct Tag {
    /// Its name.
    pub(super) name: Name,
    /// It is an end tag.
    pub(super) end: bool,
    /// It has the attribute `reversed`.
    pub(super) reversed: bool,
    self_closing: bool,
}

/// The tags of a page, in their order.
pub(super) struct Tags<'h> {
    rest: &'h str,
    /// How many `svg` and `math` are open: nothing in them is raw text.
    foreign: u32,
}

impl<'h> Tags<'h> {
    pub(super) const fn of(html: &'h str) -> Self {
        Self {
            rest: html,
            foreign: 0,
        }
    }

    /// Takes in what a tag does to the reading of what follows.
    fn follow(&mut self, tag: &Tag) {
        if matches!(tag.name, Name::Svg | Name::Math) {
            if tag.end {
                self.foreign = self.foreign.saturating_sub(1);
            } else if !tag.self_closing {
                self.foreign = self.foreign.saturating_add(1);
            }
        } else if self.foreign > 0 {
            let leaves = if tag.end {
                matches!(tag.name, Name::P | Name::Br)
            } else {
                tag.name.leaves_foreign()
            };
            if leaves {
                self.foreign = 0;
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
            } else if let (Some(data), true) = (behind.strip_prefix("![CDATA["), self.foreign > 0) {
                self.rest = data.split_once("]]>").map_or("", |(_, rest)| rest);
            } else if end || behind.starts_with(['!', '?']) {
                // a comment that is none, or a document type
                self.rest = inside.split_once('>').map_or("", |(_, rest)| rest);
            }
        }
    }
}

/// What stands behind a comment.
fn behind_comment(comment: &str) -> &str {
    if let Some(rest) = comment.strip_prefix('>').or(comment.strip_prefix("->")) {
        return rest;
    }
    let mut rest = comment;
    while let Some((_, tail)) = rest.split_once("--") {
        if let Some(rest) = tail.strip_prefix('>').or(tail.strip_prefix("!>")) {
            return rest;
        }
        // of three lines the last two may be the end
        rest = rest
            .len()
            .checked_sub(tail.len().saturating_add(1))
            .and_then(|at| rest.get(at..))
            .unwrap_or("");
    }
    ""
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
        reversed: false,
        self_closing: false,
    };
    let mut at = At::Between;
    let mut before = 0u8;
    for (place, byte) in inside.bytes().enumerate().skip(length) {
        if let At::Name(from) = at
            && (ends_name(byte) || byte == b'=')
        {
            let name = inside.get(from..place).unwrap_or("");
            tag.reversed |= name.eq_ignore_ascii_case("reversed");
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
