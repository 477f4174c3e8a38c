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

/// The document of a format with a construct, if the format can have it.
pub(crate) fn document(construct: &Construct, format: Format) -> Option<Vec<u8>> {
    let here = construct
        .xml
        .iter()
        .any(|(slot, _)| slot.format() == format);
    if !here && !construct.formats.contains(&format) {
        return None;
    }
    let slot = |wanted: Slot| -> String {
        let pieces = construct.xml.iter().filter(|(slot, _)| *slot == wanted);
        pieces.map(|(_, xml)| key(xml)).collect()
    };
    let mut files: Vec<(String, String)> = Vec::new();
    let mut types = String::new();
    let (folder, main, kind) = match format {
        Format::Docx => ("word", "word/document.xml", "wordprocessingml.document"),
        Format::Xlsx => ("xl", "xl/workbook.xml", "spreadsheetml.sheet"),
        _ => ("ppt", "ppt/presentation.xml", "presentationml.presentation"),
    };
    let main_type = if construct.macros {
        let short = match format {
            Format::Docx => "word.document",
            Format::Xlsx => "excel.sheet",
            _ => "powerpoint.presentation",
        };
        format!("application/vnd.ms-{short}.macroEnabled.main+xml")
    } else {
        format!("{CT}{kind}.main+xml")
    };
    let mut part = |path: &str, content: &str, xml: String| {
        types.push_str(&format!(
            "<Override PartName=\"/{path}\" ContentType=\"{content}\"/>"
        ));
        files.push((path.to_owned(), xml));
    };
    let inner = match format {
        Format::Docx => {
            let body = slot(Slot::Body);
            part(
                main,
                &main_type,
                format!(
                    "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" {NS}><w:body><w:p><w:r><w:t>{SEEN}</w:t></w:r></w:p>{body}</w:body></w:document>"
                ),
            );
            None
        }
        Format::Xlsx => {
            let (book, names) = (slot(Slot::Book), slot(Slot::Names));
            part(
                main,
                &main_type,
                format!(
                    "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" {NS}>{book}<sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"rId1\"/></sheets>{names}</workbook>"
                ),
            );
            let (cells, tail) = (slot(Slot::Cells), slot(Slot::Tail));
            part(
                "xl/worksheets/sheet1.xml",
                &format!("{CT}spreadsheetml.worksheet+xml"),
                format!(
                    "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" {NS}><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{SEEN}</t></is></c></row>{cells}</sheetData>{tail}</worksheet>"
                ),
            );
            Some(("worksheet", "worksheets/sheet1.xml"))
        }
        _ => {
            let show = slot(Slot::Show);
            part(
                main,
                &main_type,
                format!(
                    "<p:presentation xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" {NS}><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/></p:sldIdLst><p:sldSz cx=\"9144000\" cy=\"6858000\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/>{show}</p:presentation>"
                ),
            );
            let (shapes, tail) = (slot(Slot::Shapes), slot(Slot::Slide));
            part(
                "ppt/slides/slide1.xml",
                &format!("{CT}presentationml.slide+xml"),
                format!(
                    "<p:sld xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" {NS}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"t\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{SEEN}</a:t></a:r></a:p></p:txBody></p:sp>{shapes}</p:spTree></p:cSld>{tail}</p:sld>"
                ),
            );
            Some(("slide", "slides/slide1.xml"))
        }
    };
    let mut extra = Vec::new();
    let mut line = |id: &str, rel: &Rel| {
        let kind = if rel.kind.contains(':') {
            rel.kind.to_owned()
        } else {
            format!("{REL}{}", rel.kind)
        };
        let mode = if rel.outside {
            " TargetMode=\"External\""
        } else {
            ""
        };
        let target = key(rel.target).replace("M/", &format!("/{folder}/"));
        if !rel.outside {
            extra.push((
                target.trim_start_matches('/').to_owned(),
                rel.content,
                key(rel.file),
            ));
        }
        format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"{mode}/>")
    };
    let mut list = |prefix: &str, first: String, rels: &[Rel]| {
        let mut out = String::from(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
        );
        out.push_str(&first);
        for (number, rel) in (1u32..).zip(rels) {
            out.push_str(&line(&format!("{prefix}{number}"), rel));
        }
        out + "</Relationships>"
    };
    let to_main =
        format!("<Relationship Id=\"rId0\" Type=\"{REL}officeDocument\" Target=\"{main}\"/>");
    let root = list("rIdR", to_main, construct.root);
    let mut rels = vec![("_rels/.rels".to_owned(), root)];
    let name = |path: &str| {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        format!("{folder}/_rels/{file}.rels")
    };
    match inner {
        None => rels.push((name(main), list("rIdX", String::new(), construct.rels))),
        Some((kind, path)) => {
            let first =
                format!("<Relationship Id=\"rId1\" Type=\"{REL}{kind}\" Target=\"{path}\"/>");
            rels.push((name(main), list("rIdM", first, construct.main)));
            rels.push((
                name(&format!("{folder}/{path}")),
                list("rIdX", String::new(), construct.rels),
            ));
        }
    }
    for (path, content, file) in extra {
        if files.iter().any(|(known, _)| *known == path) {
            continue;
        }
        types.push_str(&format!(
            "<Override PartName=\"/{path}\" ContentType=\"{content}\"/>"
        ));
        files.push((path, file));
    }
    files.extend(rels);
    let types = format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>{types}</Types>"
    );
    let mut all = vec![("[Content_Types].xml".to_owned(), types.into_bytes())];
    all.extend(
        files
            .into_iter()
            .map(|(path, text)| (path, text.into_bytes())),
    );
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
