//! The font program of drawn pages: a Compact Font Format (Adobe Technical Notes 5176 and 5177)
//! that holds outlines and nothing else.
//!
//! The outlines are read by a grammar of four operators. All else is written again from their
//! number and bounds, and compared.

/// The furthest point of an outline, in thousandths of the em.
const MAX_EM: i64 = 16_000;
/// The longest advance.
const MAX_ADVANCE: i64 = 16_000;
/// Numbers before one operator.
const STACK: usize = 48;

const RLINETO: u8 = 5;
const RRCURVETO: u8 = 8;
const ENDCHAR: u8 = 14;
const RMOVETO: u8 = 21;

/// The index of the name, and that of strings behind the 391 of the standard.
const NAME_INDEX: &[u8] = b"\0\x01\x04\0\0\0\x01\0\0\0\x0eMugaiOutlines";
const STRING_INDEX: &[u8] = b"\0\x02\x04\0\0\0\x01\0\0\0\x06\0\0\0\x0eAdobeIdentity";

/// Bytes before the charset, beside those of the top dictionary: the header, the indices of names,
/// dictionaries, strings and subroutines.
const BEFORE_CHARSET: usize = 4 + NAME_INDEX.len() + 11 + STRING_INDEX.len() + 2;

/// What a font says of its glyphs.
#[derive(Debug)]
pub(super) struct Facts {
    /// Their advances; the first one is the glyph that stands for what is missing.
    pub(super) advances: Vec<i64>,
    /// The box around all of them.
    pub(super) bounds: [i64; 4],
}

/// Reads `program`; `None` where it is not as we write them.
pub(super) fn read(program: &[u8]) -> Option<Facts> {
    // the count stands at the beginning of the index of outlines, which ends the program
    for top_length in 38..=70usize {
        let head = head_length(top_length);
        if let Some(facts) = program
            .get(head..)
            .and_then(glyphs)
            .filter(|facts| frame(facts, top_length).as_deref() == program.get(..head))
        {
            return Some(facts);
        }
    }
    None
}

/// Bytes before the outlines where the top dictionary has `top_length`.
fn head_length(top_length: usize) -> usize {
    BEFORE_CHARSET
        // charset, selector, font dictionary, private dictionary: 5, 8, 22 and 4 bytes
        .saturating_add(39)
        .saturating_add(top_length)
}

