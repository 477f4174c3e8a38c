//! The constructs of Office Open XML that run, load, link, embed or tell.

use crate::check::Format::{self, Docx, Pptx, Xlsx};
use crate::package::{Construct, Rel, Slot};

const ALL: &[Format] = &[Docx, Xlsx, Pptx];
const MS: &str = "http://schemas.microsoft.com/office/";

const fn inside(
    kind: &'static str,
    target: &'static str,
    content: &'static str,
    file: &'static str,
) -> Rel {
    Rel {
        kind,
        target,
        outside: false,
        content,
        file,
    }
}

const fn outside(kind: &'static str, target: &'static str) -> Rel {
    Rel {
        kind,
        target,
        outside: true,
        content: "",
        file: "",
    }
}

/// A paragraph with a field whose code is in runs of its own.
macro_rules! field {
    ($name:literal, $($code:literal),+) => {
        Construct {
            xml: &[(Slot::Body, concat!(
                "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>",
                $("<w:r><w:instrText xml:space=\"preserve\">", $code, "</w:instrText></w:r>",)+
                "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>result</w:t></w:r>",
                "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
            ))],
            ..Construct::new($name)
        }
    };
}

/// A cell with a formula.
macro_rules! formula {
    ($name:literal, $formula:literal) => {
        Construct {
            xml: &[
                (
                    Slot::Cells,
                    concat!(
                        "<row r=\"2\"><c r=\"A2\"><f>",
                        $formula,
                        "</f><v>7</v></c></row>"
                    ),
                ),
                (
                    Slot::Names,
                    concat!(
                        "<definedNames><definedName name=\"n\">",
                        $formula,
                        "</definedName></definedNames>"
                    ),
                ),
            ],
            ..Construct::new($name)
        }
    };
}

/// A shape of a slide that a click acts on.
macro_rules! click {
    ($name:literal, $element:literal, $attributes:literal) => {
        Construct {
            xml: &[(
                Slot::Shapes,
                concat!(
                    "<p:sp><p:nvSpPr><p:cNvPr id=\"9\" name=\"b\"><a:",
                    $element,
                    " ",
                    $attributes,
                    "/></p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/></p:sp>"
                ),
            )],
            rels: &[outside("hyperlink", "file:///c:/KEY.exe")],
            ..Construct::new($name)
        }
    };
}

/// A paragraph.
macro_rules! body {
    ($name:literal, $xml:literal) => {
        Construct {
            xml: &[(Slot::Body, $xml)],
            ..Construct::new($name)
        }
    };
}

