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

/// Where in a formula a walk is: in a text, in the name of a sheet, in brackets.
#[derive(Default)]
struct Walk {
    said: bool,
    named: bool,
    /// Square brackets that are open.
    columns: usize,
}

impl Walk {
    /// Takes a character; whether it stands outside of texts, names and square brackets.
    fn takes(&mut self, c: char, part: char) -> bool {
        match c {
            '"' if !self.named => self.said = !self.said,
            _ if self.said => {}
            // within the columns of a table it is no quote, within a reference of ODF it is
            '\'' if self.columns == 0 || part == ';' => self.named = !self.named,
            _ if self.named => {}
            '[' => self.columns = self.columns.saturating_add(1),
            ']' => self.columns = self.columns.saturating_sub(1),
            _ => return self.columns == 0,
        }
        false
    }
}

/// Where the argument ends that `text` begins with: at a separator or a bracket that it did not open.
fn ends_at(text: &str, part: char) -> Option<usize> {
    let (mut walk, mut open) = (Walk::default(), 0usize);
    for (at, c) in text.char_indices() {
        if !walk.takes(c, part) {
            continue;
        }
        match c {
            '(' | '{' => open = open.saturating_add(1),
            ')' | '}' if open > 0 => open = open.saturating_sub(1),
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

/// Whether a text in quotes has nothing of the name of a file, or is a table with a column or a part of it.
fn is_place(argument: &str) -> bool {
    let text = argument.strip_prefix('"').and_then(|a| a.strip_suffix('"'));
    let Some(text) = text.filter(|text| !text.contains('"')) else {
        return false;
    };
    let column = || {
        let (table, column) = text.strip_suffix(']')?.split_once('[')?;
        let plain = ["#all", "#data", "#headers", "#totals"].contains(&column)
            || !column.chars().any(|c| "#[]'!/\\:|".contains(c));
        (plain && !table.is_empty() && table.chars().all(is_letter)).then_some(())
    };
    !(text.contains('#') || text.contains('[')) || column().is_some()
}

/// The most places that one formula makes of texts.
const MAX_PLACES: usize = 256;

/// Whether each place that a formula makes of texts is made of one text in quotes that names no file, or of what `#` and
/// `[` are taken out of, without which no other file has a name.
fn lies_inside(lower: &str, part: char) -> bool {
    let book = format!("{part}\"[\"{part}\"\")");
    let file = format!("{part}\"#\"{part}\"\")");
    let mut walk = Walk::default();
    let mut before = '=';
    let mut places = 0usize;
    for (at, c) in lower.char_indices() {
        let bare = walk.takes(c, part);
        let (begins, renamed) = (!is_letter(before), matches!(before, '.' | '_'));
        before = c;
        let Some(behind) = lower
            .get(at..)
            .and_then(|rest| rest.strip_prefix("indirect"))
        else {
            continue;
        };
        if !bare || behind.chars().next().is_some_and(is_letter) {
            continue;
        }
        // one that is handed on by its name, or has another one, makes places of what nobody sees
        if renamed {
            return false;
        }
        if !begins {
            continue;
        }
        let Some(argument) = behind.trim_start().strip_prefix('(') else {
            continue;
        };
        places = places.saturating_add(1);
        let argument = ends_at(argument, part).and_then(|end| argument.get(..end));
        let Some(argument) = argument.filter(|_| places <= MAX_PLACES) else {
            return false;
        };
        let argument = argument.trim();
        let inside = || taken(taken(argument, part, &book)?, part, &file);
        if !is_place(argument) && inside().is_none() {
            return false;
        }
    }
    true
}

/// Whether a formula that makes places of texts may make one in another file.
fn leads_away(value: &str, part: char) -> bool {
    let mut words = value.as_bytes().windows(8);
    words.any(|word| word.eq_ignore_ascii_case(b"indirect"))
        && !lies_inside(&value.to_ascii_lowercase(), part)
}

/// Whether a link leads to a place in the same document, by what stands behind its name.
fn leads_inside(name: &str, behind: &str, part: char) -> bool {
    let Some(rest) = behind.trim_start().strip_prefix('"') else {
        return false;
    };
    let Some((place, rest)) = rest.split_once('"') else {
        return false;
    };
    let next = rest.trim_start().chars().next();
    let ends = next == Some(')') || next == Some(part);
    // brackets of the name of a sheet, but no call
    let calls = place.split('\'').step_by(2).any(|bare| bare.contains('('));
    name == "HYPERLINK" && ends && !calls && place.starts_with('#') && super::is_place(place)
}

/// Whether what stands in brackets, up to the end of the formula, is this document, or one column of the table that the
/// formula stands in.
fn is_own(before: char, behind: &str) -> bool {
    if let Some(name) = behind.strip_prefix("0]!") {
        let bare = !is_letter(before) && !matches!(before, '$' | '\'' | '"' | ']' | '!' | ':');
        return bare && name.starts_with(|c: char| is_letter(c) || c == '$');
    }
    let Some((name, rest)) = behind.split_once(']') else {
        return false;
    };
    let ends = rest
        .chars()
        .next()
        .is_none_or(|c| "),=+-*/^&<>".contains(c));
    let odd = |c: char| !c.is_alphanumeric() && !" _@#()（）・".contains(c);
    ends && "(,=+-*/^&<> ".contains(before)
        && !name.contains(odd)
        && name.contains(char::is_alphabetic)
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
    // where this same document ends that is named
    let mut own = 0usize;
    for (at, c) in value.char_indices() {
        let behind = value.get(at..).and_then(|rest| rest.strip_prefix(c));
        let behind = behind.unwrap_or_default();
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
                    if !is_own(before, behind) {
                        return false;
                    }
                    // the mark behind `[0]`
                    own = at.saturating_add(3);
                }
                depth = depth.saturating_add(1);
            }
            ']' => depth = depth.saturating_sub(1),
            '!' if before == ']' && at != own => return false,
            '(' if word.is_denied() && !leads_inside(&word.letters, behind, ',') => return false,
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
    let value = value.replace("#REF!", "");
    for (at, c) in value.char_indices() {
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
                let behind = value.get(at..).and_then(|rest| rest.strip_prefix('('));
                let inside = leads_inside(&word.letters, behind.unwrap_or_default(), ';');
                let denied = FUNCTIONS.contains(&name) && !inside;
                if name == "DDE" || name == "MACRO" || denied {
                    return false;
                }
            }
            _ => {}
        }
        word.take(c);
    }
    quote.is_none() && !inside
}
