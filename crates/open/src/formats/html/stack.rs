//! The open elements, a bounded number of them (HTML standard section 13.2.4.2).

use super::look::Look;
use super::names::{Key, Name};

/// How many open elements are followed; deeper ones are only counted. Pages that never close their
/// inline elements have some hundreds. Neither time nor memory of the worst page rises with it
/// (`docs/performance.md`), since each element that is looked at is paid for.
pub(super) const DEPTH_MAX: usize = 4_096;

/// An open element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// Which element.
    pub(super) name: Name,
    /// Which one of those that are [`Name::Other`].
    pub(super) key: Key,
    /// How it looks.
    pub(super) look: Look,
    /// Depth of quotation inside of it.
    pub(super) quote: u8,
    /// Depth of lists inside of it.
    pub(super) indent: u8,
    /// How the items of a list are counted.
    pub(super) number: Option<Number>,
    /// Hidden text in it has been counted.
    pub(super) counted: bool,
}

/// How the items of a list are counted (HTML standard section 4.4.8, "ordinal value").
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    /// The number of the next item.
    pub(super) next: i32,
    /// Each number is one less than the one before.
    pub(super) reversed: bool,
}

impl Number {
    /// The number of an item, which may state its own; the next one follows on it.
    pub(super) fn take(&mut self, stated: Option<i32>) -> i32 {
        let number = stated.unwrap_or(self.next);
        self.next = number.saturating_add(if self.reversed { -1 } else { 1 });
        number
    }
}

impl Open {
    const ROOT: Self = Self {
        name: Name::Html,
        key: Key::KNOWN,
        look: Look::ROOT,
        quote: 0,
        indent: 0,
        number: None,
        counted: false,
    };
}

/// The open elements, the innermost last.
#[derive(Debug)]
pub(super) struct Stack {
    open: Vec<Open>,
    /// How many of each name are open: most end tags that match nothing are found so at once.
    counts: [u16; Name::COUNT],
    /// Elements that are open beyond [`DEPTH_MAX`].
    beyond: u64,
    /// The element at this place beyond [`DEPTH_MAX`], and all in it, is hidden.
    hidden_from: Option<u64>,
    /// How many elements were looked at, to be paid for.
    walked: u64,
}

impl Stack {
    /// No element is open.
    pub(super) const fn new() -> Self {
        Self {
            open: Vec::new(),
            counts: [0; Name::COUNT],
            beyond: 0,
            hidden_from: None,
            walked: 0,
        }
    }

    /// The innermost open element that is followed.
    pub(super) fn top(&self) -> Open {
        self.open.last().copied().unwrap_or(Open::ROOT)
    }

    /// The same, to be changed; `None` where nothing is open.
    pub(super) fn top_mut(&mut self) -> Option<&mut Open> {
        self.open.last_mut()
    }

    /// How many elements are followed.
    pub(super) const fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether elements are open that are not followed.
    pub(super) const fn is_beyond(&self) -> bool {
        self.beyond > 0
    }

    /// Whether the text of now is hidden by an element that is not followed.
    pub(super) const fn hidden_beyond(&self) -> bool {
        self.hidden_from.is_some()
    }

    /// Opens an element; `false` when it is too deep to be followed.
    pub(super) fn push(&mut self, element: Open) -> bool {
        if self.open.len() >= DEPTH_MAX {
            self.beyond = self.beyond.saturating_add(1);
            if !element.look.shows_text() && self.hidden_from.is_none() {
                self.hidden_from = Some(self.beyond);
            }
            return false;
        }
        self.count(element.name, true);
        self.open.push(element);
        true
    }

    /// Closes the innermost element that is followed.
    pub(super) fn pop(&mut self) -> Option<Open> {
        let element = self.open.pop()?;
        self.count(element.name, false);
        Some(element)
    }

    /// Closes the innermost of those that are not followed.
    pub(super) fn pop_beyond(&mut self) {
        self.beyond = self.beyond.saturating_sub(1);
        if self.hidden_from.is_some_and(|from| from > self.beyond) {
            self.hidden_from = None;
        }
    }

    /// The place of the innermost element that `wanted` accepts, unless one at which `stop` says
    /// so is in front of it.
    pub(super) fn find(
        &mut self,
        wanted: impl Fn(Name) -> bool,
        stop: impl Fn(Name) -> bool,
    ) -> Option<usize> {
        for (at, element) in self.open.iter().enumerate().rev() {
            self.walked = self.walked.saturating_add(1);
            if wanted(element.name) {
                return Some(at);
            }
            if stop(element.name) {
                return None;
            }
        }
        None
    }

    /// The place of the innermost element that is [`Name::Other`] and has this key, unless one at which
    /// `stop` says so is in front of it.
    pub(super) fn find_other(&mut self, key: Key, stop: impl Fn(Name) -> bool) -> Option<usize> {
        for (at, element) in self.open.iter().enumerate().rev() {
            self.walked = self.walked.saturating_add(1);
            if element.name == Name::Other && element.key == key {
                return Some(at);
            }
            if stop(element.name) {
                return None;
            }
        }
        None
    }

    /// Whether any element of this name is open.
    pub(super) fn has(&self, name: Name) -> bool {
        self.counts.get(name.slot()).is_some_and(|count| *count > 0)
    }

    /// The element at a place.
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Open> {
        self.open.get_mut(at)
    }

    /// How many elements were looked at since the last call.
    pub(super) fn walked(&mut self) -> u64 {
        std::mem::take(&mut self.walked)
    }

    fn count(&mut self, name: Name, up: bool) {
        if let Some(count) = self.counts.get_mut(name.slot()) {
            *count = if up {
                count.saturating_add(1)
            } else {
                count.saturating_sub(1)
            };
        }
    }
}
