//! Which prefix means which namespace, at the place where the reader is.

use mugai_core::Refusal;
use mugai_core::markup::vocabulary::Space;
use std::borrow::Cow;

const COMPATIBILITY: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";
/// The most bindings in force at one place.
const MAX_BINDINGS: usize = 256;

/// What a prefix means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Resolved {
    Known(Space),
    /// Markup compatibility (ECMA-376 part 3).
    Compatibility,
    Unknown,
}

#[derive(Default)]
pub(in crate::formats) struct Spaces {
    bindings: Vec<(String, Resolved)>,
    /// How many bindings there were before each open element.
    levels: Vec<usize>,
}

impl Spaces {
    /// An element with these attributes begins.
    pub(in crate::formats) fn push(
        &mut self,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        self.levels.push(self.bindings.len());
        for (key, uri) in attributes {
            let prefix = match key.split_once(':') {
                Some(("xmlns", prefix)) => prefix,
                None if *key == "xmlns" => "",
                _ => continue,
            };
            let means = if uri == COMPATIBILITY {
                Resolved::Compatibility
            } else {
                Space::of(uri).map_or(Resolved::Unknown, Resolved::Known)
            };
            if self.bindings.len() >= MAX_BINDINGS {
                return Err(Refusal::malformed("xml: more than 256 namespaces"));
            }
            self.bindings.push((prefix.to_owned(), means));
        }
        Ok(())
    }

    /// The innermost element ends.
    pub(in crate::formats) fn pop(&mut self) {
        let length = self.levels.pop().unwrap_or(0);
        self.bindings.truncate(length);
    }

    pub(in crate::formats) fn resolve(&self, prefix: &str) -> Resolved {
        if prefix == "xml" {
            return Space::of("http://www.w3.org/XML/1998/namespace")
                .map_or(Resolved::Unknown, Resolved::Known);
        }
        let found = self.bindings.iter().rev().find(|(own, _)| own == prefix);
        found.map_or(Resolved::Unknown, |(_, means)| *means)
    }
}
