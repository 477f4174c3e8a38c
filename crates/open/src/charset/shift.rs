//! Korean and Chinese text in seven bits: ISO-2022-KR (RFC 1557), ISO-2022-CN (RFC 1922) and HZ
//! (RFC 1843).

use super::convert::{Converted, Output, convert};
use super::escape::{ESC, SHIFT_IN, SHIFT_OUT};
use encoding_rs::{EUC_KR, Encoding, GBK};

/// What is behind a shift out.
#[derive(Clone, Copy)]
enum Shifted {
    Table(&'static Encoding),
    /// CNS 11643, for which there is no table here.
    Unknown,
}

pub(super) fn iso_2022_kr<'a>(bytes: &[u8]) -> Converted<'a> {
    shifted(bytes, Shifted::Table(EUC_KR))
}

/// GB 2312 exactly; characters of the Taiwanese planes become geta.
pub(super) fn iso_2022_cn<'a>(bytes: &[u8]) -> Converted<'a> {
    shifted(bytes, Shifted::Table(GBK))
}

fn shifted<'a>(bytes: &[u8], table: Shifted) -> Converted<'a> {
    let mut out = Output::default();
    let mut table = table;
    let mut on = false;
    let mut rest = bytes;
    while !rest.is_empty() {
        let used = match *rest {
            [ESC, b'$', b')', set, ..] => {
                table = match set {
                    b'A' => Shifted::Table(GBK),
                    b'C' => Shifted::Table(EUC_KR),
                    _ => Shifted::Unknown,
                };
                4
            }
            [ESC, b'$', b'*' | b'+', _, ..] => 4,
            // one character of plane 2 or above
            [ESC, b'N' | b'O', 0x21..=0x7e, 0x21..=0x7e, ..] => {
                out.geta();
                4
            }
            [SHIFT_OUT, ..] => {
                on = true;
                1
            }
            [SHIFT_IN, ..] => {
                on = false;
                1
            }
            [byte @ (b'\r' | b'\n'), ..] => {
                // both standards return to ASCII at the end of a line
                on = false;
                out.text.push(char::from(byte));
                1
            }
            [a @ 0x21..=0x7e, b @ 0x21..=0x7e, ..] if on => {
                cell(table, [a, b], &mut out);
                2
            }
            // text of the 8-bit charset under the 7-bit label
            [a @ 0xa1..=0xfe, b @ 0xa1..=0xfe, ..] => {
                cell(table, [a, b], &mut out);
                2
            }
            [byte @ 0..=0x7f, ..] => {
                out.text.push(char::from(byte));
                1
            }
            _ => {
                out.error();
                1
            }
        };
        rest = rest.get(used..).unwrap_or_default();
    }
    out.into_converted()
}

fn cell(table: Shifted, pair: [u8; 2], out: &mut Output) {
    match table {
        Shifted::Table(encoding) => out.push(&convert(encoding, &pair.map(|b| b | 0x80))),
        Shifted::Unknown => out.geta(),
    }
}

/// HZ: `~{` to `~}` around GB 2312, `~~` for a tilde, `~` at the end of a line for no line end.
pub(super) fn hz<'a>(bytes: &[u8]) -> Converted<'a> {
    let mut out = Output::default();
    let mut on = false;
    let mut rest = bytes;
    while !rest.is_empty() {
        let used = match *rest {
            [b'~', b'{', ..] => {
                on = true;
                2
            }
            [b'~', b'}', ..] => {
                on = false;
                2
            }
            [b'~', b'~', ..] if !on => {
                out.text.push('~');
                2
            }
            [b'~', b'\n', ..] if !on => 2,
            [b'\n', ..] => {
                on = false;
                out.text.push('\n');
                1
            }
            [a @ 0x21..=0x7e, b @ 0x21..=0x7e, ..] if on => {
                cell(Shifted::Table(GBK), [a, b], &mut out);
                2
            }
            [byte @ 0..=0x7f, ..] => {
                out.text.push(char::from(byte));
                1
            }
            _ => {
                out.error();
                1
            }
        };
        rest = rest.get(used..).unwrap_or_default();
    }
    out.into_converted()
}
