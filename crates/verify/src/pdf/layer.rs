//! The text over a page, and what the codes of its font mean.
//!
//! Operators are read by a grammar of five lines; numbers are spelled again from what was read and
//! compared, so that none has two spellings. What the text says is judged as a line of a text file
//! is: its characters, and whether anything in it is live.

use super::{flate, plain};
use crate::text;
use mugai_core::Violation;
use std::collections::{BTreeMap, BTreeSet};

/// The most bytes of the table of meanings.
const MAX_TABLE: usize = 1 << 20;
/// Places and sizes in tenths of a point.
const MAX_TENTHS: i64 = 144_000;
/// Sides of a direction, in thousandths.
const MAX_THOUSANDTHS: i64 = 1_010;
/// Codes for characters outside of the first plane.
const PRIVATE: std::ops::RangeInclusive<u16> = 0xE000..=0xF8FF;
/// Entries of one section of a table.
const SECTION: usize = 100;

/// What one page says, run by run.
pub(super) type Texts = Vec<Said>;

/// The fonts of the text over a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// Our own.
    Wide,
    /// That of Latin letters.
    Plain,
}

/// A run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// In codes of our font.
    Codes(Vec<u16>),
    /// In Latin letters.
    Plain(String),
}

impl Said {
    /// The strings and moves of a run.
    fn read(shown: &str, face: Face) -> Option<Self> {
        match face {
            Face::Wide => items(shown).map(Self::Codes),
            Face::Plain => plain::items(shown).map(Self::Plain),
        }
    }

    /// The font that it is in.
    pub(super) const fn face(&self) -> Face {
        match self {
            Self::Codes(_) => Face::Wide,
            Self::Plain(_) => Face::Plain,
        }
    }

    /// Adds more of the same run.
    fn extend(&mut self, more: Self) -> Option<()> {
        match (self, more) {
            (Self::Codes(codes), Self::Codes(more)) => codes.extend(more),
            (Self::Plain(text), Self::Plain(more)) => text.push_str(&more),
            (Self::Codes(_), Self::Plain(_)) | (Self::Plain(_), Self::Codes(_)) => return None,
        }
        Some(())
    }
}

/// Reads what stands over a page, behind the line that begins it.
pub(super) fn read(operators: &str) -> Option<Texts> {
    operators
        .strip_suffix("ET Q")
        .and_then(lines)
        .filter(|texts| !texts.is_empty())
}

/// Reads `/F0 105 Tf`, `87 Tz`, `1 0 0 1 720 7420 Tm[<…>-20<…>]TJ`, one operator a line. Font, size and
/// scale are said where they change, before the run that they are for; the scale may also change in
/// the middle of a run, as `87 Tz` and `[<…>]TJ` behind it.
fn lines(content: &str) -> Option<Texts> {
    let mut runs = Texts::new();
    let (mut font, mut scale) = (None, 100i64);
    let mut lines = content.split_terminator('\n').peekable();
    if !content.ends_with('\n') {
        return None;
    }
    while let Some(mut line) = lines.next() {
        if let Some(said) = line.strip_prefix("/F") {
            font = Some(other_font(said.strip_suffix(" Tf")?, font)?);
            line = lines.next()?;
        }
        if let Some(said) = line.strip_suffix(" Tz") {
            scale = changed(said, scale, 10..=900)?;
            line = lines.next()?;
        }
        let (face, _) = font?;
        let mut texts = run(line, face)?;
        // the same line of text goes on in another scale
        while let Some(next) = lines.next_if(|next| next.ends_with(" Tz")) {
            let goes_on = lines.peek().is_some_and(|next| next.starts_with('['));
            scale = changed(next.strip_suffix(" Tz")?, scale, 10..=900)?;
            if !goes_on {
                // it is for the run behind, which has no other one
                let line = lines.next()?;
                runs.push(std::mem::replace(&mut texts, run(line, face)?));
                continue;
            }
            let shown = lines.next()?.strip_prefix('[')?.strip_suffix("]TJ")?;
            texts.extend(Said::read(shown, face)?)?;
        }
        runs.push(texts);
    }
    Some(runs)
}

