//! A text for an office suite: fields that it would work out anew are of no known kind there, so that it shows what
//! they showed.

use super::fib::Fib;
use crate::formats::frozen;
use mugai_core::{Cx, Refusal, Resource};

/// A place in the text, and what is at it ([MS-DOC] 2.8.25, 2.9.89).
const PLACE: usize = 4;
const FIELD: usize = 2;
/// What begins a field, in the five lowest bits.
const BEGIN: u8 = 0x13;
/// A field without a keyword ([MS-DOC] 2.9.90): suites show its result.
const NONE: u8 = 0x02;

/// Freezes the fields of all stories in the stream of tables; tells whether there are any.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn fields(fib: &Fib, table: &mut [u8], cx: &Cx<'_>) -> Result<bool, Refusal> {
    let mut any = false;
    for range in &fib.fields {
        let count = range.len().saturating_sub(PLACE);
        let count = count.checked_div(PLACE.saturating_add(FIELD)).unwrap_or(0);
        cx.charge_len(Resource::Steps, count)?;
        let start = count.saturating_add(1).saturating_mul(PLACE);
        let list = table.get_mut(range.clone()).unwrap_or_default();
        let all = list.get_mut(start..).unwrap_or_default();
        for field in all.chunks_exact_mut(FIELD) {
            if let [begin, number] = field
                && *begin & 0x1f == BEGIN
                && frozen::is_number_frozen(*number)
            {
                *number = NONE;
                any = true;
            }
        }
    }
    Ok(any)
}
