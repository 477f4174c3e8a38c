//! Formulas: none that fetch, call or lead to another file.

/// Functions that fetch, call, register or act.
const FUNCTIONS: [&str; 24] = [
    "WEBSERVICE",
    "FILTERXML",
    "CALL",
    "REGISTER",
    "REGISTER.ID",
    "RTD",
    "EXEC",
    "SQL.REQUEST",
    "IMAGE",
    "PY",
    "STOCKHISTORY",
    "HYPERLINK",
    "CUBEVALUE",
    "CUBEMEMBER",
    "CUBESET",
    "INFO",
    "EVALUATE",
    "GET.CELL",
    "GET.WORKBOOK",
    "FOPEN",
    "RUN",
    "ALERT",
    "HALT",
    "ENCODEURL",
];

/// The name before a bracket: letters in one stretch. A blank may stand before the bracket, and ends the word
/// before another one.
#[derive(Default)]
struct Word {
    letters: String,
    parted: bool,
}

impl Word {
    fn take(&mut self, c: char) {
        if c.is_whitespace() {
            self.parted = true;
            return;
        }
        let letter = is_letter(c);
        if self.parted || !letter {
            self.letters.clear();
        }
        self.parted = false;
        if letter {
            self.letters.extend(c.to_uppercase());
        }
    }

    /// Whether it is a function that must not be, with or without the prefixes of newer ones.
    fn is_denied(&self) -> bool {
        let name = self.letters.as_str();
        let name = name.strip_prefix("_XLFN.").unwrap_or(name);
        let name = name.strip_prefix("_XLWS.").unwrap_or(name);
        FUNCTIONS.contains(&name)
    }

    /// Whether it hands such a function to another one, by its name.
    fn hands_on(&self) -> bool {
        let name = self.letters.strip_prefix("_XLETA.");
        name.is_some_and(|name| {
            let name = name.strip_prefix("_XLFN.").unwrap_or(name);
            FUNCTIONS.contains(&name.strip_prefix("_XLWS.").unwrap_or(name))
        })
    }
}

/// Whether names of functions may have it.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_')
}

/// The name of a sheet in quotes, or of two with a colon between them, of which the first is no drive.
fn is_sheet(name: &str) -> bool {
    let mut parts = name.split(':');
    let first = parts.next().unwrap_or_default();
    let whole = match (parts.next(), parts.next()) {
        (None, _) => true,
        (Some(last), None) => first.chars().count() > 0 && !last.is_empty() && !is_drive(first),
        (Some(_), Some(_)) => false,
    };
    whole && !name.contains(['[', ']', '\\', '/', '|'])
}

fn is_drive(name: &str) -> bool {
    name.len() == 1 && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Where the argument ends that `text` begins with: at a separator or a bracket that it did not open.
fn ends_at(text: &str, part: char) -> Option<usize> {
    let mut open = 0usize;
    let mut said = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => said = !said,
            _ if said => {}
            '(' | '{' | '[' => open = open.saturating_add(1),
            ')' | '}' | ']' if open > 0 => open = open.saturating_sub(1),
            ')' => return Some(at),
            c if c == part && open == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// What signs are taken out of, if nothing but `behind` stands behind it.
fn taken<'v>(text: &'v str, part: char, behind: &str) -> Option<&'v str> {
    let inner = text.strip_prefix("substitute(")?;
    let (first, rest) = inner.split_at_checked(ends_at(inner, part)?)?;
    (rest == behind).then_some(first)
}

/// Whether each place that a formula makes of texts is made of one text in quotes, or of what `#` and `[` are taken out
/// of, without which no other document has a name.
fn lies_inside(lower: &str, part: char) -> bool {
    let book = format!("{part}\"[\"{part}\"\")");
    let file = format!("{part}\"#\"{part}\"\")");
    lower.match_indices("indirect").all(|(at, word)| {
        let before = lower.get(..at).unwrap_or_default();
        // a word in a text, or a part of another word
        let is_said = before.matches('"').count() % 2 == 1;
        if is_said || before.chars().next_back().is_some_and(is_letter) {
            return !before.ends_with("_xleta.");
        }
        let behind = lower.get(at.saturating_add(word.len())..);
        let behind = behind.unwrap_or_default();
        if behind.chars().next().is_some_and(is_letter) {
            return true;
        }
        let Some(argument) = behind.trim_start().strip_prefix('(') else {
            return true;
        };
        let Some(argument) = ends_at(argument, part).and_then(|end| argument.get(..end)) else {
            return false;
        };
        let argument = argument.trim();
        let literal = argument.strip_prefix('"').and_then(|a| a.strip_suffix('"'));
        literal.is_some_and(|text| !text.contains('"'))
            || taken(argument, part, &book).is_some_and(|inner| taken(inner, part, &file).is_some())
    })
}

