//! Fields of forms in the stream of data ([MS-DOC], `NilPICFAndBinData` and `FFData`): a field names the place by the looks of a letter in
//! its code.

use crate::formats::field::form::{Form, Kind};
use crate::formats::ole::little::{part, size_at, u16_at, u32_at};

/// The length of what stands before the data of a field, which it says itself.
const HEADER: u16 = 0x44;
/// Nothing was chosen: what was chosen at first counts.
const UNDEFINED: u16 = 25;

/// The bytes of a field at a place of the stream; `None` where there is none.
pub(super) fn place(data: &[u8], at: usize) -> Option<&[u8]> {
    let length = size_at(data, at)?;
    let all = part(data, at, length)?;
    (u16_at(all, 4) == Some(HEADER)).then_some(())?;
    all.get(usize::from(HEADER)..)
}

/// What such bytes say of a field.
pub(super) fn read(bytes: &[u8]) -> Option<Form> {
    (u32_at(bytes, 0) == Some(u32::MAX)).then_some(())?;
    let bits = u16_at(bytes, 4)?;
    let kind = match bits & 3 {
        1 => Kind::Box,
        2 => Kind::List,
        _ => return None,
    };
    let mut form = Form::default();
    form.kind = Some(kind);
    let result = bits >> 2 & 0x1f;
    form.result = (result != UNDEFINED).then_some(usize::from(result));
    let mut rest = bytes.get(10..)?;
    // its name
    skip(&mut rest)?;
    form.first = usize::from(u16_at(rest, 0)?);
    rest = rest.get(2..)?;
    if kind == Kind::Box {
        return Some(form);
    }
    // the format of a text, help, a line of help, macros at the beginning and at the end
    for _ in 0..5 {
        skip(&mut rest)?;
    }
    choices(rest, &mut form)?;
    Some(form)
}

/// Skips a text: its length, its units, and one more that is 0 ([MS-DOC], `Xstz`).
fn skip(rest: &mut &[u8]) -> Option<()> {
    let units = usize::from(u16_at(rest, 0)?);
    *rest = rest.get(units.checked_mul(2)?.checked_add(4)?..)?;
    Some(())
}

/// The words of a list ([MS-DOC], `STTB`): those of two bytes a letter.
fn choices(bytes: &[u8], form: &mut Form) -> Option<()> {
    (u16_at(bytes, 0)? == 0xffff).then_some(())?;
    let count = u16_at(bytes, 2)?;
    let extra = usize::from(u16_at(bytes, 4)?);
    let mut rest = bytes.get(6..)?;
    for _ in 0..count.min(UNDEFINED) {
        let length = usize::from(u16_at(rest, 0)?).checked_mul(2)?;
        form.choice();
        let units = part(rest, 2, length)?.as_chunks::<2>().0.iter();
        for letter in char::decode_utf16(units.map(|two| u16::from_le_bytes(*two))) {
            form.letter(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        rest = rest.get(length.checked_add(2)?.checked_add(extra)?..)?;
    }
    Some(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn text(text: &str) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut bytes = u16::try_from(units.len()).unwrap().to_le_bytes().to_vec();
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        bytes
    }

    /// A field of `kind` in a stream, behind three bytes.
    pub(in crate::formats::doc) fn made(
        kind: u16,
        result: u16,
        first: u16,
        words: &[&str],
    ) -> Vec<u8> {
        let mut field = vec![0xff; 4];
        field.extend((kind | result << 2).to_le_bytes());
        field.extend([0; 4]);
        field.extend(text("欄"));
        field.extend([0; 2]);
        field.extend(first.to_le_bytes());
        for _ in 0..5 {
            field.extend(text("助け"));
            field.extend([0; 2]);
        }
        field.extend([0xff; 2]);
        field.extend(u16::try_from(words.len()).unwrap().to_le_bytes());
        field.extend([0; 2]);
        for word in words {
            field.extend(text(word));
        }
        let mut stream = vec![0; 3];
        stream.extend(
            u32::try_from(field.len().saturating_add(0x44))
                .unwrap()
                .to_le_bytes(),
        );
        stream.extend(HEADER.to_le_bytes());
        stream.extend([0; 62]);
        stream.extend(field);
        stream
    }

    fn shown(stream: &[u8]) -> Option<String> {
        place(stream, 3).and_then(read).and_then(Form::shown)
    }

    #[test]
    fn what_is_chosen_is_shown() {
        let words = ["総務課", "税務課"];
        for (kind, result, first, want) in [
            (1, 1, 0, Some("☑")),
            (1, 0, 1, Some("☐")),
            (1, 25, 1, Some("☑")),
            (2, 1, 0, Some("税務課")),
            (2, 25, 0, Some("総務課")),
            (2, 2, 0, None),
            (0, 0, 0, None),
        ] {
            let stream = made(kind, result, first, &words);
            assert_eq!(shown(&stream).as_deref(), want, "{kind} {result} {first}");
        }
    }

    #[test]
    fn what_ends_too_early_shows_nothing_of_a_list() {
        let stream = made(2, 1, 0, &["総務課", "税務課"]);
        for length in 0..stream.len() {
            // also one that says so
            let mut short = stream[..length].to_vec();
            if let Some(place) = short.get_mut(3..7) {
                place.copy_from_slice(&u32::try_from(length - 3).unwrap().to_le_bytes());
            }
            assert_eq!(shown(&short), None, "{length}");
        }
    }
}
