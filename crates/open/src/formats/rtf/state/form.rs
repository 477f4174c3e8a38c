//! Fields of forms ("Form Fields"): boxes and lists, whose results are not told as text.

/// The kinds of fields; texts have results.
const BOX: i32 = 1;
const LIST: i32 = 2;
/// Nothing was chosen: what was chosen at first counts.
const UNDEFINED: i32 = 25;
/// The most words to choose from.
const MAX_CHOICES: usize = 25;

/// A field of a form.
#[derive(Debug, Default)]
pub(super) struct Form {
    kind: i32,
    result: Option<i32>,
    first: i32,
    choices: Vec<String>,
    /// More words than there may be: they go nowhere.
    full: bool,
}

impl Form {
    pub(super) fn word(&mut self, word: &[u8], number: i32) {
        match word {
            b"fftype" => self.kind = number,
            b"ffres" => self.result = Some(number),
            b"ffdefres" => self.first = number,
            _ => {}
        }
    }

    /// A word to choose begins.
    pub(super) fn choice(&mut self) {
        self.full = self.choices.len() >= MAX_CHOICES;
        if !self.full {
            self.choices.push(String::new());
        }
    }

    pub(super) fn letter(&mut self, letter: char) {
        if let Some(choice) = self.choices.last_mut().filter(|_| !self.full) {
            choice.push(letter);
        }
    }

    /// What is seen of it.
    pub(super) fn shown(mut self) -> Option<String> {
        let result = self.result.filter(|result| *result != UNDEFINED);
        let result = result.unwrap_or(self.first);
        match self.kind {
            BOX => Some(String::from(if result == 0 { '☐' } else { '☑' })),
            LIST => {
                let place = usize::try_from(result).ok()?;
                (place < self.choices.len()).then(|| self.choices.swap_remove(place))
            }
            _ => None,
        }
    }
}
