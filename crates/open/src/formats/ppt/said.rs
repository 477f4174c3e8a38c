//! Texts of slides, with the places of what the program puts into them ([MS-PPT] 2.9.50 to 2.9.56).

use super::records::{self, Record};
use crate::formats::ole::little::{size_at, utf16};
use mugai_core::{Cx, Refusal, Resource};
use std::collections::BTreeMap;

/// What stands in a text where a field is.
const FIELD: char = '*';

/// A text, and where in it fields are, in units of UTF-16: `true` for the number of the slide, `false` for days, and
/// for what stands above and below all slides.
#[derive(Debug, Default)]
pub(super) struct Said {
    text: String,
    fields: BTreeMap<usize, bool>,
}

impl Said {
    /// The text of a record.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn read(record: &Record<'_>, cx: &Cx<'_>) -> Result<Self, Refusal> {
        cx.charge_len(Resource::Bytes, record.content.len().saturating_mul(3))?;
        cx.charge_len(Resource::Steps, record.content.len() / 4)?;
        let text = if record.kind == records::TEXT_WIDE {
            utf16(record.content)
        } else {
            // the lower halves of units
            let bytes = record.content.iter();
            bytes.map(|byte| char::from(*byte)).collect()
        };
        Ok(Self {
            text,
            fields: BTreeMap::new(),
        })
    }

    /// A record behind the text, which may say that there is a field in it.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn field(&mut self, record: &Record<'_>, cx: &Cx<'_>) -> Result<(), Refusal> {
        cx.charge(Resource::Bytes, 64)?;
        if let Some(place) = size_at(record.content, 0) {
            let number = record.kind == records::FIELD_NUMBER;
            self.fields.insert(place, number);
        }
        Ok(())
    }

    /// Tells the text on slide `number` with its paragraphs and lines.
    pub(super) fn tell(&self, number: u32, out: &mut String) {
        let before = out.len();
        let mut place = 0usize;
        for c in self.text.chars() {
            let field = self.fields.get(&place).filter(|_| c == FIELD);
            place = place.saturating_add(c.len_utf16());
            match (field, c) {
                (Some(true), _) => out.push_str(&number.to_string()),
                (Some(false), _) => {}
                (None, '\r' | '\u{b}') => out.push('\n'),
                (None, c) => out.push(c),
            }
        }
        let told = out.get(before..).unwrap_or_default().trim_end();
        let length = if told.trim().is_empty() {
            before
        } else {
            before.saturating_add(told.len())
        };
        out.truncate(length);
        if length > before {
            out.push('\n');
        }
    }
}

/// Whether a record behind a text says that there is a field in it.
pub(super) const fn is_field(kind: u16) -> bool {
    matches!(
        kind,
        records::FIELD_NUMBER
            | records::FIELD_TIME
            | records::FIELD_DATE
            | records::FIELD_HEADER
            | records::FIELD_FOOTER
            | records::FIELD_FORMAT
    )
}
