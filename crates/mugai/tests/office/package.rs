//! Makes documents of Office Open XML with one construct in them.

use crate::check::{CANARY, Format, SEEN};

/// Where a piece of XML goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Paragraphs of a text.
    Body,
    /// Rows of a sheet.
    Cells,
    /// Behind the rows of a sheet.
    Tail,
    /// Before the sheets of a workbook.
    Book,
    /// Behind the sheets of a workbook.
    Names,
    /// Shapes of a slide.
    Shapes,
    /// Behind the shapes of a slide.
    Slide,
    /// Behind the slides of a presentation.
    Show,
}

impl Slot {
    const fn format(self) -> Format {
        match self {
            Self::Body => Format::Docx,
            Self::Cells | Self::Tail | Self::Book | Self::Names => Format::Xlsx,
            Self::Shapes | Self::Slide | Self::Show => Format::Pptx,
        }
    }
}

/// A relationship: its type, its target, whether it leads outside, and the content type and content of
/// what is there. `M/` is the folder of the main part.
pub(crate) struct Rel {
    pub(crate) kind: &'static str,
    pub(crate) target: &'static str,
    pub(crate) outside: bool,
    pub(crate) content: &'static str,
    pub(crate) file: &'static str,
}

/// A construct; `KEY` stands for the canary.
pub(crate) struct Construct {
    pub(crate) name: &'static str,
    /// Formats that have it by relationships alone.
    pub(crate) formats: &'static [Format],
    /// Relationships of the package.
    pub(crate) root: &'static [Rel],
    /// Relationships of the document, the sheet or the slide; the first is `rIdX1`.
    pub(crate) rels: &'static [Rel],
    /// Relationships of the workbook or the presentation; the first is `rIdM1`.
    pub(crate) main: &'static [Rel],
    pub(crate) xml: &'static [(Slot, &'static str)],
    /// The word for macros in the type of the main part.
    pub(crate) macros: bool,
    pub(crate) ext: Option<&'static str>,
    /// Whether something has to be told about it.
    pub(crate) reported: bool,
}

impl Construct {
    /// A construct that is nothing yet.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            formats: &[],
            root: &[],
            rels: &[],
            main: &[],
            xml: &[],
            macros: false,
            ext: None,
            reported: true,
        }
    }
}

const NS: &str = "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\" xmlns:evil=\"urn:evil\"";
const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const CT: &str = "application/vnd.openxmlformats-officedocument.";

fn key(text: &str) -> String {
    text.replace("KEY", CANARY)
}

/// What a document of a format is called inside.
struct Names {
    folder: &'static str,
    main: &'static str,
    kind: &'static str,
    /// The word for it in types of documents with macros.
    macros: &'static str,
    /// The part in which constructs stand, if it is not the main one: relationship and path.
    inner: Option<(&'static str, &'static str)>,
}

fn names(format: Format) -> Names {
    match format {
        Format::Docx => Names {
            folder: "word",
            main: "word/document.xml",
            kind: "wordprocessingml.document",
            macros: "word.document",
            inner: None,
        },
        Format::Xlsx => Names {
            folder: "xl",
            main: "xl/workbook.xml",
            kind: "spreadsheetml.sheet",
            macros: "excel.sheet",
            inner: Some(("worksheet", "worksheets/sheet1.xml")),
        },
        Format::Pptx | Format::Odt | Format::Ods | Format::Odp => Names {
            folder: "ppt",
            main: "ppt/presentation.xml",
            kind: "presentationml.presentation",
            macros: "powerpoint.presentation",
            inner: Some(("slide", "slides/slide1.xml")),
        },
    }
}

/// A package that is being made.
#[derive(Default)]
struct Package {
    types: String,
    files: Vec<(String, Vec<u8>)>,
}

impl Package {
    fn part(&mut self, path: &str, content: &str, file: String) {
        if self.files.iter().any(|(known, _)| known == path) {
            return;
        }
        for piece in [
            "<Override PartName=\"/",
            path,
            "\" ContentType=\"",
            content,
            "\"/>",
        ] {
            self.types.push_str(piece);
        }
        self.files.push((path.to_owned(), file.into_bytes()));
    }

    /// The relationships of the part at `path`, and the parts that they lead to.
    fn rels(&mut self, path: &str, folder: &str, prefix: &str, first: &str, rels: &[Rel]) {
        let mut out = String::from(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
        );
        out.push_str(first);
        for (number, rel) in (1u32..).zip(rels) {
            let target = key(rel.target).replace("M/", &format!("/{folder}/"));
            let mode = if rel.outside {
                " TargetMode=\"External\""
            } else {
                ""
            };
            let kind = if rel.kind.contains(':') {
                rel.kind.to_owned()
            } else {
                format!("{REL}{}", rel.kind)
            };
            out.push_str(&relation(
                &format!("{prefix}{number}"),
                &kind,
                &target,
                mode,
            ));
            if !rel.outside {
                self.part(target.trim_start_matches('/'), rel.content, key(rel.file));
            }
        }
        out.push_str("</Relationships>");
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let slash = if folder.is_empty() { "" } else { "/" };
        self.files.push((
            format!("{folder}{slash}_rels/{file}.rels"),
            out.into_bytes(),
        ));
    }
}