/// A font and its size, of which at least one is another than before.
fn other_font(said: &str, before: Option<(Face, i64)>) -> Option<(Face, i64)> {
    let (name, size) = said.split_once(' ')?;
    let face = match name {
        "0" => Face::Wide,
        "2" => Face::Plain,
        _ => return None,
    };
    let font = (face, whole(size)?);
    (Some(font) != before && (1..=MAX_TENTHS).contains(&font.1)).then_some(font)
}

/// A number that is another one than before.
fn changed(said: &str, before: i64, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let number = whole(said)?;
    (number != before && range.contains(&number)).then_some(number)
}

fn run(line: &str, face: Face) -> Option<Said> {
    let (matrix, shown) = line.split_once(" Tm[")?;
    let numbers: Vec<&str> = matrix.split(' ').collect();
    let [cos, minus_sin, sin, cos_again, left, above] = *numbers.as_array::<6>()?;
    let (along, down) = (thousandths(cos)?, thousandths(minus_sin)?);
    let square = |side: i64| side.saturating_mul(side);
    let length = square(along).saturating_add(square(down));
    let is_turn = cos_again == cos && thousandths(sin)? == down.saturating_neg();
    let is_unit = (980_000..=1_020_000).contains(&length);
    let on_page = [left, above]
        .iter()
        .all(|place| whole(place).is_some_and(|place| (0..=MAX_TENTHS).contains(&place)));
    if !(is_turn && is_unit && on_page) {
        return None;
    }
    Said::read(shown.strip_suffix("]TJ")?, face)
}

/// Strings of four digits a code, with moves between them.
pub(super) fn items(shown: &str) -> Option<Vec<u16>> {
    let mut codes = Vec::new();
    let mut rest = shown;
    loop {
        let (digits, after) = rest.strip_prefix('<')?.split_once('>')?;
        if digits.is_empty() {
            return None;
        }
        for digits in digits.as_bytes().chunks(4) {
            codes.push(code(digits)?);
        }
        if after.is_empty() {
            return Some(codes);
        }
        let (number, _) = after.split_once('<')?;
        let number_length = number.len();
        if whole(number)? == 0 {
            return None;
        }
        rest = after.get(number_length..)?;
    }
}

/// Four hexadecimal digits, in capitals.
fn code(digits: &[u8]) -> Option<u16> {
    let four: &[u8; 4] = digits.try_into().ok()?;
    four.iter().try_fold(0u16, |code, digit| {
        let value = match digit {
            b'0'..=b'9' => digit.checked_sub(b'0')?,
            b'A'..=b'F' => digit.checked_sub(b'A')?.checked_add(10)?,
            _ => return None,
        };
        Some((code << 4) | u16::from(value))
    })
}

/// A whole number in its one spelling.
pub(super) fn whole(said: &str) -> Option<i64> {
    let number: i64 = said.parse().ok()?;
    let is_near = (-100_000_000..=100_000_000).contains(&number);
    (is_near && number.to_string() == said).then_some(number)
}

