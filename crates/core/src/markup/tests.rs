use super::vocabulary::{Attribute, Element, Space, Type};
use super::*;

fn element(name: &str) -> Element {
    Element::named(name).unwrap_or_else(|| panic!("{name} is not in the table"))
}

fn attribute(name: &str) -> Attribute {
    let (space, local) = name
        .split_once(':')
        .map_or((None, name), |(prefix, local)| {
            (Space::all().find(|s| s.prefix() == prefix), local)
        });
    Attribute::find(space, local).unwrap_or_else(|| panic!("{name} is not in the table"))
}

#[test]
fn every_part_has_its_root_in_the_table() {
    for kind in PartKind::ALL {
        assert!(kind.root().is(kind.root_name()), "{kind:?}");
        assert_eq!(PartKind::from_tag(kind.tag()), Some(*kind));
    }
}

#[test]
fn what_runs_loads_or_links_has_no_index() {
    for name in [
        "w:altChunk",
        "w:object",
        "w:control",
        "w:attachedTemplate",
        "w:dataBinding",
        "w:del",
        "o:OLEObject",
        "x:oleObject",
        "x:control",
        "x:externalReference",
        "p:oleObj",
        "p:cmd",
        "a:hlinkHover",
        "a:videoFile",
        "c:externalData",
        "a:extLst",
        "p:timing",
        "w:fldData",
        "w:ffData",
        "w:smartTag",
    ] {
        assert_eq!(Element::named(name), None, "{name}");
    }
    let has = |of: &str, name: &str| {
        let (space, local) = name
            .split_once(':')
            .map_or((None, name), |(prefix, local)| {
                (Space::all().find(|s| s.prefix() == prefix), local)
            });
        Attribute::find(space, local).is_some_and(|a| element(of).attribute(a).is_some())
    };
    assert!(has("a:blip", "r:embed") && has("v:imagedata", "r:id"));
    for (of, name) in [
        ("a:blip", "r:link"),
        ("v:imagedata", "src"),
        ("v:shape", "href"),
        ("xdr:sp", "macro"),
        ("p:sp", "action"),
        ("a:hlinkClick", "tgtFrame"),
        ("x:definedName", "xlm"),
        ("v:imagedata", "r:href"),
    ] {
        assert!(!has(of, name), "{of} {name}");
    }
}

#[test]
fn namespaces_of_both_classes_are_one() {
    for (strict, transitional) in [
        ("http://purl.oclc.org/ooxml/wordprocessingml/main", "w"),
        ("http://purl.oclc.org/ooxml/spreadsheetml/main", "x"),
        ("http://purl.oclc.org/ooxml/presentationml/main", "p"),
        ("http://purl.oclc.org/ooxml/drawingml/main", "a"),
        (
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
            "r",
        ),
        ("http://purl.oclc.org/ooxml/officeDocument/math", "m"),
        ("http://purl.oclc.org/ooxml/drawingml/chart", "c"),
    ] {
        assert_eq!(Space::of(strict).map(Space::prefix), Some(transitional));
    }
    assert_eq!(Space::of("http://purl.oclc.org/ooxml/"), None);
    assert_eq!(
        Space::of("http://schemas.microsoft.com/office/word/2006/wordml"),
        None
    );
}

#[test]
fn formulas_that_lead_within() {
    for good in [
        "SUM([0]!動的)*[0]!率",
        "HYPERLINK(\"#集計!A5\",\"移動\")",
        "HYPERLINK( \"#'一 月'!A1:B2\" )",
        "SUBTOTAL(109,[金額])+[@数量]*2",
    ] {
        assert!(is_harmless_formula(good), "{good}");
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
        assert!(!is_harmless_formula(bad), "{bad}");
    }
}

