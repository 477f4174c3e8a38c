//! Lists of properties ([MS-OXTNEF] section 2.1.3.4).

use crate::formats::ole::little::utf16;
use crate::formats::outlook::{Key, Named};
use mugai_core::{Cx, Refusal, Resource};
use std::collections::BTreeMap;

/// A value of a kind that is told.
pub(super) enum Value<'a> {
    /// Text of the code page of the message.
    Narrow(&'a [u8]),
    /// Text of UTF-16.
    Wide(String),
    /// Bytes.
    Binary(&'a [u8]),
    /// A number of 32 bits, or whether something is so.
    Number(u32),
    /// A time, in 100 ns since the first of January 1601.
    Time(u64),
}

/// The properties by their identifiers; of values in lists the first.
#[derive(Default)]
pub(super) struct Properties<'a> {
    all: BTreeMap<Key, Value<'a>>,
    /// The list cannot be followed to its end, since nobody knows where a property of it ends.
    pub(super) broken: bool,
}

const SHORT: Refusal = Refusal::malformed("tnef: a property ends early");
/// Types ([MS-OXCDATA] section 2.11.1).
const LIST: u16 = 0x1000;
const NARROW: u16 = 0x001e;
const WIDE: u16 = 0x001f;
const OBJECT: u16 = 0x000d;
const BINARY: u16 = 0x0102;
const LONG: u16 = 0x0003;
const BOOLEAN: u16 = 0x000b;
const TIME: u16 = 0x0040;
/// From here on properties have names.
const NAMED: u16 = 0x8000;

/// What a property takes in memory, in bytes, with its place in the map, which may be half empty.
const EACH: usize = size_of::<(Key, Value<'_>)>().saturating_mul(2);

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(SHORT)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Values begin at multiples of four; the last may end without its filling.
    fn padded(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let bytes = self.take(length)?;
        let fill = length.next_multiple_of(4).saturating_sub(length);
        self.0 = self.0.get(fill..).unwrap_or_default();
        Ok(bytes)
    }

    fn u16(&mut self) -> Result<u16, Refusal> {
        let bytes = self.take(2)?.first_chunk().ok_or(SHORT)?;
        Ok(u16::from_le_bytes(*bytes))
    }

    fn u32(&mut self) -> Result<u32, Refusal> {
        let bytes = self.take(4)?.first_chunk().ok_or(SHORT)?;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn length(&mut self) -> Result<usize, Refusal> {
        usize::try_from(self.u32()?).map_err(|_| SHORT)
    }
}

impl<'a> Properties<'a> {
    /// What stands before the first property that cannot be read counts.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn read(data: &'a [u8], cx: &Cx<'_>) -> Result<Self, Refusal> {
        let mut properties = Self {
            all: BTreeMap::new(),
            broken: false,
        };
        match properties.fill(Bytes(data), cx) {
            Err(Refusal::Malformed(_)) => properties.broken = true,
            other => other?,
        }
        Ok(properties)
    }

    fn fill(&mut self, mut bytes: Bytes<'a>, cx: &Cx<'_>) -> Result<(), Refusal> {
        for _ in 0..bytes.u32()? {
            cx.charge(Resource::Steps, 16)?;
            let (kind, number) = (bytes.u16()?, bytes.u16()?);
            let key = if number >= NAMED {
                name(&mut bytes)?.map(Key::Named)
            } else {
                Some(Key::Fixed(number))
            };
            if let (Some(value), Some(key)) = (values(kind, &mut bytes, cx)?, key) {
                cx.charge_len(Resource::Bytes, EACH)?;
                self.all.entry(key).or_insert(value);
            }
        }
        Ok(())
    }

    pub(super) fn get(&self, number: u16) -> Option<&Value<'a>> {
        self.by(Key::Fixed(number))
    }

    pub(super) fn by(&self, key: Key) -> Option<&Value<'a>> {
        self.all.get(&key)
    }
}

/// A set, and in it a number or a name; none for one that is not told.
fn name(bytes: &mut Bytes<'_>) -> Result<Option<Named>, Refusal> {
    let set = bytes.take(16)?;
    if bytes.u32()? == 0 {
        return Ok(Named::of(set, bytes.u32()?));
    }
    let length = bytes.length()?;
    bytes.padded(length)?;
    Ok(None)
}

fn values<'a>(kind: u16, bytes: &mut Bytes<'a>, cx: &Cx<'_>) -> Result<Option<Value<'a>>, Refusal> {
    let single = kind & !LIST;
    let variable = matches!(single, NARROW | WIDE | OBJECT | BINARY);
    let count = if variable || kind & LIST != 0 {
        bytes.u32()?
    } else {
        1
    };
    // a list of nothing, however long, is one that nobody writes
    if kind & LIST != 0 && !variable && size(single)? == 0 {
        return Err(Refusal::malformed("tnef: a list of values of no size"));
    }
    let mut first = None;
    for _ in 0..count {
        cx.charge(Resource::Steps, 4)?;
        let value = if variable {
            let length = bytes.length()?;
            let raw = bytes.padded(length)?;
            Some(match single {
                NARROW => Value::Narrow(raw),
                WIDE => Value::Wide(utf16(raw)),
                _ => Value::Binary(raw),
            })
        } else {
            let raw = bytes.padded(size(single)?)?;
            match (single, raw.first_chunk(), raw.first_chunk()) {
                (LONG | BOOLEAN, Some(number), _) => {
                    Some(Value::Number(u32::from_le_bytes(*number)))
                }
                (TIME, _, Some(ticks)) => Some(Value::Time(u64::from_le_bytes(*ticks))),
                _ => None,
            }
        };
        if first.is_none() {
            first = value;
        }
    }
    Ok(first)
}

/// The size of a value that is always of one size.
const fn size(kind: u16) -> Result<usize, Refusal> {
    match kind {
        0x0001 => Ok(0),
        0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => Ok(4),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Ok(8),
        0x0048 => Ok(16),
        _ => Err(Refusal::malformed("tnef: a property of an unknown type")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    #[test]
    fn a_list_of_values_of_no_size_is_not_counted_through() {
        let mut raw = 1u32.to_le_bytes().to_vec();
        raw.extend((LIST | 1).to_le_bytes());
        raw.extend(0x1234u16.to_le_bytes());
        raw.extend(u32::MAX.to_le_bytes());
        let (broken, spent) = taped(Treatments::nothing(), Hints::default(), |cx| {
            let properties = Properties::read(&raw, cx).unwrap();
            (properties.broken, cx.budget().all_spent().steps)
        })
        .0;
        assert!(broken);
        assert!(spent < 1_000, "{spent}");
    }
}
