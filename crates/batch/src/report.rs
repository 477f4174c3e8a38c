//! Reports for people: counts, a table for spreadsheets, a page for browsers.

mod csv;
mod html;
mod japanese;
mod rows;
mod tally;

pub use csv::write as write_csv;
pub use html::write as write_html;
pub use rows::{Came, Row, read};
pub use tally::Tally;
