//! Letters that are drawings themselves ([MS-ODRAW]; WordArt): titles of leaflets stand nowhere else in old documents.

use crate::formats::ole::little::{part, size_at, u16_at, utf16};
use mugai_core::{Cx, Refusal, Resource};

/// The record of the properties of a shape ([MS-ODRAW] 2.3.1).
pub(super) const PROPERTIES: u16 = 0xf00b;
/// Bytes of the head of a record, and of a property.
const HEAD: usize = 8;
const PROPERTY: usize = 6;
/// The property of the letters ([MS-ODRAW] 2.3.22.1); that a value stands behind all properties.
const LETTERS: u16 = 0x00c0;
const BEHIND: u16 = 0x8000;

/// The letters among the properties of a shape, which are as many as the instance of their record says.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn letters(
    instance: u16,
    content: &[u8],
    cx: &Cx<'_>,
) -> Result<Option<String>, Refusal> {
    let length = usize::from(instance).saturating_mul(PROPERTY);
    let Some((properties, mut values)) = content.split_at_checked(length) else {
        return Ok(None);
    };
    cx.charge_len(Resource::Steps, instance.into())?;
    for property in properties.as_chunks::<PROPERTY>().0 {
        let id = u16_at(property, 0).unwrap_or(0);
        if id & BEHIND == 0 {
            continue;
        }
        let length = size_at(property, 2).unwrap_or(usize::MAX);
        let Some((value, rest)) = values.split_at_checked(length) else {
            break;
        };
        if id & 0x3fff == LETTERS {
            cx.charge_len(Resource::Bytes, length.saturating_mul(3))?;
            cx.charge_len(Resource::Steps, length / 4)?;
            let text = utf16(value).replace("\r\n", "\n").replace('\r', "\n");
            let text = text.split('\0').next().unwrap_or_default().trim_end();
            return Ok(Some(text.to_owned()).filter(|text| !text.trim().is_empty()));
        }
        values = rest;
    }
    Ok(None)
}

/// The letters in records of a drawing, which may be cut: what a record holds is looked at, whether or not all of it
/// is there.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn told(drawing: &[u8], cx: &Cx<'_>) -> Result<Vec<String>, Refusal> {
    let mut all = Vec::new();
    let mut at = 0usize;
    while let Some((head, kind)) = u16_at(drawing, at).zip(u16_at(drawing, at.saturating_add(2))) {
        cx.charge(Resource::Steps, 4)?;
        let inside = at.saturating_add(HEAD);
        let length = size_at(drawing, at.saturating_add(4)).unwrap_or(usize::MAX);
        at = inside;
        // what is in a container comes right behind its head
        if head & 0xf != 0xf {
            at = inside.saturating_add(length);
            if let (PROPERTIES, Some(content)) = (kind, part(drawing, inside, length)) {
                all.extend(letters(head >> 4, content, cx)?);
            }
        }
    }
    Ok(all)
}

/// Properties of a shape as a drawing has them, for tests: one of another sort, and the letters.
#[cfg(test)]
pub(super) fn made(letters: &str) -> Vec<u8> {
    let units: Vec<u8> = letters.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_le_bytes();
    let end = [0; 2];
    let content = [
        &[0x80, 0, 7, 0, 0, 0][..],
        &[0xc0, 0xc0],
        &length(units.len().saturating_add(end.len())),
        &units,
        &end,
    ]
    .concat();
    let head = [&[0x23, 0, 0x0b, 0xf0][..], &length(content.len())].concat();
    [head, content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    #[test]
    fn letters_are_found_in_drawings_that_are_cut() {
        let shape = made("夏\r\nまつり");
        let cut = u32::try_from(shape.len())
            .unwrap()
            .saturating_add(9)
            .to_le_bytes();
        let drawing = [&[0x0f, 0, 0x04, 0xf0][..], &cut, &shape, &made(" ")].concat();
        for length in 0..=drawing.len() {
            let (found, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
                told(drawing.get(..length).unwrap(), cx).unwrap()
            });
            let whole = length >= shape.len().saturating_add(HEAD);
            assert_eq!(found.concat(), if whole { "夏\nまつり" } else { "" });
        }
    }
}
