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
        (0.5, "[$-411]AM/PM h:mm", "午後 12:00"),
        (45_444.0, "[$-F800]dddd, mmmm dd, yyyy", "2024年6月1日"),
        (0.75, "[$-F400]h:mm:ss AM/PM", "18:00:00"),
        (
            43_586.0,
            "[$-ja-JP-x-gannen]ggge\"年\"m\"月\"d\"日\"",
            "令和元年5月1日",
        ),
        (43_586.0, "[$-411]ggge\"年\"", "令和1年"),
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

#[test]
fn days_and_times_are_told_whatever_else_their_codes_say() {
    let noon = (12.0 * 3_600.0 + 34.0 * 60.0 + 58.656) / 86_400.0;
    for (value, code, want) in [
        (38_000.0, "[ENG][$-409]mmmm d, yyyy;@", "January 14, 2004"),
        (
            38_000.0,
            "[JPN][$-411]ggge\"年\"m\"月\"d\"日\";@",
            "平成16年1月14日",
        ),
        (38_000.0, "r", "16"),
        (38_000.0, "rr\"年\"", "平成16年"),
        (38_000.0, "b", "2004/1/14"),
        (38_000.5, "[x]yyyy h", "2004/1/14 12:00:00"),
        (38_000.0, "ge-m-d", "H16-1-14"),
        (noon, "上午/下午h\"時\"", "下午12時"),
        (noon, "午前/午後h\"時\"", "午後12時"),
        (noon, "h:mm:ss", "12:34:59"),
        (noon, "mm:ss.0", "34:58.7"),
        (noon, "h:mm:ss.00", "12:34:58.66"),
        (1.5 / 86_400.0, "[ss]", "02"),
        (59.9 / 86_400.0, "h:mm:ss", "0:01:00"),
        (0.0, "yyyy/m/d", "1900/1/0"),
        (0.5, "yyyy/m/d h:mm", "1900/1/0 12:00"),
    ] {
        let shown = number::show(value, &Code::parse(code), false);
        assert_eq!(shown, want, "{value} {code}");
    }
}

#[test]
fn numbers_keep_what_their_codes_put_around_them() {
    for (value, code, want) in [
        (1.5, "G/標準\"円\"", "1.5円"),
        (0.5, "#/#", "0.5"),
        (0.5, "0/0", "0.5"),
        (0.5, "# ?/8", "0.5"),
        (12.0, "00\"/\"00", "00/12"),
        (1234.0, "\"約\"0.0E+0\"kg\"", "約1.2E+3kg"),
        (-5.0, "0;@", "-5"),
        (-5.0, "0;△0;@", "△5"),
        (0.0, "0;△0;@", "0"),
        (-5.0, "0;△0;\"-\";@", "△5"),
    ] {
        let shown = number::show(value, &Code::parse(code), false);
        assert_eq!(shown, want, "{value} {code}");
    }
}

#[test]
fn codes_are_written_as_all_programs_know_them() {
    for (code, want) in [
        ("[JPN][$-411]ggge", Some("[$-411]ggge")),
        ("G/標準\"円\"", Some("General\"円\"")),
        ("rr/m/d", Some("gggee/m/d")),
        ("\"r\"0\\r", Some("\"r\"0\\r")),
        ("bbbb", Some("yyyy/m/d")),
        ("G/標準", None),
        ("[ENG]0", None),
        ("[", None),
        ("\\", None),
        ("0 kb", None),
    ] {
        assert_eq!(Code::parse(code).known(), want, "{code}");
    }
}

/// A workbook of one sheet, with a cell of each column and text, in the look of the number.
fn told(cells: &[(u32, Value, usize)], formats: &[&str]) -> String {
    use mugai_core::{Hints, Treatments};
    let (text, _) = mugai_testkit::show::taped(Treatments::nothing(), Hints::default(), |cx| {
        let mut sheet = Sheet::default();
        for (column, value, look) in cells {
            let cell = Cell {
                row: 0,
                column: *column,
                value: value.clone(),
                look: *look,
            };
            sheet.push(cell, cx).unwrap();
        }
        let book = Book {
            sheets: vec![sheet],
            formats: formats.iter().map(|code| Code::parse(code)).collect(),
            ..Book::default()
        };
        tell(book, cx).unwrap()
    });
    text
}

#[test]
fn values_of_far_columns_do_not_run_together() {
    let number = |column: u32| (column, Value::Number(12.0), 0);
    let text = told(&[256, 257, 258, 300].map(number), &["General"]);
    assert_eq!(
        text.trim(),
        "[]\n".to_owned() + &"\t".repeat(256) + "12\t12\t12\t12"
    );
}

#[test]
fn texts_are_shown_as_their_formats_show_them() {
    let formats = [
        "General",
        "@\"様\"",
        "0;0;0;\"〒\"@",
        "0;@\" 御中\"",
        "0;0;0;\"他\"",
    ];
    let cells: Vec<_> = (0u32..)
        .zip(0..formats.len())
        .map(|(column, look)| (column, Value::Text("田中".into()), look))
        .collect();
    let text = told(&cells, &formats);
    assert_eq!(text.trim(), "[]\n田中\t田中様\t〒田中\t田中 御中\t田中");
}

#[test]
fn lines_above_and_below_pages_are_read_without_their_marks() {
    for (line, want) in [
        (
            "&L&\"ＭＳ 明朝,太字\"&14予算&C&K01+000案&R&P/&N",
            "予算 案 /",
        ),
        ("&C- &P -", ""),
        ("&C研究&&開発", "研究&開発"),
        ("&KFF0000赤", "赤"),
        ("&", ""),
        ("&\"x", ""),
    ] {
        let mut paper = Paper::default();
        paper.lines[0] = line.to_owned();
        // the same on even pages, which are as all others
        paper.lines[2] = "偶数".to_owned();
        assert_eq!(paper::told(&paper).concat(), want, "{line}");
    }
}

#[test]
fn tabs_before_far_columns_are_paid_for() {
    use mugai_core::{Hints, Treatments};
    let (result, _) = mugai_testkit::show::taped(Treatments::nothing(), Hints::default(), |cx| {
        let mut sheet = Sheet::default();
        for row in 0..70_000 {
            let cell = Cell {
                row,
                column: 256,
                value: Value::Bool(true),
                look: 0,
            };
            sheet.push(cell, cx)?;
        }
        let book = Book {
            sheets: vec![sheet],
            ..Book::default()
        };
        tell(book, cx).map(|text| text.len())
    });
    assert!(matches!(result, Err(Refusal::Overrun { .. })), "{result:?}");
}
