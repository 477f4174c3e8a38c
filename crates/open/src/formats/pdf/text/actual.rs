//! Text that a file gives in the place of what its glyphs mean.
//!
//! Nobody sees it, so that it may say anything. It is taken as far as glyphs are seen that it can stand
//! for, and each of them carries its share.

/// The longest text that may stand for a stretch of glyphs, in bytes.
pub(super) const MAX_SPAN_BYTES: usize = 8 << 10;
/// The most bytes of such texts of one page that are read.
pub(super) const MAX_ACTUAL_BYTES: usize = 16 << 20;

/// Text that stands for a stretch of glyphs (`ActualText`, ISO 32000-2, 14.9.4).
#[derive(Debug, Default)]
pub(in crate::formats::pdf) struct Actual {
    text: Box<str>,
    /// Characters of the text.
    chars: usize,
    /// Glyphs that are seen, blanks among them, and those of them that have a shape.
    seen: usize,
    shaped: usize,
    /// Glyphs that took their share, and the bytes of the text that are gone with them.
    taken: usize,
    at: usize,
}

impl Actual {
    /// `text` for glyphs that are yet to come.
    pub(super) fn of(text: Box<str>) -> Self {
        Self {
            chars: text.chars().count(),
            text,
            ..Self::default()
        }
    }

    /// One more of its glyphs is seen.
    pub(super) fn see(&mut self, has_shape: bool) {
        self.seen = self.seen.saturating_add(1);
        self.shaped = self.shaped.saturating_add(usize::from(has_shape));
    }

    /// Whether it may stand for its glyphs: much text behind a few letters is something else, and
    /// what nobody sees carries none.
    pub(super) fn is_fitting(&self) -> bool {
        let most = self.shaped.saturating_mul(2).saturating_add(4);
        self.shaped > 0 && self.chars <= most
    }

    /// The share of the next glyph that is seen.
    pub(super) fn take(&mut self) -> Box<str> {
        let end = |glyphs: usize| {
            let all = glyphs.saturating_mul(self.chars);
            all.checked_div(self.seen).unwrap_or(0)
        };
        let count = end(self.taken.saturating_add(1)).saturating_sub(end(self.taken));
        let rest = self.text.get(self.at..).unwrap_or_default();
        let share: String = rest.chars().take(count).collect();
        self.taken = self.taken.saturating_add(1);
        self.at = self.at.saturating_add(share.len());
        share.into_boxed_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shares of glyphs that are seen, of which `true` have a shape; `None` where it is not fitting.
    fn shares(text: &str, glyphs: &[bool]) -> Option<Vec<String>> {
        let mut actual = Actual::of(text.into());
        for has_shape in glyphs {
            actual.see(*has_shape);
        }
        let is_fitting = actual.is_fitting();
        is_fitting.then(|| glyphs.iter().map(|_| String::from(actual.take())).collect())
    }

    /// A text, its glyphs, and what each of them gets.
    type Case<'c> = (&'c str, &'c [bool], Option<&'c [&'c str]>);

    #[test]
    fn glyphs_share_a_text() {
        let all = |count: usize| vec![true; count];
        let cases: &[Case<'_>] = &[
            ("0123456789+", &all(3), None),
            ("ab", &all(2), Some(&["a", "b"])),
            ("fi", &all(1), Some(&["fi"])),
            ("a b", &[true, false, true], Some(&["a", " ", "b"])),
            ("葛󠄀城", &all(2), Some(&["葛", "󠄀城"])),
            ("a", &all(3), Some(&["", "", "a"])),
            ("hidden", &[false; 9], None),
            ("hidden", &[], None),
            ("sixsix", &all(1), Some(&["sixsix"])),
            ("seven77", &all(1), None),
        ];
        for (text, glyphs, expected) in cases {
            let expected = expected.map(|all| all.iter().map(ToString::to_string).collect());
            assert_eq!(shares(text, glyphs), expected, "{text}");
        }
        // none of it is lost, however it is shared out
        for count in 1..40 {
            let text = "abcdefghijklmnopqrstuvwxyz";
            if let Some(all) = shares(text, &all(count)) {
                assert_eq!(all.concat(), text, "{count}");
            }
        }
    }
}