fn relation(id: &str, kind: &str, target: &str, mode: &str) -> String {
    format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"{mode}/>")
}

/// The pieces of a construct that go into a place.
fn slot(construct: &Construct, wanted: Slot) -> String {
    let pieces = construct.xml.iter().filter(|(slot, _)| *slot == wanted);
    pieces.map(|(_, xml)| key(xml)).collect()
}

/// The main part, and the one in which constructs stand.
fn parts(construct: &Construct, format: Format) -> (String, String) {
    let slot = |wanted| slot(construct, wanted);
    match format {
        Format::Docx => {
            let body = slot(Slot::Body);
            (
                format!(
                    "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" {NS}><w:body><w:p><w:r><w:t>{SEEN}</w:t></w:r></w:p>{body}</w:body></w:document>"
                ),
                String::new(),
            )
        }
        Format::Xlsx => {
            let (book, names) = (slot(Slot::Book), slot(Slot::Names));
            let (cells, tail) = (slot(Slot::Cells), slot(Slot::Tail));
            (
                format!(
                    "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" {NS}>{book}<sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"rId1\"/></sheets>{names}</workbook>"
                ),
                format!(
                    "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" {NS}><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{SEEN}</t></is></c></row>{cells}</sheetData>{tail}</worksheet>"
                ),
            )
        }
        Format::Pptx | Format::Odt | Format::Ods | Format::Odp => {
            let show = slot(Slot::Show);
            let (shapes, tail) = (slot(Slot::Shapes), slot(Slot::Slide));
            (
                format!(
                    "<p:presentation xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" {NS}><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/></p:sldIdLst><p:sldSz cx=\"9144000\" cy=\"6858000\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/>{show}</p:presentation>"
                ),
                format!(
                    "<p:sld xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" {NS}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"t\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{SEEN}</a:t></a:r></a:p></p:txBody></p:sp>{shapes}</p:spTree></p:cSld>{tail}</p:sld>"
                ),
            )
        }
    }
}

/// The document of a format with a construct, if the format can have it.
pub(crate) fn document(construct: &Construct, format: Format) -> Option<Vec<u8>> {
    let here = construct
        .xml
        .iter()
        .any(|(slot, _)| slot.format() == format);
    if !here && !construct.formats.contains(&format) {
        return None;
    }
    let names = names(format);
    let mut package = Package::default();
    let (main, inner) = parts(construct, format);
    let main_type = if construct.macros {
        format!("application/vnd.ms-{}.macroEnabled.main+xml", names.macros)
    } else {
        format!("{CT}{}.main+xml", names.kind)
    };
    package.part(names.main, &main_type, main);
    let to_main = relation("rId0", &format!("{REL}officeDocument"), names.main, "");
    package.rels("", names.folder, "rIdR", &to_main, construct.root);
    match names.inner {
        None => package.rels(names.main, names.folder, "rIdX", "", construct.rels),
        Some((kind, path)) => {
            let content = if kind == "slide" {
                "presentationml.slide"
            } else {
                "spreadsheetml.worksheet"
            };
            let full = format!("{}/{path}", names.folder);
            package.part(&full, &format!("{CT}{content}+xml"), inner);
            let first = relation("rId1", &format!("{REL}{kind}"), path, "");
            package.rels(names.main, names.folder, "rIdM", &first, construct.main);
            package.rels(&full, names.folder, "rIdX", "", construct.rels);
        }
    }
    let types = format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>{}</Types>",
        package.types
    );
    let mut all = vec![("[Content_Types].xml".to_owned(), types.into_bytes())];
    all.extend(package.files);
    Some(zip(&all))
}

/// A ZIP file of stored entries.
pub(crate) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let number = |length: usize| u32::try_from(length).expect("small").to_le_bytes();
    for (name, content) in files {
        let offset = out.len();
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        head.extend(crc32fast::hash(content).to_le_bytes());
        head.extend(number(content.len()));
        head.extend(number(content.len()));
        head.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
        head.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(number(offset));
        directory.extend(name.as_bytes());
    }
    let (start, size) = (out.len(), directory.len());
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend(u16::try_from(files.len()).expect("few").to_le_bytes());
    }
    out.extend(number(size));
    out.extend(number(start));
    out.extend([0, 0]);
    out
}
