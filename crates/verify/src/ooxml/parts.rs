//! The parts that documents of ours may have: relationship, content type and root go together.

use mugai_core::Target;

/// One kind of part.
pub(super) struct Row(Of, &'static str, &'static str, &'static str);

/// Which documents have it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    All,
    Docx,
    Xlsx,
    Pptx,
}

const ROWS: [Row; 34] = [
    Row(
        Of::Docx,
        "officeDocument",
        "wordprocessingml.document.main",
        "w:document",
    ),
    Row(Of::Docx, "styles", "wordprocessingml.styles", "w:styles"),
    Row(
        Of::Docx,
        "numbering",
        "wordprocessingml.numbering",
        "w:numbering",
    ),
    Row(
        Of::Docx,
        "settings",
        "wordprocessingml.settings",
        "w:settings",
    ),
    Row(
        Of::Docx,
        "fontTable",
        "wordprocessingml.fontTable",
        "w:fonts",
    ),
    Row(Of::Docx, "header", "wordprocessingml.header", "w:hdr"),
    Row(Of::Docx, "footer", "wordprocessingml.footer", "w:ftr"),
    Row(
        Of::Docx,
        "footnotes",
        "wordprocessingml.footnotes",
        "w:footnotes",
    ),
    Row(
        Of::Docx,
        "endnotes",
        "wordprocessingml.endnotes",
        "w:endnotes",
    ),
    Row(Of::All, "theme", "theme", "a:theme"),
    Row(Of::All, "themeOverride", "themeOverride", "a:themeOverride"),
    Row(Of::All, "chart", "drawingml.chart", "c:chartSpace"),
    Row(
        Of::All,
        "diagramData",
        "drawingml.diagramData",
        "dgm:dataModel",
    ),
    Row(
        Of::All,
        "diagramLayout",
        "drawingml.diagramLayout",
        "dgm:layoutDef",
    ),
    Row(
        Of::All,
        "diagramQuickStyle",
        "drawingml.diagramStyle",
        "dgm:styleDef",
    ),
    Row(
        Of::All,
        "diagramColors",
        "drawingml.diagramColors",
        "dgm:colorsDef",
    ),
    Row(
        Of::All,
        "chartUserShapes",
        "drawingml.chartshapes",
        "c:userShapes",
    ),
    Row(
        Of::Xlsx,
        "officeDocument",
        "spreadsheetml.sheet.main",
        "workbook",
    ),
    Row(
        Of::Xlsx,
        "worksheet",
        "spreadsheetml.worksheet",
        "worksheet",
    ),
    Row(
        Of::Xlsx,
        "chartsheet",
        "spreadsheetml.chartsheet",
        "chartsheet",
    ),
    Row(
        Of::Xlsx,
        "sharedStrings",
        "spreadsheetml.sharedStrings",
        "sst",
    ),
    Row(Of::Xlsx, "styles", "spreadsheetml.styles", "styleSheet"),
    Row(Of::Xlsx, "drawing", "drawing", "xdr:wsDr"),
    Row(Of::Xlsx, "table", "spreadsheetml.table", "table"),
    Row(
        Of::Pptx,
        "officeDocument",
        "presentationml.presentation.main",
        "p:presentation",
    ),
    Row(Of::Pptx, "slide", "presentationml.slide", "p:sld"),
    Row(
        Of::Pptx,
        "slideMaster",
        "presentationml.slideMaster",
        "p:sldMaster",
    ),
    Row(
        Of::Pptx,
        "slideLayout",
        "presentationml.slideLayout",
        "p:sldLayout",
    ),
    Row(
        Of::Pptx,
        "notesMaster",
        "presentationml.notesMaster",
        "p:notesMaster",
    ),
    Row(
        Of::Pptx,
        "notesSlide",
        "presentationml.notesSlide",
        "p:notes",
    ),
    Row(
        Of::Pptx,
        "handoutMaster",
        "presentationml.handoutMaster",
        "p:handoutMaster",
    ),
    Row(
        Of::Pptx,
        "presProps",
        "presentationml.presProps",
        "p:presentationPr",
    ),
    Row(
        Of::Pptx,
        "viewProps",
        "presentationml.viewProps",
        "p:viewPr",
    ),
    Row(
        Of::Pptx,
        "tableStyles",
        "presentationml.tableStyles",
        "a:tblStyleLst",
    ),
];

impl Row {
    pub(super) const fn root(&self) -> &'static str {
        self.3
    }

    /// Whether the package itself leads to it.
    pub(super) fn is_main(&self) -> bool {
        self.1 == "officeDocument"
    }
}

/// The folder of all parts.
pub(super) const fn folder(target: Target) -> Option<&'static str> {
    match target {
        Target::Docx => Some("word/"),
        Target::Xlsx => Some("xl/"),
        Target::Pptx => Some("ppt/"),
        Target::Txt
        | Target::Csv
        | Target::Png
        | Target::Jpeg
        | Target::Pdf
        | Target::Zip
        | Target::Odt
        | Target::Ods
        | Target::Odp
        | Target::Eml
        | Target::Mbox => None,
    }
}

/// The kind of part that a relationship and a content type agree on.
pub(super) fn find(target: Target, relation: &str, content: &str) -> Option<&'static Row> {
    let own = match target {
        Target::Docx => Of::Docx,
        Target::Xlsx => Of::Xlsx,
        Target::Pptx => Of::Pptx,
        Target::Txt
        | Target::Csv
        | Target::Png
        | Target::Jpeg
        | Target::Pdf
        | Target::Zip
        | Target::Odt
        | Target::Ods
        | Target::Odp
        | Target::Eml
        | Target::Mbox => {
            return None;
        }
    };
    ROWS.iter().find(|Row(of, kind, kind_of, _)| {
        (*of == own || *of == Of::All) && *kind == relation && *kind_of == content
    })
}
