//! The profile of CSV: byte order mark, CRLF, strict RFC 4180 quoting, no cell that runs.

use crate::text;
use mugai_core::Violation;

const MARK: &str = "\u{feff}";
/// What cannot stand in a cell without quotes.
const SPECIAL: [char; 6] = ['"', ',', ';', '\t', '\n', '\r'];

/// Checks a CSV file.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Violation> {
    let whole = text::utf8(bytes, 0)?;
    let mut rest = whole
        .strip_prefix(MARK)
        .ok_or(Violation::at("csv: no byte order mark", 0))?;
    while !rest.is_empty() {
        let at = whole.len().saturating_sub(rest.len());
        let (value, after) = field(rest).ok_or(Violation::at("csv: quoting", at))?;
        text::content(&value, at)?;
        if value.starts_with('\t') || value.split([';', '\t', '\n']).any(runs) {
            return Err(Violation::at("csv: formula", at));
        }
        rest = match (after.strip_prefix(','), after.strip_prefix("\r\n")) {
            // a row does not end at a comma
            (Some(next), _) if !next.is_empty() => next,
            (_, Some(next)) => next,
            _ => return Err(Violation::at("csv: end of row", at)),
        };
    }
    Ok(())
}

/// The value of the first cell and what stands behind it. Quotes stand only where they must.
fn field(rest: &str) -> Option<(String, &str)> {
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = rest.find([',', '\r', '\n']).unwrap_or(rest.len());
        let (value, after) = rest.split_at_checked(end)?;
        let plain = !value.contains(SPECIAL) && !has_blank_end(value);
        return plain.then(|| (value.to_owned(), after));
    };
    let mut value = String::new();
    let mut tail = quoted;
    loop {
        let (piece, after) = tail.split_once('"')?;
        value.push_str(piece);
        let Some(next) = after.strip_prefix('"') else {
            let needed = value.contains(SPECIAL) || has_blank_end(&value);
            return (needed && !value.contains('\r')).then_some((value, after));
        };
        value.push('"');
        tail = next;
    }
}

fn has_blank_end(value: &str) -> bool {
    value.starts_with(' ') || value.ends_with(' ')
}

/// Whether a spreadsheet would run a stretch of a cell.
fn runs(stretch: &str) -> bool {
    let bare: String = stretch
        .trim_matches(|c: char| c == '"' || c.is_whitespace())
        .chars()
        .map(half_width)
        .collect();
    bare.starts_with(['=', '+', '-', '@']) && !is_data(&bare)
}

const fn half_width(c: char) -> char {
    match c {
        '０' => '0',
        '１'..='９' => '1',
        '＝' => '=',
        '＋' => '+',
        '－' => '-',
        '＠' => '@',
        '．' => '.',
        '，' => ',',
        '％' => '%',
        other => other,
    }
}

/// Dashes, a signed number, or a telephone number.
fn is_data(bare: &str) -> bool {
    if bare.bytes().all(|b| b == b'-') {
        return true;
    }
    let Some((sign, number)) = bare.split_at_checked(1) else {
        return false;
    };
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let starts = number.starts_with(|c: char| c.is_ascii_digit());
    let phone = sign == "+"
        && (7..=15).contains(&digits)
        && number
            .bytes()
            .all(|b| b.is_ascii_digit() || b" -()".contains(&b));
    (sign == "+" || sign == "-") && starts && (phone || is_unsigned(number))
}

/// Digits and commas, a fraction, an exponent, a percent sign; all but the first may be missing.
fn is_unsigned(number: &str) -> bool {
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
    let rest = rest.strip_prefix('.').map_or(rest, skip_digits);
    let rest = match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let after = skip_digits(exponent);
            if after.len() == exponent.len() {
                return false;
            }
            after
        }
        None => rest,
    };
    matches!(rest, "" | "%")
}

fn skip_digits(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(rows: &str) -> Result<(), Violation> {
        check(format!("{MARK}{rows}").as_bytes())
    }

    #[test]
    fn sheets_that_pass() {
        for rows in [
            "",
            "\r\n",
            "a,b\r\n,\r\n",
            "-500,+1,-1.5e3,-3%,-\r\n",
            "+81-3-1234-5678,－５００\r\n",
            "\"1,234\",\"a\"\"b\",\"x\ny\",\" z\"\r\n",
            "'=1+1,\"a;'=b\"\r\n",
        ] {
            assert_eq!(judge(rows), Ok(()), "{rows:?}");
        }
    }

    #[test]
    fn sheets_that_do_not_pass() {
        for rows in [
            "a",
            "a\n",
            "a\r",
            "a,",
            "a\r\r\n",
            "\"a\"\r\n",
            "\"a,b\r\n",
            "\"a,b\"c\r\n",
            "a\"b\r\n",
            "a;b\r\n",
            " a\r\n",
            "\"a\r\nb\"\r\n",
            "=1\r\n",
            "＝1\r\n",
            "@x\r\n",
            "-1+2\r\n",
            "+1-2\r\n",
            "a,+x\r\n",
            "\u{3000}=1\r\n",
            "\"\t\"\r\n",
            "\"\"\"=1\"\r\n",
            "\"a;=1\"\r\n",
            "\"a\n=1\"\r\n",
            "\"a\t=1\"\r\n",
            "http://a\r\n",
            "\u{feff}\r\n",
            "\u{202e}\r\n",
        ] {
            assert!(judge(rows).is_err(), "{rows:?}");
        }
        assert!(check(b"a\r\n").is_err());
    }
}