/// Everything before the outlines.
fn frame(facts: &Facts, top_length: usize) -> Option<Vec<u8>> {
    let count = u16::try_from(facts.advances.len()).ok()?;
    let charset_at = BEFORE_CHARSET.checked_add(top_length)?;
    let select_at = charset_at.checked_add(5)?;
    let array_at = select_at.checked_add(8)?;
    let private_at = array_at.checked_add(22)?;
    let outlines_at = private_at.checked_add(4)?;
    let mut top = Vec::new();
    for number in [391, 392, 0] {
        put(&mut top, number)?;
    }
    top.extend([12, 30]);
    for side in facts.bounds {
        put(&mut top, side)?;
    }
    top.push(5);
    put(&mut top, i64::from(count))?;
    top.extend([12, 34]);
    let place = |out: &mut Vec<u8>, place: usize, operator: &[u8]| {
        out.push(29);
        out.extend(u32::try_from(place).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(operator);
    };
    place(&mut top, charset_at, &[15]);
    place(&mut top, outlines_at, &[17]);
    place(&mut top, array_at, &[12, 36]);
    place(&mut top, select_at, &[12, 37]);
    if top.len() != top_length {
        return None;
    }
    let end = |length: usize| u32::try_from(length.saturating_add(1)).unwrap_or(u32::MAX);
    let mut frame = vec![1, 0, 4, 4];
    frame.extend(NAME_INDEX);
    frame.extend([0, 1, 4, 0, 0, 0, 1]);
    frame.extend(end(top.len()).to_be_bytes());
    frame.extend(top);
    frame.extend(STRING_INDEX);
    frame.extend([0, 0]);
    frame.extend([2, 0, 1]);
    frame.extend(count.checked_sub(2)?.to_be_bytes());
    frame.extend([3, 0, 1, 0, 0, 0]);
    frame.extend(count.to_be_bytes());
    frame.extend([0, 1, 4, 0, 0, 0, 1, 0, 0, 0, 12]);
    let mut dict = Vec::new();
    place(&mut dict, 4, &[]);
    place(&mut dict, private_at, &[18]);
    frame.extend(dict);
    frame.extend([139, 20, 139, 21]);
    Some(frame)
}

/// A number of a dictionary in its shortest form.
fn put(out: &mut Vec<u8>, number: i64) -> Option<()> {
    let near = i16::try_from(number).ok()?;
    let [high, low] = near.to_be_bytes();
    match near {
        -107..=107 => out.push(low.wrapping_add(139)),
        108..=1131 => {
            let [high, low] = near.checked_sub(108)?.to_be_bytes();
            out.extend([high.checked_add(247)?, low]);
        }
        -1131..=-108 => {
            let [high, low] = near.checked_neg()?.checked_sub(108)?.to_be_bytes();
            out.extend([high.checked_add(251)?, low]);
        }
        _ => out.extend([28, high, low]),
    }
    Some(())
}

/// Reads the index of outlines, which ends with the last one of them.
fn glyphs(index: &[u8]) -> Option<Facts> {
    let (count, rest) = index.split_first_chunk::<2>()?;
    let count = usize::from(u16::from_be_bytes(*count));
    let (4, rest) = rest.split_first().map(|(size, rest)| (*size, rest))? else {
        return None;
    };
    let (offsets, data) = rest.split_at_checked(count.checked_add(1)?.checked_mul(4)?)?;
    let offsets: Vec<usize> = offsets
        .as_chunks::<4>()
        .0
        .iter()
        .map(|offset| usize::try_from(u32::from_be_bytes(*offset)).unwrap_or(usize::MAX))
        .collect();
    if offsets.first() != Some(&1) || *offsets.last()? != data.len().checked_add(1)? {
        return None;
    }
    let mut advances = Vec::new();
    let mut bounds: Option<[i64; 4]> = None;
    for pair in offsets.windows(2) {
        let [start, end] = *pair.as_array::<2>()?;
        let program = data.get(start.checked_sub(1)?..end.checked_sub(1)?)?;
        advances.push(glyph(program, &mut bounds)?);
    }
    // the one for what is missing is empty
    (advances.first() == Some(&0)).then_some(Facts {
        advances,
        bounds: bounds.unwrap_or_default(),
    })
}

/// Reads one outline and tells its advance.
fn glyph(program: &[u8], bounds: &mut Option<[i64; 4]>) -> Option<i64> {
    let mut rest = program;
    let mut stack: Vec<i64> = Vec::new();
    let mut advance = None;
    let (mut is_begun, mut is_drawn) = (false, false);
    let mut at = (0i64, 0i64);
    loop {
        let (first, tail) = rest.split_first()?;
        rest = tail;
        if *first >= 32 || *first == 28 {
            stack.push(number(*first, &mut rest)?);
            if stack.len() > STACK.saturating_add(1) {
                return None;
            }
            continue;
        }
        if advance.is_none() && matches!(*first, RMOVETO | ENDCHAR) {
            let said = *stack.first()?;
            stack.remove(0);
            advance = Some(said).filter(|said| (0..=MAX_ADVANCE).contains(said));
        }
        advance?;
        let count = stack.len();
        let fits = match *first {
            RMOVETO => count == 2 && (is_drawn || !is_begun),
            RLINETO => is_begun && count > 0 && count.is_multiple_of(2) && count <= STACK,
            RRCURVETO => is_begun && count > 0 && count.is_multiple_of(6) && count <= STACK,
            ENDCHAR => count == 0 && is_begun == is_drawn && rest.is_empty(),
            _ => false,
        };
        if !fits {
            return None;
        }
        if *first == ENDCHAR {
            return advance;
        }
        is_begun = true;
        is_drawn = *first != RMOVETO;
        for step in stack.as_chunks::<2>().0 {
            at = (at.0.checked_add(step[0])?, at.1.checked_add(step[1])?);
            if at.0.abs() > MAX_EM || at.1.abs() > MAX_EM {
                return None;
            }
            let [left, bottom, right, top] = bounds.unwrap_or([at.0, at.1, at.0, at.1]);
            *bounds = Some([
                left.min(at.0),
                bottom.min(at.1),
                right.max(at.0),
                top.max(at.1),
            ]);
        }
        stack.clear();
    }
}

/// A number in its shortest form.
fn number(first: u8, rest: &mut &[u8]) -> Option<i64> {
    let mut byte = || {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        Some(i64::from(*byte))
    };
    let lead = i64::from(first);
    match first {
        32..=246 => lead.checked_sub(139),
        247..=250 => lead
            .checked_sub(247)?
            .checked_mul(256)?
            .checked_add(byte()?)?
            .checked_add(108),
        251..=254 => lead
            .checked_sub(251)?
            .checked_mul(256)?
            .checked_add(byte()?)?
            .checked_add(108)?
            .checked_neg(),
        28 => {
            let [high, low] = [byte()?, byte()?].map(|byte| u8::try_from(byte).unwrap_or(0));
            let number = i64::from(i16::from_be_bytes([high, low]));
            (number.abs() > 1131).then_some(number)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn n(number: u8) -> u8 {
        number.wrapping_add(139)
    }

    /// A font of one glyph beside the empty one.
    fn font(glyph: &[u8]) -> Vec<u8> {
        let missing = [n(0), ENDCHAR];
        let facts = Facts {
            advances: vec![0, 0],
            bounds: [10, 10, 20, 40],
        };
        let head = (38..=70).find_map(|length| frame(&facts, length)).unwrap();
        let end = |length: usize| {
            u32::try_from(length.saturating_add(1))
                .unwrap()
                .to_be_bytes()
        };
        let data = [missing.as_slice(), glyph].concat();
        let offsets = [end(0), end(missing.len()), end(data.len())].concat();
        [head, vec![0, 2, 4], offsets, data].concat()
    }

    const GLYPH: [u8; 20] = [
        n(100),
        n(10),
        n(10),
        RMOVETO,
        n(10),
        n(0),
        n(0),
        n(20),
        RLINETO,
        n(0),
        n(10),
        129,
        n(0),
        n(0),
        129,
        RRCURVETO,
        n(1),
        n(1),
        RLINETO,
        ENDCHAR,
    ];

    #[test]
    fn outlines_are_read() {
        let facts = read(&font(&GLYPH)).unwrap();
        assert_eq!(facts.advances, [0, 100]);
        assert_eq!(facts.bounds, [10, 10, 20, 40]);
    }

    #[test]
    fn every_changed_byte_of_the_frame_is_refused() {
        let good = font(&GLYPH);
        let frame = good.len().saturating_sub(GLYPH.len());
        for at in 0..frame {
            for bit in 0..8 {
                let mut wrong = good.clone();
                wrong[at] ^= 1 << bit;
                assert!(read(&wrong).is_none(), "byte {at}, bit {bit}");
            }
        }
        for end in 0..good.len() {
            assert!(read(&good[..end]).is_none(), "cut at {end}");
        }
        assert!(read(&[good, vec![0]].concat()).is_none());
    }

    #[test]
    fn no_other_operator_is_read() {
        let kept = [RMOVETO, RLINETO, RRCURVETO, ENDCHAR];
        for operator in (0..32).filter(|operator| *operator != 28) {
            for place in [3, 8, 15, 19] {
                let mut wrong = GLYPH;
                wrong[place] = operator;
                let is_kept = kept.contains(&operator);
                assert!(
                    is_kept || read(&font(&wrong)).is_none(),
                    "{operator} at {place}"
                );
            }
        }
        for wrong in [
            // no width, no beginning, two beginnings, nothing drawn, numbers left over
            vec![n(10), n(10), RMOVETO, n(1), n(1), RLINETO, ENDCHAR],
            vec![n(0), n(1), n(1), RLINETO, ENDCHAR],
            vec![n(0), n(1), n(1), RMOVETO, n(1), n(1), RMOVETO, ENDCHAR],
            vec![n(0), n(1), n(1), RMOVETO, ENDCHAR],
            vec![n(0), n(1), n(1), ENDCHAR],
            // a long form of a short number
            vec![28, 0, 0, ENDCHAR],
            // subroutines
            vec![n(0), n(0), 10, ENDCHAR],
            vec![n(0), n(0), 29, ENDCHAR],
        ] {
            assert!(glyph(&wrong, &mut None).is_none(), "{wrong:?}");
        }
    }
}
