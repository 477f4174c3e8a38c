//! What an administrator says in their own words, where we would speak to the reader of a mail.

use crate::policy::file::PolicyError;
use mugai_core::{Line, Text};

/// The longest template, and the longest line of whom to ask, in characters.
const MAX_NOTICE: usize = 2_000;
const MAX_CONTACT: usize = 200;

/// The administrator's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Whom to ask for an original: one line, in the place of ours.
    pub contact: Option<String>,
    /// The notice in the place of a withheld part. In it `{id}`, `{name}`, `{kind}`, `{reason}`, `{detail}`
    /// and `{place}` are filled in.
    pub notice: Option<String>,
}

impl Texts {
    /// Checks what a policy says.
    ///
    /// # Errors
    /// For words that a reader could not be shown, or a notice without its number: nobody could ask for the
    /// original then.
    pub(super) fn read(
        at: &str,
        contact: Option<&str>,
        notice: Option<&str>,
    ) -> Result<Self, PolicyError> {
        let wrong = |key: &str, value: &str, accepted: String| PolicyError::Value {
            key: format!("{at}.{key}"),
            value: value.to_owned(),
            accepted,
        };
        if let Some(line) = contact {
            let (clean, _) = Line::clean(line);
            if line.is_empty() || clean.as_str() != line || line.chars().count() > MAX_CONTACT {
                let accepted = format!("one line of at most {MAX_CONTACT} characters");
                return Err(wrong("contact", line, accepted));
            }
        }
        if let Some(text) = notice {
            let (clean, _) = Text::clean(text);
            let whole = clean.as_str() == text && text.contains("{id}");
            if !whole || text.chars().count() > MAX_NOTICE {
                let accepted = format!(
                    "text of at most {MAX_NOTICE} characters with {{id}} in it, without control characters"
                );
                return Err(wrong("notice", text, accepted));
            }
        }
        Ok(Self {
            contact: contact.map(str::to_owned),
            notice: notice.map(str::to_owned),
        })
    }
}

/// Puts values into their places, each once: a value that looks like a place is left as it is, and so is a
/// place that is not known.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let value = after.split_once('}').and_then(|(name, rest)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, rest))
        });
        if let Some((value, after)) = value {
            out.push_str(value);
            rest = after;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_once() {
        let values = [("id", "MG-1"), ("name", "{id}"), ("kind", "x\n")];
        assert_eq!(
            fill("{id}: {name} {x} { {kind}", &values),
            "MG-1: {id} {x} { x\n"
        );
    }

    #[test]
    fn words_that_cannot_be_shown_are_refused() {
        let good = Texts::read("r", Some("内線 1234"), Some("{id}\n{reason}\n"));
        assert_eq!(good.unwrap().contact.as_deref(), Some("内線 1234"));
        for (contact, notice) in [
            (Some(""), None),
            (Some("a\nb"), None),
            (Some("a\u{202e}b"), None),
            (None, Some("no number")),
            (None, Some("{id}\u{7}")),
        ] {
            assert!(
                Texts::read("r", contact, notice).is_err(),
                "{contact:?} {notice:?}"
            );
        }
        let long = format!("{{id}}{}", "a".repeat(MAX_NOTICE));
        assert!(Texts::read("r", None, Some(&long)).is_err());
    }
}
