//! Rows of a sheet: values, never formulas.

use crate::refusal::Refusal;
use crate::text::Text;

/// The most cells in one row: as many columns as a modern spreadsheet has.
pub const MAX_CELLS: usize = 16_384;

/// One value of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cell(Text);

impl Cell {
    /// A cell that holds text. Whether a spreadsheet would take it for a formula is the writer's
    /// care, not the cell's: here it is a value.
    #[must_use]
    pub const fn text(text: Text) -> Self {
        Self(text)
    }

    /// The value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// One row, of at most [`MAX_CELLS`] cells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Row(Vec<Cell>);

impl Row {
    /// A row of these cells.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for more than [`MAX_CELLS`].
    pub fn new(cells: Vec<Cell>) -> Result<Self, Refusal> {
        if cells.len() > MAX_CELLS {
            return Err(Refusal::malformed("table: more than 16384 cells in a row"));
        }
        Ok(Self(cells))
    }

    /// The cells from the left.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.0
    }
}
