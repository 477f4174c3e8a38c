//! Spellings of what must not be.

use super::*;

fn fits(kind: Type, text: &str) -> bool {
    value(kind, text).is_ok()
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
    ] {
        assert!(!fits(Type::Formula, bad), "{bad}");
    }
    assert!(fits(Type::OpenFormula, "of:=SUM ([.A1:.B2];1)"));
    for bad in [
        "of:=1 WEBSERVICE(\"http://x\")",
        "of:=A WEBSERVICE\n(\"http://x\")",
        "of:=1 DDE(1)",
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
    for bad in [
        "background:url(\\\\evil\\x)",
        "background:URL(a)",
        "a:\\\\evil",
        "a://x",
        "width:expression(1)",
        "javascript:x",
        "file:x",
        "幅",
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
