//! Spellings of what must not be.

use super::*;

fn fits(kind: Type, text: &str) -> bool {
    value(kind, text).is_ok()
}

#[test]
fn formulas_that_lead_within() {
    for good in [
        "SUM([0]!動的)*[0]!率",
        "HYPERLINK(\"#集計!A5\",\"移動\")",
        "HYPERLINK( \"#'一 月'!A1:B2\" )",
        "SUBTOTAL(109,[金額])+[@数量]*2",
    ] {
        assert!(fits(Type::Formula, good), "{good}");
    }
    for bad in [
        "SUM([0]!WEBSERVICE(\"http://x\"))",
        "X[0]!A1",
        "'a'[0]!A1",
        "[0]!'cmd'!A1",
        "[0]",
        "[00]!A",
        "[1]!名",
        "HYPERLINK(\"#a\"&A1,\"x\")",
        "HYPERLINK(\"#file:///x\",\"x\")",
        "HYPERLINK(A1,\"#a\")",
        "HYPERLINK(\"#a\"\"b\")",
        "HYPERLINK(\"http://x\",\"#a\")",
        "_xlfn.HYPERLINK(\"#a\")",
        "SUM([金額]Sheet1!A1)",
        "SUM([金額]!A1)",
        "SUM([12])",
        "SUM([a.xlsx])",
    ] {
        assert!(!fits(Type::Formula, bad), "{bad}");
    }
}

#[test]
fn formulas_of_other_books_and_functions_that_fetch() {
    for good in [
        "SUM(A1:B2)",
        "SUM (A1)",
        "IF(A1>0,\"a|b [1]!\",'it''s'!C3)",
        "_xlfn.XLOOKUP(A1,Table1[列],Table1[[#All],[x]])",
        "表[ [#Headers], [a]:[b] ]",
        "A1 B1",
        "",
        "SUM('1月:12月'!B3)",
        "BYROW(A1:B2,_xleta.SUM)",
        "SUM(INDIRECT(\"表1[列]\"))+INDIRECT(SUBSTITUTE(SUBSTITUTE(A1&\"!B2\",\"#\",\"\"),\"[\",\"\"))",
        "\"INDIRECT(A1)\"&XINDIRECT(A1)",
        "INDIRECT(SUBSTITUTE(SUBSTITUTE('東京,大阪'!A1,\"#\",\"\"),\"[\",\"\"))",
        "INDIRECT(SUBSTITUTE(SUBSTITUTE('1)概要'!A1,\"#\",\"\"),\"[\",\"\"))",
        "INDIRECT(\"T[#Headers]\")",
    ] {
        assert!(fits(Type::Formula, good), "{good}");
    }
    for bad in [
        "WEBSERVICE(\"http://x\")",
        "A1 WEBSERVICE(\"http://x\")",
        "A1\nWEBSERVICE (\"http://x\")",
        "webservice\n(\"http://x\")",
        "_xlfn.WEBSERVICE(1)",
        "_xlfn._xlws.IMAGE(1)",
        "[1]Sheet1!A1",
        " [1]Sheet1!A1",
        "SUM(A1,[1]S!A1)",
        "SUM(A1, [1]S!A1)",
        "A1:[1]S!A1",
        "@[1]S!A1",
        "Table1[[1]S!A1]",
        "X[1]!A1",
        "Table1[a",
        "'[b.xlsx]S'!A1",
        "'\\\\host\\b.xlsx'!A1",
        "cmd|'/c calc'!A0",
        "BYROW(A1:B2,_xleta.WEBSERVICE)",
        "_xleta._xlfn.IMAGE",
        "MAP(A1,_XLETA.CALL )",
        "'C:a.xlsx'!A1",
        "'a:b:c'!A1",
        "':a'!A1",
        "INDIRECT(\"'file:///c:/x.ods'#$S.A1\")",
        "INDIRECT(\"'x.ods'#$S.A1\")",
        "INDIRECT(A1&\"!B2\")",
        "indirect (A1)",
        "INDIRECT(\"a\"&\"b\")",
        "INDIRECT(SUBSTITUTE(SUBSTITUTE(A1,\"#\",\"\"),\"[\",\"\")&B1)",
        "INDIRECT(SUBSTITUTE(SUBSTITUTE(A1,\"x\",\"#\"),\"[\",\"\"))",
        "INDIRECT(SUBSTITUTE(SUBSTITUTE(INDIRECT(A1),\"#\",\"\"),\"[\",\"\"))",
        "MAP(A1:A2,_xleta.INDIRECT)",
        "_xlfn.INDIRECT(A1)",
        "INDIRECT(\"'/tmp/sec[ret.xlsx]S'!A1\")",
        "'a\"'!A1&INDIRECT(\"'f'#$S.A1\")",
        "INDIRECT(\"a[b]S!A1\")",
        "INDIRECT(\"a#$S.A1\")",
        "1+Indirect(\"[x.xlsx]S!A1\")",
    ] {
        assert!(!fits(Type::Formula, bad), "{bad}");
    }
}

