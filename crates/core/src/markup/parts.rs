//! The parts that documents are made of: where they lie, what type they are, and how they are
//! reached (ECMA-376 part 1, sections 11 to 15).

use crate::draft::Target;
use crate::kind::Family;
use crate::markup::vocabulary::Element;
use std::sync::LazyLock;

/// The three families of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flavour {
    /// Texts.
    Word,
    /// Spreadsheets.
    Sheet,
    /// Presentations.
    Slides,
}

impl Flavour {
    /// The folder of its parts.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Sheet => "xl",
            Self::Slides => "ppt",
        }
    }

    /// The family that policies speak of.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Word => Family::Word,
            Self::Sheet => Family::Sheet,
            Self::Slides => Family::Slides,
        }
    }

    /// What we write it as.
    #[must_use]
    pub const fn target(self) -> Target {
        match self {
            Self::Word => Target::Docx,
            Self::Sheet => Target::Xlsx,
            Self::Slides => Target::Pptx,
        }
    }
}

macro_rules! parts {
    ($($variant:ident = $tag:literal, $stem:literal, $root:literal, $relation:literal, $content:literal, $implicit:literal;)*) => {
        /// A kind of part.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum PartKind { $(#[doc = $stem] $variant,)* }
        impl PartKind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The tag on the wire.
            #[must_use]
            pub const fn tag(self) -> u8 { match self { $(Self::$variant => $tag,)* } }
            /// The kind of a wire tag.
            #[must_use]
            pub const fn from_tag(tag: u8) -> Option<Self> { match tag { $($tag => Some(Self::$variant),)* _ => None } }
            /// Its path below the folder of the document, without number and extension.
            #[must_use]
            pub const fn stem(self) -> &'static str { match self { $(Self::$variant => $stem,)* } }
            /// The name of its root element, with the prefix that we write.
            #[must_use]
            pub const fn root_name(self) -> &'static str { match self { $(Self::$variant => $root,)* } }
            /// The last word of the type of the relationship that leads to it.
            #[must_use]
            pub const fn relation(self) -> &'static str { match self { $(Self::$variant => $relation,)* } }
            /// Its content type, without `application/vnd.openxmlformats-officedocument.` and `+xml`.
            #[must_use]
            pub const fn content(self) -> &'static str { match self { $(Self::$variant => $content,)* } }
            /// Whether its relationship is enough, or an attribute has to name it.
            #[must_use]
            pub const fn is_implicit(self) -> bool { match self { $(Self::$variant => $implicit,)* } }
        }
    };
}

parts! {
    Document = 1, "document", "w:document", "officeDocument", "wordprocessingml.document.main", false;
    Styles = 2, "styles", "w:styles", "styles", "wordprocessingml.styles", true;
    Numbering = 3, "numbering", "w:numbering", "numbering", "wordprocessingml.numbering", true;
    Settings = 4, "settings", "w:settings", "settings", "wordprocessingml.settings", true;
    FontTable = 5, "fontTable", "w:fonts", "fontTable", "wordprocessingml.fontTable", true;
    Header = 6, "header", "w:hdr", "header", "wordprocessingml.header", false;
    Footer = 7, "footer", "w:ftr", "footer", "wordprocessingml.footer", false;
    Footnotes = 8, "footnotes", "w:footnotes", "footnotes", "wordprocessingml.footnotes", true;
    Endnotes = 9, "endnotes", "w:endnotes", "endnotes", "wordprocessingml.endnotes", true;
    Theme = 10, "theme/theme", "a:theme", "theme", "theme", true;
    ThemeOverride = 11, "theme/themeOverride", "a:themeOverride", "themeOverride", "themeOverride", true;
    Chart = 12, "charts/chart", "c:chartSpace", "chart", "drawingml.chart", false;
    DiagramData = 13, "diagrams/data", "dgm:dataModel", "diagramData", "drawingml.diagramData", false;
    DiagramLayout = 14, "diagrams/layout", "dgm:layoutDef", "diagramLayout", "drawingml.diagramLayout", false;
    DiagramStyle = 15, "diagrams/quickStyle", "dgm:styleDef", "diagramQuickStyle", "drawingml.diagramStyle", false;
    DiagramColors = 16, "diagrams/colors", "dgm:colorsDef", "diagramColors", "drawingml.diagramColors", false;
    ChartShapes = 17, "charts/shapes", "c:userShapes", "chartUserShapes", "drawingml.chartshapes", false;
    Workbook = 20, "workbook", "x:workbook", "officeDocument", "spreadsheetml.sheet.main", false;
    Worksheet = 21, "worksheets/sheet", "x:worksheet", "worksheet", "spreadsheetml.worksheet", false;
    Chartsheet = 22, "chartsheets/sheet", "x:chartsheet", "chartsheet", "spreadsheetml.chartsheet", false;
    SharedStrings = 23, "sharedStrings", "x:sst", "sharedStrings", "spreadsheetml.sharedStrings", true;
    SheetStyles = 24, "styles", "x:styleSheet", "styles", "spreadsheetml.styles", true;
    Drawing = 25, "drawings/drawing", "xdr:wsDr", "drawing", "drawing", false;
    Table = 26, "tables/table", "x:table", "table", "spreadsheetml.table", false;
    Presentation = 40, "presentation", "p:presentation", "officeDocument", "presentationml.presentation.main", false;
    Slide = 41, "slides/slide", "p:sld", "slide", "presentationml.slide", false;
    SlideMaster = 42, "slideMasters/slideMaster", "p:sldMaster", "slideMaster", "presentationml.slideMaster", true;
    SlideLayout = 43, "slideLayouts/slideLayout", "p:sldLayout", "slideLayout", "presentationml.slideLayout", true;
    NotesMaster = 44, "notesMasters/notesMaster", "p:notesMaster", "notesMaster", "presentationml.notesMaster", true;
    NotesSlide = 45, "notesSlides/notesSlide", "p:notes", "notesSlide", "presentationml.notesSlide", true;
    HandoutMaster = 46, "handoutMasters/handoutMaster", "p:handoutMaster", "handoutMaster", "presentationml.handoutMaster", false;
    PresProps = 47, "presProps", "p:presentationPr", "presProps", "presentationml.presProps", true;
    ViewProps = 48, "viewProps", "p:viewPr", "viewProps", "presentationml.viewProps", true;
    OpenText = 60, "content", "office:document-content", "", "", false;
    OpenSheet = 61, "content", "office:document-content", "", "", false;
    OpenSlides = 62, "content", "office:document-content", "", "", false;
    OpenStyles = 63, "styles", "office:document-styles", "", "", true;
    OpenChart = 64, "content", "office:document-content", "", "", false;
    OpenSettings = 66, "settings", "office:document-settings", "", "", true;
    OpenFormula = 65, "content", "math:math", "", "", false;
    TableStyles = 49, "tableStyles", "a:tblStyleLst", "tableStyles", "presentationml.tableStyles", true;
}

