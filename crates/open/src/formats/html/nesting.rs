//! Which open elements a tag ends: end tags that may be left out, and those that match nothing.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of more than a hundred element names a match names those that it is about"
)]

use super::names::{Key, Name};
use super::render::Renderer;
use mugai_core::Refusal;

impl Renderer<'_, '_> {
    /// Closes what a start tag ends without an end tag (HTML standard section 13.2.6.4).
    pub(super) fn imply_ends(&mut self, name: Name) -> Result<(), Refusal> {
        if self.stack.is_beyond() {
            return Ok(());
        }
        if name.ends_paragraph() {
            self.close_if(Name::P, |at| at.is_scope() || at == Name::Button)?;
        }
        match name {
            Name::Li => self.close_if(Name::Li, |at| {
                at.is_special() && !matches!(at, Name::Address | Name::Div | Name::P)
            }),
            Name::Dd | Name::Dt => {
                let stop = |at: Name| {
                    at.is_special() && !matches!(at, Name::Address | Name::Div | Name::P)
                };
                self.close_any(|at| matches!(at, Name::Dd | Name::Dt), stop)
            }
            Name::Td | Name::Th => {
                self.close_any(|at| matches!(at, Name::Td | Name::Th), is_table_edge)
            }
            Name::Tr => self.close_if(Name::Tr, is_table_edge),
            Name::Tbody | Name::Thead | Name::Tfoot => {
                let part = |at: Name| matches!(at, Name::Tbody | Name::Thead | Name::Tfoot);
                self.close_if(Name::Tr, is_table_edge)?;
                self.close_any(part, is_table_edge)
            }
            Name::Option => self.close_if(Name::Option, Name::is_scope),
            Name::Optgroup => {
                self.close_if(Name::Option, Name::is_scope)?;
                self.close_if(Name::Optgroup, Name::is_scope)
            }
            Name::H1 | Name::H2 | Name::H3 | Name::H4 | Name::H5 | Name::H6 => {
                self.close_any(is_heading, |at| !is_heading(at))
            }
            Name::A | Name::Button | Name::Nobr => self.close_if(name, Name::is_scope),
            Name::Rt | Name::Rp | Name::Rb | Name::Rtc => {
                let part = |at: Name| matches!(at, Name::Rt | Name::Rp | Name::Rb | Name::Rtc);
                self.close_any(part, |at| !part(at))
            }
            Name::Body => self.close_if(Name::Head, |_| false),
            _ => Ok(()),
        }
    }

    fn close_if(&mut self, name: Name, stop: impl Fn(Name) -> bool) -> Result<(), Refusal> {
        if self.stack.has(name) {
            self.close_any(|at| at == name, stop)?;
        }
        Ok(())
    }

    fn close_any(
        &mut self,
        wanted: impl Fn(Name) -> bool,
        stop: impl Fn(Name) -> bool,
    ) -> Result<(), Refusal> {
        match self.stack.find(wanted, stop) {
            Some(place) => self.close_to(place),
            None => Ok(()),
        }
    }

    /// The place of the element that an end tag ends, if there is one.
    pub(super) fn matching(&mut self, name: Name, key: Key) -> Option<usize> {
        match name {
            Name::H1 | Name::H2 | Name::H3 | Name::H4 | Name::H5 | Name::H6 => {
                self.stack.find(is_heading, Name::is_scope)
            }
            _ if !self.stack.has(name) => None,
            Name::Other => self.stack.find_other(key, Name::is_special),
            Name::Td | Name::Th | Name::Tr | Name::Tbody | Name::Thead | Name::Tfoot => self
                .stack
                .find(|at| at == name, |at| at != name && is_table_edge(at)),
            Name::Table | Name::Template => self.stack.find(|at| at == name, |_| false),
            Name::Li => self.stack.find(
                |at| at == name,
                |at| at.is_scope() || matches!(at, Name::Ul | Name::Ol),
            ),
            Name::P => self
                .stack
                .find(|at| at == name, |at| at.is_scope() || at == Name::Button),
            _ if name.is_formatting() || name.is_special() || name.is_dropped() => self
                .stack
                .find(|at| at == name, |at| at != name && at.is_scope()),
            _ => self.stack.find(|at| at == name, Name::is_special),
        }
    }

    /// Closes the element at `place` and all in it.
    pub(super) fn close_to(&mut self, place: usize) -> Result<(), Refusal> {
        while self.stack.len() > place {
            self.pop()?;
        }
        Ok(())
    }
}

const fn is_heading(name: Name) -> bool {
    matches!(
        name,
        Name::H1 | Name::H2 | Name::H3 | Name::H4 | Name::H5 | Name::H6
    )
}

const fn is_table_edge(name: Name) -> bool {
    matches!(name, Name::Table | Name::Template)
}
