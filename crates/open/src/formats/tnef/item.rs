//! The message as an item of Outlook.

use super::properties::{Properties, Value};
use super::string;
use crate::formats::msg::since_1970;
use crate::formats::outlook::{Item, Key};
use mugai_core::Refusal;

/// The property that has an attribute of its own instead.
pub(super) const SUBJECT: u16 = 0x0037;

/// The properties of a message, and what of them stands beside them.
pub(super) struct Read<'a> {
    pub(super) properties: Properties<'a>,
    pub(super) code_page: Option<u32>,
    pub(super) subject: Option<String>,
}

impl Item for Read<'_> {
    fn text(&mut self, key: Key) -> Result<Option<String>, Refusal> {
        let text = self.properties.by(key);
        let text = text.and_then(|value| string(value, self.code_page));
        let beside = || self.subject.clone().filter(|_| key == Key::Fixed(SUBJECT));
        Ok(text.or_else(beside).filter(|text| !text.is_empty()))
    }

    fn first(&mut self, key: Key) -> Result<Option<i32>, Refusal> {
        let first = match self.properties.by(key) {
            Some(Value::Binary(bytes)) => bytes.first_chunk(),
            _ => None,
        };
        Ok(first.map(|first| i32::from_le_bytes(*first)))
    }

    fn number(&self, key: Key) -> Option<u32> {
        if let Value::Number(number) = self.properties.by(key)? {
            Some(*number)
        } else {
            None
        }
    }

    fn time(&self, key: Key) -> Option<i64> {
        if let Value::Time(ticks) = self.properties.by(key)? {
            since_1970(*ticks)
        } else {
            None
        }
    }
}