#[test]
fn formulas_that_calculate_and_others() {
    for good in [
        "SUM(A1:B2)",
        "IF(A1>0,\"a|b [1]\",'it''s'!C3)",
        "_xlfn.XLOOKUP(A1,Table1[列],Table1[[#All],[x]])",
        "Sheet1!$A$1",
        "SUM (A1)",
        "1+2",
        "",
        "合計(1)".trim_end_matches("(1)"),
        "SUM('1月:12月'!B3)",
        "BYROW(A1:B2,_xleta.SUM)",
        "_xlfn.MAP(A1:A3,_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2))",
        "_xlfn.ANCHORARRAY(A1)",
        "SUM(INDIRECT(\"表1[列]\"))+INDIRECT(SUBSTITUTE(SUBSTITUTE(A1&\"!B2\",\"#\",\"\"),\"[\",\"\"))",
        "INDIRECT(SUBSTITUTE(SUBSTITUTE(A1,\"#\",\"\"),\"[\",\"\"))&TEXT(B1,\"#,##0\")",
    ] {
        assert!(is_harmless_formula(good), "{good}");
    }
    for bad in [
        "cmd|'/c calc'!A0",
        "[1]Sheet1!A1",
        "'[book.xlsx]S'!A1",
        "WEBSERVICE(\"http://x\")",
        "CALL(\"a\",\"b\")",
        "HYPERLINK(\"http://x\",A1)",
        "EXEC(\"calc\")",
        "RTD(1)",
        "\"open",
        "'C:\\a'!A1",
        "'\\\\host\\a[b]c'!A1",
        "合計(1)",
        "_xlfn.IMAGE(1)",
        "SUM(A1)+CUBEVALUE(1)",
        "X[1]!A1",
        "Table1[it's]",
        "BYROW(A1:B2,_xleta.WEBSERVICE)",
        "_XLETA.IMAGE",
        "\"a_x0022_&WEBSERVICE(_x0022_http://x/_x0022_)&_x0022_b\"",
        "'C:a.xlsx'!A1",
        "'a:b:c'!A1",
        "':a'!A1",
        "INDIRECT(\"'file:///c:/x.ods'#$S.A1\")",
        "INDIRECT(\"'x.ods'#$S.A1\")",
        "INDIRECT(A1)",
        "MAP(A1:A2,_xleta.INDIRECT)",
        "_xlfn.INDIRECT(\"A\"&\"1\")",
        "_xlfn._xlws.INDIRECT(A1)",
        "indirect(\"[x.xlsx]S!A1\")",
        "INDIRECT(\"'\\\\host\\[a]b'!A1\")",
        "INDIRECT(\"soffice|x!y\")",
    ] {
        assert!(!is_harmless_formula(bad), "{bad}");
    }
}

#[test]
fn open_formulas_name_sheets_by_any_letters_and_no_files() {
    for good in [
        "of:=SUM([$'集計（4月）'.B3:.B9])",
        "of:=[$'A&B'.C1]",
        "of:=SUM({1;2|3;4})",
        "of:=SUM(([.A1:.A2]~[.B2];1))",
        "of:=SUM([.A1:.B2]![.B1:.B3])",
        "of:=SUM([$'1月'.A1:$'3月'.A1])",
        "of:=SUM([.A1:.B2];\"a|b\")",
    ] {
        assert!(fits(Type::OpenFormula, good), "{good}");
    }
    for bad in [
        "of:=COM.MICROSOFT.INDIRECT([.A1])",
        "of:=INDIRECT([.A1])",
        "of:=['file:///etc/passwd'#$S.A1]",
        "of:=['a.ods'#$S.A1]",
        "of:=[$'a.A1]",
        "of:=soffice|x!y",
        "of:={1|2}|3",
        "of:={SUM(1)}",
        "of:=SUM('1月:3月'!a1)",
        "of:=INDIRECT(\"'file:///x'#$S.A1\")",
        "of:=DDE(\"a\";\"b\";\"c\")",
    ] {
        assert!(!fits(Type::OpenFormula, bad), "{bad}");
    }
}

#[test]
fn fields_that_stay_are_few_and_written_in_one_way() {
    assert_eq!(
        instruction("  page  \\* MERGEFORMAT ").as_deref(),
        Some("PAGE \\* MERGEFORMAT")
    );
    assert_eq!(
        instruction("TOC \\o \"1-3\" \\h \\z \\u").as_deref(),
        Some("TOC \\o \"1-3\" \\h \\z \\u")
    );
    assert_eq!(
        instruction("hyperlink \\L \"_Toc1\" \\H").as_deref(),
        Some("HYPERLINK \\l \"_Toc1\" \\h")
    );
    for bad in [
        "",
        "DDEAUTO c:\\\\a \"x\"",
        "INCLUDEPICTURE \"http://x\"",
        "HYPERLINK \"http://x\"",
        "QUOTE 65 66",
        "PAGE {=1}",
        "REF a:b",
        "REF \\\\host\\share",
        "MACROBUTTON x y",
        "SEQ http://x",
    ] {
        assert_eq!(instruction(bad), None, "{bad}");
    }
}

