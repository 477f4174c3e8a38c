//! Copying a text with replacements, without a copy where there are none.

use std::borrow::Cow;

/// A text that is copied from the left; places behind the last replacement can be replaced.
pub(super) struct Pen<'a> {
    text: &'a str,
    /// Up to here the text has been copied or replaced.
    done: usize,
    out: String,
}

impl<'a> Pen<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            done: 0,
            out: String::new(),
        }
    }

    /// What stands unchanged between the last replacement and `at`.
    ///
    /// Looking back no further is what makes a second run agree with the first: each replacement
    /// ends in a character that ends every word.
    pub(super) fn before(&self, at: usize) -> &'a str {
        self.text.get(self.done..at).unwrap_or_default()
    }

    /// The rest of the text from `at`.
    pub(super) fn after(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
    }

    /// The character before `at` in the new text.
    pub(super) fn last(&self, at: usize) -> Option<char> {
        self.before(at)
            .chars()
            .next_back()
            .or_else(|| self.out.chars().next_back())
    }

    /// Puts `with` in the place of the bytes `from..to`.
    pub(super) fn replace(&mut self, from: usize, to: usize, with: &str) {
        if self.out.capacity() == 0 {
            // replacements are a little longer than what they replace
            let length = self.text.len();
            self.out.reserve(length.saturating_add(length / 16));
        }
        self.out.push_str(self.before(from));
        self.out.push_str(with);
        self.done = to;
    }

    /// The new text.
    pub(super) fn finish(mut self) -> Cow<'a, str> {
        if self.out.is_empty() {
            return Cow::Borrowed(self.text);
        }
        self.out.push_str(self.after(self.done));
        Cow::Owned(self.out)
    }
}