#[test]
fn settings_that_say_how_a_document_looks() {
    for good in include_str!("../../../../core/src/markup/settings.txt").lines() {
        assert!(mugai_core::markup::fits(Type::Setting, good), "{good}");
        assert!(fits(Type::Setting, good), "{good}");
    }
    for bad in [
        "PrinterName",
        "PrinterSetup",
        "LinkUpdateMode",
        "ScriptConfiguration",
        "UpdateFromTemplate",
        "LoadReadonly",
        "BitmapTableURL",
        "Rsid",
        "",
        "a b",
    ] {
        assert!(!mugai_core::markup::fits(Type::Setting, bad), "{bad}");
        assert!(!fits(Type::Setting, bad), "{bad}");
    }
}

#[test]
fn formulas_of_open_documents() {
    for good in [
        "of:=SUM ([.A1:.B2];1)",
        "of:=SUM({1;2|3;4})",
        "of:=HYPERLINK(\"#集計.A5\";\"移動\")",
        "of:=[$'集計（4月）'.B3]",
    ] {
        assert!(fits(Type::OpenFormula, good), "{good}");
    }
    for bad in [
        "of:=1 WEBSERVICE(\"http://x\")",
        "of:=A WEBSERVICE\n(\"http://x\")",
        "of:=1 DDE(1)",
        "of:={1|2}|3",
        "of:={1|WEBSERVICE(1)}",
        "of:=INDIRECT(\"'x.ods'#$S.A1\")",
        "of:=COM.MICROSOFT.INDIRECT([.A1])",
        "of:=INDIRECT([$'1)a'.A1])",
    ] {
        assert!(!fits(Type::OpenFormula, bad), "{bad}");
    }
}

#[test]
fn instructions_lead_nowhere() {
    for good in [
        "PAGE \\* MERGEFORMAT",
        "TOC \\o \"1-3\" \\h \\z \\u",
        "HYPERLINK \\l \"_Toc1\" \\h",
        "HYPERLINK \\h \\l 目次",
    ] {
        assert!(fits(Type::Instruction, good), "{good}");
    }
    for bad in [
        "HYPERLINK \"\\\\evil\\share\\x.exe\" \\l a",
        "HYPERLINK evil.exe \\l a",
        "HYPERLINK \\l a b",
        "HYPERLINK \\l",
        "HYPERLINK \\l \"\"",
        "HYPERLINK \\l a \\l b",
        "HYPERLINK a",
        "REF \\\\host\\share",
        "DDEAUTO a",
        "",
    ] {
        assert!(!fits(Type::Instruction, bad), "{bad}");
    }
}

#[test]
fn styles_are_no_addresses() {
    assert!(fits(Type::Style, "position:absolute;width:10pt"));
    assert!(fits(
        Type::Style,
        "font-family:\"ＭＳ Ｐ明朝\";mso-next-textbox:#テキスト　ボックス（1）"
    ));
    for bad in [
        "background:url(\\\\evil\\x)",
        "background:URL(a)",
        "a:\\\\evil",
        "a://x",
        "width:expression(1)",
        "javascript:x",
        "file:x",
        "幅\u{3164}",
        "幅：／／x",
        "幅\u{200b}",
    ] {
        assert!(!fits(Type::Style, bad), "{bad}");
    }
}

#[test]
fn ranges_are_places_and_nothing_else() {
    for good in [
        "$Sheet1.$A$1:.$B$2",
        "$'集計（4月）'.$A$1 $'a b'.B2:C3",
        "#REF!.$A$1",
        "",
    ] {
        assert!(fits(Type::Range, good), "{good}");
        assert!(mugai_core::markup::fits(Type::Range, good), "{good}");
    }
    for bad in [
        "COM.MICROSOFT.WEBSERVICE(\"http://evil/\")",
        "'file:///etc/passwd'#$S.$A$1",
        "$'a'.A1;DDE",
        "'a",
        "soffice|x!y",
        "[1]S.A1",
        "A1#B",
    ] {
        assert!(!fits(Type::Range, bad), "{bad}");
        assert!(!mugai_core::markup::fits(Type::Range, bad), "{bad}");
    }
}

#[test]
fn characters_by_their_numbers_are_found() {
    for good in [
        "",
        "a_x",
        "_x004_",
        "_x005F_x202E_",
        "_x005f_",
        "_xGGGG_",
        "_x00あ_",
    ] {
        assert!(!has_number(good), "{good}");
    }
    for bad in [
        "_x202E_",
        "a_x0041_b",
        "_x_x0041_",
        "_x005F__x0041_",
        "__x0041_",
    ] {
        assert!(has_number(bad), "{bad}");
    }
}

#[test]
fn places_in_the_same_document() {
    for good in [
        "#Sheet2!A1",
        "#'集計 表(案)'!$A$1:$B$2",
        "#売上",
        "#A!$A:$C",
        "#1:3",
    ] {
        assert!(is_place(good), "{good}");
    }
    for bad in [
        "#",
        "",
        "A!A1",
        "#a/b",
        "#a\\b",
        "#a#b",
        "#a\"",
        "#[b]A!A1",
        "#%5Bb%5D",
        "#javascript:x",
        "#.uno:Quit",
        "#file:x!A1",
        "#A1:B2:C3",
        "#A1:",
        "#tel:1",
        "#a\u{202e}",
        "#a\n",
    ] {
        assert!(!is_place(bad), "{bad}");
    }
    assert!(!is_place(&format!("#{}", "a".repeat(401))));
}