#[test]
fn only_whole_trees_of_good_values_are_taken() {
    let (document, body, p) = (element("w:document"), element("w:body"), element("w:p"));
    let (r, t) = (element("w:r"), element("w:t"));
    let mut builder = Builder::new(PartKind::Document);
    assert!(builder.push(Event::Open(body)).is_err(), "not the root");
    for event in [document, body, p, r, t].map(Event::Open) {
        builder.push(event).unwrap();
    }
    let space = attribute("xml:space");
    builder.push(Event::Attribute(space, "preserve")).unwrap();
    assert!(
        builder.push(Event::Attribute(space, "preserve")).is_err(),
        "twice"
    );
    assert!(
        builder
            .push(Event::Attribute(attribute("r:id"), "rId1"))
            .is_err()
    );
    assert!(builder.push(Event::Text("a\u{202e}b")).is_err());
    builder.push(Event::Text("\u{f0b7} 山田 \u{e000}")).unwrap();
    assert!(
        builder.push(Event::Attribute(space, "preserve")).is_err(),
        "behind text"
    );
    for _ in 0..5 {
        builder.push(Event::Close).unwrap();
    }
    assert!(
        builder.push(Event::Open(document)).is_err(),
        "a second root"
    );
    let made = builder.finish().unwrap();
    let again = Markup::check(PartKind::Document, Vec::new(), made.encoded().to_vec()).unwrap();
    assert_eq!(made, again);
    assert!(Markup::check(PartKind::Header, Vec::new(), made.encoded().to_vec()).is_err());
    for end in 0..made.encoded().len() {
        let cut = made.encoded().get(..end).unwrap_or_default().to_vec();
        assert!(
            Markup::check(PartKind::Document, Vec::new(), cut).is_err(),
            "{end}"
        );
    }
}

#[test]
fn texts_of_every_length_come_back_and_are_texts_on_the_wire() {
    let names = (0..=u16::MAX).map_while(Element::from_index).count();
    assert!(names < 1 << 14, "a place in the table has 14 bits");
    assert!((0..1u16 << 14).map_while(Attribute::from_index).count() < 1 << 14);
    let long = "長い".repeat(30_000);
    for text in [
        "",
        "a",
        &"あ".repeat(42),
        &"b".repeat(126),
        &"c".repeat(127),
        &long,
    ] {
        let mut builder = opened(
            PartKind::Document,
            &["w:document", "w:body", "w:p", "w:r", "w:t"],
        );
        builder.push(Event::Text(text)).unwrap();
        for _ in 0..5 {
            builder.push(Event::Close).unwrap();
        }
        let made = builder.finish().unwrap();
        let bytes = made.encoded().to_vec();
        let again = Markup::check(PartKind::Document, Vec::new(), bytes.clone()).unwrap();
        assert!(again.events().any(|event| event == Event::Text(text)));
        // half of a letter, a length beyond the end, a length that is told at length for nothing
        let at = bytes.iter().rposition(|byte| *byte != 6).unwrap();
        if text.ends_with('い') || text.ends_with('あ') {
            let mut cut = bytes.clone();
            cut.remove(at);
            assert!(Markup::check(PartKind::Document, Vec::new(), cut).is_err());
        }
        let mut latin = bytes.clone();
        latin[0] = 0xc3;
        latin[1] = 0xa9;
        assert!(Markup::check(PartKind::Document, Vec::new(), latin).is_err());
    }
    let head = [[1, 0, 0].as_slice(), &[5, 127, 0, 0, 0, 0, 1, b'a', 6]].concat();
    assert!(Markup::check(PartKind::Document, Vec::new(), head).is_err());
}

fn opened(root: PartKind, names: &[&str]) -> Builder {
    let mut builder = Builder::new(root);
    for name in names {
        builder.push(Event::Open(element(name))).unwrap();
    }
    builder
}

