//! Which prefix means which namespace, at the place where the reader is.

use mugai_core::Refusal;
use mugai_core::markup::vocabulary::Space;
use std::borrow::Cow;
use std::cell::Cell;

const COMPATIBILITY: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";
/// The most bindings in force at one place.
const MAX_BINDINGS: usize = 256;

/// How many bindings are remembered.
const PLACES: usize = 16;

/// Where the binding of a prefix is remembered.
fn slot(prefix: &str) -> usize {
    let bytes = prefix.as_bytes();
    let (first, last) = (bytes.first().copied(), bytes.last().copied());
    let mixed = usize::from(first.unwrap_or(0))
        .wrapping_mul(5)
        .wrapping_add(usize::from(last.unwrap_or(0)))
        .wrapping_add(bytes.len());
    mixed % PLACES
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
    /// Bindings that were asked for, by a few bits of their prefixes: documents name dozens of namespaces, and use few.
    last: [Cell<Option<usize>>; PLACES],
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
        if prefix == "xml" {
            return Space::of("http://www.w3.org/XML/1998/namespace")
                .map_or(Resolved::Unknown, Resolved::Known);
        }
        let last = self.last.get(slot(prefix));
        let known = last.and_then(Cell::get);
        if let Some((own, means)) = known.and_then(|known| self.bindings.get(known))
            && own == prefix
        {
            return *means;
        }
        let found = self.bindings.iter().rposition(|(own, _)| own == prefix);
        if let Some(last) = last {
            last.set(found);
        }
        let binding = found.and_then(|found| self.bindings.get(found));
        binding.map_or(Resolved::Unknown, |(_, means)| *means)
    }
}
