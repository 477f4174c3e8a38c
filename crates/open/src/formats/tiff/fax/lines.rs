//! The lines of a fax, as the places where the colour changes.
//!
//! The tables of codes are those of the `fax` crate. Lines are followed here: its decoder of group 4 takes lines
//! whose changes go to and fro, and looks through all of them for each code of the next line.

use fax::maps::{Mode, black, mode, white};
use fax::{BitReader, ByteReader};
use mugai_core::Refusal;
use std::convert::Infallible;

/// How lines are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Runs, each line from a whole byte on (TIFF compression 2).
    Bytewise,
    /// Runs, with a mark before each line (T.4 section 4.1).
    OneDimensional,
    /// Some lines as differences to the one above (T.4 section 4.2).
    TwoDimensional,
    /// All lines as differences (T.6).
    Group4,
}

type Bytes<'a> = Box<dyn Iterator<Item = Result<u8, Infallible>> + 'a>;

/// A decoder of lines.
pub(super) struct Lines<'a> {
    reader: ByteReader<Bytes<'a>>,
    coding: Coding,
    width: u16,
    /// Changes of the last line, none left of the one before, and room for the next one.
    line: Vec<u16>,
    next: Vec<u16>,
    damaged: bool,
}

/// The mark before a line: eleven zeros and a one.
const EOL_BITS: u8 = 12;

impl<'a> Lines<'a> {
    /// A decoder of `strip`, whose bytes have their lowest bit first if `reversed`.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a width over 65,535, which no page has.
    pub(super) fn new(
        strip: &'a [u8],
        reversed: bool,
        coding: Coding,
        width: u32,
    ) -> Result<Self, Refusal> {
        let too_wide = || Refusal::malformed("tiff: width of a fax");
        let width = u16::try_from(width).map_err(|_| too_wide())?;
        let ordered = move |b: &u8| Ok(if reversed { b.reverse_bits() } else { *b });
        // the library looks further ahead than a code is long, so that the last one needs some bits behind it
        let bytes: Bytes<'a> = Box::new(strip.iter().chain(&[0; 4]).map(ordered));
        Ok(Self {
            reader: ByteReader::new(bytes).map_err(|_| too_wide())?,
            coding,
            width,
            line: Vec::new(),
            next: Vec::new(),
            damaged: false,
        })
    }

    /// Decodes the next line; `false` at the end, or where nothing more can be made out.
    pub(super) fn advance(&mut self) -> bool {
        match self.line() {
            Some(whole) => {
                self.damaged |= !whole;
                true
            }
            None => false,
        }
    }

    /// Where the colour of the last line changes, the first change being to black.
    pub(super) fn changes(&self) -> &[u16] {
        &self.line
    }

    /// Whether a line could not be made out and repeats the one above, as fax machines do it.
    pub(super) const fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Decodes a line: whether it was whole, or `None` at the end.
    fn line(&mut self) -> Option<bool> {
        let marked = self.skip_mark();
        let differences = match self.coding {
            // a bit behind each mark tells
            Coding::TwoDimensional => self.bit()? == 0,
            // no line begins with a mark: it ends the block (T.6 section 2.4.1.1)
            Coding::Group4 if marked => return None,
            Coding::Group4 => true,
            Coding::Bytewise | Coding::OneDimensional => false,
        };
        // two marks in a row end the page (T.4 section 4.1.4)
        if marked && self.is_mark() {
            return None;
        }
        self.next.clear();
        let whole = if differences {
            self.differences()
        } else {
            self.runs()
        };
        if self.coding == Coding::Bytewise {
            let padding = self.reader.bits_to_byte_boundary();
            self.reader.consume(padding).ok()?;
        }
        if whole.is_some() {
            std::mem::swap(&mut self.line, &mut self.next);
            return Some(true);
        }
        // up to the next mark, where there is one
        if matches!(self.coding, Coding::Bytewise | Coding::Group4) {
            return None;
        }
        while !self.is_mark() {
            self.bit()?;
        }
        Some(false)
    }

    fn bit(&mut self) -> Option<u16> {
        let bit = self.reader.peek(1)?;
        self.reader.consume(1).ok()?;
        Some(bit)
    }

    /// Whether a mark stands here, fill bits or not: no code has eleven zeros.
    fn is_mark(&self) -> bool {
        self.coding != Coding::Bytewise && self.reader.peek(EOL_BITS - 1) == Some(0)
    }

    fn skip_mark(&mut self) -> bool {
        if !self.is_mark() {
            return false;
        }
        while self.bit() == Some(0) {}
        true
    }

    fn run(&mut self, is_black: bool) -> Option<u16> {
        let mut sum = 0u16;
        loop {
            let part = if is_black {
                black::decode(&mut self.reader)?
            } else {
                white::decode(&mut self.reader)?
            };
            sum = sum.checked_add(part)?;
            if part < 64 {
                return Some(sum);
            }
        }
    }

    /// Notes a change of the line that is being made; `None` for more of them than a line has room for.
    fn change(&mut self, at: u16) -> Option<()> {
        // runs of nothing at all are legal where a line begins or ends
        let most = usize::from(self.width).saturating_add(4);
        (self.next.len() < most).then(|| self.next.push(at))
    }

    /// White and black runs in turn, until the line is full.
    fn runs(&mut self) -> Option<()> {
        let mut at = 0u16;
        let mut is_black = false;
        while at < self.width {
            at = at.checked_add(self.run(is_black)?)?;
            self.change(at)?;
            is_black = !is_black;
        }
        (at == self.width).then_some(())
    }

    /// Changes relative to those of the line above (T.4 section 4.2.1).
    fn differences(&mut self) -> Option<()> {
        // the place of the last change; none before the line begins
        let mut a0: Option<u16> = None;
        let mut is_black = false;
        while a0.is_none_or(|at| at < self.width) {
            let b1 = self.above(a0, is_black);
            match mode::decode(&mut self.reader)? {
                Mode::Pass => a0 = Some(self.above_index(b1.0.saturating_add(1))),
                Mode::Vertical(delta) => {
                    let a1 = b1.1.checked_add_signed(i16::from(delta))?;
                    if a0.is_some_and(|at| a1 < at) {
                        return None;
                    }
                    self.change(a1)?;
                    is_black = !is_black;
                    a0 = Some(a1);
                }
                Mode::Horizontal => {
                    let first = self.run(is_black)?;
                    let second = self.run(!is_black)?;
                    let a1 = a0.unwrap_or(0).checked_add(first)?;
                    let a2 = a1.checked_add(second)?;
                    self.change(a1)?;
                    self.change(a2)?;
                    a0 = Some(a2);
                }
                Mode::Extension | Mode::EOF => return None,
            }
        }
        Some(())
    }

    /// Index and place of the first change above that is right of `a0` and to the other colour.
    fn above(&self, a0: Option<u16>, is_black: bool) -> (usize, u16) {
        let parity = usize::from(is_black);
        let right = self
            .line
            .partition_point(|change| a0.is_some_and(|at| *change <= at));
        let index = if right % 2 == parity {
            right
        } else {
            right.saturating_add(1)
        };
        (index, self.above_index(index))
    }

    fn above_index(&self, index: usize) -> u16 {
        self.line
            .get(index)
            .map_or(self.width, |at| (*at).min(self.width))
    }
}
