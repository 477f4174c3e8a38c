//! A text parted into cells.

use std::borrow::Cow;

/// What follows a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Another cell of the same row.
    Cell,
    /// The next row, or nothing more.
    Row,
}

/// The cells of a text, row by row. A line end at the end of the text begins no further row.
pub(super) struct Cells<'a> {
    rest: &'a str,
    delimiter: u8,
    /// A delimiter was the last thing of the text: an empty cell is due.
    due: bool,
}

impl<'a> Cells<'a> {
    /// `delimiter` is an ASCII character other than a quote or a line end.
    pub(super) const fn new(text: &'a str, delimiter: u8) -> Self {
        Self {
            rest: text,
            delimiter,
            due: false,
        }
    }

    /// A cell without quotes, or what stands behind the closing quote of one.
    fn bare(&mut self) -> (&'a str, End) {
        let rest = self.rest;
        let Some(at) = memchr::memchr3(self.delimiter, b'\n', b'\r', rest.as_bytes()) else {
            self.rest = "";
            return (rest, End::Row);
        };
        let (cell, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if behind.starts_with(char::from(self.delimiter)) {
            self.rest = behind.get(1..).unwrap_or("");
            self.due = self.rest.is_empty();
            return (cell, End::Cell);
        }
        let behind = behind.strip_prefix('\r').unwrap_or(behind);
        self.rest = behind.strip_prefix('\n').unwrap_or(behind);
        (cell, End::Row)
    }

    /// The contents of a quoted cell whose opening quote is gone: up to a quote that is not doubled.
    /// One that is never closed goes on to the end of the text.
    fn quoted(&mut self) -> Cow<'a, str> {
        let mut value = Cow::Borrowed("");
        loop {
            let end = memchr::memchr(b'"', self.rest.as_bytes());
            let at = end.unwrap_or(self.rest.len());
            let (part, behind) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
            if value.is_empty() {
                value = Cow::Borrowed(part);
            } else {
                value.to_mut().push_str(part);
            }
            self.rest = behind.get(1..).unwrap_or("");
            match self.rest.strip_prefix('"') {
                Some(after) if end.is_some() => {
                    value.to_mut().push('"');
                    self.rest = after;
                }
                _ => return value,
            }
        }
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = (Cow<'a, str>, End);

    fn next(&mut self) -> Option<Self::Item> {
        if std::mem::take(&mut self.due) {
            return Some((Cow::Borrowed(""), End::Row));
        }
        if self.rest.is_empty() {
            return None;
        }
        let Some(opened) = self.rest.strip_prefix('"') else {
            let (cell, end) = self.bare();
            return Some((Cow::Borrowed(cell), end));
        };
        self.rest = opened;
        let mut value = self.quoted();
        let (stray, end) = self.bare();
        if !stray.is_empty() {
            value.to_mut().push_str(stray);
        }
        Some((value, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut rows = vec![Vec::new()];
        for (cell, end) in Cells::new(text, b',') {
            rows.last_mut().unwrap().push(cell.into_owned());
            if end == End::Row {
                rows.push(Vec::new());
            }
        }
        assert_eq!(rows.pop(), Some(Vec::new()), "{text:?} ends with a row");
        rows
    }

    #[test]
    fn quotes_line_ends_and_empty_cells() {
        for (text, want) in [
            ("a,b\r\nc,d\r\n", &[&["a", "b"][..], &["c", "d"]][..]),
            ("a,b\nc", &[&["a", "b"], &["c"]]),
            ("a\rb", &[&["a"], &["b"]]),
            ("a,\n,b\n,", &[&["a", ""], &["", "b"], &["", ""]]),
            ("\"a,b\",c", &[&["a,b", "c"]]),
            ("\"a\"\"b\",\"\"\"\"", &[&["a\"b", "\""]]),
            ("\"a\nb\",c\nd", &[&["a\nb", "c"], &["d"]]),
            ("\"\",\"\"\n", &[&["", ""]]),
            ("a\"b,c\"\n", &[&["a\"b", "c\""]]),
            ("\"a\"b,c", &[&["ab", "c"]]),
            ("\"a\n,b", &[&["a\n,b"]]),
            ("\"a\"\"", &[&["a\""]]),
            ("\n\na", &[&[""], &[""], &["a"]]),
            ("\"a\"\r\n\"b\"", &[&["a"], &["b"]]),
            (",", &[&["", ""]]),
            ("", &[]),
        ] {
            assert_eq!(rows(text), want, "{text:?}");
        }
    }
}
