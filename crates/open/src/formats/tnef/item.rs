//! The message as an item of Outlook, some of whose properties have attributes of their own instead.

use super::properties::{Properties, Value};
use super::{decode, string, until_nul};
use crate::formats::msg::{self, since_1970};
use crate::formats::ole::little::u16_at;
use crate::formats::outlook::{self, Item, Key, Known, Moment, Told};
use mugai_core::{Cx, FindingCode, Refusal};
use std::borrow::Cow;

/// Attributes of the message ([MS-OXTNEF] section 2.1.3.3).
const FROM: u32 = 0x0000_8000;
const SENT_FOR: u32 = 0x0006_0001;
const SUBJECT: u32 = 0x0001_8004;
const BEGIN: u32 = 0x0003_0006;
const END: u32 = 0x0003_0007;
const CLASS: u32 = 0x0007_8008;
/// The properties that they stand for.
const SUBJECT_KEY: Key = Key::Fixed(0x0037);
const BEGIN_KEY: Key = Key::Fixed(0x0060);
const END_KEY: Key = Key::Fixed(0x0061);
/// The head of the structure that says who sent it.
const FROM_HEAD: usize = 8;

/// Attributes that stand for properties, as far as they were seen.
#[derive(Default)]
pub(super) struct Beside<'a> {
    class: Option<&'a [u8]>,
    subject: Option<&'a [u8]>,
    begin: Option<[u16; 6]>,
    end: Option<[u16; 6]>,
    from: Option<&'a [u8]>,
    sent_for: Option<&'a [u8]>,
}

impl<'a> Beside<'a> {
    /// Takes an attribute in, if it is one of them.
    pub(super) fn take(&mut self, number: u32, data: &'a [u8]) {
        match number {
            CLASS => self.class = Some(until_nul(data)),
            SUBJECT => self.subject = Some(until_nul(data)),
            BEGIN => self.begin = date(data),
            END => self.end = date(data),
            FROM => self.from = data.get(FROM_HEAD..),
            SENT_FOR => self.sent_for = Some(data),
            _ => {}
        }
    }

    /// Who it is from: whoever it was sent for, then whoever sent it.
    fn person(&self, code_page: Option<u32>) -> [Option<String>; 2] {
        let parts = match (self.sent_for.and_then(sized), self.from) {
            (Some(parts), _) => parts,
            (None, Some(from)) => {
                let name = until_nul(from);
                let rest = from.get(name.len()..).unwrap_or_default();
                // names are filled up with zeros
                let start = rest
                    .iter()
                    .position(|byte| *byte != 0)
                    .unwrap_or(rest.len());
                [name, until_nul(rest.get(start..).unwrap_or_default())]
            }
            (None, None) => return [None, None],
        };
        let [name, address] = parts.map(|part| {
            let text = decode(until_nul(part), code_page);
            (!text.trim().is_empty()).then_some(text)
        });
        let address = address.and_then(|address| {
            let (kind, address) = address.split_once(':')?;
            kind.eq_ignore_ascii_case("smtp")
                .then(|| address.to_owned())
        });
        [name, address]
    }
}

/// Year, month, day, hour, minute and second (section 2.1.3.3.4). Where their clocks are is not told.
fn date(data: &[u8]) -> Option<[u16; 6]> {
    let mut parts = [0; 6];
    for (place, part) in parts.iter_mut().enumerate() {
        *part = u16_at(data, place.checked_mul(2)?)?;
    }
    let [year, month, day, hour, minute, second] = parts;
    let fits = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    fits.then_some(parts)
}

/// A name and an address, each behind its length (section 2.1.3.3.9).
fn sized(data: &[u8]) -> Option<[&[u8]; 2]> {
    let length = usize::from(u16_at(data, 0)?);
    let (name, rest) = data.get(2..)?.split_at_checked(length)?;
    let length = usize::from(u16_at(rest, 0)?);
    let address = rest.get(2..)?.get(..length)?;
    Some([name, address])
}

/// The properties of a message, and what of them stands beside them.
struct Read<'a> {
    properties: Properties<'a>,
    beside: Beside<'a>,
    code_page: Option<u32>,
}