/// Whether a formula that makes places of texts has a text which leads to another file, or makes one.
fn leads_away(value: &str, part: char) -> bool {
    let mut words = value.as_bytes().windows(8);
    if !words.any(|word| word.eq_ignore_ascii_case(b"indirect")) {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    if !lies_inside(&lower, part) {
        return true;
    }
    // the brackets that are taken out
    let lower = lower.replace("\"[\"", "");
    let mut texts = lower.split('"');
    // what stands before the first quote, and between two texts, is no text
    while texts.next().is_some() {
        let Some(text) = texts.next() else { break };
        let book = |at: usize| {
            let before = text.get(..at).and_then(|before| before.chars().last());
            before.is_none_or(|c| !c.is_alphanumeric() && !"_.[,:".contains(c))
        };
        if ["file:", "//", "\\", "|", "'#"]
            .iter()
            .any(|bad| text.contains(bad))
            || text.char_indices().any(|(at, c)| c == '[' && book(at))
        {
            return true;
        }
    }
    false
}

/// No data exchange, no other book, no function of the list.
pub(super) fn formula(value: &str) -> bool {
    if leads_away(value, ',') {
        return false;
    }
    let mut quote = None;
    let mut name = String::new();
    let mut word = Word::default();
    // what stands before the first character is no name of a table
    let mut before = '=';
    // brackets that are open: the columns of a table
    let mut depth = 0usize;
    for c in value.chars() {
        if let Some(end) = quote {
            // what is in quotes is text, or the name of a sheet, which has no brackets and is no path
            if c == end {
                quote = None;
                if end == '\'' && !is_sheet(&name) {
                    return false;
                }
            }
            if end == '\'' {
                name.push(c);
            }
            continue;
        }
        match c {
            '"' | '\'' | '!' if depth > 0 => return false,
            '"' | '\'' => {
                quote = Some(c);
                name.clear();
            }
            '|' | '\\' => return false,
            '[' => {
                // without a name before it, it is the number of another book
                let named = before.is_alphanumeric()
                    || matches!(before, '_' | '$' | '.')
                    || !before.is_ascii();
                if depth == 0 && !named {
                    return false;
                }
                depth = depth.saturating_add(1);
            }
            ']' => depth = depth.saturating_sub(1),
            '!' if before == ']' => return false,
            '(' if word.is_denied() => return false,
            _ => {}
        }
        if !is_letter(c) && word.hands_on() {
            return false;
        }
        word.take(c);
        before = c;
    }
    quote.is_none() && depth == 0 && !word.hands_on()
}

/// As [`formula`], for ODF: names of other files have a `#` behind them.
pub(super) fn open_formula(value: &str) -> bool {
    if leads_away(value, ';') {
        return false;
    }
    let value = value.strip_prefix("of:").unwrap_or(value);
    let mut quote = None;
    let mut inside = false;
    // in braces a bar parts rows of values, and nothing is called
    let mut listed = false;
    let mut word = Word::default();
    for c in value.replace("#REF!", "").chars() {
        if let Some(end) = quote {
            if end == '\'' && matches!(c, '/' | ':' | '\\') {
                return false;
            }
            if c == end {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '[' => inside = true,
            ']' => inside = false,
            '{' | '}' => listed = c == '{',
            '|' if listed => {}
            '(' if listed => return false,
            '|' | '\\' => return false,
            '#' | '/' if inside => return false,
            ':' if !inside => return false,
            '(' => {
                let name = word.letters.rsplit("MICROSOFT.").next().unwrap_or_default();
                let name = name.rsplit("OFFICE.").next().unwrap_or_default();
                if name == "DDE" || name == "MACRO" || FUNCTIONS.contains(&name) {
                    return false;
                }
            }
            _ => {}
        }
        word.take(c);
    }
    quote.is_none() && !inside
}