/// The roots by kind, found once.
static ROOTS: LazyLock<Vec<Option<Element>>> = LazyLock::new(|| {
    PartKind::ALL
        .iter()
        .map(|kind| Element::named(kind.root_name()))
        .collect()
});

impl PartKind {
    /// Its root element.
    #[must_use]
    pub fn root(self) -> Element {
        let place = Self::ALL.iter().position(|kind| *kind == self);
        let root = place.and_then(|place| ROOTS.get(place).copied().flatten());
        // a test shows that every root is in the table
        root.unwrap_or(Element::FIRST)
    }

    /// The family of which it is the main part.
    #[must_use]
    pub fn flavour(self) -> Option<Flavour> {
        let mains = [
            (Self::Document, Flavour::Word),
            (Self::Workbook, Flavour::Sheet),
            (Self::Presentation, Flavour::Slides),
        ];
        let main = mains.into_iter().find(|(main, _)| *main == self);
        main.map(|(_, flavour)| flavour)
    }

    /// Whether it is a part of a document of ODF that lies in a folder of its own: a chart, a formula.
    #[must_use]
    pub const fn is_open_object(self) -> bool {
        matches!(self, Self::OpenChart | Self::OpenFormula)
    }

    /// What a document of ODF is, by its content.
    #[must_use]
    pub fn open_target(self) -> Option<Target> {
        let mains = [
            (Self::OpenText, Target::Odt),
            (Self::OpenSheet, Target::Ods),
            (Self::OpenSlides, Target::Odp),
        ];
        let main = mains.into_iter().find(|(main, _)| *main == self);
        main.map(|(_, target)| target)
    }

    /// Whether a document of this family may have it.
    #[must_use]
    pub fn belongs(self, flavour: Flavour) -> bool {
        match self.tag() {
            1..=9 => flavour == Flavour::Word,
            20..=26 => flavour == Flavour::Sheet,
            40..=49 => flavour == Flavour::Slides,
            // parts of ODF
            60..=66 => false,
            _ => true,
        }
    }

    /// Whether a document has at most one of it, so that its name needs no number.
    #[must_use]
    pub fn is_single(self) -> bool {
        matches!(
            self,
            Self::Document
                | Self::Styles
                | Self::Numbering
                | Self::Settings
                | Self::FontTable
                | Self::Footnotes
                | Self::Endnotes
                | Self::Workbook
                | Self::SharedStrings
                | Self::SheetStyles
                | Self::Presentation
                | Self::PresProps
                | Self::ViewProps
                | Self::TableStyles
        )
    }
}
