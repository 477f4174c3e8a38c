//! Formulas ("Math"): their groups are the elements of those of Word, with an `m` in front.

use super::State;
use super::text::place;
use crate::formats::formula::{Formula, Sign};
use crate::formats::rtf::destination::Destination;
use mugai_core::{Cx, Refusal, Resource};

impl State {
    /// Begins a part of a formula, if the word does.
    pub(super) fn begin_formula(&mut self, word: &[u8]) -> bool {
        let name = word.strip_prefix(b"m").map(str::from_utf8);
        let Some(Ok(name)) = name else { return false };
        let group = self.group();
        if let Some(sign) = Sign::of(name) {
            // a word of something else
            if group.destination != Destination::Looks {
                return false;
            }
            self.set(|group| {
                (group.fresh, group.destination) = (false, Destination::Sign);
                group.sign = Some(sign);
            });
            self.formula.say(sign, "");
            return true;
        }
        let is_looks = name.ends_with("Pr");
        if !is_looks && !Formula::knows(name) {
            return false;
        }
        let is_told = matches!(
            group.destination,
            Destination::Body | Destination::Note | Destination::Margin
        );
        if !is_told || group.formula || group.deleted {
            return true;
        }
        self.flush();
        self.set(|group| group.fresh = false);
        if is_looks {
            self.set(|group| group.destination = Destination::Looks);
            return true;
        }
        let told = place(&mut self.out, &mut self.margin, group.destination);
        let begun = self.formula.begin(name, told);
        self.set(|group| group.formula = begun);
        true
    }

    /// A letter of a sign.
    pub(super) fn sign(&mut self, c: char) {
        if let Some(sign) = self.group().sign {
            self.formula.say(sign, c.encode_utf8(&mut [0; 4]));
        }
    }

    /// Ends the part of a formula that the innermost group is.
    pub(super) fn end_formula(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let group = self.group();
        if !group.formula {
            return Ok(());
        }
        let told = place(&mut self.out, &mut self.margin, group.destination);
        cx.charge_len(Resource::Steps, self.formula.length(told) / 16)?;
        self.formula.end(told);
        Ok(())
    }

    /// Ends the groups that the input ends within, as far as they are parts of formulas.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn close_formula(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        while self.groups.len() > 1 {
            self.end_formula(cx)?;
            self.groups.pop();
        }
        Ok(())
    }
}
