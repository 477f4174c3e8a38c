//! SVG and `MathML` inside of HTML (HTML standard section 13.2.6.5).

use super::names::{Attr, Key, Name};
use super::render::Renderer;
use super::tokens::Attrs;
use mugai_core::Refusal;

/// How many open elements of SVG and `MathML` are followed; deeper ones are only counted.
const DEPTH_MAX: usize = 512;

/// The open elements of the SVG or `MathML` that is being read, its outermost first.
#[derive(Debug, Default)]
pub(super) struct Foreign {
    open: Vec<(Name, Key)>,
    beyond: u64,
}

impl Foreign {
    /// Whether SVG or `MathML` is being read.
    pub(super) const fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Opens an element.
    pub(super) fn push(&mut self, name: Name, key: Key) {
        if self.open.len() < DEPTH_MAX {
            self.open.push((name, key));
        } else {
            self.beyond = self.beyond.saturating_add(1);
        }
    }

    /// Closes the innermost element of this name and all in it; `false` when there is none.
    fn close(&mut self, name: Name, key: Key) -> bool {
        if self.beyond > 0 {
            self.beyond = self.beyond.saturating_sub(1);
            return true;
        }
        match self.open.iter().rposition(|open| *open == (name, key)) {
            Some(place) => {
                self.open.truncate(place);
                true
            }
            None => false,
        }
    }

    /// Whether HTML may stand in one of the open elements: what ends there is not around it.
    fn integrates(&self) -> bool {
        let mut open = self.open.iter();
        open.any(|(name, key)| *name == Name::Title || key.integrates())
    }

    /// Closes all.
    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.beyond = 0;
    }
}

impl Renderer<'_, '_> {
    /// Takes a start tag in SVG or `MathML`; `false` when it ends that and is one of HTML.
    pub(super) fn open_foreign(
        &mut self,
        (name, key): (Name, Key),
        attrs: &Attrs,
    ) -> Result<bool, Refusal> {
        let font = [Attr::Color, Attr::Face, Attr::Size];
        if name.leaves_foreign() || (name == Name::Font && font.iter().any(|a| attrs.has(*a))) {
            self.leave_foreign()?;
            return Ok(false);
        }
        if !attrs.self_closing() {
            self.foreign.push(name, key);
        }
        Ok(true)
    }

    /// Takes an end tag in SVG or `MathML`; `false` when it is one of HTML, which may end an element
    /// around these.
    pub(super) fn close_foreign(&mut self, name: Name, key: Key) -> Result<bool, Refusal> {
        if matches!(name, Name::P | Name::Br) {
            self.leave_foreign()?;
            return Ok(false);
        }
        if self.foreign.close(name, key) {
            if !self.foreign.is_open() {
                self.leave_foreign()?;
            }
            return Ok(true);
        }
        // of elements that are not followed nobody knows which one has such a name
        if name == Name::Other && (self.stack.is_beyond() || self.foreign.integrates()) {
            return Ok(true);
        }
        if self.stack.is_beyond() {
            self.leave_foreign()?;
        }
        Ok(false)
    }

    fn leave_foreign(&mut self) -> Result<(), Refusal> {
        self.foreign.clear();
        if self.stack.is_beyond() {
            self.stack.pop_beyond();
            return Ok(());
        }
        let outermost = |name| matches!(name, Name::Svg | Name::Math);
        match self.stack.find(outermost, |_| true) {
            Some(place) => self.close_to(place),
            None => Ok(()),
        }
    }
}