impl Item for Read<'_> {
    fn text(&mut self, key: Key) -> Result<Option<String>, Refusal> {
        let text = self.properties.by(key);
        let text = text.and_then(|value| string(value, self.code_page));
        let beside = || {
            let subject = self.beside.subject.filter(|_| key == SUBJECT_KEY);
            subject.map(|subject| decode(subject, self.code_page))
        };
        Ok(text.or_else(beside).filter(|text| !text.is_empty()))
    }

    fn binary(&mut self, key: Key) -> Result<Option<Cow<'_, [u8]>>, Refusal> {
        Ok(match self.properties.by(key) {
            Some(Value::Binary(bytes)) => Some(Cow::Borrowed(bytes)),
            _ => None,
        })
    }

    fn number(&self, key: Key) -> Option<u32> {
        if let Value::Number(number) = self.properties.by(key)? {
            Some(*number)
        } else {
            None
        }
    }

    fn time(&self, key: Key) -> Option<Moment> {
        if let Some(Value::Time(ticks)) = self.properties.by(key) {
            return since_1970(*ticks).map(Moment::Utc);
        }
        let begin = self.beside.begin.filter(|_| key == BEGIN_KEY);
        let end = self.beside.end.filter(|_| key == END_KEY);
        begin.or(end).map(Moment::Local)
    }
}

/// What a message is apart from that.
///
/// # Errors
/// What the reading of the properties came to.
pub(super) fn told<'a>(
    properties: Properties<'a>,
    beside: Beside<'a>,
    code_page: Option<u32>,
    cx: &mut Cx<'_>,
) -> Result<Option<Told>, Refusal> {
    let mut item = Read {
        properties,
        beside,
        code_page,
    };
    let class = item.beside.class.map(|class| decode(class, code_page));
    let class = match class.filter(|class| !class.is_empty()) {
        None => item.text(Key::Fixed(msg::CLASS))?.unwrap_or_default(),
        Some(class) => class,
    };
    if outlook::is_untold(&class) {
        cx.note(FindingCode::OfficePart);
    }
    let mut from = outlook::from(&mut item)?;
    if from == [None, None] {
        from = item.beside.person(code_page);
    }
    let known = Known {
        subject: item.text(SUBJECT_KEY)?,
        from,
    };
    outlook::told(&class, known, &mut item, cx.params().lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_stand_for_properties() {
        let mut beside = Beside::default();
        let date: Vec<u8> = [2026, 12, 1, 9, 30, 0, 2]
            .iter()
            .flat_map(|n: &u16| n.to_le_bytes())
            .collect();
        beside.take(BEGIN, &date);
        beside.take(END, &date[..8]);
        assert_eq!(beside.begin, Some([2026, 12, 1, 9, 30, 0]));
        assert_eq!(beside.end, None);
        beside.take(
            FROM,
            b"\x04\0\0\0\x05\0\x0a\0Sato\0\0smtp:sato@vendor.example\0",
        );
        let pair = |name: &str, address: &str| [Some(name.to_owned()), Some(address.to_owned())];
        assert_eq!(beside.person(None), pair("Sato", "sato@vendor.example"));
        let sent_for = b"\x07\0Yamada\0\x0a\0SMTP:y@b.c\0";
        beside.take(SENT_FOR, sent_for);
        assert_eq!(beside.person(None), pair("Yamada", "y@b.c"));
        for end in 0..sent_for.len() - 1 {
            beside.take(SENT_FOR, &sent_for[..end]);
            assert_eq!(
                beside.person(None),
                pair("Sato", "sato@vendor.example"),
                "{end}"
            );
        }
        let [month, day]: [[u16; 6]; 2] = [[2026, 13, 1, 0, 0, 0], [2026, 1, 0, 0, 0, 0]];
        for wrong in [month, day] {
            let bytes: Vec<u8> = wrong.iter().flat_map(|n| n.to_le_bytes()).collect();
            assert_eq!(super::date(&bytes), None);
        }
    }
}
