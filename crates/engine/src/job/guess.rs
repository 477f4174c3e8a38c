//! Passwords in texts of a mail: 「パスワードは abc123 です」, `PW: abc123`, and a line that holds nothing but the
//! password behind one that announces it.
//!
//! What is found is tried and nothing else: a word too many costs a try, and one too few an attachment.

mod spans;
mod words;

use mugai_core::Password;
use spans::Line;
use std::ops::Range;

/// How many one text tells at most.
const MAX_FOUND: usize = 16;
/// How many words of a text are looked behind.
const MAX_WORDS: usize = 64;
/// How much of a text is looked at, in characters.
const MAX_TEXT: usize = 100_000;
/// How far behind a word a password stands at most, in characters.
const REACH: usize = 100;
/// How many lines below a word may be its password: a sentence or two stand between.
const LINES_BELOW: u8 = 3;

/// What says that a password stands below.
const BELOW: [&str; 7] = [
    "以下",
    "下記",
    "次の",
    "とおり",
    "通り",
    "below",
    "following",
];

/// The passwords that a text tells, the likeliest first, each once.
pub(super) fn in_text(text: &str) -> Vec<Password> {
    let end = text.char_indices().nth(MAX_TEXT);
    let text = end.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    let mut found = Found::default();
    let mut announced: Option<Announced> = None;
    let mut looks = 0usize;
    for line in text.lines() {
        if found.is_full() || looks >= MAX_WORDS {
            break;
        }
        let line = Line::of(line);
        // a rule is no answer
        if !line.says() {
            continue;
        }
        if let Some(before) = announced.take() {
            before.answered(&line, &mut found);
            announced = before.one_line_on();
        }
        for word in words::all(line.flat(), MAX_WORDS.saturating_sub(looks)) {
            looks = looks.saturating_add(1);
            announced = Some(at_word(&line, &word, &mut found));
        }
    }
    found.all()
}

/// Takes what stands at a word for its password, and tells what may stand below it.
fn at_word(line: &Line, word: &Range<usize>, found: &mut Found) -> Announced {
    let end = word.end.saturating_add(REACH).min(line.len());
    let rest = word.end..end;
    let direct = spans::behind(line, rest.clone());
    let before = spans::before(line, word.start);
    let further = spans::further(line, rest.clone(), direct.is_empty());
    let is_told = !direct.is_empty() || before.is_some();
    let mut spans = direct.into_iter().chain(before);
    if let Some(likely) = spans.next() {
        found.likely(line, likely);
    }
    spans.for_each(|span| found.maybe(line, span));
    let mut further = further.into_iter();
    if !is_told && let Some(likely) = further.next() {
        found.likely(line, likely);
    }
    further.for_each(|span| found.maybe(line, span));
    let text: String = line.flat().get(rest).unwrap_or_default().iter().collect();
    let text = text.trim().to_lowercase();
    let nothing = !is_told && !text.chars().any(char::is_alphanumeric);
    let ends = text.ends_with(':');
    Announced {
        is_next: nothing || ends || BELOW.iter().any(|word| text.contains(word)),
        is_told,
        column: line.column(word.start),
        lines: LINES_BELOW,
    }
}

/// What a line with a word for a password says about the lines below it.
#[derive(Clone, Copy)]
struct Announced {
    /// Whether the next line begins with the password.
    is_next: bool,
    /// Whether the password seems to have been told already.
    is_told: bool,
    /// In which of how many columns of a table the word stands.
    column: Option<(usize, usize)>,
    /// How many lines are looked at.
    lines: u8,
}

impl Announced {
    fn answered(self, line: &Line, found: &mut Found) {
        if let Some(cell) = self.column.and_then(|column| line.cell(column)) {
            for span in spans::behind(line, cell) {
                found.likely(line, span);
            }
        }
        if self.is_next {
            let end = REACH.min(line.len());
            let mut spans = spans::behind(line, 0..end).into_iter();
            if let Some(likely) = spans.next() {
                found.likely(line, likely);
            }
            spans.for_each(|span| found.maybe(line, span));
        }
        for span in spans::alone(line) {
            if self.is_told {
                found.maybe(line, span);
            } else {
                found.likely(line, span);
            }
        }
    }

    const fn one_line_on(mut self) -> Option<Self> {
        self.is_next = false;
        self.lines = self.lines.saturating_sub(1);
        if self.lines == 0 { None } else { Some(self) }
    }
}

/// What was found, in two ranks.
#[derive(Default)]
struct Found {
    likely: Vec<String>,
    maybe: Vec<String>,
}

impl Found {
    fn is_full(&self) -> bool {
        self.likely.len() >= MAX_FOUND
    }

    fn likely(&mut self, line: &Line, span: Range<usize>) {
        let (typed, written) = line.texts(span);
        add(&mut self.likely, typed);
        if let Some(written) = written {
            add(&mut self.maybe, written);
        }
    }

    fn maybe(&mut self, line: &Line, span: Range<usize>) {
        let (typed, written) = line.texts(span);
        for text in std::iter::once(typed).chain(written) {
            add(&mut self.maybe, text);
        }
    }

    fn all(self) -> Vec<Password> {
        let mut all: Vec<Password> = Vec::new();
        let texts = self.likely.into_iter().chain(self.maybe);
        for password in texts.filter_map(Password::new) {
            if all.len() < MAX_FOUND && !all.contains(&password) {
                all.push(password);
            }
        }
        all
    }
}

fn add(list: &mut Vec<String>, text: String) {
    if list.len() < MAX_FOUND && !list.contains(&text) {
        list.push(text);
    }
}

#[cfg(test)]
mod tests;
