//! Values that a spreadsheet would run.

/// Whether a spreadsheet would take `value` for a formula: it begins with a sign of one, in either
/// width, and is neither a number nor a phone number.
pub(super) fn is_formula(value: &str) -> bool {
    // blanks do not stop every spreadsheet, and a tab at the front is a known trick
    let value = value.trim_start();
    let mut chars = value.chars();
    match chars.next() {
        Some('=' | '＝' | '@' | '＠') => true,
        Some('+' | '-' | '＋' | '－') => !is_number(chars.as_str()),
        _ => false,
    }
}

/// The text of a formula that is nothing but one, `="0600001"`: how programs keep zeros at the front of a number.
pub(super) fn constant(value: &str) -> Option<String> {
    let inside = value.trim().strip_prefix("=\"")?.strip_suffix('"')?;
    let text = inside.replace("\"\"", "\0");
    (!text.contains('"')).then(|| text.replace('\0', "\""))
}

/// What may follow the sign of a number, an amount, a date or a phone number: nothing, or a digit
/// and then digits and the marks between them.
fn is_number(behind: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let amount = behind.trim_start_matches(['¥', '￥', '\\', '$', '(', '.', ' ']);
    let (mantissa, exponent) = amount.split_once(['e', 'E']).unwrap_or((amount, "0"));
    let exponent = exponent.trim_start_matches(['+', '-']);
    let whole = mantissa.starts_with(digit)
        && mantissa
            .chars()
            .all(|c| digit(c) || ",.-()/ :%．，－％円".contains(c));
    let blank = behind.trim().is_empty();
    blank || (whole && !exponent.is_empty() && exponent.chars().all(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_that_are_texts() {
        for (value, text) in [
            (r#"="0600001""#, Some("0600001")),
            (r#" ="a""b" "#, Some("a\"b")),
            (r#"="""#, Some("")),
            (r#"="=1+1""#, Some("=1+1")),
            (r#"="a"&"b""#, None),
            (r#"=""#, None),
            ("=A1", None),
        ] {
            assert_eq!(constant(value).as_deref(), text, "{value}");
        }
    }

    #[test]
    fn signs_of_formulas_and_of_numbers() {
        for formula in [
            "=1+1",
            "=cmd|'/c calc'!A0",
            "＝1+1",
            "@SUM(A1)",
            "＠SUM(A1)",
            "+cmd|x",
            "-2+3+cmd|' /C calc'!A0",
            "-A1",
            "+1+1*A2",
            " =1",
            "\t=1",
            "－A1",
            "＋A1",
            "-1e",
            "-- text",
            "- item",
        ] {
            assert!(is_formula(formula), "{formula}");
        }
        for data in [
            "",
            "-500",
            "-1,234.50",
            "+81-3-1234-5678",
            "+81 (3) 1234",
            "-5%",
            "-1.5E-10",
            "-¥500",
            "－５００",
            "-500円",
            "-",
            "+",
            "a=b",
            "a@b",
            "日本",
            "1-2",
            "(500)",
            "△500",
        ] {
            assert!(!is_formula(data), "{data}");
        }
    }
}
