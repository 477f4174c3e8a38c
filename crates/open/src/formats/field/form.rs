//! Fields of forms: boxes to tick and lists to choose from say what was chosen in the data beside them, and nowhere in
//! the text (RTF 1.9.1 "Form Fields"; ECMA-376 part 1, sections 17.16.7 and 17.16.9).

/// The most words to choose from.
const MAX_CHOICES: usize = 25;

/// What is chosen in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Kind {
    /// Whether it is ticked.
    Box,
    /// One word of a list.
    List,
}

/// A field of a form. Those of text have results.
#[derive(Debug, Default)]
pub(in crate::formats) struct Form {
    pub(in crate::formats) kind: Option<Kind>,
    /// The number of what is chosen; of a box 0 for one that is not ticked.
    pub(in crate::formats) result: Option<usize>,
    /// The same as the field was made.
    pub(in crate::formats) first: usize,
    choices: Vec<String>,
    /// More words than there may be: they go nowhere.
    full: bool,
}

impl Form {
    /// A word to choose begins.
    pub(in crate::formats) fn choice(&mut self) {
        self.full = self.choices.len() >= MAX_CHOICES;
        if !self.full {
            self.choices.push(String::new());
        }
    }

    pub(in crate::formats) fn letter(&mut self, letter: char) {
        if let Some(choice) = self.choices.last_mut().filter(|_| !self.full) {
            choice.push(letter);
        }
    }

    /// What is seen of it.
    pub(in crate::formats) fn shown(mut self) -> Option<String> {
        let result = self.result.unwrap_or(self.first);
        match self.kind? {
            Kind::Box => Some(ticked(result != 0).to_string()),
            Kind::List => (result < self.choices.len()).then(|| self.choices.swap_remove(result)),
        }
    }
}

/// A box, ticked or not.
pub(in crate::formats) const fn ticked(is: bool) -> char {
    if is { '☑' } else { '☐' }
}