#[test]
fn links_stand_where_links_belong() {
    let id = attribute("r:id");
    let page = "https://city.example.lg.jp/a";
    let place = ["w:document", "w:body", "w:p", "w:hyperlink"];
    let mut builder = opened(PartKind::Document, &place);
    assert!(builder.push(Event::Link(id, page)).is_ok());
    for bad in ["javascript:x", "file:///c:/x", "\\\\host\\x", ""] {
        let mut builder = opened(PartKind::Document, &place);
        assert!(builder.push(Event::Link(id, bad)).is_err(), "{bad}");
    }
    // no picture and no part is loaded from elsewhere, and a link is no picture
    let picture = [
        "w:document",
        "w:body",
        "w:p",
        "w:r",
        "w:pict",
        "v:shape",
        "v:imagedata",
    ];
    let mut builder = opened(PartKind::Document, &picture);
    assert!(builder.push(Event::Link(id, page)).is_err());
    for lead in [Place::Picture(0), Place::Part(0)] {
        let mut builder = opened(PartKind::Document, &place);
        assert!(builder.push(Event::Reference(id, lead)).is_err());
    }
    let href = attribute("xlink:href");
    let open = [
        "office:document-content",
        "office:body",
        "office:text",
        "text:p",
    ];
    let link = |name, event: Event<'_>| {
        let mut builder = opened(PartKind::OpenText, &open);
        builder.push(Event::Open(element(name))).unwrap();
        builder.push(event).is_ok()
    };
    assert!(link("text:a", Event::Link(href, page)));
    assert!(link("text:a", Event::Attribute(href, "#しおり")));
    assert!(!link("text:a", Event::Attribute(href, page)));
    assert!(!link("text:a", Event::Attribute(href, "#a:b")));
    assert!(!link("text:a", Event::Reference(href, Place::Picture(0))));
    assert!(!link("draw:image", Event::Link(href, page)));
    assert!(link(
        "draw:image",
        Event::Reference(href, Place::Picture(0))
    ));
}

#[test]
fn formulas_of_open_documents() {
    for good in [
        "of:=SUM([.A1:.B2];1)",
        "of:=[$集計.A3]+['a sheet'.B1]",
        "of:=COM.MICROSOFT.CONCAT(\"a|b\";[.#REF!])",
        "of:cell-content-is-in-list(\"甲\";\"乙\")",
        "cell-content()<=10 and cell-content()>1",
        "value()>=0",
        ">5",
        "formula-is([.$C1]=\"済\")",
        "between(1,[.B1])",
        "top-elements(3)",
        "begins-with(\"甲\")",
        "duplicate",
        "of:=HYPERLINK(\"#集計.A5\";\"移動\")",
    ] {
        assert!(fits(Type::OpenFormula, good), "{good}");
    }
    for bad in [
        "of:=DDE(\"a\";\"b\";\"c\")",
        "of:=WEBSERVICE(\"x\")",
        "of:=HYPERLINK(\"x\")",
        "of:=HYPERLINK(\"#a\"&[.A1])",
        "of:=['file:///a.ods'#$s.A1]",
        "of:=[a.ods#s.A1]",
        "of:=[c:\\a.A1]",
        "msoxl:=SUM(A1)",
        "oooc:=SUM([.A1])",
        "of:=ORG.LIBREOFFICE.WEBSERVICE(1)",
        "of:=[.A1",
        "of:=a|b",
        "formula-is(WEBSERVICE(\"x\"))",
        "between(1,DDE(\"a\";\"b\";\"c\"))",
        "formula-is(['file:///a.ods'#$s.A1])",
    ] {
        assert!(!fits(Type::OpenFormula, bad), "{bad}");
    }
}

#[test]
fn what_runs_in_open_documents_has_no_index() {
    for name in [
        "office:scripts",
        "office:event-listeners",
        "office:forms",
        "draw:object-ole",
        "draw:plugin",
        "draw:applet",
        "draw:floating-frame",
        "text:section-source",
        "text:execute-macro",
        "text:dde-connection",
        "table:table-source",
        "table:cell-range-source",
        "table:error-macro",
        "table:dde-link",
        "office:binary-data",
        "text:tracked-changes",
        "office:annotation",
        "svg:font-face-src",
    ] {
        assert_eq!(Element::named(name), None, "{name}");
    }
}
