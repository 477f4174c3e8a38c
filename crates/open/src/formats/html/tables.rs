//! Tables: rows as lines, and the columns of those that hold data (HTML standard section 4.9.12).

use super::flow::Separator;
use super::lists;
use super::names::{Attr, Name};
use super::render::Renderer;
use super::tokens::Attrs;
use mugai_core::{Refusal, Resource};

/// How many columns are kept apart. Cells of more are counted as of this many.
const COLUMNS_MAX: usize = 256;
/// The most rows that a cell can span, as the standard has it; `rowspan=0` is all of them.
const ROWS_MAX: u16 = 65_534;

/// A table that is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// It has lines between its cells or header cells.
    data: bool,
    /// Lines are drawn in its current row.
    ruled: bool,
    /// Cells of the current row.
    cells: u32,
    /// Where the current row began, as the flow says.
    row: Option<u64>,
    /// The column behind the last cell.
    column: usize,
    /// The column up to which separators are written.
    written: usize,
    /// For each column the rows that a cell still takes in it, the current one included.
    taken: Vec<u16>,
}

impl Table {
    /// A table by its attributes.
    pub(super) fn of(attrs: &Attrs) -> Self {
        let border = attrs.get(Attr::Border).map(str::trim);
        let rules = attrs.get(Attr::Rules).unwrap_or("").trim();
        Self {
            // what is no number counts as 1
            data: border.is_some_and(|border| !border.starts_with('0'))
                || ["all", "cols", "rows", "groups"]
                    .iter()
                    .any(|word| rules.eq_ignore_ascii_case(word)),
            ..Self::default()
        }
    }

    /// Whether what is written now stands in a cell of a table of data.
    pub(super) const fn in_data_cell(&self) -> bool {
        self.data && self.cells > 0
    }

    /// Cells do not reach from one group of rows into the next.
    pub(super) fn begin_group(&mut self) {
        self.taken.clear();
    }

    fn begin_row(&mut self, row: u64, ruled: bool) {
        if self.row.is_some() {
            for rows in &mut self.taken {
                *rows = rows.saturating_sub(1);
            }
        }
        self.row = Some(row);
        self.ruled = ruled;
        self.cells = 0;
        self.column = 0;
        self.written = 0;
    }

    /// Takes a cell in, and tells how many columns it stands behind the cell before it.
    fn place(&mut self, columns: usize, rows: u16) -> usize {
        while self.taken.get(self.column).is_some_and(|rows| *rows > 0) {
            self.column = self.column.saturating_add(1);
        }
        let first = self.column;
        let behind = first.saturating_add(columns).min(COLUMNS_MAX);
        if rows > 1 {
            if self.taken.len() < behind {
                self.taken.resize(behind, 0);
            }
            for slot in self.taken.get_mut(first..behind).unwrap_or_default() {
                *slot = rows;
            }
        }
        self.column = behind.max(first);
        let distance = first.saturating_sub(self.written);
        self.written = first;
        distance
    }
}

impl Renderer<'_, '_> {
    /// Begins a row, along which `ruled` says that a line is drawn.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn begin_row(&mut self, ruled: bool) -> Result<(), Refusal> {
        let row = self.flow.begin_row();
        if let Some(table) = self.tables.last_mut() {
            self.cx.charge_len(Resource::Steps, table.taken.len())?;
            table.begin_row(row, ruled);
        }
        Ok(())
    }

    /// Begins a cell, around which `ruled` says that a line is drawn.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn begin_cell(
        &mut self,
        name: Name,
        ruled: bool,
        attrs: &Attrs,
    ) -> Result<(), Refusal> {
        if self.tables.last().is_some_and(|t| t.row.is_none()) {
            self.begin_row(false)?;
        }
        let Some(table) = self.tables.last_mut() else {
            self.flow.block(1);
            return Ok(());
        };
        table.ruled |= ruled;
        // a line around the only cell of a row is a frame for layout
        table.data |= name == Name::Th || (table.ruled && table.cells > 0);
        let columns = span(attrs, Attr::Colspan)
            .map_or(1, |columns| usize::from(columns).clamp(1, COLUMNS_MAX));
        let rows = match span(attrs, Attr::Rowspan) {
            Some(0) => ROWS_MAX,
            rows => rows.unwrap_or(1),
        };
        let distance = table.place(columns, rows);
        let row = table.row.unwrap_or(0);
        if table.data && (table.cells > 0 || distance > 0) {
            let distance = u32::try_from(distance.max(1)).unwrap_or(u32::MAX);
            self.cx.charge(Resource::Steps, u64::from(distance))?;
            self.flow.cell(Separator::Bar, row, distance);
        } else if table.cells > 0 {
            self.flow.cell(Separator::Tab, row, 1);
        }
        table.cells = table.cells.saturating_add(1);
        Ok(())
    }
}

/// How many columns or rows a cell spans, up to [`ROWS_MAX`], as far as it says so.
fn span(attrs: &Attrs, attr: Attr) -> Option<u16> {
    let said = u64::try_from(lists::integer(attrs.get(attr)?)?).ok()?;
    Some(u16::try_from(said).unwrap_or(ROWS_MAX).min(ROWS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_find_their_columns() {
        let mut table = Table::default();
        table.begin_row(0, false);
        assert_eq!(table.place(1, 3), 0);
        assert_eq!(table.place(2, 1), 1);
        assert_eq!(table.place(1, 2), 2);
        table.begin_row(1, false);
        assert_eq!(table.place(1, 1), 1);
        assert_eq!(table.place(1, 1), 1);
        assert_eq!(table.place(1, 1), 2);
        table.begin_row(2, false);
        assert_eq!(table.place(1, 1), 1);
        table.begin_group();
        table.begin_row(3, false);
        assert_eq!(table.place(1, 1), 0);
    }

    #[test]
    fn wide_and_tall_cells_are_bounded() {
        let mut table = Table::default();
        table.begin_row(0, false);
        assert_eq!(table.place(usize::MAX, ROWS_MAX), 0);
        assert_eq!(table.taken.len(), COLUMNS_MAX);
        assert_eq!(table.place(1, 2), COLUMNS_MAX);
        assert_eq!(table.place(1, 2), 0);
        table.begin_row(1, false);
        assert_eq!(table.place(1, 1), COLUMNS_MAX);
    }
}