/// Thousandths in their one spelling: `1`, `-.707`, `0`.
fn thousandths(said: &str) -> Option<i64> {
    let (sign, digits) = match said.strip_prefix('-') {
        Some(digits) => (-1i64, digits),
        None => (1, said),
    };
    let (whole_part, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let has_point = digits.contains('.');
    let ends_well = if has_point {
        !fraction.is_empty() && !fraction.ends_with('0') && whole_part != "0"
    } else {
        !whole_part.is_empty()
    };
    if !(is_digits(whole_part) && is_digits(fraction) && ends_well)
        || fraction.len() > 3
        || whole_part.len() > 1
    {
        return None;
    }
    let number: i64 = format!("0{whole_part}{fraction:0<3}").parse().ok()?;
    let is_plain = sign == 1 || number != 0;
    (is_plain && number <= MAX_THOUSANDTHS).then_some(number.saturating_mul(sign))
}

/// Checks what the `pages` say in Latin letters.
pub(super) fn check_plain(pages: &[&Texts]) -> Result<(), Violation> {
    let texts = pages.iter().copied().flatten();
    let is_ours = texts.filter_map(|said| match said {
        Said::Plain(text) => Some(text::is_clean_line(text) && text::is_harmless(text)),
        Said::Codes(_) => None,
    });
    if is_ours.into_iter().all(|ours| ours) {
        Ok(())
    } else {
        Err(Violation::of("pdf: text that no text file of ours has"))
    }
}

/// Checks the table of meanings against the `pages` that use it, and what the pages say with it.
pub(super) fn check_meanings(
    data: &[u8],
    pages: &[&Texts],
    offset: usize,
) -> Result<(), Violation> {
    let bad = |rule| Violation::at(rule, offset);
    let table = flate::inflate_up_to(data, MAX_TABLE, offset)?;
    let table = std::str::from_utf8(&table).map_err(|_| bad("pdf: meanings"))?;
    let far = far(table).ok_or(bad("pdf: meanings of private codes"))?;
    let runs: Vec<&[u16]> = pages
        .iter()
        .copied()
        .flatten()
        .filter_map(|said| match said {
            Said::Codes(codes) => Some(codes.as_slice()),
            Said::Plain(_) => None,
        })
        .collect();
    let used: BTreeSet<u16> = runs.iter().copied().flatten().copied().collect();
    let private: BTreeSet<u16> = used
        .iter()
        .copied()
        .filter(|code| PRIVATE.contains(code))
        .collect();
    if !private.iter().eq(far.keys()) {
        return Err(bad("pdf: private codes"));
    }
    if table != spelled(&used, &far) {
        return Err(bad("pdf: another table of meanings"));
    }
    for run in runs {
        let said = said(run, &far).ok_or(bad("pdf: codes without meaning"))?;
        if !(text::is_clean_line(&said) && text::is_harmless(&said)) {
            return Err(bad("pdf: text that no text file of ours has"));
        }
    }
    Ok(())
}

/// The private codes and their characters, as the table says.
fn far(table: &str) -> Option<BTreeMap<u16, char>> {
    let mut far = BTreeMap::new();
    let mut characters = BTreeSet::new();
    let entries = table
        .split_terminator('\n')
        .filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')?.split_once("><"));
    for (code_digits, meaning) in entries {
        if meaning.len() != 8 {
            continue;
        }
        let (high, low) = meaning.as_bytes().split_at_checked(4)?;
        let mut decoded = char::decode_utf16([code(high)?, code(low)?]);
        let letter = decoded.next()?.ok()?;
        if decoded.next().is_some() || !characters.insert(letter) {
            return None;
        }
        let next = PRIVATE
            .start()
            .checked_add(u16::try_from(far.len()).ok()?)?;
        if code(code_digits.as_bytes())? != next {
            return None;
        }
        far.insert(next, letter);
    }
    Some(far)
}

/// The text of a run.
fn said(run: &[u16], far: &BTreeMap<u16, char>) -> Option<String> {
    run.iter()
        .map(|code| {
            far.get(code)
                .copied()
                .or_else(|| char::from_u32(u32::from(*code)))
        })
        .collect()
}

/// The table that belongs to what is `used`.
fn spelled(used: &BTreeSet<u16>, far: &BTreeMap<u16, char>) -> String {
    let rows: BTreeSet<u8> = used
        .iter()
        .filter(|code| !PRIVATE.contains(code))
        .map(|code| code.to_be_bytes()[0])
        .collect();
    let rows: Vec<String> = rows
        .iter()
        .map(|row| format!("<{row:02X}00><{row:02X}FF><{row:02X}00>\n"))
        .collect();
    let far: Vec<String> = far
        .iter()
        .map(|(code, letter)| {
            let mut units = [0; 2];
            letter.encode_utf16(&mut units);
            let [high, low] = units;
            format!("<{code:04X}><{high:04X}{low:04X}>\n")
        })
        .collect();
    let sections = |entries: &[String], kind: &str| {
        entries
            .chunks(SECTION)
            .fold(String::new(), |mut all, part| {
                all.push_str(&[&part.len().to_string(), " beginbf", kind, "\n"].concat());
                all.push_str(&part.concat());
                all.push_str(&["endbf", kind, "\n"].concat());
                all
            })
    };
    format!(
        "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n\
         /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n\
         /CMapName/Mugai def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n{}{}\
         endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n",
        sections(&rows, "range"),
        sections(&far, "char"),
    )
}

/// Checks the program of the font and its map of glyphs: there is one program, which draws nothing,
/// and every code is the same glyph of it.
pub(super) fn check_program(
    program: &[u8],
    map: &[u8],
    offsets: [usize; 2],
) -> Result<(), Violation> {
    let program = flate::inflate(program, PROGRAM_BYTES, offsets[0])?;
    if blake3::hash(&program).to_hex().as_str() != PROGRAM_BLAKE3 {
        return Err(Violation::at("pdf: another font program", offsets[0]));
    }
    let map = flate::inflate(map, 1 << 17, offsets[1])?;
    if map.as_chunks::<2>().0.iter().any(|glyph| *glyph != [0, 1]) {
        return Err(Violation::at("pdf: another map of glyphs", offsets[1]));
    }
    Ok(())
}

/// The font program that we write, by its length and BLAKE3: one glyph, a line without an area.
pub(super) const PROGRAM_BYTES: usize = 532;
const PROGRAM_BLAKE3: &str = "21ea3d6acdecac9506484b99bb818d5548d3787138a0558ff3a99d2a32946742";

/// The font, in its one spelling: the glyphs' widths and nothing that draws.
pub(super) const DESCENDANT: &str = "<</Type/Font/Subtype/CIDFontType2/BaseFont/Mugai\
/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor ";
/// What follows the numbers of the descriptor and of the map of glyphs.
pub(super) const WIDTHS: &str = " 0 R/DW 1000/W[32[\
278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 \
556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 \
1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 \
667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 \
333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 \
556 556 333 500 278 556 500 722 500 500 500 334 260 334 584]\
160 591 556 65377 65439 500]>>\nendobj\n";
/// What a viewer that looks for a face in its stead may know.
pub(super) const DESCRIPTOR: &str = "<</Type/FontDescriptor/FontName/Mugai/Flags 4\
/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 700/StemV 80/FontFile2 ";

#[cfg(test)]
mod tests {
    use super::*;

    const SCALED: &str = "/F0 105 Tf\n1 0 0 1 7 7 Tm[<65E5>]TJ\n87 Tz\n[<0041>]TJ\n100 Tz\n[<65E5>]TJ\n87 Tz\n\
                          1 0 0 1 7 7 Tm[<0042>]TJ\n";
    const GOOD: &str = "/F0 105 Tf\n87 Tz\n1 0 0 1 720 7420 Tm[<00410020>-40<65E5>]TJ\n\
                        0 -1 1 0 0 1 Tm[<65E5>]TJ\n90 Tz\n.707 .707 -.707 .707 1 1 Tm[<65E5>]TJ\n";

    const MIXED: &str = "/F2 105 Tf\n1 0 0 1 7 7 Tm[(a)-40(b)]TJ\n87 Tz\n[(c)]TJ\n/F0 105 Tf\n100 Tz\n\
                         1 0 0 1 7 7 Tm[<65E5>]TJ\n";

    #[test]
    fn fonts_change_between_runs() {
        let runs = lines(MIXED).unwrap();
        assert_eq!(
            runs,
            [Said::Plain("abc".to_owned()), Said::Codes(vec![0x65E5])]
        );
        for (from, to) in [
            ("/F0", "/F2"),
            ("/F0", "/F1"),
            ("/F0 105 Tf\n", ""),
            ("(c)", "<0043>"),
            ("[(c)]TJ\n/F0 105 Tf\n", "/F0 105 Tf\n[<0043>]TJ\n"),
        ] {
            assert!(
                lines(&MIXED.replacen(from, to, 1)).is_none(),
                "{from:?} {to:?}"
            );
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let codes = |runs: [&[u16]; 3]| runs.map(|run| Said::Codes(run.to_vec()));
        let runs = lines(GOOD).unwrap();
        assert_eq!(runs, codes([&[0x41, 0x20, 0x65E5], &[0x65E5], &[0x65E5]]));
        let runs = lines(SCALED).unwrap();
        assert_eq!(runs, codes([&[0x65E5, 0x41, 0x65E5], &[0x42], &[]])[..2]);
        for (from, to) in [
            ("87 Tz\n[", "["),
            ("[<0041>]TJ\n", ""),
            ("[<0041>]TJ", "[<0041>]TJ\n[<0041>]TJ"),
            ("[<0041>]", "<0041>"),
        ] {
            assert!(lines(&SCALED.replacen(from, to, 1)).is_none(), "{from:?}");
        }
    }

    #[test]
    fn nothing_else_is_read() {
        for (from, to) in [
            ("/F0 105 Tf\n", ""),
            ("/F0 105 Tf", "/F0 0105 Tf"),
            ("/F0 105 Tf", "/F0 0 Tf"),
            ("/F0 105 Tf", "/F1 105 Tf"),
            ("/F0 105 Tf\n87 Tz\n", "87 Tz\n/F0 105 Tf\n"),
            ("/F0 105 Tf\n", "/F0 105 Tf\n/F0 106 Tf\n"),
            ("87 Tz", "100 Tz"),
            ("87 Tz", "+87 Tz"),
            ("87 Tz", "87.5 Tz"),
            ("90 Tz", "87 Tz"),
            ("1 0 0 1 720", "1 0 0 1 -720"),
            ("1 0 0 1 720", "1 0 0 1 144001"),
            ("1 0 0 1 720", "2 0 0 2 720"),
            ("1 0 0 1 720", "1 0 -0 1 720"),
            ("1 0 0 1 720", "1.0 0 0 1.0 720"),
            ("1 0 0 1 720", "1 0 0 -1 720"),
            ("1 0 0 1 720", "1  0 0 1 720"),
            ("-.707", ".707"),
            ("[<65E5>]TJ", "[<65E5>] TJ"),
            ("[<65E5>]TJ", "<65E5>Tj"),
            ("<65E5>]", "<65e5>]"),
            ("<65E5>]", "<65E>]"),
            ("<65E5>]", "<>]"),
            ("<65E5>]", "(ab)]"),
            ("-40<", "0<"),
            ("-40<", "-40-40<"),
            ("-40<", "<"),
            ("-40<", "-4.5<"),
            ("TJ\n", "TJ\n0 Tr\n"),
            ("TJ\n", "TJ\n/Im1 Do\n"),
            ("TJ\n", "TJ \n"),
            ("TJ\n", "TJ\r\n"),
            ("TJ\n", "TJ\n\n"),
        ] {
            let changed = GOOD.replacen(from, to, 1);
            assert_ne!(changed, GOOD);
            assert!(lines(&changed).is_none(), "{from:?} {to:?}");
        }
        assert!(lines(GOOD.trim_end()).is_none());
        assert!(lines(&format!("{GOOD}91 Tz\n")).is_none());
    }
}
