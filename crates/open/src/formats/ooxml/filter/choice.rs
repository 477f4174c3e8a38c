//! Alternative content (ECMA-376 part 3, section 7.6): the first choice whose namespaces are in the
//! vocabulary, else the fallback. Only the one that is taken is read.

use super::spaces::Resolved;
use super::{Filter, Frame};
use mugai_core::markup::PartKind;
use mugai_core::{FindingCode, Refusal};
use std::borrow::Cow;

/// Extensions of texts that are in the vocabulary. VML, which old programs want, is none of them.
const EXTENSIONS: [&str; 3] = ["wps", "wpg", "wpc"];

impl Filter<'_, '_, '_> {
    /// An element of markup compatibility begins.
    pub(super) fn compatibility(
        &mut self,
        local: &str,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        let taken = match (local, self.frames.last()) {
            ("AlternateContent", _) => {
                self.frames.push(Frame::Choice(false));
                return Ok(());
            }
            ("Choice", Some(Frame::Choice(false))) => {
                let requires = attributes.iter().find(|(key, _)| *key == "Requires");
                requires.is_some_and(|(_, prefixes)| {
                    // formats of numbers that the first edition of the standard did not have
                    let newer = matches!(self.spaces.resolve(prefixes), Resolved::Known(space) if space.prefix() == "w14");
                    (newer && self.part.kind == PartKind::Numbering) || self.understands(prefixes)
                })
            }
            ("Fallback", Some(Frame::Choice(false))) => true,
            ("Choice" | "Fallback", Some(Frame::Choice(true))) => false,
            _ => return self.drop_it(Some(FindingCode::OfficeMarkup)),
        };
        if !taken {
            return self.drop_it(None);
        }
        if let Some(Frame::Choice(chosen)) = self.frames.last_mut() {
            *chosen = true;
        }
        self.frames.push(Frame::Unwrapped);
        Ok(())
    }

    fn understands(&self, prefixes: &str) -> bool {
        prefixes.split_ascii_whitespace().all(|prefix| {
            matches!(self.spaces.resolve(prefix), Resolved::Known(space) if EXTENSIONS.contains(&space.prefix()))
        })
    }
}