pub(crate) const CONSTRUCTS: &[Construct] = &[
    Construct {
        formats: ALL,
        rels: &[inside(
            "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
            "M/vbaProject.bin",
            "application/vnd.ms-office.vbaProject",
            "KEY",
        )],
        main: &[inside(
            "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
            "M/vbaProject.bin",
            "application/vnd.ms-office.vbaProject",
            "KEY",
        )],
        macros: true,
        ..Construct::new("macro-project")
    },
    Construct {
        formats: ALL,
        rels: &[inside(
            "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
            "M/media/image1.png",
            "application/vnd.ms-office.vbaProject",
            "KEY",
        )],
        ..Construct::new("macro-project-named-picture")
    },
    Construct {
        formats: ALL,
        root: &[
            outside(
                "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
                "http://KEY/",
            ),
            inside(
                "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility",
                "customUI/customUI14.xml",
                "application/xml",
                "<customUI onLoad=\"KEY\"/>",
            ),
        ],
        ..Construct::new("ribbon")
    },
    Construct {
        formats: ALL,
        root: &[
            inside(
                "http://schemas.microsoft.com/office/2011/relationships/webextensiontaskpanes",
                "M/webextensions/taskpanes.xml",
                "application/vnd.ms-office.webextensiontaskpanes+xml",
                "<KEY/>",
            ),
            inside(
                "extended-properties",
                "docProps/app.xml",
                "application/vnd.openxmlformats-officedocument.extended-properties+xml",
                "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"><Template>KEY</Template></Properties>",
            ),
            inside(
                "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
                "docProps/core.xml",
                "application/vnd.openxmlformats-package.core-properties+xml",
                "<KEY/>",
            ),
            inside(
                "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail",
                "docProps/thumbnail.jpeg",
                "image/jpeg",
                "KEY",
            ),
            inside(
                "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin",
                "_xmlsignatures/origin.sigs",
                "application/vnd.openxmlformats-package.digital-signature-origin",
                "KEY",
            ),
        ],
        ..Construct::new("beside-the-document")
    },
    Construct {
        formats: ALL,
        rels: &[
            inside(
                "control",
                "M/activeX/activeX1.xml",
                "application/vnd.ms-office.activeX+xml",
                "<ax:ocx xmlns:ax=\"http://schemas.microsoft.com/office/2006/activeX\" ax:classid=\"KEY\"/>",
            ),
            inside(
                "http://schemas.microsoft.com/office/2006/relationships/activeXControlBinary",
                "M/activeX/activeX1.bin",
                "application/vnd.ms-office.activeX",
                "KEY",
            ),
            inside(
                "oleObject",
                "M/embeddings/oleObject1.bin",
                "application/vnd.openxmlformats-officedocument.oleObject",
                "KEY",
            ),
            inside(
                "package",
                "M/embeddings/b.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "KEY",
            ),
            outside(
                "oleObject",
                "mhtml:http://KEY/x.html!x-usc:http://KEY/x.html",
            ),
            outside("frame", "http://KEY/"),
            outside("attachedTemplate", "http://KEY/x.dotm"),
            outside("image", "\\\\KEY\\x.png"),
            inside(
                "customXml",
                "customXml/item1.xml",
                "application/xml",
                "<KEY/>",
            ),
            inside(
                "font",
                "M/fonts/font1.odttf",
                "application/vnd.openxmlformats-officedocument.obfuscatedFont",
                "KEY",
            ),
            inside(
                "printerSettings",
                "M/printerSettings1.bin",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings",
                "KEY",
            ),
            inside(
                "http://schemas.microsoft.com/office/2017/10/relationships/person",
                "M/persons/person.xml",
                "application/vnd.ms-excel.person+xml",
                "<KEY/>",
            ),
        ],
        ..Construct::new("objects-and-controls")
    },
    // texts
    field!("field-dde", "DDEAUTO c:\\\\KEY \"x\""),
    field!("field-dde-split", " DD", "EAU", "TO KEY \"x\" "),
    field!("field-dde-references", " &#68;&#x44;E KEY "),
    field!("field-includetext", " INCLUDETEXT \"http://KEY/\" "),
    field!(
        "field-includepicture",
        " INCLUDEPICTURE \"\\\\\\\\KEY\\\\x.png\" \\d "
    ),
    field!("field-import", " IMPORT KEY "),
    field!("field-link", " LINK Excel.Sheet.8 KEY "),
    field!("field-embed", " EMBED KEY "),
    field!("field-database", " DATABASE \\d KEY "),
    field!("field-macrobutton", " MACROBUTTON KEY click "),
    field!("field-autotext", " AUTOTEXT KEY "),
    field!("field-gotobutton", " GOTOBUTTON KEY x "),
    field!("field-rd", " RD KEY "),
    field!("field-ask", " ASK KEY \"x\" "),
    field!("field-fillin", " FILLIN \"KEY\" "),
    field!("field-mergefield", " MERGEFIELD KEY "),
    field!("field-quote", " QUOTE 68 68 69 \"KEY\" "),
    field!("field-set", " SET KEY \"DDE\" "),
    field!("field-hyperlink-scheme", " HYPERLINK \"ms-msdt:/id KEY\" "),
    field!(
        "field-hyperlink-target",
        " HYPERLINK \"javascript:KEY\" \\t \"x\" "
    ),
    field!("field-page-with-code", " PAGE \\* \"KEY:/x\" "),
    body!(
        "field-nested",
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> QUOTE 68 KEY </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>KEY</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
    ),
    body!(
        "field-over-paragraphs",
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> DDE</w:instrText></w:r></w:p><w:p><w:ins w:id=\"1\" w:author=\"KEY\"><w:smartTag w:element=\"KEY\"><w:r><w:instrText>AUTO KEY</w:instrText></w:r></w:smartTag></w:ins><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
    ),
    body!(
        "field-simple",
        "<w:p><w:fldSimple w:instr=\" DDE&#65;UTO KEY \"><w:r><w:t>result</w:t></w:r></w:fldSimple></w:p>"
    ),
    body!(
        "field-data",
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:fldData>KEY</w:fldData><w:ffData><w:entryMacro w:val=\"KEY\"/><w:exitMacro w:val=\"KEY\"/></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMTEXT </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
    ),
    body!(
        "field-deleted",
        "<w:p><w:del w:id=\"1\" w:author=\"KEY\"><w:r><w:delInstrText> DDE KEY </w:delInstrText><w:delText>KEY</w:delText></w:r></w:del></w:p>"
    ),
    Construct {
        rels: &[
            inside("aFChunk", "M/afchunk.html", "text/html", "<html>KEY</html>"),
            outside("subDocument", "http://KEY/"),
        ],
        xml: &[(
            Slot::Body,
            "<w:altChunk r:id=\"rIdX1\"/><w:p><w:subDoc r:id=\"rIdX2\"/></w:p>",
        )],
        ..Construct::new("alternative-chunk")
    },
    Construct {
        formats: &[Docx],
        rels: &[
            inside(
                "settings",
                "M/settings.xml",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml",
                "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:attachedTemplate r:id=\"rId1\"/><w:attachedSchema w:val=\"KEY\"/><w:mailMerge><w:query w:val=\"KEY\"/><w:connectString w:val=\"KEY\"/></w:mailMerge><w:docVars><w:docVar w:name=\"KEY\" w:val=\"KEY\"/></w:docVars><w:saveThroughXslt r:id=\"rId2\" w:solutionID=\"KEY\"/></w:settings>",
            ),
            inside(
                "webSettings",
                "M/webSettings.xml",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.webSettings+xml",
                "<w:webSettings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:frameset><w:frame><w:sourceFileName w:val=\"KEY\"/></w:frame></w:frameset></w:webSettings>",
            ),
            inside(
                "comments",
                "M/comments.xml",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml",
                "<KEY/>",
            ),
            inside(
                "glossaryDocument",
                "M/glossary/document.xml",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document.glossary+xml",
                "<KEY/>",
            ),
            inside(
                "http://schemas.microsoft.com/office/2006/relationships/keyMapCustomizations",
                "M/customizations.xml",
                "application/vnd.ms-word.keyMapCustomizations+xml",
                "<KEY/>",
            ),
        ],
        ..Construct::new("settings")
    },
    body!(
        "object",
        "<w:p><w:r><w:object><v:shape id=\"s\" style=\"width:1pt\" href=\"http://KEY/\" o:button=\"t\"><v:imagedata src=\"http://KEY/\" o:href=\"http://KEY/\" r:href=\"rIdX1\"/></v:shape><o:OLEObject Type=\"Link\" ProgID=\"KEY\" ShapeID=\"s\" DrawAspect=\"Icon\" ObjectID=\"KEY\" r:id=\"rIdX1\"/><w:control r:id=\"rIdX1\" w:name=\"KEY\" w:shapeid=\"KEY\"/></w:object></w:r></w:p>"
    ),
    body!(
        "background",
        "<w:background w:color=\"FFFFFF\"><v:background><v:fill src=\"http://KEY/\" o:href=\"http://KEY/\" type=\"frame\"/></v:background></w:background>"
    ),
    Construct {
        rels: &[outside("image", "http://KEY/x.png")],
        xml: &[
            (
                Slot::Body,
                "<w:p><w:r><w:drawing><wp:inline><wp:extent cx=\"1\" cy=\"1\"/><wp:docPr id=\"1\" name=\"p\"/><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr><pic:cNvPr id=\"1\" name=\"p\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link=\"rIdX1\"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>",
            ),
            (
                Slot::Shapes,
                "<p:pic><p:nvPicPr><p:cNvPr id=\"5\" name=\"p\"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:link=\"rIdX1\"/></p:blipFill><p:spPr/></p:pic>",
            ),
        ],
        ..Construct::new("linked-picture")
    },
    Construct {
        rels: &[
            outside("hyperlink", "javascript:KEY"),
            outside("hyperlink", "\\\\KEY\\share"),
            outside("hyperlink", "ms-msdt:/id KEY"),
        ],
        xml: &[
            (
                Slot::Body,
                "<w:p><w:hyperlink r:id=\"rIdX1\" w:tgtFrame=\"KEY\" w:docLocation=\"KEY\"><w:r><w:t>link</w:t></w:r></w:hyperlink><w:hyperlink r:id=\"rIdX2\"><w:r><w:t>link</w:t></w:r></w:hyperlink><w:hyperlink r:id=\"rIdX3\"><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>",
            ),
            (
                Slot::Tail,
                "<hyperlinks><hyperlink ref=\"A1\" r:id=\"rIdX1\" tooltip=\"KEY\"/><hyperlink ref=\"A2\" r:id=\"rIdX2\"/><hyperlink ref=\"A3\" location=\"[KEY.xls]s!A1\"/></hyperlinks>",
            ),
            (
                Slot::Shapes,
                "<p:sp><p:nvSpPr><p:cNvPr id=\"7\" name=\"t\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:rPr><a:hlinkClick r:id=\"rIdX1\" tgtFrame=\"KEY\"/></a:rPr><a:t>link</a:t></a:r><a:r><a:rPr><a:hlinkMouseOver r:id=\"rIdX2\"/></a:rPr><a:t>link</a:t></a:r></a:p></p:txBody></p:sp>",
            ),
        ],
        ..Construct::new("links-to-programs")
    },
    body!(
        "alternative-content",
        "<mc:AlternateContent><mc:Choice Requires=\"evil\"><evil:x>KEY</evil:x></mc:Choice><mc:Fallback><w:p><w:r><w:object><o:OLEObject ProgID=\"KEY\" r:id=\"rIdX1\"/></w:object></w:r></w:p></mc:Fallback></mc:AlternateContent>"
    ),
    body!(
        "unknown-namespace",
        "<evil:wrap><w:p><w:r><w:t>KEY</w:t></w:r></w:p></evil:wrap>"
    ),
    body!(
        "other-prefix",
        "<q:p xmlns:q=\"http://purl.oclc.org/ooxml/wordprocessingml/main\"><q:fldSimple q:instr=\"DDEAUTO KEY\"><q:r><q:t>result</q:t></q:r></q:fldSimple></q:p>"
    ),
    body!(
        "bindings",
        "<w:sdt><w:sdtPr><w:dataBinding w:xpath=\"KEY\" w:storeItemID=\"KEY\"/><w:placeholder><w:docPart w:val=\"KEY\"/></w:placeholder></w:sdtPr><w:sdtContent><w:p><w:r><w:t>shown</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    ),
    body!(
        "comment-marks",
        "<w:p><w:commentRangeStart w:id=\"1\"/><w:r><w:t>x</w:t></w:r><w:commentRangeEnd w:id=\"1\"/><w:moveFrom w:id=\"3\" w:author=\"KEY\"><w:r><w:t>KEY</w:t></w:r></w:moveFrom><w:p/></w:p>"
    ),
    // sheets
    Construct {
        main: &[
            inside(
                "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
                "M/macrosheets/sheet1.xml",
                "application/vnd.ms-excel.macrosheet+xml",
                "<KEY/>",
            ),
            inside(
                "dialogsheet",
                "M/dialogsheets/sheet1.xml",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.dialogsheet+xml",
                "<KEY/>",
            ),
            inside(
                "externalLink",
                "M/externalLinks/externalLink1.xml",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml",
                "<externalLink xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><ddeLink ddeService=\"KEY\" ddeTopic=\"KEY\"/></externalLink>",
            ),
            inside(
                "connections",
                "M/connections.xml",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml",
                "<KEY/>",
            ),
            inside(
                "calcChain",
                "M/calcChain.xml",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
                "<KEY/>",
            ),
        ],
        xml: &[
            (
                Slot::Book,
                "<fileSharing userName=\"KEY\"/><workbookPr codeName=\"KEY\"/>",
            ),
            (
                Slot::Names,
                "<functionGroups><functionGroup name=\"KEY\"/></functionGroups><externalReferences><externalReference r:id=\"rIdM3\"/></externalReferences><definedNames><definedName name=\"_xlnm.Auto_Open\" hidden=\"1\">KEY!$A$1</definedName><definedName name=\"f\" function=\"1\" vbProcedure=\"1\" xlm=\"1\" comment=\"KEY\">1</definedName><definedName name=\"g\">[1]KEY!$A$1</definedName></definedNames>",
            ),
        ],
        ..Construct::new("macro-sheets-and-books")
    },
    formula!("formula-dde", "cmd|'/c KEY'!A0"),
    formula!("formula-other-book", "[1]KEY!A1"),
    formula!("formula-path", "'c:\\KEY\\[b.xls]s'!A1"),
    formula!("formula-webservice", "WEBSERVICE(&quot;http://KEY/&quot;)"),
    formula!("formula-hyperlink", "HYPERLINK(&quot;file:///KEY&quot;,1)"),
    formula!("formula-call", "CALL(&quot;KEY&quot;,&quot;x&quot;)"),
    formula!("formula-register", "REGISTER.ID(&quot;KEY&quot;)"),
    formula!("formula-rtd", "RTD(&quot;KEY&quot;,,1)"),
    formula!("formula-exec", "EXEC(&quot;KEY&quot;)"),
    formula!("formula-image", "_xlfn.IMAGE(&quot;http://KEY/&quot;)"),
    formula!("formula-cube", "CUBEVALUE(&quot;KEY&quot;)"),
    formula!("formula-filterxml", "_xlfn.FILTERXML(&quot;KEY&quot;,1)"),
    formula!("formula-sql", "SQL.REQUEST(&quot;KEY&quot;)"),
    Construct {
        rels: &[inside(
            "drawing",
            "M/drawings/drawing1.xml",
            "application/vnd.openxmlformats-officedocument.drawing+xml",
            "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\"><xdr:absoluteAnchor><xdr:pos x=\"0\" y=\"0\"/><xdr:ext cx=\"1\" cy=\"1\"/><xdr:sp macro=\"KEY\" textlink=\"KEY\"><xdr:nvSpPr><xdr:cNvPr id=\"2\" name=\"b\"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/></xdr:sp><xdr:clientData/></xdr:absoluteAnchor></xdr:wsDr>",
        )],
        xml: &[(
            Slot::Tail,
            "<drawing r:id=\"rIdX1\"/><legacyDrawing r:id=\"rIdX2\"/><oleObjects><oleObject progId=\"KEY\" shapeId=\"1\" r:id=\"rIdX3\"/></oleObjects><controls><control shapeId=\"2\" r:id=\"rIdX4\" name=\"KEY\"/></controls><webPublishItems count=\"1\"><webPublishItem id=\"1\" destinationFile=\"KEY\"/></webPublishItems><customProperties><customPr name=\"KEY\" r:id=\"rIdX5\"/></customProperties>",
        )],
        ..Construct::new("sheet-controls")
    },
    Construct {
        rels: &[
            inside(
                "pivotTable",
                "M/pivotTables/pivotTable1.xml",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotTable+xml",
                "<KEY/>",
            ),
            inside(
                "queryTable",
                "M/queryTables/queryTable1.xml",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.queryTable+xml",
                "<KEY/>",
            ),
        ],
        xml: &[(
            Slot::Tail,
            "<dataValidations count=\"1\"><dataValidation type=\"list\" sqref=\"B1\"><formula1>WEBSERVICE(\"KEY\")</formula1></dataValidation></dataValidations><conditionalFormatting sqref=\"A1\"><cfRule type=\"expression\" priority=\"1\"><formula>[1]KEY!A1</formula></cfRule></conditionalFormatting>",
        )],
        ..Construct::new("sheet-data")
    },
    // slides
    click!(
        "action-macro",
        "hlinkClick",
        "r:id=\"\" action=\"ppaction://macro?name=KEY\""
    ),
    click!(
        "action-program",
        "hlinkClick",
        "r:id=\"rIdX1\" action=\"ppaction://program\""
    ),
    click!(
        "action-ole",
        "hlinkClick",
        "r:id=\"\" action=\"ppaction://ole?verb=KEY\""
    ),
    click!(
        "action-file",
        "hlinkClick",
        "r:id=\"rIdX1\" action=\"ppaction://hlinkfile\""
    ),
    click!(
        "action-presentation",
        "hlinkClick",
        "r:id=\"rIdX1\" action=\"ppaction://hlinkpres?slideindex=1&amp;KEY\""
    ),
    click!(
        "action-hover",
        "hlinkHover",
        "r:id=\"\" action=\"ppaction://macro?name=KEY\""
    ),
    click!(
        "action-upper-case",
        "hlinkClick",
        "r:id=\"\" action=\"PPACTION://MACRO?NAME=KEY\""
    ),
    Construct {
        rels: &[
            inside("audio", "M/media/a.wav", "audio/wav", "KEY"),
            inside(
                "tags",
                "M/tags/tag1.xml",
                "application/vnd.openxmlformats-officedocument.presentationml.tags+xml",
                "<KEY/>",
            ),
            inside(
                "comments",
                "M/comments/comment1.xml",
                "application/vnd.openxmlformats-officedocument.presentationml.comments+xml",
                "<KEY/>",
            ),
            outside("slide", "http://KEY/"),
            outside("slideUpdateUrl", "http://KEY/"),
        ],
        xml: &[
            (
                Slot::Shapes,
                "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"8\" name=\"o\"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"1\" cy=\"1\"/></p:xfrm><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/presentationml/2006/ole\"><p:oleObj progId=\"KEY\" r:id=\"rIdX1\"><p:embed/></p:oleObj></a:graphicData></a:graphic></p:graphicFrame><p:sp><p:nvSpPr><p:cNvPr id=\"6\" name=\"m\"/><p:cNvSpPr/><p:nvPr><a:audioFile r:link=\"rIdX1\"/><a:videoFile r:link=\"rIdX1\"/><p:custDataLst><p:tags r:id=\"rIdX2\"/></p:custDataLst></p:nvPr></p:nvSpPr><p:spPr/></p:sp>",
            ),
            (
                Slot::Slide,
                "<p:transition><p:sndAc><p:stSnd><p:snd r:embed=\"rIdX1\" name=\"KEY\"/></p:stSnd></p:sndAc></p:transition><p:timing><p:tnLst><p:par><p:cTn><p:childTnLst><p:cmd type=\"verb\" cmd=\"KEY\"/></p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>",
            ),
            (
                Slot::Show,
                "<p:embeddedFontLst><p:embeddedFont><p:font typeface=\"KEY\"/><p:regular r:id=\"rIdM1\"/></p:embeddedFont></p:embeddedFontLst><p:custDataLst><p:tags r:id=\"rIdM2\"/></p:custDataLst><p:modifyVerifier saltData=\"KEY\" hashData=\"KEY\"/>",
            ),
        ],
        main: &[
            outside("font", "http://KEY/"),
            inside("tags", "M/tags/tag2.xml", "application/xml", "<KEY/>"),
            outside(
                "http://schemas.microsoft.com/office/2006/relationships/x",
                MS,
            ),
            inside(
                "commentAuthors",
                "M/commentAuthors.xml",
                "application/vnd.openxmlformats-officedocument.presentationml.commentAuthors+xml",
                "<KEY/>",
            ),
        ],
        ..Construct::new("slide-media")
    },
];
