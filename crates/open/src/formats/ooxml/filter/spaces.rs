//! Which prefix means which namespace, at the place where the reader is.

use mugai_core::Refusal;
use mugai_core::markup::vocabulary::Space;
use std::borrow::Cow;
use std::cell::Cell;

const COMPATIBILITY: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";
/// The most bindings in force at one place.
const MAX_BINDINGS: usize = 256;

/// How many meanings are remembered.
const SLOTS: u64 = 16;

/// A short prefix as a number, which is compared in one step; 0 for a longer one.
fn number(prefix: &str) -> u64 {
    let bytes = prefix.as_bytes();
    if bytes.len() > 7 {
        return 0;
    }
    // the 1 stands before the first letter: no two prefixes have one number
    bytes
        .iter()
        .fold(1, |number, byte| number << 8 | u64::from(*byte))
}

/// Where the meaning of a prefix of this number is remembered.
fn slot(number: u64) -> usize {
    let mixed = number ^ (number >> 8).wrapping_mul(5);
    usize::try_from(mixed & (SLOTS - 1)).unwrap_or(0)
}

/// What a prefix means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Resolved {
    Known(Space),
    /// Markup compatibility (ECMA-376 part 3).
    Compatibility,
    /// The shapes of diagrams.
    Diagram,
    Unknown,
}

#[derive(Default)]
pub(in crate::formats) struct Spaces {
    bindings: Vec<(String, Resolved)>,
    /// How many bindings there were before each open element.
    levels: Vec<usize>,
    /// What was asked for, by a few bits of the prefixes: documents name dozens of namespaces, and use few.
    last: [Cell<Option<(u64, Resolved)>>; 16],
}

impl Spaces {
    /// An element with these attributes begins.
    pub(in crate::formats) fn push(
        &mut self,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        self.levels.push(self.bindings.len());
        for (key, uri) in attributes {
            if !key.starts_with("xmlns") {
                continue;
            }
            let prefix = match key.split_once(':') {
                Some(("xmlns", prefix)) => prefix,
                None if *key == "xmlns" => "",
                _ => continue,
            };
            let means = if uri == COMPATIBILITY {
                Resolved::Compatibility
            } else if uri == super::diagram::SPACE {
                Resolved::Diagram
            } else {
                Space::of(uri).map_or(Resolved::Unknown, Resolved::Known)
            };
            if self.bindings.len() >= MAX_BINDINGS {
                return Err(Refusal::malformed("xml: more than 256 namespaces"));
            }
            self.bindings.push((prefix.to_owned(), means));
            self.forget();
        }
        Ok(())
    }

    fn forget(&self) {
        for last in &self.last {
            last.set(None);
        }
    }

    /// The innermost element ends.
    pub(in crate::formats) fn pop(&mut self) {
        let length = self.levels.pop().unwrap_or(0);
        if length < self.bindings.len() {
            self.bindings.truncate(length);
            self.forget();
        }
    }

    pub(in crate::formats) fn resolve(&self, prefix: &str) -> Resolved {
        let number = number(prefix);
        if number == 0 {
            return self.look(prefix);
        }
        let last = self.last.get(slot(number));
        if let Some((known, means)) = last.and_then(Cell::get)
            && known == number
        {
            return means;
        }
        let means = self.look(prefix);
        if let Some(last) = last {
            last.set(Some((number, means)));
        }
        means
    }

    fn look(&self, prefix: &str) -> Resolved {
        if prefix == "xml" {
            return Space::of("http://www.w3.org/XML/1998/namespace")
                .map_or(Resolved::Unknown, Resolved::Known);
        }
        let mut inner = self.bindings.iter().rev();
        let found = inner.find(|(own, _)| own == prefix);
        found.map_or(Resolved::Unknown, |(_, means)| *means)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_binding_counts_and_ends_with_its_element() {
        let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
        let sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let (w, x) = (Space::of(word).unwrap(), Space::of(sheet).unwrap());
        let mut spaces = Spaces::default();
        let bind = |key, uri| [(key, Cow::Borrowed(uri))];
        spaces.push(&bind("xmlns:a", word)).unwrap();
        spaces.push(&bind("xmlns:prefixes", sheet)).unwrap();
        assert_eq!(spaces.resolve("a"), Resolved::Known(w));
        assert_eq!(spaces.resolve("prefixes"), Resolved::Known(x));
        assert_eq!(spaces.resolve(""), Resolved::Unknown);
        spaces.push(&bind("xmlns:a", sheet)).unwrap();
        spaces.push(&bind("xmlns", word)).unwrap();
        assert_eq!(spaces.resolve("a"), Resolved::Known(x));
        assert_eq!(spaces.resolve(""), Resolved::Known(w));
        spaces.pop();
        spaces.pop();
        assert_eq!(spaces.resolve("a"), Resolved::Known(w));
        assert_eq!(spaces.resolve(""), Resolved::Unknown);
        spaces.pop();
        assert_eq!(spaces.resolve("prefixes"), Resolved::Unknown);
    }

    #[test]
    fn no_two_short_prefixes_have_one_number() {
        let all = [
            "", "a", "aa", "\u{1}", "\u{1}a", "w", "w14", "w15", "xml", "1234567",
        ];
        for (place, one) in all.iter().enumerate() {
            for other in all.iter().take(place) {
                assert_ne!(number(one), number(other));
            }
        }
        assert_eq!(number("12345678"), 0);
    }
}
